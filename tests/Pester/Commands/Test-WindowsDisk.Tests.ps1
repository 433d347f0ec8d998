BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.TestWindowsDiskCommand'
}

Describe 'Test-WindowsDisk' {
    BeforeAll {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $check = Test-WindowsDisk $disk
    }

    It 'puts out one object for a sound disk' {
        @($check) | Should -HaveCount 1
        $check | Should -BeOfType ([Hyper2Kvm.DiskCheck])
        $check.IsClean | Should -BeTrue
        $check.IsComplete | Should -BeTrue
        $check.IsQuick | Should -BeFalse
        "$check" | Should -BeExactly $disk
    }

    It 'only reads the disk' { Get-Sha256 $disk | Should -Be $hash }

    It 'takes files, layouts and edits from the pipeline' {
        (Get-Item -LiteralPath $disk | Test-WindowsDisk -Quick).IsQuick | Should -BeTrue
        (Get-WindowsLayout $disk | Test-WindowsDisk).ImagePath | Should -BeExactly $disk
        $edit = New-SamplePlan $disk | Add-BootStartStorage
        $after = $edit | Test-WindowsDisk
        $after.ImagePath | Should -BeExactly $edit.ImagePath
        $after.IsClean | Should -BeTrue
    }

    It 'finds what is wrong without an error' {
        $run = Invoke-Recorded { Test-WindowsDisk (New-Guest 'dirty-log') }
        $run.Errors | Should -BeNullOrEmpty
        $run.Output[0].IsClean | Should -BeFalse
        $finding = $run.Output[0].Findings.Where({ $_.Id -eq 'NtfsLogNotClean' })[0]
        $finding.Severity | Should -Be 'Warning'
        $finding.Remedy | Should -Not -BeNullOrEmpty
    }

    It 'says what is not there' {
        $run = Invoke-Recorded { Test-WindowsDisk "$disk.missing" }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ImageNotFound,$errorSource"
    }
}
