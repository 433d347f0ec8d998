BeforeDiscovery {
    $hasSigner = $null -ne (Get-Command osslsigncode -CommandType Application -ErrorAction Ignore)
    $hasResourceGet = $null -ne (Get-Command Save-PSResource -ErrorAction Ignore)
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    . ([System.IO.Path]::Combine($repository, 'build', 'Package.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'ScriptRules.ps1'))
    $changelog = [System.IO.Path]::Combine($repository, 'CHANGELOG.md')
    $lock = [System.IO.Path]::Combine($repository, 'src', 'Hyper2Kvm.PowerShell', 'packages.lock.json')
    $shellFolder = [System.IO.Path]::GetDirectoryName($shellProgram)

    function New-TestFolder { [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($TestDrive, [guid]::NewGuid().ToString('N'))).FullName }

    function Copy-Tree([string] $From, [string] $To) {
        foreach ($file in [System.IO.Directory]::GetFiles($From, '*', 'AllDirectories').Where({ $_.Substring($From.Length) -notmatch '[\\/](bin|obj)[\\/]' })) {
            $target = [System.IO.Path]::Combine($To, [System.IO.Path]::GetRelativePath($From, $file))
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($target))
            [System.IO.File]::Copy($file, $target)
        }
    }

    # A copy, for a package gets a list of what is inside.
    function New-ModuleCopy {
        $copy = New-TestFolder
        Copy-Tree $moduleFolder $copy
        $copy
    }

    function Read-ZipText([string] $Path, [string] $Entry) {
        $zip = [System.IO.Compression.ZipFile]::OpenRead($Path)
        try {
            $reader = [System.IO.StreamReader]::new($zip.GetEntry($Entry).Open())
            $reader.ReadToEnd()
        } finally {
            $zip.Dispose()
        }
    }

    # For signing code, by itself.
    function New-Certificate($Key) {
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=Throw-away', $Key, 'SHA256', [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
        $usage = [System.Security.Cryptography.OidCollection]::new()
        $null = $usage.Add([System.Security.Cryptography.Oid]::new('1.3.6.1.5.5.7.3.3'))
        $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension]::new($usage, $true))
        $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509KeyUsageExtension]::new('DigitalSignature', $true))
        $request.CreateSelfSigned([datetimeoffset]::UtcNow.AddDays(-1), [datetimeoffset]::UtcNow.AddDays(1))
    }

    function Get-ZipName([string] $Path) {
        $zip = [System.IO.Compression.ZipFile]::OpenRead($Path)
        try { $zip.Entries.FullName } finally { $zip.Dispose() }
    }
}

Describe 'The module''s package' {
    BeforeAll {
        $copy = New-ModuleCopy
        $package = Write-ModulePackage $copy $manifest $changelog $lock (New-TestFolder)
        $nuspec = ([xml] (Read-ZipText $package 'Hyper2Kvm.nuspec')).package.metadata
    }

    It 'says who, what, which license, and what is new' {
        $nuspec.id | Should -Be 'Hyper2Kvm'
        $nuspec.version | Should -Be $manifest.ModuleVersion
        $nuspec.license.InnerText | Should -Be 'LICENSE'
        $nuspec.icon | Should -Be 'icon.png'
        $nuspec.releaseNotes | Should -Match '### Added'
        $tags = $nuspec.tags.Split(' ')
        foreach ($tag in 'PSModule', 'PSEdition_Core', 'KVM', 'PSCmdlet_Get-WindowsLayout') { $tags | Should -Contain $tag }
        $names = Get-ZipName $package
        foreach ($name in '_rels/.rels', '[Content_Types].xml', 'LICENSE', 'icon.png', 'Hyper2Kvm.psd1', 'lib/Hyper2Kvm.Core.dll', 'bom.cdx.json') { $names | Should -Contain $name }
    }

    It 'lists what is inside with hashes, and the packages that it carries' {
        $bom = [System.Text.Json.JsonDocument]::Parse((Read-ZipText $package 'bom.cdx.json')).RootElement
        $bom.GetProperty('bomFormat').GetString() | Should -Be 'CycloneDX'
        $components = @($bom.GetProperty('components').EnumerateArray())
        @($components.Where({ $_.GetProperty('type').GetString() -eq 'library' }).ForEach({ $_.GetProperty('name').GetString() })) | Should -Be @('YamlDotNet', 'ZstdSharp.Port')
        $files = $components.Where({ $_.GetProperty('type').GetString() -eq 'file' })
        $files.Count | Should -Be ([System.IO.Directory]::GetFiles($copy, '*', 'AllDirectories').Count - 1)
        foreach ($file in $files) {
            $file.GetProperty('hashes')[0].GetProperty('content').GetString() | Should -Be (Get-FileHashText "$copy/$($file.GetProperty('name').GetString())")
        }
    }

    It 'is the same to the byte when it is made again' {
        Get-FileHashText (Write-ModulePackage (New-ModuleCopy) $manifest $changelog $lock (New-TestFolder)) | Should -Be (Get-FileHashText $package)
    }

    It 'is taken by PSResourceGet' -Skip:(-not $hasResourceGet) {
        $target = New-TestFolder
        Register-PSResourceRepository -Name h2kvtest -Uri ([System.IO.Path]::GetDirectoryName($package)) -Trusted -Force
        try { Save-PSResource Hyper2Kvm -Repository h2kvtest -Path $target -TrustRepository } finally { Unregister-PSResourceRepository h2kvtest }
        $psd1 = "$target/Hyper2Kvm/$($manifest.ModuleVersion)/Hyper2Kvm.psd1"
        $found = Test-ModuleManifest $psd1
        $found.ExportedCmdlets.Keys | Should -HaveCount $manifest.CmdletsToExport.Count
    }
}

Describe 'The build' {
    It 'gives the same assemblies in another folder' {
        $other = New-TestFolder
        foreach ($file in 'Directory.Build.props', 'Directory.Packages.props', 'Hyper2Kvm.psd1', '.editorconfig') { [System.IO.File]::Copy("$repository/$file", "$other/$file") }
        foreach ($project in 'Hyper2Kvm.Core', 'Hyper2Kvm.PowerShell') { Copy-Tree "$repository/src/$project" "$other/src/$project" }
        $said = & dotnet build "$other/src/Hyper2Kvm.PowerShell" -c Release -v q --nologo '-nodeReuse:false' '-clp:ErrorsOnly' 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        foreach ($name in 'Hyper2Kvm.Core', 'Hyper2Kvm.PowerShell') {
            Get-FileHashText "$other/src/Hyper2Kvm.PowerShell/bin/Release/net8.0/$name.dll" | Should -Be (Get-FileHashText "$moduleFolder/lib/$name.dll") -Because $name
        }
    }
}

Describe 'The shell as a dotnet tool' {
    It 'is installed from a folder, and runs a cmdlet' {
        $feed = New-TestFolder
        $package = Write-ToolPackage $shellFolder (New-ModuleCopy) $manifest $changelog $feed
        ([xml] (Read-ZipText $package 'hyper2kvm.nuspec')).package.metadata.packageTypes.packageType.name | Should -Be 'DotnetTool'
        $tools = New-TestFolder
        # Packages are kept by id and version, so a cache of its own.
        $cache = $env:NUGET_PACKAGES
        $env:NUGET_PACKAGES = New-TestFolder
        try { $said = & dotnet tool install hyper2kvm --tool-path $tools --source $feed --version $manifest.ModuleVersion 2>&1 } finally { $env:NUGET_PACKAGES = $cache }
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        $program = [System.IO.Path]::Combine($tools, ($IsWindows ? 'hyper2kvm.exe' : 'hyper2kvm'))
        $modulePath = $env:PSModulePath
        $env:PSModulePath = ''
        try { $path = & $program -NoProfile -Command '(Get-Command Get-WindowsLayout).Module.Path' } finally { $env:PSModulePath = $modulePath }
        "$path" | Should -Match ([regex]::Escape([System.IO.Path]::GetFullPath($tools)))
    }
}

Describe 'Signing' {
    It 'signs our assemblies and scripts with the certificate that is given, and the module still works' -Skip:(-not $hasSigner) {
        $key = [System.Security.Cryptography.RSA]::Create(2048)
        $certificate = New-Certificate $key
        $folder = New-TestFolder
        [System.IO.File]::WriteAllBytes("$folder/throw-away.pfx", $certificate.Export('Pfx', 'p'))
        [System.IO.File]::WriteAllText("$folder/throw-away.pem", $certificate.ExportCertificatePem())

        $copy = New-ModuleCopy
        $env:HYPER2KVM_CERTIFICATE_PASSWORD = 'p'
        try { $signed = @(Add-Signature $copy "$folder/throw-away.pfx") } finally { $env:HYPER2KVM_CERTIFICATE_PASSWORD = $null }
        $signed.ForEach({ [System.IO.Path]::GetFileName($_) }) | Should -Contain 'Hyper2Kvm.psd1'
        $signed.ForEach({ [System.IO.Path]::GetFileName($_) }) | Should -Contain 'Hyper2Kvm.Core.dll'
        foreach ($file in $signed) {
            $said = & osslsigncode verify -CAfile "$folder/throw-away.pem" -in $file 2>&1
            $LASTEXITCODE | Should -Be 0 -Because "$file $said"
        }
        $run = Invoke-Shell -Arguments '-NoProfile', '-Command', "Import-Module '$copy/Hyper2Kvm.psd1'; (Get-Command -Module Hyper2Kvm).Count"
        $run.Output | Should -Be "$($manifest.CmdletsToExport.Count)" -Because $run.Errors
    }
}

Describe 'Signing of packages' {
    It 'is done by NuGet with a throw-away certificate, and what was signed is whole' {
        $key = [System.Security.Cryptography.RSA]::Create(2048)
        $folder = New-TestFolder
        [System.IO.File]::WriteAllBytes("$folder/throw-away.pfx", (New-Certificate $key).Export('Pfx', 'p'))
        $package = Write-ModulePackage (New-ModuleCopy) $manifest $changelog $lock (New-TestFolder)
        $said = & dotnet nuget sign $package --certificate-path "$folder/throw-away.pfx" --certificate-password p --overwrite 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        Get-ZipName $package | Should -Contain '.signature.p7s'
        # Nobody trusts the certificate, so it cannot be more than whole: NU3018 is about its chain, NU3008 would be about the content.
        $said = & dotnet nuget verify --all $package 2>&1
        "$said" | Should -Not -Match 'NU3008|NU3005'
        "$said" | Should -Match 'CN=Throw-away'
    }
}

Describe 'Beside another YamlDotNet' {
    It 'the module takes its own, whichever is loaded already' {
        # An assembly of that name and an old version, without a type: whoever got this one could read no YAML.
        $script = @'
$name = [System.Reflection.AssemblyName]::new('YamlDotNet')
$name.Version = '5.0.0.0'
$made = [System.Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly, $null)
$null = $made.DefineDynamicModule('YamlDotNet')
$path = 'FOLDER/YamlDotNet.dll'
$made.Save($path)
$null = [System.Reflection.Assembly]::LoadFrom($path)
$plan = Get-WindowsLayout 'DISK' | New-VirtioDriverPlan 'ISO' -AllowUnsignedDriver -WarningAction Ignore
$plan.MatchedRule
@([System.AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'YamlDotNet' }).ForEach({ $_.GetName().Version.Major })) -join ' '
'@
        $fixtures = [System.IO.Path]::Combine($repository, 'tests', 'Fixtures')
        $script = $script.Replace('FOLDER', (New-TestFolder)).Replace('DISK', "$fixtures/sample-win2022/sample-win2022.vmdk").Replace('ISO', "$fixtures/sample-virtio-win/sample-virtio-win.iso")
        $run = Invoke-Shell -Arguments '-NoProfile', '-Command', $script
        $run.Output.ReplaceLineEndings("`n") | Should -Be "2k22`n5 16" -Because $run.Errors
    }
}

Describe 'What PSScriptAnalyzer asks by default' {
    It 'of the manifest' {
        foreach ($field in 'ModuleVersion', 'GUID', 'Author', 'Description', 'Copyright', 'PowerShellVersion') { $manifest[$field] | Should -Not -BeNullOrEmpty -Because $field }
        foreach ($field in 'CmdletsToExport', 'FunctionsToExport', 'AliasesToExport', 'VariablesToExport') { $manifest.ContainsKey($field) | Should -BeTrue -Because $field }
    }

    It 'of the scripts in <Folder>' -ForEach @(
        @{ Folder = 'src/Hyper2Kvm.PowerShell/Module'; Except = @() }
        @{ Folder = 'examples'; Except = @() }
        @{ Folder = 'build'; Except = @() }
        @{ Folder = 'bench'; Except = @() }
        @{ Folder = '.'; Except = @() }
        # Its Set-Location stands for the command of that name, which has no ShouldProcess either.
        @{ Folder = 'src/Hyper2Kvm.Shell'; Except = @('PSUseShouldProcessForStateChangingFunctions') }
        # Helpers make things that are thrown away; a mock has the name, the parameters and the variables of what it stands for; pwsh reads UTF-8.
        @{ Folder = 'tests'; Except = @('PSUseShouldProcessForStateChangingFunctions', 'PSUseBOMForUnicodeEncodedFile', 'PSReviewUnusedParameter', 'PSUseApprovedVerbs', 'PSUseDeclaredVarsMoreThanAssignments', 'PSAvoidGlobalVars') }
    ) {
        $option = $Folder -eq '.' ? 'TopDirectoryOnly' : 'AllDirectories'
        $files = [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($repository, $Folder), '*', $option).Where({ $_ -match '\.(ps1|psm1|psd1)$' -and $_ -notmatch '[\\/](bin|obj)[\\/]' })
        $files.Count | Should -BeGreaterThan 0
        foreach ($file in $files) { Get-ScriptFault $file $Except | Should -BeNullOrEmpty -Because $file }
    }

    It 'of what would be against its rules, so that they can be seen to judge' {
        $file = [System.IO.Path]::Combine((New-TestFolder), 'bad.ps1')
        [System.IO.File]::WriteAllText($file, @'
function Fetch-Things([switch] $Fast = $true, [string] $Password, $Unused) {TRAILING
    $Fast; $Password
    try { Write-Host a } catch { }
    if ($x = 1) { }
    if ($x -eq $null) { $args = 2; $nobody = 3; $global:all = 4 }
    Invoke-Expression 'x'; foreach-object { Where-Object a b c }
    gi über -ComputerName host1
    ConvertTo-SecureString a -AsPlainText
}
function New-Thing { }
'@.Replace('TRAILING', '  '))
        $rules = (Get-ScriptFault $file).ForEach({ ($_ -split ':')[0] })
        foreach ($rule in 'ApprovedVerbs', 'SingularNouns', 'ShouldProcessForStateChangingFunctions', 'BOMForUnicodeEncodedFile', 'DeclaredVarsMoreThanAssignments') { $rules | Should -Contain "PSUse$rule" }
        foreach ($rule in 'DefaultValueSwitchParameter', 'UsingPlainTextForPassword', 'UsingWriteHost', 'UsingInvokeExpression', 'UsingEmptyCatchBlock', 'GlobalVars', 'AssignmentToAutomaticVariable',
            'TrailingWhitespace', 'UsingPositionalParameters', 'UsingComputerNameHardcoded', 'UsingConvertToSecureStringWithPlainText') { $rules | Should -Contain "PSAvoid$rule" }
        foreach ($rule in 'PSReviewUnusedParameter', 'PSPossibleIncorrectComparisonWithNull', 'PSPossibleIncorrectUsageOfAssignmentOperator') { $rules | Should -Contain $rule }
    }
}
