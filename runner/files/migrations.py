"""Older forms of a snapshot, brought to the present one. The number of the form changes only when the meaning of something in it does; a
fact that was added later needs no migration, a snapshot without it is judged without it.

/1, written by 0.1.0, kept in English words where a fact comes from and why it is missing. In /2 these are sentences with values. The words
of /1 are kept as they are, so that any language shows them in English. And /1 kept of a domain what its first controller said; in /2 each
controller keeps its own answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, Any]


def migrated(snapshot: Tree, number: int) -> Tree:
    """A snapshot of an older form, as it was decoded, in the present form. Changes what it is given. Raises KeyError, TypeError or
    AttributeError for one that does not have its form."""
    for step in _STEPS[number - 1 :]:
        step(snapshot)
    return snapshot


def _words_to_texts(snapshot: Tree) -> None:
    for fact in _facts(snapshot):
        fact["source"] = _verbatim(fact["source"])
        if "detail" in fact:
            fact["detail"] = _verbatim(fact["detail"])


def _answers_to_controllers(snapshot: Tree) -> None:
    """The trusts of a domain are those of the first controller that told any, which is the first one that answered."""
    for name, domain in snapshot["domains"].items():
        controllers = {each: {"domain": fact} for each, fact in sorted(domain["controllers"].items())}
        answered = [each for each in controllers.values() if each["domain"]["fact"] == "known"]
        for first in (answered or list(controllers.values()))[:1]:
            first["trusts"] = domain["trusts"]
        snapshot["domains"][name] = {"controllers": controllers} | ({} if controllers else {"nobody": domain["domain"]})


def _verbatim(words: str) -> Tree:
    if not isinstance(words, str):
        raise TypeError(f"expected words, got {type(words).__name__}")
    return {"template": "{words}", "values": {"words": words}} if words else {"template": ""}


def _facts(snapshot: Tree) -> Iterator[Tree]:
    """Every fact of a snapshot of form /1."""
    for host in snapshot["hosts"].values():
        yield from host.values()
    for account in snapshot["accounts"].values():
        yield from account["views"].values()
    for domain in snapshot["domains"].values():
        yield from (domain["domain"], domain["trusts"], *domain["controllers"].values())
    for operator in snapshot["operators"].values():
        yield from (operator["account"], *operator["token"].values())
    yield from snapshot["names"].values()


def _to_second(snapshot: Tree) -> None:
    _words_to_texts(snapshot)
    _answers_to_controllers(snapshot)
    snapshot["format"] = "hvpreflight.snapshot/2"


_STEPS: tuple[Callable[[Tree], None], ...] = (_to_second,)
"""From /1 on, one for each number."""
