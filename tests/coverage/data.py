"""What was decided by people about coverage: the sentences of the articles, and why something is not covered or not shown."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from reports.articles import articles

_FOLDER = Path(__file__).parent


class Why(Struct, frozen=True, forbid_unknown_fields=True):
    """Why there is no check: said in words, or by the id of the check that will be (checks/unlooked.toml)."""

    reason: str = ""
    later: str = ""


class Sentence(Why, frozen=True):
    """A sentence of an article in our own words."""

    says: str = ""


class Sentences(Struct, frozen=True, forbid_unknown_fields=True):
    sentences: dict[str, Why]


def sentences() -> dict[str, Sentence]:
    """By the ids that checks declare."""
    whys = msgspec.toml.decode((_FOLDER / "sentences.toml").read_bytes(), type=Sentences).sentences
    says = articles().sentences
    assert whys.keys() <= says.keys()
    return {id: Sentence(why.reason, why.later, said) for id, said in says.items() for why in (whys.get(id, Why()),)}


def errors() -> dict[str, Why]:
    """By code why no check would have seen a known error."""
    return msgspec.toml.decode((_FOLDER / "errors.toml").read_bytes(), type=dict[str, Why])


def not_shown() -> dict[str, dict[str, str]]:
    """By check and outcome why no scenario shows it."""
    return msgspec.toml.decode((_FOLDER / "not_shown.toml").read_bytes(), type=dict[str, dict[str, str]])
