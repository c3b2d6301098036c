"""A result without the names of a house: every host, VM, account, domain, address and SID is the same token everywhere.

What is replaced are the names that the result knows as such, wherever they stand, and what is an address, a SID or a host by its form.
Free text is not understood: the title of a change may tell more. Rather too much is replaced than too little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any

import msgspec
from msgspec.structs import replace

from checks.result import Result
from checks.windows.paths import server_of

KEY_FORMAT = "hvpreflight.key/1"

HOST, VM, ACCOUNT, DOMAIN, ADDRESS, SID = KINDS = ("HOST", "VM", "ACCOUNT", "DOMAIN", "ADDRESS", "SID")

_OURS = frozenset(
    {
        *("template", "format", "check", "checks", "outcome", "severity", "verdict", "kind", "fact", "predicts", "counts"),
        *("tool", "version", "rules", "snapshot_sha256", "plan_sha256", "areas", "launch", "storage", "authentication", "unlooked"),
        *("role", "state", "agreement", "seal", "encrypted", "sealing", "protocol", "engine", "redacted", "means"),
    }
)
"""The fields of a result that hold our own words, numbers of programs, or words of Windows that are the same everywhere."""

_BY_NAME = frozenset({"visits", "controllers", "host_details"})
"""The fields whose keys are names."""

_LEAST = 4
"""A name that is at least so long is replaced inside other words too: a disk is called after its VM."""

_SID = re.compile(r"S-1-5-21(?:-\d+){3,}")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:\.\d{1,3}){0,3}(?:%\w+)?(?![\w:])")
_SERVICE_NAME = re.compile(
    r"(?i)(?:cifs|host|http|wsman|termsrv|ldap|dns|rpc|mssqlsvc|restrictedkrbhost|microsoft virtual (?:system migration|console) service"
    r"|hyper-v replica service)/([\w.-]+)"
)
_DOMAIN_PART = re.compile(r"(?i)DC=([\w-]+)")


class _Names:
    """The tokens by the names, whatever their case, in the order in which these were met."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.spelled: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def add(self, kind: str, name: str | None) -> None:
        name = (name or "").strip()
        if not name or _folded(name) in self.tokens:
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        token = f"{kind}-{self.counts[kind]:02}"
        self.tokens[_folded(name)] = token
        self.spelled[token] = name

    def host(self, name: str | None) -> None:
        """A host, with the domain that its full name has. An address is none."""
        name = (name or "").strip().rstrip(".")
        if _address(name):
            self.add(ADDRESS, name)
            return
        short, _, domain = name.partition(".")
        self.domain(domain)
        self.add(HOST, short)

    def domain(self, name: str) -> None:
        self.add(DOMAIN, name)
        self.add(DOMAIN, name.partition(".")[0])

    def account(self, name: str | None) -> None:
        """`CONTOSO\\hv-operator` or `hv-operator@contoso.test`."""
        name = (name or "").strip()
        domain, backslash, user = name.rpartition("\\")
        if not backslash:
            user, _, domain = name.partition("@")
        self.domain(domain)
        self.add(ACCOUNT, user)


def redact(result: Result) -> tuple[Result, dict[str, str]]:
    """The result with tokens in the place of names, and the names by the tokens."""
    whole = msgspec.to_builtins(result, builtin_types=(datetime, date))
    names = _Names()
    _known(result, names)
    for text in dict.fromkeys(_texts(whole)):
        _found(text, names)
    redacted: Result = msgspec.convert(_walked(whole, _Hiding(names.tokens)), Result, builtin_types=(datetime, date))
    return replace(redacted, redacted=dict(names.counts)), names.spelled


def key_file(names: dict[str, str], result: Result) -> bytes:
    """What the tokens stand for, for whoever may know: of this result and no other."""
    content = {"format": KEY_FORMAT, "snapshot_sha256": result.snapshot_sha256, "names": names}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _known(result: Result, names: _Names) -> None:
    for move in result.moves:
        names.host(move.source)
        names.host(move.target)
        names.account(move.operator)
        names.add(VM, move.vm)
        if isinstance(move.launch_from, str):
            names.host(move.launch_from)
        if isinstance(move.destination_path, str) and (server := server_of(move.destination_path)):
            names.host(server.spelled)
    for name, detail in result.host_details.items():
        names.host(name)
        names.host(detail.full_name)
        names.domain(detail.domain or detail.workgroup or "")
        for vm in detail.staying.names if detail.staying else ():
            names.add(VM, vm)
    for finding in (*result.findings, *(result.since.before if result.since else ())):
        subject = finding.subject
        for host in (subject.host, subject.source, subject.target):
            names.host(host)
        names.account(subject.operator)
        names.add(VM, subject.vm)
        if finding.waiver is not None:
            names.add(ACCOUNT, finding.waiver.approved_by)
    for name in (*result.visits, *result.controllers, result.collected.on):
        names.host(name)
    names.account(result.collected.by)
    for use in result.waivers:
        names.add(ACCOUNT, use.waiver.approved_by)
    for each in result.compared:
        names.host(each.report.destination)
        names.add(VM, each.report.vm)
        names.add(VM, each.report.vm_id)


def _found(text: str, names: _Names) -> None:
    """What is a name by its form, in any text."""
    for sid in _SID.findall(text):
        names.add(SID, sid)
    for form in (_IPV4, _IPV6):
        for found in form.findall(text):
            if _address(found):
                names.add(ADDRESS, found)
    for name in _SERVICE_NAME.findall(text):
        names.host(name)
    parts = _DOMAIN_PART.findall(text)
    if parts:
        names.domain(".".join(parts))
        for part in parts[:-1]:
            names.add(DOMAIN, part)


def _address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


class _Hiding:
    """Replaces all names in a text at once, of two at one place the longer one. Names are looked up by how they begin and how long they
    are, however many there are; each text is looked through once."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._done: dict[str, str] = {}
        lengths: dict[str, set[int]] = {}
        for name in tokens:
            lengths.setdefault(name[:_LEAST] if len(name) >= _LEAST else "", set()).add(len(name))
        self._short = sorted(lengths.pop("", ()), reverse=True)
        self._long = {begin: sorted(its, reverse=True) for begin, its in lengths.items()}

    def __call__(self, text: str) -> str:
        done = self._done.get(text)
        if done is None:
            done = self._done[text] = "".join(self._parts(text))
        return done

    def _parts(self, text: str) -> Iterator[str]:
        folded, kept, at = _folded(text), 0, 0
        while at < len(folded):
            name = self._name_at(folded, at)
            if name is None:
                at += 1
                continue
            yield text[kept:at]
            yield self._tokens[name]
            at = kept = at + len(name)
        yield text[kept:]

    def _name_at(self, folded: str, at: int) -> str | None:
        """The longest name that stands here: a short one only where it stands alone."""
        for length in self._long.get(folded[at : at + _LEAST], ()):
            if (name := folded[at : at + length]) in self._tokens:
                return name
        for length in self._short:
            name = folded[at : at + length]
            if name in self._tokens and not (_goes_on(folded, at - 1) or _goes_on(folded, at + length)):
                return name
        return None


def _folded(text: str) -> str:
    """A text in which names are found whatever their case, of the same length."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _goes_on(text: str, at: int) -> bool:
    """Is the character there one of a word."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] in "_-")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for name, value in node.items():
            if not _is_ours(name, node):
                yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)


def _walked(node: Any, hide: Callable[[str], str], *, named: bool = False) -> Any:
    """Every text of the result but our own words hidden; `named`: so are the keys."""
    if isinstance(node, str):
        return hide(node)
    if isinstance(node, list | tuple):
        return [_walked(value, hide) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        hide(name) if named else name: value if _is_ours(name, node) else _walked(value, hide, named=name in _BY_NAME)
        for name, value in node.items()
    }


def _is_ours(name: str, node: dict[str, Any]) -> bool:
    """Does a field hold our own words: a reason that is none of a waiver, and what a piece of evidence is called where that is not a
    sentence with values."""
    if name == "reason":
        return "approved_by" not in node
    if name == "what":
        return isinstance(node[name], str) and "what" not in node.get("texts", ())
    return name in _OURS


def told(counts: dict[str, int], kinds: Iterable[str] = KINDS) -> str:
    """`HOST 2, VM 1`: how many of each kind were replaced."""
    return ", ".join(f"{kind} {counts[kind]}" for kind in kinds if counts.get(kind))
