# The default rules of PSScriptAnalyzer that can be judged from the syntax, for machines that do not have it. Dot-source it in BeforeAll.

$stateVerbs = 'New', 'Set', 'Remove', 'Start', 'Stop', 'Restart', 'Reset', 'Update'
$automaticVariables = '?', 'args', 'EnabledExperimentalFeatures', 'Error', 'ErrorView', 'Event', 'EventArgs', 'EventSubscriber', 'ExecutionContext', 'foreach', 'HOME', 'Host',
    'input', 'IsCoreCLR', 'IsLinux', 'IsMacOS', 'IsWindows', 'LASTEXITCODE', 'Matches', 'MyInvocation', 'NestedPromptLevel', 'PID', 'PROFILE', 'PSBoundParameters', 'PSCmdlet',
    'PSCommandPath', 'PSCulture', 'PSDebugContext', 'PSEdition', 'PSHOME', 'PSItem', 'PSScriptRoot', 'PSSenderInfo', 'PSUICulture', 'PSVersionTable', 'PWD', 'Sender', 'ShellId',
    'StackTrace', 'switch', 'this', 'true', 'false', 'null'
$commonParameters = [System.Management.Automation.Cmdlet]::CommonParameters

# What a file does against the rules, as "rule: text, line". -Except: names of rules that are not asked for.
function Get-ScriptFault([string] $Path, [string[]] $Except = @()) {
    $text = [System.IO.File]::ReadAllText($Path)
    $errors = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $errors)
    $faults = @(
        foreach ($fault in $errors) { "ParseError: $($fault.Message), $($fault.Extent.StartLineNumber)" }
        Find-CommandFault $ast
        Find-FunctionFault $ast
        Find-VariableFault $ast
        Find-BlockFault $ast
        foreach ($match in [regex]::Matches($text, '[ \t]+\r?\n')) { "PSAvoidTrailingWhitespace: $($text.Substring(0, $match.Index).Split("`n").Count)" }
        if ($text -match '[^\x00-\x7F]' -and [System.IO.File]::ReadAllBytes($Path)[0] -ne 0xEF) { "PSUseBOMForUnicodeEncodedFile: $($Matches[0])" }
    )
    $faults.Where({ ($_ -split ':')[0] -notin $Except })
}

function Find-CommandFault($Ast) {
    foreach ($command in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
        $name = $command.GetCommandName()
        if (-not $name) { continue }
        $line = "$name, $($command.Extent.StartLineNumber)"
        # What this shell calls a stand-in for a command of pwsh is no alias there.
        if (Get-Command $name -CommandType Alias -ErrorAction Ignore) { "PSAvoidUsingCmdletAliases: $line" }
        switch ($name) {
            'Write-Host' { "PSAvoidUsingWriteHost: $line" }
            'Invoke-Expression' { "PSAvoidUsingInvokeExpression: $line" }
            'ConvertTo-SecureString' { if ($command.Extent.Text -match '-AsPlainText') { "PSAvoidUsingConvertToSecureStringWithPlainText: $line" } }
        }
        $elements = @($command.CommandElements)
        $positional = 0
        for ($i = 1; $i -lt $elements.Count; $i++) {
            if ($elements[$i] -is [System.Management.Automation.Language.StringConstantExpressionAst] -and $elements[$i - 1].Extent.Text -eq '-ComputerName') { "PSAvoidUsingComputerNameHardcoded: $line" }
            $isParameter = $elements[$i] -is [System.Management.Automation.Language.CommandParameterAst]
            $follows = $elements[$i - 1] -is [System.Management.Automation.Language.CommandParameterAst] -and -not $elements[$i - 1].Argument
            if (-not $isParameter -and -not $follows -and -not ($elements[$i] -is [System.Management.Automation.Language.VariableExpressionAst] -and $elements[$i].Splatted)) { $positional++ }
        }
        if ($positional -ge 3 -and (Get-Command $name -CommandType Cmdlet -ErrorAction Ignore)) { "PSAvoidUsingPositionalParameters: $line" }
    }
}

function Find-FunctionFault($Ast) {
    $verbs = [System.Management.Automation.VerbsCommon].Assembly.GetTypes().Where({ $_.Name -cmatch '^Verbs[A-Z]' -and $_.IsPublic }).ForEach({ $_.GetFields().Name })
    foreach ($function in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true)) {
        $line = "$($function.Name), $($function.Extent.StartLineNumber)"
        $verb, $noun = $function.Name -split '-', 2
        if ($noun -and $verb -notin $verbs) { "PSUseApprovedVerbs: $line" }
        if ($noun -cmatch '[a-z]s$' -and $noun -cnotmatch '(ss|us|is|as)$') { "PSUseSingularNouns: $line" }
        if ($noun -and $verb -in $stateVerbs -and $function.Extent.Text -notmatch 'SupportsShouldProcess') { "PSUseShouldProcessForStateChangingFunctions: $line" }
        $parameters = @($function.Parameters) + @($function.Body.ParamBlock.Parameters)
        foreach ($parameter in $parameters.Where({ $_ })) {
            $variable = $parameter.Name.VariablePath.UserPath
            $type = $parameter.StaticType
            if ($type -eq [switch] -and $parameter.DefaultValue -and $parameter.DefaultValue.Extent.Text -match 'true') { "PSAvoidDefaultValueSwitchParameter: $variable of $line" }
            if ($type -eq [string] -and $variable -match 'password|passphrase') { "PSAvoidUsingPlainTextForPassword: $variable of $line" }
            if ($variable -in $commonParameters) { "PSReservedParams: $variable of $line" }
            $uses = $function.Body.FindAll({ $args[0] -is [System.Management.Automation.Language.VariableExpressionAst] -and $args[0].VariablePath.UserPath -eq $variable -and
                    $args[0].Parent -isnot [System.Management.Automation.Language.ParameterAst] }, $true)
            if (-not $uses -and $function.Body.Extent.Text -notmatch '\$PSBoundParameters|\$MyInvocation') { "PSReviewUnusedParameter: $variable of $line" }
        }
    }
}

function Find-VariableFault($Ast) {
    $read = [System.Collections.Generic.HashSet[string]]::new([System.StringComparer]::OrdinalIgnoreCase)
    $assigned = @{}
    foreach ($variable in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.VariableExpressionAst] }, $true)) {
        $path = $variable.VariablePath
        $name = $path.UserPath -replace '^(?:script|local|private|using):'
        if ($path.IsGlobal -and $name -notmatch '^global:(?:PSDefaultParameterValues|ErrorActionPreference|LASTEXITCODE|ProgressPreference)$') { "PSAvoidGlobalVars: $name, $($variable.Extent.StartLineNumber)" }
        $target = $variable.Parent
        while ($target -is [System.Management.Automation.Language.ConvertExpressionAst] -or $target -is [System.Management.Automation.Language.AttributedExpressionAst]) { $target = $target.Parent }
        if ($target -is [System.Management.Automation.Language.AssignmentStatementAst] -and $target.Left.Extent.EndOffset -ge $variable.Extent.EndOffset -and $target.Operator -eq 'Equals') {
            if ($name -in $automaticVariables -and $name -ne 'null') { "PSAvoidAssignmentToAutomaticVariable: $name, $($variable.Extent.StartLineNumber)" }
            if (-not $path.IsScript -and -not $path.IsGlobal -and -not $path.IsDriveQualified) { $assigned[$name] = $variable.Extent.StartLineNumber }
        } else {
            $null = $read.Add($name)
        }
    }
    foreach ($name in $assigned.Keys) {
        if (-not $read.Contains($name) -and $name -notmatch 'Preference$|^null$|^OutputEncoding$') { "PSUseDeclaredVarsMoreThanAssignments: $name, $($assigned[$name])" }
    }
}

function Find-BlockFault($Ast) {
    foreach ($block in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CatchClauseAst] -and $args[0].Body.Statements.Count -eq 0 }, $true)) {
        "PSAvoidUsingEmptyCatchBlock: $($block.Extent.StartLineNumber)"
    }
    foreach ($comparison in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.BinaryExpressionAst] -and $args[0].Operator -match '^[IC](eq|ne)$' }, $true)) {
        if ($comparison.Right.Extent.Text -eq '$null') { "PSPossibleIncorrectComparisonWithNull: $($comparison.Extent.Text), $($comparison.Extent.StartLineNumber)" }
    }
    foreach ($condition in $Ast.FindAll({ $args[0] -is [System.Management.Automation.Language.IfStatementAst] }, $true)) {
        foreach ($clause in $condition.Clauses) {
            if ($clause.Item1.Find({ $args[0] -is [System.Management.Automation.Language.AssignmentStatementAst] }, $false)) { "PSPossibleIncorrectUsageOfAssignmentOperator: $($clause.Item1.Extent.Text), $($clause.Item1.Extent.StartLineNumber)" }
        }
    }
}
