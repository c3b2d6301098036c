"""What lets a source act for users has two means: both are shown where both are enough, and the plan says which is taken."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.changed import changed
from checks.check import Outcome, Severity
from checks.delegation._table import Listed
from checks.facts.directory import AccessEntry
from checks.plan import LaunchPoint, Preferences
from checks.remedy import Means
from checks.result import FindingRecord, RemedyRecord
from checks.text import plain
from tests.checks.delegation.situations import MOVE, PAIR, SOURCE_SID, Given
from tests.world import CONTOSO, IN_CONTOSO, TestWorld, services

SERVICE = "delegation.migration_service"
CONSTRAINED, RESOURCE_BASED = Means
OTHERS, STRANGER = f"{CONTOSO}-515", f"{CONTOSO}-2999"
KERBEROS_ONLY = Given(empty=False)
"""A list of other hosts, and "Kerberos only"."""


def preferring(world: TestWorld, prefer: Means | None) -> TestWorld:
    return world.with_plan(policy=Preferences(prefer))


def remedy(world: TestWorld, prefer: Means | None = None, check: str = SERVICE, subject: str = MOVE) -> RemedyRecord:
    found = preferring(world, prefer).finding(check, subject).remedy
    assert found
    return found


def offered(of: RemedyRecord) -> tuple[tuple[Means, tuple[str, ...]], ...]:
    """By which means, in which order, with which kinds of change."""
    every = (of, *(of.alternatives or ()))
    return tuple((each.choice.means, tuple(change.kind for change in each.changes)) for each in every if each.choice)


def test_both_are_offered_in_one_domain_and_the_preferred_one_comes_first() -> None:
    entries = (CONSTRAINED, ("delegate_to", "any_protocol"))
    for these, on_target in ((Given(), ("act_on_behalf",)), (KERBEROS_ONLY, ("act_on_behalf", "any_protocol"))):
        world = these.world()
        assert offered(remedy(world)) == (entries, (RESOURCE_BASED, on_target))
        assert offered(remedy(world, CONSTRAINED)) == (entries, (RESOURCE_BASED, on_target))
        assert offered(remedy(world, RESOURCE_BASED)) == ((RESOURCE_BASED, on_target), entries)


def test_what_a_preference_does_not_concern_stays_as_it_is() -> None:
    world = Given().world()
    assert replace(remedy(world), alternatives=()) == replace(remedy(world, CONSTRAINED), alternatives=())
    assert not remedy(world).ruled_out


def test_each_says_what_it_opens_up_who_can_change_it_and_what_it_needs() -> None:
    first = remedy(KERBEROS_ONLY.world())
    (other,) = first.alternatives or ()
    assert first.choice
    assert other.choice
    own, targets = plain(first.choice.opens), plain(other.choice.opens)
    assert "only towards the services that its delegation list names" in own
    assert "the domain administrators of contoso.test" in own
    assert "towards every service of TestServer02" in targets
    assert "the services of its own delegation list" in targets, "the flag that it needs opens these too"
    needs = [plain(need) for need in other.choice.needs]
    assert any("Windows Server 2012 or later" in need for need in needs)
    assert any('may use "any authentication protocol"' in need for need in needs)
    assert not any("trust" in need for need in needs)


def test_others_stay_in_the_targets_list_and_the_undo_takes_only_the_source_from_it() -> None:
    world = Given().world().account("testserver02", resource_based=(AccessEntry(True, 0xF01FF, STRANGER),))
    taken = remedy(world, RESOURCE_BASED)
    assert "(@((Get-ADComputer" in taken.commands[0]
    assert "Where-Object" in taken.undo[0]
    (account,) = changed(world.snapshot, taken.changes).accounts["testserver02"].views.values()
    assert [entry.sid for entry in account.value.resource_based] == [STRANGER, SOURCE_SID]  # type: ignore[union-attr]


def test_where_the_preferred_means_are_not_enough_the_others_are_taken_and_it_is_said_why() -> None:
    denied = Given().world().account("testserver02", resource_based=(AccessEntry(False, 0xF01FF, STRANGER),))
    old = Given().world().set(f"{IN_CONTOSO}.domain.controller_level", 4)
    rows: tuple[tuple[TestWorld, str, str, Means, str], ...] = (
        (denied, SERVICE, MOVE, RESOURCE_BASED, "It holds a denial, which the cmdlets would drop"),
        (old, SERVICE, MOVE, RESOURCE_BASED, "do not know resource-based delegation"),
        (Given(same_domain=False).world(), "delegation.across_domains", PAIR, CONSTRAINED, "ends at its own domain"),
        (Given(listed=Listed.BOTH, empty=False).world(), "delegation.protocol", MOVE, RESOURCE_BASED, "no ticket that may be passed on"),
    )
    for world, check, subject, prefer, why in rows:
        found = remedy(world, prefer, check, subject)
        assert [means for means, _ in offered(found)] == [next(each for each in Means if each is not prefer)], why
        (out,) = found.ruled_out or ()
        assert (out.means, out.preferred) == (prefer, True)
        assert why in plain(out.why)
        assert replace(found, ruled_out=()) == replace(remedy(world, None, check, subject), ruled_out=())


def test_some_old_controllers_are_named_among_what_it_needs() -> None:
    path = "domains.contoso·test.controllers"
    world = Given().world()
    controllers = world.snapshot.domains["contoso.test"].controllers
    (old,) = controllers.values()
    world = world.set(path, controllers | {"dc02.contoso.test": old}).set(f"{path}.dc02·contoso·test.domain.controller_level", 4)
    choice = remedy(world, RESOURCE_BASED).choice
    assert choice
    assert choice.means is RESOURCE_BASED
    assert any("dc02.contoso.test are older" in plain(need) for need in choice.needs)


def test_the_file_server_of_a_share_may_let_the_source_act_for_users_too() -> None:
    world = Given().doubt().set("hosts.testserver01.vms.0.configuration_path", "\\\\fs01\\vms").move(include_storage=False)
    taken = remedy(world, RESOURCE_BASED, "delegation.cifs")
    assert next((change.kind, change.object) for change in taken.changes) == ("act_on_behalf", "FS01$")


def test_for_storage_alone_nobody_else_sets_the_protocol() -> None:
    world = Given().world().move(storage_only=True, destination_path="\\\\testserver02\\vms")
    assert offered(remedy(world, check="delegation.cifs"))[0] == (CONSTRAINED, ("delegate_to", "any_protocol"))


def test_the_way_back_is_mended_by_the_preferred_means_too() -> None:
    world = Given(empty=False, listed=Listed.BOTH, any_protocol=True).world().account("testserver02", delegate_to=())
    bits = 0x1000
    taken = remedy(world.account("testserver02", user_account_control=bits), RESOURCE_BASED, "delegation.return_direction", PAIR)
    assert [(change.kind, change.object) for change in taken.changes] == [("act_on_behalf", "TESTSERVER01$")]


OF_MOVES = (SERVICE, "delegation.cifs", "delegation.protocol")
OF_PAIRS = ("delegation.across_domains", "delegation.return_direction")
CHECKS = dict.fromkeys(OF_MOVES, MOVE) | dict.fromkeys(OF_PAIRS, PAIR)
FLAG = st.booleans()
ENTRIES = st.builds(AccessEntry, FLAG, st.sampled_from([0xF01FF, 0x10]), st.sampled_from([OTHERS, STRANGER]))


@st.composite
def worlds(draw: st.DrawFn) -> TestWorld:
    these = Given(
        needed=draw(FLAG),
        launch=draw(st.sampled_from(LaunchPoint)),
        same_domain=draw(FLAG),
        any_protocol=draw(FLAG),
        empty=draw(FLAG),
        listed=draw(st.sampled_from(Listed)),
        old=draw(FLAG),
    )
    world = (these if these.possible else replace(these, empty=False)).world()
    world = world.account("testserver02", resource_based=tuple(draw(st.lists(ENTRIES, max_size=2))))
    if draw(FLAG):
        listed = draw(st.sampled_from([(), services("TestServer09")]))
        world = world.account("testserver02", delegate_to=listed, user_account_control=0x1000)
    return preferring(world, draw(st.sampled_from([None, *Means])))


def fails(found: FindingRecord) -> bool:
    return found.outcome is Outcome.FAIL and found.severity is not Severity.ADVICE


@given(worlds())
@settings(max_examples=40)
def test_whatever_is_offered_as_enough_is_enough(world: TestWorld) -> None:
    """Its changes made to the facts, the finding fails no more, and neither does the protocol that did not before."""

    def then(changes: Any, check: str) -> FindingRecord:
        return TestWorld(world.plan, changed(world.snapshot, changes)).finding(check, CHECKS[check])

    for check, subject in CHECKS.items():
        found = world.finding(check, subject)
        if not fails(found) or not found.remedy:
            continue
        for each in (found.remedy, *(found.remedy.alternatives or ())):
            if each.choice:
                assert each.changes
                assert not fails(then(each.changes, check)), (check, each.choice.means)
                if check == SERVICE and not fails(then((), "delegation.protocol")):
                    assert not fails(then(each.changes, "delegation.protocol")), each.choice.means
        prefer = world.plan.policy.prefer
        if found.remedy.choice and prefer and found.remedy.choice.means is not prefer:
            assert any(out.preferred and out.means is prefer for out in found.remedy.ruled_out or ())
