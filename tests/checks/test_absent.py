"""Absent never becomes a value: whatever is empty, null or not there at all makes no failure go away.

Every field of every fact that a failing check reads is taken away in each of these ways. What the fact's type refuses was not read, and is
missing; the rest is judged again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from checks.check import Check
from checks.facts.directory import QUESTIONS, LocalGroup, OfDomain, UserAccount
from checks.facts.fact import Known
from checks.facts.host import SECTIONS, HostTopics
from checks.registry import all_checks
from checks.result import FindingRecord, Verdict
from checks.subject import RealmView
from tests.examples import some
from tests.reports.worlds import judged
from tests.world import TestWorld

GONE = object()
EMPTY: dict[type, Any] = {str: "", list: [], dict: {}}
ROWS = "guardian_certificates"
"""Its keys are what was found: a host that has one less is another host, and nothing that was not read."""
QUESTION_OF = {
    name: fact.question.name
    for name, fact in ((name, getattr(holder, name)) for holder in (HostTopics, RealmView) for name in dir(holder))
    if isinstance(fact, OfDomain)
}
"""The question to the controllers from whose answers a fact comes."""


class Failed(NamedTuple):
    check: Check
    world: TestWorld
    findings: tuple[FindingRecord, ...]


def failures() -> Iterator[Failed]:
    """Each way in which a check fails or stays undecided, once."""
    seen = set()
    checks = {check.id: replace(check, depends_on=()) for check in all_checks()}
    for world, result in judged():
        found: dict[str, list[FindingRecord]] = {}
        for finding in result.findings:
            if finding.verdict is not Verdict.GO:
                found.setdefault(finding.check, []).append(finding)
        for check, findings in found.items():
            if (kind := (check, findings[0].message.template)) not in seen:
                seen.add(kind)
                yield Failed(checks[check], world, tuple(findings))


def without(value: Any, *, rows: bool = False) -> Iterator[Any]:
    """A value as often as it has parts, each time with another of them empty, null or gone; of a list the first stands for all. The keys
    of `rows` stay."""
    steps = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for step, part in steps:
        for changed in (*(() if rows else (GONE,)), *without(part)):
            copy = value.copy()
            if changed is GONE:
                del copy[step]
            else:
                copy[step] = changed
            yield copy
    yield None
    if type(value) in EMPTY:
        yield EMPTY[type(value)]


def places(of: Failed) -> Iterator[tuple[str, Any, Any]]:
    """Where in the snapshot the facts stand that the check may read, each with its value and type."""
    names = {name.partition(".")[2] for name in of.check.facts}
    snapshot = of.world.snapshot
    for host, facts in snapshot.hosts.items():
        for name in names & SECTIONS.keys():
            if isinstance(fact := getattr(facts, name), Known):
                yield f"hosts.{host.replace('.', '·')}.{name}", fact.value, SECTIONS[name].type
    for host, account in snapshot.accounts.items():
        for controller, fact in account.views.items():
            if "account" in names and isinstance(fact, Known):
                yield f"accounts.{host.replace('.', '·')}.views.{controller.replace('.', '·')}", fact.value, type(fact.value)
    questions = {QUESTION_OF[name] for name in names & QUESTION_OF.keys()}
    for domain, told in snapshot.domains.items():
        for controller, said in told.controllers.items():
            for question in questions:
                if isinstance(fact := getattr(said, question), Known):
                    path = f"domains.{domain.replace('.', '·')}.controllers.{controller.replace('.', '·')}.{question}"
                    yield path, fact.value, QUESTIONS[question].type
    for operator, its in snapshot.operators.items():
        if "operator.account" in of.check.facts and isinstance(its.account, Known):
            yield f"operators.{operator.replace('.', '·')}.account", its.account.value, UserAccount
        for domain, groups in its.local.items() if "operator.token" in of.check.facts else ():
            if isinstance(groups, Known):
                yield f"operators.{operator.replace('.', '·')}.local.{domain.replace('.', '·')}", groups.value, tuple[LocalGroup, ...]


def test_whatever_is_empty_null_or_absent_makes_no_verdict_better() -> None:
    tried = 0
    better = []
    for failed in failures():
        for place, value, kind in places(failed):
            for changed in some(without(msgspec.to_builtins(value, str_keys=True), rows=place.endswith(ROWS))):
                try:
                    read = msgspec.convert(changed, kind, strict=False)
                except msgspec.ValidationError:
                    continue
                tried += 1
                result = failed.world.set(place, read).result((failed.check,))
                now = {finding.id: finding.verdict for finding in result.findings}
                for finding in failed.findings:
                    verdict = now[finding.id]
                    worse = verdict is Verdict.INCOMPLETE or verdict.weight >= finding.verdict.weight
                    if not worse:
                        better.append((finding.id, finding.message.text, place, changed))
    assert tried > 500
    assert better == []
