"""What is known of numbers, ids and outputs that are no known errors: tables beside this module, one file each."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TypeVar

import msgspec
from msgspec import Struct

from checks.errors import Doing, Told

_Table = TypeVar("_Table")


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Number(_Row, frozen=True):
    """A number of Windows that is no known error: its symbol, and what Windows says for it."""

    symbol: str
    sentence: str
    sentence_de: str


class CodeClass(_Row, frozen=True):
    """What the beginning of a code says of it."""

    sentence: str
    sentence_de: str


class WindowsEvent(_Row, frozen=True):
    """What an event says, in our own words, and where that can be read."""

    sentence: str
    sentence_de: str
    source: str


class Ids(_Row, frozen=True):
    """What FullyQualifiedErrorId and CategoryInfo, which no language changes, mean: codes by the first word of the id; by that of ids
    of remoting; by the category. `unless` are commands for which a word means something else."""

    words: dict[str, str]
    remoting: dict[str, str]
    categories: dict[str, str]


class Labels(_Row, frozen=True):
    """Beside what a small number counts as a code: words for an error in several languages, properties that hold a number of Win32,
    properties that hold a return value of WMI. `counted` are words that make the number before them a count. `codes` are words that a
    hexadecimal number follows which is one; `never` ends the name of what holds a number that is none."""

    codes: tuple[str, ...]
    never: tuple[str, ...]
    counted: tuple[str, ...]
    errors: tuple[str, ...]
    win32: tuple[str, ...]
    returned: tuple[str, ...]


class Frames(_Row, frozen=True):
    """What shows what was being done, the surest first: classes of commands, phrases that frame another message, words, events, and names
    of `others`, programs that are no part of Hyper-V.
    `vm`, `source` and `target` are the words after which a sentence names the VM and the hosts of a move."""

    vm: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    commands: dict[Doing, tuple[str, ...]]
    phrases: dict[Doing, tuple[str, ...]]
    words: dict[Doing, tuple[str, ...]]
    events: dict[Doing, tuple[int, ...]]
    others: tuple[str, ...]


class Providers(_Row, frozen=True):
    """Whose entries may carry a code of a move: by the beginning of the provider's name, without the vendor. Of all others only those
    numbers count that say why a logon was refused; the general ones of them only where no special one stands. Entries of those in `beside`
    are told around a failure though they have no code."""

    own: tuple[str, ...]
    beside: tuple[str, ...]
    logon: tuple[str, ...]
    general: tuple[str, ...]


class Property(_Row, frozen=True):
    """A property of an output and what its values say. `where`: only in a record that has these values too. A value that is not in
    `values` says nothing. `services`: the value is a list of service names; `versions`: it is a configuration version, of a VM, or
    in a record that names a Windows one that a host can run; `accounts`: it is a list of distinguished names, each of which is one fact."""

    name: str
    told: Told
    values: dict[str, str] = {}
    where: dict[str, str] = {}
    services: bool = False
    accounts: bool = False
    versions: bool = False


class Prose(_Row, frozen=True):
    """What a clause says that has a word of each group and none of `without`."""

    told: Told
    value: str
    words: tuple[tuple[str, ...], ...]
    without: tuple[str, ...] = ()


class Releases(_Row, frozen=True):
    """Windows releases between which no configuration version is common."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


class Shown(_Row, frozen=True):
    """An output that is a fact of a host, by the fact's name. A record is one where it has a property of `marks`, and none of those in
    `where` with another value. `host` is the property that names its host, where no other does. `fields` are the parts of the fact by
    the properties that tell them, `words` by the part what its values mean; `command` shows all of it, with a place for the host."""

    fact: str
    command: str
    marks: tuple[str, ...]
    fields: dict[str, str]
    where: dict[str, str] = {}
    host: str = ""
    words: dict[str, dict[str, int]] = {}


class Pasted(_Row, frozen=True):
    """What outputs and sentences tell. `hosts` are properties that name the host of a record; `errors` the error that a fact is by
    itself, where nothing else tells of one; `outputs` those that are facts of hosts; `lists` the properties that are lists."""

    hosts: tuple[str, ...]
    lists: tuple[str, ...]
    outputs: tuple[Shown, ...]
    properties: tuple[Property, ...]
    prose: tuple[Prose, ...]
    unsupported: tuple[Releases, ...]
    errors: dict[Told, dict[str, str]]


@cache
def numbers() -> dict[str, Number]:
    return _read("numbers", dict[str, Number])


@cache
def _classes() -> dict[str, CodeClass]:
    return _read("classes", dict[str, CodeClass])


def class_of(code: str) -> CodeClass | None:
    """What is to be said of a code by its beginning, the longest that is known."""
    return next((_classes()[code[:length]] for length in range(len(code), 5, -1) if code[:length] in _classes()), None)


@cache
def events() -> dict[str, WindowsEvent]:
    """By provider, in lower case without the vendor, and number: `netlogon/5719`."""
    return _read("events", dict[str, WindowsEvent])


@cache
def ids() -> Ids:
    return _read("ids", Ids)


@cache
def labels() -> Labels:
    return _read("labels", Labels)


@cache
def frames() -> Frames:
    return _read("frames", Frames)


@cache
def providers() -> Providers:
    return _read("providers", Providers)


@cache
def pasted() -> Pasted:
    return _read("pasted", Pasted)


def _read(name: str, kind: type[_Table]) -> _Table:
    return msgspec.toml.decode((resources.files(__name__) / f"{name}.toml").read_bytes(), type=kind)
