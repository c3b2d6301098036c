"""How a section of a visit fails on a real Windows, in the terms of its error records.

Types and error ids are those that Windows writes in every language; only `text` is localized. A .NET exception that was thrown
carries its localized message as its id too.
"""

from __future__ import annotations

from msgspec import Struct

from checks.facts.fact import Origin, Way
from lab.windows import Language

_COR_E_EXCEPTION = "0x80131500"
_COR_E_SYSTEM = "0x80131501"
_CIM_ID = "HRESULT {0},Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"


class Failure(Struct, frozen=True):
    """An error record as the collector reports it: exception type, FullyQualifiedErrorId, CategoryInfo's reason and category,
    HRESULT, Win32Exception.NativeErrorCode, line of the script, and the message in the host's language."""

    type: str
    id: str
    reason: str
    category: str
    hresult: str
    native: int | None
    line: int
    text: str


SCRIPTS_NOT_ALLOWED = Failure(
    "System.Management.Automation.ParseException",
    "ScriptsNotAllowed",
    "ParseException",
    "ParserError",
    _COR_E_SYSTEM,
    None,
    0,
    "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode.",
)
"""Any script in a session without a language."""


NO_SECURE_CHANNEL = Failure(
    "System.InvalidOperationException",
    "FailToTestSecureChannel,Microsoft.PowerShell.Commands.TestComputerSecureChannelCommand",
    "InvalidOperationException",
    "OperationStopped",
    "0x80131509",
    None,
    1,
    "Cannot verify the secure channel.",
)
"""Test-ComputerSecureChannel where it cannot say: on a host of a workgroup, to somebody who is no administrator, and on any other error."""


def thrown(text: str) -> Failure:
    """What a script ends with that throws a text: its id is the text."""
    return Failure(
        "System.Management.Automation.RuntimeException", text, "RuntimeException", "OperationStopped", _COR_E_SYSTEM, None, 1, text
    )


def constrained(identifier: str) -> Failure:
    """What ConstrainedLanguage refuses, by the id of the error."""
    category = "PermissionDenied" if identifier == "CannotCreateTypeConstrainedLanguage" else "InvalidOperation"
    command = ",Microsoft.PowerShell.Commands.NewObjectCommand" if category == "PermissionDenied" else ""
    return Failure(
        "System.Management.Automation.PSNotSupportedException" if command else "System.Management.Automation.RuntimeException",
        identifier + command,
        "PSNotSupportedException" if command else "RuntimeException",
        category,
        _COR_E_SYSTEM,
        None,
        1,
        "Not allowed in this language mode.",
    )


def denied(origin: Origin, language: Language) -> Failure:
    """No right to read, by the way the section takes."""
    if origin.way is Way.CIM:
        return _cim("0x80041003", "PermissionDenied", language.access_denied)
    if origin.way is Way.CMDLET:
        verb, _, noun = origin.asks.partition("-")
        return Failure(
            "Microsoft.HyperV.PowerShell.VirtualizationException",
            f"AccessDenied,Microsoft.HyperV.PowerShell.Commands.{verb}{noun}",
            "VirtualizationException",
            "PermissionDenied",
            _COR_E_EXCEPTION,
            None,
            1,
            language.access_denied,
        )
    return Failure(
        "System.UnauthorizedAccessException",
        language.access_denied,
        "UnauthorizedAccessException",
        "PermissionDenied",
        "0x80070005",
        None,
        1,
        language.access_denied,
    )


def absent(origin: Origin, language: Language) -> Failure:
    """What the section reads does not exist on this Windows: an unknown cmdlet, CIM namespace, or event log."""
    if origin.way is Way.CIM:
        return _cim("0x8004100e", "MetadataError", language.invalid_namespace)
    if origin.way is Way.LOG:
        return Failure(
            "System.Exception",
            "NoMatchingLogsFound,Microsoft.PowerShell.Commands.GetWinEventCommand",
            "Exception",
            "ObjectNotFound",
            _COR_E_EXCEPTION,
            None,
            1,
            origin.asks,
        )
    return unknown_command(origin.asks, language)


def unknown_command(name: str, language: Language, finder: str = "") -> Failure:
    """A command that is not there, or not visible; `finder` is the cmdlet that looked for it, where one did."""
    return Failure(
        "System.Management.Automation.CommandNotFoundException",
        f"CommandNotFoundException,{finder}" if finder else "CommandNotFoundException",
        "CommandNotFoundException",
        "ObjectNotFound",
        _COR_E_SYSTEM,
        None,
        1,
        language.unknown_command.format(name),
    )


def unknown_section(name: str, language: Language) -> Failure:
    """A section for which the script has no function: its frame looks for one."""
    return unknown_command(f"Read-{name}", language, "Microsoft.PowerShell.Commands.GetCommandCommand")


def _cim(code: str, category: str, text: str) -> Failure:
    return Failure(
        "Microsoft.Management.Infrastructure.CimException",
        _CIM_ID.format(code),
        "CimException",
        category,
        _COR_E_EXCEPTION,
        None,
        1,
        text,
    )
