"""Results for the tests of the scripts: one failing finding with every kind of change, under any names."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from msgspec.structs import replace

import reports.scripts
from checks.changes import IN_DIRECTORY, Change, Kind, Principal
from checks.check import Outcome, Severity
from checks.remedy import Role, Who, administrator_of
from checks.result import FindingRecord, Message, RemedyRecord, Result, Subject
from checks.text import plain, render
from checks.windows.names import HostName
from reports.language import Language
from reports.scripts.work import Machine
from tests.world import good

NOW = datetime(2026, 12, 5, 13, 0, tzinfo=UTC)
SID = "S-1-5-21-1004336348-1177238915-682003330-1103"
SOMEBODY = administrator_of("TestServer01")


@cache
def nothing_fails() -> Result:
    return good().result()


def remedy(*changes: Change, who: Who = SOMEBODY, name: str = "TestServer01", undo: tuple[str, ...] = ()) -> RemedyRecord:
    template, values = "Do something about {name}", {"name": name}
    return RemedyRecord(
        text=render(template, values),
        who=plain(who.text),
        commands=("Get-Something",),
        effective_after="at once",
        verify=("Get-Something",),
        undo=undo,
        template=template,
        values=values,
        by=who,
        changes=changes,
    )


def failure(
    of: RemedyRecord, *, severity: Severity = Severity.BLOCKER, number: int = 1, hosts: tuple[str, str] = ("TestServer01", "TestServer02")
) -> FindingRecord:
    return FindingRecord(
        id=f"area.check{number}@{hosts[0]}>{hosts[1]}",
        check=f"area.check{number}",
        subject=Subject("pair", source=hosts[0], target=hosts[1]),
        outcome=Outcome.FAIL,
        severity=severity,
        message=Message("It fails", "It fails", {}),
        remedy=of,
    )


def machines(of: Result) -> dict[HostName, Machine]:
    """Every host that something is changed on said who it is, and so did those whose accounts are changed or let in."""
    changes = [change for finding in of.findings if finding.remedy for change in finding.remedy.changes]
    found = {HostName(each.place): Machine(f"{each.place}.contoso.test", f"{each.place}$", "contoso.test", each.place) for each in changes}
    accounts = {(each.object, each.place) for each in changes if each.kind in IN_DIRECTORY}
    accounts |= {(each.principal.account, each.principal.domain) for each in changes if each.principal}
    return found | {HostName(name): Machine(f"{name}.contoso.test", name, domain, name) for name, domain in accounts}


def rendered(of: Result, language: str = "en", now: datetime = NOW) -> dict[str, bytes]:
    """The files of a fix."""
    return reports.scripts.render(of, machines(of), Language(language), now=now)


def result(*findings: FindingRecord) -> Result:
    return replace(nothing_fails(), findings=findings)


def changes(name: str) -> tuple[Change, ...]:
    """One change of every kind, with this name wherever a name can stand."""
    principal = Principal(SID, name, name, name)
    return (
        Change(Kind.DELEGATE_TO, name, (f"cifs/{name}", name), (), name, sid=SID),
        Change(Kind.ANY_PROTOCOL, name, wanted=True, earlier=False, object=name, sid=SID),
        Change(Kind.ACT_ON_BEHALF, name, (SID,), (), name, principal, SID),
        Change(Kind.MIGRATION, name, wanted=True, earlier=False),
        Change(Kind.AUTHENTICATION, name, "Kerberos", "CredSSP"),
        Change(Kind.PERFORMANCE_OPTION, name, "SMB", "TCPIP"),
        Change(Kind.MAXIMUM_MIGRATIONS, name, 2, 0),
        Change(Kind.MAXIMUM_STORAGE_MIGRATIONS, name, 2, 0),
        Change(Kind.ANY_NETWORK, name, wanted=False, earlier=True),
        Change(Kind.MIGRATION_NETWORK, name, (name,), ()),
        Change(Kind.GROUP_MEMBER, name, (SID,), (), "S-1-5-32-578", principal),
        Change(Kind.FIREWALL_RULE, name, wanted=True, earlier=False, object=name),
        Change(Kind.SERVICE_START, name, "Auto", name),
        Change(Kind.SERVICE, name, wanted=True, earlier=False),
    )


def everything(name: str) -> Result:
    """Every kind of change and an instruction for every kind of person, all with this name."""
    people = (
        Who(Role.OWNER, (name,)),
        Who(Role.NETWORK),
        Who(Role.OPERATOR),
        Who(Role.HOST, (name,)),
        Who(Role.DOMAIN, (name,)),
        Who(Role.OTHER, (name,)),
    )
    notes = (failure(remedy(who=who, name=name, undo=("Get-Something",)), number=number) for number, who in enumerate(people, 2))
    return result(failure(remedy(*changes(name))), *notes)
