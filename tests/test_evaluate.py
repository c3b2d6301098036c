"""How checks are run and what becomes of their answers. The checks in here are made for the purpose; the world is the shared one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import combinations_with_replacement, product
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checks.check import Check, Finding, Outcome, Scope, Severity, check, fails, passes, skips
from checks.facts.fact import Reason
from checks.plan import Connection, Move
from checks.registry import RegistryError
from checks.remedy import Remedy, Role, Who
from checks.result import FindingRecord, HostDetail, Message, Result, Staying, Subject, Verdict
from checks.subject import HostView, PlanSubject, Reads
from checks.text import Text, command, text
from checks.windows.names import HostName, MachineName
from checks.world import World
from runner.evaluate import watchdog_over, worst
from tests.world import TestWorld, good, vm

REMEDY = Remedy(text("Repair it"), Who(Role.OPERATOR))
OPERATOR = "contoso\\hv-operator"
OTHER_ID = "99999999-2222-3333-4444-555555555555"


def made(
    function: Callable[[Any], Any] = lambda _: passes("fine"),
    *,
    id: str = "test.check",
    scope: Scope = Scope.HOST,
    severity: Severity = Severity.BLOCKER,
    facts: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    predicts: tuple[str, ...] = (),
    worst: Severity | None = None,
) -> Check:
    make = check(
        id=id, scope=scope, severity=severity, title="It holds", facts=facts, depends_on=depends_on, predicts=predicts, worst=worst
    )
    return make(function)


def failing(_: Any) -> Finding:
    return fails(text("It is broken"), remedy=REMEDY)


def of(result: Result, check: str = "test.check") -> dict[str, FindingRecord]:
    return {finding.id.partition("@")[2]: finding for finding in result.findings if finding.check == check}


def only(result: Result) -> FindingRecord:
    return result.findings[0]


# --- subjects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "subjects"),
    [
        (Scope.HOST, ["testserver01", "testserver02"]),
        (Scope.PAIR, ["testserver01>testserver02", "testserver02>testserver01"]),
        (Scope.MOVE, ["LMTest@testserver01>testserver02", "LMTest@testserver02>testserver01"]),
        (Scope.ACCESS, [f"{OPERATOR}@testserver01", f"{OPERATOR}@testserver02"]),
        (Scope.PLAN, ["plan"]),
    ],
)
def test_a_check_is_evaluated_once_for_each_subject_of_its_scope(scope: Scope, subjects: list[str]) -> None:
    calls: list[object] = []

    def function(subject: object) -> Finding:
        calls.append(subject)
        return passes("fine")

    world = good().with_return()
    world = world.with_plan(moves=(*world.plan.moves, *(() if scope is Scope.MOVE else world.plan.moves)))
    result = world.result((made(function, scope=scope),))
    assert list(of(result)) == subjects
    assert len(calls) == len(subjects)


def test_a_subject_is_shown_in_the_plans_spelling() -> None:
    finding = of(good().result((made(scope=Scope.ACCESS),)))[f"{OPERATOR}@testserver01"]
    assert finding.subject == Subject("access", host="TestServer01", operator="CONTOSO\\hv-operator")


def test_hosts_in_two_spellings_are_one_host() -> None:
    moves = good().plan.moves
    world = good().with_plan(moves=(*moves, replace(moves[0], source="TESTSERVER01.", vm="Other")))
    assert list(of(world.result((made(),)))) == ["testserver01", "testserver02"]


def test_a_star_is_every_vm_of_its_source_with_ids_for_names_that_are_not_unique() -> None:
    vms = (vm("B", id="3"), vm("a", id="2"), vm("A", id="1"))
    result = good().set("hosts.testserver01.vms", vms).move(vm="*").result((made(scope=Scope.MOVE),))
    assert [move.vm for move in result.moves] == ["1", "2", "B"]


def test_of_a_source_it_is_told_which_vms_the_plan_leaves_on_it() -> None:
    world = good().set("hosts.testserver01.vms", (vm("LMTest"), vm("SQL01", id="2"), *(vm(f"APP{n:02}", id=f"9{n}") for n in range(30))))
    stays = [world.result((made(),)).host_details[name].staying for name in ("TestServer01", "TestServer02")]
    assert stays == [Staying(31, tuple(f"APP{n:02}" for n in range(20))), None]
    assert world.move(vm="*").result((made(),)).host_details["TestServer01"].staying == Staying(0, ())
    assert world.move(storage_only=True).result((made(),)).host_details["TestServer01"].staying.count == 32, "only files go"
    assert world.miss("hosts.testserver01.vms").result((made(),)).host_details["TestServer01"].staying is None


def test_hosts_are_told_with_their_full_names_and_domains_or_workgroups_as_they_say_them() -> None:
    world = good().set("hosts.testserver02.computer.joined", False).set("hosts.testserver02.computer.domain", "WORKGROUP")
    told = world.result((made(),)).host_details
    assert (told["TestServer01"].full_name, told["TestServer01"].domain) == ("TestServer01.contoso.test", "contoso.test")
    assert (told["TestServer02"].domain, told["TestServer02"].workgroup) == (None, "WORKGROUP")
    unread = good().miss("hosts.testserver02.computer").miss("hosts.testserver02.session_token").result((made(),))
    assert unread.host_details["TestServer02"] == HostDetail()


def test_hosts_are_told_with_the_rights_of_the_session_and_the_configuration_that_was_asked_for() -> None:
    limited = good().with_plan(connection=Connection(configuration_name="hvpreflight")).result((made(),)).host_details["TestServer01"]
    assert (limited.token, limited.endpoint) == (("S-1-5-32-545", "S-1-5-32-544"), "hvpreflight")
    assert good().result((made(),)).host_details["TestServer01"].endpoint == ""


@pytest.mark.parametrize("world", [good().miss("hosts.testserver01.vms"), good().set("hosts.testserver01.vms", ())])
def test_a_star_that_stands_for_nothing_known_stays_one_move(world: TestWorld) -> None:
    assert [move.vm for move in world.move(vm="*").result((made(scope=Scope.MOVE),)).moves] == ["*"]


def test_a_move_that_stands_twice_gives_two_findings_with_ids_of_their_own() -> None:
    moves = good().plan.moves
    result = good().with_plan(moves=moves * 3).result((made(scope=Scope.MOVE),))
    assert [finding.id for finding in result.findings] == [
        "test.check@LMTest@testserver01>testserver02",
        "test.check@LMTest@testserver01>testserver02#2",
        "test.check@LMTest@testserver01>testserver02#3",
    ]


# --- facts ------------------------------------------------------------------------------------------------------------


def reads_migration(subject: Any) -> Finding:
    return passes("enabled: {enabled}", enabled=subject.host.migration.enabled)


@pytest.mark.parametrize("reason", Reason)
def test_a_missing_fact_makes_the_finding_unknown_with_its_reason(reason: Reason) -> None:
    world = good().miss("hosts.testserver01.migration", reason)
    finding = of(world.result((made(reads_migration, facts=("host.migration",)),)))["testserver01"]
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, reason)
    assert "host.migration is not known" in finding.message.text


def test_what_is_unknown_counts_with_the_highest_severity_the_check_could_have_had() -> None:
    checks = (made(reads_migration, facts=("host.migration",), severity=Severity.ADVICE, worst=Severity.BLOCKER),)
    assert only(good().miss("hosts.testserver01.migration").result(checks)).severity is Severity.BLOCKER


def test_reading_a_fact_that_was_not_declared_is_our_bug() -> None:
    finding = only(good().result((made(reads_migration, facts=("host.os",)),)))
    assert finding.outcome is Outcome.ERROR
    assert "UndeclaredFact: host.migration" in finding.message.text


def test_a_fact_of_the_other_role_is_not_declared_with_it() -> None:
    function = made(lambda s: passes("x{x}", x=s.target.migration.enabled), scope=Scope.PAIR, facts=("source.migration",))
    assert only(good().result((function,))).outcome is Outcome.ERROR


@pytest.mark.parametrize(("answer", "outcome"), [(passes("fine"), Outcome.UNKNOWN), (failing(None), Outcome.FAIL)])
def test_a_missing_hint_takes_the_pass_away_and_leaves_the_failure(answer: Finding, outcome: Outcome) -> None:
    def function(subject: Any) -> Finding:
        assert subject.host.hint(HostView.migration) is None
        return answer

    finding = only(good().miss("hosts.testserver01.migration").result((made(function, facts=("host.migration",)),)))
    assert finding.outcome is outcome


def test_what_is_made_once_of_a_host_takes_the_pass_away_from_each_move_where_a_hint_was_missing() -> None:
    def switches(host: HostView) -> bool:
        return host.hint(HostView.switches) is None

    def function(subject: Any) -> Finding:
        return passes("{vm}", vm=subject.vm.name) if subject.target.once(switches) else failing(None)

    world = good().set("hosts.testserver01.vms", (vm(), vm(name="Other", id="22222222-2222-3333-4444-555555555555")))
    (move,) = world.plan.moves
    two = world.with_plan(moves=(move, replace(move, vm=MachineName("Other")))).miss("hosts.testserver02.switches")
    result = two.result((made(function, scope=Scope.MOVE, facts=("vm", "target.switches")),))
    assert [found.outcome for found in result.findings] == [Outcome.UNKNOWN] * 2


def test_what_is_made_once_of_a_host_and_something_else_is_made_once_for_each_such_thing() -> None:
    made_of: list[str] = []

    def shown(host: HostView, switch: str) -> str:
        made_of.append(switch)
        return f"{switch} on {host.name}"

    host = Reads(World(good().plan, good().snapshot)).host(HostName("testserver02"), "target")
    assert [host.once(shown, switch) for switch in ("LAN", "DMZ", "LAN")] == [
        f"{switch} on {host.name}" for switch in ("LAN", "DMZ", "LAN")
    ]
    assert made_of == ["LAN", "DMZ"]


def test_a_fact_that_lacks_the_part_a_check_needs_is_unknown() -> None:
    def function(subject: Any) -> Finding:
        raise subject.host.lacks(HostView.migration, text("the maximum"))

    finding = only(good().result((made(function, facts=("host.migration",)),)))
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert "the maximum: not in the answer" in finding.message.text


def test_a_host_that_is_not_in_the_snapshot_is_unknown() -> None:
    world = good().move(target="TestServer09")
    finding = of(world.result((made(reads_migration, facts=("host.migration",)),)))["testserver09"]
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)


# --- bugs of checks ---------------------------------------------------------------------------------------------------


def crashing(_: Any) -> Finding:
    raise ZeroDivisionError("by nothing")


def endless(_: Any) -> Finding:
    while True:
        pass


def swallowing(_: Any) -> Finding:
    while True:
        try:
            endless(None)
        except Exception:
            continue


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (crashing, "ZeroDivisionError: by nothing"),
        (lambda _: None, "returned NoneType instead of a finding"),
        (lambda _: True, "returned bool instead of a finding"),
        (lambda _: "PASS", "returned str instead of a finding"),
        (lambda _: Finding(Outcome.UNKNOWN, Text("?")), "UNKNOWN"),
        (lambda _: Finding(Outcome.ERROR, Text("?")), "ERROR"),
        (lambda _: Finding("FAIL", Text("a text is no outcome")), "returned 'FAIL'"),
        (lambda _: fails(text("no"), remedy=REMEDY, severity="BLOCKER"), "returned 'BLOCKER' as a severity"),
        (lambda _: Finding(Outcome.PASS, None), "AttributeError"),
        (lambda _: passes("{x}", x=(1, 2)), "TypeError"),
        (lambda _: fails(text("no"), remedy=Remedy(text("a"), Who(Role.OPERATOR), commands=(command('"{x}"', x="y"),))), "ValueError"),
    ],
)
def test_a_check_that_crashes_or_answers_nonsense_is_our_bug_and_the_run_goes_on(function: Callable[[Any], Any], says: str) -> None:
    result = good().result((made(function), made(id="test.other")))
    assert {finding.outcome for finding in of(result).values()} == {Outcome.ERROR}
    assert says in only(result).message.text
    assert {finding.outcome for finding in of(result, "test.other").values()} == {Outcome.PASS}


def going_on(_: Any) -> Finding:
    try:
        endless(None)
    except BaseException:
        return endless(None)
    return endless(None)


@pytest.mark.parametrize("function", [endless, swallowing, going_on])
def test_a_check_that_never_ends_is_ended_and_the_run_goes_on(function: Callable[[Any], Finding]) -> None:
    result = good().result((made(function, scope=Scope.PLAN), made(id="test.other")), check_limit_s=0.05)
    assert only(result).outcome is Outcome.ERROR
    assert "did not end" in only(result).message.text
    assert {finding.outcome for finding in of(result, "test.other").values()} == {Outcome.PASS}


def test_a_check_may_take_longer_the_more_moves_it_looks_at() -> None:
    world = good()
    many = replace(world.plan, moves=tuple(replace(world.plan.moves[0], vm=MachineName(f"VM{number}")) for number in range(2_000)))
    assert watchdog_over(World(many, world.snapshot)).limit_s == pytest.approx(
        watchdog_over(World(world.plan, world.snapshot)).limit_s + 1.999
    )


def test_a_bug_counts_with_the_highest_severity_of_its_check() -> None:
    result = good().result((made(crashing, severity=Severity.ADVICE, worst=Severity.BLOCKER),))
    assert only(result).severity is Severity.BLOCKER
    assert result.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("declared", "highest", "given", "outcome"),
    [
        (Severity.RISK, None, Severity.BLOCKER, Outcome.ERROR),
        (Severity.ADVICE, Severity.RISK, Severity.BLOCKER, Outcome.ERROR),
        (Severity.RISK, Severity.BLOCKER, Severity.BLOCKER, Outcome.FAIL),
        (Severity.BLOCKER, None, Severity.ADVICE, Outcome.FAIL),
    ],
)
def test_a_finding_above_the_declared_severity_is_our_bug(
    declared: Severity, highest: Severity | None, given: Severity, outcome: Outcome
) -> None:
    function = made(lambda _: fails(text("no"), remedy=REMEDY, severity=given), severity=declared, worst=highest)
    assert only(good().result((function,))).outcome is outcome


# --- dependencies -----------------------------------------------------------------------------------------------------


def one_host_fails(subject: Any) -> Finding:
    return failing(subject) if subject.host.key == HostName("testserver02") else passes("fine")


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        (Scope.HOST, {"testserver02"}),
        (Scope.PAIR, {"testserver01>testserver02", "testserver02>testserver01"}),
        (Scope.MOVE, {"LMTest@testserver01>testserver02", "LMTest@testserver02>testserver01"}),
        (Scope.ACCESS, {f"{OPERATOR}@testserver02"}),
    ],
)
def test_a_failed_blocker_skips_what_depends_on_it_for_the_subjects_it_bears_on(scope: Scope, stopped: set[str]) -> None:
    checks = (made(one_host_fails, id="test.first"), made(id="test.then", scope=scope, depends_on=("test.first",)))
    found = of(good().with_return().result(checks), "test.then")
    assert {subject for subject, finding in found.items() if finding.outcome is Outcome.SKIP} == stopped
    assert all(found[subject].because == ("test.first@testserver02",) for subject in stopped)
    assert all("test.first@testserver02" in found[subject].message.text for subject in stopped)


def test_what_depends_on_a_skipped_one_is_skipped_because_of_what_failed() -> None:
    checks = (
        made(failing, id="test.a"),
        made(id="test.b", depends_on=("test.a",)),
        made(id="test.c", depends_on=("test.b",)),
    )
    assert of(good().result(checks), "test.c")["testserver01"].because == ("test.a@testserver01",)


def test_a_check_that_skips_itself_does_not_stop_the_next() -> None:
    checks = (made(lambda _: skips("not needed"), id="test.a"), made(id="test.b", depends_on=("test.a",)))
    assert of(good().result(checks), "test.b")["testserver01"].outcome is Outcome.PASS


@pytest.mark.parametrize("severity", [Severity.RISK, Severity.ADVICE])
def test_a_failure_below_a_blocker_stops_nothing(severity: Severity) -> None:
    checks = (made(failing, id="test.a", severity=severity), made(id="test.b", depends_on=("test.a",)))
    assert of(good().result(checks), "test.b")["testserver01"].outcome is Outcome.PASS


@pytest.mark.parametrize("function", [crashing, reads_migration])
def test_neither_a_bug_nor_a_missing_fact_stops_what_can_be_judged_without_it(function: Callable[[Any], Finding]) -> None:
    checks = (made(function, id="test.a", facts=("host.migration",)), made(id="test.b", depends_on=("test.a",)))
    world = good().miss("hosts.testserver01.migration")
    assert of(world.result(checks), "test.b")["testserver01"].outcome is Outcome.PASS


def test_checks_are_evaluated_after_those_they_depend_on_in_whatever_order_they_are_given() -> None:
    checks = (made(id="test.then", depends_on=("test.first",)), made(failing, id="test.first"))
    assert of(good().result(checks), "test.then")["testserver01"].outcome is Outcome.SKIP


def test_checks_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(RegistryError, match="does not exist"):
        good().result((made(depends_on=("test.gone",)),))
    with pytest.raises(RegistryError, match="circle"):
        good().result((made(id="test.a", depends_on=("test.b",)), made(id="test.b", depends_on=("test.a",))))


# --- verdicts ---------------------------------------------------------------------------------------------------------


def record(outcome: Outcome, severity: Severity) -> FindingRecord:
    return FindingRecord("id", "test.check", Subject("plan"), outcome, severity, Message("", "", {}))


ORDER = [Verdict.GO, Verdict.CONDITIONS, Verdict.INCOMPLETE, Verdict.NO_GO]
UNSURE = (Outcome.UNKNOWN, Outcome.ERROR)


def expected(outcome: Outcome, severity: Severity) -> Verdict:
    table = {
        (Outcome.FAIL, Severity.BLOCKER): Verdict.NO_GO,
        (Outcome.FAIL, Severity.RISK): Verdict.CONDITIONS,
        **{(unsure, Severity.BLOCKER): Verdict.INCOMPLETE for unsure in UNSURE},
        **{(unsure, Severity.RISK): Verdict.CONDITIONS for unsure in UNSURE},
    }
    return table.get((outcome, severity), Verdict.GO)


def test_the_worst_of_any_three_findings_decides() -> None:
    kinds = list(product(Outcome, Severity))
    for chosen in combinations_with_replacement(kinds, 3):
        wanted = max((expected(*kind) for kind in chosen), key=ORDER.index)
        for order in (chosen, chosen[::-1]):
            assert worst(record(*kind).verdict for kind in order) is wanted, chosen


def test_the_worst_of_no_verdict_is_incomplete() -> None:
    assert worst([]) is Verdict.INCOMPLETE
    assert worst([Verdict.GO, Verdict.NO_GO, Verdict.INCOMPLETE]) is Verdict.NO_GO


def test_a_plan_without_moves_is_never_go() -> None:
    assert good().with_plan(moves=()).result((made(scope=Scope.PLAN),)).verdict is Verdict.INCOMPLETE


def test_a_move_that_no_check_judged_is_never_go() -> None:
    assert good().result(()).verdict is Verdict.INCOMPLETE


def test_a_move_is_judged_by_what_bears_on_it_and_the_plan_by_its_worst_move() -> None:
    world = good().with_plan(
        moves=(
            Move("LMTest", "TestServer01", "TestServer02", "CONTOSO\\hv-operator"),
            Move("Other", "TestServer01", "TestServer03", "CONTOSO\\hv-operator"),
        )
    )
    result = world.result((made(one_host_fails),))
    assert [move.verdict for move in result.moves] == [Verdict.NO_GO, Verdict.GO]
    assert [pair.verdict for pair in result.pairs] == [Verdict.NO_GO, Verdict.GO]
    assert result.verdict is Verdict.NO_GO
    assert [move.findings for move in result.moves] == [("test.check@testserver02",), ()]
    assert [pair.areas for pair in result.pairs] == [{"test": "FAIL BLOCKER"}, {"test": "PASS"}]


def test_what_fails_in_the_plan_reaches_every_move_and_pair() -> None:
    result = good().with_return().result((made(failing, scope=Scope.PLAN), made(id="test.other", scope=Scope.MOVE)))
    assert [move.verdict for move in result.moves] == [Verdict.NO_GO] * 2
    assert [pair.verdict for pair in result.pairs] == [Verdict.NO_GO] * 2
    assert [move.findings for move in result.moves] == [("test.check@plan",)] * 2
    assert result.verdict is Verdict.NO_GO


@pytest.mark.parametrize("severity", Severity)
def test_what_fails_in_the_plan_with_some_moves_reaches_these_alone(severity: Severity) -> None:
    def with_the_way_back(subject: PlanSubject) -> Finding:
        back = [step.move for step in subject.steps if step.move.source.key == "testserver02"]
        return fails(text("It is broken"), remedy=REMEDY, concerns=back)

    checks = (made(with_the_way_back, scope=Scope.PLAN, severity=severity), made(id="test.other", scope=Scope.MOVE))
    result = good().with_return().result(checks)
    there, back = result.moves
    assert (there.verdict, there.findings) == (Verdict.GO, ())
    assert (back.verdict, back.findings) == (result.verdict, ("test.check@plan",))
    assert [pair.verdict for pair in result.pairs] == [Verdict.GO, result.verdict]
    assert "test" in result.pairs[1].areas


@pytest.mark.parametrize("severity", Severity)
def test_a_move_is_no_better_than_the_earlier_one_on_which_it_depends(severity: Severity) -> None:
    """First the storage goes to a share, then the VM there and back. Another VM of the same pair depends on none of them."""
    storage = Move("LMTest", "TestServer01", "TestServer01", OPERATOR, storage_only=True, destination_path="\\\\fs01\\vms")
    there = Move("LMTest", "TestServer01", "TestServer02", OPERATOR, include_storage=False)
    back = Move("LMTest", "TestServer02", "TestServer01", OPERATOR, include_storage=False)
    other = Move("Other", "TestServer02", "TestServer01", OPERATOR)
    world = good().with_plan(moves=(storage, there, back, other)).set("hosts.testserver02.vms", (vm("Other", id=OTHER_ID),))
    first_fails = made(
        lambda subject: failing(subject) if subject.move.storage_only else passes("fine"), scope=Scope.MOVE, severity=severity
    )
    result = world.result((first_fails,))
    assert [move.verdict for move in result.moves] == [result.verdict] * 3 + [Verdict.GO]
    assert [move.rests_on for move in result.moves] == [None, 0, 1, None]
    assert result.pairs[1].areas == {"test": "PASS"}, "the pair itself is sound"


def test_what_is_not_known_of_the_plan_leaves_each_move_its_own_verdict() -> None:
    """Of a host that says nothing its moves are INCOMPLETE by their own checks, and the others are not."""
    unread = made(lambda subject: subject.hosts[HostName("testserver01")].os, scope=Scope.PLAN, facts=("hosts.os",))
    result = good().miss("hosts.testserver01.os").result((unread, made(id="test.other", scope=Scope.MOVE)))
    assert (result.verdict, [move.verdict for move in result.moves]) == (Verdict.INCOMPLETE, [Verdict.GO])


def test_a_check_that_was_left_out_is_unknown_and_makes_the_verdict_incomplete() -> None:
    result = good().result((made(),), left_out=frozenset({"test.check"}))
    assert {finding.outcome for finding in result.findings} == {Outcome.UNKNOWN}
    assert result.verdict is Verdict.INCOMPLETE


def test_the_outcomes_add_up_to_what_was_planned() -> None:
    checks = (
        made(one_host_fails, id="test.a"),
        made(id="test.b", depends_on=("test.a",)),
        made(crashing, id="test.c", scope=Scope.MOVE),
        made(reads_migration, id="test.d", facts=("host.migration",)),
    )
    counts = good().miss("hosts.testserver02.migration").result(checks).counts
    assert counts == {"planned": 7, "PASS": 3, "FAIL": 1, "SKIP": 1, "UNKNOWN": 1, "ERROR": 1}


def test_only_a_failure_predicts_codes() -> None:
    checks = (made(one_host_fails, predicts=("0x8009030E",)),)
    found = of(good().result(checks))
    assert (found["testserver01"].predicts, found["testserver02"].predicts) == ((), ("0x8009030E",))


def test_the_same_plan_and_snapshot_give_the_same_bytes() -> None:
    world = good().with_return().miss("hosts.testserver02.vms")
    again = TestWorld(
        copy.deepcopy(world.plan),
        msgspec.convert(msgspec.to_builtins(world.snapshot), type(world.snapshot)),
    )
    assert msgspec.json.encode(world.result()) == msgspec.json.encode(again.result())


def test_the_world_of_these_tests_is_go() -> None:
    result = good().result()
    assert [finding.id for finding in result.findings if finding.outcome not in (Outcome.PASS, Outcome.SKIP)] == []
    assert result.verdict is Verdict.GO
