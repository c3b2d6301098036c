"""Signing in to real controllers with the Kerberos ticket of whoever runs the program."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path

import pytest

from checks.facts.directory import Sealing
from checks.facts.fact import Known, Missing, Reason
from checks.plan import Connection, Plan
from checks.text import plain
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import Answers
from runner.collect.ready import NotReady, ensure_ready
from runner.collect.ticket import ticket
from tests.collect.directories.asking import moves, value
from tests.lanes import lacking
from tests.samba.asking import FABRIKAM, FIRST, SECOND, asked
from tests.samba.cases import TARGET, WITHOUT
from tests.samba.forest import PASSWORD, CommandFailed, Forests, write_kerberos_configuration

pytestmark = pytest.mark.samba


@pytest.fixture
def logon(active_directory: Forests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A logon whose ticket cache is this file, and has no ticket yet."""
    if importlib.util.find_spec("gssapi") is None:
        lacking("the extra `kerberos` is needed: pip install 'hvpreflight[kerberos]'")
    realms = {each.realm: each.address for each in (active_directory.contoso, active_directory.fabrikam)}
    write_kerberos_configuration(tmp_path / "krb5.conf", realms)
    monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'ccache'}")
    return tmp_path / "ccache"


def kinit(active: Forests, cache: Path, *options: str) -> None:
    own = f"KRB5CCNAME=FILE:{cache}"
    active.contoso.inside("env", own, "kinit", *options, f"hv-reader@{active.contoso.realm}", send=f"{PASSWORD}\n")


def by_ticket(active: Forests) -> Answers:
    planned = moves((WITHOUT, TARGET), ("HV51", TARGET))
    return asked(active, planned, Credentials(), connection=Connection(require_kerberos=True))


SERVICE = f"ldap/{SECOND}"


def named(active: Forests, *, known: bool) -> None:
    """Let the KDC know the second controller's service, or not: a controller that has just joined is not known yet."""
    with suppress(CommandFailed):
        active.contoso.tool("spn", "add" if known else "delete", SERVICE, *(["DC-CONTOSO-B$"] if known else []))


def test_a_ticket_signs_in_to_the_controllers_of_every_domain(active_directory: Forests, logon: Path) -> None:
    kinit(active_directory, logon)
    named(active_directory, known=True)
    answers = by_ticket(active_directory)
    its = {name: each.sign_in for domain in answers.domains.values() for name, each in domain.controllers.items()}
    assert {name: (value(each).protocol, value(each).sealing) for name, each in its.items()} == dict.fromkeys(
        (FIRST, SECOND, FABRIKAM), ("kerberos", Sealing.LOGON)
    )
    views = answers.accounts[WITHOUT.lower()].views
    assert {name: value(view).dns_host_name for name, view in views.items()} == dict.fromkeys((FIRST, SECOND), "hv04.contoso.test")
    assert isinstance(answers.accounts["hv51"].views[FABRIKAM], Known), "a ticket leads into a forest that is trusted"


def test_the_account_that_signs_in_is_the_one_of_the_ticket(active_directory: Forests, logon: Path) -> None:
    own = Plan(moves(("HV01", "HV02")))
    with pytest.raises(NotReady, match="get one with kinit"):
        ensure_ready(own, Credentials())
    kinit(active_directory, logon)
    ensure_ready(own, Credentials())
    assert Credentials().account == "hv-reader@CONTOSO.TEST"
    kept = ticket()
    assert kept is not None
    assert 0 < kept.seconds <= 24 * 3600


def test_a_controller_that_the_kdc_does_not_know_gets_no_other_sign_in(active_directory: Forests, logon: Path) -> None:
    kinit(active_directory, logon)
    named(active_directory, known=False)
    views = by_ticket(active_directory).accounts[WITHOUT.lower()].views
    assert isinstance(views[FIRST], Known)
    assert isinstance(unknown := views[SECOND], Missing)
    assert unknown.reason is Reason.ACCESS_DENIED
    assert "2529638919" in plain(unknown.detail), "KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN"
