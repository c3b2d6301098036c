# Uses the module HvPreflight as somebody does (see test_module.py), and writes what it gave to got.json.
param([Parameter(Mandatory = $true)][string] $Folder)
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::Latin1
$given = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText("$Folder/given.json"))
Set-Location -LiteralPath $given.here
Import-Module "$Folder/made/HvPreflight"
$PSDefaultParameterValues['Test-HvMigration:Program'] = $given.program

function Get-ErrorOf([scriptblock] $Block) {
    try { $null = & $Block } catch { return @{ id = $_.FullyQualifiedErrorId; category = [string]$_.CategoryInfo.Category; text = $_.Exception.Message } }
}

$secret = New-Object System.Security.SecureString
foreach ($character in $given.password.ToCharArray()) { $secret.AppendChar($character) }
$credential = New-Object System.Management.Automation.PSCredential -ArgumentList $given.user, $secret

$run = Get-Item -LiteralPath $given.plan | Test-HvMigration -Snapshot $given.snapshot -AllowExpired -Skip network
$whole = $run | Get-HvMigrationFinding
$open = $run | Get-HvMigrationFinding -Outcome FAIL -Severity BLOCKER
$null = Test-HvMigration -Plan $given.plan -Credential $credential -Program $given.telling -Only $given.only -Skip 'a b', '' -OutputFolder 'out\' -ErrorAction SilentlyContinue -ErrorVariable told
$typed = 'Test-HvMigration -Plan x -Only delegation.ci'
$answer = @{
    run       = $run
    findings  = @($whole).Count
    open      = @($open)
    areas     = @($run | Get-HvMigrationFinding -Check delegation | ForEach-Object { $_.Check } | Sort-Object -Unique)
    csv       = @($open | Select-Object -First 1 | ConvertTo-Csv -NoTypeInformation).Count
    told      = $told[0].Exception.Message
    left      = [System.Environment]::GetEnvironmentVariable('HVPREFLIGHT_PASSWORD')
    completed = @([System.Management.Automation.CommandCompletion]::CompleteInput($typed, $typed.Length, $null).CompletionMatches | ForEach-Object { $_.CompletionText })
    outcomes  = @((Get-Command Get-HvMigrationFinding).Parameters['Outcome'].Attributes.ValidValues)
    clear     = @((Get-Command Test-HvMigration).Parameters.Keys | Where-Object { $_ -like '*password*' })
    help      = @('Test-HvMigration', 'Get-HvMigrationFinding' | ForEach-Object {
            $help = Get-Help $_ -Full
            $named = @($help.parameters.parameter | Where-Object { $_.description } | ForEach-Object { $_.name })
            $own = @((Get-Command $_).Parameters.Values | Where-Object { $_.Attributes.TypeId.Name -contains 'ParameterAttribute' -and [System.Management.Automation.Cmdlet]::CommonParameters -notcontains $_.Name } | ForEach-Object { $_.Name })
            @{ synopsis = $help.Synopsis; examples = @($help.examples.example).Count; lacks = @($own | Where-Object { $named -notcontains $_ }) }
        })
    wrong     = $told[0].FullyQualifiedErrorId
    absent    = Get-ErrorOf { Test-HvMigration -Plan x -Program no-such-program }
    batch     = Get-ErrorOf { Test-HvMigration -Plan x -Program $given.batch }
    nothing   = Get-ErrorOf { Get-HvMigrationFinding -Run $given.here }
    unread    = Get-ErrorOf { Get-HvMigrationFinding -Run ($given.here + '/broken') }
}
[System.IO.File]::WriteAllText("$Folder/got.json", (ConvertTo-Json -Depth 6 -Compress -InputObject $answer))
[System.Environment]::Exit(0)
