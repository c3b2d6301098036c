# The memory of a host.

function Get-VMHostNumaNode {
    [CmdletBinding()]
    param()
    Get-Told Get-VMHostNumaNode
}
