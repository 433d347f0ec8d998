BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $disk = New-Guest
    $null = New-PSDrive -Name pwin -PSProvider WindowsDisk -Root $disk -Scope Global
    $null = New-PSDrive -Name preg -PSProvider WindowsHive -Root $disk -Scope Global

    # The sample with a file record and a registry key that cannot be read: storvsc.sys, and the service storvsc. Puts out its path.
    function New-DamagedGuest {
        $folder = New-Folder
        $null = Convert-DiskImage (New-Guest) "$folder/damaged.raw" -Format Raw
        $bytes = [System.IO.File]::ReadAllBytes("$folder/damaged.raw")
        $text = [System.Text.Encoding]::Latin1.GetString($bytes)
        $wide = [System.Text.Encoding]::Latin1.GetString([System.Text.Encoding]::Unicode.GetBytes('storvsc.sys'))
        for ($at = $text.IndexOf($wide, [System.StringComparison]::Ordinal); $at -ge 0; $at = $text.IndexOf($wide, $at + 1, [System.StringComparison]::Ordinal)) {
            $record = $at - $at % 1024
            if ($text.Substring($record, 4) -ceq 'FILE') { $bytes[$record] = 0 }
        }
        for ($at = $text.IndexOf('storvsc', [System.StringComparison]::Ordinal); $at -ge 0; $at = $text.IndexOf('storvsc', $at + 1, [System.StringComparison]::Ordinal)) {
            if ($text.Substring($at - 0x4C, 2) -ceq 'nk') { $bytes[$at - 0x4C] = 0 }
        }
        [System.IO.File]::WriteAllBytes("$folder/damaged.raw", $bytes)
        "$folder/damaged.raw"
    }

    function Complete([string] $Text) {
        @([System.Management.Automation.CommandCompletion]::CompleteInput($Text, $Text.Length, $null).CompletionMatches.ForEach({ $_.CompletionText.Replace('\', '/') }))
    }
}

AfterAll { Remove-PSDrive pwin, preg }

Describe 'A drive of WindowsDisk' {
    It 'shows the volume with Windows, by wildcards too' {
        (Get-ChildItem pwin:\).Name | Should -Contain 'Windows'
        (Get-ChildItem pwin:\Windows\System32\drivers\stor*).Name | Should -Be 'storahci.sys', 'stornvme.sys', 'storport.sys', 'storvsc.sys'
        (Get-ChildItem pwin:/W*/system32/CONFIG/S*M).Name | Should -Be 'SYSTEM'
        (Get-ChildItem pwin:\Windows\System32)[0] | Should -BeOfType ([Hyper2Kvm.WindowsItem])
    }

    It 'finds what is there and nothing else' {
        Test-Path pwin:\Windows | Should -BeTrue
        Test-Path pwin:\windows\SYSTEM32\Config\system | Should -BeTrue
        Test-Path pwin:\nothing | Should -BeFalse
        Test-Path 'pwin:\Windows\a:b' | Should -BeFalse
        (Get-Item pwin:\Windows).PSIsContainer | Should -BeTrue
        (Get-Item pwin:\Windows\System32\config\SYSTEM).PSIsContainer | Should -BeFalse
    }

    It 'goes down as far as it is told' {
        @(Get-ChildItem pwin:\ -Recurse -Depth 0) | Should -HaveCount @(Get-ChildItem pwin:\).Count
        $one = @(Get-ChildItem pwin:\ -Recurse -Depth 1).FullName
        $one | Should -Contain '\Windows\System32'
        $one | Should -Not -Contain '\Windows\System32\config'
        @(Get-ChildItem pwin:\ -Recurse).FullName | Should -Contain '\Windows\System32\config\SYSTEM'
    }

    It 'hands its items on by PSPath' {
        $item = Get-ChildItem pwin:\Windows\System32\config\SYSTEM
        $item.PSPath | Should -Match '^Hyper2Kvm\.PowerShell\\WindowsDisk::'
        ($item | Get-Item).Length | Should -Be $item.Length
    }

    It 'can be stood in' {
        $before = Get-Location
        Set-Location pwin:\Windows
        try {
            (Get-ChildItem Sys*).Name | Should -Be 'System32'
            (Get-Item System32\config).FullName | Should -Be '\Windows\System32\config'
        } finally {
            Set-Location $before
        }
    }

    It 'reads text and bytes through the provider API' {
        $path = 'pwin:\Users\Jürgen Größe\Dokumente\Übersicht Änderungen\Notiz.txt'
        $reader = $ExecutionContext.InvokeProvider.Content.GetReader($path)[0]
        $lines = @($reader.Read(0))
        $reader.Close()
        $lines.Count | Should -BeGreaterThan 0
        @(Get-Content $path) | Should -Be $lines
        Get-Content $path -Raw | Should -Match ([regex]::Escape($lines[0]))
    }

    It 'reads <Name>, in an overlay too' -ForEach @(
        @{ Name = 'UTF-16 with its mark'; Encoding = 'utf-16' }
        @{ Name = 'big-endian UTF-16 with its mark'; Encoding = 'utf-16BE' }
        @{ Name = 'UTF-8 without a mark'; Encoding = $null }
    ) {
        $text = "Größe`r`nzweite Zeile`n`nvierte ohne Ende"
        $script = [System.IO.Path]::Combine((New-Folder), 'first.txt')
        if ($Encoding) { [System.IO.File]::WriteAllText($script, $text, [System.Text.Encoding]::GetEncoding($Encoding)) } else { [System.IO.File]::WriteAllText($script, $text) }
        $batch = [System.IO.Path]::Combine((New-Folder), 'run.cmd')
        [System.IO.File]::WriteAllText($batch, 'exit 0')
        $edit = Get-WindowsLayout (New-Guest) | Add-FirstBootAction -Path $batch -AdditionalFile $script
        $null = New-PSDrive -Name ptext -PSProvider WindowsDisk -Root $edit.ImagePath -Scope Global
        try {
            $file = @(Get-ChildItem ptext:\ -Recurse).Where({ $_.Name -like '*first.txt' })[0]
            @(Get-Content -LiteralPath $file.PSPath) | Should -Be @('Größe', 'zweite Zeile', '', 'vierte ohne Ende')
            Get-Content -LiteralPath $file.PSPath -Raw | Should -BeExactly $text
            if ((Get-Command Get-Content).CommandType -eq 'Cmdlet') {
                [byte[]] $bytes = Get-Content -LiteralPath $file.PSPath -AsByteStream
                $bytes | Should -Be ([System.IO.File]::ReadAllBytes($script))
                (Get-Content -LiteralPath $file.PSPath -AsByteStream -Raw).Length | Should -Be $bytes.Length
                if (-not $Encoding) { (Get-Content -LiteralPath $file.PSPath -Encoding ansi)[0] | Should -Be 'GrÃ¶ÃŸe' }
            }
        } finally {
            Remove-PSDrive ptext
        }
    }

    It 'lets through what is asked for: <Parameters>' -ForEach @(
        @{ Parameters = '-Filter stor*.sys'; Names = 'storahci.sys', 'stornvme.sys', 'storport.sys', 'storvsc.sys' }
        @{ Parameters = '-Filter nothing*'; Names = @() }
        @{ Parameters = '-Directory'; Names = 'de-DE', 'etc' }
        @{ Parameters = '-Directory -Name'; Names = 'de-DE', 'etc' }
        @{ Parameters = '-Filter STORA* -Name'; Names = @('storahci.sys') }
        @{ Parameters = '-File -Filter stora*'; Names = @('storahci.sys') }
        @{ Parameters = '-Attributes Directory'; Names = 'de-DE', 'etc' }
        @{ Parameters = '-Attributes !Directory -Filter stora*'; Names = @('storahci.sys') }
        @{ Parameters = '-Directory -File'; Names = @() }
        @{ Parameters = '-Hidden -Filter stor*'; Names = @() }
        @{ Parameters = '-Recurse -Filter hosts'; Names = @('hosts') }
        @{ Parameters = '-Recurse -Depth 0 -Filter hosts'; Names = @() }
        @{ Parameters = '-Recurse -Include hosts, stora*'; Names = 'hosts', 'storahci.sys' }
        @{ Parameters = '-Recurse -Exclude *.sys -File'; Names = @('hosts') }
    ) {
        $found = @(& ([scriptblock]::Create("Get-ChildItem pwin:\Windows\System32\drivers $Parameters")))
        @($found.ForEach({ "$($_.Name ?? $_)" })) | Should -Be $Names
    }

    It 'reaches each partition' {
        $null = New-PSDrive -Name pall -PSProvider WindowsDisk -Root "$disk/partitions" -Scope Global
        $null = New-PSDrive -Name pone -PSProvider WindowsDisk -Root "$disk/partition1" -Scope Global
        try {
            $partitions = @(Get-ChildItem pall:\)
            $partitions.Name | Should -Be 'Partition1', 'Partition2', 'Partition3', 'Partition4'
            $partitions[0].Volume | Should -Be 'FAT32 SYSTEM'
            Test-Path pall:\Partition1\EFI\Microsoft\Boot\BCD | Should -BeTrue
            Test-Path pone:\EFI\Microsoft\Boot\BCD | Should -BeTrue
            Test-Path pall:\Partition3\Windows | Should -BeTrue
            @(Get-ChildItem pall:\ -Recurse).Name | Should -Contain 'bootmgfw.efi'
        } finally {
            Remove-PSDrive pall, pone
        }
    }

    It 'lists the partitions of a disk with <_>' -ForEach 'two-windows', 'data-only' {
        $null = New-PSDrive -Name pother -PSProvider WindowsDisk -Root (New-Guest $_) -Scope Global
        try {
            (Get-ChildItem pother:\).Name | Should -Contain 'Partition1'
        } finally {
            Remove-PSDrive pother
        }
    }

    It 'is not made for <Root>: <Id>' -ForEach @(
        @{ Root = 'none.vmdk'; Id = 'ImageNotFound' }
        @{ Root = 'DISK/partition9'; Id = 'PartitionNotFound' }
        @{ Root = 'DISK/partition2'; Id = 'VolumeNotReadable' }
        @{ Root = '[ds] web01/web01.vmdk'; Id = 'DatastorePathNotLocal' }
    ) {
        $run = Invoke-Recorded { New-PSDrive -Name pbad -PSProvider WindowsDisk -Root $Root.Replace('DISK', $disk) }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors[0].FullyQualifiedErrorId | Should -Match "^$Id,"
    }

    It 'takes a name with brackets' {
        $odd = [System.IO.Path]::Combine((New-Folder), 'vm[1].vmdk')
        $null = Copy-Sample $odd
        $null = New-PSDrive -Name podd -PSProvider WindowsDisk -Root $odd -Scope Global
        try {
            (Get-ChildItem podd:\Windows\Sys*).Name | Should -Be 'System32'
            (Get-ChildItem podd:\W* | Get-Item).Name | Should -Be 'Windows'
        } finally {
            Remove-PSDrive podd
        }
    }

    It 'locks the disk as readers do until it is removed' {
        $folder = New-Folder
        $raw = "$folder/disk.raw"
        $null = Convert-DiskImage $disk $raw -Format Raw
        $null = New-PSDrive -Name plock -PSProvider WindowsDisk -Root $raw -Scope Global
        $run = Invoke-Recorded { Get-WindowsLayout $raw | Set-WindowsBootPolicy -SanPolicy OnlineAll -InPlace -Force }
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^ImageInUse,'
        Remove-PSDrive plock
        $run = Invoke-Recorded { Get-WindowsLayout $raw | Set-WindowsBootPolicy -SanPolicy OnlineAll -InPlace -Force }
        $run.Errors | Should -HaveCount 0
    }
}

Describe 'A drive of WindowsHive' {
    It 'shows the hives and their keys' {
        (Get-ChildItem preg:\).Name | Should -Be 'SYSTEM', 'SOFTWARE', 'DRIVERS'
        (Get-ChildItem preg:\SYSTEM\ControlSet001\Services\stor*).Name | Should -Contain 'storahci'
        (Get-Item preg:\SYSTEM\Select) | Should -BeOfType ([Hyper2Kvm.WindowsRegistryKey])
        (Get-Item preg:\SYSTEM\Select).Property | Should -Contain 'LastKnownGood'
        Test-Path preg:\SYSTEM\Nothing | Should -BeFalse
    }

    It 'takes CurrentControlSet for what Select\Current says, and walks it once' {
        (Get-Item preg:\SYSTEM\CurrentControlSet).FullName | Should -Be 'SYSTEM\ControlSet001'
        (Get-ChildItem preg:\SYSTEM\CurrentControlSet\Services).Name | Should -Be (Get-ChildItem preg:\SYSTEM\ControlSet001\Services).Name
        @(Get-ChildItem preg:\SYSTEM -Recurse).Where({ $_.FullName -eq 'SYSTEM\ControlSet001\Services\disk' }) | Should -HaveCount 1
    }

    It 'takes -Filter' {
        (Get-ChildItem preg:\SYSTEM\CurrentControlSet\Services -Filter storah*).Name | Should -Be 'storahci'
        @(Get-ChildItem preg:\SYSTEM -Recurse -Filter LastKnown*) | Should -HaveCount 0
        (Get-ChildItem preg:\SYSTEM -Filter sel* -Name) | Should -Be 'Select'
    }

    It 'gives values with their types' {
        $disk = Get-ItemProperty preg:\SYSTEM\CurrentControlSet\Services\disk
        $disk.Start | Should -BeOfType ([int])
        $disk.ImagePath | Should -BeOfType ([string])
        Get-ItemPropertyValue preg:\SYSTEM\Select Current | Should -Be 1
        @((Get-ItemProperty preg:\SYSTEM\MountedDevices).PSObject.Properties.Where({ $_.Value -is [byte[]] })).Count | Should -BeGreaterThan 0
        (Get-ItemProperty preg:\SYSTEM\Select Last*).LastKnownGood | Should -BeOfType ([int])
    }

    It 'says which value is not there' {
        (Invoke-Recorded { Get-ItemProperty preg:\SYSTEM\Select Nope }).Errors[0].FullyQualifiedErrorId | Should -Match '^RegistryValueNotFound,'
    }

    It 'asks for the partition where there are several Windows' {
        $run = Invoke-Recorded { New-PSDrive -Name pbad -PSProvider WindowsHive -Root (New-Guest two-windows) }
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^SeveralWindows,'
    }
}

Describe 'Both drives' {
    It 'refuse to be written' {
        { $ExecutionContext.InvokeProvider.Item.Remove('pwin:\Windows', $true) } | Should -Throw
        { $ExecutionContext.InvokeProvider.Content.GetWriter('pwin:\Windows\System32\config\SYSTEM') } | Should -Throw '*writing through a drive is not supported*'
        { $ExecutionContext.InvokeProvider.Property.Set('preg:\SYSTEM\Select', [pscustomobject] @{ Current = 2 }) } | Should -Throw '*writing through a drive is not supported*'
        Test-Path pwin:\Windows\System32\config\SYSTEM | Should -BeTrue
        Get-ItemPropertyValue preg:\SYSTEM\Select Current | Should -Be 1
    }

    It 'say so by a typed error: <Command>' -Skip:(-not (Get-Command Set-Content -ErrorAction Ignore)) -ForEach @(
        @{ Command = 'Set-Content pwin:\Windows\System32\config\SYSTEM x' }
        @{ Command = 'Add-Content pwin:\Windows\System32\config\SYSTEM x' }
        @{ Command = 'Clear-Content pwin:\Windows\System32\config\SYSTEM' }
        @{ Command = 'New-Item pwin:\new' }
        @{ Command = 'New-Item pwin:\new -ItemType Directory' }
        @{ Command = 'New-Item pwin:\Windows -Force' }
        @{ Command = 'Set-Item pwin:\Windows x' }
        @{ Command = 'Clear-Item pwin:\Windows' }
        @{ Command = 'Rename-Item pwin:\Windows Doors' }
        @{ Command = 'Move-Item pwin:\Windows pwin:\Users' }
        @{ Command = 'Copy-Item pwin:\Windows pwin:\Users -Recurse' }
        @{ Command = 'New-Item preg:\SYSTEM\New' }
        @{ Command = 'Remove-Item preg:\SYSTEM\Select -Recurse' }
        @{ Command = 'Rename-Item preg:\SYSTEM\Select New' }
        @{ Command = 'Move-Item preg:\SYSTEM\Select preg:\SOFTWARE' }
        @{ Command = 'Copy-Item preg:\SYSTEM\Select preg:\SOFTWARE' }
        @{ Command = 'Set-Item preg:\SYSTEM\Select x' }
        @{ Command = 'Set-ItemProperty preg:\SYSTEM\Select Current 2' }
        @{ Command = 'Set-ItemProperty preg:\SYSTEM\Select New 2' }
        @{ Command = 'Clear-ItemProperty preg:\SYSTEM\Select Current' }
        @{ Command = 'New-ItemProperty preg:\SYSTEM\Select New -Value 2' }
        @{ Command = 'Remove-ItemProperty preg:\SYSTEM\Select Current' }
        @{ Command = 'Rename-ItemProperty preg:\SYSTEM\Select Current New' }
        @{ Command = 'Copy-ItemProperty preg:\SYSTEM\Select preg:\SYSTEM Current' }
        @{ Command = 'Move-ItemProperty preg:\SYSTEM\Select preg:\SYSTEM Current' }
    ) {
        $run = Invoke-Recorded ([scriptblock]::Create($Command))
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^DriveReadOnly,'
        $run.Output | Should -BeNullOrEmpty
    }

    It 'say so by a typed error where the bundled shell has the command too' {
        $run = Invoke-Recorded { Remove-Item pwin:\Windows -Recurse }
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^DriveReadOnly,'
    }

    # What has to be there first the engine looks for itself. Where a new file would be it asks the file system, by its path below the disk's file.
    It 'have nothing to refuse where nothing is: <Command>' -Skip:(-not (Get-Command Set-Content -ErrorAction Ignore)) -ForEach @(
        @{ Command = 'Set-Content pwin:\nothing x' }
        @{ Command = 'Remove-Item pwin:\nothing' }
        @{ Command = 'Rename-Item pwin:\nothing x' }
        @{ Command = 'Move-Item pwin:\nothing pwin:\x' }
        @{ Command = 'Clear-Content pwin:\nothing' }
        @{ Command = 'Set-ItemProperty preg:\SYSTEM\Nothing x 1' }
    ) {
        $run = Invoke-Recorded ([scriptblock]::Create($Command))
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -Match '^(PathNotFound|DriveReadOnly|GetContentWriterDirectoryNotFoundError),'
    }

    It 'refuse <Writer> by the provider API with a typed error' -ForEach @(
        @{ Writer = 'a content writer'; Script = { $ExecutionContext.InvokeProvider.Content.GetWriter('pwin:\Windows\System32\config\SYSTEM') } }
        @{ Writer = 'a property'; Script = { $ExecutionContext.InvokeProvider.Property.Set('preg:\SYSTEM\Select', [pscustomobject] @{ Current = 2 }) } }
    ) {
        $caught = try { & $Script } catch { $_.Exception }
        while ($caught.InnerException -and $caught -isnot [Hyper2Kvm.Diagnostics.UnsupportedFeatureException]) { $caught = $caught.InnerException }
        $caught.ErrorId | Should -Be 'DriveReadOnly'
        { $ExecutionContext.InvokeProvider.Content.Clear('pwin:\Windows\System32\config\SYSTEM') } | Should -Throw '*writing through a drive is not supported*'
    }

    It 'tell what cannot be read and list the rest' {
        $damaged = New-DamagedGuest
        $null = New-PSDrive -Name pbroken -PSProvider WindowsDisk -Root $damaged -Scope Global
        $null = New-PSDrive -Name pbrokenreg -PSProvider WindowsHive -Root $damaged -Scope Global
        try {
            $drivers = @(Get-ChildItem pwin:\Windows\System32\drivers).Name
            $services = @(Get-ChildItem preg:\SYSTEM\ControlSet001\Services).Name
            foreach ($script in { Get-ChildItem pbroken:\Windows\System32\drivers }, { Get-ChildItem pbroken:\Windows\System32 -Recurse }, { Get-ChildItem pbroken:\Windows\System32\drivers\* }) {
                $run = Invoke-Recorded $script
                $run.Errors | Should -HaveCount 1
                $run.Errors[0].FullyQualifiedErrorId | Should -Match '^NtfsFileRecordDamaged,'
                $run.Errors[0].TargetObject | Should -Match 'drivers[\\/]storvsc\.sys$'
                @($run.Output.Where({ $_.FullName -like '*\System32\drivers\*' -and $_.Name -in $drivers }).Name) | Should -Be $drivers.Where({ $_ -ne 'storvsc.sys' })
            }
            @(Get-ChildItem pbroken:\Windows\System32\drivers -Name) | Should -Be $drivers
            $run = Invoke-Recorded { Get-Item pbroken:\Windows\System32\drivers\storvsc.sys }
            $run.Errors | Should -HaveCount 1
            $run.Errors[0].FullyQualifiedErrorId | Should -Match '^NtfsFileRecordDamaged,'
            (Invoke-Recorded { Get-Content pbroken:\Windows\System32\drivers\storvsc.sys }).Errors[0].FullyQualifiedErrorId | Should -Match '^NtfsFileRecordDamaged,'

            $folder = New-Folder
            $run = Invoke-Recorded { Copy-WindowsItem pbroken:\Windows\System32\drivers $folder -Recurse }
            $run.Errors | Should -HaveCount 1
            $run.Errors[0].FullyQualifiedErrorId | Should -Match '^NtfsFileRecordDamaged,'
            $run.Errors[0].TargetObject | Should -Match 'drivers\\storvsc\.sys$'
            [System.IO.File]::Exists("$folder/drivers/storahci.sys") | Should -BeTrue
            [System.IO.File]::Exists("$folder/drivers/etc/hosts") | Should -BeTrue

            foreach ($script in { Get-ChildItem pbrokenreg:\SYSTEM\ControlSet001\Services }, { Get-ChildItem pbrokenreg:\SYSTEM\ControlSet001\Services -Recurse }) {
                $run = Invoke-Recorded $script
                $run.Errors | Should -HaveCount 1
                $run.Errors[0].FullyQualifiedErrorId | Should -Match '^HiveDamaged,'
                @($run.Output.Where({ $_.FullName -match '^SYSTEM\\ControlSet001\\Services\\[^\\]+$' }).Name) | Should -Be $services.Where({ $_ -ne 'storvsc' })
            }
        } finally {
            Remove-PSDrive pbroken, pbrokenreg
        }
    }

    It 'list one by one: who has enough stops it' {
        (Get-ChildItem preg:\SYSTEM -Recurse | Select-Object -First 3) | Should -HaveCount 3
        (Get-ChildItem pwin:\Windows, pwin:\nothing, pwin:\Users -ErrorAction SilentlyContinue).Name | Should -Contain 'Public'
        (Invoke-Recorded { Get-ChildItem pwin:\nothing }).Errors[0].FullyQualifiedErrorId | Should -Match '^PathNotFound,'
        (Invoke-Recorded { Get-ChildItem nodrive:\ }).Errors[0].FullyQualifiedErrorId | Should -Match '^DriveNotFound,'
        { Get-ChildItem pwin:\nothing -ErrorAction Stop } | Should -Throw
    }

    It 'complete paths' -Skip:(-not (Get-Command Microsoft.PowerShell.Management\Resolve-Path -ErrorAction Ignore)) {
        Complete 'Get-ChildItem pwin:\Win' | Should -Be 'pwin:/Windows'
        Complete 'Get-ItemProperty preg:\SYSTEM\CurrentControlSet\Ser' | Should -Be 'preg:/SYSTEM/CurrentControlSet/Services'
    }
}
