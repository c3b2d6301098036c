"""Which SIDs a token holds, held against the list of them in a real ticket for a host."""

from __future__ import annotations

import pytest

from checks.facts.directory import Domains
from checks.facts.fact import Known
from checks.tokens import Account, Logon, Sure, at_host, crossing
from checks.windows.names import domain_of
from checks.windows.sids import OF_DOMAINS
from runner.collect.directories.ask import Answers
from tests.collect.directories.asking import moves, value
from tests.samba.asking import FIRST, asked
from tests.samba.cases import ACTED_FOR, TARGET
from tests.samba.forest import Forests
from tests.samba.kdc import Kdc
from tests.samba.lines import ACTS, FORMER, FORMER_OF_GROUP

pytestmark = pytest.mark.samba

HERE = "contoso.test"
NOT_IN_SAMBAS = {FORMER, FORMER_OF_GROUP}
"""Samba puts no sIDHistory into tickets."""


def test_the_ticket_of_a_host_lists_its_groups_of_every_scope(active_directory: Forests, judging_kdc: Kdc) -> None:
    answers = asked(active_directory, moves((ACTS, ACTED_FOR)))
    judge(answers, value(answers.accounts[ACTS.lower()].views[FIRST]), judging_kdc.carries(f"{ACTS}$", TARGET))


@pytest.mark.parametrize("name", ["hv-operator@contoso.test", "hv-operator@fabrikam.test"])
def test_the_ticket_of_an_operator_lists_the_local_groups_of_the_domain_of_the_host_alone(
    active_directory: Forests, judging_kdc: Kdc, name: str
) -> None:
    answers = asked(active_directory, moves((ACTS, ACTED_FOR), operator=name))
    user, _, domain = name.partition("@")
    judge(answers, value(answers.operators[name].account), judging_kdc.carries(f"{user}@{domain.upper()}", TARGET), name)


def judge(answers: Answers, account: Account, carried: frozenset[str], operator: str | None = None) -> None:
    """All that the account's token on a host holds for certain is in the ticket, as far as domains give it, and nothing that it cannot
    hold."""
    local = answers.operators[operator].local.get(HERE) if operator else None  # type: ignore[call-overload]
    groups = local.value if isinstance(local, Known) else None
    token = at_host(account, crossing(Domains(answers.domains), domain_of(account.dn), HERE), groups, Logon.NETWORK)
    certain = {sid for sid, sure in token.sids.items() if sure is Sure.YES and sid.startswith(OF_DOMAINS)}
    assert certain - NOT_IN_SAMBAS <= carried
    assert [sid for sid in carried if token.holds(sid) is Sure.NO] == []
    assert token.gaps == ()
