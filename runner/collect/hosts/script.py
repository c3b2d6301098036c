"""The script that is sent to a host: the head, the topics of the sections that are asked for, and the frame, in one text.

A part can be read by itself, but runs only in the whole. Which topic holds a section says its declaration (checks.facts).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

from checks.facts.host import TOPICS

HEAD, FRAME = "head", "frame"
FUNCTION = "Get-HvPreflightFact"
"""Whose body is the whole script, in a session that runs no script but has this function (runner.endpoint)."""


def script(sections: Iterable[str]) -> str:
    """The script for these sections. Raises KeyError for one that no topic declares."""
    return _joined(frozenset(TOPICS[section] for section in sections))


@cache
def _joined(topics: frozenset[str]) -> str:
    wanted = [topic for topic in dict.fromkeys(TOPICS.values()) if topic in topics]
    return "\n".join(map(part, (HEAD, *wanted, FRAME)))


def part(name: str) -> str:
    """The text of one part: HEAD, a topic, or FRAME."""
    return beside(f"{name}.ps1")


def beside(file: str) -> str:
    """The text of a file that lies with the parts: what they call (commands.toml), and which rights they need (rights.toml)."""
    return (resources.files("runner.collect.hosts") / file).read_text(encoding="utf-8")
