# The ActiveDirectory module: computers, users and groups of the domains, at whichever controller is named. Every controller of a domain shows
# the same.

$allowing = 'A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;'
$attributes = @{
    'msDS-AllowedToDelegateTo' = 'delegate_to'; servicePrincipalName = 'service_names'; TrustedToAuthForDelegation = 'any_protocol'
    TrustedForDelegation = 'any_service'; AccountNotDelegated = 'not_delegated'; MemberOf = 'member_of'; userAccountControl = 'control'
    Enabled = 'enabled'; LockedOut = 'locked'; PasswordExpired = 'password_expired'; AccountExpirationDate = 'expires'
}

function New-DirectoryRefusal([string] $Id, [string] $Category, [string] $Text, [string] $Type) {
    New-Refusal $Id $Category $Text "Microsoft.ActiveDirectory.Management.$Type"
}

# The domain that a server is a controller of, or whose name it is; without a server that of the machine.
function Get-DomainAt($Cmdlet, [string] $Server) {
    Set-StrictMode -Off
    if ($Server -eq '') { $Server = [StandIn.World]::Host.domain }
    Enter-Call $Cmdlet.MyInvocation.MyCommand.Name $Server
    $domains = [StandIn.World]::Forest.domains
    foreach ($name in $domains.Keys) {
        if ($name -eq $Server -or @($domains[$name].controllers | Where-Object { $_.name -eq $Server -and -not $_.silent }).Count) { return @{ name = $name; objects = $domains[$name].objects; trusts = $domains[$name].trusts; controllers = $domains[$name].controllers } }
    }
    $Cmdlet.ThrowTerminatingError((New-DirectoryRefusal 'ActiveDirectoryServer:0' 'ResourceUnavailable' "Unable to contact the server. This may be because this server does not exist, it is currently down, or it does not have the Active Directory Web Services running." 'ADServerDownException'))
}

# An object by its distinguished name, account name or SID, or as another cmdlet gave it.
function Find-Object($Cmdlet, $Domain, $Identity, [string] $Class = '') {
    Set-StrictMode -Off
    $wanted = [string]$Identity
    foreach ($dn in $Domain.objects.Keys) {
        $it = $Domain.objects[$dn]
        $named = $dn -eq $wanted -or $it.sid -eq $wanted -or $it.account -eq $wanted -or ($Class -eq 'computer' -and $it.account -eq "$wanted`$")
        if ($named -and ($Class -eq '' -or $it.class -eq $Class)) { return @{ dn = $dn; it = $it } }
    }
    $Cmdlet.ThrowTerminatingError((New-DirectoryRefusal 'ActiveDirectoryCmdlet:Microsoft.ActiveDirectory.Management.ADIdentityNotFoundException' 'ObjectNotFound' "Cannot find an object with identity: '$wanted' under: '$($Domain.name)'." 'ADIdentityNotFoundException'))
}

# The SIDs that a descriptor's entries name, and the names under which the cmdlets show them.
function Get-Shown([string] $Descriptor) {
    Set-StrictMode -Off
    foreach ($entry in $Descriptor -split '[()]' | Where-Object { $_ -like 'A;*;;;S-*' }) {
        $sid = $entry.Split(';')[-1]
        $dn = foreach ($domain in [StandIn.World]::Forest.domains.Values) { $domain.objects.Keys | Where-Object { $domain.objects[$_].sid -eq $sid } }
        if ($dn) { [string]@($dn)[0] } else { $sid }
    }
}

# Objects of a class as a cmdlet shows them: the one that is named, or every one.
function Read-Objects($Cmdlet, $Domain, $Identity, [string] $Filter, [string[]] $Properties, [string] $Class = '') {
    if ($Identity) { return New-Shown (Find-Object $Cmdlet $Domain $Identity $Class) $Properties $Class }
    Assert-Every $Filter
    foreach ($dn in $Domain.objects.Keys) {
        $it = $Domain.objects[$dn]
        if ($Class -eq '' -or $it.class -eq $Class) { New-Shown @{ dn = $dn; it = $it } $Properties $Class }
    }
}

function Assert-Every([string] $Filter) {
    if ($Filter -ne '*') { throw "The stand-in has no filter but *: $Filter" }
}

function New-Shown($Found, [string[]] $Properties, [string] $Class) {
    Set-StrictMode -Off
    $it = $Found.it
    $type = @{ computer = 'ADComputer'; user = 'ADUser'; '' = 'ADObject' }[$Class]
    $shown = New-Object "Microsoft.ActiveDirectory.Management.$type" -Property @{ DistinguishedName = $Found.dn; Name = $Found.dn.Split(',')[0].Substring(3); ObjectClass = $it.class }
    if ($shown -is [Microsoft.ActiveDirectory.Management.ADPrincipal]) {
        $shown.SamAccountName = $it.account
        $shown.SID = [StandIn.SecurityIdentifier]::new($it.sid)
    }
    foreach ($name in $Properties) {
        $value = switch ($name) {
            'PrincipalsAllowedToDelegateToAccount' { , @(Get-Shown $it.descriptor) }
            'msDS-AllowedToActOnBehalfOfOtherIdentity' {
                if ($it.descriptor) {
                    $list = [pscustomobject]@{ Text = $it.descriptor }
                    if (-not $it.opaque) { $list | Add-Member -MemberType ScriptMethod -Name GetSecurityDescriptorSddlForm -Value { $this.Text } }
                    $list
                }
            }
            default { if ($attributes.ContainsKey($name)) { , $it[$attributes[$name]] } }
        }
        if ($null -ne $value) { $shown | Add-Member -NotePropertyName $name -NotePropertyValue $value -Force }
    }
    $shown
}

function Get-ADComputer {
    [CmdletBinding(DefaultParameterSetName = 'Filter')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Filter')][string] $Filter,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Identity', ValueFromPipeline)][Microsoft.ActiveDirectory.Management.ADComputer] $Identity,
        [string] $Server, [string[]] $Properties
    )
    Read-Objects $PSCmdlet (Get-DomainAt $PSCmdlet $Server) $Identity $Filter $Properties computer
}

function Get-ADUser {
    [CmdletBinding(DefaultParameterSetName = 'Filter')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Filter')][string] $Filter,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Identity', ValueFromPipeline)][Microsoft.ActiveDirectory.Management.ADUser] $Identity,
        [string] $Server, [string[]] $Properties
    )
    Read-Objects $PSCmdlet (Get-DomainAt $PSCmdlet $Server) $Identity $Filter $Properties user
}

function Get-ADObject {
    [CmdletBinding(DefaultParameterSetName = 'Filter')]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Filter')][string] $Filter,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Identity', ValueFromPipeline)][Microsoft.ActiveDirectory.Management.ADObject] $Identity,
        [string] $Server, [string[]] $Properties
    )
    Read-Objects $PSCmdlet (Get-DomainAt $PSCmdlet $Server) $Identity $Filter $Properties
}

function Get-ADTrust {
    [CmdletBinding(DefaultParameterSetName = 'Filter')] param([Parameter(Mandatory, ParameterSetName = 'Filter')][string] $Filter, [string] $Server)
    Assert-Every $Filter
    foreach ($trust in (Get-DomainAt $PSCmdlet $Server).trusts) { [pscustomobject]@{ Name = $trust } }
}

function Get-ADDomainController {
    [CmdletBinding(DefaultParameterSetName = 'Identity')]
    param(
        [Parameter(ParameterSetName = 'Identity', Position = 0)][Microsoft.ActiveDirectory.Management.ADDomainController] $Identity,
        [Parameter(Mandatory, ParameterSetName = 'Filter')][string] $Filter, [Parameter(Mandatory, ParameterSetName = 'DiscoverByService')][switch] $Discover,
        [Parameter(ParameterSetName = 'DiscoverByService')][string] $DomainName, [Parameter(ParameterSetName = 'DiscoverByService')][switch] $Writable,
        [Parameter(ParameterSetName = 'DiscoverByService')][Microsoft.ActiveDirectory.Management.ADDiscoverableService[]] $Service,
        [Parameter(ParameterSetName = 'Identity')][Parameter(ParameterSetName = 'Filter')][string] $Server
    )
    Set-StrictMode -Off
    $domain = Get-DomainAt $PSCmdlet $(if ($Discover) { $DomainName } else { $Server })
    $found = @($domain.controllers | Where-Object { -not $_.silent -and (-not $Writable -or -not $_.read_only) })
    if ($Filter) { Assert-Every $Filter }
    elseif ($Identity) { $found = @($found | Where-Object { $_.name -eq [string]$Identity }) }
    else { $found = @($found | Select-Object -First 1) }
    foreach ($each in $found) {
        $name = $each.name
        if ($Discover) { $name = [string[]]@($name) }
        [pscustomobject]@{ HostName = $name; IsReadOnly = [bool]$each.read_only; OperatingSystem = 'Windows Server 2016 Standard' }
    }
}

# Add to, take from or replace the values of attributes that hold several.
function Edit-Values($Cmdlet, $It, [string] $How, [hashtable] $Edits) {
    Set-StrictMode -Off
    foreach ($name in $Edits.Keys) {
        if (-not $attributes.ContainsKey($name)) {
            $Cmdlet.ThrowTerminatingError((New-DirectoryRefusal 'ActiveDirectoryServer:0' 'InvalidArgument' "The specified directory service attribute or value does not exist: $name" 'ADInvalidOperationException'))
        }
        $key = $attributes[$name]
        $values = @($Edits[$name])
        $held = @($It[$key])
        $It[$key] = switch ($How) {
            'Add' { , @($held + @($values | Where-Object { $held -notcontains $_ })) }
            'Remove' { , @($held | Where-Object { $values -notcontains $_ }) }
        }
    }
}

function Set-ADComputer {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Identity', ValueFromPipeline)][Microsoft.ActiveDirectory.Management.ADComputer] $Identity,
        [Parameter(ParameterSetName = 'Identity')][hashtable] $Add, [Parameter(ParameterSetName = 'Identity')][hashtable] $Remove,
        [Parameter(ParameterSetName = 'Identity')][Microsoft.ActiveDirectory.Management.ADPrincipal[]] $PrincipalsAllowedToDelegateToAccount, [string] $Server
    )
    Set-StrictMode -Off
    $domain = Get-DomainAt $PSCmdlet $Server
    $found = Find-Object $PSCmdlet $domain $Identity computer
    $sids = foreach ($principal in @($PrincipalsAllowedToDelegateToAccount | Where-Object { $null -ne $_ })) {
        if ($principal.SID) { [string]$principal.SID } else { (Find-Object $PSCmdlet $domain $principal).it.sid }
    }
    if (-not $PSCmdlet.ShouldProcess($found.dn)) { return }
    if ($Add) { Edit-Values $PSCmdlet $found.it Add $Add }
    if ($Remove) { Edit-Values $PSCmdlet $found.it Remove $Remove }
    if ($PSBoundParameters.ContainsKey('PrincipalsAllowedToDelegateToAccount')) {
        $found.it.descriptor = if ($sids) { 'D:' + (@($sids | ForEach-Object { "($allowing$_)" }) -join '') } else { '' }
    }
}

function Set-ADObject {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Identity')][Microsoft.ActiveDirectory.Management.ADObject] $Identity,
        [Parameter(ParameterSetName = 'Identity')][hashtable] $Add, [Parameter(ParameterSetName = 'Identity')][hashtable] $Remove, [string] $Server
    )
    $domain = Get-DomainAt $PSCmdlet $Server
    $found = Find-Object $PSCmdlet $domain $Identity
    if (-not $PSCmdlet.ShouldProcess($found.dn)) { return }
    if ($Add) { Edit-Values $PSCmdlet $found.it Add $Add }
    if ($Remove) { Edit-Values $PSCmdlet $found.it Remove $Remove }
}

function Set-ADAccountControl {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [string] $Server, [bool] $TrustedToAuthForDelegation, [bool] $TrustedForDelegation, [bool] $AccountNotDelegated)
    Set-StrictMode -Off
    $domain = Get-DomainAt $PSCmdlet $Server
    $found = Find-Object $PSCmdlet $domain $Identity
    if (-not $PSCmdlet.ShouldProcess($found.dn)) { return }
    foreach ($name in 'TrustedToAuthForDelegation', 'TrustedForDelegation', 'AccountNotDelegated') {
        if ($PSBoundParameters.ContainsKey($name)) { $found.it[$attributes[$name]] = $PSBoundParameters[$name] }
    }
}

# Change one thing of an account.
function Edit-Account($Cmdlet, [string] $Server, $Identity, [string] $Key, $Value) {
    $found = Find-Object $Cmdlet (Get-DomainAt $Cmdlet $Server) $Identity
    if ($Cmdlet.ShouldProcess($found.dn)) { $found.it[$Key] = $Value }
}

function Enable-ADAccount {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [string] $Server)
    Edit-Account $PSCmdlet $Server $Identity enabled $true
}

function Disable-ADAccount {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [string] $Server)
    Edit-Account $PSCmdlet $Server $Identity enabled $false
}

function Unlock-ADAccount {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [string] $Server)
    Edit-Account $PSCmdlet $Server $Identity locked $false
}

function Clear-ADAccountExpiration {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [string] $Server)
    Edit-Account $PSCmdlet $Server $Identity expires $null
}

function Set-ADAccountExpiration {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADAccount] $Identity, [Parameter(Position = 1)][datetime] $DateTime, [string] $Server)
    Edit-Account $PSCmdlet $Server $Identity expires (Get-Date -Date $DateTime.ToUniversalTime() -Format 'yyyy-MM-ddTHH:mm:ssZ')
}

function Add-ADGroupMember {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADGroup] $Identity,
        [Parameter(Mandatory, Position = 1)][Microsoft.ActiveDirectory.Management.ADPrincipal[]] $Members, [string] $Server
    )
    Set-StrictMode -Off
    $domain = Get-DomainAt $PSCmdlet $Server
    $group = Find-Object $PSCmdlet $domain $Identity group
    $who = @($Members | ForEach-Object { Find-Object $PSCmdlet $domain $_ })
    if ($PSCmdlet.ShouldProcess($group.dn)) { foreach ($each in $who) { $each.it.member_of = @($each.it.member_of | Where-Object { $_ }) + @($group.dn) } }
}

function Remove-ADGroupMember {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param(
        [Parameter(Mandatory, Position = 0)][Microsoft.ActiveDirectory.Management.ADGroup] $Identity,
        [Parameter(Mandatory, Position = 1)][Microsoft.ActiveDirectory.Management.ADPrincipal[]] $Members, [string] $Server
    )
    Set-StrictMode -Off
    $domain = Get-DomainAt $PSCmdlet $Server
    $group = Find-Object $PSCmdlet $domain $Identity group
    $who = @($Members | ForEach-Object { Find-Object $PSCmdlet $domain $_ })
    if ($PSCmdlet.ShouldProcess($group.dn)) { foreach ($each in $who) { $each.it.member_of = @($each.it.member_of | Where-Object { $_ -ne $group.dn }) } }
}
if (-not [StandIn.World]::Host['directory_module']) { Remove-Item function:*-AD* }
