# What guards a host.

function Get-HgsClientConfiguration {
    [CmdletBinding()]
    param()
    Get-Told Get-HgsClientConfiguration
}
