<#
.SYNOPSIS
Runs scripts in the places of Windows hosts, one after the other: a JSON request a line in, a JSON answer a line out.

.DESCRIPTION
Request: {"world": {...}, "script": "...", "arguments": {...}, "seconds": 60}; with a "forest" (changing/core.ps1) the run may change it, in the
place of its host with the world's "full_name", and the answer has the forest that it leaves behind.
Answer: {"output": [...], "errors": [{"id", "type", "text"}], "ms": 12, "stopped": false}
Each run has a runspace of its own, and is stopped when its time is over or when something in it hangs. It ends with its input.

.PARAMETER Types
The stand-in's .NET types: their assembly, or their sources.
#>
param([Parameter(Mandatory, ValueFromRemainingArguments)][string[]] $Types)

$ErrorActionPreference = 'Stop'
Add-Type -Path $Types
$reading = (Get-Item "$PSScriptRoot/windows/*.ps1" | ForEach-Object { Get-Content -Raw $_ }) -join "`n"
$changing = (Get-Item "$PSScriptRoot/changing/*.ps1" | ForEach-Object { Get-Content -Raw $_ }) -join "`n"

function Invoke-In($Asked) {
    $state = [initialsessionstate]::CreateDefault2()
    $runspace = if ($Asked.forest) { [runspacefactory]::CreateRunspace([StandIn.Person]::new(), $state) } else { [runspacefactory]::CreateRunspace($state) }
    $runspace.ThreadOptions = 'ReuseThread'
    $runspace.Open()
    $prepare = if ($Asked.forest) { $reading + "`n" + $changing } else { $reading }
    [StandIn.World]::Prepare = $prepare
    $watch = [Diagnostics.Stopwatch]::StartNew()
    try {
        $null = [powershell]::Create($runspace).AddScript($prepare).Invoke()
        $shell = [powershell]::Create($runspace).AddScript($Asked.script)
        foreach ($name in $Asked.arguments.Keys) { $null = $shell.AddParameter($name, $Asked.arguments[$name]) }
        $nothing, $output = 1, 2 | ForEach-Object { , [System.Management.Automation.PSDataCollection[psobject]]::new() }
        $nothing.Complete()
        $null = [StandIn.Failing]::Hangs.Reset(), [StandIn.Failing]::Ended.Reset()
        $running = $shell.BeginInvoke($nothing, $output)
        $stopped = [System.Threading.WaitHandle]::WaitAny(@($running.AsyncWaitHandle, [StandIn.Failing]::Hangs), [int]$Asked.seconds * 1000) -ne 0
        $ended = @()
        if (-not $stopped) {
            try { $null = $shell.EndInvoke($running) }
            catch { $ended = @($_.Exception.InnerException.ErrorRecord) }
        }
        $told = @($output.ReadAll())
        if ($stopped) {
            $null = [StandIn.Failing]::Ended.Set()
            $shell.Stop()
        }
        @{
            output  = $told
            errors  = @(@($shell.Streams.Error) + $ended | ForEach-Object { @{ id = $_.FullyQualifiedErrorId; type = $_.Exception.GetType().FullName; text = $_.Exception.Message } })
            ms      = $watch.ElapsedMilliseconds
            stopped = $stopped
            forest  = $Asked.forest
        }
    }
    finally {
        $runspace.Dispose()
    }
}

while ($null -ne ($line = [Console]::In.ReadLine())) {
    try { $answer = Invoke-In ([StandIn.World]::Enter($line)) }
    catch { $answer = @{ failed = "$_ $($_.ScriptStackTrace)" } }
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $answer -Depth 16 -Compress))
}
