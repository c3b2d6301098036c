"""The target can open what protects the VM: its virtual TPM, its state, or its shield."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import text
from checks.vm.version import number
from checks.windows.releases import is_old

FIRST_PROTECTED = (7, 0)
"""The first configuration version with a virtual TPM; key drives came later."""
SHOWN = 20
"""How many thumbprints stand in the evidence."""


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target can open the key protector of a VM with a virtual TPM or a shield",
    facts=(
        "vm",
        "source.os",
        "source.vm_security",
        "source.guardian_service",
        "target.guardian_service",
        "source.guardian_certificates",
        "target.guardian_certificates",
    ),
    depends_on=("vm.present",),
    predicts=("key_protector", "0x80131509"),
)
def security(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, holder, target = subject.vm, subject.holder, subject.target
    its = holder.vm_security.get(vm.id.lower())
    if its is None and _too_old(subject):
        return passes("{vm} is too old to have a virtual TPM", vm=vm.name)
    if its is None:
        raise holder.lacks(HostView.vm_security, text("what protects {vm}", vm=vm.id))
    if not its.protected:
        shown = holder.evidence(HostView.vm_security, "TpmEnabled of the VM", its.tpm, False)
        return passes("{vm} has no virtual TPM and no shield", shown, vm=vm.name)
    if holder.guardian_service.keys or target.guardian_service.keys:
        return _by_service(subject)
    return _by_certificates(subject)


def _too_old(subject: MoveSubject) -> bool:
    version = number(subject.vm.version or "")
    return is_old(subject.holder.os.build) or (version is not None and version < FIRST_PROTECTED)


def _by_service(subject: MoveSubject) -> Finding:
    """At least one host lets a Host Guardian Service open key protectors."""
    vm, holder, target = subject.vm, subject.holder, subject.target
    here, there = holder.guardian_service, target.guardian_service
    same = here.keys.casefold() == there.keys.casefold()
    evidence = (
        holder.evidence(HostView.guardian_service, text("KeyProtectionServerUrl of {host}", host=holder.name), here.keys),
        target.evidence(
            HostView.guardian_service, text("KeyProtectionServerUrl of {host}", host=target.name), there.keys, here.keys, fits=same
        ),
        target.evidence(HostView.guardian_service, text("IsHostGuarded of {host}", host=target.name), there.guarded, True),
    )
    if there.keys and not there.guarded:
        return fails(
            text(
                "{vm} is protected, and the Host Guardian Service does not guard {target}: it gives {target} no key",
                vm=vm.name,
                target=target.name,
            ),
            *evidence,
            remedy=_have_attested(subject),
        )
    if not there.keys and not (held := _with_key(target.guardian_certificates)):
        return fails(
            text(
                "{vm} is protected, and {target} has neither a Host Guardian Service nor a certificate with a private key to open it",
                vm=vm.name,
                target=target.name,
            ),
            *evidence,
            _evidence(target, held),
            remedy=_have_attested(subject),
        )
    if not same:
        return fails(
            text(
                "{vm} is protected, and {source} and {target} do not let the same Host Guardian Service open it: whether the one of "
                "{target} may is not known",
                vm=vm.name,
                source=holder.name,
                target=target.name,
            ),
            *evidence,
            severity=Severity.RISK,
            remedy=_have_attested(subject),
        )
    return passes(
        "{vm} is protected, and the same Host Guardian Service guards {source} and {target} (inferred: its key protector is not read)",
        *evidence,
        vm=vm.name,
        source=holder.name,
        target=target.name,
    )


def _by_certificates(subject: MoveSubject) -> Finding:
    """Both hosts open key protectors themselves, with the certificates that they hold."""
    vm, holder, target = subject.vm, subject.holder, subject.target
    here, there = _with_key(holder.guardian_certificates), _with_key(target.guardian_certificates)
    if not here:
        raise holder.lacks(HostView.guardian_certificates, text("any certificate with a private key, one of which protects {vm}", vm=vm.id))
    evidence = (_evidence(holder, here), _evidence(target, there, here))
    if here <= there:
        return passes(
            "{vm} is protected, and {target} has every certificate with a private key that {source} has (inferred: its key protector is "
            "not read)",
            *evidence,
            vm=vm.name,
            target=target.name,
            source=holder.name,
        )
    if here & there:
        return fails(
            text(
                "{vm} is protected, and {target} has only some of the certificates with which {source} opens VMs: whether that of {vm} is "
                "among them is not known",
                vm=vm.name,
                target=target.name,
                source=holder.name,
            ),
            *evidence,
            severity=Severity.RISK,
            remedy=_bring_certificates(subject),
        )
    return fails(
        text(
            "{vm} is protected, and {target} has none of the certificates with which {source} opens it",
            vm=vm.name,
            target=target.name,
            source=holder.name,
        ),
        *evidence,
        remedy=_bring_certificates(subject),
    )


def _with_key(certificates: dict[str, bool]) -> frozenset[str]:
    return frozenset(thumbprint.upper() for thumbprint, private in certificates.items() if private)


def _evidence(host: HostView, held: frozenset[str], needed: frozenset[str] | None = None) -> Evidence:
    what = text("guardian certificates of {host} with a private key", host=host.name)
    return host.evidence(HostView.guardian_certificates, what, _some(held), None if needed is None else _some(needed))


def _some(thumbprints: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(thumbprints)[:SHOWN])


def _bring_certificates(subject: MoveSubject) -> Remedy:
    holder, target = subject.holder, subject.target
    return Remedy(
        text(
            "Export the encryption and the signing certificate of the guardian on {source} with their private keys (certutil -exportPFX), "
            'import them on {target} into the store "Shielded VM Local Certificates" of the computer (certutil -importPFX). Keep the files '
            "and their passwords as safe as the VMs themselves, and delete them afterwards",
            source=holder.name,
            target=target.name,
        ),
        administrator_of(holder.name, target.name),
        verify=(
            text(
                'On {host}: certutil -store "Shielded VM Local Certificates" lists the certificates of {source}, each with its private key',
                host=target.name,
                source=holder.name,
            ),
        ),
        undo=(text("Delete the imported certificates from the store of {host}, once no VM there needs them", host=target.name),),
    )


def _have_attested(subject: MoveSubject) -> Remedy:
    target = subject.target
    return Remedy(
        text(
            "Have {target} attested by the Host Guardian Service that opens the VM on {source} (Set-HgsClientConfiguration), or bring the "
            "certificates of the VM's owner to {target}",
            target=target.name,
            source=subject.holder.name,
        ),
        administrator_of(target.name),
        effective_after=text("when the attestation has passed"),
        verify=(text("On {host}: Get-HgsClientConfiguration shows IsHostGuarded True", host=target.name),),
        undo=(text("Give {host} the configuration back that it had: Get-HgsClientConfiguration shows it", host=target.name),),
    )
