BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.SetCriticalDeviceDatabaseCommand'
}

Describe 'Set-CriticalDeviceDatabase after Add-BootStartStorage on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Key = '\DriverDatabase\DeviceIds\PCI\VEN_1AF4&DEV_1042' }
    @{ Guest = 'win7-bios'; Key = '\Control\CriticalDeviceDatabase\PCI#VEN_1AF4&DEV_1042' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $before = Get-Sha256 $disk
        $added = New-SamplePlan $disk | Add-BootStartStorage
        $edit = $added | Set-CriticalDeviceDatabase
    }

    It 'edits the overlay, not the disk' {
        $edit | Should -BeOfType ([Hyper2Kvm.GuestEdit])
        $edit.ImagePath | Should -BeExactly $added.ImagePath
        $edit.SourcePath | Should -BeExactly $disk
        Get-Sha256 $disk | Should -Be $before
    }

    It 'binds the devices in the way of this Windows' {
        @($edit.Changes.Target).Where({ $_.Contains($Key) }) | Should -Not -BeNullOrEmpty
        $edit.Changes.Step | Should -Contain 'DeviceDatabase'
        $edit.Changes.Step | Should -Not -Contain 'BootStartStorage'
    }

    It 'makes the guest boot-ready' {
        $edit.Layout.IsVirtioBootReady | Should -BeTrue
        $layout = Get-WindowsLayout -LiteralPath $edit.ImagePath
        $layout.IsVirtioBootReady | Should -BeTrue
        $layout.BootReadyDrivers | Should -Contain 'viostor'
        (Get-WindowsLayout -LiteralPath $disk).IsVirtioBootReady | Should -BeFalse
    }

    It 'changes nothing the second time' {
        $hash = Get-Sha256 $edit.ImagePath
        $again = $edit | Set-CriticalDeviceDatabase
        $again.Changes.Where({ $_.Kind -ne 'Unchanged' }) | Should -BeNullOrEmpty
        Get-Sha256 $edit.ImagePath | Should -Be $hash
    }
}

Describe 'Set-CriticalDeviceDatabase' {
    BeforeEach {
        $disk = New-Guest 'win7-bios'
        $folder = Get-GuestFolder $disk
        $before = Get-Snapshot $folder
        $plan = New-SamplePlan $disk
    }

    It 'rehearses what was rehearsed before it' {
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -WhatIf | Set-CriticalDeviceDatabase -WhatIf }
        $run.Errors | Should -BeNullOrEmpty
        $run.Warnings | Should -BeNullOrEmpty
        $run.Output[0].Mode | Should -Be 'Preview'
        $run.Output[0].Steps | Should -Be @('BootStartStorage', 'BootstrapControllers', 'DeviceDatabase')
        $run.Output[0].Layout.IsVirtioBootReady | Should -BeTrue
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'warns when it comes alone' {
        $run = Invoke-Recorded { $plan | Set-CriticalDeviceDatabase }
        $run.Warnings.Message | Should -BeLike '*not boot-ready*Add-BootStartStorage*'
        $run.Output[0].Layout.IsVirtioBootReady | Should -BeFalse
    }

    It 'may come first' {
        $edit = $plan | Set-CriticalDeviceDatabase -WarningAction SilentlyContinue | Add-BootStartStorage
        $edit.Layout.IsVirtioBootReady | Should -BeTrue
    }

    It 'finds the overlay of the edit before when it gets the plan again' {
        $added = $plan | Add-BootStartStorage
        $edit = $plan | Set-CriticalDeviceDatabase
        $edit.ImagePath | Should -BeExactly $added.ImagePath
        $edit.Layout.IsVirtioBootReady | Should -BeTrue
    }

    It 'takes the plan from any object that carries one' {
        $backup = $plan | Add-BootStartStorage | Backup-Bcd
        ($backup | Set-CriticalDeviceDatabase).Layout.IsVirtioBootReady | Should -BeTrue
    }

    It 'leaves the earlier overlay alone with -Destination' {
        $added = $plan | Add-BootStartStorage
        $hash = Get-Sha256 $added.ImagePath
        $target = [System.IO.Path]::Combine((New-Folder), 'final.qcow2')
        $edit = $added | Set-CriticalDeviceDatabase -Destination $target
        $edit.ImagePath | Should -BeExactly $target
        Get-Sha256 $added.ImagePath | Should -Be $hash
        (Get-WindowsLayout $target).IsVirtioBootReady | Should -BeTrue
    }

    It 'does not take what is no edit' {
        $old = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(($plan | Add-BootStartStorage)))
        $run = Invoke-Recorded { $old | Set-CriticalDeviceDatabase }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeLike "InputObject*,$errorSource"
    }

    It 'refuses a disk that must not be edited' {
        $bad = New-SamplePlan (New-Guest 'dirty-volume')
        $run = Invoke-Recorded { $bad | Set-CriticalDeviceDatabase }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "NtfsVolumeDirty,$errorSource"
    }
}
