"""Every command of every remedy, as it is printed, in a real engine: it has its effect, its verification shows something, and its undo
gives back what was there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from checks.facts.network import SwitchType
from checks.facts.system import DomainRole, HyperVRole
from checks.registry import all_checks
from checks.result import RemedyRecord
from checks.windows.releases import BUILD_2016, BUILD_2022
from lab.engine.runs import Engine
from tests.checks.access import test_account_usable, test_hyperv_administrator
from tests.checks.authentication import test_remote_desktop
from tests.checks.authentication.worlds import BARE
from tests.checks.delegation import test_ticket_age
from tests.checks.domain import test_encryption_types, test_secure_channel, test_service_names
from tests.checks.migration import test_listener
from tests.checks.network import test_management_port, test_port_445, test_port_6600
from tests.checks.platform import test_clock
from tests.checks.vm import test_memory, test_processor, test_switch, test_target_files, test_version
from tests.engine.forests import ADMIN, Forest, forest_of, state
from tests.reports.worlds import judged
from tests.world import AT, TestWorld, account, good, known

pytestmark = pytest.mark.engine

CHECKS = Path(__file__).parents[2] / "checks"

ANSWERS = {
    "Migration network, such as 192.168.10.0/24": "10.77.0.0/24",
    "The network that was added": "10.77.0.0/24",
    "DNS name of the domain": "contoso.test",
    "Administrator of the host": "Administrator",
    "Account that may join computers to the domain": "CONTOSO\\joiner",
    "Account that may remove computers from the domain": "CONTOSO\\joiner",
}
"""What a person types where a command asks."""

NOT_HERE = {
    "Add-ClusterVirtualMachineRole": "asks a cluster, and no forest here has one",
    "Get-ClusterGroup": "asks a cluster, and no forest here has one",
    "Enter-PSSession": "opens a session that a person works in",
    "Exit-PSSession": "ends a session that a person works in",
    "Test-ComputerSecureChannel": "asks a channel to a domain, and no host of a forest here has one",
    "Get-SmbShareAccess": "asks a file server, and no forest here has one",
    **dict.fromkeys(("Get-VHD", "Test-VHD"), "opens files of disks, and no host of a forest here has any"),
    **dict.fromkeys(("Get-Item", "Get-ChildItem"), "shows what lies on drives and shares, and no host of a forest here has any"),
    "ElementName": "shows planned VMs, and no host of a forest here has any",
    "-RequiredVersion": "chooses one of two modules, and the engine here has one",
    **dict.fromkeys(
        ("Get-VMSwitch", "New-VMSwitch", "Remove-VMSwitch", "Get-VMSnapshot", "Remove-VMSnapshot", "Get-VMProcessor", "Set-VMProcessor"),
        "changes or shows what no host of a forest here keeps: switches, checkpoints, and the processors of VMs",
    ),
    **dict.fromkeys(
        (
            *("Get-SmbClientConfiguration", "Set-SmbClientConfiguration", "Get-SmbServerConfiguration", "Set-SmbServerConfiguration"),
            "Get-SmbClientNetworkInterface",
        ),
        "changes or shows settings of SMB, which no host of a forest here keeps",
    ),
    **dict.fromkeys(("Get-VMHostNumaNode", "-NumaSpanningEnabled", "NumaSpanningEnabled"), "no host of a forest here has nodes of memory"),
    **dict.fromkeys(
        (
            *("Add-DnsServerConditionalForwarderZone", "Remove-DnsServerZone", "Clear-DnsServerCache"),
            *("Get-DnsClientServerAddress", "Set-DnsClientServerAddress", "Resolve-DnsName", "nltest"),
        ),
        "asks or changes name servers, and no forest here has any",
    ),
    **dict.fromkeys(("DriveType", "FreeSpace"), "no host of a forest here has volumes"),
}
"""What in a line cannot be run in the place of a person: commands, and parameters of others, and why."""

SHOWS_NOTHING = {"vm.present": "the host has no VM"}
"""Checks whose verification may show nothing, and why."""

NOT_BACK = {"nowhere": "what is no network cannot be named again"}
"""What an undo cannot give back, by the value, and why."""


WITHOUT_COMMANDS = {
    "access.delegation_administrator",
    "plan.rollback",
    *(
        "delegation.controllers",
        "domain.controllers_agree",
        "platform.edition",
        "platform.os_support",
        "platform.patch_level",
        "platform.identity",
        "vm.identity",
        "vm.security",
    ),
    *("network.name_form", "plan.consistent", "plan.second_opinion", "plan.window"),
}
"""Checks whose remedies are for a person to think through, or in the plan."""


class Offered(NamedTuple):
    """A remedy with commands, and a world in which a check offers it."""

    check: str
    world: TestWorld
    remedy: RemedyRecord


@cache
def offered() -> dict[str, list[Offered]]:
    """Each remedy once, as its lines tell it from others, by its check."""
    found: dict[tuple[object, ...], Offered] = {}
    for each in _all():
        remedy = each.remedy
        lines = (remedy.commands, remedy.verify, remedy.undo)
        if any(map(runnable, lines)):
            found.setdefault((each.check, *lines), each)
    by_check: dict[str, list[Offered]] = {}
    for each in found.values():
        by_check.setdefault(each.check, []).append(each)
    return by_check


def _rarer() -> Iterator[TestWorld]:
    """Worlds in which remedies are offered that the worlds of the reports do not have."""
    yield good().set("hosts.testserver01.hyperv_role", HyperVRole(feature=False, service_state=None, service_start=None, namespace=False))
    yield test_port_6600.firewall((test_port_6600.RULE, "local", "Allow", "FALSE"))
    for code in (test_port_445.DROPPED, test_port_445.REFUSED):
        closed = test_port_445.world(test_port_445.Codes(there=code), **test_port_445.WITH_STORAGE)
        yield closed.set("hosts.testserver02.firewall.1.data", test_port_445.RULE.format("Allow", "FALSE"))
    winrm = test_management_port.world({"10.0.0.2": test_management_port.DROPPED})
    yield winrm.set("hosts.testserver02.firewall", test_management_port.rule(active="FALSE"))
    yield test_listener.listening()
    yield test_clock.shifted(3_600)
    yield test_service_names.registered(test_service_names.FULL)
    yield test_service_names.also_held(test_service_names.SHORT)
    yield test_ticket_age.changed(test_ticket_age.RUNNING, "testserver01", delegate_to=AT)
    yield test_remote_desktop.RDP.set(test_remote_desktop.FACT, BARE[0])
    yield from test_account_usable.unusable()
    yield test_encryption_types.world(test_encryption_types.RC4, test_encryption_types.AES)
    yield good().set(f"{test_secure_channel.CHANNEL}.works", False)
    yield good().controller("testserver01").set("hosts.testserver01.local_groups", test_hyperv_administrator.NOBODY)
    yield test_clock.shifted(3_600).controller("testserver01", DomainRole.PRIMARY_DOMAIN_CONTROLLER)
    yield test_version.world(BUILD_2016, BUILD_2022, "5.0")
    yield good().server("fs01").set("hosts.testserver01.vms.0.configuration_path", "\\\\fs01\\vms")
    yield good().move(include_storage=False)
    yield good().move(destination_path=None)
    yield from (test_processor.world(test_processor.EPYC), test_processor.world(), test_processor.world(state=3, checkpoints=2))
    yield test_processor.world(compatibility=True, mode=1)
    yield from (test_memory.world(10), test_memory.world(4000, 4000, spanning=False))
    yield test_switch.connected("Lab").set(test_switch.HERE, (test_switch.switch("Lab", SwitchType.PRIVATE),))
    yield from test_target_files.in_the_way()
    behind = account("TestServer01", 1, "TestServer02", service_principal_names=(test_service_names.FULL,), delegation_version=1)
    world = good()
    facts = world.snapshot.accounts["testserver01"]
    views = replace(facts, views=facts.views | {"dc02.contoso.test": known(behind)})
    yield TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {"testserver01": views}))


@cache
def _all() -> tuple[Offered, ...]:
    checks = tuple(replace(check, depends_on=()) for check in all_checks())
    rarer = ((world, world.result(checks)) for world in _rarer())
    return tuple(
        Offered(finding.check, world, remedy)
        for world, result in (*judged(), *rarer)
        for finding in result.findings
        if finding.remedy
        for remedy in (finding.remedy, *(finding.remedy.alternatives or ()))
    )


def runnable(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that can be run here: no words, and nothing that only a person can do."""
    return tuple(line for line in lines if not line.startswith("#") and NOT_HERE.keys().isdisjoint(words(line)))


def words(line: str) -> set[str]:
    """The commands, parameters and names of a line."""
    return set(re.findall(r"-?\b[A-Za-z]+(?:-[A-Za-z]+)?\b", line))


def typed(engine: Engine, forest: Forest, lines: tuple[str, ...]) -> Forest:
    """Type these lines one after the other at an administrator's workstation; none may fail, and the last shows something or nothing."""
    ran = engine.change(forest, ADMIN, "\n".join(lines))
    assert ran.errors == [], lines
    return ran.forest | {"shown": ran.output}


@pytest.mark.parametrize("check", sorted({check.id for check in all_checks()} - WITHOUT_COMMANDS))
def test_a_remedy_does_what_it_says_as_it_is_typed(engine: Engine, check: str) -> None:
    for _, world, remedy in offered().get(check, ()):
        forest = forest_of(world) | {"answers": ANSWERS}
        forest["hosts"][ADMIN]["features"] = ["Hyper-V"]
        before = state(forest)
        if commands := runnable(remedy.commands):
            forest = typed(engine, forest, commands)
            whole = len(commands) == len(remedy.commands)
            assert state(forest) != before or forest["ran"] or not whole, "it changes something, or runs a program"
        if verify := runnable(remedy.verify):
            changed = state(forest)
            forest = typed(engine, forest, verify)
            assert forest["shown"] or check in SHOWS_NOTHING
            assert state(forest) == changed
        if undo := runnable(remedy.undo):
            forest = typed(engine, forest, undo)
            assert state(forest) == before or any(repr(value) in " ".join(remedy.commands) for value in NOT_BACK)


def test_the_checks_without_commands_are_these() -> None:
    lines = ((each.check, line) for each in _all() for line in (*each.remedy.commands, *each.remedy.verify))
    with_commands = {check for check, line in lines if not line.startswith("#")}
    assert {check.id for check in all_checks()} - with_commands == WITHOUT_COMMANDS


def test_every_command_that_is_not_run_here_is_still_offered() -> None:
    lines = (line for each in _all() for line in (*each.remedy.commands, *each.remedy.verify, *each.remedy.undo))
    assert NOT_HERE.keys() <= {word for line in lines for word in words(line)}


def written() -> Iterator[tuple[str, str]]:
    """Each command that stands in a check's module as one text, by that module."""
    for path in sorted(CHECKS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "command" and isinstance(node.args[0], ast.Constant):
                yield path.relative_to(CHECKS).as_posix(), str(node.args[0].value)


def test_every_command_that_a_check_knows_is_offered_in_some_world() -> None:
    lines = {line for each in _all() for line in (*each.remedy.commands, *each.remedy.verify, *each.remedy.undo)}
    never = [
        (module, command)
        for module, command in written()
        if not any(re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(command)), line, re.DOTALL) for line in lines)
    ]
    assert never == []


@pytest.mark.parametrize(
    ("command", "id_"),
    [
        ("Set-VMMigrationNetwork 192.168.10.1", "ObjectNotFound,Set-VMMigrationNetwork"),
        ("Set-VMHost -VirtualMachineMigrationPerformanceOption SMBTransport", "ParameterArgumentTransformationError,Set-VMHost"),
    ],
)
def test_where_the_articles_own_commands_fail_as_printed_ours_differ(engine: Engine, command: str, id_: str) -> None:
    forest = forest_of(good().set("hosts.testserver01.migration_networks", ()))
    assert [error["id"] for error in engine.change(forest, "testserver01.contoso.test", command).errors] == [id_]
