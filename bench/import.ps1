<#
.SYNOPSIS
    Measures Import-Module of the built module against that of a module with one empty cmdlet, in fresh processes, in turn.
.DESCRIPTION
    The trivial module is what any import of an assembly costs on this machine. Exit code 1 when the goal is missed: 300 ms at the median
    beyond the trivial module's, so that a slow or busy machine does not count.
.PARAMETER Program
    The PowerShell to measure in: pwsh, or the bundled shell.
.EXAMPLE
    pwsh -NoProfile -File bench/import.ps1 -Program pwsh -Runs 9
#>
param(
    [string] $Program = [System.IO.Path]::Combine($PSScriptRoot, '..', 'artifacts', 'shell', ($IsWindows ? 'hyper2kvm.exe' : 'hyper2kvm')),
    [int] $Runs = 7,
    [int] $GoalMs = 300
)

# An assembly with one cmdlet that does nothing.
function Write-TrivialModule([string] $Folder) {
    $name = [System.Reflection.AssemblyName]::new('Trivial')
    $made = [System.Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly, $null)
    $type = $made.DefineDynamicModule('Trivial').DefineType('GetTrivialCommand', 'Public, Class', [System.Management.Automation.PSCmdlet])
    $attribute = [System.Management.Automation.CmdletAttribute].GetConstructor([type[]] ([string], [string]))
    $type.SetCustomAttribute([System.Reflection.Emit.CustomAttributeBuilder]::new($attribute, [object[]] ('Get', 'Trivial')))
    $null = $type.CreateType()
    $path = [System.IO.Path]::Combine($Folder, 'Trivial.dll')
    $made.Save($path)
    $path
}

function Measure-Import([string] $Module) {
    $script = "`$watch = [System.Diagnostics.Stopwatch]::StartNew(); Import-Module '$Module'; `$watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)"
    [double]::Parse((& $Program -NoProfile -NonInteractive -Command $script), [cultureinfo]::InvariantCulture)
}

function Get-Median([double[]] $Value) {
    [array]::Sort($Value)
    $Value[[int] [math]::Floor($Value.Count / 2)]
}

$module = @([System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, '..', 'artifacts', 'Hyper2Kvm'), 'Hyper2Kvm.psd1', 'AllDirectories'))[0]
$folder = [System.IO.Directory]::CreateTempSubdirectory('h2kvm-bench-').FullName
try {
    $trivial = Write-TrivialModule $folder
    $ours = [System.Collections.Generic.List[double]]::new()
    $others = [System.Collections.Generic.List[double]]::new()
    for ($run = 0; $run -le $Runs; $run++) {
        $other = Measure-Import $trivial
        $own = Measure-Import $module
        # The first pair reads the files into the host's memory.
        if ($run -gt 0) { $others.Add($other); $ours.Add($own) }
    }
} finally {
    [System.IO.Directory]::Delete($folder, $true)
}

$own = Get-Median $ours
$other = Get-Median $others
'Import-Module: Hyper2Kvm {0:0} ms, trivial module {1:0} ms, ratio {2:0.0}; goal: at most {3} ms more' -f $own, $other, ($own / $other), $GoalMs
exit ($own - $other -le $GoalMs ? 0 : 1)
