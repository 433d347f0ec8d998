BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetBcdStoreCommand'
}

Describe 'Get-BcdStore on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Store = '\EFI\Microsoft\Boot\BCD'; Firmware = 'Uefi'; Windows = 'partition=C: (#3)' }
    @{ Guest = 'win7-bios'; Store = '\Boot\BCD'; Firmware = 'Bios'; Windows = 'partition=C: (#2)' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $hash = Get-Sha256 $disk
        $found = Get-BcdStore $disk
        $loader = $found.Entries.Where({ $_.Alias -eq '{default}' })[0]
    }

    It 'finds the store of the disk' {
        $found | Should -BeOfType ([Hyper2Kvm.BootStore])
        $found.StorePath | Should -Be $Store
        $found.Firmware | Should -Be $Firmware
        $found.DefaultId | Should -BeExactly $loader.Id
        $found.Layout.ImagePath | Should -BeExactly $disk
        "$found" | Should -BeExactly $found.StorePath
        $found.PSPath | Should -BeExactly $disk
    }

    It 'names settings and values as bcdedit does' {
        $loader.Type | Should -Be 'Windows Boot Loader'
        $loader.Settings.Where({ $_.Name -eq 'osdevice' }).Value | Should -BeExactly $Windows
        $loader.Settings.Where({ $_.Name -eq 'systemroot' }).Kind | Should -Be 'Text'
        $loader.Settings.Where({ $_.Name -eq 'inherit' }).Values | Should -BeExactly '{bootloadersettings}'
    }

    It 'prints a listing' {
        $found.ToListing() | Should -BeLike "*Windows Boot Loader*identifier              {default}*inherit                 {globalsettings}*"
    }

    It 'only reads the disk' { Get-Sha256 $disk | Should -Be $hash }
}

Describe 'Get-BcdStore' {
    It 'takes what carries a layout, and paths' {
        $disk = New-Guest
        (Get-WindowsLayout $disk | Get-BcdStore).Entries.Count | Should -Be (Get-BcdStore -LiteralPath $disk).Entries.Count
        (Get-Item $disk | Get-BcdStore).ImagePath | Should -BeExactly $disk
        (New-SamplePlan $disk | Add-BootStartStorage | Get-BcdStore).ImagePath | Should -BeLike '*.kvm.qcow2'
    }

    It 'reads a store that is a file of its own' {
        $backup = Get-WindowsLayout (New-Guest 'win7-bios') | Backup-Bcd
        $copy = Get-BcdStore $backup.BackupPath
        $copy.Layout | Should -BeNullOrEmpty
        $copy.Firmware | Should -Be 'Bios'
        $copy.Entries.Where({ $_.Alias -eq '{default}' }).Settings.Where({ $_.Name -eq 'osdevice' }).Value | Should -BeLike 'partition=0x* of disk 0x*'
    }

    It 'says what is not on this disk' {
        $found = Get-BcdStore (New-Guest 'foreign-boot-store')
        $found.Entries.Where({ $_.Alias -eq '{default}' }).Settings.Where({ $_.Name -eq 'osdevice' }).Value | Should -BeLike 'partition={*} of disk {*}, not on this disk'
    }

    It 'says that there is no store, and goes on with the next disk' {
        $disks = (New-Guest 'no-boot-store'), (New-Guest)
        $run = Invoke-Recorded { $disks | Get-BcdStore }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "BcdNotFound,$errorSource"
        $run.Output.ImagePath | Should -BeExactly $disks[1]
    }

    It 'refuses a file that is neither' {
        $file = [System.IO.Path]::Combine((New-Folder), 'no.BCD')
        [System.IO.File]::WriteAllBytes($file, [byte[]] @(1, 2, 3))
        $run = Invoke-Recorded { Get-BcdStore $file }
        $run.Errors.Count | Should -Be 1
        $run.Output | Should -BeNullOrEmpty
        (Invoke-Recorded { Get-BcdStore ./nowhere.vmdk }).Errors.FullyQualifiedErrorId | Should -BeExactly "ImageNotFound,$errorSource"
    }
}
