"""What keeps the secrets of VMs on a host: virtual TPMs, the certificates of guardians, and the service that guards the host."""

from __future__ import annotations

from checks.facts.fact import Earlier, Origin, Section, Shape, Way
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016

STORE = "SOFTWARE\\Microsoft\\SystemCertificates\\Shielded VM Local Certificates\\Certificates"
"""The store of the computer in which Hyper-V keeps the certificates of local guardians, below HKEY_LOCAL_MACHINE."""


class VmSecurity(Shape, frozen=True):
    """Msvm_SecuritySettingData: TpmEnabled, ShieldingRequested, EncryptStateAndVmMigrationTraffic and KsdEnabled."""

    tpm: bool
    shielded: bool
    encrypted: bool
    key_drive: bool

    @property
    def protected(self) -> bool:
        """Does it start only where its key protector can be opened."""
        return self.tpm or self.shielded or self.encrypted or self.key_drive


class GuardianService(Shape, frozen=True):
    """Get-HgsClientConfiguration: `guarded` is IsHostGuarded, `keys` KeyProtectionServerUrl, empty where the host opens key protectors
    itself. That it does is the answer too where Windows has no such cmdlet: nothing else makes it ask a Host Guardian Service."""

    guarded: bool
    keys: str


class GuardingFacts:
    """What a visit reads of the topic."""

    __slots__ = ()

    vm_security = Section(
        dict[str, VmSecurity],
        Origin(
            Way.CIM,
            "Msvm_SecuritySettingData",
            hyperv=True,
            since=BUILD_2016,
            earlier=Earlier(
                {BUILD_2012: {}, BUILD_2012_R2: {}}, "Windows before 2016 has no virtual TPMs, for the build read from {origin}"
            ),
        ),
    )
    """By the id of the VM, lower case. Settings of checkpoints are among them, by ids of their own."""
    guardian_certificates = Section(
        dict[str, bool], Origin(Way.REGISTRY, "Microsoft.Win32.RegistryKey", what='the store "Shielded VM Local Certificates"')
    )
    """The certificates of the store by their thumbprints, and whether the host has the private key. None where there is no store: Hyper-V
    makes it with the first guardian."""
    guardian_service = Section(GuardianService, Origin(Way.CMDLET, "Get-HgsClientConfiguration"))
