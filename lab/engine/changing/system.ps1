# Services, the computer itself, and local groups, of the host in whose place a run is.

function Get-CimInstance {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)][string] $ClassName, [string] $Namespace = 'root/cimv2', [string] $Filter, [string[]] $Property,
        [string[]] $ComputerName
    )
    Set-StrictMode -Off
    Enter-Call Get-CimInstance $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if ($null -eq $machine) { $PSCmdlet.WriteError((New-Silence $ComputerName)); return }
    $rows = switch ($ClassName) {
        'Win32_ComputerSystem' {
            [pscustomobject]@{ Name = $machine.name.ToUpper(); DNSHostName = $machine.full_name.Split('.')[0]; Domain = $machine.domain; PartOfDomain = [bool]$machine.joined }
        }
        'Win32_Service' {
            foreach ($name in $machine.services.Keys) {
                [pscustomobject]@{ Name = $name; State = $machine.services[$name].state; StartMode = $machine.services[$name].start }
            }
        }
        { $_ -like 'Msvm_*' } { [pscustomobject]@{ Name = 'vmms'; MigrationServiceListenerIPAddressList = @($machine.listens) } }
        default { throw (New-CimError '0x80041010' 'MetadataError' 'Invalid class ') }
    }
    foreach ($row in $rows) { if (-not $Filter -or (Test-Wql $row $Filter)) { $row } }
}

function Get-Named($Cmdlet, [string] $Name) {
    $service = [StandIn.World]::Host.services[$Name]
    if ($null -ne $service) { return $service }
    $Cmdlet.ThrowTerminatingError((New-Refusal 'NoServiceFoundForGivenName' 'ObjectNotFound' "Cannot find any service with service name '$Name'." 'System.InvalidOperationException'))
}

function Get-Service {
    [CmdletBinding()] param([Parameter(Mandatory, Position = 0)][string] $Name)
    Set-StrictMode -Off
    Enter-Call Get-Service
    $service = Get-Named $PSCmdlet $Name
    [pscustomobject]@{ Name = $Name; Status = $service.state; StartType = $service.start }
}

function Start-Service {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Name)
    Set-StrictMode -Off
    Enter-Call Start-Service
    $service = Get-Named $PSCmdlet $Name
    if (-not $PSCmdlet.ShouldProcess($Name)) { return }
    if ($service.start -eq 'Disabled') {
        $PSCmdlet.ThrowTerminatingError((New-Refusal 'CouldNotStartService' 'OpenError' "Service '$Name' cannot be started due to the following error: Cannot start service $Name on computer '.'." 'System.InvalidOperationException'))
    }
    $service.state = 'Running'
}

function Stop-Service {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Name, [switch] $Force)
    Set-StrictMode -Off
    Enter-Call Stop-Service
    $service = Get-Named $PSCmdlet $Name
    if ($PSCmdlet.ShouldProcess($Name)) { $service.state = 'Stopped' }
}

function Restart-Service {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Name, [switch] $Force)
    Set-StrictMode -Off
    Enter-Call Restart-Service
    $service = Get-Named $PSCmdlet $Name
    if (-not $PSCmdlet.ShouldProcess($Name)) { return }
    $service.state = 'Running'
    $service.restarts = 1 + [int]$service.restarts
    if ($Name -eq 'vmms') { [StandIn.World]::Host.listens = @([StandIn.World]::Host.addresses) }
}

function Set-Service {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][string] $Name, [ValidateSet('Automatic', 'Boot', 'Disabled', 'Manual', 'System')][string] $StartupType)
    Set-StrictMode -Off
    Enter-Call Set-Service
    $service = Get-Named $PSCmdlet $Name
    if ($PSCmdlet.ShouldProcess($Name)) { $service.start = $StartupType.Replace('Automatic', 'Auto') }
}

# --- local groups: named in the language of the host, told by SID ---

function Get-GroupName($Cmdlet, [string] $Sid) {
    $name = [string][StandIn.World]::Host.accounts[$Sid]
    if ($name -ne '') { return $name.Split('\')[-1] }
    $Cmdlet.ThrowTerminatingError((New-Refusal 'GroupNotFound' 'ObjectNotFound' "Group $Sid was not found." 'Microsoft.PowerShell.Commands.GroupNotFoundException'))
}

# A member by its SID or its name.
function Get-PrincipalSid($Cmdlet, [string] $Member) {
    if ($Member -match '^S-1-[0-9-]+$') { return $Member.ToUpper() }
    $accounts = [StandIn.World]::Host.accounts
    foreach ($sid in $accounts.Keys) { if ($accounts[$sid] -eq $Member) { return $sid } }
    $Cmdlet.ThrowTerminatingError((New-Refusal 'PrincipalNotFound' 'ObjectNotFound' "Principal $Member was not found." 'Microsoft.PowerShell.Commands.PrincipalNotFoundException'))
}

function Get-LocalGroupMember {
    [CmdletBinding()] param([Parameter(Mandatory)][string] $SID)
    Set-StrictMode -Off
    Enter-Call Get-LocalGroupMember
    foreach ($member in [StandIn.World]::Table('groups')[(Get-GroupName $PSCmdlet $SID)]) {
        $name = [StandIn.World]::Host.accounts[$member]
        if (-not $name) { throw [System.InvalidOperationException]::new('Failed to compare two elements in the array.') }
        [pscustomobject]@{ Name = $name; SID = [StandIn.SecurityIdentifier]::new($member); ObjectClass = 'User' }
    }
}

# Takes members in or out. One that is already, or is not there, is an error of its own and costs no other.
function Edit-Group($Cmdlet, [string] $Sid, [string[]] $Member, [bool] $Present) {
    $groups = [StandIn.World]::Table('groups')
    $name = Get-GroupName $Cmdlet $Sid
    foreach ($each in $Member) {
        $principal = Get-PrincipalSid $Cmdlet $each
        if ($Present -and $groups[$name] -contains $principal) {
            $Cmdlet.WriteError((New-Refusal 'MemberExists' 'ResourceExists' "$each is already a member of group $name." 'Microsoft.PowerShell.Commands.MemberExistsException'))
        }
        elseif (-not $Present -and $groups[$name] -notcontains $principal) {
            $Cmdlet.WriteError((New-Refusal 'MemberNotFound' 'ObjectNotFound' "Member $each was not found in group $name." 'Microsoft.PowerShell.Commands.MemberNotFoundException'))
        }
        elseif ($Cmdlet.ShouldProcess($name, "$(if ($Present) { 'Add' } else { 'Remove' }) $each")) {
            if ($Present) { $groups[$name] = @($groups[$name]) + @($principal) }
            else { $groups[$name] = @($groups[$name] | Where-Object { $_ -ne $principal }) }
        }
    }
}

function Add-LocalGroupMember {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory)][string] $SID, [Parameter(Mandatory)][string[]] $Member)
    Set-StrictMode -Off
    Enter-Call Add-LocalGroupMember
    Edit-Group $PSCmdlet $SID $Member $true
}

function Remove-LocalGroupMember {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory)][string] $SID, [Parameter(Mandatory)][string[]] $Member)
    Set-StrictMode -Off
    Enter-Call Remove-LocalGroupMember
    Edit-Group $PSCmdlet $SID $Member $false
}
if (-not [StandIn.World]::Host['local_accounts']) { Remove-Item function:Get-LocalGroupMember, function:Add-LocalGroupMember, function:Remove-LocalGroupMember }

# --- the computer's place in a domain, its roles ---

function Add-Computer {
    [CmdletBinding(SupportsShouldProcess)]
    param([string[]] $ComputerName, [pscredential] $LocalCredential, [Parameter(Mandatory)][string] $DomainName, [Parameter(Mandatory)][pscredential] $Credential, [switch] $Restart, [switch] $Force)
    Set-StrictMode -Off
    Enter-Call Add-Computer $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if (-not [StandIn.World]::Forest.domains.ContainsKey($DomainName)) {
        $PSCmdlet.ThrowTerminatingError((New-Refusal 'FailToJoinDomainFromWorkgroup' 'OperationStopped' "The specified domain either does not exist or could not be contacted." 'System.InvalidOperationException'))
    }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.joined = $true; $machine.domain = $DomainName }
}

function Remove-Computer {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    param([string[]] $ComputerName, [Parameter(Mandatory)][pscredential] $UnjoinDomainCredential, [pscredential] $LocalCredential, [string] $WorkgroupName, [switch] $Restart, [switch] $Force)
    Set-StrictMode -Off
    Enter-Call Remove-Computer $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if (-not $Force -and -not $PSCmdlet.ShouldContinue('After you leave the domain, you will need to know the password of the local Administrator account.', 'Confirm')) { return }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.joined = $false; $machine.domain = $WorkgroupName }
}

function Restart-Computer {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Position = 0)][string[]] $ComputerName, [switch] $Wait, [switch] $Force)
    Set-StrictMode -Off
    $null = Register-Program Restart-Computer $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if ($machine.features -contains 'Hyper-V' -and -not $machine.services.vmms) { $machine.services.vmms = @{ state = 'Running'; start = 'Auto' } }
}

function Get-WindowsFeature {
    [CmdletBinding()] param([Parameter(Position = 0)][string[]] $Name, [string] $ComputerName)
    Set-StrictMode -Off
    foreach ($each in $Name) { [pscustomobject]@{ Name = $each; Installed = @((Find-Machine $ComputerName).features) -contains $each } }
}

function Install-WindowsFeature {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string[]] $Name, [string] $ComputerName, [switch] $IncludeManagementTools, [switch] $Restart)
    Set-StrictMode -Off
    Enter-Call Install-WindowsFeature $ComputerName
    $machine = Find-Machine $ComputerName
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.features = @($machine.features) + $Name }
}

function Uninstall-WindowsFeature {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string[]] $Name, [string] $ComputerName, [switch] $Restart)
    Set-StrictMode -Off
    Enter-Call Uninstall-WindowsFeature $ComputerName
    $machine = Find-Machine $ComputerName
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.features = @($machine.features | Where-Object { $Name -notcontains $_ }) }
}
