"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.directory import ComputerAccount, ControllerClock, Locator, ServiceName
from checks.windows.names import fold
from checks.windows.service_names import MIGRATION_SERVICE
from tests.facts.described import AT, DC, Described

CLOCK = ControllerClock(AT, AT, AT)
"""That of every controller of the good world."""


def good(host: Described) -> dict[str, Any]:  # noqa: ARG001 - the same on every host
    return {"locators": (Locator("CONTOSO", DC, "10.0.0.10", "contoso.test", "Default-First-Site-Name"),)}


def service_names(account: ComputerAccount, domain: str) -> tuple[ServiceName, ...]:
    """Nobody has the account's names of the migration service but itself."""
    names = (name for name in account.service_principal_names if fold(name).startswith(fold(f"{MIGRATION_SERVICE}/")))
    return tuple(ServiceName(name, domain, account.dn, account.sid) for name in names)
