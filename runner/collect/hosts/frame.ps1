# --- frame ---

$asked = ConvertFrom-Json -InputObject $Request
$sections = @{}
foreach ($name in @($asked.sections)) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $entry = @{ ok = $true; ms = 0; value = $null; error = $null }
    try {
        $reader = Get-Command -Name ('Read-' + $name) -CommandType Function
        $value = & $reader $asked
        # An array that came through a pipeline would become {value, Count}: the cast takes it out of its wrapping.
        if ($value -is [array]) { $value = [object[]]$value }
        $entry.value = $value
    }
    catch {
        $entry.ok = $false
        $entry.error = Get-Failure $_
    }
    $entry.ms = [int]$watch.ElapsedMilliseconds
    $sections[$name] = $entry
}
ConvertTo-Json -Depth 12 -Compress -InputObject @{
    frame    = 1
    engine   = $PSVersionTable.PSVersion.ToString()
    utc      = Get-Utc ([System.DateTime]::UtcNow)
    sections = $sections
}
