"""Reads a policy. Every problem is reported at once, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from checks.check import Check
from checks.policy import Policy
from checks.text import Text, text
from checks.windows.addresses import network
from runner.files.tables import FileError, Place, did_you_mean, read_table


def read_policy(path: Path, checks: Iterable[Check]) -> tuple[Policy, bytes]:
    """The policy in a file, and its bytes. Raises FileError with every problem."""
    table = read_table(path, Policy, text("the policy"))
    names = {name for check in checks for name in (check.id, check.area)}
    if problems := [table.problem(path, place, said) for place, said in _odd(table.said, names)]:
        raise FileError(problems)
    return table.said, table.content


def _odd(policy: Policy, names: set[str]) -> Iterator[tuple[Place, Text]]:
    """What is wrong with the values by themselves, with the place in the file."""
    for name in policy.blockers:
        if name not in names:
            yield ("blockers",), text("there is no check and no area {name}{hint}", name=name, hint=did_you_mean(name, names))
    for written in policy.migration_networks or ():
        if network(written) is None:
            yield ("migration_networks",), text("{value} is not a network such as {example}", value=repr(written), example="10.77.0.0/24")
