"""Who may work on a host, and who does."""

from __future__ import annotations

from checks.facts.people import LogonSession, RemoteDesktop
from lab.engine.world import Part

_LSA = "SYSTEM\\CurrentControlSet\\Control\\Lsa"
_CREDENTIALS = "SOFTWARE\\Policies\\Microsoft\\Windows\\CredentialsDelegation"
_NOT_SET = -1
_GROUPS = {"S-1-5-32-544": "Administrators", "S-1-5-32-578": "Hyper-V Administrators", "S-1-5-32-580": "Remote Management Users"}


def local_groups(value: dict[str, tuple[str, ...]]) -> Part:
    return {
        "groups": {_GROUPS[sid]: list(members) for sid, members in value.items()},
        "accounts": {sid: f"BUILTIN\\{_GROUPS[sid]}" for sid in value},
    }


def sessions(value: tuple[LogonSession, ...]) -> Part:
    """A session with an account has a row of Win32_LoggedOnUser, whose ends are the account and the session."""
    rows = [
        {
            "LogonId": session.id,
            "LogonType:uint32": session.type,
            "AuthenticationPackage": session.package,
            "StartTime:time": session.since,
        }
        for session in value
    ]
    users = []
    for session in (session for session in value if session.account):
        domain, _, name = session.account.rpartition("\\")
        users.append({"Antecedent:object": {"Domain": domain, "Name": name}, "Dependent:object": {"LogonId": session.id}})
    return {
        "cim": {"root/cimv2": {"Win32_LogonSession:object[]": rows, "Win32_LoggedOnUser:object[]": users}},
        "accounts": {session.sid: session.account for session in value if session.sid and session.account},
    }


def session_token(value: tuple[str, ...]) -> Part:
    return {"token": {"groups": list(value)}}


def remote_desktop(value: RemoteDesktop) -> Part:
    """What is not set is not there, and without a policy its key neither."""
    disabled, allowed = value.disable_restricted_admin, value.allow_protected_credentials
    policy = {_CREDENTIALS: {"AllowProtectedCreds": allowed}} if allowed != _NOT_SET else {}
    return {"registry": {_LSA: {"DisableRestrictedAdmin": disabled} if disabled != _NOT_SET else {}} | policy}
