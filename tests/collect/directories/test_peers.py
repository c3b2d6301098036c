"""What a host says never decides whom we sign in to: a listener proves that nobody came."""

from __future__ import annotations

import random
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from checks.facts.directory import AccountFacts
from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HostFacts
from checks.plan import HostEntry, Plan
from checks.text import plain
from checks.windows.names import HostName
from lab.dns import DnsServer
from lab.forest import Forest
from lab.scenario import Scenario
from runner.collect.credentials import Credentials
from runner.collect.directories.peers import MOST_ADDRESSES, PORT, Peer, Peers
from runner.collect.name_servers import NameServers
from tests.collect.directories.asking import Answers, asked, host, locators, reason, scenario, usual_hosts, value
from tests.lanes import lacking

ONLY_CONTOSO = {HostName("hv01"): HostEntry(fqdn="hv01.contoso.test")}


@contextmanager
def attacker() -> Iterator[socket.socket]:
    """Listens where a controller would, at an address that nobody else has thought of."""
    elsewhere = f"127.{random.randrange(1, 255)}.{random.randrange(255)}.{random.randrange(1, 255)}"
    with socket.socket() as listening:
        try:
            listening.bind((elsewhere, PORT))
        except OSError as error:  # not everybody may, and not every system has these addresses
            lacking(f"nobody may listen on {elsewhere}:{PORT} here: {error.strerror}")
        listening.listen()
        yield listening


def called(listening: socket.socket) -> bool:
    return bool(select.select([listening], [], [], 0)[0])


def without_trusts() -> Scenario:
    described = scenario()
    return replace(described, domains={name: replace(spec, trusts=()) for name, spec in described.domains.items()})


def by_key(answers: Answers) -> dict[str, AccountFacts]:
    return {str(name): facts for name, facts in answers.accounts.items()}


def view(answers: Answers, account: str, controller: str) -> Missing:
    found = by_key(answers)[account].views[controller]
    assert isinstance(found, Missing)
    return found


@pytest.mark.parametrize("name", ["dc01.contoso.test", "dc66.contoso.test", "DC66"])
def test_an_address_that_a_host_gives_is_not_connected_to(name: str) -> None:
    with Forest(scenario()) as forest, attacker() as listening:
        asked(forest, {"hv01": host("HV01", locators(name, address=listening.getsockname()[0]))})
        assert not called(listening)


def test_a_controller_that_only_a_host_names_is_not_asked_and_its_view_is_missing() -> None:
    with Forest(scenario()) as forest:
        answers = asked(forest, {"hv01": host("HV01", locators("dc01.contoso.test", "dc66.contoso.test"))})
    stranger = view(answers, "hv01", "dc66.contoso.test")
    assert stranger.reason is Reason.NOT_COLLECTED
    assert "neither the plan nor DNS knows it" in plain(stranger.detail)
    assert isinstance(by_key(answers)["hv01"].views["dc01.contoso.test"], Known)


def test_a_domain_that_only_a_host_names_is_not_asked() -> None:
    with Forest(without_trusts()) as forest:
        answers = asked(forest, entries=ONLY_CONTOSO)
        assert forest.controllers["dc51.fabrikam.test"].requests == []
        assert forest.controllers["dc01.contoso.test"].requests
    assert "no password goes where a host says" in plain(view(answers, "hv03", "(controllers of fabrikam.test)").detail)


def test_a_domain_that_a_controller_of_ours_trusts_is_asked() -> None:
    with Forest(scenario()) as forest:
        answers = asked(forest, entries=ONLY_CONTOSO)
    assert value(by_key(answers)["hv03"].views["dc51.fabrikam.test"]).account_name == "HV03$"


def test_where_the_plan_names_the_controllers_no_other_is_asked() -> None:
    with Forest(scenario()) as forest:
        urls = (f"ldap://dc01.contoso.test:{forest.controllers['dc01.contoso.test'].port}",)
        answers = asked(forest, directory={"contoso.test": urls})
        assert forest.controllers["dc02.contoso.test"].requests == []
    assert view(answers, "hv01", "dc02.contoso.test").reason is Reason.NOT_COLLECTED


def test_only_a_controller_that_is_asked_is_looked_up() -> None:
    with Forest(scenario()) as forest:
        assert forest.dns is not None
        asked(forest, {"hv01": host("HV01", locators("dc02.contoso.test"))}, questions=())
        looked_up = [name for name, kind, _ in forest.dns.queries if kind == "A"]
    assert looked_up[0] == "dc02.contoso.test"


def test_the_name_of_the_collecting_account_names_its_domain() -> None:
    with Forest(without_trusts()) as forest:
        facts: dict[str, HostFacts] = {"hv03": usual_hosts()["hv03"]}
        assert reason(view(asked(forest, facts, entries={}), "hv03", "(controllers of fabrikam.test)")) is Reason.NOT_COLLECTED
        asked(forest, facts, entries={}, user="hv-operator@fabrikam.test")
        assert forest.controllers["dc51.fabrikam.test"].requests


def test_a_controller_with_thousands_of_addresses_is_tried_at_few() -> None:
    name = "dc01.contoso.test"
    with DnsServer((name, "A", (f"10.0.{number // 256}.{number % 256}",)) for number in range(4000)) as server:
        names = NameServers((f"127.0.0.1:{server.port}",))
        assert len(value(names.addresses(name))) == 4000
        peers = Peers(Plan(()), names, Credentials("hv-reader@contoso.test", "not a password of anyone"))
        assert len(peers.located(Peer(name, ())).addresses) == MOST_ADDRESSES
