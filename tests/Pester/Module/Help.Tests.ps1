BeforeDiscovery {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
    $cmdlets = @(Get-Command -Module Hyper2Kvm | ForEach-Object { @{ Name = $_.Name; Command = $_ } })
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
}

Describe 'Help of <Name>' -ForEach $cmdlets {
    BeforeAll {
        $page = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'cmdlets', "$Name.md"))
        $help = Get-Help $Name -Full
        $own = @($Command.Parameters.Values).Where({ $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters })
    }

    It 'has a synopsis and a description' {
        $help.Synopsis | Should -Match '\.$'
        $help.Description.Text | Should -Not -BeNullOrEmpty
    }

    It 'has at least three examples, each of which parses and uses the cmdlet or what it made' {
        $examples = @($help.examples.example)
        $examples.Count | Should -BeGreaterOrEqual 3
        foreach ($example in $examples) {
            $errors = $null
            $null = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $errors)
            $errors | Should -BeNullOrEmpty
        }
        ($examples.code -join "`n") | Should -Match $Name
    }

    It 'describes exactly the parameters that there are' {
        $documented = [string[]] @([regex]::Matches($page, '(?m)^### -(\w+)$').ForEach({ $_.Groups[1].Value }))
        $real = [string[]] @($own.Name)
        [array]::Sort($documented)
        [array]::Sort($real)
        $documented | Should -Be $real
    }

    It 'shows the syntax that there is' {
        foreach ($set in $Command.ParameterSets) { $page.Contains("``````$([char] 10)$Name $set$([char] 10)``````") | Should -BeTrue -Because "$Name $set" }
    }

    It 'says of each parameter what it is, how it binds, and what it accepts' {
        foreach ($parameter in $own) {
            $type = $parameter.ParameterType
            $typeName = $type.IsGenericType ? "System.Nullable``1[$($type.GenericTypeArguments[0].FullName)]" : $type.FullName
            $block = [regex]::Match($page, "(?ms)^### -$($parameter.Name)\r?\n(.+?)``````yaml\r?\n(.+?)``````").Groups
            $block[1].Value.Trim() | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) needs a description"
            $block[2].Value | Should -Match "(?m)^Type: $([regex]::Escape($typeName))\r?$" -Because $parameter.Name
            foreach ($set in $parameter.ParameterSets.Keys) {
                $facts = $parameter.ParameterSets[$set]
                $block[2].Value.Contains(@(
                    "- Name: $($set -eq '__AllParameterSets' ? '(All)' : $set)"
                    "  Position: $($facts.Position -lt 0 ? 'Named' : $facts.Position)"
                    "  IsRequired: $("$($facts.IsMandatory)".ToLowerInvariant())"
                    "  ValueFromPipeline: $("$($facts.ValueFromPipeline)".ToLowerInvariant())"
                    "  ValueFromPipelineByPropertyName: $("$($facts.ValueFromPipelineByPropertyName)".ToLowerInvariant())"
                ) -join "`n") | Should -BeTrue -Because "-$($parameter.Name) in set $set"
            }
            $element = $type.IsArray ? $type.GetElementType() : $type.IsGenericType ? $type.GenericTypeArguments[0] : $type
            $valid = $parameter.Attributes.Where({ $_ -is [System.Management.Automation.ValidateSetAttribute] })
            if ($element.IsEnum -or $valid) {
                foreach ($value in $valid ? $valid.ValidValues : [Enum]::GetNames($element)) { $block[2].Value | Should -Match "(?m)^- $value\r?$" }
            }
        }
    }

    It 'says what it puts out and which errors to expect' {
        $page | Should -Match "(?s)## OUTPUTS.+### $([regex]::Escape($Command.OutputType[0].Name))"
        $page | Should -Match '(?s)## NOTES.+- `[A-Z]\w+`'
    }
}

Describe 'The pages' {
    It 'name only errors that there are' {
        $documented = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))
        foreach ($path in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($repository, 'docs', 'cmdlets'), '*.md')) {
            foreach ($line in [regex]::Matches([System.IO.File]::ReadAllText($path), '(?m)^- (`\w+`(?:, `\w+`)*): ')) {
                foreach ($id in $line.Groups[1].Value -split ', ') { $documented.Contains("| $id |") | Should -BeTrue -Because "$id in $path" }
            }
        }
    }

    It 'know every stop code and boot error that a boot on trial knows' {
        $source = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'src', 'Hyper2Kvm.Core', 'Booting', 'BootSymptoms.cs'))
        $codes = @([regex]::Matches($source, '(?m)^        \[0x(\w+)\]|[>|]0x(c\w{7})\b').ForEach({ $_.Groups[1].Value + $_.Groups[2].Value }))
        $codes.Count | Should -BeGreaterThan 15
        foreach ($page in 'cmdlets/about_Hyper2Kvm_Troubleshooting.help.txt', 'Troubleshooting.md') {
            $text = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', $page))
            foreach ($code in $codes) { $text | Should -Match "0x0*$code\b" -Because "$code in $page" }
        }
    }

    It 'name only error ids and cmdlets that there are in the pages on trouble' {
        $ids = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))
        $text = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'Troubleshooting.md'))
        foreach ($row in [regex]::Matches($text, '(?m)^\| (`[A-Z]\w+`(?:, `[A-Z]\w+`)*) \|')) {
            foreach ($id in $row.Groups[1].Value -split ', ') { $ids.Contains("| $id |") | Should -BeTrue -Because $id }
        }
        $ours = $manifest.CmdletsToExport
        foreach ($use in [regex]::Matches($text, '\b(?:Get|Test|New|Add|Set|Repair|Undo|Remove|Copy)-(?:Windows|Virtio|Bcd|Guest|Kvm|Boot|Critical|Source)\w*')) { $ours | Should -Contain $use.Value }
    }

    It 'include one for the module as a whole' {
        foreach ($topic in 'about_Hyper2Kvm', 'about_Hyper2Kvm_Drivers', 'about_Hyper2Kvm_Safety', 'about_Hyper2Kvm_Troubleshooting') {
            (Get-Help $topic) -join "`n" | Should -Match "TOPIC\s+$topic\s[\s\S]+LONG DESCRIPTION" -Because $topic
        }
    }
}
