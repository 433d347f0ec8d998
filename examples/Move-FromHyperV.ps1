<#
.SYNOPSIS
    Hyper-V to KVM: takes machines that are off to KVM, from their VHDX files as they lie there.
.DESCRIPTION
    Runs on the Hyper-V host, or anywhere that sees the disks by the paths that Hyper-V names. Secure Boot, the boot order and the TPM are
    asked of Hyper-V beside the machine. Checkpoints are followed (AVHDX); what is written lies in -OutputDirectory.
.EXAMPLE
    ./Move-FromHyperV.ps1 web01 -DriverSource ./virtio-win.iso -OutputDirectory ./out
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)] [string[]] $Name,
    [Parameter(Mandatory)] [string] $DriverSource,
    [Parameter(Mandatory)] [string] $OutputDirectory
)

$out = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputDirectory)
foreach ($vm in $Name | ForEach-Object { Get-VM -Name $_ }) {
    if ("$($vm.State)" -ne 'Off') {
        $PSCmdlet.WriteWarning("$($vm.Name) is $($vm.State): shut it down fully first (Stop-VM; not Save-VM).")
        continue
    }
    $beside = @{}
    if ($vm.Generation -eq 2) {
        $beside.VMFirmware = Get-VMFirmware -VMName $vm.Name
        $beside.VMSecurity = Get-VMSecurity -VMName $vm.Name
    }
    $target = [System.IO.Path]::Combine($out, $vm.Name)
    # libvirt knows no VHDX: the disk becomes one QCOW2.
    $result = Get-SourceMachine -InputObject $vm @beside |
        Invoke-KvmMigration -DriverSource $DriverSource -OutputDirectory $target -ConvertTo Qcow2 -Resume
    $null = $result | Export-MigrationReport -OutputDirectory $target -Force
    $result
}
