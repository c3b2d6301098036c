<#
.SYNOPSIS
Answers the facts of one Hyper-V host as JSON: one text that says who answers, then one text a section. Reads only; changes nothing.

.DESCRIPTION
Windows PowerShell 3.0 to 5.1, Windows Server 2012 and later. Each section is one function Read-<name> that returns exactly the value of the
field of that name, and fails alone. A failure is answered in numbers and identifiers, which no language changes. The request comes as data.
Head and frame keep to what ConstrainedLanguage allows: there a section that needs more fails alone too.

.PARAMETER Request
JSON: {"frame": 2, "sections": ["os"], "partners": [{"partner": "testserver02", "names": [], "addresses": [], "ports": []}], "domains": [], "port_timeout_ms": 1000, "most_addresses": 16, "files": []}
For the section events also: "events": {"days": 7, "most": 500}
#>
param([Parameter(Mandatory = $true)][string] $Request)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$VerbosePreference = 'SilentlyContinue'
$DebugPreference = 'SilentlyContinue'
$script:HyperVHost = $null

# --- helpers ---

# The exception that happened, without those in which PowerShell, reflection and tasks wrap it.
function Get-RootException($Exception) {
    while ($null -ne $Exception.InnerException -and ($Exception -is [System.Management.Automation.RuntimeException] -or $Exception -is [System.Reflection.TargetInvocationException] -or $Exception -is [System.AggregateException])) {
        $Exception = $Exception.InnerException
    }
    return $Exception
}

# What failed, in numbers and identifiers; only `text` is in the host's language.
function Get-Failure($Record) {
    $exception = Get-RootException $Record.Exception
    $native = $null
    if ($exception -is [System.ComponentModel.Win32Exception]) { $native = [int]$exception.NativeErrorCode }
    $line = 0
    if ($null -ne $Record.InvocationInfo) { $line = [int]$Record.InvocationInfo.ScriptLineNumber }
    return @{
        type     = [string]$exception.PSObject.TypeNames[0]
        id       = [string]$Record.FullyQualifiedErrorId
        reason   = [string]$Record.CategoryInfo.Reason
        category = [string]$Record.CategoryInfo.Category
        hresult  = '0x{0:X8}' -f $exception.HResult
        native   = $native
        line     = $line
        text     = [string]$exception.Message
    }
}

# A property that this Windows may not have: absent is null, and so is one of nothing.
function Get-Optional($Object, [string] $Name) {
    if ($null -eq $Object) { return $null }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

# A number or an enumeration's number. Null stays null, because a cast would make it zero.
function Get-Number($Value) {
    if ($null -eq $Value) { return $null }
    return [long]$Value
}

function Get-Utc($Date) {
    if ($null -eq $Date) { return $null }
    return $Date.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
}

# A hardware address as upper case hex without separators.
function Get-Mac($Text) {
    return ([string]$Text -replace '[^0-9A-Fa-f]', '').ToUpperInvariant()
}

# Of some things there is always one: none means no right to see it, or that what would answer does not run. The thrown text is also the id.
function Confirm-Any($Rows, [string] $Of) {
    if (@($Rows | Where-Object { $null -ne $_ }).Count -eq 0) { throw ('NothingAnswered, though there is always one: ' + $Of) }
}

# Get-VMHost, asked once. It proves the right, without which some Windows versions answer "none" instead of an error.
function Get-HyperVHost {
    if ($null -eq $script:HyperVHost) { $script:HyperVHost = Get-VMHost }
    Confirm-Any $script:HyperVHost 'Get-VMHost'
    return $script:HyperVHost
}

# A value that is always there: without it the section was not read. The thrown text is also the id.
function Get-Required($Object, [string] $Name, [string] $Of) {
    $value = Get-Optional $Object $Name
    if ($null -eq $value) { throw ('ValueMissing, though there is always one: ' + $Of + '.' + $Name) }
    return $value
}

# The id of the VM or checkpoint that settings belong to, in `Microsoft:ID\...`. Nothing for those that only say what can be set.
function Get-Owner([string] $InstanceId) {
    if ($InstanceId -match '^Microsoft:[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\') { return $InstanceId.Substring(10, 36).ToLowerInvariant() }
    return $null
}
