BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $errorSource = 'Hyper2Kvm.PowerShell.Commands.GetWindowsLayoutCommand'
}

Describe 'Get-WindowsLayout' {
    BeforeEach {
        $folder = New-Folder
        $disk = Copy-Sample ([System.IO.Path]::Combine($folder, 'web01.vmdk'))
    }

    It 'says what is on the sample disk' {
        $layout = Get-WindowsLayout $disk
        $layout | Should -BeOfType ([Hyper2Kvm.WindowsLayout])
        $layout.ImagePath | Should -BeExactly $disk
        $layout.Format | Should -Be 'Vmdk'
        $layout.VirtualSize | Should -Be 128MB
        $layout.Firmware | Should -Be 'Uefi'
        $layout.PartitionStyle | Should -Be 'Gpt'
        @($layout.Partitions).Count | Should -Be 4
        $layout.WindowsPartition.Number | Should -Be 3
        $layout.Windows.ProductName | Should -Be 'Windows Server 2022 Standard'
        $layout.Windows.Build | Should -Be 20348
        $layout.HostName | Should -BeExactly 'BÜRO-SRV22'
        $layout.ControlSet | Should -Be 'ControlSet001'
        $layout.BcdPath | Should -Be '\EFI\Microsoft\Boot\BCD'
        $layout.IsVirtioBootReady | Should -BeFalse
        $layout.IsEditable | Should -BeTrue
    }

    It 'says what is on a disk for BIOS' {
        $layout = Get-WindowsLayout (New-Guest 'win7-bios')
        $layout.Format | Should -Be 'Qcow2'
        $layout.Firmware | Should -Be 'Bios'
        $layout.PartitionStyle | Should -Be 'Mbr'
        $layout.HasDriverDatabase | Should -BeFalse
        $layout.Windows.Build | Should -Be 7601
    }

    It 'leaves the disk and its folder as they are' {
        $before = Get-Snapshot $folder
        $null = Get-WindowsLayout $disk
        Get-Snapshot $folder | Should -BeExactly $before
    }

    It 'does not keep the disk open' {
        $null = Get-WindowsLayout $disk
        $stream = [System.IO.FileStream]::new($disk, 'Open', 'ReadWrite', 'None')
        $stream.Dispose()
    }

    It 'takes several names, in their order' {
        $other = Copy-Sample ([System.IO.Path]::Combine($folder, 'a.vmdk'))
        (Get-WindowsLayout $disk, $other).ImagePath | Should -Be @($disk, $other)
    }

    It 'takes a wildcard' {
        $other = Copy-Sample ([System.IO.Path]::Combine($folder, 'web02.vmdk'))
        $null = Copy-Sample ([System.IO.Path]::Combine($folder, 'db01.vmdk'))
        @(Get-WindowsLayout "$folder/web*.vmdk").ImagePath | Should -Be @($disk, $other)
    }

    It 'leaves the data file of a split disk to its descriptor' {
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($folder, 'web01-flat.vmdk'), 'not read')
        $run = Invoke-Recorded { Get-WindowsLayout "$folder/*.vmdk" }
        $run.Errors | Should -BeNullOrEmpty
        $run.Output.ImagePath | Should -Be $disk
    }

    It 'takes paths, files and objects with a Path from the pipeline: <_>' -ForEach 'text', 'file', 'Path property', 'layout' {
        $odd = Copy-Sample ([System.IO.Path]::Combine($folder, 'vm[1].vmdk'))
        $found = switch ($_) {
            'text' { $odd | Get-WindowsLayout }
            'file' { $ExecutionContext.InvokeProvider.Item.Get(@($odd), $true, $true) | Get-WindowsLayout }
            'Path property' { [pscustomobject] @{ VMName = 'web01'; Path = $odd } | Get-WindowsLayout }
            'layout' { Get-WindowsLayout -LiteralPath $odd | Get-WindowsLayout }
        }
        $found.ImagePath | Should -BeExactly $odd
    }

    It 'takes the name with brackets as it is with -LiteralPath and its aliases' {
        $odd = Copy-Sample ([System.IO.Path]::Combine($folder, 'vm[1].vmdk'))
        (Get-WindowsLayout -LiteralPath $odd).ImagePath | Should -BeExactly $odd
        (Get-WindowsLayout -PSPath $odd).ImagePath | Should -BeExactly $odd
        (Get-WindowsLayout -LP $odd).ImagePath | Should -BeExactly $odd
    }

    It 'takes a name with brackets as a pattern only when there is no such file' {
        $one = Copy-Sample ([System.IO.Path]::Combine($folder, 'vm1.vmdk'))
        (Get-WindowsLayout "$folder/vm[1].vmdk").ImagePath | Should -BeExactly $one
    }

    It 'takes relative paths from where the session is' {
        $before = $ExecutionContext.SessionState.Path.CurrentLocation.Path
        try {
            $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
            (Get-WindowsLayout ./web01.vmdk).ImagePath | Should -BeExactly $disk
            (Get-WindowsLayout web0?.vmdk).ImagePath | Should -BeExactly $disk
        } finally {
            $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($before))
        }
    }

    It 'is never silent when nothing is there: <_>' -ForEach 'none.vmdk', 'none*.vmdk', '[1]none.vmdk' {
        $name = [System.IO.Path]::Combine($folder, $_)
        $run = Invoke-Recorded { Get-WindowsLayout $name }
        $run.Output | Should -BeNullOrEmpty
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ImageNotFound,$errorSource"
        $run.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $run.Errors[0].TargetObject | Should -BeExactly $name
        "$($run.Errors[0])" | Should -BeLike "*$([WildcardPattern]::Escape($_))*"
    }

    It 'does not take a wildcard for -LiteralPath' {
        $run = Invoke-Recorded { Get-WindowsLayout -LiteralPath "$folder/web*.vmdk" }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "ImageNotFound,$errorSource"
    }

    It 'names the remedy for a path on a datastore, also when a HardDisk object becomes text' {
        $run = Invoke-Recorded { '[datastore1] web01/web01.vmdk' | Get-WindowsLayout }
        $run.Errors | Should -HaveCount 1
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "DatastorePathNotLocal,$errorSource"
        "$($run.Errors[0])" | Should -BeLike '*web01.vmdk*Copy-DatastoreItem*'
    }

    It 'names the remedy for a path that is no file' {
        $run = Invoke-Recorded { Get-WindowsLayout 'Env:\PATH' }
        $run.Errors[0].FullyQualifiedErrorId | Should -BeExactly "PathNotInFileSystem,$errorSource"
    }

    It 'goes on after a bad disk' {
        $bad = [System.IO.Path]::Combine($folder, 'bad.vmdk')
        [System.IO.File]::WriteAllBytes($bad, [byte[]]::new(0))
        $run = Invoke-Recorded { $bad, "$folder/none.vmdk", $disk | Get-WindowsLayout }
        $run.Output.ImagePath | Should -Be $disk
        $run.Errors.FullyQualifiedErrorId | Should -Be @("ImageTooSmall,$errorSource", "ImageNotFound,$errorSource")
        $run.Errors.TargetObject | Should -Be @($bad, "$folder/none.vmdk")
    }

    It 'ends at a bad disk with -ErrorAction Stop' {
        { Get-WindowsLayout "$folder/none.vmdk" -ErrorAction Stop } | Should -Throw -ErrorId "ImageNotFound,$errorSource"
    }

    It 'wants the number of a partition that can be' {
        { Get-WindowsLayout $disk -Partition 0 } | Should -Throw -ErrorId "ParameterArgumentValidationError,$errorSource"
    }

    It 'says with -Verbose what it opens' {
        (Invoke-Recorded { Get-WindowsLayout $disk -Verbose }).Verbose[0].Message | Should -BeLike "*'$disk'*read-only*"
    }

    It 'says less without -Verbose' {
        $run = Invoke-Recorded { Get-WindowsLayout $disk }
        @($run.Verbose).Count + @($run.Warnings).Count | Should -Be 0
    }

    It 'puts out objects that are their path as text and for path commands' {
        Get-WindowsLayout $disk | ForEach-Object { "$_" } | Should -BeExactly $disk
        (Get-WindowsLayout $disk).PSPath | Should -BeExactly $disk
    }

    It 'shows in the table what forbids an edit' {
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', "Get-WindowsLayout -LiteralPath '$(New-Guest 'hibernated')'"
        $run.Output | Should -Match 'GuestHibernated'
    }

    It 'shows in the list what forbids an edit and what to do: <_>' -ForEach 'Format-List', 'ForEach-Object Conditions | Format-List' {
        $run = Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', "Get-WindowsLayout -LiteralPath '$(New-Guest 'hibernated')' | $_"
        $text = $run.Output -replace '\s+'
        foreach ($word in 'GuestHibernated', 'hiberfil.sys', 'shutdown/s/t0') { $text.Contains($word) | Should -BeTrue -Because $run.Output }
    }

    It 'gives warnings an id, and prints them as text' {
        $disk = New-Guest 'win7-bios'
        $layout = Get-WindowsLayout $disk
        $layout.Warnings.Id | Should -Contain 'LastKnownGoodDiffers'
        "$($layout.Warnings.Where({ $_.Id -eq 'LastKnownGoodDiffers' }))" | Should -BeLike "LastKnownGoodDiffers: 'Last known good configuration' is ControlSet002*"
        (Invoke-Shell '-NoProfile', '-NonInteractive', '-Command', "(Get-WindowsLayout -LiteralPath '$disk').Warnings").Output |
            Should -Match "(?m)^LastKnownGoodDiffers: 'Last known good"
        $old = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($layout))
        "$($old.Warnings)" | Should -BeExactly "$($layout.Warnings)"
        (Get-WindowsLayout $old.ImagePath).Warnings.Id | Should -Be $layout.Warnings.Id
    }

    It 'reads an object that came back from a file or another computer by its path' {
        $old = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-WindowsLayout $disk)))
        (Get-WindowsLayout $old.ImagePath).ImagePath | Should -BeExactly $disk
    }
}
