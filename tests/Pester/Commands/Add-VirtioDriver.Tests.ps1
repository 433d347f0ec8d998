BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.AddVirtioDriverCommand'
}

Describe 'Add-VirtioDriver in a pipeline on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Where = 'HKLM\DRIVERS\DriverDatabase\DeviceIds\PCI\VEN_1AF4&DEV_1041\oem*.inf' }
    @{ Guest = 'win7-bios'; Where = '\Windows\Drivers\VirtIO\netkvm\netkvm.sys' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $before = Get-Sha256 $disk
        $edit = New-SamplePlan $disk | Add-BootStartStorage | Add-VirtioDriver -Device Network -WarningAction SilentlyContinue
    }

    It 'lays the package where this Windows looks' {
        @($edit.Changes.Target) -like $Where | Should -Not -BeNullOrEmpty
        $edit.Steps | Should -Be @('DriverPackages')
        Get-Sha256 $disk | Should -Be $before
    }

    It 'makes no service' { @($edit.Changes.Target) -like '*\Services\netkvm*' | Should -BeNullOrEmpty }

    It 'carries the plan on' { $edit.Plan.Bus | Should -Be 'VirtioBlk' }

    It 'changes nothing the second time' {
        $again = $edit | Add-VirtioDriver -Device Network -WarningAction SilentlyContinue
        $again.Changes.Where({ $_.Kind -ne 'Unchanged' }) | Should -BeNullOrEmpty
    }
}

Describe 'The devices of <_>' -ForEach 'Add-VirtioDriver', 'Invoke-KvmMigration' {
    It 'are all but storage' {
        $valid = (Get-Command $_).Parameters['Device'].Attributes.Where({ $_ -is [System.Management.Automation.ValidateSetAttribute] }).ValidValues
        $valid | Should -Be @([Enum]::GetNames([Hyper2Kvm.VirtioDevice]).Where({ $_ -notin 'Other', 'Block', 'Scsi' }))
    }
}

Describe 'Add-VirtioDriver' {
    BeforeEach {
        $disk = New-Guest 'sample-win2022'
        $layout = Get-WindowsLayout -LiteralPath $disk
    }

    It 'takes all that the source has without -Device' {
        $edit = $layout | Add-VirtioDriver -DriverSource $driverIso -AllowUnsignedDriver -WarningAction SilentlyContinue
        @($edit.Changes.Target) -like '*\FileRepository\netkvm.inf_amd64_*\netkvm.sys' | Should -HaveCount 1
    }

    It 'rehearses with -WhatIf' {
        $folder = Get-Snapshot (Get-GuestFolder $disk)
        $run = Invoke-Recorded { $layout | Add-VirtioDriver -DriverSource $driverIso -AllowUnsignedDriver -WhatIf }
        $run.Errors | Should -BeNullOrEmpty
        $run.Output[0].Mode | Should -Be 'Preview'
        Get-Snapshot (Get-GuestFolder $disk) | Should -Be $folder
    }

    It 'says what the source has where a device is missing' {
        $run = Invoke-Recorded { $layout | Add-VirtioDriver -DriverSource $driverIso -Device Rng, Network -AllowUnsignedDriver }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverNotInSource,$errorSource"
        $run.Output | Should -BeNullOrEmpty
    }

    It 'refuses drivers that this Windows does not load, and a missing source' {
        $run = Invoke-Recorded { $layout | Add-VirtioDriver -DriverSource $driverIso -Device Network }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverSignatureRefused,$errorSource"
        $run = Invoke-Recorded { $layout | Add-VirtioDriver -Device Network }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DriverSourceMissing,$errorSource"
    }

    It 'is taken back to the byte' {
        $raw = [System.IO.Path]::Combine((Get-GuestFolder $disk), 'guest.raw')
        $null = Convert-DiskImage -LiteralPath $disk -Destination $raw -Format Raw
        $hash = Get-Sha256 $raw
        $null = Get-WindowsLayout -LiteralPath $raw |
            Add-VirtioDriver -DriverSource $driverIso -AllowUnsignedDriver -InPlace -Force -WarningAction SilentlyContinue
        Get-Sha256 $raw | Should -Not -Be $hash
        $null = Undo-GuestEdit $raw -Confirm:$false
        Get-Sha256 $raw | Should -Be $hash
    }
}
