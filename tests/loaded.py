"""The program, loaded once and then started many times: each start is a process of its own, that begins where the imports end.

Half of what a start costs is loading libraries. Where processes cannot fork, as on Windows, `FORKS` is false and each is started anew.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

FORKS = hasattr(os, "fork")

TEMPLATES = ("report.html", "runs.html", "diagnosis.html", "macros.html", "graph.svg", "time.svg")


class Loaded:
    """The process that has the program loaded. It ends with ours."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it in this environment, which has to lead to our modules."""
        command = [sys.executable, "-P", "-m", __name__]
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        atexit.register(self._process.communicate)

    def start(
        self, arguments: list[str], environment: Mapping[str, str], cwd: Path | None, entered: str, timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Start the program with these arguments and what is entered, and wait for its end, as `subprocess.run` does.

        Raises:
            subprocess.TimeoutExpired: It did not end in time, and was ended.
        """
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("in", "out", "err")]
            files[0].write_bytes(entered.encode())
            asked = {"arguments": arguments, "environment": dict(environment), "cwd": str(cwd or Path.cwd())}
            self._ask(asked | {"files": [str(path) for path in files]})
            pid = self._answer(timeout_s)
            try:
                code = self._answer(timeout_s)
            except TimeoutError as error:
                os.kill(pid, signal.SIGKILL)
                self._answer(timeout_s)
                raise subprocess.TimeoutExpired(arguments, timeout_s) from error
            return subprocess.CompletedProcess(arguments, code, *(path.read_text(encoding="utf-8") for path in files[1:]))

    def _ask(self, asked: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")

    def _answer(self, timeout_s: float) -> int:
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            raise TimeoutError
        return int(self._process.stdout.readline())


def _load() -> None:
    """All that a start would load or compile: our modules, what the environment offers for a keyring, the report's templates."""
    for name in ("runner", "reports"):
        for module in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
            importlib.import_module(module.name)
    with suppress(ImportError):
        importlib.import_module("keyring").get_keyring()
    from reports.html import environment

    for template in TEMPLATES:
        environment().get_template(template)
    gc.freeze()  # Looking for garbage among it would copy it for each start.


def _serve() -> None:
    """Read what is asked, a line each, and write the process's number and then its exit code, until nobody asks any more."""
    while line := sys.stdin.readline():
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(**asked)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


def _become(arguments: list[str], environment: dict[str, str], cwd: str, files: list[str]) -> None:
    """Be the program, as if this process had been started for it. The files are its input, its output and its errors."""
    for descriptor, path in enumerate(files):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT if descriptor else os.O_RDONLY, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, "w" if n else "r", encoding="utf-8") for n in range(3))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["hvpreflight", *arguments]
    from runner.__main__ import main

    main()
    sys.exit()


if __name__ == "__main__":
    _load()
    _serve()
