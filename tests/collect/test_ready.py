"""What is missing on the collecting machine is said before anybody is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.plan import Connection, HostEntry, Move, Plan, Transport
from runner.collect.credentials import Credentials
from runner.collect.ready import NotReady, ensure_ready

SOMEBODY = Credentials("CONTOSO\\hv-reader", "a password")
MOVES = (Move("VM1", "TestServer01", "TestServer02", "CONTOSO\\hv-operator"),)

elsewhere = pytest.mark.skipif(sys.platform == "win32", reason="Windows has its own Kerberos")


def plan(auth: Transport = Transport.NEGOTIATE, *, ca_file: str | None = None, **hosts: HostEntry) -> Plan:
    return Plan(moves=MOVES, connection=Connection(auth=auth, tls=bool(ca_file), ca_file=ca_file), hosts=hosts)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the extras is installed."""
    for module in ("gssapi", "requests_credssp"):
        monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.usefixtures("bare")
def test_a_password_for_negotiate_or_ntlm_needs_nothing_more() -> None:
    for auth in (Transport.NEGOTIATE, Transport.NTLM):
        ensure_ready(plan(auth), SOMEBODY)


@elsewhere
@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("auth", "credentials", "said"),
    [
        (Transport.CREDSSP, SOMEBODY, "TestServer01 is to be reached by CredSSP, .* pip install 'hvpreflight\\[credssp\\]'"),
        (Transport.KERBEROS, SOMEBODY, "pip install 'hvpreflight\\[kerberos\\]'$"),
        (Transport.NEGOTIATE, Credentials(), "pip install 'hvpreflight\\[kerberos\\]', or name an account with --user"),
        (Transport.NTLM, Credentials(), "name an account with --user"),
    ],
)
def test_what_is_not_installed_is_said_with_what_installs_it(auth: Transport, credentials: Credentials, said: str) -> None:
    with pytest.raises(NotReady, match=said):
        ensure_ready(plan(auth), credentials)


@pytest.mark.usefixtures("bare")
def test_one_host_of_its_own_kind_is_named() -> None:
    with pytest.raises(NotReady, match="TestServer02 is to be reached by CredSSP"):
        ensure_ready(plan(TestServer02=HostEntry(auth=Transport.CREDSSP)), SOMEBODY)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_of_authorities_that_does_not_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NotReady, match=r"ca\.pem do not read"):
        ensure_ready(plan(ca_file=str(file)), SOMEBODY)
