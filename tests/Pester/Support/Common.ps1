# What the Pester files share. Dot-source it in BeforeAll (and in BeforeDiscovery where cases come from the module).

$repository = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', '..'))
$manifestPath = [System.IO.Path]::Combine($repository, 'Hyper2Kvm.psd1')
$manifest = [System.Management.Automation.Language.Parser]::ParseFile($manifestPath, [ref] $null, [ref] $null).Find(
    { $args[0] -is [System.Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
$moduleFolder = [System.IO.Path]::Combine($repository, 'artifacts', 'Hyper2Kvm', $manifest.ModuleVersion)
$shellProgram = [System.IO.Path]::Combine($repository, 'artifacts', 'shell', ($IsWindows ? 'hyper2kvm.exe' : 'hyper2kvm'))

# The sample drivers are stand-ins that nobody signed.
$global:PSDefaultParameterValues['New-VirtioDriverPlan:AllowUnsignedDriver'] = $true
$global:PSDefaultParameterValues['Invoke-KvmMigration:AllowUnsignedDriver'] = $true

# Imports the built module, not another one that the machine may have.
function Import-BuiltModule {
    Import-Module ([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.psd1')) -Force -Global
}

# Runs the bundled shell, or pwsh, to its end: ExitCode, Output, Errors.
function Invoke-Shell([string[]] $Arguments, [string] $StandardInput = '', [string] $Program = $shellProgram) {
    $start = [System.Diagnostics.ProcessStartInfo]::new($Program)
    foreach ($argument in $Arguments) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Write($StandardInput)
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $output = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        [pscustomobject] @{ ExitCode = $process.ExitCode; Output = $output.TrimEnd(); Errors = $errors.Result.TrimEnd() }
    } finally {
        $process.Dispose()
    }
}
