"""From readings to what is said of each failed operation in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.errors.diagnosis import Diagnosed, Operation
from checks.errors.observation import Observation, Reading
from runner.diagnose.judge import Judge
from runner.diagnose.operations import join
from runner.diagnose.rank import rank


def answered(readings: Iterable[Reading], judge: Judge | None = None) -> tuple[list[Diagnosed], list[str]]:
    """The diagnosis of each operation, those with a known cause first, and what could not be read."""
    problems: list[str] = []
    operations = join(_observations(readings, problems), judge.names if judge else None)
    answers = [_answer(operation, judge) for operation in operations]
    answers = [answer for answer in answers if answer.tells] or answers[:1]
    answers.sort(key=lambda answer: not any(not found.error.wrapper for found in answer.diagnosis.found))
    return answers, problems


def _observations(readings: Iterable[Reading], problems: list[str]) -> Iterator[Observation]:
    for reading in readings:
        problems += reading.problems
        yield from reading.observations


def _answer(operation: Operation, judge: Judge | None) -> Diagnosed:
    judged = judge.of(operation) if judge else None
    return Diagnosed(rank(operation, judged.views if judged else ()), judged)
