"""The two means by which a source is let act for users at a target: entries in its own delegation list, or one of it in the target's. Each
is a remedy, and which of them are enough the decision table says, of the accounts as the remedy's changes leave them. A start
that needs neither stands beside them where the table says so.

What each opens up: [MS-SFU] 3.2.5.2 (the list of the source names services, that of the target covers all of its own), 3.2.5.1.2 (whether
users have to sign in first), and who sets which of them:
https://learn.microsoft.com/windows-server/security/kerberos/kerberos-constrained-delegation-overview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from checks.changes import Kind
from checks.check import Severity
from checks.delegation import _remedies
from checks.delegation._table import Question, Row
from checks.delegation._way import CONTROLLER_2012, Way, levels, stops, worst
from checks.facts.fact import Missing
from checks.plan import AT_SOURCE
from checks.remedy import Choice, Instead, Means, Opening, Remedy, RuledOut, Users
from checks.text import NOTHING, Text, text
from checks.world import FactMissing

Asked: TypeAlias = tuple[tuple[Way, Question], ...]
"""What a finding asks the table."""

Make: TypeAlias = Callable[[bool], Remedy]
"""Makes a remedy: with "any authentication protocol", or without."""


def remedy(
    way: Way, asked: Asked, beside: Iterable[Way] = (), *, any_protocol: bool = False, highest: Severity = Severity.BLOCKER
) -> Remedy:
    """What opens a way, with what else would: within a domain the entries on the source, unless the plan prefers the target's list and that
    is enough; across domains always the latter. `asked`: what no longer fails then; `beside`: the ways of which another check asks for the
    protocol, which fail then no more than now; `highest`: as what a failure counts at most."""
    makers: dict[Means, Make] = {
        Means.CONSTRAINED: lambda flag: _remedies.add_entries(way.source, way.target, way.absent, any_protocol=flag),
        Means.RESOURCE_BASED: lambda flag: _remedies.allow_on_target(way, any_protocol=flag),
    }
    usual = Means.CONSTRAINED if way.same_domain else Means.RESOURCE_BASED
    chosen = _chosen(way, asked, beside, usual, makers[usual](any_protocol and way.same_domain), makers)
    return replace(chosen, instead=at_the_source(asked, highest))


def protocol(way: Way, asked: Asked, highest: Severity = Severity.BLOCKER) -> Remedy:
    """The flag for any protocol, which no entry in the target's list replaces. Where it is not known what stands there, no other means is
    offered."""
    flag = _remedies.allow_any_protocol(way.source, way.target)
    instead = at_the_source(asked, highest)
    try:
        alone = way.resource_based or not way.same_domain
    except FactMissing:
        alone = True
    if alone:
        return replace(flag, instead=instead)
    makers: dict[Means, Make] = {Means.CONSTRAINED: lambda _: flag, Means.RESOURCE_BASED: lambda _: _remedies.allow_on_target(way)}
    return replace(_chosen(way, asked, (), Means.CONSTRAINED, flag, makers), instead=instead)


def for_the_way_back(remedy: Remedy) -> Remedy:
    """The remedy, which says of a start on the source that it is for the way back."""
    if remedy.instead is None:
        return remedy
    return replace(remedy, instead=replace(remedy.instead, what=text("For the way back: {what}", what=remedy.instead.what)))


def at_the_source(asked: Asked, highest: Severity = Severity.BLOCKER) -> Instead | None:
    """A start in a session on the source, where the table objects less to it than to the start that is planned. Nothing where it does not,
    where that is not known, and where it is not sure that the move needs the way at all."""
    if not asked or any(question is Question.DOUBT for _, question in asked):
        return None
    try:
        _, now = worst((way, way.decide(question)) for way, question in asked)
        sessions = [(way.started(launch), question) for way, question in asked for launch in AT_SOURCE]
        way, then = worst((way, way.decide(question)) for way, question in sessions)
    except FactMissing:
        return None
    if _weight(then) >= min(_weight(now), highest.weight):
        return None
    source = way.source.name
    return Instead(
        text(
            "Start the move to {target} in a session on {source} itself, at its console or through Remote Desktop: for that nothing has to "
            "be changed in the directory",
            source=source,
            target=way.target.name,
        ),
        (
            text(
                "A sign-in to {source} with password or smart card, not in Restricted Admin mode and not with Remote Credential Guard",
                source=source,
            ),
            text("A plan whose launch is console or rdp, and another check of it, which then judges that start"),
        ),
        (
            text(
                "Somebody has to be signed in to {source} for each start: none from another computer, none by a script or a schedule",
                source=source,
            ),
        ),
    )


def _weight(row: Row) -> int:
    return row.severity.weight if stops(row) and row.severity else 0


def _chosen(way: Way, asked: Asked, beside: Iterable[Way], usual: Means, first: Remedy, makers: Mapping[Means, Make]) -> Remedy:
    """The preferred one of the remedies that are enough; without a preference, and where it is not, the usual one, which is `first`."""
    prefer = way.source.world.preferences.prefer
    before = tuple(each for each in beside if not _fails_already(each))
    enough: dict[Means, Remedy] = {}
    out: dict[Means, Text] = {}
    for means, make in makers.items():
        try:
            made, lacks = _whole(way, asked, before, make, first if means is usual else None)
            if lacks is None:
                enough[means] = replace(made, choice=_choice(means, way, made))
            else:
                out[means] = lacks
        except FactMissing as missing:
            out[means] = text("Whether it is enough is not known: {why}", why=_said(missing.missing))
    taken = prefer if prefer in enough else usual
    return replace(
        enough.get(taken, first),
        alternatives=tuple(each for means, each in enough.items() if means is not taken),
        ruled_out=tuple(RuledOut(means, why, means is prefer) for means, why in out.items() if means is not taken),
    )


def _whole(way: Way, asked: Asked, beside: tuple[Way, ...], make: Make, first: Remedy | None) -> tuple[Remedy, Text | None]:
    """A remedy, with the flag for any protocol where it is not enough without, and why it is not enough."""
    made = first or make(False)
    if not made.changes:
        return made, made.text
    left = _left(asked, beside, made)
    if left is not None and left[1].question is Question.PROTOCOL:
        made = make(True)
        left = _left(asked, beside, made)
    if left is None:
        return made, None
    if way.old_controllers:
        return made, text("The domain controllers of {old} do not know resource-based delegation", old=way.old_controllers)
    return made, text("Judged as if its entry stood there already: {decision}", decision=left[0].message(left[1]))


def _left(asked: Asked, beside: tuple[Way, ...], made: Remedy) -> tuple[Way, Row] | None:
    """The first thing that the table still objects to after the changes of a remedy."""
    for way, question in (*asked, *((each, Question.PROTOCOL) for each in beside)):
        then = way.after(made.changes)
        if stops(row := then.decide(question)):
            return then, row
    return None


def _fails_already(way: Way) -> bool:
    """Does the protocol of a way fail already, or is that not known: then another check says so."""
    try:
        return stops(way.decide(Question.PROTOCOL))
    except FactMissing:
        return True


def _said(missing: Missing) -> Text:
    return missing.source if missing.detail == NOTHING else missing.detail


def _choice(means: Means, way: Way, made: Remedy) -> Choice:
    then = way.after(made.changes)
    row = then.decide(Question.PROTOCOL)
    start = () if stops(row) else (_for_a_start(way, then.message(row)),)
    if means is Means.CONSTRAINED:
        right = text(
            'The right "Enable computer and user accounts to be trusted for delegation" in {domain}, which its domain administrators have',
            domain=way.source.home,
        )
        first, second = sorted((way.source.name, way.target.name))
        one = text("{source} and {target} in one domain: a delegation list ends at its own", source=first, target=second)
        return Choice(means, _by_own_list(way, then), (right, one, *start), _opening(way, then, made))
    right = text(
        "The right to write to the computer account of {target} in {domain}, which its domain administrators have",
        target=way.target.name,
        domain=way.target.home,
    )
    return Choice(means, _by_targets_list(way, then), (right, _controllers(way), *_trust(way), *start), _opening(way, then, made))


def _for_a_start(way: Way, decision: Text) -> Text:
    names = {"source": way.source.name, "target": way.target.name}
    return text("For a start {source} → {target}: {decision}", **names, decision=decision)


def _opening(way: Way, then: Way, made: Remedy) -> Opening:
    """What the changes of a remedy let the source do, as data."""
    kinds = {change.kind for change in made.changes}
    target = (way.target.name,)
    return Opening(
        way.source.name,
        way.source.home,
        Users.ANY if _free(then) else Users.SIGNED_IN,
        named=target if Kind.DELEGATE_TO in kinds else (),
        every=target if Kind.ACT_ON_BEHALF in kinds else (),
        listed=Kind.ANY_PROTOCOL in kinds and not way.empty,
    )


def _free(then: Way) -> bool:
    """Does the source get tickets that may be passed on for users who did not sign in to it."""
    return then.any_protocol or then.empty


def _by_own_list(way: Way, then: Way) -> Text:
    return text(
        "{source} may then act for every account that may be delegated, also where that one never signed in to it, but only towards the "
        "services that its delegation list names. Only who holds the right to enable delegation can change that later, as the domain "
        "administrators of {domain} do"
        if _free(then)
        else "{source} may then act for those who sign in to it with Kerberos, and only towards the services that its delegation list "
        "names. Only who holds the right to enable delegation can change that later, as the domain administrators of {domain} do",
        source=way.source.name,
        domain=way.source.home,
    )


def _by_targets_list(way: Way, then: Way) -> Text:
    opens = text(
        "{source} may then act for every account that may be delegated, also where that one never signed in to it, towards every service "
        "of {target}. Everybody who may write to the computer account of {target} can change that later, domain administrator or not"
        if _free(then)
        else "{source} may then act for those who sign in to it with Kerberos, towards every service of {target}. Everybody who may write "
        "to the computer account of {target} can change that later, domain administrator or not",
        source=way.source.name,
        target=way.target.name,
    )
    if then.any_protocol and not way.any_protocol:
        return text("{opens}. The same is then open to it towards the services of its own delegation list", opens=opens)
    return opens


def _controllers(way: Way) -> Text:
    """The versions that resource-based delegation needs."""
    seen = {name: level for host in (way.source, way.target) for name, level in levels(host).items()}
    older = tuple(sorted(name for name, level in seen.items() if level < CONTROLLER_2012))
    domains = tuple(dict.fromkeys((way.source.home, way.target.home)))
    if older:
        return text(
            "Windows Server 2012 or later on every domain controller of {domains} that is asked: {older} are older, and where one of them "
            "is asked the move fails",
            domains=domains,
            older=older,
        )
    return text(
        "Windows Server 2012 or later on {source} and on the domain controllers of {domains}", source=way.source.name, domains=domains
    )


def _trust(way: Way) -> tuple[Text, ...]:
    """What it needs where it crosses a border, which domain.trust judges."""
    if way.same_domain:
        return ()
    return (text("A trust between {source_domain} and {target_domain}", source_domain=way.source.home, target_domain=way.target.home),)
