"""Waiting from which Ctrl-C always wakes: on Windows a wait for a queue does not hear it, and a signal that comes just before a long sleep
is heard only after it."""

from __future__ import annotations

import time

TICK_S = 0.5
"""The longest wait at a stretch."""


def pause(seconds: float) -> None:
    """Wait so long, in turns. Raises KeyboardInterrupt within a turn of Ctrl-C."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, TICK_S))
