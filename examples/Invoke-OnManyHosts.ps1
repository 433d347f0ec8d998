<#
.SYNOPSIS
    Many hosts by PowerShell remoting over SSH, each with the disks that lie on it.
.DESCRIPTION
    Each host needs pwsh with this module and an SSH subsystem for PowerShell. The CSV says which host
    does what; HostName is the host's own name, with or without its domain, or its address:

        HostName,Path,OutputDirectory
        kvm01,/srv/exports/web01.ova,/srv/kvm/web01
        kvm02,/srv/exports/db01.ova,/srv/kvm/db01

    One line is put out for each machine. Exit code 1: some failed.
    Whether a host is ready says: Invoke-Command -HostName kvm01 { Get-Module Hyper2Kvm -ListAvailable }
.EXAMPLE
    ./Invoke-OnManyHosts.ps1 (Import-Csv ./machines.csv) /srv/virtio-win.iso -ThrottleLimit 8
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [object[]] $Machine,
    # On each of the hosts.
    [Parameter(Mandatory)] [string] $DriverSource,
    [int] $ThrottleLimit = 8
)

$work = {
    param($Jobs, $DriverSource)
    $address = $env:SSH_CONNECTION ? $env:SSH_CONNECTION.Split(' ')[2] : ''
    $here = $address, [Environment]::MachineName
    foreach ($job in @($Jobs).Where({ $_.HostName -in $here -or $_.HostName.Split('.')[0] -in $here })) {
        Invoke-KvmMigration -LiteralPath $job.Path -DriverSource $DriverSource -OutputDirectory $job.OutputDirectory -Resume |
            ForEach-Object { [pscustomobject] @{ Name = $_.Name; State = "$($_.State)"; ErrorId = $_.ErrorId; ImagePath = $_.ImagePath } } # an enum would come back as a number
    }
}
$hosts = [string[]] [System.Collections.Generic.HashSet[string]] [string[]] $Machine.HostName
$results = Invoke-Command -HostName $hosts -ThrottleLimit $ThrottleLimit -ScriptBlock $work -ArgumentList $Machine, $DriverSource
foreach ($result in $results) { "$($result.PSComputerName) $($result.Name) $($result.State) $($result.ErrorId)".TrimEnd() }
$idle = $hosts.Where({ $_ -notin $results.PSComputerName })
foreach ($name in $idle) { "$name did nothing: is that its own name?" }
$bad = @($results).Where({ $_.State -notin 'Completed', 'Unchanged' })
exit ($bad.Count -gt 0 -or @($results).Count -lt $Machine.Count ? 1 : 0)
