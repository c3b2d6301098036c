# The domain as the host sees it.

function Test-ComputerSecureChannel {
    [CmdletBinding()]
    param()
    Get-Told Test-ComputerSecureChannel
}
