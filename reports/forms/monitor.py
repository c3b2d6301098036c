"""One line for monitoring, with performance data: as a plugin of Nagios prints it, and as a local check of Checkmk.

Sources: "Monitoring Plugins Development Guidelines" (states 0 to 3, `text | 'label'=value`), "Local checks" of Checkmk's handbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from checks.check import Outcome, Severity
from checks.result import Result, Verdict
from reports.escape import file_name, terminal
from reports.language import Language, iso
from reports.obstacles import verdict_in_words

OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATES = {Verdict.GO: OK, Verdict.CONDITIONS: WARNING, Verdict.NO_GO: CRITICAL, Verdict.INCOMPLETE: UNKNOWN}
NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def state(result: Result, now: datetime) -> int:
    """The state that a plugin exits with. What has expired is not known any more."""
    return UNKNOWN if result.expired(now) else STATES[result.verdict]


def nagios(result: Result, language: Language, now: datetime) -> str:
    measured = " ".join(f"{name}={value}" for name, value in _measured(result, now).items())
    return f"HVPREFLIGHT {NAMES[state(result, now)]} - {_text(result, language, now)} | {measured}\n"


def checkmk(result: Result, language: Language, now: datetime) -> str:
    measured = "|".join(f"{name}={value}" for name, value in _measured(result, now).items())
    service = "_".join(filter(None, ("hvpreflight", file_name(result.change.id) if result.change.id else ""))).replace('"', "_")
    return f'{state(result, now)} "{service}" {measured} {_text(result, language, now)}\n'


def _text(result: Result, language: Language, now: datetime) -> str:
    """The verdict and why, on one line without what would begin performance data."""
    title = result.change.name
    until = language.say("valid until {until}", until=iso(result.valid_until))
    said = (
        f"{title}: {verdict_in_words(result, language, now)}, {until}" if title else f"{verdict_in_words(result, language, now)}, {until}"
    )
    return terminal(said).replace("|", "¦")


def _measured(result: Result, now: datetime) -> Mapping[str, int]:
    failed = [finding.severity for finding in result.findings if finding.fails]
    undecided = [finding.severity for finding in result.findings if finding.undecided]
    return {
        "blockers": failed.count(Severity.BLOCKER),
        "risks": failed.count(Severity.RISK),
        "blockers_not_judged": undecided.count(Severity.BLOCKER),
        "risks_not_judged": undecided.count(Severity.RISK),
        "passed": result.counts.get(Outcome.PASS, 0),
        "moves": len(result.moves),
        "moves_go": sum(move.verdict is Verdict.GO for move in result.moves),
        "valid_seconds": max(0, int((result.valid_until - now).total_seconds())),
    }
