"""Who may work on a host, and who does."""

from __future__ import annotations

from datetime import timedelta

from checks.facts.people import LogonSession, RemoteDesktop
from lab.host.described import Described

_ADMINISTRATORS = "S-1-5-32-544"
_HYPERV_ADMINISTRATORS = "S-1-5-32-578"
_REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
_USERS = "S-1-5-32-545"
_LOCAL_SYSTEM = "S-1-5-18"
_NETWORK_LOGON = 3


class People(Described):
    """The sections of the topic."""

    def local_groups(self) -> dict[str, tuple[str, ...]]:
        domain_admins = (f"{self.domain.sid}-512",) if self.domain else ()
        local_administrator = f"S-1-5-21-{'-'.join(str(number) for number in self.random(3))}-500"
        groups = {
            _ADMINISTRATORS: (local_administrator, *domain_admins, *self.accounts(self.spec.administrators)),
            _REMOTE_MANAGEMENT_USERS: self.accounts(self.spec.remote_management_users),
        }
        if self.spec.hyperv:
            groups[_HYPERV_ADMINISTRATORS] = self.accounts(self.spec.hyperv_administrators)
        return groups

    def sessions(self) -> tuple[LogonSession, ...]:
        """The system's own session, the collector's network logon, who is signed in now, and what the scenario adds."""
        system = LogonSession("999", 0, "Negotiate", _LOCAL_SYSTEM, self.language.system_account, self.boot)
        signed_in = {self.scenario.collector: _NETWORK_LOGON} | self.spec.signed_in
        found = tuple(
            LogonSession(
                id=str(2_000_000 + 4_096 * number),
                type=logon,
                package="Kerberos",
                sid=self.sids.account(account),
                account=account,
                since=self.now - timedelta(seconds=2 if logon == _NETWORK_LOGON else 2_700),
            )
            for number, (account, logon) in enumerate(signed_in.items())
        )
        return (system, *found, *self.spec.sessions)

    def session_token(self) -> tuple[str, ...]:
        """Whoever collects is in Administrators, unless the host denies something."""
        return (_USERS, _HYPERV_ADMINISTRATORS, _REMOTE_MANAGEMENT_USERS) if self.spec.denied else (_USERS, _ADMINISTRATORS)

    def remote_desktop(self) -> RemoteDesktop:
        """As Windows comes; a scenario says what else (`facts`)."""
        return RemoteDesktop(disable_restricted_admin=-1, allow_protected_credentials=-1)
