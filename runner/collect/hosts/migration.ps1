# --- migration settings ---

function Read-migration {
    $settings = Get-HyperVHost
    return @{
        enabled                    = $settings.VirtualMachineMigrationEnabled
        authentication             = Get-Number $settings.VirtualMachineMigrationAuthenticationType
        performance_option         = Get-Number (Get-Optional $settings 'VirtualMachineMigrationPerformanceOption')
        maximum_migrations         = Get-Number $settings.MaximumVirtualMachineMigrations
        maximum_storage_migrations = Get-Number $settings.MaximumStorageMigrations
        any_network                = $settings.UseAnyNetworkForMigration
        machine_folder             = Get-Optional $settings 'VirtualMachinePath'
        disk_folder                = Get-Optional $settings 'VirtualHardDiskPath'
    }
}

function Read-migration_networks {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VMMigrationNetwork | ForEach-Object { @{ subnet = [string]$_.Subnet; priority = Get-Number $_.Priority } })
}

function Read-migration_listener {
    $service = @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_VirtualSystemMigrationService)
    Confirm-Any $service 'Msvm_VirtualSystemMigrationService'
    $addresses = $service[0].MigrationServiceListenerIPAddressList
    if ($null -ne $addresses) { $addresses = [string[]]@($addresses | Where-Object { $_ }) }
    return @{
        addresses                 = $addresses
        active_migrations         = Get-Number $service[0].ActiveVirtualSystemMigrationCount
        active_storage_migrations = Get-Number $service[0].ActiveStorageMigrationCount
    }
}

# Every host waits on some port: the others prove that sockets are shown.
function Read-migration_port {
    $waiting = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetTCPConnection -Filter 'State=2')
    Confirm-Any $waiting 'MSFT_NetTCPConnection'
    $sockets = @($waiting | Where-Object { (Get-Required $_ 'LocalPort' 'MSFT_NetTCPConnection') -eq 6600 } | ForEach-Object {
            @{ address = [string]$_.LocalAddress; process = Get-Number $_.OwningProcess }
        })
    $services = @(Get-CimInstance -ClassName Win32_Process -Filter "Name='vmms.exe'" | ForEach-Object { Get-Number $_.ProcessId })
    return @{ sockets = [object[]]$sockets; services = [object[]]$services }
}

function Read-supported_versions {
    $versions = @(Get-VMHostSupportedVersion)
    Confirm-Any $versions 'Get-VMHostSupportedVersion'
    return , [string[]]@($versions | ForEach-Object { (Get-Required $_ 'Version' 'Get-VMHostSupportedVersion').ToString() })
}
