<#
.SYNOPSIS
    PowerCLI to KVM: exports powered-off machines from vSphere and takes them to KVM.
.DESCRIPTION
    Connect first: Connect-VIServer. A machine that runs is left out with a warning. Each gets a folder of its own, with its export below.
    Datastores are no folders of this host, so the disks are exported (Export-VApp) and the OVF beside them tells processors, memory,
    firmware, addresses and data disks.
.EXAMPLE
    ./Move-FromVMware.ps1 web01, web02 -DriverSource ./virtio-win.iso -OutputDirectory ./out -NetworkMap @{ 'VM Network' = 'br0' }
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)] [string[]] $Name,
    [Parameter(Mandatory)] [string] $DriverSource,
    [Parameter(Mandatory)] [string] $OutputDirectory,
    [hashtable] $NetworkMap = @{},
    # An error for a guest that has no VMware Tools.
    [switch] $RemoveGuestTool
)

$out = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputDirectory)
foreach ($vm in Get-VM -Name $Name) {
    if ("$($vm.PowerState)" -ne 'PoweredOff') {
        $PSCmdlet.WriteWarning("$($vm.Name) is $($vm.PowerState): shut it down fully first (shutdown /s /t 0).")
        continue
    }
    $target = [System.IO.Path]::Combine($out, $vm.Name)
    $export = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($target, 'export')).FullName
    $files = Export-VApp -VM $vm -Destination $export -Format Ovf -CreateSeparateFolder:$false
    $settings = @{ DriverSource = $DriverSource; OutputDirectory = $target; Resume = $true }
    if ($RemoveGuestTool) { $settings.RemoveGuestTool = 'VMware' }
    if ($NetworkMap.Count -gt 0) { $settings.NetworkMap = $NetworkMap }
    $result = @($files).Where({ $_.Extension -eq '.ovf' }) | Get-SourceMachine | Invoke-KvmMigration @settings
    $null = $result | Export-MigrationReport -OutputDirectory $target -Force
    $result
}
