"""Reads a plan: TOML, with CSV files for the moves. Every problem is reported at once, with file and line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field

from checks import toml
from checks.near_names import near_name
from checks.plan import (
    BY_KERBEROS,
    NO_VM,
    ChangeRequest,
    Connection,
    HostEntry,
    LaunchPoint,
    Move,
    Names,
    Plan,
    Preferences,
    Transport,
)
from checks.text import Text, text
from checks.windows.addresses import host_and_port, is_address
from checks.windows.names import AccountName, DnsName, HostName, fold
from checks.windows.paths import absolute
from runner.encodings import whole_text
from runner.files.folder import CONFIGURATION, OF_A_RUN
from runner.files.reading import Unreadable, whole
from runner.files.tables import MOST_BYTES, FileError, Layer, Place, Problem, laid_over, no_text, not_one_of, read_table, table_of, where


class _Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands in [defaults] and may stand again on a move."""

    operator: str | None = None
    launch: LaunchPoint | None = None
    launch_from: str | None = None
    include_storage: bool | None = None
    storage_only: bool | None = None
    destination_path: str | None = None


class Defaults(_Settings, frozen=True):
    """[defaults]"""


class MoveEntry(_Settings, frozen=True, kw_only=True):
    """[[moves]]: one move, or a CSV file of moves with the columns of CSV_COLUMNS."""

    vm: str | None = None
    source: str | None = None
    target: str | None = None
    csv: str | None = None


class PairEntry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[[pairs]]: hosts that are judged without a VM, each to each other one."""

    hosts: tuple[str, ...]
    operator: str | None = None
    launch: LaunchPoint | None = None
    launch_from: str | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a plan says besides what is to be moved, and a configuration file may say for all plans."""

    defaults: Defaults = field(default_factory=Defaults)
    connection: Connection = field(default_factory=Connection)
    hosts: dict[str, HostEntry] = {}
    directory: dict[str, tuple[str, ...]] = {}
    names: Names = field(default_factory=Names)
    policy: Preferences = field(default_factory=Preferences)


NAMED: Mapping[str, Callable[[str], Hashable]] = {"hosts": HostName, "directory": DnsName}
"""The tables whose keys are names."""


class PlanFile(Settings, frozen=True, kw_only=True):
    """The plan as it stands in its TOML file."""

    moves: tuple[MoveEntry, ...] = ()
    pairs: tuple[PairEntry, ...] = ()
    change: ChangeRequest = field(default_factory=ChangeRequest)


CSV_COLUMNS = ("vm", "source", "target", *_Settings.__struct_fields__)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_HOST_NAME = re.compile(r"[^\W_](?:[\w\-.]{0,252}[^\W_]\.?)?")
_LIKE_AN_ADDRESS = re.compile(r".*\.[0-9]+\.?")
"""No domain is a number (RFC 3696, 2)."""
_DIRECTORY_URL = re.compile(r"(ldaps?|ldap\+starttls)://[^/\s]+/?", re.IGNORECASE)


class PlanRead(NamedTuple):
    """A plan, the bytes of what was read for it by file name (`plan.toml`, its CSV files, and CONFIGURATION with what is said below it),
    and what its own file says, as plain data."""

    plan: Plan
    files: dict[str, bytes]
    said: dict[str, Any]


def read_plan(path: Path, below: Sequence[Layer] = (), content: bytes | None = None) -> tuple[Plan, dict[str, bytes]]:
    """The plan in a file and the bytes of what was read for it: see read_plan_file."""
    plan, files, _ = read_plan_file(path, below, content)
    return plan, files


def read_plan_file(path: Path, below: Sequence[Layer] = (), content: bytes | None = None) -> PlanRead:
    """The plan in a file, or with this content in its place, over the settings of `below`.

    Raises FileError with every problem; touches nothing but this file and its CSV files.
    """
    name = text("the plan")
    problems: list[Problem] = []
    table = read_table(path, PlanFile, name, problems) if content is None else table_of(content, path, PlanFile, name, problems)
    layers = (Layer(path, table.data, table.lines), *below)
    raw, lines = msgspec.convert(laid_over(layers, NAMED), PlanFile), table.lines
    files = {"plan.toml": table.content}
    if any(layer.data for layer in below):
        files[CONFIGURATION] = toml.dumps(laid_over(below, NAMED)).encode()
    moves: list[Move] = []
    origins: list[tuple[str, int]] = []
    for index, entry in enumerate(raw.moves):
        origin = (str(path), lines.of(("moves", index)))
        if entry.csv is None:
            problems += [Problem(str(path), lines.of(("moves", index, key)), said) for key, said in _odd_entry(entry)]
            excused = _excused(table.misfits, ("moves", index))
            _add(entry, raw.defaults, origin, moves, origins, problems, excused)
        elif entry.vm or entry.source or entry.target:
            problems.append(Problem(*origin, text("a move with csv takes its vm, source and target from that file")))
        else:
            for row, line in _csv_entries(path.parent, entry.csv, origin, files, problems):
                problems += [Problem(str(path.parent / entry.csv), line, said) for _, said in _odd_entry(row)]
                _add(_of_row(row, entry), raw.defaults, (str(path.parent / entry.csv), line), moves, origins, problems)
    for index, pair in enumerate(raw.pairs):
        _add_pair(pair, raw.defaults, (str(path), lines.of(("pairs", index))), moves, origins, problems)
    plan = Plan(
        tuple(moves),
        raw.change,
        raw.connection,
        {HostName(name): entry for name, entry in raw.hosts.items()},
        {DnsName(name): servers for name, servers in raw.directory.items()},
        raw.names,
        raw.policy,
    )
    problems += [Problem(*origins[index], said) for index, said in _odd_moves(plan)]
    problems += odd_settings(layers, raw)
    window = raw.change.window
    if window and window.end <= window.start:
        problems.append(Problem(str(path), lines.of(("change", "window")), text("the change window ends before it starts")))
    administrator = raw.change.delegation_administrator
    if administrator is not None and not _is_account(administrator):
        said = text("{value} is not DOMAIN\\name or name@domain", value=repr(administrator))
        problems.append(Problem(str(path), lines.of(("change", "delegation_administrator")), said))
    if not moves and not problems:
        problems.append(Problem(str(path), 0, text("the plan has no moves: write [[moves]] with vm, source and target")))
    if problems:
        raise FileError(problems)
    return PlanRead(plan, files, table.data)


def odd_settings(layers: Sequence[Layer], said: Settings) -> list[Problem]:
    """What is wrong with the settings that these files say together, each where it stands."""
    found = [(where(layers, place, NAMED), problem) for place, problem in _odd_settings(said)]
    return [Problem(str(file), line, problem) for (file, line), problem in found]


def _of_row(row: MoveEntry, entry: MoveEntry) -> MoveEntry:
    """A CSV row over the settings of the [[moves]] table that names the file."""
    return MoveEntry(
        vm=row.vm,
        source=row.source,
        target=row.target,
        **{name: _first(getattr(row, name), getattr(entry, name)) for name in _Settings.__struct_fields__},
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _add(
    entry: MoveEntry,
    defaults: Defaults,
    origin: tuple[str, int],
    moves: list[Move],
    origins: list[tuple[str, int]],
    problems: list[Problem],
    excused: frozenset[str] = frozenset(),
) -> None:
    """Make one whole move from an entry and the defaults, or say what is missing but for what is told already."""
    settings = {name: _first(getattr(entry, name), getattr(defaults, name)) for name in _Settings.__struct_fields__}
    given = {name: value for name, value in settings.items() if value is not None}
    required = {"vm": entry.vm, "source": entry.source, "target": entry.target, "operator": settings["operator"]}
    lacking = [name for name, value in required.items() if not (value or "").strip()]
    if lacking:
        if not (lacking := [name for name in lacking if name not in excused]):
            return
        said = (
            text("this move has no {names} (nor has [defaults])", names=tuple(lacking))
            if "operator" in lacking
            else text("this move has no {names}", names=tuple(lacking))
        )
        problems.append(Problem(*origin, said))
        return
    moves.append(Move(**(given | {name: str(value).strip() for name, value in required.items()})))
    origins.append(origin)


def _add_pair(
    entry: PairEntry,
    defaults: Defaults,
    origin: tuple[str, int],
    moves: list[Move],
    origins: list[tuple[str, int]],
    problems: list[Problem],
) -> None:
    """Make each host the source of each other one, or say what is missing."""
    hosts = tuple(dict.fromkeys(HostName(host.strip()) for host in entry.hosts))
    operator = (_first(entry.operator, defaults.operator) or "").strip()
    if len(hosts) < 2:
        problems.append(Problem(*origin, text("a pair needs two different hosts")))
    if not operator:
        problems.append(Problem(*origin, text("this pair has no operator (nor has [defaults])")))
    if len(hosts) < 2 or not operator:
        return
    launch, launch_from = _first(entry.launch, defaults.launch, LaunchPoint.REMOTE), _first(entry.launch_from, defaults.launch_from)
    for source, target in permutations(hosts, 2):
        moves.append(Move(NO_VM, source, target, AccountName(operator), launch, launch_from, alone=True))
        origins.append(origin)


def _csv_entries(
    folder: Path, name: str, origin: tuple[str, int], files: dict[str, bytes], problems: list[Problem]
) -> Iterator[tuple[MoveEntry, int]]:
    """The rows of a CSV file with the number of their line. Comma, semicolon or tab separate; the first line names the columns."""
    path = folder / name
    if Path(name).name != name:
        problems.append(Problem(*origin, text("csv is {name}; it must be the name of a file beside the plan", name=repr(name))))
        return
    if fold(name) in map(fold, OF_A_RUN):
        said = text("csv is {name}, as a file of the run is called that it is copied to; give it another name", name=repr(name))
        problems.append(Problem(*origin, said))
        return
    try:
        files[name] = whole(path, MOST_BYTES)
        written = whole_text(files[name])
    except Unreadable as error:
        problems.append(Problem(*origin, text("{file} cannot be read: {problem}", file=str(path), problem=error.why)))
        return
    except UnicodeDecodeError as error:
        problems.append(no_text(path, files[name], error))
        return
    header = written.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        unknown = [name for name in columns if name not in CSV_COLUMNS]
        if unknown or "vm" not in columns:
            said = (
                text("unknown column {names}; the first line names columns of: {known}", names=tuple(unknown), known=CSV_COLUMNS)
                if unknown
                else text("there is no column vm; the first line names columns of: {known}", known=CSV_COLUMNS)
            )
            problems.append(Problem(str(path), 1, said))
            return
        for row in reader:
            if any(isinstance(value, list) for value in row.values()):
                problems.append(Problem(str(path), reader.line_num, text("this line has more values than there are columns")))
                continue
            filled = {name: value.strip() for name, value in row.items() if value and value.strip()}
            if filled:
                wrong = list(_row_problems(filled))
                problems.extend(Problem(str(path), reader.line_num, said) for said in wrong)
                if not wrong:
                    yield msgspec.convert({n: _flag(n, v) for n, v in filled.items()}, MoveEntry), reader.line_num
    except csv.Error as error:
        problems.append(Problem(str(path), max(reader.line_num, 1), text("this line is not CSV: {problem}", problem=str(error))))


def _row_problems(row: dict[str, str]) -> Iterator[Text]:
    for name in ("include_storage", "storage_only"):
        if name in row and row[name].lower() not in _FLAGS:
            yield not_one_of(name, row[name], _FLAGS)
    if "launch" in row and row["launch"] not in list(LaunchPoint):
        yield not_one_of("launch", row["launch"], LaunchPoint)


def _flag(name: str, value: str) -> str | bool:
    return _FLAGS[value.lower()] if name in ("include_storage", "storage_only") else value


def _odd_moves(plan: Plan) -> Iterator[tuple[int, Text]]:
    """What is wrong with a move by itself, with the move's position."""
    for index, move in enumerate(plan.moves):
        for role, host in (("source", move.source), ("target", move.target)):
            if not is_host_name(host.spelled):
                yield index, text("{role} {host} is not a host name", role=role, host=repr(host.spelled))
        if move.source == move.target:
            yield index, text("{vm} would move from {host} to itself", vm=move.vm.spelled, host=move.source.spelled)
        if move.storage_only and not move.include_storage:
            yield index, text("storage_only and include_storage = false exclude each other")


_SAID = ("vm", "source", "target", "operator", "launch_from", "destination_path")


def _odd_entry(entry: _Settings) -> Iterator[tuple[str, Text]]:
    """What is wrong with what an entry itself says of a move, with the key."""
    for key in _SAID:
        value = getattr(entry, key, None)
        if value is None:
            continue
        if any(unicodedata.category(character) == "Cc" for character in value):
            its = repr(value)
            yield (
                key,
                text("{key} holds a control character: {value}. What holds a backslash stands in single quotes", key=key, value=its),
            )
        elif key == "destination_path" and not (absolute(value) or value.replace("/", "\\").startswith("\\\\")):
            yield key, text("destination_path is {value}, and no full path as {example} is", value=repr(value), example="D:\\VMs")
    if entry.launch_from is not None and entry.launch not in (None, LaunchPoint.REMOTE):
        yield "launch_from", text("launch_from is for a remote start, and launch is {launch}", launch=repr(entry.launch.value))


def _excused(misfits: Sequence[Place], table: Place) -> frozenset[str]:
    """The keys of which nobody has to hear that a move lacks them: what was to be one does not fit, or is called nearly so."""
    names = {str(place[-1]) for place in misfits if place[:-1] in (table, ("defaults",))}
    return frozenset(names | {meant for name in names if (meant := near_name(name, CSV_COLUMNS))})


def _odd_settings(plan: Settings) -> Iterator[tuple[Place, Text]]:
    """What is wrong with the settings, with the place in the file."""
    for key, said in _odd_entry(plan.defaults):
        yield ("defaults", key), said
    seen: dict[HostName, str] = {}
    for name, entry in plan.hosts.items():
        place: Place = ("hosts", name)
        host = HostName(name)
        if host in seen:
            yield place, text("{name} and {other} are the same host", name=name, other=seen[host])
        seen[host] = name
        if entry.address is not None and not _is_place(entry.address):
            yield (*place, "address"), text("{value} is not an address or address:port", value=repr(entry.address))
        for address in entry.migration_addresses:
            if not is_address(address):
                yield (*place, "migration_addresses"), text("{value} is not an IP address", value=repr(address))
        if plan.connection.require_kerberos and entry.auth not in (None, *BY_KERBEROS):
            yield place, text("{method} authentication is refused where Kerberos is required", method=str(entry.auth))
        if _first(entry.auth, plan.connection.auth) is Transport.BASIC and not _first(entry.tls, plan.connection.tls):
            yield place, text("basic authentication is refused without TLS")
    if plan.connection.require_kerberos and plan.connection.auth not in BY_KERBEROS:
        yield (
            ("connection", "auth"),
            text("{method} authentication is refused where Kerberos is required", method=str(plan.connection.auth)),
        )
    if plan.connection.auth is Transport.BASIC and not plan.connection.tls:
        yield ("connection", "auth"), text("basic authentication is refused without TLS")
    for domain, servers in plan.directory.items():
        for server in servers:
            if not _DIRECTORY_URL.fullmatch(server):
                yield ("directory", domain), text("{value} is not ldap://host, ldap+starttls://host or ldaps://host", value=repr(server))
    for server in plan.names.servers:
        if not _is_place(server) or not is_address(server if is_address(server) else host_and_port(server)[0]):
            yield ("names", "servers"), text("{value} is not an address or address:port", value=repr(server))


def is_host_name(written: str) -> bool:
    """May a host be called so."""
    return is_address(written) or (_HOST_NAME.fullmatch(written) is not None and not _LIKE_AN_ADDRESS.fullmatch(written))


def _is_account(written: str) -> bool:
    """DOMAIN\\name or name@domain, without control characters."""
    return AccountName(written).names_domain and not any(ord(character) < 32 for character in written)


def _is_place(written: str) -> bool:
    """A host name or IP address, optionally with a port (`[::1]:5985` for IPv6)."""
    host, port = host_and_port(written)
    named = written if port is None else host
    return is_host_name(named)
