"""What one visit to a host brings, over real sockets against hosts of the lab."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.facts.fact import Reason
from checks.facts.host import HostFacts
from checks.facts.system import CredentialGuard
from checks.plan import Connection, HostEntry, Plan, Transport
from checks.text import plain
from checks.windows.addresses import host_and_port
from checks.windows.names import HostName
from lab.certificates import Authority
from lab.credentials import Credentials as Accounts
from lab.scenario import Fault, HostSpec
from lab.serving import Serving
from lab.shell import Answer, Said, Start
from lab.winrm import Listener
from lab.wsman import WSMan
from runner.collect.credentials import Credentials
from runner.collect.hosts.request import Partner
from runner.collect.hosts.target import Target, target_of
from runner.collect.hosts.visit import visit
from tests.collect.directories import forests
from tests.collect.directories.forests import COLLECTOR, PATIENCE_S, details, forest, known, missing, visited, whole_host

NAME = "TestServer01"


def nobody() -> Credentials:
    return Credentials("CONTOSO\\nobody", "not a password of anyone")


# --- what a good host answers ---


def test_a_host_that_answers_has_every_fact() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, how = visited(running, NAME)
    assert missing(facts) == {}
    assert how.engine.startswith("5.1")
    assert how.start <= facts.os.at <= how.end


def test_a_visit_costs_at_most_seven_requests_beyond_authentication() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        visited(running, NAME)
        asked = list(running.hosts[NAME].requests)
    assert len(asked) <= 7, asked
    assert asked[0] == "Create"
    assert asked[-1] == "Delete", "nothing is left behind on the host"


def test_a_fact_says_where_it_comes_from() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, _ = visited(running, NAME)
    assert plain(facts.migration.source) == "Get-VMHost on TestServer01"
    assert plain(facts.vms.source) == "Get-VM on TestServer01"


def test_a_host_without_tls_is_read_through_encrypted_messages_only() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, how = visited(running, NAME)
    assert missing(facts) == {}, "the lab's host answers nothing that is not encrypted"
    assert (how.encrypted, how.authentication) == ("WinRM message encryption", "negotiate (ntlm)")


def test_credssp_reads_a_host_too() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, how = visited(running, NAME, auth=Transport.CREDSSP)
    assert missing(facts) == {}
    assert how.authentication.startswith("credssp")


def test_a_host_says_what_it_reaches_of_its_partners() -> None:
    asked = Partner("TestServer02", ("testserver02.contoso.test", "nowhere.contoso.test"), (), (6600, 445))
    hosts = {
        "TestServer01": HostSpec(windows="2019"),
        "TestServer02": HostSpec(windows="2019", management="10.0.0.2/24", closed_ports=(445,)),
    }
    with forest(**hosts) as running:
        facts, _ = visited(running, NAME, partners=(asked,))
    (answer,) = known(facts)["partners"]
    assert answer.partner == "TestServer02"
    assert {name.name: bool(name.addresses) for name in answer.names} == {asked.names[0]: True, asked.names[1]: False}
    assert {(port.port, port.open) for port in answer.ports} >= {(445, False)}


# --- other Windows versions and languages ---


def test_windows_2012_has_no_version_list_and_no_credential_guard_and_that_is_known() -> None:
    with forest(TestServer01=HostSpec(windows="2012")) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == {}
    assert known(facts)["supported_versions"] == ("4.0",)
    assert known(facts)["credential_guard"] == CredentialGuard(running=False, services_running=(0,))
    assert known(facts)["migration"].performance_option is None
    assert "table" in plain(facts.supported_versions.source)


def test_windows_2012_r2_runs_version_5_only() -> None:
    with forest(TestServer01=HostSpec(windows="2012r2")) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == {}
    assert known(facts)["supported_versions"] == ("5.0",)


@pytest.mark.parametrize("language", ["de-DE", "ru-RU"])
def test_a_denied_section_is_recognized_in_any_language(language: str) -> None:
    spec = HostSpec(windows="2019", language=language, denied=("vms", "sessions", "local_groups"))
    with forest(TestServer01=spec) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == dict.fromkeys(spec.denied, Reason.ACCESS_DENIED)


def test_a_host_that_denies_hyperv_never_looks_like_a_host_without_vms() -> None:
    denied = ("migration", "migration_networks", "migration_listener", "supported_versions", "host_virtual_adapters", "switches", "vms")
    with forest(TestServer01=HostSpec(windows="2019", denied=denied)) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == dict.fromkeys(denied, Reason.ACCESS_DENIED)


def test_a_host_without_hyperv_says_that_it_is_not_installed() -> None:
    with forest(TestServer01=HostSpec(windows="2019", hyperv=False)) as running:
        facts, _ = visited(running, NAME)
    assert known(facts)["hyperv_role"].feature is False
    assert set(missing(facts).values()) == {Reason.NOT_INSTALLED}
    assert {"vms", "migration", "switches"} <= set(missing(facts))
    assert plain(facts.os.source) == "Win32_OperatingSystem on TestServer01"


@pytest.mark.parametrize("values", [{"os": {"build": "17763"}}, {"os": {"build": None}}, {"os": {"surprise": 1}}])
def test_a_value_in_another_form_than_promised_is_unreadable(values: dict[str, dict[str, Any]]) -> None:
    with forest(TestServer01=HostSpec(windows="2022", facts=values)) as running:
        facts, _ = visited(running, NAME)
    assert missing(facts) == {"os": Reason.UNREADABLE}


# --- hosts that cannot be read ---


@pytest.mark.parametrize(
    ("fault", "reason", "deadline_s"),
    [
        (Fault.REFUSES, Reason.UNREACHABLE, PATIENCE_S),
        (Fault.DROPS, Reason.UNREACHABLE, PATIENCE_S),
        (Fault.RUBBISH, Reason.UNREADABLE, PATIENCE_S),
        (Fault.DENIES, Reason.ACCESS_DENIED, PATIENCE_S),
        (Fault.HANGS, Reason.TIMED_OUT, 0.5),
        (Fault.HALF, Reason.TIMED_OUT, 2.0),
    ],
)
def test_a_host_that_fails_has_every_fact_missing_for_the_same_reason(fault: Fault, reason: Reason, deadline_s: float) -> None:
    with forest(TestServer01=HostSpec(windows="2019", fault=fault)) as running:
        facts, how = visited(running, NAME, deadline_s=deadline_s)
    assert whole_host(facts) is reason, details(facts)
    assert how.engine == ""


def test_a_host_that_is_later_than_its_deadline_is_timed_out() -> None:
    with forest(TestServer01=HostSpec(windows="2019", delay_s=60.0)) as running:
        facts, _ = visited(running, NAME, deadline_s=0.5)
    assert whole_host(facts) is Reason.TIMED_OUT


def test_a_wrong_password_is_access_denied_and_is_shown_nowhere() -> None:
    wrong = Credentials(COLLECTOR, "Tr0ub4dor&3-is-wrong")
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, how = visited(running, NAME, signed_in=wrong)
    assert whole_host(facts) is Reason.ACCESS_DENIED
    assert "Tr0ub4dor" not in f"{facts}{how}{wrong}"


def test_an_unknown_session_configuration_is_no_answer() -> None:
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, _ = visited(running, NAME, configuration_name="Nothing.Like.This")
    assert whole_host(facts) is Reason.UNREADABLE
    assert "0x80338080" in details(facts)


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    facts, _ = visit(Target(NAME, "testserver01.invalid", 5985, "testserver01.invalid"), (), nobody(), PATIENCE_S)
    assert whole_host(facts) in (Reason.UNREACHABLE, Reason.TIMED_OUT)


# --- certificates ---


def test_a_host_over_https_is_read_when_its_authority_is_named() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        facts, how = visited(running, NAME)
    assert missing(facts) == {}
    assert how.encrypted == "TLS"


def test_basic_authentication_is_taken_over_tls() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        facts, how = visited(running, NAME, auth=Transport.BASIC)
    assert missing(facts) == {}
    assert (how.encrypted, how.authentication) == ("TLS", "basic")


def test_a_certificate_of_ones_own_lets_one_in_without_a_password() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        assert running.authority
        mine = running.authority.issue("hv-reader")
        facts, how = visited(
            running, NAME, auth=Transport.CERTIFICATE, certificate=str(mine.certificate_file), certificate_key=str(mine.key_file)
        )
    assert missing(facts) == {}
    assert (how.encrypted, how.authentication) == ("TLS", "certificate")


def test_a_certificate_of_ones_own_from_elsewhere_does_not_let_one_in(tmp_path: Path) -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        mine = Authority(tmp_path).issue("hv-reader")
        facts, _ = visited(
            running, NAME, auth=Transport.CERTIFICATE, certificate=str(mine.certificate_file), certificate_key=str(mine.key_file)
        )
        asked = list(running.hosts[NAME].requests)
    assert whole_host(facts) is not None
    assert asked == []


def test_a_certificate_by_an_unknown_authority_is_not_trusted() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        facts, _ = visited(running, NAME, ca_file=None)
        asked = list(running.hosts[NAME].requests)
    assert whole_host(facts) is Reason.UNREACHABLE
    assert "certificate not trusted" in details(facts)
    assert asked == []


def test_a_certificate_for_another_name_is_not_trusted() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        host, port = host_and_port(running.hosts[NAME].address)
        elsewhere = Target(NAME, host, port or 0, "testserver99.contoso.test", tls=True, ca_file=str(running.ca_file))
        facts, _ = visit(elsewhere, (), forests.credentials(running), PATIENCE_S)
        asked = list(running.hosts[NAME].requests)
    assert whole_host(facts) is Reason.UNREACHABLE
    assert "certificate not trusted" in details(facts)
    assert asked == []


def test_another_authority_than_the_one_named_is_not_trusted(tmp_path: Path) -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        facts, _ = visited(running, NAME, ca_file=str(Authority(tmp_path).ca_file))
    assert whole_host(facts) is Reason.UNREACHABLE


def test_an_authority_file_that_is_not_there_is_not_passed_over() -> None:
    with forest(TestServer01=HostSpec(windows="2019", certificate=True)) as running:
        facts, _ = visited(running, NAME, ca_file="no-such-file.pem")
        asked = list(running.hosts[NAME].requests)
    assert whole_host(facts) is Reason.NOT_COLLECTED
    assert "no-such-file.pem" in details(facts)
    assert asked == []


# --- what is refused before anything is contacted ---


@pytest.fixture
def nobody_calls() -> Iterator[tuple[str, int]]:
    """A port at which a connection fails the test."""
    with forests.nobody_calls() as address:
        yield address


@pytest.mark.parametrize(
    ("auth", "tls", "signed_in"),
    [
        (Transport.BASIC, False, nobody()),
        (Transport.CERTIFICATE, False, Credentials()),
        (Transport.CERTIFICATE, True, Credentials()),
        (Transport.CREDSSP, False, Credentials()),
        (Transport.BASIC, True, Credentials("CONTOSO\\nobody")),
    ],
    ids=[
        "Basic without TLS",
        "certificate without TLS",
        "certificate without a file",
        "CredSSP without a user",
        "Basic without a password",
    ],
)
def test_an_unsafe_or_impossible_logon_is_refused_and_nobody_contacted(
    nobody_calls: tuple[str, int], auth: Transport, tls: bool, signed_in: Credentials
) -> None:
    facts, _ = visit(Target(NAME, *nobody_calls, NAME, auth=auth, tls=tls), (), signed_in, PATIENCE_S)
    assert whole_host(facts) is Reason.NOT_COLLECTED


def test_proxies_and_authorities_of_the_environment_are_ignored(nobody_calls: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = "http://{}:{}".format(*nobody_calls)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "no-such-file.pem")
    hosts = {"TestServer01": HostSpec(windows="2019"), "TestServer02": HostSpec(windows="2019", certificate=True)}
    with forest(**hosts) as running:
        for name in hosts:
            assert missing(visited(running, name)[0]) == {}


# --- what anybody on the way could send ---


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), handler) as server, Serving(server):
        yield server.server_port


class Plain(BaseHTTPRequestHandler):
    """Answers everything with an unencrypted text."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"<a/>")

    def log_message(self, *_: Any) -> None:
        pass


class Elsewhere(Plain):
    """Sends everybody to where a connection fails the test."""

    place: tuple[str, int]

    def do_POST(self) -> None:
        self.send_response(307)
        self.send_header("Location", "http://{}:{}/wsman".format(*self.place))
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_a_server_that_answers_without_a_logon_is_not_believed() -> None:
    with serving(Plain) as port:
        facts, _ = visit(Target(NAME, "127.0.0.1", port, NAME), (), nobody(), PATIENCE_S)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "an answer that is not encrypted"


def test_a_redirection_is_not_followed(nobody_calls: tuple[str, int]) -> None:
    Elsewhere.place = nobody_calls
    with serving(Elsewhere) as port:
        facts, _ = visit(Target(NAME, "127.0.0.1", port, NAME), (), nobody(), PATIENCE_S)
    assert details(facts) == "the host redirects, which is not followed"


class Reply(socketserver.BaseRequestHandler):
    """Answers every connection with the bytes it was given, whatever is asked."""

    content = b""

    def handle(self) -> None:
        self.request.recv(65536)
        self.request.sendall(self.content)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate ", b"HTTP/1.1 500 "]),
)
def test_no_bytes_from_a_port_become_a_fact_or_an_exception(noise: bytes, start: bytes) -> None:
    Reply.content = start + noise
    with serving(Reply) as port:
        facts, _ = visit(Target(NAME, "127.0.0.1", port, NAME), (), nobody(), PATIENCE_S)
    assert known(facts) == {}


@contextmanager
def answering(answer: Answer, start: Start | None = None) -> Iterator[tuple[Callable[[], HostFacts], list[str]]]:
    """A visit to a host whose script answers so, and the requests that it serves."""
    accounts = Accounts(forests.scenario(TestServer01=HostSpec()))
    with accounts:
        listener = Listener(WSMan("TESTSERVER01", answer, start), accounts)
        listener.start()
        try:
            signed_in = Credentials(COLLECTOR, accounts.password_of(COLLECTOR))
            target = Target(NAME, "127.0.0.1", listener.port, NAME)
            yield lambda: visit(target, (), signed_in, PATIENCE_S)[0], listener.wsman.requests
        finally:
            listener.stop()


@pytest.mark.parametrize("answer", ["", "{}", "null", "[1]", '{"frame": 2}', '{"frame": 1, "engine": "5.1", "sections": {}}', "\x00\ud800"])
def test_a_signed_in_host_that_answers_something_else_is_unreadable(answer: str) -> None:
    with answering(lambda _: [Said(answer)]) as (facts, _):
        assert whole_host(facts()) is Reason.UNREADABLE


# --- from the plan to the target ---


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("testserver01", ("testserver01", None)),
        ("testserver01.contoso.test:15985", ("testserver01.contoso.test", 15985)),
        ("10.0.0.1:5986", ("10.0.0.1", 5986)),
        ("fd00::1", ("fd00::1", None)),
        ("[fd00::1]:5985", ("fd00::1", 5985)),
        ("[fd00::1]", ("fd00::1", None)),
        ("testserver01:port", ("testserver01:port", None)),
        ("testserver01:99999", ("testserver01:99999", None)),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_port(address: str, expected: tuple[str, int | None]) -> None:
    assert host_and_port(address) == expected


def test_a_host_that_the_plan_only_names_is_asked_at_its_name_and_the_usual_port() -> None:
    target = target_of(Plan(moves=()), HostName(NAME))
    assert (target.host, target.port, target.identity, target.tls) == (NAME, 5985, NAME, False)
    assert target_of(Plan(moves=(), connection=Connection(tls=True)), HostName(NAME)).port == 5986


def test_what_the_plan_says_of_a_host_counts_more_than_what_it_says_of_all() -> None:
    plan = Plan(
        moves=(),
        connection=Connection(auth=Transport.KERBEROS, tls=True, ca_file="all.pem"),
        hosts={"TESTSERVER01": HostEntry(fqdn="testserver01.contoso.test", address="10.0.0.1:15985", auth=Transport.NTLM, tls=False)},
    )
    target = target_of(plan, HostName(NAME))
    assert (target.address, target.identity) == ("10.0.0.1:15985", "testserver01.contoso.test")
    assert (target.auth, target.tls, target.ca_file) == (Transport.NTLM, False, "all.pem")
