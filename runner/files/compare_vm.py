"""Reads the output of Compare-VM that somebody saved or copied: reports, as JSON, CLIXML or a list, and their incompatibilities, also alone
or as a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from checks.mistake import Mistake
from checks.second_opinion import CompareReport, Incompatibility
from checks.text import Text, text
from runner.encodings import decoded, encoding
from runner.files.folder import COMPARED
from runner.files.objects import Damaged, Object, objects, unwrapped
from runner.files.reading import Unreadable, whole

MOST_BYTES = 16 << 20
MOST_ENTRIES = 10_000
"""Reports and incompatibilities in one file."""
NAME_LENGTH = 500
MESSAGE_LENGTH = 1_000

_REPORT, _ENTRY = "Incompatibilities", "MessageId"
_BESIDE = ("VM", "VMName", "OperationType", "Destination", "Message", "Source")
_VM = re.compile(r"VirtualMachine \(Name = '(?P<name>.*)'\) \[Id = '(?P<id>[0-9A-Fa-f-]{36})'\]")
_OF_VM = re.compile(r"VMName = '(?P<name>[^']*)'")
_TYPE = re.compile(r"Microsoft\.HyperV\.PowerShell\.\w+")
_SEPARATORS = re.compile(r"[\s,;{}]+")
_LARGEST = (1 << 63) - 1


class CompareVmError(Mistake):
    """A file that holds no output of Compare-VM that can be read; its sentence says why."""


def read_reports(paths: Sequence[Path]) -> tuple[tuple[CompareReport, ...], dict[str, bytes]]:
    """The reports in files, and the files' contents by the names that they have in a run folder. Raises CompareVmError."""
    if len(paths) > len(COMPARED):
        said = text("The output of Compare-VM is read from at most {most} files; several reports may stand in one", most=len(COMPARED))
        raise CompareVmError(said)
    contents: dict[str, bytes] = {}
    reports: list[CompareReport] = []
    for name, path in zip(COMPARED, paths, strict=False):
        try:
            contents[name] = whole(path, MOST_BYTES)
        except Unreadable as error:
            raise _unread(path, error.why) from error
        reports += _reports(contents[name], name, path)
    return tuple(reports), contents


def _reports(content: bytes, name: str, path: Path) -> Iterable[CompareReport]:
    written = "".join(decoded((content,), *encoding(content)))
    try:
        found = list(_bounded(_stated(objects(written, (_REPORT, _ENTRY), _BESIDE), name)))
    except Damaged as error:
        raise _unread(path, error.why) from error
    if not found:
        raise CompareVmError(
            text(
                "{file}: there is no output of Compare-VM in it. It has to show {report} of a report, or {entry} of its incompatibilities: "
                "as a list, a table, JSON ({json}) or CLIXML ({clixml})",
                file=str(path),
                report=_REPORT,
                entry=_ENTRY,
                json="ConvertTo-Json -Depth 4",
                clixml="Export-Clixml -Depth 4",
            )
        )
    return _nameless_together(found)


def _unread(path: Path, why: Text) -> CompareVmError:
    return CompareVmError(text("{file}: the output of Compare-VM cannot be read: {problem}", file=str(path), problem=why))


def _bounded(reports: Iterable[CompareReport]) -> Iterator[CompareReport]:
    count = 0
    for report in reports:
        count += 1 + len(report.incompatibilities)
        if count > MOST_ENTRIES:
            raise Damaged(text("it holds more than {most} reports and incompatibilities", most=MOST_ENTRIES))
        yield report


def _stated(items: Iterable[Object], file: str) -> Iterator[CompareReport]:
    """Reports, each with the incompatibilities that are shown in full behind it, and such that stand alone."""
    report: CompareReport | None = None
    shown: list[Incompatibility] = []
    for item in items:
        if _REPORT not in item and _ENTRY not in item:
            continue
        if _REPORT not in item and report is not None and len(shown) < len(report.incompatibilities):
            shown.append(_entry(item))
            continue
        if report is not None:
            yield replace(report, incompatibilities=(*shown, *_left(report.incompatibilities, shown)))
        report, shown = None, []
        if _REPORT in item:
            report = _report(item, file)
        else:
            yield CompareReport(file, _of_source(item), None, None, (_entry(item),))
    if report is not None:
        yield replace(report, incompatibilities=(*shown, *_left(report.incompatibilities, shown)))


def _left(listed: Iterable[Incompatibility], shown: Sequence[Incompatibility]) -> Iterator[Incompatibility]:
    """What of a report's list is not among those that are shown in full."""
    ids = [entry.id for entry in shown]
    for entry in sorted(listed, key=lambda entry: entry.id is None):
        if entry.id in ids:
            ids.remove(entry.id)
        elif entry.id is None and not entry.message and ids:
            ids.pop()
        else:
            yield entry


def _nameless_together(reports: Iterable[CompareReport]) -> Iterable[CompareReport]:
    """Reports that name no VM cannot be told apart: those for one host are one."""
    found: dict[object, CompareReport] = {}
    for number, report in enumerate(reports):
        key = number if report.vm or report.vm_id else (report.destination,)
        before = found.get(key)
        found[key] = replace(before, incompatibilities=before.incompatibilities + report.incompatibilities) if before else report
    return found.values()


# --- one object -----------------------------------------------------------------------------------------------------


def _report(item: Object, file: str) -> CompareReport:
    raw = unwrapped(item[_REPORT])
    listed = raw if isinstance(raw, list) else [raw]
    entries = tuple(islice((entry for each in listed for entry in _entries(each)), MOST_ENTRIES + 1))
    vm, vm_id = _vm(item.get("VM"))
    vm = vm or _said(item.get("VMName")) or next((name for each in listed if isinstance(each, dict) and (name := _of_source(each))), None)
    return CompareReport(file, vm, vm_id, _destination(item.get("Destination")), entries)


def _entries(value: Any) -> Iterator[Incompatibility]:
    """The incompatibilities that one value of a report stands for: an object, its number, or a list of numbers as a console shows it."""
    if value is None:
        return
    if isinstance(value, dict):
        yield _entry(value)
        return
    said = str(value).strip()
    words = [word for word in _SEPARATORS.split(said) if word]
    if not said.startswith("{") and any(_number(word) is None for word in words):
        yield Incompatibility(None, "" if _TYPE.fullmatch(said) else _shortened(said, MESSAGE_LENGTH))
        return
    yield from (Incompatibility(_number(word)) for word in words)
    if said.startswith("{") and not said.endswith("}"):
        yield Incompatibility()


def _entry(item: Object) -> Incompatibility:
    message = item.get("Message")
    return Incompatibility(_number(item.get(_ENTRY)), _shortened(message, MESSAGE_LENGTH) if isinstance(message, str) else "")


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        value = value.strip()
        value = int(value) if value.isdecimal() and len(value) < 20 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST else None


def _vm(value: Any) -> tuple[str | None, str | None]:
    """The name and the id of a VM, from the object, from what its ToString says, or as somebody selected it."""
    if isinstance(value, dict):
        return _said(value.get("Name")) or _said(value.get("VMName")), _said(value.get("Id")) or _said(value.get("VMId"))
    said = _said(value)
    if said is None or _TYPE.fullmatch(said):
        return None, None
    if match := _VM.fullmatch(said):
        return match["name"] or None, match["id"]
    return said, None


def _destination(value: Any) -> str | None:
    return _said(value.get("Name")) or _said(value.get("ComputerName")) if isinstance(value, dict) else _said(value)


def _of_source(item: Object) -> str | None:
    """The VM that the source of an incompatibility belongs to."""
    source = item.get("Source")
    if isinstance(source, dict):
        return _said(source.get("VMName"))
    match = _OF_VM.search(source) if isinstance(source, str) else None
    return match["name"] if match else None


def _said(value: Any) -> str | None:
    return _shortened(value.strip(), NAME_LENGTH) or None if isinstance(value, str) else None


def _shortened(value: str, most: int) -> str:
    return value if len(value) <= most else f"{value[:most]}…"
