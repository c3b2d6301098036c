# --- virtual machines ---

# Each VM brings its own disks, drives and adapters: one call for all of them. A VM that does not tell them, as one that goes away meanwhile, costs no other.
function Read-vms {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VM | ForEach-Object {
            $vm = $_
            $version = Get-Optional $vm 'Version'
            if ($null -ne $version) { $version = [string]$version }
            @{
                id                    = [string]$vm.Id
                name                  = [string]$vm.Name
                state                 = Get-Number $vm.State
                operational_status    = [int[]]@($vm.OperationalStatus | Where-Object { $null -ne $_ } | ForEach-Object { [int]$_ })
                version               = $version
                generation            = Get-Number (Get-Optional $vm 'Generation')
                uptime_s              = Get-Number (Get-Required $vm 'Uptime' 'Get-VM').TotalSeconds
                clustered             = $vm.IsClustered
                memory_assigned_bytes = Get-Number $vm.MemoryAssigned
                dynamic_memory        = Get-Optional $vm 'DynamicMemoryEnabled'
                configuration_path    = [string]$vm.ConfigurationLocation
                checkpoint_path       = [string]$vm.SnapshotFileLocation
                paging_path           = [string]$vm.SmartPagingFilePath
                disks                 = [object[]](Get-Disks $vm)
                adapters              = [object[]](Get-Adapters $vm)
                drives                = [object[]](Get-MediaDrives $vm)
                replication_state     = Get-Number (Get-Optional $vm 'ReplicationState')
                replication_mode      = Get-Number (Get-Optional $vm 'ReplicationMode')
            }
        })
}

function Get-Disks($VM) {
    try { $drives = $VM.HardDrives } catch { return $null }
    if ($null -eq $drives) { return $null }
    return , [object[]]@($drives | ForEach-Object {
            $path = $null
            if ($_.Path) { $path = [string]$_.Path }
            @{ path = $path; pass_through = $null -ne $_.DiskNumber; shared = Get-Optional $_ 'SupportPersistentReservations' }
        })
}

function Get-Adapters($VM) {
    try { $adapters = $VM.NetworkAdapters } catch { return $null }
    if ($null -eq $adapters) { return $null }
    return , [object[]]@($adapters | ForEach-Object { @{ name = [string]$_.Name; switch = [string]$_.SwitchName; mac = Get-Mac $_.MacAddress } })
}

function Get-MediaDrives($VM) {
    try {
        $drives = $VM.DVDDrives
        $floppies = @($VM.FloppyDrive | Where-Object { $null -ne $_ -and $_.Path })
    } catch { return $null }
    if ($null -eq $drives) { return $null }
    return , [object[]]@(
        $drives | ForEach-Object {
            $path = $null
            if ($_.Path) { $path = [string]$_.Path }
            @{ floppy = $false; kind = Get-Number $_.DvdMediaType; path = $path }
        }
        $floppies | ForEach-Object { @{ floppy = $true; kind = 1; path = [string]$_.Path } }
    )
}

function Read-checkpoints {
    $null = Get-HyperVHost
    $counts = @{}
    $vms = @(Get-VM)
    if ($vms.Count -gt 0) {
        foreach ($checkpoint in @(Get-VMSnapshot -VM $vms)) {
            $id = [string](Get-Required $checkpoint 'VMId' 'Get-VMSnapshot')
            $counts[$id] = 1 + [int]$counts[$id]
        }
    }
    return $counts
}
