"""The engine of this lane, once a session, and the reference for Windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.engine.runs import Engine
from tests.engine.reference import Reference, reference_lane
from tests.engine.sessions import pwsh


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(pwsh()) as running:
        yield running


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    reference_lane()
    running = Reference(pwsh())
    yield running
    running.close()
