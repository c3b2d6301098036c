"""What other packages bring, by the group of their entry points.

`hvpreflight.checks` names checks; `hvpreflight.errors` packages with known errors, a TOML file each as in checks/errors;
`hvpreflight.texts` packages with translations (de.toml). The page of a check lies beside its module: NAME.md and NAME.de.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import Any

from checks.mistake import Mistake
from checks.text import Text, text

CHECKS = "hvpreflight.checks"
ERRORS = "hvpreflight.errors"
TEXTS = "hvpreflight.texts"


class PluginError(Mistake):
    """A plug-in that does not load, brings something else than its group is for, or what is there already."""


def loaded(group: str) -> Iterator[tuple[Text, Any]]:
    """What the entry points of a group name, each with how it is called in messages. Raises PluginError for one that does not load."""
    for point in entry_points(group=group):
        called = text("The plug-in {name} ({value})", name=point.name, value=point.value)
        try:
            yield called, point.load()
        except Exception as error:
            raise PluginError(text("{plugin} does not load: {problem}", plugin=called, problem=str(error))) from error


def folders(group: str) -> Iterator[tuple[Text, Traversable]]:
    """The folders of the packages that a group names. Raises PluginError for what is no package."""
    for called, value in loaded(group):
        if not isinstance(value, ModuleType) or not hasattr(value, "__path__"):
            raise PluginError(text("{plugin} is not a package", plugin=called))
        yield called, resources.files(value)
