<#
.SYNOPSIS
    Measures how long each long cmdlet takes to return after Ctrl+C, on the guest of make-guest.sh.
.DESCRIPTION
    Each cmdlet is started anew in a runspace of its own and stopped after several waits, so that different stages are hit. The table has the
    longest return of each. Exit code 1 when one took longer than the goal.
.PARAMETER Folder
    The folder that make-guest.sh has filled. What the cmdlets write goes into folders below it that are deleted again.
.PARAMETER Name
    Only the lines of these names; wildcards.
.EXAMPLE
    pwsh -NoProfile -File bench/stop.ps1 /var/tmp/bench
#>
param(
    [Parameter(Mandatory)] [string] $Folder,
    [string] $Name = '*',
    [double[]] $AfterSeconds = @(0.05, 0.2, 0.5, 1, 2, 4),
    [int] $GoalMs = 1000
)

$ErrorActionPreference = 'Stop'
$module = @([System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, '..', 'artifacts', 'Hyper2Kvm'), 'Hyper2Kvm.psd1', 'AllDirectories'))[0]
$disk = [System.IO.Path]::Combine([System.IO.Path]::GetFullPath($Folder), 'disk.raw')
$iso = [System.IO.Path]::Combine([System.IO.Path]::GetFullPath($Folder), 'virtio-win.iso')

$cmdlets = [ordered] @{
    'Get-WindowsLayout'             = { param($Disk, $Iso, $Out) Get-WindowsLayout $Disk }
    'Test-WindowsDisk'              = { param($Disk, $Iso, $Out) Test-WindowsDisk $Disk }
    'Test-VirtioReadiness'          = { param($Disk, $Iso, $Out) Test-VirtioReadiness $Disk }
    'Get-VirtioDriver'              = { param($Disk, $Iso, $Out) Get-VirtioDriver $Iso }
    'Convert-DiskImage'             = { param($Disk, $Iso, $Out) Convert-DiskImage $Disk -Destination "$Out/copy.qcow2" -Format Qcow2 }
    'Convert-DiskImage, zlib'       = { param($Disk, $Iso, $Out) Convert-DiskImage $Disk -Destination "$Out/copy.qcow2" -Format Qcow2 -Compression Zlib }
    'Copy-WindowsItem'              = {
        param($Disk, $Iso, $Out)
        # As New-PSDrive does it, which a runspace of the bundled shell's engine has not.
        $state = $ExecutionContext.SessionState
        $null = $state.Drive.New([System.Management.Automation.PSDriveInfo]::new('stopwin', $state.Provider.GetOne('WindowsDisk'), $Disk, '', $null), 'Global')
        Copy-WindowsItem stopwin:\ "$Out/files" -Recurse
    }
    'Add-BootStartStorage'          = {
        param($Disk, $Iso, $Out)
        Get-WindowsLayout $Disk | New-VirtioDriverPlan $Iso -AllowUnsignedDriver | Add-BootStartStorage -Destination "$Out/edited.qcow2"
    }
    'Invoke-KvmMigration'           = { param($Disk, $Iso, $Out) Invoke-KvmMigration $Disk -DriverSource $Iso -AllowUnsignedDriver -OutputDirectory $Out }
    'Invoke-KvmMigration, zlib'     = {
        param($Disk, $Iso, $Out)
        Invoke-KvmMigration $Disk -DriverSource $Iso -AllowUnsignedDriver -OutputDirectory $Out -ConvertTo Qcow2 -Compression Zlib
    }
    'Export-MigrationReport'        = {
        param($Disk, $Iso, $Out)
        Invoke-KvmMigration $Disk -DriverSource $Iso -AllowUnsignedDriver -OutputDirectory $Out | Export-MigrationReport -OutputDirectory $Out -Force
    }
    'Test-KvmBoot'                  = {
        param($Disk, $Iso, $Out)
        Get-WindowsLayout $Disk | New-KvmDomainXml -OutputDirectory $Out -AllowNotReady -MemoryMiB 512 | Test-KvmBoot
    }
}

# Milliseconds from Stop to its return, and whether there was something to stop.
function Measure-Stop([scriptblock] $Work, [double] $Seconds) {
    $out = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($Folder, "stop-$([guid]::NewGuid().ToString('N'))")).FullName
    $shell = [System.Management.Automation.PowerShell]::Create([initialsessionstate]::CreateDefault2())
    try {
        $null = $shell.AddScript("Import-Module '$module'; `$WarningPreference = 'SilentlyContinue'").Invoke()
        $shell.Commands.Clear()
        $null = $shell.AddScript("$Work").AddArgument($disk).AddArgument($iso).AddArgument($out)
        $running = $shell.BeginInvoke()
        $ended = $running.AsyncWaitHandle.WaitOne([timespan]::FromSeconds($Seconds))
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        [pscustomobject] @{ Stopped = -not $ended; Ms = $clock.Elapsed.TotalMilliseconds; Error = @($shell.Streams.Error)[0] ?? ($ended ? $shell.InvocationStateInfo.Reason : $null) }
    } finally {
        $shell.Dispose()
        [System.IO.Directory]::Delete($out, $true)
    }
}

$slow = 0
foreach ($label in @($cmdlets.Keys).Where({ $_ -like $Name })) {
    $worst = $null
    $stops = 0
    $fault = $null
    foreach ($seconds in $AfterSeconds) {
        $run = Measure-Stop $cmdlets[$label] $seconds
        $fault ??= $run.Error
        if (-not $run.Stopped) { break }
        $stops++
        if ($null -eq $worst -or $run.Ms -gt $worst) { $worst = $run.Ms; $at = $seconds }
    }
    if ($null -eq $worst) {
        '{0,-26} nothing to stop: {1}' -f $label, ($fault ?? "done within $($AfterSeconds[0]) s")
    } else {
        '{0,-26} {1,5:0} ms at most, {2} s after its start; stopped {3} times{4}' -f $label, $worst, $at, $stops, ($fault ? "; then: $fault" : '')
        if ($worst -gt $GoalMs) { $slow++ }
    }
}
exit ($slow -gt 0 ? 1 : 0)
