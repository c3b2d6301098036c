"""What the controllers of a scenario hold, read with the product's own readers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.dn import parse_dn
from msgspec.structs import replace

from checks.facts.directory import AccessEntry
from lab import blobs, dn
from lab.accounts import CHANGED, STALE
from lab.directory import Attributes, Directory, build
from lab.scenario import Group, ScenarioError
from lab.sids import Sids
from runner.collect.directories.metadata import ALLOWED_TO_ACT, ALLOWED_TO_DELEGATE_TO, USER_ACCOUNT_CONTROL, changes
from runner.collect.directories.security_descriptor import access_entries, sid_text
from tests.lab.searching import HEAD, MIGRATION, NOW, SOURCE, TARGET, scenario

DIRECTORIES = build(scenario())
SIDS = Sids(scenario())


def entry(name: str, controller: str = "dc01", domain: str = "contoso.test") -> Attributes:
    return DIRECTORIES[domain, controller].entries[dn.parse(name)]


def groups(name: str, directory: Directory) -> set[str]:
    return {sid_text(value) for value in directory.constructed[dn.parse(name)]["tokenGroups"]}


def test_a_host_has_a_computer_account_with_its_delegation_and_service_names() -> None:
    account = entry(SOURCE)
    assert account["sAMAccountName"] == [b"TESTSERVER01$"]
    assert sid_text(account["objectSid"][0]) == SIDS.computer("testserver01")
    assert account["userAccountControl"] == [str(0x1000 | 0x1000000).encode()]
    assert account["msDS-AllowedToDelegateTo"] == [service.encode() for service in NOW.to]
    assert {f"{MIGRATION}/TESTSERVER01".encode(), f"{MIGRATION}/TESTSERVER01.contoso.test".encode()} <= set(account["servicePrincipalName"])


def test_resource_based_delegation_is_a_descriptor_that_names_the_host_of_another_forest() -> None:
    (descriptor,) = entry(SOURCE)["msDS-AllowedToActOnBehalfOfOtherIdentity"]
    assert access_entries(descriptor) == (AccessEntry(True, blobs.FULL_CONTROL, SIDS.computer("testserver03")),)


def test_what_is_not_set_has_no_value_and_was_never_written() -> None:
    account = entry(TARGET)
    assert "msDS-AllowedToDelegateTo" not in account
    assert "msDS-AllowedToActOnBehalfOfOtherIdentity" not in account
    assert {ALLOWED_TO_ACT, ALLOWED_TO_DELEGATE_TO}.isdisjoint(changes(account["replPropertyMetaData"][0]))


def test_any_service_is_a_bit_of_the_account() -> None:
    account = entry("CN=TESTSERVER03,CN=Computers,DC=fabrikam,DC=test", "dc21", "fabrikam.test")
    assert int(account["userAccountControl"][0]) & 0x80000


def test_a_host_outside_the_domain_has_no_account() -> None:
    assert not [name for directory in DIRECTORIES.values() for name in directory.entries if name[0] == "cn=testserver04"]


def test_a_controller_that_lags_behind_shows_the_old_delegation_with_an_older_version() -> None:
    fresh, stale = entry(SOURCE), entry(SOURCE, "dc02")
    assert stale["msDS-AllowedToDelegateTo"] == [b"cifs/TESTSERVER09"]
    assert stale["userAccountControl"] == [b"4096"]
    assert stale["whenChanged"] < fresh["whenChanged"]
    new, old = (changes(account["replPropertyMetaData"][0]) for account in (fresh, stale))
    for attribute in (USER_ACCOUNT_CONTROL, ALLOWED_TO_DELEGATE_TO):
        assert old[attribute].version < new[attribute].version
        assert (old[attribute].time, new[attribute].time) == (STALE, CHANGED)
    assert ALLOWED_TO_ACT in new
    assert ALLOWED_TO_ACT not in old


def test_controllers_that_agree_have_the_same_versions_but_their_own_numbers() -> None:
    one, other = entry(TARGET), entry(TARGET, "dc02")
    ours, theirs = (changes(account["replPropertyMetaData"][0]) for account in (one, other))
    assert {kind: change[:2] for kind, change in ours.items()} == {kind: change[:2] for kind, change in theirs.items()}
    assert {change.number for change in ours.values()}.isdisjoint(change.number for change in theirs.values())
    assert one["uSNChanged"] != other["uSNChanged"]


def test_a_sensitive_user_is_marked_and_in_protected_users() -> None:
    name = f"CN=sensitive,CN=Users,{HEAD}"
    assert entry(name)["userAccountControl"] == [str(0x200 | 0x100000).encode()]
    assert f"{SIDS.domain('contoso.test')}-525" in groups(name, DIRECTORIES["contoso.test", "dc01"])


def test_token_groups_hold_nested_and_primary_groups_and_universal_ones_of_the_forest_but_no_local_group_elsewhere() -> None:
    token = groups(f"CN=hv-reader,CN=Users,{HEAD}", DIRECTORIES["contoso.test", "dc01"])
    expected = ("CONTOSO\\Readers", "CONTOSO\\Operators", "CONTOSO\\Domain Users", "EMEA\\Everywhere")
    assert token == {*map(SIDS.account, expected), "S-1-5-32-545"}


def test_a_computer_can_be_in_groups_too() -> None:
    token = groups(TARGET, DIRECTORIES["contoso.test", "dc01"])
    assert token == {SIDS.account("CONTOSO\\Operators"), SIDS.account("CONTOSO\\Domain Computers")}


def test_members_of_another_forest_are_foreign_principals_and_those_of_the_own_forest_are_not() -> None:
    sid = SIDS.account("FABRIKAM\\auditor")
    auditor = f"CN={sid},CN=ForeignSecurityPrincipals,{HEAD}"
    operators = f"CN=Operators,CN=Users,{HEAD}"
    members = {value.decode() for value in entry(operators)["member"]}
    assert members == {f"CN=Readers,CN=Users,{HEAD}", auditor, f"CN=helper,CN=Users,DC=emea,{HEAD}", TARGET}
    assert entry(auditor)["memberOf"] == [operators.encode()]
    assert sid_text(entry(auditor)["objectSid"][0]) == sid


def test_a_sign_in_carries_the_local_groups_of_the_domain_it_reaches() -> None:
    tokens = DIRECTORIES["fabrikam.test", "dc21"].tokens
    assert tokens["contoso\\hv-reader"] == tokens["hv-reader@contoso.test"]
    carried = {sid_text(value) for value in tokens["contoso\\hv-reader"]}
    assert {SIDS.account("CONTOSO\\hv-reader"), SIDS.account("FABRIKAM\\Visitors"), "S-1-5-11"} <= carried
    assert SIDS.account("CONTOSO\\Operators") not in carried


def test_trusts_are_the_stated_ones_and_those_within_the_forest() -> None:
    stated = entry(f"CN=fabrikam.test,CN=System,{HEAD}")
    assert (stated["flatName"], stated["trustDirection"], stated["trustAttributes"]) == ([b"FABRIKAM"], [b"3"], [b"8"])
    assert sid_text(stated["securityIdentifier"][0]) == SIDS.domain("fabrikam.test")
    assert entry(f"CN=emea.contoso.test,CN=System,{HEAD}")["trustAttributes"] == [b"32"]
    assert entry(f"CN=contoso.test,CN=System,DC=emea,{HEAD}", "dc11", "emea.contoso.test")["trustAttributes"] == [b"32"]


def test_the_partitions_name_every_domain_of_the_forest_and_no_other() -> None:
    for key in (("contoso.test", "dc01"), ("emea.contoso.test", "dc11")):
        entries = DIRECTORIES[key].entries.values()
        assert {value for attributes in entries for value in attributes.get("nETBIOSName", [])} == {b"CONTOSO", b"EMEA"}


def test_the_root_entry_tells_the_time_when_it_is_asked() -> None:
    root = DIRECTORIES["emea.contoso.test", "dc11"].root(datetime(2026, 12, 5, 20, 0, tzinfo=UTC))
    assert root["currentTime"] == [b"20261205200000.0Z"]
    assert root["defaultNamingContext"] == [f"DC=emea,{HEAD}".encode()]
    assert root["rootDomainNamingContext"] == [HEAD.encode()]
    assert root["dnsHostName"] == [b"dc11.emea.contoso.test"]


def test_a_member_that_the_scenario_does_not_have_is_refused() -> None:
    broken = scenario()
    domain = replace(broken.domains["contoso.test"], groups=(Group("Readers", members=("nobody",)), Group("Operators")))
    with pytest.raises(ScenarioError, match="nobody"):
        build(replace(broken, domains=broken.domains | {"contoso.test": domain}))


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1))
def test_every_value_comes_back_out_of_the_name_it_was_put_into(value: str) -> None:
    name = dn.child("CN", value, HEAD)
    assert dn.first_value(name) == value
    assert dn.parse(name)[1:] == dn.parse(HEAD)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).filter(str.strip))
def test_ldap3_takes_our_names_apart_alike(value: str) -> None:
    assert len(parse_dn(dn.child("CN", value, HEAD))) == 3


@given(st.text())
def test_a_text_is_a_name_or_is_refused(text: str) -> None:
    try:
        assert all("=" in part for part in dn.parse(text))
    except ValueError:
        assert text


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=15))
def test_sids_are_written_as_the_product_reads_them(numbers: list[int]) -> None:
    text = "-".join(map(str, ("S-1-5", *numbers)))
    assert sid_text(blobs.sid(text)) == text
