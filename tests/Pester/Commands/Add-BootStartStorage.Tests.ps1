BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.AddBootStartStorageCommand'
}

Describe 'Add-BootStartStorage on <_>' -ForEach 'sample-win2022', 'win7-bios' {
    BeforeAll {
        $disk = New-Guest $_
        $folder = Get-GuestFolder $disk
        $before = Get-Sha256 $disk
        $plan = New-SamplePlan $disk
        $edit = $plan | Add-BootStartStorage
    }

    It 'writes an overlay and its log beside the disk, and nothing else' {
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $edit.Mode | Should -Be 'Overlay'
        $edit.SourcePath | Should -BeExactly $disk
        $edit.ImagePath | Should -BeExactly ([System.IO.Path]::ChangeExtension($disk, '.kvm.qcow2'))
        $edit.ImagePath | Should -Exist
        @([System.IO.Directory]::GetFiles([System.IO.Path]::GetDirectoryName($disk))).Count | Should -Be 3
        $edit.LogPath | Should -Exist
        Get-Sha256 $disk | Should -Be $before
    }

    It 'tells each change' {
        $edit.Changes | Should -Not -BeNullOrEmpty
        $edit.Changes.Target | Should -Contain '\Windows\System32\drivers\viostor.sys'
        $edit.Changes.Target | Should -Contain 'HKLM\SYSTEM\ControlSet001\Services\viostor\Start'
        $edit.Changes.Where({ $_.Target -eq 'HKLM\SYSTEM\ControlSet001\Services\viostor\Start' }).After | Should -BeLike '*0x00000000*'
        $edit.Changes.Step | Should -Contain 'BootStartStorage'
        $edit.BytesChanged | Should -BeGreaterThan 0
    }

    It 'changes nothing the second time' {
        $hash = Get-Sha256 $edit.ImagePath
        $again = $edit.Plan | Add-BootStartStorage
        $again.ImagePath | Should -BeExactly $edit.ImagePath
        $again.Changes.Where({ $_.Kind -ne 'Unchanged' }) | Should -BeNullOrEmpty
        Get-Sha256 $edit.ImagePath | Should -Be $hash
    }

    It 'goes on from its own edit' {
        $hash = Get-Sha256 $edit.ImagePath
        $again = $edit | Add-BootStartStorage
        $again.ImagePath | Should -BeExactly $edit.ImagePath
        $again.SourcePath | Should -BeExactly $disk
        $again.Changes.Where({ $_.Kind -ne 'Unchanged' }) | Should -BeNullOrEmpty
        Get-Sha256 $edit.ImagePath | Should -Be $hash
    }

    It 'is text and a path like its image' {
        "$edit" | Should -BeExactly $edit.ImagePath
        $edit.PSPath | Should -BeExactly $edit.ImagePath
    }

    It 'says how to undo it' {
        $edit.Undo | Should -BeLike "*'$($edit.ImagePath)'"
    }
}

Describe 'Add-BootStartStorage' {
    BeforeEach {
        $disk = New-Guest
        $folder = Get-GuestFolder $disk
        $before = Get-Snapshot $folder
        $plan = New-SamplePlan $disk
    }

    It 'rehearses with -WhatIf: the changes, and nothing written' {
        $edit = $plan | Add-BootStartStorage -WhatIf
        $edit.Mode | Should -Be 'Preview'
        $edit.ImagePath | Should -BeExactly $disk
        $edit.Changes.Target | Should -Contain '\Windows\System32\drivers\viostor.sys'
        Get-Snapshot $folder | Should -BeExactly $before
        $real = $plan | Add-BootStartStorage
        $real.Changes.Target | Should -Be $edit.Changes.Target
    }

    It 'says in -WhatIf what would be done to which disk' {
        $script = "Get-WindowsLayout '$disk' | New-VirtioDriverPlan '$driverIso' -AllowUnsignedDriver -WarningAction SilentlyContinue | Add-BootStartStorage -WhatIf | ForEach-Object { }"
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', $script
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match 'What if: .*viostor.*start at boot.*sample-win2022\.vmdk'
    }

    It 'does nothing when the user says no' {
        $script = "Get-WindowsLayout '$disk' | New-VirtioDriverPlan '$driverIso' -AllowUnsignedDriver -WarningAction SilentlyContinue | Add-BootStartStorage -Confirm | ForEach-Object { 'out' }"
        $run = Invoke-Shell @('-NoProfile', '-Command', $script) "n`n"
        $run.Output | Should -Not -Match '(?m)^out'
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'does not ask with -Confirm:$false' {
        $script = "`$ConfirmPreference = 'Low'; Get-WindowsLayout '$disk' | New-VirtioDriverPlan '$driverIso' -AllowUnsignedDriver -WarningAction SilentlyContinue | Add-BootStartStorage -Confirm:`$false | ForEach-Object { 'out' }"
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', $script
        $run.Output | Should -Match '(?m)^out'
        $run.Errors | Should -BeNullOrEmpty
    }

    It 'writes to -Destination, and the overlay finds its source from there' {
        $target = [System.IO.Path]::Combine((New-Folder), 'vm 1.qcow2')
        $edit = $plan | Add-BootStartStorage -Destination $target
        $edit.ImagePath | Should -BeExactly $target
        Get-Snapshot $folder | Should -BeExactly $before
        $layout = Get-WindowsLayout -LiteralPath $target
        $layout.HostName | Should -BeExactly 'BÜRO-SRV22'
    }

    It 'takes a relative -Destination from where the session is' {
        $target = New-Folder
        $location = $ExecutionContext.SessionState.Path.CurrentLocation.Path
        try {
            $null = $ExecutionContext.SessionState.Path.SetLocation($target)
            ($plan | Add-BootStartStorage -Destination vm.qcow2).ImagePath | Should -BeExactly ([System.IO.Path]::Combine($target, 'vm.qcow2'))
        } finally {
            $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($location))
        }
    }

    It 'replaces a file of others only with -Force' {
        $target = [System.IO.Path]::Combine((New-Folder), 'vm.qcow2')
        [System.IO.File]::WriteAllText($target, 'somebody else made this')
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "DestinationExists,$errorSource"
        [System.IO.File]::ReadAllText($target) | Should -Be 'somebody else made this'

        ($plan | Add-BootStartStorage -Destination $target -Force).ImagePath | Should -BeExactly $target
        (Get-WindowsLayout $target).Format | Should -Be 'Qcow2'
    }

    It 'goes on after a disk that must not be edited' {
        $bad = New-SamplePlan (New-Guest 'hibernated')
        $run = Invoke-Recorded { $bad, $plan | Add-BootStartStorage }
        $run.Errors.FullyQualifiedErrorId | Should -Be "GuestHibernated,$errorSource"
        $run.Output.SourcePath | Should -Be $disk
    }

    It 'judges the disk as it is now, not as it was when the plan was made' {
        [System.IO.File]::Delete($disk)
        $run = Invoke-Recorded { $plan | Add-BootStartStorage }
        $run.Errors.FullyQualifiedErrorId | Should -Be "FileNotFound,$errorSource"
        $run.Errors[0].TargetObject | Should -BeExactly $disk
    }

    It 'refuses drivers that have changed since the plan was made' {
        $drivers = [System.IO.Path]::Combine((New-Folder), 'drivers.iso')
        [System.IO.File]::Copy($driverIso, $drivers)
        $plan = Get-WindowsLayout $disk | New-VirtioDriverPlan $drivers -WarningAction SilentlyContinue
        $bytes = [System.IO.File]::ReadAllBytes($drivers)
        for ($i = 200KB; $i -lt $bytes.Length; $i++) { $bytes[$i] = $bytes[$i] -bxor 1 }
        [System.IO.File]::WriteAllBytes($drivers, $bytes)
        $run = Invoke-Recorded { $plan | Add-BootStartStorage }
        $run.Output | Should -BeNullOrEmpty
        @($run.Errors).Count | Should -Be 1
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'says with -Verbose what it does' {
        (Invoke-Recorded { $plan | Add-BootStartStorage -Verbose }).Verbose.Message -join "`n" | Should -Match 'editing(.|\n)*Verifying(.|\n)*Writing'
    }

    It 'does not take what is no plan: <_>' -ForEach 'text', 'deserialized plan', 'layout' {
        $old = switch ($_) {
            'text' { 'web01.vmdk' }
            'deserialized plan' { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($plan)) }
            'layout' { $plan.Layout }
        }
        $run = Invoke-Recorded { $old | Add-BootStartStorage }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeLike "InputObject*,$errorSource"
        Get-Snapshot $folder | Should -BeExactly $before
    }
}
