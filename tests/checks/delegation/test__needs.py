"""For which servers a move needs cifs: the table of the kinds of move and places of storage, said once more in words of its own."""

from __future__ import annotations

import itertools

import pytest

from checks.delegation._needs import RULES, Need, Part, Sure, matter, needs
from checks.plan import Kind
from checks.storage import LOCAL, At, Leg, Place
from checks.windows.names import HostName

FS = HostName("fs01")
OTHER = HostName("fs02")
ON_SOURCE, ON_TARGET, ON_FS = Place(At.SOURCE, HostName("s")), Place(At.TARGET, HostName("t")), Place(At.ELSEWHERE, FS)
ON_OTHER = Place(At.ELSEWHERE, OTHER)
PLACES = (LOCAL, ON_SOURCE, ON_TARGET, ON_FS)


def said(leg: Leg) -> set[str]:
    """The needs as `S>fs01`, with a question mark where it is needed perhaps."""
    words = {At.SOURCE: "S", At.TARGET: "T"}

    def say(need: Need) -> str:
        return f"{'T' if need.by_target else 'S'}>{words.get(need.at) or need.server}{'' if need.sure else '?'}"

    return set(map(say, needs(leg)))


@pytest.mark.parametrize(
    ("row", "kind", "files", "destination", "wanted"),
    [
        ("C1", Kind.WITH_STORAGE, [LOCAL], LOCAL, {"S>T"}),
        ("C1 without a path", Kind.WITH_STORAGE, [LOCAL], None, {"S>T"}),
        ("C2", Kind.WITH_STORAGE, [ON_FS], LOCAL, {"S>T", "S>fs01?"}),
        ("C2 from its own share", Kind.WITH_STORAGE, [ON_SOURCE], LOCAL, {"S>T"}),
        ("C2 from the target's share", Kind.WITH_STORAGE, [ON_TARGET], LOCAL, {"S>T"}),
        ("C3", Kind.WITH_STORAGE, [LOCAL], ON_FS, {"S>fs01", "S>T?", "T>fs01?"}),
        ("C3 from a share", Kind.WITH_STORAGE, [ON_OTHER], ON_FS, {"S>fs01", "S>T?", "T>fs01?", "S>fs02?"}),
        ("C3 within a share", Kind.WITH_STORAGE, [ON_FS], ON_FS, {"S>fs01", "S>T?", "T>fs01?"}),
        ("C4 to the target's share", Kind.WITH_STORAGE, [LOCAL], ON_TARGET, {"S>T"}),
        ("C4 to the source's share", Kind.WITH_STORAGE, [LOCAL], ON_SOURCE, {"S>T", "T>S?"}),
        ("C5", Kind.VM_ALONE, [ON_FS], None, {"S>fs01", "T>fs01?"}),
        ("C5 on two shares", Kind.VM_ALONE, [ON_FS, ON_OTHER], None, {"S>fs01", "T>fs01?", "S>fs02", "T>fs02?"}),
        ("C6", Kind.VM_ALONE, [LOCAL], None, set()),
        ("C7 on the source's share", Kind.VM_ALONE, [ON_SOURCE], None, {"T>S?"}),
        ("C7 on the target's share", Kind.VM_ALONE, [ON_TARGET], None, {"S>T"}),
        ("C8", Kind.STORAGE_ALONE, [ON_FS], LOCAL, set()),
        ("C8 to its own share", Kind.STORAGE_ALONE, [LOCAL], ON_SOURCE, set()),
        ("C9 to the target's share", Kind.STORAGE_ALONE, [LOCAL], ON_TARGET, {"S>T"}),
        ("C9 to another server's", Kind.STORAGE_ALONE, [ON_OTHER], ON_FS, {"S>fs01"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_of_the_table(row: str, kind: Kind, files: list[Place], destination: Place | None, wanted: set[str]) -> None:  # noqa: ARG001
    assert said(Leg(kind, tuple(files), True, destination)) == wanted


def test_every_combination_is_in_the_table_or_needs_nothing() -> None:
    left_out = {(kind, part, at) for kind, part, at in itertools.product(Kind, Part, At) if (kind, part, at) not in RULES}
    assert {(kind, part) for kind, part, _ in left_out} == {(Kind.VM_ALONE, Part.DESTINATION), (Kind.STORAGE_ALONE, Part.FILES)}
    assert len(RULES) + len(left_out) == len(Kind) * len(Part) * len(At)


def test_no_host_delegates_to_itself_and_none_to_a_disk() -> None:
    for (_, _, at), rule in RULES.items():
        assert at not in (At.LOCAL, At.SOURCE) or rule.source_to_server is Sure.NO
        assert at not in (At.LOCAL, At.TARGET) or rule.target_to_server is Sure.NO


def test_storage_alone_asks_nothing_of_the_target_as_such() -> None:
    for (kind, _, _), rule in RULES.items():
        if kind is Kind.STORAGE_ALONE:
            assert (rule.source_to_target, rule.target_to_server) == (Sure.NO, Sure.NO)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("files", "destination"), list(itertools.product(PLACES, PLACES)))
def test_more_places_never_need_less(kind: Kind, files: Place, destination: Place) -> None:
    one, more = (needs(Leg(kind, its, True, destination)) for its in ((files,), (files, ON_OTHER)))
    for need in one:
        assert need in more or need._replace(sure=True) in more


def test_where_the_files_lie_decides_for_certain_where_they_stay_and_perhaps_where_they_are_taken_away() -> None:
    assert {kind: (matter(kind, sure=True), matter(kind, sure=False)) for kind in Kind} == {
        Kind.WITH_STORAGE: (False, True),
        Kind.VM_ALONE: (True, True),
        Kind.STORAGE_ALONE: (False, False),
    }
