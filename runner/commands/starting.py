"""Two hosts in the place of a plan, and who will start the moves between hosts for which there is no plan yet."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from checks import toml
from checks.plan import LaunchPoint
from checks.text import text
from checks.windows.names import AccountName
from reports.language import Language
from runner import say
from runner.collect.credentials import Credentials
from runner.draft import Start
from runner.environment import has_terminal
from runner.files.plan import is_host_name
from runner.options import Options, UsageError
from runner.system import is_there


def hosts_of(words: Sequence[str], start: Start) -> tuple[str, str] | None:
    """The two hosts that stand in the place of a plan, or nothing where the one word is to be a plan. Raises UsageError."""
    files = [word for word in words if is_there(Path(word))]
    if len(words) == 1:
        word = words[0]
        if not files and is_host_name(word) and Path(word).suffix.lower() not in (".toml", ".csv"):
            raise UsageError(
                text(
                    "There is no file {name}: name a plan, or two hosts to judge them as a pair (hvpreflight check HOST HOST); "
                    "hvpreflight init {name} writes a plan",
                    name=word,
                )
            )
        if start.said:
            raise UsageError(text("--operator, --launch and --launch-from are for two hosts: a plan says it itself"))
        return None
    if files:
        raise UsageError(text("{name} is a file: name one plan, or two hosts", name=files[0]))
    if len(words) != 2:
        raise UsageError(text("Name one plan, or two hosts: these are {count}", count=len(words)))
    for word in words:
        if not is_host_name(word):
            raise UsageError(text("{name} is neither a file nor the name of a host", name=word))
    return words[0], words[1]


def pair(hosts: Sequence[str], start: Start) -> bytes:
    """A plan in which each of these hosts is judged with each other one, without a VM."""
    return toml.dumps({"pairs": [{"hosts": list(hosts), **start.said}]}).encode()


def who_starts(said: Start, known: dict[str, str], credentials: Credentials, options: Options, *, ask: bool) -> Start:
    """Who will start moves, and from where: as it is said, else as `known` from a configuration file; else who sits at a terminal is asked,
    if `ask`, and otherwise it is whoever is signed in, which is said. Raises UsageError where that is nobody of a domain."""
    language = Language(options.language)
    operator, launch = said.operator, said.launch
    own = _own(credentials)
    asks = ask and has_terminal()
    guessed = False
    if operator is None and "operator" not in known:
        if asks:
            operator = str(click.prompt(language.say("Who will start the moves (DOMAIN\\name or name@domain)?"), default=own, err=True))
        elif own is None:
            raise UsageError(text("Nobody of a domain is signed in here: --operator says who will start the moves (DOMAIN\\name)"))
        else:
            operator, guessed = own, True
            say.err(language.say("Taken as who starts the moves: {account}, as signed in; --operator names somebody else", account=own))
    if operator is not None and not AccountName(operator.strip()).names_domain:
        raise UsageError(text("{value} is not DOMAIN\\name or name@domain", value=repr(operator)))
    if launch is None and "launch" not in known and asks:
        points = click.Choice([point.value for point in LaunchPoint])
        launch = str(
            click.prompt(
                language.say("From where: a remote computer, or on the source?"), default=LaunchPoint.REMOTE.value, type=points, err=True
            )
        )
    return Start(operator.strip() if operator else None, launch, said.launch_from, guessed)


def _own(credentials: Credentials) -> str | None:
    """Who is signed in, with the domain, or nothing."""
    account = credentials.account
    if AccountName(account).names_domain:
        return account
    domain = os.environ.get("USERDOMAIN") if sys.platform == "win32" and credentials.user is None else None
    return f"{domain}\\{account}" if domain else None
