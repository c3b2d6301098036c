# --- computer accounts in Active Directory ---

function Confirm-Tool {
    if ($null -eq (Get-Command -Name Get-ADComputer -ErrorAction SilentlyContinue)) {
        Write-Output 'The ActiveDirectory module is not here, and nothing was done. It comes with the Remote Server Administration Tools'
        Write-Output '(on a server: Install-WindowsFeature -Name RSAT-AD-PowerShell).'
        exit 1
    }
}

# The names that an account's list of those who may act on behalf of others shows.
function Get-Allowed($Account) {
    foreach ($name in @(Get-Optional $Account 'PrincipalsAllowedToDelegateToAccount')) {
        if ($null -ne $name) { [string]$name }
    }
}

# Does a shown name stand for a principal: by its own name, its SID, or as a principal of another forest.
function Test-Principal($Name, $Principal) {
    return (Test-Same $Name $Principal.Name) -or (Test-Same $Name $Principal.Sid) -or
    $Name.StartsWith('CN=' + $Principal.Sid + ',', [StringComparison]::OrdinalIgnoreCase)
}

# The access list behind the shown names in its text form, or nothing where it cannot be had.
function Get-AccessList($Account) {
    $list = Get-Optional $Account 'msDS-AllowedToActOnBehalfOfOtherIdentity'
    if ($null -eq $list -or $null -eq $list.PSObject.Methods['GetSecurityDescriptorSddlForm']) { return $null }
    return $list.GetSecurityDescriptorSddlForm('Access')
}

function Get-AllowingAccount($Step) {
    return Get-ADComputer -Identity $Step.Object -Server $Step.Place -Properties 'PrincipalsAllowedToDelegateToAccount', 'msDS-AllowedToActOnBehalfOfOtherIdentity'
}

# What the cmdlet needs to write a shown name again: a computer of another domain has to be found there.
function Get-Kept($Name, $Step) {
    $parts = @($Name -split '(?<!\\),' | Where-Object { $_.StartsWith('DC=', [StringComparison]::OrdinalIgnoreCase) } | ForEach-Object { $_.Substring(3) })
    $domain = $parts -join '.'
    if ($domain -eq '' -or (Test-Same $domain $Step.Place)) { return $Name }
    return Get-ADComputer -Identity $Name -Server $domain
}

# The cmdlet writes the whole list, so what stands there is written again. A list that it does not show whole is left alone.
function Write-Allowed($Step) {
    $account = Get-AllowingAccount $Step
    $shown = @(Get-Allowed $account)
    $list = Get-AccessList $account
    if ($null -ne $list -and @($list -split '\(' | Where-Object { $_ -match '^[A-Z]+;' }).Count -ne $shown.Count) {
        throw 'The list holds entries that the cmdlet does not show and would drop. Edit it by hand.'
    }
    $kept = @(foreach ($name in $shown) { if (-not (Test-Principal $name $Step.Principal)) { Get-Kept $name $Step } })
    if ($Step.Present) {
        $kept += Get-ADComputer -Identity $Step.Principal.Account -Server $Step.Principal.Domain
    }
    elseif ($kept.Count -eq $shown.Count) {
        throw 'The principal stands in the list under a name that is not known. Remove it by hand.'
    }
    if ($kept.Count -eq 0) { $kept = $null }
    Set-ADComputer -Identity $Step.Object -Server $Step.Place -PrincipalsAllowedToDelegateToAccount $kept
}

# The present value, or the members of a list.
function Get-Present($Step) {
    switch ($Step.Kind) {
        'delegate_to' {
            $account = Get-ADComputer -Identity $Step.Object -Server $Step.Place -Properties 'msDS-AllowedToDelegateTo'
            return Get-Optional $account 'msDS-AllowedToDelegateTo'
        }
        'any_protocol' {
            return (Get-ADComputer -Identity $Step.Object -Server $Step.Place -Properties 'TrustedToAuthForDelegation').TrustedToAuthForDelegation
        }
        'act_on_behalf' {
            $account = Get-AllowingAccount $Step
            $list = Get-AccessList $account
            if ($null -ne $list) {
                if ($list.Contains(';' + $Step.Principal.Sid + ')')) { return $Step.Principal.Sid }
                return
            }
            foreach ($name in @(Get-Allowed $account)) {
                if (Test-Principal $name $Step.Principal) { return $Step.Principal.Sid }
            }
            return
        }
        default { throw 'This script does not know such a change.' }
    }
}

# Add or remove the members that are left, or set the value.
function Write-Left($Step, $Left) {
    switch ($Step.Kind) {
        'delegate_to' {
            if ($Step.Present) { Set-ADComputer -Identity $Step.Object -Server $Step.Place -Add @{ 'msDS-AllowedToDelegateTo' = [string[]]$Left } }
            else { Set-ADComputer -Identity $Step.Object -Server $Step.Place -Remove @{ 'msDS-AllowedToDelegateTo' = [string[]]$Left } }
        }
        'any_protocol' { Set-ADAccountControl -Identity $Step.Object -Server $Step.Place -TrustedToAuthForDelegation $Step.After }
        'act_on_behalf' { Write-Allowed $Step }
        default { throw 'This script does not know such a change.' }
    }
}
