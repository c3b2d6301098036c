"""What became of the findings since the last run of the same plan: recorded in a result, and told from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from checks.result import EarlierRun, FindingRecord, NotCompared, Result, Since
from reports.difference import COUNT_AS_NEW, Became, differences
from reports.digest import grouped
from reports.language import Language

MOST_BEFORE = 200
"""So many findings that still fail are kept as they were."""
GROUPS_TOLD = 10
"""So much of what became the same is told; `diff` tells all."""
ROWS_TOLD = 3
"""Rows of evidence of one finding that are told as they were."""

_AS_THEY_WERE = (Became.EVIDENCE, Became.GRAVER)


def recorded(folder: str, old: Result, new: Result, unread: Sequence[NotCompared]) -> Since:
    """What became of the findings of an earlier run, which lies in a folder of this name."""
    found = differences(old, new)
    was = {finding.id: finding for finding in old.findings}
    gone = [replace(each.finding, remedy=None, evidence=()) for each in found if each.became is Became.GONE]
    other = [replace(was[each.finding.id], remedy=None) for each in found if each.became in _AS_THEY_WERE]
    return Since(
        EarlierRun(folder, old.verdict, old.collected.end, old.snapshot_sha256, old.plan_sha256, old.tool.rules),
        {became.name.lower(): ids for became in Became if (ids := tuple(each.finding.id for each in found if each.became is became))},
        (*gone, *other[:MOST_BEFORE]),
        tuple(unread),
    )


class Row(NamedTuple):
    """Findings of which the same became: as they are now, or were where they are `gone`, and what there was before that is shown."""

    findings: tuple[FindingRecord, ...]
    gone: bool
    was: tuple[str, ...] = ()


class Part(NamedTuple):
    """What became of some findings, how many these are, and the first of them."""

    became: Became
    total: int
    rows: tuple[Row, ...]
    left: int
    """Findings that no row tells."""


def parts(result: Result, language: Language) -> tuple[Part, ...]:
    """What became of the findings of the last run, in the order of telling."""
    return tuple(_parts(result, result.since, language)) if result.since else ()


def _parts(result: Result, since: Since, language: Language) -> Iterator[Part]:
    now = {finding.id: finding for finding in result.findings}
    before = {finding.id: finding for finding in since.before}
    for became in Became:
        ids = since.changes.get(became.name.lower(), ())
        if not ids:
            continue
        its = before if became is Became.GONE else now
        findings = sorted((its[id] for id in ids if id in its), key=lambda finding: -finding.severity.weight)
        if became in _AS_THEY_WERE:
            rows = [Row((each,), False, _was(before.get(each.id), each, language)) for each in findings[:GROUPS_TOLD]]
        else:
            rows = [Row(tuple(group.findings), became is Became.GONE) for group in grouped(findings)[:GROUPS_TOLD]]
        yield Part(became, len(ids), tuple(rows), len(ids) - sum(len(row.findings) for row in rows))


def _was(was: FindingRecord | None, now: FindingRecord, language: Language) -> tuple[str, ...]:
    """What a failure said before that it does not say now."""
    if was is None:
        return ()
    said = [] if was.severity is now.severity else [str(was.severity)]
    if (message := was.message).text != now.message.text:
        said.append(language.say(message.template, **message.values))
    shown = {(each.what, each.actual, each.expected) for each in now.evidence}
    rows = [each for each in was.evidence if (each.what, each.actual, each.expected) not in shown]
    return (*said, *(f"{language.said(each, 'what')}: {language.said(each, 'actual')}" for each in rows[:ROWS_TOLD]))


def in_short(result: Result, language: Language) -> str:
    """One line: `NO-GO in 20261205T120000Z-CHG0042317: new failures 1, fixed 2`."""
    say, since = language.say, result.since
    if since is None:
        return say("This result is older than the comparison with earlier runs.")
    if (earlier := since.earlier) is None:
        return say("No earlier run was found beside this one.")
    counts = [f"{say(became)} {len(ids)}" for became in Became if (ids := since.changes.get(became.name.lower()))]
    told = ", ".join(counts) or say("nothing changed")
    return say("{verdict} in {folder}: {changes}", verdict=say(earlier.verdict), folder=earlier.folder, changes=told)


def grew_worse(part: Part) -> bool:
    """Is this what makes a run worse."""
    return part.became in COUNT_AS_NEW
