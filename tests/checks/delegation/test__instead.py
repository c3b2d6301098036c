"""What can be done otherwise beside a remedy of delegation is said only where the decision table says so of that start."""

from __future__ import annotations

import pytest

from checks.facts.migration import MigrationAuthentication
from checks.plan import AT_SOURCE, LaunchPoint
from checks.result import FindingRecord
from tests.world import TestWorld, across_domains, good

NOTHING_LISTED = good().account("testserver01", delegate_to=(), user_account_control=0x1000)
KERBEROS_ONLY = good().account("testserver01", user_account_control=0x1000)
BORDER = across_domains().account("testserver02", resource_based=())
NO_WAY_BACK = good().account("testserver02", delegate_to=())
BACK_KERBEROS_ONLY = good().account("testserver02", user_account_control=0x1000)

WORLDS = {
    "nothing listed": NOTHING_LISTED,
    "nothing listed, by PowerShell": NOTHING_LISTED.move(launch=LaunchPoint.POWERSHELL),
    "Kerberos only": KERBEROS_ONLY,
    "a border": BORDER,
    "no way back": NO_WAY_BACK,
    "no way back, which is planned": NO_WAY_BACK.with_return(),
    "back with Kerberos only": BACK_KERBEROS_ONLY,
    "back with Kerberos only, which is planned": BACK_KERBEROS_ONLY.with_return(),
    "one name": good().account("testserver01", delegate_to=()).move(launch=LaunchPoint.RDP),
    "a share": NOTHING_LISTED.server("fs01").move(destination_path="\\\\fs01\\vms"),
}


def weights(world: TestWorld) -> dict[str, tuple[int, FindingRecord]]:
    found = (each for each in world.result().findings if each.check.startswith("delegation."))
    return {each.id: (each.severity.weight if each.fails else 0, each) for each in found}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_start_at_the_source_is_named_where_it_fails_less_and_nowhere_else(world: TestWorld) -> None:
    sessions = [weights(world.move(launch=launch)) for launch in AT_SOURCE]
    for id, (now, finding) in weights(world).items():
        if finding.remedy is None:
            continue
        then = max(weight for session in sessions for weight, _ in (session[id],))
        doubtful = finding.check == "delegation.cifs_in_doubt"
        assert bool(finding.remedy.instead) is (then < now and not doubtful), finding.id


def test_with_credssp_no_delegation_is_needed_and_nothing_is_named() -> None:
    world = NOTHING_LISTED.set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert not [each for _, each in weights(world).values() if each.remedy and each.remedy.instead]
