"""What a reader should know of how the hosts and controllers were signed in to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.facts.fact import Reason
from checks.facts.snapshot import HostVisit
from checks.plan import Transport
from checks.result import HostDetail, Result
from checks.windows.names import HostName
from checks.windows.sids import ADMINISTRATORS, EVENT_LOG_READERS, HYPERV_ADMINISTRATORS, REMOTE_MANAGEMENT_USERS
from reports.digest import few
from reports.language import Language
from reports.obstacles import Obstacle

NAMED = 8
GROUPS = {
    ADMINISTRATORS: "Administrators",
    HYPERV_ADMINISTRATORS: "Hyper-V Administrators",
    REMOTE_MANAGEMENT_USERS: "Remote Management Users",
    EVENT_LOG_READERS: "Event Log Readers",
}
"""The groups of a host that decide what can be read there (runner/collect/hosts/rights.toml)."""


def reach(result: Result, visits: Iterable[str], unknown: Iterable[Obstacle], language: Language) -> str:
    """What the account that collected was let read, as far as a check needed it, and what it was refused. `visits`: the hosts that were
    visited, `unknown`: what is not known."""
    account, hosts, controllers = result.collected.by, len(result.visits), len(result.controllers)
    denied = [each for each in unknown if each.reason == Reason.ACCESS_DENIED]
    said = [language.say("Visits: hosts {hosts}, domain controllers {controllers}.", hosts=hosts, controllers=controllers)]
    if denied:
        count = sum(len(each.findings) for each in denied)
        what = "; ".join(few([language.show(each.source) for each in denied], NAMED, language))
        said.append(language.say("{account} was refused: {what}. {count} findings wait for it.", account=account, what=what, count=count))
    else:
        said.append(language.say("Nothing that a check needed was refused to {account}.", account=account))
    return " ".join((*said, *_rights(result, visits, language)))


def _rights(result: Result, visits: Iterable[str], language: Language) -> Iterator[str]:
    """In which groups of the hosts it was, hosts of which the same is told together, and through which session configuration."""
    alike: dict[tuple[str, ...] | None, list[str]] = {}
    endpoints: dict[str, list[str]] = {}
    details = {HostName(name): detail for name, detail in result.host_details.items()}
    for name in visits:
        detail = details.get(HostName(name), HostDetail())
        groups = None if detail.token is None else tuple(sid for sid in GROUPS if sid in detail.token)
        alike.setdefault(groups, []).append(name)
        if detail.endpoint:
            endpoints.setdefault(detail.endpoint, []).append(name)
    for groups, names in alike.items():
        hosts = ", ".join(few(names, NAMED, language))
        if groups is None:
            yield language.say("Of which groups of {hosts} it is a member was not read.", hosts=hosts)
        elif groups:
            yield language.say("Its groups on {hosts}: {groups}.", hosts=hosts, groups=_named(groups, language))
        else:
            yield language.say("On {hosts} it is in none of these groups: {groups}.", hosts=hosts, groups=_named(tuple(GROUPS), language))
    yield language.say("Its groups in the directory were not read.")
    for endpoint, names in endpoints.items():
        hosts = ", ".join(few(names, NAMED, language))
        yield language.say("On {hosts} it came through the session configuration {name}.", hosts=hosts, name=endpoint)
    yield language.say("hvpreflight explain CHECK names the rights that a check needs.")


def _named(groups: tuple[str, ...], language: Language) -> str:
    return ", ".join(f"{language.say(name)} ({sid})" for sid, name in GROUPS.items() if sid in groups)


def notes(result: Result, visits: Mapping[str, HostVisit], language: Language) -> Iterator[str]:
    """A sentence about whom NTLM was used with, and why; another about whom CredSSP gave the password to. Nothing for Kerberos."""
    ways = {name: visit.authentication for name, visit in visits.items()}
    handed = [name for name, way in ways.items() if way.startswith(Transport.CREDSSP)]
    by_ntlm = [name for name, way in ways.items() if Transport.NTLM in way and name not in handed]
    by_ntlm += [name for name, way in result.controllers.items() if way.protocol == Transport.NTLM]
    if by_ntlm:
        asked_for = Transport.NTLM in ways.values()
        why = language.say("as asked for") if asked_for else language.say("because Kerberos could not be agreed on")
        yield language.say(
            "Signed in by NTLM, {why}: {names}. NTLM proves no name of who answers; --require-kerberos refuses it.",
            why=why,
            names=", ".join(few(by_ntlm, NAMED, language)),
        )
    if handed:
        yield language.say(
            "By CredSSP these hosts received the password of {account}: {hosts}. Whoever controls one of them has it.",
            account=result.collected.by,
            hosts=", ".join(few(handed, NAMED, language)),
        )
