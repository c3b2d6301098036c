"""The lab's command line.

    python -m lab list
    python -m lab serve SCENARIO [--hosts N] [--vms M] [--delay SECONDS] [--external-directory] [--engine]

`serve` prints one line of JSON when everything runs, and ends when its standard input is closed or it is told to by a signal.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from lab import scenario
from lab.crowd import expand
from lab.engine import found
from lab.forest import Forest


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 wrong usage or a scenario that does not read."""
    parser = argparse.ArgumentParser(prog="python -m lab", description="A forest on loopback to run against.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the scenarios and what they promise")
    serve = commands.add_parser("serve", help="run a scenario until standard input is closed")
    serve.add_argument("scenario", help="a name from the list, or a file.toml")
    serve.add_argument("--hosts", type=int, help="how many hosts a crowd has")
    serve.add_argument("--vms", type=int, help="how many VMs each host of a crowd has")
    serve.add_argument("--delay", type=float, help="how many seconds each host of a crowd takes for a request")
    serve.add_argument("--external-directory", action="store_true", help="run the hosts only")
    serve.add_argument("--engine", action="store_true", help="let each host run what it is sent in a PowerShell engine")
    options = parser.parse_args(arguments)
    try:
        if options.command == "list":
            _list()
        else:
            chosen = expand(scenario.load(options.scenario), options.hosts, options.vms, options.delay)
            pwsh = found.engine() if options.engine else None
            if options.engine and pwsh is None:
                raise scenario.ScenarioError(found.LACKING)
            _serve(Forest(chosen, external_directory=options.external_directory, pwsh=pwsh))
    except scenario.ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _list() -> None:
    for name in scenario.names():
        its = scenario.load(name)
        sys.stdout.write(f"{name}\t{its.title}\t{its.promise.verdict}\n")


def _serve(forest: Forest) -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with forest:
        sys.stdout.write(json.dumps(_description(forest)) + "\n")
        sys.stdout.flush()
        threading.Thread(target=_await_end_of_input, args=(ended,), daemon=True).start()
        while not ended.wait(1.0):  # in short turns, so that Windows delivers the signal
            pass


def _await_end_of_input(ended: threading.Event) -> None:
    """Read past Python's buffer, whose lock a reader left behind at exit would hold."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


def _description(forest: Forest) -> dict[str, object]:
    return {
        "plan": str(forest.plan_path),
        "house": str(forest.house),
        "hosts": {name: host.address for name, host in forest.hosts.items()},
        "controllers": {name: f"127.0.0.1:{server.port}" for name, server in forest.controllers.items()},
        "dns": f"127.0.0.1:{forest.dns.port}" if forest.dns else None,
        "collector": forest.collector,
        "password": forest.password,
        "ca_file": str(forest.ca_file) if forest.ca_file else None,
        "folder": str(forest.folder),
    }


if __name__ == "__main__":
    sys.exit(main())
