"""The lab's hosts as pypsrp sees them: signing in, encryption, what a visit costs, and what goes wrong on purpose."""

from __future__ import annotations

import http.client
import http.server
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import requests
from pypsrp.complex_objects import PSInvocationState
from pypsrp.exceptions import AuthenticationError, WinRMError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from requests_credssp.exceptions import NTStatusException

from checks.facts.host import HOST_FACTS
from lab.certificates import Authority
from lab.forest import Forest
from lab.scenario import Fault, VmSpec
from lab.serving import Serving
from lab.winrm import Certificate
from tests.lab.visiting import ask, connection, forest, host, request, sections

REFUSED = (AuthenticationError, WinRMTransportError, NTStatusException)


@pytest.fixture(scope="module")
def running() -> Iterator[Forest]:
    with forest(plain=host(), secure=host(certificate=True)) as its:
        yield its


@pytest.mark.parametrize("auth", ["negotiate", "ntlm", "credssp"])
def test_a_visit_over_http_is_encrypted_and_answered(running: Forest, auth: str) -> None:
    assert ask(connection(running, "plain", auth=auth), request("os"))


@pytest.mark.parametrize("auth", ["negotiate", "ntlm", "credssp", "basic"])
def test_a_visit_over_https_is_answered(running: Forest, auth: str) -> None:
    assert ask(connection(running, "secure", auth=auth), request("os"))


@pytest.mark.parametrize("name", ["CONTOSO\\hv-reader", "contoso\\HV-READER", "contoso.test\\hv-reader", "hv-reader@contoso.test"])
def test_a_user_may_write_the_name_in_any_form(running: Forest, name: str) -> None:
    assert ask(connection(running, "plain", username=name), request("os"))


@pytest.mark.parametrize("auth", ["negotiate", "ntlm", "credssp"])
def test_a_wrong_password_is_refused_over_http(running: Forest, auth: str) -> None:
    with pytest.raises(REFUSED):
        ask(connection(running, "plain", auth=auth, password="wrong"), request("os"))


@pytest.mark.parametrize("auth", ["negotiate", "basic"])
def test_a_wrong_password_is_refused_over_https(running: Forest, auth: str) -> None:
    with pytest.raises(REFUSED):
        ask(connection(running, "secure", auth=auth, password="wrong"), request("os"))


@pytest.mark.parametrize("name", ["CONTOSO\\nobody", "CONTOSO\\gone", "FABRIKAM\\hv-reader", "hv-reader"])
def test_an_unknown_or_disabled_account_is_refused(running: Forest, name: str) -> None:
    with pytest.raises(REFUSED):
        ask(connection(running, "plain", username=name, password="never"), request("os"))


def test_basic_authentication_is_refused_without_tls(running: Forest) -> None:
    with pytest.raises(REFUSED):
        ask(connection(running, "plain", auth="basic", encryption="never"), request("os"))


def test_an_unencrypted_message_over_http_is_refused(running: Forest) -> None:
    with pytest.raises(WinRMTransportError):
        ask(connection(running, "plain", encryption="never"), request("os"))


def test_the_certificate_is_not_trusted_without_the_labs_authority(running: Forest) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        ask(connection(running, "secure", cert_validation=True), request("os"))


def test_a_sign_in_that_was_bound_to_another_channel_is_refused(running: Forest, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    trusting = {"cert_validation": str(authority.ca_file)}
    with _relay(running.hosts["secure"].listener.port, authority.issue("relay.contoso.test")) as port:
        assert ask(connection(running, "secure", port=port, auth="basic", **trusting), request("os"))
        with pytest.raises(REFUSED):
            ask(connection(running, "secure", port=port, **trusting), request("os"))


def test_a_sign_in_that_is_bound_to_no_channel_is_refused_over_https(running: Forest) -> None:
    with pytest.raises(REFUSED):
        ask(connection(running, "secure", negotiate_send_cbt=False), request("os"))


def test_a_whole_visit_takes_at_most_seven_requests(running: Forest) -> None:
    served = running.hosts["plain"].requests
    before = len(served)
    sections(running, "plain", *HOST_FACTS)
    assert len(served) - before <= 7
    assert (served[before], served[-1]) == ("Create", "Delete")


def test_an_answer_of_more_than_a_megabyte_arrives_whole() -> None:
    machines = tuple(VmSpec(f"VM «{number}»") for number in range(2_500))
    with forest(full=host(vms=machines)) as its:
        _, text = ask(connection(its, "full"), request("vms"))
    assert len(text) > 1_000_000
    assert [vm["name"] for vm in msgspec.json.decode(text)["value"]] == [vm.name for vm in machines]


def test_a_script_longer_than_one_message_is_taken(running: Forest) -> None:
    with RunspacePool(connection(running, "plain")) as pool:
        shell = PowerShell(pool)
        shell.add_script("#" * 600_000).add_parameter("Request", request("os"))
        assert shell.invoke()


def test_a_script_that_asks_nothing_fails_and_is_not_run(running: Forest) -> None:
    with RunspacePool(connection(running, "plain")) as pool:
        shell = PowerShell(pool)
        shell.add_script("Get-Date")
        assert shell.invoke() == []
        assert shell.state == PSInvocationState.FAILED


def test_an_unknown_session_configuration_is_a_fault(running: Forest) -> None:
    with pytest.raises(WSManFaultError), RunspacePool(connection(running, "plain"), configuration_name="Nowhere"):
        pass


def test_a_client_that_says_nothing_keeps_nobody_waiting(running: Forest) -> None:
    with socket.create_connection(("127.0.0.1", running.hosts["secure"].listener.port)):
        assert ask(connection(running, "secure"), request("os"))


def test_a_host_that_refuses_has_its_port_closed() -> None:
    with forest(dark=host(fault=Fault.REFUSES)) as its, pytest.raises(requests.exceptions.ConnectionError):
        ask(connection(its, "dark"), request("os"))


def test_a_host_that_hangs_takes_connections_and_never_answers() -> None:
    with forest(mute=host(fault=Fault.HANGS)) as its, pytest.raises(requests.exceptions.ReadTimeout):
        ask(connection(its, "mute", read_timeout=0.2), request("os"))


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("fault", [Fault.DROPS, Fault.HALF])
def test_a_host_can_fail_in_the_middle_of_its_answer(fault: Fault, secure: bool) -> None:
    with forest(broken=host(fault=fault, certificate=secure)) as its:
        with pytest.raises((requests.exceptions.RequestException, WinRMError)):
            ask(connection(its, "broken", read_timeout=2.0), request("os"))
        served = its.hosts["broken"].requests
        assert served[0] == "Create"
        assert served[served.index("Command") :][:2] == ["Command", "Receive"]


def test_a_late_host_answers_every_request_later_than_the_client_waits() -> None:
    with forest(slow=host(fault=Fault.LATE, delay_s=30.0)) as its, pytest.raises(requests.exceptions.ReadTimeout):
        ask(connection(its, "slow", read_timeout=0.2), request("os"))


def test_a_slow_host_still_answers() -> None:
    with forest(slow=host(delay_s=0.01)) as its:
        assert ask(connection(its, "slow"), request("os"))


def test_a_host_that_talks_rubbish_answers_something_that_is_no_json() -> None:
    with forest(odd=host(fault=Fault.RUBBISH)) as its:
        (text,) = ask(connection(its, "odd"), request("os"))
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text)


def test_a_host_that_denies_takes_the_password_and_refuses_the_shell() -> None:
    with forest(closed=host(fault=Fault.DENIES)) as its, pytest.raises(WSManFaultError) as denied:
        ask(connection(its, "closed"), request("os"))
    assert denied.value.code == 5


@contextmanager
def _relay(port: int, certificate: Certificate) -> Iterator[int]:
    """Somebody in between: ends TLS with a certificate of its own and hands every request on to the host, over TLS again."""
    outward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outward.check_hostname, outward.verify_mode = False, ssl.CERT_NONE

    class Between(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.host = http.client.HTTPSConnection("127.0.0.1", port, context=outward)

        def finish(self) -> None:
            self.host.close()
            super().finish()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.host.request("POST", self.path, body, dict(self.headers))
            answer = self.host.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    inward = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inward.load_cert_chain(certificate.certificate_file, certificate.key_file)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between) as server:
        server.daemon_threads = True
        server.socket = inward.wrap_socket(server.socket, server_side=True)
        with Serving(server):
            yield server.server_address[1]
