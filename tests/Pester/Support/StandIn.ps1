# A stand-in for Pester 5, for machines that cannot get it: the part of its language that our test files use, with the same meaning.
# Dot-source it, then call Invoke-StandIn. Functions, not a module: the blocks of a test file then run as nested scopes of these
# functions, which is all that BeforeAll and its variables need. Names that tests could see start with StandIn.
#
# As in Pester: a file runs twice. Discovery runs the bodies of Describe and Context and collects; nothing of its variables is left when
# the tests run, but for what -ForEach handed over.

class StandInBlock {
    [string] $Name
    [scriptblock] $Body
    [object] $Data
    [bool] $HasData
    [bool] $Skip
    [StandInBlock] $Parent
    [System.Collections.Generic.List[object]] $Items = [System.Collections.Generic.List[object]]::new()
    [System.Collections.Generic.List[scriptblock]] $BeforeAll = [System.Collections.Generic.List[scriptblock]]::new()
    [System.Collections.Generic.List[scriptblock]] $AfterAll = [System.Collections.Generic.List[scriptblock]]::new()
    [System.Collections.Generic.List[scriptblock]] $BeforeEach = [System.Collections.Generic.List[scriptblock]]::new()
    [System.Collections.Generic.List[scriptblock]] $AfterEach = [System.Collections.Generic.List[scriptblock]]::new()

    [string] PathOf([string] $Title) { return $this.Parent ? $this.Parent.PathOf("$($this.Name).$Title") : $Title }

    [bool] HasTestToRun() {
        if ($this.Skip) { return $false }
        foreach ($item in $this.Items) {
            if ($item -is [StandInBlock] ? $item.HasTestToRun() : -not $item.Skip) { return $true }
        }
        return $false
    }
}

class StandInTest {
    [string] $Name
    [scriptblock] $Body
    [object] $Data
    [bool] $HasData
    [bool] $Skip
    [StandInBlock] $Parent
}

class StandInResult : System.Exception {
    [string] $Result
    StandInResult([string] $Result, [string] $Because) : base($Because) { $this.Result = $Result }
}

class StandInAssertion : System.Exception {
    StandInAssertion([string] $Message) : base($Message) { }
}

# ---- What a test file says ----

function Describe {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture,
        [string[]] $Tag,
        [AllowNull()] [AllowEmptyCollection()] [Alias('TestCases')] [object] $ForEach,
        [switch] $Skip
    )
    StandInAddItem StandInBlock $Name $Fixture $PSBoundParameters.ContainsKey('ForEach') $ForEach $Skip
}

function Context {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Fixture,
        [string[]] $Tag,
        [AllowNull()] [AllowEmptyCollection()] [Alias('TestCases')] [object] $ForEach,
        [switch] $Skip
    )
    StandInAddItem StandInBlock $Name $Fixture $PSBoundParameters.ContainsKey('ForEach') $ForEach $Skip
}

function It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Test,
        [string[]] $Tag,
        [AllowNull()] [AllowEmptyCollection()] [Alias('TestCases')] [object] $ForEach,
        [switch] $Skip
    )
    StandInAddItem StandInTest $Name $Test $PSBoundParameters.ContainsKey('ForEach') $ForEach $Skip
}

function BeforeAll([scriptblock] $Scriptblock) { $script:StandInCurrent.BeforeAll.Add($Scriptblock) }
function AfterAll([scriptblock] $Scriptblock) { $script:StandInCurrent.AfterAll.Add($Scriptblock) }
function BeforeEach([scriptblock] $Scriptblock) { $script:StandInCurrent.BeforeEach.Add($Scriptblock) }
function AfterEach([scriptblock] $Scriptblock) { $script:StandInCurrent.AfterEach.Add($Scriptblock) }

# In a module, dot-sourcing a block of the test file runs it in the test file's own scope, where its variables are to be.
$null = New-Module -Name StandIn -ScriptBlock { function BeforeDiscovery([scriptblock] $ScriptBlock) { . $ScriptBlock } }

function Set-ItResult {
    [CmdletBinding()]
    param([switch] $Skipped, [switch] $Inconclusive, [string] $Because = '')
    throw [StandInResult]::new(($Skipped ? 'Skipped' : 'Inconclusive'), $Because)
}

# ---- Discovery ----

function StandInAddItem([string] $StandInKind, $StandInName, $StandInBody, [bool] $StandInHasData, $StandInData, [bool] $StandInSkip) {
    $StandInCases = if ($StandInHasData) { , @($StandInData) } else { , @($null) }
    foreach ($StandInCase in $StandInCases) {
        $StandInItem = $StandInKind -eq 'StandInTest' ? [StandInTest]::new() : [StandInBlock]::new()
        $StandInItem.Name = $StandInName
        $StandInItem.Body = $StandInBody
        $StandInItem.HasData = $StandInHasData
        $StandInItem.Data = $StandInCase
        $StandInItem.Skip = $StandInSkip
        $StandInItem.Parent = $script:StandInCurrent
        $script:StandInCurrent.Items.Add($StandInItem)
        if ($StandInItem -is [StandInBlock]) { StandInDiscoverBlock $StandInItem }
    }
}

function StandInDiscoverBlock([StandInBlock] $StandInBlock) {
    $StandInOuter = $script:StandInCurrent
    $script:StandInCurrent = $StandInBlock
    try {
        if ($StandInBlock.HasData) { $_ = $StandInBlock.Data }
        . StandInSetVariables $StandInBlock
        $null = . $StandInBlock.Body
    } finally {
        $script:StandInCurrent = $StandInOuter
    }
}

# Dot-sourced: gives a block or a test the variables that its -ForEach hashtable stands for, in the scope of the caller.
# $_ does not survive the return from a dot-sourced function; callers set it themselves.
function StandInSetVariables($StandInOwner) {
    if ($StandInOwner.Data -is [System.Collections.IDictionary]) {
        foreach ($StandInKey in $StandInOwner.Data.Keys) {
            $ExecutionContext.SessionState.PSVariable.Set($StandInKey, $StandInOwner.Data[$StandInKey])
        }
    }
}

# ---- Run ----

# Dot-sourced or called in a test's scope: <name>, <name.property> and <_> in a title become values.
function StandInExpand([string] $StandInTitle) {
    foreach ($StandInMatch in [regex]::Matches($StandInTitle, '<([A-Za-z_]\w*)((?:\.\w+)*)>')) {
        $StandInVariable = $ExecutionContext.SessionState.PSVariable.Get($StandInMatch.Groups[1].Value)
        if ($StandInVariable) {
            $StandInValue = $StandInVariable.Value
            foreach ($StandInStep in $StandInMatch.Groups[2].Value.Split('.', [System.StringSplitOptions]::RemoveEmptyEntries)) {
                $StandInValue = $StandInValue.$StandInStep
            }
            $StandInTitle = $StandInTitle.Replace($StandInMatch.Value, "$StandInValue")
        }
    }
    $StandInTitle
}

function StandInRunBlock([StandInBlock] $StandInBlock) {
    if ($StandInBlock.HasData) { $_ = $StandInBlock.Data }
    . StandInSetVariables $StandInBlock
    $StandInBlock.Name = StandInExpand $StandInBlock.Name
    if (-not $StandInBlock.HasTestToRun()) {
        StandInReportAll $StandInBlock 'Skipped' ''
        return
    }

    $StandInBefore = [System.IO.Directory]::GetFileSystemEntries($TestDrive)
    $StandInReady = $true
    try {
        foreach ($StandInSetup in $StandInBlock.BeforeAll) { $null = . $StandInSetup }
    } catch {
        $StandInReady = $false
        StandInReportAll $StandInBlock 'Failed' "BeforeAll: $(StandInDescribe $_)"
    }

    if ($StandInReady) {
        foreach ($StandInItem in $StandInBlock.Items) {
            if ($StandInItem -is [StandInBlock]) { StandInRunBlock $StandInItem } else { StandInRunTest $StandInItem }
        }
    }

    try {
        foreach ($StandInTeardown in $StandInBlock.AfterAll) { $null = . $StandInTeardown }
    } catch {
        StandInReport 'Failed' $StandInBlock.PathOf('AfterAll') (StandInDescribe $_)
    }
    StandInCleanDrive $StandInBefore
}

function StandInRunTest([StandInTest] $StandInTest) {
    if ($StandInTest.HasData) { $_ = $StandInTest.Data }
    . StandInSetVariables $StandInTest
    $StandInTitle = $StandInTest.Parent.PathOf((StandInExpand $StandInTest.Name))
    if ($StandInTest.Skip) {
        StandInReport 'Skipped' $StandInTitle ''
        return
    }

    $StandInOutcome = 'Passed'
    $StandInMessage = ''
    $StandInChain = [System.Collections.Generic.List[StandInBlock]]::new()
    for ($StandInLevel = $StandInTest.Parent; $StandInLevel; $StandInLevel = $StandInLevel.Parent) { $StandInChain.Insert(0, $StandInLevel) }
    try {
        foreach ($StandInLevel in $StandInChain) {
            foreach ($StandInSetup in $StandInLevel.BeforeEach) { $null = . $StandInSetup }
        }
        $null = . $StandInTest.Body
    } catch {
        $StandInReason = $_.Exception
        $StandInOutcome = $StandInReason -is [StandInResult] ? $StandInReason.Result : 'Failed'
        $StandInMessage = $StandInReason -is [StandInResult] ? $StandInReason.Message : (StandInDescribe $_)
    }

    try {
        $StandInChain.Reverse()
        foreach ($StandInLevel in $StandInChain) {
            foreach ($StandInTeardown in $StandInLevel.AfterEach) { $null = . $StandInTeardown }
        }
    } catch {
        $StandInOutcome = 'Failed'
        $StandInMessage = "$StandInMessage AfterEach: $(StandInDescribe $_)".Trim()
    }
    StandInReport $StandInOutcome $StandInTitle $StandInMessage
}

function StandInCleanDrive([string[]] $StandInKeep) {
    foreach ($StandInEntry in [System.IO.Directory]::GetFileSystemEntries($TestDrive)) {
        if ($StandInEntry -in $StandInKeep) { continue }
        if ([System.IO.Directory]::Exists($StandInEntry)) {
            [System.IO.Directory]::Delete($StandInEntry, $true)
        } else {
            [System.IO.File]::Delete($StandInEntry)
        }
    }
}

# The message, and the line of the test file, not of the stand-in.
function StandInDescribe([System.Management.Automation.ErrorRecord] $StandInError) {
    $StandInWhere = @($StandInError.ScriptStackTrace -split '\r?\n').Where({ $_ -notmatch '[\\/]StandIn(\.Should)?\.ps1' }, 'First')
    "$($StandInError.Exception.Message) $StandInWhere"
}

function StandInReportAll([StandInBlock] $StandInBlock, [string] $StandInOutcome, [string] $StandInMessage) {
    foreach ($StandInItem in $StandInBlock.Items) {
        if ($StandInItem -is [StandInBlock]) {
            StandInReportAll $StandInItem $StandInOutcome $StandInMessage
        } else {
            StandInReport ($StandInItem.Skip ? 'Skipped' : $StandInOutcome) $StandInBlock.PathOf($StandInItem.Name) $StandInMessage
        }
    }
}

function StandInReport([string] $StandInOutcome, [string] $StandInTitle, [string] $StandInMessage) {
    $script:StandInCounts[$StandInOutcome]++
    $StandInLabel = @{ Failed = 'FAILED '; Skipped = 'skipped'; Inconclusive = 'skipped' }[$StandInOutcome]
    if ($StandInLabel) {
        $Host.UI.WriteLine("$StandInLabel $StandInTitle$($StandInMessage ? ": $StandInMessage" : '')")
    }
}

# Runs test files one by one. Puts out the counts: Passed, Failed, Skipped.
function Invoke-StandIn([string[]] $StandInFiles) {
    $script:StandInCounts = @{ Passed = 0; Failed = 0; Skipped = 0; Inconclusive = 0 }
    foreach ($StandInFile in $StandInFiles) {
        $script:StandInCurrent = [StandInBlock]::new()
        $TestDrive = [System.IO.Directory]::CreateTempSubdirectory('standin-').FullName
        try {
            & { $null = . $StandInFile }
            StandInRunBlock $script:StandInCurrent
        } catch {
            StandInReport 'Failed' ([System.IO.Path]::GetFileName($StandInFile)) "discovery: $(StandInDescribe $_)"
        } finally {
            [System.IO.Directory]::Delete($TestDrive, $true)
        }
    }
    [pscustomobject] @{
        Passed  = $StandInCounts.Passed
        Failed  = $StandInCounts.Failed
        Skipped = $StandInCounts.Skipped + $StandInCounts.Inconclusive
    }
}
