"""Ranks the causes of one operation. Pure: the operation, the known errors and what the checks say of it go in, an order comes out.

How the order comes about, and what `score` says:

* Codes first: what is known under a code leads; messages that only say that something failed (wrappers) come last and are no causes
  while anything else is known. Of several the best attested leads, then the first in the text; its causes come in its own order, those
  of the others after them. Without a code the events lead, without those the words of the message (marked as weak). A code that nobody
  knows is not replaced by either.
* Then the checks that would have seen a cause. The whole part of the score is what they say, the fraction keeps the order above:
  3 a check fails that stops the move, 2 one fails that may stop it, 1 nothing is known either way (no check, a fact missing, not
  judged because another check failed, no snapshot), 0 all of them hold or do not apply (delegation where CredSSP is used).
* Where nobody says from where the move was started, both ways are judged; when a check fails in either, the score is their mean: 1.5 is
  a failure in one of them alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from checks.check import Outcome, Severity
from checks.errors import Attestation, Cause, KnownError
from checks.errors.diagnosis import By, Diagnosis, Found, Operation, Ranked, Standing, View
from checks.errors.lookup import all_errors, find, nearest
from checks.result import FindingRecord

MOST_TEXT = 20_000
"""So many characters of an operation's text are compared with messages."""
ALIKE = 0.75
"""So much of a message's words, by weight, must stand in the text."""
FEWEST_WORDS = 4
"""A shorter message must stand in the text word for word."""
MOST_BY_TEXT = 3
MOST_COMPARED = 10
"""So many codes that nobody knows are compared with the known ones, which costs some milliseconds each."""
OTHER_DIRECTION = frozenset({"authentication.return_session", "delegation.return_direction"})
"""Checks of the way back: they say nothing of the operation that failed."""

FAILS, MAY_FAIL, OPEN, HOLDS = 3.0, 2.0, 1.0, 0.0
_FRACTION = 0.4
_SMALL_EVENT = 1000
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLACEHOLDER = re.compile(r"<[^<>]{0,40}>|'\w'")


def rank(operation: Operation, views: tuple[View, ...] = ()) -> Diagnosis:
    """The causes of an operation in order. `views` is empty when there are no facts."""
    found = recognized(operation)
    unknown = tuple(code for code in operation.codes if not find(code))
    specific = tuple(each for each in found if not each.error.wrapper)
    causes = _ranked(specific or (() if unknown else found), views)
    shown = {finding.id for cause in causes for finding in cause.failing}
    return Diagnosis(
        operation=operation,
        found=found,
        codes=(*(each.error.code for each in found if each.by is By.CODE or _is_own(each, operation)), *unknown),
        unknown=unknown,
        near=() if specific else tuple(dict.fromkeys(error for code in unknown[:MOST_COMPARED] for error in nearest(code))),
        causes=causes,
        blockers=tuple(finding for finding in _blockers(views) if finding.id not in shown),
    )


def _is_own(found: Found, operation: Operation) -> bool:
    """Is the error an event of the operation itself, and more than a wrapper."""
    return not found.error.wrapper and any(found.error.code == str(number) for _, number in operation.events)


# --- which errors ---


def recognized(operation: Operation) -> tuple[Found, ...]:
    """The known errors of an operation, the leading one first."""
    by_code = [Found(error, By.CODE) for error in _once(error for code in operation.codes for error in find(code))]
    own = {str(number) for _, number in operation.events}
    by_event = [Found(error, By.EVENT) for error in _once(error for event in operation.events for error in _of_event(*event))]
    found = [*by_code, *(each for each in by_event if each.error.code in own)]
    if all(each.error.wrapper for each in found) and all(map(find, operation.codes)):
        by_text = [Found(error, By.TEXT) for error in alike(seen.text for seen in operation.observations)]
        specific = [each for each in by_text if not each.error.wrapper]
        found += specific or by_event or by_text
    unique = list({each.error.code: each for each in reversed(found)}.values())[::-1]
    return tuple(sorted(unique, key=_leading))


def _leading(found: Found) -> tuple[bool, int, int]:
    """Sorts by what is specific, how it was recognized, and how well it is attested, but for words, where likeness counts; the rest
    stays as it stood."""
    grade = 0 if found.by is By.TEXT else tuple(Attestation).index(found.error.evidence)
    return found.error.wrapper, tuple(By).index(found.by), grade


def _of_event(channel: str, number: int) -> tuple[KnownError, ...]:
    """The errors that are written under an event. A small number without its channel may be anybody's."""
    if channel:
        return find(f"{channel}/{number}")
    if number < _SMALL_EVENT:
        return ()
    return tuple(error for error in find(str(number)) if error.code == str(number) or any(event.id == number for event in error.events))


def _once(errors: Iterable[KnownError]) -> tuple[KnownError, ...]:
    return tuple({error.code: error for error in errors}.values())


# --- by the words of a message ---


class _Sentence(Struct, frozen=True):
    error: KnownError
    phrase: str
    words: frozenset[str]
    weight: float


def alike(texts: Iterable[str]) -> tuple[KnownError, ...]:
    """The known errors whose message, in English or German, stands in a text: word for word, or most of its words. At most three, those
    first with which the text has most in common."""
    words = _words(" ".join(texts)[:MOST_TEXT].casefold())
    phrase, said = f" {' '.join(words)} ", set(words)
    weights, sentences = _sentences()
    scores: dict[str, tuple[float, KnownError]] = {}
    for sentence in sentences:
        shared = sentence.weight
        if f" {sentence.phrase} " not in phrase:
            shared = sum(weights[word] for word in sentence.words & said) if len(sentence.words) >= FEWEST_WORDS else 0.0
        if shared >= ALIKE * sentence.weight and shared > scores.get(sentence.error.code, (0.0,))[0]:
            scores[sentence.error.code] = (shared, sentence.error)
    best = sorted(scores.values(), key=lambda scored: scored[0], reverse=True)
    return tuple(error for _, error in best[:MOST_BY_TEXT])


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


@cache
def _sentences() -> tuple[dict[str, float], tuple[_Sentence, ...]]:
    """The weight of each word, the less in how more sentences it stands, and the sentences of all messages."""
    plain = [
        (error, _words(_PLACEHOLDER.sub(" ", sentence).casefold()))
        for error in all_errors()
        for message in (error.message, error.message_de)
        for sentence in re.split(r"[;(]| / ", message)
    ]
    plain = [(error, words) for error, words in plain if len(words) > 1]
    times = Counter(word for _, words in plain for word in set(words))
    weights = {word: 1.0 / count for word, count in times.items()}
    return weights, tuple(
        _Sentence(error, " ".join(words), frozenset(words), sum(weights[word] for word in set(words))) for error, words in plain
    )


# --- which causes ---


def _ranked(found: tuple[Found, ...], views: tuple[View, ...]) -> tuple[Ranked, ...]:
    ordered: dict[str, tuple[Cause, Found]] = {}
    for each in found:
        for cause in sorted(each.error.causes, key=lambda cause: cause.rank):
            ordered.setdefault(cause.id, (cause, each))
    judged = [_judged(cause, each, place, views) for place, (cause, each) in enumerate(ordered.values())]
    judged.sort(key=lambda ranked: -ranked.score)
    return tuple(
        Ranked(**{name: getattr(ranked, name) for name in Ranked.__struct_fields__ if name != "rank"}, rank=place)
        for place, ranked in enumerate(judged, start=1)
    )


def _judged(cause: Cause, found: Found, place: int, views: tuple[View, ...]) -> Ranked:
    checks = tuple(check for check in cause.checks if check not in OTHER_DIRECTION)
    strengths = [_strength(checks, view, cause.partly) for view in views] if checks else []
    strength = _together(strengths)
    records = [(view, record) for view in views for check in checks for record in view.findings.get(check, ())]
    failing = _unique(record for _, record in records if _fails(record))
    ways = tuple(view.launch for view, strength in zip(views, strengths, strict=False) if strength >= MAY_FAIL)
    return Ranked(
        cause=cause,
        error=found.error,
        rank=place + 1,
        score=round(strength + _FRACTION / (1 + place), 4),
        by=found.by,
        standing=_standing(strength, strengths),
        failing=failing,
        launches=ways if len(ways) < len(views) else (),
        holding=_unique(record for _, record in records if _speaks_against(record)),
        missing=_unique(record for _, record in records if record.outcome in (Outcome.UNKNOWN, Outcome.ERROR)),
        because=_unique(view.by_id[each] for view, record in records for each in _roots(record, view) if each in view.by_id),
    )


def _together(strengths: list[float]) -> float:
    """What the ways of starting say together: their mean when a check fails for one of them; else it is open as long as one is."""
    highest = max(strengths, default=OPEN)
    return sum(strengths) / len(strengths) if highest >= MAY_FAIL else highest


def _standing(strength: float, strengths: list[float]) -> Standing:
    if strengths and min(strengths) >= MAY_FAIL:
        return Standing.FAILS
    if strengths and max(strengths) >= MAY_FAIL:
        return Standing.MAY_FAIL
    return Standing.HOLDS if strength < OPEN else Standing.OPEN


def _strength(checks: tuple[str, ...], view: View, partly: bool) -> float:
    """What the checks of one cause say together. Checks that see only a part of it cannot rule it out by holding, only by not applying."""
    records = [record for check in checks for record in view.findings.get(check, ())]
    if any(_fails(record) and record.severity is Severity.BLOCKER for record in records):
        return FAILS
    if any(_fails(record) for record in records):
        return MAY_FAIL
    if partly and any(record.outcome is Outcome.PASS for record in records):
        return OPEN
    judged_all = all(view.findings.get(check) for check in checks)
    return HOLDS if judged_all and all(map(_speaks_against, records)) else OPEN


def _fails(record: FindingRecord) -> bool:
    return record.outcome is Outcome.FAIL and record.severity is not Severity.ADVICE


def _speaks_against(record: FindingRecord) -> bool:
    """Does the requirement hold, or not apply here. A check that was stopped by another one's failure says nothing."""
    if record.outcome is Outcome.SKIP:
        return not record.because
    return record.outcome is Outcome.PASS or (record.outcome is Outcome.FAIL and not _fails(record))


def _roots(record: FindingRecord, view: View) -> tuple[str, ...]:
    """The failures for which a check was not judged: a stopped check leads on to what stopped it."""
    roots: dict[str, None] = {}
    waiting = list(record.because)
    seen: set[str] = set()
    while waiting:
        current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        further = view.by_id[current].because if current in view.by_id else ()
        if further:
            waiting += further
        else:
            roots[current] = None
    return tuple(roots)


def _blockers(views: tuple[View, ...]) -> tuple[FindingRecord, ...]:
    """What stops the move however it was started."""
    in_each = [
        {
            record.id: record
            for check, records in view.findings.items()
            if check not in OTHER_DIRECTION
            for record in records
            if _fails(record) and record.severity is Severity.BLOCKER
        }
        for view in views
    ]
    return tuple(record for id, record in in_each[0].items() if all(id in others for others in in_each)) if in_each else ()


def _unique(records: Iterable[FindingRecord]) -> tuple[FindingRecord, ...]:
    """Findings once each, by id and what they say."""
    return tuple({(record.id, record.message.text): record for record in records}.values())
