# --- event logs ---

# What fits a filter, the newest first. Nothing is an answer; only the Admin log must exist. A denial may hide in another exception.
function Get-LogEntries($Filter, [int] $Most) {
    try {
        Get-WinEvent -FilterHashtable $Filter -MaxEvents $Most
    }
    catch {
        $id = [string]$_.FullyQualifiedErrorId
        if ($id -like 'NoMatchingEventsFound*') { return }
        if ($id -like 'NoMatchingLogsFound*' -and $Filter.LogName -notlike '*-Admin') { return }
        if ($null -ne $_.Exception.InnerException) { throw $_.Exception.InnerException }
        throw
    }
}

# Errors and warnings, and two events that are mere information: 1106, which can carry a code, and 20415, a move that succeeded.
function Read-events($Asked) {
    $since = [System.DateTime]::UtcNow.AddDays(-[int]$Asked.events.days)
    $most = [int]$Asked.events.most
    $entries = @(foreach ($log in @('Microsoft-Windows-Hyper-V-VMMS-Admin', 'Microsoft-Windows-Hyper-V-VMMS-Operational')) {
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 1, 2, 3 } $most
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 0, 4, 5; Id = 1106, 20415 } $most
        })
    return , [object[]]@($entries | Sort-Object -Property { $_.TimeCreated } -Descending | Select-Object -First $most | ForEach-Object {
            @{ channel = [string]$_.LogName; xml = [string]$_.ToXml() }
        })
}
