# How a host takes and gives live migrations, and its VMs, with what changes them.

function New-HyperVRefusal([string] $Kind, [string] $Text) {
    New-Refusal $Kind $(if ($Kind -eq 'ObjectNotFound') { 'ObjectNotFound' } else { 'InvalidArgument' }) $Text 'Microsoft.HyperV.PowerShell.VirtualizationException'
}

# The machine that a cmdlet is asked about, with Hyper-V on it.
function Get-HyperV($Cmdlet, [string[]] $ComputerName) {
    Set-StrictMode -Off
    Enter-Call $Cmdlet.MyInvocation.MyCommand.Name ([string]$ComputerName)
    $machine = Find-Machine ([string]$ComputerName)
    if ($null -eq $machine) { $Cmdlet.ThrowTerminatingError((New-HyperVRefusal 'InvalidParameter' "The Hyper-V module used in this Windows PowerShell session cannot reach $ComputerName.")) }
    $machine
}

function Get-VMHost {
    [CmdletBinding()] param([Parameter(Position = 0)][string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    $said = $machine.hyperv
    $found = [pscustomobject]@{
        ComputerName                              = $machine.name
        VirtualMachineMigrationEnabled            = [bool]$said.enabled
        VirtualMachineMigrationAuthenticationType = [Microsoft.HyperV.PowerShell.MigrationAuthenticationType]$said.authentication
        VirtualMachineMigrationPerformanceOption  = $null
        MaximumVirtualMachineMigrations           = [uint32]$said.maximum_migrations
        MaximumStorageMigrations                  = [uint32]$said.maximum_storage_migrations
        UseAnyNetworkForMigration                 = [bool]$said.any_network
    }
    if ($null -ne $said.performance_option) { $found.VirtualMachineMigrationPerformanceOption = [Microsoft.HyperV.PowerShell.VMMigrationPerformance]$said.performance_option }
    $found
}

function Set-VMHost {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Position = 0)][string[]] $ComputerName, [uint32] $MaximumStorageMigrations, [uint32] $MaximumVirtualMachineMigrations,
        [Microsoft.HyperV.PowerShell.MigrationAuthenticationType] $VirtualMachineMigrationAuthenticationType, [bool] $UseAnyNetworkForMigration,
        [Microsoft.HyperV.PowerShell.VMMigrationPerformance] $VirtualMachineMigrationPerformanceOption
    )
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    if (-not $PSCmdlet.ShouldProcess($machine.name)) { return }
    $said = $machine.hyperv
    if ($PSBoundParameters.ContainsKey('MaximumStorageMigrations')) { $said.maximum_storage_migrations = [int]$MaximumStorageMigrations }
    if ($PSBoundParameters.ContainsKey('MaximumVirtualMachineMigrations')) { $said.maximum_migrations = [int]$MaximumVirtualMachineMigrations }
    if ($PSBoundParameters.ContainsKey('VirtualMachineMigrationAuthenticationType')) { $said.authentication = [string]$VirtualMachineMigrationAuthenticationType }
    if ($PSBoundParameters.ContainsKey('UseAnyNetworkForMigration')) { $said.any_network = $UseAnyNetworkForMigration }
    if ($PSBoundParameters.ContainsKey('VirtualMachineMigrationPerformanceOption')) {
        if ($null -eq $said.performance_option) { $PSCmdlet.ThrowTerminatingError((New-Refusal 'NamedParameterNotFound' 'InvalidArgument' "A parameter cannot be found that matches parameter name 'VirtualMachineMigrationPerformanceOption'." 'System.Management.Automation.ParameterBindingException')) }
        $said.performance_option = [string]$VirtualMachineMigrationPerformanceOption
    }
}

function Enable-VMMigration {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Position = 0)][string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    if (-not $machine.joined) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'OperationFailed' 'Live migration requires a domain.')) }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.hyperv.enabled = $true }
}

function Disable-VMMigration {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Position = 0)][string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.hyperv.enabled = $false }
}

# --- migration networks ---

function Test-Subnet([string] $Subnet) {
    $address = $null
    $parts = $Subnet -split '/'
    [ipaddress]::TryParse($parts[0], [ref]$address) -and ($parts.Count -eq 1 -or [int]$parts[1] -le 8 * $address.GetAddressBytes().Length)
}

function Get-VMMigrationNetwork {
    [CmdletBinding()] param([Parameter(Position = 0)][string[]] $Subnet, [string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    foreach ($each in $machine.hyperv.networks) {
        if (-not $Subnet -or $Subnet -contains $each.subnet) { [pscustomobject]@{ Subnet = $each.subnet; Priority = [uint32]$each.priority; ComputerName = $machine.name } }
    }
}

function Add-VMMigrationNetwork {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Subnet, [Parameter(Position = 1)][uint32] $Priority, [string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    if (-not (Test-Subnet $Subnet)) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'InvalidParameter' "'$Subnet' is not a valid network address.")) }
    if (@($machine.hyperv.networks | Where-Object { $_.subnet -eq $Subnet }).Count) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'InvalidParameter' "The migration network '$Subnet' exists already.")) }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.hyperv.networks = @($machine.hyperv.networks) + @(@{ subnet = $Subnet; priority = [int]$Priority }) }
}

function Remove-VMMigrationNetwork {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Subnet, [string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    if (-not @($machine.hyperv.networks | Where-Object { $_.subnet -eq $Subnet }).Count) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'ObjectNotFound' "The migration network '$Subnet' was not found.")) }
    if ($PSCmdlet.ShouldProcess($machine.name)) { $machine.hyperv.networks = @($machine.hyperv.networks | Where-Object { $_.subnet -ne $Subnet }) }
}

function Set-VMMigrationNetwork {
    [CmdletBinding(SupportsShouldProcess)] param([Parameter(Mandatory, Position = 0)][string] $Subnet, [Parameter(Position = 1)][string] $NewSubnet, [uint32] $NewPriority, [string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    $found = @($machine.hyperv.networks | Where-Object { $_.subnet -eq $Subnet })
    if ($found.Count -eq 0) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'ObjectNotFound' "The migration network '$Subnet' was not found.")) }
    if (-not $PSCmdlet.ShouldProcess($machine.name)) { return }
    if ($NewSubnet) { $found[0].subnet = $NewSubnet }
    if ($PSBoundParameters.ContainsKey('NewPriority')) { $found[0].priority = [int]$NewPriority }
}

# --- VMs ---

function Get-VM {
    [CmdletBinding(DefaultParameterSetName = 'Name')]
    param([Parameter(ParameterSetName = 'Name', Position = 0)][string[]] $Name, [Parameter(ParameterSetName = 'Id', Position = 0)][guid] $Id, [string[]] $ComputerName)
    Set-StrictMode -Off
    $machine = Get-HyperV $PSCmdlet $ComputerName
    $found = @($machine.vms.Keys | Where-Object { (-not $Id -or [guid]$_ -eq $Id) -and (-not $Name -or $Name -contains $machine.vms[$_].name) })
    if ($found.Count -eq 0 -and ($Id -or $Name)) { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'InvalidParameter' 'Hyper-V was unable to find a virtual machine.')) }
    foreach ($key in $found) {
        $vm = $machine.vms[$key]
        [Microsoft.HyperV.PowerShell.VirtualMachine]@{ Name = $vm.name; Id = [guid]$key; State = $vm.state; OperationalStatus = 'Ok'; Version = $vm.version; ComputerName = $machine.full_name; Kept = $vm }
    }
}

function Start-VM {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Name')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')][string[]] $Name, [Parameter(ParameterSetName = 'Name')][string[]] $ComputerName,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'VMObject', ValueFromPipeline)][Microsoft.HyperV.PowerShell.VirtualMachine[]] $VM
    )
    process {
        Enter-Call Start-VM
        if ($Name) { $VM = Get-VM -Name $Name -ComputerName $ComputerName }
        foreach ($each in $VM) { if ($PSCmdlet.ShouldProcess($each.Name)) { $each.Kept.state = 'Running' } }
    }
}

function Stop-VM {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Name')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')][string[]] $Name, [Parameter(ParameterSetName = 'Name')][string[]] $ComputerName,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'VMObject', ValueFromPipeline)][Microsoft.HyperV.PowerShell.VirtualMachine[]] $VM
    )
    process {
        Enter-Call Stop-VM
        if ($Name) { $VM = Get-VM -Name $Name -ComputerName $ComputerName }
        foreach ($each in $VM) { if ($PSCmdlet.ShouldProcess($each.Name)) { $each.Kept.state = 'Off' } }
    }
}

function Update-VMVersion {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', DefaultParameterSetName = 'Name')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Name')][string[]] $Name, [Parameter(ParameterSetName = 'Name')][string[]] $ComputerName,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'VMObject', ValueFromPipeline)][Microsoft.HyperV.PowerShell.VirtualMachine[]] $VM, [switch] $Force
    )
    process {
        Enter-Call Update-VMVersion
        if ($Name) { $VM = Get-VM -Name $Name -ComputerName $ComputerName }
        foreach ($each in $VM) {
            if ($each.Kept.state -ne 'Off') { $PSCmdlet.ThrowTerminatingError((New-HyperVRefusal 'InvalidState' 'The virtual machine has to be off.')) }
            if ($Force -or $PSCmdlet.ShouldProcess($each.Name)) { $each.Kept.version = '9.0' }
        }
    }
}
if (@([StandIn.World]::Host['features']) -notcontains 'Hyper-V') {
    foreach ($name in 'Get-VMHost', 'Set-VMHost', 'Enable-VMMigration', 'Disable-VMMigration') { Remove-Item "function:$name" }
}
