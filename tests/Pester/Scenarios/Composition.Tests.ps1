# Objects of other modules, with exactly the property names of the real ones, live and as they come back from a file or another host.
BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))

    # As Export-Clixml and remoting change an object: the type's name gets a prefix, values become plain data.
    function ConvertTo-Deserialized($Object) {
        [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Object, 6))
    }

    function New-Typed([string] $TypeName, [hashtable] $Properties) {
        $object = [pscustomobject] $Properties
        $object.PSObject.TypeNames.Insert(0, $TypeName)
        $object
    }

    # Get-VMHardDiskDrive
    function New-HardDiskDrive([string] $Path) {
        New-Typed 'Microsoft.HyperV.PowerShell.HardDiskDrive' @{
            Path = $Path; DiskNumber = $null; MaximumIOPS = 0; MinimumIOPS = 0; QoSPolicyID = [guid]::Empty; SupportPersistentReservations = $false
            ControllerLocation = 0; ControllerNumber = 0; ControllerType = 'SCSI'; PoolName = 'Primordial'; Name = 'Hard Drive'
            Id = 'Microsoft:4F0B6C2D-7A4E-4D8F-9C1B-0A6F3D2E5B71\83F8638B\0\0\D'; VMId = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'; VMName = 'web01'
            VMSnapshotId = [guid]::Empty; VMSnapshotName = ''; CimSession = 'CimSession: .'; ComputerName = 'HV01'; IsDeleted = $false
        }
    }

    # Get-VHD
    function New-VirtualHardDisk([string] $Path) {
        New-Typed 'Microsoft.Vhd.PowerShell.VirtualHardDisk' @{
            ComputerName = 'HV01'; Path = $Path; VhdFormat = 'VHDX'; VhdType = 'Dynamic'; FileSize = 4MB; Size = 128MB; MinimumSize = 128MB
            LogicalSectorSize = 512; PhysicalSectorSize = 4096; BlockSize = 32MB; ParentPath = ''; DiskIdentifier = 'A1B2'; FragmentationPercentage = 0
            Alignment = 1; Attached = $false; DiskNumber = $null; Number = $null
        }
    }

    # Get-VM of Hyper-V
    function New-HyperVMachine([string] $Path) {
        New-Typed 'Microsoft.HyperV.PowerShell.VirtualMachine' @{
            Name = 'web01'; VMName = 'web01'; Id = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'; VMId = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'
            State = 'Off'; Status = 'Operating normally'; Generation = 2; ProcessorCount = [long] 4; MemoryStartup = [long] 4GB; Version = '9.0'
            Path = 'C:\ProgramData\Microsoft\Windows\Hyper-V'; ConfigurationLocation = 'C:\ProgramData\Microsoft\Windows\Hyper-V'
            HardDrives = @(New-HardDiskDrive $Path); NetworkAdapters = @(New-Typed 'Microsoft.HyperV.PowerShell.VMNetworkAdapter' @{
                    Name = 'Network Adapter'; SwitchName = 'LAN'; MacAddress = '00155D012345'; IsLegacy = $false })
        }
    }

    # Get-HardDisk of PowerCLI
    function New-HardDisk([string] $FileName) {
        New-Typed 'VMware.VimAutomation.ViCore.Impl.V1.VirtualDevice.FlatHardDiskImpl' @{
            Filename = $FileName; CapacityGB = [decimal] 40; CapacityKB = [decimal] 41943040; DiskType = 'Flat'; Persistence = 'Persistent'; StorageFormat = 'Thin'
            Name = 'Hard disk 1'; Id = 'VirtualMachine-vm-42/2000'; Parent = 'web01'; ParentId = 'VirtualMachine-vm-42'; Uid = '/VIServer=vc/HardDisk=2000/'
        }
    }

    # Get-VM of PowerCLI, whose disks have been exported to the current folder.
    function New-PowerCliMachine([string] $FileName) {
        New-Typed 'VMware.VimAutomation.ViCore.Impl.V1.VM.UniversalVirtualMachineImpl' @{
            Name = 'web01'; PowerState = 'PoweredOff'; NumCpu = 4; CoresPerSocket = 2; MemoryMB = [decimal] 4096; MemoryGB = [decimal] 4
            GuestId = 'windows2019srvNext_64Guest'; Guest = [pscustomobject] @{ OSFullName = 'Microsoft Windows Server 2022 (64-bit)' }
            PersistentId = '501e'; Id = 'VirtualMachine-vm-42'; ExtensionData = [pscustomobject] @{ Config = [pscustomobject] @{
                    Firmware = 'efi'; Uuid = '564d6c27-96ea-1207-6f0b-b11d81469b0b'; BootOptions = [pscustomobject] @{ EfiSecureBootEnabled = $false }
                    Hardware = [pscustomobject] @{ Device = @(
                            [pscustomobject] @{ Key = 1000; BusNumber = 0; ControllerKey = 100 }
                            [pscustomobject] @{ Key = 2000; ControllerKey = 1000; UnitNumber = 0; CapacityInKB = [long] 131072; Backing = [pscustomobject] @{ FileName = $FileName } }) } } }
        }
    }
}

Describe 'Objects of Hyper-V, <_>' -ForEach 'live', 'deserialized' {
    BeforeAll {
        $kind = $_
        $folder = New-Folder
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vhdx.vmdk'))
        function Pass($Object) { if ($kind -eq 'live') { $Object } else { ConvertTo-Deserialized $Object } }
    }

    It 'of Get-VMHardDiskDrive and Get-VHD are disks' {
        (Pass (New-HardDiskDrive $disk) | Get-WindowsLayout).ImagePath | Should -Be $disk
        (Pass (New-VirtualHardDisk $disk) | Get-WindowsLayout).ImagePath | Should -Be $disk
        (Pass (New-VirtualHardDisk $disk) | Test-Bcd).ImagePath | Should -Be $disk
    }

    It 'of Get-VM go the whole way to domains' {
        $machine = Pass (New-HyperVMachine $disk) | Get-SourceMachine
        $machine.Disks[0].ImagePath | Should -Be $disk
        $out = New-Folder
        $result = Pass (New-HyperVMachine $disk) | Invoke-KvmMigration -DriverSource $driverIso -OutputDirectory $out -WarningAction SilentlyContinue
        $result.State | Should -Be 'Completed'
        $xml = [xml] [System.IO.File]::ReadAllText(@($result.Domains)[1].Path)
        $xml.domain.vcpu.InnerText ?? $xml.domain.vcpu | Should -Be '4'
        $xml.domain.uuid | Should -Be '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'
    }
}

Describe 'Objects of PowerCLI, <_>' -ForEach 'live', 'deserialized' {
    BeforeAll {
        $kind = $_
        function Pass($Object) { if ($kind -eq 'live') { $Object } else { ConvertTo-Deserialized $Object } }
        $remedy = 'DatastorePathNotLocal,'
    }

    It 'with a disk on a datastore get the remedy and never silence' {
        foreach ($command in 'Get-WindowsLayout', 'Test-Bcd', 'Test-WindowsDisk', 'Get-SourceMachine', 'Test-VirtioReadiness') {
            $run = Invoke-Recorded { Pass (New-HardDisk '[ds1] web01/web01.vmdk') | & $command }
            $run.Output | Should -BeNullOrEmpty -Because $command
            $run.Errors[0].FullyQualifiedErrorId | Should -BeLike "$remedy*" -Because $command
            $run.Errors[0].Exception.Remedy | Should -Match 'Export-VApp' -Because $command
        }
        $run = Invoke-Recorded { Pass (New-HardDisk '[ds1] web01/web01.vmdk') | Invoke-KvmMigration -DriverSource $driverIso }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeLike "$remedy*"
    }

    It 'of Get-VM find the exported disk beside where one stands' {
        $folder = New-Folder
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
        $before = Get-Location
        Set-Location $folder
        try {
            $machine = Pass (New-PowerCliMachine '[ds1] web01/web01.vmdk') | Get-SourceMachine
            $machine.Disks[0].ImagePath | Should -Be $disk
            ($machine | Get-WindowsLayout).ImagePath | Should -Be $disk
        } finally {
            Set-Location $before
        }
    }
}

Describe 'Files' {
    It 'that Export-VApp puts out are a machine' {
        $folder = New-Folder
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01-disk1.vmdk'))
        [System.IO.File]::WriteAllText("$folder/web01.ovf", (Get-OvfText 'web01-disk1.vmdk'))
        [System.IO.File]::WriteAllText("$folder/web01.mf", '')
        # Export-VApp puts out a FileInfo for each file of the export.
        $ovf = [System.IO.FileInfo]::new("$folder/web01.ovf")
        ($ovf | Get-SourceMachine).Disks[0].ImagePath | Should -Be $disk
        (ConvertTo-Deserialized (Get-Item $ovf.FullName) | Get-SourceMachine).Disks[0].ImagePath | Should -Be $disk
        ([System.IO.FileInfo]::new($disk) | Get-WindowsLayout).ImagePath | Should -Be $disk
    }

    It 'of Get-ChildItem and rows of a table bind' {
        $folder = New-Folder
        $null = Copy-Sample "$folder/a.vmdk"
        $null = Copy-Sample "$folder/b.vmdk"
        @(Get-ChildItem "$folder/*.vmdk" | Get-WindowsLayout) | Should -HaveCount 2
        @(ConvertTo-Deserialized @(Get-ChildItem "$folder/*.vmdk") | Get-WindowsLayout) | Should -HaveCount 2
        # Import-Csv gives objects whose properties are text.
        $rows = [pscustomobject] @{ Name = 'a'; Path = "$folder/a.vmdk"; Owner = 'x' }, [pscustomobject] @{ Name = 'b'; Path = "$folder/b.vmdk"; Owner = 'y' }
        foreach ($row in $rows) { $row.PSObject.TypeNames.Insert(0, 'CSV:Selected.System.IO.FileInfo') }
        @($rows | Get-WindowsLayout).ImagePath | Should -Be @("$folder/a.vmdk", "$folder/b.vmdk")
        ($rows[0] | Invoke-KvmMigration -DriverSource $driverIso -OutputDirectory "$folder/out" -WhatIf -WarningAction SilentlyContinue).State | Should -Be 'Rehearsed'
    }

    It 'named by Invoke-Command of another host bind, for what they carry is the path' {
        $disk = New-Guest
        $back = ConvertTo-Deserialized (Get-WindowsLayout $disk)
        foreach ($note in @{ PSComputerName = 'kvm01' }, @{ RunspaceId = [guid]::NewGuid() }, @{ PSShowComputerName = $true }) {
            foreach ($name in $note.Keys) { $back.PSObject.Properties.Add([psnoteproperty]::new($name, $note[$name])) }
        }
        ($back | Get-WindowsLayout).ImagePath | Should -Be $disk
        ($back | Invoke-KvmMigration -DriverSource $driverIso -WhatIf -WarningAction SilentlyContinue).State | Should -Be 'Rehearsed'
    }
}

Describe 'Many at once' {
    It 'in ForEach-Object -Parallel' -Skip:(-not (Get-Command ForEach-Object).Parameters.ContainsKey('Parallel')) {
        $disks = 1..3 | ForEach-Object { New-Guest }
        $module = (Get-Module Hyper2Kvm).Path
        $found = $disks | ForEach-Object -Parallel {
            Import-Module $using:module
            (Get-WindowsLayout $_ | New-VirtioDriverPlan $using:driverIso -AllowUnsignedDriver -WarningAction SilentlyContinue | Add-BootStartStorage).ImagePath
        }
        @($found) | Should -HaveCount 3
        foreach ($path in $found) { [System.IO.File]::Exists($path) | Should -BeTrue }
    }

    It 'in runspaces of one pool, which is what thread jobs and -Parallel are made of' {
        $module = (Get-Module Hyper2Kvm).Path
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
        $state.ImportPSModule([string[]] @($module))
        $pool = [runspacefactory]::CreateRunspacePool(1, 3, $state, $Host)
        $pool.Open()
        try {
            $running = foreach ($disk in 1..3 | ForEach-Object { New-Guest }) {
                $shell = [powershell]::Create()
                $shell.RunspacePool = $pool
                $null = $shell.AddCommand('Get-WindowsLayout').AddParameter('Path', $disk).AddCommand('New-VirtioDriverPlan').AddParameter('DriverSource', $driverIso)
                $null = $shell.AddParameter('AllowUnsignedDriver', $true).AddParameter('WarningAction', 'SilentlyContinue').AddCommand('Add-BootStartStorage')
                [pscustomobject] @{ Disk = $disk; Shell = $shell; Result = $shell.BeginInvoke() }
            }
            foreach ($one in $running) {
                $edit = $one.Shell.EndInvoke($one.Result)[0]
                $one.Shell.HadErrors | Should -BeFalse
                $one.Shell.Dispose()
                $edit.SourcePath | Should -Be $one.Disk
                [System.IO.File]::Exists($edit.ImagePath) | Should -BeTrue
            }
        } finally {
            $pool.Dispose()
        }
    }

    It 'in a process of its own, whose results come back as text and bind again' {
        $disk = New-Guest
        $run = Invoke-Shell -Arguments '-NoProfile', '-Command', "Import-Module '$((Get-Module Hyper2Kvm).Path)'; [System.Management.Automation.PSSerializer]::Serialize((Get-WindowsLayout '$disk'))"
        $back = [System.Management.Automation.PSSerializer]::Deserialize($run.Output)
        $back.PSObject.TypeNames[0] | Should -Be 'Deserialized.Hyper2Kvm.WindowsLayout'
        ($back | Get-WindowsLayout).ImagePath | Should -Be $disk
    }

    It 'in jobs, whose results bind again' -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) {
        $disk = New-Guest
        $module = (Get-Module Hyper2Kvm).Path
        $back = Start-ThreadJob { Import-Module $using:module; Get-WindowsLayout $using:disk } | Receive-Job -Wait -AutoRemoveJob
        ($back | Get-WindowsLayout).ImagePath | Should -Be $disk
    }

    It 'in a process of its own, as Start-Job runs one' -Skip:(-not [System.IO.File]::Exists([System.IO.Path]::Combine($PSHOME, ($IsWindows ? 'pwsh.exe' : 'pwsh')))) {
        $disk = New-Guest
        $module = (Get-Module Hyper2Kvm).Path
        $back = Start-Job { Import-Module $using:module; Get-WindowsLayout $using:disk } | Receive-Job -Wait -AutoRemoveJob
        $back.PSObject.TypeNames[0] | Should -Be 'Deserialized.Hyper2Kvm.WindowsLayout'
        ($back | Get-WindowsLayout).ImagePath | Should -Be $disk
    }
}
