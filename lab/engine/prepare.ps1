<#
.SYNOPSIS
Puts the engine that runs it in the place of a host. To be dot-sourced as the first command of `pwsh -s`.

.DESCRIPTION
Leaves no output and no error behind: the engine breaks the runspace pool when $Error holds anything after the first command.

.PARAMETER World
A file with the host's world (lab/engine/world), as the value of `world`.
#>
param([Parameter(Mandatory)][string] $World)

$ErrorActionPreference = 'Stop'
Add-Type -Path "$PSScriptRoot/windows/types.cs"
$null = [StandIn.World]::Enter([IO.File]::ReadAllText($World))
foreach ($part in Get-Item "$PSScriptRoot/windows/*.ps1") { . $part.FullName }
Remove-Variable -Name World, part, ErrorActionPreference
$Error.Clear()
