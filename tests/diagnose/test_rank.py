"""In which order the causes of a failure come: by the code, by the facts, by the words, and what is said of those that stay open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome
from checks.errors import KnownError
from checks.errors.diagnosis import By, Diagnosis, Judged, Ranked, Standing
from checks.errors.lookup import all_errors, known
from checks.errors.observation import Observation
from checks.facts.directory import AccountFacts
from checks.facts.migration import MigrationAuthentication
from checks.facts.people import LogonSession
from checks.facts.system import CredentialGuard
from checks.plan import ChangeRequest, LaunchPoint, Plan, Window
from checks.text import plain
from checks.world import World
from reports.diagnosis import remedies
from reports.language import Language
from runner.diagnose.judge import Judge
from runner.diagnose.operations import join
from runner.diagnose.rank import MOST_COMPARED, rank
from runner.diagnose.sentences import alike
from tests import world as worlds
from tests.world import AT, DC, OPERATOR, TestWorld, account, across_domains, good
from tests.world import known as fact

NO_CREDENTIALS, DENIED, REFUSED = "0x8009030E", "0x80070005", "0x8007274D"
ADMIN = "Microsoft-Windows-Hyper-V-VMMS-Admin"
SEEN = Observation("mail.txt:1", "", (NO_CREDENTIALS,), (), None, "LMTest", "TESTSERVER01", "testserver02.contoso.test")


def judged(world: TestWorld, *, plan: bool = True, **changes: Any) -> Judged:
    """What the checks say in a world of the failed move of LMTest."""
    (operation,) = join((replace(SEEN, **changes),))
    return Judge(world.snapshot, world.plan if plan else None).of(operation)


def diagnosed(world: TestWorld | None = None, *, plan: bool = True, **changes: Any) -> Diagnosis:
    (operation,) = join((replace(SEEN, **changes),))
    return rank(operation, judged(world, plan=plan, **changes).views if world else ())


def ids(diagnosis: Diagnosis) -> list[str]:
    return [ranked.cause.id for ranked in diagnosis.causes]


def cause(diagnosis: Diagnosis, id: str) -> Ranked:
    return next(ranked for ranked in diagnosis.causes if ranked.cause.id == id)


def error(code: str) -> KnownError:
    found = known(code)
    assert found is not None
    return found


# --- one snapshot for each cause of 0x8009030E ---


def credssp(world: TestWorld) -> TestWorld:
    for host in ("testserver01", "testserver02"):
        world = world.set(f"hosts.{host}.migration.authentication", MigrationAuthentication.CREDSSP)
    return world


def signed_in(world: TestWorld) -> TestWorld:
    session = LogonSession("77", 10, "Negotiate", OPERATOR, "CONTOSO\\hv-operator", AT)
    return world.set("hosts.testserver01.sessions", (session,)).move(launch=LaunchPoint.RDP)


def lagging(world: TestWorld) -> TestWorld:
    """The second controller does not show the delegation yet."""
    old = account("TestServer01", 1, "TestServer02", delegate_to=(), delegation_version=3)
    views = AccountFacts({DC: fact(account("TestServer01", 1, "TestServer02")), "dc02.contoso.test": fact(old)})
    return TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {"testserver01": views}))


CAUSES = {
    "kcd_kerberos_only_remote_start": good().account("testserver01", user_account_control=0x1000),
    "credssp_not_logged_on_source": credssp(good()),
    "delegation_missing": good().account("testserver01", delegate_to=()),
    "stale_ticket_or_ad_replication": lagging(good()),
    "credential_guard_with_credssp": signed_in(credssp(good())).set("hosts.testserver01.credential_guard", CredentialGuard(True, (1,))),
    "user_not_delegatable": good().set("operators.contoso\\hv-operator.account.user_account_control", 0x100200),
    "name_form_not_delegated": good().called("testserver02", "10.0.0.2"),
    "auth_type_mismatch": good().set("hosts.testserver02.migration.authentication", MigrationAuthentication.CREDSSP),
}
WITHOUT_CHECK = ("managed_domain_limits",)


def test_every_cause_of_the_code_has_a_snapshot_or_no_check() -> None:
    assert {each.id for each in error(NO_CREDENTIALS).causes} == {*CAUSES, *WITHOUT_CHECK}


@pytest.mark.parametrize("plan", [True, False], ids=["with the plan", "without a plan"])
@pytest.mark.parametrize("id", CAUSES)
def test_the_cause_that_the_facts_show_comes_first_and_quotes_them(id: str, plan: bool) -> None:
    first = diagnosed(CAUSES[id], plan=plan).causes[0]
    assert first.cause.id == id
    assert first.rank == 1
    assert first.standing in (Standing.FAILS, Standing.MAY_FAIL)
    assert all(record.outcome is Outcome.FAIL and record.evidence for record in first.failing)
    assert {record.check for record in first.failing} <= set(first.cause.checks)


@pytest.mark.parametrize("id", CAUSES)
def test_a_cause_whose_checks_hold_sinks_below_those_that_are_not_decided(id: str) -> None:
    standings = [ranked.standing for ranked in diagnosed(CAUSES[id]).causes]
    assert standings.index(Standing.HOLDS) > max(place for place, each in enumerate(standings) if each is Standing.OPEN)
    partly = cause(diagnosed(good()), id).cause.partly
    assert cause(diagnosed(good()), id).standing is (Standing.OPEN if partly else Standing.HOLDS)


def test_a_cause_of_which_the_checks_see_only_a_part_is_not_ruled_out_when_they_hold() -> None:
    """The controllers agree, but how old the tickets are is not read."""
    stale = cause(diagnosed(good()), "stale_ticket_or_ad_replication")
    assert stale.standing is Standing.OPEN
    assert "klist" in stale.cause.tell_apart
    assert cause(diagnosed(credssp(good())), "stale_ticket_or_ad_replication").standing is Standing.HOLDS


@pytest.mark.parametrize("id", WITHOUT_CHECK)
def test_a_cause_that_no_check_sees_stays_open_and_says_how_to_decide_it(id: str) -> None:
    for world in CAUSES.values():
        ranked = cause(diagnosed(world), id)
        assert ranked.standing is Standing.OPEN
        assert not ranked.missing
        assert ranked.cause.tell_apart


def test_without_facts_the_order_is_that_of_the_knowledge_base() -> None:
    for each in all_errors():
        found = diagnosed(codes=(each.code,))
        assert ids(found) == [cause.id for cause in sorted(each.causes, key=lambda cause: cause.rank)], each.code
        assert [ranked.rank for ranked in found.causes] == list(range(1, len(each.causes) + 1))
        assert {ranked.standing for ranked in found.causes} == {Standing.OPEN}


def test_several_causes_that_the_facts_show_stand_in_the_order_of_the_knowledge_base() -> None:
    both = good().account(
        "testserver01", user_account_control=0x1000, delegate_to=worlds.services("TestServer02", worlds.MIGRATION_SERVICE)
    )
    found = diagnosed(both)
    assert ids(found)[:2] == ["kcd_kerberos_only_remote_start", "delegation_missing"]
    assert [ranked.standing for ranked in found.causes[:2]] == [Standing.FAILS] * 2


def test_what_stops_the_move_comes_before_what_may_stop_it() -> None:
    window = Window(AT + timedelta(hours=8), AT + timedelta(hours=14))
    later = CAUSES["credential_guard_with_credssp"].set("hosts.testserver01.sessions", ()).with_plan(change=ChangeRequest(window=window))
    found = diagnosed(later)
    assert ids(found)[:2] == ["credential_guard_with_credssp", "credssp_not_logged_on_source"]


# --- what is not decided ---


def test_a_missing_fact_leaves_a_cause_open_and_is_named_with_its_source() -> None:
    unread = good().miss("operators.contoso\\hv-operator.account")
    ranked = cause(diagnosed(unread), "user_not_delegatable")
    assert ranked.standing is Standing.OPEN
    assert [record.message.text for record in ranked.missing] == ["operator.account is not known (test): access denied"]


def test_without_the_hosts_nothing_sinks() -> None:
    dark = good()
    for host in ("testserver01", "testserver02"):
        for name in ("migration", "computer", "sessions", "hyperv_role"):
            dark = dark.miss(f"hosts.{host}.{name}")
    found = diagnosed(dark)
    assert {ranked.standing for ranked in found.causes} == {Standing.OPEN}
    assert ids(found) == [each.id for each in error(NO_CREDENTIALS).causes]


def test_where_credssp_is_used_delegation_is_no_cause() -> None:
    found = diagnosed(CAUSES["credssp_not_logged_on_source"])
    for id in ("kcd_kerberos_only_remote_start", "delegation_missing", "user_not_delegatable"):
        assert cause(found, id).standing is Standing.HOLDS


def test_a_check_that_another_failure_stopped_points_to_that_failure() -> None:
    stopped = good().set("hosts.testserver01.hyperv_role.service_state", "Stopped")
    ranked = cause(diagnosed(stopped), "credential_guard_with_credssp")
    assert ranked.standing is Standing.OPEN
    assert {record.check for record in ranked.because} == {"platform.hyperv_role"}
    assert "platform.hyperv_role" in {record.check for record in diagnosed(stopped).blockers}


def test_the_way_back_says_nothing_of_the_operation() -> None:
    """With CredSSP the operator is not signed in on the target: that matters to the way back only."""
    found = diagnosed(signed_in(credssp(good())))
    assert cause(found, "credssp_not_logged_on_source").standing is Standing.HOLDS


def test_more_than_is_needed_is_no_cause() -> None:
    old = good().set("hosts.testserver01.os.build", 9600)
    assert cause(diagnosed(old), "kcd_kerberos_only_remote_start").standing is Standing.HOLDS


# --- which operation ---


def test_the_facts_of_the_other_direction_are_not_used() -> None:
    world = good().account("testserver02", delegate_to=()).with_return()
    there, back = diagnosed(world), diagnosed(world, source="TestServer02", target="TestServer01")
    assert cause(there, "delegation_missing").standing is Standing.HOLDS
    assert back.causes[0].cause.id == "delegation_missing"


def test_a_move_that_is_not_planned_is_judged_with_the_plans_operator() -> None:
    world = good().account("testserver02", delegate_to=())
    found = judged(world, vm="Other", source="TestServer02", target="TestServer01")
    assert [(move.vm.spelled, move.source.key, move.operator.spelled) for move in found.moves] == [
        ("Other", "testserver02", "CONTOSO\\hv-operator")
    ]
    assert not found.planned


def test_without_a_plan_the_vm_tells_the_source_and_both_ways_of_starting_are_judged() -> None:
    found = judged(good(), plan=False, source=None, target=None)
    assert {(move.source.key, move.target.key) for move in found.moves} == {("testserver01", "testserver02")}
    assert [view.launch for view in found.views] == ["remote", "console"]
    ranked = diagnosed(CAUSES["user_not_delegatable"], plan=False).causes[0]
    assert (ranked.standing, ranked.launches) == (Standing.MAY_FAIL, ("remote",))


def test_a_vm_is_found_by_its_id_too() -> None:
    found = judged(good(), vm=worlds.vm().id.upper(), source=None, target=None)
    assert found.planned


def test_of_several_operators_none_is_assumed() -> None:
    world = good()
    operators = world.snapshot.operators | {"contoso\\other": world.snapshot.operators["contoso\\hv-operator"]}
    more = TestWorld(world.plan, replace(world.snapshot, operators=operators))
    ranked = cause(diagnosed(more, plan=False), "user_not_delegatable")
    assert ranked.standing is Standing.OPEN


def test_what_is_said_of_one_vm_does_not_depend_on_which_was_asked_about_before() -> None:
    world = CAUSES["user_not_delegatable"]
    asked = [join((replace(SEEN, vm=name),))[0] for name in ("LMTest", "Other", "Third", worlds.vm().id)]
    together = Judge(world.snapshot)
    assert [together.of(operation) for operation in asked] == [Judge(world.snapshot).of(operation) for operation in asked]


def test_a_host_that_the_snapshot_does_not_hold_is_said_and_nothing_is_judged() -> None:
    found = judged(good(), target="TestServer09")
    assert found.views == ()
    assert plain(found.problem) == "The snapshot holds no host TestServer09"


def test_a_name_that_may_mean_two_hosts_means_none() -> None:
    world = across_domains().with_host("testserver01.fabrikam.test", like="testserver01")
    assert judged(world, source="TestServer01.nowhere.test").views == ()


def test_a_whole_plan_is_judged_as_a_whole() -> None:
    world = good()
    plan = Plan(tuple(replace(world.plan.moves[0], vm="*") for _ in range(1)))
    found = Judge(world.snapshot, plan).of(join((SEEN,))[0])
    assert found.planned
    assert found.moves == World(plan, world.snapshot).moves


# --- which errors ---


def test_the_code_that_says_most_leads_and_the_causes_of_the_others_follow() -> None:
    found = diagnosed(codes=("0x80040154", REFUSED, NO_CREDENTIALS))
    assert found.codes == (REFUSED, NO_CREDENTIALS, "0x80040154"), "both are well attested: the first in the text leads"
    assert found.unknown == ("0x80040154",)
    assert ids(found)[: len(error(REFUSED).causes)] == [each.id for each in error(REFUSED).causes]
    assert set(ids(found)) >= {each.id for each in error(NO_CREDENTIALS).causes}


def test_a_well_attested_code_leads_a_weak_one_that_stands_before_it() -> None:
    assert diagnosed(codes=("0x8009030C", NO_CREDENTIALS)).codes[0] == NO_CREDENTIALS


def test_a_wrapper_is_no_cause_while_anything_else_is_known() -> None:
    found = diagnosed(events=((ADMIN, 21024),), codes=(NO_CREDENTIALS,))
    assert found.codes == (NO_CREDENTIALS,)
    assert "no_cause" not in ids(found)
    assert found.found[-1].error.wrapper


def test_a_wrapper_alone_says_that_it_is_one() -> None:
    found = diagnosed(codes=(), text="Virtual machine migration operation for 'LMTest' failed at migration source 'TestServer01'.")
    assert {each.error.wrapper for each in found.found} == {True}
    assert ids(found) == ["no_cause"]


def test_without_a_code_the_event_tells_which_errors_it_may_be() -> None:
    found = diagnosed(codes=(), events=((ADMIN, 20306),))
    assert {each.error.code for each in found.found} == {NO_CREDENTIALS, "0x8009030D"}
    assert {each.by for each in found.found} == {By.EVENT}
    assert found.codes == ()
    assert diagnosed(codes=(), events=((ADMIN, 14050),)).codes == ("14050",)


def test_a_small_event_number_without_its_channel_or_in_everybodys_log_means_nothing() -> None:
    assert diagnosed(codes=(), events=(("", 5),)).found == ()
    assert diagnosed(codes=(), events=(("System", 11),)).found == ()


def test_without_code_and_event_the_words_of_the_message_tell_and_that_is_marked() -> None:
    for said, code in (
        ("Im Sicherheitspaket sind keine Anmeldeinformationen verfügbar.", NO_CREDENTIALS),
        ("move failed. The target principal name is incorrect!", "0x80090322"),
        ("Could not find Ethernet switch 'Prod 7'", "33012"),
        (
            "The virtual machine is using processor-specific features not supported on physical computer 'TestServer02'",
            "processor incompatible",
        ),
    ):
        found = diagnosed(codes=(), text=said)
        assert found.found[0].error.code == code
        assert {each.by for each in found.found} <= {By.SENTENCE, By.WORDS}
        assert found.codes == ()


def test_words_count_for_nothing_beside_a_code() -> None:
    found = diagnosed(codes=(NO_CREDENTIALS,), text="The target principal name is incorrect")
    assert [each.error.code for each in found.found] == [NO_CREDENTIALS]


@pytest.mark.parametrize("said", ["", "The move failed.", "Der virtuelle Computer wurde verschoben", "host source target machine"])
def test_a_text_that_says_nothing_known_fits_nothing(said: str) -> None:
    assert alike((said,)) == ()


def test_an_unknown_code_is_said_with_its_nearest() -> None:
    found = diagnosed(codes=("0x80090310",))
    assert (found.causes, found.unknown, found.codes) == ((), ("0x80090310",), ("0x80090310",))
    assert any(each.code.startswith("0x800903") for each in found.near)


def test_of_many_unknown_codes_the_first_ones_are_compared() -> None:
    many = tuple(f"0xBEEFBEE{number:X}" for number in range(MOST_COMPARED))
    found = diagnosed(codes=(*many, "0x80090310"))
    assert found.unknown == (*many, "0x80090310")
    assert found.near == ()
    assert diagnosed(codes=(*many[1:], "0x80090310")).near


def test_an_unknown_code_is_said_and_does_not_silence_the_sentence_beside_it() -> None:
    found = diagnosed(codes=("0x80090310",), events=((ADMIN, 21024),), text="The target principal name is incorrect")
    assert [each.error.code for each in found.found] == ["0x80090322", "21024"]
    assert (found.codes, found.unknown) == (("0x80090310",), ("0x80090310",))
    assert {ranked.carried for ranked in found.causes} == {By.SENTENCE}


def test_a_wrapper_is_no_cause_of_an_unknown_code() -> None:
    found = diagnosed(codes=("0x80090310",), events=((ADMIN, 21024),))
    assert (found.causes, [each.error.code for each in found.found]) == ((), ["21024"])
    assert found.near


def test_blockers_that_belong_to_no_cause_are_told_too() -> None:
    closed = good().set("hosts.testserver02.migration.enabled", False)
    assert [record.check for record in diagnosed(closed).blockers][:1] == ["migration.enabled"]
    assert diagnosed(closed, codes=("0x80090310",)).blockers


def test_the_first_remedy_takes_no_protection_away() -> None:
    """The checks of a protected account offer commands that unprotect it: another account, or another place, comes before them."""
    ranked = diagnosed(CAUSES["user_not_delegatable"]).causes[0]
    (answer, *_) = remedies(ranked, Language("en"))
    assert answer == ranked.cause.fix
    assert ranked.cause.mild


# --- always ---


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([error.code for error in all_errors()]) | st.text(max_size=12), max_size=5).map(tuple),
    st.lists(st.tuples(st.sampled_from(["", ADMIN]) | st.text(max_size=5), st.integers(0, 70_000)), max_size=3).map(tuple),
    st.text(max_size=200),
    st.sampled_from([None, *CAUSES]),
)
def test_the_order_is_whole_and_the_same_each_time(codes: Any, events: Any, said: str, id: str | None) -> None:
    (operation,) = join((replace(SEEN, codes=codes, events=events, text=said, time=datetime(2026, 12, 5, tzinfo=UTC)),)) or (None,)
    if operation is None:
        return
    views = judged(CAUSES[id]).views if id else ()
    found = rank(operation, views)
    assert found == rank(operation, views)
    assert [ranked.rank for ranked in found.causes] == list(range(1, len(found.causes) + 1))
    assert [ranked.score for ranked in found.causes] == sorted((ranked.score for ranked in found.causes), reverse=True)
    assert len(set(ids(found))) == len(found.causes)
    specific = [each.error for each in found.found if not each.error.wrapper]
    expected = specific or ([] if found.unknown else [each.error for each in found.found])
    assert set(ids(found)) == {each.id for one in expected for each in one.causes}
