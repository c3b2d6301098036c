"""What somebody else who looked says: the reports of Compare-VM, and how they stand to what the checks say of the same moves."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

SECOND_OPINION = "second_opinion"
"""What a plan check declares that reads how the reports of Compare-VM stand to what the other checks say."""


class Incompatibility(Struct, frozen=True, omit_defaults=True):
    """One entry of a report. `id` is its MessageId, nothing where it could not be read; `message` is as Windows wrote it, in its language,
    and shortened."""

    id: int | None = None
    message: str = ""


class CompareReport(Struct, frozen=True, omit_defaults=True):
    """One report, as it was written: which VM it is of and to which host it would go, as far as it says so. `file` is its copy in the run
    folder."""

    file: str
    vm: str | None = None
    vm_id: str | None = None
    destination: str | None = None
    incompatibilities: tuple[Incompatibility, ...] = ()


class Agreement(StrEnum):
    """How an entry of a report, or a report without any, stands to what the checks say of its moves."""

    SAME = "a check says the same"
    ALONE = "no check that would see this has failed: look closer"
    UNDECIDED = "the check that would see this could not judge"
    NO_CHECK = "no check looks at this: look closer"
    NOT_KNOWN = "this id is not known here: look closer"
    UNREAD = "the id could not be read: look closer"
    NOTHING = "nothing is listed"
    LESS = "not listed, though a check says so"
    NO_MOVE = "of no move of this plan"


LISTED = frozenset({Agreement.SAME, Agreement.ALONE, Agreement.UNDECIDED, Agreement.NO_CHECK, Agreement.NOT_KNOWN, Agreement.UNREAD})
"""What is said of an incompatibility of a move."""


class Opinion(Struct, frozen=True, omit_defaults=True):
    """One entry beside what the checks say. `error` is the code of the known error that the id is, `findings` are the ids of the first
    findings that say the same, or for UNDECIDED those that could not be judged."""

    agreement: Agreement
    entry: Incompatibility = Incompatibility()
    error: str | None = None
    findings: tuple[str, ...] = ()


class Compared(Struct, frozen=True, omit_defaults=True):
    """A report beside what the checks say. `moves` are the places of the moves that it is of, or may be of where it names no VM."""

    report: CompareReport
    moves: tuple[int, ...] = ()
    opinions: tuple[Opinion, ...] = ()
