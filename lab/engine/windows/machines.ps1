# The virtual machines of a host, which carry their drives and adapters, and their checkpoints.

function Get-VM {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $Name, [guid] $Id)
    foreach ($row in Get-Told Get-VM) {
        $named = -not $Name -or @($Name | Where-Object { $row.Name -like $_ })
        if ($named -and (-not $Id -or $row.Id -eq $Id)) { $row }
    }
}

function Get-VHD {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][string[]] $Path)
    Set-StrictMode -Off
    foreach ($row in Get-Told Get-VHD) {
        if (-not $row.Path -or $row.Path -in $Path) { $row }
    }
}

function Get-VMSnapshot {
    [CmdletBinding()]
    param([Parameter(Mandatory, ValueFromPipeline)][object[]] $VM)
    process {
        Set-StrictMode -Off
        foreach ($row in Get-Told Get-VMSnapshot) {
            if (-not $row.VMId -or $VM.Id -contains $row.VMId) { $row }
        }
    }
}
