<#
.SYNOPSIS
Answers the facts of one Hyper-V host as one JSON string. Reads only; changes nothing.

.DESCRIPTION
Windows PowerShell 3.0 to 5.1, Windows Server 2012 and later. Each section is one function Read-<name> that returns exactly the value of the
field of that name, and fails alone. A failure is answered in numbers and identifiers, which no language changes. The request comes as data.

.PARAMETER Request
JSON: {"frame": 1, "sections": ["os"], "partners": [{"partner": "testserver02", "names": [], "addresses": [], "ports": []}], "port_timeout_ms": 1000}
For the section events also: "events": {"days": 7, "most": 500}
#>
param([Parameter(Mandatory = $true)][string] $Request)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$VerbosePreference = 'SilentlyContinue'
$DebugPreference = 'SilentlyContinue'
$script:HyperVHost = $null

# --- helpers ---

# The exception that happened, without those in which PowerShell, reflection and tasks wrap it.
function Get-RootException($Exception) {
    while ($null -ne $Exception.InnerException -and ($Exception -is [System.Management.Automation.RuntimeException] -or $Exception -is [System.Reflection.TargetInvocationException] -or $Exception -is [System.AggregateException])) {
        $Exception = $Exception.InnerException
    }
    return $Exception
}

# What failed, in numbers and identifiers; only `text` is in the host's language.
function Get-Failure($Record) {
    $exception = Get-RootException $Record.Exception
    $native = $null
    if ($exception -is [System.ComponentModel.Win32Exception]) { $native = [int]$exception.NativeErrorCode }
    $line = 0
    if ($null -ne $Record.InvocationInfo) { $line = [int]$Record.InvocationInfo.ScriptLineNumber }
    return @{
        type     = $exception.GetType().FullName
        id       = [string]$Record.FullyQualifiedErrorId
        reason   = [string]$Record.CategoryInfo.Reason
        category = [string]$Record.CategoryInfo.Category
        hresult  = '0x{0:X8}' -f $exception.HResult
        native   = $native
        line     = $line
        text     = [string]$exception.Message
    }
}

# A property that this Windows may not have: absent is null.
function Get-Optional($Object, [string] $Name) {
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

# A number or an enumeration's number. Null stays null, because a cast would make it zero.
function Get-Number($Value) {
    if ($null -eq $Value) { return $null }
    return [long]$Value
}

function Get-Utc($Date) {
    if ($null -eq $Date) { return $null }
    return $Date.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
}

# A hardware address as upper case hex without separators.
function Get-Mac($Text) {
    return ([string]$Text -replace '[^0-9A-Fa-f]', '').ToUpperInvariant()
}

# Of some things there is always one: none means that the right to see them is missing.
function Confirm-Any($Rows) {
    if (@($Rows | Where-Object { $null -ne $_ }).Count -eq 0) { throw (New-Object System.UnauthorizedAccessException) }
}

# Get-VMHost, asked once. It proves the right, without which some Windows versions answer "none" instead of an error.
function Get-HyperVHost {
    if ($null -eq $script:HyperVHost) { $script:HyperVHost = Get-VMHost }
    return $script:HyperVHost
}

# --- the system ---

function Read-os {
    $os = @(Get-CimInstance -ClassName Win32_OperatingSystem)
    Confirm-Any $os
    $revision = [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion', 'UBR', $null)
    return @{
        build           = Get-Number $os[0].BuildNumber
        product_type    = Get-Number $os[0].ProductType
        caption         = [string]$os[0].Caption
        languages       = [string[]]@($os[0].MUILanguages | Where-Object { $_ })
        boot            = Get-Utc $os[0].LastBootUpTime
        update_revision = Get-Number $revision
    }
}

function Read-computer {
    $computer = @(Get-CimInstance -ClassName Win32_ComputerSystem)
    Confirm-Any $computer
    return @{
        name          = [string]$computer[0].Name
        dns_host_name = [string]$computer[0].DNSHostName
        domain        = [string]$computer[0].Domain
        role          = Get-Number $computer[0].DomainRole
        joined        = $computer[0].PartOfDomain
    }
}

# A client Windows has no class of server features: there the service tells.
function Read-hyperv_role {
    $service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='vmms'")
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
        if ($_.FullyQualifiedErrorId -notlike 'HRESULT 0x8004100e*') { throw }
        $namespace = $false
    }
    $state = $null
    $start = $null
    if ($service.Count -gt 0) {
        $state = [string]$service[0].State
        $start = [string]$service[0].StartMode
    }
    return @{ feature = $feature; service_state = $state; service_start = $start; namespace = $namespace }
}

# Windows before 2016 has no such class, a provider that answers always has its one instance.
function Read-credential_guard {
    $guard = @(Get-CimInstance -Namespace root/Microsoft/Windows/DeviceGuard -ClassName Win32_DeviceGuard)
    Confirm-Any $guard
    $running = [int[]]@($guard[0].SecurityServicesRunning | Where-Object { $null -ne $_ })
    return @{ running = $running -contains 1; services_running = $running }
}

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
    }
}

function Read-migration_networks {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VMMigrationNetwork | ForEach-Object { @{ subnet = [string]$_.Subnet; priority = Get-Number $_.Priority } })
}

function Read-migration_listener {
    $service = @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_VirtualSystemMigrationService)
    Confirm-Any $service
    return @{
        addresses                 = [string[]]@($service[0].MigrationServiceListenerIPAddressList | Where-Object { $_ })
        active_migrations         = Get-Number $service[0].ActiveVirtualSystemMigrationCount
        active_storage_migrations = Get-Number $service[0].ActiveStorageMigrationCount
    }
}

function Read-supported_versions {
    $versions = @(Get-VMHostSupportedVersion)
    Confirm-Any $versions
    return , [string[]]@($versions | ForEach-Object { $_.Version.ToString() })
}

# --- network ---

function Read-addresses {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetIPAddress -Filter 'Store=1')
    Confirm-Any $rows
    return , [object[]]@($rows | ForEach-Object {
            @{ address = [string]$_.IPAddress; prefix_length = Get-Number $_.PrefixLength; interface_index = Get-Number $_.InterfaceIndex }
        })
}

function Read-routes {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetRoute -Filter 'Store=1')
    Confirm-Any $rows
    return , [object[]]@($rows | ForEach-Object {
            @{ prefix = [string]$_.DestinationPrefix; next_hop = [string]$_.NextHop; interface_index = Get-Number $_.InterfaceIndex; metric = Get-Number $_.RouteMetric }
        })
}

# Hidden ones are filters that carry their adapter's address. The address in use comes first, the permanent one is the rest.
function Read-adapters {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetAdapter)
    Confirm-Any $rows
    return , [object[]]@($rows | Where-Object { -not $_.Hidden } | ForEach-Object {
            $macs = @(@($_.NetworkAddresses) + $_.PermanentAddress | Where-Object { $_ })
            $mac = ''
            if ($macs.Count -gt 0) { $mac = Get-Mac $macs[0] }
            @{ name = [string]$_.Name; interface_index = Get-Number $_.InterfaceIndex; mac = $mac; virtual = $_.Virtual }
        })
}

function Read-host_virtual_adapters {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VMNetworkAdapter -ManagementOS | ForEach-Object {
            @{ name = [string]$_.Name; switch = [string]$_.SwitchName; mac = Get-Mac $_.MacAddress }
        })
}

function Read-switches {
    $null = Get-HyperVHost
    return , [object[]]@(Get-VMSwitch | ForEach-Object {
            @{ id = $_.Id.ToString(); name = [string]$_.Name; type = Get-Number $_.SwitchType; allow_management_os = $_.AllowManagementOS }
        })
}

# One key read for each store. The firewall's cmdlets need most of a minute on a host with a thousand rules.
function Read-firewall {
    $stores = @(
        @{ store = 'local'; path = 'SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules' },
        @{ store = 'policy'; path = 'SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules' }
    )
    return , [object[]]@(foreach ($place in $stores) {
            $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($place.path)
            if ($null -eq $key) {
                if ($place.store -eq 'local') { throw (New-Object System.IO.FileNotFoundException) }
                continue
            }
            foreach ($name in $key.GetValueNames()) {
                $data = [string]$key.GetValue($name)
                if ($data -like '*|Dir=In|*' -and $data -like '*|LPort=6600|*') { @{ name = $name; store = $place.store; data = $data } }
            }
            $key.Close()
        })
}

# --- people ---

# The members' SIDs need no names, so orphans do no harm. A group that this Windows does not have is left out.
function Read-local_groups {
    $groups = @{}
    foreach ($sid in @('S-1-5-32-544', 'S-1-5-32-578', 'S-1-5-32-580')) {
        try {
            $account = (New-Object System.Security.Principal.SecurityIdentifier -ArgumentList $sid).Translate([System.Security.Principal.NTAccount])
        }
        catch [System.Security.Principal.IdentityNotMappedException] {
            continue
        }
        $group = [ADSI]('WinNT://./' + $account.Value.Split('\')[1] + ',group')
        $groups[$sid] = [string[]]@($group.Invoke('Members') | ForEach-Object {
                $bytes = [byte[]]([ADSI]$_).objectSid.Value
                (New-Object System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
            })
    }
    Confirm-Any $groups['S-1-5-32-544']
    return $groups
}

function Get-AccountSid([string] $Account) {
    try {
        return (New-Object System.Security.Principal.NTAccount -ArgumentList $Account).Translate([System.Security.Principal.SecurityIdentifier]).Value
    }
    catch {
        return $null
    }
}

# The session of the system itself (type 0) always exists: who does not see it does not see those of others.
function Read-sessions {
    $rows = @(Get-CimInstance -ClassName Win32_LogonSession)
    Confirm-Any @($rows | Where-Object { $_.LogonType -eq 0 })
    $accounts = @{}
    foreach ($row in @(Get-CimInstance -ClassName Win32_LoggedOnUser)) {
        $accounts[[string]$row.Dependent.LogonId] = [string]$row.Antecedent.Domain + '\' + [string]$row.Antecedent.Name
    }
    $sids = @{}
    return , [object[]]@($rows | ForEach-Object {
            $account = [string]$accounts[[string]$_.LogonId]
            $sid = $null
            if ($account) {
                if (-not $sids.ContainsKey($account)) { $sids[$account] = Get-AccountSid $account }
                $sid = $sids[$account]
            }
            @{ id = [string]$_.LogonId; type = Get-Number $_.LogonType; package = [string]$_.AuthenticationPackage; sid = $sid; account = $account; since = Get-Utc $_.StartTime }
        })
}

function Read-locators {
    return , [object[]]@(Get-CimInstance -ClassName Win32_NTDomain | Where-Object { $_.DomainControllerName } | ForEach-Object {
            @{
                domain     = ([string]$_.DomainName).TrimStart('\')
                controller = ([string]$_.DomainControllerName).TrimStart('\')
                address    = ([string]$_.DomainControllerAddress).TrimStart('\')
                forest     = ([string]$_.DNSForestName).TrimStart('\')
                site       = [string]$_.DcSiteName
            }
        })
}

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

# --- partners ---

# The number of a socket error. Any other error is one of the section.
function Get-SocketCode($Exception) {
    $root = Get-RootException $Exception
    if ($root -is [System.Net.Sockets.SocketException]) { return [int]$root.ErrorCode }
    throw $root
}

# One connection attempt, under way.
function Get-Attempt($Address, [int] $Port) {
    $attempt = @{ address = $Address.ToString(); port = $Port; client = $null; task = $null; code = 0 }
    try {
        $attempt.client = New-Object System.Net.Sockets.TcpClient -ArgumentList $Address.AddressFamily
        $attempt.task = $attempt.client.ConnectAsync($Address, $Port)
    }
    catch {
        $attempt.code = Get-SocketCode $_.Exception
    }
    return $attempt
}

# What a task came to, waiting at most so many milliseconds (-1: until it ends).
function Get-TaskCode($Task, [int] $Milliseconds) {
    try {
        if ($Task.Wait($Milliseconds)) { return 0 }
        return 10060
    }
    catch {
        return Get-SocketCode $_.Exception
    }
}

# The names to ask for. Where no full one is known, a host of the same domain would be called so.
function Get-PartnerNames($Names, [string] $Domain) {
    $full = @($Names | Where-Object { $_ -like '*.*' })
    if ($full.Count -gt 0 -or -not $Domain) { return @($Names) }
    return @($Names) + @($Names | ForEach-Object { [string]$_ + '.' + $Domain })
}

# All names are asked at once, then all ports, so that many partners cost the time of one.
function Read-partners($Asked) {
    $computer = @(Get-CimInstance -ClassName Win32_ComputerSystem)
    Confirm-Any $computer
    $domain = ''
    if ($computer[0].PartOfDomain) { $domain = [string]$computer[0].Domain }
    $partners = @($Asked.partners | ForEach-Object {
            @{
                asked    = $_
                names    = @(Get-PartnerNames $_.names $domain | ForEach-Object { @{ name = [string]$_; task = [System.Net.Dns]::GetHostAddressesAsync([string]$_) } })
                attempts = [ordered]@{}
            }
        })
    try {
        foreach ($partner in $partners) {
            $places = @($partner.asked.addresses | ForEach-Object { @{ address = [System.Net.IPAddress]::Parse($_); ports = @(6600) } })
            foreach ($name in $partner.names) {
                $name.code = Get-TaskCode $name.task -1
                $name.addresses = @()
                if ($name.code -eq 0) { $name.addresses = @($name.task.Result) }
                $places += @($name.addresses | ForEach-Object { @{ address = $_; ports = @($partner.asked.ports) } })
            }
            foreach ($place in $places) {
                foreach ($port in $place.ports) {
                    $key = $place.address.ToString() + ' ' + [string]$port
                    if (-not $partner.attempts.Contains($key)) { $partner.attempts[$key] = Get-Attempt $place.address $port }
                }
            }
        }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        foreach ($partner in $partners) {
            foreach ($attempt in $partner.attempts.Values) {
                $left = [Math]::Max(0, [int]$Asked.port_timeout_ms - [int]$watch.ElapsedMilliseconds)
                if ($null -ne $attempt.task) { $attempt.code = Get-TaskCode $attempt.task $left }
            }
        }
        return , [object[]]@($partners | ForEach-Object {
                @{
                    partner = [string]$_.asked.partner
                    names   = [object[]]@($_.names | ForEach-Object { @{ name = $_.name; addresses = [string[]]@($_.addresses | ForEach-Object { $_.ToString() }); code = $_.code } })
                    ports   = [object[]]@($_.attempts.Values | ForEach-Object { @{ address = $_.address; port = $_.port; open = $_.code -eq 0; code = $_.code } })
                }
            })
    }
    finally {
        foreach ($partner in $partners) {
            foreach ($attempt in $partner.attempts.Values) {
                if ($null -ne $attempt.client) { $attempt.client.Close() }
            }
        }
    }
}

# --- event logs ---

# What fits a filter, the newest first. Nothing is an answer; only the Admin log must exist. A denial may hide in another exception.
function Get-LogEntries($Filter, [int] $Most) {
    try {
        Get-WinEvent -FilterHashtable $Filter -MaxEvents $Most
    }
    catch {
        $id = [string]$_.FullyQualifiedErrorId
        if ($id -like 'NoMatchingEventsFound*') { return }
        if ($id -like 'NoMatchingLogsFound*' -and $Filter.LogName -notlike '*-Admin') { return }
        if ($null -ne $_.Exception.InnerException) { throw $_.Exception.InnerException }
        throw
    }
}

# Errors and warnings, and two events that are mere information: 1106, which can carry a code, and 20415, a move that succeeded.
function Read-events($Asked) {
    $since = [System.DateTime]::UtcNow.AddDays(-[int]$Asked.events.days)
    $most = [int]$Asked.events.most
    $entries = @(foreach ($log in @('Microsoft-Windows-Hyper-V-VMMS-Admin', 'Microsoft-Windows-Hyper-V-VMMS-Operational')) {
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 1, 2, 3 } $most
            Get-LogEntries @{ LogName = $log; StartTime = $since; Level = 0, 4, 5; Id = 1106, 20415 } $most
        })
    return , [object[]]@($entries | Sort-Object -Property { $_.TimeCreated } -Descending | Select-Object -First $most | ForEach-Object {
            @{ channel = [string]$_.LogName; xml = [string]$_.ToXml() }
        })
}

# --- frame ---

$asked = ConvertFrom-Json -InputObject $Request
$sections = @{}
foreach ($name in @($asked.sections)) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $entry = @{ ok = $true; ms = 0; value = $null; error = $null }
    try {
        $reader = Get-Command -Name ('Read-' + $name) -CommandType Function
        $value = & $reader $asked
        # An array that came through a pipeline would become {value, Count}: the cast takes it out of its wrapping.
        if ($value -is [array]) { $value = [object[]]$value }
        $entry.value = $value
    }
    catch {
        $entry.ok = $false
        $entry.error = Get-Failure $_
    }
    $entry.ms = [int]$watch.ElapsedMilliseconds
    $sections[$name] = $entry
}
ConvertTo-Json -Depth 12 -Compress -InputObject @{
    frame    = 1
    engine   = $PSVersionTable.PSVersion.ToString()
    utc      = Get-Utc ([System.DateTime]::UtcNow)
    sections = $sections
}
