# What holds for each cmdlet: its verbose text, its errors, -WhatIf and -Confirm. The cases come from the module's own list.
BeforeDiscovery {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
    $hasQemu = $null -ne (Get-Command qemu-system-x86_64 -CommandType Application -ErrorAction Ignore)
    $cmdlets = @(Get-Command -Module Hyper2Kvm | ForEach-Object { @{ Name = $_.Name; CannotRun = $_.Name -eq 'Test-KvmBoot' -and -not $hasQemu } })
    $writing = @(Get-Command -Module Hyper2Kvm | Where-Object { $_.Parameters.ContainsKey('WhatIf') } | ForEach-Object { @{ Name = $_.Name } })
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'CmdletCalls.ps1'))
    $errorIds = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))
}

AfterAll { Remove-PSDrive callwin -ErrorAction Ignore }

Describe 'The list of calls' {
    It 'has each cmdlet of the module' {
        $listed = [string[]] $cmdletCalls.Keys
        $exported = [string[]] $manifest.CmdletsToExport
        [array]::Sort($listed)
        [array]::Sort($exported)
        $listed | Should -Be $exported
    }
}

Describe '<Name>' -ForEach $cmdlets {
    It 'tells its steps under -Verbose, and nothing without it' -Skip:$CannotRun {
        foreach ($verbose in $false, $true) {
            $call = New-Call $Name
            $with = $call.With
            $run = Invoke-Recorded { $call.Good | & $Name @with -Verbose:$verbose -WarningAction SilentlyContinue }
            $run.Errors | Should -BeNullOrEmpty
            $run.Output.Count | Should -BeGreaterThan 0
            if ($verbose) {
                @($run.Verbose.Message).Where({ $_.Contains($call.Names) }).Count | Should -BeGreaterThan 0 -Because "one line names $($call.Names): $($run.Verbose.Message -join ' | ')"
            } else {
                $run.Verbose | Should -BeNullOrEmpty
            }
        }
    }

    It 'gives an error with a documented id, and goes on with what comes after' -Skip:$CannotRun {
        $call = New-Call $Name
        $with = $call.With
        $bad = & $cmdletCalls[$Name].Bad $call.Disk $call.Out
        $run = Invoke-Recorded { @($bad) + $call.Good | & $Name @with -WarningAction SilentlyContinue }
        $run.Errors | Should -HaveCount 1
        $run.Output.Count | Should -BeGreaterThan 0
        $id, $class = $run.Errors[0].FullyQualifiedErrorId -split ','
        $class | Should -Be "Hyper2Kvm.PowerShell.Commands.$($Name -replace '-')Command"
        $errorIds.Contains("``$id``") | Should -BeTrue -Because $id
        ([System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'cmdlets', "$Name.md")) -split '## NOTES')[1].Contains("``$id``") | Should -BeTrue -Because "$id is in the NOTES of its page"
        "$($run.Errors[0])" | Should -Not -BeNullOrEmpty
    }

    It 'obeys -ErrorAction' -Skip:$CannotRun {
        $call = New-Call $Name
        $with = $call.With
        $bad = & $cmdletCalls[$Name].Bad $call.Disk $call.Out
        $quiet = Invoke-Recorded { $bad | & $Name @with -ErrorAction SilentlyContinue -ErrorVariable script:kept -WarningAction SilentlyContinue }
        $quiet.Errors | Should -BeNullOrEmpty
        @($script:kept).Count | Should -BeGreaterThan 0
        $stopped = Invoke-Recorded { @($bad) + $call.Good | & $Name @with -ErrorAction Stop -WarningAction SilentlyContinue }
        $stopped.Errors | Should -HaveCount 1
        # A migration that failed is an object too, and comes before its error.
        $stopped.Output.Where({ $_ -isnot [Hyper2Kvm.KvmMigration] }) | Should -BeNullOrEmpty
    }
}

Describe 'The remedy of an error' {
    It 'is shown once by <Name>' -ForEach @(
        @{ Name = 'ConciseView'; Text = '$ErrorView = "ConciseView"; Get-WindowsLayout $disk' }
        @{ Name = 'NormalView'; Text = '$ErrorView = "NormalView"; Get-WindowsLayout $disk' }
        @{ Name = '$Error[0]'; Text = 'Get-WindowsLayout $disk -ErrorAction SilentlyContinue; $Error[0]' }
        @{ Name = 'a message'; Text = 'try { Get-WindowsLayout $disk -ErrorAction Stop } catch { "$_" }' }
        @{ Name = 'the exception'; Text = 'try { Get-WindowsLayout $disk -ErrorAction Stop } catch { $_.Exception.Message }' }
    ) {
        $module = [System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.psd1')
        # This shell itself; a pwsh that is a dotnet tool is run by dotnet.
        $program = [Environment]::ProcessPath
        $start = @([System.IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet' ? [System.IO.Path]::Combine($PSHOME, 'pwsh.dll') : @())
        # A word of the remedy: a view may break its lines.
        $run = Invoke-Shell -Program $program -Arguments @($start + '-NoProfile' + '-Command' + "Import-Module '$module'; `$disk = '[ds1] web01/web01.vmdk'; $Text")
        [regex]::Matches("$($run.Output)$($run.Errors)", 'Copy-DatastoreItem').Count | Should -Be 1 -Because "$($run.Output)$($run.Errors)"
    }

    It 'is in the message of the record and in Remedy, and the record has no copy of it' {
        foreach ($path in '[ds1] web01/web01.vmdk', 'none.vmdk') {
            $failure = (Invoke-Recorded { Get-WindowsLayout $path }).Errors[0]
            "$failure".EndsWith($failure.Exception.Remedy) | Should -BeTrue
            $failure.ErrorDetails | Should -BeNullOrEmpty -Because 'Get-Error lists the exception and the details'
        }
    }

    It 'stands beside the disk where the message does not name it' {
        $disk = New-Guest
        $failure = (Invoke-Recorded { Copy-WindowsItem -ImagePath $disk -GuestPath '\nothing' -Destination (New-Folder) }).Errors[0]
        $failure.ErrorDetails.RecommendedAction | Should -BeNullOrEmpty
        "$failure" | Should -Not -BeNullOrEmpty
    }
}

Describe '<Name> -WhatIf' -ForEach $writing {
    It 'writes nothing' {
        $call = New-Call $Name
        $with = $call.With
        $before = Get-CallSnapshot $call
        $run = Invoke-Recorded { $call.Good | & $Name @with -WhatIf -WarningAction SilentlyContinue }
        $run.Errors | Should -BeNullOrEmpty
        Get-CallSnapshot $call | Should -BeExactly $before
    }
}

Describe '-Confirm' {
    It 'asks before anything is written, and a no is obeyed by each cmdlet that writes' {
        $script = [System.IO.Path]::Combine((New-Folder), 'refuse.ps1')
        [System.IO.File]::WriteAllText($script, @'
param([string] $Support, [string] $TestDrive)
foreach ($file in 'Guests', 'Machines', 'CmdletCalls') { . "$Support/$file.ps1" }
foreach ($name in $manifest.CmdletsToExport.Where({ (Get-Command $_).Parameters.ContainsKey('WhatIf') })) {
    $call = New-Call $name
    $with = $call.With
    $before = Get-CallSnapshot $call
    $made = @($call.Good | & $name @with -Confirm -WarningAction SilentlyContinue)
    "$name $($made.Count) $((Get-CallSnapshot $call) -ceq $before)"
}
'@)
        $names = $manifest.CmdletsToExport.Where({ (Get-Command $_).Parameters.ContainsKey('WhatIf') })
        # L: no to all, once for each cmdlet.
        $run = Invoke-Shell -Arguments '-NoProfile', '-File', $script, '-Support', ([System.IO.Path]::Combine($repository, 'tests', 'Pester', 'Support')), '-TestDrive', (New-Folder) -StandardInput ("l`n" * $names.Count)
        $run.Output.ReplaceLineEndings("`n").Split("`n") | Should -Be @($names.ForEach({ "$_ $(($_ -eq 'New-KvmDomainXml') ? 1 : 0) True" })) -Because $run.Errors
    }
}

Describe 'Warnings' {
    It 'lead somewhere: to a cmdlet, a parameter, a page, a foreign tool, or the remedy of the error that they carry' {
        # Text of a call, and why it may lead nowhere.
        $exceptions = @{
            'was interrupted, and is taken back'        = 'Undo-GuestEdit is the remedy, and is what runs'
            'both are edited'                           = 'nothing is to be done'
            'it forgets its changes, on KVM it will not' = 'nothing is to be done'
            'is a delta over disk'                      = 'the remedy is in VMware, and is said'
        }
        $leads = @("(?:$($manifest.CmdletsToExport -join '|'))\b", '(?<![\w-])-[A-Z]\w+', 'docs/\w+\.md', '\b(?:gdisk|diskpart|chkdsk|qemu-img|New-VHD)\b', '\{[^}]*(?:Remedy|Message|obstacle|hint|warning)\b') -join '|'
        # A checked format knows no cmdlets: what it says is a property of the layout. The last three hand on what another has said.
        $quiet = '[\\/](?:Partitions|Hyper2Kvm\.Shell|Hyper2Kvm\.HelpTool)[\\/]|(?:MigrationReporter|WarningRecorder|MachineDraft)\.cs$'
        $used = @{}
        $count = 0
        $offenders = foreach ($file in [System.IO.Directory]::EnumerateFiles([System.IO.Path]::Combine($repository, 'src'), '*.cs', 'AllDirectories')) {
            if ($file -match "[\\/](?:bin|obj)[\\/]|$quiet") { continue }
            foreach ($call in [regex]::Matches([System.IO.File]::ReadAllText($file), '(?s)(?:\.Warning|\.Warn|WriteWarning|warnings\.Add(?:Range)?)\((?<text>.*?)\);\r?\n')) {
                $text = $call.Groups['text'].Value
                if ($text -notmatch '"[^"]{12,}') { continue }
                $count++
                $excuse = @($exceptions.Keys).Where({ $text.Contains($_) })
                if ($excuse) { $used[$excuse[0]] = $true } elseif ($text -cnotmatch $leads) { "$([System.IO.Path]::GetFileName($file)): $text" }
            }
        }
        $offenders | Should -BeNullOrEmpty
        $count | Should -BeGreaterThan 50
        $used.Count | Should -Be $exceptions.Count
    }
}
