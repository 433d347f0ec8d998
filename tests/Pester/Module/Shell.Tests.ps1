BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))

    function New-Script([string] $Text) {
        $path = [System.IO.Path]::Combine($TestDrive, 'script.ps1')
        [System.IO.File]::WriteAllText($path, $Text)
        $path
    }
}

Describe 'Exit codes of -Command' {
    It '<Text> ends with <Code>' -ForEach @(
        @{ Text = '1'; Code = 0 }
        @{ Text = 'exit 5'; Code = 5 }
        @{ Text = 'throw "x"'; Code = 1 }
        @{ Text = 'Get-NothingOfThatName'; Code = 1 }
        @{ Text = 'Get-NothingOfThatName; 1'; Code = 0 }
        @{ Text = '1; Get-Command NothingOfThatName'; Code = 1 }
        @{ Text = '1 +'; Code = 1 }
        @{ Text = 'Get-WindowsLayout /no/such/image'; Code = 1 }
        @{ Text = '& { exit 3 }; 1'; Code = 3 }
    ) {
        (Invoke-Shell -Arguments '-NoProfile', '-Command', $Text).ExitCode | Should -Be $Code
    }
}

Describe 'Exit codes of -File' {
    It '<Text> ends with <Code>' -ForEach @(
        @{ Text = '1'; Code = 0 }
        @{ Text = 'exit 7'; Code = 7 }
        @{ Text = 'throw "x"'; Code = 1 }
        @{ Text = 'Get-NothingOfThatName'; Code = 0 }
        @{ Text = '$ErrorActionPreference = "Stop"; Get-NothingOfThatName'; Code = 1 }
        @{ Text = 'if ('; Code = 1 }
    ) {
        (Invoke-Shell -Arguments '-NoProfile', '-File', (New-Script $Text)).ExitCode | Should -Be $Code
    }

    It 'is 64 when the script is not there, or the option' {
        (Invoke-Shell -Arguments '-File', "$TestDrive/none.ps1").ExitCode | Should -Be 64
        (Invoke-Shell -Arguments '-NoSuchOption').ExitCode | Should -Be 64
    }

    It 'is that of the last program only when the script passes it on' {
        $program = $IsWindows ? 'cmd /c exit 3' : 'sh -c "exit 3"'
        $run = Invoke-Shell -Arguments '-File', (New-Script "$program; `$LASTEXITCODE")
        $run.Output | Should -Be '3'
        $run.ExitCode | Should -Be 0
        (Invoke-Shell -Arguments '-File', (New-Script "$program; exit `$LASTEXITCODE")).ExitCode | Should -Be 3
    }
}

Describe 'Arguments of -File' {
    It 'bind by name and by position' {
        $script = New-Script 'param([string] $Name, [switch] $Fast, [int] $Count, [Parameter(ValueFromRemainingArguments)] $Rest) "$Name|$Fast|$Count|$Rest"'
        (Invoke-Shell -Arguments '-File', $script, '-Name', 'a b', '-Fast', '-Count:3', 'x', 'y').Output | Should -Be 'a b|True|3|x y'
        (Invoke-Shell -Arguments '-File', $script, 'one', '-Fast:$false').Output | Should -Be 'one|False|0|'
    }

    It 'know where the script lies' {
        (Invoke-Shell -Arguments '-File', (New-Script '[System.IO.Path]::GetFileName($PSScriptRoot) + "/" + [System.IO.Path]::GetFileName($PSCommandPath)')).Output |
            Should -Be "$([System.IO.Path]::GetFileName($TestDrive))/script.ps1"
    }
}

Describe 'Streams' {
    It 'keep objects apart from errors, warnings and verbose text' {
        $text = 'function f { [CmdletBinding()] param() $PSCmdlet.WriteWarning("w"); $PSCmdlet.WriteVerbose("v"); 1
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new("m"), "MyId", "NotSpecified", $null)) }; f -Verbose'
        $run = Invoke-Shell -Arguments '-Command', $text
        $run.Output | Should -Be '1'
        $run.Errors | Should -Match 'WARNING: w'
        $run.Errors | Should -Match 'VERBOSE: v'
        $run.Errors | Should -Match '(?s)f: m.+\[MyId,f\]'
    }

    It 'have no colours when they are not a screen' {
        $run = Invoke-Shell -Arguments '-Command', '[pscustomobject] @{ A = 1; B = 2 }; Get-NothingOfThatName'
        "$($run.Output)$($run.Errors)" | Should -Not -Match ([char] 27)
        $run.Output | Should -Match '(?s)A B.+1 2'
    }

    It 'take a script from standard input' {
        $run = Invoke-Shell -StandardInput "`$x = 40`n`$x + 2`nexit 4`n"
        $run.Output | Should -Be '42'
        $run.ExitCode | Should -Be 4
    }
}

Describe 'Questions' {
    BeforeAll {
        $ask = 'function f { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess("target", "action")) { "done" } }; '
    }

    It 'are answered from standard input' {
        (Invoke-Shell -Arguments '-Command', "$ask f -Confirm" -StandardInput "y`n").Output | Should -Be 'done'
        (Invoke-Shell -Arguments '-Command', "$ask f -Confirm" -StandardInput "n`n").Output | Should -BeNullOrEmpty
    }

    It 'are errors when there is nobody to answer' {
        foreach ($arguments in @('-Command', "$ask f -Confirm -ErrorAction Stop"), @('-NonInteractive', '-Command', "$ask f -Confirm")) {
            $run = Invoke-Shell -Arguments $arguments
            $run.Output | Should -BeNullOrEmpty
            $run.Errors | Should -Match 'nobody to answer'
        }
    }

    It 'are not asked under -WhatIf, which says what would happen' {
        (Invoke-Shell -Arguments '-Command', "$ask f -WhatIf").Output | Should -Be 'What if: Performing the operation "action" on target "target".'
    }
}

Describe 'Everyday commands' {
    It '<Text> gives <Expected>' -ForEach @(
        @{ Text = 'Write-Host a b'; Expected = 'a b' }
        @{ Text = 'Write-Output 1, 2 | ForEach-Object { $_ * 2 }'; Expected = "2`n4" }
        @{ Text = '1..5 | Select-Object -First 2'; Expected = "1`n2" }
        @{ Text = '1..5 | Select-Object -Skip 1 -Last 1'; Expected = '5' }
        @{ Text = '([pscustomobject] @{ A = 1; B = 2 } | Select-Object B).PSObject.Properties.Name'; Expected = 'B' }
        @{ Text = '[pscustomobject] @{ A = 1; B = 2 } | Select-Object -ExpandProperty B'; Expected = '2' }
        @{ Text = '[pscustomobject] @{ A = 1; B = 2 } | Format-List'; Expected = "A : 1`nB : 2" }
        @{ Text = 'cd $env:TEST_FOLDER; (Get-ChildItem *.txt).Name; (Get-Item ./b.txt).Length; Remove-Item ./b.txt; Test-Path ./b.txt'; Expected = "a.txt`nb.txt`n1`nFalse" }
        @{ Text = "cd `$env:TEST_FOLDER; (Get-Content ./a.txt); (Get-Content ./c.log -TotalCount 1); (Get-Content -LiteralPath ./c.log -Raw).Length"; Expected = "x`nfirst`n15" }
        @{ Text = 'cd $env:TEST_FOLDER; Get-Content ./c.log -Tail 1; (Get-Content ./c.log -AsByteStream -TotalCount 2) -join ","; Get-Content ./d.log -Encoding latin1'; Expected = "second`n102,105`nGr$([char] 0xF6)" }
        @{ Text = 'cd $env:TEST_FOLDER; (Get-ChildItem . *.log -File).Name; (Get-ChildItem -Filter a.*).Name'; Expected = "c.log`nd.log`na.txt" }
        @{ Text = '(Get-Content none:\x 2>&1).FullyQualifiedErrorId'; Expected = 'DriveNotFound,Hyper2Kvm.Shell.GetContentCommand' }
        @{ Text = '1 | Select-Object @{ n = "A"; e = { $_ + 1 } }, @{ Name = "B"; Expression = "PSTypeNames" } | ForEach-Object { $_.A; $_.B[0] }'; Expected = "2`nSystem.Int32" }
    ) {
        [System.IO.File]::WriteAllText("$TestDrive/c.log", "first`r`nsecond`r`n")
        [System.IO.File]::WriteAllText("$TestDrive/a.txt", 'x')
        [System.IO.File]::WriteAllText("$TestDrive/b.txt", 'x')
        [System.IO.File]::WriteAllBytes("$TestDrive/d.log", [byte[]] (0x47, 0x72, 0xF6))
        $env:TEST_FOLDER = $TestDrive
        (Invoke-Shell -Arguments '-Command', $Text).Output.Trim().ReplaceLineEndings("`n") | Should -Be $Expected
    }
}

Describe 'A signal' {
    It '<Signal> stops the pipeline, lets it clean up, and gives <Code>' -Skip:$IsWindows -ForEach @(
        @{ Signal = 'INT'; Code = 130 }
        @{ Signal = 'TERM'; Code = 143 }
    ) {
        # The script stops its own shell, so that nothing here waits for a time to pass.
        $run = Invoke-Shell -Arguments '-Command', "try { sh -c `"kill -$Signal `$PID`"; while (`$true) { [System.Threading.Thread]::Sleep(20) } } finally { [Console]::WriteLine('cleaned') }"
        $run.Output | Should -Be 'cleaned'
        $run.ExitCode | Should -Be $Code
    }
}
