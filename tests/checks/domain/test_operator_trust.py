from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.domain._realms import LEGS, Realm, Start
from checks.facts.directory import AccessEntry
from checks.facts.fact import Known
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.result import FindingRecord
from checks.windows.rights import ALLOWED_TO_AUTHENTICATE
from tests.checks.domain.realms import (
    A_CON,
    B_FAB,
    CON,
    FAB,
    IN,
    MOVE,
    OPERATOR,
    OUT,
    SIDS,
    TAIL,
    Trusts,
    half,
    head,
    routes,
    trusts,
    two_way,
    world,
)
from tests.world import TestWorld, good

PASS, UNKNOWN = Outcome.PASS, Outcome.UNKNOWN
BLOCKER, RISK = Severity.BLOCKER, Severity.RISK
REMOTE, POWERSHELL, RDP, CONSOLE = LaunchPoint.REMOTE, LaunchPoint.POWERSHELL, LaunchPoint.RDP, LaunchPoint.CONSOLE
CREDSSP = MigrationAuthentication.CREDSSP
OLD = ("hosts.testserver01.os.build", 9600)
BY_CREDSSP = ("hosts.testserver01.migration.authentication", CREDSSP)


def judged(made: TestWorld) -> FindingRecord:
    return made.finding("domain.operator_trust", MOVE)


def outcome(found: FindingRecord) -> Outcome | Severity:
    return found.severity if found.outcome is Outcome.FAIL else found.outcome


def test_an_operator_of_the_hosts_own_domain_needs_no_directory() -> None:
    made = good().miss("domains.contoso·test.controllers.dc01·contoso·test.trusts").miss("hosts.testserver01.os")
    assert judged(made).outcome is PASS


@pytest.mark.parametrize(
    ("held", "launch", "facts", "says"),
    [
        ({}, REMOTE, (), BLOCKER),
        ({}, RDP, (), BLOCKER),
        (trusts(CON, FAB), REMOTE, (), BLOCKER),
        (trusts(CON, FAB), POWERSHELL, (), BLOCKER),
        (trusts(FAB, CON), REMOTE, (), BLOCKER),
        (trusts(FAB, CON), RDP, (), BLOCKER),
        (trusts(CON, FAB), RDP, (), PASS),
        (trusts(CON, FAB), CONSOLE, (), PASS),
        (trusts(CON, FAB), REMOTE, OLD, PASS),
        (trusts(CON, FAB), POWERSHELL, OLD, RISK),
        (trusts(CON, FAB), POWERSHELL, BY_CREDSSP, PASS),
        (trusts(FAB, CON), POWERSHELL, BY_CREDSSP, BLOCKER),
        (two_way(CON, FAB), REMOTE, (), PASS),
        (two_way(CON, FAB), POWERSHELL, (), PASS),
    ],
)
def test_an_operator_of_another_forest_than_both_hosts(
    held: Trusts, launch: LaunchPoint, facts: tuple[str, object] | tuple[()], says: Outcome | Severity
) -> None:
    made = world(CON, CON, FAB, held, launch=launch)
    found = judged(made.set(*facts) if facts else made)
    assert outcome(found) is says, found.message.text


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({(CON, FAB): half(FAB)}, BLOCKER),
        (two_way(CON, FAB, direction=half(FAB).direction.DISABLED), BLOCKER),
        ({(CON, FAB): half(FAB, OUT), (FAB, CON): half(CON, OUT)}, BLOCKER),
        ({(CON, FAB): half(FAB, IN), (FAB, CON): half(CON, IN)}, BLOCKER),
        (two_way(CON, FAB, type=1), BLOCKER),
        (two_way(CON, FAB, type=3), BLOCKER),
        (two_way(CON, FAB, type=4), BLOCKER),
        (two_way(CON, FAB, type=5), BLOCKER),
        ({(CON, FAB): half(FAB, sid="S-1-5-21-9-9-9"), (FAB, CON): half(CON)}, BLOCKER),
        ({(CON, FAB): half(FAB), (FAB, CON): half(CON, sid="S-1-5-21-9-9-9")}, BLOCKER),
        ({(CON, FAB): half(FAB, sid=None), (FAB, CON): half(CON)}, UNKNOWN),
        (two_way(CON, FAB, 0x2008), UNKNOWN),
        (two_way(CON, FAB, 0xFFC00008), PASS),
        (two_way(CON, FAB, 0x208), PASS),
        (two_way(CON, FAB, 0x808), PASS),
        (two_way(CON, FAB, 0x1008), PASS),
        (two_way(CON, FAB, 0x48), PASS),
        (two_way(CON, FAB, 0xC), RISK),
        (two_way(CON, FAB, 0x408), RISK),
        (two_way(CON, FAB, 0), UNKNOWN),
        (two_way(CON, FAB, 9), UNKNOWN),
    ],
)
def test_the_trust_with_the_operators_domain_has_to_be_good(broken: Trusts, says: Outcome | Severity) -> None:
    found = judged(world(CON, CON, FAB, broken))
    assert outcome(found) is says, found.message.text


def test_over_an_external_trust_a_session_on_the_source_is_a_risk_and_a_remote_start_is_not_known() -> None:
    assert outcome(judged(world(CON, CON, FAB, two_way(CON, FAB, 0), launch=RDP))) is RISK
    found = judged(world(CON, CON, FAB, two_way(CON, FAB, 0)))
    assert found.outcome is UNKNOWN
    assert "no document says" in found.message.text


@pytest.mark.parametrize(
    ("operator", "launch", "says"),
    [(CON, REMOTE, PASS), (FAB, REMOTE, BLOCKER), (TAIL, REMOTE, BLOCKER), (FAB, RDP, PASS), (TAIL, RDP, PASS)],
)
def test_a_host_acts_in_another_forest_for_an_operator_of_its_own_forest_only(
    operator: str, launch: LaunchPoint, says: Outcome | Severity
) -> None:
    held = two_way(CON, FAB) | two_way(CON, TAIL) | two_way(FAB, TAIL)
    found = judged(world(CON, FAB, operator, held, launch=launch))
    assert outcome(found) is says, found.message.text
    if says is BLOCKER:
        assert re.search(r"Neither .+ nor .+ is of the forest of TestServer01", found.message.text)


def test_across_an_external_trust_of_the_hosts_only_an_operator_of_the_sources_domain_is_no_worse_than_a_risk() -> None:
    external = {**two_way(CON, FAB, 0), **two_way(A_CON, FAB, 0)}
    assert outcome(judged(world(CON, FAB, CON, external))) is RISK
    assert judged(world(CON, FAB, A_CON, external)).outcome is UNKNOWN
    quarantined = external | {(FAB, CON): half(CON, attributes=4)}
    assert outcome(judged(world(CON, FAB, A_CON, quarantined))) is BLOCKER


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (routes(FAB, B_FAB), PASS),
        (routes(FAB, B_FAB, flags=1), BLOCKER),
        (routes(FAB, B_FAB, flags=2), BLOCKER),
        (routes(FAB, B_FAB, flags=4), PASS),
        (routes(FAB), BLOCKER),
        (tuple(replace(each, flags=2) for each in routes(FAB, B_FAB)), BLOCKER),
        (None, RISK),
    ],
)
def test_a_child_domain_is_reached_over_the_trust_of_the_forest_roots_as_far_as_it_is_routed(
    told: tuple[object, ...] | None, says: Outcome | Severity
) -> None:
    held = {(CON, FAB): half(FAB, routes=told), (FAB, CON): half(CON, routes=routes(CON, A_CON))}
    found = judged(world(A_CON, A_CON, B_FAB, held))
    assert outcome(found) is says, found.message.text


def test_a_quarantined_trust_drops_the_account_of_a_child_domain() -> None:
    held = two_way(CON, FAB)
    held[FAB, CON] = half(CON, attributes=0xC, routes=routes(CON, A_CON))
    assert outcome(judged(world(A_CON, FAB, A_CON, held))) is BLOCKER
    assert outcome(judged(world(CON, FAB, CON, held))) is RISK


U, S = f"{SIDS[CON]}-1103", f"{SIDS[CON]}-2001"
LOCAL_OF_TARGET, BUILTIN_ADMINISTRATORS = f"{SIDS[FAB]}-1500", "S-1-5-32-544"


def allow(sid: str) -> AccessEntry:
    return AccessEntry(True, 0x100, sid, ALLOWED_TO_AUTHENTICATE)


def deny(sid: str) -> AccessEntry:
    return AccessEntry(False, 0x100, sid, ALLOWED_TO_AUTHENTICATE)


def selective(entries: tuple[AccessEntry, ...] | None, launch: LaunchPoint = REMOTE) -> FindingRecord:
    """Source and operator in contoso.test, the target in fabrikam.test, which trusts it with selective authentication."""
    held = two_way(CON, FAB) | {(FAB, CON): half(CON, attributes=0x18)}
    made = world(CON, FAB, CON, held, launch=launch)
    lets = (AccessEntry(True, 0xF01FF, S),)
    return judged(made.account("testserver02", resource_based=lets, may_authenticate=entries))


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ((allow(U),), BLOCKER),
        ((allow(U), allow(S)), PASS),
        ((allow(f"{SIDS[CON]}-513"), allow(f"{SIDS[CON]}-515")), PASS),
        ((allow("S-1-5-11"),), PASS),
        ((allow("S-1-5-1000"),), PASS),
        ((allow("S-1-5-15"),), BLOCKER),
        ((), BLOCKER),
        ((allow("S-1-5-18"), allow(f"{SIDS[FAB]}-512")), BLOCKER),
        ((deny(U), allow("S-1-5-11")), BLOCKER),
        ((allow(U), allow(LOCAL_OF_TARGET)), UNKNOWN),
        ((allow(BUILTIN_ADMINISTRATORS),), UNKNOWN),
        ((deny(BUILTIN_ADMINISTRATORS), allow(U), allow(S)), UNKNOWN),
        ((allow(U), allow(S), deny(BUILTIN_ADMINISTRATORS)), PASS),
        (None, UNKNOWN),
    ],
)
def test_over_selective_authentication_operator_and_source_have_to_be_allowed_at_the_target(
    entries: tuple[AccessEntry, ...] | None, says: Outcome | Severity
) -> None:
    found = selective(entries)
    assert outcome(found) is says, found.message.text


def test_a_guest_is_no_authenticated_user() -> None:
    held = two_way(CON, FAB) | {(FAB, CON): half(CON, attributes=0x18)}
    lets = (AccessEntry(True, 0xF01FF, S),)
    guest, account = f"{SIDS[CON]}-501", f"operators.{OPERATOR}.account"
    made = world(CON, FAB, CON, held).set(f"{account}.sid", guest).set(f"{account}.sids", (guest, f"{SIDS[CON]}-513"))
    for entries, says in (((allow("S-1-5-11"),), BLOCKER), ((allow("S-1-1-0"),), PASS), ((allow(guest), allow(S)), PASS)):
        assert outcome(judged(made.account("testserver02", resource_based=lets, may_authenticate=entries))) is says


def test_at_the_source_itself_only_the_operator_has_to_be_allowed_at_the_target() -> None:
    assert selective((allow(U),), RDP).outcome is PASS
    assert outcome(selective((allow(S),), RDP)) is BLOCKER


def test_who_is_not_allowed_to_authenticate_is_named_with_the_host_and_how_it_is_granted() -> None:
    found = selective((allow(S),))
    assert "somebody\\op is not allowed to authenticate at TestServer02" in found.message.text
    assert found.remedy
    assert "Grant somebody\\op the right 'Allowed to authenticate'" in found.remedy.text


def test_selective_authentication_of_the_sources_side_concerns_the_way_back_only() -> None:
    held = two_way(CON, FAB) | {(CON, FAB): half(FAB, attributes=0x18)}
    assert judged(world(CON, FAB, CON, held)).outcome is PASS


def test_at_the_source_an_operator_of_another_forest_has_to_be_allowed_to_authenticate() -> None:
    held = two_way(CON, FAB) | {(CON, FAB): half(FAB, attributes=0x18)}
    operator = f"{SIDS[FAB]}-1103"
    made = world(CON, CON, FAB, held).account("testserver02", may_authenticate=(allow(operator),))
    assert judged(made.account("testserver01", may_authenticate=(allow(operator),))).outcome is PASS
    assert outcome(judged(made.account("testserver01", may_authenticate=()))) is BLOCKER
    back = held | {(CON, FAB): half(FAB), (FAB, CON): half(CON, attributes=0x18)}
    assert outcome(judged(world(CON, CON, FAB, back))) is RISK


def test_controllers_that_differ_in_who_may_authenticate_leave_it_open() -> None:
    held = two_way(CON, FAB) | {(FAB, CON): half(CON, attributes=0x18)}
    lets = (AccessEntry(True, 0xF01FF, S),)
    made = world(CON, FAB, CON, held).account("testserver02", resource_based=lets, may_authenticate=(allow(U), allow(S)))
    facts = made.snapshot.accounts["testserver02"]
    (view,) = facts.views.values()
    assert isinstance(view, Known)
    second = replace(view, value=replace(view.value, may_authenticate=()))
    accounts = made.snapshot.accounts | {"testserver02": replace(facts, views=facts.views | {"dc02.fabrikam.test": second})}
    assert judged(TestWorld(made.plan, replace(made.snapshot, accounts=accounts))).outcome is UNKNOWN


@pytest.mark.parametrize("fact", ["domain", "trusts"])
def test_an_operators_domain_that_was_not_read_is_not_known(fact: str) -> None:
    made = world(CON, CON, FAB, two_way(CON, FAB)).miss(f"domains.fabrikam·test.controllers.dc01·fabrikam·test.{fact}")
    assert judged(made).outcome is UNKNOWN


def test_the_root_of_the_operators_forest_that_was_not_read_is_not_known() -> None:
    made = world(CON, CON, B_FAB, two_way(CON, FAB, routes=routes(FAB, B_FAB)))
    domains = {name: facts for name, facts in made.snapshot.domains.items() if name != FAB}
    found = judged(TestWorld(made.plan, replace(made.snapshot, domains=domains)))
    assert found.outcome is UNKNOWN
    assert FAB in found.message.text


def test_an_account_that_was_not_found_is_not_known() -> None:
    assert judged(good().miss("operators.contoso\\hv-operator.account")).outcome is UNKNOWN


def test_a_local_account_of_a_host_has_no_realm() -> None:
    made = good().move(operator="TESTSERVER01\\admin")
    assert outcome(judged(made)) is BLOCKER
    assert judged(made.set(*BY_CREDSSP)).outcome is UNKNOWN


def test_what_was_blocked_is_said_although_something_else_is_not_known() -> None:
    made = world(CON, CON, FAB, trusts(FAB, CON)).miss("hosts.testserver01.os")
    assert outcome(judged(made)) is BLOCKER


class Situation(Start):
    """A start of which everything is known."""

    def __init__(self, launch: LaunchPoint, authentication: MigrationAuthentication, old: bool) -> None:
        self.launch = launch
        self.of = (authentication, old)

    @property
    def authentication(self) -> MigrationAuthentication:
        return self.of[0]

    @property
    def old(self) -> bool:
        return self.of[1]


@pytest.mark.parametrize("launch", LaunchPoint)
@pytest.mark.parametrize("authentication", MigrationAuthentication)
@pytest.mark.parametrize("old", [False, True])
def test_every_start_needs_that_the_hosts_trust_each_other_and_the_operators_domain(
    launch: LaunchPoint, authentication: MigrationAuthentication, old: bool
) -> None:
    start = Situation(launch, authentication, old)
    needed = {(leg.trusting, leg.trusted) for leg in LEGS if leg.counts_for(start)}
    always = {(Realm.SOURCE, Realm.TARGET), (Realm.TARGET, Realm.SOURCE), (Realm.SOURCE, Realm.OPERATOR), (Realm.TARGET, Realm.OPERATOR)}
    assert always <= needed
    transition = authentication is MigrationAuthentication.KERBEROS and (launch is POWERSHELL or (launch is REMOTE and not old))
    assert ((Realm.OPERATOR, Realm.SOURCE) in needed) == transition


@pytest.mark.parametrize(("held", "says"), [(trusts(FAB, CON), PASS), (trusts(CON, FAB), BLOCKER), ({}, BLOCKER), (None, UNKNOWN)], ids=str)
@pytest.mark.parametrize("kind", [{"destination_path": "\\\\fs01\\vms"}, {"destination_path": "\\\\fs01\\vms", "storage_only": True}])
def test_with_credssp_the_domain_of_a_file_server_trusts_the_operators(
    held: Trusts | None, says: Outcome | Severity, kind: dict[str, object]
) -> None:
    """The hosts and the operator are of one domain. Where the account of the server was not found nobody knows its domain."""
    made = world(CON, CON, CON, held or {}, launch=CONSOLE, **kind).set(*BY_CREDSSP)
    if held is not None:
        made = made.server("fs01", dn=f"CN=FS01,CN=Computers,{head(FAB)}", dns_host_name=f"fs01.{FAB}")
    assert outcome(judged(made)) is says


def test_with_kerberos_a_file_server_is_a_matter_of_delegation() -> None:
    assert judged(world(CON, CON, CON, {}, destination_path="\\\\fs01\\vms")).outcome is PASS
