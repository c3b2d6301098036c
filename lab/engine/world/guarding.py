"""What keeps the secrets of the VMs of a host."""

from __future__ import annotations

from checks.facts.guarding import STORE, GuardianService, VmSecurity
from lab.engine.world import Part, cim, cmdlet

_KEY, _HASH, _CERTIFICATE = 2, 3, 32
"""Properties of a certificate in the registry."""


def vm_security(value: dict[str, VmSecurity]) -> Part:
    """The first row says only what can be set."""
    rows: list[dict[str, object]] = [{"InstanceID": "Microsoft:Definition\\F0C9F1B9-7C0B-4D0B-8A4E-7C6A6A9C5A3F\\Default"}]
    rows += [
        {
            "InstanceID": f"Microsoft:{vm.upper()}\\f0c9f1b9-7c0b-4d0b-8a4e-7c6a6a9c5a3f",
            "TpmEnabled": its.tpm,
            "ShieldingRequested": its.shielded,
            "EncryptStateAndVmMigrationTraffic": its.encrypted,
            "KsdEnabled": its.key_drive,
        }
        for vm, its in value.items()
    ]
    return cim("root/virtualization/v2", "Msvm_SecuritySettingData", rows)


def guardian_certificates(value: dict[str, bool]) -> Part:
    """Without any there is no store."""
    keys: dict[str, dict[str, list[int]]] = {STORE: {}} if value else {}
    for thumbprint, private in value.items():
        key = _property(_KEY, 4) if private else b""
        keys[f"{STORE}\\{thumbprint}"] = {"Blob:uint8[]": [*_property(_HASH, 20), *key, *_property(_CERTIFICATE, 64)]}
    return {"registry": keys}


def guardian_service(value: GuardianService) -> Part:
    return cmdlet("Get-HgsClientConfiguration", [{"IsHostGuarded": value.guarded, "KeyProtectionServerUrl": value.keys}])


def _property(number: int, length: int) -> bytes:
    return number.to_bytes(4, "little") + (1).to_bytes(4, "little") + length.to_bytes(4, "little") + bytes(length)
