"""What somebody copies out of the documentation is a command with options that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from docs.manual.page import FILE
from runner.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "concepts").glob("*.md")))
_CODE = re.compile(r"^```.*?^```|^ {4,}.*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"\bhvpreflight ([a-z](?:(?!'[,)\n]| [#>|]|[;\n`\"]).)+)")


def documented() -> Iterator[str]:
    for page in PAGES:
        for code in _CODE.findall(page.read_text(encoding="utf-8")):
            yield from (found.strip() for found in _COMMAND.findall(code))


@pytest.mark.parametrize("line", sorted(set(documented())))
def test_a_command_of_the_documentation_is_one(line: str) -> None:
    context = click.Context(cli, info_name="hvpreflight")
    _, arguments, _ = cli.make_parser(context).parse_args(shlex.split(line, posix=False))
    name, command, rest = cli.resolve_command(context, arguments)
    assert command is not None, name
    command.make_parser(click.Context(command, info_name=name, parent=context)).parse_args(rest)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_the_manual_tells_every_command_with_its_options(name: str) -> None:
    manual = FILE.read_text(encoding="utf-8").replace("\\-", "-")
    told = manual.partition(f'.SS "hvpreflight {name} ')[2].partition("\n.SS")[0]
    options = [option for option in cli.commands[name].params if isinstance(option, click.Option)]
    assert [option.name for option in options if option.help and not all(spelling in told for spelling in option.opts)] == []
    assert told, "python -m docs.manual.page writes it anew"


def test_an_option_is_spelled_alike_in_every_command_and_says_what_it_does() -> None:
    options = [option for command in cli.commands.values() for option in command.params if isinstance(option, click.Option)]
    spellings = {opt: {tuple(option.opts) for option in options if opt in option.opts} for option in options for opt in option.opts[-1:]}
    assert {opt: its for opt, its in spellings.items() if len(its) > 1} == {}
    assert [option.opts for option in options if not option.help] == []
    talking = {name for name, command in cli.commands.items() if any("--auth" in option.opts for option in command.params)}
    for opt in ("--user", "--ask-password", "--concurrency", "--deadline", "--language", "--verbose", "--no-color"):
        assert {name for name in talking if not any(opt in option.opts for option in cli.commands[name].params)} == set(), opt
