"""The lab's controllers as ldap3 sees them: signing in, sealing, TLS, searching in pages, refusals, and what goes wrong on purpose."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress

import ldap3
import pytest
import sansldap
from hypothesis import given
from hypothesis import strategies as st
from ldap3.core.exceptions import LDAPExceptionError, LDAPSessionTerminatedByServerError, LDAPSocketOpenError, LDAPSocketReceiveError
from msgspec.structs import replace

from lab.certificates import Authority
from lab.credentials import Credentials
from lab.directory import build
from lab.ldap import LdapServer
from lab.ldap_connection import ENDED, PAGE, Connection, Service
from lab.ldap_wire import Wire
from lab.scenario import Fault, HostSpec
from runner.collect.directories.peers import Security
from tests.lab.searching import HEAD, PASSWORD, SOURCE, USER, found, scenario, signed_in

DIRECTORIES = build(scenario())
DIRECTORY = DIRECTORIES["contoso.test", "dc01"]
MANY = {f"hv{n:04}": HostSpec() for n in range(PAGE + 200)}
READER = f"CN=hv-reader,CN=Users,{HEAD}"
COMPUTERS = f"CN=Computers,{HEAD}"
DACL_ONLY = ldap3.protocol.microsoft.security_descriptor_control(sdflags=4)


@pytest.fixture(scope="module")
def credentials() -> Iterator[Credentials]:
    with Credentials(scenario()) as its:
        yield its


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certified(authority: Authority) -> ssl.SSLContext:
    certificate = authority.issue("dc01.contoso.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate_file, certificate.key_file)
    return context


@pytest.fixture(scope="module")
def server(credentials: Credentials, certified: ssl.SSLContext) -> Iterator[LdapServer]:
    with LdapServer(DIRECTORY, credentials, tls=certified) as its:
        yield its


@pytest.fixture(scope="module")
def crowded(credentials: Credentials) -> Iterator[LdapServer]:
    every = build(replace(scenario(), hosts=scenario().hosts | MANY))
    with LdapServer(every["contoso.test", "dc01"], credentials) as its:
        yield its


def plain(server: LdapServer, user: str | None = None, password: str | None = None, **options: object) -> ldap3.Connection:
    """ldap3's own connection: anonymous, or a simple bind."""
    where = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE, connect_timeout=10)
    return ldap3.Connection(where, user, password, receive_timeout=10, auto_referrals=False, **options)


def answers(server: LdapServer) -> bool:
    """Whether another client is served."""
    with signed_in(server) as connection:
        return bool(connection.bound) and set(found(connection, "(objectClass=*)", SOURCE, ldap3.BASE)) == {SOURCE}


# --- signing in ---


@pytest.mark.parametrize("protocol", ["ntlm", "negotiate"])
@pytest.mark.parametrize("user", [USER, "hv-reader@contoso.test", "contoso.test\\hv-reader"])
def test_an_account_signs_in_and_what_follows_is_sealed(server: LdapServer, protocol: str, user: str) -> None:
    with signed_in(server, user=user, protocol=protocol) as connection:
        assert connection.bound
        assert set(found(connection, "(sAMAccountName=TESTSERVER01$)")) == {SOURCE}


def test_after_a_sealed_bind_no_name_passes_in_clear_text(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials) as server, signed_in(server) as connection:
        channel = connection.socket.channel.inner
        connection.socket.sendall(
            b"0\x25\x02\x01\x63\x63\x20\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00\x87\x0bobjectClass0\x00"
        )
        answer = channel.recv(1 << 20)
        assert answer
        assert b"contoso" not in answer.lower()


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("CONTOSO\\gone", "never"), ("CONTOSO\\nobody", PASSWORD)])
def test_wrong_credentials_are_refused_as_a_domain_controller_does(server: LdapServer, user: str, password: str) -> None:
    with signed_in(server, password, user=user) as connection:
        assert not connection.bound
        assert connection.result["description"] == "invalidCredentials"
        assert "data 52e" in connection.result["message"]


def test_a_simple_bind_needs_tls(server: LdapServer) -> None:
    connection = plain(server, USER, PASSWORD)
    assert not connection.bind()
    assert connection.result["description"] == "strongerAuthRequired"


@pytest.mark.parametrize("name", [USER, "hv-reader@contoso.test", READER])
def test_a_simple_bind_after_start_tls_takes_each_form_of_the_name(server: LdapServer, name: str) -> None:
    for password, right in ((PASSWORD, True), ("wrong", False)):
        connection = plain(server, name, password)
        connection.open()
        assert connection.start_tls()
        assert connection.bind() is right
        assert bool(connection.extend.standard.who_am_i()) is right


@pytest.mark.parametrize("way", [Security.START_TLS, Security.LDAPS])
def test_inside_tls_an_account_signs_in_without_a_second_seal(
    credentials: Credentials, certified: ssl.SSLContext, authority: Authority, way: Security
) -> None:
    with (
        LdapServer(DIRECTORY, credentials, tls=certified, ldaps=way is Security.LDAPS) as server,
        signed_in(server, ca_file=str(authority.ca_file), security=way) as connection,
    ):
        assert connection.bound
        assert set(found(connection, "(sAMAccountName=TESTSERVER01$)")) == {SOURCE}


def test_without_a_certificate_there_is_no_tls(crowded: LdapServer) -> None:
    connection = plain(crowded)
    connection.open()
    with pytest.raises(LDAPExceptionError):
        connection.start_tls()
    with signed_in(crowded) as sealed:
        assert sealed.bound


def test_other_mechanisms_are_not_offered(server: LdapServer) -> None:
    connection = plain(server, authentication=ldap3.SASL, sasl_mechanism=ldap3.EXTERNAL)
    assert not connection.bind()
    assert connection.result["description"] == "authMethodNotSupported"


# --- what strangers may read ---


def test_strangers_read_the_root_entry_and_nothing_else(server: LdapServer) -> None:
    connection = plain(server)
    assert connection.bind()
    root = found(connection, "(objectClass=*)", "", ldap3.BASE)[""]
    assert root["dnsHostName"] == [b"dc01.contoso.test"]
    assert b"1.2.840.113556.1.4.319" in root["supportedControl"]
    assert found(connection, "(objectClass=*)") == {}
    assert connection.result["description"] == "operationsError"
    assert "successful bind must be completed" in connection.result["message"]


def test_ldap3_understands_the_root_entry(server: LdapServer) -> None:
    where = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.ALL)
    with ldap3.Connection(where, auto_bind=True):
        assert where.info.other["defaultNamingContext"] == [HEAD]
        assert "GSS-SPNEGO" in where.info.supported_sasl_mechanisms


def test_the_root_entry_tells_who_asks(server: LdapServer) -> None:
    with signed_in(server) as connection:
        root = found(connection, "(objectClass=*)", "", ldap3.BASE, attributes=["tokenGroups"])[""]
        assert root["tokenGroups"] == DIRECTORY.tokens["contoso\\hv-reader"]


# --- searching ---


@pytest.mark.parametrize(
    ("base", "scope", "expected"),
    [
        (COMPUTERS, ldap3.BASE, {COMPUTERS}),
        (COMPUTERS, ldap3.LEVEL, {SOURCE, SOURCE.replace("01", "02")}),
        (COMPUTERS, ldap3.SUBTREE, {COMPUTERS, SOURCE, SOURCE.replace("01", "02")}),
        (SOURCE, ldap3.LEVEL, set()),
    ],
)
def test_scopes_reach_as_far_as_they_say(server: LdapServer, base: str, scope: str, expected: set[str]) -> None:
    with signed_in(server) as connection:
        assert set(found(connection, "(objectClass=*)", base, scope)) == expected


def test_a_search_of_the_domain_stays_out_of_other_naming_contexts_and_refers_to_them(server: LdapServer) -> None:
    with signed_in(server) as connection:
        entries = found(connection, "(objectClass=*)")
        assert READER in entries
        assert not [name for name in entries if "CN=Configuration" in name]
        references = [url for item in connection.response if item["type"] == "searchResRef" for url in item["uri"]]
        assert f"ldap://DomainDnsZones.contoso.test/DC=DomainDnsZones,{HEAD}" in references
        assert f"ldap://emea.contoso.test/DC=emea,{HEAD}" in references
        found(connection, "(objectClass=*)", controls=[("1.2.840.113556.1.4.1339", True, None)])
        assert {item["type"] for item in connection.response} == {"searchResEntry"}


def test_a_name_that_does_not_exist_is_answered_with_the_nearest_that_does(server: LdapServer) -> None:
    with signed_in(server) as connection:
        assert found(connection, "(objectClass=*)", f"CN=nobody,{COMPUTERS}", ldap3.BASE) == {}
        assert connection.result["description"] == "noSuchObject"
        assert connection.result["dn"] == COMPUTERS


@pytest.mark.parametrize("base", ["DC=fabrikam,DC=test", f"CN=Users,DC=emea,{HEAD}"])
def test_a_name_of_another_domain_is_referred_there(server: LdapServer, base: str) -> None:
    with signed_in(server) as connection:
        assert found(connection, "(objectClass=*)", base) == {}
        assert connection.result["description"] == "referral"
        assert connection.result["referrals"][0].endswith(f"/{base}")


def test_a_base_may_be_a_sid(server: LdapServer) -> None:
    sid = DIRECTORY.entries[next(name for name in DIRECTORY.entries if name[0] == "cn=testserver01")]["objectSid"][0]
    text = ldap3.protocol.formatters.formatters.format_sid(sid)
    with signed_in(server) as connection:
        assert set(found(connection, "(objectClass=*)", f"<SID={text}>", ldap3.BASE)) == {SOURCE}
        assert found(connection, "(objectClass=*)", "<SID=S-1-5-21-1-2-3-4>", ldap3.BASE) == {}
        assert connection.result["description"] == "noSuchObject"


def test_only_the_attributes_asked_for_are_answered(server: LdapServer) -> None:
    with signed_in(server) as connection:
        (some,) = found(connection, "(cn=testserver01)", attributes=["OBJECTSID", "samaccountname"]).values()
        assert set(some) == {"objectSid", "sAMAccountName"}
        (none,) = found(connection, "(cn=testserver01)", attributes=["1.1"]).values()
        assert none == {}
        (everything,) = found(connection, "(cn=testserver01)").values()
        assert {"objectSid", "replPropertyMetaData", "msDS-AllowedToActOnBehalfOfOtherIdentity"} <= set(everything)
        assert {"tokenGroups", "nTSecurityDescriptor"}.isdisjoint(everything)


def test_what_is_computed_is_asked_for_by_name_and_of_one_object_at_a_time(server: LdapServer) -> None:
    computed = {"tokenGroups", "msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed"}
    with signed_in(server) as connection:
        (account,) = found(connection, "(objectClass=*)", READER, ldap3.BASE, attributes=[*computed]).values()
        assert (set(account), len(account["tokenGroups"])) == (computed, 5)
        (stored,) = found(connection, "(objectClass=*)", READER, ldap3.BASE).values()
        assert computed.isdisjoint(stored)
        assert stored["accountExpires"] == [b"9223372036854775807"]
        assert found(connection, "(cn=hv-reader)", attributes=["tokenGroups"]) == {}
        assert connection.result["description"] == "operationsError"


def test_the_security_descriptor_is_shown_to_those_who_do_without_its_audit_list(server: LdapServer) -> None:
    with signed_in(server) as connection:
        wanted = {"attributes": ["nTSecurityDescriptor"]}
        assert found(connection, "(objectClass=*)", SOURCE, ldap3.BASE, **wanted)[SOURCE] == {}
        assert found(connection, "(objectClass=*)", SOURCE, ldap3.BASE, controls=DACL_ONLY, **wanted)[SOURCE]["nTSecurityDescriptor"]


def test_a_denied_attribute_is_left_out_of_entries(credentials: Credentials) -> None:
    denying = DIRECTORIES["contoso.test", "dc03"]
    with LdapServer(denying, credentials) as server, signed_in(server) as connection:
        (account,) = found(connection, "(cn=testserver01)", attributes=["*", "msDS-AllowedToDelegateTo"]).values()
        assert "objectSid" in account
        assert "msDS-AllowedToDelegateTo" not in account


def test_names_with_special_characters_are_found_by_name_and_by_filter(server: LdapServer) -> None:
    name = "Doe, Jane (admin)*"
    with signed_in(server) as connection:
        condition = f"(sAMAccountName={ldap3.utils.conv.escape_filter_chars(name)})"
        (dn,) = found(connection, condition)
        assert set(found(connection, "(objectClass=user)", dn, ldap3.BASE)) == {dn}


# --- pages and limits ---


def test_everything_comes_in_pages(crowded: LdapServer) -> None:
    with signed_in(crowded) as connection:
        entries = connection.extend.standard.paged_search(HEAD, "(sAMAccountName=hv*$)", attributes=["cn"], paged_size=150, generator=False)
        assert len({item["dn"] for item in entries if item["type"] == "searchResEntry"}) == PAGE + 200


def test_without_pages_an_answer_ends_at_the_limit_and_says_so(crowded: LdapServer) -> None:
    with signed_in(crowded) as connection:
        assert len(found(connection, "(sAMAccountName=hv*$)", attributes=["cn"])) == PAGE
        assert connection.result["description"] == "sizeLimitExceeded"
        assert len(found(connection, "(sAMAccountName=hv*$)", attributes=["cn"], size_limit=7)) == 7
        assert connection.result["description"] == "sizeLimitExceeded"
        assert len(found(connection, "(sAMAccountName=hv000*$)", attributes=["cn"], size_limit=10)) == 10
        assert connection.result["description"] == "success"


def test_a_page_larger_than_the_limit_is_cut_to_it(crowded: LdapServer) -> None:
    with signed_in(crowded) as connection:
        assert len(found(connection, "(sAMAccountName=hv*$)", attributes=["cn"], paged_size=5000)) == PAGE
        assert connection.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]


def test_an_invented_cookie_is_refused(crowded: LdapServer) -> None:
    with signed_in(crowded) as connection:
        assert found(connection, "(sAMAccountName=hv*$)", paged_size=10, paged_cookie=b"mine") == {}
        assert connection.result["description"] == "unwillingToPerform"


def test_an_unknown_control_is_refused_only_when_critical(server: LdapServer) -> None:
    with signed_in(server) as connection:
        assert found(connection, "(cn=testserver01)", controls=[("1.2.3.4", False, None)])
        assert found(connection, "(cn=testserver01)", controls=[("1.2.3.4", True, None)]) == {}
        assert connection.result["description"] == "unavailableCriticalExtension"


# --- what is kept, what is refused ---


def test_requests_are_kept_without_passwords(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials) as server, signed_in(server) as connection:
        found(connection, "(cn=testserver01)", COMPUTERS, ldap3.LEVEL)
        assert server.requests[-1] == ("search", COMPUTERS, "one_level", "(cn=testserver01)")
        assert {request.operation for request in server.requests[:-1]} == {"bind"}
        assert PASSWORD not in str(server.requests)


def test_an_abandoned_request_does_not_end_the_conversation(server: LdapServer) -> None:
    with signed_in(server) as connection:
        connection.abandon(1)
        connection.socket.sendall(b"0\x06\x02\x01\x70\x50\x01\x01")
        assert found(connection, "(cn=testserver01)")


def test_nothing_can_be_written(server: LdapServer) -> None:
    with signed_in(server) as connection:
        connection.read_only = False
        with pytest.raises(LDAPExceptionError):
            connection.delete(SOURCE)
    assert answers(server)


# --- what goes wrong on purpose ---


def test_a_controller_that_refuses_has_a_closed_port(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, fault=Fault.REFUSES) as server, pytest.raises(LDAPSocketOpenError):
        plain(server).open()


@pytest.mark.parametrize("fault", [Fault.HANGS, Fault.LATE])
def test_a_controller_that_hangs_or_is_late_lets_the_client_wait(credentials: Credentials, fault: Fault) -> None:
    with LdapServer(DIRECTORY, credentials, fault=fault, delay_s=60 if fault is Fault.LATE else 0) as server:
        connection = plain(server)
        connection.receive_timeout = 1
        with pytest.raises(LDAPSocketReceiveError):
            connection.bind()


def test_a_controller_with_a_delay_answers_in_the_end(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, delay_s=0.05) as server:
        assert answers(server)


def test_a_controller_that_drops_closes_in_the_middle_of_a_search(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, fault=Fault.DROPS) as server, signed_in(server) as connection:
        assert connection.bound
        with pytest.raises((LDAPSessionTerminatedByServerError, LDAPSocketReceiveError)):
            found(connection, "(objectClass=*)")


def test_a_controller_that_goes_silent_leaves_half_an_answer(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, fault=Fault.HALF) as server, signed_in(server) as connection:
        assert connection.bound
        connection.socket.channel.deadline = time.monotonic() + 0.2
        with pytest.raises((LDAPSocketReceiveError, TimeoutError)):
            found(connection, "(objectClass=*)")


def test_a_controller_that_talks_rubbish_is_not_understood(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, fault=Fault.RUBBISH) as server, pytest.raises(KeyError):
        plain(server).bind()


def test_a_controller_that_denies_refuses_the_right_password(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials, fault=Fault.DENIES) as server, signed_in(server) as connection:
        assert connection.result["description"] == "invalidCredentials"


def test_after_its_stop_nobody_is_connected(credentials: Credentials) -> None:
    with LdapServer(DIRECTORY, credentials) as server, signed_in(server) as connection:
        server.stop()
        with pytest.raises(LDAPExceptionError):
            found(connection, "(cn=testserver01)")


# --- hostile clients ---


def send(server: LdapServer, data: bytes) -> None:
    """Sends bytes and waits until the server has hung up, or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client, suppress(ConnectionError):
        client.sendall(data)
        with suppress(OSError):  # to a server that has hung up already, no direction is left to close
            client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass


def _requests() -> list[bytes]:
    client = sansldap.LDAPClient()
    client.bind_simple("CONTOSO\\hv-reader", "x")
    bind = client.data_to_send()
    sasl, search = sansldap.LDAPClient(), sansldap.LDAPClient()
    sasl.bind_sasl("GSS-SPNEGO", None, b"NTLMSSP\0\1\0\0\0" + b"\0" * 24)
    search.search_request(
        HEAD,
        filter=sansldap.LDAPFilter.from_string("(&(cn=a*b*c)(!(objectSid=x))(memberOf:1.2.840.113556.1.4.1941:=CN=a))"),
        controls=[sansldap.PagedResultControl(critical=True, size=10, cookie=b"")],
    )
    return [bind, sasl.data_to_send(), search.data_to_send()]


REQUESTS = _requests()


def converse(credentials: Credentials, data: bytes) -> None:
    """Holds a whole conversation with a client that sends these bytes and hangs up. Any error but the expected ends comes out."""
    client, server = socket.socketpair()
    with client, server, suppress(*ENDED):
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        Connection(Service(DIRECTORY, credentials, None, 0.0, None, False), Wire(server)).serve()


@given(data=st.binary(max_size=300))
def test_any_bytes_end_in_an_answer_or_the_end_of_the_conversation(credentials: Credentials, data: bytes) -> None:
    converse(credentials, data)


@given(data=st.data())
def test_a_damaged_request_ends_in_an_answer_or_the_end_of_the_conversation(credentials: Credentials, data: st.DataObject) -> None:
    message = bytearray(data.draw(st.sampled_from(REQUESTS)))
    for position in data.draw(st.lists(st.integers(0, len(message) - 1), min_size=1, max_size=5)):
        message[position] = data.draw(st.integers(0, 255))
    converse(credentials, bytes(message))


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80" + b"a" * 100,
        b"\xa0\x83\x00\xff\xff" * 50_000,
        b"\x30\x03\x02\x01",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300,
    ],
    ids=["endless", "indefinite", "long", "cut", "http", "tls"],
)
def test_known_tricks_leave_the_server_serving(server: LdapServer, data: bytes) -> None:
    send(server, data)
    assert answers(server)


def test_a_filter_of_a_thousand_levels_ends_only_its_own_connection(server: LdapServer) -> None:
    condition: sansldap.LDAPFilter = sansldap.FilterPresent("cn")
    client = sansldap.LDAPClient()
    for _ in range(150):
        condition = sansldap.FilterNot(condition)
    client.search_request(HEAD, filter=condition)
    shallow = client.data_to_send()
    deep = shallow
    inner = b"\x87\x02cn"
    for _ in range(5000):
        size = len(inner)
        inner = b"\xa2\x84" + size.to_bytes(4, "big") + inner
    body = b"\x04\x00\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00" + inner + b"\x30\x00"
    search = b"\x63\x84" + len(body).to_bytes(4, "big") + body
    content = b"\x02\x01\x01" + search
    deep = b"\x30\x84" + len(content).to_bytes(4, "big") + content
    for message in (shallow, deep):
        send(server, message)
        assert answers(server)


def test_a_sealed_frame_that_was_changed_on_the_way_ends_the_connection(server: LdapServer) -> None:
    with signed_in(server) as connection:
        sealed = connection.socket
        token = bytearray(sealed.context.wrap(b"0\x05\x02\x01\x09\x42\x00").data)
        token[-1] ^= 1
        sealed.channel.sendall(len(token).to_bytes(4, "big") + bytes(token))
        assert sealed.channel.recv(100) == b""
    assert answers(server)


def test_two_hundred_connections_at_once_are_served(server: LdapServer) -> None:
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(200)]
    try:
        assert answers(server)
    finally:
        for client in waiting:
            client.close()


def test_a_client_that_asked_for_another_name_does_not_accept_the_certificate(server: LdapServer, authority: Authority) -> None:
    other = {"name": "dc99.contoso.test", "security": Security.START_TLS, "ca_file": str(authority.ca_file)}
    with pytest.raises((LDAPExceptionError, OSError)), signed_in(server, **other):
        pass
    assert answers(server)
