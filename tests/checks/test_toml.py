"""TOML as it is written: whatever is put in comes back as it was."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import toml

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
SCALARS = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)


@settings(max_examples=40)
@given(st.dictionaries(TEXT, VALUES))
def test_what_is_written_reads_back_the_same(data: dict[str, Any]) -> None:
    assert tomllib.loads(toml.dumps(data)) == data


def test_times_read_back_the_same() -> None:
    data = {"window": {"start": datetime(2026, 12, 5, 20, tzinfo=UTC), "day": date(2026, 12, 31)}}
    assert tomllib.loads(toml.dumps(data)) == data


def test_what_toml_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError):
        toml.dumps({"nothing": None})
