"""Which sign-ins hold credentials that CredSSP can pass on, and whether the operator has one.

Source of the numbers and of what a type holds: Win32_LogonSession.LogonType and
https://learn.microsoft.com/windows-server/identity/securing-privileged-access/reference-tools-logon-types
(11 to 13 are the cached forms of 2, 10 and 7: general knowledge). Batch (4), service (5) and new credentials (9) hold credentials too,
but no person starts a move there, or those of another account.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from checks.authentication._bare import bare_evidence, with_credentials
from checks.check import Evidence, Finding, Severity, fails, passes
from checks.facts.directory import UserAccount
from checks.facts.people import LogonSession
from checks.plan import LaunchPoint, Transport
from checks.subject import HostView, OperatorView
from checks.text import Text, Value, minute, text
from checks.told import Told
from checks.windows.names import fold

NETWORK_CLEARTEXT = 8
"""What remoting with CredSSP leaves on the host."""

LOGON_TYPES: dict[int, Text] = {
    2: text("interactive"),
    3: text("network"),
    4: text("batch"),
    5: text("service"),
    7: text("unlock"),
    NETWORK_CLEARTEXT: text("network clear text"),
    9: text("new credentials"),
    10: text("remote interactive"),
    11: text("cached interactive"),
    12: text("cached remote interactive"),
    13: text("cached unlock"),
}

AT_THE_SCREEN = frozenset({2, 7, 10, 11, 12, 13})

HOLDING: dict[LaunchPoint, frozenset[int]] = {
    LaunchPoint.CONSOLE: AT_THE_SCREEN,
    LaunchPoint.RDP: AT_THE_SCREEN,
    LaunchPoint.POWERSHELL: frozenset({NETWORK_CLEARTEXT}),
}
"""For each launch point on a host the logon types in which the operator's credentials can be passed on."""


MAYBE_BARE = AT_THE_SCREEN - {2, 11}
"""Of these a session may have come through Remote Desktop: in Restricted Admin mode or with Remote Credential Guard without credentials."""

FRESH = timedelta(hours=24)
"""Windows keeps a session in its list after its end, as long as anything holds a token of it. One that was opened longer ago, or of which
that is not known, may be over."""


class Sessions(Struct, frozen=True):
    """The operator's sessions on one host: all of them, those from which CredSSP can pass credentials on, and those of them that were
    opened lately."""

    all: tuple[LogonSession, ...]
    holding: tuple[LogonSession, ...]
    fresh: tuple[LogonSession, ...]

    @property
    def maybe_bare(self) -> bool:
        """May all that were opened lately be without credentials."""
        return all(session.type in MAYBE_BARE for session in self.fresh)

    @property
    def types(self) -> tuple[Text, ...]:
        return _described({session.type for session in self.all})


def _described(types: Iterable[int]) -> tuple[Text, ...]:
    return tuple(text("{number} {type}", number=number, type=LOGON_TYPES.get(number, "?")) for number in sorted(types))


def sessions_on(host: HostView, operator: OperatorView, launch: LaunchPoint) -> Sessions:
    """The operator's sessions on a host. Reads the host's `sessions` and the operator's `account`. Where the collector itself came with
    CredSSP, a session of that kind may be its own and does not count. Raises FactMissing where none holds credentials but one of which
    it is not known whose it is might."""
    account = operator.account
    own = tuple(session for session in host.sessions if session.sid == account.sid)
    types = HOLDING.get(launch, frozenset())
    visit = host.world.visits.get(host.key)
    if visit is not None and visit.authentication == Transport.CREDSSP:
        types -= {NETWORK_CLEARTEXT}
    holding = tuple(session for session in own if session.type in types)
    if not holding and any(session.type in types and _may_be_of(session, account) for session in host.sessions):
        raise host.lacks(HostView.sessions, text("whose session on {host} each one is", host=host.name))
    seen = host.fact(HostView.sessions).at
    return Sessions(own, holding, tuple(session for session in holding if session.since is not None and seen - session.since <= FRESH))


def _may_be_of(session: LogonSession, account: UserAccount) -> bool:
    """Is it not known whose session this is, so that it may be this account's: nothing tells it, or a name without a SID that is its."""
    return session.sid is None and (not session.account or fold(session.account.rpartition("\\")[2]) == fold(account.account_name))


def held(host: HostView, operator: OperatorView, sessions: Sessions, evidence: tuple[Evidence, ...]) -> Finding:
    """The finding where a session was opened lately. Reads the host's `remote_desktop` where all of these may be without credentials."""
    names: dict[str, Value] = {"operator": operator.name, "host": host.name}
    found = (*evidence, *bare_evidence(host)) if sessions.maybe_bare else evidence
    if not sessions.maybe_bare or not host.remote_desktop.takes_bare_sessions:
        return passes("{operator} has a session on {host} that holds credentials", *found, **names)
    return fails(
        text(
            "{operator} has a session on {host} that may hold no credentials: it can have come through Remote Desktop, and {host} takes "
            "such sessions without them (Restricted Admin mode, Remote Credential Guard)",
            **names,
        ),
        *found,
        remedy=with_credentials(host, operator),
        severity=Severity.RISK,
    )


def lingering(host: HostView, operator: OperatorView, sessions: Sessions) -> Text:
    """That there is a session which may be over."""
    opened = max((session.since for session in sessions.holding if session.since is not None), default=None)
    return text(
        "{operator} has a session on {host}, opened {opened}: whether it still lasts is not seen, Windows lists sessions that are over too",
        operator=operator.name,
        host=host.name,
        opened=text("at an unknown time") if opened is None else minute(opened),
    )


def session_evidence(host: HostView, operator: OperatorView, launch: LaunchPoint, sessions: Sessions) -> tuple[Evidence, ...]:
    what = text("logon types of {operator} on {host}", operator=operator.name, host=host.name)
    return (
        host.evidence(HostView.sessions, what, sessions.types, _described(HOLDING.get(launch, frozenset())), fits=bool(sessions.fresh)),
        operator.evidence(OperatorView.account, text("SID of {operator}", operator=operator.name), operator.account.sid),
    )


def severity_of_absence(world: Told) -> Severity:
    """What a session that is not there now means: before the change window the operator can still sign in. Without a window the move is
    taken to be now."""
    window = world.change.window
    return Severity.RISK if window is not None and world.snapshot.collected.end < window.start else Severity.BLOCKER
