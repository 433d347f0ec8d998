BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
}

Describe 'The pipeline on <Guest>' -ForEach @(
    @{ Guest = 'sample-win2022'; Firmware = 'efi' }
    @{ Guest = 'win7-bios'; Firmware = '' }
) {
    BeforeAll {
        $disk = New-Guest $Guest
        $folder = Get-GuestFolder $disk
        $source = Get-Snapshot $folder
        $out = [System.IO.Path]::Combine((New-Folder), 'out')

        $domains = @(Get-WindowsLayout $disk |
            New-VirtioDriverPlan -DriverSource $driverIso -WarningAction SilentlyContinue |
            Add-BootStartStorage |
            Set-CriticalDeviceDatabase |
            Backup-Bcd -OutputDirectory $out |
            New-KvmDomainXml -Phase Bootstrap, Final -OutputDirectory $out)
        $overlay = $domains[0].ImagePath
        $xml = $domains | ForEach-Object { [xml] [System.IO.File]::ReadAllText($_.Path) }
    }

    It 'leaves two domains with their dummy disk, the boot store and one overlay, and nothing else' {
        $domains.Phase | Should -Be @('Bootstrap', 'Final')
        $names = [System.IO.Directory]::GetFiles($out).ForEach({ [System.IO.Path]::GetFileName($_) })
        @($names).Where({ $_ -like '*.xml' }) | Should -HaveCount 2
        @($names).Where({ $_ -like '*.BCD-*' }) | Should -Not -BeNullOrEmpty
        @($names).Where({ $_ -like '*-virtio-dummy.raw' }) | Should -HaveCount 1
        @($names).Where({ $_ -notlike '*.xml' -and $_ -notlike '*.BCD-*' -and $_ -notlike '*-virtio-dummy.raw' }) | Should -BeNullOrEmpty
        $overlay | Should -BeExactly ([System.IO.Path]::ChangeExtension($disk, '.kvm.qcow2'))
        $overlay | Should -Exist
        [System.IO.Directory]::GetFiles($folder, '*.tmp', 'AllDirectories') | Should -BeNullOrEmpty
    }

    It 'leaves the source untouched' {
        $lines = (Get-Snapshot $folder) -split "`n"
        $lines.Where({ $_ -notlike '*.kvm.qcow2 *' -and $_ -notlike '*.h2kv.jsonl *' }) -join "`n" | Should -BeExactly $source
    }

    It 'makes the guest ready' {
        (Get-WindowsLayout $overlay).IsVirtioBootReady | Should -BeTrue
        (Get-WindowsLayout $disk).IsVirtioBootReady | Should -BeFalse
    }

    It 'describes one machine twice' {
        $xml[0].domain.uuid | Should -Match '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        $xml[0].domain.uuid | Should -BeExactly $xml[1].domain.uuid
        $xml[0].domain.devices.interface.mac.address | Should -Match '^52:54:00(:[0-9a-f]{2}){3}$'
        $xml[0].domain.devices.interface.mac.address | Should -BeExactly $xml[1].domain.devices.interface.mac.address
        $xml[0].domain.name | Should -BeExactly $xml[1].domain.name
        $xml[0].SelectSingleNode('/domain/os').GetAttribute('firmware') | Should -Be $Firmware
        @($xml[0].domain.devices.disk)[0].target.bus | Should -Be 'sata'
        @($xml[1].domain.devices.disk)[0].target.bus | Should -Be 'virtio'
        $xml | ForEach-Object { @($_.domain.devices.disk)[0].source.file | Should -BeExactly $overlay }
    }

    It 'writes domains that virt-xml-validate accepts' {
        if (-not (Get-Command virt-xml-validate -CommandType Application -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'not installed: virt-xml-validate'; return }
        foreach ($domain in $domains) {
            $said = & virt-xml-validate $domain.Path domain 2>&1
            $LASTEXITCODE | Should -Be 0 -Because "$said"
        }
    }

    It 'writes an overlay that qemu-img finds sound' {
        if (-not (Get-Command qemu-img -CommandType Application -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'not installed: qemu-img'; return }
        $said = & qemu-img check -q $overlay 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$said"
    }

    It 'gives the same again, and says so' {
        $hash = Get-Sha256 $overlay
        $files = Get-Snapshot $out
        $again = @(Get-WindowsLayout $disk |
            New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue |
            Add-BootStartStorage |
            Set-CriticalDeviceDatabase |
            Backup-Bcd -OutputDirectory $out |
            New-KvmDomainXml -OutputDirectory $out)
        $again.Path | Should -Be $domains.Path
        Get-Sha256 $overlay | Should -Be $hash
        Get-Snapshot $out | Should -BeExactly $files
    }

    It 'is undone by the command that the edit names' {
        $edit = New-SamplePlan $disk | Add-BootStartStorage
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', $edit.Undo
        $run.Errors | Should -BeNullOrEmpty
        $lines = (Get-Snapshot $folder) -split "`n"
        $lines.Where({ $_ -notlike '*.h2kv.jsonl *' }) -join "`n" | Should -BeExactly $source
    }
}

Describe 'The pipeline under -WhatIf on <_>' -ForEach 'sample-win2022', 'win7-bios' {
    It 'flows to its end and writes nothing' {
        $disk = New-Guest $_
        $folder = Get-GuestFolder $disk
        $before = Get-Snapshot $folder
        $out = [System.IO.Path]::Combine((New-Folder), 'out')
        $added = [System.Collections.Generic.List[object]]::new()
        $bound = [System.Collections.Generic.List[object]]::new()
        $run = Invoke-Recorded {
            New-SamplePlan $disk |
                Add-BootStartStorage -WhatIf | ForEach-Object { $added.Add($_); $_ } |
                Set-CriticalDeviceDatabase -WhatIf | ForEach-Object { $bound.Add($_); $_ } |
                Backup-Bcd -OutputDirectory $out -WhatIf |
                New-KvmDomainXml -OutputDirectory $out -WhatIf
        }
        $run.Errors | Should -BeNullOrEmpty
        $run.Warnings | Should -BeNullOrEmpty
        $run.Output | Should -HaveCount 2
        @($run.Output.Path).Where({ $_ }) | Should -BeNullOrEmpty
        $added[0].Changes.Target | Should -Contain '\Windows\System32\drivers\viostor.sys'
        $bound[0].Layout.IsVirtioBootReady | Should -BeTrue
        Get-Snapshot $folder | Should -BeExactly $before
        $out | Should -Not -Exist
    }
}

Describe 'The pipeline on many disks' {
    It 'migrates the good ones and names each bad one' {
        $folder = New-Folder
        $good = 'a', 'd' | ForEach-Object { Copy-Sample ([System.IO.Path]::Combine($folder, "$_.vmdk")) }
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($folder, 'b.vmdk'), 'some text, longer than the magic of a format')
        [System.IO.File]::Copy([System.IO.Path]::Combine($fixtures, 'variants', 'linux-ext4.vmdk'), [System.IO.Path]::Combine($folder, 'c.vmdk'))
        $run = Invoke-Recorded {
            Get-WindowsLayout "$folder/*.vmdk" | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue | Add-BootStartStorage | Set-CriticalDeviceDatabase
        }
        $run.Output.SourcePath | Should -Be $good
        $run.Output.Layout.IsVirtioBootReady | Should -Be @($true, $true)
        $run.Errors.TargetObject.ForEach({ [System.IO.Path]::GetFileName($_) }) | Should -Be @('b.vmdk', 'c.vmdk')
    }
}
