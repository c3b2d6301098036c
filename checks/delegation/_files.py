"""The ways of delegation to the servers that hold or take the files of a move."""

from __future__ import annotations

from collections.abc import Callable

from checks.check import Finding, Outcome, Severity, passes
from checks.delegation import _alternatives
from checks.delegation._needs import Need, matter, needs
from checks.delegation._table import Question
from checks.delegation._way import Way, judged
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Means, Remedy
from checks.storage import At, Leg
from checks.subject import HostView, MoveSubject, ServerView
from checks.windows.names import HostName
from checks.windows.service_names import CIFS


def ways(
    leg: Leg, source: HostView, target: HostView, launch: LaunchPoint, server: Callable[[HostName], ServerView], *, sure: bool
) -> tuple[Way, ...]:
    """Those that a move needs for certain, or perhaps. `server` gives the view of a server by its name."""

    def way(need: Need) -> Way:
        host = {At.SOURCE: source, At.TARGET: target}.get(need.at) or server(need.server)
        return Way(target if need.by_target else source, host, launch, (CIFS,))

    return tuple(way(need) for need in needs(leg) if need.sure is sure)


def finding(subject: MoveSubject, question: Question, highest: Severity) -> Finding:
    """What the table says of a move's ways to the servers of its files, those that it needs for certain (Question.SERVICE) or perhaps
    (Question.DOUBT), where a failure is at most as bad as `highest`. Raises FactMissing where a file may lie on a server that is not
    known.

    Of a VM the remedy leaves the protocol to the one for its service (delegation.migration_service), unless that one may be given by the
    target's own list."""
    source, target, launch, sure = subject.source, subject.target, subject.route.launch, question is Question.SERVICE
    none = Way(source, target, launch, (CIFS,), needed=lambda: False)
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return none.finding(none.decide(question), lambda: _alternatives.remedy(none, ()))
    leg = subject.leg
    found = ways(leg, source, target, launch, subject.server, sure=sure)
    way, row = judged(((each, question) for each in found or (none,)), highest)
    if not leg.whole and row.severity is not highest and matter(leg.kind, sure=sure):
        raise subject.files_unknown()
    if row.outcome is Outcome.PASS and len(found) > 1:
        servers = tuple(dict.fromkeys(each.target.name for each in found))
        return passes(
            "The hosts may delegate to {service} of every server that holds or takes files: {servers}", service=CIFS, servers=servers
        )

    def remedy() -> Remedy:
        its_own = subject.route.storage_only or subject.world.plan.policy.prefer is Means.RESOURCE_BASED
        return _alternatives.remedy(way, ((way, question),), (way,) if its_own else ())

    return way.finding(row, remedy)
