"""The runs of a folder on one page, by their changes: what was judged when, and whether it still counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from markupsafe import Markup
from msgspec import Struct

from checks.check import Outcome
from checks.facts.snapshot import Collected
from checks.result import ChangeInfo, NotCompared, Verdict
from reports.digest import counted, few, moved
from reports.html import environment, file_of, policy
from reports.language import Language
from reports.times import both, utc

GENERATOR = "hvpreflight runs"
"""By this such a page is known, and may be written anew."""
MOVES_NAMED = 3
EXPIRED = "EXPIRED"
_TOLD = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN)


class Way(Struct, frozen=True):
    """A move by what it is called."""

    vm: str
    source: str
    target: str


class Told(Struct, frozen=True):
    """What a result tells without its findings."""

    verdict: Verdict
    valid_until: datetime
    collected: Collected
    change: ChangeInfo
    counts: dict[str, int]
    moves: tuple[Way, ...] = ()


class Run(NamedTuple):
    """A run folder by its name, what it tells, and where its report lies: a link from the page, or empty where there is none."""

    folder: str
    told: Told
    report: str


class _Row(NamedTuple):
    run: Run
    late: bool
    moves: tuple[str, ...]
    counts: tuple[tuple[Outcome, int], ...]


def render(
    runs: Iterable[Run], unread: Sequence[NotCompared], *, now: datetime, language: Language, version: str, most: int | None = None
) -> str:
    """The page, for the folder in which the runs lie. `unread`: what could not be told; `most`: so many runs were told of more."""
    changes: dict[str, list[_Row]] = {}
    for run in sorted(runs, key=lambda run: run.told.collected.end, reverse=True):
        changes.setdefault(run.told.change.name, []).append(_row(run, now, language))
    newest = Counter(EXPIRED if first.late else str(first.run.told.verdict) for first, *_ in changes.values())
    style = Markup(file_of("report.css"))  # noqa: S704 - our own file
    words = {
        "t": language.say,
        "show": language.show,
        "both": both,
        "counted": lambda kind, count: counted(kind, count, language),
        "collector": language.collector,
    }
    return (
        environment()
        .get_template("runs.html")
        .render(
            words,
            language=language.name,
            style=style,
            policy=policy(style),
            generator=GENERATOR,
            now=utc(now.astimezone(UTC)),
            newest=tuple((word, newest[word]) for word in (*reversed(Verdict), EXPIRED) if newest[word]),
            changes=tuple(changes.items()),
            unread=tuple(unread),
            left_out=most,
            tool="hvpreflight",
            version=version,
        )
    )


def _row(run: Run, now: datetime, language: Language) -> _Row:
    told = run.told
    return _Row(
        run,
        now > told.valid_until,
        few([f"{moved(move.vm, language)}, {move.source} → {move.target}" for move in told.moves], MOVES_NAMED, language),
        tuple((outcome, count) for outcome in _TOLD if (count := told.counts.get(outcome, 0))),
    )
