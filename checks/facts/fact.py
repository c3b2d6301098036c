"""What a fact is: known or missing, and how it is declared.

A fact is declared once, as an attribute of its topic's class (`SystemFacts`, `NetworkFacts`, …): its type, and where it is read. From
the declarations come the fields of `HostFacts`, the attributes through which checks read, the sections of a visit, and the sources
that people see. There is no second list of facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from operator import methodcaller
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, Self, TypeAlias, TypeVar, overload

import msgspec
from msgspec import Meta, Struct

from checks.text import NOTHING, Text, Value, text

T = TypeVar("T")
F = TypeVar("F", bound="FactOf[Any]")


class Reason(StrEnum):
    """Why a fact is missing."""

    UNREACHABLE = "unreachable"
    ACCESS_DENIED = "access denied"
    NOT_SUPPORTED = "not supported by this Windows"
    NOT_INSTALLED = "not installed"
    TIMED_OUT = "timed out"
    UNREADABLE = "unreadable answer"
    CONTRADICTORY = "contradictory answers"
    NOT_COLLECTED = "not collected"


class Known(Struct, Generic[T], frozen=True, forbid_unknown_fields=True, tag_field="fact", tag="known"):
    """A fact that was read. `source` names the cmdlet, class, attribute or query and where it was asked; `at` is UTC."""

    value: T
    source: Text
    at: datetime


class Missing(Struct, frozen=True, forbid_unknown_fields=True, tag_field="fact", tag="missing"):
    """A fact that was not read. `detail` is for people: exception type, error id and HRESULT, never a secret."""

    reason: Reason
    source: Text
    at: datetime
    detail: Text = NOTHING


Fact: TypeAlias = Known[T] | Missing

ABSENT = Missing(Reason.NOT_COLLECTED, NOTHING, datetime.min.replace(tzinfo=UTC))
"""What stands for a fact that a file does not have, because it was written before that fact was known."""


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every value that is read: immutable, and an unknown field in it makes the answer unreadable."""


Said: TypeAlias = Annotated[str, Meta(min_length=1)]
"""A text that Windows always has. An empty one proves that it was not read, and makes the answer unreadable."""

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1024)]
"""A name that findings are told apart by: far longer than Hyper-V takes one, and it stands in a result a hundred times."""

Counted: TypeAlias = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""A number that is never zero on Windows."""

Unsigned: TypeAlias = Annotated[int, Meta(ge=0, le=2**32 - 1)]
"""A uint32 of Windows. A number that is none makes the answer unreadable."""

Size: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
"""A number of bytes."""


class Way(StrEnum):
    """How a section reads, which is also how it fails."""

    CIM = "CIM class"
    CMDLET = "cmdlet"
    REGISTRY = "registry"
    NET = ".NET"
    LOG = "event log"


class Earlier(Struct, frozen=True):
    """What the build alone tells where a Windows cannot be asked yet: the value by build, and a template of its source, whose place
    `{origin}` is where the build was read."""

    values: Mapping[int, Any]
    source: str


class Origin(Struct, frozen=True):
    """Where a section of a visit reads. `asks` is the class, cmdlet, type or log that is asked first: where it is absent, the section
    fails. `what` names for people what is read, where that is more. `hyperv`: only the Hyper-V role brings it. `since`: the first build of
    Windows that has it, 0 for all."""

    way: Way
    asks: str
    what: Value = None
    hyperv: bool = False
    since: int = 0
    earlier: Earlier | None = None

    def on(self, host: str) -> Text:
        """The source of a fact that was read on this host."""
        return text("{what} on {host}", what=self.what or self.asks, host=host)


class Reader(Protocol):
    """Something through which facts are read: each read gives the value, or ends what asked for it."""

    def read(self, fact: FactOf[T]) -> T: ...


class FactOf(property, Generic[T]):
    """A declared fact. Of a topic's class it is the declaration itself, of the facts of a host the fact, known or missing; and what
    checks read through gives the value: a property, of which it is the holder that reads."""

    def __init__(self, kind: type[T]) -> None:
        super().__init__(methodcaller("read", self))
        self.type = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __get__(self, holder: None, owner: type) -> Self: ...
        @overload
        def __get__(self, holder: Struct, owner: type) -> Fact[T]: ...
        @overload
        def __get__(self, holder: Reader, owner: type) -> T: ...
        def __get__(self, holder: Any, owner: type) -> Any: ...


class Section(FactOf[T]):
    """A fact that a visit to a host reads, by a section of the collector's script with its name: `Read-<name>`."""

    def __init__(self, kind: type[T], origin: Origin) -> None:
        super().__init__(kind)
        self.origin = origin


def declared(topic: type, kind: type[F]) -> dict[str, F]:
    """The facts of one kind that a topic's class declares itself, by name, in its order."""
    return {name: value for name, value in vars(topic).items() if isinstance(value, kind)}


def shape(name: str, module: str, facts: Mapping[str, FactOf[Any]]) -> type[Struct]:
    """A struct with one field for each of these facts. One that a file does not have is ABSENT."""
    known: Any = Known
    fields = [(each, known[fact.type] | Missing, ABSENT) for each, fact in facts.items()]
    return msgspec.defstruct(name, fields, module=module, frozen=True, kw_only=True)
