"""Rules of the Windows Firewall as the registry holds them: `v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=6600|…`.

Source: [MS-GPFAS] 2.2.2 (the grammar of firewall rules).
"""

from __future__ import annotations

from typing import NamedTuple

from checks.facts.network import FirewallRule
from checks.text import Text, text

MIGRATION_RULE, SMB_RULE, WINRM_RULE = "VIRT-MIGL-In-TCP-NoScope", "FPS-SMB-In-TCP", "WINRM-HTTP-In-TCP"
"""The names of the rules that come with Hyper-V and with Windows; their display names are localized."""

LOCAL = "local"
"""The store of the rules that belong to the host itself; the others come with a policy."""

_TCP = "6"
_MOST_DIGITS = 5


class _Listener(NamedTuple):
    """Who listens on a port: the end of its program's path and its service, lower case, as rules name them."""

    program: str
    service: str


_KERNEL = _Listener("system", "*")
"""SMB, and HTTP for WinRM, are served by the kernel, for which no service is named."""
_LISTENERS = {6600: _Listener("\\vmms.exe", "vmms"), 445: _KERNEL, 5985: _KERNEL, 5986: _KERNEL}


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
    """Is this an inbound TCP rule that covers one of the four ports for whoever listens there: it names the port or a range that holds it,
    or no port at all and no other program, service or package. The collector's script keeps the rules of all four by the same words
    (Test-Covers)."""
    found = tokens(rule.data)
    if _first(found, "dir") != "in" or _first(found, "protocol") not in (_TCP, ""):
        return False
    ports = [part for name, values in found.items() if name.startswith("lport") for written in values for part in written.split(",")]
    return any(_holds(part, port) for part in ports) if ports else _may_be_for(_LISTENERS[port], found)


def _holds(written: str, port: int) -> bool:
    low, _, high = written.partition("-")
    high = high or low
    if not all(each.isascii() and each.isdecimal() and len(each) <= _MOST_DIGITS for each in (low, high)):
        return False
    return int(low) <= port <= int(high)


def _may_be_for(listener: _Listener, found: dict[str, tuple[str, ...]]) -> bool:
    programs = all(program.lower().endswith(listener.program) for program in found.get("app", ()))
    services = all(service.lower() in (listener.service, "*") for service in found.get("svc", ()))
    return programs and services and "apppkgid" not in found


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
