"""Ends a check that never ends: raises an exception inside the thread that evaluates."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


class CheckTimeout(BaseException):
    """A check ran longer than it may. Not an Exception, so that a check's own handlers do not swallow it."""


class Watchdog:
    """Watches the thread that entered it. A check that it asks and that lasts longer than `limit_s` gets CheckTimeout raised in it at its
    next bytecode, and nothing else does. Costs two attribute writes and a free lock a check."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._round = 0
        self._busy = False
        self._deciding = threading.Lock()
        self._stop = threading.Event()

    def __enter__(self) -> Watchdog:
        self._thread_id = threading.get_ident()
        self._watcher = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._watcher.join()

    def ask(self, check: Callable[[S], T], subject: S) -> T:
        """What a check says of a subject. Raises CheckTimeout, and whatever the check raises."""
        self._round += 1
        self._busy = True
        try:
            return check(subject)
        finally:
            with self._deciding:
                self._busy = False

    def _watch(self) -> None:
        seen, since = -1, 0.0
        while not self._stop.wait(self.limit_s / 4):
            with self._deciding:
                if not self._busy or self._round != seen:
                    seen, since = self._round, time.monotonic()
                elif time.monotonic() - since > self.limit_s:
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread_id), ctypes.py_object(CheckTimeout))
                    seen = -1
