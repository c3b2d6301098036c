# --- the record of what was really changed: one JSON object a line ---

$recordPath = Join-Path -Path $PSScriptRoot -ChildPath $record

# The user's own name, as this session has it.
function Get-User {
    return ($env:USERDOMAIN, $env:USERNAME) -join '\'
}

# Texts of their own: what came through remoting would bring its origin into the record.
function Get-Text($Values) {
    return @($Values | Where-Object { $null -ne $_ } | ForEach-Object { [string]$_ })
}

# One line. $State: started; begun, before something is written; changed, with what then really was; or why nothing was done.
function Write-Record($State, $Step, $Before, $After, $Members, $Detail) {
    if ($WhatIfPreference) { return }
    $row = [ordered]@{
        time = (Get-Date).ToUniversalTime().ToString('s') + 'Z'; user = Get-User; computer = $env:COMPUTERNAME
        plan = $about.Plan; snapshot = $about.Snapshot; undo = $undo; state = $State
        step = $null; kind = $null; object = $null; place = $null; at = $null
        before = @(Get-Text $Before); after = @(Get-Text $After); members = @(Get-Text $Members); detail = [string]$Detail
    }
    if ($null -ne $Step) {
        $row.step = $Step.Id; $row.kind = $Step.Kind; $row.object = $Step.Object; $row.place = $Step.Place; $row.at = Get-At $Step.Place
    }
    Add-Content -LiteralPath $recordPath -Encoding UTF8 -Value (ConvertTo-Json -InputObject $row -Depth 3 -Compress) -WhatIf:$false -Confirm:$false
}

# The lines of this plan and these facts. One that cannot be read, or is of others, ends the script: nothing is guessed.
function Get-Row {
    if (-not (Test-Path -LiteralPath $recordPath)) { return }
    foreach ($line in (Get-Content -LiteralPath $recordPath -Encoding UTF8)) {
        $row = ConvertFrom-Json -InputObject $line
        if ($row.plan -ne $about.Plan -or $row.snapshot -ne $about.Snapshot) { throw $words.OtherRecord }
        $row
    }
}

# What these scripts changed and have not taken back, by the id of the step. What was begun and never said to be done counts as done.
function Get-Own($Rows) {
    $own = @{}
    $begun = @{}
    foreach ($row in $Rows) {
        if ($null -eq $row.step) { continue }
        $id = [string]$row.step
        $held = @($own[$id] | Where-Object { $null -ne $_ })
        if ($row.state -eq 'changed' -and $row.undo) { $own[$id] = @(Select-Absent $held $row.members) }
        elseif ($row.state -eq 'changed') { $own[$id] = $held + @(Select-Absent $row.members $held); $begun.Remove($id) }
        elseif ($row.state -eq 'begun' -and -not $row.undo) { $begun[$id] = @($row.members) }
    }
    foreach ($id in @($begun.Keys)) {
        $held = @($own[$id] | Where-Object { $null -ne $_ })
        $own[$id] = $held + @(Select-Absent $begun[$id] $held)
    }
    return $own
}
