# Services, the computer itself, and local groups, of the host in whose place a run is.

function Get-CimInstance {
    [CmdletBinding(DefaultParameterSetName = 'ClassNameComputerSet')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ClassNameComputerSet')][string] $ClassName, [string] $Namespace = 'root/cimv2', [string] $Filter,
        [string[]] $Property, [string[]] $ComputerName
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
    [CmdletBinding(DefaultParameterSetName = 'Default')] param([Parameter(Position = 0, ParameterSetName = 'Default')][string[]] $Name = [StandIn.World]::Host.services.Keys)
    Set-StrictMode -Off
    Enter-Call Get-Service
    foreach ($each in $Name) {
        $service = Get-Named $PSCmdlet $each
        [pscustomobject]@{ Name = $each; Status = $service.state; StartType = $service.start }
    }
}

function Start-Service {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'InputObject')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'InputObject')][System.ServiceProcess.ServiceController[]] $InputObject,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Default')][string[]] $Name
    )
    Set-StrictMode -Off
    Enter-Call Start-Service
    foreach ($each in $Name) {
        $service = Get-Named $PSCmdlet $each
        if (-not $PSCmdlet.ShouldProcess($each)) { continue }
        if ($service.start -eq 'Disabled') {
            $PSCmdlet.ThrowTerminatingError((New-Refusal 'CouldNotStartService' 'OpenError' "Service '$each' cannot be started due to the following error: Cannot start service $each on computer '.'." 'System.InvalidOperationException'))
        }
        $service.state = 'Running'
    }
}

function Stop-Service {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'InputObject')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'InputObject')][System.ServiceProcess.ServiceController[]] $InputObject,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Default')][string[]] $Name
    )
    Set-StrictMode -Off
    Enter-Call Stop-Service
    foreach ($each in $Name) {
        $service = Get-Named $PSCmdlet $each
        if ($PSCmdlet.ShouldProcess($each)) { $service.state = 'Stopped' }
    }
}

function Restart-Service {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'InputObject')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'InputObject')][System.ServiceProcess.ServiceController[]] $InputObject,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Default')][string[]] $Name
    )
    Set-StrictMode -Off
    Enter-Call Restart-Service
    foreach ($each in $Name) {
        $service = Get-Named $PSCmdlet $each
        if (-not $PSCmdlet.ShouldProcess($each)) { continue }
        $service.state = 'Running'
        $service.restarts = 1 + [int]$service.restarts
        if ($each -eq 'vmms') { [StandIn.World]::Host.listens = @([StandIn.World]::Host.addresses) }
    }
}

function Set-Service {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Name')]
    param([Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')][string] $Name, [System.ServiceProcess.ServiceStartMode] $StartupType)
    Set-StrictMode -Off
    Enter-Call Set-Service
    $service = Get-Named $PSCmdlet $Name
    if ($PSBoundParameters.ContainsKey('StartupType') -and $PSCmdlet.ShouldProcess($Name)) { $service.start = ([string]$StartupType).Replace('Automatic', 'Auto') }
}

# --- local groups: named in the language of the host, told by SID ---

function Get-GroupName($Cmdlet, $Sid, [string] $Name) {
    if ($Sid) { $Name = ([string][StandIn.World]::Host.accounts[[string]$Sid]).Split('\')[-1] }
    if ([StandIn.World]::Table('groups').ContainsKey($Name)) { return $Name }
    $Cmdlet.ThrowTerminatingError((New-Refusal 'GroupNotFound' 'ObjectNotFound' "Group $Sid$Name was not found." 'Microsoft.PowerShell.Commands.GroupNotFoundException'))
}

# A member by its SID or its name.
function Get-PrincipalSid($Cmdlet, [string] $Member) {
    if ($Member -match '^S-1-[0-9-]+$') { return $Member.ToUpper() }
    $accounts = [StandIn.World]::Host.accounts
    foreach ($sid in $accounts.Keys) { if ($accounts[$sid] -eq $Member) { return $sid } }
    $Cmdlet.ThrowTerminatingError((New-Refusal 'PrincipalNotFound' 'ObjectNotFound' "Principal $Member was not found." 'Microsoft.PowerShell.Commands.PrincipalNotFoundException'))
}

function Get-LocalGroupMember {
    [CmdletBinding(DefaultParameterSetName = 'Default')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Default')][string] $Name,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'SecurityIdentifier')][StandIn.SecurityIdentifier] $SID
    )
    Set-StrictMode -Off
    Enter-Call Get-LocalGroupMember
    foreach ($member in [StandIn.World]::Table('groups')[(Get-GroupName $PSCmdlet $SID $Name)]) {
        $name = [StandIn.World]::Host.accounts[$member]
        if (-not $name) { throw [System.InvalidOperationException]::new('Failed to compare two elements in the array.') }
        [pscustomobject]@{ Name = $name; SID = [StandIn.SecurityIdentifier]::new($member); ObjectClass = 'User' }
    }
}

# Takes members in or out. One that is already, or is not there, is an error of its own and costs no other.
function Edit-Group($Cmdlet, $Sid, [string[]] $Member, [bool] $Present) {
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
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'SecurityIdentifier')][StandIn.SecurityIdentifier] $SID,
        [Parameter(Mandatory, Position = 1)][Microsoft.PowerShell.Commands.LocalPrincipal[]] $Member
    )
    Set-StrictMode -Off
    Enter-Call Add-LocalGroupMember
    Edit-Group $PSCmdlet $SID $Member $true
}

function Remove-LocalGroupMember {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'SecurityIdentifier')][StandIn.SecurityIdentifier] $SID,
        [Parameter(Mandatory, Position = 1)][Microsoft.PowerShell.Commands.LocalPrincipal[]] $Member
    )
    Set-StrictMode -Off
    Enter-Call Remove-LocalGroupMember
    Edit-Group $PSCmdlet $SID $Member $false
}
if (-not [StandIn.World]::Host['local_accounts']) { Remove-Item function:Get-LocalGroupMember, function:Add-LocalGroupMember, function:Remove-LocalGroupMember }

# --- the computer's place in a domain, its roles ---

function Add-Computer {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Domain')]
    param(
        [string[]] $ComputerName, [pscredential] $LocalCredential, [Parameter(Mandatory, Position = 0, ParameterSetName = 'Domain')][string] $DomainName,
        [Parameter(Mandatory, ParameterSetName = 'Domain')][pscredential] $Credential, [switch] $Restart
    )
    Set-StrictMode -Off
    Enter-Call Add-Computer $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if (-not [StandIn.World]::Forest.domains.ContainsKey($DomainName)) {
        $PSCmdlet.ThrowTerminatingError((New-Refusal 'FailToJoinDomainFromWorkgroup' 'OperationStopped' "The specified domain either does not exist or could not be contacted." 'System.InvalidOperationException'))
    }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.joined = $true; $machine.domain = $DomainName }
}

function Remove-Computer {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Local')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Local')][Parameter(Mandatory, Position = 0, ParameterSetName = 'Remote')][pscredential] $UnjoinDomainCredential,
        [Parameter(ParameterSetName = 'Remote')][string[]] $ComputerName, [Parameter(ParameterSetName = 'Remote')][pscredential] $LocalCredential,
        [string] $WorkgroupName, [switch] $Restart, [switch] $Force
    )
    Set-StrictMode -Off
    Enter-Call Remove-Computer $ComputerName
    $machine = Find-Machine ([string]$ComputerName)
    if (-not $Force -and -not $PSCmdlet.ShouldContinue('After you leave the domain, you will need to know the password of the local Administrator account.', 'Confirm')) { return }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.joined = $false; $machine.domain = $WorkgroupName }
}

function Restart-Computer {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'DefaultSet')]
    param([Parameter(Position = 0)][string[]] $ComputerName, [Parameter(ParameterSetName = 'DefaultSet')][switch] $Wait)
    Set-StrictMode -Off
    $machine = Find-Machine ([string]$ComputerName)
    if (-not $PSCmdlet.ShouldProcess($machine.name)) { return }
    $null = Register-Program Restart-Computer $ComputerName
    if ($machine.features -contains 'Hyper-V' -and -not $machine.services.vmms) { $machine.services.vmms = @{ state = 'Running'; start = 'Auto' } }
}

function Get-WindowsFeature {
    [CmdletBinding()] param([Parameter(Position = 0)][string[]] $Name, [string] $ComputerName)
    Set-StrictMode -Off
    $installed = @((Find-Machine $ComputerName).features)
    if (-not $Name) { $Name = $installed }
    foreach ($each in $Name) {
        $feature = [Microsoft.Windows.ServerManager.Commands.Feature]$each
        $feature.Installed = $installed -contains $each
        $feature
    }
}

function Install-WindowsFeature {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'ComponentNamesAndRunningComputer')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'ComponentNamesAndRunningComputer')][Microsoft.Windows.ServerManager.Commands.Feature[]] $Name,
        [string] $ComputerName, [switch] $IncludeManagementTools, [switch] $Restart
    )
    Set-StrictMode -Off
    Enter-Call Install-WindowsFeature $ComputerName
    $machine = Find-Machine $ComputerName
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.features = @($machine.features) + @($Name.Name) }
}

function Uninstall-WindowsFeature {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'RunningComputer')]
    param(
        [Parameter(Mandatory, Position = 0)][Microsoft.Windows.ServerManager.Commands.Feature[]] $Name, [string] $ComputerName,
        [Parameter(ParameterSetName = 'RunningComputer')][switch] $Restart
    )
    Set-StrictMode -Off
    Enter-Call Uninstall-WindowsFeature $ComputerName
    $machine = Find-Machine $ComputerName
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.features = @($machine.features | Where-Object { $Name.Name -notcontains $_ }) }
}
