"""Sessions that may use less than all of PowerShell: what they cannot give, and what to do.

Of a constrained one (WDAC, AppLocker) the sections that need more fail alone; one without any language (the default of JEA) takes no
script at all. Both are recognized by FullyQualifiedErrorId. Source:
learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_language_modes.
"""

from __future__ import annotations

from checks.facts.fact import Reason
from checks.text import Text, text, verbatim
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


def why(failure: Failure) -> tuple[Reason, Text]:
    """The reason and the detail of a failure. The language mode is looked for first: the category of its errors may be PermissionDenied,
    though nobody lacks a right."""
    name = failure.id.partition(",")[0]
    if name in CONSTRAINED:
        return Reason.NOT_SUPPORTED, text("not supported in this session's language mode ({error})", error=name)
    if name == NO_LANGUAGE:
        return Reason.NOT_COLLECTED, text(
            "the session runs no script ({error}, NoLanguage): name a session configuration that allows this script", error=name
        )
    return reason_of(failure), verbatim(str(failure))
