# The virtual machines of a host, and what belongs to each: told by the id of the machine.

function Select-Machine($Rows, [string[]] $Name, [object[]] $Machine) {
    foreach ($row in $Rows) {
        $named = -not $Name -or @($Name | Where-Object { $row.VMName -like $_ })
        if ($named -and (-not $Machine -or @($Machine | Where-Object { $_.Id -eq $row.VMId }))) { $row }
    }
}

function Get-VM {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $Name, [guid] $Id)
    foreach ($row in Get-Told Get-VM) {
        $named = -not $Name -or @($Name | Where-Object { $row.Name -like $_ })
        if ($named -and (-not $Id -or $row.Id -eq $Id)) { $row }
    }
}

function Get-VMHardDiskDrive {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $VMName, [Parameter(ValueFromPipeline)][object[]] $VM)
    process { Select-Machine (Get-Told Get-VMHardDiskDrive) $VMName $VM }
}

function Get-VMSnapshot {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $VMName, [Parameter(ValueFromPipeline)][object[]] $VM)
    process { Select-Machine (Get-Told Get-VMSnapshot) $VMName $VM }
}

function Get-VMNetworkAdapter {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $VMName, [Parameter(ValueFromPipeline)][object[]] $VM, [switch] $ManagementOS, [switch] $All)
    process {
        $rows = Get-Told Get-VMNetworkAdapter
        if ($ManagementOS -or $All) { $rows | Where-Object IsManagementOs }
        if (-not $ManagementOS -or $All) { Select-Machine ($rows | Where-Object { -not $_.IsManagementOs }) $VMName $VM }
    }
}
