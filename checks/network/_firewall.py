"""Rules of the Windows Firewall as the registry holds them: `v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=6600|…`.

Source: [MS-GPFAS] 2.2.2 (the grammar of firewall rules).
"""

from __future__ import annotations

from checks.facts.network import FirewallRule
from checks.text import Text, text

MIGRATION_RULE = "VIRT-MIGL-In-TCP-NoScope"
"""The name of the rule that comes with Hyper-V; its display name is localized."""

LOCAL = "local"
"""The store of the rules that belong to the host itself; the others come with a policy."""

_TCP = "6"


def tokens(data: str) -> dict[str, tuple[str, ...]]:
    """The tokens of a rule by name in lower case; a name that stands more than once has all its values."""
    found: dict[str, tuple[str, ...]] = {}
    for part in data.split("|"):
        name, equals, value = part.partition("=")
        if equals:
            name = name.strip().lower()
            found[name] = (*found.get(name, ()), value.strip())
    return found


def _first(found: dict[str, tuple[str, ...]], name: str) -> str:
    return found.get(name, ("",))[0].lower()


def active(rule: FirewallRule) -> bool:
    return _first(tokens(rule.data), "active") == "true"


def covers(rule: FirewallRule, port: int) -> bool:
    """Is this an inbound TCP rule for the port: it names the port, a range that holds it, or none at all."""
    found = tokens(rule.data)
    if _first(found, "dir") != "in" or _first(found, "protocol") not in (_TCP, ""):
        return False
    ports = (*found.get("lport", ()), *found.get("lport2_10", ()))
    return not ports or any(_holds(part, port) for written in ports for part in written.split(","))


def _holds(written: str, port: int) -> bool:
    low, _, high = written.partition("-")
    if not (low.isdecimal() and (high or low).isdecimal()):
        return False
    return int(low) <= port <= int(high or low)


def allows(rule: FirewallRule, port: int) -> bool:
    return active(rule) and covers(rule, port) and _first(tokens(rule.data), "action") == "allow"


def blocks(rule: FirewallRule, port: int) -> bool:
    return active(rule) and covers(rule, port) and _first(tokens(rule.data), "action") == "block"


def described(rule: FirewallRule) -> Text:
    """A rule in one line: name, store, what it does, whether it is on, and its profiles (none named: all)."""
    found = tokens(rule.data)
    return text(
        "{rule} ({store}): {action}, {state}, {profiles}",
        rule=rule.name,
        store=rule.store,
        action=_first(found, "action"),
        state=text("on") if active(rule) else text("disabled"),
        profiles="+".join(found.get("profile", ())) or text("all profiles"),
    )
