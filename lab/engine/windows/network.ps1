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
