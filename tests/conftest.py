"""What holds for every test: one profile of hypothesis, one worker for the lane that needs fixed addresses, and interrupts that arrive."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("everywhere", deadline=None, print_blob=True)
"""No deadline: how long an example takes says something of the machine, and of what else it does, not of the program."""
settings.register_profile("ci", parent=settings.get_profile("everywhere"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "everywhere")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The Samba lane first, because it takes longest, and in one worker, because its forests have fixed addresses."""
    items.sort(key=lambda item: item.get_closest_marker("samba") is None)
    for item in items:
        if item.get_closest_marker("samba") is not None:
            item.add_marker(pytest.mark.xdist_group("samba"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where whoever started the tests ignores it, as a shell does for its background jobs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
