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

# The id of the VM or checkpoint that settings belong to, in `Microsoft:ID\...`. Nothing for those that only say what can be set.
function Get-Owner([string] $InstanceId) {
    if ($InstanceId -match '^Microsoft:[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\') { return $InstanceId.Substring(10, 36).ToLowerInvariant() }
    return $null
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
