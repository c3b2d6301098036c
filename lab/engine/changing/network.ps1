# The firewall and the cache of names. On Windows these are functions of a module, which do not see a script's $ErrorActionPreference.

$null = New-Module -Name NetSecurity -ScriptBlock {
    # The rules that a cmdlet is asked about; without a name all of them. They stand in the host's own store or come with a policy, which
    # cannot be written here.
    function Get-Rule($Cmdlet, [string[]] $Names, $CimSession, [string] $Store) {
        $where = [string]$CimSession.ComputerName
        Enter-Call $Cmdlet.MyInvocation.MyCommand.Name $where
        $machine = Find-Machine $where
        if ($null -eq $machine -or ($where -and -not $machine.winrm)) { $Cmdlet.WriteError((New-Silence $where)); return }
        $held = @($machine.firewall.Keys | Where-Object { $Store -eq 'ActiveStore' -or $machine.firewall[$_].store -eq 'local' })
        if (-not $Names) { $Names = $held }
        foreach ($name in $Names) {
            if ($held -contains $name) { @{ name = $name; rule = $machine.firewall[$name] }; continue }
            $Cmdlet.WriteError((New-Refusal 'CmdletizationQuery_NotFound_InstanceID' 'ObjectNotFound' "No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to '$name'." 'Microsoft.PowerShell.Cmdletization.Cim.CimJobException'))
        }
    }
    function Get-NetFirewallRule {
        [CmdletBinding(DefaultParameterSetName = 'GetAll')]
        param([Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')][string[]] $Name, [string] $PolicyStore, [StandIn.CimSession[]] $CimSession)
        foreach ($found in Get-Rule $PSCmdlet $Name $CimSession $PolicyStore) {
            [pscustomobject]@{ Name = $found.name; Enabled = [string][bool]$found.rule.enabled; PolicyStoreSource = $found.rule.store }
        }
    }
    function Enable-NetFirewallRule {
        [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'GetAll')]
        param([Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')][string[]] $Name, [string] $PolicyStore, [StandIn.CimSession[]] $CimSession)
        foreach ($found in Get-Rule $PSCmdlet $Name $CimSession $PolicyStore) { if ($PSCmdlet.ShouldProcess($found.name)) { $found.rule.enabled = $true } }
    }
    function Disable-NetFirewallRule {
        [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'GetAll')]
        param([Parameter(Mandatory, Position = 0, ParameterSetName = 'ByName')][string[]] $Name, [string] $PolicyStore, [StandIn.CimSession[]] $CimSession)
        foreach ($found in Get-Rule $PSCmdlet $Name $CimSession $PolicyStore) { if ($PSCmdlet.ShouldProcess($found.name)) { $found.rule.enabled = $false } }
    }
    function Clear-DnsClientCache {
        [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)] param([StandIn.CimSession[]] $CimSession)
        $where = [string]$CimSession.ComputerName
        if ($PSCmdlet.ShouldProcess($where)) { $null = Register-Program Clear-DnsClientCache $where }
    }
    Export-ModuleMember -Function Get-NetFirewallRule, Enable-NetFirewallRule, Disable-NetFirewallRule, Clear-DnsClientCache
} | Import-Module -Global
