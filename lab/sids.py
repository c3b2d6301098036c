"""The security identifiers of a scenario's domains, accounts and computers, alike for hosts and controllers."""

from __future__ import annotations

from itertools import count

from lab.scenario import DomainSpec, Scenario, ScenarioError

WELL_KNOWN_RIDS: dict[str, int] = {
    "administrator": 500,
    "guest": 501,
    "krbtgt": 502,
    "domain admins": 512,
    "domain users": 513,
    "domain guests": 514,
    "domain computers": 515,
    "domain controllers": 516,
    "schema admins": 518,
    "enterprise admins": 519,
    "protected users": 525,
}
"""Relative identifiers that are the same in every domain ([MS-DTYP] 2.4.2.4)."""

FIRST_RID = 1103


class Sids:
    """The SIDs of one scenario. Names are compared without case.

    In each domain users come first from RID 1103, then groups, then computers (the hosts of that domain), then
    controllers, each in the order of the scenario; a well-known name or an explicit `rid` takes no number of that row.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._domains = {name.casefold(): spec.sid for name, spec in scenario.domains.items()}
        self._accounts: dict[str, str] = {}
        self._computers: dict[str, str] = {}
        for name, spec in scenario.domains.items():
            self._number(scenario, name, spec)

    def _number(self, scenario: Scenario, domain: str, spec: DomainSpec) -> None:
        netbios = spec.netbios.casefold()
        for name, rid in WELL_KNOWN_RIDS.items():
            self._accounts[f"{netbios}\\{name}"] = f"{spec.sid}-{rid}"
        named = [(user.name, user.rid) for user in spec.users] + [(group.name, group.rid) for group in spec.groups]
        taken = {rid for _, rid in named}
        free = (rid for rid in count(FIRST_RID) if rid not in taken)
        for name, fixed in named:
            rid = fixed or WELL_KNOWN_RIDS.get(name.casefold()) or next(free)
            self._accounts[f"{netbios}\\{name.casefold()}"] = f"{spec.sid}-{rid}"
        hosts = [host for host, its in scenario.hosts.items() if its.domain.casefold() == domain.casefold()]
        for computer in (*hosts, *spec.controllers):
            sid = f"{spec.sid}-{next(free)}"
            self._computers[computer.casefold()] = sid
            self._accounts[f"{netbios}\\{computer.casefold()}$"] = sid

    def account(self, name: str) -> str:
        """The SID of a user, group or computer account (`NETBIOS\\name`). Raises ScenarioError for an unknown one."""
        return _found(self._accounts, name, "account")

    def computer(self, name: str) -> str:
        """The SID of the computer account of a host or controller by its short name. Raises ScenarioError."""
        return _found(self._computers, name, "computer")

    def domain(self, name: str) -> str:
        """The SID of a domain by its DNS name. Raises ScenarioError."""
        return _found(self._domains, name, "domain")


def _found(table: dict[str, str], name: str, kind: str) -> str:
    try:
        return table[name.casefold()]
    except KeyError:
        raise ScenarioError(f"The scenario has no {kind} {name}.") from None
