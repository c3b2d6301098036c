# For Windows PowerShell 5.1 and PowerShell 7. The areas and checks that there are stand in $known. Starts the program hvpreflight, and makes objects of what it says.

Set-StrictMode -Version 2.0

# One argument as a program takes it apart (CommandLineToArgvW): quotes, and the backslashes before them, get a backslash each.
function ConvertTo-Argument([string] $Value) {
    if ($Value -match '^[\w.:\\/=-]+$') { return $Value }
    return '"' + ($Value -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
}

function New-Failure([string] $Id, [string] $Text, [System.Management.Automation.ErrorCategory] $Category, $Target) {
    $exception = New-Object System.InvalidOperationException -ArgumentList $Text
    return New-Object System.Management.Automation.ErrorRecord -ArgumentList $exception, $Id, $Category, $Target
}

# A program by its name or path. What is no program of its own (.cmd, .bat) is not taken: whatever is in an argument would run there.
function Get-Program([string] $Name) {
    $found = @(Get-Command -Name ([System.Management.Automation.WildcardPattern]::Escape($Name)) -CommandType Application -ErrorAction Ignore)
    foreach ($each in $found) {
        if ($each.Source -notmatch '\.(cmd|bat)$') { return $each.Source }
    }
    return $null
}

# Runs the program in the folder where the caller is, and returns its exit code and what it said, which is UTF-8 whatever the code page. A
# password goes into the environment of that process alone. Nothing is asked: there is no input.
function Invoke-Program([string] $Program, [string[]] $Arguments, [System.Management.Automation.PSCredential] $Credential) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $Program
    $start.Arguments = @($Arguments | ForEach-Object { ConvertTo-Argument $_ }) -join ' '
    $start.WorkingDirectory = (Get-Location -PSProvider FileSystem).ProviderPath
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = New-Object System.Text.UTF8Encoding -ArgumentList $false
    $start.StandardErrorEncoding = $start.StandardOutputEncoding
    $start.EnvironmentVariables['PYTHONIOENCODING'] = 'utf-8'
    if ($null -ne $Credential) { $start.EnvironmentVariables['HVPREFLIGHT_PASSWORD'] = $Credential.GetNetworkCredential().Password }
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $said = $process.StandardError.ReadToEndAsync()
        $told = $process.StandardOutput.ReadToEndAsync()
        while (-not $process.WaitForExit(100)) { continue }
        return @{ ExitCode = $process.ExitCode; Output = $told.Result; Error = $said.Result.Trim() }
    }
    finally {
        # Ctrl+C, which is heard between two looks, comes here while the program still runs.
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}

# A result as objects. PowerShell 7 makes times of all texts that look like one, as a name may; where it can be told not to, it is.
function ConvertFrom-Result([string] $Text) {
    $options = @{}
    if ((Get-Command -Name ConvertFrom-Json).Parameters.ContainsKey('DateKind')) { $options['DateKind'] = 'String' }
    return ConvertFrom-Json -InputObject $Text @options
}

# A folder that is not there yet, for a run of this plan.
function Get-NewFolder([string] $Plan) {
    $name = [System.DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ', [System.Globalization.CultureInfo]::InvariantCulture)
    $name = $name + '-' + [System.IO.Path]::GetFileNameWithoutExtension($Plan)
    $base = Join-Path (Join-Path (Get-Location -PSProvider FileSystem).ProviderPath 'preflight-runs') $name
    $folder = $base
    for ($number = 2; Test-Path -LiteralPath $folder; $number++) { $folder = $base + '-' + $number }
    return $folder
}

function ConvertTo-Move($Move) {
    return [pscustomobject]@{
        PSTypeName = 'HvPreflight.Move'
        VM         = $Move.vm
        Source     = $Move.source
        Target     = $Move.target
        Verdict    = $Move.verdict
    }
}

# A property that not every record has.
function Get-Optional($Record, [string] $Name) {
    $property = $Record.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

<#
.SYNOPSIS
Will the moves of a plan work, and what stands in their way?

.DESCRIPTION
Runs `hvpreflight check`: it reads the hosts, the directories and the name servers of a plan, or takes a snapshot, and changes nothing. For each
plan one object tells the verdict, the exit code, how many findings there are of each kind, the moves, and the folder of the run with its
report. Get-HvMigrationFinding takes that object and gives the findings.

Where no verdict was reached, an error tells why: its FullyQualifiedErrorId begins with HvPreflight.WrongUse (the plan or an argument, exit code
2), HvPreflight.OwnError (1), HvPreflight.Interrupted (130), HvPreflight.Unreadable or HvPreflight.ProgramNotFound.

.PARAMETER Plan
The plan (TOML, or a table of moves).

.PARAMETER Snapshot
Judge the facts of this file instead of visiting the hosts.

.PARAMETER User
Collect with this account, whose password is in the keyring.

.PARAMETER Credential
Collect with this account. Its password goes into the environment of the program for the time of the call, and nowhere else.

.PARAMETER Authentication
How to sign in, over what the plan says.

.PARAMETER Only
Judge only these checks or areas; every other check counts as UNKNOWN.

.PARAMETER Skip
Leave these checks or areas out; they count as UNKNOWN.

.PARAMETER Waivers
The file of accepted failures.

.PARAMETER Policy
The file of what this house demands beyond what a move needs.

.PARAMETER AllowExpired
The exit code of the verdict also where the facts are too old.

.PARAMETER OutputFolder
The folder of the run, which must not be there yet. Default: preflight-runs\TIME-PLAN in the current folder.

.PARAMETER Program
The program, by its name or path.

.PARAMETER PassThru
Hand the whole result on too, as the property Result (see docs/automation.md).

.EXAMPLE
Test-HvMigration -Plan .\plan.toml -Credential (Get-Credential CONTOSO\hv-reader)

.EXAMPLE
Get-ChildItem *.toml | Test-HvMigration | Where-Object Verdict -ne GO | Get-HvMigrationFinding -Outcome FAIL | Export-Csv open.csv

.OUTPUTS
HvPreflight.Run
#>
function Test-HvMigration {
    [CmdletBinding(DefaultParameterSetName = 'User')]
    [OutputType('HvPreflight.Run')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [ValidateNotNullOrEmpty()]
        [string] $Plan,
        [ValidateNotNullOrEmpty()] [string] $Snapshot,
        [Parameter(ParameterSetName = 'User')] [ValidateNotNullOrEmpty()] [string] $User,
        [Parameter(Mandatory = $true, ParameterSetName = 'Credential')] [System.Management.Automation.PSCredential] $Credential,
        [ValidateSet('negotiate', 'kerberos', 'ntlm', 'credssp', 'certificate', 'basic')] [string] $Authentication,
        [string[]] $Only = @(),
        [string[]] $Skip = @(),
        [ValidateNotNullOrEmpty()] [string] $Waivers,
        [ValidateNotNullOrEmpty()] [string] $Policy,
        [switch] $AllowExpired,
        [ValidateNotNullOrEmpty()] [string] $OutputFolder,
        [ValidateNotNullOrEmpty()] [string] $Program = 'hvpreflight',
        [switch] $PassThru
    )

    process {
        $found = Get-Program $Program
        if ($null -eq $found) {
            $text = $Program + ': there is no such program. -Program takes its path.'
            $PSCmdlet.ThrowTerminatingError((New-Failure 'HvPreflight.ProgramNotFound' $text ObjectNotFound $Program))
        }
        $paths = @{}
        foreach ($name in @('Plan', 'Snapshot', 'Waivers', 'Policy', 'OutputFolder')) {
            $given = Get-Variable -Name $name -ValueOnly
            if ($given) { $paths[$name] = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($given) }
        }
        $folder = $paths['OutputFolder']
        if (-not $folder) { $folder = Get-NewFolder $paths['Plan'] }
        $arguments = @('check', '--format=json', ('--out=' + $folder))
        foreach ($name in @('Snapshot', 'Waivers', 'Policy')) {
            if ($paths[$name]) { $arguments += '--' + $name.ToLowerInvariant() + '=' + $paths[$name] }
        }
        if ($null -ne $Credential) { $arguments += '--user=' + $Credential.UserName }
        if ($User) { $arguments += '--user=' + $User }
        if ($Authentication) { $arguments += '--auth=' + $Authentication }
        $arguments += @($Only | ForEach-Object { '--only=' + $_ })
        $arguments += @($Skip | ForEach-Object { '--skip=' + $_ })
        if ($AllowExpired) { $arguments += '--allow-expired' }
        $ran = Invoke-Program $found ($arguments + @('--', $paths['Plan'])) $Credential
        if (@(0, 3, 4, 5) -notcontains $ran.ExitCode) {
            $ids = @{ 2 = 'HvPreflight.WrongUse'; 130 = 'HvPreflight.Interrupted' }
            $categories = @{ 2 = 'InvalidArgument'; 130 = 'OperationStopped' }
            $id = 'HvPreflight.OwnError'
            $category = 'NotSpecified'
            if ($ids.ContainsKey($ran.ExitCode)) {
                $id = $ids[$ran.ExitCode]
                $category = $categories[$ran.ExitCode]
            }
            $PSCmdlet.WriteError((New-Failure $id $ran.Error $category $paths['Plan']))
            return
        }
        try { $result = ConvertFrom-Result $ran.Output }
        catch {
            $PSCmdlet.WriteError((New-Failure 'HvPreflight.Unreadable' $_.Exception.Message InvalidData $folder))
            return
        }
        $run = [pscustomobject]@{
            PSTypeName = 'HvPreflight.Run'
            Plan       = $paths['Plan']
            Verdict    = $result.verdict
            ExitCode   = $ran.ExitCode
            Planned    = $result.counts.planned
            Pass       = $result.counts.PASS
            Fail       = $result.counts.FAIL
            Skip       = $result.counts.SKIP
            Unknown    = $result.counts.UNKNOWN
            Error      = $result.counts.ERROR
            ValidUntil = ConvertTo-Utc $result.valid_until
            Moves      = @($result.moves | ForEach-Object { ConvertTo-Move $_ })
            Run        = $folder
            Report     = Join-Path $folder 'report.html'
        }
        if ($PassThru) { $run | Add-Member -NotePropertyName Result -NotePropertyValue $result }
        $run
    }
}

# A time of a result, of which PowerShell 7 may have made one already.
function ConvertTo-Utc($Time) {
    if ($Time -is [System.DateTime]) { return $Time.ToUniversalTime() }
    return [System.DateTime]::Parse($Time, [System.Globalization.CultureInfo]::InvariantCulture, [System.Globalization.DateTimeStyles]'AdjustToUniversal, AssumeUniversal')
}

<#
.SYNOPSIS
The findings of a run, as objects.

.DESCRIPTION
Reads result.json of a run folder. Each finding tells its check and what it is about, its outcome and severity, what was found, which error the
move would have shown, and of a failure who must do what. They can be sorted, grouped, filtered and exported.

Where there is no result, or none that reads, the error's FullyQualifiedErrorId begins with HvPreflight.NoResult or HvPreflight.Unreadable.

.PARAMETER Run
The folder of a run, or what Test-HvMigration gave.

.PARAMETER Outcome
Only findings with these outcomes.

.PARAMETER Severity
Only findings of these severities.

.PARAMETER Check
Only findings of these checks or areas.

.EXAMPLE
Get-HvMigrationFinding -Run .\preflight-runs\20261205T190000Z-plan -Outcome FAIL -Severity BLOCKER | Format-Table Check, VM, Message

.OUTPUTS
HvPreflight.Finding
#>
function Get-HvMigrationFinding {
    [CmdletBinding()]
    [OutputType('HvPreflight.Finding')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [ValidateNotNullOrEmpty()]
        [string] $Run,
        [ValidateSet('FAIL', 'UNKNOWN', 'ERROR', 'SKIP', 'PASS')] [string[]] $Outcome = @(),
        [ValidateSet('BLOCKER', 'RISK', 'ADVICE')] [string[]] $Severity = @(),
        [string[]] $Check = @()
    )

    process {
        $file = Join-Path $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Run) 'result.json'
        if (-not (Test-Path -LiteralPath $file)) {
            $PSCmdlet.WriteError((New-Failure 'HvPreflight.NoResult' ($file + ': there is no result.') ObjectNotFound $file))
            return
        }
        try {
            $result = ConvertFrom-Result ([System.IO.File]::ReadAllText($file))
            if (@($result.format -split '/')[0] -ne 'hvpreflight.result') { throw ($file + ': this is no result of hvpreflight.') }
        }
        catch {
            $PSCmdlet.WriteError((New-Failure 'HvPreflight.Unreadable' $_.Exception.Message InvalidData $file))
            return
        }
        foreach ($finding in @($result.findings)) {
            if ($Outcome -and $Outcome -notcontains $finding.outcome) { continue }
            if ($Severity -and $Severity -notcontains $finding.severity) { continue }
            $area = @($finding.check -split '\.')[0]
            if ($Check -and $Check -notcontains $finding.check -and $Check -notcontains $area) { continue }
            $remedy = Get-Optional $finding 'remedy'
            $commands = @()
            $text = $who = $null
            if ($null -ne $remedy) {
                $text = Get-Optional $remedy 'text'
                $who = Get-Optional $remedy 'who'
                $commands = @(Get-Optional $remedy 'commands' | Where-Object { $null -ne $_ })
            }
            [pscustomobject]@{
                PSTypeName = 'HvPreflight.Finding'
                Id         = $finding.id
                Check      = $finding.check
                Outcome    = $finding.outcome
                Severity   = $finding.severity
                Subject    = $finding.subject.kind
                VM         = Get-Optional $finding.subject 'vm'
                Source     = Get-Optional $finding.subject 'source'
                Target     = Get-Optional $finding.subject 'target'
                Host       = Get-Optional $finding.subject 'host'
                Operator   = Get-Optional $finding.subject 'operator'
                Message    = $finding.message.text
                Predicts   = @(Get-Optional $finding 'predicts' | Where-Object { $null -ne $_ })
                Who        = $who
                Remedy     = $text
                Commands   = $commands
                Waived     = $null -ne (Get-Optional $finding 'waiver')
                Run        = $Run
            }
        }
    }
}

$complete = {
    param($Command, $Parameter, $Word)
    $known | Where-Object { $_ -like ($Word.Trim('''"') + '*') }
}
Register-ArgumentCompleter -CommandName Test-HvMigration -ParameterName Only -ScriptBlock $complete
Register-ArgumentCompleter -CommandName Test-HvMigration -ParameterName Skip -ScriptBlock $complete
Register-ArgumentCompleter -CommandName Get-HvMigrationFinding -ParameterName Check -ScriptBlock $complete

Export-ModuleMember -Function Test-HvMigration, Get-HvMigrationFinding
