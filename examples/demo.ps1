<#
.SYNOPSIS
    Shows the main job on a sample disk: a Windows disk becomes boot-ready on KVM, its source untouched.
.DESCRIPTION
    Copies the sample guest and the sample driver ISO into -WorkFolder, runs the pipeline stage by stage, and says what happened.
    Needs nothing but the module. The sample holds real structures (GPT, NTFS, FAT, registry hives, a boot store) but no Windows;
    its drivers are stand-ins without a signature, which are planned by explicit wish only (-AllowUnsignedDriver).
#>
param(
    [Parameter(Mandatory)] [string] $SampleFolder,
    [Parameter(Mandatory)] [string] $WorkFolder
)

$ErrorActionPreference = 'Stop'

if ([System.IO.Directory]::Exists($WorkFolder)) { [System.IO.Directory]::Delete($WorkFolder, $true) }
$null = [System.IO.Directory]::CreateDirectory($WorkFolder)
$disk = [System.IO.Path]::Combine($WorkFolder, 'win2022.vmdk')
$iso = [System.IO.Path]::Combine($WorkFolder, 'virtio-win.iso')
$out = [System.IO.Path]::Combine($WorkFolder, 'out')
[System.IO.File]::Copy([System.IO.Path]::Combine($SampleFolder, 'sample-win2022', 'sample-win2022.vmdk'), $disk)
[System.IO.File]::Copy([System.IO.Path]::Combine($SampleFolder, 'sample-virtio-win', 'sample-virtio-win.iso'), $iso)

function Get-Sha256([string] $Path) {
    [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($Path))).ToLowerInvariant()
}

$times = [ordered]@{}
function Measure-Stage([string] $Name, [scriptblock] $Stage) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $result = & $Stage
    $times[$Name] = $watch.Elapsed
    $result
}

$before = Get-Sha256 $disk

"The disk is $disk"
"The drivers are in $iso"
''
'1. What is there                                  Get-WindowsLayout'
$layout = Measure-Stage 'Get-WindowsLayout' { Get-WindowsLayout $disk }
"   $($layout.Windows.ProductName), build $($layout.Windows.Build).$($layout.Windows.Revision), $($layout.Windows.Architecture), host name $($layout.HostName)"
"   $($layout.Firmware) firmware, $($layout.PartitionStyle) disk of $([math]::Round($layout.VirtualSize / 1MB)) MiB, control set $($layout.ControlSet)"
foreach ($partition in $layout.Partitions) {
    '   partition {0}: {1,-11} {2,-6} {3,6:N0} MiB' -f $partition.Number, $partition.Role, $partition.FileSystem, ($partition.Size / 1MB)
}
"   VirtIO boot-ready: $($layout.IsVirtioBootReady)"
''
'2. What we want                                   New-VirtioDriverPlan'
$plan = Measure-Stage 'New-VirtioDriverPlan' { $layout | New-VirtioDriverPlan -DriverSource $iso -AllowUnsignedDriver -WarningAction SilentlyContinue }
"   rule $($plan.MatchedRule), bus $($plan.Bus)"
foreach ($driver in $plan.Storage) {
    "   $($driver.Name) $($driver.Version) from $($driver.SourceDirectory), signature: $($driver.Signatures[0])"
}
''
'3. The drivers, starting at boot                  Add-BootStartStorage'
$edit = Measure-Stage 'Add-BootStartStorage' { $plan | Add-BootStartStorage }
''
'4. The devices, bound to the drivers              Set-CriticalDeviceDatabase'
$bound = Measure-Stage 'Set-CriticalDeviceDatabase' { $edit | Set-CriticalDeviceDatabase }
foreach ($change in @($edit.Changes) + @($bound.Changes)) {
    if ($change.Kind -eq 'Unchanged') { continue }
    $from = if ($change.Before) { "$($change.Before) -> " } else { '' }
    "   {0,-14} {1}  {2}{3}" -f $change.Kind, $change.Target, $from, $change.After
}
''
'5. The boot store, copied and judged              Backup-Bcd'
$backup = Measure-Stage 'Backup-Bcd' { $bound | Backup-Bcd -OutputDirectory $out }
foreach ($entry in $backup.Entries) { "   $($entry.Type): $($entry.Description) $($entry.Path)" }
foreach ($finding in $backup.Findings) { "   $($finding.Severity): $($finding.Message)" }
''
'6. How to run it                                  New-KvmDomainXml'
$domains = @(Measure-Stage 'New-KvmDomainXml' { $backup | New-KvmDomainXml -Phase Bootstrap, Final -OutputDirectory $out })
foreach ($domain in $domains) { "   $($domain.Phase): $($domain.Path)" }
''
'What happened'
"   edited disk:  $($bound.ImagePath)  ($([math]::Round(([System.IO.FileInfo]$bound.ImagePath).Length / 1KB)) KiB, backed by win2022.vmdk)"
"   boot store:   $($backup.BackupPath)"
$ready = (Get-WindowsLayout $bound.ImagePath).IsVirtioBootReady
"   VirtIO boot-ready now: $ready"
$same = (Get-Sha256 $disk) -eq $before
"   the source is untouched: $same (SHA-256 $before)"
foreach ($name in $times.Keys) { '   {0,-28} {1,7:N0} ms' -f $name, $times[$name].TotalMilliseconds }
"   to undo it:   $($bound.Undo)"
"   to boot it:   virsh create '$($domains[0].Path)'"
if (-not ($ready -and $same)) { exit 1 }
