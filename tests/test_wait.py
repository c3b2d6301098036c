"""`wait`: it ends when the delegation is effective on every controller, says meanwhile which one is late, and never says so too early."""

from __future__ import annotations

import json
import queue
import signal
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.facts.migration import MigrationAuthentication
from lab import blobs, directory, scenario
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, Fault, Scenario
from tests.program import Ran, environment, hvpreflight, program

PATIENCE_S = 120.0
"""Far more than a look at the lab needs; no test waits for it."""
READY = scenario.load("ready")
ARTICLES = scenario.load("articles")
BEFORE = Delegation(to=("Microsoft Virtual System Migration Service/TestServer02",))


def with_controllers(of: Scenario, **controllers: ControllerSpec) -> Scenario:
    domain = replace(of.domains["contoso.test"], controllers={"dc01": ControllerSpec(), "dc02": ControllerSpec()} | controllers)
    return replace(of, domains=of.domains | {"contoso.test": domain})


LATE = with_controllers(READY, dc02=ControllerSpec(stale={"TestServer01": BEFORE}))


def replicate(forest: Forest, to: Scenario) -> None:
    """Let every running controller hold what it would hold in another scenario."""
    for (domain, name), its in directory.build(to).items():
        forest.controllers[f"{name}.{domain}"].directory.entries.update(its.entries)


def changed_at(forest: Forest, when: datetime) -> None:
    """Let every controller say that the hosts' accounts were changed, and written there, at this time."""
    seconds = int((when - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds())
    for server in forest.controllers.values():
        for attributes in server.directory.entries.values():
            if b"computer" in attributes.get("objectClass", []):
                attributes["whenChanged"] = [blobs.generalized_time(when).encode()]
                for number, content in enumerate(attributes.get("replPropertyMetaData", [])):
                    rows = bytearray(content)
                    for start in range(16, len(rows), 48):
                        struct.pack_into("<Q", rows, start + 8, seconds)
                    attributes["replPropertyMetaData"][number] = bytes(rows)


class Waiting:
    """A `wait` that is under way. `said` ends when standard error said something; `ended` gives the exit code and standard output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._queue.put(line)
        self._queue.put(None)

    def said(self, text: str) -> None:
        while True:
            line = self._queue.get(timeout=PATIENCE_S)
            assert line is not None, f"it ended without saying {text!r}: {self.lines}"
            self.lines.append(line)
            if text in line:
                return

    def ended(self) -> tuple[int, str]:
        assert self.process.stdout is not None
        code = self.process.wait(timeout=PATIENCE_S)
        return code, self.process.stdout.read()


@contextmanager
def waiting(forest: Forest, *arguments: str | Path) -> Iterator[Waiting]:
    command = program("wait", forest.plan_path, "--user", forest.collector, "--interval", "0.2", *arguments)
    with subprocess.Popen(
        command,
        env=environment(forest.password),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield Waiting(process)
        finally:
            process.kill()


def wait(forest: Forest, *arguments: str | Path) -> Ran:
    return hvpreflight("wait", forest.plan_path, "--user", forest.collector, "--interval", "0.2", *arguments, password=forest.password)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the hosts say where everything is right: read once, for all to whom the visits do not matter."""
    snapshot = tmp_path_factory.mktemp("facts") / "snapshot.json"
    with Forest(READY) as forest:
        assert hvpreflight("collect", forest.plan_path, "-o", snapshot, "--user", forest.collector, password=forest.password).code == 0
    return snapshot


def test_it_names_the_late_controller_and_ends_when_that_shows_the_change() -> None:
    with Forest(LATE) as forest, waiting(forest, "--no-tickets") as program:
        program.said("dc02.contoso.test does not show the delegation of TestServer01 that dc01.contoso.test shows")
        program.said("wanted: ")
        assert program.process.poll() is None
        replicate(forest, READY)
        program.said("Every controller shows what the moves need: dc01.contoso.test, dc02.contoso.test")
        assert program.ended() == (0, "The delegation is effective in every controller.\n")


def test_it_waits_for_a_fix_that_is_not_made_yet_and_visits_the_hosts_only_once() -> None:
    with Forest(ARTICLES) as forest, waiting(forest, "--no-tickets") as program:
        program.said("TestServer01 may not delegate to cifs of TestServer02")
        delegation = READY.hosts["TestServer01"].delegation
        mended = replace(ARTICLES.hosts["TestServer01"], delegation=delegation)
        replicate(forest, replace(ARTICLES, hosts=ARTICLES.hosts | {"TestServer01": mended}))
        program.said("Every controller shows")
        assert program.ended()[0] == 0
        assert {len(host.requests) <= 7 for host in forest.hosts.values()} == {True}


def test_a_time_that_is_up_while_it_fails_is_code_3(facts: Path) -> None:
    with Forest(LATE) as forest:
        ran = wait(forest, "--snapshot", facts, "--timeout", "0.5")
    assert ran.code == 3, ran.err
    assert "The time is up: the delegation is not effective." in ran.err
    assert ran.out == ""
    assert ran.err.count("dc02.contoso.test does not show") == 1, "what has not changed is not said again"


def test_a_controller_that_does_not_answer_is_never_taken_for_one_that_agrees(facts: Path) -> None:
    with Forest(with_controllers(READY, dc02=ControllerSpec(fault=Fault.REFUSES))) as forest:
        ran = wait(forest, "--snapshot", facts, "--timeout", "0.5", "--format", "json")
    assert ran.code == 4, ran.err
    assert "dc02.contoso.test" in ran.err
    said = json.loads(ran.out)
    assert said["delegation"] == "not read"
    assert {each["outcome"] for each in said["waiting_for"]} == {"UNKNOWN"}


def test_hosts_that_cannot_be_read_are_not_waited_for() -> None:
    hosts = {name: replace(spec, fault=Fault.REFUSES) for name, spec in READY.hosts.items()}
    with Forest(replace(READY, hosts=hosts)) as forest:
        ran = wait(forest, "--quiet")
    assert ran.code == 4, ran.err
    first, *waited_for = ran.err.splitlines()
    assert "waiting does not bring them" in first
    assert all(line.startswith("  ") for line in waited_for)
    assert waited_for


def test_with_a_snapshot_no_host_is_visited(facts: Path) -> None:
    with Forest(READY) as forest:
        ran = wait(forest, "--snapshot", facts, "--no-tickets")
        assert {name: len(host.requests) for name, host in forest.hosts.items()} == dict.fromkeys(forest.hosts, 0)
    assert ran.code == 0, ran.err


def test_a_change_that_is_older_than_any_ticket_is_effective(facts: Path) -> None:
    with Forest(READY) as forest:
        changed_at(forest, datetime.now(UTC) - timedelta(hours=11))
        ran = wait(forest, "--snapshot", facts)
    assert (ran.code, ran.out) == (0, "The delegation is effective.\n"), ran.err
    assert "What was refused before is forgotten" in ran.err


def test_a_change_of_hours_ago_is_no_longer_refused_but_tickets_may_be_older_as_check_says_too(facts: Path) -> None:
    with Forest(READY) as forest:
        changed_at(forest, datetime.now(UTC) - timedelta(hours=1))
        ran = wait(forest, "--snapshot", facts)
        said = json.loads(wait(forest, "--snapshot", facts, "-q", "-f", "json").out)
        checked = hvpreflight("check", forest.plan_path, "--user", forest.collector, password=forest.password)
    assert (ran.code, ran.out.endswith("is forgotten. Tickets may be older.\n")) == (0, True), ran.err
    assert "What was refused before is forgotten" in ran.err
    assert "TestServer01 was started before, and may go by a ticket" in ran.err
    assert (said["delegation"], len(said["old_tickets"]), said["waiting_for"]) == ("effective", 1, [])
    assert "delegation.ticket_age" in checked.out
    assert checked.code == 5, "GO WITH CONDITIONS"


def test_after_a_change_of_just_now_it_says_how_long_the_source_remembers_and_waits(facts: Path) -> None:
    with Forest(READY) as forest:
        changed_at(forest, datetime.now(UTC) - timedelta(minutes=2))
        with waiting(forest, "--snapshot", facts) as program:
            program.said("The delegation was last changed at")
            program.said("How old the tickets of the sources are is not read")
            assert "klist purge -li 0x3e7" in program.lines[-1]
            assert "TestServer01" in program.lines[-1]
            assert program.process.poll() is None
            program.process.send_signal(signal.SIGINT)
            assert program.ended() == (130, "")


def test_interrupted_while_it_waits_for_a_controller_is_code_130(facts: Path) -> None:
    with Forest(LATE) as forest, waiting(forest, "--snapshot", facts) as program:
        program.said("does not show")
        program.process.send_signal(signal.SIGINT)
        assert program.ended() == (130, "")
    assert "Traceback" not in "".join(program.lines)


def test_with_credssp_there_is_nothing_to_wait_for() -> None:
    hosts = {name: replace(spec, authentication=MigrationAuthentication.CREDSSP) for name, spec in READY.hosts.items()}
    with Forest(replace(READY, hosts=hosts)) as forest:
        ran = wait(forest)
    assert ran.code == 0, ran.err
    assert "need no delegation" in ran.out


@pytest.mark.parametrize("arguments", [("--interval", "0"), ("--timeout", "-1"), ("--snapshot", "nothing.json")])
def test_wrong_usage_is_code_2(arguments: tuple[str, str], tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("[defaults]\noperator = 'CONTOSO\\hv-operator'\n[[moves]]\nvm = 'LMTest'\nsource = 'a'\ntarget = 'b'\n")
    assert hvpreflight("wait", plan, *arguments, password="x").code == 2
