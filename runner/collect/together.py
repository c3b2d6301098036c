"""Does several things at the same time, in threads that hold up neither each other nor the end of the program."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from typing import TypeVar

from runner.pause import TICK_S

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def together(tasks: Mapping[K, Callable[[], T]], deadline: float, *, most: int = 32) -> dict[K, T]:
    """What the tasks return, by their keys, `most` of them at a time. One that has not ended by the deadline (on the clock of
    `time.monotonic`) is left out and not waited for. An exception of a task is raised here."""
    waiting: SimpleQueue[tuple[K, Callable[[], T]]] = SimpleQueue()
    done: SimpleQueue[tuple[K, T | None, Exception | None]] = SimpleQueue()
    for item in tasks.items():
        waiting.put(item)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                key, task = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((key, task(), None))
            except Exception as error:
                done.put((key, None, error))

    for _ in range(min(most, len(tasks))):
        threading.Thread(target=work, daemon=True).start()
    results: dict[K, T] = {}
    while len(results) < len(tasks):
        left = deadline - time.monotonic()
        try:
            key, value, error = done.get(timeout=max(0.0, min(left, TICK_S)))
        except Empty:
            if left <= 0:
                break
            continue
        if error is not None:
            raise error
        results[key] = value  # type: ignore[assignment]
    return results
