# One call of each cmdlet on a sample guest, and one that must fail: for tests that hold for all of them. Dot-source it in BeforeAll after
# Guests.ps1; a test compares the list with what the module exports, so a new cmdlet must be added here.
#
#   Good, Bad   what is piped in: script blocks that take the guest's disk and a folder for results
#   With        further parameters, from the same two
#   Names       what -Verbose must name, where it is not the disk; from the same two
#   Before      what has to be there first

function New-Carrier($Disk, $Image) {
    $layout = Get-WindowsLayout -LiteralPath $Disk
    [pscustomobject] @{ Layout = $layout; Plan = $layout | New-VirtioDriverPlan $driverIso -WarningAction SilentlyContinue; ImagePath = $Image }
}

function New-HostFile([string] $Path, [string] $Text) {
    [System.IO.File]::WriteAllText($Path, $Text)
    $Path
}

# No rule is for a Windows of this build.
function New-UnknownSystem([string] $Disk) {
    $layout = Get-WindowsLayout $Disk
    [Hyper2Kvm.WindowsVersion].GetProperty('Build').SetValue($layout.Windows, 1)
    $layout
}

function Open-CallDrive([string] $Disk) {
    Remove-PSDrive callwin -ErrorAction Ignore
    $null = New-PSDrive -Name callwin -PSProvider WindowsDisk -Root $Disk -Scope Global
}

$path = @{ Good = { param($Disk, $Out) $Disk }; Bad = { param($Disk, $Out) "$Out/none.vmdk" } }
$carrier = @{ Good = { param($Disk, $Out) New-Carrier $Disk $Disk }; Bad = { param($Disk, $Out) New-Carrier $Disk "$Out/none.vmdk" } }
$edited = { param($Disk, $Out) $null = New-SamplePlan $Disk | Add-BootStartStorage }

$cmdletCalls = @{
    'Get-WindowsLayout'          = $path
    'Get-SourceMachine'          = @{
        Good = { param($Disk, $Out) New-HostFile "$([System.IO.Path]::GetDirectoryName($Disk))/web01.vmx" (Get-VmxText ([System.IO.Path]::GetFileName($Disk))) }
        Bad = { param($Disk, $Out) "$Out/none.vmx" }; Names = { 'web01.vmx' }
    }
    'Get-WindowsNetwork'         = $carrier
    'Get-BcdStore'               = $path
    'Get-VirtioDriver'           = @{ Good = { $driverIso }; Bad = { param($Disk, $Out) "$Out/none.iso" }; Names = { 'sample-virtio-win.iso' } }
    'Get-GuestEdit'              = $path + @{ Before = $edited; Names = { 'sample-win2022.kvm.qcow2' } }
    'Test-WindowsDisk'           = $path
    'Test-Bcd'                   = $path
    'Test-VirtioReadiness'       = $path
    'Test-KvmBoot'               = @{
        Good = { param($Disk, $Out) (New-Carrier $Disk $Disk) | New-KvmDomainXml -Phase Bootstrap -OutputDirectory $Out -MemoryMiB 256 -AllowNotReady -WarningAction SilentlyContinue }
        Bad = { param($Disk, $Out) [pscustomobject] @{ Path = "$Out/none.xml" } }
        With = { @{ Accelerator = 'Tcg'; TimeoutSeconds = 1; NoLibvirt = $true } }; Names = { 'bootstrap' }
    }
    'New-VirtioDriverPlan'       = @{
        Good = $carrier.Good; Bad = { param($Disk, $Out) New-UnknownSystem $Disk }
        With = { @{ DriverSource = $driverIso } }; Names = { 'sample-virtio-win.iso' }
    }
    'Add-BootStartStorage'       = $carrier
    'Set-CriticalDeviceDatabase' = $carrier
    'Add-VirtioDriver'           = $carrier + @{ With = { @{ DriverSource = $driverIso; AllowUnsignedDriver = $true } } }
    'Repair-Bcd'                 = $carrier
    'Set-WindowsBootPolicy'      = $carrier + @{ With = { @{ AutoReboot = $false } } }
    'Add-FirstBootAction'        = $carrier + @{ With = { param($Disk, $Out) @{ Path = New-HostFile "$Disk.cmd" 'exit /b 0' } } }
    'Set-WindowsNetworkPolicy'   = $carrier + @{ With = { @{ RemoveGhostAdapters = $true } } }
    'Remove-GuestTool'           = $carrier + @{ With = { @{ Name = 'VMware' } } }
    'Backup-Bcd'                 = $carrier + @{ With = { param($Disk, $Out) @{ OutputDirectory = $Out } } }
    'Convert-DiskImage'          = $path + @{ With = { param($Disk, $Out) @{ Destination = $Out } } }
    'Copy-WindowsItem'           = @{
        Before = { param($Disk, $Out) Open-CallDrive $Disk }
        Good = { 'callwin:\Windows\System32\config\SYSTEM' }; Bad = { 'callwin:\none' }
        With = { param($Disk, $Out) @{ Destination = $Out; PassThru = $true } }; Names = { 'SYSTEM' }
    }
    'New-KvmDomainXml'           = @{
        Good = { param($Disk, $Out) New-SamplePlan $Disk | Add-BootStartStorage | Set-CriticalDeviceDatabase }; Bad = $carrier.Bad
        With = { param($Disk, $Out) @{ OutputDirectory = $Out; Phase = 'Final' } }; Names = { 'final.xml' }
    }
    'Undo-GuestEdit'             = $path + @{ Before = $edited; Names = { 'sample-win2022.kvm.qcow2' } }
    'Invoke-KvmMigration'        = $path + @{ With = { param($Disk, $Out) @{ DriverSource = $driverIso; OutputDirectory = $Out } } }
    'Export-MigrationReport'     = @{
        Good = { param($Disk, $Out) Get-WindowsLayout $Disk }; Bad = { 'a text' }
        With = { param($Disk, $Out) @{ OutputDirectory = $Out } }; Names = { 'sample-win2022' }
    }
}

# A guest of its own for a call: Disk, Out, and the parameters of the call.
function New-Call([string] $Name) {
    $call = $cmdletCalls[$Name]
    $disk = New-Guest
    $out = New-Folder
    if ($call.Before) { $null = & $call.Before $disk $out }
    [pscustomobject] @{
        Name = $Name; Disk = $disk; Out = $out; Good = @(& $call.Good $disk $out)
        With = $call.With ? (& $call.With $disk $out) : @{}
        Names = $call.Names ? (& $call.Names $disk $out) : [System.IO.Path]::GetFileName($disk)
    }
}

# What the call must not have changed: the guest's folder and that for results.
function Get-CallSnapshot($Call) { (Get-Snapshot (Get-GuestFolder $Call.Disk)), (Get-Snapshot $Call.Out) -join "`n" }
