"""What the topic says of a host of the good world, and what its domain controllers say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from checks.facts.directory import (
    AccountFacts,
    ComputerAccount,
    ControllerClock,
    ControllerFacts,
    Domain,
    DomainFacts,
    Group,
    Locator,
    NamedHost,
    Sealing,
    SecureChannel,
    ServiceName,
    SignIn,
    Written,
)
from checks.facts.fact import Known
from checks.windows.names import HostName, fold
from checks.windows.service_names import FILE_SERVICE, taken_apart
from checks.windows.service_names import MIGRATION_SERVICE as MIGRATION_SERVICE
from tests.facts.described import AT, CONTOSO, DC, Described, known

FABRIKAM = "S-1-5-21-2025429265-507921405-854245398"
ANY_PROTOCOL = 0x1000000
IN_CONTOSO = "domains.contoso·test.controllers.dc01·contoso·test"
IN_FABRIKAM = "domains.fabrikam·test.controllers.dc01·fabrikam·test"
"""Where a test world keeps what the controller of a domain answers."""
SIDS = {"contoso.test": CONTOSO, "fabrikam.test": FABRIKAM}


def good(host: Described) -> dict[str, Any]:  # noqa: ARG001 - the same on every host
    return {
        "locators": (Locator("CONTOSO", DC, "10.0.0.10", "contoso.test", "Default-First-Site-Name"),),
        "secure_channel": SecureChannel(True),
    }


def answers(name: str, accounts: Mapping[str, AccountFacts]) -> dict[str, Any]:
    """What a controller of the good world answers, by question. Nobody has an account's names of the migration service but itself. Each
    domain is a forest of its own."""
    netbios = name.partition(".")[0].upper()
    return {
        "domain": Domain(name, netbios, SIDS.get(name, ""), name, 7, 7),
        "forest": {netbios.lower(): name},
        "trusts": (),
        "dns_suffixes": (),
        "clock": ControllerClock(AT, AT, AT),
        "sign_in": SignIn("10.0.0.10:389", "kerberos", Sealing.LOGON),
        "service_names": tuple(row for facts in accounts.values() for row in holdings(name, facts)),
        "delegated_hosts": delegated(accounts),
    }


def delegated(accounts: Mapping[str, AccountFacts], *entries: str) -> tuple[NamedHost, ...]:
    """What a controller that has these accounts says of the hosts that their delegation lists name, and these entries."""
    shown = [view.value for facts in accounts.values() for view in facts.views.values() if isinstance(view, Known)]
    listed = (*entries, *(entry for each in shown for entry in each.delegate_to))
    named = dict.fromkeys(said.host for entry in listed if (said := taken_apart(entry)))
    return tuple(
        NamedHost(host.key, tuple(each.dn for each in shown if host in (HostName(each.short_name), HostName(each.full_name))))
        for host in named
    )


def holdings(domain: str, facts: AccountFacts) -> tuple[ServiceName, ...]:
    """What a controller of the domain says of an account that has names of the migration service or of the file service."""
    services = tuple(fold(f"{service}/") for service in (MIGRATION_SERVICE, *FILE_SERVICE))
    return tuple(
        ServiceName(held, domain, view.value.dn, view.value.sid)
        for view in facts.views.values()
        if isinstance(view, Known)
        for held in view.value.service_principal_names
        if fold(held).startswith(services)
    )


def domain(name: str, accounts: Mapping[str, AccountFacts], **changes: Any) -> DomainFacts:
    """A domain with one controller that has these accounts."""
    told = answers(name, accounts) | changes
    return DomainFacts({f"dc01.{name}": ControllerFacts(**{question: known(answer) for question, answer in told.items()})})


def services(host: str, *classes: str) -> tuple[str, ...]:
    """The delegation entries for a host, short and full."""
    names = classes or (MIGRATION_SERVICE, "cifs")
    return tuple(f"{name}/{form}" for name in names for form in (host.upper(), f"{host.lower()}.contoso.test"))


LONG_AGO = AT - timedelta(days=20)
GLOBAL, LOCAL, UNIVERSAL, DISTRIBUTION = 0x80000002, 0x80000004, 0x80000008, 0x2
"""Values of groupType."""


def global_group(sid: str) -> Group:
    return Group(sid, GLOBAL, ())


def account(name: str, number: int, partner: str, **changes: Any) -> ComputerAccount:
    made = ComputerAccount(
        dn=f"CN={name.upper()},CN=Computers,DC=contoso,DC=test",
        sid=f"{CONTOSO}-200{number}",
        account_name=f"{name.upper()}$",
        dns_host_name=f"{name.lower()}.contoso.test",
        user_account_control=0x1000 | ANY_PROTOCOL,
        delegate_to=services(partner),
        resource_based=(),
        service_principal_names=(*services(name, MIGRATION_SERVICE), *services(name, "HOST")),
        sids=(f"{CONTOSO}-200{number}", f"{CONTOSO}-515"),
        changed=AT,
        delegation_version=4,
        delegation_changed=AT,
        groups=(global_group(f"{CONTOSO}-515"),),
        history=(),
        written=Written(LONG_AGO, LONG_AGO, None, LONG_AGO),
        encryption_types=0x1C,
    )
    return replace(made, **changes)


def account_facts(shown: ComputerAccount, controller: str = DC) -> AccountFacts:
    """What a controller shows of an account."""
    return AccountFacts({controller: known(shown)})
