"""What a move that stops midway leaves behind: where the VM runs on, what lies at the destination, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from checks.errors.events import FAILED_AT_SOURCE, ONLY_SUCCEEDED
from checks.plan import Kind
from checks.result import Result
from reports.language import Language

LOG = "Microsoft-Windows-Hyper-V-VMMS-Admin"
"""The log in which both hosts say how a move ended."""


class Midway(Struct, frozen=True, forbid_unknown_fields=True):
    """By what a move takes along: where a VM `stays` when it stops midway, what is `left` at the destination, and the `sources` of both.
    Of all alike: what is `unpublished`, and where to `look`."""

    unpublished: str
    look: str
    stays: dict[Kind, str]
    left: dict[Kind, str]
    sources: dict[Kind, tuple[str, ...]]


@cache
def midway() -> Midway:
    return msgspec.toml.decode((resources.files("reports") / "midway.toml").read_bytes(), type=Midway)


def stays(result: Result, language: Language) -> str:
    """Where the VMs are then, a sentence for each kind of move in the plan, without a full stop; nothing without moves."""
    return ". ".join(_said(result, midway().stays, language))


def told(result: Result, language: Language) -> Iterator[str]:
    """What may lie at the destination, what is not known, and where to look, each without a full stop; nothing without moves."""
    if not result.moves:
        return
    known = midway()
    yield from _said(result, known.left, language)
    sentence = known.unpublished
    yield language.say(sentence)
    sentence = known.look
    yield language.say(sentence, log=LOG, failed=_events(FAILED_AT_SOURCE), succeeded=_events(ONLY_SUCCEEDED))


def sources(result: Result) -> tuple[str, ...]:
    """Where that can be read, each page once."""
    return tuple(dict.fromkeys(page for kind in _kinds(result) for page in midway().sources[kind]))


def _said(result: Result, sentences: Mapping[Kind, str], language: Language) -> Iterator[str]:
    kinds = _kinds(result)
    for name in kinds:
        sentence = sentences[name]
        yield f"{language.say(name)}: {language.say(sentence)}" if len(kinds) > 1 else language.say(sentence)


def _kinds(result: Result) -> tuple[Kind, ...]:
    there = {move.storage for move in result.moves}
    return tuple(kind for kind in Kind if kind in there)


def _events(ids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
