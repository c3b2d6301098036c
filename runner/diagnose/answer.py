"""From readings to what is said of each failed operation in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from checks.errors.diagnosis import Answers, Diagnosed, Operation
from checks.errors.observation import Fact, Observation, Output, OutputKind, Reading
from checks.text import Text, text
from runner.diagnose.judge import Judge
from runner.diagnose.operations import join, succeeded
from runner.diagnose.rank import rank
from runner.diagnose.timeline import Around, timeline

MOST_NAMED = 12
"""So many names of one output are said."""


def answered(readings: Iterable[Reading], judge: Judge | None = None) -> Answers:
    """The diagnosis of each operation, those with a known cause first; what could not be read; what was recognized beside."""
    problems: list[Text] = []
    facts: list[Fact] = []
    outputs: list[Output] = []
    observations: list[Observation] = []
    beside: list[Observation] = []
    for reading in readings:
        problems += reading.problems
        facts += reading.facts
        outputs += reading.outputs
        observations += reading.observations
        beside += reading.beside
    told = tuple(dict.fromkeys(facts))
    around = Around([*beside, *(seen for seen in observations if not seen.vm)], judge.snapshot if judge else None)
    answers = [_answer(operation, judge, told, around) for operation in join(observations, judge.names if judge else None)]
    noticed = tuple(_noticed(observations, outputs))
    answers = [answer for answer in answers if answer.tells] or ([] if noticed else answers[:1])
    answers.sort(key=lambda answer: not any(not found.error.wrapper for found in answer.diagnosis.found))
    return Answers(tuple(answers), tuple(problems), noticed, tuple(_before(outputs)))


def _answer(operation: Operation, judge: Judge | None, facts: tuple[Fact, ...], around: Around) -> Diagnosed:
    judged = judge.of(operation) if judge else None
    answer = Diagnosed(rank(operation, judged.views if judged else (), facts), judged)
    return replace(answer, timeline=timeline(operation, answer.direction, around))


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
