"""A remote shell that an engine answers: the same methods as `lab.shell.Shell`, which answers by itself."""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections import defaultdict, deque

from lab.engine.fragments import HOST_RESPONSES, PIPELINE_STATE, Fragments
from lab.engine.process import Process
from lab.shell import NothingYet, ShellClosed

_STATE = re.compile(rb'<I32 N="PipelineState">(\d)</I32>')
_ENDED = frozenset((3, 4, 5))
"""Stopped, Completed, Failed (PSInvocationState)."""
_SETTLE_S = 0.05
"""So long the output waits for more, so that a message and what ends it travel together, as they do from Windows."""


class EngineShell:
    """One shell and its engine, which ends with it. Every method may be called from any thread. PSRP passes unread, except for whose
    it is and that a pipeline has ended."""

    def __init__(self, engine: Process, creation: bytes) -> None:
        self.envelope_bytes = 100_000
        self._changed = threading.Condition(threading.RLock())
        self._from_client, self._from_engine = Fragments(), Fragments()
        self._output: defaultdict[uuid.UUID | None, deque[bytes]] = defaultdict(deque)
        self._states: defaultdict[uuid.UUID | None, bytes] = defaultdict(bytes)
        self._ended: set[uuid.UUID | None] = set()
        self._closed = False
        self._engine = engine
        engine.attach(self._take, self._gone)
        self.feed(creation)

    def feed(self, data: bytes) -> None:
        """Pass on what the client sent, each message to the pipeline it is for."""
        with self._changed:
            for part in self._from_client.of(data):
                self._engine.data(part.pipeline, part.raw, response=part.kind in HOST_RESPONSES)

    def command(self, pipeline: uuid.UUID, data: bytes) -> None:
        """Pass on the first fragments of a pipeline."""
        with self._changed:
            self._engine.command(pipeline)
            self.feed(data)

    def receive(self, pipeline: uuid.UUID | None, wait_s: float) -> tuple[bytes, bool]:
        """What there is for a pipeline or the pool, as much as one answer carries, and whether it was the last. Raises ShellClosed,
        NothingYet."""
        until = time.monotonic() + wait_s
        waiting = self._output[pipeline]
        with self._changed:
            while not waiting:
                if self._closed:
                    raise ShellClosed
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise NothingYet
            count = 0
            while count < len(waiting) and pipeline not in self._ended and not self._closed:
                count = len(waiting)
                self._changed.wait(_SETTLE_S)
            data = waiting.popleft()
            while waiting and len(data) + len(waiting[0]) <= self.envelope_bytes:
                data += waiting.popleft()
            return data, pipeline in self._ended and not waiting

    def stop(self, pipeline: uuid.UUID) -> None:
        self._engine.stop(pipeline)

    def close(self) -> None:
        """Delete the shell: its engine ends, with whatever it is at."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._engine.close()
                self._changed.notify_all()

    def _take(self, pipeline: uuid.UUID | None, data: bytes) -> None:
        with self._changed:
            for part in self._from_engine.of(data):
                if part.kind == PIPELINE_STATE:
                    self._states[part.pipeline] += part.body
                    if part.last:
                        state = _STATE.search(self._states.pop(part.pipeline))
                        if state and int(state[1]) in _ENDED:
                            self._ended.add(part.pipeline)
            self._output[pipeline].append(data)
            self._changed.notify_all()

    def _gone(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
