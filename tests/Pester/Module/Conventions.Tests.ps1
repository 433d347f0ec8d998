BeforeDiscovery {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule
    $cmdlets = @(Get-Command -Module Hyper2Kvm | ForEach-Object { @{ Name = $_.Name; Command = $_ } })
    $pipelineTypes = 'WindowsLayout', 'WindowsNetwork', 'VirtioDriverPlan', 'GuestEdit', 'UndoneEdit', 'BcdBackup', 'DiskConversion', 'KvmDomain', 'BcdTest', 'DiskCheck', 'GuestEditRecord', 'KvmMigration'
    $format = [xml] [System.IO.File]::ReadAllText([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.Format.ps1xml'))
    $viewed = @($format.SelectNodes('//View/ViewSelectedBy/TypeName').ForEach({ $_.InnerText -replace '^Hyper2Kvm\.' })).Where({ $_ -ne 'LayoutWarning' }) # prints as text
    $outputs = @($cmdlets.ForEach({ $_.Command.OutputType.Name -replace '^Hyper2Kvm\.' }))
    $viewedTypes = [string[]] [System.Collections.Generic.HashSet[string]]::new([string[]] ($pipelineTypes + $outputs + $viewed))
}

BeforeAll {
    . ([System.IO.Path]::Combine($PSScriptRoot, '..', 'Support', 'Common.ps1'))
    Import-BuiltModule

    function Get-SourceFile([string] $Folder) {
        [System.IO.Directory]::EnumerateFiles([System.IO.Path]::Combine($repository, $Folder), '*.cs', 'AllDirectories') |
            Where-Object { $_ -notmatch '[\\/](bin|obj)[\\/]' }
    }
}

Describe '<Name>' -ForEach $cmdlets {
    It 'has an approved verb' {
        $verbs = [System.Management.Automation.VerbsCommon].Assembly.GetTypes().Where({ $_.Name -cmatch '^Verbs[A-Z]' -and $_.IsPublic }).ForEach({ $_.GetFields().Name })
        $verbs | Should -Contain $Command.Verb
    }

    It 'says what it puts out' {
        @($Command.OutputType) | Should -HaveCount 1
        $Command.OutputType[0].Name | Should -Match '^Hyper2Kvm\.'
    }

    It 'has ShouldProcess when, and only when, it writes' {
        $Command.Parameters.ContainsKey('WhatIf') | Should -Be ($Command.Verb -in 'Add', 'Set', 'Remove', 'Backup', 'Undo', 'Convert', 'Repair', 'Export', 'Copy' -or $Name -in 'New-KvmDomainXml', 'Invoke-KvmMigration')
    }

    It 'takes one parameter by value in each parameter set' {
        foreach ($set in $Command.ParameterSets) {
            $byPipeline = @($set.Parameters).Where({ $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName })
            $byPipeline.Count | Should -BeGreaterThan 0
            @($set.Parameters).Where({ $_.ValueFromPipeline }).Count | Should -BeLessThan 2
        }
    }
}

Describe 'What Tab offers' {
    It 'is a list of values for each parameter that is not free' {
        # No list of values, because:
        $free = @{
            'files and folders, which PowerShell completes' = 'Path', 'LiteralPath', 'ImagePath', 'Destination', 'OutputDirectory', 'DriverSource', 'DriverIso', 'RuleFile',
                'Disk', 'AdditionalFile', 'FirstBootFile', 'QemuPath', 'Configuration'
            'objects'                                       = 'InputObject', 'VMFirmware', 'VMSecurity', 'AdapterMac'
            'an amount'                                     = 'CpuCount', 'CoresPerSocket', 'SocketCount', 'CoreCount', 'MemoryMiB', 'MemoryBytes', 'MemoryLimit',
                'ThrottleLimit', 'TimeoutSeconds', 'BootTimeoutSeconds'
            'the user makes it up'                          = 'Add-FirstBootAction -Name', 'Get-SourceMachine -Name', 'New-KvmDomainXml -Name', 'ArgumentList', 'SerialPattern',
                'Uuid', 'MacAddress'
        }
        $exceptions = @($free.Values.ForEach({ $_ }))
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        $used = [System.Collections.Generic.HashSet[string]]::new()
        $offenders = foreach ($command in Get-Command -Module Hyper2Kvm) {
            foreach ($parameter in $command.Parameters.Values) {
                $type = $parameter.ParameterType.IsArray ? $parameter.ParameterType.GetElementType() : $parameter.ParameterType
                $underlying = [Nullable]::GetUnderlyingType($type)
                if ($underlying) { $type = $underlying }
                $listed = @($parameter.Attributes).Where({ $_ -is [ArgumentCompleter] -or $_ -is [ValidateSet] })
                if ($parameter.Name -in $common -or $listed -or $type.IsEnum -or $type -eq [switch] -or $type.FullName -like 'Hyper2Kvm.*') { continue }
                $exception = @($exceptions).Where({ $_ -in $parameter.Name, "$($command.Name) -$($parameter.Name)" })
                if ($exception) { $null = $used.Add($exception[0]) } else { "$($command.Name) -$($parameter.Name)" }
            }
        }
        $offenders | Should -BeNullOrEmpty
        @($exceptions).Where({ -not $used.Contains($_) }) | Should -BeNullOrEmpty -Because 'an exception that nothing needs hides what comes later'
    }
}

Describe 'Hyper2Kvm.<_> in the pipeline' -ForEach $pipelineTypes {
    It 'is bound by path commands through PSPath' {
        $object = [System.Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject([type] "Hyper2Kvm.$_")
        $object.PSObject.Members['PSPath'].ReferencedMemberName | Should -Be 'ImagePath'
    }

    It 'turns into text that is a path or a name, not a dump of its fields' {
        ([type] "Hyper2Kvm.$_").GetMethod('ToString', [type[]] @()).GetCustomAttributes($true).TypeId.Name |
            Should -Not -Contain 'CompilerGeneratedAttribute'
    }
}

Describe 'The views of Hyper2Kvm.<_>' -ForEach $viewedTypes {
    It 'are a table of three to six columns and a list, of properties that exist' {
        $format = [xml] [System.IO.File]::ReadAllText([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.Format.ps1xml'))
        $views = @($format.SelectNodes("//View[ViewSelectedBy/TypeName='Hyper2Kvm.$_'][TableControl or ListControl]"))
        $views.Count | Should -Be 2
        $columns = $views[0].SelectNodes('.//TableColumnItem')
        $columns.Count | Should -BeIn (3..6)
        $views[0].SelectNodes('.//TableColumnHeader').Count | Should -Be $columns.Count
        $type = [type] "Hyper2Kvm.$_"
        foreach ($name in $views[0].SelectNodes('.//PropertyName')) { $type.GetProperty($name.InnerText) | Should -Not -BeNullOrEmpty -Because $name.InnerText }
        foreach ($name in $views[1].SelectNodes('.//PropertyName')) { $type.GetProperty($name.InnerText) | Should -Not -BeNullOrEmpty -Because $name.InnerText }
        foreach ($script in $views.ForEach({ $_.SelectNodes('.//ScriptBlock') })) {
            foreach ($use in [regex]::Matches($script.InnerText, '^[^{]*?\$_\.(\w+)')) {
                $type.GetProperty($use.Groups[1].Value) | Should -Not -BeNullOrEmpty -Because $use.Value
            }
        }
    }
}

Describe 'Sizes in views' {
    It 'are told by ByteSize, nowhere as a bare number or by arithmetic of their own' {
        $format = [xml] [System.IO.File]::ReadAllText([System.IO.Path]::Combine($moduleFolder, 'Hyper2Kvm.Format.ps1xml'))
        $sizes = '^(Bytes\w+|\w+Bytes|Length|ImageLength|Size|VirtualSize|Capacity)$'
        @($format.SelectNodes('//PropertyName')).Where({ $_.InnerText -match $sizes }).ForEach({ $_.InnerText }) | Should -BeNullOrEmpty
        @($format.SelectNodes('//ScriptBlock')).Where({ $_.InnerText -match '\d[KMGT]B\b' }).ForEach({ $_.InnerText }) | Should -BeNullOrEmpty
        $format.SelectNodes("//ScriptBlock[contains(., '[Hyper2Kvm.Diagnostics.ByteSize]::Text(')]").Count | Should -BeGreaterThan 20
    }
}

Describe 'The source' {
    It 'opens files for writing only where a commit, a journal or a device does' {
        $allowed = 'Editing[\\/]Commit[\\/]', 'Images[\\/].*Writer\.cs$', 'Blocks[\\/]FileBlockDevice\.cs$', 'Booting[\\/]ThrowawayFolder\.cs$', 'Booting[\\/]LibvirtMachine\.cs$' -join '|' # the last writes to a socket
        $writes = 'FileAccess\.(Read)?Write|FileMode\.(Create|CreateNew|Append|Truncate|OpenOrCreate)|(?<!\w)File\.(WriteAll|Create|Append|OpenWrite|Move|Replace|Delete|Copy)|StreamWriter\('
        $offenders = foreach ($folder in 'src/Hyper2Kvm.Core', 'src/Hyper2Kvm.PowerShell') {
            foreach ($file in Get-SourceFile $folder) {
                if ($file -notmatch $allowed -and [System.IO.File]::ReadAllText($file) -cmatch $writes) { "$file ($($Matches[0]))" }
            }
        }
        $offenders | Should -BeNullOrEmpty
    }

    It 'never writes to the console, catches everything, or says TODO' {
        $offenders = foreach ($folder in 'src/Hyper2Kvm.Core', 'src/Hyper2Kvm.PowerShell') {
            foreach ($file in Get-SourceFile $folder) {
                if ([System.IO.File]::ReadAllText($file) -cmatch '\bConsole\.|catch( \(Exception( \w+)?\))?\s*\{(?![^}]*\bthrow\b)|\bTODO\b|NotImplementedException') { "$file ($($Matches[0]))" }
            }
        }
        $offenders | Should -BeNullOrEmpty
    }

    It 'documents the ids of its errors' {
        $documented = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($repository, 'docs', 'ErrorIds.md'))
        $ids = foreach ($folder in 'src/Hyper2Kvm.Core', 'src/Hyper2Kvm.PowerShell') {
            foreach ($file in Get-SourceFile $folder) {
                foreach ($match in [regex]::Matches(
                    [System.IO.File]::ReadAllText($file),
                    '(?:DiskFormat|UnsupportedFeature|GuestState|GuestItemNotFound)Exception(?:\s+\w+\([^)]*\)\s*=>\s*new)?\(\s*"([A-Z]\w+)"')) {
                    $match.Groups[1].Value
                }
            }
        }
        $ids.Count | Should -BeGreaterThan 50
        $ids.Where({ -not $documented.Contains("``$_``") }) | Should -BeNullOrEmpty
    }
}
