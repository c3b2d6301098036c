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


def together(
    tasks: Mapping[K, Callable[[], T]],
    deadline: float,
    *,
    most: int = 32,
    interrupted: threading.Event | None = None,
    closing_s: float = 0.0,
) -> dict[K, T]:
    """What the tasks return, by their keys, `most` of them at a time. One that has not ended by the deadline (on the clock of
    `time.monotonic`) is left out and not waited for. An exception of a task is raised here. KeyboardInterrupt sets `interrupted`, and the
    tasks have `closing_s` seconds to end."""
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

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(most, len(tasks)))]
    for thread in threads:
        thread.start()
    try:
        return _collected(done, len(tasks), deadline)
    except KeyboardInterrupt:
        if interrupted is not None:
            interrupted.set()
            end = time.monotonic() + closing_s
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))
        raise


def _collected(done: SimpleQueue[tuple[K, T | None, Exception | None]], count: int, deadline: float) -> dict[K, T]:
    results: dict[K, T] = {}
    while len(results) < count:
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
