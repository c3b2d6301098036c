"""An entry of an event log, whatever file it came in, and what it tells about a migration."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from checks.errors.codes import KERBEROS
from checks.errors.events import ONLY_SUCCEEDED, WRITTEN_BY_SOURCE, WRITTEN_BY_TARGET
from checks.errors.lookup import all_errors
from checks.errors.observation import Observation
from runner.diagnose.codes_in_text import (
    KERBEROS_EVENTS,
    canonical,
    codes_in_text,
    is_known,
    is_own_provider,
    is_told_beside,
    of_foreign,
    plain,
    status_in_data,
)
from runner.diagnose.names import Named, names_in_text, names_in_values, peer_in_values
from runner.diagnose.readers.kept import Kept
from runner.diagnose.readers.text import TEXT_LIMIT

SEARCH_LIMIT = 1 << 16
"""Characters of an entry that are searched for codes and names."""

TICKET_EVENTS = frozenset({4768, 4769})
"""Events of the Security log of a domain controller whose `Status` is a Kerberos result."""

NAMES_LIMIT = 8_000
"""Characters of an entry in which names are looked for: they stand in its first sentences."""

HYPER_V = "Microsoft-Windows-Hyper-V-"


class Entry(NamedTuple):
    """One entry as its file has it. `message` is the rendered text, if the file has one; `values` its data, named or not."""

    where: str
    id: int | None = None
    channel: str = ""
    provider: str = ""
    computer: str = ""
    time: datetime | None = None
    message: str = ""
    values: tuple[tuple[str, str], ...] = ()


def keep(kept: Kept, entry: Entry) -> None:
    """Keep what an entry tells if it belongs to Hyper-V or carries a known code; anything else is only counted."""
    text = searched(entry)
    kept.told.event(entry.id, entry.time, text)
    codes = _codes(entry, text)
    known_event = entry.id in _known_ids() and _of_hyper_v(entry)
    if not (_of_hyper_v(entry) or any(is_known(code) for code in codes)):
        if entry.time is not None and is_told_beside(entry.provider):
            kept.beside(lambda: _observation(entry, text, codes))
        else:
            kept.unrelated()
        return
    kept.add(lambda: _observation(entry, text, codes), telling=bool(codes) or known_event)


def searched(entry: Entry) -> str:
    """The text of an entry: its message, and its values where it has none."""
    return plain((entry.message or "\n".join(f"{name}: {value}" if name else value for name, value in entry.values))[:SEARCH_LIMIT])


def number(text: str | None) -> int | None:
    """An event id, or nothing where the text is none."""
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


_FRACTION = re.compile(r"(\.\d{6})\d+")


def utc(text: str | None) -> datetime | None:
    """An ISO time with a zone as UTC; nothing for one without, because nobody knows whose local time it was."""
    try:
        time = datetime.fromisoformat(_FRACTION.sub(r"\1", (text or "").strip()))
        return None if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _of_hyper_v(entry: Entry) -> bool:
    return entry.channel.startswith(HYPER_V) or entry.provider.startswith((HYPER_V, "Hyper-V-"))


@cache
def _known_ids() -> frozenset[int]:
    return frozenset((*ONLY_SUCCEEDED, *(event.id for error in all_errors() for event in error.events if event.id is not None)))


_BINARY = re.compile(r"[0-9A-Fa-f]{8}(?:[0-9A-Fa-f]{2}){0,4096}")
_RESOURCE = re.compile(r"%%(\d{10})\b", re.ASCII)


def _codes(entry: Entry, text: str) -> tuple[str, ...]:
    found = [*codes_in_text(text)]
    for name, value in entry.values:
        if entry.message:
            found += codes_in_text(plain(value[:SEARCH_LIMIT]))
        found += (code for match in _RESOURCE.finditer(value) if (code := canonical(match[1])))
        if entry.id in TICKET_EVENTS and name == "Status" and (result := _kerberos(value)):
            found.append(result)
    if always := KERBEROS_EVENTS.get((entry.provider.casefold().removeprefix("microsoft-windows-"), entry.id or 0)):
        found.append(always)
        found += (code for _, value in entry.values if _BINARY.fullmatch(value) for code in status_in_data(value))
    if entry.provider and not is_own_provider(entry.provider):
        found = [code for _, code in of_foreign((0, code) for code in found)]
    return tuple(dict.fromkeys(found))


def _kerberos(value: str) -> str | None:
    try:
        return KERBEROS.get(int(value.strip(), 16))
    except ValueError:
        return None


def _observation(entry: Entry, text: str, codes: tuple[str, ...]) -> Observation:
    host = entry.computer.strip()[:255] or None
    names = names_in_values(entry.values).or_else(names_in_text(text[:NAMES_LIMIT])) if _of_hyper_v(entry) else Named()
    source, target = _direction(entry, names, host, codes)
    beside = "".join(f"\n{name}: {value}" for name, value in entry.values if name.casefold() == "vmid" and value not in text)
    return Observation(
        where=entry.where,
        text=text[: TEXT_LIMIT - len(beside[:100])] + beside[:100],
        codes=codes,
        events=((entry.channel[:255], entry.id),) if entry.id is not None else (),
        host=host or names.host,
        vm=names.vm,
        source=source,
        target=target,
        time=entry.time,
        provider=entry.provider[:255],
        rendered=bool(entry.message),
    )


def _direction(entry: Entry, names: Named, host: str | None, codes: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Source and target: as the text says; else from which side writes this event and which other host its values name."""
    source, target = names.source, names.target
    if host and codes and _of_hyper_v(entry):
        peer = peer_in_values(entry.values, names.vm, host) if names.vm else None
        if entry.id in WRITTEN_BY_SOURCE:
            return source or host, target or peer
        if entry.id in WRITTEN_BY_TARGET:
            return source or peer, target or host
    return source, target
