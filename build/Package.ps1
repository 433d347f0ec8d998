# How packages are made: dot-sourced by build.ps1, and by the test of it. Uses only the language and .NET.
# A package is the same to the byte when its content is: entries in the order of their names, one time for all, ids made of the content.

# 1980-01-01 is the first time that a ZIP archive can hold.
$packageTime = [datetimeoffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero)

function ConvertTo-XmlText([string] $Text) { [System.Security.SecurityElement]::Escape($Text) }

function ConvertTo-JsonText([string] $Text) { '"' + [System.Text.Json.JsonEncodedText]::Encode($Text).ToString() + '"' }

function Get-FileHashText([string] $Path) {
    [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($Path))).ToLowerInvariant()
}

# The newest section of the changelog.
function Get-ReleaseNote([string] $ChangelogPath) {
    $text = [System.IO.File]::ReadAllText($ChangelogPath).ReplaceLineEndings("`n")
    [regex]::Match($text, '(?ms)^## \[[^\]]+\]\n(.*?)(?=^## \[|\z)').Groups[1].Value.Trim()
}

# Files of a folder: path within the package -> path on the host.
function Get-PackageContent([string] $Folder, [string] $Within = '') {
    $content = [System.Collections.Generic.SortedDictionary[string, string]]::new([System.StringComparer]::Ordinal)
    foreach ($file in [System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories')) {
        $content["$Within$([System.IO.Path]::GetRelativePath($Folder, $file).Replace('\', '/'))"] = $file
    }
    , $content
}

# What is inside, as CycloneDX 1.6: the files of the package with their hashes, and the packages that they come from.
# -LockFile: packages.lock.json of the projects, which name what was resolved; -Shipped: the ones of which a file is in the package.
function Get-BomText([string] $Name, [string] $Version, $Content, [string[]] $LockFile, [string[]] $Shipped) {
    $resolved = @{}
    foreach ($path in $LockFile) {
        $document = [System.Text.Json.JsonDocument]::Parse([System.IO.File]::ReadAllText($path))
        try {
            foreach ($framework in $document.RootElement.GetProperty('dependencies').EnumerateObject()) {
                foreach ($package in $framework.Value.EnumerateObject()) {
                    $value = [System.Text.Json.JsonElement]::new()
                    if ($package.Value.TryGetProperty('resolved', [ref] $value)) { $resolved[$package.Name] = $value.GetString() }
                }
            }
        } finally {
            $document.Dispose()
        }
    }
    $components = foreach ($package in $Shipped) {
        if (-not $resolved.ContainsKey($package)) { throw "$package is shipped, but no lock file names it." }
        $purl = "pkg:nuget/$package@$($resolved[$package])"
        '{"type":"library","bom-ref":' + (ConvertTo-JsonText $purl) + ',"name":' + (ConvertTo-JsonText $package) + ',"version":' + (ConvertTo-JsonText $resolved[$package]) +
            ',"licenses":[{"license":{"id":"MIT"}}],"purl":' + (ConvertTo-JsonText $purl) + '}'
    }
    $components = @($components) + @(foreach ($entry in $Content.GetEnumerator()) {
        '{"type":"file","name":' + (ConvertTo-JsonText $entry.Key) + ',"hashes":[{"alg":"SHA-256","content":"' + (Get-FileHashText $entry.Value) + '"}]}'
    })
    $list = $components -join ",`n"
    $digest = [System.Security.Cryptography.SHA256]::HashData([System.Text.Encoding]::UTF8.GetBytes("$Name $Version`n$list"))
    $digest[7] = ($digest[7] -band 0x0F) -bor 0x80 # a UUID of version 8: made by a rule of one's own, RFC 9562
    $digest[8] = ($digest[8] -band 0x3F) -bor 0x80
    $serial = [guid]::new([byte[]] $digest[0..15])
    "{`"bomFormat`":`"CycloneDX`",`"specVersion`":`"1.6`",`"serialNumber`":`"urn:uuid:$serial`",`"version`":1,`n" +
        "`"metadata`":{`"component`":{`"type`":`"application`",`"name`":$(ConvertTo-JsonText $Name),`"version`":$(ConvertTo-JsonText $Version),`"licenses`":[{`"license`":{`"id`":`"MIT`"}}]}},`n" +
        "`"components`":[`n$list`n]}`n"
}

function Add-ZipText($Zip, [string] $Name, [string] $Text) {
    $entry = $Zip.CreateEntry($Name, 'Optimal')
    $entry.LastWriteTime = $packageTime
    $stream = $entry.Open()
    try { $stream.Write([System.Text.Encoding]::UTF8.GetBytes($Text)) } finally { $stream.Dispose() }
}

# A NuGet package: the Open Packaging Conventions' two lists, the nuspec, the content. -Metadata: elements of the nuspec in its order.
function Write-Nupkg([string] $Path, [string] $Id, $Metadata, $Content) {
    $extensions = [System.Collections.Generic.SortedSet[string]]::new([string[]] @('rels', 'nuspec'), [System.StringComparer]::Ordinal)
    $parts = ''
    foreach ($name in $Content.Keys) {
        $extension = [System.IO.Path]::GetExtension($name).TrimStart('.')
        if ($extension) { $null = $extensions.Add($extension) } else { $parts += "<Override PartName=`"/$(ConvertTo-XmlText $name)`" ContentType=`"application/octet`" />" }
    }
    $types = foreach ($extension in $extensions) {
        $type = $extension -eq 'rels' ? 'application/vnd.openxmlformats-package.relationships+xml' : 'application/octet'
        "<Default Extension=`"$(ConvertTo-XmlText $extension)`" ContentType=`"$type`" />"
    }
    $header = '<?xml version="1.0" encoding="utf-8"?>' + "`n"
    $nuspec = foreach ($element in $Metadata.GetEnumerator()) { "    $($element.Value)" }

    [System.IO.File]::Delete($Path)
    $stream = [System.IO.File]::Create($Path)
    $zip = [System.IO.Compression.ZipArchive]::new($stream, 'Create')
    try {
        Add-ZipText $zip '_rels/.rels' ($header + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
            "<Relationship Type=`"http://schemas.microsoft.com/packaging/2010/07/manifest`" Target=`"/$Id.nuspec`" Id=`"R0`" /></Relationships>`n")
        Add-ZipText $zip '[Content_Types].xml' ($header + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' + ($types -join '') + "$parts</Types>`n")
        Add-ZipText $zip "$Id.nuspec" ($header + "<package xmlns=`"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd`">`n  <metadata>`n" + ($nuspec -join "`n") + "`n  </metadata>`n</package>`n")
        foreach ($item in $Content.GetEnumerator()) {
            $entry = $zip.CreateEntry($item.Key, 'Optimal')
            $entry.LastWriteTime = $packageTime
            $target = $entry.Open()
            try { $target.Write([System.IO.File]::ReadAllBytes($item.Value)) } finally { $target.Dispose() }
        }
    } finally {
        $zip.Dispose()
        $stream.Dispose()
    }
    $Path
}

function Get-PackageMetadata($Manifest, [string] $Id, [string] $Tags, [string] $ReleaseNotes, [string] $License, [string] $Icon) {
    [ordered] @{
        id           = "<id>$Id</id>"
        version      = "<version>$($Manifest.ModuleVersion)</version>"
        authors      = "<authors>$(ConvertTo-XmlText $Manifest.Author)</authors>"
        acceptance   = '<requireLicenseAcceptance>false</requireLicenseAcceptance>'
        license      = "<license type=`"file`">$License</license>"
        icon         = "<icon>$Icon</icon>"
        description  = "<description>$(ConvertTo-XmlText $Manifest.Description)</description>"
        releaseNotes = "<releaseNotes>$(ConvertTo-XmlText $ReleaseNotes)</releaseNotes>"
        copyright    = "<copyright>$(ConvertTo-XmlText $Manifest.Copyright)</copyright>"
        tags         = "<tags>$(ConvertTo-XmlText $Tags)</tags>"
    }
}

# The module as PSResourceGet takes it: its files at the root, and tags that say what it exports.
function Write-ModulePackage([string] $ModuleFolder, $Manifest, [string] $Changelog, [string[]] $LockFile, [string] $To) {
    $bom = [System.IO.Path]::Combine($ModuleFolder, 'bom.cdx.json')
    [System.IO.File]::Delete($bom)
    $content = Get-PackageContent $ModuleFolder
    [System.IO.File]::WriteAllText($bom, (Get-BomText 'Hyper2Kvm' $Manifest.ModuleVersion $content $LockFile @('YamlDotNet', 'ZstdSharp.Port')))
    $content['bom.cdx.json'] = $bom
    $tags = @('PSModule') + $Manifest.PrivateData.PSData.Tags + @('PSIncludes_Cmdlet') + $Manifest.CmdletsToExport.ForEach({ "PSCmdlet_$_" }) + $Manifest.CmdletsToExport.ForEach({ "PSCommand_$_" })
    $metadata = Get-PackageMetadata $Manifest 'Hyper2Kvm' ($tags -join ' ') (Get-ReleaseNote $Changelog) 'LICENSE' 'icon.png'
    Write-Nupkg ([System.IO.Path]::Combine($To, "Hyper2Kvm.$($Manifest.ModuleVersion).nupkg")) 'Hyper2Kvm' $metadata $content
}

# The bundled shell as a dotnet tool, with the module beside it. -ShellFolder: published without an own runtime.
function Write-ToolPackage([string] $ShellFolder, [string] $ModuleFolder, $Manifest, [string] $Changelog, [string] $To) {
    $content = Get-PackageContent $ShellFolder 'tools/net10.0/any/'
    foreach ($item in (Get-PackageContent $ModuleFolder "tools/net10.0/any/Modules/Hyper2Kvm/$($Manifest.ModuleVersion)/").GetEnumerator()) { $content[$item.Key] = $item.Value }
    foreach ($name in 'LICENSE', 'icon.png') { $content[$name] = [System.IO.Path]::Combine($ModuleFolder, $name) }
    $settings = [System.IO.Path]::Combine($To, 'DotnetToolSettings.xml')
    [System.IO.File]::WriteAllText($settings, "<?xml version=`"1.0`" encoding=`"utf-8`"?>`n<DotNetCliTool Version=`"1`"><Commands><Command Name=`"hyper2kvm`" EntryPoint=`"hyper2kvm.dll`" Runner=`"dotnet`" /></Commands></DotNetCliTool>`n")
    $content['tools/net10.0/any/DotnetToolSettings.xml'] = $settings
    try {
        $metadata = Get-PackageMetadata $Manifest 'hyper2kvm' 'KVM VMware HyperV VirtIO Migration PowerShell' (Get-ReleaseNote $Changelog) 'LICENSE' 'icon.png'
        $metadata.types = '<packageTypes><packageType name="DotnetTool" /></packageTypes>'
        Write-Nupkg ([System.IO.Path]::Combine($To, "hyper2kvm.$($Manifest.ModuleVersion).nupkg")) 'hyper2kvm' $metadata $content
    } finally {
        [System.IO.File]::Delete($settings)
    }
}

# Authenticode signatures on our own assemblies and scripts, with what the host has: pwsh on Windows, osslsigncode elsewhere.
# HYPER2KVM_CERTIFICATE_PASSWORD holds the password of the PKCS #12 file; it is never on a command line.
function Add-Signature([string] $Folder, [string] $Certificate) {
    $files = [System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories').Where({ $_ -match '(Hyper2Kvm|hyper2kvm)[^\\/]*\.(dll|psd1|psm1|ps1xml)$' })
    if (Get-Command Set-AuthenticodeSignature -ErrorAction Ignore) {
        $loaded = [System.Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadPkcs12FromFile($Certificate, $env:HYPER2KVM_CERTIFICATE_PASSWORD)
        foreach ($file in $files) {
            $signature = Set-AuthenticodeSignature -LiteralPath $file -Certificate $loaded -HashAlgorithm SHA256
            if (-not $signature.SignerCertificate) { throw "'$file' could not be signed: $($signature.StatusMessage)" }
        }
    } elseif (Get-Command osslsigncode -CommandType Application -ErrorAction Ignore) {
        $secret = [System.IO.Path]::GetTempFileName() # for its owner only
        try {
            [System.IO.File]::WriteAllText($secret, $env:HYPER2KVM_CERTIFICATE_PASSWORD)
            foreach ($file in $files) {
                $said = & osslsigncode sign -pkcs12 $Certificate -readpass $secret -h sha256 -n Hyper2Kvm -in $file -out "$file.signed" 2>&1
                if ($LASTEXITCODE -ne 0) { throw "'$file' could not be signed: $said" }
                [System.IO.File]::Move("$file.signed", $file, $true)
            }
        } finally {
            [System.IO.File]::Delete($secret)
        }
    } else {
        throw 'To sign, pwsh on Windows or osslsigncode is needed.'
    }
    $files
}
