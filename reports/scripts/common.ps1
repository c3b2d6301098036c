Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# A value on one line, without characters that steer a console.
function Get-Line($Value) {
    return ((@($Value) -join ', ') -replace '[\p{Cc}\p{Cf}\u2028\u2029]', '?')
}

# Are these the same, without case and by their characters alone.
function Test-Same($One, $Other) {
    return [string]::Equals([string]$One, [string]$Other, [StringComparison]::OrdinalIgnoreCase)
}

# The members of one list that another list holds.
function Select-Held($Members, $List) {
    foreach ($member in $Members) {
        foreach ($each in $List) {
            if (Test-Same $member $each) { $member; break }
        }
    }
}

# The members of one list that another list lacks.
function Select-Absent($Members, $List) {
    foreach ($member in $Members) {
        if (@(Select-Held @($member) $List).Count -eq 0) { $member }
    }
}

# A property that may not be there: absent is null.
function Get-Optional($Object, [string] $Name) {
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

Write-Output $title
Write-Output ($words.Made -f $about.Version, $about.Facts, $about.ValidUntil)
Write-Output ($words.From -f $about.Plan, $about.Snapshot)
if ([string]::CompareOrdinal((Get-Date).ToUniversalTime().ToString('s'), $about.ValidUntil) -gt 0) { Write-Output $words.Expired }
Write-Output ''
if ($steps.Count -gt 0) {
    Write-Output $words.Steps
    foreach ($step in $steps) { Write-Output ('  {0}. {1}' -f $step.Number, $step.Text) }
}
if ($notes.Count -gt 0) {
    Write-Output $words.Notes
    foreach ($note in $notes) {
        Write-Output ('  - {0}' -f $note.Text)
        foreach ($line in $note.Commands) { Write-Output ('      {0}' -f $line) }
        foreach ($line in $note.Verify) { Write-Output ('    {0} {1}' -f $words.Verify, $line) }
    }
}
Write-Output ''
