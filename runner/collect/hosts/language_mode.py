"""Sessions that may use less than all of PowerShell: what they cannot give, and what to do.

Of a constrained one (WDAC, AppLocker) the sections that need more fail alone; one without any language (the default of JEA) takes no
script at all, but may have the function that answers in its place (runner.endpoint), perhaps of another version. All are recognized by
FullyQualifiedErrorId. Source: learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_language_modes.
"""

from __future__ import annotations

from checks.facts.fact import Reason
from checks.text import Text, text, verbatim
from runner.collect.hosts.script import FUNCTION
from runner.collect.hosts.signs import Failure, reason_of

CONSTRAINED = frozenset(
    {
        "CannotCreateTypeConstrainedLanguage",
        "ConversionSupportedOnlyToCoreTypes",
        "MethodInvocationNotSupportedInConstrainedLanguage",
        "PropertySetterNotSupportedInConstrainedLanguage",
    }
)
NO_LANGUAGE = "ScriptsNotAllowed"
UNKNOWN_SECTION = "CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand"
"""What the frame's Get-Command says where the script has no function for a section; of a cmdlet that is missing nothing stands behind the
first word."""

NO_FUNCTION = text(
    "the session runs no script ({error}, NoLanguage) and has no function {function}: name a session configuration that allows this "
    "script, or register the one that `hvpreflight jea` writes",
    error=NO_LANGUAGE,
    function=FUNCTION,
)
OTHER_VERSION = text(
    "the function {function} on the host is of another version and does not know this: copy there the module that this version's "
    "`hvpreflight jea` writes",
    function=FUNCTION,
)
"""Of a section that it does not know, or where all of its answer has another form: what is sent is always of this version."""


def is_refusal(failure: Failure) -> bool:
    """Does the session run no script."""
    return failure.id.partition(",")[0] == NO_LANGUAGE


def is_unknown_command(failure: Failure) -> bool:
    """Does the session not have the command that was called."""
    return failure.id == "CommandNotFoundException"


def why(failure: Failure) -> tuple[Reason, Text]:
    """The reason and the detail of a failure. The language mode is looked for first: the category of its errors may be PermissionDenied,
    though nobody lacks a right."""
    name = failure.id.partition(",")[0]
    if name in CONSTRAINED:
        return Reason.NOT_SUPPORTED, text("not supported in this session's language mode ({error})", error=name)
    if failure.id == UNKNOWN_SECTION:
        return Reason.NOT_COLLECTED, OTHER_VERSION
    return reason_of(failure), verbatim(str(failure))
