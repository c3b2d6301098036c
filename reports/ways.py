"""The ways to let the moves start where there is a choice: which one of them is enough, what each takes, needs and opens up, and why
another is not enough. What is said of each stands with the findings, and whether it is enough is computed (`Result.ways`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_uppercase
from typing import NamedTuple

from checks.remedy import OPERATOR, Choice, Means, Opening, Users
from checks.result import FindingRecord, Result, Verdict, WayToGo
from checks.text import Text, text
from reports.digest import few, insteads, label
from reports.escape import markdown
from reports.language import Language
from reports.obstacles import Obstacle, numbered

MOST = 5
"""So much of one kind is told of a way."""

_NOTHING = text("Nothing in the directory")

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
    `lacks`: why it is not enough; where it is, what it leaves. `opened`: what it lets each host do, where all of that is known;
    `brief`: the same in a few words; `means`: by which lists, where it is by any."""

    name: str
    enough: bool
    taken: bool
    verdict: Verdict | None
    who: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    opened: tuple[Opening, ...] | None = None
    means: Means | None = None
    letter: str = ""
    brief: str = ""

    @property
    def held_up(self) -> bool:
        """Is this way enough, and the plan still no GO, for what has nothing to do with it."""
        return self.enough and self.verdict in (Verdict.NO_GO, Verdict.INCOMPLETE)

    def outcome(self, language: Language, *, why: bool = True) -> str:
        """What is computed of the plan on this way, or that it is not enough and `why` not."""
        if not self.enough:
            lacks = "; ".join(self.lacks)
            return language.say("not enough: {why}", why=lacks) if lacks and why else language.say("not enough")
        if (state := self.verdict) is None:
            return language.say("enough")
        verdict = language.say(state)
        return language.say("still {verdict}, for other reasons", verdict=verdict) if self.held_up else verdict

    def within(self, other: Way) -> bool:
        """Is it known that this way opens nothing that the other does not."""
        if self.opened is None or other.opened is None:
            return False
        others = {each.host: each for each in other.opened}
        return all(each.host in others and each <= others[each.host] for each in self.opened)


class InShort(NamedTuple):
    """A way in a line."""

    way: str
    who: str
    opens: str
    outcome: str


class Told(NamedTuple):
    """The choice in short: what is to be chosen, and the letter of the way that the fixes take which are told, where there is one."""

    heading: str
    taken: str
    rows: tuple[InShort, ...]


def ways(result: Result, language: Language) -> tuple[Way, ...]:
    """Those that are enough first, and of them the one that the scripts go, each with a letter. Nothing where there is no choice."""
    choosing = [each for each in result.findings if each.fails and each.remedy and each.remedy.chooses]
    computed = {each.means: each for each in result.ways}
    found = [_by(means, choosing, computed.get(means), language) for means in Means]
    if any(each.remedy and each.remedy.instead for each in choosing):
        found.append(_in_a_session(choosing, computed.get(None), language))
    ordered = sorted(filter(None, found), key=lambda way: (not way.enough, not way.taken))
    told = [way._replace(letter=letter) for way, letter in zip(ordered, ascii_uppercase, strict=False)]
    enough = [way for way in told if way.enough]
    return tuple(_weighed(way, enough, language) for way in told)


def in_short(told: Sequence[Way], language: Language, *, why: bool = True) -> Told | None:
    """The choice as it is told where the rest stands elsewhere; nothing where there is none. `why`: say why a way is not enough."""
    if not told:
        return None
    enough = [way for way in told if way.enough]
    heading = language.say(
        "None of these ways is enough"
        if not enough
        else "Only one of these ways is enough"
        if len(enough) == 1
        else "Choose one of two ways"
        if len(enough) == 2
        else "Choose one of three ways"
    )
    return Told(
        heading,
        next((way.letter for way in enough if way.taken), ""),
        tuple(InShort(f"{way.letter}: {way.name}", "; ".join(way.who), way.brief, way.outcome(language, why=why)) for way in told),
    )


def in_markdown(choice: Told, language: Language) -> Iterator[str]:
    """The choice as the lines of a table."""
    say = language.say
    yield f"| {say('Way')} | {say('Who')} | {say('Opens up or costs')} | {say('Verdict then')} |"
    yield "|---|---|---|---|"
    yield from (f"| {' | '.join(markdown(said or '–') for said in row)} |" for row in choice.rows)


def others(told: Sequence[Way], steps: Iterable[Obstacle], language: Language) -> Iterator[str]:
    """What to do instead of the way that the fixes take, of each other one that is enough. `steps`: what would make it GO."""
    if not any(way.taken for way in told if way.enough):
        return
    mended = [(name, step.cause.findings[0].remedy) for step, name in numbered(steps) if step.cause]
    for way in told:
        if not way.enough or way.taken:
            continue
        if way.means is None:
            yield language.say(
                "Way {letter}: write {console} or {rdp} into the plan, and check again",
                letter=way.letter,
                console='launch = "console"',
                rdp='launch = "rdp"',
            )
            continue
        other = [name for name, remedy in mended if remedy and remedy.by_means(way.means)]
        same = [name for name, _ in mended if name not in other]
        yield language.say(
            "Way {letter}: not the scripts of hvpreflight fix, but of {other} the commands under Alternative, on the page; of {same} its "
            "own. Then from the second step"
            if same
            else "Way {letter}: not the scripts of hvpreflight fix, but of {other} the commands under Alternative, on the page. Then from "
            "the second step",
            letter=way.letter,
            other=", ".join(few(other, MOST, language)),
            same=", ".join(few(same, MOST, language)),
        )


def _weighed(way: Way, enough: Sequence[Way], language: Language) -> Way:
    beside = _beside(way, enough, language)
    return way._replace(opens=(language.say("Opens, in comparison: {extent}", extent=beside), *way.opens)) if beside else way


def _beside(way: Way, enough: Sequence[Way], language: Language) -> str:
    """How much a way opens beside the others that are enough, as far as that can be told of all of both."""
    if not way.enough:
        return ""
    others = [each for each in enough if each is not way]
    less = [each.letter for each in others if way.within(each) and not each.within(way)]
    more = [each.letter for each in others if each.within(way) and not way.within(each)]
    if others and len(less) == len(others):
        return language.say("the least")
    if others and len(more) == len(others):
        return language.say("the most")
    if less and more:
        return language.say("less than {less}, more than {more}", less=", ".join(less), more=", ".join(more))
    if less or more:
        return language.say("less than {ways}" if less else "more than {ways}", ways=", ".join(less or more))
    return ""


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
    chosen = [each.choice for each in together if each.choice]
    rights = [each.choice.needs[0] for each in together if each.choice and each.choice.means is not of]
    openings = [each.opening for each in chosen if each.opening]
    opened = _by_host(openings)
    untold = [each.opens for each in chosen if not each.opening]
    enough = computed.enough if computed else not why
    beside = _few((text("An entry in this list alone is not enough, hence the other steps. {why}", why=each) for each in why), language)
    return Way(
        name,
        enough,
        taken=all(each.choice and each.choice.means is of for each in remedies if each.choice),
        verdict=computed.verdict if computed else None,
        who=_few((language.said(each, "who") for each in together), language),
        takes=_few((language.say(remedy.template, **remedy.values) for remedy in together), language),
        needs=(*_few(_joined((*(need for each in choices for need in each.needs), *rights)), language), *(beside[:1] if enough else ())),
        opens=_few((*_opens(opened, language), *untold), language),
        lacks=(*_left(computed, language), *(() if enough else reasons)),
        opened=opened if len(openings) == len(together) else None,
        brief=_brief(opened, language) if len(openings) == len(together) else "",
        means=of,
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
        needs=_few(_joined(need for each in instead for need in each.needs), language),
        opens=_few((_NOTHING, *_joined(cost for each in instead for cost in each.costs)), language),
        lacks=_left(computed, language),
        opened=(),
        brief=language.say("Nothing in the directory; somebody signed in to the host for each start"),
    )


def _by_host(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    """What several remedies open together, once a host."""
    found: dict[str, Opening] = {}
    for each in openings:
        found[each.host] = found[each.host] | each if each.host in found else each
    return tuple(found.values())


def _brief(opened: Iterable[Opening], language: Language) -> str:
    """What a way opens, in a few words: for whom the hosts act then, and towards what at most."""
    opened = tuple(opened)
    every = tuple(dict.fromkeys(target for each in opened for target in each.every))
    anyone = any(each.users is Users.ANY for each in opened)
    if every:
        return language.say(
            "Acting for any account, towards every service of {targets}"
            if anyone
            else "Acting for whoever signed in there, towards every service of {targets}",
            targets=few(every, MOST, language),
        )
    return language.say(
        "Acting for any account, towards listed services" if anyone else "Acting for whoever signed in there, towards listed services"
    )


def _opens(opened: Iterable[Opening], language: Language) -> Iterator[Text]:
    """What a way opens: hosts of which the same holds together, then who can change it later."""
    alike: dict[Opening, list[str]] = {}
    domains: dict[str, list[str]] = {}
    accepting: dict[str, None] = {}
    for each in opened:
        own = bool(each.named) or each.listed
        alike.setdefault(Opening("", "", each.users, every=each.every, listed=own), []).append(each.host)
        if own:
            domains.setdefault(each.domain, []).append(each.host)
        accepting |= dict.fromkeys(each.every)
    for what, hosts in alike.items():
        towards = (
            text("only towards the services that its own delegation list names")
            if not what.every
            else text(
                "towards every service of {targets}, and towards what its own delegation list names"
                if what.listed
                else "towards every service of {targets}",
                targets=few(what.every, MOST, language),
            )
        )
        yield text(
            "{hosts}: may then act for every account that may be delegated, also where that one never signed in there, {towards}"
            if what.users is Users.ANY
            else "{hosts}: may then act for those who sign in there with Kerberos, {towards}",
            hosts=few(hosts, MOST, language),
            towards=towards,
        )
    for domain, hosts in domains.items():
        yield text(
            "{hosts}: only who holds the right to enable delegation can change that later, as the domain administrators of {domain} do",
            hosts=few(hosts, MOST, language),
            domain=domain,
        )
    if accepting:
        yield text(
            "{targets}: everybody who may write to the computer account can change later from whom it accepts delegation, domain "
            "administrator or not",
            targets=few(tuple(accepting), MOST, language),
        )


def _joined(said: Iterable[Text]) -> tuple[Text, ...]:
    """Sentences that differ in the name of a host alone as one, with all of these names."""
    found: dict[Text, list[str]] = {}
    for each in dict.fromkeys(said):
        host = each.values.get("source") if each.values.keys() == {"source"} else None
        found.setdefault(Text(each.template) if isinstance(host, str) else each, []).append(host if isinstance(host, str) else "")
    return tuple(Text(each.template, {"source": tuple(hosts)}) if any(hosts) else each for each, hosts in found.items())


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
