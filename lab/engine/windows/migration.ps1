# How a host takes and gives live migrations.

function Get-VMHost {
    [CmdletBinding()]
    param()
    Get-Told Get-VMHost
}

function Get-VMMigrationNetwork {
    [CmdletBinding()]
    param()
    Get-Told Get-VMMigrationNetwork
}

function Get-VMHostSupportedVersion {
    [CmdletBinding()]
    param()
    Get-Told Get-VMHostSupportedVersion
}
