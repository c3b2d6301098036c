"""All facts of one run."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from checks.facts.directory import AccountFacts, DomainFacts, OperatorFacts
from checks.facts.fact import Fact, Shape
from checks.facts.host import HostFacts

VALID_FOR = timedelta(hours=24)


class Collected(Shape, frozen=True):
    """Who collected, from where, with which program, and when (UTC). `partial` is true when the run was cut short. `current_logon`: with
    the logon or ticket of whoever ran the program. `offset_minutes`: how far the clock of that machine was ahead of UTC; nothing in a
    snapshot from before that was kept."""

    by: str
    on: str
    tool: str
    start: datetime
    end: datetime
    partial: bool = False
    current_logon: bool = False
    offset_minutes: int | None = None

    @property
    def valid_until(self) -> datetime:
        """When what was read is too old to be acted on."""
        return self.start + VALID_FOR


class Protection(StrEnum):
    """What keeps a visit from being read on the way."""

    TLS = "TLS"
    MESSAGES = "WinRM message encryption"


class HostVisit(Shape, frozen=True):
    """When one host was visited and over what: the address asked, authentication, TLS or not. `engine` is its PowerShell. `proved` is the
    name that its certificate or its Kerberos ticket proved, or nothing."""

    start: datetime
    end: datetime
    address: str
    authentication: str
    encrypted: Protection
    engine: str = ""
    proved: str = ""


SNAPSHOT_FORMAT = "hvpreflight.snapshot/2"


class Snapshot(Struct, frozen=True, forbid_unknown_fields=True):
    """All facts of one run. Hosts and operators are keyed by the plan's spelling in lower case, domains by their DNS name in
    lower case. `names` is what the name servers answered to us: a host's or controller's full name to its addresses."""

    format: str
    collected: Collected
    hosts: dict[str, HostFacts]
    visits: dict[str, HostVisit]
    accounts: dict[str, AccountFacts]
    domains: dict[str, DomainFacts]
    operators: dict[str, OperatorFacts]
    names: dict[str, Fact[tuple[str, ...]]]
