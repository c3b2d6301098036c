"""What applies and was not judged, because somebody has to give something or look where this program does not go: what, and who."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from checks.result import FindingRecord, Result
from reports.digest import Group, few, grouped, remedy_key
from reports.language import Language

TOLD = 3
"""So many sentences of what is to be done, and so many who do it, stand with one check; more are counted."""


SHORT: dict[str, str] = {
    "access.delegation_administrator": "who changes delegation",
    "domain.secure_channel": "the secure channel of a domain controller",
    "plan.rollback": "the way back",
    "plan.second_opinion": "output of Compare-VM",
    "plan.window": "change window",
    "platform.management_tools": "management tools of the computer where moves are started",
    "platform.patch_level": "updates of both hosts",
}
"""What a check asks for, in few words."""


def in_few_words(check: str, language: Language) -> str:
    """What a check asks for in few words; its id where it has none."""
    if check not in SHORT:
        return check
    named = SHORT[check]
    return language.say(named)


class Asked(NamedTuple):
    """What a check asks for: what lacks, what is to be done and by whom."""

    findings: tuple[FindingRecord, ...]
    lacks: str
    to_do: str
    who: str

    @property
    def check(self) -> str:
        return self.findings[0].check


def asked(result: Result, language: Language) -> tuple[Asked, ...]:
    """What is asked for, what weighs most first."""
    groups = grouped(finding for finding in result.findings if finding.asks)
    return tuple(_asked(group, language) for group in sorted(groups, key=lambda group: -group.severity.weight))


def _asked(group: Group, language: Language) -> Asked:
    remedies = {remedy_key(finding.remedy): finding.remedy for finding in group.findings if finding.remedy}.values()
    return Asked(
        tuple(group.findings),
        group.message(language),
        _few((language.say(remedy.template, **remedy.values) for remedy in remedies), ". ", language),
        _few((language.said(remedy, "who") for remedy in remedies), "; ", language),
    )


def _few(said: Iterable[str], between: str, language: Language) -> str:
    return between.join(few(tuple(dict.fromkeys(said)), TOLD, language))
