"""From the objects of pasted outputs to the facts of hosts: only what stands there is known, of a fact as of a part of one.

A host is who the output says it is of: by a property of the object, else by the prompt or the command before it. What says of nobody, or
of a short name that several full ones have, and what two outputs say differently, is left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct

from checks.errors.observation import Record
from checks.errors.tables import Shown, pasted
from checks.facts.directory import ComputerAccount
from checks.facts.fact import ABSENT, Fact, Known, Missing, Reason
from checks.facts.hardware import Processor
from checks.facts.machines import Disk, VirtualAdapter, VirtualMachine
from checks.facts.migration import MigrationSettings
from checks.facts.network import Switch
from checks.facts.system import Computer, CredentialGuard, DomainRole, OperatingSystem
from checks.text import Text, text
from checks.windows.account_control import ANY_PROTOCOL, ANY_SERVICE, DISABLED, NOT_DELEGATED, is_controller
from checks.windows.names import HostName, MachineName, domain_of, fold
from checks.windows.service_names import FILE_SERVICE, MIGRATION_SERVICE, taken_apart
from checks.world import FactMissing
from reports.escape import powershell_command

WHEN = datetime.min.replace(tzinfo=UTC)
"""Stands for the time of a pasted fact, which nobody knows; it is never shown."""

SHAPES: dict[str, type[Struct]] = {
    "migration": MigrationSettings,
    "account": ComputerAccount,
    "os": OperatingSystem,
    "computer": Computer,
    "credential_guard": CredentialGuard,
    "processors": Processor,
    "switches": Switch,
    "vms": VirtualMachine,
    "adapters": VirtualAdapter,
    "disks": Disk,
}
"""What an object of each output is; of the versions that a host supports only the number counts."""
OF_A_VM = frozenset({"adapters", "disks"})
"""What belongs to a VM that is named beside it."""
ROWS = frozenset({"processors", "switches", "supported_versions", "vms"}) | OF_A_VM
"""Facts of which an object is one of several rows."""
WHOLE = frozenset({"switches", "supported_versions"})
"""Those that count only where the command did not ask for a part."""

UNTOLD: dict[type[Struct], dict[str, Any]] = {
    MigrationSettings: {"machine_folder": None, "disk_folder": None},
    VirtualMachine: {
        "configuration_path": None,
        "checkpoint_path": None,
        "paging_path": None,
        "disks": None,
        "adapters": None,
        "drives": None,
    },
    ComputerAccount: {"delegation_version": 0, "delegation_changed": None, "changed": WHEN, "other_names": ()},
}
"""Parts that have a value for "not told", which no check takes for another one."""

FLAGS = {
    "trustedtoauthfordelegation": (ANY_PROTOCOL, True),
    "trustedfordelegation": (ANY_SERVICE, True),
    "accountnotdelegated": (NOT_DELEGATED, True),
    "enabled": (DISABLED, False),
}
"""Properties of Get-ADComputer that show one bit of userAccountControl: which, and by what value it is set."""

MOST_LINES = 12
"""So many lines are named."""

MAY_BE_HIDDEN = ("msDS-AllowedToDelegateTo", "PrincipalsAllowedToDelegateToAccount")
"""Lists of which an empty one is not told from one that may not be read."""

_CUT = ("...", "…", "...}", "…}", "...]", "…]")
_AROUND = " \t\n\"'[]{}"
_SERVICES = frozenset(map(fold, (MIGRATION_SERVICE, *FILE_SERVICE)))
_FILE = re.compile(r"(?:[A-Za-z]:|\\)\\[^<>|?*\n]{1,400}\.(?:a?vhdx?|vhds)\Z", re.IGNORECASE)
_CLASS = re.compile(r"[A-Za-z][\w.-]{0,60}")
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}")


class Pasted(NamedTuple):
    """What outputs tell: the facts of each host, and VMs that each has, besides which there may be others. `unclear` says what was left
    out, and why."""

    facts: dict[HostName, dict[str, Fact[Any]]]
    vms: dict[HostName, tuple[VirtualMachine, ...]]
    unclear: tuple[Text, ...]

    @property
    def hosts(self) -> tuple[HostName, ...]:
        return tuple(self.facts)


def facts_of(records: Iterable[Record]) -> Pasted:
    """The facts of hosts that these objects are."""
    objects = [(shown, record) for record in records for shown in pasted().outputs if _is(shown, record)]
    names, unclear = _names(record.host for _, record in objects if record.host)
    gathered: dict[HostName, dict[str, list[tuple[Shown, Record]]]] = {}
    nobody: dict[str, list[int]] = {}
    for shown, record in objects:
        host = names.get(HostName(record.host)) if record.host else None
        if host is not None:
            gathered.setdefault(host, {}).setdefault(shown.fact, []).append((shown, record))
        elif not record.host:
            nobody.setdefault(_cmdlet(shown), []).append(record.line)
    for what, lines in nobody.items():
        shown_lines = tuple(map(str, lines[:MOST_LINES]))
        unclear.append(
            text(
                "It is not told of which host {what} in line {lines} is: nothing that rests on it was judged", what=what, lines=shown_lines
            )
        )
    facts: dict[HostName, dict[str, Fact[Any]]] = {}
    vms: dict[HostName, tuple[VirtualMachine, ...]] = {}
    for host, own in gathered.items():
        told = _OfHost(host, own)
        unclear += _empty(host, own)
        facts[host], vms[host] = told.facts(), told.vms()
        unclear += told.unclear
    return Pasted(facts, vms, tuple(dict.fromkeys(unclear)))


def _is(shown: Shown, record: Record) -> bool:
    properties = dict(record.properties)
    marked = any(properties.get(mark.casefold()) for mark in shown.marks)
    return marked and all(properties.get(name.casefold(), value).casefold() == value for name, value in shown.where.items())


def _names(told: Iterable[str]) -> tuple[dict[HostName, HostName], list[Text]]:
    """The host that each name means: of a short name the one that has it, in full where that is told. A short name that several have
    means nobody."""
    hosts = dict.fromkeys(map(HostName, told))
    full: dict[HostName, list[HostName]] = {}
    for host in hosts:
        if host != host.short:
            full.setdefault(host.short, []).append(host)
    unclear = [
        text(
            "{name} may be any of {hosts}: what is told of it was not judged",
            name=host.spelled,
            hosts=tuple(each.spelled for each in full[host]),
        )
        for host in hosts
        if len(full.get(host, ())) > 1
    ]
    return {host: full.get(host, [host])[0] for host in hosts if len(full.get(host, ())) < 2}, unclear


def _empty(host: HostName, objects: Mapping[str, list[tuple[Shown, Record]]]) -> Iterator[Text]:
    """The lists that are shown empty."""
    for _, record in objects.get("account", ()):
        properties = dict(record.properties)
        for name in MAY_BE_HIDDEN:
            if properties.get(name.casefold(), "").strip() == "{}":
                yield text(
                    "{host}: {what} in line {line} is empty, which proves nothing: it is not set, or whoever asked may not read it",
                    host=host.spelled,
                    what=name,
                    line=record.line,
                )


def _cmdlet(shown: Shown) -> str:
    return shown.command.partition(" ")[0]


class _OfHost:
    """What the outputs of one host tell. `unclear` are values that two of them tell differently."""

    def __init__(self, host: HostName, objects: Mapping[str, list[tuple[Shown, Record]]]) -> None:
        self.host = host
        self.unclear: list[Text] = []
        self._objects = objects

    def facts(self) -> dict[str, Fact[Any]]:
        found: dict[str, Fact[Any]] = {}
        for fact, objects in self._objects.items():
            if fact in ROWS:
                if fact == "vms" or fact in OF_A_VM or (fact in WHOLE and any(record.part for _, record in objects)):
                    continue
                rows = self._versions(objects) if fact == "supported_versions" else self._rows(fact, objects)
                if fact in WHOLE and not self._one_list(fact, objects):
                    continue
                if rows:
                    found[fact] = self._known(objects, rows)
            elif parts := self._merged(objects):
                found[fact] = self._known(objects, self._made(fact, objects, parts))
        if "computer" not in found and isinstance(its := found.get("account"), Known):
            found |= self._home(its)
        return found

    def vms(self) -> tuple[VirtualMachine, ...]:
        """Its VMs that are told, each with the network adapters and disks that are told of it."""
        adapters: dict[MachineName, list[Any]] = {}
        for shown, record in self._objects.get("adapters", ()):
            parts = _parts(shown, record)
            if (vm := dict(record.properties).get("vmname")) and not vm.endswith(_CUT) and not record.part:
                adapters.setdefault(MachineName(vm), []).append(
                    self._one("adapters", [(shown, record)], parts | {"switch": parts.get("switch", UNSET)})
                )
        found: dict[MachineName, tuple[dict[str, Any], VirtualMachine]] = {}
        for shown, record in self._objects.get("vms", ()):
            parts = _parts(shown, record)
            if name := parts.get("name"):
                own: dict[str, Any] = {"adapters": tuple(adapters[MachineName(name)])} if MachineName(name) in adapters else {}
                own["disks"] = _disks(dict(each.properties) for _, each in self._of(name, "disks"))
                whole = {"id": name} | parts | own
                before, _ = found.get(MachineName(whole["id"]), ({}, None))
                if any(parts.get(field, value) != value for field, value in before.items()):
                    self.unclear.append(self._differ(name, record.line))
                found[MachineName(whole["id"])] = parts, self._one("vms", [(shown, record)], whole)
        unsure = {each.values["what"] for each in self.unclear}
        return tuple(made for parts, made in found.values() if parts["name"] not in unsure)

    def _of(self, vm: str, fact: str) -> list[tuple[Shown, Record]]:
        """The objects of a VM in an output of its own; none where one may lack."""
        objects = self._objects.get(fact, ())
        named = [(MachineName(dict(record.properties).get("vmname", "")), (shown, record)) for shown, record in objects]
        unsure = any(record.part or not name.spelled or name.spelled.endswith(_CUT) for name, (_, record) in named)
        return [] if unsure else [pair for name, pair in named if name == MachineName(vm)]

    def _merged(self, objects: list[tuple[Shown, Record]]) -> dict[str, Any]:
        """The parts of a fact that all of its outputs tell, alike where several do."""
        told: dict[str, Any] = {}
        differing: dict[str, None] = {}
        for shown, record in objects:
            for field, value in _parts(shown, record).items():
                before = told.get(field)
                if before is not None and before != value:
                    differing[field] = None
                    self.unclear.append(self._differ(field, record.line))
                told.setdefault(field, value)
        return {field: value for field, value in told.items() if field not in differing}

    def _differ(self, what: str, line: int) -> Text:
        return text(
            "{host}: line {line} and another one before it differ in {what}: nothing that rests on it was judged",
            host=self.host.spelled,
            line=line,
            what=what,
        )

    def _made(self, fact: str, objects: list[tuple[Shown, Record]], parts: dict[str, Any]) -> Any:
        if fact == "credential_guard":
            parts = parts | {"running": 1 in parts["services_running"]}
        if fact == "account" and "account_name" not in parts:
            parts = parts | {"account_name": f"{self.host.short.spelled}$"}
        bits = parts.get("user_account_control")
        if isinstance(bits, Bits):
            parts = parts | {"user_account_control": Bits(bits, bits.known, self._missing(objects))}
        return self._one(fact, objects, parts)

    def _one(self, fact: str, objects: list[tuple[Shown, Record]], parts: Mapping[str, Any]) -> Any:
        return partly(fact, SHAPES[fact], parts, self._missing(objects))

    def _rows(self, fact: str, objects: list[tuple[Shown, Record]]) -> tuple[Any, ...]:
        """One value for each object; none where a name was cut, since one that is not told may be any."""
        rows = [(_parts(shown, record), [(shown, record)]) for shown, record in objects]
        named = next(iter(SHAPES[fact].__struct_fields__)) if fact == "processors" else "name"
        return tuple(self._one(fact, one, parts) for parts, one in rows) if all(named in parts for parts, _ in rows) else ()

    def _one_list(self, fact: str, objects: list[tuple[Shown, Record]]) -> bool:
        """Do the lists that were pasted one after the other hold the same."""
        name = "version" if fact == "supported_versions" else "name"
        lists: dict[int, dict[str, int]] = {}
        for _, record in objects:
            counts, row = lists.setdefault(record.after, {}), fold(dict(record.properties).get(name, ""))
            counts[row] = counts.get(row, 0) + 1
        alike = (
            len({frozenset(counts) for counts in lists.values()}) == 1 and len({n for each in lists.values() for n in each.values()}) == 1
        )
        if not alike:
            self.unclear.append(self._differ(fact, objects[-1][1].line))
        return alike

    def _versions(self, objects: list[tuple[Shown, Record]]) -> tuple[str, ...]:
        said = tuple(dict(record.properties).get("version", "") for _, record in objects)
        return tuple(dict.fromkeys(said)) if all(map(_VERSION.fullmatch, said)) else ()

    def _known(self, objects: list[tuple[Shown, Record]], value: Any) -> Known[Any]:
        return Known(value, self._source(objects), WHEN)

    def _missing(self, objects: list[tuple[Shown, Record]]) -> Missing:
        return Missing(Reason.NOT_COLLECTED, self._source(objects), WHEN)

    def _source(self, objects: list[tuple[Shown, Record]]) -> Text:
        lines = tuple(dict.fromkeys(str(record.line) for _, record in objects))
        return text("{what} of {host}, line {lines} of the text", what=_cmdlet(objects[0][0]), host=self.host.spelled, lines=lines)

    def _home(self, account: Known[Any]) -> dict[str, Fact[Any]]:
        """What its account tells of a host that was not asked itself: its domain, and whether it is a controller there."""
        dn, control = (object.__getattribute__(account.value, name) for name in ("dn", "user_account_control"))
        if not isinstance(dn, str) or not domain_of(dn):
            return {}
        parts: dict[str, Any] = {"domain": domain_of(dn)}
        if isinstance(control, int) and not isinstance(control, Bits):
            parts["role"] = DomainRole.BACKUP_DOMAIN_CONTROLLER if is_controller(control) else DomainRole.MEMBER_SERVER
        missing = Missing(Reason.NOT_COLLECTED, account.source, WHEN)
        return {"computer": Known(partly("computer", Computer, parts, missing), account.source, WHEN)}


# --- values ---


def _parts(shown: Shown, record: Record) -> dict[str, Any]:
    """The parts of a fact that an object tells. What was cut, is empty, or has a form that the fact does not know tells nothing."""
    properties = dict(record.properties)
    shape = SHAPES.get(shown.fact)
    found: dict[str, Any] = {}
    if shape is None:
        return found
    types = _types(shape)
    for name, field in shown.fields.items():
        said = properties.get(name.casefold(), "").strip()
        if said and not said.endswith(_CUT) and field not in found and field in types:
            value = _value(types[field], said, shown.words.get(field, {}))
            if value is not UNSET:
                found[field] = value
    if shown.fact == "account" and "user_account_control" not in found:
        found |= _flags(properties)
    if shown.fact == "switches" and "type" in found and "name" not in found:
        return {}
    return found


def _disks(drives: Iterable[Mapping[str, str]]) -> tuple[Disk, ...] | None:
    """The drives of a VM; nothing where they are not told, or not whether one is shared, unless one is passed through all the same."""
    disks = tuple(map(_disk, drives))
    passed = any(disk.pass_through for disk in disks)
    return disks if passed or (disks and all(disk.path is not None and disk.shared is not None for disk in disks)) else None


def _disk(properties: Mapping[str, str]) -> Disk:
    """A drive: one with the number of a disk is passed through."""
    path, shared = properties.get("path", "").replace("\n", ""), properties.get("supportpersistentreservations", "").casefold()
    return Disk(
        path if _FILE.match(path) else None,
        properties.get("disknumber", "").strip().isdecimal(),
        {"true": True, "false": False}.get(shared, True if path.casefold().endswith(".vhds") else None),
    )


def _flags(properties: Mapping[str, str]) -> dict[str, Any]:
    """The bits of userAccountControl that are told one by one."""
    value = known = 0
    for name, (bit, set_by) in FLAGS.items():
        said = properties.get(name, "").strip().casefold()
        if said in ("true", "false"):
            known |= bit
            value |= bit if (said == "true") is set_by else 0
    return {"user_account_control": Bits(value, known)} if known else {}


class Bits(int):
    """A number of flags of which only some are known. Raises FactMissing where another one is asked for."""

    known: int
    lacking: Missing

    def __new__(cls, value: int, known: int, lacking: Missing = ABSENT) -> Bits:
        made = super().__new__(cls, value)
        made.known, made.lacking = known, lacking
        return made

    def __and__(self, mask: int) -> int:
        if mask & ~self.known:
            raise FactMissing("account.user_account_control", self.lacking)
        return int(self) & mask

    def __format__(self, spec: str) -> str:
        return f"{format(int(self), spec)} & {format(self.known, spec)}"


@cache
def _types(shape: type[Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(shape)}


def _value(kind: Any, said: str, words: Mapping[str, int]) -> Any:
    """A value in the type of its part; UNSET where it is none."""
    kinds = [each for each in get_args(kind) if each is not type(None)] if get_origin(kind) in (Union, UnionType) else [kind]
    one = " ".join(said.split())
    if get_origin(kinds[0]) is tuple:
        items = [str(words.get(item.casefold(), item)) for item in _items(said)]
        return _converted(kinds[0], items) if items else UNSET
    if one.casefold() in words:
        return words[one.casefold()]
    if isinstance(kinds[0], type) and issubclass(kinds[0], IntEnum):
        named = next((member for member in kinds[0] if member.name.casefold() == one.casefold()), None)
        if named is not None:
            return named
    return _converted(kinds[0], one)


def _converted(kind: Any, said: object) -> Any:
    try:
        return msgspec.convert(said, kind, strict=False)
    except (msgspec.ValidationError, ValueError):
        return UNSET


def _items(said: str) -> list[str]:
    """The items of a list; none where it is empty, which proves nothing, or where a line was broken within an item so that it is not clear
    what stood there."""
    items = [_unbroken(item) for each in said.strip(_AROUND).rstrip(",").split(",") if (item := each.strip(_AROUND))]
    return [item for item in items if item is not None] if None not in items else []


def _unbroken(item: str) -> str | None:
    """An item that a narrow window may have broken: as the one service name that it can be."""
    if "\n" not in item:
        return item
    readings = {joined for joint in ("", " ") if _is_service(joined := joint.join(each.strip() for each in item.split("\n")))}
    return readings.pop() if len(readings) == 1 else None


def _is_service(name: str) -> bool:
    service = taken_apart(name)
    return service is not None and (fold(service.service) in _SERVICES or _CLASS.fullmatch(service.service) is not None)


# --- values of which a part is known ---


def partly(fact: str, shape: type[Struct], parts: Mapping[str, Any], missing: Missing) -> Any:
    """A value of which only these parts are known: reading another one raises FactMissing, which ends a check as UNKNOWN."""
    kind = _partly_known(fact, shape)
    untold = dict.fromkeys(shape.__struct_fields__, UNSET) | UNTOLD.get(shape, {})
    return kind(**{**untold, **parts}, lacking=missing)


@cache
def _partly_known(fact: str, shape: type[Struct]) -> type[Struct]:
    def read(self: Struct, name: str) -> Any:
        value = object.__getattribute__(self, name)
        if value is UNSET:
            raise FactMissing(f"{fact}.{name}", object.__getattribute__(self, "lacking"))
        return value

    return msgspec.defstruct(
        shape.__name__, [("lacking", Missing)], bases=(shape,), namespace={"__getattribute__": read}, frozen=True, kw_only=True
    )


def can_be_pasted(fact: str) -> bool:
    """Is there an output that tells a fact."""
    return any(shown.fact == fact for shown in pasted().outputs)


def tells(fact: str, part: str) -> bool:
    """Is there an output that tells a part of a fact."""
    return any(part in shown.fields.values() for shown in pasted().outputs if shown.fact == fact)


def command_for(fact: str, host: str) -> str | None:
    """The command that shows a fact of a host, where its output can be pasted."""
    shown = next((shown for shown in pasted().outputs if shown.fact == fact), None)
    short = HostName(host).short.spelled
    return None if shown is None else powershell_command(shown.command, {"host": host, "account": short})
