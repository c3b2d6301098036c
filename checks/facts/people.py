"""Who may work on a host, and who does: its local groups and its logon sessions."""

from __future__ import annotations

from datetime import datetime

from checks.facts.fact import Origin, Said, Section, Shape, Way
from checks.text import text


class LogonSession(Shape, frozen=True):
    """Win32_LogonSession with the account of Win32_LoggedOnUser resolved to a SID (null when it does not resolve). `account` is empty when
    no row of the latter tells whose session it is. `type` is the logon type (2 interactive, 3 network, 8 network clear text, 10 remote
    interactive, …)."""

    id: Said
    type: int
    package: str
    sid: str | None
    account: str
    since: datetime | None


class RemoteDesktop(Shape, frozen=True):
    """What lets people come through Remote Desktop without their credentials, in Restricted Admin mode or with Remote Credential Guard:
    the values DisableRestrictedAdmin of Lsa, and AllowProtectedCreds of the policy "Remote host allows delegation of non-exportable
    credentials". -1 where one is not set, which leaves it off."""

    disable_restricted_admin: int
    allow_protected_credentials: int

    @property
    def takes_bare_sessions(self) -> bool:
        """May a session here be without the credentials of whose it is. One of the two values is enough."""
        return self.disable_restricted_admin == 0 or self.allow_protected_credentials == 1


class PeopleFacts:
    """What a visit reads of the people on a host."""

    __slots__ = ()

    local_groups = Section(
        dict[str, tuple[Said, ...]],
        Origin(Way.NET, "System.DirectoryServices.DirectoryEntry", what=text("local groups (WinNT provider)")),
    )
    """The SIDs of the members by the SID of the group; a group that this Windows does not have is left out."""
    sessions = Section(
        tuple[LogonSession, ...],
        Origin(Way.CIM, "Win32_LogonSession", what=text("Win32_LogonSession and Win32_LoggedOnUser")),
    )
    session_token = Section(
        tuple[Said, ...],
        Origin(Way.NET, "System.Security.Principal.WindowsIdentity", what=text("token of the session")),
    )
    """The SIDs of this host's built-in groups (S-1-5-32-…) in the token of the session that reads: what whoever collects may do here."""
    remote_desktop = Section(
        RemoteDesktop,
        Origin(Way.REGISTRY, "Microsoft.Win32.Registry", what=text("registry DisableRestrictedAdmin and AllowProtectedCreds")),
    )
