"""Who gets which work: one task a person, one step for one thing, nothing for what passes, and no two steps against each other."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.changes import Change, Kind
from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry
from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import FirewallRule
from checks.facts.system import DomainRole
from checks.remedy import Role, Who, administrator_of
from checks.result import FindingRecord
from checks.windows.account_control import ANY_PROTOCOL
from checks.world import World
from reports.scripts.work import Person, Step, Task, people, tasks
from runner.machines import machines as machines_of
from tests.fix.made import changes, failure, machines, remedy, result
from tests.world import CONTOSO, TestWorld, across_domains, good, services


def tasks_of(world: TestWorld) -> tuple[Task, ...]:
    return tasks(world.result(), machines_of(World(world.plan, world.snapshot)))


def steps(*findings: FindingRecord) -> list[Step]:
    return [step for task in tasks(result(*findings), machines(result(*findings))) for step in task.steps]


def in_world(world: TestWorld) -> dict[Kind, Step]:
    return {step.kind: step for task in tasks_of(world) for step in task.steps}


def entries(*members: str, held: tuple[str, ...] = ()) -> Change:
    return Change(Kind.DELEGATE_TO, "contoso.test", members, held, "HV01$")


def test_what_passes_or_is_only_advice_changes_nothing() -> None:
    asking = failure(remedy(entries("cifs/HV02")))
    assert steps(replace(asking, outcome=Outcome.PASS), replace(asking, severity=Severity.ADVICE)) == []
    assert steps(replace(asking, severity=Severity.RISK)) != []


def test_entries_for_several_targets_become_one_step_that_names_each_once() -> None:
    (step,) = steps(failure(remedy(entries("cifs/HV02", "cifs/HV03"))), failure(remedy(entries("CIFS/hv02", "cifs/HV04")), number=2))
    assert step.members == ("cifs/HV02", "cifs/HV03", "cifs/HV04")
    assert len(step.findings) == 2


def test_an_entry_that_was_there_is_neither_added_nor_taken_back() -> None:
    asked = result(failure(remedy(entries("cifs/HV02", "cifs/HV03", held=("CIFS/hv02",)))))
    (task,) = (each for each in tasks(asked, machines(asked)) if each.steps)
    assert [step.members for step in (*task.steps, *task.undo)] == [("cifs/HV03",)] * 2


def test_on_the_account_of_a_machine_that_nobody_knows_nothing_is_changed() -> None:
    asked = result(failure(remedy(entries("cifs/HV02"))))
    (task,) = tasks(asked, {})
    assert (task.steps, len(task.notes)) == ((), 1)


def test_a_domain_controller_is_changed_by_hand_only() -> None:
    """Its own settings and its account are instructions; those of the other host are changes still."""
    broken = good().account("testserver01", delegate_to=()).set("hosts.testserver01.migration.enabled", False)
    assert in_world(broken).keys() >= {Kind.DELEGATE_TO, Kind.MIGRATION}
    controller = broken.account("testserver01", user_account_control=0x2000 | ANY_PROTOCOL).set(
        "hosts.testserver01.computer.role", DomainRole.BACKUP_DOMAIN_CONTROLLER
    )
    assert in_world(controller) == {}


def test_of_two_contradicting_wishes_the_first_is_followed_and_the_second_is_told() -> None:
    slow = Change(Kind.MAXIMUM_MIGRATIONS, "HV01", 2, 0)
    fast = Change(Kind.MAXIMUM_MIGRATIONS, "hv01", 8, 0)
    both = result(failure(remedy(slow, who=administrator_of("HV01"))), failure(remedy(fast, who=administrator_of("HV01")), number=2))
    (task,) = tasks(both, machines(both))
    assert [step.after for step in task.steps] == [2]
    assert len(task.notes) == 1


def test_a_pair_and_its_way_back_do_not_swap_their_performance_options() -> None:
    world = good().set("hosts.testserver01.migration.performance_option", PerformanceOption.SMB).with_return()
    options = [step for task in tasks_of(world) for step in task.steps if step.kind is Kind.PERFORMANCE_OPTION]
    assert [(step.place, step.before, step.after) for step in options] == [("TestServer02", "Compression", "SMB")]


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (Who(Role.DOMAIN, ("contoso.test",)), (Person(Role.DOMAIN, "contoso.test"),)),
        (Who(Role.DOMAIN), (Person(Role.DOMAIN),)),
        (Who(Role.HOST, ("TestServer01",)), (Person(Role.HOST, "TestServer01"),)),
        (Who(Role.HOST, ("HV01", "HV02")), (Person(Role.HOST, "HV01"), Person(Role.HOST, "HV02"))),
        (Who(Role.OWNER, ("LMTest",)), (Person(Role.OWNER, "LMTest"),)),
        (Who(Role.NETWORK), (Person(Role.NETWORK),)),
        (Who(Role.OPERATOR), (Person(Role.OPERATOR),)),
        (Who(Role.OTHER, ("storage administrator",)), (Person(Role.OTHER, "storage administrator"),)),
    ],
)
def test_each_host_or_domain_of_a_role_is_a_person_of_its_own(who: Who, wanted: tuple[Person, ...]) -> None:
    assert people(who) == wanted


def test_an_instruction_for_two_hosts_is_told_to_the_administrators_of_both() -> None:
    found = tasks(result(failure(remedy(who=administrator_of("HV01", "HV02")))), {})
    assert [(task.person.name, len(task.notes)) for task in found] == [("HV01", 1), ("HV02", 1)]


def test_domains_come_first_and_the_operator_last() -> None:
    roles = (
        Who(Role.OPERATOR),
        Who(Role.OWNER, ("LMTest",)),
        Who(Role.HOST, ("HV01",)),
        Who(Role.DOMAIN, ("contoso.test",)),
        Who(Role.NETWORK),
    )
    found = tasks(result(*(failure(remedy(who=who), number=number) for number, who in enumerate(roles))), {})
    assert [task.person.role for task in found] == [Role.DOMAIN, Role.HOST, Role.OWNER, Role.NETWORK, Role.OPERATOR]


def test_one_instruction_for_many_findings_is_told_once() -> None:
    (task,) = tasks(result(*(failure(remedy(), number=number) for number in range(5))), {})
    assert [len(note.findings) for note in task.notes] == [5]


# --- what the checks offer ---


def test_a_good_world_needs_nobody() -> None:
    assert tasks_of(good()) == ()


def test_only_the_missing_entries_are_asked_for() -> None:
    short, full = services("TestServer02", "cifs")
    step = in_world(good().account("testserver01", delegate_to=(*services("TestServer02")[:2], short)))[Kind.DELEGATE_TO]
    assert (step.place, step.object, step.members) == ("contoso.test", "TESTSERVER01$", (full,))


def test_more_rights_than_needed_are_a_persons_decision() -> None:
    any_service = good().account("testserver01", user_account_control=0x1000000 | 0x80000 | 0x1000)
    assert in_world(any_service) == {}
    assert [note.remedy.who for task in tasks_of(any_service) for note in task.notes] == ["domain administrator of contoso.test"]


def test_a_resource_based_list_with_a_denial_is_left_to_a_person() -> None:
    denial = (AccessEntry(False, 0xF01FF, f"{CONTOSO}-3000"),)
    assert Kind.ACT_ON_BEHALF not in in_world(across_domains().account("testserver02", resource_based=denial))
    assert Kind.ACT_ON_BEHALF in in_world(across_domains().account("testserver02", resource_based=()))


def test_credssp_on_both_hosts_is_not_switched_to_kerberos() -> None:
    world = good()
    for host in ("testserver01", "testserver02"):
        world = world.set(f"hosts.{host}.migration.authentication", MigrationAuthentication.CREDSSP)
    assert in_world(world) == {}


def test_the_hosts_own_firewall_rule_is_enabled_but_not_one_of_a_policy_or_one_that_is_on() -> None:
    closed = good().set("hosts.testserver01.partners.0.ports", ()).set("hosts.testserver01.partners.0.ports", _timed_out())
    off = FirewallRule("VIRT-MIGL-In-TCP-NoScope", "local", "v2.26|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=6600|")
    assert in_world(closed.set("hosts.testserver02.firewall", (off,)))[Kind.FIREWALL_RULE].object == off.name
    assert Kind.FIREWALL_RULE not in in_world(closed)
    assert Kind.FIREWALL_RULE not in in_world(closed.set("hosts.testserver02.firewall", (replace(off, store="policy"),)))


def test_the_service_is_started_and_starts_with_windows_again() -> None:
    world = (
        good()
        .set("hosts.testserver02.hyperv_role.service_state", "Stopped")
        .set("hosts.testserver02.hyperv_role.service_start", "Disabled")
    )
    found = in_world(world)
    assert (found[Kind.SERVICE_START].before, found[Kind.SERVICE_START].after) == ("Disabled", "Auto")
    assert list(found)[:2] == [Kind.SERVICE_START, Kind.SERVICE], "a disabled service cannot be started"


def test_the_operator_joins_the_group_by_sid() -> None:
    groups = {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": (f"{CONTOSO}-999",), "S-1-5-32-580": ()}
    step = in_world(good().set("hosts.testserver02.local_groups", groups))[Kind.GROUP_MEMBER]
    assert (step.place, step.object, step.members) == ("TestServer02", "S-1-5-32-578", (f"{CONTOSO}-1103",))


def test_networks_that_are_named_are_kept_to() -> None:
    step = in_world(good().set("hosts.testserver02.migration.any_network", True))[Kind.ANY_NETWORK]
    assert (step.place, step.before, step.after) == ("TestServer02", True, False)
    nowhere = good().set("hosts.testserver02.migration.any_network", True).set("hosts.testserver02.migration_networks", ())
    assert Kind.ANY_NETWORK not in in_world(nowhere)


def test_the_only_network_that_both_hosts_have_is_named_on_the_target() -> None:
    elsewhere = (MigrationNetwork("172.16.0.0/24", 0),)
    world = good().set("hosts.testserver02.migration_networks", elsewhere)
    world = world.set("hosts.testserver02.migration_listener.addresses", ("172.16.0.2",))
    step = in_world(world)[Kind.MIGRATION_NETWORK]
    assert (step.place, step.members) == ("TestServer02", ("192.168.10.0/24",))


def _timed_out() -> tuple[object, ...]:
    from checks.facts.network import PortAnswer

    return (PortAnswer("192.168.10.2", 6600, False, 10060),)


# --- the order, and who else has work ---


def test_on_a_host_the_service_comes_first_and_migrations_are_enabled_last() -> None:
    kinds = (Kind.MIGRATION, Kind.ANY_NETWORK, Kind.MIGRATION_NETWORK, Kind.GROUP_MEMBER, Kind.SERVICE, Kind.SERVICE_START)
    found = result(
        failure(remedy(*(change for kind in kinds for change in changes("HV01") if change.kind is kind), who=administrator_of("HV01")))
    )
    (task,) = tasks(found, machines(found))
    assert [step.kind for step in task.steps] == list(reversed(kinds))
    ids = {step.kind: step.id for step in task.steps}
    assert {step.kind: step.needs for step in task.steps if step.needs} == {
        Kind.SERVICE: (ids[Kind.SERVICE_START],),
        Kind.ANY_NETWORK: (ids[Kind.MIGRATION_NETWORK],),
        Kind.MIGRATION: (ids[Kind.MIGRATION_NETWORK], ids[Kind.ANY_NETWORK]),
    }
    assert [step.id for step in task.undo] == [6, 5, 4, 3, 2, 1]
    assert {step.kind: step.needs for step in task.undo}[Kind.ANY_NETWORK] == (ids[Kind.MIGRATION],), (
        "no network is opened while it takes any"
    )


def test_a_host_that_did_not_say_who_it_is_is_left_to_a_person() -> None:
    world = good().set("hosts.testserver02.migration.enabled", False)
    found = tasks(world.result(), {})
    assert [len(task.steps) for task in found] == [0]
    assert [note.remedy.commands for note in found[0].notes] == [("Enable-VMMigration -ComputerName 'TestServer02'",)]


@pytest.mark.parametrize(
    ("world", "hosts"),
    [
        (good().account("testserver01", delegate_to=()), ["TestServer01"]),
        (across_domains().account("testserver02", resource_based=()), ["TestServer01"]),
    ],
)
def test_the_administrator_of_the_source_purges_its_tickets(world: TestWorld, hosts: list[str]) -> None:
    purging = [
        task.person.name
        for task in tasks_of(world)
        for note in task.notes
        if any("klist.exe purge" in line for line in note.remedy.commands)
    ]
    assert purging == hosts
