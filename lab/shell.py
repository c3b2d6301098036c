"""One remote shell: psrpcore's server side of the PowerShell remoting protocol, with a queue of what is to be received.

No script is run. A script gets its answer from a function of the computer that the shell belongs to: the function takes the value of the
script's parameter `Request` and returns the texts that the pipeline puts out, one after the other.
"""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

import psrpcore
from psrpcore import types

from lab.failures import SCRIPTS_NOT_ALLOWED, Failure, thrown, unknown_command
from lab.records import error_record
from lab.scenario import LanguageMode, ShellSpec
from lab.windows import LANGUAGES, VERSIONS, Windows

FRAGMENT_BYTES = 32 * 1024
"""The most that Windows puts into one fragment."""
_MESSAGE_HEADER_BYTES = 40
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

ENDED = frozenset((types.PSInvocationState.Completed, types.PSInvocationState.Failed, types.PSInvocationState.Stopped))


class Said(NamedTuple):
    """A text that a script puts out, so many seconds after the one before; infinite when it never comes."""

    text: str
    after_s: float = 0.0


Answer: TypeAlias = Callable[[str], Iterable[Said]]


class Terminated(Exception):
    """What ends a script, raised by its answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Start(NamedTuple):
    """How the sessions of a host start: its Windows, what is special of them, and in how many Receives the opening comes (one to three)."""

    windows: Windows = VERSIONS["2019"]
    shell: ShellSpec = ShellSpec()
    receives: int = 2


class ShellClosed(Exception):
    """The shell was deleted while somebody waited for its output."""


class NothingYet(Exception):
    """No output within the time that the client was willing to wait."""


class _Pool(psrpcore.ServerRunspacePool):
    """A runspace pool that opens, or does not, as the start-up script lets it. Each message's text begins with a byte order mark."""

    def __init__(self, start: Start) -> None:
        super().__init__(application_private_data={"PSVersionTable": _version_table(start.windows)})
        self._shell = start.shell
        self.our_capability.protocolversion = types.PSVersion(start.windows.protocol)

    def prepare_message(self, message: Any, *arguments: Any, **options: Any) -> None:
        super().prepare_message(message, *arguments, **options)
        self._send_buffer[-1]._data[_MESSAGE_HEADER_BYTES:_MESSAGE_HEADER_BYTES] = _BYTE_ORDER_MARK

    def _process_InitRunspacePool(self, event: psrpcore.InitRunspacePoolEvent) -> None:  # noqa: N802 - the base class's name
        if self._shell.throws:
            self._change_state(types.RunspacePoolState.Broken, error_record(thrown(self._shell.throws)))
            return
        if self._shell.warns:
            self.prepare_message(types.WarningRecord(Message=self._shell.warns), types.PSRPMessageType.WarningRecord)
        super()._process_InitRunspacePool(event)


class Shell:
    """A runspace pool and its pipelines. Every method may be called from any thread.

    `envelope_bytes` is how much one answer may carry; a client raises it with the envelope size of its requests.
    """

    def __init__(self, answer: Answer, start: Start, creation: bytes) -> None:
        self.envelope_bytes = 100_000
        self._answer = answer
        self._start = start
        self._changed = threading.Condition(threading.RLock())
        self._pool = _Pool(start)
        self._pipelines: dict[uuid.UUID, psrpcore.ServerPipeline] = {}
        self._output: defaultdict[uuid.UUID | None, deque[bytes]] = defaultdict(deque)
        self._single = start.receives - 1
        self._closed = False
        if start.shell.opens_after_s:
            threading.Timer(start.shell.opens_after_s, self.feed, (creation,)).start()
        else:
            self.feed(creation)

    def feed(self, data: bytes) -> None:
        """Take what the client sent."""
        with self._changed:
            self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, None))
            while (event := self._pool.next_event()) is not None:
                self._on(event)
            self._queue()

    def command(self, pipeline: uuid.UUID, data: bytes) -> None:
        """Take the first fragments of a pipeline."""
        with self._changed:
            self._pipelines[pipeline] = psrpcore.ServerPipeline(self._pool, pipeline)
            self.feed(data)

    def receive(self, pipeline: uuid.UUID | None, wait_s: float) -> tuple[bytes, bool]:
        """The next output of a pipeline, or of the pool itself, and whether that was the last. Raises ShellClosed, NothingYet."""
        until = time.monotonic() + wait_s
        with self._changed:
            while not self._output[pipeline]:
                if self._closed:
                    raise ShellClosed
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise NothingYet
            data = self._taken(pipeline)
            last = pipeline in self._pipelines and self._pipelines[pipeline].state in ENDED
            return data, last and not self._output[pipeline]

    def _taken(self, pipeline: uuid.UUID | None) -> bytes:
        """As much as one answer carries; of the first messages of the pool one alone, as often as it is said."""
        waiting = self._output[pipeline]
        data = waiting.popleft()
        if pipeline is None and self._single > 0:
            self._single -= 1
            return data
        while waiting and len(data) + len(waiting[0]) <= self.envelope_bytes:
            data += waiting.popleft()
        return data

    def stop(self, pipeline: uuid.UUID) -> None:
        """Stop a pipeline if it still runs."""
        with self._changed:
            its = self._pipelines.get(pipeline)
            if its is not None and its.state == types.PSInvocationState.Running:
                its.stop()
                self._queue()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _on(self, event: psrpcore.PSRPEvent[Any, Any]) -> None:
        if isinstance(event, psrpcore.CreatePipelineEvent) and event.pipeline_id is not None:
            pipeline = self._pipelines[event.pipeline_id]
            pipeline._change_state(types.PSInvocationState.Running, emit=False)  # Windows reports only how a pipeline ends
            threading.Thread(target=self._run, args=(pipeline,), daemon=True).start()

    def _queue(self) -> None:
        """Make ready what is to be received, message by message."""
        prepared = self._pool._send_buffer[:]
        self._pool._send_buffer.clear()
        for message in prepared:
            self._pool._send_buffer.append(message)
            while (payload := self._pool.data_to_send(FRAGMENT_BYTES)) is not None:
                self._output[payload.pipeline_id].append(payload.data)
        self._changed.notify_all()

    def _run(self, pipeline: psrpcore.ServerPipeline) -> None:
        """Put out what is answered: at once what is there at once, so that an end may come with the output before it."""
        with self._changed:
            if pipeline.state != types.PSInvocationState.Running:
                return
            pipeline.write_progress("Preparing modules for first use.", 0, " ", record_type=types.ProgressRecordType.Completed)
            error = None
            try:
                for said in self._answered(pipeline.metadata):
                    if said.after_s and not self._pause(pipeline, said.after_s):
                        return
                    pipeline.write_output(said.text)
            except Terminated as terminated:
                error = error_record(terminated.failure)
            except Exception as mistake:  # whatever is wrong in the lab, the client must hear of it and not wait
                error = error_record(thrown(f"{type(mistake).__name__}: {mistake}"))
            ended = types.PSInvocationState.Completed if error is None else types.PSInvocationState.Failed
            pipeline._change_state(ended, error=error)
            self._queue()

    def _answered(self, metadata: Any) -> Iterable[Said]:
        if self._start.shell.language_mode is LanguageMode.NONE:
            self._refuse(metadata)
        request = asked(metadata)
        if request is None:
            raise Terminated(thrown("The lab runs no scripts: it answers the one that has a parameter Request."))
        return self._answer(request)

    def _refuse(self, metadata: Any) -> None:
        """Raises Terminated for whatever a session without a language does not take."""
        for command in metadata.commands if isinstance(metadata, psrpcore.PowerShell) else ():
            if command.is_script:
                raise Terminated(SCRIPTS_NOT_ALLOWED)
            if command.command_text != self._start.shell.function:
                raise Terminated(unknown_command(command.command_text, LANGUAGES["en-US"]))

    def _pause(self, pipeline: psrpcore.ServerPipeline, seconds: float) -> bool:
        """Let what is written be received, and time go by. False when the pipeline or its shell ended meanwhile."""
        self._queue()
        left = None if math.isinf(seconds) else seconds
        return not self._changed.wait_for(lambda: self._closed or pipeline.state in ENDED, left)


def asked(pipeline: Any) -> str | None:
    """The value of the parameter `Request` of a pipeline's commands, or nothing when no command has one."""
    for command in pipeline.commands if isinstance(pipeline, psrpcore.PowerShell) else ():
        for name, value in command.parameters:
            if name == "Request":
                return str(value)
    return None


def _version_table(windows: Windows) -> dict[str, Any]:
    """$PSVersionTable, with which a session introduces itself."""
    table: dict[str, Any] = {
        "PSVersion": types.PSVersion(windows.engine),
        "PSCompatibleVersions": [types.PSVersion(version) for version in windows.compatible],
        "BuildVersion": types.PSVersion(windows.build_version),
        "CLRVersion": types.PSVersion("4.0.30319.42000"),
        "WSManStackVersion": types.PSVersion("3.0"),
        "PSRemotingProtocolVersion": types.PSVersion(windows.protocol),
        "SerializationVersion": types.PSVersion("1.1.0.1"),
    }
    return table | {"PSEdition": "Desktop"} if windows.engine.startswith("5.1") else table
