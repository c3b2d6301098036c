"""What could not be read, told once for each host: not again by every finding that waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from checks.check import Severity
from checks.result import FindingRecord, Result
from checks.text import Text, Value
from checks.windows.names import HostName
from reports.language import Language
from reports.obstacles import Obstacle, not_known

SEVERAL = 2
"""So many findings that wait for the same are told together."""


class Unread(NamedTuple):
    """A host of which something could not be read: that for which most findings wait first."""

    host: str
    obstacles: tuple[Obstacle, ...]

    @property
    def findings(self) -> tuple[FindingRecord, ...]:
        return tuple(finding for obstacle in self.obstacles for finding in obstacle.findings)

    @property
    def severity(self) -> Severity:
        return max((obstacle.severity for obstacle in self.obstacles), key=lambda severity: severity.weight)

    def tried(self, language: Language) -> str:
        """What was tried, and why it failed, in one sentence."""
        first = self.obstacles[0]
        found = first.findings[0]
        detail = found.message.values.get("detail")
        reason = first.reason
        why = language.say(reason)
        cause = f"{why}, {language.show(detail)}" if detail else why
        return f"{language.show(first.source)}: {cause}"

    def to_do(self, language: Language) -> str:
        """Who can make it known, and how."""
        first = self.obstacles[0]
        return f"{first.who(language)}: {replace(first, source=self.host).how(language)}"


def unread(result: Result) -> tuple[Unread, ...]:
    """The hosts for whose answers several findings wait, those that hold up most first."""
    found: dict[HostName, list[Obstacle]] = {}
    for obstacle in not_known(result):
        if host := _host(obstacle.source):
            found.setdefault(HostName(host), []).append(obstacle)
    told = []
    for obstacles in found.values():
        obstacles.sort(key=lambda each: -len(each.findings))
        each = Unread(_host(obstacles[0].source), tuple(obstacles))
        if len(each.findings) >= SEVERAL:
            told.append(each)
    return tuple(sorted(told, key=lambda each: (-each.severity.weight, -len(each.findings))))


def _host(source: Value) -> str:
    """The host that was asked, where that is known."""
    named = source.values.get("host") if isinstance(source, Text) else None
    return named if isinstance(named, str) else ""
