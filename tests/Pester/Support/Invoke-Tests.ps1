<#
.SYNOPSIS
    Runs Pester files, with Pester 5 where it can be imported, else with the stand-in beside this script.
.DESCRIPTION
    Failures and skips go to the output, the counts "passed failed skipped" to -CountsPath. Exit code 1 when a test failed.
#>
param(
    [Parameter(Mandatory)] [string] $CountsPath,
    [Parameter(Mandatory, ValueFromRemainingArguments)] [string[]] $Path
)

$files = foreach ($item in $Path) {
    if ([System.IO.Directory]::Exists($item)) {
        $found = [System.IO.Directory]::GetFiles($item, '*.Tests.ps1', 'AllDirectories')
        [array]::Sort($found, [System.StringComparer]::Ordinal)
        $found
    } else {
        [System.IO.Path]::GetFullPath($item)
    }
}

$pester = Get-Module -ListAvailable -Name Pester | Where-Object { $_.Version.Major -eq 5 }
if ($pester) {
    Import-Module @($pester)[0].Path
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $files
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'Normal'
    $run = Invoke-Pester -Configuration $configuration
    foreach ($test in $run.Skipped) { "skipped $($test.ExpandedPath): $($test.ErrorRecord)" }
    $counts = $run.PassedCount, ($run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount), ($run.SkippedCount + $run.InconclusiveCount)
} else {
    . ([System.IO.Path]::Combine($PSScriptRoot, 'StandIn.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, 'StandIn.Should.ps1'))
    $run = Invoke-StandIn $files
    $counts = $run.Passed, $run.Failed, $run.Skipped
}

[System.IO.File]::WriteAllText($CountsPath, $counts -join ' ')
exit ($counts[1] -gt 0 ? 1 : 0)
