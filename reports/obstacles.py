"""What stands between a result and GO: the rule that gave the verdict, and each thing that would have to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.result import FindingRecord, Result, Verdict, standing_in_the_way
from checks.text import Value
from reports.digest import RULES, RootCause, few, root_causes
from reports.language import Language

STANDING = {
    Verdict.NO_GO: ("{count} blocker ({checks})", "{count} blockers ({checks})"),
    Verdict.INCOMPLETE: ("{count} blocker not judged ({checks})", "{count} blockers not judged ({checks})"),
    Verdict.CONDITIONS: ("{count} risk ({checks})", "{count} risks ({checks})"),
}
"""What stands in the way, as one and as several."""
ACCEPTED = ("{count} accepted blocker ({checks})", "{count} accepted blockers ({checks})")

CHECKS_NAMED = 5
"""So many checks are named as what stands in the way."""


def verdict_in_words(result: Result, language: Language, now: datetime | None) -> str:
    """`NO-GO: 2 blockers (delegation.cifs, delegation.protocol)`; of a result that has expired at this time what it was."""
    verdict = language.say(result.verdict)
    if now is not None and result.expired(now):
        verdict = language.say("EXPIRED, was {verdict}", verdict=verdict)
    return f"{verdict}: {why(result, language)}{told_of_pairs(result, language, '. ')}"


def told_of_pairs(result: Result, language: Language, before: str) -> str:
    """What a verdict does not say where pairs were judged and no VM, with this before it; else nothing."""
    if not result.moves or any(move.vm for move in result.moves):
        return ""
    return before + language.say("The pair was judged without a VM: nothing is said of any VM.")


def why(result: Result, language: Language) -> str:
    """`2 blockers (delegation.cifs, delegation.protocol)`."""
    standing = standing_in_the_way(result.findings, result.verdict)
    if not standing:
        if not result.moves:
            return language.say("the plan holds no move")
        held = result.counts.get(Outcome.PASS, 0)
        return language.say("{count} findings hold, no blocker and no risk is left", count=held)
    accepted = [finding for finding in standing if finding.waiver is not None]
    others = [finding for finding in standing if finding.waiver is None]
    parts = ((STANDING[result.verdict], others), (ACCEPTED, accepted))
    return ", ".join(_counted(said, findings, language) for said, findings in parts if findings)


def _counted(said: tuple[str, str], findings: Iterable[FindingRecord], language: Language) -> str:
    checks = tuple(dict.fromkeys(finding.check for finding in findings))
    one, many = said
    return language.say(one if len(checks) == 1 else many, count=len(checks), checks=few(checks, CHECKS_NAMED, language))


def rule(result: Result, language: Language) -> str:
    """The rule that gave the verdict, and how often it applied."""
    if not result.moves and result.verdict is Verdict.INCOMPLETE:
        return language.say("The plan holds no move: there is nothing that could be judged.")
    count = len(standing_in_the_way(result.findings, result.verdict))
    said = language.say(RULES[result.verdict])
    if count:
        said = f"{said} {language.say('Findings that decided it: {count}.', count=count)}"
    return f"{said}{told_of_pairs(result, language, ' ')}"


HOW: dict[str, str] = {
    Reason.UNREACHABLE: "Make it reachable from where this program runs (name, address, port, firewall): {source}",
    Reason.ACCESS_DENIED: "Let the collecting account read it (hvpreflight explain {check} names the rights): {source}",
    Reason.NOT_SUPPORTED: "Look by hand at what {checks} ask for, because this Windows does not tell: {source}",
    Reason.NOT_INSTALLED: "Install what answers this, or look by hand at what {checks} ask for: {source}",
    Reason.TIMED_OUT: "Find out why it answers late, or wait longer for it (--host-deadline, --deadline): {source}",
    Reason.UNREADABLE: "Look by hand at what {checks} ask for, because the answer was none that could be read: {source}",
    Reason.CONTRADICTORY: "Settle which of the answers is right: {source}",
    Reason.NOT_COLLECTED: "Collect it: {source}",
}
"""What is to be done so that something becomes known, by why it is not."""

WHO: dict[str, str] = {
    Reason.UNREACHABLE: "whoever runs this program, with the administrator of the network",
    Reason.ACCESS_DENIED: "administrator of the host or the domain that is asked",
    Reason.NOT_SUPPORTED: "administrator of the host",
    Reason.NOT_INSTALLED: "administrator of the host",
    Reason.TIMED_OUT: "administrator of the host or the domain that is asked",
    Reason.UNREADABLE: "administrator of the host or the domain that is asked",
    Reason.CONTRADICTORY: "administrator of the domain",
    Reason.NOT_COLLECTED: "whoever runs this program",
}
"""Who can do it."""

BUG = "Report a bug of hvpreflight in {checks}, or judge these by hand"
SETTLE = "Settle what {checks} ask for"
BUG_WHO = "whoever runs this program"


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands between this result and GO: a root cause, or findings that were not judged for one reason. `source` is
    what could not be read, where the findings name it."""

    severity: Severity
    cause: RootCause | None = None
    outcome: Outcome | None = None
    reason: str = ""
    source: Value = ""
    findings: tuple[FindingRecord, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.check for finding in self.findings))

    def how(self, language: Language) -> str:
        """What is to be done so that what is not known becomes known, without a full stop."""
        checks = few(self.checks, CHECKS_NAMED, language)
        if self.outcome is Outcome.ERROR:
            return language.say(BUG, checks=checks)
        template = HOW.get(self.reason, SETTLE) if self.source else SETTLE
        return language.say(template, source=self.source, check=self.checks[0], checks=checks)

    def who(self, language: Language) -> str:
        named = WHO.get(self.reason, BUG_WHO)
        return language.say(named)


def not_known(result: Result) -> tuple[Obstacle, ...]:
    """What could not be judged, by why: what is an obstacle to more than advice first."""
    found: dict[tuple[Outcome, str, Value], list[FindingRecord]] = {}
    for finding in result.findings:
        if finding.undecided:
            alike = (finding.outcome, str(finding.reason or ""), finding.lacks.source if finding.lacks else "")
            found.setdefault(alike, []).append(finding)
    made = (
        Obstacle(
            max((each.severity for each in findings), key=lambda severity: severity.weight), None, outcome, reason, source, tuple(findings)
        )
        for (outcome, reason, source), findings in found.items()
    )
    return tuple(sorted(made, key=lambda obstacle: -obstacle.severity.weight))


def obstacles(result: Result, unknown: tuple[Obstacle, ...] | None = None) -> tuple[Obstacle, ...]:
    """What would make it GO, in the order in which it counts: blockers that failed, blockers not judged, then the same for risks.
    `unknown`: what is not known, where that is at hand."""
    unknown = not_known(result) if unknown is None else unknown
    found: list[Obstacle] = []
    for severity in (Severity.BLOCKER, Severity.RISK):
        found += (Obstacle(severity, cause) for cause in root_causes(result, severity))
        found += (each for each in unknown if each.severity is severity)
    return tuple(found)


def numbered(steps: Iterable[Obstacle]) -> Iterator[tuple[Obstacle, str]]:
    """Each step with what the page calls it: `BLOCKER 1`; what is not known has its checks."""
    numbers: dict[Severity, int] = {}
    for step in steps:
        if step.cause is None:
            yield step, step.checks[0]
            continue
        numbers[step.severity] = numbers.get(step.severity, 0) + 1
        yield step, f"{step.severity} {numbers[step.severity]}"
