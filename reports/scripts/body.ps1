# --- one change after the other ---

# What is left to be done of a change, and why it must not be done, if it must not.
function Get-Left($Step) {
    $present = @(Get-Present $Step)
    if ($Step.Members.Count -gt 0) {
        $left = @(Select-Held $Step.Members $present)
        if ($Step.Present) { $left = @(Select-Absent $Step.Members $present) }
        return @{ Left = $left; Against = '' }
    }
    if (Test-Same $present[0] $Step.After) { return @{ Left = @(); Against = '' } }
    $against = ''
    if (-not (Test-Same $present[0] $Step.Before)) {
        $against = 'it is {0} now, and was {1} when the facts were read: somebody else has changed it' -f (Get-Line $present), (Get-Line $Step.Before)
    }
    return @{ Left = @($Step.After); Against = $against }
}

# Make a change that was agreed to; nobody is asked a second time.
function Invoke-Change($Step, $Left) {
    $ConfirmPreference = 'None'
    $null = Write-Left $Step $Left
}

Confirm-Tool
$failed = 0
foreach ($step in $steps) {
    $outcome = 'failed'
    $detail = ''
    try {
        $todo = Get-Left $step
        if ($todo.Left.Count -eq 0) { $outcome = 'already right' }
        elseif ($todo.Against -ne '') { $outcome = 'refused'; $detail = $todo.Against }
        elseif ($PSCmdlet.ShouldProcess($step.Target, $step.Text)) {
            Invoke-Change $step $todo.Left
            if ((Get-Left $step).Left.Count -eq 0) { $outcome = 'changed' }
            else { $detail = 'it was set, and does not show what was set' }
        }
        elseif ($WhatIfPreference) { $outcome = 'would be changed' }
        else { $outcome = 'declined' }
    }
    catch { $detail = Get-Line $_.Exception.Message }
    if ('failed', 'refused', 'declined' -contains $outcome) { $failed++ }
    if ($detail -ne '') { $detail = ': ' + $detail }
    Write-Output ('{0}. {1}{2}' -f $step.Number, $outcome, $detail)
}
if ($failed -gt 0) { Write-Output ('{0} of {1} not done.' -f $failed, $steps.Count); exit 1 }
exit 0
