"""`hvpreflight demo`: the main job against a forest on loopback. The forest is a program of its own; nothing here knows what it serves."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from checks.text import text, verbatim
from reports.language import Language
from runner import say
from runner.collect.credentials import Credentials
from runner.commands.check import check
from runner.environment import PASSWORD, for_children
from runner.files.configuration import Configuration
from runner.options import Options, UsageError
from runner.pause import pause
from runner.python import python

_LAB = python("-m", "lab")


@contextmanager
def forest(scenario: str, *more: str) -> Iterator[dict[str, Any]]:
    """A running forest: where its plan lies, who collects with which password. Ends with the block. Raises UsageError."""
    process = subprocess.Popen(
        [*_LAB, "serve", scenario, *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=for_children(),
        text=True,
        encoding="utf-8",
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()
        if not line:
            said = process.stderr.read().strip()
            raise UsageError(verbatim(said) if said else text("The lab did not start"))
        yield json.loads(line)
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


def run(scenario: str, out: Path | None, options: Options, *more: str) -> int:
    """Run `check` against a scenario, served with these options of the lab; returns the verdict's exit code."""
    with forest(scenario, *more) as served:
        return check(Path(served["plan"]), None, out, options, Credentials(served["collector"], served["password"]), Configuration())


def serve(scenario: str, language: str, *more: str) -> int:
    """Leave the forest running until Enter, the end of what is piped in, or an interrupt."""
    with forest(scenario, *more) as served:
        say.json(json.dumps({name: value for name, value in served.items() if name != "password"}, indent=2))
        before, after = ("$env:", ";") if sys.platform == "win32" else ("", "")
        command = f"{before}{PASSWORD}='{served['password']}'{after} hvpreflight check {served['plan']} --user '{served['collector']}'"
        say.out(f"\n{command}")
        words = Language(language)
        if _nobody_enters():
            say.err("\n" + words.say("The forest runs until this program is ended."))
            while True:
                pause(3600)
        say.err("\n" + words.say("The forest runs until you press Enter."))
        sys.stdin.readline()
    return 0


def _nobody_enters() -> bool:
    """Is standard input a device that is no terminal, as for a program in the background: it is at its end, and that says nothing."""
    try:
        return stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode) and not sys.stdin.isatty()
    except (OSError, ValueError):
        return False


def show_scenarios() -> int:
    """Print the scenarios with what each promises."""
    return subprocess.run([*_LAB, "list"], env=for_children(), check=False).returncode
