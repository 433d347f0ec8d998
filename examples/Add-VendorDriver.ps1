<#
.SYNOPSIS
    A custom vendor's driver in place of the one of virtio-win.
.DESCRIPTION
    -DriverFolder holds the vendor's packages as {driver}/{os}/{arch}, for example blk/2k22/amd64, below the folder "vendor". vendor-driver.yaml beside
    this script says so; change it to what the vendor ships (Get-Help about_Hyper2Kvm_Drivers). The plan is shown and must come from there.
.EXAMPLE
    ./Add-VendorDriver.ps1 ./win2022.vmdk ./drivers
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Disk,
    [Parameter(Mandatory)] [string] $DriverFolder,
    [string] $RuleFile = [System.IO.Path]::Combine($PSScriptRoot, 'vendor-driver.yaml')
)

$ErrorActionPreference = 'Stop'
$plan = Get-WindowsLayout $Disk | New-VirtioDriverPlan -DriverSource $DriverFolder -RuleFile $RuleFile -Bus VirtioBlk
foreach ($driver in $plan.Storage) { "$($driver.Name) $($driver.Version) from $($driver.SourceDirectory), rule $($plan.MatchedRule)" }
if (-not @($plan.Storage).Where({ $_.SourceDirectory -like 'vendor/*' })) { throw 'The plan does not take the vendor''s driver: compare the folders with the rule file.' }
$edit = $plan | Add-BootStartStorage | Set-CriticalDeviceDatabase
"edited disk: $($edit.ImagePath)"
