"""The script as it is sent, in an engine in the place of a scenario's host, reads the facts that the lab answers by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from checks.facts.fact import Fact, Known
from checks.facts.host import HOST_FACTS, HostFacts
from checks.facts.system import Clock
from lab import crowd, scenario, visit
from lab.engine.runs import Engine
from lab.engine.world import world
from lab.host import Host
from lab.sids import Sids
from runner.collect.hosts.answer import read
from runner.collect.hosts.request import MOST_ADDRESSES, Partner, for_facts
from runner.collect.hosts.script import script

pytestmark = pytest.mark.engine

NOW = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
SCENARIOS = {name: crowd.expand(scenario.load(name), hosts=2, vms=3) for name in scenario.names()}
HOSTS = [(name, host) for name, each in SCENARIOS.items() for host in each.hosts]


def read_both_ways(engine: Engine, host: Host) -> tuple[HostFacts, HostFacts]:
    """The facts of a host as the script reads them in the engine, and as the lab answers them."""
    partners = [Partner(name, (name.lower(),), (), (6600, 445, 5985)) for name in host.scenario.hosts]
    request = for_facts(partners).encoded()
    ran = engine.run(world(host), script(HOST_FACTS), {"Request": request})
    assert ran.errors == []
    by_the_lab = [each.text for each in visit.answer(host, request)]
    return read(ran.output, host.name, NOW)[0], read(by_the_lab, host.name, NOW)[0]


def said(fact: Fact[Any]) -> Any:
    """What counts of a fact: its value, in any order of rows, or why it is missing."""
    if isinstance(fact, Known):
        value = msgspec.to_builtins(fact.value)
        return sorted(value, key=str) if isinstance(value, list) else value
    return fact.reason


@pytest.mark.parametrize(("name", "host"), HOSTS)
def test_an_engine_and_the_lab_give_the_same_facts(engine: Engine, name: str, host: str) -> None:
    described = SCENARIOS[name]
    ours, lab = read_both_ways(engine, Host(described, host, Sids(described), NOW))
    differ = {
        fact: (said(getattr(ours, fact)), said(getattr(lab, fact)))
        for fact in HOST_FACTS
        if said(getattr(ours, fact)) != said(getattr(lab, fact)) and not isinstance(getattr(getattr(ours, fact), "value", None), Clock)
    }
    assert differ == {}


def test_a_name_with_hundreds_of_addresses_sends_no_host_scanning(engine: Engine) -> None:
    described = SCENARIOS["ready"]
    whole = world(Host(described, "TestServer01", Sids(described), NOW))
    answered = [f"192.0.2.{number}" for number in range(1, 201)]
    whole["names"] = {"testserver02.contoso.test": answered}
    asked = Partner("testserver02", ("testserver02.contoso.test",), ("192.168.10.2", "198.51.100.7"), (6600, 445, 5985))
    ran = engine.run(whole, script(("partners",)), {"Request": for_facts((asked,), ("partners",)).encoded()})
    (partner,) = known(read(ran.output, "TestServer01", NOW)[0].partners)
    tried = list(dict.fromkeys(port.address for port in partner.ports))
    assert tried == ["192.168.10.2", "198.51.100.7", *answered[: MOST_ADDRESSES - 2]]
    assert list(partner.names[0].addresses) == answered, "what it was answered is told whole"


def known(fact: Fact[Any]) -> Any:
    assert isinstance(fact, Known)
    return fact.value
