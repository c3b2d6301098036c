"""The connection to one controller: what it believes, and how it ends whatever the server does."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.facts.fact import Reason
from lab import directory as lab_directory
from lab.certificates import Authority
from lab.credentials import Credentials as Accounts
from lab.ldap import LdapServer
from runner.collect.credentials import Credentials
from runner.collect.directories.base import read_base
from runner.collect.directories.bind import MOST_STEPS
from runner.collect.directories.controller import (
    PAGE,
    Controller,
    Entry,
    SearchScope,
    any_of,
    moment,
    number,
    string,
)
from runner.collect.directories.peers import Peer, Security, pinned
from runner.collect.unread import Unread
from tests.collect.directories.asking import scenario

SUCCEEDED = bytes.fromhex("61070a010004000400")
"""A bind's answer that says success and nothing else."""
GOES_ON = bytes.fromhex("61070a010e04000400")
"""One that says that the sign-in is not over."""
NAME = "dc01.contoso.test"


def connect(
    port: int,
    credentials: Credentials,
    *,
    name: str = NAME,
    security: Security = Security.SEALED,
    ca_file: str | None = None,
    page: int = PAGE,
) -> Controller:
    where = Peer(name, ("127.0.0.1",), port, security)
    return Controller(where, credentials, protocol="negotiate", deadline=time.monotonic() + 30, ca_file=ca_file, page=page)


def answering(request: bytes, answer: bytes) -> bytes:
    """A message with the number of the request."""
    start = 2 + (request[1] & 0x7F if request[1] & 0x80 else 0)
    content = request[start : start + 2 + request[start + 1]] + answer
    return b"\x30" + bytes([len(content)]) + content


@contextmanager
def saying(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that answers what comes first, and hangs up."""

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            client.sendall(answer(client.recv(65536)))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_a_server_that_accepts_without_a_negotiation_is_not_believed() -> None:
    with saying(lambda request: answering(request, SUCCEEDED)) as port, pytest.raises(Unread) as raised:
        connect(port, Credentials("CONTOSO\\hv-reader", "secret"))
    assert raised.value.reason is Reason.ACCESS_DENIED


def test_a_sign_in_that_never_ends_is_given_up_after_a_few_steps() -> None:
    asked = []

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            while request := client.recv(65536):
                asked.append(request)
                client.sendall(answering(request, GOES_ON))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(Unread) as raised:
            connect(listening.getsockname()[1], Credentials("CONTOSO\\hv-reader", "secret"))
        thread.join()
    assert raised.value.reason is Reason.ACCESS_DENIED
    assert len(asked) == MOST_STEPS


@settings(max_examples=60)
@given(st.binary(max_size=100))
def test_whatever_a_server_says_ends_in_a_reason(answer: bytes) -> None:
    for way in (lambda _: answer, lambda request: answering(request, answer)):
        with saying(way) as port, pytest.raises(Unread):
            connect(port, Credentials("CONTOSO\\hv-reader", "secret"))


@settings(max_examples=60)
@given(st.integers(0, len(SUCCEEDED) - 1), st.integers(0, 255))
def test_a_damaged_answer_ends_in_a_reason(position: int, value: int) -> None:
    damaged = SUCCEEDED[:position] + bytes([value]) + SUCCEEDED[position + 1 :]
    with saying(lambda request: answering(request, damaged)) as port, pytest.raises(Unread):
        connect(port, Credentials("CONTOSO\\hv-reader", "secret"))


@contextmanager
def dripping(*answers: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that answers, and goes on with its last answer byte by byte, far longer than it is waited for."""
    over = threading.Event()

    def serve() -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            for answer in answers:
                client.sendall(answer(client.recv(65536)))
            for _ in range(200):
                if over.wait(0.05):
                    break
                client.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join()


def begins_a_message(_: bytes) -> bytes:
    return bytes.fromhex("3082ffff")


def begins_a_record(_: bytes) -> bytes:
    return bytes.fromhex("1603034000")


def accepts_tls(request: bytes) -> bytes:
    return answering(request, bytes.fromhex("78070a010004000400"))


@pytest.mark.parametrize(
    ("security", "answers"),
    [
        (Security.SEALED, [begins_a_message]),
        (Security.START_TLS, [begins_a_message]),
        (Security.START_TLS, [accepts_tls, begins_a_record]),
        (Security.LDAPS, [begins_a_record]),
    ],
)
def test_the_deadline_holds_from_the_first_byte_on(security: Security, answers: list[Callable[[bytes], bytes]]) -> None:
    credentials = Credentials("CONTOSO\\hv-reader", "secret")
    with dripping(*answers) as port:
        where = Peer(NAME, ("127.0.0.1",), port, security)
        with pytest.raises(Unread) as raised:
            Controller(where, credentials, protocol="negotiate", deadline=time.monotonic() + 0.5)
    assert raised.value.reason is Reason.TIMED_OUT


def test_a_controller_without_an_address_is_unreachable() -> None:
    with pytest.raises(Unread) as raised:
        Controller(Peer(NAME, ()), Credentials("CONTOSO\\x", "y"), protocol="negotiate", deadline=time.monotonic() + 30)
    assert raised.value.reason is Reason.UNREACHABLE


def test_the_next_address_is_tried_when_nothing_listens_on_the_first() -> None:
    described = scenario()
    with Accounts(described) as accounts, LdapServer(lab_directory.build(described)["contoso.test", "dc01"], accounts) as server:
        credentials = Credentials(described.collector, accounts.password_of(described.collector))
        where = Peer(NAME, ("127.0.0.99", "127.0.0.1"), server.port)
        controller = Controller(where, credentials, protocol="negotiate", deadline=time.monotonic() + 30)
        assert read_base(controller).domain.netbios_name == "CONTOSO"
        controller.close()


def test_all_pages_of_an_answer_are_read() -> None:
    described = scenario()
    with Accounts(described) as accounts, LdapServer(lab_directory.build(described)["contoso.test", "dc01"], accounts) as server:
        credentials = Credentials(described.collector, accounts.password_of(described.collector))
        found = []
        for page in (PAGE, 3):
            controller = connect(server.port, credentials, page=page)
            found.append([entry.dn for entry in controller.search("DC=contoso,DC=test", "(objectClass=*)", ("cn",))])
            assert controller.requests == (1 if page == PAGE else -(-len(found[0]) // page))
            controller.close()
    assert sorted(found[0]) == sorted(found[1])


def test_an_object_that_does_not_exist_is_denied_and_its_search_empty() -> None:
    described = scenario()
    with Accounts(described) as accounts, LdapServer(lab_directory.build(described)["contoso.test", "dc01"], accounts) as server:
        controller = connect(server.port, Credentials(described.collector, accounts.password_of(described.collector)))
        assert controller.search("CN=nobody,DC=contoso,DC=test", "(objectClass=*)", ("cn",), SearchScope.BASE) == []
        with pytest.raises(Unread) as raised:
            controller.object("CN=nobody,DC=contoso,DC=test", ("cn",))
        assert raised.value.reason is Reason.ACCESS_DENIED
        controller.close()


def test_an_ldap_url_names_host_port_and_tls() -> None:
    assert pinned("ldap://dc01.contoso.test") == Peer(NAME, (), 389, Security.SEALED)
    assert pinned("ldap://dc01.contoso.test:3389/") == Peer(NAME, (), 3389, Security.SEALED)
    assert pinned("ldap+starttls://dc01.contoso.test") == Peer(NAME, (), 389, Security.START_TLS)
    assert pinned("ldaps://DC01.contoso.test") == Peer(NAME, (), 636, Security.LDAPS)


@pytest.mark.parametrize("url", ["dc01.contoso.test", "http://dc01.contoso.test", "ldap://", "ldap:///DC=contoso", "ldap://dc01:port"])
def test_what_is_no_ldap_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"LDAP URL|[Pp]ort"):
        pinned(url)


@pytest.mark.parametrize("value", ["*", "a)(b=*", "\\", "x\0y", "Ü"])
def test_a_name_in_a_filter_stays_a_name(value: str) -> None:
    described = scenario()
    with Accounts(described) as accounts, LdapServer(lab_directory.build(described)["contoso.test", "dc01"], accounts) as server:
        controller = connect(server.port, Credentials(described.collector, accounts.password_of(described.collector)))
        assert controller.search("DC=contoso,DC=test", any_of("cn", [value]), ("cn",)) == []
        controller.close()


def test_a_value_is_of_its_kind_or_unreadable() -> None:
    entry = Entry("CN=x", {"n": [b"12"], "t": [b"20261205120000.0Z"], "two": [b"1", b"2"], "word": [b"\xff"], "empty": [b""]})
    assert (entry.one("N", number), entry.one("t", moment).hour, entry.maybe("none", string)) == (12, 12, None)
    for name, read in (("t", number), ("word", string), ("empty", string), ("n", moment), ("two", number)):
        with pytest.raises(Unread) as raised:
            entry.maybe(name, read)
        assert raised.value.reason is Reason.UNREADABLE
    with pytest.raises(Unread) as raised:
        entry.one("none", string)
    assert raised.value.reason is Reason.ACCESS_DENIED


@given(st.datetimes(min_value=datetime(1601, 1, 1), max_value=datetime(9999, 12, 31)))
def test_a_moment_is_read_to_the_second_as_it_was_written(written: datetime) -> None:
    assert moment(f"{written:%Y%m%d%H%M%S}.{written.microsecond // 100_000}Z".encode()) == written.replace(microsecond=0, tzinfo=UTC)


@given(
    st.from_regex(rb"[0-9]{0,13}(\.0)?Z|[0-9]{15,16}Z|[0-9]{14}(\.0)?([+-][0-9]{4})?|[0-9]{14}\.Z", fullmatch=True) | st.binary(max_size=20)
)
def test_what_is_no_whole_moment_of_utc_is_no_moment(value: bytes) -> None:
    try:
        found = moment(value)
    except ValueError:
        return
    assert value.startswith(f"{found:%Y%m%d%H%M%S}".encode())
    assert value.endswith(b"Z")


@pytest.mark.parametrize("value", [b"202612051200Z", b"20261205120000", b"20261205120000+0100", b"20261305120000Z", b"now"])
def test_a_moment_that_is_cut_local_or_impossible_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment(value)


def test_a_part_of_the_values_is_not_taken_for_all_of_them() -> None:
    part = Entry("CN=x", {"member": [], "member;range=0-1499": [b"CN=a"]})
    assert "member" in part
    with pytest.raises(Unread) as raised:
        part.all("member", string)
    assert raised.value.reason is Reason.UNREADABLE
    assert Entry("CN=x", {"member": [b"CN=a", b"CN=b"], "member;range=2-*": []}).all("member", string) == ("CN=a", "CN=b")


@pytest.fixture(params=[Security.LDAPS, Security.START_TLS])
def secured(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[LdapServer, Credentials, str, Security]]:
    """A controller that speaks TLS, from the first byte or when asked to, who may read it, and the file of the authority that vouches."""
    described = scenario()
    authority = Authority(tmp_path)
    certificate = authority.issue(NAME)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate_file, certificate.key_file)
    with Accounts(described) as accounts:
        directory = lab_directory.build(described)["contoso.test", "dc01"]
        with LdapServer(directory, accounts, tls=context, ldaps=request.param is Security.LDAPS) as server:
            reader = Credentials(described.collector, accounts.password_of(described.collector))
            yield server, reader, str(authority.ca_file), request.param


def test_a_controller_with_a_trusted_certificate_is_read_over_tls(secured: tuple[LdapServer, Credentials, str, Security]) -> None:
    server, credentials, ca_file, security = secured
    controller = connect(server.port, credentials, security=security, ca_file=ca_file)
    assert read_base(controller).domain.netbios_name == "CONTOSO"
    controller.close()


@pytest.mark.parametrize("name", [NAME, "dc02.contoso.test"])
def test_a_controller_with_a_certificate_of_unknown_origin_or_for_another_name_is_not_believed(
    secured: tuple[LdapServer, Credentials, str, Security], name: str
) -> None:
    server, credentials, ca_file, security = secured
    with pytest.raises(Unread, match="certificate"):
        connect(server.port, credentials, name=name, security=security, ca_file=None if name == NAME else ca_file)
    assert [operation for operation, *_ in server.requests if operation != "extended"] == []
