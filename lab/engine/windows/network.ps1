# The switches of a host.

function Get-VMSwitch {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string] $Name)
    Get-Told Get-VMSwitch | Where-Object { -not $Name -or $_.Name -like $Name }
}
