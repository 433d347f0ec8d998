BeforeDiscovery {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Docs.ps1'))

    # Examples that boot a domain need QEMU.
    $trial = 'Test-KvmBoot'
    $hasQemu = $null -ne (Get-Command qemu-system-x86_64 -CommandType Application -ErrorAction Ignore)

    # Each example of a cmdlet's page stands by itself; any other page is one session from its first block to its last.
    $files = foreach ($folder in '.', 'docs', 'docs/cmdlets', 'bench') {
        [System.IO.Directory]::GetFiles([System.IO.Path]::GetFullPath([System.IO.Path]::Combine($repository, $folder))).Where({ $_ -match '\.(md|help\.txt)$' })
    }
    $pages = foreach ($file in $files) {
        $blocks = @(Get-CodeBlock $file)
        $commands = @($blocks.Where({ $_.Language -eq 'powershell' }))
        for ($i = 0; $i -lt $commands.Count; $i++) { $commands[$i].Index = $i }
        @{
            Page     = [System.IO.Path]::GetRelativePath($repository, $file).Replace('\', '/')
            Fresh    = [System.IO.Path]::GetFileName($file) -match '-\w+\.md$'
            Commands = @($commands.Where({ $_.Text -notmatch $trial }))
            Trials   = @($commands.Where({ $_.Text -match $trial }))
            All      = $commands
            Bash     = @($blocks.Where({ $_.Language -eq 'bash' }))
        }
    }
    $runPages = @($pages.Where({ $_.All.Count -gt 0 }))
    $bashPages = @($pages.Where({ $_.Bash.Count -gt 0 }))
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Docs.ps1'))
    Import-BuiltModule
}

Describe 'The commands of <Page>' -ForEach $runPages {
    BeforeAll {
        $results = @(Invoke-DocBlock ([System.IO.Path]::Combine($TestDrive, 'page')) $All $Fresh)
    }

    It 'run without an error at line <Line>' -ForEach $Commands {
        $results[$Index].Errors -join "`n" | Should -BeNullOrEmpty
    }

    It 'boot at line <Line>, where QEMU is' -Skip:(-not $hasQemu) -ForEach $Trials {
        $results[$Index].Errors -join "`n" | Should -BeNullOrEmpty
    }

    It 'put out what the page shows at line <Line>' -ForEach @($Commands.Where({ $_.Output })) {
        $results[$Index].Output | Should -Be $Output
    }
}

Describe 'The build and test commands of <Page>' -ForEach $bashPages {
    It 'name what is there at line <Line>' -ForEach $Bash {
        Find-BashFault $Text ([System.IO.Path]::GetDirectoryName([System.IO.Path]::Combine($repository, $Page))) | Should -BeNullOrEmpty
    }
}

Describe 'The pages' {
    It 'are found with their commands' {
        foreach ($page in 'README.md', 'docs/ErrorIds.md', 'docs/cmdlets/Get-WindowsLayout.md', 'docs/cmdlets/about_Hyper2Kvm.help.txt') {
            @(Get-CodeBlock ([System.IO.Path]::Combine($repository, $page))).Where({ $_.Language -eq 'powershell' }).Count | Should -BeGreaterThan 0 -Because $page
        }
    }

    It 'tell the truth about rule files: ours are laid over the default ones' {
        $folder = [System.IO.Path]::Combine($TestDrive, 'rules')
        New-DocFolder $folder
        $drivers = [System.IO.Path]::Combine($folder, 'usr', 'share', 'virtio-win')
        Expand-DriverIso ([System.IO.Path]::Combine($drivers, 'tested')) 'viostor/2k22/amd64'
        $layout = Get-WindowsLayout -LiteralPath "$folder/web01.vmdk"
        $default = $layout | New-VirtioDriverPlan $drivers -WarningAction SilentlyContinue
        $ours = $layout | New-VirtioDriverPlan $drivers -RuleFile "$folder/our-drivers.yaml" -WarningAction SilentlyContinue
        $default.Storage.SourceDirectory | Should -Be @('viostor/2k22/amd64', 'vioscsi/2k22/amd64')
        $ours.Storage.SourceDirectory | Should -Be @('tested/viostor/2k22/amd64', 'vioscsi/2k22/amd64')

        # The default rule of that name falls back to the drivers of an older server; ours does not.
        [System.IO.Directory]::Delete("$drivers/tested", $true)
        foreach ($driver in 'viostor', 'vioscsi') { [System.IO.Directory]::Move("$drivers/$driver/2k22", "$drivers/$driver/2k19") }
        ($layout | New-VirtioDriverPlan $drivers -WarningAction SilentlyContinue).MatchedRule | Should -Be '2k22 (viostor/2k19/amd64)'
        { $layout | New-VirtioDriverPlan $drivers -RuleFile "$folder/our-drivers.yaml" -ErrorAction Stop } | Should -Throw -ErrorId 'DriverNotInSource,*'
    }

    It 'list the findings that a boot store can have' {
        $page = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'cmdlets', 'Test-Bcd.md'))
        $errors = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))
        $listed = [string[]] @([regex]::Matches($page, '(?m)^- `((?:Bcd|BootIni)\w+)` \(').ForEach({ $_.Groups[1].Value }))
        $source = foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($repository, 'src', 'Hyper2Kvm.Core', 'Guest'), 'B*.cs')) {
            [regex]::Matches([System.IO.File]::ReadAllText($file), '"((?:Bcd|BootIni)[A-Z]\w+)",').ForEach({ $_.Groups[1].Value }).Where({ -not $errors.Contains("``$_``") })
        }
        $real = [string[]] @([System.Collections.Generic.HashSet[string]]::new([string[]] $source))
        [array]::Sort($listed)
        [array]::Sort($real)
        $real.Count | Should -BeGreaterThan 20
        $listed | Should -Be $real
    }

    It 'lead only to files that are there' {
        $dead = foreach ($folder in '.', 'docs', 'docs/cmdlets', 'bench') {
            foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($repository, $folder), '*.md')) {
                foreach ($link in [regex]::Matches([System.IO.File]::ReadAllText($file), '\]\((?!https?:)([^)#]+)')) {
                    $target = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($file), $link.Groups[1].Value)
                    if (-not (Test-Path $target)) { "$($link.Groups[1].Value) in $file" }
                }
            }
        }
        $dead | Should -BeNullOrEmpty
    }
}
