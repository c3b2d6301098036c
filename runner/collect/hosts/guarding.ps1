# --- guarding ---

# One query for all VMs, whatever their number.
function Read-vm_security {
    $null = Get-HyperVHost
    $found = @{}
    foreach ($row in @(Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_SecuritySettingData)) {
        $id = Get-Owner (Get-Required $row 'InstanceID' 'Msvm_SecuritySettingData')
        if ($null -eq $id) { continue }
        $found[$id] = @{
            tpm       = Get-Required $row 'TpmEnabled' 'Msvm_SecuritySettingData'
            shielded  = Get-Required $row 'ShieldingRequested' 'Msvm_SecuritySettingData'
            encrypted = Get-Required $row 'EncryptStateAndVmMigrationTraffic' 'Msvm_SecuritySettingData'
            key_drive = Get-Required $row 'KsdEnabled' 'Msvm_SecuritySettingData'
        }
    }
    return $found
}

# Does a certificate as the registry holds it name a private key (property 2). Each property: id, a reserved number, length, value.
function Test-PrivateKey([byte[]] $Blob) {
    $at = [long]0
    while ($at + 12 -le $Blob.Count) {
        if ([System.BitConverter]::ToUInt32($Blob, $at) -eq 2) { return $true }
        $at = $at + 12 + [System.BitConverter]::ToUInt32($Blob, $at + 8)
    }
    return $false
}

# Reads thumbprints, and whether there is a private key: never the key.
function Read-guardian_certificates {
    $found = @{}
    $store = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\Microsoft\SystemCertificates\Shielded VM Local Certificates\Certificates')
    if ($null -eq $store) { return $found }
    foreach ($thumbprint in $store.GetSubKeyNames()) {
        $certificate = $store.OpenSubKey($thumbprint)
        $blob = $certificate.GetValue('Blob')
        if ($blob -isnot [byte[]]) { throw ('ValueMissing, though there is always one: Blob of ' + $thumbprint) }
        $found[$thumbprint] = Test-PrivateKey $blob
        $certificate.Close()
    }
    $store.Close()
    return $found
}

# A Windows without the cmdlet asks no Host Guardian Service.
function Read-guardian_service {
    try { $its = Get-HgsClientConfiguration }
    catch [System.Management.Automation.CommandNotFoundException] { return @{ guarded = $false; keys = '' } }
    return @{ guarded = Get-Required $its 'IsHostGuarded' 'Get-HgsClientConfiguration'; keys = [string](Get-Optional $its 'KeyProtectionServerUrl') }
}
