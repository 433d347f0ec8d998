# What Docs.Tests.ps1 knows about pages: where their commands are, and the folder in which they are run. Needs Common.ps1.

. ([System.IO.Path]::Combine($PSScriptRoot, 'Machines.ps1'))

# The code blocks of a page in their order: Language, Line, Text, and Output, the lines of a plain block that follows a command.
# In an about_ topic, what is indented by eight is PowerShell; a block that starts with "# name.yaml" is that file's content.
# Elsewhere, indented lines that start with sudo are bash.
function Get-CodeBlock([string] $Path) {
    $text = [System.IO.File]::ReadAllText($Path).ReplaceLineEndings("`n")
    $isTopic = $Path.EndsWith('.txt')
    $pattern = $isTopic ? '(?m)^ {8}.*\n(?:^ {8}.*\n?|^\n(?= {8}))*' : '(?ms)^```(?<language>\w*)\n(?<code>.*?)^```$|^(?<sudo> {4}sudo [^\n]*\n)+'
    $previous = $null
    $previousEnd = -1
    foreach ($match in [regex]::Matches($text, $pattern)) {
        if ($isTopic) {
            $code = $match.Value -replace '(?m)^ {8}'
            $language = $code -match '\A# [\w-]+\.yaml\n' ? 'yaml' : 'powershell'
        } elseif ($match.Groups['sudo'].Success) {
            $code = $match.Value -replace '(?m)^ {4}'
            $language = 'bash'
        } else {
            $code = $match.Groups['code'].Value
            $language = $match.Groups['language'].Value
        }
        $start = $match.Index
        if ($language -eq '' -and $previous -and $previous.Language -eq 'powershell' -and $text.Substring($previousEnd, $start - $previousEnd).Trim() -eq '') {
            $previous.Output = [string[]] @(ConvertTo-PlainLine $code)
            continue
        }
        $previous = @{ Language = $language; Line = $text.Substring(0, $start).Split("`n").Count; Text = $code.TrimEnd(); Output = $null }
        $previousEnd = $start + $match.Length
        $previous
    }
}

# Lines as a reader compares them: no blank ones, and one space between columns.
function ConvertTo-PlainLine([string] $Text) {
    foreach ($line in $Text.ReplaceLineEndings("`n").Split("`n")) {
        $plain = ($line -replace '\s+', ' ').Trim()
        if ($plain) { $plain }
    }
}

function Get-Fixture([string[]] $Parts) { [System.IO.Path]::Combine([string[]] (@($repository, 'tests', 'Fixtures') + $Parts)) }

function Copy-ToFolder([string] $File, [string[]] $Parts) {
    $target = [System.IO.Path]::Combine($Parts)
    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($target))
    [System.IO.File]::Copy($File, $target)
}

# Packages of the sample ISO as a folder.
function Expand-DriverIso([string] $Folder, [string[]] $Directory = @('viostor/2k22/amd64', 'vioscsi/2k22/amd64')) {
    $source = [Hyper2Kvm.Drivers.DriverSource]::Open((Get-Fixture 'sample-virtio-win', 'sample-virtio-win.iso'))
    try {
        foreach ($package in $Directory) {
            $target = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($Folder, $package)).FullName
            foreach ($entry in $source.List($package)) {
                $bytes = [Hyper2Kvm.Blocks.BlockDeviceExtensions]::ReadAll($source.OpenFile("$package/$($entry.Name)"), 1MB, 'TestFileTooLarge', $entry.Name)
                [System.IO.File]::WriteAllBytes([System.IO.Path]::Combine($target, $entry.Name), $bytes)
            }
        }
    } finally {
        $source.Dispose()
    }
}

# The files that the pages name, and folders for /usr and /var.
function New-DocFolder([string] $Path) {
    $disk = Get-Fixture 'sample-win2022', 'sample-win2022.vmdk'
    foreach ($name in 'win2022.vmdk', 'web01.vmdk', 'var/lib/migration/web01.vmdk', 'var/lib/migration/web02.vmdk') { Copy-ToFolder $disk $Path, $name }
    Copy-ToFolder (Get-Fixture 'sample-virtio-win', 'sample-virtio-win.iso') $Path, 'virtio-win.iso'
    Copy-ToFolder (Get-Fixture 'variants', 'two-windows.qcow2') $Path, 'dualboot.qcow2'
    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::Combine($Path, 'var', 'lib', 'libvirt', 'images'))
    $null = New-Bundle $Path $disk
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Path, 'web01.vmx'), (Get-VmxText))
    foreach ($name in 'qemu-ga-x86_64.msi', 'virtio-win-guest-tools.exe', 'setup.ps1', 'settings.json') {
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Path, $name), "# $name")
    }
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Path, 'net.json'), '{ "adapters": [ { "mac": "52:54:00:00:00:01", "addresses": ["192.0.2.22/24"] } ] }')
    Expand-DriverIso ([System.IO.Path]::Combine($Path, 'usr', 'share', 'virtio-win'))
    foreach ($topic in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($repository, 'docs', 'cmdlets'), 'about_*.help.txt')) {
        foreach ($file in @(Get-CodeBlock $topic).Where({ $_.Language -eq 'yaml' })) {
            [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Path, $file.Text.Split("`n")[0].Substring(2)), $file.Text)
        }
    }
}

# Runs the commands of a page in one shell of their own, below -Folder. For each block: Errors, and Output as plain lines.
# With -Fresh each block has a folder and variables of its own; else they are one session.
function Invoke-DocBlock([string] $Folder, [object[]] $Blocks, [bool] $Fresh) {
    $null = [System.IO.Directory]::CreateDirectory($Folder)
    Copy-ToFolder (Get-Fixture 'sample-win2022', 'sample-win2022.vmdk') $Folder, 'sample-win2022', 'sample-win2022.vmdk'
    for ($i = 0; $i -lt $Blocks.Count; $i++) {
        $own = [System.IO.Path]::Combine($Folder, "$($Fresh ? $i : 0)")
        if ($Fresh -or $i -eq 0) { New-DocFolder $own }
        $script = $Blocks[$i].Text -replace '(?<![\w./])/(?=(usr|var)/)', './'
        [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Folder, "$i.ps1"), "$script`n")
    }

    $session = [System.IO.Path]::Combine($PSScriptRoot, 'Docs.Session.ps1')
    $run = Invoke-Shell -Arguments (@('-NoProfile', '-NonInteractive', '-File', $session, $Folder, "$($Blocks.Count)") + @($Fresh ? '-Fresh' : @()))
    $parts = $run.Output.ReplaceLineEndings("`n") -split '(?m)^#### \d+$'
    for ($i = 0; $i -lt $Blocks.Count; $i++) {
        $own = [System.IO.Path]::Combine($Folder, "$($Fresh ? $i : 0)")
        $lines = @(if ($i + 1 -lt $parts.Count) { ConvertTo-PlainLine ($parts[$i + 1].Replace($own, '.')) } else { "#### error: did not run: $($run.Errors)" })
        @{
            Errors = @($lines.Where({ $_.StartsWith('#### error: ') }))
            Output = [string[]] @($lines.Where({ -not $_.StartsWith('#### ') }))
        }
    }
}

# What is wrong with the lines of a bash block: tasks, programs, scripts and options that are not there. They are not run:
# building and testing within a test has no end, and benchmarks take minutes.
function Find-BashFault([string] $Text, [string] $PageFolder) {
    $tasks = [regex]::Match([System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'build.ps1')), "ValidateSet\(([^)]+)\)\] \[string\] \`$Task").Groups[1].Value
    foreach ($line in $Text.Split("`n")) {
        $words = @(($line -replace '#.*$').Split(' ', [System.StringSplitOptions]::RemoveEmptyEntries).Where({ $_ -ne 'sudo' -and $_ -notmatch '^[A-Z0-9_]+=' }))
        if ($words.Count -eq 0) { continue }
        $program = [System.IO.Path]::Combine($PageFolder, $words[0])
        if ($words[0] -eq './build.sh') {
            if ($words.Count -gt 1 -and "'$($words[1])'" -notin ($tasks -split ', ')) { "no such task: $line" }
        } elseif ([System.IO.File]::Exists($program)) {
            $source = [System.IO.File]::ReadAllText($program)
            foreach ($option in $words.Where({ $_.StartsWith('--') })) {
                if (-not $source.Contains("$option)")) { "no option ${option}: $line" }
            }
        } elseif ($words[0] -ne 'dotnet') {
            "no such program: $line"
        }
        foreach ($path in $words.Where({ $_ -match '^(src|tests|docs|bench|examples)/' })) {
            if (-not (Test-Path ([System.IO.Path]::Combine($repository, $path)))) { "no such path ${path}: $line" }
        }
    }
}
