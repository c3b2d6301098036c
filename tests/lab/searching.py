"""Signs in to controllers of the lab with the product's own bind on the unmodified ldap3, and a small forest to search in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldap3

from lab.ldap import LdapServer
from lab.scenario import ControllerSpec, Delegation, DomainSpec, Group, GroupScope, HostSpec, Promise, Scenario, TrustSpec, User
from runner.collect.credentials import Credentials
from runner.collect.directories.bind import Connection

HEAD = "DC=contoso,DC=test"
USER = "CONTOSO\\hv-reader"
PASSWORD = "Für ‹Tests› only"
SOURCE = f"CN=TESTSERVER01,CN=Computers,{HEAD}"
TARGET = f"CN=TESTSERVER02,CN=Computers,{HEAD}"
MIGRATION = "Microsoft Virtual System Migration Service"

NOW = Delegation(
    to=(f"{MIGRATION}/TESTSERVER02", f"{MIGRATION}/TESTSERVER02.contoso.test"), any_protocol=True, resource_based=("testserver03",)
)


def scenario() -> Scenario:
    """CONTOSO with a child domain and a trusted forest. The controller dc02 has not heard of TESTSERVER01's delegation, dc03 does not
    let the lists of services be read."""
    contoso = DomainSpec(
        netbios="CONTOSO",
        sid="S-1-5-21-1004336348-1177238915-682003330",
        controllers={
            "dc01": ControllerSpec(),
            "dc02": ControllerSpec(stale={"TestServer01": Delegation(to=("cifs/TESTSERVER09",))}),
            "dc03": ControllerSpec(denied=("msDS-AllowedToDelegateTo",)),
        },
        users=(
            User("hv-reader", password=PASSWORD, groups=("Readers",)),
            User("sensitive", sensitive=True, groups=("Protected Users",)),
            User("Doe, Jane (admin)*"),
            User("gone", password="never", disabled=True),
        ),
        groups=(
            Group("Readers"),
            Group("Operators", GroupScope.LOCAL, ("Readers", "FABRIKAM\\auditor", "EMEA\\helper", "testserver02")),
        ),
        trusts=(TrustSpec("fabrikam.test"),),
    )
    emea = DomainSpec(
        netbios="EMEA",
        sid="S-1-5-21-1004336348-1177238915-682003331",
        controllers={"dc11": ControllerSpec()},
        forest="contoso.test",
        users=(User("helper"),),
        groups=(
            Group("Everywhere", GroupScope.UNIVERSAL, ("CONTOSO\\hv-reader",)),
            Group("Here", GroupScope.LOCAL, ("CONTOSO\\hv-reader",)),
        ),
    )
    fabrikam = DomainSpec(
        netbios="FABRIKAM",
        sid="S-1-5-21-2004336348-1177238915-682003332",
        controllers={"dc21": ControllerSpec()},
        users=(User("auditor"),),
        groups=(Group("Visitors", GroupScope.LOCAL, ("CONTOSO\\hv-reader",)),),
    )
    return Scenario(
        title="A test",
        promise=Promise("GO"),
        plan={"moves": []},
        domains={"contoso.test": contoso, "emea.contoso.test": emea, "fabrikam.test": fabrikam},
        hosts={
            "testserver01": HostSpec(delegation=NOW),
            "testserver02": HostSpec(),
            "testserver03": HostSpec(domain="fabrikam.test", delegation=Delegation(any_service=True)),
            "testserver04": HostSpec(workgroup=True),
        },
        collector=USER,
    )


@contextmanager
def signed_in(server: LdapServer, password: str = PASSWORD, **options: Any) -> Iterator[Connection]:
    """A connection after its attempt to bind; `options` go to the product's Connection."""
    connection = Connection(
        "127.0.0.1",
        server.port,
        name=options.pop("name", "dc01.contoso.test"),
        credentials=Credentials(options.pop("user", USER), password),
        deadline=time.monotonic() + 30,
        protocol=options.pop("protocol", "ntlm"),
        **options,
    )
    try:
        connection.reach()
        connection.sign_in()
        yield connection
    finally:
        connection.strategy.close()


def found(
    connection: Connection, text: str, base: str = HEAD, scope: str = ldap3.SUBTREE, **options: Any
) -> dict[str, dict[str, list[bytes]]]:
    """The entries that a filter finds: name to attributes."""
    connection.search(base, text, scope, **{"attributes": ["*"], **options})
    return {item["dn"]: dict(item["raw_attributes"]) for item in connection.response if item["type"] == "searchResEntry"}
