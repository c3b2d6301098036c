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
    next bytecode, and nothing else does: the number of the question that is open stands in `_asked`, and whoever takes it out, which only
    one thread can, decides. The watcher puts it back once it has raised, so that a check that went on is ended again."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._number = 0
        self._asked: list[int] = []
        self._ending = threading.Lock()
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
        self._number = number = self._number + 1
        self._asked.append(number)
        try:
            return check(subject)
        finally:
            try:
                self._asked.remove(number)
            except ValueError:
                with self._ending:
                    self._asked.remove(number)

    def _watch(self) -> None:
        seen, since = 0, 0.0
        while not self._stop.wait(self.limit_s / 4):
            if self._number != seen or seen not in self._asked:
                seen, since = self._number, time.monotonic()
            elif time.monotonic() - since > self.limit_s:
                self._end(seen)
                seen = 0

    def _end(self, number: int) -> None:
        with self._ending:
            try:
                self._asked.remove(number)
            except ValueError:
                return
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread_id), ctypes.py_object(CheckTimeout))
            self._asked.append(number)
