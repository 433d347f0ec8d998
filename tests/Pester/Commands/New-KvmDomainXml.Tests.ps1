BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.NewKvmDomainXmlCommand'
    $disk = New-Guest
    $edit = New-SamplePlan $disk | Add-BootStartStorage | Set-CriticalDeviceDatabase
}

Describe 'New-KvmDomainXml' {
    BeforeEach { $out = [System.IO.Path]::Combine((New-Folder), 'domains') }

    It 'writes both domains of one machine' {
        $domains = @($edit | New-KvmDomainXml -OutputDirectory $out)
        $domains | Should -HaveCount 2
        $domains[0] | Should -BeOfType ([Hyper2Kvm.KvmDomain])
        $domains.Phase | Should -Be @('Bootstrap', 'Final')
        $domains.Path | ForEach-Object { $_ | Should -Exist }
        $xml = $domains | ForEach-Object { [xml] [System.IO.File]::ReadAllText($_.Path) }
        $xml[0].domain.uuid | Should -BeExactly $xml[1].domain.uuid
        $xml[0].domain.name | Should -BeExactly $xml[1].domain.name
        $xml[0].domain.devices.interface.mac.address | Should -BeExactly $xml[1].domain.devices.interface.mac.address
        @($xml[0].domain.devices.disk)[0].target.bus | Should -Be 'sata'
        @($xml[1].domain.devices.disk)[0].target.bus | Should -Be 'virtio'
    }

    It 'starts from the overlay, as QCOW2, with the driver ISO at hand' {
        $xml = [xml] ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Bootstrap).Xml
        @($xml.domain.devices.disk)[0].source.file | Should -BeExactly $edit.ImagePath
        @($xml.domain.devices.disk)[0].driver.type | Should -Be 'qcow2'
        @($xml.domain.devices.disk)[1].source.file | Should -BeExactly $driverIso
    }

    It 'gives the same machine in each run' {
        $first = ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final).Xml
        ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final).Xml | Should -BeExactly $first
    }

    It 'takes what is known of the source machine' {
        $xml = [xml] ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final -Name web01 -Uuid 4c4c4544-0042-3510-8053-b4c04f4d3732 `
                -MacAddress 00-50-56-AB-CD-EE, 52:54:00:6b:29:12 -MemoryMiB 8192 -SocketCount 2 -CoreCount 4 -NetworkName lan).Xml
        $xml.domain.name | Should -BeExactly 'web01'
        $xml.domain.uuid | Should -Be '4c4c4544-0042-3510-8053-b4c04f4d3732'
        $xml.SelectNodes('//interface/mac/@address').Value | Should -Be @('00:50:56:ab:cd:ee', '52:54:00:6b:29:12')
        $xml.SelectNodes('//interface/source/@network').Value | Should -Be @('lan', 'lan')
        $xml.domain.memory.'#text' | Should -Be '8192'
        $xml.domain.vcpu.'#text' | Should -Be '8'
    }

    It 'takes the bus from the plan, and from -Bus before that' {
        $plan = Get-WindowsLayout $disk | New-VirtioDriverPlan $driverIso -Bus VirtioScsi -WarningAction SilentlyContinue
        $fromPlan = [xml] ($plan | New-KvmDomainXml -OutputDirectory $out -Phase Final -AllowNotReady -WarningAction SilentlyContinue).Xml
        @($fromPlan.domain.devices.disk)[0].target.bus | Should -Be 'scsi'
        $fromPlan.SelectNodes('//controller[@model="virtio-scsi"]').Count | Should -Be 1
        $chosen = [xml] ($plan | New-KvmDomainXml -OutputDirectory $out -Phase Final -Bus VirtioBlk -AllowNotReady -Force -WarningAction SilentlyContinue).Xml
        @($chosen.domain.devices.disk)[0].target.bus | Should -Be 'virtio'
    }

    It 'shows the domains and writes nothing with -WhatIf' {
        $before = Get-Snapshot (Get-GuestFolder $disk)
        $domains = @($edit | New-KvmDomainXml -OutputDirectory $out -WhatIf)
        @($domains.Path).Where({ $_ }) | Should -BeNullOrEmpty
        $domains.Xml | ForEach-Object { ([xml] $_).domain.name | Should -Not -BeNullOrEmpty }
        $out | Should -Not -Exist
        Get-Snapshot (Get-GuestFolder $disk) | Should -BeExactly $before
    }

    It 'replaces a file that somebody changed only with -Force' {
        $file = ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final).Path
        [System.IO.File]::AppendAllText($file, '<!-- tuned by hand -->')
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -Phase Final }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "DestinationExists,$errorSource"
        $run.Errors[0].TargetObject | Should -BeExactly $file
        [System.IO.File]::ReadAllText($file) | Should -BeLike '*tuned by hand*'
        $null = $edit | New-KvmDomainXml -OutputDirectory $out -Phase Final -Force
        [System.IO.File]::ReadAllText($file) | Should -Not -BeLike '*tuned by hand*'
    }

    It 'warns when the source itself would be started' {
        $run = Invoke-Recorded { Get-WindowsLayout $disk | New-KvmDomainXml -OutputDirectory $out -Phase Bootstrap }
        $run.Warnings.Message | Should -BeLike '*source*not been edited*'
        (Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -Force }).Warnings | Should -BeNullOrEmpty
    }

    It 'writes no final domain for a guest that would not start from it' {
        foreach ($layout in (Get-WindowsLayout $disk), (New-SamplePlan (New-Guest) | Add-BootStartStorage)) {
            $place = [System.IO.Path]::Combine((New-Folder), 'domains')
            $run = Invoke-Recorded { $layout | New-KvmDomainXml -OutputDirectory $place -WarningAction SilentlyContinue }
            $run.Output.Phase | Should -Be 'Bootstrap'
            $run.Errors.FullyQualifiedErrorId | Should -BeExactly "VirtioNotReady,$errorSource"
            $run.Errors[0].Exception.Remedy | Should -BeLike '*-AllowNotReady*'
            [System.IO.Directory]::GetFiles($place, '*-final.xml') | Should -BeNullOrEmpty
            $run = Invoke-Recorded { $layout | New-KvmDomainXml -OutputDirectory $place -Phase Final -WhatIf -WarningAction SilentlyContinue }
            $run.Errors.FullyQualifiedErrorId | Should -BeExactly "VirtioNotReady,$errorSource"
            $run = Invoke-Recorded { $layout | New-KvmDomainXml -OutputDirectory $place -Phase Final -AllowNotReady -WarningAction Continue }
            $run.Output.Path | Should -Exist
            "$($run.Warnings)" | Should -BeLike '*would not start from VirtioBlk*'
        }
    }

    It 'asks the disk as it is now, and what was known where it is not there' {
        $target = New-Guest
        $before = Get-WindowsLayout $target
        $now = New-SamplePlan $target | Add-BootStartStorage | Set-CriticalDeviceDatabase
        # A layout of before the edit, with the image of after it.
        ($before | New-KvmDomainXml -ImagePath $now.ImagePath -OutputDirectory $out -Phase Final).Path | Should -Exist
        Undo-GuestEdit -LiteralPath $now.ImagePath | Out-Null
        ($now | New-KvmDomainXml -OutputDirectory $out -Phase Final).Path | Should -Exist
    }

    It 'refuses <Case> with or without -AllowNotReady, and writes nothing' -ForEach @(
        @{ Case = 'an image that is not there'; Id = 'ImageNotFound'; Make = { param($Path) } }
        @{ Case = 'a folder'; Id = 'ImageNotFound'; Make = { param($Path) $null = [System.IO.Directory]::CreateDirectory($Path) } }
        @{ Case = 'a text'; Id = 'TextIsNotADisk'; Make = { param($Path) [System.IO.File]::WriteAllText($Path, 'no disk ' * 200) } }
    ) {
        $image = [System.IO.Path]::Combine((New-Folder), 'web01.qcow2')
        & $Make $image
        $layout = Get-WindowsLayout $disk
        foreach ($allowed in $false, $true) {
            $run = Invoke-Recorded { $layout | New-KvmDomainXml -ImagePath $image -OutputDirectory $out -AllowNotReady:$allowed }
            $run.Output | Should -BeNullOrEmpty
            $run.Errors.FullyQualifiedErrorId | Should -BeExactly "$Id,$errorSource"
            $run.Errors[0].Exception.Remedy | Should -Not -BeNullOrEmpty
            $out | Should -Not -Exist
        }
    }

    It 'refuses <Id> by name' -ForEach @(
        @{ Id = 'DomainNameInvalid'; Arguments = @{ Name = 'a/b' } }
        @{ Id = 'DomainMacInvalid'; Arguments = @{ MacAddress = '01:00:5e:00:00:01' } }
        @{ Id = 'DomainUuidInvalid'; Arguments = @{ Uuid = [guid]::Empty } }
    ) {
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out @Arguments }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "$Id,$errorSource"
        $out | Should -Not -Exist
    }

    It 'wants memory and processors that can be: <_>' -ForEach 'MemoryMiB', 'SocketCount', 'CoreCount' {
        $arguments = @{ $_ = 0 }
        { $edit | New-KvmDomainXml -OutputDirectory $out @arguments } | Should -Throw -ErrorId "ParameterArgumentValidationError,$errorSource"
    }

    It 'refuses Secure Boot for a guest that starts from BIOS' {
        $run = Invoke-Recorded { Get-WindowsLayout (New-Guest 'win7-bios') | New-KvmDomainXml -OutputDirectory $out -SecureBoot -WarningAction SilentlyContinue }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "DomainSecureBootNeedsUefi,$errorSource"
    }

    It 'names disk and ISO in the folder of the KVM host' {
        $domain = $edit | New-KvmDomainXml -OutputDirectory $out -Phase Bootstrap -KvmFolder '/srv/kvm/'
        $sources = ([xml] $domain.Xml).domain.devices.disk.source.file
        $sources | Should -Contain "/srv/kvm/$([System.IO.Path]::GetFileName($edit.ImagePath))"
        @($sources | Where-Object { -not $_.StartsWith('/srv/kvm/') -or $_.Contains('//') }) | Should -HaveCount 0
        $domain.ImagePath | Should -BeExactly $edit.ImagePath
    }

    It 'makes the dummy disk of the bootstrap domain, once' {
        $domains = @($edit | New-KvmDomainXml -OutputDirectory $out -Bus VirtioScsi)
        $dummy = $domains[0].DummyDiskPath
        $dummy | Should -BeExactly ([System.IO.Path]::Combine($out, "$($domains[0].Name)-virtio-dummy.raw"))
        [System.IO.FileInfo]::new($dummy).Length | Should -Be 64MB
        $disk = @(([xml] $domains[0].Xml).domain.devices.disk).Where({ $_.source.file -eq $dummy })
        $disk.target.bus | Should -Be 'scsi'
        $disk.driver.type | Should -Be 'raw'
        $domains[1].DummyDiskPath | Should -BeNullOrEmpty
        $domains[1].Xml | Should -Not -BeLike '*dummy*'

        $stream = [System.IO.File]::OpenWrite($dummy)
        $stream.WriteByte(7)
        $stream.Dispose()
        $null = $edit | New-KvmDomainXml -OutputDirectory $out -Bus VirtioScsi -Force
        [System.IO.File]::ReadAllBytes($dummy)[0] | Should -Be 7
        [System.IO.File]::WriteAllText($dummy, 'mine')
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -Bus VirtioScsi }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "DestinationExists,$errorSource"
        [System.IO.File]::ReadAllText($dummy) | Should -BeExactly 'mine'
        $named = $edit | New-KvmDomainXml -OutputDirectory (New-Folder) -Phase Bootstrap -KvmFolder /srv/kvm
        $named.Xml | Should -BeLike "*/srv/kvm/$($named.Name)-virtio-dummy.raw*"
    }

    It 'makes no dummy disk for the final domain alone' {
        $null = $edit | New-KvmDomainXml -OutputDirectory $out -Phase Final
        [System.IO.Directory]::GetFiles($out, '*.raw') | Should -BeNullOrEmpty
    }

    It 'plugs each card into the network that -NetworkMap gives' {
        $machine = [pscustomobject] @{ Name = 'hv1'; Generation = 2; ProcessorCount = 4; MemoryStartup = 4GB; HardDrives = @()
            NetworkAdapters = @([pscustomobject] @{ MacAddress = '00155D000001'; SwitchName = 'Prod' }, [pscustomobject] @{ MacAddress = '00155D000002'; SwitchName = 'Lab' }) }
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -Phase Final -SourceMachine $machine -NetworkMap @{ prod = 'br0' } -NetworkName lan -WarningAction Continue }
        $cards = @(([xml] $run.Output[0].Xml).domain.devices.interface)
        $cards[0].source.bridge, $cards[1].source.network | Should -Be @('br0', 'lan')
        "$($run.Warnings)" | Should -BeLike "*'Lab'*'lan'*"
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -NetworkMap @{ Prod = 'br0' } }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "NetworkMapNeedsMachine,$errorSource"
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -SourceMachine $machine -NetworkMap @{ Prod = 'a bridge' } }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "DomainNetworkInvalid,$errorSource"
    }

    It 'takes the processor and the TPM as asked' {
        $domain = ([xml] ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final -CpuMode HostPassthrough -Tpm).Xml).domain
        $domain.cpu.mode | Should -Be 'host-passthrough'
        $domain.devices.tpm.model | Should -Be 'tpm-crb'
        ([xml] ($edit | New-KvmDomainXml -OutputDirectory $out -Phase Final -Tpm:$false -Force).Xml).SelectNodes('//tpm').Count | Should -Be 0
    }

    It 'writes for <As> by -As' -ForEach @(
        @{ As = 'Qemu'; Extension = '.qemu.sh'; Says = '*exec "$QEMU"*' }
        @{ As = 'KubeVirt'; Extension = '.kubevirt.yaml'; Says = '*kind: "VirtualMachine"*' }
        @{ As = 'Proxmox'; Extension = '.proxmox.sh'; Says = '*qm create "$VMID"*' }
    ) {
        $domains = @($edit | New-KvmDomainXml -OutputDirectory $out -As $As)
        $domains.Kind | Should -Be @($As, $As)
        $domains.ForEach({ [System.IO.Path]::GetFileName($_.Path) }) | Should -Be @("$($domains[0].Name)-bootstrap$Extension", "$($domains[0].Name)-final$Extension")
        [System.IO.File]::ReadAllText($domains[0].Path) | Should -BeExactly $domains[0].Text
        $domains[0].Text | Should -BeLike $Says
        $domains[0].Text | Should -Not -Match "`r"
        ([xml] $domains[0].Xml).domain.name | Should -BeExactly $domains[0].Name
        [System.IO.Directory]::GetFiles($out, '*.raw').Count | Should -Be $(if ($As -eq 'Qemu') { 1 } else { 0 })
    }

    It 'refuses what -As cannot run' {
        $run = Invoke-Recorded { $edit | New-KvmDomainXml -OutputDirectory $out -As KubeVirt -NetworkName 'VM Network' }
        $run.Errors.FullyQualifiedErrorId | Should -BeExactly "DomainNetworkInvalid,$errorSource"
        $out | Should -Not -Exist
    }

    It 'is its file as text, and its image as a path' {
        $domain = $edit | New-KvmDomainXml -OutputDirectory $out -Phase Final
        "$domain" | Should -BeExactly $domain.Path
        $domain.PSPath | Should -BeExactly $edit.ImagePath
    }
}

Describe 'Completion of New-KvmDomainXml' {
    BeforeAll {
        . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))
        function Get-Completion([string] $Line) { [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText }
    }

    It 'offers buses, phases and kinds' {
        Get-Completion 'New-KvmDomainXml -Bus ' | Should -Be @('VirtioBlk', 'VirtioScsi')
        Get-Completion 'New-KvmDomainXml -Phase B' | Should -Be @('Bootstrap')
        Get-Completion 'New-KvmDomainXml -As ' | Should -Contain 'KubeVirt'
    }

    It 'offers the libvirt networks of the host' {
        Get-Completion 'New-KvmDomainXml -NetworkName def' | Should -Contain "'default'"
        Get-Completion 'Invoke-KvmMigration -NetworkName def' | Should -Contain "'default'"
    }

    It 'offers the networks of the machine, each to a place on this host, and never as code' {
        $global:completedMachine = Get-SourceMachine -Name web01 -Disk $disk
        try {
            Get-Completion 'New-KvmDomainXml -SourceMachine $completedMachine -NetworkMap ' | Should -BeNullOrEmpty
            $folder = New-Folder
            $null = New-Bundle $folder $disk
            $global:completedMachine = @(Get-SourceMachine ([System.IO.Directory]::GetFiles($folder)[0]))[0]
            $completions = @(Get-Completion 'New-KvmDomainXml -SourceMachine $completedMachine -NetworkMap ')
            $completions | Should -Contain "@{ 'VM Network' = 'network:default' }"
        } finally {
            $global:completedMachine = $null
        }
    }
}
