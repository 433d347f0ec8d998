BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    $support = [System.IO.Path]::Combine($PSScriptRoot, '..', 'Support')

    # In the bundled shell with no module path, so that Pester itself is never found.
    function Invoke-Runner([string] $TestFile) {
        $modulePath = $env:PSModulePath
        $env:PSModulePath = ''
        try {
            $run = Invoke-Shell -Arguments '-File', "$support/Invoke-Tests.ps1", '-CountsPath', "$TestDrive/counts", $TestFile
        } finally {
            $env:PSModulePath = $modulePath
        }
        $run | ForEach-Object { $_.PSObject.Properties.Add([psnoteproperty]::new('Counts', [System.IO.File]::ReadAllText("$TestDrive/counts"))); $_ }
    }
}

Describe 'The stand-in for Pester' {
    It 'passes what passes, fails what fails and names what it skips' {
        $run = Invoke-Runner "$support/StandIn.Sample.ps1"
        $run.Counts | Should -Be '13 16 4'
        $run.ExitCode | Should -Be 1
        $run.Output | Should -Match 'FAILED  failing.case 1: Expected 1 to satisfy -Be 2\.'
        $run.Output | Should -Match 'skipped operators.skips itself: it wants to'
    }

    It 'fails a file that cannot be read' {
        [System.IO.File]::WriteAllText("$TestDrive/Broken.Tests.ps1", 'Describe "x" { It "y" { ')
        $run = Invoke-Runner "$TestDrive/Broken.Tests.ps1"
        $run.Counts | Should -Be '0 1 0'
        $run.ExitCode | Should -Be 1
    }

    It 'exits with 0 when nothing fails' {
        [System.IO.File]::WriteAllText("$TestDrive/Good.Tests.ps1", 'Describe "x" { It "y" { 1 | Should -Be 1 } }')
        $run = Invoke-Runner "$TestDrive/Good.Tests.ps1"
        $run.Counts | Should -Be '1 0 0'
        $run.ExitCode | Should -Be 0
    }
}
