"""Every move's way back is possible too."""

from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Known
from checks.plan import Move
from checks.result import FindingRecord, Verdict
from checks.windows.releases import BUILD_2012, BUILD_2012_R2
from tests.world import TestWorld, good, vm

CHECK = "plan.rollback"
SECOND = "22222222-2222-2222-2222-222222222222"

NOTHING_NEW = (
    "Nothing that is known today stands in the way back (moves: 1) but what delegation.return_direction and "
    "authentication.return_session say: their results count as well"
)


def one_way() -> TestWorld:
    """From 2012 to 2012 R2, from where nothing leads back."""
    return good().set("hosts.testserver01.os.build", BUILD_2012).set("hosts.testserver02.os.build", BUILD_2012_R2)


def said(world: TestWorld) -> FindingRecord:
    """What it says beside what the other checks say of the moves."""
    return next(found for found in world.result().findings if found.check == CHECK)


def test_a_plan_whose_ways_back_are_free_passes() -> None:
    found = said(good())
    assert (found.outcome, found.message.text) == (Outcome.PASS, NOTHING_NEW)


def test_a_move_from_which_no_way_leads_back_is_a_risk_for_that_move_alone() -> None:
    found = said(one_way())
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text.startswith("As planned, LMTest: TestServer01 → TestServer02 cannot be moved back: Windows Server 2012 ")
    assert found.predicts, "what moving back would show, by the check that says it"
    assert found.remedy is not None
    assert found.remedy.text.startswith(
        "This is about the way back alone (TestServer02 → TestServer01): nothing of it is needed for the moves"
    )
    assert "(a) make the way back possible: Choose a target with" in found.remedy.text

    world = one_way().with_host("testserver03")
    other = Move("Other", "TestServer02", "testserver03", "CONTOSO\\hv-operator", destination_path="D:\\Other")
    result = world.set("hosts.testserver02.vms", (vm(name="Other"),)).with_plan(moves=(*world.plan.moves, other)).result()
    assert [f"{CHECK}@plan" in move.findings for move in result.moves] == [True, False]


def test_a_way_back_rests_on_what_was_read_of_it_and_when_with_what_decides_first() -> None:
    rows = said(one_way()).evidence
    assert rows[0].decides is True
    assert all(row.at and row.source for row in rows)


def test_of_several_things_in_the_way_back_each_is_named_and_each_fix_told_with_who_does_it() -> None:
    path, asked = "hosts.testserver02.partners", good().snapshot.hosts["testserver02"].partners
    assert isinstance(asked, Known)
    ports = tuple(replace(port, open=False, code=10060) if port.port == 445 else port for port in asked.value[0].ports)
    found = said(one_way().set(f"{path}.0.ports", ports))
    assert found.remedy is not None
    assert [each.template for each in found.remedy.values["fixes"]] == ["{fix} (by: {who}; effective: {when})"] * 2  # type: ignore[union-attr]
    (other,) = (row for row in found.evidence if row.what == "way back of LMTest: TestServer01 → TestServer02")
    assert "TCP 445 of TestServer01" in found.message.text
    assert str(other.actual).startswith("Windows Server 2012 (TestServer01) takes no VM from")


def test_a_firewall_that_is_open_in_one_direction_only_is_seen() -> None:
    path = "hosts.testserver02.partners"
    asked = good().snapshot.hosts["testserver02"].partners
    assert isinstance(asked, Known)
    ports = tuple(replace(port, open=False, code=10060) if port.port == 445 else port for port in asked.value[0].ports)
    world = good().set(f"{path}.0.ports", ports)
    assert "TCP 445 of TestServer01" in said(world).message.text
    assert world.result().verdict is Verdict.CONDITIONS


def test_what_was_not_read_of_the_direction_back_is_not_taken_for_free() -> None:
    found = said(good().miss("hosts.testserver01.migration_networks"))
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.RISK)
    assert "of the way back of LMTest: TestServer01 → TestServer02" in found.message.text
    assert found.lacks is not None
    assert found.lacks.fact == "host.migration_networks"


def test_a_port_that_no_host_tried_for_the_way_back_is_not_judged_and_that_is_said() -> None:
    """Nothing has the target try TCP 6600 of the source, unless the plan moves something back."""
    world = good()
    asked = world.snapshot.hosts["testserver02"].partners
    assert isinstance(asked, Known)
    untried = tuple(port for port in asked.value[0].ports if port.port != 6600)
    result = world.set("hosts.testserver02.partners.0.ports", untried).result()
    assert result.verdict is Verdict.GO
    assert "whether the targets reach TCP 6600 of the sources, where the plan moves nothing back" in result.unlooked["plan"]


def test_what_stops_the_move_itself_is_told_there_and_not_twice() -> None:
    world = good().set("hosts.testserver01.migration.enabled", False)
    assert said(world).outcome is Outcome.SKIP
    assert world.result().verdict is Verdict.NO_GO


def test_beside_moves_that_are_stopped_the_others_are_judged() -> None:
    """One move is started by an account that is disabled, which stops its way back as well."""
    world = good()
    second = replace(world.plan.moves[0], vm=SECOND, operator="CONTOSO\\other")
    other = world.snapshot.operators["contoso\\hv-operator"]
    disabled = replace(other.account, value=replace(other.account.value, user_account_control=0x202))
    operators = world.snapshot.operators | {"contoso\\other": replace(other, account=disabled)}
    world = TestWorld(world.plan, replace(world.snapshot, operators=operators)).set(
        "hosts.testserver01.vms", (vm(), vm(id=SECOND, name="B"))
    )
    found = said(world.with_plan(moves=(*world.plan.moves, second)))
    assert found.outcome is Outcome.PASS
    assert found.message.text.startswith("Nothing more stands in the way back of 2 moves; what stops 1 of them")


def test_delegation_for_the_way_back_is_said_by_its_own_check() -> None:
    world = good().account("testserver02", delegate_to=())
    by_check = {found.check: found for found in world.result().findings}
    assert by_check["delegation.return_direction"].outcome is Outcome.FAIL
    assert by_check[CHECK].outcome is Outcome.PASS


def test_storage_alone_has_no_way_back_to_judge() -> None:
    assert good().move(storage_only=True, target="TestServer01").finding(CHECK, "plan").outcome is Outcome.SKIP
