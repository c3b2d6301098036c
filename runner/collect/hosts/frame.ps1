# --- frame ---

# One JSON text as it leaves the host. Half of a surrogate pair, U+FFFE and U+FFFF are no characters and pass through no XML: U+FFFD stands for each.
function ConvertTo-Answer($Value) {
    $json = ConvertTo-Json -Depth 12 -Compress -InputObject $Value
    return $json -creplace '[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uFFFE\uFFFF]', [string][char]0xFFFD
}

# Each text is put out at once, so that what was read has arrived when a later section hangs.
$asked = ConvertFrom-Json -InputObject $Request
ConvertTo-Answer @{ frame = 2; engine = $PSVersionTable.PSVersion.ToString(); utc = Get-Utc (Get-Date) }
foreach ($name in @($asked.sections)) {
    $start = Get-Date
    $entry = @{ name = $name; ok = $true; ms = 0; value = $null; error = $null }
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
    $entry.ms = [int]((Get-Date) - $start).TotalMilliseconds
    ConvertTo-Answer $entry
}
