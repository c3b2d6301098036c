"""What is in force for a plan: what the command line says, over the plan, over configuration files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from checks.plan import Plan
from checks.result import Origin
from checks.windows.names import HostName
from runner.files.configuration import Configuration, configuration
from runner.files.plan import NAMED, read_plan_file
from runner.options import Options, with_auth

JUDGING = ("policy", "waivers")
"""What [run] may say that a verdict depends on."""


class InForce(NamedTuple):
    """A plan, the bytes of what was read for it by file name, and the options, with all that configuration files say. `configured`: by the
    file that said them the keys that count, and on which a verdict may depend."""

    plan: Plan
    files: dict[str, bytes]
    options: Options
    configured: dict[Origin, tuple[str, ...]]
    unnamed: tuple[str, ...] = ()
    """The hosts of which the plan itself says something, and that none of its moves names."""


def in_force(path: Path, options: Options, found: Configuration | None = None, content: bytes | None = None) -> InForce:
    """What counts for the plan in a file, or with this content in its place; with these configuration files in the place of those that
    lie about. Raises FileError and UsageError."""
    found = configuration(path) if found is None else found
    plan, files, said = read_plan_file(path, found.layers, content)
    configured = _configured(found, said, options)
    options = over(options, found)
    unnamed = tuple(name for name in said.get("hosts", {}) if HostName(name) not in plan.host_names)
    return InForce(with_auth(plan, options), files, options, configured, unnamed)


def over(options: Options, found: Configuration) -> Options:
    """The options, with what configuration files say where neither the command line nor a variable says it."""
    said = {name: value for name, value in found.run.said.items() if name not in options.said}
    return replace(options, **said | {name: Path(said[name]) for name in JUDGING if name in said})


def _configured(found: Configuration, plan: dict[str, Any], options: Options) -> dict[Origin, tuple[str, ...]]:
    keys: dict[Origin, tuple[str, ...]] = {}
    taken: set[tuple[str, ...]] = {("run", name) for name in options.said}
    for origin, layer in found.files:
        new = [place for place in _keys(layer.data) if place not in taken and _lacks(plan, place)]
        taken |= set(new)
        if new:
            keys[origin] = tuple(place[-1] if place[0] == "run" else ".".join(place) for place in new)
    return keys


def _keys(data: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """What a configuration file says that a verdict may depend on; a table of names as one."""
    for table, its in data.items():
        if table in NAMED:
            yield (table,)
        else:
            yield from ((table, key) for key in its if table != "run" or key in JUDGING)


def _lacks(plan: dict[str, Any], place: tuple[str, ...]) -> bool:
    return place[0] in NAMED or place[-1] not in plan.get(place[0], {})
