"""What a snapshot says in words: where a fact comes from and why it is missing. A snapshot keeps such words in English, for people; here
they are recognized again, so that any language can say them. What is not recognized is shown as it was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from checks.check import Text, Value, text

_ORIGIN = "origin"
"""The place for words that are themselves a source."""

SOURCES: tuple[Text, ...] = (
    text("plan"),
    text("visit of {host}"),
    text("visit to {host} ({address})"),
    text("computer account of {host}"),
    text("directory of {domain}"),
    text("groups of {account} in {domain}"),
    text("controllers of {domain}"),
    text("what {host} says of {partner}"),
    text("what {host} resolves for {name}, the short name of {other}; give [hosts.{other}] fqdn in the plan"),
    text("what {host} resolves for {name}, the full name of {other}; give [hosts.{other}] fqdn in the plan"),
    text(
        "attempt of {source} at TCP 6600 of {target} at {addresses}: name these addresses as migration_addresses of {target} in the plan "
        "and collect again"
    ),
    text("Microsoft's table of VM configuration versions, for the build read from {origin}"),
    text("Windows before 2016 has no Credential Guard, for the build read from {origin}"),
    text("Win32_ServerFeature and Win32_Service on {host}"),
    text("Win32_LogonSession and Win32_LoggedOnUser on {host}"),
    text("System.Net.Dns and TCP connection attempts on {host}"),
    text("local groups (WinNT provider) on {host}"),
    text("registry FirewallRules on {host}"),
    text("DNS: A and AAAA of {name}"),
    text("DNS: SRV of {name}"),
    text("{controller}: computer account {account}"),
    text("{controllers}: computer account"),
    text("{controller}: tokenGroups of {account}"),
    text("{controller}: groups of {account}"),
    text("{controller}: account {account}"),
    text("account {account}"),
    text("VM {vm} on {host}"),
    text("{what} on {host}"),
)
"""Where facts come from (`source` of a fact). The first that fits counts."""

DETAILS: tuple[Text, ...] = (
    text("members of {group}: not in the answer"),
    text("operational status of {vm}: not in the answer"),
    text("configuration version of {vm}: not in the answer"),
    text("any version: not in the answer"),
    text("trust of the forest root {forest} with {partner}: not in the answer"),
    text("the account of {host} has no dNSHostName"),
    text("the host did not answer this section"),
    text("not an answer of the collector: {problem}"),
    text("an answer in frame {frame}, not {expected}"),
    text("an answer that is not encrypted"),
    text("a section is either answered or failed"),
    text("a time without time zone"),
    text("pipeline failed without an error record"),
    text("{count} objects instead of one text"),
    text("certificate not trusted: {problem}"),
    text("the server's certificate is not trusted for its name"),
    text("the certificates in {file} do not read: {problem}"),
    text("{error}: no answer in time"),
    text("{error}: the host does not accept this logon"),
    text("a library is not installed here: {library}"),
    text("WSMan fault {code}"),
    text("TLS failed: {problem}"),
    text("the host redirects, which is not followed"),
    text("{method} authentication is refused without TLS"),
    text("{method} authentication needs a user and a password"),
    text("certificate authentication needs a certificate and its key"),
    text("no whole answer within {seconds} s"),
    text("the time for the whole run was over"),
    text("no answer before the deadline"),
    text("the deadline has passed"),
    text("interrupted"),
    text("it is busy with another question"),
    text("it is a controller of {domain}"),
    text("it names no controller of its own domain"),
    text("no controller was found"),
    text("no computer account {account} was found: it does not exist, or may not be seen"),
    text("no account {account} was found in any domain that was asked"),
    text("no account {account} was found in {domains}"),
    text("no asked domain knows a domain {domain}"),
    text("{count} accounts have this name"),
    text("{attribute} of {dn} came in parts"),
    text("{attribute} of {dn} has {count} values"),
    text("{attribute} of {dn}: {error}"),
    text("the partition of {domain} cannot be read"),
    text("{attribute} of {dn} cannot be read"),
    text("{dn} cannot be read"),
    text("{server} has no address"),
    text("this machine has no name servers"),
    text("no name server answered within {seconds} s"),
    text("no name server gave a usable answer"),
)
"""Why facts are missing (`detail` of a missing fact), where these are not the words of the system that was asked."""

ACCOUNTS: tuple[Text, ...] = (text("{account} (current logon)"),)
"""Who collected."""

PROTECTIONS: tuple[Text, ...] = (text("WinRM message encryption"),)
"""How a visit was encrypted."""

_PLACE = re.compile(r"\\\{(\w+)\\\}")


@lru_cache(maxsize=1 << 14)
def recognized(words: str, known: tuple[Text, ...]) -> Value:
    """The first of the known sentences that these words are, with its values; the words themselves where they are none."""
    for sentence, pattern in _patterns(known):
        if found := pattern.fullmatch(words):
            values = {place: recognized(value, SOURCES) if place == _ORIGIN else value for place, value in found.groupdict().items()}
            return Text(sentence.template, values)
    return words


@lru_cache
def _patterns(known: tuple[Text, ...]) -> tuple[tuple[Text, re.Pattern[str]], ...]:
    return tuple((sentence, re.compile("".join(_parts(sentence.template)), re.DOTALL)) for sentence in known)


def _parts(template: str) -> Iterator[str]:
    """A pattern's parts: what stands in the template, a name for its first place, and the same again where it repeats."""
    seen: set[str] = set()
    for number, part in enumerate(_PLACE.split(re.escape(template))):
        if number % 2 == 0:
            yield part
        else:
            yield f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
