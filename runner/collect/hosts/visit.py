"""One visit to a host over PowerShell remoting: one shell, one pipeline, one JSON answer, and always a complete set of facts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from checks.facts.fact import Missing
from checks.facts.host import HostFacts, LogFacts, missing_host
from checks.facts.snapshot import HostVisit
from checks.text import Text, text
from runner.collect.credentials import Credentials
from runner.collect.hosts import answer
from runner.collect.hosts.failures import explain
from runner.collect.hosts.request import EventRange, Partner, Request, for_facts, for_logs
from runner.collect.hosts.script import script
from runner.collect.hosts.session import Session
from runner.collect.hosts.target import Target


def visit(target: Target, partners: Sequence[Partner], credentials: Credentials, deadline_s: float) -> tuple[HostFacts, HostVisit]:
    """The facts of one host and how it was visited. Never raises: a host that cannot be read has every fact missing, with the reason.

    `deadline_s` ends the visit at the next request; a host that goes on sending very slowly needs a caller that stops waiting.
    """
    start = now()
    engine, authentication = "", target.auth.value
    try:
        session = Session(target, credentials, time.monotonic() + deadline_s)
        try:
            answered = _ask(session, for_facts(partners))
        finally:
            authentication = session.authentication
            session.close()
        facts, engine = answer.read(answered, target.name.spelled, now())
    except Exception as error:  # a visit ends in facts, whatever the host does
        reason, detail = explain(error)
        facts = missing_host(reason, visit_to(target), now(), detail)
    return facts, HostVisit(start, now(), target.address, authentication, target.protection, engine)


def read_log(target: Target, wanted: EventRange, credentials: Credentials, deadline_s: float) -> LogFacts:
    """What the event logs of one host hold. Never raises, and ends, as `visit` does."""
    try:
        session = Session(target, credentials, time.monotonic() + deadline_s)
        try:
            answered = _ask(session, for_logs(wanted))
        finally:
            session.close()
        return answer.read_log(answered, target.name.spelled, now())
    except Exception as error:
        reason, detail = explain(error)
        return LogFacts(events=Missing(reason, visit_to(target), now(), detail))


def _ask(session: Session, request: Request) -> str:
    return session.run(script(request.sections), request.encoded())


def visit_to(target: Target) -> Text:
    """The source of facts that a whole visit did not bring."""
    return text("visit to {host} ({address})", host=target.name.spelled, address=target.address)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
