"""From what collect.ps1 answers to the facts of a host. Pure: text in, facts out.

Every field of `HostFacts` is one section of the answer. A section that failed, is absent or does not decode is a missing fact with its
reason; the reason comes from types, identifiers and numbers, never from text, which is in the host's language.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec
from msgspec import Raw, Struct

from checks.facts import HOST_FACTS, LOG_FACTS, CredentialGuard, Fact, HostFacts, Known, LogFacts, Missing, OperatingSystem, Reason

FRAME = 1

SOURCES: dict[str, str] = {
    "os": "Win32_OperatingSystem",
    "computer": "Win32_ComputerSystem",
    "hyperv_role": "Win32_ServerFeature and Win32_Service",
    "migration": "Get-VMHost",
    "migration_networks": "Get-VMMigrationNetwork",
    "migration_listener": "Msvm_VirtualSystemMigrationService",
    "supported_versions": "Get-VMHostSupportedVersion",
    "credential_guard": "Win32_DeviceGuard",
    "addresses": "MSFT_NetIPAddress",
    "routes": "MSFT_NetRoute",
    "adapters": "MSFT_NetAdapter",
    "host_virtual_adapters": "Get-VMNetworkAdapter -ManagementOS",
    "switches": "Get-VMSwitch",
    "firewall": "registry FirewallRules",
    "local_groups": "local groups (WinNT provider)",
    "sessions": "Win32_LogonSession and Win32_LoggedOnUser",
    "locators": "Win32_NTDomain",
    "vms": "Get-VM",
    "partners": "System.Net.Dns and TCP connection attempts",
    "events": "Get-WinEvent",
}


def source(section: str, host: str) -> str:
    """Where a fact comes from, for people: the cmdlet or class and the host."""
    return f"{SOURCES[section]} on {host}"


VALUE_TYPES: dict[str, Any] = {
    name: get_args(get_args(hint)[0])[0] for facts in (HostFacts, LogFacts) for name, hint in get_type_hints(facts).items()
}


class Unreadable(Exception):
    """What came back is not an answer of the collector."""


class Failure(Struct, frozen=True):
    """Why a section failed: .NET type of the exception, FullyQualifiedErrorId, category, HRESULT, Win32 code. `text` is localized."""

    type: str = ""
    id: str = ""
    category: str = ""
    hresult: str = ""
    native: int | None = None
    text: str = ""

    def __str__(self) -> str:
        native = "" if self.native is None else f"Win32 {self.native}"
        return "; ".join(dict.fromkeys(part for part in map(_short, (self.type, self.id, self.hresult, native, self.text)) if part))


class _Section(Struct, frozen=True):
    ok: bool
    value: Raw = Raw(b"null")
    error: Failure | None = None


class _Answer(Struct, frozen=True):
    frame: int
    engine: str
    sections: dict[str, Raw]


def _short(text: str) -> str:
    return " ".join(text.split())[:200]


class Signs(NamedTuple):
    """By what a reason is recognized; one of them is enough. Ids are the beginnings of FullyQualifiedErrorId, without case."""

    reason: Reason
    types: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    hresults: frozenset[int] = frozenset()
    natives: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()


SIGNS: tuple[Signs, ...] = (
    Signs(
        Reason.ACCESS_DENIED,
        types=frozenset({"System.UnauthorizedAccessException", "System.Security.SecurityException"}),
        ids=("accessdenied,", "unspecified,", "windows system error 5,", "hresult 0x80041003", "hresult 0x80070005"),
        hresults=frozenset({0x80041003, 0x80070005, 0x80070522}),
        natives=frozenset({5, 1314}),
        categories=frozenset({"PermissionDenied"}),
    ),
    Signs(
        Reason.NOT_INSTALLED,
        types=frozenset({"System.Management.Automation.CommandNotFoundException"}),
        ids=("hresult 0x8004100e", "hresult 0x80041010", "pathnotfound", "nomatchinglogsfound"),
        hresults=frozenset({0x8004100E, 0x80041010}),
    ),
    Signs(
        Reason.NOT_SUPPORTED,
        types=frozenset(
            {
                "System.Management.Automation.PropertyNotFoundException",
                "System.NotSupportedException",
                "System.PlatformNotSupportedException",
            }
        ),
        ids=("propertynotfoundstrict", "hresult 0x8004100c"),
        hresults=frozenset({0x8004100C}),
    ),
    Signs(
        Reason.TIMED_OUT,
        types=frozenset({"System.TimeoutException"}),
        hresults=frozenset({0x80131505, 0x800705B4}),
    ),
)
"""The order decides: a denial counts more than the absence that it may look like."""


def reason_of(failure: Failure) -> Reason:
    """The reason for which a section failed; UNREADABLE when nothing known fits."""
    identifier = failure.id.casefold()
    try:
        hresult = int(failure.hresult, 16)
    except ValueError:
        hresult = 0
    for signs in SIGNS:
        if (
            failure.type in signs.types
            or identifier.startswith(signs.ids or ("\0",))
            or hresult in signs.hresults
            or failure.native in signs.natives
            or failure.category in signs.categories
        ):
            return signs.reason
    return Reason.UNREADABLE


def read(text: str, host: str, at: datetime) -> tuple[HostFacts, str]:
    """The facts in an answer and the version of the PowerShell that gave it. Raises Unreadable when it is no answer at all."""
    answer = _decoded(text)
    facts = {name: _fact(name, answer.sections.get(name), host, at) for name in HOST_FACTS}
    for name, complete in _COMPLETIONS.items():
        facts[name] = complete(facts[name], facts["os"], at)
    return HostFacts(**facts), answer.engine


def read_log(text: str, host: str, at: datetime) -> LogFacts:
    """What an answer holds of a host's event logs. Raises Unreadable when it is no answer at all."""
    sections = _decoded(text).sections
    return LogFacts(**{name: _fact(name, sections.get(name), host, at) for name in LOG_FACTS})


def _decoded(text: str) -> _Answer:
    try:
        answer = _ANSWER.decode(text.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(f"not an answer of the collector: {_short(str(error))}") from error
    if answer.frame != FRAME:
        raise Unreadable(f"an answer in frame {answer.frame}, not {FRAME}")
    return answer


def _fact(name: str, raw: Raw | None, host: str, at: datetime) -> Fact[Any]:
    where = source(name, host)
    if raw is None:
        return Missing(Reason.NOT_COLLECTED, where, at, "the host did not answer this section")
    try:
        section = _SECTION.decode(raw)
        if section.ok != (section.error is None):
            raise msgspec.ValidationError("a section is either answered or failed")
        if section.error is not None:
            return Missing(reason_of(section.error), where, at, str(section.error))
        value = _VALUES[name].decode(section.value)
        if _has_local_time(value):
            raise msgspec.ValidationError("a time without time zone")
    except (msgspec.MsgspecError, RecursionError) as error:
        return Missing(Reason.UNREADABLE, where, at, _short(str(error)))
    return Known(value, where, at)


_ANSWER, _SECTION = msgspec.json.Decoder(_Answer), msgspec.json.Decoder(_Section)
_VALUES = {name: msgspec.json.Decoder(kind) for name, kind in VALUE_TYPES.items()}
"""Made once, before any thread decodes: msgspec (seen with 0.22.0) can crash when threads decode into the same type for the first time
at the same moment."""


def _has_local_time(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, tuple):
        return any(map(_has_local_time, value))
    if isinstance(value, Struct):
        return any(map(_has_local_time, msgspec.structs.astuple(value)))
    return False


# --- what the build alone tells where a Windows version cannot be asked ---

BEFORE_2016: dict[int, tuple[str, ...]] = {9200: ("4.0",), 9600: ("5.0",)}
"""Build to the VM configuration versions that it runs: Windows Server 2012, 2012 R2 (public table of the page "Upgrade virtual machine
version in Hyper-V"; 4.0 from the literature on 2012)."""

FIRST_BUILD_WITH_SUPPORTED_VERSIONS = 14393
FIRST_BUILD_WITH_DEVICE_GUARD = 10586


def _absent_before(fact: Fact[Any], os: Fact[OperatingSystem], build: int) -> OperatingSystem | None:
    """The system, when a fact is absent on it because its Windows is older than the given build."""
    absent = isinstance(fact, Missing) and fact.reason is Reason.NOT_INSTALLED
    return os.value if absent and isinstance(os, Known) and os.value.build < build else None


def _supported_versions(fact: Fact[Any], os: Fact[OperatingSystem], at: datetime) -> Fact[Any]:
    old = _absent_before(fact, os, FIRST_BUILD_WITH_SUPPORTED_VERSIONS)
    if old is None or old.build not in BEFORE_2016:
        return fact
    return Known(BEFORE_2016[old.build], f"Microsoft's table of VM configuration versions, for the build read from {os.source}", at)


def _credential_guard(fact: Fact[Any], os: Fact[OperatingSystem], at: datetime) -> Fact[Any]:
    if _absent_before(fact, os, FIRST_BUILD_WITH_DEVICE_GUARD) is None:
        return fact
    none = CredentialGuard(running=False, services_running=())
    return Known(none, f"Windows before 2016 has no Credential Guard, for the build read from {os.source}", at)


_COMPLETIONS: dict[str, Callable[[Fact[Any], Fact[OperatingSystem], datetime], Fact[Any]]] = {
    "supported_versions": _supported_versions,
    "credential_guard": _credential_guard,
}
