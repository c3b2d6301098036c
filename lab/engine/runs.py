"""One engine that runs many scripts, each in the place of a host."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

import msgspec

from lab.engine.compiled import types
from lab.engine.found import ENVIRONMENT

SERVE = Path(__file__).with_name("serve.ps1")


class EngineError(Exception):
    """The engine or the stand-in broke; the message says how."""


class Ran(NamedTuple):
    """What a script put out, and its error records: FullyQualifiedErrorId, type and text. `stopped`: it did not end in time, or
    something in it hung. `forest` is what it leaves behind, where it may change something."""

    output: list[Any]
    errors: list[dict[str, str]]
    ms: int
    stopped: bool
    forest: dict[str, Any]


class Engine:
    """A process that runs one script after the other, each in a runspace of its own. Raises EngineError when it breaks."""

    def __init__(self, pwsh: Path) -> None:
        command = [str(pwsh), "-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(SERVE), *map(str, types(pwsh))]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | ENVIRONMENT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, world: Mapping[str, Any], script: str, arguments: Mapping[str, Any] | None = None, *, seconds: int = 60) -> Ran:
        """Run a script with these parameters in the place of a host, at most so many seconds."""
        return self._answer({"world": world, "script": script, "arguments": arguments or {}, "seconds": seconds})

    def change(
        self, forest: Mapping[str, Any], at: str, script: str, arguments: Mapping[str, Any] | None = None, *, seconds: int = 60
    ) -> Ran:
        """The same in the place of a host, by its full name, of a forest (changing/core.ps1) that the script may change."""
        world = forest["hosts"][at]
        return self._answer({"world": world, "forest": forest, "script": script, "arguments": arguments or {}, "seconds": seconds})

    def _answer(self, request: Mapping[str, Any]) -> Ran:
        self._to.write(msgspec.json.encode(request).decode() + "\n")
        self._to.flush()
        line = self._from.readline()
        if not line:
            raise EngineError(f"the engine ended: {self._process.communicate()[1][-2000:]}")
        answer = msgspec.json.decode(line)
        if "failed" in answer:
            raise EngineError(answer["failed"])
        return Ran(answer["output"] or [], answer["errors"] or [], answer["ms"], answer["stopped"], answer["forest"] or {})

    @property
    def _to(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _from(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout
