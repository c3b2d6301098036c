"""SIDs of a scenario: the same for whoever asks, and never given twice."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.scenario import DomainSpec, Group, ScenarioError, User
from lab.sids import Sids
from tests.lab.visiting import host, scenario

CONTOSO = "S-1-5-21-1004336348-1177238915-682003330"


def test_users_come_first_then_groups_then_computers() -> None:
    sids = Sids(scenario(testserver01=host(), testserver02=host()))
    assert sids.account("CONTOSO\\hv-reader") == f"{CONTOSO}-1103"
    assert sids.account("CONTOSO\\hv-admins") == f"{CONTOSO}-1106"
    assert sids.computer("testserver01") == f"{CONTOSO}-1107"
    assert sids.computer("testserver02") == sids.account("CONTOSO\\TESTSERVER02$") == f"{CONTOSO}-1108"
    assert sids.domain("CONTOSO.test") == CONTOSO


@pytest.mark.parametrize(
    ("name", "rid"), [("Domain Admins", 512), ("domain users", 513), ("Domain Computers", 515), ("Protected Users", 525)]
)
def test_well_known_groups_have_their_numbers_in_every_domain(name: str, rid: int) -> None:
    assert Sids(scenario()).account(f"CONTOSO\\{name}") == f"{CONTOSO}-{rid}"


def test_a_number_that_the_scenario_fixes_is_given_to_nobody_else() -> None:
    described = scenario(testserver01=host())
    domain = DomainSpec("CONTOSO", CONTOSO, {"dc01": described.domains["contoso.test"].controllers["dc01"]})
    users = (User("first"), User("fixed", rid=1104), User("third"), User("second", rid=1103))
    domain = replace(domain, users=users, groups=(Group("Domain Admins"), Group("more")))
    sids = Sids(replace(described, domains={"contoso.test": domain}))
    given = [sids.account(f"CONTOSO\\{name}") for name in ("first", "fixed", "third", "second", "Domain Admins", "more")]
    given += [sids.computer("testserver01"), sids.computer("dc01")]
    assert len(set(given)) == len(given)
    assert given[1].endswith("-1104")
    assert given[4].endswith("-512")


@pytest.mark.parametrize("name", ["CONTOSO\\nobody", "FABRIKAM\\hv-reader", "hv-reader", ""])
def test_an_account_that_the_scenario_does_not_have_is_an_error(name: str) -> None:
    with pytest.raises(ScenarioError):
        Sids(scenario()).account(name)
