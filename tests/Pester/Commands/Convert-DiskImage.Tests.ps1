BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.ConvertDiskImageCommand'
}

Describe 'Convert-DiskImage' {
    BeforeAll {
        $disk = New-Guest
        $hash = Get-Sha256 $disk
    }

    It 'makes a QCOW2 beside the disk that holds the same Windows' {
        $result = Convert-DiskImage $disk -Verify
        $result | Should -BeOfType ([Hyper2Kvm.DiskConversion])
        $result.Destination | Should -BeExactly ([System.IO.Path]::ChangeExtension($disk, '.qcow2'))
        $result.ImagePath | Should -BeExactly $result.Destination
        $result.ImageFormat | Should -Be 'Qcow2'
        $result.SourcePath | Should -BeExactly $disk
        $result.IsVerified | Should -BeTrue
        $result.BytesRead | Should -BeLessThan $result.VirtualSize
        "$result" | Should -BeExactly $result.Destination
        (Get-WindowsLayout $result.Destination).HostName | Should -BeExactly (Get-WindowsLayout $disk).HostName
        Get-Sha256 $disk | Should -Be $hash
    }

    It 'makes <Format> with <Compression> into a folder' -ForEach @(
        @{ Format = 'Raw'; Compression = 'None'; Extension = '.raw' }
        @{ Format = 'Qcow2'; Compression = 'Zlib'; Extension = '.qcow2' }
        @{ Format = 'Qcow2'; Compression = 'Zstd'; Extension = '.qcow2' }
    ) {
        $out = New-Folder
        $result = $disk | Convert-DiskImage -Destination $out -Format $Format -Compression $Compression -ClusterSize 4096 -SkipFreeSpace -Verify
        $result.Destination | Should -BeExactly ([System.IO.Path]::Combine($out, "sample-win2022$Extension"))
        (Get-WindowsLayout $result.Destination).IsVirtioBootReady | Should -BeFalse
        [System.IO.Directory]::GetFiles($out).Count | Should -Be 1
    }

    It 'flattens an edit and hands it on to the domain' {
        $guest = New-Guest
        $out = New-Folder
        $image = [System.IO.Path]::Combine($out, 'flat.raw')
        $plan = Get-WindowsLayout $guest | New-VirtioDriverPlan $driverIso
        $domains = @($plan | Add-BootStartStorage | Set-CriticalDeviceDatabase |
            Convert-DiskImage -Destination $image -Format Raw | New-KvmDomainXml -OutputDirectory $out)
        $domains.Count | Should -Be 2
        $domains[0].ImagePath | Should -BeExactly $image
        $domains[0].Plan.Bus | Should -Be $plan.Bus
        $domains[0].Xml | Should -Match "type=[`"']raw[`"']"
        (Get-WindowsLayout $image).IsVirtioBootReady | Should -BeTrue
    }

    It 'takes a layout and files from the pipeline' {
        $out = New-Folder
        $result = Get-WindowsLayout $disk | Convert-DiskImage -Destination ([System.IO.Path]::Combine($out, 'a.qcow2'))
        $result.Layout.ImagePath | Should -BeExactly $disk
        [System.IO.File]::Copy($disk, [System.IO.Path]::Combine($out, 'web[1].vmdk'))
        (Convert-DiskImage -LiteralPath ([System.IO.Path]::Combine($out, 'web[1].vmdk'))).Destination | Should -BeExactly ([System.IO.Path]::Combine($out, 'web[1].qcow2'))
    }

    It 'writes nothing with -WhatIf' {
        $out = New-Folder
        $result = Convert-DiskImage $disk ([System.IO.Path]::Combine($out, 'x.qcow2')) -WhatIf
        $result.ImagePath | Should -BeExactly $disk
        $result.Destination | Should -BeExactly ([System.IO.Path]::Combine($out, 'x.qcow2'))
        $result.BytesWritten | Should -Be 0
        [System.IO.Directory]::GetFiles($out).Count | Should -Be 0
    }

    It 'replaces a file only with -Force' {
        $out = [System.IO.Path]::Combine((New-Folder), 'x.qcow2')
        [System.IO.File]::WriteAllText($out, 'mine')
        $run = Invoke-Recorded { Convert-DiskImage $disk $out }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "DestinationExists,$errorSource"
        [System.IO.File]::ReadAllText($out) | Should -BeExactly 'mine'
        (Convert-DiskImage $disk $out -Force).ImagePath | Should -BeExactly $out
    }

    It 'says <Id>' -ForEach @(
        @{ Id = 'ImageNotFound'; Arguments = @{ Path = './no-such.vmdk' } }
        @{ Id = 'ClusterSizeInvalid'; Arguments = @{ ClusterSize = 1000 } }
        @{ Id = 'CompressionNeedsQcow2'; Arguments = @{ Format = 'Raw'; Compression = 'Zstd' } }
        @{ Id = 'DestinationFolderNotFound'; Arguments = @{ Destination = './no/such/x.qcow2' } }
        @{ Id = 'DestinationIsSource'; Arguments = @{ Destination = $null } }
    ) {
        $with = @{ Path = $disk } + @{}
        foreach ($name in $Arguments.Keys) { $with[$name] = $Arguments[$name] }
        if ($Id -eq 'DestinationIsSource') { $with.Destination = $disk }
        $run = Invoke-Recorded { Convert-DiskImage @with }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "$Id,$errorSource"
    }

    It 'begins anew or goes on with -Resume, and leaves only the image' {
        $out = New-Folder
        $target = [System.IO.Path]::Combine($out, 'x.qcow2')
        $null = Convert-DiskImage $disk $target -Resume
        [System.IO.Directory]::GetFiles($out) | Should -BeExactly $target
        [System.IO.File]::WriteAllText("$target.h2kv-partial", 'not ours')
        $run = Invoke-Recorded { Convert-DiskImage $disk $target -Resume -Force }
        $run.Errors[0].FullyQualifiedErrorId | Should -Be "PartialFileForeign,$errorSource"
    }
}
