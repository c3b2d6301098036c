"""The good world with CredSSP, and sessions of its operator."""

from __future__ import annotations

from datetime import timedelta

from checks.facts.migration import MigrationAuthentication
from checks.facts.people import LogonSession, RemoteDesktop
from checks.plan import ChangeRequest, LaunchPoint, Window
from tests.world import AT, OPERATOR, TestWorld, good

MOVE = "LMTest@testserver01>testserver02"
ACCOUNT = "operators.contoso\\hv-operator.account"
BEFORE = Window(AT + timedelta(hours=1), AT + timedelta(hours=2))
WITHIN = Window(AT - timedelta(hours=1), AT + timedelta(hours=1))
AFTER = Window(AT - timedelta(hours=2), AT - timedelta(hours=1))
BARE = (RemoteDesktop(0, -1), RemoteDesktop(-1, 1), RemoteDesktop(1, 1), RemoteDesktop(0, 0))
"""What lets sessions come without credentials."""
NOT_BARE = (RemoteDesktop(-1, -1), RemoteDesktop(1, -1), RemoteDesktop(1, 0), RemoteDesktop(-1, 0))


def credssp(launch: LaunchPoint = LaunchPoint.RDP) -> TestWorld:
    world = good().move(launch=launch)
    for host in ("testserver01", "testserver02"):
        world = world.set(f"hosts.{host}.migration.authentication", MigrationAuthentication.CREDSSP).set(f"hosts.{host}.sessions", ())
    return world


def sessions(*types: int, sid: str | None = OPERATOR, account: str = "CONTOSO\\hv-operator") -> tuple[LogonSession, ...]:
    return tuple(LogonSession(str(100 + number), number, "Negotiate", sid, account, AT) for number in types)


def in_window(world: TestWorld, window: Window | None) -> TestWorld:
    """The world collected at AT, with this change window."""
    return world.with_plan(change=ChangeRequest("CHG0042317", "", window))
