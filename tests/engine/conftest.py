"""The engine of this lane, once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.engine import found
from lab.engine.runs import Engine
from tests.lanes import lacking


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    pwsh = found.engine()
    if pwsh is None:
        lacking(found.LACKING)
    with Engine(pwsh) as running:
        yield running
