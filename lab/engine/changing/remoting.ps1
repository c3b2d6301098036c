# PowerShell remoting to another machine of the same forest: the block runs in a runspace of its own, with nothing but its arguments, and
# what comes back has gone through serialization.

function Connect-Machine($Name, [bool] $Tls) {
    Set-StrictMode -Off
    $machine = Find-Machine $Name
    if ($null -eq $machine -or -not $machine.winrm -or ([bool]$machine.tls -ne $Tls)) { return }
    $machine
}

function New-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'ComputerName')]
    param(
        [Parameter(ParameterSetName = 'ComputerName', Position = 0)][string[]] $ComputerName, [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][pscredential] $Credential
    )
    Enter-Call New-PSSession $ComputerName
    $machine = Connect-Machine $ComputerName[0] $UseSSL
    if ($null -eq $machine) { $PSCmdlet.WriteError((New-Silence $ComputerName[0])); return }
    # One that is never opened: where it leads stands beside it.
    $session = [System.Management.Automation.Runspaces.PSSession]::Create([runspacefactory]::CreateOutOfProcessRunspace($null), 'WSMan', $PSCmdlet)
    $session | Add-Member -NotePropertyName Machine -NotePropertyValue $machine -PassThru
}

function Remove-PSSession {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Id')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'Session')][System.Management.Automation.Runspaces.PSSession[]] $Session
    )
    if ($Id) { throw "The stand-in keeps no list of sessions: $Id" }
    foreach ($each in $Session) { if ($PSCmdlet.ShouldProcess($each.Name)) { $each.Machine = $null } }
}

function Invoke-Command {
    [CmdletBinding(DefaultParameterSetName = 'InProcess')]
    param(
        [Parameter(ParameterSetName = 'ComputerName', Position = 0)][string[]] $ComputerName,
        [Parameter(ParameterSetName = 'Session', Position = 0)][System.Management.Automation.Runspaces.PSSession[]] $Session,
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'InProcess')]
        [Parameter(Mandatory, Position = 1, ParameterSetName = 'ComputerName')]
        [Parameter(Mandatory, Position = 1, ParameterSetName = 'Session')][scriptblock] $ScriptBlock,
        [object[]] $ArgumentList, [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL, [Parameter(ParameterSetName = 'ComputerName')][pscredential] $Credential
    )
    if ($PSCmdlet.ParameterSetName -eq 'InProcess') { return & $ScriptBlock @ArgumentList }
    $machine = if ($Session) { $Session[0].Machine } else { Connect-Machine $ComputerName[0] $UseSSL }
    Enter-Call Invoke-Command $machine.full_name
    if ($null -eq $machine) { $PSCmdlet.WriteError((New-Silence $ComputerName[0])); return }
    $sent = @($ArgumentList | ForEach-Object { , [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_, 3)) })
    $there = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
    $there.ThreadOptions = 'UseCurrentThread'
    $before = [StandIn.World]::Host, [runspace]::DefaultRunspace
    try {
        [StandIn.World]::Host = $machine
        $there.Open()
        [runspace]::DefaultRunspace = $there
        $null = [powershell]::Create($there).AddScript([StandIn.World]::Prepare).Invoke()
        $shell = [powershell]::Create($there).AddScript($ScriptBlock.ToString())
        foreach ($each in $sent) { $null = $shell.AddArgument($each) }
        $fault = $null
        $output = @()
        try { $output = $shell.Invoke() } catch { $fault = $_.Exception.InnerException.ErrorRecord }
        $errors = @($shell.Streams.Error)
    }
    finally {
        [StandIn.World]::Host, [runspace]::DefaultRunspace = $before
        $there.Dispose()
    }
    foreach ($each in $output) { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($each, 2)) }
    foreach ($record in $errors) { $PSCmdlet.WriteError($record) }
    if ($null -ne $fault) { $PSCmdlet.ThrowTerminatingError($fault) }
}
