"""Each host finds the other by name."""

from __future__ import annotations

from msgspec.structs import replace

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import NameAnswer
from checks.network._addresses import every, leading, may_share_a_link, reaches_itself, unsettled
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, command, text
from checks.windows.addresses import IP, address
from checks.windows.names import HostName
from checks.world import FactMissing

_SHORT_NAME = text("what {host} resolves for {name}, the short name of {other}; give [hosts.{other}] fqdn in the plan")
_FULL_NAME = text("what {host} resolves for {name}, the full name of {other}; give [hosts.{other}] fqdn in the plan")
_REGISTERED_NAME = text("what {host} resolves for {name}, the name that the directory has for {other}: it has two full names")
_MEANING = {11001: text("host not found"), 11002: text("the name server did not answer"), 11004: text("the name has no address")}


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Each host resolves the other's short and full name to the same address, one that the other really has",
    facts=(
        "source.partners",
        "source.addresses",
        "source.computer",
        "source.account",
        "target.partners",
        "target.addresses",
        "target.computer",
        "target.account",
    ),
    predicts=("0x80072AF9", "0x80090322"),
)
def name_resolution(subject: PairSubject) -> Finding:
    if subject.only_storage and subject.one_machine:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=subject.source.name)
    source, target = subject.source, subject.target
    answers = _answers(source, target)
    found = [*_problems(source, target, answers), *_problems(target, source, _answers(target, source))]
    if found:
        return max(found, key=lambda finding: finding.severity is not Severity.RISK)
    return passes(
        "{source} and {target} resolve each other: {target} is {addresses}",
        *(
            source.evidence(HostView.partners, text("{name} on {host}", name=answer.name, host=source.name), answer.addresses)
            for answer in answers
        ),
        source=source.name,
        target=target.name,
        addresses=answers[0].addresses,
    )


def _answers(asking: HostView, asked: HostView) -> tuple[NameAnswer, ...]:
    """What one host resolves for the names that the other really has, and for what the plan calls it unless that is an address. A
    name that was only guessed, because the other host was not yet known, does not count. Raises FactMissing when the short name or a full
    one was not asked for."""
    computer = asked.computer
    short, full = HostName(computer.dns_host_name), computer.full_name
    registered = _registered(asked) or full
    meant = {short, full, registered, asked.key, HostName(asked.world.entry(asked.key).fqdn or "")}
    told = asking.answer_about(asked.key).names
    names = tuple(answer for answer in told if HostName(answer.name) in meant and address(answer.name) is None)
    for name, said in ((short, _SHORT_NAME), (full, _FULL_NAME), (registered, _REGISTERED_NAME)):
        if not any(HostName(answer.name) == name for answer in names):
            what = replace(said, values={"host": asking.name, "name": name.key, "other": asked.name})
            raise FactMissing(f"{asking.role}.partners", asking.world.not_collected(what))
    return names


def _registered(asked: HostView) -> HostName | None:
    """The full name that the directory has for a host, or nothing where it has none or no directory knows the host."""
    account = asked.hint(HostView.account) if asked.computer.joined else None
    return HostName(account.full_name) if account is not None and account.full_name else None


def _problems(asking: HostView, asked: HostView, answers: tuple[NameAnswer, ...]) -> list[Finding]:
    found = [problem for answer in answers if (problem := _problem(asking, asked, answer))]
    if not found and len({frozenset(map(address, answer.addresses)) for answer in answers}) > 1:
        found.append(_different(asking, asked, answers))
    return found


def _problem(asking: HostView, asked: HostView, answer: NameAnswer) -> Finding | None:
    got = tuple(dict.fromkeys(ip for written in answer.addresses if (ip := address(written)) is not None))
    if answer.code or not got:
        return _unresolved(asking, asked, answer)
    theirs = leading(asked.addresses)
    mine = tuple(ip for ip in got if reaches_itself(ip, asking.addresses))
    others = tuple(ip for ip in got if ip not in mine)
    foreign = tuple(ip for ip in others if ip not in theirs.every)
    right = not theirs.sure.isdisjoint(others)
    if not right and (tentative := tuple(ip for ip in others if ip in theirs.tentative)):
        raise unsettled(asked, tentative)
    if foreign:
        return _foreign(asking, asked, answer, foreign, some=right)
    if mine:
        return _itself(asking, asked, answer, mine, some=right)
    if right:
        return None
    link = {each.ip for each in every(asked.addresses) if each.answers and may_share_a_link(each.ip, asking.addresses)}
    return _no_use(asking, asked, answer, got, link=not link.isdisjoint(got))


def _unresolved(asking: HostView, asked: HostView, answer: NameAnswer) -> Finding:
    return fails(
        text(
            "{host} does not resolve {name}: {meaning} ({code})",
            host=asking.name,
            name=answer.name,
            meaning=_MEANING.get(answer.code, text("no address")),
            code=answer.code,
        ),
        asking.evidence(
            HostView.partners,
            text("{name} on {host}", name=answer.name, host=asking.name),
            text("error {code}", code=answer.code),
            _texts(asked),
            fits=False,
        ),
        remedy=_remedy(asking, asked, answer.name),
        predicts=("0x80072AF9",),
    )


def _foreign(asking: HostView, asked: HostView, answer: NameAnswer, foreign: tuple[IP, ...], *, some: bool) -> Finding:
    message = text(
        "{host} resolves {name} also to {foreign}, which {other} does not have"
        if some
        else "{host} resolves {name} to {foreign}, which {other} does not have: it would reach another machine or none",
        host=asking.name,
        name=answer.name,
        foreign=tuple(map(str, foreign)),
        other=asked.name,
    )
    return _wrong(asking, asked, answer, message, some=some)


def _itself(asking: HostView, asked: HostView, answer: NameAnswer, mine: tuple[IP, ...], *, some: bool) -> Finding:
    message = text(
        "{host} resolves {name} also to {mine}, which {host} has itself: there it would reach itself and not {other}"
        if some
        else "{host} resolves {name} to {mine}, which {host} has itself: it would reach itself and not {other}",
        host=asking.name,
        name=answer.name,
        mine=tuple(map(str, mine)),
        other=asked.name,
    )
    return _wrong(asking, asked, answer, message, some=some)


def _no_use(asking: HostView, asked: HostView, answer: NameAnswer, got: tuple[IP, ...], *, link: bool) -> Finding:
    message = text(
        "{host} resolves {name} only to {addresses}, which leads to {other} on one link only, if both are on it"
        if link
        else "{host} resolves {name} only to {addresses}, at which another host cannot reach {other}",
        host=asking.name,
        name=answer.name,
        addresses=tuple(map(str, got)),
        other=asked.name,
    )
    return _wrong(asking, asked, answer, message, some=link)


def _wrong(asking: HostView, asked: HostView, answer: NameAnswer, message: Text, *, some: bool) -> Finding:
    """What is wrong with an answer in which some addresses may lead to the other host, or none does."""
    return fails(
        message,
        asking.evidence(
            HostView.partners, text("{name} on {host}", name=answer.name, host=asking.name), answer.addresses, _texts(asked), fits=False
        ),
        *(each.evidence(HostView.addresses, text("addresses of {host}", host=each.name), _texts(each)) for each in (asked, asking)),
        severity=Severity.RISK if some else None,
        remedy=_remedy(asking, asked, answer.name),
        predicts=("0x80090322",),
    )


def _different(asking: HostView, asked: HostView, answers: tuple[NameAnswer, ...]) -> Finding:
    return fails(
        text(
            "{host} resolves the names of {other} differently: {answers}",
            host=asking.name,
            other=asked.name,
            answers=tuple(text("{name} is {addresses}", name=answer.name, addresses=answer.addresses) for answer in answers),
        ),
        *(
            asking.evidence(HostView.partners, text("{name} on {host}", name=answer.name, host=asking.name), answer.addresses)
            for answer in answers
        ),
        severity=Severity.RISK,
        remedy=_remedy(asking, asked, answers[0].name),
        predicts=(),
    )


def _texts(host: HostView) -> tuple[str, ...]:
    return tuple(each.address for each in host.addresses)


def _remedy(asking: HostView, asked: HostView, name: str) -> Remedy:
    return Remedy(
        text(
            "Correct the record of {name} in the DNS that {host} asks, its suffix search list, or its hosts file: {name} has to be an "
            "address of {other}",
            name=name,
            host=asking.name,
            other=asked.name,
        ),
        who=administrator_of(asking.name),
        commands=(command("Clear-DnsClientCache -CimSession {host}", host=asking.name),),
        effective_after=text("when the record's time to live has run out, or the cache on {host} was cleared", host=asking.name),
        shows=text("only addresses of the host that is meant"),
        verify=(
            command(
                "Invoke-Command -ComputerName {host} { [Net.Dns]::GetHostAddresses($args[0]) } -ArgumentList {name}",
                host=asking.name,
                name=name,
            ),
        ),
    )
