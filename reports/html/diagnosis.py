"""A diagnosis as one page: what failed, the causes in their order with what carries each, and what happened around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from checks.errors.diagnosis import Answers, Diagnosed, Ranked, Standing
from checks.errors.timeline import Machine, Moment, Part, Timeline
from reports import diagnosis as told
from reports.html import environment, file_of, policy
from reports.language import Language
from reports.times import utc

TONES = {
    Standing.FAILS: "bad",
    Standing.MAY_FAIL: "fair",
    Standing.SHOWN_BY_TEXT: "fair",
    Standing.OPEN: "open",
    Standing.RULED_OUT_BY_TEXT: "quiet",
    Standing.HOLDS: "quiet",
}
SIGNS = {
    Standing.FAILS: "✗",
    Standing.MAY_FAIL: "△",
    Standing.SHOWN_BY_TEXT: "△",
    Standing.OPEN: "?",
    Standing.RULED_OUT_BY_TEXT: "–",
    Standing.HOLDS: "✓",
}
"""Beside the colour, for whom it says nothing."""
PAUSE = timedelta(minutes=1)
"""A longer one between two moments is said."""
MOST_OPERATIONS = 50


class _Row(NamedTuple):
    """A moment in its lane; before it a day where it is another one, or a pause."""

    moment: Moment
    lane: int
    day: str
    pause: str


class _Lane(NamedTuple):
    number: int
    machines: tuple[Machine, ...]


def render(answers: Answers, *, now: datetime, language: Language, version: str) -> str:
    """The page. Names and texts of others stand in it as text, whatever they hold."""
    style = Markup(file_of("report.css") + file_of("diagnosis.css"))  # noqa: S704 - our own files
    words = {
        "t": language.say,
        "show": language.show,
        "say": lambda said: language.say(said.template, **said.values),
        "of": language.of_error,
        "understood": lambda operation: told.understood(operation, language),
        "codes": lambda diagnosis: tuple(line.text for line in told.codes(diagnosis, language)),
        "judged": lambda judged: told.judged(judged, language),
        "carried": lambda ranked: told.carried(ranked, language),
        "finding": lambda record: told.finding(record, language),
        "evidence_of": language.evidence,
        "fixes": lambda ranked: tuple(told.fixes(ranked, language)),
        "mended": lambda remedy: told.mended(remedy, language),
        "under": lambda settings, record: told.under(settings, record, language),
        "untimed": told.untimed,
        "decides": lambda ranked: told.decides(ranked, language),
        "launches": lambda ranked: told.launches(ranked, language),
        "says": lambda moment: told.says(moment, language),
        "event_of": told.event_of,
        "iso_ms": told.iso_ms,
        "clock": lambda machine: told.clock(machine, language),
        "name": lambda answer, number: _name(answer, number, language),
        "rows": lambda line: tuple(_rows(line, language)),
        "lanes": _lanes,
        "likely": _likely,
        "rest": _rest,
    }
    return (
        environment()
        .get_template("diagnosis.html")
        .render(
            words,
            language=language.name,
            style=style,
            policy=policy(style),
            now=utc(now.astimezone(UTC)),
            answers=answers,
            shown=answers.diagnosed[:MOST_OPERATIONS],
            left_out=max(0, len(answers.diagnosed) - MOST_OPERATIONS),
            tones=TONES,
            signs=SIGNS,
            parts=told.PARTS,
            ways=told.TO_GET_A_MESSAGE,
            standing=Standing,
            tool="hvpreflight",
            version=version,
        )
    )


def _likely(causes: Sequence[Ranked]) -> tuple[Ranked, ...]:
    return tuple(ranked for ranked in causes if ranked.standing not in (Standing.HOLDS, Standing.RULED_OUT_BY_TEXT))


def _rest(causes: Sequence[Ranked]) -> tuple[Ranked, ...]:
    return tuple(ranked for ranked in causes if ranked.standing in (Standing.HOLDS, Standing.RULED_OUT_BY_TEXT))


def _name(answer: Diagnosed, number: int, language: Language) -> str:
    """What an operation is called: its VM, its way and when it failed, as far as they are known."""
    source, target = answer.direction
    if answer.timeline:
        called = {machine.part: machine.name for machine in answer.timeline.machines}
        source, target = called.get(Part.SOURCE), called.get(Part.TARGET)
    vm = answer.diagnosis.operation.vm
    way = f"{source or '?'} → {target or '?'}" if source or target else ""
    at = utc(answer.diagnosis.operation.end) if answer.diagnosis.operation.end else ""
    return ", ".join(filter(None, (vm, way, at))) or language.say("Operation {number}", number=number)


def _lanes(line: Timeline) -> tuple[_Lane, ...]:
    """Source, target, and all others together; none that nobody has."""
    parts: tuple[tuple[Part, ...], ...] = ((Part.SOURCE,), (Part.TARGET,), (Part.CONTROLLER, Part.OTHER))
    machines = (tuple(each for each in line.machines if each.part in lane) for lane in parts)
    return tuple(_Lane(number, each) for number, each in enumerate((each for each in machines if each), 1))


def _rows(line: Timeline, language: Language) -> Iterator[_Row]:
    lane_of = {machine: lane.number for lane in _lanes(line) for machine in lane.machines}
    before: datetime | None = None
    for moment in line.moments:
        day = moment.at.date().isoformat() if before is None or moment.at.date() != before.date() else ""
        pause = _pause(moment.at - before, language) if before is not None and moment.at - before > PAUSE else ""
        yield _Row(moment, lane_of.get(moment.machine, len(lane_of)), day, pause)
        before = moment.at


def _pause(took: timedelta, language: Language) -> str:
    minutes = round(took.total_seconds() / 60)
    if minutes < 120:
        return language.say("{count} min later", count=minutes)
    return language.say("{count} h later", count=round(minutes / 60))
