"""The known errors: one data file each in this folder, their types, their look-up by any spelling of a code, and what a diagnosis is."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ErrorKind(StrEnum):
    """What the code of an error is."""

    HRESULT = "hresult"
    WIN32 = "win32"
    KERBEROS = "kerberos"
    WMI_RETURN = "wmi_return"
    COMPARE_VM = "compare_vm_message_id"
    EVENT = "event"
    MESSAGE = "message"


class Attestation(StrEnum):
    """How well it is attested what an error means, the best first."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Confidence(StrEnum):
    """How sure the German wording of a message is, the surest first; NONE where it is not known."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Event(_Part, frozen=True):
    """An event under which an error is written. `id` is absent where only the channel is known."""

    channel: str
    id: int | None = None
    note: str = ""
    note_de: str = ""


class Cause(_Part, frozen=True):
    """One cause, in the order of `rank` (1 = most likely when nothing else is known). `checks` are the ids of the checks that would
    have seen it; empty where none can. `partly`: they see only a part of it, so that it is not ruled out when they hold. Texts are
    for people, English and German."""

    id: str
    rank: int
    cause: str
    cause_de: str
    tell_apart: str
    tell_apart_de: str
    fix: str
    fix_de: str
    checks: tuple[str, ...] = ()
    partly: bool = False


class KnownError(_Part, frozen=True):
    """One error. `code` is its id here (an HRESULT as 0x…, an event id, a symbol, or a short name); `spellings` are further ones that
    cannot be computed from it. `wrapper` marks a message that only says that something failed and is no cause."""

    code: str
    kind: ErrorKind
    symbol: str
    message: str
    message_de: str
    message_de_confidence: Confidence
    versions: str
    versions_de: str
    evidence: Attestation
    causes: tuple[Cause, ...]
    events: tuple[Event, ...] = ()
    spellings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: str = ""
    notes_de: str = ""
    wrapper: bool = False
