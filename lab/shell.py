"""One remote shell: psrpcore's server side of the PowerShell remoting protocol, with a queue of what is to be received.

No script is run. A script gets its answer from a function of the computer that the shell belongs to: the function takes the
value of the script's parameter `Request` and returns the one string that the pipeline puts out.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeAlias

import psrpcore
from psrpcore import types

Answer: TypeAlias = Callable[[str], str]

ENDED = frozenset((types.PSInvocationState.Completed, types.PSInvocationState.Failed, types.PSInvocationState.Stopped))


class ShellClosed(Exception):
    """The shell was deleted while somebody waited for its output."""


class NothingYet(Exception):
    """No output within the time that the client was willing to wait."""


class Shell:
    """A runspace pool and its pipelines. Every method may be called from any thread.

    `engine` is the version of the engine that the shell says it is. `fragment_bytes` is how much one answer may carry; a client
    raises it with the envelope size of its requests.
    """

    def __init__(self, answer: Answer, engine: str, creation: bytes) -> None:
        self.fragment_bytes = 100_000
        self._answer = answer
        self._changed = threading.Condition(threading.RLock())
        self._pool = psrpcore.ServerRunspacePool(
            application_private_data={"PSVersionTable": {"PSVersion": types.PSVersion(engine), "WSManStackVersion": types.PSVersion("3.0")}}
        )
        self._pipelines: dict[uuid.UUID, psrpcore.ServerPipeline] = {}
        self._output: defaultdict[uuid.UUID | None, deque[bytes]] = defaultdict(deque)
        self._closed = False
        self.feed(creation)

    def feed(self, data: bytes) -> None:
        """Take what the client sent. What each message causes is queued on its own, as Windows answers the opening."""
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
            data = self._output[pipeline].popleft()
            last = pipeline in self._pipelines and self._pipelines[pipeline].state in ENDED
            return data, last and not self._output[pipeline]

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
        while (payload := self._pool.data_to_send(self.fragment_bytes)) is not None:
            self._output[payload.pipeline_id].append(payload.data)
        self._changed.notify_all()

    def _run(self, pipeline: psrpcore.ServerPipeline) -> None:
        output, error = None, None
        request = asked(pipeline.metadata)
        if request is None:
            error = _error("ScriptsNotRun", "The lab runs no scripts: it answers the one that has a parameter Request.")
        else:
            try:
                output = self._answer(request)
            except Exception as mistake:  # whatever is wrong in the lab, the client must hear of it and not wait
                error = _error("LabMistake", f"{type(mistake).__name__}: {mistake}")
        with self._changed:
            if pipeline.state != types.PSInvocationState.Running:
                return
            if error is not None:
                pipeline._change_state(types.PSInvocationState.Failed, error=error)
            else:
                pipeline.write_output(output)
                self._queue()
                pipeline.complete()
            self._queue()


def asked(pipeline: Any) -> str | None:
    """The value of the parameter `Request` of a pipeline's commands, or nothing when no command has one."""
    for command in pipeline.commands if isinstance(pipeline, psrpcore.PowerShell) else ():
        for name, value in command.parameters:
            if name == "Request":
                return str(value)
    return None


def _error(identifier: str, message: str) -> types.ErrorRecord:
    return types.ErrorRecord(
        Exception=types.NETException(Message=message),
        FullyQualifiedErrorId=identifier,
        CategoryInfo=types.ErrorCategoryInfo(Category=types.ErrorCategory.NotImplemented),
    )
