"""`hvpreflight diagnose`: from what somebody has of a failed move to its ranked causes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import UTC, datetime
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from checks.errors.diagnosis import Answers
from checks.errors.observation import Reading
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.text import text
from reports import diagnosis as report
from reports.console import BytesRead
from reports.escape import visible_json
from reports.language import Language
from runner import say
from runner.commands.check import collected, credentials_of
from runner.configured import in_force
from runner.diagnose.answer import answered
from runner.diagnose.judge import Judge
from runner.diagnose.read import read_inputs
from runner.environment import color
from runner.files.folder import write_new
from runner.files.snapshot import read_snapshot
from runner.options import Options, UsageError
from runner.system import unseen
from runner.version import VERSION

ANSWERED, NOTHING_FITS = 0, 6


class Facts(NamedTuple):
    """Where the facts come from: a snapshot, with the plan that it was taken for; or the hosts of the plan `live`, and their event logs
    of so many days; or nowhere."""

    snapshot: Path | None = None
    plan: Path | None = None
    live: Path | None = None
    days: int = 7


def diagnose(files: tuple[Path, ...], facts: Facts, options: Options, *, entered: bool = False, out: Path | None = None) -> int:
    """Read, join, rank and show; returns the exit code. `entered`: standard input is asked for beside files; `out`: a new file for the
    answer. Raises UsageError, FolderError and the errors of reading plans and snapshots."""
    _refuse(files, facts)
    with write_new(out) if out else nullcontext() as write:
        answers = _answers(files, facts, options, entered=entered)
        _show(answers, options, write)
    if out:
        say.path(out)
    explained = any(answer.diagnosis.causes for answer in answers.diagnosed)
    return ANSWERED if explained or (answers.configuration is not None and answers.configuration.decided) else NOTHING_FITS


def _answers(files: tuple[Path, ...], facts: Facts, options: Options, *, entered: bool) -> Answers:
    inputs: list[Iterable[Reading]] = []
    judge = None
    if facts.live:
        plan, _, options, *_ = in_force(facts.live, options)
        snapshot, logs = _live(plan, options, facts.days)
        judge = Judge(snapshot, plan)
        inputs.append(logs)
    elif facts.snapshot:
        judge = Judge(read_snapshot(facts.snapshot, datetime.now(UTC))[0], in_force(facts.plan, options).plan if facts.plan else None)
    with BytesRead(stream=sys.stderr) as progress:
        if files or entered or not facts.live:
            inputs.append(read_inputs(files, sys.stdin.buffer if entered or not files else None, progress.read))
        return answered(chain.from_iterable(inputs), judge)


def _refuse(files: tuple[Path, ...], facts: Facts) -> None:
    """Raises UsageError for what cannot be meant."""
    if facts.live and (facts.snapshot or facts.plan):
        raise UsageError(text("--live collects by its own plan: it takes neither --snapshot nor --plan"))
    if facts.plan and not facts.snapshot:
        raise UsageError(text("--plan says how a snapshot is to be judged: it needs --snapshot"))
    if wrong := [(file, why) for file in files if (why := unseen(file)) is not None]:
        raise UsageError(*(text("{file}: this file cannot be read: {problem}", file=str(file), problem=why) for file, why in wrong))
    if not files and not facts.live and sys.stdin.isatty():
        raise UsageError(text("Name a file, pipe a text in, or use --live PLAN"))


def _live(plan: Plan, options: Options, days: int) -> tuple[Snapshot, Iterable[Reading]]:
    """The facts as `check` reads them, and what the hosts' own logs tell."""
    from runner.collect.hosts.request import EventRange
    from runner.diagnose.live import read_logs, readings

    credentials = credentials_of(options)
    snapshot, _ = collected(plan, credentials, options)
    logs = read_logs(
        plan,
        credentials,
        EventRange(days=days),
        concurrency=options.concurrency,
        host_deadline_s=options.host_deadline,
        deadline_s=options.deadline,
    )
    return snapshot, readings(logs)


def _show(answers: Answers, options: Options, write: Callable[[bytes], object] | None) -> None:
    language = Language(options.language)
    for problem in map(language.show, answers.problems):
        say.err(problem)
    if write is not None:
        write(_written(answers, language, options.form).encode())
    elif options.form == "text":
        report.write(answers, language, sys.stdout, color())
    elif options.form == "html":
        from runner.commands.report import to_output

        to_output(_written(answers, language, options.form).encode())
    else:
        say.json(_written(answers, language, options.form))


def _written(answers: Answers, language: Language, form: str) -> str:
    if form == "json":
        return visible_json(json.dumps(report.as_data(answers, language), indent=2)) + "\n"
    if form == "html":
        from reports.html.diagnosis import render

        return render(answers, now=datetime.now(UTC), language=language, version=VERSION)
    stream = StringIO()
    report.write(answers, language, stream, color=False)
    return stream.getvalue()
