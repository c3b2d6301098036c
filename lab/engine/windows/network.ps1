# The switches of a host, its own adapters on them, and its settings of SMB.

function Get-VMSwitch {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string] $Name)
    Get-Told Get-VMSwitch | Where-Object { -not $Name -or $_.Name -like $Name }
}

function Get-VMNetworkAdapter {
    [CmdletBinding()]
    param([Parameter(Mandatory)][switch] $ManagementOS)
    Get-Told Get-VMNetworkAdapter
}

function Get-SmbClientConfiguration {
    [CmdletBinding()]
    param()
    Get-Told Get-SmbClientConfiguration
}

function Get-SmbServerConfiguration {
    [CmdletBinding()]
    param()
    Get-Told Get-SmbServerConfiguration
}

# Each row says for which name it is the answer, or part of it. What fails is written as an error, which ends a script only by its
# $ErrorActionPreference.
function Resolve-DnsName {
    [CmdletBinding()]
    param([Parameter(Mandatory)][string] $Name, [string] $Type, [switch] $DnsOnly)
    $rows = @(Get-Told Resolve-DnsName | Where-Object { $_.Asked -eq $Name })
    $failed = if ($rows.Count -gt 0) { $rows[0].psobject.Properties['Error'] }
    if ($rows.Count -gt 0 -and $null -eq $failed) { return $rows }
    $code = if ($failed) { $failed.Value } else { 9003 }
    $exception = New-Object System.ComponentModel.Win32Exception -ArgumentList ([int]$code), "$Name : no answer"
    $PSCmdlet.WriteError((New-Object System.Management.Automation.ErrorRecord -ArgumentList $exception, 'DNS_ERROR', 'ResourceUnavailable', $Name))
}
