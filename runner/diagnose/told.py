"""Reads facts out of what people paste with a failure: outputs of cmdlets as a list, a table, CSV or JSON, and clauses that say one.

Property names and values are never translated, so they are compared as they stand. What a cut column, an unknown value or a clause with a
"not" says is nothing.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import NamedTuple

from checks.errors import Told
from checks.errors.observation import Fact, Output, OutputKind, Record
from checks.errors.tables import Property, pasted
from checks.windows.names import fold
from runner.diagnose.clocks import earlier
from runner.diagnose.tools import Tools

MOST_FACTS, MOST_RECORDS = 200, 1_000
MOST_PROPERTIES = 500
"""So many properties has one object."""
MOST_BLOCK = 60
"""So many lines of one copied event are looked at."""
MOST_PROSE = 100_000
"""In so many characters of the beginning and of the end of an input clauses are looked for: people write before what they paste, and
after it."""

_PAIR = re.compile(r"\s{0,40}[\"']?([A-Za-z][\w-]{1,60})[\"']?\s{0,60}:\s{0,20}(.*)")
_RULE = re.compile(r"[ \t]*-{2,}(?:[ \t]+-{2,})+[ \t]*\Z")
_COLUMN = re.compile(r"-{2,}")
_CLAUSE = re.compile(r"[.!?;,](?=\s|\Z)|\n[ \t]*\n|[。！？]")
_WORD = re.compile(r"[^\W_]+")
_RELEASE = re.compile(
    r"\b(20\d\d(?:[ ]?R2)?)(?:[ ]\w{1,12}){0,2}?[ ]?(?:to|->|=>|→|nach|auf|zu)[ ](?:[A-Za-z]{1,12}[ ]){0,4}?(20\d\d(?:[ ]?R2)?)\b",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\d{1,2}\.\d")
_PROTECTED_USERS = re.compile(r"\bS-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}-525\b")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_PROMPT = re.compile(r"(?:\[([^\]\n]{1,64})\]:\s*)?PS(?:\s[^>\n]{0,200})?>|[A-Za-z]:\\[^>\n]{0,200}>")
_OF_HOST = re.compile(r"-(?:ComputerName|Cn)[ \t:]{1,4}[\"']?([\w.-]{1,255})[\"']?(?![\w.-]|[ \t]{0,4},)", re.IGNORECASE)
_ANY_HOST = re.compile(r"-(?:ComputerName|Cn|CimSession|VMHost)\b", re.IGNORECASE)
_OF_ACCOUNT = re.compile(r"\bGet-ADComputer[ \t]{1,4}(?:-Identity[ \t]{1,4})?[\"']?([A-Za-z0-9][\w-]{0,62})\$?(?![\w.,=])", re.IGNORECASE)
_PART = re.compile(
    r"\|[ \t]{0,4}(?:where|\?|select[^|]*-(?:first|last|skip|index))|[ \t]-(?:Name|SwitchName|SwitchType|Id)\b"
    r"|\bGet-VM(?:Switch|HostSupportedVersion)[ \t]+[^-|\s]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([,;])\"")
_BRACKETS = re.compile(r"[\s{}\[\],]+\Z")
_NOBODY = frozenset({"localhost", ".", "127.0.0.1", "::1"})
MIGRATION, FILES = "microsoft virtual system migration service/", "cifs/"


CHANGES = frozenset({5136, 4742})
"""Events of the Security log of a controller for a changed object and a changed computer account."""
FAILURES = frozenset({20306, 21024})
STALE = timedelta(hours=10)
"""So long may a ticket live that was made before a change."""
_CHANGED = re.compile(r"\bmsDS-Allowed(?:ToDelegateTo|ToActOnBehalfOfOtherIdentity)\b|\bAllowedToDelegateTo\s{0,20}:\s{0,20}[^-\s]")
_TIME = re.compile(r"(?<!\w)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)(?!\w)")
_EVENT_ID = re.compile(r"\b(?:ID|EventID)\s{0,4}[:=]\s{0,20}(\d{4,5})\b")
DELEGATION_LIST = "msds-allowedtodelegateto"
_METADATA_ROW = re.compile(rf"\s(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d)\s{{1,20}}\d{{1,9}}\s{{1,4}}{DELEGATION_LIST}\s*\Z", re.IGNORECASE)
_FIRST_NAME = re.compile(r"(?:\A[{\s]{0,4}|DC=[^,={}]{1,64},\s{0,4})CN=([^,={}]{1,64}),", re.IGNORECASE)
_OBJECT = re.compile(r"\bCN=([^,=\n]{1,64}),", re.IGNORECASE)


class _Table(NamedTuple):
    names: tuple[str, ...]
    starts: tuple[int, ...]


class _Asked(NamedTuple):
    """What a prompt and the command after it tell of the output that follows: of which host it is, of which account, and whether the
    command asks for a part of what there is. `session` is the host on which it runs, where that is a remote one."""

    host: str | None
    account: str | None
    part: bool
    session: str | None = None


_NOTHING_ASKED = _Asked(None, None, part=False)


class _Prose:
    """The first and the last lines of a long text, blank ones among them. `left_out` are the numbers of the first and the last line between
    them that were let go."""

    def __init__(self) -> None:
        self.left_out: tuple[int, int] | None = None
        self._first: list[tuple[int, str]] = []
        self._last: deque[tuple[int, str]] = deque()
        self._sizes = [0, 0]

    def add(self, number: int, line: str) -> None:
        if not self._last and self._sizes[0] < MOST_PROSE:
            self._first.append((number, line))
            self._sizes[0] += len(line) + 1
            return
        self._last.append((number, line))
        self._sizes[1] += len(line) + 1
        while self._sizes[1] > MOST_PROSE:
            gone, text = self._last.popleft()
            self._sizes[1] -= len(text) + 1
            self.left_out = (self.left_out[0] if self.left_out else gone, gone)

    def paragraphs(self) -> Iterator[tuple[int, str]]:
        """Each paragraph with its first line."""
        gathered: list[str] = []
        first = 1
        between = [(0, "")] if self.left_out else []
        for number, line in chain(self._first, between, self._last, [(0, "")]):
            if line:
                first = first if gathered else number
                gathered.append(line)
            elif gathered:
                yield first, "\n".join(gathered)
                gathered = []


class Reader:
    """Is shown the lines of an input one by one, and then says what they tell."""

    def __init__(self) -> None:
        self.facts: dict[Fact, None] = {}
        self._told: set[tuple[Told, str, str | None]] = set()
        self.outputs: dict[Output, None] = {}
        self.left_out_from: int | None = None
        """The first line with more than is kept."""
        self._before = ""
        self._record: dict[str, str] = {}
        self._at = 1
        self._table: _Table | None = None
        self._names: list[str] | None = None
        self._tools = Tools()
        self._prose = _Prose()
        self._block: list[str] = []
        self._changes: list[tuple[datetime, str]] = []
        self._failures: list[datetime] = []
        self._adapters: set[str] = set()
        self._switches: dict[str | None, set[str]] = {}
        self._runs: set[str] = set()
        self._has: set[str] = set()
        self.records: list[Record] = []
        self._asked: _Asked = _NOTHING_ASKED
        self._prompts = 0
        self._metadata_of: str | None = None
        self._delegated: list[tuple[str, str]] = []

    def line(self, number: int, line: str) -> None:
        """Look at one line without markup."""
        line = line[:2_000]
        if "-525" in line and _PROTECTED_USERS.search(line):
            self._fact(Told.ACCOUNT_PROTECTED, "true", None, number)
        if line.strip() and len(self._block) < MOST_BLOCK:
            self._block.append(line)
        if prompt := _PROMPT.match(line) if ">" in line else None:
            self._close()
            self._prompts += 1
            self._asked = _asked(prompt[1], line[prompt.end() :])
            of = _OBJECT.search(line) if "showobjmeta" in line.casefold() else None
            self._metadata_of = of[1] if of else None
        elif not line.strip():
            self._close()
            self._end_block()
            self._prose.add(number, "")
        elif "--" in line and _RULE.match(line):
            self._close()
            starts = tuple(match.start() for match in _COLUMN.finditer(line))
            self._table = _Table(tuple(_cell(self._before, starts, place) for place in range(len(starts))), starts)
        elif self._table is not None:
            self._from_table(number, line)
        else:
            self._other(number, line)
        self._before = line

    def gap(self) -> None:
        """What comes next belongs to nothing that came before."""
        self._close()
        self._end_block()

    @property
    def unread(self) -> tuple[int, int] | None:
        """Between which lines no clauses were looked for."""
        return self._prose.left_out

    def event(self, number: int | None, time: datetime | None, text: str) -> None:
        """Look at one event of a log, or at one that was copied from a viewer."""
        if number in FAILURES and time is not None and len(self._failures) < MOST_FACTS:
            self._failures.append(time)
        if number in CHANGES and time is not None and _CHANGED.search(text) and len(self._changes) < MOST_FACTS:
            named = _OBJECT.search(text)
            self._changes.append((time, named[1] if named else ""))

    def end(self) -> tuple[tuple[Fact, ...], tuple[Output, ...]]:
        """The facts and the outputs of all lines."""
        self._close()
        self._end_block()
        for at, paragraph in self._prose.paragraphs():
            for clause in _CLAUSE.split(paragraph):
                self._clause(at, clause)
        self._stale()
        self._outdated()
        if self._tools.left_out_from:
            self._leave_out(self._tools.left_out_from)
        for each in self._tools.facts():
            self._fact(each.told, each.value, each.host, each.line)
        for output in self._tools.outputs:
            self._output(output.kind, output.of, output.what)
        names = {name for own in self._switches.values() for name in own} | self._adapters
        whole = not any(name.endswith(("...", "…")) for name in names)
        if whole and any(not self._adapters <= own for own in self._switches.values()):
            self._fact(Told.SWITCH, "missing", None, 0)
        if self._runs and self._has and self._has.isdisjoint(self._runs):
            self._fact(Told.RELEASES, "without a common version", None, 0)
        return tuple(self.facts), tuple(self.outputs)

    def _stale(self) -> None:
        """A delegation that was changed so shortly before a failure that older tickets may have lived on."""
        for failed in self._failures:
            changed = max((each for each in self._changes if timedelta(0) <= failed - each[0] <= STALE), default=None)
            if changed is not None:
                self._fact(Told.DELEGATION_CHANGED, "before", changed[1] or None, 0)
                self._output(OutputKind.CHANGED, changed[1], str(int((failed - changed[0]).total_seconds() // 60)))

    def _outdated(self) -> None:
        """A ticket that a host holds since before its delegation was changed."""
        for ticket in self._tools.of_machines:
            for name, changed in self._delegated:
                if fold(name) == fold(ticket.host) and earlier(ticket.since, changed):
                    self._fact(Told.DELEGATION_CHANGED, "after the ticket", name, ticket.line)

    def _metadata(self, name: str | None, changed: str) -> None:
        """Keep when the list of an account was changed, as the directory's metadata have it."""
        if name and len(self._delegated) < MOST_FACTS:
            self._delegated.append((name, changed))

    # --- records ---

    def _from_table(self, number: int, line: str) -> None:
        """A row of a table. A cell that runs over its edge, as in a table that lost its blanks, tells nothing."""
        assert self._table is not None
        names, starts = self._table
        whole = [not (start and line[start - 1 : start].strip() and line[start : start + 1].strip()) for start in starts] + [True]
        row = {
            name: _cell(line, starts, place)
            for place, name in enumerate(names)
            if whole[place] and whole[place + 1] and not name.endswith(("...", "…"))
        }
        self._read_record({name.casefold(): value for name, value in row.items() if value}, number)

    def _other(self, number: int, line: str) -> None:
        if self._names is not None and line.lstrip().startswith('"'):
            self._read_record(dict(zip(self._names, _cells(line), strict=False)), number)
            return
        self._names = None
        names = [name.casefold() for name in _cells(line)] if line.startswith('"') and _QUOTED.search(line) else []
        if names and (_properties().keys() | _marks()) & set(names):
            self._names = names
            return
        if self._metadata_of and (row := _METADATA_ROW.search(line)):
            self._metadata(self._metadata_of, row[1])
            return
        if _BRACKETS.match(line):
            if "}" in line:
                self._close()
            return
        if not (self._record and line[0].isspace()) and self._tools.line(number, line, self._asked.session):
            return
        if pair := _PAIR.match(line):
            name, value = pair[1].casefold(), pair[2].strip().rstrip(",").strip("\"' ")
            listed = name in _lists()
            if (name in self._record and not listed) or len(self._record) == MOST_PROPERTIES:
                self._close()
            self._at = number if not self._record else self._at
            self._record[name] = f"{self._record[name]}, {value}"[:4_000] if name in self._record else value
        elif self._record and line.startswith((" ", "\t")):
            last = next(reversed(self._record))
            self._record[last] = (self._record[last] + "\n" + line.strip())[:4_000]
        elif not line.lstrip().startswith("+ "):
            self._prose.add(number, line)

    def _close(self) -> None:
        record, self._record = self._record, {}
        if record:
            self._read_record(record, self._at)
        self._table, self._names = None, None
        self._tools.gap()

    def _end_block(self) -> None:
        said, self._block = "\n".join(self._block), []
        number, time = _EVENT_ID.search(said), _TIME.search(said)
        if number and time:
            self.event(int(number[1]), _utc(time[0]), said)

    def _read_record(self, record: Mapping[str, str], number: int) -> None:
        self._keep(record, number)
        record = {name: value.replace("\n", " ") for name, value in record.items()}
        host = _named(record)
        if host is None and record.get("distinguishedname", "").casefold().startswith("cn="):
            host = record["distinguishedname"][3:].partition(",")[0]
        self._network(record, host)
        if record.get("attributename", "").casefold() == DELEGATION_LIST and (of := _OBJECT.search(record.get("object", ""))):
            self._metadata(of[1], record.get("lastoriginatingchangetime", ""))
        for name in record.keys() & _properties().keys():
            for prop in _properties()[name]:
                if all(record.get(other, "").casefold() == wanted for other, wanted in prop.where.items()):
                    values = _accounts_in(record[name]) if prop.accounts else (self._value(prop, record, name),)
                    for value in values:
                        if value is not None:
                            self._fact(prop.told, value, host, number)
                            self._output(OutputKind.PROPERTIES, host, prop.name)

    def _keep(self, record: Mapping[str, str], number: int) -> None:
        """Keep an object that may be a fact of a host, with whose it is."""
        if _marks().isdisjoint(record):
            return
        if len(self.records) >= MOST_RECORDS:
            self._leave_out(number)
            return
        named = _named(record) or self._asked.host
        if not _accounts().isdisjoint(record):
            named = _account_of(record) or self._asked.account
        host = None if named is None or named.casefold() in _NOBODY or named.endswith(("...", "…")) else named[:255]
        self.records.append(Record(tuple(record.items()), host, number, self._asked.part, self._prompts))

    def _network(self, record: Mapping[str, str], host: str | None) -> None:
        """Keep the switch of a VM's adapter, and the switches of a host; names that were cut are kept as such and match none."""
        if len(self._adapters) + sum(map(len, self._switches.values())) >= MOST_FACTS:
            return
        if record.get("switchtype") and record.get("name"):
            self._switches.setdefault(host, set()).add(record["name"].casefold())
        elif record.get("switchname") and (record.get("vmname") or record.get("macaddress")):
            self._adapters.add(record["switchname"].casefold())

    def _value(self, prop: Property, record: Mapping[str, str], name: str) -> str | None:
        said = record[name]
        if prop.services:
            return _services(said)
        if prop.versions:
            of_host = record.get("name", "").startswith("Microsoft Windows")
            if _VERSION.fullmatch(said) and len(self._runs) + len(self._has) < MOST_FACTS and (of_host or "state" in record):
                (self._runs if of_host else self._has).add(said)
            return None
        return prop.values.get(" ".join(said.casefold().split()))

    def _fact(self, told: Told, value: str, host: str | None, number: int) -> None:
        short = host.casefold().partition(".")[0] if host else None
        if (told, value, short) in self._told:
            return
        if len(self.facts) >= MOST_FACTS:
            self._leave_out(number)
            return
        self._told.add((told, value, short))
        self.facts[Fact(told, value, short, number)] = None

    def _leave_out(self, number: int) -> None:
        self.left_out_from = self.left_out_from or number

    def _output(self, kind: OutputKind, of: str | None, what: str) -> None:
        if len(self.outputs) < MOST_FACTS:
            self.outputs[Output(kind, of[:64] if of else None, what)] = None

    # --- clauses ---

    def _clause(self, number: int, clause: str) -> None:
        words = {word.casefold() for word in _WORD.findall(clause)}
        for prose in pasted().prose:
            if all(words.intersection(group) for group in prose.words) and words.isdisjoint(prose.without):
                self._fact(prose.told, prose.value, None, number)
        for match in _RELEASE.finditer(" ".join(clause.split())):
            one, other = (" ".join(release.casefold().replace("r2", " r2").split()) for release in match.groups())
            if any(one in each.sources and other in each.targets for each in pasted().unsupported):
                self._fact(Told.RELEASES, "without a common version", None, number)


def _asked(remote: str | None, command: str) -> _Asked:
    """What a prompt, which names a remote host, and a command tell."""
    named, account = _OF_HOST.search(command), _OF_ACCOUNT.search(command)
    host = named[1] if named else None if _ANY_HOST.search(command) else remote
    return _Asked(host, account[1] if account else None, _PART.search(command) is not None, remote)


def _named(record: Mapping[str, str]) -> str | None:
    """The host that a record names."""
    own = (shown.host.casefold() for shown in pasted().outputs if shown.host and not _folded(shown.marks).isdisjoint(record))
    return next((record[name] for name in (*_hosts(), *own) if record.get(name)), None)


def _account_of(record: Mapping[str, str]) -> str | None:
    """Whose account a record of the directory is."""
    dn = record.get("distinguishedname", "").replace("\n", "")
    common = dn[3:].partition(",")[0] if dn.casefold().startswith("cn=") else ""
    return record.get("dnshostname") or record.get("samaccountname", "").removesuffix("$") or common or record.get("name") or None


def _cells(line: str) -> list[str]:
    """The cells of a row of CSV, whose delimiter follows the first cell."""
    delimiter = ";" if (found := _QUOTED.search(line)) and found[1] == ";" else ","
    return next(csv.reader([line], delimiter=delimiter), [])


def _utc(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _cell(line: str, starts: tuple[int, ...], place: int) -> str:
    return line[starts[place] : starts[place + 1] if place + 1 < len(starts) else None].strip()


def _services(value: str) -> str | None:
    """Whether a list of services has both that a move needs; nothing where the list is cut."""
    listed = value.casefold()
    if listed.endswith(("...", "…", "...}", "…}")):
        return None
    both = MIGRATION in listed, FILES in listed
    return "full" if all(both) else "part" if any(both) else "none"


def _accounts_in(value: str) -> tuple[str, ...]:
    """The common names of the accounts in a list of distinguished names, as far as it is shown."""
    return tuple(name.strip().casefold() for name in _FIRST_NAME.findall(value))


@cache
def _properties() -> dict[str, tuple[Property, ...]]:
    found: dict[str, tuple[Property, ...]] = {}
    for each in pasted().properties:
        found[each.name.casefold()] = (*found.get(each.name.casefold(), ()), each)
    return found


@cache
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(str.casefold, names))


@cache
def _marks() -> frozenset[str]:
    return frozenset(mark.casefold() for shown in pasted().outputs for mark in shown.marks)


@cache
def _accounts() -> frozenset[str]:
    """What marks a record of the directory, which a host's prompt says nothing of."""
    return frozenset(mark.casefold() for shown in pasted().outputs if shown.fact == "account" for mark in shown.marks)


@cache
def _lists() -> frozenset[str]:
    return frozenset(map(str.casefold, pasted().lists))


@cache
def _hosts() -> tuple[str, ...]:
    return tuple(map(str.casefold, pasted().hosts))
