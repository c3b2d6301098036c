"""A PowerShell engine in server mode (`pwsh -s`): a process that speaks PSRP over its standard input and output.

Each line is one small element: `<Data Stream='Default' PSGuid='…'>base64 of fragments</Data>`, or `<Command|Close|Signal PSGuid='…' />`.
PSGuid names a pipeline, all zeros the runspace pool. The engine acknowledges each line (`<DataAck …/>`); because it reads every line in a
thread of its own, the next one is sent when the last one was acknowledged.
"""

from __future__ import annotations

import base64
import os
import queue
import re
import subprocess
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence

from lab.engine.found import ENVIRONMENT

_POOL = uuid.UUID(int=0)
_LINE = re.compile(r"<(\w+)(?: Stream='\w+')? PSGuid='([0-9a-fA-F-]{36})'(?: ?/>|>([^<]*)</\w+>)\s*$")
_CLOSE_S = 3.0

OnData = Callable[[uuid.UUID | None, bytes], None]


class Process:
    """One engine. Nothing here waits for it: what is sent is queued, and goes out as the engine acknowledges what came before."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._on_data: OnData = lambda *_: None
        self._on_end: Callable[[], None] = lambda: None
        self._acknowledged: queue.SimpleQueue[tuple[str, uuid.UUID] | None] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[tuple[str, str, uuid.UUID] | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT, **environment},
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)

    def attach(self, on_data: OnData, on_end: Callable[[], None]) -> None:
        """From now on, `on_data` gets what the engine sends and `on_end` is called when it is gone, both from a thread of its own."""
        self._on_data, self._on_end = on_data, on_end
        threading.Thread(target=self._write, daemon=True).start()
        self._reader.start()

    def data(self, pipeline: uuid.UUID | None, fragments: bytes, *, response: bool = False) -> None:
        """Send fragments; `response` for the answer to a call of the host."""
        stream = "PromptResponse" if response else "Default"
        its = pipeline or _POOL
        self._outgoing.put(("Data", f"<Data Stream='{stream}' PSGuid='{its}'>{base64.b64encode(fragments).decode()}</Data>", its))

    def command(self, pipeline: uuid.UUID) -> None:
        self._tell("Command", pipeline)

    def stop(self, pipeline: uuid.UUID) -> None:
        self._tell("Signal", pipeline)

    def close(self) -> None:
        """Close the pool and end the process: politely first, then by force, as WinRM does with the process of a shell."""
        self._tell("Close", _POOL)
        threading.Thread(target=self._end, daemon=True).start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _end(self) -> None:
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _tell(self, what: str, its: uuid.UUID) -> None:
        self._outgoing.put((what, f"<{what} PSGuid='{its}' />", its))

    def _write(self) -> None:
        stdin = self._process.stdin
        assert stdin
        try:
            while (item := self._outgoing.get()) is not None:
                what, line, its = item
                stdin.write(line + "\n")
                stdin.flush()
                while (answer := self._acknowledged.get()) != (f"{what}Ack", its):
                    if answer is None:
                        return
                if what == "Close":
                    break
            stdin.close()  # the end of input ends the process
        except OSError:
            self._outgoing.put(None)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            found = _LINE.match(line)
            if found is None:
                continue
            what, its = found[1], uuid.UUID(found[2])
            if what == "Data":
                self._on_data(None if its == _POOL else its, base64.b64decode(found[3] or ""))
            else:
                self._acknowledged.put((what, its))
        self._acknowledged.put(None)
        self._outgoing.put(None)
        self._process.wait()
        self._on_end()
