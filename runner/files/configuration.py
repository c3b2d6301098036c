"""Reads configuration files: what a house says for all of its plans, in `hvpreflight.toml` beside a plan and in the user's own folder. Of
what both say the one beside the plan counts, over both of them the plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct, field

from checks.result import Origin
from checks.text import Text, text
from runner.configuration_files import NAME, users_file
from runner.environment import LANGUAGES
from runner.files.plan import NAMED, Settings, odd_settings
from runner.files.tables import FileError, Layer, Place, Problem, laid_over, not_one_of, read_table
from runner.system import is_there

_FILES = (("run", "policy"), ("run", "waivers"), *(("connection", name) for name in ("ca_file", "certificate", "certificate_key")))
"""Which values name files. They lie beside the configuration file where they are not said in full."""


class RunSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[run]: what options of the command line would say, under their names. Deadlines in seconds."""

    user: str | None = None
    language: str | None = None
    concurrency: Annotated[int, Meta(ge=1, le=256)] | None = None
    host_deadline: Annotated[float, Meta(ge=1)] | None = None
    deadline: Annotated[float, Meta(ge=1)] | None = None
    policy: str | None = None
    waivers: str | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What stands there, by its keys."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


class ConfigurationFile(Settings, frozen=True, kw_only=True):
    """A configuration file: [run], and the tables of a plan that say nothing of what is moved."""

    run: RunSettings = field(default_factory=RunSettings)


class Configuration(NamedTuple):
    """The configuration files that count for a plan, the one beside it first, and what they say of a run."""

    files: tuple[tuple[Origin, Layer], ...] = ()
    run: RunSettings = RunSettings()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What they say of plans."""
        return tuple(layer._replace(data={name: value for name, value in layer.data.items() if name != "run"}) for _, layer in self.files)

    @property
    def defaults(self) -> dict[str, str]:
        """What they say of moves, by the keys of [defaults]."""
        return dict(laid_over(self.layers, NAMED).get("defaults", {}))

    def origin(self, place: Place) -> Origin | None:
        """Which file says a value that counts, if any does."""
        return next((origin for origin, layer in self.files if _at(layer.data, place) is not None), None)


def configuration(plan: Path | None) -> Configuration:
    """What counts for a plan, or for none: only the user's own file. Raises FileError with everything that is wrong with the files."""
    found = tuple(_files(plan))
    return _read(found, resolved=True)


def of_run(run: Path) -> Configuration:
    """What counted for a run, as its folder keeps it. Raises FileError."""
    kept = run / NAME
    return _read(((Origin.BESIDE, kept),) if is_there(kept) else (), resolved=False)


def _files(plan: Path | None) -> Iterator[tuple[Origin, Path]]:
    beside, own = plan and plan.parent / NAME, users_file()
    if beside and os.path.lexists(beside):
        yield Origin.BESIDE, beside
    if own and os.path.lexists(own) and not (beside and is_there(own) and is_there(beside) and own.samefile(beside)):
        yield Origin.USER, own


def _read(files: Sequence[tuple[Origin, Path]], *, resolved: bool) -> Configuration:
    layers: list[tuple[Origin, Layer]] = []
    problems: list[Problem] = []
    for origin, path in files:
        try:
            table = read_table(path, ConfigurationFile, text("the configuration"))
        except FileError as error:
            problems += error.problems
            continue
        layer = Layer(path, table.data, table.lines)
        problems += [*odd_settings((layer,), table.said), *(table.problem(path, place, said) for place, said in _odd(table.said.run))]
        layers.append((origin, _resolved(layer) if resolved else layer))
    if problems:
        raise FileError(problems)
    whole = laid_over([layer for _, layer in layers], NAMED)
    return Configuration(tuple(layers), msgspec.convert(whole.get("run", {}), RunSettings))


def _odd(run: RunSettings) -> Iterator[tuple[Place, Text]]:
    if run.language is not None and run.language not in LANGUAGES:
        yield ("run", "language"), not_one_of("run.language", run.language, LANGUAGES)


def _resolved(layer: Layer) -> Layer:
    """The same with the files that it names said in full."""
    data = {name: dict(value) if isinstance(value, dict) else value for name, value in layer.data.items()}
    tables = [*((data.get(table), key) for table, key in _FILES)]
    data["hosts"] = {name: dict(its) for name, its in data.get("hosts", {}).items()}
    tables += [(its, key) for its in data["hosts"].values() for table, key in _FILES if table == "connection"]
    for table, key in tables:
        if table and key in table:
            table[key] = str(layer.path.absolute().parent / table[key])
    return layer._replace(data={name: value for name, value in data.items() if value != {}})


def _at(data: Any, place: Place) -> Any:
    for step in place:
        data = data.get(step) if isinstance(data, dict) else None
    return data
