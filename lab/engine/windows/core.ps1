# What every run of a script finds: the language of the host, the .NET types of Windows that another system does not have, and the means by
# which cmdlets answer.

[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = [StandIn.World]::Host['language']

$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
$replaced = @{
    'adsi'                                                 = [StandIn.DirectoryEntry]
    'Microsoft.Win32.Registry'                             = [StandIn.Registry]
    'System.IO.File'                                       = [StandIn.File]
    'System.Net.Dns'                                       = [StandIn.Dns]
    'System.Net.Sockets.TcpClient'                         = [StandIn.TcpClient]
    'System.Security.Principal.IdentityNotMappedException' = [StandIn.IdentityNotMapped]
    'System.Security.Principal.NTAccount'                  = [StandIn.NTAccount]
    'System.Security.Principal.SecurityIdentifier'         = [StandIn.SecurityIdentifier]
    'System.Security.Principal.WindowsIdentity'            = [StandIn.WindowsIdentity]
}
foreach ($name in $replaced.Keys) {
    $null = $accelerators::Remove($name)
    $accelerators::Add($name, $replaced[$name])
}

# Ends a cmdlet as this world lets it fail.
function Assert-Works([string] $What) {
    $record = [StandIn.Failing]::Of($What)
    if ($record) { throw $record }
}

# What a cmdlet answers in this world.
function Get-Told([string] $Cmdlet) {
    Assert-Works $Cmdlet
    $told = [StandIn.World]::Table('cmdlets')
    if (-not $told.ContainsKey($Cmdlet)) {
        throw [System.Management.Automation.CommandNotFoundException]::new("The term '$Cmdlet' is not recognized as a name of a cmdlet, function, script file, or executable program.")
    }
    $told[$Cmdlet]
}

function New-CimError([string] $Number, [string] $Category, [string] $Text) {
    [StandIn.Failing]::Record(@{
            type = 'Microsoft.Management.Infrastructure.CimException'; hresult = '0x80131500'; category = $Category; text = $Text
            id   = "HRESULT $Number,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
        })
}

# Conditions of WQL, one of which has to hold: equality with a number or a text.
function Test-Wql($Row, [string] $Filter) {
    foreach ($condition in $Filter -split '\s+OR\s+') {
        if ($condition -notmatch '^\s*(\w+)\s*=\s*(?:''([^'']*)''|(\d+))\s*$') { throw (New-CimError '0x80041017' 'InvalidArgument' 'Invalid query') }
        $wanted = if ($null -ne $Matches[2]) { $Matches[2] } else { $Matches[3] }
        if ([string]$Row.($Matches[1]) -eq $wanted) { return $true }
    }
    $false
}

function Get-CimInstance {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][string] $ClassName, [string] $Namespace = 'root/cimv2', [string] $Filter)
    $place = $Namespace.Replace('\', '/')
    Assert-Works $ClassName
    $classes = [StandIn.World]::Table('cim')[$place]
    if ($null -eq $classes) { throw (New-CimError '0x8004100e' 'MetadataError' 'Invalid namespace ') }
    if ($ClassName -eq '__NAMESPACE') { return }
    if (-not $classes.ContainsKey($ClassName)) { throw (New-CimError '0x80041010' 'MetadataError' 'Invalid class ') }
    foreach ($row in $classes[$ClassName]) {
        if (-not $Filter -or (Test-Wql $row $Filter)) { $row }
    }
}
