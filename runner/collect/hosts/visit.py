"""One visit to a host over PowerShell remoting: one shell, one pipeline, one JSON text a section, and always a complete set of facts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event
from typing import NamedTuple

from msgspec.structs import replace

from checks.facts.fact import Reason
from checks.facts.host import HOST_FACTS, HostFacts, LogFacts, missing_host, missing_logs
from checks.facts.snapshot import HostVisit
from checks.text import Text, text
from runner.collect.credentials import Credentials
from runner.collect.hosts import answer
from runner.collect.hosts.failures import explain
from runner.collect.hosts.request import EventRange, Partner, Request, for_facts, for_logs
from runner.collect.hosts.script import script
from runner.collect.hosts.session import Session
from runner.collect.hosts.target import Target
from runner.collect.unread import Unread


class Brought(NamedTuple):
    """What a visit brought: the texts that arrived, how it was authenticated and which name that proved, the sections that were given up
    so that others could be read, and why it ended before all was read."""

    texts: Sequence[str]
    authentication: str
    proved: str
    given_up: Sequence[str]
    ended: Unread | None


def visit(
    target: Target,
    partners: Sequence[Partner],
    credentials: Credentials,
    deadline_s: float,
    interrupted: Event | None = None,
    sections: tuple[str, ...] = HOST_FACTS,
    domains: Sequence[str] = (),
    files: Sequence[str] = (),
) -> tuple[HostFacts, HostVisit]:
    """The facts of one host in these sections, and how it was visited. Never raises: what was not read is missing, with the reason.

    The visit ends within `deadline_s`, or soon after `interrupted` is set, and keeps what had arrived; a host that goes on sending very
    slowly needs a caller that stops waiting.
    """
    start, engine = now(), ""
    brought = _ask(target, credentials, deadline_s, for_facts(partners, sections, domains=domains, files=files), interrupted)
    try:
        facts, engine = answer.read(brought.texts, target.name.spelled, now(), brought.given_up, brought.ended)
    except Unread as error:
        facts = missing_host(error.reason, visit_to(target), now(), error.detail)
    return facts, HostVisit(start, now(), target.address, brought.authentication, target.protection, engine, brought.proved)


def read_log(target: Target, wanted: EventRange, credentials: Credentials, deadline_s: float, interrupted: Event | None = None) -> LogFacts:
    """What the event logs of one host hold. Never raises, and ends, as `visit` does."""
    brought = _ask(target, credentials, deadline_s, for_logs(wanted), interrupted)
    try:
        return answer.read_log(brought.texts, target.name.spelled, now(), brought.given_up, brought.ended)
    except Unread as error:
        return missing_logs(error.reason, visit_to(target), now(), error.detail)


def _ask(target: Target, credentials: Credentials, deadline_s: float, request: Request, interrupted: Event | None) -> Brought:
    texts: list[str] = []
    given_up: list[str] = []
    authentication, proved, ended = target.auth.value, "", None
    try:
        session = Session(target, credentials, time.monotonic() + deadline_s, interrupted or Event())
        try:
            session.open()
            proved = session.proved
            _read(session, request, texts, given_up)
        finally:
            authentication = session.authentication
            session.close()
    except Exception as error:  # a visit ends in facts, whatever the host does
        ended = Unread(*explain(error))
    return Brought(texts, authentication, proved, given_up, ended)


def _read(session: Session, request: Request, texts: list[str], given_up: list[str]) -> None:
    """Run the script; when a section hangs, run it again for those after it."""
    waiting = request.sections
    while waiting:
        brought: list[str] = []
        try:
            whole = session.run(script(waiting), replace(request, sections=waiting).encoded(), brought.append, 1 + len(waiting))
        finally:
            texts += brought[1:] if texts else brought
        if whole:
            return
        if not brought:
            raise Unread(Reason.TIMED_OUT, text("the script does not begin"))
        hanging = len(brought) - 1
        given_up.append(waiting[hanging])
        waiting = waiting[hanging + 1 :]


def visit_to(target: Target) -> Text:
    """The source of facts that a whole visit did not bring."""
    return text("visit to {host} ({address})", host=target.name.spelled, address=target.address)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
