# The event logs of a host: entries as [System.Diagnostics.Eventing.Reader.EventLogRecord] shows them.

function New-LogError([string] $Id, [string] $Text) {
    [StandIn.Failing]::Record(@{
            type = 'System.Exception'; hresult = '0x80131500'; category = 'ObjectNotFound'; text = $Text
            id   = "$Id,Microsoft.PowerShell.Commands.GetWinEventCommand"
        })
}

function Get-WinEvent {
    [CmdletBinding()]
    param([Parameter(Mandatory)][hashtable] $FilterHashtable, [long] $MaxEvents = [long]::MaxValue)
    $log = [string]$FilterHashtable.LogName
    Assert-Works $log
    $logs = [StandIn.World]::Table('logs')
    if (-not $logs.ContainsKey($log)) { throw (New-LogError NoMatchingLogsFound "There is not an event log on the localhost computer that matches ""$log"".") }
    $found = @($logs[$log] | Where-Object {
            $_.TimeCreated -ge $FilterHashtable.StartTime.ToLocalTime() -and
            (-not $FilterHashtable.Level -or $_.Level -in $FilterHashtable.Level) -and
            (-not $FilterHashtable.Id -or $_.Id -in $FilterHashtable.Id)
        } | Sort-Object TimeCreated -Descending | Select-Object -First $MaxEvents)
    if (-not $found) { throw (New-LogError NoMatchingEventsFound 'No events were found that match the specified selection criteria.') }
    foreach ($entry in $found) { $entry | Add-Member -MemberType ScriptMethod -Name ToXml -Value { $this.Xml } -Force -PassThru }
}
