# --- one Hyper-V host ---

# The members of a local group, or a change of them. Before Windows Server 2016 there are no cmdlets, and where an orphaned SID is a
# member Get-LocalGroupMember fails: then the Windows NT provider answers.
$membership = {
    param($Group, $Member, $Action)
    $ErrorActionPreference = 'Stop'
    $cmdlets = $null -ne (Get-Command -Name Add-LocalGroupMember -ErrorAction SilentlyContinue)
    if ($cmdlets -and $Action -eq 'add') { Add-LocalGroupMember -SID $Group -Member $Member; return }
    if ($cmdlets -and $Action -eq 'remove') { Remove-LocalGroupMember -SID $Group -Member $Member; return }
    if ($cmdlets) {
        try { return @(Get-LocalGroupMember -SID $Group | ForEach-Object { [string]$_.SID }) }
        catch [System.InvalidOperationException] { $cmdlets = $false }
    }
    $account = (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Group).Translate([System.Security.Principal.NTAccount])
    $entry = [ADSI]('WinNT://./' + $account.Value.Split('\')[-1] + ',group')
    if ($Action -eq 'add') { $null = $entry.psbase.Invoke('Add', 'WinNT://' + $Member); return }
    if ($Action -eq 'remove') { $null = $entry.psbase.Invoke('Remove', 'WinNT://' + $Member); return }
    foreach ($each in @($entry.psbase.Invoke('Members'))) {
        $bytes = $each.GetType().InvokeMember('objectSid', 'GetProperty', $null, $each, $null)
        (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
    }
}

function Confirm-Tool {
    $others = 'group_member', 'firewall_rule', 'service', 'service_start'
    $hyperv = @($steps | Where-Object { $others -notcontains $_.Kind })
    if ($hyperv.Count -gt 0 -and $null -eq (Get-Command -Name Get-VMHost -ErrorAction SilentlyContinue)) {
        Write-Output 'The Hyper-V module is not here, and nothing was done. Run this script on the host itself, or install the module'
        Write-Output '(on a server: Install-WindowsFeature -Name Hyper-V-PowerShell).'
        exit 1
    }
}

function Get-Vmms($Step) {
    return Get-CimInstance -ComputerName $Step.Place -ClassName Win32_Service -Filter "Name = 'vmms'"
}

# The present value, or the members of a list.
function Get-Present($Step) {
    switch ($Step.Kind) {
        'migration' { return (Get-VMHost -ComputerName $Step.Place).VirtualMachineMigrationEnabled }
        'authentication' { return (Get-VMHost -ComputerName $Step.Place).VirtualMachineMigrationAuthenticationType }
        'performance_option' { return (Get-VMHost -ComputerName $Step.Place).VirtualMachineMigrationPerformanceOption }
        'maximum_migrations' { return (Get-VMHost -ComputerName $Step.Place).MaximumVirtualMachineMigrations }
        'maximum_storage_migrations' { return (Get-VMHost -ComputerName $Step.Place).MaximumStorageMigrations }
        'any_network' { return (Get-VMHost -ComputerName $Step.Place).UseAnyNetworkForMigration }
        'migration_network' { return @(Get-VMMigrationNetwork -ComputerName $Step.Place | ForEach-Object { $_.Subnet }) }
        'group_member' { return Invoke-Command -ComputerName $Step.Place -ScriptBlock $membership -ArgumentList $Step.Object, '', 'read' }
        'firewall_rule' { return (Get-NetFirewallRule -CimSession $Step.Place -Name $Step.Object).Enabled }
        'service' { return (Get-Vmms $Step).State -eq 'Running' }
        'service_start' { return (Get-Vmms $Step).StartMode }
        default { throw 'This script does not know such a change.' }
    }
}

# Add or remove the members that are left, or set the value.
function Write-Left($Step, $Left) {
    switch ($Step.Kind) {
        'migration' {
            if ($Step.After) { Enable-VMMigration -ComputerName $Step.Place } else { Disable-VMMigration -ComputerName $Step.Place }
        }
        'authentication' { Set-VMHost -ComputerName $Step.Place -VirtualMachineMigrationAuthenticationType $Step.After }
        'performance_option' { Set-VMHost -ComputerName $Step.Place -VirtualMachineMigrationPerformanceOption $Step.After }
        'maximum_migrations' { Set-VMHost -ComputerName $Step.Place -MaximumVirtualMachineMigrations $Step.After }
        'maximum_storage_migrations' { Set-VMHost -ComputerName $Step.Place -MaximumStorageMigrations $Step.After }
        'any_network' { Set-VMHost -ComputerName $Step.Place -UseAnyNetworkForMigration $Step.After }
        'migration_network' {
            foreach ($subnet in $Left) {
                if ($Step.Present) { Add-VMMigrationNetwork -ComputerName $Step.Place -Subnet $subnet }
                else { Remove-VMMigrationNetwork -ComputerName $Step.Place -Subnet $subnet }
            }
        }
        'group_member' {
            $action = 'remove'
            if ($Step.Present) { $action = 'add' }
            foreach ($member in $Left) {
                Invoke-Command -ComputerName $Step.Place -ScriptBlock $membership -ArgumentList $Step.Object, $member, $action
            }
        }
        'firewall_rule' {
            if ($Step.After) { Enable-NetFirewallRule -CimSession $Step.Place -Name $Step.Object }
            else { Disable-NetFirewallRule -CimSession $Step.Place -Name $Step.Object }
        }
        'service' {
            if ($Step.After) { Invoke-Command -ComputerName $Step.Place -ScriptBlock { Start-Service -Name vmms } }
            else { Invoke-Command -ComputerName $Step.Place -ScriptBlock { Stop-Service -Name vmms } }
        }
        'service_start' {
            $type = $Step.After
            if ($type -eq 'Auto') { $type = 'Automatic' }
            Invoke-Command -ComputerName $Step.Place -ScriptBlock { param($Type) Set-Service -Name vmms -StartupType $Type } -ArgumentList $type
        }
        default { throw 'This script does not know such a change.' }
    }
}
