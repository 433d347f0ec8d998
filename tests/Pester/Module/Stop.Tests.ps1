BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))

    # Runs a pipeline in a runspace of its own, and stops it from here once it has said something: what a host does at Ctrl+C.
    function Stop-Running([string] $Script, [object[]] $Arguments) {
        $shell = [System.Management.Automation.PowerShell]::Create([initialsessionstate]::CreateDefault2())
        try {
            $null = $shell.AddScript("Import-Module '$([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.psd1'))'").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript($Script).AddParameters($Arguments)
            $running = $shell.BeginInvoke()
            while (-not $running.IsCompleted -and $shell.Streams.Verbose.Count -eq 0) { [System.Threading.Thread]::Yield() > $null }
            $shell.Stop()
            @{ State = $shell.InvocationStateInfo.State; Reason = $shell.InvocationStateInfo.Reason; Errors = @($shell.Streams.Error) }
        }
        finally {
            $shell.Dispose()
        }
    }

    # 256 MiB that no compressor makes small, behind a disk with a Windows.
    function New-LongDisk {
        $disk = New-Guest
        $raw = [System.IO.Path]::Combine((Get-GuestFolder $disk), 'long.raw')
        $null = Convert-DiskImage -LiteralPath $disk -Destination $raw -Format Raw
        [System.IO.File]::Delete($disk)
        $random = [System.Random]::new(1)
        $block = [byte[]]::new(1MB)
        $stream = [System.IO.File]::OpenWrite($raw)
        try {
            $null = $stream.Seek(0, 'End')
            foreach ($i in 1..256) {
                $random.NextBytes($block)
                $stream.Write($block, 0, $block.Length)
            }
        }
        finally {
            $stream.Dispose()
        }
        $raw
    }
}

Describe 'A pipeline that is stopped from outside' {
    It 'ends, <Name>, and leaves the disk and its folder as they were' -ForEach @(
        @{ Name = 'converting'; Script = 'param($disk) Convert-DiskImage -LiteralPath $disk -Destination "$disk.qcow2" -Format Qcow2 -Compression Zlib -Verbose' }
        @{ Name = 'migrating with a conversion'; Script = 'param($disk, $iso) Invoke-KvmMigration -LiteralPath $disk -DriverSource $iso -AllowUnsignedDriver -ConvertTo Qcow2 -Compression Zlib -OutputDirectory "$disk.out" -Verbose' }
    ) {
        $disk = New-LongDisk
        $hash = Get-Sha256 $disk
        $run = Stop-Running $Script @($disk, $driverIso)
        $run.State | Should -Be 'Stopped' -Because $run.Reason
        $run.Errors | Should -BeNullOrEmpty
        Get-Sha256 $disk | Should -Be $hash
        [System.IO.File]::Exists("$disk.qcow2") | Should -BeFalse
        foreach ($pattern in '*.tmp', '*.xml') { @([System.IO.Directory]::GetFiles((Get-GuestFolder $disk), $pattern, 'AllDirectories')) | Should -BeNullOrEmpty }
    }

    It 'ends without an error while a drive is looked at: <Name>' -ForEach @(
        @{ Name = 'a walk that shows nothing'; Script = 'Get-ChildItem win:\ -Recurse -Filter nothing*' }
        @{ Name = 'a walk over the registry'; Script = 'Get-ChildItem reg:\ -Recurse -Filter nothing*' }
        @{ Name = 'the content of a file'; Script = '$null = $ExecutionContext.InvokeProvider.Content.GetReader("win:\Windows\System32\config\SYSTEM")[0].Read(0)' }
        @{ Name = 'opening it'; Script = '$null = $ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new("again", $provider, $disk, "", $null), "Global"); $ExecutionContext.SessionState.Drive.Remove("again", $true, "Global")' }
        @{ Name = 'copying out of it'; Script = 'Copy-WindowsItem win:\Windows "$disk.out" -Recurse -Force' }
    ) {
        $disk = New-Guest
        $run = Stop-Running @"
            [CmdletBinding()] param(`$disk)
            foreach (`$name in 'WindowsDisk', 'WindowsHive') {
                `$provider = `$ExecutionContext.SessionState.Provider.GetOne(`$name)
                `$null = `$ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new(@{ WindowsDisk = 'win'; WindowsHive = 'reg' }[`$name], `$provider, `$disk, '', `$null), 'Global')
            }
            `$VerbosePreference = 'Continue'
            `$PSCmdlet.WriteVerbose('go')
            while (`$true) { $Script }
"@ @($disk)
        $run.State | Should -Be 'Stopped' -Because $run.Reason
        $run.Errors | Should -BeNullOrEmpty
        @([System.IO.Directory]::GetFiles((Get-GuestFolder $disk), '*.tmp', 'AllDirectories')) | Should -BeNullOrEmpty
    }
}
