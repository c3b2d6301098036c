"""The checks of delegation, judging what the collector reads of a real forest, held line by line against what its KDC does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Known
from checks.facts.snapshot import SNAPSHOT_FORMAT, HostVisit, Protection, Snapshot
from checks.plan import LaunchPoint, Move, Plan
from checks.unlooked import unlooked
from checks.windows.names import HostName
from checks.windows.service_names import MIGRATION_SERVICE
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import collect
from runner.collect.name_servers import NameServers
from runner.evaluate import evaluate
from tests.collect.directories.asking import AT, COLLECTED, full_names, locators, value
from tests.samba.asking import READER
from tests.samba.cases import TARGET, both
from tests.samba.forest import PASSWORD, Controller, Forests, until
from tests.samba.kdc import Kdc
from tests.samba.lines import ALIKE, ANOTHER, BLOCKER, LINES, PASS, RISK, SHARED, UNKNOWN, Line
from tests.world import host, vm

pytestmark = pytest.mark.samba

DECIDING = (
    "access.account_usable", "access.delegatable", "delegation.cifs", "delegation.migration_service", "delegation.protocol",
    "domain.file_service_names", "domain.service_names", "platform.identity",
)  # fmt: skip
"""The checks that say together whether the source gets a ticket of the operator for the target."""
SERVER_2012_R2 = 9600


def collected(controller: Controller, name_server: str, lines: Sequence[Line]) -> Snapshot:
    """What the collector reads of the hosts and operators of these lines at a controller that the name server knows; the hosts themselves
    are as in the good world."""
    names = sorted({name for line in lines for name in (line.source, line.target)})
    uses = locators(controller.full_name, address=controller.address)
    hosts = {HostName(name): replace(host(name, number, TARGET, (vm(),)), locators=uses) for number, name in enumerate(names, 1)}
    plan = Plan(moves=tuple(map(move, lines)), hosts=full_names(hosts))
    answers = collect(plan, hosts, Credentials(READER, PASSWORD), NameServers((name_server,)), 60)
    keyed = {host.key: facts for host, facts in hosts.items()}
    visits = {name: HostVisit(AT, AT, f"{name}:5985", "negotiate", Protection.MESSAGES, "5.1.14393.0") for name in keyed}
    accounts = {host.key: facts for host, facts in answers.accounts.items()}
    operators = {operator.key: facts for operator, facts in answers.operators.items()}
    now = datetime.now(UTC)
    return Snapshot(
        SNAPSHOT_FORMAT, replace(COLLECTED, start=now, end=now), keyed, visits, accounts, answers.domains, operators, answers.names
    )


@pytest.fixture(scope="module")
def snapshot(active_directory: Forests) -> Snapshot:
    return collected(active_directory.contoso, active_directory.contoso.address, LINES)


def move(line: Line) -> Move:
    return Move("LMTest", line.source, line.target, f"CONTOSO\\{line.operator}", LaunchPoint.REMOTE, destination_path="D:\\LMTest")


def says(line: Line, snapshot: Snapshot) -> str:
    """The worst that the deciding checks say of the line's move."""
    source = HostName(line.source).key
    facts = snapshot.hosts[source]
    if line.ticket:
        assert isinstance(facts.os, Known)
        facts = replace(facts, os=replace(facts.os, value=replace(facts.os.value, build=SERVER_2012_R2)))
    planned = Plan(moves=(move(line),), hosts=full_names({HostName(name): its for name, its in snapshot.hosts.items()}))
    judged = replace(snapshot, hosts=snapshot.hosts | {source: facts})
    found = [each for each in evaluate(planned, judged, snapshot_sha256="0" * 64, plan_sha256="1" * 64).findings if each.check in DECIDING]
    assert all(each.outcome is not Outcome.ERROR for each in found)
    failed = {each.severity for each in found if each.outcome is Outcome.FAIL}
    if Severity.BLOCKER in failed:
        return BLOCKER
    if any(each.outcome is Outcome.UNKNOWN for each in found):
        return UNKNOWN
    return RISK if Severity.RISK in failed else PASS


def hold(line: Line, snapshot: Snapshot, kdc: Kdc) -> None:
    """Program and KDC say what the line says. Where the two differ, it says why, and they still do."""
    asks = kdc.acts_with_ticket if line.ticket else kdc.acts_by_itself
    assert says(line, snapshot) == line.program
    assert tuple(asks(line.source, line.operator, service) for service in line.services) == line.answers
    assert line.agrees is not bool(line.samba or line.unlooked)


@pytest.mark.parametrize("line", LINES, ids=[f"{line.name}: {line.what}" for line in LINES])
def test_the_program_says_what_the_kdc_does(line: Line, snapshot: Snapshot, judging_kdc: Kdc) -> None:
    hold(line, snapshot, judging_kdc)


@pytest.mark.usefixtures("judging_kdc")
def test_names_that_two_controllers_gave_to_two_accounts_are_a_blocker(frozen: Forests, tmp_path: Path) -> None:
    """As it happens: neither has heard of the other's change yet."""
    names = both(MIGRATION_SERVICE, ALIKE, host=SHARED.target)
    frozen.contoso.change(replace={SHARED.target: {"servicePrincipalName": names}})
    frozen.second.change(replace={ANOTHER: {"servicePrincipalName": names}})
    frozen.second.replicate(True)
    frozen.second.pull(frozen.contoso)

    def seen() -> Snapshot:
        return collected(frozen.second, frozen.contoso.address, (SHARED,))

    def has_heard() -> bool:
        (view,) = seen().accounts[HostName(SHARED.target).key].views.values()
        return set(names) <= set(value(view).service_principal_names)

    until(has_heard, "the second controller has not heard of the first one's change")
    hold(SHARED, seen(), Kdc(frozen.second, tmp_path))


def test_what_no_check_looks_at_yet_is_said() -> None:
    """As soon as one does, its lines say what it says."""
    assert {line.unlooked for line in LINES} - {""} <= {f"{area}.{name}" for area, its in unlooked().items() for name in its}
