"""What setspn, klist and whoami print, told by its form: their words are translated, names of services, flags and SIDs are not.

setspn -L and -Q: a distinguished name, and below it the service names of that account. setspn -X: a service name, and below it the accounts
that have it. klist: numbered tickets, each with a client, a server, its flags as a number and, first of its times, since when it is held.
whoami /groups: a SID in each line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from checks.errors import Told
from checks.errors.observation import Output, OutputKind
from checks.windows.names import fold
from checks.windows.service_names import FILE_SERVICE, HOST, MIGRATION_SERVICE, taken_apart
from checks.windows.sids import ADMINISTRATORS, EVERYONE, HYPERV_ADMINISTRATORS
from runner.diagnose.clocks import TIME

MOST_NAMES = 2_000
"""So many service names, SIDs and tickets are kept."""

FORWARDABLE = 0x40000000
"""TicketFlags forwardable(1) (RFC 4120, 5.3)."""
SERVICE_SESSIONS = frozenset({0x3E4, 0x3E5, 0x3E7})
"""Logon sessions of Windows itself: NetworkService, LocalService and LocalSystem."""
MAY_MANAGE = frozenset({ADMINISTRATORS, HYPERV_ADMINISTRATORS})
LEAST_GROUPS = 3
"""A list of fewer groups, or without everybody's, is not whole."""

_ACCOUNT = re.compile(r"(?P<above>[^\n]{0,120}\s)?CN=(?P<name>[^,=\n]{1,64}),[^\n]{0,400}?DC=[^,:\n]{1,64}(?P<end>:?)\s*\Z", re.IGNORECASE)
_NAME = re.compile(r"\s{0,40}([A-Za-z][\w .-]{0,60}/[\w.:-]{1,255})\s*\Z")
_NAME_OF_SEVERAL = re.compile(r"([A-Za-z][\w .-]{0,60}?/[\w.:-]{1,255})\s[^\n]{3,120}:\s*\Z")
_TICKET = re.compile(
    r"\s{0,20}(?:#\d{1,4}>\s{0,20})?[^\W\d_][^:\n]{0,30}:\s{0,4}(?P<name>[^\s@][^@\n]{0,300}?)[ \t]{1,4}@[ \t]{0,4}\S{1,255}\s*\Z"
)
_FLAGS = re.compile(r"\b0x([0-9a-f]{6,8})\s{0,4}->", re.IGNORECASE)
_SESSION = re.compile(r"\b0:0x([0-9a-f]{1,8})\b", re.IGNORECASE)
_SID = re.compile(r"\bS-1-\d{1,2}(?:-\d{1,10}){1,14}\b")


class Tool(NamedTuple):
    """A fact that a tool's output tells, of which host, and in which line."""

    told: Told
    value: str
    host: str | None
    line: int


class MachineTicket(NamedTuple):
    """Since when a host holds the ticket with which it asks for others, as klist prints that, and in which line."""

    host: str
    since: str
    line: int


class Tools:
    """Is shown lines, and says what they tell at the end."""

    def __init__(self) -> None:
        self.outputs: dict[Output, None] = {}
        self._account: str | None = None
        self._shared: str | None = None
        self._holders: dict[str, dict[str, int]] = {}
        self._listed: dict[str, tuple[int, set[str]]] = {}
        self._session: int | None = None
        self._client = ""
        self._server = ""
        self._tickets: list[tuple[int, bool]] = []
        self._machine = ""
        self.of_machines: list[MachineTicket] = []
        self._groups: dict[str, tuple[int, set[str]]] = {}
        self._count = 0
        self.left_out_from: int | None = None
        """The first line behind as many names as are kept."""

    def line(self, number: int, line: str, host: str | None) -> bool:
        """Is a line one of these outputs. `host` is the one on which it was asked, where that is told."""
        if self._count >= MOST_NAMES:
            self.left_out_from = self.left_out_from or number
            return False
        return (
            (("/" in line or "=" in line) and self._name(number, line))
            or (("@" in line or "0x" in line or self._machine) and self._ticket(number, line))
            or ("S-1-" in line and self._group(number, line, host))
        )

    def gap(self) -> None:
        """A blank line, or something else, came."""
        self._account = self._shared = None
        self._client = self._server = self._machine = ""

    def facts(self) -> Iterator[Tool]:
        """What all lines tell."""
        yield from self._names()
        yield from (Tool(Told.FORWARDABLE, str(forwardable).lower(), None, line) for line, forwardable in self._tickets)
        for host, (line, sids) in self._groups.items():
            if EVERYONE in sids and len(sids) >= LEAST_GROUPS:
                yield Tool(Told.RIGHTS, "lacking" if MAY_MANAGE.isdisjoint(sids) else "held", host, line)

    # --- setspn ---

    def _name(self, number: int, line: str) -> bool:
        account = _ACCOUNT.match(line)
        if account and (account["end"] or not (account["above"] or "").strip()):
            if self._shared is not None:
                self._hold(self._shared, account["name"], number)
            else:
                self._count += 1
                self._account = account["name"]
                self._listed.setdefault(fold(self._account), (number, set()))
            return True
        if several := _NAME_OF_SEVERAL.match(line):
            self._shared = several[1]
            return True
        if self._account is not None and (name := _NAME.match(line)):
            self.outputs[Output(OutputKind.SERVICE_NAMES, self._account, name[1])] = None
            self._listed[fold(self._account)][1].add(fold(name[1]))
            self._hold(name[1], self._account, number)
            return True
        return False

    def _hold(self, name: str, account: str, number: int) -> None:
        self._count += 1
        self._holders.setdefault(fold(name), {}).setdefault(fold(account), number)

    def _names(self) -> Iterator[Tool]:
        """Service names of moves that two accounts have, or another one than the host's; and of an account whose names are all told,
        whether it has those of the migration service."""
        migration = fold(MIGRATION_SERVICE)
        for name, accounts in self._holders.items():
            service = taken_apart(name)
            if service is None or fold(service.service) not in {migration, *map(fold, FILE_SERVICE)}:
                continue
            line = max(accounts.values())
            if len(accounts) > 1:
                yield Tool(Told.SERVICE_NAMES, "twice", service.host.spelled, line)
            elif fold(service.service) == migration and fold(service.host.short.spelled) not in accounts:
                yield Tool(Told.SERVICE_NAMES, "elsewhere", service.host.spelled, line)
        for account, (line, names) in self._listed.items():
            own = {name for name in names if name.startswith(f"{migration}/")}
            if names and any(name.startswith(f"{fold(HOST)}/") for name in names):
                value = "lacking" if not own else "registered" if len({"." in name.rpartition("/")[2] for name in own}) > 1 else None
                if value:
                    yield Tool(Told.SERVICE_NAMES, value, account, line)

    # --- klist ---

    def _ticket(self, number: int, line: str) -> bool:
        if session := _SESSION.search(line):
            self._session = int(session[1], 16)
            return True
        if named := _TICKET.match(line):
            if "/" in named["name"]:
                self._server = named["name"]
                self._count += 1
                self.outputs[Output(OutputKind.TICKET, None, named["name"])] = None
            else:
                self._client = named["name"]
            return True
        flags = _FLAGS.search(line)
        if flags and self._server:
            if self._server.casefold().startswith("krbtgt/"):
                if self._client.endswith("$"):
                    self._machine = self._client.removesuffix("$")
                elif self._client and self._session not in SERVICE_SESSIONS:
                    self._count += 1
                    self._tickets.append((number, bool(int(flags[1], 16) & FORWARDABLE)))
            return True
        if self._machine and (since := TIME.search(line)):
            self._count += 1
            self.of_machines.append(MachineTicket(self._machine, since[0], number))
            self._machine = ""
            return True
        return False

    # --- whoami ---

    def _group(self, number: int, line: str, host: str | None) -> bool:
        found = _SID.findall(line)
        if host is not None and len(found) == 1:
            self._count += 1
            self._groups.setdefault(host, (number, set()))[1].update(found)
        return False
