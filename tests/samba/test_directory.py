"""The directory collector against real Active Directory: what Samba's controllers hold is what the facts say."""

from __future__ import annotations

import time
import uuid

import pytest

from checks.facts.directory import ComputerAccount, ControllerTopic, TrustDirection
from checks.facts.fact import Fact, Missing, Reason
from checks.text import plain
from checks.windows.sids import ADMINISTRATORS, DOMAIN_ADMINS, in_domain_of
from runner.collect.credentials import Credentials
from runner.collect.directories import accounts, metadata
from runner.collect.directories.base import Asked, read_base
from runner.collect.directories.controller import Controller, SearchScope
from runner.collect.directories.peers import Peer, Security
from runner.collect.directories.questions import delegated_hosts
from runner.collect.directories.questions.delegated_hosts import named_in
from runner.collect.name_servers import NameServers
from runner.collect.unread import Unread
from tests.collect.directories.asking import first, moves, reason, value
from tests.facts.directory import LOCAL
from tests.samba.asking import FABRIKAM, FIRST, READER, SECOND, asked
from tests.samba.cases import (
    ACTED_FOR,
    ANY_PROTOCOL,
    ANY_SERVICE,
    GLOBAL,
    HIDDEN,
    LAGGING,
    SENSITIVE,
    SOURCES,
    TAKEN_AWAY,
    TARGET,
    TO_TARGET,
    WITHOUT,
)
from tests.samba.forest import PASSWORD, Forests

pytestmark = pytest.mark.samba


def account(active: Forests, name: str, controller: str = FIRST) -> Fact[ComputerAccount]:
    return asked(active).accounts[name.lower()].views[controller]


@pytest.mark.parametrize("case", SOURCES)
def test_the_delegation_of_an_account_is_read_from_both_controllers(active_directory: Forests, case: str) -> None:
    source = SOURCES[case]
    views = asked(active_directory).accounts[source.host.lower()].views
    assert set(views) == {FIRST, SECOND}
    for view in views.values():
        found = value(view)
        assert sorted(found.delegate_to) == sorted(source.to)
        assert found.user_account_control & (ANY_PROTOCOL | ANY_SERVICE) == source.bits
    assert len({value(view).delegation_version for view in views.values()}) == 1


def test_delegation_that_was_taken_away_is_known_to_be_empty(active_directory: Forests) -> None:
    assert value(account(active_directory, TAKEN_AWAY)).delegate_to == ()


def test_who_may_delegate_to_a_target_is_read_with_the_groups_of_the_source(active_directory: Forests) -> None:
    answers = asked(active_directory)
    target, source = (value(answers.accounts[name.lower()].views[FIRST]) for name in (ACTED_FOR, WITHOUT))
    assert [(entry.allow, entry.sid) for entry in target.resource_based] == [(True, source.sid)]
    assert source.sids[0] == source.sid
    assert f"{source.sid.rpartition('-')[0]}-515" in source.sids


def test_an_attribute_that_the_reader_may_not_read_is_denied_and_not_empty(active_directory: Forests) -> None:
    view = account(active_directory, HIDDEN)
    assert isinstance(view, Missing)
    assert view.reason is Reason.ACCESS_DENIED
    assert "msDS-AllowedToDelegateTo" in plain(view.detail)


def test_a_filter_treats_what_may_not_be_read_as_absent_so_that_it_proves_nothing(active_directory: Forests) -> None:
    controller = connected(active_directory)
    seen = controller.search(
        active_directory.contoso.base, f"(&(sAMAccountName={HIDDEN}$)(!(msDS-AllowedToDelegateTo=*)))", ("sAMAccountName",)
    )
    controller.close()
    assert len(seen) == 1


def test_a_controller_that_lags_behind_is_told_apart_by_a_lower_version(frozen: Forests) -> None:
    frozen.contoso.change(bits={LAGGING: ANY_PROTOCOL}, replace={LAGGING: {"msDS-AllowedToDelegateTo": TO_TARGET}})
    views = asked(frozen).accounts[LAGGING.lower()].views
    new, old = value(views[FIRST]), value(views[SECOND])
    assert (sorted(new.delegate_to), old.delegate_to) == (sorted(TO_TARGET), ())
    assert old.delegation_version < new.delegation_version
    assert new.delegation_changed is not None
    assert old.delegation_changed is None or old.delegation_changed <= new.delegation_changed


def test_a_membership_that_only_one_controller_knows_is_not_known(frozen: Forests) -> None:
    frozen.contoso.change(groups={"hv-late": GLOBAL}, members={"hv-late": ["hv-operator"]})
    operator = asked(frozen).operators["contoso\\hv-operator"]
    assert reason(operator.account) is Reason.CONTRADICTORY
    assert reason(operator.local["contoso.test"]) is Reason.CONTRADICTORY
    assert f"{SECOND} and {FIRST} differ" in plain(operator.account.detail)


def test_controllers_that_agree_again_show_the_same_version_and_time(active_directory: Forests) -> None:
    views = asked(active_directory).accounts[LAGGING.lower()].views
    assert len({(value(view).delegate_to, value(view).delegation_version, value(view).delegation_changed) for view in views.values()}) == 1


def test_both_sides_of_a_forest_trust_are_read(active_directory: Forests) -> None:
    answers = asked(active_directory)
    for domain, partner in (("contoso.test", "fabrikam.test"), ("fabrikam.test", "contoso.test")):
        (trust,) = value(first(answers, domain, ControllerTopic.trusts))
        assert (trust.partner, trust.direction, trust.type, trust.attributes) == (partner, TrustDirection.BIDIRECTIONAL, 2, 8)
        assert trust.sid == value(first(answers, partner, ControllerTopic.domain)).sid
    assert value(first(answers, "contoso.test", ControllerTopic.domain)).netbios_name == "CONTOSO"
    assert set(answers.domains["contoso.test"].controllers) == {FIRST, SECOND}


def test_an_operator_has_nested_groups_but_none_behind_a_distribution_group(active_directory: Forests) -> None:
    rids = active_directory.contoso.change(sids=["hv-admins", "hv-local", "hv-outer", "hv-mail", "hv-behind-mail"])
    operator = asked(active_directory).operators["contoso\\hv-operator"]
    token = set(value(operator.account).sids)
    assert {rids["hv-admins"], rids["hv-local"], rids["hv-outer"]} < token
    assert not {rids["hv-mail"], rids["hv-behind-mail"]} & token


def test_an_operator_of_the_other_forest_has_the_groups_that_hold_its_groups(active_directory: Forests) -> None:
    rids = active_directory.contoso.change(sids=["hv-admins", "hv-local", "hv-outer", "hv-mail", "hv-behind-mail"])
    theirs = active_directory.fabrikam.change(sids=["hv-operator", "hv-movers", "hv-home"])
    operator = asked(active_directory, moves((WITHOUT, TARGET), operator="hv-operator@fabrikam.test")).operators[
        "hv-operator@fabrikam.test"
    ]
    assert value(operator.account).sid == theirs["hv-operator"]
    members = {group.sid: group.members for group in value(operator.local["contoso.test"])}
    assert {rids["hv-local"], rids["hv-outer"]} <= members.keys()
    assert theirs["hv-movers"] in (members[rids["hv-local"]] or ())
    assert not {rids["hv-admins"], rids["hv-mail"], rids["hv-behind-mail"]} & members.keys()
    scopes = {group.sid: group.type for group in value(operator.account).groups or ()}
    assert (scopes[theirs["hv-home"]], value(operator.local["fabrikam.test"])) == (LOCAL, ())


@pytest.mark.parametrize(("name", "sensitive"), [("CONTOSO\\hv-chief", True), ("CONTOSO\\hv-operator", False)])
def test_a_sensitive_operator_is_recognized(active_directory: Forests, name: str, sensitive: bool) -> None:
    operator = asked(active_directory, moves((WITHOUT, TARGET), operator=name)).operators[name.lower()]
    assert bool(value(operator.account).user_account_control & SENSITIVE) is sensitive


def test_an_administrator_of_the_domain_has_both_groups_that_may_change_delegation(active_directory: Forests) -> None:
    name = "CONTOSO\\Administrator"
    account = value(asked(active_directory, moves((WITHOUT, TARGET), operator=name)).operators[name.lower()].account)
    assert {in_domain_of(account.sid, DOMAIN_ADMINS), ADMINISTRATORS} < set(account.sids)


def test_a_host_of_a_list_is_found_by_its_names_and_by_the_entry_and_what_nobody_has_is_not(active_directory: Forests) -> None:
    active_directory.contoso.change(computers={"HV90": PASSWORD}, replace={"HV90": {"dNSHostName": ["renamed.contoso.test"]}})
    entries = (*TO_TARGET, "HTTP/HV90", "cifs/renamed.contoso.test", "cifs/gone", "cifs/gone.contoso.test", "cifs/gone)(cn=*")
    controller = connected(active_directory)
    shown = {row.name: row.accounts for row in delegated_hosts.read(Asked(controller, read_base(controller), (), named_in(entries)))}
    controller.close()
    there = {name: ",".join(dn.partition(",")[0] for dn in accounts) for name, accounts in shown.items()}
    assert there == {
        **dict.fromkeys(("hv02", "hv02.contoso.test"), "CN=HV02"),
        **dict.fromkeys(("hv90", "renamed.contoso.test"), "CN=HV90"),
        **dict.fromkeys(("gone", "gone.contoso.test"), ""),
    }


def test_a_wrong_password_is_tried_on_one_controller(active_directory: Forests) -> None:
    answers = asked(active_directory, credentials=Credentials(READER, "Wr0ng-and-secret"))
    said = [reason(fact) for facts in answers.domains.values() for fact in facts.said(ControllerTopic.domain).values()]
    assert said.count(Reason.ACCESS_DENIED) == 1 < len(said)
    assert set(said) == {Reason.ACCESS_DENIED, Reason.NOT_COLLECTED}
    assert "Wr0ng" not in str(answers)


def test_the_name_server_of_the_forest_names_its_controllers(active_directory: Forests) -> None:
    names = NameServers((active_directory.fabrikam.address,))
    assert [(service.host, service.port) for service in value(names.controllers("fabrikam.test"))] == [(FABRIKAM, 389)]
    assert value(names.addresses(FABRIKAM)) == (active_directory.fabrikam.address,)
    assert value(names.addresses("hv99.fabrikam.test")) == ()


def connected(active: Forests, security: Security = Security.SEALED) -> Controller:
    where = Peer(FIRST, (active.contoso.address,), 636 if security is Security.LDAPS else 389, security)
    return Controller(where, Credentials(READER, PASSWORD), protocol="negotiate", deadline=time.monotonic() + 60)


@pytest.mark.parametrize("security", [Security.START_TLS, Security.LDAPS])
def test_a_certificate_that_nobody_trusts_is_refused(active_directory: Forests, security: Security) -> None:
    with pytest.raises(Unread, match="certificate"):
        connected(active_directory, security)


def test_the_numbers_of_attributes_are_those_of_the_schema(active_directory: Forests) -> None:
    controller = connected(active_directory)
    schema = f"CN=Schema,CN=Configuration,{active_directory.contoso.base}"
    shown = ("lDAPDisplayName", "attributeID", "schemaIDGUID", "attributeSecurityGUID")
    for attribute in accounts.OPTIONAL:
        (entry,) = controller.search(schema, f"(lDAPDisplayName={attribute.name})", shown, SearchScope.ONE)
        assert entry.one("schemaIDGUID", _guid) == attribute.guid
        assert entry.one("attributeSecurityGUID", _guid) == attribute.property_set
        prefix, _, last = entry.one("attributeID", bytes.decode).rpartition(".")
        assert prefix == "1.2.840.113556.1.4"
        assert 0x00090000 + int(last) == attribute.number
    controller.close()
    assert metadata.USER_ACCOUNT_CONTROL == 0x00090008


def _guid(data: bytes) -> str:
    return str(uuid.UUID(bytes_le=data))
