<#
.SYNOPSIS
    A folder of OVAs, unattended: a log, a report for each machine, and an exit code.
.DESCRIPTION
    Each OVA gets a folder of its own below -OutputDirectory. A run that is repeated does only what is missing.
    Exit codes: 0 all are done; 1 some failed, and the log says which and why; 2 there is no OVA.
.EXAMPLE
    pwsh -NoProfile -File ./Convert-OvaFolder.ps1 ./exports ./virtio-win.iso ./out
.EXAMPLE
    hyper2kvm -NonInteractive -File ./Convert-OvaFolder.ps1 ./exports ./virtio-win.iso ./out
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $DriverSource,
    [Parameter(Mandatory)] [string] $OutputDirectory,
    [string] $LogPath
)

$ErrorActionPreference = 'Stop'
$location = $ExecutionContext.SessionState.Path
$out = [System.IO.Directory]::CreateDirectory($location.GetUnresolvedProviderPathFromPSPath($OutputDirectory)).FullName
$log = if ($LogPath) { $location.GetUnresolvedProviderPathFromPSPath($LogPath) } else { [System.IO.Path]::Combine($out, 'migration.log') }

function Write-Log([string] $Text) {
    $line = "$([datetime]::UtcNow.ToString('u')) $Text"
    [System.IO.File]::AppendAllText($log, "$line`n")
    $line
}

$bundles = [System.IO.Directory]::GetFiles($location.GetUnresolvedProviderPathFromPSPath($Folder), '*.ova')
if ($bundles.Count -eq 0) {
    Write-Log "There is no OVA in $Folder."
    exit 2
}

$failed = 0
foreach ($bundle in $bundles) {
    $name = [System.IO.Path]::GetFileNameWithoutExtension($bundle)
    $target = [System.IO.Path]::Combine($out, $name)
    $result = Invoke-KvmMigration -LiteralPath $bundle -DriverSource $DriverSource -OutputDirectory $target -Resume -ErrorAction Continue -WarningAction SilentlyContinue 2>&1 |
        Where-Object { $_ -is [Hyper2Kvm.KvmMigration] }
    if ($result.State -notin 'Completed', 'Unchanged') {
        $failed++
        Write-Log "FAILED $name [$($result.ErrorId)] $($result.Error)"
    } else {
        Write-Log "$($result.State) $name -> $($result.ImagePath)"
    }
    if ($result) { $null = $result | Export-MigrationReport -OutputDirectory $target -Force }
}

Write-Log "$($bundles.Count - $failed) of $($bundles.Count) machines are ready in $out."
exit ($failed -gt 0 ? 1 : 0)
