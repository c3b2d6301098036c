"""Small forests for the tests of the host collector, and visits to their hosts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import HOST_FACTS, HostFacts
from checks.facts.snapshot import HostVisit
from checks.plan import Connection, HostEntry, Plan, Transport
from checks.text import plain
from checks.windows.names import HostName
from lab.forest import Forest
from lab.scenario import ControllerSpec, DomainSpec, HostSpec, Promise, Scenario, User
from runner.collect.credentials import Credentials
from runner.collect.hosts.request import Partner
from runner.collect.hosts.target import Target, target_of
from runner.collect.hosts.visit import visit
from runner.files.plan import read_plan

COLLECTOR = "CONTOSO\\hv-reader"
PATIENCE_S = 30.0
"""Far more than a host of the lab needs; no test waits for it."""


@contextmanager
def nobody_calls() -> Iterator[tuple[str, int]]:
    """An address at which a connection fails the test."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        yield waiting.getsockname()
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.accept()


def scenario(moves: tuple[tuple[str, str], ...] = (), /, **hosts: HostSpec) -> Scenario:
    """A forest of one domain with these hosts, and a plan with one move for each pair (source, target)."""
    pairs = moves or tuple((name, "Elsewhere") for name in hosts)
    return Scenario(
        title="for a test",
        promise=Promise(verdict="INCOMPLETE"),
        plan={
            "defaults": {"operator": "CONTOSO\\hv-operator"},
            "moves": [{"vm": "*", "source": source, "target": target} for source, target in pairs],
        },
        domains={
            "contoso.test": DomainSpec(
                netbios="CONTOSO",
                sid="S-1-5-21-1004336348-1177238915-682003330",
                controllers={"dc01": ControllerSpec()},
                users=(User("hv-reader"), User("hv-operator")),
            )
        },
        hosts=hosts,
        collector=COLLECTOR,
    )


def forest(moves: tuple[tuple[str, str], ...] = (), /, **hosts: HostSpec) -> Forest:
    return Forest(scenario(moves, **hosts), external_directory=True)


def credentials(running: Forest) -> Credentials:
    return Credentials(running.collector, running.password)


def plan_of(running: Forest) -> Plan:
    return read_plan(running.plan_path)[0]


def target(running: Forest, name: str, **changes: Any) -> Target:
    """How a plan that says no more than the address leads to a host of a forest."""
    entry = HostEntry(fqdn=f"{name.lower()}.contoso.test", address=running.hosts[name].address)
    options = {"ca_file": str(running.ca_file) if running.ca_file else None, "tls": running.hosts[name].spec.certificate} | changes
    connection = Connection(**{"auth": Transport.NEGOTIATE, **options})
    return target_of(Plan(moves=(), connection=connection, hosts={name: entry}), HostName(name))


def visited(
    running: Forest,
    name: str,
    *,
    signed_in: Credentials | None = None,
    partners: tuple[Partner, ...] = (),
    deadline_s: float = PATIENCE_S,
    **changes: Any,
) -> tuple[HostFacts, HostVisit]:
    """Visit one host of a forest; `changes` are fields of the plan's connection."""
    return visit(target(running, name, **changes), partners, signed_in or credentials(running), deadline_s)


def facts_of(facts: HostFacts) -> dict[str, Fact[Any]]:
    return {name: getattr(facts, name) for name in HOST_FACTS}


def missing(facts: HostFacts) -> dict[str, Reason]:
    """The missing facts and why."""
    return {name: fact.reason for name, fact in facts_of(facts).items() if isinstance(fact, Missing)}


def known(facts: HostFacts) -> dict[str, Any]:
    """The values of the known facts."""
    return {name: fact.value for name, fact in facts_of(facts).items() if isinstance(fact, Known)}


def whole_host(facts: HostFacts) -> Reason:
    """The one reason for which every fact of a host is missing. Fails the test when any is known or the reasons differ."""
    reasons = missing(facts)
    assert len(reasons) == len(HOST_FACTS), f"known: {sorted(known(facts))}"
    (reason,) = set(reasons.values())
    return reason


def details(facts: HostFacts) -> str:
    """What is said for people about the missing facts."""
    return "\n".join(sorted({plain(fact.detail) for fact in facts_of(facts).values() if isinstance(fact, Missing)}))
