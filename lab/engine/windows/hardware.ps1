# The memory of a host.

function Get-VMHostNumaNode {
    [CmdletBinding()]
    param()
    Get-Told Get-VMHostNumaNode
}

function Get-VMAssignableDevice {
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipeline)][object[]] $VM)
    process {
        Set-StrictMode -Off
        foreach ($row in Get-Told Get-VMAssignableDevice) {
            if (-not $row.VMId -or $VM.Id -contains $row.VMId) { $row }
        }
    }
}

function Get-VMGpuPartitionAdapter {
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipeline)][object[]] $VM)
    process {
        Set-StrictMode -Off
        foreach ($row in Get-Told Get-VMGpuPartitionAdapter) {
            if (-not $row.VMId -or $VM.Id -contains $row.VMId) { $row }
        }
    }
}
