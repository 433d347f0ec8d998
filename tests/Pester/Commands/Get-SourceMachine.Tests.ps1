BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetSourceMachineCommand'
    $sample = [System.IO.Path]::Combine($fixtures, 'sample-win2022', 'sample-win2022.vmdk')

    # With the property names of the real objects, and their types' names as they are live or come back from a file or another host.
    function New-HyperVMachine([string] $Disk, [switch] $Deserialized) {
        $prefix = $Deserialized ? 'Deserialized.' : ''
        $machine = [pscustomobject] @{
            Name = 'web01'; VMName = 'web01'; Id = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'; State = 'Off'; Path = 'C:\ProgramData\Microsoft\Windows\Hyper-V'
            Generation = 2; ProcessorCount = [long] 6; MemoryStartup = [long] 8GB
            HardDrives = @(
                [pscustomobject] @{ Path = 'D:\data.vhdx'; ControllerType = 'SCSI'; ControllerNumber = 0; ControllerLocation = 1; VMName = 'web01' }
                [pscustomobject] @{ Path = $Disk; ControllerType = 'SCSI'; ControllerNumber = 0; ControllerLocation = 0; VMName = 'web01' }
            )
            NetworkAdapters = @([pscustomobject] @{ Name = 'Network Adapter'; SwitchName = 'LAN'; MacAddress = '00155D012345' })
        }
        $machine.PSObject.TypeNames.Insert(0, "${prefix}Microsoft.HyperV.PowerShell.VirtualMachine")
        $machine
    }

    function New-PowerCliMachine {
        $machine = [pscustomobject] @{
            Name = 'db01'; PowerState = 'PoweredOff'; NumCpu = 4; CoresPerSocket = 2; MemoryMB = [decimal] 6144; MemoryGB = [decimal] 6
            GuestId = 'windows9Server64Guest'; Guest = [pscustomobject] @{ OSFullName = 'Microsoft Windows Server 2016 (64-bit)' }; PersistentId = '501e'
            ExtensionData = [pscustomobject] @{
                Config = [pscustomobject] @{
                    Firmware = 'efi'; Uuid = '564d6c27-96ea-1207-6f0b-b11d81469b0b'; BootOptions = [pscustomobject] @{ EfiSecureBootEnabled = $true }
                    Hardware = [pscustomobject] @{
                        Device = @(
                            [pscustomobject] @{ Key = 1000; BusNumber = 0; ControllerKey = 100 }
                            [pscustomobject] @{ Key = 2001; ControllerKey = 1000; UnitNumber = 1; CapacityInKB = [long] 1048576; Backing = [pscustomobject] @{ FileName = '[ds1] db01/db01_1.vmdk' } }
                            [pscustomobject] @{ Key = 2000; ControllerKey = 1000; UnitNumber = 0; CapacityInKB = [long] 41943040; Backing = [pscustomobject] @{ FileName = '[ds1] db01/db01.vmdk' } }
                            [pscustomobject] @{ Key = 3000; ControllerKey = 200; UnitNumber = 0; Backing = [pscustomobject] @{ FileName = '[ds1] windows.iso' } }
                            [pscustomobject] @{ Key = 4000; ControllerKey = 100; UnitNumber = 7; MacAddress = '00:50:56:aa:bb:02'; Backing = [pscustomobject] @{ DeviceName = 'VM Network' } }
                        )
                    }
                }
            }
        }
        $machine.PSObject.TypeNames.Insert(0, 'VMware.VimAutomation.ViCore.Impl.V1.VM.UniversalVirtualMachineImpl')
        $machine
    }
}

Describe 'Get-SourceMachine' {
    BeforeEach {
        $folder = New-Folder
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
        $vmx = [System.IO.Path]::Combine($folder, 'web01.vmx')
        [System.IO.File]::WriteAllText($vmx, (Get-VmxText))
    }

    It 'reads a VMX file' {
        $machine = Get-SourceMachine $vmx
        $machine | Should -BeOfType ([Hyper2Kvm.SourceMachine])
        $machine.Name | Should -BeExactly 'web01'
        $machine.Kind | Should -Be 'Vmx'
        $machine.CpuCount, $machine.SocketCount, $machine.CoresPerSocket | Should -Be @(8, 2, 4)
        $machine.MemoryBytes | Should -Be 16GB
        $machine.Firmware | Should -Be 'Uefi'
        $machine.SecureBoot | Should -BeTrue
        "$($machine.Uuid)" | Should -Be '564d6c27-96ea-1207-6f0b-b11d81469b0b'
        "$($machine.SmbiosUuid)" | Should -Be '276c4d56-ea96-0712-6f0b-b11d81469b0b'
        @($machine.Disks).ImagePath | Should -Be $disk
        $machine.Nics[0].MacAddress | Should -Be '00:0c:29:46:9b:0b'
        $machine.Nics[0].NetworkName | Should -Be 'VM Network'
    }

    It 'takes a path, a file, a folder and a machine from the pipeline: <_>' -ForEach 'text', 'file', 'folder', 'machine' {
        $found = switch ($_) {
            'text' { $vmx | Get-SourceMachine }
            'file' { $ExecutionContext.InvokeProvider.Item.Get(@($vmx), $true, $true) | Get-SourceMachine }
            'folder' { $folder | Get-SourceMachine }
            'machine' { Get-SourceMachine -LiteralPath $vmx | Get-SourceMachine }
        }
        $found.Name | Should -Be 'web01'
    }

    It 'reads an OVA, and its disk as a path of the archive' {
        $ova = New-Bundle $folder $disk
        $machine = Get-SourceMachine $ova -VerifyManifest
        $machine.Kind | Should -Be 'Ovf'
        @($machine.Disks).ImagePath | Should -Be $ova
        $two = Get-SourceMachine (New-Bundle $folder $disk, $disk 'two.ova')
        $two.Disks[1].ImagePath | Should -Be ([System.IO.Path]::Combine($folder, 'two.ova', 'web01-disk2.vmdk'))
    }

    It 'reads a machine of Hyper-V: <_>' -ForEach 'live', 'deserialized', 'without a type' {
        $object = New-HyperVMachine $disk -Deserialized:($_ -eq 'deserialized')
        if ($_ -eq 'without a type') { $object.PSObject.TypeNames.RemoveAt(0) }
        $machine = $object | Get-SourceMachine
        $machine.Kind | Should -Be 'HyperV'
        $machine.Name | Should -Be 'web01'
        "$($machine.Uuid)" | Should -Be '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'
        $machine.CpuCount | Should -Be 6
        $machine.MemoryBytes | Should -Be 8GB
        $machine.Firmware | Should -Be 'Uefi'
        @($machine.Disks).ImagePath[0] | Should -Be $disk
        $machine.Disks[1].Source | Should -Be 'D:\data.vhdx'
        $machine.Disks[1].ImagePath | Should -BeNullOrEmpty
        $machine.Nics[0].MacAddress | Should -Be '00:15:5d:01:23:45'
        $machine.Nics[0].NetworkName | Should -Be 'LAN'
    }

    It 'takes Secure Boot, the boot order and the TPM of Hyper-V beside the machine' {
        $firmware = [pscustomobject] @{ SecureBoot = 'On'; BootOrder = @([pscustomobject] @{ BootType = 'Drive'; Device = [pscustomobject] @{ Path = 'D:\data.vhdx' } }) }
        $machine = Get-SourceMachine -InputObject (New-HyperVMachine $disk) -VMFirmware $firmware -VMSecurity ([pscustomobject] @{ TpmEnabled = $true })
        $machine.SecureBoot | Should -BeTrue
        $machine.Tpm | Should -BeTrue
        $machine.Disks[0].Source | Should -Be 'D:\data.vhdx'
    }

    It 'reads a machine of PowerCLI, whose disks are on a datastore' {
        $machine = New-PowerCliMachine | Get-SourceMachine
        $machine.Kind | Should -Be 'PowerCli'
        $machine.CpuCount, $machine.CoresPerSocket | Should -Be @(4, 2)
        $machine.MemoryBytes | Should -Be 6GB
        $machine.Firmware | Should -Be 'Uefi'
        $machine.SecureBoot | Should -BeTrue
        $machine.OsName | Should -Be 'Microsoft Windows Server 2016 (64-bit)'
        @($machine.Disks).Source | Should -Be @('[ds1] db01/db01.vmdk', '[ds1] db01/db01_1.vmdk')
        $machine.Disks[0].Capacity | Should -Be 40GB
        $machine.Nics[0].MacAddress | Should -Be '00:50:56:aa:bb:02'
        $run = Invoke-Recorded { $machine | Get-WindowsLayout }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be 'DatastorePathNotLocal,Hyper2Kvm.PowerShell.Commands.GetWindowsLayoutCommand'
    }

    It 'refuses a disk of PowerCLI and text of a datastore' {
        $run = Invoke-Recorded { [pscustomobject] @{ Name = 'Hard disk 1'; Filename = '[ds1] web01/web01.vmdk'; CapacityGB = 40 } | Get-SourceMachine }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DatastorePathNotLocal,$errorSource"
        $run = Invoke-Recorded { Get-SourceMachine '[ds1] web01/web01.vmx' }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DatastorePathNotLocal,$errorSource"
    }

    It 'takes flags' {
        $machine = Get-SourceMachine -Name web01 -CpuCount 4 -CoresPerSocket 2 -MemoryBytes 4GB -Firmware Uefi -SecureBoot -Tpm -Disk $disk -MacAddress 00-50-56-AA-BB-01
        $machine.SocketCount | Should -Be 2
        $machine.SecureBoot, $machine.Tpm | Should -Be @($true, $true)
        @($machine.Disks).ImagePath | Should -Be $disk
        $machine.Nics[0].MacAddress | Should -Be '00:50:56:aa:bb:01'
        ($machine | Get-WindowsLayout).ImagePath | Should -Be $disk
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a file that is not there'; Id = 'ImageNotFound'; Make = { 'nothing.vmx' } }
        @{ Case = 'a disk'; Id = 'MachineDescriptionUnknown'; Make = { $disk } }
        @{ Case = 'XML of something else'; Id = 'MachineDescriptionUnknown'; Make = { $p = [System.IO.Path]::Combine($folder, 'a.xml'); [System.IO.File]::WriteAllText($p, '<a/>'); $p } }
        @{ Case = 'an entity bomb'; Id = 'MachineDescriptionDamaged'; Make = { $p = [System.IO.Path]::Combine($folder, 'a.ovf'); [System.IO.File]::WriteAllText($p, '<!DOCTYPE a [<!ENTITY b "bb">]><Envelope>&b;</Envelope>'); $p } }
        @{ Case = 'an OVA without a description'; Id = 'MachineDescriptionMissing'; Make = { New-Bundle $folder $disk 'bare.ova' -WithoutDescription } }
        @{ Case = 'a VirtualBox file'; Id = 'VirtualBoxNotSupported'; Make = { $p = [System.IO.Path]::Combine($folder, 'a.vbox'); [System.IO.File]::WriteAllText($p, '<VirtualBox/>'); $p } }
        @{ Case = 'a VMCX file'; Id = 'VmcxNotSupported'; Make = { $p = [System.IO.Path]::Combine($folder, 'a.vmcx'); [System.IO.File]::WriteAllBytes($p, [byte[]] (0x14, 0x20, 0x28, 0x01, 0, 0, 0, 0)); $p } }
    ) {
        $run = Invoke-Recorded { Get-SourceMachine (& $Make) }
        @($run.Errors) | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "$Id,$errorSource" -Because "$($run.Errors[0])"
        $run.Output | Should -BeNullOrEmpty
    }

    It 'refuses an object that is no machine' {
        $run = Invoke-Recorded { [pscustomobject] @{ Some = 'thing' } | Get-SourceMachine }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "MachineObjectUnknown,$errorSource"
    }

    It 'finds a changed file by the manifest' {
        $ova = New-Bundle $folder $disk
        $bytes = [System.IO.File]::ReadAllBytes($ova)
        $bytes[$bytes.Length / 2] = $bytes[$bytes.Length / 2] -bxor 1
        [System.IO.File]::WriteAllBytes($ova, $bytes)
        $run = Invoke-Recorded { Get-SourceMachine $ova -VerifyManifest }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "ManifestMismatch,$errorSource"
        $run.Output | Should -BeNullOrEmpty
        $run = Invoke-Recorded { Get-SourceMachine $vmx -VerifyManifest }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "ManifestNotFound,$errorSource"
    }
}

Describe 'A machine in the pipeline' {
    BeforeEach {
        $folder = New-Folder
        $data = [System.IO.Path]::Combine($folder, 'data.vmdk')
        [System.IO.File]::WriteAllBytes($data, [byte[]]::new(1MB))
    }

    It 'leads to the disk with Windows, which need not be the first, and keeps the others' {
        $ova = New-Bundle $folder $data, $sample
        $layout = Get-SourceMachine $ova | Get-WindowsLayout
        $layout.ImagePath | Should -Be ([System.IO.Path]::Combine($ova, 'web01-disk2.vmdk'))
        $layout.Bundle | Should -Be $ova
        $layout.Machine.Name | Should -Be 'web01'
        @($layout.DataDisks).ImagePath | Should -Be ([System.IO.Path]::Combine($ova, 'web01-disk1.vmdk'))
        $again = $layout | Get-WindowsLayout
        $again.ImagePath | Should -Be $layout.ImagePath
        (Get-WindowsLayout $ova -VerifyManifest).ImagePath | Should -Be $layout.ImagePath
    }

    It 'warns of a second Windows and takes the first' {
        $layout = Get-WindowsLayout (New-Bundle $folder $sample, $sample)
        $layout.ImagePath | Should -BeLike '*web01-disk1.vmdk'
        "$($layout.Warnings)" | Should -BeLike '*second Windows*'
    }

    It 'is backed up beside the OVA that its disk is in' {
        $ova = New-Bundle $folder $data, $sample
        $backup = Get-WindowsLayout $ova | Backup-Bcd
        [System.IO.Path]::GetDirectoryName($backup.BackupPath) | Should -Be $folder
    }

    It 'is no path below a file that is no archive' {
        $run = Invoke-Recorded { Get-WindowsLayout "$data/disk1.vmdk" }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,Hyper2Kvm.PowerShell.Commands.GetWindowsLayoutCommand'
    }

    It 'cannot be edited inside an OVA, and says what to do' {
        $ova = New-Bundle $folder $sample
        $run = Invoke-Recorded { Get-WindowsLayout $ova | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue | Add-BootStartStorage }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be 'BackingNotForQemu,Hyper2Kvm.PowerShell.Commands.AddBootStartStorageCommand'
        "$($run.Errors[0])" | Should -BeLike '*Convert-DiskImage*'
        @([System.IO.Directory]::GetFiles($folder)) | Should -HaveCount 2
    }

    It 'gives the domain what it had' {
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
        $vmx = [System.IO.Path]::Combine($folder, 'web01.vmx')
        $second = "scsi0:1.present = `"TRUE`"`nscsi0:1.fileName = `"data.vmdk`"`nvtpm.present = `"TRUE`"`nethernet1.present = `"TRUE`"`nethernet1.address = `"00:50:56:00:00:09`"`n"
        [System.IO.File]::WriteAllText($vmx, (Get-VmxText) + "`n" + $second)
        $edit = Get-SourceMachine $vmx | Get-WindowsLayout | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue | Add-BootStartStorage | Set-CriticalDeviceDatabase
        $edit.Layout.Machine.Name | Should -Be 'web01'
        $domain = ([xml] ($edit | New-KvmDomainXml -Phase Final -WhatIf).Xml).domain
        $domain.name | Should -Be 'web01'
        $domain.uuid | Should -Be '276c4d56-ea96-0712-6f0b-b11d81469b0b'
        $domain.memory.InnerText | Should -Be 16384
        $domain.cpu.topology.sockets, $domain.cpu.topology.cores | Should -Be @(2, 4)
        @($domain.devices.interface).ForEach({ $_.mac.GetAttribute('address') }) | Should -Be @('00:0c:29:46:9b:0b', '00:50:56:00:00:09')
        @($domain.devices.disk).source.file | Should -Be @($edit.ImagePath, $data)
        @($domain.devices.disk).driver.type | Should -Be @('qcow2', 'raw')
        $domain.devices.tpm.model | Should -Be 'tpm-crb'
        $domain.os.firmware.feature.Where({ $_.name -eq 'secure-boot' }).enabled | Should -Be 'yes'

        $own = ([xml] ($edit | New-KvmDomainXml -Phase Final -WhatIf -Name other -MemoryMiB 2048 -CoreCount 3 -MacAddress 52:54:00:00:00:01 -SecureBoot:$false).Xml).domain
        $own.name, $own.memory.InnerText, $own.cpu.topology.cores, $own.cpu.topology.sockets | Should -Be @('other', '2048', '3', '1')
        @($own.devices.interface) | Should -HaveCount 1
        $own.os.firmware.feature.Where({ $_.name -eq 'secure-boot' }).enabled | Should -Be 'no'
    }

    It 'is taken over by New-KvmDomainXml -SourceMachine, as an object of Get-VM too' {
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
        $copy = Copy-Sample ([System.IO.Path]::Combine($folder, 'copy.vmdk'))
        $machine = [pscustomobject] @{ Name = 'hv1'; Generation = 2; ProcessorCount = 4; MemoryStartup = 4GB; HardDrives = @([pscustomobject] @{ Path = $data; ControllerType = 'SCSI' }, [pscustomobject] @{ Path = $disk; ControllerType = 'SCSI' }); NetworkAdapters = @() }
        $domain = ([xml] (Get-WindowsLayout $copy | New-KvmDomainXml -SourceMachine $machine -Phase Final -AllowNotReady -WarningAction SilentlyContinue -WhatIf).Xml).domain
        $domain.name | Should -Be 'hv1'
        $domain.cpu.topology.sockets | Should -Be 4
        @($domain.devices.disk).source.file | Should -Be @($copy, $data)
    }

    It 'names the copy of a data disk that no domain can use' {
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
        $machine = Get-SourceMachine (New-Bundle $folder $disk, $data)
        $run = Invoke-Recorded { Get-WindowsLayout $disk | New-KvmDomainXml -SourceMachine $machine -Phase Final -AllowNotReady -WhatIf }
        @(([xml] $run.Output[0].Xml).domain.devices.disk).source.file[1] | Should -Be ([System.IO.Path]::Combine($folder, 'web01-disk2.qcow2'))
        "$($run.Warnings)" | Should -BeLike '*Convert-DiskImage*'
    }
}
