from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import RoutedName, Trust, TrustDirection
from checks.plan import LaunchPoint
from checks.result import FindingRecord
from tests.checks.domain.realms import (
    A_CON,
    B_FAB,
    C_CON,
    CON,
    FAB,
    OTHER_TREE,
    OUT,
    X_A_CON,
    controller,
    half,
    routes,
    two_way,
    without,
)
from tests.checks.domain.realms import world as realms
from tests.world import CONTOSO, FABRIKAM, IN_CONTOSO, IN_FABRIKAM, TestWorld, across_domains, good

PAIR = "testserver01>testserver02"
TO_FABRIKAM = Trust("fabrikam.test", "FABRIKAM", TrustDirection.BIDIRECTIONAL, 2, 8, FABRIKAM)
TO_CONTOSO = Trust("contoso.test", "CONTOSO", TrustDirection.BIDIRECTIONAL, 2, 8, CONTOSO)


def trusts(source: tuple[Trust, ...], target: tuple[Trust, ...]) -> TestWorld:
    return across_domains().set(f"{IN_CONTOSO}.trusts", source).set(f"{IN_FABRIKAM}.trusts", target)


def found_with(source: tuple[Trust, ...], target: tuple[Trust, ...]) -> FindingRecord:
    return trusts(source, target).finding("domain.trust", PAIR)


def directions(source: TrustDirection, target: TrustDirection) -> FindingRecord:
    return found_with((replace(TO_FABRIKAM, direction=source),), (replace(TO_CONTOSO, direction=target),))


def test_two_hosts_of_one_domain_need_no_directory() -> None:
    world = good().miss(f"{IN_CONTOSO}.domain").miss(f"{IN_CONTOSO}.trusts")
    assert world.finding("domain.trust", PAIR).outcome is Outcome.PASS


def test_domain_names_are_compared_without_case() -> None:
    assert good().set("hosts.testserver02.computer.domain", "Contoso.TEST").finding("domain.trust", PAIR).outcome is Outcome.PASS


def test_two_domains_of_one_forest_pass_without_their_trust_objects() -> None:
    world = across_domains().set(f"{IN_FABRIKAM}.domain.forest", "CONTOSO.test").miss(f"{IN_CONTOSO}.trusts")
    found = world.finding("domain.trust", PAIR)
    assert found.outcome is Outcome.PASS
    assert "forest contoso.test" in found.message.text


def test_a_two_way_forest_trust_passes_in_both_orders() -> None:
    world = across_domains().with_return()
    assert world.finding("domain.trust", PAIR).outcome is Outcome.PASS
    assert world.finding("domain.trust", "testserver02>testserver01").outcome is Outcome.PASS


def test_no_trust_at_all_is_a_blocker() -> None:
    found = found_with((), ())
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "There is no trust" in found.message.text


def test_a_trust_with_somebody_else_is_no_trust() -> None:
    assert "There is no trust" in found_with((replace(TO_FABRIKAM, partner="fabrikam.test.example"),), ()).message.text


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [((TO_FABRIKAM,), (), "fabrikam.test does not"), ((), (TO_CONTOSO,), "contoso.test does not")],
)
def test_a_trust_that_only_one_side_knows_is_a_blocker_that_names_the_other(
    source: tuple[Trust, ...], target: tuple[Trust, ...], missing: str
) -> None:
    found = found_with(source, target)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "only half" in found.message.text
    assert missing in found.message.text


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        (TrustDirection.INBOUND, TrustDirection.OUTBOUND, "contoso.test does not trust fabrikam.test"),
        (TrustDirection.OUTBOUND, TrustDirection.INBOUND, "fabrikam.test does not trust contoso.test"),
        (TrustDirection.BIDIRECTIONAL, TrustDirection.OUTBOUND, "contoso.test does not trust fabrikam.test"),
        (TrustDirection.BIDIRECTIONAL, TrustDirection.INBOUND, "fabrikam.test does not trust contoso.test"),
    ],
)
def test_a_one_way_trust_is_a_blocker_that_names_the_missing_direction(source: TrustDirection, target: TrustDirection, says: str) -> None:
    found = directions(source, target)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert says in found.message.text


@given(st.sampled_from(TrustDirection), st.sampled_from(TrustDirection))
def test_only_two_sides_that_both_show_both_directions_pass(source: TrustDirection, target: TrustDirection) -> None:
    both = source is target is TrustDirection.BIDIRECTIONAL
    assert (directions(source, target).outcome is Outcome.PASS) == both


def test_a_disabled_trust_is_a_blocker() -> None:
    found = directions(TrustDirection.DISABLED, TrustDirection.BIDIRECTIONAL)
    assert found.severity is Severity.BLOCKER
    assert "disabled" in found.message.text


@pytest.mark.parametrize(
    ("changes", "severity", "says"),
    [
        ({"type": 1, "attributes": 0}, Severity.BLOCKER, "Windows NT type"),
        ({"type": 3, "attributes": 0}, Severity.BLOCKER, "realm trust"),
        ({"type": 4}, Severity.BLOCKER, "not between domains of Active Directory"),
        ({"type": 5}, Severity.BLOCKER, "not between domains of Active Directory"),
        ({"sid": "S-1-5-21-9-9-9"}, Severity.BLOCKER, "another SID"),
        ({"attributes": 0x0}, Severity.RISK, "external trust"),
        ({"attributes": 0x9}, Severity.RISK, "external trust"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_weakens_a_two_way_trust_on_either_side_has_its_own_text(
    changes: dict[str, int], severity: Severity, says: str, side: int
) -> None:
    sides = [TO_FABRIKAM, TO_CONTOSO]
    sides[side] = replace(sides[side], **changes)
    found = found_with((sides[0],), (sides[1],))
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
    assert says in found.message.text
    assert found.remedy is not None
    assert found.remedy.who == "domain administrator"


@pytest.mark.parametrize(("attributes", "says"), [(0xC, "filters SIDs"), (0x408, "privileged access")])
def test_what_a_trust_filters_is_enforced_by_the_side_that_trusts(attributes: int, says: str) -> None:
    trusting = found_with((TO_FABRIKAM,), (replace(TO_CONTOSO, attributes=attributes),))
    assert (trusting.outcome, trusting.severity) == (Outcome.FAIL, Severity.RISK)
    assert says in trusting.message.text
    assert found_with((replace(TO_FABRIKAM, attributes=attributes),), (TO_CONTOSO,)).outcome is Outcome.PASS


@pytest.mark.parametrize("changes", [{"attributes": 0x2008}, {"sid": None}])
def test_what_a_trust_does_not_tell_is_not_known(changes: dict[str, int]) -> None:
    assert found_with((TO_FABRIKAM,), (replace(TO_CONTOSO, **changes),)).outcome is Outcome.UNKNOWN


def test_selective_authentication_is_judged_with_the_operator() -> None:
    assert found_with((TO_FABRIKAM,), (replace(TO_CONTOSO, attributes=0x18),)).outcome is Outcome.PASS


def test_a_session_on_the_source_passes_what_is_only_filtered_for_the_sources_own_account() -> None:
    world = trusts((TO_FABRIKAM,), (replace(TO_CONTOSO, attributes=0xC),)).move(launch=LaunchPoint.RDP)
    assert world.finding("domain.trust", PAIR).outcome is Outcome.PASS


def test_a_child_domain_whose_forest_root_was_not_read_is_unknown_and_not_refused() -> None:
    world = trusts((), (TO_CONTOSO,)).set(f"{IN_CONTOSO}.domain.forest", "root.contoso.test")
    found = world.finding("domain.trust", PAIR)
    assert found.outcome is Outcome.UNKNOWN
    assert "root.contoso.test" in found.message.text


def test_a_trust_between_the_forest_roots_covers_the_domains_below_that_it_routes() -> None:
    whole = {(CON, FAB): half(FAB, routes=routes(FAB, B_FAB)), (FAB, CON): half(CON, routes=routes(CON, A_CON))}
    assert realms(A_CON, B_FAB, A_CON, whole).finding("domain.trust", PAIR).outcome is Outcome.PASS
    partly = whole | {(FAB, CON): half(CON, routes=routes(CON))}
    found = realms(A_CON, B_FAB, A_CON, partly).finding("domain.trust", PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert A_CON in found.message.text


@pytest.mark.parametrize(
    ("told", "severity"), [(routes(FAB, B_FAB, flags=1), Severity.BLOCKER), (routes(FAB), Severity.BLOCKER), (None, Severity.RISK)]
)
def test_the_targets_names_have_to_be_routed_from_the_sources_forest(told: tuple[RoutedName, ...] | None, severity: Severity) -> None:
    held = {(CON, FAB): half(FAB, routes=told), (FAB, CON): half(CON, routes=routes(CON, A_CON))}
    found = realms(A_CON, B_FAB, A_CON, held).finding("domain.trust", PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
    assert B_FAB in found.message.text


def test_an_external_trust_between_the_roots_covers_nothing_below() -> None:
    found = realms(A_CON, FAB, A_CON, two_way(CON, FAB, 0)).finding("domain.trust", PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "There is no trust" in found.message.text


def test_a_trust_inside_a_forest_that_was_changed_is_a_risk() -> None:
    inside = two_way(CON, A_CON, 0x20)
    assert realms(CON, A_CON, CON, inside).finding("domain.trust", PAIR).outcome is Outcome.PASS
    quarantined = inside | {(A_CON, CON): half(CON, attributes=0x24)}
    for source, target in ((CON, A_CON), (A_CON, C_CON)):
        found = realms(source, target, CON, quarantined).finding("domain.trust", PAIR)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


@pytest.mark.parametrize(
    ("source", "target", "between"),
    [
        (CON, A_CON, ()),
        (A_CON, X_A_CON, ()),
        (CON, OTHER_TREE, ()),
        (CON, X_A_CON, (A_CON,)),
        (A_CON, C_CON, (CON,)),
        (X_A_CON, C_CON, (A_CON, CON)),
        (OTHER_TREE, X_A_CON, (CON, A_CON)),
    ],
)
def test_inside_a_forest_every_domain_on_the_way_is_needed_and_no_other(source: str, target: str, between: tuple[str, ...]) -> None:
    world = realms(source, target, source, {})
    others = {CON, A_CON, C_CON, X_A_CON, OTHER_TREE, FAB, B_FAB} - {source, target, *between}
    assert without(world, *others).finding("domain.trust", PAIR).outcome is Outcome.PASS
    for name in between:
        found = without(world, name).finding("domain.trust", PAIR)
        assert found.outcome is Outcome.UNKNOWN
        assert name in found.message.text
        assert world.miss(f"{controller(name)}.trusts").finding("domain.trust", PAIR).outcome is Outcome.UNKNOWN


def test_a_trust_that_two_domains_of_a_forest_have_with_each_other_is_the_shorter_way() -> None:
    world = realms(X_A_CON, C_CON, CON, two_way(X_A_CON, C_CON, 0x20))
    assert without(world, A_CON, CON).finding("domain.trust", PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize("changed", [half(CON, attributes=0x24), half(CON, OUT, 0x20)])
def test_a_trust_on_the_way_that_was_changed_is_a_risk_over_the_border_of_a_forest_too(changed: Trust) -> None:
    held = {(CON, FAB): half(FAB, routes=routes(FAB)), (FAB, CON): half(CON, routes=routes(CON, A_CON, X_A_CON))}
    world = realms(X_A_CON, FAB, X_A_CON, held)
    assert world.finding("domain.trust", PAIR).outcome is Outcome.PASS
    assert without(world, A_CON).finding("domain.trust", PAIR).outcome is Outcome.UNKNOWN
    assert without(realms(X_A_CON, FAB, X_A_CON, {}), A_CON).finding("domain.trust", PAIR).severity is Severity.BLOCKER
    found = realms(X_A_CON, FAB, X_A_CON, held | {(A_CON, CON): changed}).finding("domain.trust", PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"{A_CON} with {CON}" in found.message.text


@pytest.mark.parametrize(
    "path",
    [
        f"{IN_CONTOSO}.trusts",
        f"{IN_FABRIKAM}.trusts",
        f"{IN_FABRIKAM}.domain",
    ],
)
def test_a_directory_that_was_not_read_is_unknown(path: str) -> None:
    assert across_domains().miss(path).finding("domain.trust", PAIR).outcome is Outcome.UNKNOWN
