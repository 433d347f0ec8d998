# The handful of everyday commands that pwsh has in modules outside of its engine. Each does what its namesake does,
# with fewer parameters: what is not offered is a binding error, never silence. Format-List and Format-Table are real; Get-ChildItem and
# Get-Content are classes, for a script can neither hand items on while the provider lists them nor pass on a provider's own parameters.

function Write-Output {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [AllowNull()] [AllowEmptyCollection()] [psobject[]] $InputObject)
    process { $InputObject }
}

function Write-Host {
    [CmdletBinding()]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromRemainingArguments)] [object] $Object,
        [switch] $NoNewline,
        [object] $Separator = ' ',
        [ConsoleColor] $ForegroundColor,
        [ConsoleColor] $BackgroundColor
    )
    process {
        $message = [System.Management.Automation.HostInformationMessage] @{
            Message   = @($Object) -join $Separator
            NoNewLine = $NoNewline
        }
        if ($PSBoundParameters.ContainsKey('ForegroundColor')) { $message.ForegroundColor = $ForegroundColor }
        if ($PSBoundParameters.ContainsKey('BackgroundColor')) { $message.BackgroundColor = $BackgroundColor }
        $PSCmdlet.WriteInformation($message, @('PSHOST'))
    }
}

function Select-Object {
    [CmdletBinding(DefaultParameterSetName = 'Property')]
    param(
        [Parameter(ValueFromPipeline)] [psobject] $InputObject,
        [Parameter(Position = 0, ParameterSetName = 'Property')] [object[]] $Property,
        [Parameter(Mandatory, ParameterSetName = 'Expand')] [string] $ExpandProperty,
        [int] $First = -1,
        [int] $Last = -1,
        [int] $Skip = 0
    )
    begin { $all = [System.Collections.Generic.List[psobject]]::new() }
    process { $all.Add($InputObject) }
    end {
        $from = [Math]::Min($Skip, $all.Count)
        $count = $all.Count - $from
        if ($First -ge 0) { $count = [Math]::Min($First, $count) }
        if ($Last -ge 0 -and $Last -lt $count) { $from += $count - $Last; $count = $Last }
        foreach ($item in $all.GetRange($from, $count)) {
            if ($ExpandProperty) {
                $item.$ExpandProperty
            } elseif ($Property) {
                $selected = [ordered] @{}
                foreach ($pattern in $Property) {
                    if ($pattern -is [System.Collections.IDictionary]) {
                        # @{ Name = ...; Expression = ... }, by any beginnings of the two, and Label.
                        $name = $value = $null
                        foreach ($key in $pattern.Keys) { if ('Expression' -like "$key*") { $value = $pattern[$key] } else { $name = $pattern[$key] } }
                        $selected["$($name ?? $value)"] = $value -is [scriptblock] ? ($item | ForEach-Object $value) : $item.$value
                    } elseif ($pattern -is [scriptblock]) {
                        $selected["$pattern"] = $item | ForEach-Object $pattern
                    } elseif ([WildcardPattern]::ContainsWildcardCharacters($pattern)) {
                        foreach ($match in $item.PSObject.Properties.Match($pattern)) { $selected[$match.Name] = $match.Value }
                    } else {
                        $selected[$pattern] = $item.$pattern
                    }
                }
                [pscustomobject] $selected
            } else {
                $item
            }
        }
    }
}

function Get-Location {
    [CmdletBinding()]
    param()
    $ExecutionContext.SessionState.Path.CurrentLocation
}

function Set-Location {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Path', ValueFromPipeline, ValueFromPipelineByPropertyName)] [string] $Path = '~',
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath', ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LP')] [string] $LiteralPath
    )
    process {
        if ($LiteralPath) { $Path = [WildcardPattern]::Escape($LiteralPath) }
        try {
            $null = $ExecutionContext.SessionState.Path.SetLocation($Path)
        } catch {
            $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
        }
    }
}

function Test-Path {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path', ValueFromPipeline)] [string[]] $Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath', ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LP')] [string[]] $LiteralPath
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        try {
            foreach ($item in $literal ? $LiteralPath : $Path) { $ExecutionContext.InvokeProvider.Item.Exists($item, $false, $literal) }
        } catch {
            $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
        }
    }
}

function Get-Item {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path', ValueFromPipeline)] [string[]] $Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath', ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LP')] [string[]] $LiteralPath,
        [switch] $Force
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        try {
            $ExecutionContext.InvokeProvider.Item.Get(($literal ? $LiteralPath : $Path), $Force, $literal)
        } catch {
            $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
        }
    }
}

function Remove-Item {
    [CmdletBinding(DefaultParameterSetName = 'Path', SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path', ValueFromPipeline)] [string[]] $Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath', ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LP')] [string[]] $LiteralPath,
        [switch] $Recurse,
        [switch] $Force
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        foreach ($item in $literal ? $LiteralPath : $Path) {
            if ($PSCmdlet.ShouldProcess($item, 'Remove')) {
                try {
                    $ExecutionContext.InvokeProvider.Item.Remove(@($item), $Recurse, $Force, $literal)
                } catch {
                    $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
                }
            }
        }
    }
}

function New-PSDrive {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [string] $PSProvider,
        [Parameter(Mandatory, Position = 2)] [string] $Root,
        [string] $Description = '',
        [string] $Scope = 'Global'
    )
    if (-not $PSCmdlet.ShouldProcess($Name, 'New drive')) { return }
    try {
        $provider = $ExecutionContext.SessionState.Provider.GetOne($PSProvider)
        $ExecutionContext.SessionState.Drive.New([System.Management.Automation.PSDriveInfo]::new($Name, $provider, $Root, $Description, $null), $Scope)
    } catch {
        $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
    }
}

function Remove-PSDrive {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)] [string[]] $Name, [switch] $Force)
    process {
        foreach ($drive in $Name) {
            if (-not $PSCmdlet.ShouldProcess($drive, 'Remove drive')) { continue }
            try {
                $ExecutionContext.SessionState.Drive.Remove($drive, $Force, 'Global')
            } catch {
                $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
            }
        }
    }
}

function Get-PSDrive {
    [CmdletBinding()]
    param([Parameter(Position = 0)] [string[]] $Name = '*')
    foreach ($drive in $ExecutionContext.SessionState.Drive.GetAll()) {
        if (@($Name.Where({ $drive.Name -like $_ })).Count -gt 0) { $drive }
    }
}

function Get-ItemProperty {
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Path', ValueFromPipeline, ValueFromPipelineByPropertyName)] [string[]] $Path,
        [Parameter(Mandatory, ParameterSetName = 'LiteralPath', ValueFromPipelineByPropertyName)] [Alias('PSPath', 'LP')] [string[]] $LiteralPath,
        [Parameter(Position = 1)] [string[]] $Name = @()
    )
    process {
        $literal = $PSCmdlet.ParameterSetName -eq 'LiteralPath'
        try {
            $ExecutionContext.InvokeProvider.Property.Get(($literal ? $LiteralPath : $Path), [System.Collections.ObjectModel.Collection[string]] $Name, $literal)
        } catch {
            $PSCmdlet.WriteError($_.Exception.InnerException.ErrorRecord ?? $_)
        }
    }
}

function Get-ItemPropertyValue {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [string[]] $Path,
        [Parameter(Mandatory, Position = 1)] [string[]] $Name
    )
    process {
        foreach ($item in Get-ItemProperty -Path $Path -Name $Name) { foreach ($value in $Name) { $item.$value } }
    }
}
