# The firewall and the cache of names. On Windows these are functions of a module, which do not see a script's $ErrorActionPreference.

$null = New-Module -Name NetSecurity -ScriptBlock {
    # The rule that a cmdlet is asked about. It stands in the host's own store or comes with a policy, which cannot be written here.
    function Get-Rule($Cmdlet, [string] $Name, $CimSession, [string] $Store) {
        Enter-Call $Cmdlet.MyInvocation.MyCommand.Name ([string]$CimSession)
        $machine = Find-Machine ([string]$CimSession)
        if ($null -eq $machine -or ($CimSession -and -not $machine.winrm)) { $Cmdlet.WriteError((New-Silence $CimSession)); return }
        $rule = $machine.firewall[$Name]
        if ($null -eq $rule -or ($rule.store -ne 'local' -and $Store -ne 'ActiveStore')) {
            $Cmdlet.WriteError((New-Refusal 'CmdletizationQuery_NotFound_InstanceID' 'ObjectNotFound' "No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to '$Name'." 'Microsoft.PowerShell.Cmdletization.Cim.CimJobException'))
            return
        }
        $rule
    }
    function Get-NetFirewallRule {
        [CmdletBinding()] param([Parameter(Mandatory)][string[]] $Name, [string] $PolicyStore, $CimSession)
        $rule = Get-Rule $PSCmdlet $Name[0] $CimSession $PolicyStore
        if ($rule) { [pscustomobject]@{ Name = $Name[0]; Enabled = [string][bool]$rule.enabled; PolicyStoreSource = $rule.store } }
    }
    function Enable-NetFirewallRule {
        [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory)][string[]] $Name, [string] $PolicyStore, $CimSession, [switch] $PassThru)
        $rule = Get-Rule $PSCmdlet $Name[0] $CimSession $PolicyStore
        if ($rule -and $PSCmdlet.ShouldProcess($Name[0])) { $rule.enabled = $true }
    }
    function Disable-NetFirewallRule {
        [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory)][string[]] $Name, [string] $PolicyStore, $CimSession, [switch] $PassThru)
        $rule = Get-Rule $PSCmdlet $Name[0] $CimSession $PolicyStore
        if ($rule -and $PSCmdlet.ShouldProcess($Name[0])) { $rule.enabled = $false }
    }
    function Clear-DnsClientCache {
        [CmdletBinding(SupportsShouldProcess)] param($CimSession)
        if ($PSCmdlet.ShouldProcess([string]$CimSession)) { $null = Register-Program Clear-DnsClientCache $CimSession }
    }
    Export-ModuleMember -Function Get-NetFirewallRule, Enable-NetFirewallRule, Disable-NetFirewallRule, Clear-DnsClientCache
} | Import-Module -Global
