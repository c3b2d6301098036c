"""`config`: what is in force, and which file, line or variable says it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from checks.plan import Connection, Preferences
from checks.text import text
from reports.language import Language
from runner import say
from runner.environment import LANGUAGE, LANGUAGES, PASSWORD, password
from runner.files.configuration import RunSettings, configuration
from runner.files.plan import NAMED, PlanFile, read_plan
from runner.files.tables import Layer, Place, laid_over, read_table, where
from runner.options import CONCURRENCY, HOST_DEADLINE_S, RUN_DEADLINE_S

BUILT_IN: dict[str, dict[str, Any]] = {
    "run": {"concurrency": CONCURRENCY, "host_deadline": HOST_DEADLINE_S, "deadline": RUN_DEADLINE_S, "language": LANGUAGES[0]},
    "connection": msgspec.to_builtins(Connection()),
    "policy": msgspec.to_builtins(Preferences()),
}
"""What counts where nobody says anything. Nothing: null."""
_MOVES = ("moves", "pairs", "change")


class Setting(NamedTuple):
    """One value in force: its place, and the file and line, or the variable, that says it; nothing: it is built in."""

    place: Place
    value: Any
    file: str | None = None
    line: int | None = None

    @property
    def key(self) -> str:
        steps = map(str, self.place)
        return ".".join(step if step.replace("_", "").replace("-", "").isalnum() else json.dumps(step) for step in steps)


def config(plan: Path | None, form: str, language: str) -> int:
    """Show what is in force for a plan, or for one in this folder; returns the exit code. Raises FileError."""
    settings = tuple(in_force(plan))
    if form == "json":
        rows = [{"key": each.key, "value": each.value, "file": each.file, "line": each.line} for each in settings]
        say.json(json.dumps(rows, indent=2, default=str))
        return 0
    words = Language(language)
    width = max(len(_said(each)) for each in settings if len(_said(each)) <= _WIDEST)
    for each in settings:
        origin = words.say("built in") if each.file is None else each.file if each.line is None else f"{each.file}:{each.line}"
        say.out(f"{_said(each):{width}}  {origin}")
    return 0


_WIDEST = 60


def _said(setting: Setting) -> str:
    return f"{setting.key} = {'-' if setting.value is None else json.dumps(setting.value, default=str, ensure_ascii=False)}"


def in_force(plan: Path | None) -> Iterator[Setting]:
    """Every value that counts, [run] first. Raises FileError with what is wrong with the plan or the configuration files."""
    found = configuration(plan or Path("plan.toml"))
    layers = tuple(layer for _, layer in found.files)
    if plan is not None:
        read_plan(plan, found.layers)
        table = read_table(plan, PlanFile, text("the plan"))
        layers = (Layer(plan, {name: its for name, its in table.data.items() if name not in _MOVES}, table.lines), *layers)
    whole = laid_over(layers, NAMED)
    if password() is not None:
        yield Setting(("password",), "…", PASSWORD)
    for table_name in ("run", *(name for name in PlanFile.__struct_fields__ if name not in _MOVES)):
        said = whole.get(table_name, {})
        known = dict.fromkeys(RunSettings.__struct_fields__) if table_name == "run" else {}
        for place, value in _leaves(known | BUILT_IN.get(table_name, {}) | said, (table_name,)):
            if place == ("run", "language") and os.environ.get(LANGUAGE) in LANGUAGES:
                yield Setting(place, os.environ[LANGUAGE], LANGUAGE)
            elif place[1] in said:
                file, line = where(layers, place, NAMED)
                yield Setting(place, value, str(file), line)
            else:
                yield Setting(place, value)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, its in value.items():
            yield from _leaves(its, (*place, key))
    else:
        yield place, value
