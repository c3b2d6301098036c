"""What a reader should know of how the hosts and controllers were signed in to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.fact import Reason
from checks.plan import Transport
from checks.result import Result
from reports.digest import few
from reports.language import Language
from reports.obstacles import Obstacle

NAMED = 8


def reach(result: Result, unknown: Iterable[Obstacle], language: Language) -> str:
    """What the account that collected was let read, as far as a check needed it, and what it was refused. `unknown`: what is not known."""
    account, hosts, controllers = result.collected.by, len(result.visits), len(result.controllers)
    denied = [each for each in unknown if each.reason == Reason.ACCESS_DENIED]
    said = [language.say("Visits: hosts {hosts}, domain controllers {controllers}.", hosts=hosts, controllers=controllers)]
    if denied:
        count = sum(len(each.findings) for each in denied)
        what = "; ".join(few([language.show(each.source) for each in denied], NAMED, language))
        said.append(language.say("{account} was refused: {what}. {count} findings wait for it.", account=account, what=what, count=count))
    else:
        said.append(language.say("Nothing that a check needed was refused to {account}.", account=account))
    said.append(language.say("Of which groups it is a member was not read; hvpreflight explain CHECK names the rights that a check needs."))
    return " ".join(said)


def notes(result: Result, language: Language) -> Iterator[str]:
    """A sentence about whom NTLM was used with, and why; another about whom CredSSP gave the password to. Nothing for Kerberos."""
    ways = {name: visit.authentication for name, visit in result.visits.items()}
    handed = [name for name, way in ways.items() if way.startswith(Transport.CREDSSP)]
    by_ntlm = [name for name, way in ways.items() if Transport.NTLM in way and name not in handed]
    by_ntlm += [name for name, way in result.controllers.items() if way.protocol == Transport.NTLM]
    if by_ntlm:
        asked_for = Transport.NTLM in ways.values()
        why = language.say("as asked for") if asked_for else language.say("because Kerberos could not be agreed on")
        yield language.say(
            "Signed in by NTLM, {why}: {names}. NTLM proves no name of who answers; --require-kerberos refuses it.",
            why=why,
            names=", ".join(few(by_ntlm, NAMED, language)),
        )
    if handed:
        yield language.say(
            "By CredSSP these hosts received the password of {account}: {hosts}. Whoever controls one of them has it.",
            account=result.collected.by,
            hosts=", ".join(few(handed, NAMED, language)),
        )
