# --- computer accounts in Active Directory ---

$controllers = @{}

# The controller that is asked and written for a domain, all the time.
function Get-At($Domain) {
    return $controllers[$Domain]
}

# One writable controller of each domain. Where these scripts have written before, it is the same one, so that what has not been replicated
# yet is seen. An undo goes on without a domain that it only would have asked for the present name of a principal.
function Open-Place($Rows) {
    if ($null -eq (Get-Command -Name Get-ADComputer -ErrorAction SilentlyContinue)) { throw $words.NoDirectoryModule }
    $domains = @(foreach ($step in $steps) { $step.Place; if ($null -ne $step.Principal) { $step.Principal.Domain } })
    foreach ($domain in $domains) {
        if ($controllers.ContainsKey($domain)) { continue }
        try { $found = [string]@((Get-ADDomainController -Discover -DomainName $domain -Writable -Service ADWS).HostName)[0] }
        catch {
            $written = @($steps | Where-Object { Test-Same $_.Place $domain })
            if ($undo -and $written.Count -eq 0) { continue }
            throw
        }
        $before = @($Rows | Where-Object { $null -ne $_.at -and (Test-Same $_.place $domain) } | ForEach-Object { $_.at })
        if ($before.Count -gt 0 -and -not (Test-Same $before[-1] $found)) {
            $all = @(Get-ADDomainController -Filter * -Server $found | Where-Object { -not $_.IsReadOnly } | ForEach-Object { [string]$_.HostName })
            if (@(Select-Held @($before[-1]) $all).Count -gt 0) { $found = $before[-1] }
        }
        $controllers[$domain] = $found
        Write-Output ($words.Controller -f $domain, $found)
    }
}

function Close-Place { }

# The account that is changed. One that was made anew under its name is another one, and that of a domain controller (SERVER_TRUST_ACCOUNT,
# PARTIAL_SECRETS_ACCOUNT in userAccountControl), or one that does not show what it is, is never changed.
function Get-Account($Step, $Properties) {
    $account = Get-ADComputer -Identity $Step.Object -Server (Get-At $Step.Place) -Properties (@('userAccountControl') + $Properties)
    if (-not (Test-Same $account.SID $Step.Sid)) { throw ($words.Anew -f $Step.Object, $account.SID, $Step.Sid) }
    $control = Get-Optional $account 'userAccountControl'
    if ($null -eq $control -or ($control -band 0x4002000) -ne 0) { throw ($words.IsController -f $Step.Object) }
    return $account
}

# The list of those who may act on behalf of others: the SIDs of its entries, the names that stand for them, and whether each entry is
# exactly one that Windows writes, so that the cmdlet gives the same list again.
function Get-Allowed($Step) {
    $account = Get-Account $Step @('PrincipalsAllowedToDelegateToAccount', 'msDS-AllowedToActOnBehalfOfOtherIdentity')
    $names = @(@(Get-Optional $account 'PrincipalsAllowedToDelegateToAccount') | Where-Object { $null -ne $_ } | ForEach-Object { [string]$_ })
    $list = Get-Optional $account 'msDS-AllowedToActOnBehalfOfOtherIdentity'
    $text = ''
    if ($null -ne $list) {
        if ($null -eq $list.PSObject.Methods['GetSecurityDescriptorSddlForm']) { throw $words.ListUnread }
        $text = [string]$list.GetSecurityDescriptorSddlForm('Access')
    }
    elseif ($names.Count -gt 0) { throw $words.ListUnread }
    $sids = @()
    $others = @()
    foreach ($entry in @($text -split '[()]' | Where-Object { $_.Contains(';') })) {
        if ($entry -cmatch '^A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;(S-[0-9-]+)$') { $sids += $Matches[1] } else { $others += $entry }
    }
    $plain = $others.Count -eq 0 -and $sids.Count -eq $names.Count -and $text -cnotmatch 'NO_ACCESS_CONTROL'
    $clear = @($sids | Where-Object { $sid = $_; @($others | Where-Object { ($_ + ';').Contains(';' + $sid + ';') }).Count -eq 0 })
    return @{ Sids = $clear; Names = $names; Plain = $plain }
}

# The principal as its directory shows it now.
function Get-Principal($Principal) {
    return Get-ADComputer -Identity $Principal.Account -Server (Get-At $Principal.Domain)
}

# The names that a principal may stand under in the list: its own now and then, its SID, or as a principal of another forest.
function Test-Principal($Name, $Principal, $Now) {
    return (Test-Same $Name $Principal.Name) -or (Test-Same $Name $Now) -or (Test-Same $Name $Principal.Sid) -or
    $Name.StartsWith('CN=' + $Principal.Sid + ',', [StringComparison]::OrdinalIgnoreCase)
}

# What the cmdlet needs to write a shown name again: a computer of another domain has to be found there.
function Get-Kept($Name, $Step) {
    $parts = @($Name -split '(?<!\\),' | Where-Object { $_.StartsWith('DC=', [StringComparison]::OrdinalIgnoreCase) } | ForEach-Object { $_.Substring(3) })
    $domain = $parts -join '.'
    if ($domain -eq '' -or (Test-Same $domain $Step.Place)) { return $Name }
    $server = $domain
    if ($controllers.ContainsKey($domain)) { $server = Get-At $domain }
    return Get-ADComputer -Identity $Name -Server $server
}

# The cmdlet writes the whole list, so what stands there is written again.
function Write-Allowed($Step) {
    $list = Get-Allowed $Step
    $now = ''
    if ($Step.Present) { $added = Get-Principal $Step.Principal }
    else {
        try { $now = [string](Get-ADComputer -Identity $Step.Principal.Sid -Server (Get-At $Step.Principal.Domain)).DistinguishedName }
        catch { $now = '' } # an account that is gone stands there by its SID
    }
    $kept = @(foreach ($name in $list.Names) { if (-not (Test-Principal $name $Step.Principal $now)) { Get-Kept $name $Step } })
    if ($Step.Present) { $kept += $added }
    elseif ($kept.Count -ne $list.Names.Count - 1) { throw $words.PrincipalUnknown }
    if ($kept.Count -eq 0) { $kept = $null }
    Set-ADComputer -Identity $Step.Sid -Server (Get-At $Step.Place) -PrincipalsAllowedToDelegateToAccount $kept
    $others = @(Select-Absent $list.Sids @($Step.Principal.Sid))
    $lost = @(Select-Absent $others @((Get-Allowed $Step).Sids))
    if ($lost.Count -gt 0) { throw ($words.Lost -f (Get-Line $lost)) }
}

# The present value, or the members of a list.
function Get-Present($Step) {
    switch ($Step.Kind) {
        'delegate_to' { return Get-Optional (Get-Account $Step @('msDS-AllowedToDelegateTo')) 'msDS-AllowedToDelegateTo' }
        'any_protocol' { return (Get-Account $Step @('TrustedToAuthForDelegation')).TrustedToAuthForDelegation }
        'act_on_behalf' { return (Get-Allowed $Step).Sids }
        default { throw $words.UnknownKind }
    }
}

# What has come in between, so that a change must not be made.
function Get-Obstacle($Step) {
    if ($Step.Kind -ne 'act_on_behalf') { return '' }
    if (-not (Get-Allowed $Step).Plain) { return $words.ListForeign }
    if (-not $Step.Present) { return '' }
    $sid = [string](Get-Principal $Step.Principal).SID
    if (-not (Test-Same $sid $Step.Principal.Sid)) { return $words.Anew -f $Step.Principal.Account, $sid, $Step.Principal.Sid }
    return ''
}

# Add or remove the members that are left, or set the value. The SID stands for the account, whatever its name is by now.
function Write-Left($Step, $Left) {
    $server = Get-At $Step.Place
    switch ($Step.Kind) {
        'delegate_to' {
            if ($Step.Present) { Set-ADComputer -Identity $Step.Sid -Server $server -Add @{ 'msDS-AllowedToDelegateTo' = [string[]]$Left } }
            else { Set-ADComputer -Identity $Step.Sid -Server $server -Remove @{ 'msDS-AllowedToDelegateTo' = [string[]]$Left } }
        }
        'any_protocol' { Set-ADAccountControl -Identity $Step.Sid -Server $server -TrustedToAuthForDelegation $Step.After }
        'act_on_behalf' { Write-Allowed $Step }
        default { throw $words.UnknownKind }
    }
}
