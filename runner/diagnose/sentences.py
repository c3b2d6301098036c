"""Finds the sentences of Windows in what people paste: whole, most of their words, or their beginning.

Text and messages are compared sentence by sentence, never beyond one. Words are compared without their endings; writing that has no
blanks is compared by pairs of characters. Names in quotation marks are left out of both. Two blanks part the cells of a table.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain

from msgspec import Struct

from checks.errors import KnownError
from checks.errors.diagnosis import By
from checks.errors.lookup import all_errors
from checks.errors.tables import numbers
from runner.diagnose.names import without_quoted

MOST_TEXT = 20_000
"""So many characters of an operation's text are compared with messages."""
ALIKE = 0.75
"""So much of a message's words, by number and by weight, must stand in one sentence of the text."""
LONGER = 1.5
"""So many times as long as a message, and two words more, may a sentence be that has most of its words: in a longer one they stand by
chance."""
FEWEST_WORDS, FEW_WORDS = 4, 6
"""Of a message with fewer words than the second all must stand in the sentence; with fewer than the first, as they are."""
BEGINNING = 5
"""So many words from the beginning of a message tell it where no other begins so and one of them is its own."""
COMMON_BEGINNING = 8
"""The same without a word of its own."""
_BEGINNINGS = (COMMON_BEGINNING, BEGINNING)
CUT_COMMON, CUT_BEGINNING, CUT_SHORT = 6, 4, 2
"""The same where a paragraph breaks off: without a word of its own, with one, and with fewer words: then they must
be the whole reason behind a sentence that only says that something failed."""
LEAST_CUT = 3
"""So many letters of a word that was cut tell it where only one message goes on so."""
LONGEST_CUT = 400
"""So many characters before a paragraph breaks off are looked at."""
MOST_FOUND = 3

_END = re.compile(r"[.!?](?=\s|\Z)|[:;](?=\s)|[。！？：；]|\n[ \t]*\n|\n(?=[^\n:]{1,40}:\s)|\s/\s|[()（）]")
_FULL_STOP = re.compile(r"[.!?](?=\s|\Z)|[。！？]")
_CELLS = re.compile(r"(?<=\S)(?:[ ]{2,}|\t[ \t]*)(?=\S)")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_DOTS = re.compile(r"(?:\.\.\.|…)\s*\Z")
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_PLACEHOLDER = re.compile(r"<[^<>]{0,40}>|\([^()]{0,300}\)")
_ENDINGS = ("ing", "ed", "es", "en", "er", "em", "s", "e", "n")
_LEAST_STEM = 4


class Alike(Struct, frozen=True):
    """A known error whose message stands in a text; `cause` where it is said for that cause alone."""

    error: KnownError
    by: By
    cause: str | None = None


class _Message(Struct, frozen=True):
    error: KnownError
    cause: str | None
    words: tuple[str, ...]
    rarest: str
    weight: float
    weak: bool


class _Messages(Struct, frozen=True):
    """All messages by the first two words, by the rarest one, by beginnings that belong to one alone, and by those that tell it where a
    text breaks off, which go on behind a colon; and by each beginning the words with which anything that Windows says goes on."""

    weights: dict[str, float]
    by_start: dict[tuple[str, str], tuple[_Message, ...]]
    by_rarest: dict[str, tuple[_Message, ...]]
    by_beginning: dict[tuple[str, ...], _Message]
    by_cut: dict[tuple[str, ...], _Message]
    next_words: dict[tuple[str, ...], frozenset[str]]


def alike(texts: Iterable[str]) -> tuple[Alike, ...]:
    """The known errors whose message stands in a text, whole sentences first; at most three, those first with which it has most in
    common."""
    whole: dict[str, tuple[float, Alike]] = {}
    partly: dict[str, tuple[float, Alike]] = {}
    bounded = [_CELLS.sub("\n\n", text) for text in _bounded(texts)]
    for words in dict.fromkeys(words for text in bounded for words in _sentences(text)):
        for message, score in _whole(words):
            _keep(partly if message.weak else whole, message, score, By.WORDS if message.weak else By.SENTENCE)
        for message, score in _most(words):
            _keep(partly, message, score, By.WORDS)
    for text in bounded:
        for message, score in _cut_off(text, behind=any(each.error.wrapper for _, each in whole.values())):
            _keep(partly, message, score, By.WORDS)
    best = sorted((whole or partly).values(), key=lambda scored: scored[0], reverse=True)
    specific = [each for each in partly.values() if not each[1].error.wrapper]
    if whole and all(each.error.wrapper for _, each in whole.values()):
        best = [*sorted(specific, key=lambda scored: scored[0], reverse=True), *best]
    return tuple(each for _, each in best[:MOST_FOUND])


def _bounded(texts: Iterable[str]) -> Iterator[str]:
    left = MOST_TEXT
    for text in texts:
        if left > 0:
            yield text[:left]
            left -= len(text)


def _keep(found: dict[str, tuple[float, Alike]], message: _Message, score: float, by: By) -> None:
    before = found.get(message.error.code)
    if before is None or (message.cause is not None, score) > (before[1].cause is not None, before[0]):
        found[message.error.code] = (max(score, before[0] if before else 0.0), Alike(message.error, by, message.cause))


def _whole(words: tuple[str, ...]) -> Iterator[tuple[_Message, float]]:
    """Messages all of whose words stand in a sentence one after the other."""
    messages = _messages()
    for place in range(len(words) - 1):
        for message in messages.by_start.get((words[place], words[place + 1]), ()):
            if words[place : place + len(message.words)] == message.words:
                yield message, message.weight


def _most(words: tuple[str, ...]) -> Iterator[tuple[_Message, float]]:
    """Messages most of whose words stand in a sentence, the rarest among them; and those that only begin in it."""
    messages, said = _messages(), set(words)
    for word in said:
        for message in messages.by_rarest.get(word, ()):
            if len(words) > LONGER * len(message.words) + 2:
                continue
            distinct = set(message.words)
            common = distinct & said
            weight = sum(messages.weights[each] for each in common)
            if len(common) >= max(FEWEST_WORDS, _share(distinct) * len(distinct)) and weight >= ALIKE * message.weight:
                yield message, weight
    for length in _BEGINNINGS:
        for place in range(len(words) - length + 1):
            begun = messages.by_beginning.get(words[place : place + length])
            if begun is not None:
                yield begun, sum(messages.weights[each] for each in begun.words[:length])


def _cut_off(text: str, *, behind: bool) -> Iterator[tuple[_Message, float]]:
    """The messages that begin where a paragraph breaks off; `behind`: after a sentence that only says that something failed.
    The last word may be a part of one. A message of which nothing but letters of its last word is cut is one however short it is, where
    it is a clause by itself."""
    messages = _messages()
    for paragraph in _PARAGRAPH.split(without_quoted(text)):
        end = _DOTS.sub("", paragraph[-LONGEST_CUT:])
        words = tuple(_words(_FULL_STOP.split(end)[-1]))
        for whole in (words, words[:-1]):
            for place in range(len(whole) - 1):
                told = whole[place:]
                begun = messages.by_cut.get(told) or messages.by_cut.get(_completed(told))
                if begun is not None and ((place == 0 and behind) or len(told) >= CUT_BEGINNING):
                    yield begun, sum(messages.weights[each] for each in begun.words[: len(told)])
                    break
        clause = _completed(tuple(_words(_END.split(end)[-1])))
        for message in messages.by_start.get((clause[0], clause[1]), ()) if clause else ():
            if message.words == clause:
                yield message, message.weight


def _completed(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words of which the last was cut, with the one word that can stand there; nothing where several can."""
    if len(words) < CUT_SHORT or len(words[-1]) < LEAST_CUT:
        return ()
    possible = [word for word in _messages().next_words.get(words[:-1], ()) if word.startswith(words[-1])]
    return (*words[:-1], possible[0]) if len(possible) == 1 and possible[0] != words[-1] else ()


def _share(distinct: set[str]) -> float:
    return ALIKE if len(distinct) >= FEW_WORDS else 1.0


# --- what is compared ---


def _sentences(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each sentence, with and without what it quotes."""
    for written in dict.fromkeys((text, without_quoted(text))):
        for sentence in _END.split(written):
            words = tuple(_words(sentence))
            if len(words) > 1:
                yield words


def _words(sentence: str) -> Iterator[str]:
    for word in _WORD.findall(sentence.casefold()):
        if _UNSPACED.match(word):
            yield from (word[place : place + 2] for place in range(len(word) - 1))
        else:
            yield _stem(word if word.isascii() else _without_marks(word))


def _without_marks(word: str) -> str:
    """A word without accents and dots, which mail and consoles lose."""
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    return next((word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _LEAST_STEM), word)


def _written() -> Iterator[tuple[KnownError, str | None, str, bool]]:
    """All messages as they are written, those of wrappers first, without what stands for a name."""
    for error in sorted(all_errors(), key=lambda error: not error.wrapper):
        said: list[tuple[str, str | None, bool]] = [
            (message, None, False) for message in (error.message, error.message_de, *error.messages)
        ]
        said += [(message, cause.id, False) for cause in error.causes for message in cause.messages]
        said += [(message, None, True) for message in error.renderings]
        for message, cause, weak in said:
            yield error, cause, without_quoted(_PLACEHOLDER.sub(" ", message)), weak


def _of_numbers() -> Iterator[tuple[str, ...]]:
    """What Windows says for numbers that are no known errors."""
    for number in numbers().values():
        yield from (tuple(_words(sentence)) for sentence in (number.sentence, number.sentence_de))


def _plain() -> Iterator[tuple[KnownError, str | None, tuple[str, ...], bool]]:
    """The sentences of all messages. One that is a wrapper's is nothing but that, wherever it stands."""
    of_wrappers: set[tuple[str, ...]] = set()
    for error, cause, message, weak in _written():
        for sentence in _END.split(message):
            words = tuple(_words(sentence))
            if error.wrapper:
                of_wrappers.add(words)
            if len(words) > 1 and (error.wrapper or words not in of_wrappers):
                yield error, cause, words, weak


@cache
def _messages() -> _Messages:
    plain = list(dict.fromkeys(_plain()))
    times = Counter(word for _, _, words, _ in plain for word in set(words))
    weights = {word: 1.0 / count for word, count in times.items()}
    errors: dict[str, set[str]] = defaultdict(set)
    for error, _, words, _ in plain:
        for word in words:
            errors[word].add(error.code)
    starts: dict[tuple[str, str], list[_Message]] = defaultdict(list)
    rarest: dict[str, list[_Message]] = defaultdict(list)
    beginnings: dict[tuple[str, ...], list[_Message]] = defaultdict(list)
    for error, cause, words, weak in plain:
        message = _message(error, cause, words, weak, weights)
        starts[words[0], words[1]].append(message)
        for length in _BEGINNINGS:
            if len(words) > length and not _UNSPACED.match(words[0]):
                beginnings[words[:length]].append(message)
        if not error.wrapper:
            rarest[message.rarest].append(message)
    own = {
        words: messages[0]
        for words, messages in beginnings.items()
        if len({message.error.code for message in messages}) == 1
        and not messages[0].error.wrapper
        and (len(words) == COMMON_BEGINNING or any(len(errors[word]) == 1 for word in words))
    }
    return _Messages(
        weights,
        {words: tuple(messages) for words, messages in starts.items()},
        {word: tuple(messages) for word, messages in rarest.items()},
        own,
        _cuts(weights, errors),
        _next_words(words for _, _, words, _ in plain),
    )


def _next_words(sentences: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], frozenset[str]]:
    """By each beginning of a sentence of Windows the words that come next in one."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for words in chain(sentences, _of_numbers()):
        for place in range(1, len(words)):
            found[words[:place]].add(words[place])
    return {beginning: frozenset(following) for beginning, following in found.items()}


def _message(error: KnownError, cause: str | None, words: tuple[str, ...], weak: bool, weights: dict[str, float]) -> _Message:
    own = {word: weights.get(word, 1.0) for word in words}  # what stands alone before a colon is in no sentence that is compared
    rare = max(words, key=lambda word: (own[word], len(word)))
    return _Message(error, cause, words, rare, sum(own.values()), weak)


def _cuts(weights: dict[str, float], errors: dict[str, set[str]]) -> dict[tuple[str, ...], _Message]:
    """The beginnings that tell a message where a text breaks off: no other begins so, and it is long or has a word of its own."""
    others = {words[:length] for words in _of_numbers() for length in range(CUT_SHORT, len(words) + 1)}
    begun: dict[tuple[str, ...], list[_Message]] = defaultdict(list)
    for error, cause, written, weak in _written():
        for sentence in _FULL_STOP.split(written):
            words = tuple(_words(sentence))
            if len(words) > CUT_SHORT and not error.wrapper and not _UNSPACED.match(words[0]):
                message = _message(error, cause, words, weak, weights)
                for length in range(CUT_SHORT, len(words) + 1):
                    begun[words[:length]].append(message)
    return {
        words: messages[0]
        for words, messages in begun.items()
        if words not in others
        and len({message.error.code for message in messages}) == 1
        and (len(words) >= CUT_COMMON or any(len(errors[word]) == 1 for word in words))
    }
