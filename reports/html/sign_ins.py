"""What a reader should know of how the hosts and controllers were signed in to."""

from __future__ import annotations

from collections.abc import Iterator

from checks.plan import Transport
from checks.result import Result
from reports.digest import few
from reports.language import Language

NAMED = 8


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
