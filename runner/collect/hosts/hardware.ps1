# --- hardware ---

function Read-processors {
    $rows = @(Get-CimInstance -ClassName Win32_Processor)
    Confirm-Any $rows 'Win32_Processor'
    return , [object[]]@($rows | ForEach-Object {
            @{
                vendor   = [string]$_.Manufacturer
                name     = [string]$_.Name
                family   = Get-Number (Get-Required $_ 'Level' 'Win32_Processor')
                revision = Get-Number (Get-Required $_ 'Revision' 'Win32_Processor')
            }
        })
}

# One query for all VMs, whatever their number.
function Read-virtual_processors {
    $null = Get-HyperVHost
    $found = @{}
    foreach ($row in @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_ProcessorSettingData)) {
        $id = Get-Owner (Get-Required $row 'InstanceID' 'Msvm_ProcessorSettingData')
        if ($null -eq $id) { continue }
        $found[$id] = @{
            compatibility = Get-Required $row 'LimitProcessorFeatures' 'Msvm_ProcessorSettingData'
            mode          = Get-Number (Get-Optional $row 'LimitProcessorFeaturesMode')
        }
    }
    return $found
}

function Read-volumes {
    $rows = @(Get-CimInstance -ClassName Win32_Volume)
    Confirm-Any $rows 'Win32_Volume'
    return , [object[]]@($rows | ForEach-Object {
            @{ path = [string]$_.Name; drive = Get-Number $_.DriveType; capacity_bytes = Get-Number $_.Capacity; free_bytes = Get-Number $_.FreeSpace }
        })
}

function Read-memory {
    $null = Get-HyperVHost
    $nodes = @(Get-VMHostNumaNode)
    Confirm-Any $nodes 'Get-VMHostNumaNode'
    $settings = @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_VirtualSystemManagementServiceSettingData)
    Confirm-Any $settings 'Msvm_VirtualSystemManagementServiceSettingData'
    return @{
        spanning = Get-Required $settings[0] 'NumaSpanningEnabled' 'Msvm_VirtualSystemManagementServiceSettingData'
        nodes    = [object[]]@($nodes | ForEach-Object {
                @{ id = Get-Number $_.NodeId; available_mb = Get-Number $_.MemoryAvailable; total_mb = Get-Number $_.MemoryTotal }
            })
    }
}

function Get-LowerCase([string] $Id) {
    return $Id.ToLowerInvariant()
}

# One call for all VMs, as of their partitions of GPUs.
function Read-assigned_devices {
    $null = Get-HyperVHost
    $counts = @{}
    $vms = @(Get-VM)
    foreach ($vm in $vms) {
        $id = Get-LowerCase (Get-Required $vm 'Id' 'Get-VM')
        $counts[$id] = 0
    }
    if ($vms.Count -gt 0) {
        foreach ($device in @(Get-VMAssignableDevice -VM $vms)) {
            $id = Get-LowerCase (Get-Required $device 'VMId' 'Get-VMAssignableDevice')
            $counts[$id] = 1 + [int]$counts[$id]
        }
    }
    return $counts
}

# Can all of them leave the host: nothing where one of them does not say so.
function Get-Outgoing($Adapters) {
    if (@($Adapters).Count -eq 0) { return $null }
    $said = @($Adapters | ForEach-Object { Get-Optional $_ 'SupportsOutgoingLiveMigration' })
    if ($said -contains $null) { return $null }
    return $said -notcontains $false
}

function Read-gpu_partitions {
    $null = Get-HyperVHost
    $adapters = @{}
    $vms = @(Get-VM)
    foreach ($vm in $vms) {
        $id = Get-LowerCase (Get-Required $vm 'Id' 'Get-VM')
        $adapters[$id] = @()
    }
    if ($vms.Count -gt 0) {
        foreach ($adapter in @(Get-VMGpuPartitionAdapter -VM $vms)) {
            $id = Get-LowerCase (Get-Required $adapter 'VMId' 'Get-VMGpuPartitionAdapter')
            $adapters[$id] = @($adapters[$id]) + $adapter
        }
    }
    $found = @{}
    foreach ($id in $adapters.Keys) { $found[$id] = @{ count = $adapters[$id].Count; outgoing = Get-Outgoing $adapters[$id] } }
    return $found
}
