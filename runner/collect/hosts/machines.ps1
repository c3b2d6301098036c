# --- virtual machines ---

# Each VM brings its own disks, drives and adapters: one call for all of them. A VM that does not tell them, as one that goes away meanwhile, costs no other.
function Read-vms {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VM | ForEach-Object {
            $vm = $_
            $version = Get-Optional $vm 'Version'
            if ($null -ne $version) { $version = [string]$version }
            @{
                id                    = [string](Get-Required $vm 'Id' 'Get-VM')
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
                sans                  = [string[]](Get-Sans $vm)
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

# Each generation of differencing disks in one call. What has no drive letter is not opened: no VM may name a server for others to sign in to.
function Read-virtual_disks {
    $null = Get-HyperVHost
    $files = @{}
    $paths = @(foreach ($vm in @(Get-VM)) {
            try { $vm.HardDrives | Where-Object { $null -ne $_ -and $null -eq $_.DiskNumber } | ForEach-Object { $_.Path } } catch { continue }
        })
    while ($paths.Count -gt 0) {
        $fresh = @(foreach ($path in $paths) {
                if (-not ($path -match '^[A-Za-z]:\\') -or $files.ContainsKey($path)) { continue }
                $files[$path] = $null
                $path
            })
        $paths = @()
        if ($fresh.Count -eq 0) { continue }
        $paths = @(foreach ($file in @(Get-DiskFiles $fresh)) {
                $parent = $null
                if ($file.ParentPath) { $parent = [string]$file.ParentPath }
                $path = [string](Get-Required $file 'Path' 'Get-VHD')
                $files[$path] = @{
                    file_bytes = Get-Number $file.FileSize
                    size_bytes = Get-Number $file.Size
                    parent = $parent
                    type = Get-Number $file.VhdType
                }
                $parent
            })
    }
    return $files
}

# Where one of them does not open, each is asked for by itself: it costs no other. Where none does, the first one tells why.
function Get-DiskFiles($Paths) {
    try { return Get-VHD -Path $Paths } catch { $problem = $_ }
    $files = @(foreach ($path in $Paths) {
            try { Get-VHD -Path $path } catch { continue }
        })
    if ($files.Count -eq 0) { throw $problem }
    return $files
}

function Get-Sans($VM) {
    try { $ports = $VM.FibreChannelHostBusAdapters } catch { return $null }
    if ($null -eq $ports) { return $null }
    return , [string[]]@($ports | ForEach-Object { [string]$_.SanName })
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

# One query. Nothing planned is what mostly is.
function Read-planned_machines {
    $null = Get-HyperVHost
    $found = @{}
    foreach ($row in @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_PlannedComputerSystem)) {
        $id = [string](Get-Required $row 'Name' 'Msvm_PlannedComputerSystem')
        $found[$id] = [string]$row.ElementName
    }
    return $found
}

# Why attributes cannot be told: the HRESULT. That the language mode forbids to ask is an error of the section.
function Get-FileCode($Exception) {
    $root = Get-RootException $Exception
    if ($root -is [System.Management.Automation.RuntimeException]) { throw $root }
    return [int]$root.HResult
}

# The attributes of what lies at each path that is asked for, or the negative number of the error. What has no drive letter is not looked at.
function Read-destination_files($Asked) {
    $found = @{}
    foreach ($path in @($Asked.files)) {
        if (-not ($path -match '^[A-Za-z]:\\')) { continue }
        try { $found[$path] = [int][System.IO.File]::GetAttributes($path) } catch { $found[$path] = Get-FileCode $_.Exception }
    }
    return $found
}
