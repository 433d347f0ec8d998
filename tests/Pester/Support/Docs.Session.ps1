# Runs 0.ps1, 1.ps1 ... of a folder one after the other, as a reader would type them. Before the output of each stands "#### number",
# after it a line "#### error: ..." for each error that it wrote. See Docs.ps1.
param(
    [Parameter(Mandatory)] [string] $DocFolder,
    [Parameter(Mandatory)] [int] $DocCount,
    [switch] $Fresh
)

# No program of this machine is within reach, so that no page can do more than cmdlets do: but for qemu-img, which stands for the KVM
# host, and does nothing where it is not installed, and for the pages that boot a domain.
$docQemuImg = @(Get-Command qemu-img -CommandType Application -ErrorAction Ignore).ForEach({ $_.Source })[0]
function qemu-img { if ($docQemuImg) { & $docQemuImg @args } }
$docPath = $env:PATH
$env:PATH = ''

# The drivers that the pages name are stand-ins here, which nobody signed.
$PSDefaultParameterValues['New-VirtioDriverPlan:AllowUnsignedDriver'] = $true
$PSDefaultParameterValues['Invoke-KvmMigration:AllowUnsignedDriver'] = $true

# Hyper-V is not here: a machine with the property names of its own.
function Get-VM([string] $Name) {
    [pscustomobject] @{
        Name = $Name; Id = [guid] '4f0b6c2d-7a4e-4d8f-9c1b-0a6f3d2e5b71'; Path = 'C:\ProgramData\Microsoft\Windows\Hyper-V'; Generation = 2; ProcessorCount = 4
        MemoryStartup = 8GB; HardDrives = @([pscustomobject] @{ Path = 'C:\VMs\web01.vmdk'; ControllerType = 'SCSI'; ControllerNumber = 0; ControllerLocation = 0 })
        NetworkAdapters = @([pscustomobject] @{ SwitchName = 'LAN'; MacAddress = '00155D012345' })
    }
}

# What the topic about_Hyper2Kvm calls "objects that come back".
$old = [pscustomobject] @{ ImagePath = './web01.vmdk' }

for ($docNumber = 0; $docNumber -lt $DocCount; $docNumber++) {
    Set-Location ([System.IO.Path]::Combine($DocFolder, "$($Fresh ? $docNumber : 0)"))
    [Environment]::CurrentDirectory = (Get-Location).Path
    $docScript = [System.IO.Path]::Combine($DocFolder, "$docNumber.ps1")
    $env:PATH = [System.IO.File]::ReadAllText($docScript) -match 'Test-KvmBoot' ? $docPath : ''
    $docErrors = [System.Collections.Generic.List[object]]::new()
    $docKeep = { if ($_ -is [System.Management.Automation.ErrorRecord]) { $docErrors.Add($_) } else { $_ } }
    $global:LASTEXITCODE = 0
    $Host.UI.WriteLine("#### $docNumber")
    try {
        if ($Fresh) { & $docScript 2>&1 | ForEach-Object $docKeep | Out-Default } else { . $docScript 2>&1 | ForEach-Object $docKeep | Out-Default }
    } catch {
        $docErrors.Add($_)
    }
    if ($LASTEXITCODE -ne 0) { $Host.UI.WriteLine("#### error: exit code $LASTEXITCODE") }
    foreach ($docError in $docErrors) {
        $Host.UI.WriteLine("#### error: $("$docError" -replace '\s+', ' ') [$($docError.FullyQualifiedErrorId)] line $($docError.InvocationInfo.ScriptLineNumber)")
    }
}
