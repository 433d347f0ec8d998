BeforeDiscovery {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $format = [xml] [System.IO.File]::ReadAllText([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.Format.ps1xml'))
    $painted = foreach ($block in $format.SelectNodes("//View/TableControl//ScriptBlock[contains(., 'PSStyle')]")) {
        @{
            Type   = $block.SelectSingleNode('ancestor::View/ViewSelectedBy/TypeName').InnerText
            Column = [regex]::Match($block.InnerText, '\$_\.(\w+)').Groups[1].Value
            Script = $block.InnerText
        }
    }
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Guests.ps1'))
    $escape = [string] [char] 27
}

Describe 'Objects of several types in one output' {
    It 'come with few properties after the first type: a domain has its whole text in two' {
        $shown = @{ 'Hyper2Kvm.KvmDomain' = 'Name', 'Phase', 'ImagePath', 'Path', 'DummyDiskPath', 'Kind'; 'Hyper2Kvm.WindowsItem' = 'Mode', 'LastWriteTimeUtc', 'Length', 'FullName' }
        $domain = Get-WindowsLayout (New-Guest) | New-KvmDomainXml -Phase Bootstrap -WhatIf -WarningAction SilentlyContinue
        $null = New-PSDrive -Name viewwin -PSProvider WindowsDisk -Root $domain.ImagePath -Scope Global
        try {
            foreach ($object in $domain, (Get-Item viewwin:\Windows)) {
                $object.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames | Should -Be $shown[$object.PSTypeNames[0] -replace '#.*']
            }
        } finally {
            Remove-PSDrive viewwin
        }
    }
}

Describe 'Colours' {
    It 'mark what is good or bad about each type that has such a thing' {
        $format = [xml] [System.IO.File]::ReadAllText([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.Format.ps1xml'))
        foreach ($column in 'Severity', 'IsVirtioBootReady', 'IsReady', 'IsClean', 'IsBootable', 'Passed', 'BlocksEdit', 'Outcome') {
            $format.SelectNodes("//View/TableControl//TableColumnItem[PropertyName='$column']") | Should -BeNullOrEmpty -Because "$column has colours"
        }
    }

    It 'are those of $PSStyle, with a reset after them, for <Type> <Column>' -ForEach $painted {
        $values = [regex]::Matches($Script, "'(\w+)' \{").ForEach({ $_.Groups[1].Value })
        $values | Should -Not -BeNullOrEmpty
        foreach ($value in $values) {
            $text = [pscustomobject] @{ $Column = $value } | ForEach-Object ([scriptblock]::Create($Script))
            $text.StartsWith($escape) | Should -BeTrue -Because $value
            $text.EndsWith("$value$($PSStyle.Reset)") | Should -BeTrue -Because $value
        }
        $plain = [pscustomobject] @{ $Column = 'Other' } | ForEach-Object ([scriptblock]::Create($Script))
        if (-not $Script.Contains('default')) { $plain | Should -BeExactly 'Other' }
    }

    It 'are left out where the output is no screen' {
        $disk = New-Guest
        $lines = & $shellProgram -NoProfile -NonInteractive -Command "Get-WindowsLayout '$disk' | Format-Table; Test-VirtioReadiness '$disk' | Format-Table"
        "$lines" | Should -BeLike '*False*'
        "$lines".Contains($escape) | Should -BeFalse
    }

    It 'are there on request, also where the output is no screen' {
        $disk = New-Guest
        $run = Invoke-Shell -Arguments '-NoProfile', '-NonInteractive', '-Command', "`$PSStyle.OutputRendering = 'Ansi'; Get-WindowsLayout '$disk' | Format-Table"
        $run.Output.Contains($escape) | Should -BeTrue
        $run = Invoke-Shell -Arguments '-NoProfile', '-NonInteractive', '-Command', "`$PSStyle.OutputRendering = 'PlainText'; Get-WindowsLayout '$disk' | Format-Table"
        $run.Output.Contains($escape) | Should -BeFalse
    }

    It 'are not in text that Out-String makes, unless asked for' -Skip:(-not (Get-Command Out-String -ErrorAction Ignore)) {
        $layout = Get-WindowsLayout (New-Guest)
        $before = $PSStyle.OutputRendering
        try {
            foreach ($case in @('Host', $false), @('PlainText', $false), @('Ansi', $true)) {
                $PSStyle.OutputRendering = $case[0]
                ($layout | Format-Table | Out-String).Contains($escape) | Should -Be $case[1] -Because $case[0]
            }
        } finally {
            $PSStyle.OutputRendering = $before
        }
    }
}

Describe 'Sizes' {
    It 'are told in the unit in which they are short' {
        $disk = New-Guest
        $run = Invoke-Shell -Arguments '-NoProfile', '-NonInteractive', '-Command', "Get-WindowsLayout '$disk' | Format-Table; Get-WindowsLayout '$disk' | Format-List"
        [regex]::Matches($run.Output, '128 MiB').Count | Should -Be 2
    }
}
