"""One password that is not accepted is tried on one peer; a good one on all at once."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace

from checks.facts.fact import Reason
from checks.plan import Transport
from checks.windows.names import HostName
from lab.forest import Forest
from lab.scenario import HostSpec
from lab.serving import Serving
from runner.collect import trial
from runner.collect.credentials import Credentials, LogonRejected
from runner.collect.hosts.target import Target
from runner.collect.hosts.visits import Job, visit_all
from runner.collect.trial import Trial
from runner.collect.unread import Unread
from tests.collect.directories.asking import asked
from tests.collect.directories.asking import scenario as of_domains
from tests.collect.directories.forests import COLLECTOR, PATIENCE_S, credentials, details, forest, missing, target, whole_host


class _Rejecting(BaseHTTPRequestHandler):
    """A host that accepts nobody."""

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(401)
        self.send_header("WWW-Authenticate", "Negotiate")
        self.send_header("Content-Length", "0")
        self.end_headers()


HOSTS = {f"hv{number:02}": HostSpec(windows="2019") for number in range(1, 9)}
WRONG = "not the password"


@pytest.mark.parametrize("auth", [Transport.NEGOTIATE, Transport.NTLM, Transport.CREDSSP, Transport.BASIC])
def test_a_password_that_one_host_rejects_is_tried_on_no_other(auth: Transport) -> None:
    with forest(**{name: HostSpec(windows="2019", certificate=auth is Transport.BASIC) for name in HOSTS}) as running:
        jobs = [Job(replace(target(running, name), auth=auth)) for name in HOSTS]
        signing_in = Credentials(COLLECTOR, WRONG)
        result = visit_all(jobs, signing_in, concurrency=8, host_deadline_s=PATIENCE_S)
        if auth is not Transport.CREDSSP:  # within its TLS the lab does not look
            assert sum(each.listener.refused for each in running.hosts.values()) == 1
    rejecting = [name for name, facts in result.hosts.items() if whole_host(facts) is Reason.ACCESS_DENIED]
    assert [name.spelled for name in rejecting] == [signing_in.trial.rejected_by]
    others = [facts for name, facts in result.hosts.items() if name not in rejecting]
    assert {whole_host(facts) for facts in others} == {Reason.NOT_COLLECTED}
    assert all(f"{signing_in.trial.rejected_by} rejected the logon" in details(facts) for facts in others)
    with pytest.raises(LogonRejected, match="tried on nobody else"):
        signing_in.raise_rejected()


def test_where_somebody_has_accepted_it_one_host_that_does_not_costs_only_itself() -> None:
    with (
        forest(hv01=HOSTS["hv01"], hv03=HOSTS["hv03"]) as running,
        ThreadingHTTPServer(("127.0.0.1", 0), _Rejecting) as rejecting,
        Serving(rejecting),
    ):
        refusing = Target(HostName("hv02"), "127.0.0.1", rejecting.server_port, "hv02", auth=Transport.NEGOTIATE)
        signing_in = credentials(running)
        jobs = [Job(target(running, "hv01")), Job(refusing), Job(target(running, "hv03"))]
        result = visit_all(jobs, signing_in, concurrency=1, host_deadline_s=PATIENCE_S)
    assert whole_host(result.hosts[HostName("hv02")]) is Reason.ACCESS_DENIED
    assert missing(result.hosts[HostName("hv01")]) == missing(result.hosts[HostName("hv03")]) == {}
    signing_in.raise_rejected()


def test_a_password_that_one_controller_rejects_is_tried_on_no_other() -> None:
    with Forest(of_domains()) as running:
        asked(running, password=WRONG)
        binding = [[request.operation for request in each.requests] for each in running.controllers.values()]
    assert sorted(filter(None, binding)) == [["bind"] * 2], "the rounds of one sign-in"


# --- turns ---


def test_until_the_first_one_is_done_the_others_wait() -> None:
    of = Trial(free=False)
    first, second = of.on("HV01"), of.on("HV02")
    first.begin(0.0)
    first.begin(0.0)
    with pytest.raises(TimeoutError):
        second.begin(time.monotonic())
    first.leave()
    second.begin(0.0)
    second.accepted()
    of.on("HV03").begin(0.0)
    second.rejected()
    of.on("HV04").begin(0.0)


def test_who_waits_when_it_is_rejected_does_not_try() -> None:
    of = Trial(free=False)
    first = of.on("HV01")
    first.begin(0.0)
    told: list[str] = []

    def wait() -> None:
        try:
            of.on("HV02").begin(time.monotonic() + PATIENCE_S)
        except Unread as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    first.rejected()
    waiting.join(PATIENCE_S)
    assert told == ["HV01 rejected the logon: it is tried on nobody else"]


def test_a_peer_that_holds_a_sign_in_up_loses_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TURN_S", 0.0)
    of = Trial(free=False)
    of.on("HV01").begin(0.0)
    of.on("HV02").begin(time.monotonic() + PATIENCE_S)


def test_without_a_password_all_sign_in_at_once() -> None:
    of = Credentials().trial
    of.on("HV01").begin(0.0)
    of.on("HV02").begin(0.0)
    of.on("HV01").rejected()
    Credentials().raise_rejected()
    assert of.rejected_by == ""
