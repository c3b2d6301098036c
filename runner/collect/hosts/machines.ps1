# --- virtual machines ---

function Read-vms {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VM | ForEach-Object {
            $vm = $_
            $version = Get-Optional $vm 'Version'
            if ($null -ne $version) { $version = [string]$version }
            @{
                id                    = $vm.Id.ToString()
                name                  = [string]$vm.Name
                state                 = Get-Number $vm.State
                operational_status    = [int[]]@($vm.OperationalStatus | ForEach-Object { [int]$_ })
                version               = $version
                generation            = Get-Number (Get-Optional $vm 'Generation')
                uptime_s              = Get-Number $vm.Uptime.TotalSeconds
                clustered             = $vm.IsClustered
                memory_assigned_bytes = Get-Number $vm.MemoryAssigned
                configuration_path    = [string]$vm.ConfigurationLocation
                checkpoint_path       = [string]$vm.SnapshotFileLocation
                paging_path           = [string]$vm.SmartPagingFilePath
                disks                 = [object[]]@(Get-VMHardDiskDrive -VM $vm | ForEach-Object {
                        @{ path = [string]$_.Path; pass_through = $null -ne $_.DiskNumber; shared = [bool](Get-Optional $_ 'SupportPersistentReservations') }
                    })
                adapters              = [object[]]@(Get-VMNetworkAdapter -VM $vm | ForEach-Object {
                        @{ name = [string]$_.Name; switch = [string]$_.SwitchName; mac = Get-Mac $_.MacAddress }
                    })
                checkpoints           = @(Get-VMSnapshot -VM $vm).Count
            }
        })
}
