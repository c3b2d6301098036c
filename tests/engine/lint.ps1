# What Windows PowerShell 3.0 would not run, and what our scripts must not do, judged by the syntax tree of a real engine.
# In: JSON on standard input, [{"name", "text", "allowed": {command: [parameter, ...]} or null}]. Out: JSON, [{"name", "line", "rule", "what"}].
# Without `allowed` any command with a verb and a noun, or a program with its ending, may stand there.

using namespace System.Management.Automation.Language

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$LaterTypes = @{ 'semver' = '6.1'; 'System.Management.Automation.SemanticVersion' = '6.1' }
$LaterAttributes = @{
    ArgumentCompleter = '5.0'; ValidateDrive = '5.0'; ValidateUserDrive = '5.0'; ArgumentCompletions = '6.0'; ValidateTrustedData = '6.2'
    Experimental = '6.2'; NoRunspaceAffinity = '7.3'; ValidateNotNullOrWhiteSpace = '7.4'
}
$LaterParameters = @{
    'ConvertFrom-Json' = @{ AsHashtable = '6.0'; NoEnumerate = '7.0'; Depth = '6.2' }
    'ConvertTo-Json'   = @{ AsArray = '6.0'; EnumsAsStrings = '6.2'; EscapeHandling = '6.2' }
    'ForEach-Object'   = @{ Parallel = '7.0' }
    'Select-Object'    = @{ SkipLast = '5.0' }
    'Get-ChildItem'    = @{ Depth = '5.0' }
    'Get-Date'         = @{ AsUTC = '7.1' }
}
$Localized = 'Message', 'Status', 'StatusDescription', 'StatusDescriptions', 'Caption', 'Description', 'DisplayName', 'DisplayGroup', 'LevelDisplayName', 'ObjectClass', 'ErrorDescription', 'JobStatus', 'FriendlyName'
$Generating = 'Create', 'InvokeScript', 'NewScriptBlock', 'ExpandString', 'AddScript'

$OfType = [System.Linq.Enumerable].GetMethod('OfType')
$Whole = $null  # the tree whose nodes are kept: all of them are looked for only once
$Every = $null

function Get-Nodes($Tree, [type] $Kind) {
    if (-not [object]::ReferenceEquals($Tree, $script:Whole)) { $script:Whole, $script:Every = $Tree, @($Tree.FindAll({ $true }, $true)) }
    $OfType.MakeGenericMethod($Kind).Invoke($null, @(, $script:Every))
}

function Get-Found([string] $Name, [string] $Text, $Allowed) {
    $tokens = $null
    $errors = $null
    $tree = [Parser]::ParseInput($Text, [ref]$tokens, [ref]$errors)
    $report = { param($extent, $rule, $what) [ordered]@{ name = $Name; line = $extent.StartLineNumber; rule = $rule; what = "$what`: $(($extent.Text -split '\r?\n')[0])" } }
    foreach ($each in $errors) { & $report $each.Extent 'syntax' $each.Message }
    Get-LaterSyntax $tree $tokens $Text $report
    $own = @((Get-Nodes $tree ([FunctionDefinitionAst])).ForEach({ $_.Name }))
    foreach ($command in Get-Nodes $tree ([CommandAst])) { Get-CommandFault $command $own $Allowed $report }
    Get-Trap $tree $report
}

function Get-LaterSyntax($Tree, $Tokens, [string] $Text, $Report) {
    foreach ($each in Get-Nodes $Tree ([TernaryExpressionAst])) { & $Report $each.Extent 'syntax' 'ternary, 7.0' }
    foreach ($each in Get-Nodes $Tree ([PipelineChainAst])) { & $Report $each.Extent 'syntax' 'pipeline chain, 7.0' }
    foreach ($each in Get-Nodes $Tree ([TypeDefinitionAst])) { & $Report $each.Extent 'syntax' 'class or enum, 5.0' }
    foreach ($each in Get-Nodes $Tree ([UsingStatementAst])) { & $Report $each.Extent 'syntax' 'using, 5.0' }
    foreach ($each in Get-Nodes $Tree ([ConfigurationDefinitionAst])) { & $Report $each.Extent 'syntax' 'configuration, 4.0' }
    foreach ($each in Get-Nodes $Tree ([DynamicKeywordStatementAst])) { & $Report $each.Extent 'syntax' 'dynamic keyword, 4.0' }
    foreach ($each in Get-Nodes $Tree ([BlockStatementAst])) { & $Report $each.Extent 'syntax' 'parallel or sequence, only in workflows' }
    foreach ($each in Get-Nodes $Tree ([FunctionDefinitionAst])) { if ($each.IsWorkflow) { & $Report $each.Extent 'syntax' 'workflow' } }
    foreach ($each in Get-Nodes $Tree ([ScriptBlockAst])) { if ($each.CleanBlock) { & $Report $each.CleanBlock.Extent 'syntax' 'clean block, 7.3' } }
    foreach ($each in Get-Nodes $Tree ([PipelineAst])) { if ($each.Background) { & $Report $each.Extent 'syntax' 'background, 6.0' } }
    foreach ($each in Get-Nodes $Tree ([ForEachStatementAst])) { if ($each.Flags -ne 'None' -or $each.ThrottleLimit) { & $Report $each.Extent 'syntax' 'foreach -parallel, only in workflows' } }
    foreach ($each in Get-Nodes $Tree ([AssignmentStatementAst])) { if ($each.Operator -eq 'QuestionQuestionEquals') { & $Report $each.Extent 'syntax' 'null-coalescing assignment, 7.0' } }
    foreach ($each in Get-Nodes $Tree ([BinaryExpressionAst])) {
        if ($each.Operator -eq 'QuestionQuestion') { & $Report $each.Extent 'syntax' 'null-coalescing, 7.0' }
        if ($each.Operator -eq 'DotDot' -and @($each.Left, $each.Right | Where-Object { $_ -is [StringConstantExpressionAst] -and $_.Value -notmatch '^-?\d+$' })) { & $Report $each.Extent 'syntax' 'range of characters, 6.0' }
        if ($each.Operator -in 'Ireplace', 'Creplace' -and $each.Right -is [ArrayLiteralAst] -and $each.Right.Elements[1] -is [ScriptBlockExpressionAst]) { & $Report $each.Extent 'syntax' '-replace by a script block, 6.1' }
    }
    foreach ($each in @(Get-Nodes $Tree ([MemberExpressionAst])) + @(Get-Nodes $Tree ([IndexExpressionAst]))) { if ($each.NullConditional) { & $Report $each.Extent 'syntax' 'null-conditional, 7.1' } }
    foreach ($each in Get-Nodes $Tree ([InvokeMemberExpressionAst])) {
        if ($each.Static -and $each.Member.Extent.Text -eq 'new') { & $Report $each.Extent 'syntax' '::new(), 5.0' }
        if (-not $each.Static -and $each.Member.Extent.Text -in 'Where', 'ForEach') { & $Report $each.Extent 'syntax' '.Where() or .ForEach(), 4.0' }
        if ($each.GenericTypeArguments) { & $Report $each.Extent 'syntax' 'generic method call, 7.3' }
    }
    foreach ($each in @(Get-Nodes $Tree ([TypeExpressionAst])) + @(Get-Nodes $Tree ([TypeConstraintAst]))) { if ($LaterTypes[$each.TypeName.FullName]) { & $Report $each.Extent 'syntax' "type, $($LaterTypes[$each.TypeName.FullName])" } }
    foreach ($each in Get-Nodes $Tree ([AttributeAst])) { if ($LaterAttributes[$each.TypeName.FullName]) { & $Report $each.Extent 'syntax' "attribute, $($LaterAttributes[$each.TypeName.FullName])" } }
    foreach ($each in Get-Nodes $Tree ([ConstantExpressionAst])) {
        if ($each.StaticType -ne [string] -and $each.Extent.Text -match '^[+-]?(0b|0x[0-9a-f]+(u|uy|s|us|ul|n|y)$|\d[\d.]*(u|y|uy|s|us|ul|n)([kmgtp]b)?$)') { & $Report $each.Extent 'syntax' 'binary number or suffix of a number, 6.2' }
    }
    foreach ($each in @(Get-Nodes $Tree ([ExpandableStringExpressionAst])) + @(Get-Nodes $Tree ([StringConstantExpressionAst]))) {
        if ($each.StringConstantType -match '^DoubleQuoted' -and $each.Extent.Text -match '(?<!`)(``)*`(e|u\{)') { & $Report $each.Extent 'syntax' '`e or `u{}, 6.0' }
    }
    if ($Tree.ScriptRequirements -and $Tree.ScriptRequirements.RequiredPSVersion -gt [version]'3.0') { & $Report $Tree.Extent 'syntax' "#requires -Version $($Tree.ScriptRequirements.RequiredPSVersion)" }
    $last = $null
    foreach ($token in $Tokens) {
        if ($token.Kind -eq 'Pipe' -and $null -ne $last -and $last.Extent.EndLineNumber -lt $token.Extent.StartLineNumber -and ($Text -split '\r?\n')[$token.Extent.StartLineNumber - 2] -notmatch '`\s*$') { & $Report $token.Extent 'syntax' 'line that begins with a pipe, 7.0' }
        if ($token.Kind -notin 'NewLine', 'Comment') { $last = $token }
    }
}

function Get-CommandFault($Command, $Own, $Allowed, $Report) {
    $called = $Command.GetCommandName()
    if (-not $called) { & $Report $Command.Extent 'dynamic' 'command that is not named'; return }
    if ($called -in $Own) { return }
    $given = @($Command.CommandElements | Where-Object { $_ -is [CommandParameterAst] })
    $names = @($given | ForEach-Object { $_.ParameterName })
    if ($called -eq 'Invoke-Expression') { & $Report $Command.Extent 'generated code' $called }
    if ($called -notmatch '-|\.exe$') { & $Report $Command.Extent 'alias' $called }
    elseif ($null -ne $Allowed) {
        if (-not $Allowed.ContainsKey($called)) { & $Report $Command.Extent 'command' "$called is not documented" }
        else { foreach ($each in $names) { if ($each -notin $Allowed[$called]) { & $Report $Command.Extent 'command' "$called -$each is not documented" } } }
    }
    foreach ($each in $names) { if ($LaterParameters[$called] -and $LaterParameters[$called][$each]) { & $Report $Command.Extent 'syntax' "-$each, $($LaterParameters[$called][$each])" } }
    if ($called -eq 'ConvertTo-Json') {
        if ('Depth' -notin $names) { & $Report $Command.Extent 'json' 'ConvertTo-Json without -Depth' }
        if ($Command.Parent -is [PipelineAst] -and $Command.Parent.PipelineElements[0] -ne $Command) { & $Report $Command.Extent 'json' 'piped into ConvertTo-Json' }
    }
    if ($called -ne 'Get-Command' -and $Command.Extent.Text -match '-(ErrorAction|EA)[:\s]+[''"]?(SilentlyContinue|Ignore|0|4)\b') { & $Report $Command.Extent 'swallowed' $called }
    foreach ($each in $names) { if ($each -in 'DisplayName', 'DisplayGroup') { & $Report $Command.Extent 'localized' "-$each" } }
}

function Get-Trap($Tree, $Report) {
    foreach ($each in Get-Nodes $Tree ([CatchClauseAst])) { if ($each.Body.Statements.Count -eq 0) { & $Report $each.Extent 'swallowed' 'empty catch' } }
    foreach ($each in Get-Nodes $Tree ([AssignmentStatementAst])) {
        if ($each.Left.Extent.Text -eq '$ErrorActionPreference' -and $each.Right.Extent.Text -match 'SilentlyContinue|Ignore') { & $Report $each.Extent 'swallowed' 'preference' }
    }
    foreach ($each in Get-Nodes $Tree ([BinaryExpressionAst])) {
        if ($each.Operator -notmatch 'eq$|ne$|like$|match$|contains$|^[IC]?(not)?in$') { continue }
        foreach ($pair in @($each.Left, $each.Right), @($each.Right, $each.Left)) {
            $read = @($pair[0].FindAll({ $args[0] -is [MemberExpressionAst] }, $true) | Where-Object { $_.Member.Extent.Text -in $Localized })
            $word = @($pair[1].FindAll({ $args[0] -is [StringConstantExpressionAst] }, $true) | Where-Object { $_.Value -match '\p{L}{2}' })
            if ($read.Count -gt 0 -and $word.Count -gt 0) { & $Report $each.Extent 'localized' 'compared with words' }
        }
    }
    foreach ($each in Get-Nodes $Tree ([InvokeMemberExpressionAst])) {
        if ($each.Member.Extent.Text -in $Generating -and $each.Expression.Extent.Text -match 'scriptblock|ExecutionContext|powershell') { & $Report $each.Extent 'generated code' $each.Member.Extent.Text }
    }
}

$asked = ConvertFrom-Json -InputObject ([Console]::In.ReadToEnd()) -AsHashtable
$found = foreach ($script in $asked) { Get-Found $script.name $script.text $script.allowed }
ConvertTo-Json -Depth 3 -Compress -InputObject @($found)
