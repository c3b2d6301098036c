"""Finds the checks: every module of the area folders, and those that other packages bring."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

import checks
from checks.check import Check
from checks.mistake import Mistake
from checks.plugins import CHECKS, PluginError, loaded
from checks.text import text


class RegistryError(Mistake):
    """A dependency that does not exist or goes in a circle."""


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
    """The checks that other packages bring. Raises PluginError for one that does not load, is no check, or is there already."""
    found: dict[str, Check] = {}
    for called, value in loaded(CHECKS):
        if not isinstance(value, Check):
            raise PluginError(text("{plugin} is not a check", plugin=called))
        if value.id.count(".") != 1 or not all(value.id.split(".")):
            raise PluginError(text("{plugin} has the id {id}, which is not AREA.NAME", plugin=called, id=repr(value.id)))
        if value.id in found:
            raise PluginError(text("Two plug-ins bring the check {id}", id=value.id))
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
            raise RegistryError(text("Checks depend on each other in a circle: {circle}", circle=" > ".join((*path, check.id))))
        for dependency in check.depends_on:
            if dependency not in by_id:
                raise RegistryError(text("{check} depends on {dependency}, which does not exist", check=check.id, dependency=dependency))
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
        raise PluginError(text("A plug-in brings a check that exists already: {checks}", checks=tuple(sorted(both))))
    return ordered((own | plugins).values())
