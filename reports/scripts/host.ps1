# --- one Hyper-V host ---

# Reads and writes on the host itself, with nothing but what is handed to it: here, or there through PowerShell remoting.
$onHost = {
    param($Do, $Step, $Left)
    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'
    $ConfirmPreference = 'None'

    # One spelling for each subnet: addresses as .NET writes them, and always a length.
    function Get-Plain($Subnet) {
        $parts = @(([string]$Subnet).Trim() -split '/')
        $address = $null
        if (-not [System.Net.IPAddress]::TryParse($parts[0], [ref]$address)) { return [string]$Subnet }
        $length = 8 * $address.GetAddressBytes().Length
        if ($parts.Count -gt 1) { $length = $parts[1] }
        return '{0}/{1}' -f $address, $length
    }

    # Before Windows Server 2016 there are no cmdlets for local groups, and where an orphaned SID is a member Get-LocalGroupMember fails:
    # then the Windows NT provider answers.
    function Get-Group($Sid) {
        $account = (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Sid).Translate([System.Security.Principal.NTAccount])
        return [ADSI]('WinNT://./' + $account.Value.Split('\')[-1] + ',group')
    }
    function Get-GroupMember($Sid) {
        if ($cmdlets) {
            try { return @(Get-LocalGroupMember -SID $Sid | ForEach-Object { [string]$_.SID }) }
            catch [System.InvalidOperationException] { $null = $_ }
        }
        foreach ($each in @((Get-Group $Sid).Invoke('Members'))) {
            $bytes = [byte[]]([ADSI]$each).objectSid.Value
            (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
        }
    }
    $cmdlets = $null -ne (Get-Command -Name Add-LocalGroupMember -ErrorAction SilentlyContinue)
    function Get-Vmms { return Get-CimInstance -ClassName Win32_Service -Filter "Name = 'vmms'" }

    if ($Do -eq 'who') {
        $computer = Get-CimInstance -ClassName Win32_ComputerSystem
        $name = [string]$computer.DNSHostName
        if ($name -eq '') { $name = [string]$computer.Name }
        if ($computer.PartOfDomain -and -not $name.Contains('.')) { $name = $name + '.' + $computer.Domain }
        return @{ Name = $name; HyperV = $null -ne (Get-Command -Name Get-VMHost -ErrorAction SilentlyContinue) }
    }
    if ($Do -eq 'networks') { return @(Get-VMMigrationNetwork).Count }
    if ($Do -eq 'read') {
        switch ($Step.Kind) {
            'migration' { return [string](Get-VMHost).VirtualMachineMigrationEnabled }
            'authentication' { return [string](Get-VMHost).VirtualMachineMigrationAuthenticationType }
            'performance_option' { return [string](Get-VMHost).VirtualMachineMigrationPerformanceOption }
            'maximum_migrations' { return [string](Get-VMHost).MaximumVirtualMachineMigrations }
            'maximum_storage_migrations' { return [string](Get-VMHost).MaximumStorageMigrations }
            'any_network' { return [string](Get-VMHost).UseAnyNetworkForMigration }
            'migration_network' { return @(Get-VMMigrationNetwork | ForEach-Object { Get-Plain $_.Subnet }) }
            'group_member' { return Get-GroupMember $Step.Object }
            'firewall_rule' { return [string](Get-NetFirewallRule -Name $Step.Object -ErrorAction Stop).Enabled }
            'service' { return [string]((Get-Vmms).State -eq 'Running') }
            'service_start' { return [string](Get-Vmms).StartMode }
        }
        return
    }
    if ($Do -ne 'write') { return }
    switch ($Step.Kind) {
        'migration' { if ($Step.After) { Enable-VMMigration } else { Disable-VMMigration } }
        'authentication' { Set-VMHost -VirtualMachineMigrationAuthenticationType $Step.After }
        'performance_option' { Set-VMHost -VirtualMachineMigrationPerformanceOption $Step.After }
        'maximum_migrations' { Set-VMHost -MaximumVirtualMachineMigrations $Step.After }
        'maximum_storage_migrations' { Set-VMHost -MaximumStorageMigrations $Step.After }
        'any_network' { Set-VMHost -UseAnyNetworkForMigration $Step.After }
        'migration_network' {
            if ($Step.Present) { foreach ($subnet in $Left) { Add-VMMigrationNetwork -Subnet $subnet } }
            else { Get-VMMigrationNetwork | Where-Object { $Left -contains (Get-Plain $_.Subnet) } | ForEach-Object { Remove-VMMigrationNetwork -Subnet $_.Subnet } }
        }
        'group_member' {
            foreach ($member in $Left) {
                if ($cmdlets -and $Step.Present) { Add-LocalGroupMember -SID $Step.Object -Member $member }
                elseif ($cmdlets) { Remove-LocalGroupMember -SID $Step.Object -Member $member }
                elseif ($Step.Present) { $null = (Get-Group $Step.Object).Invoke('Add', 'WinNT://' + $member) }
                else { $null = (Get-Group $Step.Object).Invoke('Remove', 'WinNT://' + $member) }
            }
        }
        'firewall_rule' {
            if ($Step.After) { Enable-NetFirewallRule -Name $Step.Object -ErrorAction Stop -Confirm:$false }
            else { Disable-NetFirewallRule -Name $Step.Object -ErrorAction Stop -Confirm:$false }
        }
        'service' { if ($Step.After) { Start-Service -Name vmms } else { Stop-Service -Name vmms } }
        'service_start' {
            $type = $Step.After
            if ($type -eq 'Auto') { $type = 'Automatic' }
            Set-Service -Name vmms -StartupType $type
        }
    }
}

$session = $null

# Run the block where the host is.
function Invoke-OnHost($Do, $Step, $Left) {
    if ($null -eq $session) { return & $onHost $Do $Step $Left }
    return Invoke-Command -Session $session -ScriptBlock $onHost -ArgumentList $Do, $Step, $Left
}

# The host says who it is before anything is read from it or written to it.
function Open-Place($Rows) {
    $who = Invoke-OnHost 'who'
    if (-not (Test-Same $who.Name $machine.Name)) {
        try { $script:session = New-PSSession -ComputerName $machine.Address -UseSSL:$machine.Tls }
        catch { throw ($words.Silent -f $machine.Address, (Get-Line $_.Exception.Message)) }
        $who = Invoke-OnHost 'who'
        if (-not (Test-Same $who.Name $machine.Name)) { throw ($words.AnotherMachine -f $machine.Address, $machine.Name, $who.Name) }
    }
    $others = 'group_member', 'firewall_rule', 'service', 'service_start'
    $hyperv = @($steps | Where-Object { $others -notcontains $_.Kind })
    if ($hyperv.Count -gt 0 -and -not $who.HyperV) { throw ($words.NoHyperVModule -f $machine.Name) }
}

function Close-Place {
    if ($null -ne $session) { Remove-PSSession -Session $session }
}

function Get-At($Place) {
    return $machine.Name
}

# The present value, or the members of a list.
function Get-Present($Step) {
    return Invoke-OnHost 'read' $Step
}

# What has come in between, so that a change must not be made.
function Get-Obstacle($Step) {
    if ($Step.Kind -eq 'any_network' -and -not $Step.After -and (Invoke-OnHost 'networks' $Step) -eq 0) { return $words.NoNetwork }
    return ''
}

# Add or remove the members that are left, or set the value.
function Write-Left($Step, $Left) {
    Invoke-OnHost 'write' $Step $Left
}
