# Guests to work on, and what to say about what cmdlets did to them. Dot-source it in BeforeAll; it brings Common.ps1 and the module.

. ([System.IO.Path]::Combine($PSScriptRoot, 'Common.ps1'))
Import-BuiltModule

$fixtures = [System.IO.Path]::Combine($repository, 'tests', 'Fixtures')
$driverIso = [System.IO.Path]::Combine($fixtures, 'sample-virtio-win', 'sample-virtio-win.iso')

function New-Folder {
    [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))).FullName
}

# A copy of a guest of its own; the sample that the variants stand on lies where they look for it. Puts out the disk's path.
function New-Guest([string] $Name = 'sample-win2022') {
    $folder = New-Folder
    $samples = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($folder, 'sample-win2022')).FullName
    $sample = [System.IO.Path]::Combine($samples, 'sample-win2022.vmdk')
    [System.IO.File]::Copy([System.IO.Path]::Combine($fixtures, 'sample-win2022', 'sample-win2022.vmdk'), $sample)
    if ($Name -eq 'sample-win2022') { return $sample }

    $variants = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($folder, 'variants')).FullName
    $fixture = [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($fixtures, 'variants'), "$Name.*").Where({ $_ -match '\.(qcow2|vmdk)$' })[0]
    $disk = [System.IO.Path]::Combine($variants, [System.IO.Path]::GetFileName($fixture))
    [System.IO.File]::Copy($fixture, $disk)
    $disk
}

# The folder that New-Guest made for a disk: whatever lies in it has been written by a cmdlet or by New-Guest.
function Get-GuestFolder([string] $Disk) { [System.IO.Path]::GetDirectoryName([System.IO.Path]::GetDirectoryName($Disk)) }

# The sample stands on nothing, so no chain is needed where many disks or other names are wanted.
function Copy-Sample([string] $Target) {
    [System.IO.File]::Copy([System.IO.Path]::Combine($fixtures, 'sample-win2022', 'sample-win2022.vmdk'), $Target)
    $Target
}

# What a folder holds, to the byte: compare it before and after.
function Get-Snapshot([string] $Folder) {
    $entries = [System.IO.Directory]::GetFileSystemEntries($Folder, '*', 'AllDirectories')
    [array]::Sort($entries, [System.StringComparer]::Ordinal)
    $lines = foreach ($entry in $entries) {
        $content = [System.IO.File]::Exists($entry) ? [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($entry))) : 'folder'
        "$([System.IO.Path]::GetRelativePath($Folder, $entry)) $content"
    }
    $lines -join "`n"
}

function Get-Sha256([string] $Path) {
    [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($Path)))
}

# Runs a script to its end: Output, Errors (those that ended it too), Warnings, Verbose. Nothing is lost, nothing is printed.
function Invoke-Recorded([scriptblock] $Script) {
    $ErrorActionPreference = 'Continue'
    $all = [System.Collections.Generic.List[object]]::new()
    try {
        & $Script *>&1 | ForEach-Object { $all.Add($_) }
    } catch {
        $all.Add($_)
    }
    [pscustomobject] @{
        Output   = @($all.Where({ $_ -isnot [System.Management.Automation.InformationalRecord] -and $_ -isnot [System.Management.Automation.ErrorRecord] }))
        Errors   = @($all.Where({ $_ -is [System.Management.Automation.ErrorRecord] }))
        Warnings = @($all.Where({ $_ -is [System.Management.Automation.WarningRecord] }))
        Verbose  = @($all.Where({ $_ -is [System.Management.Automation.VerboseRecord] }))
    }
}

# A plan for the drivers of the sample ISO, without the warnings that its stand-ins earn.
function New-SamplePlan([string] $Disk) {
    Get-WindowsLayout -LiteralPath $Disk | New-VirtioDriverPlan -DriverSource $driverIso -WarningAction SilentlyContinue
}
