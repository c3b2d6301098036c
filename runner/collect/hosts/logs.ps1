# --- event logs ---

# What fits a filter, the newest first. Nothing is an answer; a log that not every host has may be absent. A denial may hide in another
# exception.
function Get-LogEntries($Filter, [int] $Most) {
    $may = @(
        'Microsoft-Windows-Hyper-V-VMMS-Operational', 'Microsoft-Windows-Hyper-V-High-Availability-Admin',
        'Microsoft-Windows-SmbClient/Connectivity', 'Microsoft-Windows-SmbClient/Security'
    )
    try {
        Get-WinEvent -FilterHashtable $Filter -MaxEvents $Most
    }
    catch {
        $id = [string]$_.FullyQualifiedErrorId
        if ($id -like 'NoMatchingEventsFound*') { return }
        if ($id -like 'NoMatchingLogsFound*' -and $may -contains $Filter.LogName) { return }
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

# What the processes of VMs and the cluster wrote: errors and warnings.
function Read-worker_events($Asked) {
    $since = [System.DateTime]::UtcNow.AddDays(-[int]$Asked.events.days)
    $most = [int]$Asked.events.most
    $entries = @(foreach ($log in @('Microsoft-Windows-Hyper-V-Worker-Admin', 'Microsoft-Windows-Hyper-V-High-Availability-Admin')) {
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 1, 2, 3 } $most
        })
    return , [object[]]@($entries | Sort-Object -Property { $_.TimeCreated } -Descending | Select-Object -First $most | ForEach-Object {
            @{ channel = [string]$_.LogName; xml = [string]$_.ToXml() }
        })
}

# What sign-ins, secure channels, the clock and connections wrote: errors and warnings of some providers, of all where none is named.
function Read-system_events($Asked) {
    $since = [System.DateTime]::UtcNow.AddDays(-[int]$Asked.events.days)
    $most = [int]$Asked.events.most
    $scanned = [int]$Asked.events.scanned
    $wanted = @($Asked.events.providers)
    $entries = @(foreach ($log in @('System', 'Microsoft-Windows-SmbClient/Connectivity', 'Microsoft-Windows-SmbClient/Security')) {
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 1, 2, 3 } $scanned
        })
    $entries = @($entries | Where-Object { $wanted.Count -eq 0 -or $wanted -contains $_.ProviderName })
    return , [object[]]@($entries | Sort-Object -Property { $_.TimeCreated } -Descending | Select-Object -First $most | ForEach-Object {
            @{ channel = [string]$_.LogName; xml = [string]$_.ToXml() }
        })
}
