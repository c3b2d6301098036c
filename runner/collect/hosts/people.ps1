# --- people ---

# The members' SIDs need no names, so orphans do no harm. A group that this Windows does not have is left out.
function Read-local_groups {
    $groups = @{}
    foreach ($sid in @('S-1-5-32-544', 'S-1-5-32-578', 'S-1-5-32-580')) {
        try {
            $account = (New-Object System.Security.Principal.SecurityIdentifier -ArgumentList $sid).Translate([System.Security.Principal.NTAccount])
        }
        catch [System.Security.Principal.IdentityNotMappedException] {
            continue
        }
        $group = [ADSI]('WinNT://./' + $account.Value.Split('\')[1] + ',group')
        $groups[$sid] = [string[]]@($group.Invoke('Members') | ForEach-Object {
                $bytes = [byte[]](Get-Required ([ADSI]$_).objectSid 'Value' ('objectSid of a member of ' + $sid))
                (New-Object System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
            })
    }
    Confirm-Any $groups['S-1-5-32-544'] 'a member of S-1-5-32-544'
    return $groups
}

function Get-AccountSid([string] $Account) {
    $named = New-Object System.Security.Principal.NTAccount -ArgumentList $Account
    try {
        return $named.Translate([System.Security.Principal.SecurityIdentifier]).Value
    }
    catch {
        return $null
    }
}

# The session of the system itself (type 0) always exists: who does not see it does not see those of others.
function Read-sessions {
    $rows = @(Get-CimInstance -ClassName Win32_LogonSession)
    Confirm-Any @($rows | Where-Object { (Get-Required $_ 'LogonType' 'Win32_LogonSession') -eq 0 }) 'Win32_LogonSession of type 0'
    $users = @(Get-CimInstance -ClassName Win32_LoggedOnUser)
    Confirm-Any $users 'Win32_LoggedOnUser'
    $accounts = @{}
    foreach ($row in $users) {
        $session = Get-Required $row 'Dependent' 'Win32_LoggedOnUser'
        $account = Get-Required $row 'Antecedent' 'Win32_LoggedOnUser'
        if ($account.Name) { $accounts[[string]$session.LogonId] = [string]$account.Domain + '\' + [string]$account.Name }
    }
    $sids = @{}
    return , [object[]]@($rows | ForEach-Object {
            $account = [string]$accounts[[string]$_.LogonId]
            $sid = $null
            if ($account) {
                if (-not $sids.ContainsKey($account)) { $sids[$account] = Get-AccountSid $account }
                $sid = $sids[$account]
            }
            @{ id = [string]$_.LogonId; type = Get-Number $_.LogonType; package = [string]$_.AuthenticationPackage; sid = $sid; account = $account; since = Get-Utc $_.StartTime }
        })
}

# A value that is not set is -1. Where the policy never was there is no key either; that of Lsa is always there.
function Read-remote_desktop {
    $disabled = [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa', 'DisableRestrictedAdmin', -1)
    $allowed = [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\CredentialsDelegation', 'AllowProtectedCreds', -1)
    if ($null -eq $allowed) { $allowed = -1 }
    return @{ disable_restricted_admin = Get-Number $disabled; allow_protected_credentials = Get-Number $allowed }
}

# Of every token some groups are enabled, and only those are listed.
function Read-session_token {
    $sids = @([System.Security.Principal.WindowsIdentity]::GetCurrent().Groups | ForEach-Object { $_.Value })
    Confirm-Any $sids 'a group in the token of the session'
    return , [object[]]@($sids | Where-Object { $_ -like 'S-1-5-32-*' })
}
