"""From readings to what is said of each failed operation in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from checks.errors.diagnosis import Answers, By, Diagnosed, Operation
from checks.errors.observation import Fact, Observation, Output, OutputKind, Reading, Record
from checks.text import Text, text
from runner.diagnose.judge import Judge
from runner.diagnose.operations import join, succeeded
from runner.diagnose.rank import rank
from runner.diagnose.timeline import Around, timeline

if TYPE_CHECKING:
    from runner.diagnose.configuration import Settings

MOST_NAMED = 12
"""So many names of one output are said."""


def answered(readings: Iterable[Reading], judge: Judge | None = None) -> Answers:
    """The diagnosis of each operation, those with a known cause first; what could not be read; what was recognized beside."""
    problems: list[Text] = []
    facts: list[Fact] = []
    outputs: list[Output] = []
    observations: list[Observation] = []
    records: list[Record] = []
    beside: list[Observation] = []
    for reading in readings:
        problems += reading.problems
        facts += reading.facts
        outputs += reading.outputs
        observations += reading.observations
        records += reading.records
        beside += reading.beside
    told = tuple(dict.fromkeys(facts))
    settings = _settings(records) if records else None
    around = Around([*beside, *(seen for seen in observations if not seen.vm)], judge.snapshot if judge else None)
    answers = [_answer(operation, judge, told, settings, around) for operation in join(observations, judge.names if judge else None)]
    telling = {
        (each.diagnosis.operation.source, each.diagnosis.operation.target, each.diagnosis.operation.vm) for each in answers if each.tells
    }
    meant = telling.pop() if len(telling) == 1 else (None, None, None)
    whole = settings.of(*meant) if settings and judge is None else None
    noticed = tuple(_noticed(observations, [each for each in outputs if whole is None or each.kind is not OutputKind.PROPERTIES]))
    answers = [answer for answer in answers if answer.tells] or ([] if noticed or whole else answers[:1])
    if settings and settings.left_out:
        problems.append(text("{count} moves were not judged by the settings in the text: there are too many", count=settings.left_out))
    answers.sort(key=lambda answer: not any(not found.error.wrapper for found in answer.diagnosis.found))
    return Answers(tuple(answers), tuple(problems), noticed, tuple(_before(outputs)), whole)


def _answer(operation: Operation, judge: Judge | None, facts: tuple[Fact, ...], settings: Settings | None, around: Around) -> Diagnosed:
    if judge is None:
        told = settings.of(operation.source, operation.target, operation.vm) if settings else None
        answer = Diagnosed(rank(operation, told.views if told else (), facts, By.TOLD), None)
    else:
        judged = judge.of(operation)
        answer = Diagnosed(rank(operation, judged.views, facts), judged)
    return replace(answer, timeline=timeline(operation, answer.direction, around))


def _settings(records: list[Record]) -> Settings:
    from runner.diagnose.configuration import Settings

    return Settings(records)


def _noticed(observations: Iterable[Observation], outputs: Iterable[Output]) -> Iterator[Text]:
    """What was recognized and is no failure: moves that succeeded, and outputs."""
    for vm in succeeded(observations)[:MOST_NAMED]:
        yield text("{vm} was moved: the event says that this move succeeded", vm=vm)
    gathered: dict[tuple[OutputKind, str | None], dict[str, None]] = {}
    for output in (each for each in outputs if each.kind is not OutputKind.CHANGED):
        gathered.setdefault((output.kind, output.of), {})[output.what] = None
    for (kind, of), names in gathered.items():
        said = tuple(names)[:MOST_NAMED]
        if kind is OutputKind.SERVICE_NAMES:
            yield text("service names of {host}: {names}", host=of or "", names=said)
        elif kind is OutputKind.TICKET:
            yield text("tickets for {names}", names=said)
        elif of:
            yield text("properties of {host}: {names}", host=of, names=said)
        else:
            yield text("properties of a host or VM: {names}", names=said)


def _before(outputs: Iterable[Output]) -> Iterator[Text]:
    for output in dict.fromkeys(each for each in outputs if each.kind is OutputKind.CHANGED):
        yield text("The delegation of {host} was changed {minutes} minutes before the failure", host=output.of or "", minutes=output.what)
