"""Passwords of the lab: known to its servers while it runs, in one file for its owner, and gone afterwards."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import spnego
from msgspec.structs import replace
from spnego._negotiate import NegotiateProxy
from spnego._sspi import SSPIProxy

from lab.credentials import Credentials, acceptor
from lab.scenario import Scenario, ScenarioError, User
from tests.lab.visiting import scenario


def with_user(user: User) -> Scenario:
    described = scenario()
    domain = replace(described.domains["contoso.test"], users=(user,))
    return replace(described, domains={"contoso.test": domain})


def test_a_password_is_found_by_every_form_of_the_name() -> None:
    credentials = Credentials(scenario())
    assert credentials.password("contoso", "HV-Reader") == "Für Tests only"
    assert credentials.password_of("CONTOSO\\hv-reader") == "Für Tests only"
    assert credentials.password_of("hv-reader@contoso.test") == "Für Tests only"


@pytest.mark.parametrize("name", ["CONTOSO\\gone", "CONTOSO\\nobody", "FABRIKAM\\hv-reader", "hv-reader", ""])
def test_who_cannot_sign_in_has_no_password(name: str) -> None:
    assert Credentials(scenario()).password_of(name) is None


def test_a_user_without_a_password_gets_one_that_is_the_same_for_all_of_this_process() -> None:
    first, second = Credentials(scenario()), Credentials(scenario())
    assert first.password("CONTOSO", "hv-operator") == second.password("CONTOSO", "hv-operator")
    assert first.password("CONTOSO", "hv-operator") != first.password("CONTOSO", "hv-reader")
    assert len(first.password("CONTOSO", "hv-operator") or "") > 20


@pytest.mark.skipif(os.name == "nt", reason="file modes of POSIX")
def test_the_file_is_its_owners_alone() -> None:
    with Credentials(scenario()):
        path = Path(os.environ["NTLM_USER_FILE"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "CONTOSO:hv-reader:Für Tests only" in path.read_text(encoding="utf-8").splitlines()


def test_the_last_forest_to_stop_takes_the_file_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NTLM_USER_FILE", "as it was")
    other = Credentials(with_user(User("other", password="secret")))
    with Credentials(scenario()):
        path = Path(os.environ["NTLM_USER_FILE"])
        with other:
            assert {":other@contoso.test:secret", "CONTOSO:hv-reader:Für Tests only"} <= set(path.read_text("utf-8").splitlines())
        assert "secret" not in path.read_text(encoding="utf-8")
    assert not path.exists()
    assert os.environ["NTLM_USER_FILE"] == "as it was"


def test_stopping_twice_does_no_harm() -> None:
    credentials = Credentials(scenario())
    with Credentials(scenario()):
        credentials.start()
        credentials.stop()
        credentials.stop()
        assert Path(os.environ["NTLM_USER_FILE"]).exists()


@pytest.mark.parametrize("user", [User("a:b"), User("a", password="b:c"), User("a", password="b\nCONTOSO:c:d")])
def test_what_a_line_cannot_hold_is_refused(user: User) -> None:
    with pytest.raises(ScenarioError):
        Credentials(with_user(user))


def test_sign_ins_are_taken_by_what_knows_the_accounts_also_where_the_system_has_an_own_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where SSPI takes everything unless another provider is named."""
    monkeypatch.setattr(SSPIProxy, "available_protocols", lambda **_: ["kerberos", "negotiate", "ntlm"])
    assert isinstance(acceptor("host", "HTTP"), NegotiateProxy)
    assert isinstance(acceptor("host", "HTTP", options=spnego.NegotiateOptions.wrapping_winrm), NegotiateProxy)
