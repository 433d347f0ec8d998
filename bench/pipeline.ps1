# What is measured of Hyper2Kvm: the six cmdlets on one disk, in an engine that is already running with the module loaded.
# Writes one line of JSON: milliseconds, bytes that this process read, bytes of the overlay.
param([string] $Disk, [string] $DriverSource, [string] $OutputDirectory)
$ErrorActionPreference = 'Stop'
Import-Module Hyper2Kvm

function Get-BytesRead {
    foreach ($line in [IO.File]::ReadAllLines('/proc/self/io')) {
        if ($line.StartsWith('rchar: ')) { return [long] $line.Substring(7) }
    }
}

$before = Get-BytesRead
$clock = [Diagnostics.Stopwatch]::StartNew()
$domains = Get-WindowsLayout $Disk |
    New-VirtioDriverPlan -DriverSource $DriverSource -AllowUnsignedDriver |
    Add-BootStartStorage |
    Set-CriticalDeviceDatabase |
    Backup-Bcd |
    New-KvmDomainXml -Phase Bootstrap, Final -OutputDirectory $OutputDirectory
$clock.Stop()
$read = (Get-BytesRead) - $before
if (@($domains).Count -ne 2) { throw "expected two domains, got $(@($domains).Count)" }
$overlay = [IO.FileInfo]::new(@($domains)[0].ImagePath).Length
"{""ms"":$($clock.ElapsedMilliseconds),""read"":$read,""overlay"":$overlay}"
