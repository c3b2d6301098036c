# Reads a host as an ordinary session does and through a session configuration, and tries in the latter what it must refuse (see
# test_endpoint.py). The commands of Windows come from a module, as there; those of the other modules of Windows too.
param([Parameter(Mandatory = $true)][string] $Folder)
$ErrorActionPreference = 'Stop'
$given = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText("$Folder/given.json"))
$env:PSModulePath = "$Folder" + [System.IO.Path]::PathSeparator + $env:PSModulePath
Import-Module -Name Hyper-V  # before anything names a type that it replaces

function Get-Tried($Runspace, $Tried) {
    $shell = [powershell]::Create()
    $shell.Runspace = $Runspace
    $null = if ($Tried.script) { $shell.AddScript($Tried.script) } else { $shell.AddCommand($Tried.command) }
    foreach ($parameter in $Tried.parameters.PSObject.Properties) { $null = $shell.AddParameter($parameter.Name, $parameter.Value) }
    $got = @{ texts = @(); failure = $null; errors = @() }
    try { $got.texts = @($shell.Invoke() | ForEach-Object { "$_" }) }
    catch { $got.failure = $_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId }
    $got.errors = @($shell.Streams.Error | ForEach-Object { $_.FullyQualifiedErrorId })
    return $got
}

$ordinary = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
$ordinary.Open()
$state = [initialsessionstate]::CreateFromSessionConfigurationFile($given.configuration, [Func[string, bool]] { param($Role) $Role -eq $given.role })
$limited = [runspacefactory]::CreateRunspace($state)
$limited.Open()
$answer = @{
    ordinary = Get-Tried $ordinary $given.ordinary
    limited  = @($given.limited | ForEach-Object { Get-Tried $limited $_ })
}
[System.IO.File]::WriteAllText("$Folder/got.json", (ConvertTo-Json -Depth 5 -Compress -InputObject $answer))
[System.Environment]::Exit(0)
