from __future__ import annotations

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.guarding import GuardianService, VmSecurity
from checks.result import FindingRecord
from checks.windows.releases import BUILD_2012_R2
from tests.world import TestWorld, good, vm

CHECK = "vm.security"
MOVE = "LMTest@testserver01>testserver02"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
ID = vm().id
A, B = "A" * 40, "B" * 40
HGS = "http://hgs.contoso.test/KeyProtection"


def protected(here: dict[str, bool], there: dict[str, bool], **changes: bool) -> TestWorld:
    its = {"tpm": False, "shielded": False, "encrypted": False, "key_drive": False} | (changes or {"tpm": True})
    world = good().set(f"{HERE}.vm_security", {ID: VmSecurity(**its)})
    return world.set(f"{HERE}.guardian_certificates", here).set(f"{THERE}.guardian_certificates", there)


def served(here: GuardianService, there: GuardianService) -> TestWorld:
    return protected({A: True}, {A: True}).set(f"{HERE}.guardian_service", here).set(f"{THERE}.guardian_service", there)


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_a_vm_that_nothing_protects_passes_whatever_the_target_has() -> None:
    world = good().miss(f"{THERE}.guardian_certificates").miss(f"{THERE}.guardian_service")
    assert world.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_without_any_certificate_of_the_source_the_target_cannot_open_it_whatever_protects_it() -> None:
    for each in ("tpm", "shielded", "encrypted", "key_drive"):
        found = protected({A: True, B: True}, {}, **{each: True}).finding(CHECK, MOVE)
        assert said(found) == (Outcome.FAIL, Severity.BLOCKER), each
        assert "TestServer02 has none of the certificates" in found.message.text
        assert found.predicts == ("key_protector", "0x80131509")


def test_a_certificate_helps_only_with_its_private_key() -> None:
    assert said(protected({A: True}, {A: False}).finding(CHECK, MOVE)) == (Outcome.FAIL, Severity.BLOCKER)
    assert protected({A: True, B: False}, {A: True}).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_all_certificates_of_the_source_pass_and_some_are_a_risk() -> None:
    assert protected({A: True, B: True}, {A.lower(): True, B: True, "C" * 40: True}).finding(CHECK, MOVE).outcome is Outcome.PASS
    found = protected({A: True, B: True}, {A: True}).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "only some of the certificates" in found.message.text


def test_a_source_without_certificates_leaves_open_what_opens_its_vm() -> None:
    found = protected({A: False}, {A: True}).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_the_same_guardian_service_opens_it_on_a_host_that_it_guards() -> None:
    table = {
        "both guarded": (GuardianService(True, HGS), GuardianService(True, HGS.upper()), (Outcome.PASS, None), "the same Host Guardian"),
        "not attested": (GuardianService(True, HGS), GuardianService(False, HGS), (Outcome.FAIL, Severity.BLOCKER), "does not guard"),
        "another one": (GuardianService(True, HGS), GuardianService(True, "http://x"), (Outcome.FAIL, Severity.RISK), "not let the same"),
        "another one, and not attested": (
            GuardianService(True, HGS),
            GuardianService(False, "x"),
            (Outcome.FAIL, Severity.BLOCKER),
            "does not",
        ),
        "none there": (GuardianService(True, HGS), GuardianService(False, ""), (Outcome.FAIL, Severity.RISK), "not let the same"),
        "none here": (GuardianService(False, ""), GuardianService(True, HGS), (Outcome.FAIL, Severity.RISK), "not let the same"),
    }
    for name, (here, there, result, says) in table.items():
        found = served(here, there).finding(CHECK, MOVE)
        assert (found.outcome, found.severity if found.outcome is Outcome.FAIL else None) == result, name
        assert says in found.message.text, name


def test_without_a_service_and_without_a_key_nothing_on_the_target_opens_it() -> None:
    for certificates in ({}, {A: False}):
        world = served(GuardianService(True, HGS), GuardianService(False, "")).set(f"{THERE}.guardian_certificates", certificates)
        found = world.finding(CHECK, MOVE)
        assert said(found) == (Outcome.FAIL, Severity.BLOCKER), certificates
        assert "neither a Host Guardian Service nor a certificate" in found.message.text


def test_a_vm_of_which_nothing_was_told_passes_only_where_it_is_too_old() -> None:
    untold = good().set(f"{HERE}.vm_security", {})
    assert (untold.finding(CHECK, MOVE).outcome, untold.finding(CHECK, MOVE).reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    for version, outcome in {"5.0": Outcome.PASS, "6.2": Outcome.PASS, "7.0": Outcome.UNKNOWN, "x": Outcome.UNKNOWN}.items():
        assert untold.set(f"{HERE}.vms", (vm(version=version),)).finding(CHECK, MOVE).outcome is outcome, version
    old = untold.set(f"{HERE}.vms", (vm(version=None),)).set(f"{HERE}.os.build", BUILD_2012_R2)
    assert old.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_what_was_not_read_is_unknown() -> None:
    world = protected({A: True}, {A: True})
    for missed in (
        f"{HERE}.vms",
        f"{HERE}.vm_security",
        *(f"{host}.{fact}" for host in (HERE, THERE) for fact in ("guardian_service", "guardian_certificates")),
    ):
        found = world.miss(missed).finding(CHECK, MOVE)
        assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED), missed


def test_storage_alone_needs_no_key() -> None:
    assert protected({A: True}, {}).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP
