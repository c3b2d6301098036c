"""Finds the checks: every module of the area folders, and plug-ins through the entry-point group `hvpreflight.checks`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points

import checks
from checks.check import Check
from checks.mistake import Mistake

GROUP = "hvpreflight.checks"


class RegistryError(Mistake):
    """Two checks with one id, a dependency that does not exist or goes in a circle, a plug-in that does not load."""


def builtin_checks() -> dict[str, Check]:
    """The checks of the area folders: each module below an area holds exactly one."""
    found: dict[str, Check] = {}
    for area in pkgutil.iter_modules(checks.__path__):
        if not area.ispkg:
            continue
        package = importlib.import_module(f"checks.{area.name}")
        for module in pkgutil.iter_modules(package.__path__):
            for value in vars(importlib.import_module(f"checks.{area.name}.{module.name}")).values():
                if isinstance(value, Check) and value.id == f"{area.name}.{module.name}":
                    found[value.id] = value
    return found


def plugin_checks() -> dict[str, Check]:
    """The checks that other packages bring. Raises RegistryError for one that does not load or is not a check."""
    found: dict[str, Check] = {}
    for point in entry_points(group=GROUP):
        try:
            value = point.load()
        except Exception as error:
            raise RegistryError(f"The plug-in {point.name} ({point.value}) does not load: {error}") from error
        if not isinstance(value, Check):
            raise RegistryError(f"The plug-in {point.name} ({point.value}) is not a check")
        if value.id in found:
            raise RegistryError(f"Two plug-ins bring the check {value.id}")
        found[value.id] = value
    return found


def ordered(found: Iterable[Check]) -> tuple[Check, ...]:
    """Checks so that each comes after those it depends on, otherwise by id. Raises RegistryError for an unknown or circular dependency."""
    by_id = {check.id: check for check in found}
    done: dict[str, Check] = {}

    def place(check: Check, path: tuple[str, ...]) -> None:
        if check.id in done:
            return
        if check.id in path:
            raise RegistryError("Checks depend on each other in a circle: " + " > ".join((*path, check.id)))
        for dependency in check.depends_on:
            if dependency not in by_id:
                raise RegistryError(f"{check.id} depends on {dependency}, which does not exist")
            place(by_id[dependency], (*path, check.id))
        done[check.id] = check

    for name in sorted(by_id):
        place(by_id[name], ())
    return tuple(done.values())


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check there is, in the order of their dependencies."""
    own, plugins = builtin_checks(), plugin_checks()
    if both := own.keys() & plugins.keys():
        raise RegistryError(f"A plug-in brings a check that exists already: {', '.join(sorted(both))}")
    return ordered((own | plugins).values())
