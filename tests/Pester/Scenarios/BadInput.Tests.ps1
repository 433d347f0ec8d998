# What users bring that is not what it should be. Each case: one error with its id, on the right target, in words that name the place and
# the remedy; and nothing written.

BeforeAll {
    $isRoot = [Environment]::UserName -eq 'root'
    $canMount = $IsLinux -and $isRoot -and (Get-Command mount -CommandType Application -ErrorAction Ignore)
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))

    $documented = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))

    function Get-Ascii([string] $Text) { [System.Text.Encoding]::ASCII.GetBytes($Text) }

    function New-File([string] $Name, [byte[]] $Bytes) {
        $path = [System.IO.Path]::Combine((New-Folder), $Name)
        [System.IO.File]::WriteAllBytes($path, $Bytes ?? [byte[]]::new(0))
        $path
    }

    # Zeros with some bytes in them; a negative offset counts from the end.
    function New-Blank([string] $Name, [int] $Size, [int] $Offset, [byte[]] $Bytes) {
        $content = [byte[]]::new($Size)
        $Bytes.CopyTo($content, $Offset -lt 0 ? $Size + $Offset : $Offset)
        New-File $Name $content
    }

    # A raw disk with an MBR and one partition at 1 MiB that has a signature.
    function New-MbrDisk([byte] $Type, [int] $Offset, [byte[]] $Bytes) {
        $content = [byte[]]::new(4MB)
        ([byte[]] (0x80, 0, 0, 0, $Type, 0, 0, 0, 0x00, 0x08, 0, 0, 0x00, 0x10, 0, 0)).CopyTo($content, 446)
        ([byte[]] (0x55, 0xAA)).CopyTo($content, 510)
        $Bytes.CopyTo($content, 1MB + $Offset)
        New-File 'disk.img' $content
    }

    function New-Truncated([string] $Disk, [int] $Length) {
        $bytes = [System.IO.File]::ReadAllBytes($Disk)
        [System.IO.File]::WriteAllBytes($Disk, $bytes[0..($Length - 1)])
        $Disk
    }

    # The drivers of the sample ISO that Windows Server 2022 gets, as a folder that can be spoiled.
    function New-DriverFolder {
        $folder = New-Folder
        $source = [Hyper2Kvm.Drivers.DriverSource]::Open($driverIso)
        try {
            foreach ($package in 'viostor/2k22/amd64', 'vioscsi/2k22/amd64') {
                $target = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($folder, $package)).FullName
                foreach ($file in $source.List($package)) {
                    $bytes = [Hyper2Kvm.Blocks.BlockDeviceExtensions]::ReadAll($source.OpenFile("$package/$($file.Name)"), 1MB, 'TooLarge', $file.Name)
                    [System.IO.File]::WriteAllBytes([System.IO.Path]::Combine($target, $file.Name), $bytes)
                }
            }
        } finally {
            $source.Dispose()
        }
        $folder
    }

    function Edit-Inf([string] $Folder, [string] $Old, [string] $New) {
        $inf = [System.IO.Path]::Combine($Folder, 'viostor', '2k22', 'amd64', 'viostor.inf')
        $text = [System.IO.File]::ReadAllText($inf)
        $changed = [regex]::Replace($text, $Old, $New)
        if ($changed -ceq $text) { throw "The INF has no '$Old'." }
        [System.IO.File]::WriteAllText($inf, $changed)
    }

    # The one error of a run that put out nothing: its id, its class, and the words it must have.
    function Assert-Refused($Run, [string] $Id, [string] $Cmdlet, $Target, [string[]] $Words) {
        $Run.Output | Should -BeNullOrEmpty
        @($Run.Errors) | Should -HaveCount 1
        $failure = $Run.Errors[0]
        $failure.FullyQualifiedErrorId | Should -BeExactly "$Id,Hyper2Kvm.PowerShell.Commands.${Cmdlet}Command" -Because "$failure"
        $failure.TargetObject | Should -BeExactly $Target
        foreach ($word in $Words) { "$failure" | Should -BeLike "*$word*" }
        $documented.Contains("``$Id``") | Should -BeTrue -Because "docs/ErrorIds.md must have $Id"
    }
}

Describe 'A disk that is none' {
    It 'is refused by name: <Case>' -ForEach @(
        @{ Case = 'a text file'; Id = 'TextIsNotADisk'; Words = 'text file', 'Name the disk image'; Make = { New-File 'web01.vmdk' (Get-Ascii 'Ceci n''est pas un disque.') } }
        @{ Case = 'a VMX file'; Id = 'TextIsNotADisk'; Words = 'VMX', 'Name the disk image'; Make = { New-File 'web01.vmx' (Get-Ascii ".encoding = `"UTF-8`"`nscsi0:0.fileName = `"web01.vmdk`"`n") } }
        @{ Case = 'an OVF file'; Id = 'TextIsNotADisk'; Words = 'XML', 'OVF'; Make = { New-File 'web01.ovf' (Get-Ascii '<?xml version="1.0"?><Envelope/>') } }
        @{ Case = 'a ZIP archive'; Id = 'ArchiveNotSupported'; Words = 'ZIP', 'Unpack it'; Make = {
                $path = [System.IO.Path]::Combine((New-Folder), 'web01.vmdk')
                $zip = [System.IO.Compression.ZipFile]::Open($path, 'Create')
                $null = $zip.CreateEntry('web01.vmdk')
                $zip.Dispose()
                $path
            }
        }
        @{ Case = 'a tar archive with a wrong checksum'; Id = 'OvaDamaged'; Words = 'checksum'; Make = { New-Blank 'web01.ova' 10240 257 (Get-Ascii 'ustar') } }
        @{ Case = 'an ISO image'; Id = 'IsoIsNotADisk'; Words = 'ISO 9660', 'Name the disk image'; Make = { New-File 'web01.iso' ([System.IO.File]::ReadAllBytes($driverIso)) } }
        @{ Case = 'an empty file'; Id = 'ImageTooSmall'; Words = '0 bytes', 'cut short'; Make = { New-File 'web01.vmdk' ([byte[]]::new(0)) } }
        @{ Case = 'less than a sector'; Id = 'ImageTooSmall'; Words = '100 bytes', 'cut short'; Make = { New-File 'web01.img' ([byte[]]::new(100)) } }
        @{ Case = 'no whole sectors'; Id = 'ImageNotRecognized'; Words = 'magic', '1000 bytes'; Make = { New-File 'web01.img' ([byte[]]::new(1000)) } }
        @{ Case = 'a VHDX without its headers'; Id = 'VhdxHeaderDamaged'; Words = 'VHDX header', 'backup'; Make = { New-Blank 'web01.vhdx' 1MB 0 (Get-Ascii 'vhdxfile') } }
        @{ Case = 'a dynamic VHD with damaged footers'; Id = 'VhdFooterDamaged'; Words = 'VHD footer', 'backup'; Make = { New-Blank 'web01.vhd' 1MB 0 (Get-Ascii 'conectix') } }
        @{ Case = 'a fixed VHD with a damaged footer'; Id = 'VhdFooterDamaged'; Words = 'VHD footer', 'backup'; Make = { New-Blank 'web01.vhd' 1MB -512 (Get-Ascii 'conectix') } }
        @{ Case = 'a VDI of another version'; Id = 'VdiVersionNotSupported'; Words = 'VDI version', 'qemu-img convert'; Make = { New-Blank 'web01.vdi' 1MB 0x40 (0x7F, 0x10, 0xDA, 0xBE) } }
        @{ Case = 'a disk that is encrypted with LUKS'; Id = 'LuksNotSupported'; Words = 'LUKS', 'Unlock it'; Make = { New-Blank 'web01.img' 1MB 0 (0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE) } }
        @{ Case = 'an encrypted VMDK'; Id = 'VmdkEncrypted'; Words = 'encryption', 'Decrypt'; Make = {
                New-File 'web01.vmdk' (Get-Ascii "# Disk DescriptorFile`nversion=1`nCID=fffffffe`nparentCID=ffffffff`ncreateType=`"vmfs`"`nencryption.keySafe = `"vmware:key/list/(pair/(null))`"`nRW 2048 VMFS `"web01-flat.vmdk`"`n")
            }
        }
        @{ Case = 'an extent of a VMDK, with its descriptor beside it'; Id = 'VmdkExtentAlone'; Words = 'single extent', "Name its descriptor: '*web01.vmdk'"; Make = {
                $path = New-Blank 'web01-flat.vmdk' 1MB 0 (Get-Ascii 'boot')
                $descriptor = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($path), 'web01.vmdk')
                [System.IO.File]::WriteAllText($descriptor, "# Disk DescriptorFile`nversion=1`nCID=1`ncreateType=`"vmfs`"`nRW 2048 VMFS `"web01-flat.vmdk`"`n")
                $path
            }
        }
        @{ Case = 'a VMDK without its extent'; Id = 'VmdkExtentMissing'; Words = 'web01-flat.vmdk', 'Copy all files'; Make = {
                New-File 'web01.vmdk' (Get-Ascii "# Disk DescriptorFile`nversion=1`nCID=1`nparentCID=ffffffff`ncreateType=`"vmfs`"`nRW 2048 VMFS `"web01-flat.vmdk`"`n")
            }
        }
        @{ Case = 'a VMDK snapshot of a disk that was changed'; Id = 'BackingFileChanged'; Words = 'CID 00000002', 'copy the whole chain'; Make = {
                $path = New-File 'web01-000001.vmdk' (Get-Ascii "# Disk DescriptorFile`nversion=1`nCID=3`nparentCID=1`ncreateType=`"vmfsSparse`"`nparentFileNameHint=`"web01.vmdk`"`nRW 2048 VMFSSPARSE `"web01-000001-delta.vmdk`"`n")
                $parent = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($path), 'web01.vmdk')
                [System.IO.File]::WriteAllText($parent, "# Disk DescriptorFile`nversion=1`nCID=2`nparentCID=ffffffff`ncreateType=`"vmfs`"`nRW 2048 ZERO`n")
                $path
            }
        }
        @{ Case = 'a registry hive'; Id = 'RegistryHiveIsNotADisk'; Words = 'registry hive', 'Name the disk image'; Make = { New-Blank 'SYSTEM' 8192 0 (Get-Ascii 'regf') } }
        @{ Case = 'a VMDK that was cut short'; Id = 'VmdkImageTruncated'; Words = 'cut short', 'compare its size'; Make = { New-Truncated (New-Guest) 150000 } }
        @{ Case = 'a VMDK that was cut short in its header'; Id = 'VmdkImageTruncated'; Words = 'truncated', 'compare its size'; Make = { New-Truncated (New-Guest) 300 } }
        @{ Case = 'a QCOW2 that was cut short'; Id = 'QcowImageTruncated'; Words = 'cut short', 'compare its size'; Make = { New-Truncated (New-Guest 'win7-bios') 70000 } }
    ) {
        $path = & $Make
        $folder = [System.IO.Path]::GetDirectoryName($path)
        $before = Get-Snapshot $folder
        $run = Invoke-Recorded { Get-WindowsLayout -LiteralPath $path }
        Assert-Refused $run $Id 'GetWindowsLayout' $path (@([System.IO.Path]::GetFileName($path)) + $Words)
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'is refused by name: a folder' {
        $folder = New-Folder
        Assert-Refused (Invoke-Recorded { Get-WindowsLayout $folder }) 'ImageNotFound' 'GetWindowsLayout' $folder $folder, 'is a folder'
    }

    It 'is refused by name: an overlay whose source is not there' {
        $disk = New-Guest 'win7-bios'
        $source = [System.IO.Path]::Combine((Get-GuestFolder $disk), 'sample-win2022', 'sample-win2022.vmdk')
        [System.IO.File]::Delete($source)
        $run = Invoke-Recorded { Get-WindowsLayout $disk }
        Assert-Refused $run 'BackingFileMissing' 'GetWindowsLayout' $disk 'win7-bios.qcow2', 'sample-win2022.vmdk'
    }
}

Describe 'A disk without the Windows that is meant' {
    It 'is refused with what is on it: <Case>' -ForEach @(
        @{ Case = 'data only'; Words = 'partition 3: NTFS', 'boots from'; Make = { New-Guest 'data-only' } }
        @{ Case = 'Linux'; Words = 'ext2/3/4', 'another operating system'; Make = { New-Guest 'linux-ext4' } }
        @{ Case = 'BSD with UFS'; Words = 'UFS', 'another operating system'; Make = { New-MbrDisk 0xA5 0x255C (0x19, 0x01, 0x54, 0x19) } }
        @{ Case = 'BSD with UFS2'; Words = 'UFS2', 'another operating system'; Make = { New-MbrDisk 0xA5 0x1055C (0x19, 0x01, 0x54, 0x19) } }
        @{ Case = 'LUKS'; Words = 'partition 1: LUKS', 'unlock'; Make = { New-MbrDisk 0x83 0 (0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE) } }
        @{ Case = 'nothing'; Words = 'no partitions', 'boots from'; Make = { New-File 'disk.img' ([byte[]]::new(1MB)) } }
    ) {
        $disk = & $Make
        $before = Get-Snapshot ([System.IO.Path]::GetDirectoryName($disk))
        $run = Invoke-Recorded { Get-WindowsLayout $disk }
        Assert-Refused $run 'WindowsNotFound' 'GetWindowsLayout' $disk (@([System.IO.Path]::GetFileName($disk)) + $Words)
        Get-Snapshot ([System.IO.Path]::GetDirectoryName($disk)) | Should -BeExactly $before
    }

    It 'is refused where there are two, and -Partition chooses' {
        $disk = New-Guest 'two-windows'
        $run = Invoke-Recorded { Get-WindowsLayout $disk }
        Assert-Refused $run 'SeveralWindows' 'GetWindowsLayout' $disk 'partition 3', 'partition 4', '-Partition'

        (Get-WindowsLayout $disk -Partition 3).WindowsPartition.Number | Should -Be 3
        $second = Get-WindowsLayout $disk -Partition 4
        $second.WindowsPartition.Number | Should -Be 4
        $edit = $second | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue | Add-BootStartStorage | Set-CriticalDeviceDatabase
        (Get-WindowsLayout $edit.ImagePath -Partition 4).IsVirtioBootReady | Should -BeTrue
        (Get-WindowsLayout $edit.ImagePath -Partition 3).IsVirtioBootReady | Should -BeFalse
    }

    It 'is refused where -Partition names one without Windows' {
        $disk = New-Guest
        $run = Invoke-Recorded { Get-WindowsLayout $disk -Partition 1 }
        Assert-Refused $run 'WindowsNotFound' 'GetWindowsLayout' $disk 'partition 1', '-Partition'
    }

    It 'is refused where BitLocker is, with the way out' {
        $disk = New-Guest 'bitlocker'
        Assert-Refused (Invoke-Recorded { Get-WindowsLayout $disk }) 'BitLockerVolume' 'GetWindowsLayout' $disk 'bitlocker.qcow2', 'manage-bde -off'
    }

    It 'is refused where a hive is half written and has no logs' {
        $disk = New-Guest 'dirty-hive'
        Assert-Refused (Invoke-Recorded { Get-WindowsLayout $disk }) 'HiveDirty' 'GetWindowsLayout' $disk $disk, '\Windows\System32\config\SYSTEM', 'shut it down cleanly'
    }
}

Describe 'A Windows that must not be edited' {
    It 'is read but not edited: <Guest>' -ForEach @(
        @{ Guest = 'hibernated'; Id = 'GuestHibernated'; Words = 'hiberfil.sys', 'shutdown /s /t 0' }
        @{ Guest = 'fast-startup'; Id = 'GuestHibernated'; Words = 'fast startup', 'powercfg /h off' }
        @{ Guest = 'dirty-volume'; Id = 'NtfsVolumeDirty'; Words = 'marked dirty', 'chkdsk' }
        @{ Guest = 'dirty-log'; Id = 'NtfsLogNotClean'; Words = '$LogFile', 'shutdown /s /t 0' }
        @{ Guest = 'pending-servicing'; Id = 'ServicingPending'; Words = 'pending.xml', 'let it finish' }
    ) {
        $disk = New-Guest $Guest
        $folder = Get-GuestFolder $disk
        $before = Get-Snapshot $folder
        $plan = New-SamplePlan $disk
        $plan.Layout.IsEditable | Should -BeFalse
        $plan.Layout.Conditions.Where({ $_.BlocksEdit }).Id | Should -Contain $Id

        foreach ($preview in $false, $true) {
            $run = Invoke-Recorded { $plan | Add-BootStartStorage -WhatIf:$preview }
            Assert-Refused $run $Id 'AddBootStartStorage' $disk (@("$Guest.qcow2") + $Words)
            $run = Invoke-Recorded { $plan | Set-CriticalDeviceDatabase -WhatIf:$preview -Force -Destination ([System.IO.Path]::Combine($folder, 'forced.qcow2')) }
            Assert-Refused $run $Id 'SetCriticalDeviceDatabase' $disk (@("$Guest.qcow2") + $Words)
        }
        Get-Snapshot $folder | Should -BeExactly $before
    }
}

Describe 'Drivers that are not what they should be' {
    BeforeAll {
        $disk = New-Guest
        $layout = Get-WindowsLayout $disk
    }

    It 'a source that is not there' {
        $source = [System.IO.Path]::Combine((New-Folder), 'virtio-win.iso')
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $source }
        Assert-Refused $run 'DriverSourceInvalid' 'NewVirtioDriverPlan' $source $source, 'does not exist', 'Give virtio-win.iso'
    }

    It 'a source that is no ISO image' {
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $disk }
        Assert-Refused $run 'DriverSourceInvalid' 'NewVirtioDriverPlan' $disk $disk, 'no ISO 9660 image', 'Give virtio-win.iso'
    }

    It 'a source without the driver' {
        $source = New-Folder
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $source }
        Assert-Refused $run 'DriverNotInSource' 'NewVirtioDriverPlan' $source $source, 'viostor.inf', '2k22', 'Windows Server 2022', 'Take a driver ISO'
    }

    It 'an ISO image that was cut short' {
        $source = New-File 'virtio-win.iso' ([System.IO.File]::ReadAllBytes($driverIso)[0..40000])
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $source }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeLike 'Iso*,Hyper2Kvm.PowerShell.Commands.NewVirtioDriverPlanCommand'
    }

    It 'an INF that lies: <Case>' -ForEach @(
        @{ Case = 'another service'; Old = '(?m)^AddService(\s*)=\s*viostor'; New = 'AddService$1= evilstor'; Id = 'InfContradictsRules'; Words = 'viostor', 'evilstor', 'take another one' }
        @{ Case = 'a service that does not start at boot'; Old = '(?m)^(\s*StartType\s*=\s*)\S+'; New = '${1}3'; Id = 'InfContradictsRules'; Words = 'StartType', '3', 'take another one' }
        @{ Case = 'a binary outside of the drivers folder'; Old = '(?m)^(\s*ServiceBinary\s*=\s*).*$'; New = '${1}%12%\..\..\evil.sys'; Id = 'InfPathInvalid'; Words = 'viostor.inf', 'line', '..\..\evil.sys' }
        @{ Case = 'other devices'; Old = '1AF4'; New = '8086'; Id = 'InfContradictsRules'; Words = 'VEN_1AF4', 'VEN_8086', 'take another one' }
        @{ Case = 'a section that is not there'; Old = '(?m)^\[viostor_Service_Inst\]|^\[.*Service.*Inst.*\]'; New = '[gone]'; Id = 'InfSectionMissing'; Words = 'viostor.inf' }
        @{ Case = 'a signature of another time'; Old = '(?im)^Signature\s*=.*$'; New = 'Signature="$OS/2$"'; Id = 'InfSignatureMissing'; Words = 'viostor.inf' }
    ) {
        $source = New-DriverFolder
        Edit-Inf $source $Old $New
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $source }
        $run.Output | Should -BeNullOrEmpty
        @($run.Errors) | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "$Id,Hyper2Kvm.PowerShell.Commands.NewVirtioDriverPlanCommand" -Because "$($run.Errors[0])"
        foreach ($word in $Words) { "$($run.Errors[0])" | Should -BeLike "*$word*" }
        "$($run.Errors[0].TargetObject)" | Should -BeLike '*viostor*'
    }

    It 'a package without its driver file' {
        $source = New-DriverFolder
        [System.IO.File]::Delete([System.IO.Path]::Combine($source, 'viostor', '2k22', 'amd64', 'viostor.sys'))
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $source }
        $run.Output | Should -BeNullOrEmpty
        @($run.Errors) | Should -HaveCount 1
        "$($run.Errors[0])" | Should -BeLike '*viostor.sys*'
    }

    It 'the same package unspoiled is taken' {
        ($layout | New-VirtioDriverPlan (New-DriverFolder) -WarningAction SilentlyContinue).Storage.Name | Should -Be @('viostor', 'vioscsi')
    }

    It 'rules that are wrong: <Case>' -ForEach @(
        @{ Case = 'an unknown key'; Text = "version: 1`ncolour: red`n"; Words = '$.colour', 'layouts' }
        @{ Case = 'no YAML'; Text = "version: 1`nrules: [{name: x`n"; Words = 'line', 'column' }
        @{ Case = 'another version'; Text = "version: 2`n"; Words = '$.version', 'version 1' }
        @{ Case = 'a path in place of a name'; Text = "version: 1`narchitectures:`n  - {name: x64, directories: [../../etc]}`n"; Words = 'architectures`[0`]', 'a name without a path' }
        @{ Case = 'an empty file'; Text = ''; Words = 'own.yaml', 'Correct the file' }
        @{ Case = 'an alias'; Text = "version: 1`nrules: &a []`nlayouts: *a`n"; Words = 'Anchors', 'line 2' }
    ) {
        $rules = New-File 'own.yaml' (Get-Ascii $Text)
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $driverIso -RuleFile $rules }
        Assert-Refused $run 'DriverRulesInvalid' 'NewVirtioDriverPlan' $rules (@('own.yaml') + $Words)
    }

    It 'rules that are not there' {
        $rules = [System.IO.Path]::Combine((New-Folder), 'own.yaml')
        $run = Invoke-Recorded { $layout | New-VirtioDriverPlan $driverIso -RuleFile $rules }
        Assert-Refused $run 'FileNotFound' 'NewVirtioDriverPlan' $rules 'own.yaml', 'Check the path'
    }
}

Describe 'A place for the result that will not do' {
    BeforeEach {
        $disk = New-Guest 'win7-bios'
        $folder = Get-GuestFolder $disk
        $plan = New-SamplePlan $disk
        $place = New-Folder
        $before = Get-Snapshot $folder
    }

    AfterEach { Get-Snapshot $folder | Should -BeExactly $before }

    It 'the destination is there already' {
        $target = [System.IO.Path]::Combine($place, 'web01.qcow2')
        [System.IO.File]::WriteAllText($target, 'somebody else made this')
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target }
        Assert-Refused $run 'DestinationExists' 'AddBootStartStorage' $target $target, '-Force'
        [System.IO.File]::ReadAllText($target) | Should -Be 'somebody else made this'
        @([System.IO.Directory]::GetFiles($place)) | Should -HaveCount 1
    }

    It 'the destination is an overlay of another guest' {
        $target = [System.IO.Path]::Combine($place, 'web01.qcow2')
        $null = New-SamplePlan (New-Guest) | Add-BootStartStorage -Destination $target
        $hash = Get-Sha256 $target
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target }
        Assert-Refused $run 'DestinationExists' 'AddBootStartStorage' $target $target, '-Force'
        Get-Sha256 $target | Should -Be $hash
    }

    It 'the destination is the disk, or the one that it stands on, even with -Force' {
        $source = [System.IO.Path]::Combine($folder, 'sample-win2022', 'sample-win2022.vmdk')
        foreach ($target in $disk, $source) {
            $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target -Force }
            Assert-Refused $run 'DestinationIsSource' 'AddBootStartStorage' $target $target, 'another -Destination'
        }
    }

    It 'the destination is the disk by another name, even with -Force: <_>' -Skip:$IsWindows -ForEach 'file link', 'folder link', 'case' {
        $link = [System.IO.Path]::Combine($place, 'link')
        $target = switch ($_) {
            'file link' { [System.IO.File]::CreateSymbolicLink($link, $disk).FullName }
            'folder link' {
                $null = [System.IO.Directory]::CreateSymbolicLink($link, [System.IO.Path]::GetDirectoryName($disk))
                [System.IO.Path]::Combine($link, 'win7-bios.qcow2')
            }
            'case' { [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($disk), 'WIN7-BIOS.QCOW2') }
        }
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target -Force }
        Assert-Refused $run 'DestinationIsSource' 'AddBootStartStorage' $target $target, 'another -Destination'
    }

    It 'the destination is a folder' {
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $place }
        Assert-Refused $run 'DestinationIsFolder' 'AddBootStartStorage' $place $place, 'a file in it'
        [System.IO.Directory]::GetFileSystemEntries($place) | Should -BeNullOrEmpty
    }

    It 'there is no folder for the destination' {
        $target = [System.IO.Path]::Combine($place, 'none', 'web01.qcow2')
        $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination $target }
        Assert-Refused $run 'DestinationFolderNotFound' 'AddBootStartStorage' $target $target, 'Make the folder first'
        [System.IO.Directory]::GetFileSystemEntries($place) | Should -BeNullOrEmpty
    }

    It 'a file is in the way of the output folder' {
        $out = [System.IO.Path]::Combine($place, 'out')
        [System.IO.File]::WriteAllText($out, 'a file')
        foreach ($target in $out, [System.IO.Path]::Combine($out, 'deeper')) {
            $run = Invoke-Recorded { $plan.Layout | Backup-Bcd -OutputDirectory $target }
            Assert-Refused $run 'OutputDirectoryIsFile' 'BackupBcd' $target $out, 'another -OutputDirectory'
            $run = Invoke-Recorded { $plan.Layout | New-KvmDomainXml -OutputDirectory $target -WarningAction SilentlyContinue }
            Assert-Refused $run 'OutputDirectoryIsFile' 'NewKvmDomainXml' $target $out, 'another -OutputDirectory'
        }
        [System.IO.File]::ReadAllText($out) | Should -Be 'a file'
    }

    It 'the folder may not be written' {
        if ($isRoot -or $IsWindows) { Set-ItResult -Skipped -Because 'root and Windows administrators may write everywhere'; return }
        [System.IO.File]::SetUnixFileMode($place, 'UserRead, UserExecute')
        try {
            $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination ([System.IO.Path]::Combine($place, 'web01.qcow2')) }
            $run.Output | Should -BeNullOrEmpty
            $run.Errors.FullyQualifiedErrorId | Should -BeExactly 'AccessDenied,Hyper2Kvm.PowerShell.Commands.AddBootStartStorageCommand'
            "$($run.Errors[0])" | Should -BeLike '*web01.qcow2*Check who may use*'
        } finally {
            [System.IO.File]::SetUnixFileMode($place, 'UserRead, UserWrite, UserExecute')
        }
        [System.IO.Directory]::GetFileSystemEntries($place) | Should -BeNullOrEmpty
    }

    It 'the host''s disk is full' {
        if (-not $canMount) { Set-ItResult -Skipped -Because 'only root on Linux can mount a small file system'; return }
        $null = & mount -t tmpfs -o size=128k none $place 2>&1
        if ($LASTEXITCODE -ne 0) { Set-ItResult -Skipped -Because 'this machine does not let root mount a tmpfs' }
        try {
            $run = Invoke-Recorded { $plan | Add-BootStartStorage -Destination ([System.IO.Path]::Combine($place, 'web01.qcow2')) }
            $run.Output | Should -BeNullOrEmpty
            $run.Errors.FullyQualifiedErrorId | Should -BeExactly 'DiskFull,Hyper2Kvm.PowerShell.Commands.AddBootStartStorageCommand'
            "$($run.Errors[0])" | Should -BeLike '*web01.qcow2*make room*'
            [System.IO.Directory]::GetFileSystemEntries($place) | Should -BeNullOrEmpty
        } finally {
            $null = & umount $place
        }
    }
}
