"""The two articles that the checks follow: what `W12 1.9` stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec
from msgspec import Struct

from reports.language import Language


class Article(Struct, frozen=True, forbid_unknown_fields=True):
    """What an article is called, for which Windows it is and from when."""

    title: str
    windows: str


class Articles(Struct, frozen=True, forbid_unknown_fields=True):
    """The articles by their short names, and what each sentence asks for by its citation."""

    articles: dict[str, Article]
    sentences: dict[str, str]


@cache
def articles() -> Articles:
    return msgspec.toml.decode((resources.files("reports") / "articles.toml").read_bytes(), type=Articles)


class Cited(NamedTuple):
    """A citation, and what it stands for in words."""

    citation: str
    says: str


def cited(citations: Iterable[str], language: Language) -> tuple[Cited, ...]:
    """What these citations stand for, in the order of the articles: first the articles themselves. What is none of theirs is left out."""
    known = articles()
    asked = set(citations)
    sentences = [Cited(each, language.say(sentence)) for each, sentence in known.sentences.items() if each in asked]
    return (*_named({each.citation.split()[0] for each in sentences}, language), *sentences)


def _named(names: set[str], language: Language) -> Iterator[Cited]:
    for name, article in articles().articles.items():
        if name in names:
            called = language.say(article.title)
            said = language.say("{title}, an article of Microsoft for {windows}", title=called, windows=article.windows)
            yield Cited(name, said)
