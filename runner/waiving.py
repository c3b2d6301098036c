"""Lays the waivers of a change over what the checks say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace

from checks.check import Outcome
from checks.result import FindingRecord
from checks.waiver import Waiver, WaiverState, WaiverUse
from checks.windows.names import HostName, fold


class Waiving:
    """The waivers of a run. Only failures can be accepted: what was not read stays unknown, whoever would accept it."""

    def __init__(self, waivers: Sequence[Waiver], until: date | None) -> None:
        """`until` is the last day on which they have to count; without it all do."""
        self._waivers = waivers
        self._expired = {number for number, waiver in enumerate(waivers) if until is not None and waiver.expires < until}
        self._by_name: dict[str, list[int]] = {}
        for number, waiver in enumerate(waivers):
            self._by_name.setdefault(fold(waiver.finding), []).append(number)
        self._met: dict[int, list[FindingRecord]] = {number: [] for number in range(len(waivers))}

    @property
    def any(self) -> bool:
        """Is there a waiver at all."""
        return bool(self._waivers)

    def over(self, finding: FindingRecord) -> FindingRecord:
        """The finding, with the waiver that accepts it."""
        for number in (*self._by_name.get(fold(finding.id), ()), *self._by_name.get(fold(finding.check), ())):
            waiver = self._waivers[number]
            if _names(waiver, finding):
                if finding.outcome is Outcome.FAIL and finding.waiver is None and number not in self._expired:
                    finding = replace(finding, waiver=waiver)
                self._met[number].append(finding)
        return finding

    def uses(self) -> Iterable[WaiverUse]:
        """What became of each waiver, in their order."""
        for number, waiver in enumerate(self._waivers):
            met = self._met[number]
            applied = tuple(finding.id for finding in met if finding.waiver is waiver)
            if applied:
                yield WaiverUse(waiver, WaiverState.APPLIED, applied)
            elif number in self._expired:
                yield WaiverUse(waiver, WaiverState.EXPIRED)
            elif not met:
                yield WaiverUse(waiver, WaiverState.UNKNOWN)
            elif any(finding.undecided or finding.because for finding in met):
                yield WaiverUse(waiver, WaiverState.NOT_JUDGED)
            else:
                yield WaiverUse(waiver, WaiverState.NOT_NEEDED)


def _names(waiver: Waiver, finding: FindingRecord) -> bool:
    subject = finding.subject
    return all(_same(name, value, getattr(subject, name)) for name, value in waiver.subject.items())


def _same(field: str, named: str, found: str | None) -> bool:
    if found is None:
        return False
    return HostName(named) == HostName(found) if field in ("host", "source", "target") else fold(named) == fold(found)
