# PowerShell remoting to another machine of the same forest: the block runs in a runspace of its own, with nothing but its arguments, and
# what comes back has gone through serialization.

function Connect-Machine($Name, [bool] $Tls) {
    Set-StrictMode -Off
    $machine = Find-Machine $Name
    if ($null -eq $machine -or -not $machine.winrm -or ([bool]$machine.tls -ne $Tls)) { return }
    $machine
}

function New-PSSession {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string[]] $ComputerName, [switch] $UseSSL, [pscredential] $Credential)
    Enter-Call New-PSSession $ComputerName
    $machine = Connect-Machine $ComputerName[0] $UseSSL
    if ($null -eq $machine) { $PSCmdlet.WriteError((New-Silence $ComputerName[0])); return }
    [pscustomobject]@{ ComputerName = $ComputerName[0]; Machine = $machine; State = 'Opened' }
}

function Remove-PSSession {
    param([Parameter(Mandatory, Position = 0)] $Session)
    $Session.State = 'Closed'
}

function Invoke-Command {
    [CmdletBinding(DefaultParameterSetName = 'Computer')]
    param(
        [Parameter(ParameterSetName = 'Computer', Position = 0)][string[]] $ComputerName,
        [Parameter(ParameterSetName = 'Session')] $Session,
        [Parameter(Mandatory, Position = 1)][scriptblock] $ScriptBlock,
        [object[]] $ArgumentList, [switch] $UseSSL, [pscredential] $Credential
    )
    $machine = if ($Session) { $Session.Machine } else { Connect-Machine $ComputerName[0] $UseSSL }
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
