BeforeDiscovery {
    $hasQemu = $null -ne (Get-Command qemu-system-x86_64 -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Machines.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.InvokeKvmMigrationCommand'
    $sample = @{ DriverSource = $driverIso; WarningAction = 'SilentlyContinue' }

    function Get-FileName([string] $Folder) { [System.IO.Directory]::GetFiles($Folder).ForEach({ [System.IO.Path]::GetFileName($_) }) }
}

Describe 'Invoke-KvmMigration' {
    BeforeAll {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
        $out = [System.IO.Path]::Combine((New-Folder), 'out')
        $result = Invoke-KvmMigration $disk @sample -OutputDirectory $out
    }

    It 'leaves an edited disk, the boot store, two domains and the state, and nothing else' {
        $result.State | Should -Be 'Completed'
        $names = Get-FileName $out
        foreach ($pattern in 'sample-win2022.kvm.qcow2', 'sample-win2022.kvm.qcow2.h2kv.jsonl', '*-bootstrap.xml', '*-final.xml', '*-virtio-dummy.raw', 'sample-win2022.h2kv-migration.json') {
            @($names).Where({ $_ -like $pattern }) | Should -HaveCount 1 -Because $pattern
        }
        @($names).Where({ $_ -like '*.BCD-*' }) | Should -Not -BeNullOrEmpty
        @($names).Where({ $_ -like '*.tmp' }) | Should -BeNullOrEmpty
    }

    It 'does not touch the source' { Get-Sha256 $disk | Should -Be $hash }

    It 'makes the same disk and the same domains as the cmdlets one by one' {
        $folder = New-Folder
        $edit = Get-WindowsLayout $disk | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue |
            Add-BootStartStorage -Destination ([System.IO.Path]::Combine($folder, 'sample-win2022.kvm.qcow2')) | Set-CriticalDeviceDatabase
        $domains = @($edit | New-KvmDomainXml -OutputDirectory $folder)
        $result.Domains.ForEach({ $_.Text.Replace($out, '') }) | Should -Be $domains.ForEach({ $_.Text.Replace($folder, '') })
        (Test-VirtioReadiness $result.ImagePath).ReadyDrivers | Should -Be (Test-VirtioReadiness $edit.ImagePath).ReadyDrivers
    }

    It 'says what was decided, what was done, and what to do next' {
        $result.Decisions.Question | Should -Be @('Windows detected?', 'Firmware?', 'VirtIO boot-ready?')
        $result.Stages.Step | Should -Be @('Inspect', 'Plan', 'Copy', 'Fix', 'Backup', 'Domains')
        $result.NextSteps[0] | Should -Match 'virsh define'
        $result.Changes.Kind | Should -Contain 'FileAdded'
    }

    It 'is undone by the command that it names' {
        $disk = New-Guest
        $result = Invoke-KvmMigration $disk @sample
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', $result.Undo
        $run.Errors | Should -BeNullOrEmpty
        $result.ImagePath | Should -Not -Exist
    }

    It 'goes on in the pipeline as an image' {
        (Get-WindowsLayout $disk | Invoke-KvmMigration @sample -OutputDirectory (New-Folder) | Get-WindowsLayout).IsVirtioBootReady | Should -BeTrue
    }

    It 'does nothing again' {
        $before = Get-Snapshot $out
        (Invoke-KvmMigration $disk @sample -OutputDirectory $out).State | Should -Be 'Unchanged'
        Get-Snapshot $out | Should -BeExactly $before
    }

    It 'rehearses all of it under -WhatIf, and writes nothing' {
        $disk = New-Guest
        $folder = Get-GuestFolder $disk
        $before = Get-Snapshot $folder
        $out = [System.IO.Path]::Combine((New-Folder), 'out')
        $rehearsal = Invoke-KvmMigration $disk @sample -OutputDirectory $out -ConvertTo Raw -TestBoot -WhatIf
        $rehearsal.State | Should -Be 'Rehearsed'
        $rehearsal.Stages.Step | Should -Be @('Inspect', 'Plan', 'Copy', 'Fix', 'Backup', 'Domains', 'Convert', 'BootTest')
        $rehearsal.Edit.Mode | Should -Be 'Preview'
        $rehearsal.Changes.Target | Should -Contain '\Windows\System32\drivers\viostor.sys'
        $rehearsal.Domains[1].Xml | Should -Match 'sample-win2022-kvm\.raw'
        $rehearsal.Undo | Should -BeNullOrEmpty
        Get-Snapshot $folder | Should -BeExactly $before
        $out | Should -Not -Exist
    }
}

Describe 'Invoke-KvmMigration on what cannot be edited where it is' {
    BeforeAll {
        $folder = New-Folder
        $ova = New-Bundle $folder (New-Guest), (New-Guest)
        $out = New-Folder
        $result = Invoke-KvmMigration $ova @sample -OutputDirectory $out -NetworkMap @{ 'VM Network' = 'br7' } -Verify
    }

    It 'copies the disks of an OVA out, and edits over the copy' {
        $result.State | Should -Be 'Completed'
        $result.Name | Should -BeExactly 'web01'
        $result.Conversions.Destination.ForEach({ [System.IO.Path]::GetFileName($_) }) | Should -Be @('web01-source.qcow2', 'web01-data1.qcow2')
        $result.Conversions.IsVerified | Should -Be @($true, $true)
        $result.ImagePath | Should -BeExactly ([System.IO.Path]::Combine($out, 'web01.kvm.qcow2'))
        (Get-WindowsLayout $result.ImagePath).IsVirtioBootReady | Should -BeTrue
    }

    It 'names the copies in the domains, and the machine''s own processors and networks' {
        $xml = [xml] $result.Domains[1].Text
        @($xml.domain.devices.disk).ForEach({ [System.IO.Path]::GetFileName($_.source.file) }) | Should -Be @('web01.kvm.qcow2', 'web01-data1.qcow2')
        $xml.domain.devices.interface.source.bridge | Should -BeExactly 'br7'
        $xml.domain.cpu.topology.cores | Should -Be 4
    }

    It 'rehearses that, too' {
        $before = Get-Snapshot $folder
        $rehearsal = Invoke-KvmMigration $ova @sample -WhatIf
        $rehearsal.State | Should -Be 'Rehearsed'
        $rehearsal.Changes.Target | Should -Contain '\Windows\System32\drivers\viostor.sys'
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'does nothing again' { (Invoke-KvmMigration $ova @sample -OutputDirectory $out -NetworkMap @{ 'VM Network' = 'br7' } -Verify).State | Should -Be 'Unchanged' }
}

Describe 'Invoke-KvmMigration takes <What>' -ForEach @(
    @{ What = 'paths'; Read = { param($Disk) $Disk } }
    @{ What = 'files'; Read = { param($Disk) [System.IO.FileInfo] $Disk } }
    @{ What = 'layouts'; Read = { param($Disk) Get-WindowsLayout $Disk } }
    @{ What = 'machines'; Read = { param($Disk) Get-SourceMachine -Name web01 -Disk $Disk } }
    @{ What = 'objects of other modules'; Read = { param($Disk) [pscustomobject] @{ VMName = 'web01'; Path = $Disk } } }
    @{ What = 'deserialized layouts'; Read = { param($Disk) [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-WindowsLayout $Disk))) } }
) {
    It 'from the pipeline' {
        $found = & $Read (New-Guest)
        ($found | Invoke-KvmMigration @sample -OutputDirectory (New-Folder)).State | Should -Be 'Completed'
    }
}

Describe 'Invoke-KvmMigration on many machines' {
    It 'does the good ones, <_> at once, and names each bad one' -ForEach 1, 3 {
        $throttle = $_
        # The samples are clones with one name: each in a folder of its own, and the results beside it.
        $good = 1..3 | ForEach-Object { New-Guest }
        $text = [System.IO.Path]::Combine((New-Folder), 'text.vmdk')
        [System.IO.File]::WriteAllText($text, 'some text, longer than the magic of a format')
        $linux = [System.IO.Path]::Combine((New-Folder), 'linux.vmdk')
        [System.IO.File]::Copy([System.IO.Path]::Combine($fixtures, 'variants', 'linux-ext4.vmdk'), $linux)
        $run = Invoke-Recorded { $good[0], $text, $good[1], $linux, $good[2] | Invoke-KvmMigration @sample -ThrottleLimit $throttle }
        $states = @{}
        foreach ($result in $run.Output) { $states[$result.SourcePath] = "$($result.State)" }
        $states.Count | Should -Be 5
        foreach ($disk in $good) { $states[$disk] | Should -BeExactly 'Completed' }
        $states[$text] | Should -BeExactly 'Failed'
        $states[$linux] | Should -BeExactly 'NoWindows'
        $run.Errors | Should -HaveCount 2
        $run.Errors.FullyQualifiedErrorId | Should -Contain "WindowsNotFound,$errorSource"
        $run.Errors.TargetObject | Should -Contain $text
    }

    It 'shows the progress of each machine beneath that of all' {
        $disks = 1..2 | ForEach-Object { New-Guest }
        $shell = [System.Management.Automation.PowerShell]::Create([initialsessionstate]::CreateDefault2())
        try {
            $null = $shell.AddScript("Import-Module '$([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.psd1'))'").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand('Invoke-KvmMigration').AddParameter('LiteralPath', [string[]] $disks).AddParameter('DriverSource', $driverIso).
                AddParameter('AllowUnsignedDriver').AddParameter('ThrottleLimit', 2).Invoke()
            $records = @($shell.Streams.Progress)
        } finally {
            $shell.Dispose()
        }
        $overall = @($records).Where({ $_.ActivityId -eq 0 })
        $overall[0].StatusDescription | Should -BeExactly '0 of 2 machines are done'
        $overall[-1].StatusDescription | Should -BeExactly '2 of 2 machines are done'
        $overall[-1].RecordType | Should -Be 'Completed'
        foreach ($number in 1, 2) {
            $own = @($records).Where({ $_.ActivityId -eq $number })
            $own[0].RecordType | Should -Be 'Processing'
            @($own.ParentActivityId).Where({ $_ -ne 0 }) | Should -BeNullOrEmpty
            $own[-1].RecordType | Should -Be 'Completed'
        }
    }

    It 'refuses a machine that is named twice' {
        $disk = New-Guest
        $run = Invoke-Recorded { $disk, $disk | Invoke-KvmMigration @sample }
        $run.Output.State | Should -Be @('Completed', 'Failed')
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "MigrationNameTaken,$errorSource"
    }

    It 'ends at once where the drivers are not there' {
        { Invoke-KvmMigration (New-Guest) -DriverSource ./no.iso } | Should -Throw -ErrorId "DriverSourceInvalid,$errorSource"
    }

    It 'says what it cannot take' {
        $run = Invoke-Recorded { [pscustomobject] @{ Colour = 'blue' }, (New-Guest) | Invoke-KvmMigration @sample }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "MigrationInputUnknown,$errorSource"
        $run.Output.State | Should -Be 'Completed'
    }
}

Describe 'Invoke-KvmMigration with a boot on trial' -Skip:(-not $hasQemu) {
    It 'fails where the boot does not get there, and keeps what was seen' {
        $run = Invoke-Recorded { Invoke-KvmMigration (New-Guest 'win7-bios') @sample -TestBoot -Accelerator Tcg -BootTimeoutSeconds 2 -MemoryMiB 256 }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "BootNotReached,$errorSource"
        $result = $run.Output[0]
        $result.State | Should -Be 'Failed'
        $result.Boots | Should -HaveCount 1
        $result.Boots[0].SerialLog | Should -Exist
        $result.Stages.Where({ $_.Step -eq 'Domains' }).State | Should -Be 'Done'
    }

    It 'refuses a guest that is larger than all may take' {
        $run = Invoke-Recorded { Invoke-KvmMigration (New-Guest 'win7-bios') @sample -TestBoot -MemoryMiB 8192 -MemoryLimit 1GB }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "MigrationMemoryTooSmall,$errorSource"
    }

    It 'ends with all that it started when it is stopped' {
        $folder = New-Folder
        $disk = New-Guest 'win7-bios'
        $shell = [System.Management.Automation.PowerShell]::Create([initialsessionstate]::CreateDefault2())
        try {
            $null = $shell.AddScript("Import-Module '$([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.psd1'))'").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand('Invoke-KvmMigration').AddParameter('LiteralPath', $disk).AddParameter('DriverSource', $driverIso).AddParameter('AllowUnsignedDriver').
                AddParameter('OutputDirectory', $folder).AddParameter('TestBoot').AddParameter('Accelerator', 'Tcg').AddParameter('MemoryMiB', 256)
            $running = $shell.BeginInvoke()
            # The first screenshot or the state of the stage before shows that the machine runs.
            while (-not $running.IsCompleted -and [System.IO.Directory]::GetFiles($folder, '*.png').Count -eq 0) { [System.Threading.Thread]::Yield() > $null }
            $running.IsCompleted | Should -BeFalse
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $orphans = [System.Diagnostics.Process]::GetProcessesByName('qemu-system-x86_64').Where({ $_.StartInfo -and [System.IO.File]::Exists("/proc/$($_.Id)/cmdline") -and [System.IO.File]::ReadAllText("/proc/$($_.Id)/cmdline").Contains('-name guest=WIN7-B') })
            $orphans | Should -BeNullOrEmpty
            [System.IO.File]::ReadAllText([System.IO.Path]::Combine($folder, 'win7-bios.h2kv-migration.json')) | Should -Match '"complete": false'
        } finally {
            $shell.Dispose()
        }
    }
}
