"""The command line in another language than English: help, usage, and the errors of what parses it. Imported for nothing else."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import click

PARSER = "click"
"""The package that parses the command line. Each of its modules asks its functions `_` and `ngettext` for what it shows."""


class Told(NamedTuple):
    """What help and usage tell of a command or a parameter: where it stands there, and its paragraphs, a line each."""

    of: click.Command | click.Parameter | click.ParamType[Any]
    attribute: str
    paragraphs: tuple[str, ...]


def speak(group: click.Group, say: Callable[[str], str]) -> None:
    """From now on everything that the command line shows is what `say` makes of the English text, in this process and for good."""
    for told in tuple(told_by(group)):
        setattr(told.of, told.attribute, "\n\n".join(map(say, told.paragraphs)))
    for module in spoken_by():
        vars(module).update(_=say, ngettext=lambda one, many, count: say(one if count == 1 else many))


def told_by(group: click.Group) -> Iterator[Told]:
    """All that is told of a group, its commands and their parameters."""
    for command in (group, *group.commands.values()):
        yield _told(command, "help", inspect.cleandoc(command.help or ""))
        yield _told(command, "options_metavar", command.options_metavar or "")
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                if parameter.help:
                    yield _told(parameter, "help", parameter.help)
                if parameter.is_flag:
                    continue
            if isinstance(parameter.type, click.Choice):
                continue
            if parameter.metavar is None:
                yield _told(parameter.type, "name", parameter.type.name)
            if parameter.metavar or isinstance(parameter, click.Argument):
                yield _told(parameter, "metavar", parameter.metavar or parameter.human_readable_name)
    yield _told(group, "subcommand_metavar", group.subcommand_metavar or "")


def _told(of: click.Command | click.Parameter | click.ParamType[Any], attribute: str, text: str) -> Told:
    return Told(of, attribute, tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n")))


def spoken_by() -> tuple[ModuleType, ...]:
    """The modules of the parser that are loaded and speak."""
    return tuple(module for name, module in sys.modules.items() if name.partition(".")[0] == PARSER and hasattr(module, "_"))
