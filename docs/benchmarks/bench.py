"""Measures what the design promises; prints medians and counts. Not part of the test run: python docs/benchmarks/bench.py

help        hvpreflight --help and --version, cold process
crowd       200 hosts that answer after 200 ms, over real PowerShell remoting, LDAP and DNS on loopback
evaluate    1,000, 10,000 and 100,000 moves over 200 hosts, all checks, from a snapshot: seconds of the processor and peak memory
report      the HTML report for 1,000 moves: size and seconds
diagnose    files of 12.5, 25 and 50 MB of many kinds: seconds of the processor and peak memory of the program
logs        text, XML, JSON lines and event log files of 2, 50 and 500 MB, the same
examples    the failure texts from beside the project: each changed as on its way, and each with every other behind it
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]


def timed(work: Callable[[], object], rounds: int = 1) -> float:
    """The median of the wall seconds of some rounds."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def bench_help() -> None:
    for option in ("--help", "--version"):
        command = [sys.executable, "-P", "-m", "runner", option]
        bare = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True, cwd=ROOT), 15)
        whole = timed(lambda command=command: subprocess.run(command, check=True, cwd=ROOT, capture_output=True), 15)
        print(f"help: hvpreflight {option}: {whole * 1000:.0f} ms (bare interpreter {bare * 1000:.0f} ms)")


def bench_crowd(hosts: int = 200) -> None:
    """Hosts that answer a whole visit (seven requests) after 200 ms, and hosts that answer every single request after 200 ms."""
    for delay_s in (0.2 / 7, 0.2):
        _crowd(hosts, delay_s)


def _crowd(hosts: int, delay_s: float) -> None:
    from runner.commands.demo import forest

    with forest("crowd", "--hosts", str(hosts), "--vms", "2", "--delay", f"{delay_s:.4f}") as served, TemporaryDirectory() as folder:
        environment = os.environ | {"HVPREFLIGHT_PASSWORD": served["password"]}
        command = [
            sys.executable,
            "-m",
            "runner",
            "check",
            served["plan"],
            "--user",
            served["collector"],
            "--out",
            f"{folder}/run",
            "-q",
        ]
        start = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        snapshot = json.loads(Path(folder, "run", "snapshot.json").read_bytes())
        result = json.loads(Path(folder, "run", "result.json").read_bytes())
    visits = snapshot["visits"].values()
    what = f"{len(visits)} hosts, {delay_s * 1000:.0f} ms a request, {len(result['moves'])} moves"
    print(f"crowd: {what}: {seconds:.1f} s wall, exit {done.returncode}, {result['counts']}")


def bench_evaluate(*sizes: int, rounds: int = 3) -> None:
    """Each round in a process of its own, so that each has its own peak."""
    for moves in sizes or (1_000, 10_000, 100_000):
        used = []
        for _ in range(rounds):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                used.append(pool.submit(_evaluate, moves, 200).result())
        seconds, peak = (statistics.median(values) for values in list(zip(*used, strict=True))[:2])
        load = os.getloadavg()[0]
        print(f"evaluate: {moves} moves over 200 hosts: {seconds:.2f} s of the processor, {peak:.0f} MiB, {used[0][2]}, load {load:.0f}")


def _evaluate(moves: int, hosts: int) -> tuple[float, float, str]:
    """The seconds of the processor and the peak memory in MiB of an evaluation with the snapshot that it reads, and what it says."""
    from worlds import large

    from runner.evaluate import evaluate

    plan, snapshot = large(hosts, moves)
    start = time.process_time()
    result = evaluate(plan, snapshot, snapshot_sha256="0" * 64, plan_sha256="0" * 64)
    seconds = time.process_time() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, f"{result.counts}, {result.verdict}"


def bench_report(moves: int = 1_000) -> None:
    from datetime import timedelta

    from worlds import large

    from reports import html
    from reports.language import Language
    from runner.evaluate import evaluate

    plan, snapshot = large(40, moves)
    result = evaluate(plan, snapshot, snapshot_sha256="0" * 64, plan_sha256="0" * 64)
    now = snapshot.collected.end + timedelta(minutes=1)
    page = ""

    def work() -> None:
        nonlocal page
        page = html.render(result, now=now, language=Language("en"))

    print(f"report: {moves} moves: {timed(work, 3):.2f} s, {len(page.encode()) / 1e6:.2f} MB")


def bench_diagnose(*sizes: float) -> None:
    from contents import CONTENTS

    sizes = sizes or (12.5, 25, 50)
    for name, content in CONTENTS.items():
        with TemporaryDirectory() as folder:
            used = []
            for size in sizes:
                path = Path(folder, "handed over")
                content(path, int(size * 1e6))
                seconds, peak = _used([sys.executable, "-P", "-m", "runner", "diagnose", str(path)])
                used.append(f"{seconds:.1f} s {peak:.0f} MiB")
        print(f"diagnose: {name}, {', '.join(f'{size:g}' for size in sizes)} MB: {', '.join(used)}", flush=True)


def bench_logs(*sizes: float) -> None:
    from contents import LOGS

    sizes = sizes or (2, 50, 500)
    for name, content in LOGS.items():
        used = []
        for size in sizes:
            with TemporaryDirectory() as folder:
                path = Path(folder, "log")
                content(path, int(size * 1e6))
                seconds, peak = _used([sys.executable, "-P", "-m", "runner", "diagnose", str(path)])
                used.append(f"{seconds:.1f} s {peak:.0f} MiB")
        print(f"logs: {name}, {', '.join(f'{size:g}' for size in sizes)} MB: {', '.join(used)}", flush=True)


def bench_examples() -> None:
    from tests.diagnose.examples import MUTATIONS, ask, confirmed, found, pairs, wrongly_joined

    every = confirmed()
    for name, change in MUTATIONS.items():
        lost = [example["id"] for example in every if not found(example, ask(change(example["text"]).encode()))]
        print(f"examples: {name}: {len(every) - len(lost)} of {len(every)}; lost: {', '.join(lost) or 'none'}")
    together = list(pairs(range(1, len(every))))
    print(f"examples: {len(together)} pairs: {wrongly_joined(together) or 'none leads to a third cause'}")


def _used(command: list[str]) -> tuple[float, float]:
    """The seconds of the processor and the peak memory in MiB of a program."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["help", "crowd", "evaluate", "report", "diagnose", "logs", "examples"]
    for name in chosen:
        globals()[f"bench_{name}"]()
