"""Sessions through Remote Desktop without the credentials of whose they are, and whether a host takes them.

Sources: https://learn.microsoft.com/windows/client-management/mdm/policy-csp-credentialsdelegation (the policy of the host) and
https://learn.microsoft.com/windows/security/identity-protection/remote-credential-guard (the value of Lsa, and what such a session can do).
Whether one session is of that kind, no fact tells.
"""

from __future__ import annotations

from checks.check import Evidence
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, OperatorView
from checks.text import command, text

_NOT_SET = -1


def bare_evidence(host: HostView) -> tuple[Evidence, ...]:
    its = host.remote_desktop
    rows = (
        ("DisableRestrictedAdmin", its.disable_restricted_admin, 0),
        ("AllowProtectedCreds", its.allow_protected_credentials, 1),
    )
    return tuple(
        host.evidence(
            HostView.remote_desktop,
            text("{value} of {host}", value=name, host=host.name),
            text("not set") if actual == _NOT_SET else actual,
            text("not {value}", value=taking),
            fits=actual != taking,
        )
        for name, actual, taking in rows
    )


def with_credentials(host: HostView, operator: OperatorView) -> Remedy:
    return Remedy(
        text(
            "{operator} signs in to {host} at the console, or through Remote Desktop without /restrictedAdmin and /remoteGuard, and starts "
            "the move in that session. Where a policy of the workstation asks for one of them, only the console is left",
            operator=operator.name,
            host=host.name,
        ),
        OPERATOR,
        effective_after=text("with the sign-in, as long as the session lasts"),
        shows=text("a session of the operator, Active or Disc"),
        verify=(command("quser.exe /server:{host}", host=host.name),),
        undo=(text("Sign out of {host} after the move", host=host.name),),
    )
