"""The manual page of the program, made of its commands: `python -m docs.manual.page` writes hvpreflight.1 beside this file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from runner.cli import PROGRAM, cli
from runner.version import VERSION

FILE = Path(__file__).with_name("hvpreflight.1")


def page() -> str:
    """The page in roff, as `man` reads it."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    title, *paragraphs = _paragraphs(cli)
    yield f'.TH "{PROGRAM.upper()}" "1" "" "{PROGRAM} {VERSION}" ""'
    yield from (".SH NAME", rf"{PROGRAM} \- whether a Hyper-V VM can be moved, and what stands in its way")
    yield from (".SH SYNOPSIS", f".B {PROGRAM}", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]")
    yield from (".SH DESCRIPTION", title)
    for paragraph in paragraphs:
        yield from (".PP", paragraph)
    yield ".SH COMMANDS"
    for name, command in cli.commands.items():
        context = click.Context(command, info_name=name, parent=click.Context(cli, info_name=PROGRAM))
        yield from (f'.SS "{_roff(" ".join((PROGRAM, name, *command.collect_usage_pieces(context))))}"', *_separated(_paragraphs(command)))
        for parameter in command.params:
            if (record := parameter.get_help_record(context)) and record[1]:
                yield from (".TP", rf"\fB{_roff(record[0])}\fR", _roff(" ".join(record[1].split())))
    yield from (".SH SEE ALSO", "README.md and docs/ of the project; hvpreflight checks, hvpreflight explain")


def _separated(paragraphs: list[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        yield from (".PP", paragraph) if number else (paragraph,)


def _paragraphs(command: click.Command) -> list[str]:
    return [_roff(" ".join(paragraph.split())) for paragraph in re.split(r"\n\s*\n", cleandoc(command.help or ""))]


def _roff(text: str) -> str:
    """A text that means nothing to roff: no escape, no hyphen that may become a dash, no request at the beginning of a line."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
