BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.BackupBcdCommand'
}

Describe 'Backup-Bcd on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Store = '\EFI\Microsoft\Boot\BCD'; Loader = '*winload.efi' }
    @{ Guest = 'win7-bios'; Store = '\Boot\BCD'; Loader = '*winload.exe' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $hash = Get-Sha256 $disk
        $out = [System.IO.Path]::Combine((New-Folder), 'new', 'folder')
        $backup = Get-WindowsLayout $disk | Backup-Bcd -OutputDirectory $out
    }

    It 'copies the store into a folder that it makes' {
        $backup | Should -BeOfType ([Hyper2Kvm.BcdBackup])
        $backup.StorePath | Should -Be $Store
        $backup.BackupPath | Should -Exist
        [System.IO.Path]::GetDirectoryName($backup.BackupPath) | Should -BeExactly $out
        Get-Sha256 $backup.BackupPath | Should -Be $backup.Sha256
        [System.Text.Encoding]::ASCII.GetString([System.IO.File]::ReadAllBytes($backup.BackupPath), 0, 4) | Should -BeExactly 'regf'
    }

    It 'lists the entries' {
        @($backup.Entries.Path).Where({ $_ -like $Loader }) | Should -Not -BeNullOrEmpty
        $backup.Findings.Where({ $_.Severity -eq 'Error' }) | Should -BeNullOrEmpty
    }

    It 'only reads the disk' { Get-Sha256 $disk | Should -Be $hash }

    It 'does not copy the same store twice' {
        $files = Get-Snapshot $out
        $again = Get-WindowsLayout $disk | Backup-Bcd -OutputDirectory $out
        $again.BackupPath | Should -BeExactly $backup.BackupPath
        Get-Snapshot $out | Should -BeExactly $files
    }

    It 'is its copy as text, and its image as a path' {
        "$backup" | Should -BeExactly $backup.BackupPath
        $backup.PSPath | Should -BeExactly $disk
    }
}

Describe 'Backup-Bcd' {
    It 'writes beside the disk unless told otherwise' {
        $disk = New-Guest
        $backup = Get-WindowsLayout $disk | Backup-Bcd
        [System.IO.Path]::GetDirectoryName($backup.BackupPath) | Should -BeExactly ([System.IO.Path]::GetDirectoryName($disk))
    }

    It 'judges and writes nothing with -WhatIf' {
        $disk = New-Guest
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $backup = Get-WindowsLayout $disk | Backup-Bcd -WhatIf
        $backup.BackupPath | Should -BeNullOrEmpty
        $backup.Entries | Should -Not -BeNullOrEmpty
        "$backup" | Should -Be '\EFI\Microsoft\Boot\BCD'
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'carries the plan and the edited image on' {
        $edit = New-SamplePlan (New-Guest) | Add-BootStartStorage
        $backup = $edit | Backup-Bcd
        $backup.ImagePath | Should -BeExactly $edit.ImagePath
        $backup.Plan.Bus | Should -Be 'VirtioBlk'
        $backup.Layout.ImagePath | Should -BeExactly $edit.SourcePath
    }

    It 'warns of entries that point to another disk, and still copies' {
        $run = Invoke-Recorded { Get-WindowsLayout (New-Guest 'foreign-boot-store') | Backup-Bcd }
        $run.Output[0].Findings.Id | Should -Contain 'BcdDeviceNotOnDisk'
        @($run.Warnings.Message).Where({ $_ -like 'BcdDeviceNotOnDisk: *bcdboot*' }) | Should -Not -BeNullOrEmpty
        $run.Output[0].BackupPath | Should -Exist
    }

    It 'says that there is no store, and goes on with the next disk' {
        $disks = (New-Guest 'no-boot-store'), (New-Guest)
        $run = Invoke-Recorded { $disks | Get-WindowsLayout | Backup-Bcd }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "BcdNotFound,$errorSource"
        $run.Errors[0].TargetObject | Should -BeExactly $disks[0]
        $run.Output.ImagePath | Should -BeExactly $disks[1]
    }

    It 'keeps a copy in the guest when asked' {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $rehearsal = Get-WindowsLayout $disk | Backup-Bcd -InGuest -WhatIf
        $rehearsal.GuestBackupPath | Should -BeLike '\EFI\Microsoft\Boot\BCD.hyper2kvm-*'
        $backup = Get-WindowsLayout $disk | Backup-Bcd -InGuest
        $backup.ImagePath | Should -BeLike '*.kvm.qcow2'
        $backup.ImagePath | Should -Exist
        $backup.BackupPath | Should -Exist
        $backup.GuestBackupPath | Should -BeExactly $rehearsal.GuestBackupPath
        (Get-WindowsLayout $disk | Backup-Bcd).GuestBackupPath | Should -BeNullOrEmpty
        Get-Sha256 $disk | Should -Be $hash
    }

    It 'does not take a layout that has lost its type' {
        $old = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-WindowsLayout (New-Guest))))
        $run = Invoke-Recorded { $old | Backup-Bcd }
        $run.Errors.FullyQualifiedErrorId | Should -BeLike "InputObject*,$errorSource"
    }
}
