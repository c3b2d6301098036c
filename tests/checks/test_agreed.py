"""What several domain controllers say together: nothing that one of them contradicts."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from checks.facts.directory import agreed
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import plain, verbatim

AT = datetime(2026, 12, 5, tzinfo=UTC)
SILENT = {Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.NOT_COLLECTED}

FACTS = st.integers(0, 1).map(lambda value: Known(value, verbatim("LDAP"), AT)) | st.sampled_from(Reason).map(
    lambda reason: Missing(reason, verbatim("LDAP"), AT)
)


def same(value: int) -> int:
    return value


@given(st.dictionaries(st.sampled_from(["dc01", "dc02", "dc03"]), FACTS))
def test_a_value_is_what_all_say_that_say_anything(views: dict[str, Fact[int]]) -> None:
    found = agreed(views, same)
    values = {fact.value for fact in views.values() if isinstance(fact, Known)}
    speaks = [fact for fact in views.values() if isinstance(fact, Known) or fact.reason not in SILENT]
    if isinstance(found, Known):
        assert values == {found.value}
        assert all(isinstance(fact, Known) for fact in speaks)
    else:
        assert len(values) != 1 or not all(isinstance(fact, Known) for fact in speaks)
        assert (found is None) == (not views)


def test_two_that_differ_are_named() -> None:
    said: dict[str, Fact[int]] = {f"dc0{number}": Known(number // 2, verbatim("LDAP"), AT) for number in (0, 1, 2)}
    found = agreed(said, same)
    assert isinstance(found, Missing)
    assert (found.reason, plain(found.detail)) == (Reason.CONTRADICTORY, "dc00 and dc02 differ")
