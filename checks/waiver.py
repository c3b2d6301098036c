"""What a change board accepts as it is: failures that are known, with who answers for them and until when."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

SUBJECT_FIELDS = ("host", "source", "target", "vm", "operator")


class Waiver(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One acceptance. `finding` is the id of a finding; or that of a check, and the fields of its subject that are given say of which. It
    counts through the day `expires`."""

    finding: str
    reason: str
    approved_by: str
    expires: date
    ticket: str = ""
    host: str | None = None
    source: str | None = None
    target: str | None = None
    vm: str | None = None
    operator: str | None = None

    @property
    def of_check(self) -> bool:
        """Does it name a check, and not a finding."""
        return "@" not in self.finding

    @property
    def subject(self) -> dict[str, str]:
        """The fields of subjects that it names."""
        given = {name: getattr(self, name) for name in SUBJECT_FIELDS}
        return {name: value for name, value in given.items() if value is not None}


class WaiverState(StrEnum):
    """What became of a waiver."""

    APPLIED = "applied"
    EXPIRED = "expired"
    UNKNOWN = "names nothing in this plan"
    NOT_JUDGED = "not judged, so there is nothing that could be accepted"
    NOT_NEEDED = "not needed"


class WaiverUse(Struct, frozen=True, omit_defaults=True):
    """A waiver, what became of it, and the ids of the findings that it accepts."""

    waiver: Waiver
    state: WaiverState
    findings: tuple[str, ...] = ()
