<#
.SYNOPSIS
    One machine by hand: look, rehearse, edit, check, write the domains.
.DESCRIPTION
    What Invoke-KvmMigration does in one go, step by step, so that each can be looked at. The source disk is not changed.
.EXAMPLE
    ./Convert-OneVm.ps1 ./win2022.vmdk ./virtio-win.iso ./out
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Disk,
    [Parameter(Mandatory)] [string] $DriverSource,
    [Parameter(Mandatory)] [string] $OutputDirectory
)

$ErrorActionPreference = 'Stop'

# 1. What is there. A guest that must not be edited is told here, with what to do first.
$layout = Get-WindowsLayout $Disk
"$($layout.Windows.ProductName) on $($layout.Firmware), host name $($layout.HostName)"
foreach ($condition in $layout.Conditions) { "not ready: $condition" }
if ($layout.Conditions.Count -gt 0) { exit 1 }

# 2. Which drivers, and what they would change: a rehearsal in memory.
$plan = $layout | New-VirtioDriverPlan -DriverSource $DriverSource
$rehearsal = $plan | Add-BootStartStorage -WhatIf
"would change: $(@($rehearsal.Changes).Where({ $_.Kind -ne 'Unchanged' }).Count) things"

# 3. For real: an overlay beside the disk.
$edit = $plan | Add-BootStartStorage | Set-CriticalDeviceDatabase

# 4. The boot store, copied to the output folder, and both domains.
$domains = $edit | Backup-Bcd -OutputDirectory $OutputDirectory | New-KvmDomainXml -OutputDirectory $OutputDirectory

# 5. The result is read again.
if (-not (Get-WindowsLayout $edit.ImagePath).IsVirtioBootReady) { throw "'$($edit.ImagePath)' is not ready for VirtIO." }
"edited disk: $($edit.ImagePath)"
foreach ($domain in $domains) { "$($domain.Phase): $($domain.Path)" }
"to undo it:  $($edit.Undo)"
