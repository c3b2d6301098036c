# --- the system ---

function Read-os {
    $os = @(Get-CimInstance -ClassName Win32_OperatingSystem)
    Confirm-Any $os 'Win32_OperatingSystem'
    $revision = [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion', 'UBR', $null)
    return @{
        build           = Get-Number $os[0].BuildNumber
        product_type    = Get-Number $os[0].ProductType
        sku             = Get-Number $os[0].OperatingSystemSKU
        caption         = [string]$os[0].Caption
        languages       = [string[]]@($os[0].MUILanguages | Where-Object { $_ })
        boot            = Get-Utc $os[0].LastBootUpTime
        update_revision = Get-Number $revision
    }
}

# A value of the system, or what stands for one that is not there. Null says nothing: ConstrainedLanguage does not let the registry be asked.
function Get-SystemValue([string] $Key, [string] $Name, $Absent) {
    try {
        return [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\' + $Key, $Name, $Absent)
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'MethodInvocationNotSupportedInConstrainedLanguage*') { throw }
        return $null
    }
}

function Read-computer {
    $computer = @(Get-CimInstance -ClassName Win32_ComputerSystem)
    Confirm-Any $computer 'Win32_ComputerSystem'
    $client = 'Services\Tcpip\Parameters'
    return @{
        name           = [string]$computer[0].Name
        dns_host_name  = [string]$computer[0].DNSHostName
        domain         = [string]$computer[0].Domain
        role           = Get-Number $computer[0].DomainRole
        joined         = $computer[0].PartOfDomain
        host_name      = Get-SystemValue $client 'Hostname' $null
        suffix         = Get-SystemValue $client 'Domain' ''
        next_host_name = Get-SystemValue $client 'NV Hostname' $null
        next_suffix    = Get-SystemValue $client 'NV Domain' ''
        registered     = Get-SystemValue 'Control\ComputerName\ComputerName' 'ComputerName' $null
    }
}

# A client Windows has no class of server features: there the service tells. WinRM, over which this came, proves that services are shown.
function Read-hyperv_role {
    $services = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='vmms' OR Name='WinRM'")
    Confirm-Any $services 'Win32_Service'
    $service = @($services | Where-Object { (Get-Required $_ 'Name' 'Win32_Service') -eq 'vmms' })
    try {
        $feature = @(Get-CimInstance -ClassName Win32_ServerFeature -Filter 'ID=20').Count -gt 0
    }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'HRESULT 0x80041010*') { throw }
        $feature = $service.Count -gt 0
    }
    $namespace = $true
    try {
        $null = @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName __NAMESPACE)
    }
    catch {
        # Who may not look into it knows that it is there.
        $namespace = $_.FullyQualifiedErrorId -notlike 'HRESULT 0x8004100e*'
        if ($namespace -and $_.FullyQualifiedErrorId -notlike 'HRESULT 0x80041003*' -and $_.FullyQualifiedErrorId -notlike 'HRESULT 0x80070005*') { throw }
    }
    $state = $null
    $start = $null
    if ($service.Count -gt 0) {
        $state = [string]$service[0].State
        $start = [string]$service[0].StartMode
    }
    return @{ feature = $feature; service_state = $state; service_start = $start; namespace = $namespace }
}

# WinRM, over which this came, proves that services are shown.
function Read-cluster {
    $services = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='ClusSvc' OR Name='WinRM'")
    Confirm-Any $services 'Win32_Service'
    $service = @($services | Where-Object { (Get-Required $_ 'Name' 'Win32_Service') -eq 'ClusSvc' })
    $state = $null
    $start = $null
    if ($service.Count -gt 0) {
        $state = [string]$service[0].State
        $start = [string]$service[0].StartMode
    }
    return @{ feature = $service.Count -gt 0; service_state = $state; service_start = $start }
}

# Is a key of the registry there. Null where it may not be read, which says nothing.
function Test-KeyThere([string] $Key) {
    try { return $null -ne [Microsoft.Win32.Registry]::GetValue($Key, '', -1) } catch { return $null }
}

# Who may not read the value, which everybody may, may not read the registry at all: then the section fails.
function Read-pending_restart {
    $renames = [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager', 'PendingFileRenameOperations', $null)
    return @{
        servicing = Test-KeyThere 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
        updates   = Test-KeyThere 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
        renames   = $null -ne $renames
    }
}

# Windows before 2016 has no such class, a provider that answers always has its one instance.
function Read-credential_guard {
    $guard = @(Get-CimInstance -Namespace root/Microsoft/Windows/DeviceGuard -ClassName Win32_DeviceGuard)
    Confirm-Any $guard 'Win32_DeviceGuard'
    $running = [int[]]@($guard[0].SecurityServicesRunning | Where-Object { $null -ne $_ })
    return @{ running = $running -contains 1; services_running = $running }
}

function Read-clock {
    return @{ utc = Get-Utc ([System.DateTime]::UtcNow) }
}
