#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, documents, packages.
.DESCRIPTION
    Build    the module into artifacts/Hyper2Kvm/<version>, the shell into artifacts/shell
    Test     Build, then the unit tests and the Pester files; the last line counts them
    Demo     Build, then examples/demo.ps1 on the sample disk
    Docs     Build, then checks that docs/cmdlets says what the cmdlets are
    Package  Build, then the module as a package for PSResourceGet, the shell as a dotnet tool, one zip of each, and their hashes;
             signed where -CertificatePath names a PKCS #12 file, whose password HYPER2KVM_CERTIFICATE_PASSWORD holds
    Fuzz     every parser over damaged inputs, for -Minutes or -Count mutants each, from -Seed; what must not be is kept in artifacts/fuzz
    Soak     the long run: kills, faults and undone edits by the hundred, then Fuzz; the figures come at the end
    Clean    removes everything that a build made
    Runs in pwsh and in the bundled shell alike, so it uses only the language, .NET and Microsoft.PowerShell.Core.
#>
param(
    [ValidateSet('Build', 'Demo', 'Test', 'Docs', 'Package', 'Fuzz', 'Soak', 'Clean')] [string] $Task = 'Build',
    [ValidateSet('Release', 'Debug')] [string] $Configuration = 'Release',
    [double] $Minutes = 10,
    [long] $Count = 0,
    [int] $Seed = 1,
    [string] $CertificatePath
)

$ErrorActionPreference = 'Stop'
$manifestPath = [System.IO.Path]::Combine($PSScriptRoot, 'Hyper2Kvm.psd1')
$manifest = [System.Management.Automation.Language.Parser]::ParseFile($manifestPath, [ref] $null, [ref] $null).Find(
    { $args[0] -is [System.Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
$version = $manifest.ModuleVersion

$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

function Join([string[]] $Parts) { [System.IO.Path]::Combine([string[]] (@($PSScriptRoot) + $Parts)) }

$artifacts = Join 'artifacts'
$module = Join 'artifacts', 'Hyper2Kvm', $version
$shell = Join 'artifacts', 'shell'
$platform = [System.Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier
$shellProgram = Join 'artifacts', 'shell', ($IsWindows ? 'hyper2kvm.exe' : 'hyper2kvm')

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE." }
}

function Clear-Folder([string] $Path) {
    if ([System.IO.Directory]::Exists($Path)) { [System.IO.Directory]::Delete($Path, $true) }
}

function Copy-Folder([string] $From, [string] $To) {
    $null = [System.IO.Directory]::CreateDirectory($To)
    foreach ($file in [System.IO.Directory]::EnumerateFiles($From, '*', 'AllDirectories')) {
        $target = [System.IO.Path]::Combine($To, [System.IO.Path]::GetRelativePath($From, $file))
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($target))
        [System.IO.File]::Copy($file, $target, $true)
    }
}

function Copy-File([string] $From, [string] $ToFolder) {
    $null = [System.IO.Directory]::CreateDirectory($ToFolder)
    [System.IO.File]::Copy($From, [System.IO.Path]::Combine($ToFolder, [System.IO.Path]::GetFileName($From)), $true)
}

# The compiler is a package of its own. Where it cannot be had, all works as well, only slower at every start.
function Publish-Compiled([string] $Project, [string] $To) {
    $said = & dotnet publish $Project -c $Configuration -o $To -p:PublishReadyToRun=true -v q '-nodeReuse:false' '-clp:ErrorsOnly'
    if ($LASTEXITCODE -ne 0) { $Host.UI.WriteWarningLine("Not compiled ahead of time: $Project`n$($said -join "`n")") }
    $LASTEXITCODE -eq 0
}

function Invoke-Build {
    Invoke-Dotnet build (Join 'Module.slnf') -c $Configuration -v q '-nodeReuse:false' '-clp:ErrorsOnly'

    Clear-Folder $module
    Copy-File $manifestPath $module
    Copy-File (Join 'LICENSE') $module
    Copy-Folder (Join 'src', 'Hyper2Kvm.PowerShell', 'Module') $module
    if ([System.IO.Directory]::Exists((Join 'src', 'Hyper2Kvm.PowerShell', 'Data'))) {
        Copy-Folder (Join 'src', 'Hyper2Kvm.PowerShell', 'Data') ([System.IO.Path]::Combine($module, 'data'))
    }
    $assemblies = 'Hyper2Kvm.Core', 'Hyper2Kvm.PowerShell', 'YamlDotNet', 'ZstdSharp'
    foreach ($assembly in $assemblies) {
        Copy-File (Join 'src', 'Hyper2Kvm.PowerShell', 'bin', $Configuration, 'net8.0', "$assembly.dll") ([System.IO.Path]::Combine($module, 'lib'))
    }

    # The same assemblies, compiled ahead of time for this host: see the project.
    $precompiled = Join 'artifacts', 'precompiled'
    if (Publish-Compiled (Join 'src', 'Hyper2Kvm.Precompiled') $precompiled) {
        foreach ($assembly in $assemblies) {
            Copy-File ([System.IO.Path]::Combine($precompiled, "$assembly.dll")) ([System.IO.Path]::Combine($module, 'lib', $platform))
        }
    }
    Clear-Folder $precompiled

    Clear-Folder $shell
    if (-not (Publish-Compiled (Join 'src', 'Hyper2Kvm.Shell') $shell)) {
        Invoke-Dotnet publish (Join 'src', 'Hyper2Kvm.Shell') -c $Configuration -o $shell -v q '-nodeReuse:false' '-clp:ErrorsOnly'
    }

    $help = [System.IO.Path]::Combine($module, 'en-US')
    Invoke-Dotnet (Join 'src', 'Hyper2Kvm.HelpTool', 'bin', $Configuration, 'net10.0', 'Hyper2Kvm.HelpTool.dll') (Join 'docs', 'cmdlets') $help
    "Hyper2Kvm $version is in $module"
    "The shell is $shellProgram"
}

# Counts and messages of a unit test run, from its TRX file.
function Read-UnitResult([string] $TrxPath) {
    $run = ([xml] [System.IO.File]::ReadAllText($TrxPath)).TestRun
    $counters = $run.ResultSummary.Counters
    foreach ($result in $run.Results.UnitTestResult) {
        $message = "$($result.Output.ErrorInfo.Message)$($result.Output.StdOut)".Trim()
        if ($result.outcome -eq 'Failed') { "FAILED  $($result.testName): $message" }
        if ($result.outcome -eq 'NotExecuted') { "skipped $($result.testName): $message" }
    }
    $script:unit = @([int] $counters.passed, [int] $counters.failed, ([int] $counters.total - [int] $counters.executed))
}

function Invoke-UnitTest {
    $results = Join 'artifacts', 'test-results'
    Clear-Folder $results
    & dotnet test (Join 'tests', 'Unit') -c $Configuration -v q '-nodeReuse:false' --logger 'trx;LogFileName=unit.trx' --results-directory $results
    $trx = [System.IO.Path]::Combine($results, 'unit.trx')
    if (-not [System.IO.File]::Exists($trx)) { throw "dotnet test failed with exit code $LASTEXITCODE before any test ran." }
    $testsExitCode = $LASTEXITCODE
    Read-UnitResult $trx
    if ($testsExitCode -ne 0 -and $unit[1] -eq 0) { throw "dotnet test failed with exit code $testsExitCode although no test did." }
}

# The Pester files run in an engine of their own: loaded assemblies stay loaded.
function Invoke-PesterTest([string[]] $Path) {
    $engine = [Environment]::ProcessPath
    if ([System.IO.Path]::GetFileNameWithoutExtension($engine) -ne 'pwsh') { $engine = $shellProgram }
    $counts = Join 'artifacts', 'pester-counts.txt'
    [System.IO.File]::Delete($counts)
    & $engine -NoProfile -NonInteractive -File (Join 'tests', 'Pester', 'Support', 'Invoke-Tests.ps1') -CountsPath $counts @Path
    if (-not [System.IO.File]::Exists($counts)) { throw "The Pester files did not run to their end: exit code $LASTEXITCODE." }
    $script:pester = [int[]] [System.IO.File]::ReadAllText($counts).Split(' ')
}

function Invoke-Test {
    Invoke-UnitTest
    Invoke-PesterTest (Join 'tests', 'Pester')
    ''
    "Unit tests: $($unit[0]) passed, $($unit[1]) failed, $($unit[2]) skipped. Pester: $($pester[0]) passed, $($pester[1]) failed, $($pester[2]) skipped."
    "$($unit[0] + $pester[0]) passed, $($unit[1] + $pester[1]) failed, $($unit[2] + $pester[2]) skipped"
    if ($unit[1] + $pester[1] -gt 0) { exit 1 }
}

function Invoke-Demo {
    & $shellProgram -NoProfile -File (Join 'examples', 'demo.ps1') -SampleFolder (Join 'tests', 'Fixtures') -WorkFolder (Join 'artifacts', 'demo')
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Invoke-DocTest {
    Invoke-PesterTest (Join 'tests', 'Pester', 'Module', 'Help.Tests.ps1')
    if ($pester[1] -gt 0) { exit 1 }
}

# The tool runs on any platform, so the shell is published for none.
function Publish-PortableShell([string] $To) {
    Clear-Folder $To
    Invoke-Dotnet publish (Join 'src', 'Hyper2Kvm.Shell') -c $Configuration -o $To '-p:UseCurrentRuntimeIdentifier=false' '-p:UseAppHost=false' -v q '-nodeReuse:false' '-clp:ErrorsOnly'
}

function Invoke-Package {
    . (Join 'build', 'Package.ps1')
    $packages = [System.IO.Directory]::CreateDirectory((Join 'artifacts', 'packages')).FullName
    $portable = Join 'artifacts', 'portable-shell'
    Publish-PortableShell $portable
    if ($CertificatePath) {
        foreach ($folder in $module, $shell, $portable) { $null = Add-Signature $folder $CertificatePath }
    }
    $lock = Join 'src', 'Hyper2Kvm.PowerShell', 'packages.lock.json'
    # Two registries, two folders: to NuGet, Hyper2Kvm and hyper2kvm are one name.
    $folders = foreach ($name in 'module', 'tool') { [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($packages, $name)).FullName }
    $made = @(Write-ModulePackage $module $manifest (Join 'CHANGELOG.md') $lock $folders[0])
    $made += Write-ToolPackage $portable $module $manifest (Join 'CHANGELOG.md') $folders[1]
    if ($CertificatePath) {
        foreach ($package in $made) { Invoke-Dotnet nuget sign $package --certificate-path $CertificatePath --certificate-password $env:HYPER2KVM_CERTIFICATE_PASSWORD --overwrite }
    }
    foreach ($zip in @{ "Hyper2Kvm-$version.zip" = Join 'artifacts', 'Hyper2Kvm' }, @{ "hyper2kvm-shell-$version.zip" = $shell }) {
        $path = [System.IO.Path]::Combine($packages, @($zip.Keys)[0])
        [System.IO.File]::Delete($path)
        [System.IO.Compression.ZipFile]::CreateFromDirectory(@($zip.Values)[0], $path, 'Optimal', $true)
        $made += $path
    }
    Clear-Folder $portable
    foreach ($path in $made) { "$(Get-FileHashText $path)  $path" }
}

# With the code instrumented, a mutant that leads to code not seen before is mutated further. Without the tool all works, only blindly.
function Add-Coverage([string] $Program) {
    $tools = Join 'artifacts', 'tools'
    if (-not [System.IO.Directory]::Exists($tools)) {
        & dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path $tools > $null
    }
    $trace = [System.IO.Directory]::Exists($tools) ? [System.IO.Directory]::GetFiles($tools, 'SharpFuzz.Common.dll', 'AllDirectories') : @()
    if ($trace.Count -eq 0) { $Host.UI.WriteWarningLine('SharpFuzz could not be installed: the mutants are not guided by coverage.'); return }
    & ([System.IO.Path]::Combine($tools, ($IsWindows ? 'sharpfuzz.exe' : 'sharpfuzz'))) ([System.IO.Path]::Combine($Program, 'Hyper2Kvm.Core.dll'))
    if ($LASTEXITCODE -ne 0) { throw "sharpfuzz failed with exit code $LASTEXITCODE." }
    Copy-File $trace[0] $Program
    [System.IO.File]::Delete([System.IO.Path]::Combine($Program, 'Hyper2Kvm.Fuzz.deps.json')) # it would not let the trace be found
}

# Exit code 1: an input did what it must not. The real data that HYPER2KVM_TEST_DATA names gives more seeds.
function Invoke-Fuzz {
    Invoke-Dotnet build (Join 'tests', 'Fuzz') -c $Configuration -v q '-nodeReuse:false' '-clp:ErrorsOnly'
    $program = Join 'artifacts', 'fuzz-program'
    Clear-Folder $program
    Copy-Folder (Join 'tests', 'Fuzz', 'bin', $Configuration, 'net10.0') $program
    Add-Coverage $program
    $amount = if ($Count -gt 0) { '--count', "$Count" } else { '--minutes', $Minutes.ToString([cultureinfo]::InvariantCulture) }
    & dotnet ([System.IO.Path]::Combine($program, 'Hyper2Kvm.Fuzz.dll')) @amount --seed $Seed --save (Join 'artifacts', 'fuzz')
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

# What the fuzzer's table says of all parsers together.
function Show-FuzzResult([string] $Path) {
    if (-not [System.IO.File]::Exists($Path)) { 'Inputs fuzzed: none'; return }
    $all = [System.Text.Json.JsonDocument]::Parse([System.IO.File]::ReadAllText($Path)).RootElement.EnumerateArray()
    $inputs = $executions = $findings = $parsers = 0
    $slowest = $largest = $null
    foreach ($one in $all) {
        $parsers++
        $inputs += $one.GetProperty('Inputs').GetInt64()
        $executions += $one.GetProperty('Executions').GetInt64()
        $findings += $one.GetProperty('Findings').GetInt64()
        if ($null -eq $slowest -or $one.GetProperty('WorstMilliseconds').GetDouble() -gt $slowest.GetProperty('WorstMilliseconds').GetDouble()) { $slowest = $one }
        if ($null -eq $largest -or $one.GetProperty('WorstBytes').GetInt64() -gt $largest.GetProperty('WorstBytes').GetInt64()) { $largest = $one }
    }
    "Inputs fuzzed: $executions mutants of $inputs inputs for $parsers parsers; crashes and broken bounds: $findings"
    "Worst time of one input: $([Math]::Round($slowest.GetProperty('WorstMilliseconds').GetDouble())) ms ($($slowest.GetProperty('Target').GetString()))"
    "Worst memory of one input: $([Math]::Round($largest.GetProperty('WorstBytes').GetInt64() / 1MB)) MiB ($($largest.GetProperty('Target').GetString()))"
}

# Each line of the figures file is NAME SURVIVED TRIED; the fuzzer prints its own table.
function Invoke-Soak {
    $figures = Join 'artifacts', 'soak-figures.txt'
    $null = [System.IO.Directory]::CreateDirectory((Join 'artifacts', 'fuzz'))
    [System.IO.File]::Delete($figures)
    [System.IO.File]::Delete((Join 'artifacts', 'fuzz', 'results.json'))
    $env:HYPER2KVM_SOAK = '1'
    $env:HYPER2KVM_SOAK_FIGURES = $figures
    & dotnet test (Join 'tests', 'Unit') -c $Configuration -v q '-nodeReuse:false' --filter 'FullyQualifiedName~Crash|FullyQualifiedName~InPlace|FullyQualifiedName~Killed|FullyQualifiedName~MutatedImage'
    $failed = $LASTEXITCODE -ne 0
    $sums = @{}
    foreach ($line in [System.IO.File]::Exists($figures) ? [System.IO.File]::ReadAllLines($figures) : @()) {
        $name, $survived, $tried = $line.Split(' ')
        if (-not $sums.ContainsKey($name)) { $sums[$name] = 0, 0 }
        $sums[$name] = ($sums[$name][0] + [int] $survived), ($sums[$name][1] + [int] $tried)
    }
    $texts = [ordered] @{ kills = 'Kills survived of those tried'; faults = 'Faults survived of those injected'; undone = 'Edits undone with hashes equal of those made'; mutants = 'Mutated images refused or read as QEMU reads them' }
    try {
        Invoke-Fuzz
    } finally {
        ''
        foreach ($name in $texts.Keys) { "$($texts[$name]): $($sums[$name] ? "$($sums[$name][0]) of $($sums[$name][1])" : 'none')" }
        Show-FuzzResult (Join 'artifacts', 'fuzz', 'results.json')
    }
    if ($failed) { exit 1 }
}

function Invoke-Clean {
    Clear-Folder $artifacts
    foreach ($project in [System.IO.Directory]::EnumerateFiles($PSScriptRoot, '*.csproj', 'AllDirectories')) {
        foreach ($made in 'bin', 'obj') {
            $folder = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($project), $made)
            # Windows does not let go of the program that runs this script.
            if (-not ($IsWindows -and [Environment]::ProcessPath.StartsWith($folder))) { Clear-Folder $folder }
        }
    }
}

if ($Task -eq 'Clean') { Invoke-Clean; exit 0 }
if ($Task -eq 'Fuzz') { Invoke-Fuzz; exit 0 }
if ($Task -eq 'Soak') { Invoke-Soak; exit 0 }
Invoke-Build
switch ($Task) {
    'Test' { Invoke-Test }
    'Demo' { Invoke-Demo }
    'Docs' { Invoke-DocTest }
    'Package' { Invoke-Package }
}
