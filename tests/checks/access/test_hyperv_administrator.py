from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.directory import Group, LocalGroup, RoutedName, Routing, Trust, TrustDirection
from checks.facts.fact import Reason
from checks.facts.system import DomainRole
from checks.plan import LaunchPoint
from tests.facts.directory import GLOBAL, LOCAL, UNIVERSAL
from tests.world import (
    CONTOSO,
    FABRIKAM,
    HV_ADMINS,
    IN_CONTOSO,
    IN_FABRIKAM,
    OPERATOR,
    TestWorld,
    across_domains,
    global_group,
    good,
    known,
)

ACCESS = "contoso\\hv-operator@testserver01"
CHECK = "access.hyperv_administrator"
GROUPS = "hosts.testserver01.local_groups"


def test_an_operator_in_a_group_of_administrators_passes_and_the_group_is_named() -> None:
    found = good().finding(CHECK, ACCESS)
    assert found.outcome is Outcome.PASS
    assert "is in Administrators of TestServer01" in found.message.text
    assert (HV_ADMINS,) in [evidence.actual for evidence in found.evidence]


@pytest.mark.parametrize("member", [OPERATOR, HV_ADMINS, "S-1-5-11", "S-1-1-0"])
def test_hyperv_administrators_suffices_directly_through_a_group_or_for_everyone(member: str) -> None:
    found = good().set(GROUPS, {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": (member,)}).finding(CHECK, ACCESS)
    assert found.outcome is Outcome.PASS
    assert "Hyper-V Administrators" in found.message.text


def test_each_host_is_judged_by_its_own_groups() -> None:
    world = good().set("hosts.testserver02.local_groups", {"S-1-5-32-544": (), "S-1-5-32-578": ()})
    assert world.finding(CHECK, ACCESS).outcome is Outcome.PASS
    assert world.finding(CHECK, "contoso\\hv-operator@testserver02").outcome is Outcome.FAIL


def test_an_operator_in_neither_group_is_a_blocker_with_a_command_for_the_host() -> None:
    found = good().set(GROUPS, {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": ()}).finding(CHECK, ACCESS)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.predicts == ("0x80070005",)
    assert found.remedy is not None
    assert found.remedy.commands == (
        "Invoke-Command -ComputerName 'TestServer01' -ScriptBlock "
        "{ Add-LocalGroupMember -SID 'S-1-5-32-578' -Member 'CONTOSO\\hv-operator' }",
    )


def test_a_windows_without_hyperv_administrators_is_judged_by_administrators() -> None:
    assert good().set(GROUPS, {"S-1-5-32-544": (HV_ADMINS,)}).finding(CHECK, ACCESS).outcome is Outcome.PASS
    assert good().set(GROUPS, {"S-1-5-32-544": ()}).finding(CHECK, ACCESS).outcome is Outcome.FAIL


def test_an_answer_without_administrators_is_unknown_because_that_group_always_exists() -> None:
    found = good().set(GROUPS, {"S-1-5-32-578": ()}).finding(CHECK, ACCESS)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert "S-1-5-32-544" in found.message.text


FAR = "contoso\\hv-operator@testserver02"
FAR_GROUPS = "hosts.testserver02.local_groups"
TRUSTS = f"{IN_FABRIKAM}.trusts"
ACCOUNT = "operators.contoso\\hv-operator.account"
LOCAL_GROUPS = "operators.contoso\\hv-operator.local"
THIRD, FORMER = "S-1-5-21-7-7-7-1400", "S-1-5-21-5-5-5-1200"
OF_THIRD, OF_FORMER = "S-1-5-21-7-7-7", "S-1-5-21-5-5-5"
QUARANTINED, FOREST, AS_EXTERNAL, PRIVILEGED = 0x4, 0x8, 0x40, 0x400
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def holding(*members: str) -> dict[str, tuple[str, ...]]:
    return {"S-1-5-32-544": members, "S-1-5-32-578": ()}


def one_forest() -> TestWorld:
    """The operator's domain and that of TestServer02 in one forest."""
    return across_domains().set(f"{IN_FABRIKAM}.domain.forest", "contoso.test")


def over(attributes: int, routed: tuple[str, ...] | None = (CONTOSO,), off: tuple[str, ...] = ()) -> TestWorld:
    """A trust with these attributes between both, which lets pass the SIDs of these domains and has these switched off."""
    domains = [RoutedName(Routing.DOMAIN, 2 * (sid in off), "contoso.test", sid) for sid in (*(routed or ()), *off)]
    routes = None if routed is None else (RoutedName(Routing.NAME, 0, "contoso.test"), *domains)
    trust = Trust("contoso.test", "CONTOSO", TrustDirection.BIDIRECTIONAL, 2, attributes, CONTOSO, routes)
    theirs = Trust("fabrikam.test", "FABRIKAM", TrustDirection.BIDIRECTIONAL, 2, attributes, FABRIKAM)
    return across_domains().set(TRUSTS, (trust,)).set(f"{IN_CONTOSO}.trusts", (theirs,))


def test_local_groups_of_the_hosts_domain_count_where_they_hold_the_operator() -> None:
    world = across_domains()
    assert world.finding(CHECK, FAR).outcome is PASS
    assert world.set(f"{LOCAL_GROUPS}.fabrikam·test", ()).finding(CHECK, FAR).outcome is FAIL


def test_a_local_group_counts_through_a_group_that_holds_somebody_and_not_by_itself() -> None:
    outer, inner = f"{FABRIKAM}-1300", f"{FABRIKAM}-1301"
    world = across_domains().set(FAR_GROUPS, holding(outer))
    for members, outcome in (((HV_ADMINS,), PASS), ((outer,), FAIL), (None, UNKNOWN)):
        groups = (LocalGroup(outer, (inner,), ()), LocalGroup(inner, members, ()))
        assert world.set(f"{LOCAL_GROUPS}.fabrikam·test", groups).finding(CHECK, FAR).outcome is outcome


@pytest.mark.parametrize(
    ("world", "universal_elsewhere", "local_at_home", "former", "own"),
    [
        (one_forest(), PASS, FAIL, PASS, PASS),
        (over(FOREST), FAIL, FAIL, FAIL, PASS),
        (over(FOREST, (CONTOSO, OF_THIRD)), PASS, FAIL, FAIL, PASS),
        (over(FOREST, (CONTOSO,), off=(OF_THIRD,)), FAIL, FAIL, FAIL, PASS),
        (over(FOREST, (CONTOSO, OF_FORMER)), FAIL, FAIL, PASS, PASS),
        (over(FOREST, None), UNKNOWN, FAIL, UNKNOWN, PASS),
        (over(FOREST, (OF_THIRD,), off=(CONTOSO,)), UNKNOWN, FAIL, UNKNOWN, UNKNOWN),
        (over(FOREST | AS_EXTERNAL), UNKNOWN, FAIL, PASS, PASS),
        (over(FOREST | AS_EXTERNAL, (CONTOSO, OF_THIRD)), PASS, FAIL, PASS, PASS),
        (over(FOREST | PRIVILEGED), UNKNOWN, UNKNOWN, UNKNOWN, PASS),
        (over(FOREST | QUARANTINED), FAIL, FAIL, FAIL, PASS),
        (over(0), FAIL, FAIL, PASS, PASS),
        (over(QUARANTINED), FAIL, FAIL, FAIL, PASS),
        (across_domains().miss(TRUSTS), UNKNOWN, FAIL, UNKNOWN, UNKNOWN),
        (across_domains().set(TRUSTS, ()), UNKNOWN, FAIL, UNKNOWN, UNKNOWN),
    ],
)
def test_what_crosses_the_border_of_two_domains_counts(
    world: TestWorld, universal_elsewhere: Outcome, local_at_home: Outcome, former: Outcome, own: Outcome
) -> None:
    at_home = f"{CONTOSO}-1600"
    groups = (Group(THIRD, UNIVERSAL, ()), Group(at_home, LOCAL, ()), global_group(HV_ADMINS))
    world = world.set(f"{ACCOUNT}.groups", groups).set(f"{ACCOUNT}.history", (FORMER,))
    expected = {THIRD: universal_elsewhere, at_home: local_at_home, FORMER: former, HV_ADMINS: own, OPERATOR: own}
    assert {sid: world.set(FAR_GROUPS, holding(sid)).finding(CHECK, FAR).outcome for sid in expected} == expected


@pytest.mark.parametrize(("rid", "outcome"), [(512, FAIL), (999, FAIL), (1000, PASS)])
def test_over_an_external_trust_no_former_sid_passes_that_is_a_well_known_one(rid: int, outcome: Outcome) -> None:
    sid = f"S-1-5-21-5-5-5-{rid}"
    world = over(0).set(f"{ACCOUNT}.history", (sid,)).set(FAR_GROUPS, holding(sid))
    assert world.finding(CHECK, FAR).outcome is outcome


def test_former_sids_of_the_account_and_of_its_groups_count_at_home() -> None:
    world = good().set(GROUPS, holding(FORMER))
    assert world.set(f"{ACCOUNT}.history", (FORMER,)).finding(CHECK, ACCESS).outcome is PASS
    assert world.set(f"{ACCOUNT}.groups", (Group(HV_ADMINS, GLOBAL, (FORMER,)),)).finding(CHECK, ACCESS).outcome is PASS
    assert world.finding(CHECK, ACCESS).outcome is FAIL
    assert world.set(f"{ACCOUNT}.history", None).finding(CHECK, ACCESS).outcome is UNKNOWN
    assert world.set(f"{ACCOUNT}.groups", (Group(HV_ADMINS, GLOBAL, None),)).finding(CHECK, ACCESS).outcome is UNKNOWN


def test_a_group_that_no_domain_shows_leaves_it_open_what_holds_it() -> None:
    world = one_forest().set(f"{ACCOUNT}.groups", (Group(THIRD, None, None),)).set(FAR_GROUPS, holding(f"{FABRIKAM}-1700"))
    found = world.finding(CHECK, FAR)
    assert (found.outcome, found.reason) == (UNKNOWN, Reason.UNREADABLE)
    assert THIRD in found.message.text


@pytest.mark.parametrize(
    ("member", "remote", "powershell", "console", "rdp", "target"),
    [
        ("S-1-1-0", PASS, PASS, PASS, PASS, PASS),
        ("S-1-5-11", PASS, PASS, PASS, PASS, PASS),
        ("S-1-5-15", PASS, PASS, PASS, PASS, PASS),
        ("S-1-5-1000", FAIL, FAIL, FAIL, FAIL, FAIL),
        ("S-1-5-2", PASS, PASS, FAIL, FAIL, PASS),
        ("S-1-5-4", FAIL, FAIL, PASS, PASS, FAIL),
        ("S-1-5-14", FAIL, FAIL, FAIL, PASS, FAIL),
        ("S-1-2-0", FAIL, FAIL, UNKNOWN, UNKNOWN, FAIL),
        ("S-1-18-1", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        ("S-1-5-113", FAIL, FAIL, FAIL, FAIL, FAIL),
    ],
)
def test_how_the_operator_reaches_the_host_decides_over_well_known_groups(
    member: str, remote: Outcome, powershell: Outcome, console: Outcome, rdp: Outcome, target: Outcome
) -> None:
    world = good().set(GROUPS, holding(member)).set(FAR_GROUPS, holding(member))
    starts = {LaunchPoint.REMOTE: remote, LaunchPoint.POWERSHELL: powershell, LaunchPoint.CONSOLE: console, LaunchPoint.RDP: rdp}
    for launch, outcome in starts.items():
        started = world.move(launch=launch)
        assert (started.finding(CHECK, ACCESS).outcome, started.finding(CHECK, FAR).outcome) == (outcome, target)


def test_of_several_ways_to_reach_the_host_the_worst_is_told() -> None:
    world = good().move(launch=LaunchPoint.CONSOLE).set(GROUPS, holding("S-1-5-4"))
    assert world.finding(CHECK, ACCESS).outcome is PASS
    found = world.with_return().finding(CHECK, ACCESS)
    assert found.outcome is FAIL
    assert ("how CONTOSO\\hv-operator reaches TestServer01", "over the network") in [(each.what, each.actual) for each in found.evidence]


def test_selective_authentication_makes_an_operator_one_of_another_organization() -> None:
    world = over(FOREST | 0x10)
    assert world.set(FAR_GROUPS, holding("S-1-5-1000")).finding(CHECK, FAR).outcome is PASS
    assert world.set(FAR_GROUPS, holding("S-1-5-15")).finding(CHECK, FAR).outcome is FAIL


def older() -> TestWorld:
    """The good world as a program saw it that read the SIDs of the token alone."""
    world = good().set(f"{ACCOUNT}.groups", None).set(f"{ACCOUNT}.history", None).set(LOCAL_GROUPS, {})
    return world.set("operators.contoso\\hv-operator.token", {"contoso.test": known((OPERATOR, HV_ADMINS, THIRD))})


@pytest.mark.parametrize(
    ("member", "outcome"), [(HV_ADMINS, PASS), (THIRD, PASS), ("S-1-5-11", PASS), (FORMER, UNKNOWN), ("S-1-5-14", FAIL)]
)
def test_a_snapshot_that_has_the_sids_of_the_token_alone_proves_these_and_no_absence(member: str, outcome: Outcome) -> None:
    assert older().set(GROUPS, holding(member)).finding(CHECK, ACCESS).outcome is outcome


@pytest.mark.parametrize("path", [GROUPS, "hosts.testserver01.computer", ACCOUNT, f"{LOCAL_GROUPS}.contoso·test"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, ACCESS).outcome is UNKNOWN


def test_a_token_that_nobody_asked_for_is_unknown() -> None:
    assert good().set(LOCAL_GROUPS, {}).finding(CHECK, ACCESS).outcome is UNKNOWN


NOBODY = {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": ()}


def test_a_domain_controller_has_the_groups_of_its_domain_and_no_local_ones() -> None:
    remedy = good().controller("testserver01").set(GROUPS, NOBODY).finding(CHECK, ACCESS).remedy
    assert remedy is not None
    assert remedy.who == "domain administrator of contoso.test"
    assert "to add CONTOSO\\hv-operator gives that right on every one of them" in remedy.text
    account = "-Members 'CN=hv-operator,CN=Users,DC=contoso,DC=test' -Server 'contoso.test'"
    assert remedy.commands == (f"Add-ADGroupMember -Identity 'S-1-5-32-578' {account}",)
    assert remedy.undo == (f"Remove-ADGroupMember -Identity 'S-1-5-32-578' {account} -Confirm:$false",)
    assert remedy.changes == (), "no script for a host can do it"


def test_an_operator_of_another_domain_is_not_added_to_the_groups_of_a_controller_by_a_command() -> None:
    world = across_domains().set("hosts.testserver02.computer.role", DomainRole.BACKUP_DOMAIN_CONTROLLER)
    found = world.account("testserver02", user_account_control=0x82000).set(FAR_GROUPS, NOBODY).finding(CHECK, FAR)
    assert found.remedy is not None
    assert (found.remedy.who, found.remedy.commands) == ("domain administrator of fabrikam.test", ())
