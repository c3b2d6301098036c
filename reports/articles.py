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
    """The articles by their short names, what their sections without a number are called, by how citations write them, and what each
    sentence asks for by its citation."""

    articles: dict[str, Article]
    sections: dict[str, str]
    sentences: dict[str, str]


@cache
def articles() -> Articles:
    return msgspec.toml.decode((resources.files("reports") / "articles.toml").read_bytes(), type=Articles)


class Cited(NamedTuple):
    """A citation, how a reader finds it called, and what it stands for in words."""

    citation: str
    called: str
    says: str


def called(citation: str, language: Language) -> str:
    """`W12 planning 3`, in this language: the article, the section, and the number of the sentence."""
    article, _, place = citation.partition(" ")
    section, _, number = (place, "", "") if place in articles().sections else place.rpartition(" ")
    name = articles().sections.get(section)
    return " ".join(filter(None, (article, language.say(name), number))) if name else citation


def cited(citations: Iterable[str], language: Language) -> tuple[Cited, ...]:
    """What these citations stand for, in the order of the articles: first the articles themselves. What is none of theirs is left out."""
    known = articles()
    asked = set(citations)
    sentences = [Cited(each, called(each, language), language.say(sentence)) for each, sentence in known.sentences.items() if each in asked]
    return (*_named({each.citation.split()[0] for each in sentences}, language), *sentences)


def _named(names: set[str], language: Language) -> Iterator[Cited]:
    for name, article in articles().articles.items():
        if name in names:
            title = language.say(article.title)
            said = language.say("{title}, an article of Microsoft for {windows}", title=title, windows=article.windows)
            yield Cited(name, name, said)
