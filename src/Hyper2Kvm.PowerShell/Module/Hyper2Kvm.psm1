# Core goes into the default load context, so that [Hyper2Kvm.WindowsLayout] and the like work in scripts. The cmdlets and their packages
# go into one of their own. Only the language, .NET and Microsoft.PowerShell.Core are used here: no Add-Type.

# lib/<platform> holds the same assemblies compiled ahead of time for .NET 10; any other runtime takes the portable ones.
$lib = [System.IO.Path]::Combine($PSScriptRoot, 'lib')
$precompiled = [System.IO.Path]::Combine($lib, [System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)
if ([System.Environment]::Version.Major -eq 10 -and [System.IO.Directory]::Exists($precompiled)) { $lib = $precompiled }

$core = [System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($lib, 'Hyper2Kvm.Core.dll'))
$cmdlets = $core.GetType('Hyper2Kvm.Loading.ModuleLoadContext', $true).GetProperty('Module').GetValue($null)
$inner = Microsoft.PowerShell.Core\Import-Module -Assembly $cmdlets -PassThru

# A module from an assembly has no name, so PowerShell makes one up, which would stand in every PSPath of the providers.
$null = [System.Management.Automation.PSModuleInfo].GetMethod(
    'SetName', [System.Reflection.BindingFlags] 'Instance, NonPublic').Invoke($inner, @('Hyper2Kvm.PowerShell'))

# When Import-Module -Force comes a second time, PowerShell takes the assembly's module from its cache and does not add the cmdlets to ours
# (https://github.com/PowerShell/PowerShell/issues/20710).
$addExportedCmdlet = [System.Management.Automation.PSModuleInfo].GetMethod(
    'AddExportedCmdlet', [System.Reflection.BindingFlags] 'Instance, NonPublic')
foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
    $null = $addExportedCmdlet.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
}
