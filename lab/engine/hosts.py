"""Engines in the places of a forest's hosts: one is ready for each host before anybody asks."""

from __future__ import annotations

import queue
from pathlib import Path

import msgspec

from lab.engine.compiled import quoted, types
from lab.engine.process import Process
from lab.engine.shell import EngineShell
from lab.engine.world import TIME_ZONE, world
from lab.host import Host

_PREPARE = Path(__file__).with_name("prepare.ps1")


class EngineHost:
    """A host whose shells an engine answers, each one of its own. `folder` takes its world."""

    def __init__(self, host: Host, pwsh: Path, folder: Path) -> None:
        self._pwsh = pwsh
        self._language = host.spec.language
        self._world = folder / f"{host.name}.world.json"
        self._world.write_bytes(msgspec.json.encode({"world": world(host)}))
        self._all: list[Process] = []
        self._ready: queue.SimpleQueue[Process] = queue.SimpleQueue()
        self._ready.put(self._start())

    def open(self, creation: bytes) -> EngineShell:
        """A new shell, in the engine that is ready."""
        try:
            engine = self._ready.get_nowait()
        except queue.Empty:
            engine = self._start()
        return EngineShell(engine, creation)

    def close(self) -> None:
        """End every engine that still runs."""
        for engine in self._all:
            engine.kill()

    def _start(self) -> Process:
        prepare = f". {quoted(_PREPARE)} -World {quoted(self._world)} -Types {quoted(*types(self._pwsh))}"
        command = [str(self._pwsh), "-NoLogo", "-NoProfile", "-s", "-Command", prepare]
        engine = Process(command, {"TZ": TIME_ZONE, "LANG": f"{self._language.replace('-', '_')}.UTF-8", "NO_COLOR": "1"})
        self._all.append(engine)
        return engine
