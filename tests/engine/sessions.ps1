# Runs script.ps1 of a folder in a session of the wanted language mode, and writes what it put out to got.json (see sessions.py).
param([Parameter(Mandatory = $true)][string] $Folder)
$given = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText("$Folder/given.json"))
$shell = [powershell]::Create()
$shell.Runspace.SessionStateProxy.LanguageMode = $given.mode
$null = $shell.AddScript([System.IO.File]::ReadAllText("$Folder/script.ps1")).AddParameter('Request', $given.request)
$nothing = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
$nothing.Complete()
$output = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
$running = $shell.BeginInvoke($nothing, $output)
while (-not $running.IsCompleted -and $output.Count -lt $given.enough) { $null = $running.AsyncWaitHandle.WaitOne(50) }
$got = @{ texts = @($output.ReadAll() | ForEach-Object { , @($_.ToString().ToCharArray() | ForEach-Object { [int]$_ }) }); ended = $running.IsCompleted; failure = $null }
if ($got.ended) { try { $null = $shell.EndInvoke($running) } catch { $got.failure = $_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId } }
[System.IO.File]::WriteAllText("$Folder/got.json", (ConvertTo-Json -Depth 4 -Compress -InputObject $got))
[System.Environment]::Exit(0)
