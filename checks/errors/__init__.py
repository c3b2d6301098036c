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


class Doing(StrEnum):
    """What was being done when an error came."""

    MOVE = "move"
    STORAGE_MOVE = "storage move"
    START = "start"
    CREATE = "create"
    IMPORT = "import"
    CONFIGURE = "configure"
    REPLICATION = "replication"
    REMOTING = "remoting"
    COLLECTING = "collecting"
    OTHER = "another program"


class Named(StrEnum):
    """What a sentence with a code names as refused or missing, told by its form in any language."""

    VM_FILE = "file of a vm"
    FOLDER = "folder"
    SHARE = "share"
    VM_ID = "id of the vm"


class Told(StrEnum):
    """A fact that a pasted output or a sentence can tell of a host, a VM, an account or the failure."""

    AUTHENTICATION = "authentication"
    MIGRATION_ENABLED = "migration enabled"
    PROTOCOL_TRANSITION = "protocol transition"
    DELEGATES = "delegates"
    ACCOUNT_PROTECTED = "account protected"
    WORKS_AT_SOURCE = "works at the source"
    STARTED = "started"
    VMMS = "vmms"
    PORT_6600 = "port 6600"
    PORT_445 = "port 445"
    PORT_5985 = "port 5985"
    COMPATIBILITY = "processor compatibility"
    CREDENTIAL_GUARD = "credential guard"
    PROCESSORS = "processors"
    RELEASES = "releases"
    VERSION = "configuration version"
    SWITCH = "switch"
    DELEGATION_CHANGED = "delegation changed"
    SERVICE_NAMES = "service names"
    FORWARDABLE = "forwardable ticket"
    RIGHTS = "rights on the host"
    LETS_ACT = "lets act for users"


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Event(_Part, frozen=True):
    """An event under which an error is written. `id` is absent where only the channel is known."""

    channel: str
    id: int | None = None
    note: str = ""
    note_de: str = ""


class Sign(_Part, frozen=True):
    """What stands beside a code and points to one of its causes: all that is given here. `codes` and `events` are of the same failure,
    `named` what the code's sentence names, `commands` the cmdlets, one of which failed, by the names of their classes."""

    codes: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    named: tuple[Named, ...] = ()
    commands: tuple[str, ...] = ()
    operations: tuple[Doing, ...] = ()


class Cause(_Part, frozen=True):
    """One cause, in the order of `rank` (1 = most likely when nothing else is known). `checks` are the ids of the checks that would
    have seen it; empty where none can. `partly`: they see only a part of it, so that it is not ruled out when they hold. Texts are
    for people, English and German.

    `mild`: its own fix takes no protection away as what the checks offer does, so it is shown first. `formerly` are ids that it had;
    `messages` are sentences that Windows says for this cause alone, `signs` what points to it beside the code. `shown_by` and
    `ruled_out_by` are facts of a text, of each table all: one table is enough. `operations` narrows those of
    its error."""

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
    mild: bool = False
    formerly: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    shown_by: tuple[dict[Told, str], ...] = ()
    ruled_out_by: tuple[dict[Told, str], ...] = ()
    operations: tuple[Doing, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)


class KnownError(_Part, frozen=True):
    """One error. `code` is its id here (an HRESULT as 0x…, an event id, a symbol, or a short name); `spellings` are further ones that
    cannot be computed from it. `wrapper` marks a message that only says that something failed and is no cause. `messages` are further
    sentences that Windows says for it, in any language; `renderings` translations that nobody has seen on a machine, which count as
    words only. `operations` are those in which it means what its causes say: met in another one it is named, and not explained."""

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
    messages: tuple[str, ...] = ()
    renderings: tuple[str, ...] = ()
    operations: tuple[Doing, ...] = (Doing.MOVE, Doing.STORAGE_MOVE)

    def __hash__(self) -> int:
        return hash(self.code)
