# --- one change after the other ---

# What is left to be done of a change, and why it must not be done, if it must not.
function Get-Todo($Step) {
    $present = @(Get-Present $Step)
    $todo = @{ Present = $present; Left = @(); Against = '' }
    if ($Step.Members.Count -gt 0) {
        $todo.Left = @(Select-Held $Step.Members $present)
        if ($Step.Present) { $todo.Left = @(Select-Absent $Step.Members $present) }
    }
    elseif ($present.Count -eq 0 -or [string]$present[0] -eq '') { throw $words.Unread }
    elseif (-not (Test-Same $present[0] $Step.After)) {
        $todo.Left = @($Step.After)
        if (-not (Test-Same $present[0] $Step.Before)) { $todo.Against = $words.Otherwise -f (Get-Line $present), (Get-Line $Step.Before) }
    }
    if ($todo.Left.Count -gt 0 -and $todo.Against -eq '') { $todo.Against = [string](Get-Obstacle $Step) }
    return $todo
}

# Make a change that was agreed to; nobody is asked a second time. What it really changed is looked up and recorded, whatever happened.
function Invoke-Change($Step, $Todo) {
    $ConfirmPreference = 'None'
    $list = $Step.Members.Count -gt 0
    $meant = @('value')
    if ($list) { $meant = $Todo.Left }
    Write-Record 'begun' $Step $Todo.Present $null $meant
    $detail = ''
    try { $null = Write-Left $Step $Todo.Left }
    catch { $detail = Get-Line $_.Exception.Message }
    try { $after = @(Get-Present $Step) }
    catch { throw ((@($detail, (Get-Line $_.Exception.Message)) | Where-Object { $_ }) -join '; ') }
    $done = @()
    if ($list -and $Step.Present) { $done = @(Select-Held $meant $after) }
    elseif ($list) { $done = @(Select-Absent $meant $after) }
    elseif (Test-Same $after[0] $Step.After) { $done = $meant }
    Write-Record 'changed' $Step $Todo.Present $after $done $detail
    if ($detail -eq '' -and $done.Count -lt $meant.Count) { $detail = $words.NotShown }
    if ($detail -ne '') { throw $detail }
}

# Do one step; the result is its outcome and what there is to say about it.
function Invoke-Step($Step, $Open, $Own) {
    if (@($Step.Needs | Where-Object { $Open -contains $_ }).Count -gt 0) { return 'Skipped', '' }
    if ($undo) {
        $mine = @($Own[[string]$Step.Id] | Where-Object { $null -ne $_ })
        if ($mine.Count -eq 0) { return 'NotOwn', '' }
        if ($Step.Members.Count -gt 0) { $Step.Members = @(Select-Held $Step.Members $mine) }
    }
    $todo = Get-Todo $Step
    if ($todo.Left.Count -gt 0 -and $todo.Against -eq '') {
        if ($PSCmdlet.ShouldProcess($Step.Target, $Step.Text)) {
            # The question may have waited while somebody else acted.
            $todo = Get-Todo $Step
            if ($todo.Left.Count -gt 0 -and $todo.Against -eq '') {
                Invoke-Change $Step $todo
                return 'Changed', ''
            }
        }
        elseif ($WhatIfPreference) { return 'Would', '' }
        else { return 'Declined', '' }
    }
    if ($todo.Left.Count -eq 0) { return 'Right', '' }
    return 'Refused', $todo.Against
}

$rows = @()
$open = @()
try {
    try {
        if ($undo -and -not (Test-Path -LiteralPath $recordPath)) { throw ($words.NoRecord -f $recordPath) }
        $rows = @(Get-Row)
        Open-Place $rows
        Write-Record 'started'
    }
    catch {
        Write-Output ($words.NotBegun -f (Get-Line $_.Exception.Message))
        exit 1
    }
    $own = Get-Own $rows
    foreach ($step in $steps) {
        try { $outcome, $detail = Invoke-Step $step $open $own }
        catch { $outcome = 'Failed'; $detail = Get-Line $_.Exception.Message }
        if ('Failed', 'Refused', 'Declined', 'Skipped' -contains $outcome) { $open += $step.Number }
        if ('Changed', 'Would' -notcontains $outcome) {
            try { Write-Record $outcome.ToLowerInvariant() $step $null $null $null $detail }
            catch { $detail = (@($detail, (Get-Line $_.Exception.Message)) | Where-Object { $_ }) -join '; ' }
        }
        if ($detail -ne '') { $detail = ': ' + $detail }
        Write-Output ('{0}. {1}{2}' -f $step.Number, $words[$outcome], $detail)
    }
}
finally { Close-Place }
if ($open.Count -gt 0) { Write-Output ($words.NotDone -f $open.Count, $steps.Count); exit 1 }
if ($notes.Count -gt 0) { Write-Output $words.ByHand; exit 2 }
exit 0
