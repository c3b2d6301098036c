"""Which controller a host uses for its own domain, by what its locator says."""

from __future__ import annotations

import pytest

from checks.facts.fact import Missing, Reason
from checks.facts.host import HostFacts
from checks.text import text
from checks.windows.names import HostName
from runner.collect.directories import members as its
from tests.collect.directories.asking import AT, host, locators


def members(hosts: dict[str, HostFacts]) -> dict[str, list[its.Member]]:
    return its.members({HostName(name): facts for name, facts in hosts.items()})


def used(*controllers: str, netbios: str = "CONTOSO", domain: str = "contoso.test") -> object:
    (member,) = members({"hv01": host("HV01", locators(*controllers, netbios=netbios, address="10.0.0.10"), domain)})[domain]
    return member.controllers


@pytest.mark.parametrize("name", ["dc01.contoso.test", "DC01.CONTOSO.TEST", "DC01"])
def test_a_controller_has_one_name_however_the_host_writes_it(name: str) -> None:
    assert used(name) == {"dc01.contoso.test": ("10.0.0.10",)}


@pytest.mark.parametrize("name", ["dc01.fabrikam.test", "dc01.emea.contoso.test", ""])
def test_a_controller_of_another_domain_is_not_the_hosts_own(name: str) -> None:
    assert used(name, netbios="EMEA") == {}


def test_a_controller_with_a_name_outside_of_its_domain_is_known_by_the_short_name_of_the_domain() -> None:
    assert used("dc01.branch.example") == {"dc01.branch.example": ("10.0.0.10",)}


def test_a_short_name_that_differs_from_the_dns_name_is_learned_from_another_host() -> None:
    hosts = {
        "hv01": host("HV01", locators("DC01", netbios="CORP")),
        "hv02": host("HV02", locators("dc02.contoso.test", netbios="CORP")),
    }
    found = {member.host.key: member.controllers for member in members(hosts)["contoso.test"]}
    assert found == {"hv01": {"dc01.contoso.test": ("127.0.0.1",)}, "hv02": {"dc02.contoso.test": ("127.0.0.1",)}}


def test_a_locator_that_was_not_read_stays_missing() -> None:
    missing = Missing(Reason.TIMED_OUT, text("Win32_NTDomain"), AT)
    (member,) = members({"hv01": host("HV01", missing)})["contoso.test"]
    assert member.controllers is missing


def test_what_is_no_address_is_not_connected_to() -> None:
    row = locators("dc01.contoso.test", address="\\\\10.0.0.10")
    (member,) = members({"hv01": host("HV01", row)})["contoso.test"]
    assert member.controllers == {"dc01.contoso.test": ()}
