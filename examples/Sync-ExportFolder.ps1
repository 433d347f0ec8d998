<#
.SYNOPSIS
    A scheduled run that picks up new exports.
.DESCRIPTION
    Looks for OVAs, takes those that are complete and not yet migrated, and leaves the rest for the next run. Meant for cron, a systemd timer or
    the Windows task scheduler:

        */15 * * * *  hyper2kvm -NonInteractive -File /opt/h2kv/Sync-ExportFolder.ps1 /srv/exports /srv/virtio-win.iso /srv/kvm
        Register-ScheduledTask -TaskName Hyper2Kvm -Trigger (New-ScheduledTaskTrigger -Once -At 0:00 -RepetitionInterval (New-TimeSpan -Minutes 15)) `
            -Action (New-ScheduledTaskAction -Execute pwsh -Argument '-NoProfile -File C:\h2kv\Sync-ExportFolder.ps1 D:\exports D:\virtio-win.iso D:\kvm')

    A run that finds another one at work ends at once. Exit codes: 0 nothing is left to do; 1 some failed; 3 another run is at work.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $DriverSource,
    [Parameter(Mandatory)] [string] $OutputDirectory,
    # An export is taken when it was not written to for this long.
    [int] $QuietSeconds = 120
)

$ErrorActionPreference = 'Stop'
$location = $ExecutionContext.SessionState.Path
$out = [System.IO.Directory]::CreateDirectory($location.GetUnresolvedProviderPathFromPSPath($OutputDirectory)).FullName
try {
    $lock = [System.IO.File]::Open([System.IO.Path]::Combine($out, '.sync.lock'), 'OpenOrCreate', 'ReadWrite', 'None')
} catch [System.IO.IOException] {
    'Another run is at work.'
    exit 3
}

try {
    $failed = 0
    foreach ($bundle in [System.IO.Directory]::GetFiles($location.GetUnresolvedProviderPathFromPSPath($Folder), '*.ova')) {
        $name = [System.IO.Path]::GetFileNameWithoutExtension($bundle)
        if (([datetime]::UtcNow - [System.IO.File]::GetLastWriteTimeUtc($bundle)).TotalSeconds -lt $QuietSeconds) {
            "$name is still being written: next time."
            continue
        }
        $target = [System.IO.Path]::Combine($out, $name)
        $result = Invoke-KvmMigration -LiteralPath $bundle -DriverSource $DriverSource -OutputDirectory $target -Resume -ErrorAction Continue -WarningAction SilentlyContinue 2>&1 |
            Where-Object { $_ -is [Hyper2Kvm.KvmMigration] }
        "$name $($result.State ?? 'Failed') $($result.ErrorId)".TrimEnd()
        if ($result.State -notin 'Completed', 'Unchanged') { $failed++ }
        if ($result.State -eq 'Completed') { $null = $result | Export-MigrationReport -OutputDirectory $target -Force }
    }
} finally {
    $lock.Dispose()
}
exit ($failed -gt 0 ? 1 : 0)
