# A forest that can be changed: what several cmdlets need. Its state is plain data, which a run leaves behind in its answer:
#   {"hosts": {FULL NAME: host}, "domains": {DNS NAME: domain}, "calls": [...], "ran": [...], "meanwhile": [...], "answers": {QUESTION: answer}}
# `calls` are the cmdlets that were run, with where; `ran` the programs; `meanwhile` is what somebody else does before a call (or before
# an "answer"); `answers` are what a person types, and under "confirm" what is said to the script's own questions (person.cs).

function New-Refusal([string] $Id, [string] $Category, [string] $Text, [string] $Type = 'System.Exception') {
    [StandIn.Failing]::Record(@{ id = $Id; category = $Category; text = $Text; type = $Type; hresult = '0x80131500' })
}

# Every cmdlet begins with this: it is written down, and what somebody else does before it happens.
function Enter-Call([string] $Cmdlet, $Where = '') {
    Set-StrictMode -Off
    $forest = [StandIn.World]::Forest
    $forest.calls = @($forest.calls) + @(@{ cmdlet = $Cmdlet; where = [string]$Where; host = [string][StandIn.World]::Host.full_name })
    $number = @($forest.calls | Where-Object { $_.cmdlet -eq $Cmdlet }).Count
    foreach ($act in @($forest.meanwhile | Where-Object { $_.before -eq $Cmdlet -and $_.number -eq $number })) {
        $place = $forest
        $path = @($act.path)
        foreach ($key in @($path | Select-Object -SkipLast 1)) { $place = $place[$key] }
        $place[$path[-1]] = $act.value
    }
}

# A machine by its short or full name; nothing where there is none or it does not answer.
function Find-Machine([string] $Name) {
    Set-StrictMode -Off
    if ($Name -in '', '.', 'localhost') { return [StandIn.World]::Host }
    foreach ($host_ in [StandIn.World]::Forest.hosts.Values) {
        if ($host_.full_name -eq $Name -or $host_.answers_to -contains $Name) { return $host_ }
    }
    foreach ($host_ in [StandIn.World]::Forest.hosts.Values) {
        if ($host_.name -eq $Name) { return $host_ }
    }
}

function New-Silence([string] $Name) {
    New-Refusal 'WinRMOperationTimeout,PSSessionStateBroken' 'OpenError' "Connecting to remote server $Name failed with the following error message : WinRM cannot complete the operation." 'System.Management.Automation.Remoting.PSRemotingTransportException'
}

# Runs something in the place of another machine.
function Invoke-At($Machine, [scriptblock] $Do) {
    $before = [StandIn.World]::Host
    [StandIn.World]::Host = $Machine
    try { & $Do } finally { [StandIn.World]::Host = $before }
}

# What a person types where this is asked.
function Get-Answer([string] $Asked) {
    $answer = ([StandIn.World]::Forest)['answers'][$Asked]
    if ($null -eq $answer) { throw "Nobody answers: $Asked" }
    $answer
}

function Read-Host {
    param([Parameter(Position = 0)] $Prompt)
    Get-Answer $Prompt
}

function Get-Credential {
    [CmdletBinding(DefaultParameterSetName = 'CredentialSet')]
    param(
        [Parameter(Mandatory, Position = 0, ParameterSetName = 'CredentialSet')][pscredential] $Credential,
        [Parameter(Mandatory, ParameterSetName = 'MessageSet')][string] $Message,
        [Parameter(Position = 0, ParameterSetName = 'MessageSet')][string] $UserName
    )
    if ($Credential) { return $Credential }
    [pscredential]::new((Get-Answer $Message), [securestring]::new())
}

# A program is written down with its arguments.
function Register-Program([string] $Name, $Arguments) {
    Set-StrictMode -Off
    $forest = [StandIn.World]::Forest
    $forest.ran = @($forest.ran) + @((@([StandIn.World]::Host.name, $Name) + $Arguments) -join ' ')
    "$Name done"
}
foreach ($program in 'repadmin', 'repadmin.exe', 'klist.exe', 'w32tm.exe', 'mofcomp.exe', 'netsh.exe', 'reg.exe', 'quser.exe', 'icacls.exe') {
    Set-Item -Path "function:$program" -Value ([scriptblock]::Create("Register-Program '$program' `$args"))
}
