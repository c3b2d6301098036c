# --- network ---

function Read-addresses {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetIPAddress -Filter 'Store=1')
    Confirm-Any $rows 'MSFT_NetIPAddress'
    return , [object[]]@($rows | ForEach-Object {
            @{
                address         = [string]$_.IPAddress
                prefix_length   = Get-Number $_.PrefixLength
                interface_index = Get-Number $_.InterfaceIndex
                state           = Get-Number (Get-Required $_ 'AddressState' 'MSFT_NetIPAddress')
                skip_as_source  = Get-Required $_ 'SkipAsSource' 'MSFT_NetIPAddress'
            }
        })
}

function Read-routes {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetRoute -Filter 'Store=1')
    Confirm-Any $rows 'MSFT_NetRoute'
    return , [object[]]@($rows | ForEach-Object {
            @{ prefix = [string]$_.DestinationPrefix; next_hop = [string]$_.NextHop; interface_index = Get-Number $_.InterfaceIndex; metric = Get-Number $_.RouteMetric }
        })
}

function Read-ip_interfaces {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetIPInterface -Filter 'Store=1')
    Confirm-Any $rows 'MSFT_NetIPInterface'
    return , [object[]]@($rows | ForEach-Object {
            @{ interface_index = Get-Number $_.InterfaceIndex; family = Get-Number $_.AddressFamily; metric = Get-Number $_.InterfaceMetric }
        })
}

# The names of the settings are the same in every language.
function Read-dynamic_ports {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetTCPSetting -Filter "SettingName='Internet'")
    Confirm-Any $rows 'MSFT_NetTCPSetting'
    return @{ start = Get-Number $rows[0].DynamicPortRangeStartPort; count = Get-Number $rows[0].DynamicPortRangeNumberOfPorts }
}

# Hidden ones are filters that carry their adapter's address. The address in use comes first, the permanent one is the rest. The speed stays the
# UInt64 that it is: an adapter that does not know it answers with all bits set, which is no long.
function Read-adapters {
    $rows = @(Get-CimInstance -Namespace root/StandardCimv2 -ClassName MSFT_NetAdapter)
    Confirm-Any $rows 'MSFT_NetAdapter'
    return , [object[]]@($rows | Where-Object { -not (Get-Required $_ 'Hidden' 'MSFT_NetAdapter') } | ForEach-Object {
            $macs = @(@($_.NetworkAddresses) + $_.PermanentAddress | Where-Object { $_ })
            $mac = ''
            if ($macs.Count -gt 0) { $mac = Get-Mac $macs[0] }
            @{ name = [string]$_.Name; interface_index = Get-Number $_.InterfaceIndex; mac = $mac; virtual = $_.Virtual; transmit_speed = Get-Optional $_ 'TransmitLinkSpeed' }
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
            @{ id = (Get-Required $_ 'Id' 'Get-VMSwitch').ToString(); name = [string]$_.Name; type = Get-Number $_.SwitchType; allow_management_os = $_.AllowManagementOS }
        })
}

# Every host has an interface that SMB uses.
function Read-smb_interfaces {
    $interfaces = @(Get-CimInstance -Namespace root/Microsoft/Windows/SMB -ClassName MSFT_SmbClientNetworkInterface)
    Confirm-Any $interfaces 'MSFT_SmbClientNetworkInterface'
    return , [object[]]@($interfaces | ForEach-Object { @{ interface_index = Get-Number $_.InterfaceIndex; rdma = $_.RdmaCapable } })
}

function Read-smb_multichannel {
    $client = @(Get-SmbClientConfiguration)
    Confirm-Any $client 'Get-SmbClientConfiguration'
    $server = @(Get-SmbServerConfiguration)
    Confirm-Any $server 'Get-SmbServerConfiguration'
    return @{ client = $client[0].EnableMultiChannel; server = $server[0].EnableMultiChannel }
}

# Does an inbound rule cover TCP 6600, 445, 5985 or 5986 for whoever listens there, as the checks understand it: it names the port or a range that
# holds it, or no port at all and no other program, service or package than those of the migration service and the kernel.
function Test-Covers([string] $Data) {
    $tokens = $Data.Split('|')
    if ($tokens -notcontains 'Dir=In' -or ($tokens -like 'Protocol=*' -and $tokens -notcontains 'Protocol=6')) { return $false }
    $ports = @($tokens -like 'LPort*=*' | ForEach-Object { $_.Substring($_.IndexOf('=') + 1).Split(',') })
    foreach ($range in $ports) {
        $low, $high = $range.Split('-')
        if (-not $high) { $high = $low }
        if ($low -match '^[0-9]{1,5}$' -and $high -match '^[0-9]{1,5}$') {
            foreach ($port in 445, 5985, 5986, 6600) {
                if ([int]$low -le $port -and [int]$high -ge $port) { return $true }
            }
        }
    }
    if ($ports.Count -gt 0 -or $tokens -like 'AppPkgId=*') { return $false }
    $program = @($tokens | Where-Object { $_ -like 'App=*' -and $_ -notlike '*\vmms.exe' -and $_ -notlike '*System' })
    $service = @($tokens | Where-Object { $_ -like 'Svc=*' -and $_ -ne 'Svc=vmms' -and $_ -ne 'Svc=*' })
    return $program.Count + $service.Count -eq 0
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
                if ($place.store -eq 'local') { throw ('ValueMissing, though there is always one: HKLM\' + $place.path) }
                continue
            }
            foreach ($name in $key.GetValueNames()) {
                $data = $key.GetValue($name)
                if ($null -eq $data) { continue }
                if ($data -isnot [string]) { throw ('ValueOfOtherType, though all are texts: HKLM\' + $place.path + '\' + $name) }
                if (Test-Covers $data) { @{ name = $name; store = $place.store; data = $data } }
            }
            $key.Close()
        })
}

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

# The domain whose names may be guessed; none where this host does not tell it, which costs only the guesses.
function Get-OwnDomain {
    try { $computer = @(Get-CimInstance -ClassName Win32_ComputerSystem)[0] } catch { return '' }
    if ((Get-Optional $computer 'PartOfDomain') -ne $true) { return '' }
    return [string](Get-Optional $computer 'Domain')
}

# The servers that the SRV records of a name tell, or the number of what came instead. An answer without such records brings the record of its zone,
# and the root as the target says that there is no such service. When the time is over, nothing more is asked.
function Get-ServiceAnswer([string] $Name, $Watch) {
    if ($Watch.ElapsedMilliseconds -gt 10000) { return @{ servers = [object[]]@(); code = 1460 } }
    try { $records = @(Resolve-DnsName -Name $Name -Type SRV -DnsOnly) }
    catch {
        $root = Get-RootException $_.Exception
        if ($root -isnot [System.ComponentModel.Win32Exception]) { throw }
        $code = [int]$root.NativeErrorCode
        if ($code -ne 1460 -and -not ($code -ge 9000 -and $code -le 9999)) { throw }
        return @{ servers = [object[]]@(); code = $code }
    }
    return @{
        servers = [object[]]@($records | Where-Object { [string](Get-Required $_ 'Type' 'Resolve-DnsName') -eq 'SRV' } | ForEach-Object {
                $name = ([string](Get-Required $_ 'NameTarget' 'Resolve-DnsName')).TrimEnd('.')
                if ($name) { @{ name = $name; port = Get-Number $_.Port } }
            })
        code    = 0
    }
}

# The servers of both services are often the same. Not more than most_addresses of a domain are looked up, all at once.
function Read-controller_records($Asked) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $domains = [ordered]@{}
    foreach ($domain in @(Get-OwnDomain) + @($Asked.domains)) {
        if ($domain) { $domains[$domain] = $true }
    }
    $found = @(foreach ($domain in $domains.Keys) {
            $ldap = Get-ServiceAnswer ('_ldap._tcp.dc._msdcs.' + $domain) $watch
            $kerberos = Get-ServiceAnswer ('_kerberos._tcp.dc._msdcs.' + $domain) $watch
            $attempts = [ordered]@{}
            foreach ($server in @($ldap.servers) + @($kerberos.servers)) {
                if ($attempts.Contains($server.name) -or $attempts.Count -ge [int]$Asked.most_addresses) { continue }
                $attempts[$server.name] = [System.Net.Dns]::GetHostAddressesAsync([string]$server.name)
            }
            @{ domain = $domain; ldap = $ldap; kerberos = $kerberos; attempts = $attempts }
        })
    foreach ($answer in $found) {
        $answer.names = [object[]]@(foreach ($name in $answer.attempts.Keys) {
                $task = $answer.attempts[$name]
                $code = Get-TaskCode $task -1
                $addresses = @()
                if ($code -eq 0) { $addresses = @($task.Result) }
                @{ name = $name; addresses = [string[]]@($addresses | ForEach-Object { $_.ToString() }); code = $code }
            })
    }
    return , [object[]]@($found | ForEach-Object { @{ domain = $_.domain; ldap = $_.ldap; kerberos = $_.kerberos; names = $_.names } })
}

# All names are asked at once, then all ports, so that many partners cost the time of one. Of a partner with more addresses than most_addresses,
# those come first that were asked for: whoever answers for a name must not be able to send this host scanning.
function Read-partners($Asked) {
    $domain = Get-OwnDomain
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
            $tried = @{}
            foreach ($place in $places) {
                $address = $place.address.ToString()
                if (-not $tried.Contains($address) -and $tried.Count -ge [int]$Asked.most_addresses) { continue }
                $tried[$address] = $true
                foreach ($port in $place.ports) {
                    $key = $address + ' ' + [string]$port
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
