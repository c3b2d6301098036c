<#
.SYNOPSIS
Puts the engine that runs it in the place of a host. To be dot-sourced as the first command of `pwsh -s`.

.DESCRIPTION
Leaves no output and no error behind: the engine breaks the runspace pool when $Error holds anything after the first command.

.PARAMETER World
A file with the host's world (lab/engine/world), as the value of `world`.

.PARAMETER Types
The stand-in's .NET types: their assembly, or their sources.
#>
param([Parameter(Mandatory)][string] $World, [Parameter(Mandatory)][string[]] $Types)

$ErrorActionPreference = 'Stop'
Add-Type -Path $Types
$null = [StandIn.World]::Enter([IO.File]::ReadAllText($World))
foreach ($part in Get-Item "$PSScriptRoot/windows/*.ps1") { . $part.FullName }
Remove-Variable -Name World, Types, part, ErrorActionPreference
$Error.Clear()
