# The switches of a host, and its own adapters on them.

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
