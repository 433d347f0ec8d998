# Should, with the operators that our test files use; part of StandIn.ps1.

function Should {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)] [AllowNull()] [object] $ActualValue,
        [Parameter(Position = 0)] [AllowNull()] [object] $ExpectedValue,
        [switch] $Not,
        [switch] $Be, [switch] $BeExactly, [switch] $BeTrue, [switch] $BeFalse, [switch] $BeNullOrEmpty,
        [switch] $Match, [switch] $MatchExactly, [switch] $BeLike, [switch] $BeLikeExactly,
        [switch] $BeGreaterThan, [switch] $BeGreaterOrEqual, [switch] $BeLessThan, [switch] $BeLessOrEqual,
        [switch] $BeIn, [switch] $Contain, [switch] $HaveCount, [switch] $BeOfType, [switch] $Exist,
        [switch] $Throw, [string] $ErrorId, [type] $ExceptionType, [string] $ExpectedMessage, [switch] $PassThru,
        [string] $Because
    )
    begin {
        $piped = [System.Collections.Generic.List[object]]::new()
        $operators = @($PSBoundParameters.Keys).Where({ $_ -cmatch '^(Be|Match|Contain|HaveCount|Exist|Throw)' -and $_ -ne 'Because' })
        if ($operators.Count -ne 1) { throw "Should needs one operator, but got: $($operators -join ', ')." }
        $operator = $operators[0]
    }
    process { $piped.Add($ActualValue) }
    end {
        if ($operator -eq 'Throw') {
            $pattern = $PSBoundParameters.ContainsKey('ExpectedValue') ? [string] $ExpectedValue : $ExpectedMessage
            StandInShouldThrow $piped[0] $Not.IsPresent $pattern $ErrorId $ExceptionType $Because $PassThru.IsPresent
            return
        }

        # These look at all that was piped; the others judge one value at a time.
        $takesAll = $operator -in 'Be', 'BeExactly', 'BeNullOrEmpty', 'Contain', 'HaveCount'
        $actuals = $piped
        if ($takesAll) {
            $actuals = [System.Collections.Generic.List[object]]::new()
            $actuals.Add($piped.ToArray())
        } elseif ($piped.Count -eq 0) {
            $actuals.Add($null)
        }
        foreach ($actual in $actuals) {
            if ((StandInHolds $operator $actual $ExpectedValue) -eq $Not.IsPresent) {
                $negation = $Not ? 'not ' : ''
                $reason = $Because ? ", because $Because" : ''
                throw [StandInAssertion]::new("Expected $(StandInText $actual) ${negation}to satisfy -$operator $(StandInText $ExpectedValue)$reason.")
            }
        }
    }
}

function StandInText($Value) {
    $texts = foreach ($item in @($Value)) { $null -eq $item ? '$null' : $item -is [string] ? "'$item'" : "$item" }
    @($Value).Count -eq 1 ? $texts : "@($($texts -join ', '))"
}

function StandInHolds([string] $Operator, $Actual, $Expected) {
    switch ($Operator) {
        'Be' { return StandInSame $Actual $Expected { $args[0] -eq $args[1] } }
        'BeExactly' { return StandInSame $Actual $Expected { $args[0] -ceq $args[1] } }
        'BeTrue' { return [bool] $Actual }
        'BeFalse' { return -not $Actual }
        'BeNullOrEmpty' { return $Actual.Count -eq 0 -or ($Actual.Count -eq 1 -and (StandInIsEmpty $Actual[0])) }
        'Match' { return [string] $Actual -match $Expected }
        'MatchExactly' { return [string] $Actual -cmatch $Expected }
        'BeLike' { return [string] $Actual -like $Expected }
        'BeLikeExactly' { return [string] $Actual -clike $Expected }
        'BeGreaterThan' { return $Actual -gt $Expected }
        'BeGreaterOrEqual' { return $Actual -ge $Expected }
        'BeLessThan' { return $Actual -lt $Expected }
        'BeLessOrEqual' { return $Actual -le $Expected }
        'BeIn' { return $Actual -in @($Expected) }
        'Contain' { return $Actual -contains $Expected }
        'HaveCount' { return $Actual.Count -eq $Expected }
        'BeOfType' { return $Actual -is ($Expected -is [type] ? $Expected : [type] ($Expected -replace '^\[|\]$')) }
        'Exist' { return [System.IO.File]::Exists($Actual) -or [System.IO.Directory]::Exists($Actual) }
    }
}

function StandInIsEmpty($Value) {
    $null -eq $Value -or ($Value -is [string] -and $Value -eq '') -or ($Value -is [System.Collections.ICollection] -and $Value.Count -eq 0)
}

# Arrays are the same when their items are, one by one. What came as one object is compared as one.
function StandInSame([object[]] $Actual, $Expected, [scriptblock] $Equal) {
    if ($Expected -isnot [array] -and $Actual.Count -eq 1 -and $Actual[0] -isnot [array]) {
        return $null -eq $Expected -or $null -eq $Actual[0] ? ($null -eq $Expected -and $null -eq $Actual[0]) : [bool] (& $Equal $Actual[0] $Expected)
    }
    $left = @($Actual.Count -eq 1 -and $Actual[0] -is [array] ? $Actual[0] : $Actual)
    $right = @($Expected)
    if ($left.Count -ne $right.Count) { return $false }
    for ($i = 0; $i -lt $left.Count; $i++) {
        if (-not (& $Equal $left[$i] $right[$i])) { return $false }
    }
    return $true
}

function StandInShouldThrow([scriptblock] $Body, [bool] $Not, [string] $Pattern, [string] $Id, [type] $Type, [string] $Because, [bool] $PassThru) {
    $thrown = $null
    try { $null = & $Body } catch { $thrown = $_ }
    $what = $thrown ? "'$($thrown.Exception.Message)' [$($thrown.FullyQualifiedErrorId), $($thrown.Exception.GetType().FullName)]" : 'nothing'
    $fits = $thrown -and
        (-not $Pattern -or $thrown.Exception.Message -like $Pattern) -and
        (-not $Id -or $thrown.FullyQualifiedErrorId -like $Id) -and
        (-not $Type -or $thrown.Exception -is $Type)
    if ($fits -eq $Not) {
        $expected = @($Pattern, $Id, $Type).Where({ $_ }) -join ', '
        $negation = $Not ? 'not ' : ''
        $reason = $Because ? ", because $Because" : ''
        throw [StandInAssertion]::new("Expected ${negation}an exception $expected$reason, but $what was thrown.")
    }
    if ($PassThru) { $thrown }
}
