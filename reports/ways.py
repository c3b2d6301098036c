"""The ways to let the moves start where there is a choice: which one of them is enough, what each takes, needs and opens up, and why
another is not enough. What is said of each stands with the findings, and whether it is enough is computed (`Result.ways`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from checks.remedy import OPERATOR, Choice, Means
from checks.result import FindingRecord, Result, Verdict, WayToGo
from checks.text import Text, text
from reports.digest import few, insteads, label
from reports.language import Language

MOST = 5
"""So much of one kind is told of a way."""

MEANS: dict[Means, str] = {
    Means.CONSTRAINED: "constrained delegation, in the list of the source",
    Means.RESOURCE_BASED: "resource-based delegation, in the list of the target",
}


def means(choice: Choice, language: Language) -> str:
    """What the means of a choice are called."""
    named = MEANS[choice.means]
    return language.say(named)


class Way(NamedTuple):
    """One way as its reader sees it. `verdict`: what is computed of the plan then, where it was; `taken`: the scripts of `fix` go it;
    `lacks`: why it is not enough; where it is, what it leaves."""

    name: str
    enough: bool
    taken: bool
    verdict: Verdict | None
    who: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def held_up(self) -> bool:
        """Is this way enough, and the plan still no GO, for what has nothing to do with it."""
        return self.enough and self.verdict in (Verdict.NO_GO, Verdict.INCOMPLETE)

    def in_short(self, language: Language, *, why: bool = True) -> str:
        """`constrained delegation, in the list of the source (domain administrator of contoso.test): GO`."""
        if not self.enough:
            return f"{self.name} ({'; '.join(self.lacks)})" if self.lacks and why else self.name
        by = f"{self.name} ({'; '.join(self.who)})"
        if (state := self.verdict) is None:
            return by
        if self.held_up:
            return language.say("{way}: still {verdict}, for other reasons", way=by, verdict=language.say(state))
        return f"{by}: {language.say(state)}"


def ways(result: Result, language: Language) -> tuple[Way, ...]:
    """Those that are enough first, and of them the one that the scripts go. Nothing where there is no choice."""
    choosing = [each for each in result.findings if each.fails and each.remedy and each.remedy.chooses]
    computed = {each.means: each for each in result.ways}
    found = [_by(means, choosing, computed.get(means), language) for means in Means]
    if any(each.remedy and each.remedy.instead for each in choosing):
        found.append(_in_a_session(choosing, computed.get(None), language))
    return tuple(sorted(filter(None, found), key=lambda way: (not way.enough, not way.taken)))


def in_short(told: Sequence[Way], language: Language, *, why: bool = True) -> str:
    """Which one of the ways is enough, and which is not, and `why` not, as one line."""
    enough = [way for way in told if way.enough]
    others = [way.in_short(language, why=why) for way in told if not way.enough]
    said = []
    if enough:
        these = "; ".join(way.in_short(language) for way in enough)
        said.append(
            language.say(
                "Only one way is enough: {ways}"
                if len(enough) == 1
                else "The fixes told here take the first of these ways, and one is enough: {ways}"
                if enough[0].taken
                else "One of these ways is enough, by itself: {ways}",
                ways=these,
            )
        )
    if others:
        said.append(language.say("Not enough: {ways}", ways="; ".join(others)))
    return " ".join(f"{each}." for each in said)


def _by(of: Means, choosing: Iterable[FindingRecord], computed: WayToGo | None, language: Language) -> Way | None:
    remedies = [each.remedy for each in choosing if each.remedy]
    by = [each.by_means(of) for each in remedies]
    choices = [each.choice for each in by if each and each.choice]
    out = [out for each in remedies for out in each.ruled_out or () if out.means is of]
    why = tuple(dict.fromkeys(each.why for each in out))
    if not choices and not why:
        return None
    named = MEANS[of]
    name, reasons = language.say(named), _few(why, language)
    if any(each.preferred for each in out):
        name = language.say("{means}, which the plan prefers", means=name)
    if not choices:
        return Way(name, enough=False, taken=False, verdict=None, lacks=reasons)
    together = [one or each for one, each in zip(by, remedies, strict=True)]
    enough = computed.enough if computed else not why
    beside = _few((text("Its list alone is not enough. {why}", why=each) for each in why), language)
    return Way(
        name,
        enough,
        taken=all(each.choice and each.choice.means is of for each in remedies if each.choice),
        verdict=computed.verdict if computed else None,
        who=_few((language.said(each, "who") for each in together), language),
        takes=_few((language.say(remedy.template, **remedy.values) for remedy in together), language),
        needs=(*_few((need for each in choices for need in each.needs), language), *(beside if enough else ())),
        opens=_few((each.choice.opens for each in together if each.choice), language),
        lacks=(*_left(computed, language), *(() if enough else reasons)),
    )


def _in_a_session(choosing: Iterable[FindingRecord], computed: WayToGo | None, language: Language) -> Way:
    instead = insteads(choosing)
    return Way(
        language.say("a start in a session on the source itself"),
        enough=computed.enough if computed else all(each.remedy and each.remedy.instead for each in choosing),
        taken=False,
        verdict=computed.verdict if computed else None,
        who=(language.show(OPERATOR.text),),
        takes=_few((each.what for each in instead), language),
        needs=_few((need for each in instead for need in each.needs), language),
        opens=_few((cost for each in instead for cost in each.costs), language),
        lacks=_left(computed, language),
    )


def _left(computed: WayToGo | None, language: Language) -> tuple[str, ...]:
    """What a way leaves, the worst first."""
    if computed is None:
        return ()
    said = []
    for each in computed.left:
        message = each.message
        said.append(f"{label(each.subject, language)}: {language.say(message.template, **message.values)}")
    if computed.more:
        said.append(language.say("and {count} more", count=computed.more))
    return tuple(said)


def _few(said: Iterable[str | Text], language: Language, most: int = MOST) -> tuple[str, ...]:
    return few(tuple(dict.fromkeys(language.show(each) for each in said)), most, language)
