"""A session is robust: what a host's sessions may do wrong costs what it touches and no more, and no shell is left behind."""

from __future__ import annotations

import errno
import math
import os
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from checks.facts.fact import Reason
from checks.facts.host import HOST_FACTS
from checks.text import plain
from checks.windows.names import HostName
from lab.failures import Failure
from lab.scenario import Fault, HostSpec, LanguageMode, ShellSpec
from lab.shell import Said, Terminated
from lab.visit import NEEDS_FULL_LANGUAGE
from runner.collect.hosts import failures
from runner.collect.hosts.script import FUNCTION
from runner.collect.hosts.session import RECEIVE_S
from runner.collect.hosts.visits import Job, visit_all
from tests.collect.directories.forests import PATIENCE_S, credentials, details, forest, known, missing, target, visited, whole_host
from tests.collect.hosts.test_visit import answering

NAME = "TestServer01"
CONFIGURATION = "hvpreflight"
SHORT_S = 4.0
"""A deadline that a test waits for."""
LAST = HOST_FACTS[-1]
"""The section that is read last."""


def spec(shell: ShellSpec | None = None, **takes_s: float) -> HostSpec:
    return HostSpec(windows="2022", shell=shell or ShellSpec(), takes_s=takes_s)


def from_section(name: str) -> tuple[str, ...]:
    """This section and those after it."""
    return HOST_FACTS[HOST_FACTS.index(name) :]


# --- sections one by one ---


def test_slow_sections_cost_nothing() -> None:
    with forest(TestServer01=spec(os=0.1, sessions=0.3, vms=0.2)) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == {}


@pytest.mark.parametrize("section", ["os", "sessions"])
def test_a_hanging_section_costs_only_itself(section: str) -> None:
    began = time.monotonic()
    with forest(TestServer01=spec(**{section: math.inf})) as running:
        facts, how = visited(running, NAME, deadline_s=SHORT_S)
        served = running.hosts[NAME].requests
    assert time.monotonic() - began < SHORT_S
    assert missing(facts) == {section: Reason.TIMED_OUT}
    assert "given up" in details(facts)
    assert how.engine.startswith("5.1")
    assert served.count("Create") == 1, "the rest is read in the same shell"
    assert served[-1] == "Delete"


def test_when_the_time_is_over_what_arrived_is_kept_and_what_was_being_read_is_named() -> None:
    began = time.monotonic()
    with forest(TestServer01=spec(**{"sessions": math.inf, LAST: math.inf})) as running:
        facts, _ = visited(running, NAME, deadline_s=SHORT_S)
        served = running.hosts[NAME].requests
    assert time.monotonic() - began < SHORT_S
    assert missing(facts) == dict.fromkeys(("sessions", LAST), Reason.TIMED_OUT)
    assert f"no answer in time; the host was reading {LAST}" in details(facts)
    assert served[-2:] == ["Signal", "Delete"]


def test_a_host_that_answers_every_request_late_loses_no_more_by_a_hanging_section() -> None:
    late = HostSpec(windows="2019", takes_s={"sessions": math.inf}, delay_s=0.4)
    with forest(TestServer01=late) as running:
        facts, _ = visited(running, NAME, deadline_s=2 * SHORT_S)
        assert running.hosts[NAME].requests[-1] == "Delete"
    assert missing(facts) == {"sessions": Reason.TIMED_OUT}


def test_the_last_section_may_take_all_the_time_that_is_left() -> None:
    with forest(TestServer01=spec(**{LAST: 2.0})) as running:
        facts, _ = visited(running, NAME, deadline_s=SHORT_S)
    assert missing(facts) == {}


def test_a_start_up_script_may_take_longer_than_a_host_holds_a_request() -> None:
    with forest(TestServer01=spec(ShellSpec(opens_after_s=RECEIVE_S + 0.5))) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == {}


# --- nothing is left behind ---


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_visit_closes_its_shell_and_keeps_what_it_read() -> None:
    with forest(TestServer01=spec(sessions=math.inf)) as running:
        served = running.hosts[NAME].requests

        def press_when_reading() -> None:
            while "Command" not in served or served[served.index("Command") :].count("Receive") < 2:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press_when_reading, daemon=True).start()
        result = visit_all([Job(target(running, NAME))], credentials(running), host_deadline_s=PATIENCE_S)
        assert served[-1] == "Delete"
    facts = result.hosts[HostName(NAME)]
    assert result.interrupted
    assert missing(facts) == dict.fromkeys(from_section("sessions"), Reason.NOT_COLLECTED)
    assert details(facts) == "interrupted; the host was reading sessions"


def test_a_connection_that_broke_is_made_anew_to_close_the_shell() -> None:
    with forest(TestServer01=HostSpec(windows="2019", fault=Fault.DROPS)) as running:
        facts, _ = visited(running, NAME)
        assert running.hosts[NAME].requests[-1] == "Delete"
    assert whole_host(facts) is Reason.UNREACHABLE


def test_a_broken_start_up_is_told_and_its_shell_closed() -> None:
    with forest(TestServer01=spec(ShellSpec(throws="profile not found"))) as running:
        facts, _ = visited(running, NAME)
        served = running.hosts[NAME].requests
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "the session did not start: System.Management.Automation.RuntimeException; profile not found; 0x80131501"
    assert "Command" not in served
    assert served[-1] == "Delete"


# --- what a script ends with ---


def ending_with(failure: Failure) -> Callable[[str], Iterator[Said]]:
    def answer(_: str) -> Iterator[Said]:
        yield Said('{"frame": 2, "engine": "5.1"}')
        raise Terminated(failure)

    return answer


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure("X.Y", "Z,X", "Y", "PermissionDenied", "0x80131501", None, 1, "Zugriff verweigert"), Reason.ACCESS_DENIED),
        (Failure("System.UnauthorizedAccessException", "Z", "U", "OperationStopped", "0x80131501", None, 1, "nein"), Reason.ACCESS_DENIED),
        (
            Failure("System.IO.IOException", "Z", "I", "ReadError", "0x80070005", None, 1, "-"),
            Reason.ACCESS_DENIED,
        ),
        (Failure("System.TimeoutException", "Z", "T", "OperationTimeout", "0x80131505", None, 1, "zu spät"), Reason.TIMED_OUT),
        (Failure("System.Exception", "Access denied", "E", "NotSpecified", "0x80131500", None, 1, "Access denied"), Reason.UNREADABLE),
    ],
)
def test_a_script_that_ends_early_says_why_in_types_and_numbers(failure: Failure, reason: Reason) -> None:
    with answering(ending_with(failure)) as (facts, served):
        whole = facts()
        assert served[-1] == "Delete"
    assert whole_host(whole) is reason
    assert all(part in details(whole) for part in (failure.type, failure.id, failure.hresult, failure.text))
    assert "   at " not in details(whole), "no stack"


def test_what_arrived_before_a_script_ended_early_is_kept() -> None:
    failure = Failure("System.OutOfMemoryException", "Z", "O", "NotSpecified", "0x8007000E", None, 1, "-")

    def answer(_: str) -> Iterator[Said]:
        yield Said('{"frame": 2, "engine": "5.1"}')
        yield Said('{"name": "clock", "ok": true, "ms": 1, "value": {"utc": "2026-12-05T20:00:00Z"}, "error": null}')
        raise Terminated(failure)

    with answering(answer) as (facts, _):
        whole = facts()
    assert known(whole).keys() == {"clock"}
    assert set(missing(whole).values()) == {Reason.UNREADABLE}


# --- sessions that may do less, or say more ---


def test_a_constrained_session_gives_what_it_can() -> None:
    with forest(TestServer01=spec(ShellSpec(language_mode=LanguageMode.CONSTRAINED))) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == dict.fromkeys(NEEDS_FULL_LANGUAGE, Reason.NOT_SUPPORTED)
    assert "not supported in this session's language mode" in details(facts)


def test_a_session_without_a_language_says_so_and_what_to_do() -> None:
    with forest(TestServer01=spec(ShellSpec(language_mode=LanguageMode.NONE))) as running:
        facts, _ = visited(running, NAME)
        assert running.hosts[NAME].requests[-1] == "Delete"
    assert whole_host(facts) is Reason.NOT_COLLECTED
    assert "NoLanguage" in details(facts)
    assert "name a session configuration that allows this script, or register the one that `hvpreflight jea` writes" in details(facts)


def limited(**changes: Any) -> ShellSpec:
    """Sessions as a host opens them that has what `hvpreflight jea` writes."""
    return ShellSpec(configuration=CONFIGURATION, language_mode=LanguageMode.NONE, function=FUNCTION, **changes)


def test_a_session_without_a_language_is_asked_through_the_function_that_answers_there() -> None:
    with forest(TestServer01=spec(limited())) as running:
        facts, how = visited(running, NAME, configuration_name=CONFIGURATION)
    assert (missing(facts), how.engine[:3]) == ({}, "5.1")


def test_what_an_older_function_does_not_know_is_not_collected_and_nothing_else_suffers() -> None:
    with forest(TestServer01=spec(limited(unknown=("credential_guard", "checkpoints")))) as running:
        facts, _ = visited(running, NAME, configuration_name=CONFIGURATION)
    assert missing(facts) == dict.fromkeys(("credential_guard", "checkpoints"), Reason.NOT_COLLECTED)
    assert "is of another version" in details(facts)


def test_a_host_without_the_session_configuration_is_not_read_through_another_one() -> None:
    with forest(TestServer01=spec(ShellSpec())) as running:
        facts, _ = visited(running, NAME, configuration_name=CONFIGURATION)
    assert (whole_host(facts), "0x80338080" in details(facts)) == (Reason.UNREADABLE, True)


def test_what_a_start_up_script_warns_is_never_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings(record=True) as warned, forest(TestServer01=spec(ShellSpec(warns="\x1b[31mred"))) as running:
        warnings.simplefilter("always")
        facts, _ = visited(running, NAME)
    assert missing(facts) == {}
    assert "red" not in "".join(str(each.message) for each in warned)
    assert "red" not in "".join(capfd.readouterr())


def test_what_the_system_says_of_a_connection_is_told_in_words_that_say_what_to_look_at() -> None:
    """Also where a library has wrapped it; what is not known is told by its type and by the system's own words."""
    for inner, said in (
        (ConnectionRefusedError(111, "Connection refused"), "the connection is refused: nothing listens there"),
        (ConnectionResetError(104, "Connection reset by peer"), "the connection was dropped"),
        (
            socket.gaierror(-2, "Name or service not known"),
            "this computer does not resolve its name, and [names] is not asked for connections: address in [hosts] says where it is",
        ),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no route leads there"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign"), "ConnectionError: OSError Cannot assign"),
    ):
        reason, detail = failures.explain(requests.ConnectionError(inner))
        assert (reason, plain(detail).startswith(said)) == (Reason.UNREACHABLE, True), plain(detail)
