"""Visits hosts of the lab with the unmodified pypsrp, and small forests to visit."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from checks.facts.host import HOST_FACTS, SECTIONS
from lab.forest import Forest
from lab.scenario import ControllerSpec, DomainSpec, Group, HostSpec, Promise, Scenario, User, VmSpec

VALUE_TYPES: dict[str, Any] = {name: section.type for name, section in SECTIONS.items()}


def scenario(**hosts: HostSpec) -> Scenario:
    """CONTOSO with these hosts, and a collector whose password holds more than ASCII."""
    domain = DomainSpec(
        netbios="CONTOSO",
        sid="S-1-5-21-1004336348-1177238915-682003330",
        controllers={"dc01": ControllerSpec()},
        users=(
            User("hv-reader", password="Für Tests only", groups=("hv-admins",)),
            User("hv-operator"),
            User("gone", password="never", disabled=True),
        ),
        groups=(Group("hv-admins"),),
    )
    return Scenario(
        title="A test",
        promise=Promise("GO"),
        plan={"moves": []},
        domains={"contoso.test": domain},
        hosts=hosts,
        collector="CONTOSO\\hv-reader",
    )


def host(**changes: Any) -> HostSpec:
    """A 2016 host with one VM and a network of its own for migrations."""
    return replace(HostSpec(migration="192.168.10.1/24", vms=(VmSpec("LMTest"),)), **changes)


def forest(**hosts: HostSpec) -> Forest:
    """The hosts alone, without controllers and name servers."""
    return Forest(scenario(**hosts), external_directory=True)


def connection(its: Forest, name: str, **options: Any) -> WSMan:
    """A connection as the collector; `options` replace those of pypsrp's WSMan."""
    where = its.hosts[name].listener
    defaults: dict[str, Any] = {
        "username": its.collector,
        "password": its.password,
        "port": where.port,
        "auth": "negotiate",
        "ssl": its.hosts[name].spec.certificate,
        "cert_validation": str(its.ca_file) if its.ca_file else True,
        "no_proxy": True,
        "connection_timeout": 5,
        "read_timeout": 30,
        "reconnection_backoff": 0,
    }
    return WSMan("127.0.0.1", **(defaults | options))


def ask(wsman: WSMan, request: str) -> list[Any]:
    """What the pipeline of one visit puts out."""
    with RunspacePool(wsman) as pool:
        shell = PowerShell(pool)
        shell.add_script("param($Request) 'the real collector'").add_parameter("Request", request)
        return list(shell.invoke())


def request(*sections: str, partners: tuple[dict[str, Any], ...] = ()) -> str:
    asked = {"frame": 2, "sections": sections or HOST_FACTS, "partners": partners, "port_timeout_ms": 1000}
    return msgspec.json.encode(asked).decode()


def sections(its: Forest, name: str, *asked: str, partners: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """The sections of one visit's answer, undecoded."""
    start, *texts = map(msgspec.json.decode, ask(connection(its, name), request(*asked, partners=partners)))
    assert start["frame"] == 2
    return {section["name"]: section for section in texts}


def value(its: Forest, name: str, section: str, partners: tuple[dict[str, Any], ...] = ()) -> Any:
    """One fact of a host, in its published type."""
    answer = sections(its, name, section, partners=partners)[section]
    assert answer["ok"], answer["error"]
    return msgspec.convert(answer["value"], VALUE_TYPES[section])
