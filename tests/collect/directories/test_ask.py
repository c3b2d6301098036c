"""What the directory collector reads from domain controllers, and what it says of those that do not answer as they should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from checks.facts.directory import QUESTIONS, ControllerTopic, LocalGroup, UserAccount, Written, agreed
from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HostFacts, missing_host
from checks.facts.system import Computer, DomainRole
from checks.plan import ChangeRequest, Connection
from checks.text import plain, text
from checks.windows.account_control import DISABLED, LOCKED_OUT, PASSWORD_EXPIRED
from checks.windows.rights import ALLOWED_TO_AUTHENTICATE
from checks.windows.times import NEVER
from lab.accounts import CHANGED
from lab.directory import Entry, _Controller
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, DomainSpec, Fault, HostSpec, Scenario, TrustSpec, User
from runner.collect.directories.base import Asked
from runner.collect.directories.controller import Entry as Shown
from runner.collect.directories.operators import shown_number
from runner.collect.directories.rounds import _READERS
from tests.collect.directories.asking import (
    ANY_PROTOCOL,
    AT,
    CONTOSO_SID,
    FABRIKAM_SID,
    SENSITIVE,
    TO_HV02,
    asked,
    first,
    host,
    locators,
    moves,
    reason,
    scenario,
    usual_hosts,
    value,
)
from tests.facts.directory import GLOBAL, LOCAL

FAULTS = {
    Fault.REFUSES: Reason.UNREACHABLE,
    Fault.HANGS: Reason.TIMED_OUT,
    Fault.DROPS: Reason.UNREACHABLE,
    Fault.HALF: Reason.TIMED_OUT,
    Fault.RUBBISH: Reason.UNREADABLE,
    Fault.DENIES: Reason.ACCESS_DENIED,
}


@pytest.fixture(scope="module")
def forest() -> Iterator[Forest]:
    with Forest(scenario()) as running:
        yield running


# --- computer accounts ---


def test_an_account_is_read_from_every_controller_that_the_hosts_of_its_domain_use(forest: Forest) -> None:
    views = asked(forest).accounts["hv01"].views
    assert list(views) == ["dc01.contoso.test", "dc02.contoso.test"]
    for view in views.values():
        account = value(view)
        assert account.account_name == "HV01$"
        assert account.delegate_to == TO_HV02.to
        assert account.user_account_control & ANY_PROTOCOL
        assert "Microsoft Virtual System Migration Service/HV01" in account.service_principal_names


def test_a_controller_that_no_host_uses_is_not_asked(forest: Forest) -> None:
    only_first = {"hv01": host("HV01", locators("dc01.contoso.test"))}
    assert list(asked(forest, only_first).accounts["hv01"].views) == ["dc01.contoso.test"]


def test_delegation_that_was_never_set_is_known_to_be_empty(forest: Forest) -> None:
    account = value(asked(forest).accounts["hv02"].views["dc01.contoso.test"])
    assert (account.delegate_to, account.resource_based) == ((), ())


def test_a_controller_that_lags_behind_shows_the_old_delegation_with_a_lower_version() -> None:
    controllers = {"dc01": ControllerSpec(), "dc02": ControllerSpec(stale={"HV01": Delegation()})}
    with Forest(scenario(controllers)) as running:
        views = asked(running).accounts["hv01"].views
    new, old = value(views["dc01.contoso.test"]), value(views["dc02.contoso.test"])
    assert (new.delegate_to, old.delegate_to) == (TO_HV02.to, ())
    assert old.delegation_version < new.delegation_version
    assert new.delegation_changed is not None
    assert old.delegation_changed is None or old.delegation_changed < new.delegation_changed


def test_an_account_says_when_each_attribute_of_its_delegation_was_changed(forest: Forest) -> None:
    views = asked(forest).accounts["hv01"].views
    first, second = (value(views[f"{name}.contoso.test"]) for name in ("dc01", "dc02"))
    assert first.written == Written(CHANGED, CHANGED, None, CHANGED)
    assert second.changed > CHANGED
    assert second.written == Written(second.changed, second.changed, None, second.changed), "it came there later"


@pytest.mark.parametrize("attribute", ["replPropertyMetaData", "uSNChanged"])
def test_when_an_account_was_changed_is_not_made_up(attribute: str) -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=(attribute,))})) as running:
        (view,) = asked(running, {"hv01": host("HV01", locators("dc01"))}).accounts["hv01"].views.values()
    assert value(view).written is None


@pytest.mark.parametrize("attribute", ["msDS-AllowedToDelegateTo", "userAccountControl", "objectSid", "servicePrincipalName"])
def test_an_attribute_that_may_not_be_read_makes_the_account_missing_and_not_empty(attribute: str) -> None:
    controllers = {"dc01": ControllerSpec(denied=(attribute,))}
    with Forest(scenario(controllers)) as running:
        (view,) = asked(running, {"hv01": host("HV01", locators("dc01"))}).accounts["hv01"].views.values()
    assert isinstance(view, Missing)
    assert view.reason is Reason.ACCESS_DENIED
    assert attribute in plain(view.detail)


@pytest.mark.parametrize(
    ("denied", "set_to", "shown"),
    [
        ((), 24, 24),
        ((), None, 0),
        (("replPropertyMetaData",), None, 0),
        (("msDS-SupportedEncryptionTypes",), 24, None),
        (("replPropertyMetaData", "msDS-SupportedEncryptionTypes"), None, None),
    ],
)
def test_encryption_types_that_are_not_shown_are_not_set_only_where_that_is_proven(
    denied: tuple[str, ...], set_to: int | None, shown: int | None
) -> None:
    hosts = {"HV01": HostSpec(delegation=TO_HV02, encryption_types=set_to), "HV02": HostSpec()}
    with Forest(scenario({"dc01": ControllerSpec(denied=denied)}, hosts)) as running:
        (view,) = asked(running, {"hv01": host("HV01", locators("dc01"))}).accounts["hv01"].views.values()
    if "replPropertyMetaData" in denied and shown is None:
        assert value(view).delegate_to == TO_HV02.to, "the rest of the account is not lost with it"
    assert value(view).encryption_types == shown


@pytest.mark.parametrize(
    ("denied", "proven"),
    [
        (("replPropertyMetaData",), True),
        (("nTSecurityDescriptor",), True),
        (("replPropertyMetaData", "nTSecurityDescriptor"), False),
    ],
)
def test_an_empty_attribute_is_proven_by_the_metadata_or_by_the_right_to_read_it(denied: tuple[str, ...], proven: bool) -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=denied)})) as running:
        (view,) = asked(running, {"hv02": host("HV02", locators("dc01"))}).accounts["hv02"].views.values()
    if proven:
        assert value(view).delegate_to == ()
    else:
        assert reason(view) is Reason.ACCESS_DENIED


def test_delegation_that_was_taken_away_is_known_to_be_empty() -> None:
    controllers = {"dc01": ControllerSpec(), "dc02": ControllerSpec(stale={"HV01": TO_HV02})}
    hosts = {"HV01": HostSpec(delegation=Delegation(any_protocol=True)), "HV02": HostSpec()}
    with Forest(scenario(controllers, hosts)) as running:
        views = asked(running).accounts["hv01"].views
    assert value(views["dc01.contoso.test"]).delegate_to == ()
    assert value(views["dc02.contoso.test"]).delegate_to == TO_HV02.to


@pytest.mark.parametrize("name", ["HV99", "HV*", "*", "HV01)(cn=*", "HV\\30", "H\0V", "Ünïcode", ""])
def test_a_host_whose_name_no_account_has_gets_no_account(forest: Forest, name: str) -> None:
    views = asked(forest, {"odd": host(name, locators("dc01.contoso.test"))}).accounts["odd"].views
    assert reason(views["dc01.contoso.test"]) is Reason.NOT_COLLECTED


def test_groups_of_a_source_are_read_only_where_a_target_names_who_may_delegate() -> None:
    acting = HostSpec(delegation=Delegation(resource_based=("HV01",)))
    with Forest(scenario(hosts={"HV01": HostSpec(), "HV02": acting})) as running:
        answers = asked(running, {name: facts for name, facts in usual_hosts().items() if name != "hv03"})
        source, target = (value(answers.accounts[name].views["dc01.contoso.test"]) for name in ("hv01", "hv02"))
        assert [entry.sid for entry in target.resource_based] == [source.sid]
        assert f"{CONTOSO_SID}-515" in source.sids
        asked_of = [request.base for request in running.controllers["dc01.contoso.test"].requests]
        assert asked_of.count(source.dn) == 1
        assert asked_of.count(target.dn) == 0


def test_the_requests_for_a_domain_do_not_grow_with_each_host() -> None:
    hosts = {f"HV{number:03}": HostSpec() for number in range(150)}
    with Forest(scenario(hosts=hosts)) as running:
        facts = {name.lower(): host(name, locators("dc01.contoso.test")) for name in hosts}
        answers = asked(running, facts, moves(("HV000", "HV001")))
        searches = [request for request in running.controllers["dc01.contoso.test"].requests if request.operation == "search"]
    assert len([name for name, views in answers.accounts.items() if isinstance(views.views["dc01.contoso.test"], Known)]) == 150
    rootdse_head_crossref_trusts_clock, hundreds_of_accounts, hundreds_of_service_names, operator_and_groups = 5, 2, 9, 3
    expected = rootdse_head_crossref_trusts_clock + hundreds_of_accounts + hundreds_of_service_names + operator_and_groups
    assert len(searches) == expected


# --- hosts that say little ---


def test_a_host_that_does_not_say_which_controller_it_uses_leaves_a_view_missing_for_itself_and_its_partners(forest: Forest) -> None:
    hosts = usual_hosts() | {"hv02": host("HV02", Missing(Reason.ACCESS_DENIED, text("Win32_NTDomain"), AT))}
    accounts = asked(forest, hosts).accounts
    for name in ("hv01", "hv02"):
        assert reason(accounts[name].views["(controller of hv02)"]) is Reason.ACCESS_DENIED
        assert isinstance(accounts[name].views["dc01.contoso.test"], Known)
    assert list(accounts["hv03"].views) == ["dc51.fabrikam.test"]


def test_where_no_host_names_a_controller_the_first_one_that_answers_is_asked() -> None:
    controllers = {"dc01": ControllerSpec(fault=Fault.REFUSES), "dc02": ControllerSpec(), "dc03": ControllerSpec()}
    with Forest(scenario(controllers)) as running:
        answers = asked(running, {"hv01": host("HV01", locators())})
    assert list(answers.domains["contoso.test"].controllers) == ["dc01.contoso.test", "dc02.contoso.test"]
    assert value(first(answers, "contoso.test", ControllerTopic.domain)).netbios_name == "CONTOSO"
    assert set(answers.accounts["hv01"].views) == {"(controller of hv01)", "dc01.contoso.test", "dc02.contoso.test"}


def test_a_host_in_a_workgroup_and_one_that_was_not_read_have_no_account(forest: Forest) -> None:
    computer = Known(Computer("ALONE", "alone", "WORKGROUP", DomainRole.STANDALONE_SERVER, False), "Win32_ComputerSystem", AT)
    unread = missing_host(Reason.UNREACHABLE, text("hv02"), AT)
    hosts: dict[str, HostFacts] = {"alone": unread, "hv02": unread}
    hosts["alone"] = HostFacts(**{name: getattr(unread, name) for name in unread.__struct_fields__} | {"computer": computer})
    answers = asked(forest, hosts)
    assert [answers.accounts[name].views for name in ("alone", "hv02")] == [{}, {}]


def test_a_controller_of_another_domain_is_not_believed(forest: Forest) -> None:
    hosts = {"hv03": host("HV03", locators("dc01.contoso.test", netbios="fabrikam"), "fabrikam.test")}
    urls = (f"ldap://dc01.contoso.test:{forest.controllers['dc01.contoso.test'].port}",)
    answers = asked(forest, hosts, directory={"fabrikam.test": urls})
    assert reason(answers.accounts["hv03"].views["dc01.contoso.test"]) is Reason.UNREADABLE


def test_a_domain_whose_controllers_the_plan_names_is_not_looked_up(forest: Forest) -> None:
    urls = (f"ldap://127.0.0.1:{forest.controllers['dc02.contoso.test'].port}",)
    assert forest.dns is not None
    forest.dns.queries.clear()
    answers = asked(forest, {"hv01": host("HV01", locators())}, directory={"contoso.test": urls})
    assert isinstance(first(answers, "contoso.test", ControllerTopic.domain), Known)
    assert not [name for name, kind, _ in forest.dns.queries if kind == "SRV"]


# --- controllers that fail ---


@pytest.mark.parametrize("fault", FAULTS)
def test_a_controller_that_fails_is_missing_with_its_reason_and_the_others_are_still_read(fault: Fault) -> None:
    controllers = {"dc01": ControllerSpec(fault=fault), "dc02": ControllerSpec()}
    with Forest(scenario(controllers)) as running:
        answers = asked(running, deadline_s=6.0)
    views = answers.accounts["hv01"].views
    assert reason(views["dc01.contoso.test"]) is FAULTS[fault]
    assert value(views["dc02.contoso.test"]).delegate_to == TO_HV02.to
    contoso = answers.domains["contoso.test"]
    for question in QUESTIONS.values():
        said = contoso.said(question)
        assert reason(said["dc01.contoso.test"]) is FAULTS[fault]
        assert isinstance(said["dc02.contoso.test"], Known)
    assert isinstance(answers.operators["contoso\\hv-operator"].account, Known)


def test_a_question_that_nobody_needs_is_not_put(forest: Forest) -> None:
    controller = forest.controllers["dc01.contoso.test"]
    requests = []
    for questions in (QUESTIONS.keys(), ()):
        controller.requests.clear()
        answers = asked(forest, {"hv01": usual_hosts()["hv01"]}, questions=questions)
        requests.append(len(controller.requests))
    assert requests[0] - requests[1] == 4, "a clock, the names of a host, the name of the controller, and the hosts that a list names"
    assert reason(first(answers, "contoso.test", ControllerTopic.clock)) is Reason.NOT_COLLECTED
    assert value(first(answers, "contoso.test", ControllerTopic.domain)).netbios_name == "CONTOSO"


def test_the_dns_suffixes_that_a_domain_allows_and_the_aliases_of_a_host_are_read() -> None:
    usual = scenario()
    domain = replace(usual.domains["contoso.test"], dns_suffixes=("corp.test", "Branch.test"))
    hosts = usual.hosts | {"HV01": replace(usual.hosts["HV01"], aliases=("storage.contoso.test",))}
    with Forest(replace(usual, domains=usual.domains | {"contoso.test": domain}, hosts=hosts)) as running:
        answers = asked(running)
    assert value(answers.accounts["hv01"].views["dc01.contoso.test"]).other_names == ("storage$", "storage.contoso.test")
    assert value(answers.accounts["hv02"].views["dc01.contoso.test"]).other_names == ()
    assert value(first(answers, "contoso.test", ControllerTopic.dns_suffixes)) == ("Branch.test", "corp.test")
    assert value(first(answers, "fabrikam.test", ControllerTopic.dns_suffixes)) == ()


def test_a_wrong_password_is_said_and_not_shown(forest: Forest) -> None:
    answers = asked(forest, password="Wr0ng-and-secret")
    said = [fact for facts in answers.domains.values() for fact in facts.said(ControllerTopic.domain).values()]
    assert {reason(fact) for fact in said} == {Reason.ACCESS_DENIED, Reason.NOT_COLLECTED}, "it is tried on one of them"
    (rejected,) = [fact for fact in said if reason(fact) is Reason.ACCESS_DENIED]
    assert "52e" in str(rejected)
    assert "Wr0ng" not in str(answers)


def test_without_any_answer_everything_is_missing_and_nothing_empty(forest: Forest) -> None:
    answers = asked(forest, {"hv01": host("HV01", locators("dc09.contoso.test", address="127.0.0.9"), "nowhere.test")})
    assert reason(first(answers, "nowhere.test", ControllerTopic.domain)) is Reason.NOT_COLLECTED
    assert reason(first(answers, "nowhere.test", ControllerTopic.trusts)) is Reason.NOT_COLLECTED
    assert reason(answers.operators["contoso\\hv-operator"].account) is Reason.NOT_COLLECTED
    assert reason(answers.operators["contoso\\hv-operator"].local["nowhere.test"]) is Reason.NOT_COLLECTED


# --- operators ---


def test_an_operator_has_the_groups_in_which_its_groups_are(forest: Forest) -> None:
    operator = asked(forest).operators["contoso\\hv-operator"]
    groups = {f"{CONTOSO_SID}-{rid}" for rid in (513, 1201, 1202, 1203)}
    assert groups < set(value(operator.account).sids)
    scopes = {group.sid: group.type for group in value(operator.account).groups or ()}
    assert scopes == {f"{CONTOSO_SID}-{rid}": kind for rid, kind in ((513, GLOBAL), (1201, GLOBAL), (1202, LOCAL), (1203, LOCAL))}
    assert value(operator.local["contoso.test"]) == (), "they are among its groups already"


def test_an_operator_of_another_forest_carries_the_local_groups_that_hold_its_groups(forest: Forest) -> None:
    planned = moves(("HV01", "HV02"), ("HV03", "HV01"), operator="FABRIKAM\\hv-operator")
    operator = asked(forest, planned=planned).operators["fabrikam\\hv-operator"]
    assert value(operator.local["contoso.test"]) == (
        LocalGroup(f"{CONTOSO_SID}-1202", (f"{FABRIKAM_SID}-1301",), ()),
        LocalGroup(f"{CONTOSO_SID}-1203", (f"{CONTOSO_SID}-1202",), ()),
    )
    assert value(operator.local["fabrikam.test"]) == ()
    scopes = {group.sid: group.type for group in value(operator.account).groups or ()}
    assert (scopes[f"{FABRIKAM_SID}-1301"], scopes[f"{FABRIKAM_SID}-1302"]) == (GLOBAL, LOCAL)


@pytest.mark.parametrize("name", ["CONTOSO\\hv-chief", "contoso.test\\HV-Chief", "hv-chief@contoso.test", "HV-CHIEF@CONTOSO.TEST"])
def test_an_operator_is_found_by_every_form_of_its_name(forest: Forest, name: str) -> None:
    operator = asked(forest, planned=moves(("HV01", "HV02"), operator=name)).operators[name.lower()]
    assert value(operator.account).account_name == "hv-chief"
    assert value(operator.account).user_account_control & SENSITIVE


def test_who_will_change_delegation_is_looked_up_as_the_operators_are(forest: Forest) -> None:
    change = ChangeRequest(delegation_administrator="hv-operator@fabrikam.test")
    found = asked(forest, change=change).operators
    assert list(found) == ["contoso\\hv-operator", "hv-operator@fabrikam.test"]
    administrator = found["hv-operator@fabrikam.test"]
    assert value(administrator.account).sid.startswith(FABRIKAM_SID)
    held = {group.sid for group in value(administrator.local["contoso.test"])}
    assert held == {f"{CONTOSO_SID}-1202", f"{CONTOSO_SID}-1203"}


def of_states(denied: tuple[str, ...] = ()) -> Scenario:
    """contoso.test with one controller, which lets nobody read these attributes, and accounts in each state."""
    usual = scenario({"dc01": ControllerSpec(denied=denied)})
    states = (
        User("hv-usual", password_expires_h=240),
        User("hv-disabled", disabled=True),
        User("hv-locked", locked=True),
        User("hv-expired", expires_h=-1),
        User("hv-outdated", password_expires_h=-1),
        User("hv-new", must_change_password=True),
    )
    contoso = replace(usual.domains["contoso.test"], users=(*usual.domains["contoso.test"].users, *states))
    return replace(usual, domains=usual.domains | {"contoso.test": contoso})


def accounts_of(running: Forest, *names: str) -> dict[str, UserAccount]:
    planned = tuple(move for name in names for move in moves(("HV01", "HV02"), operator=f"CONTOSO\\{name}"))
    answers = asked(running, {"hv01": host("HV01", locators("dc01"))}, planned)
    return {name: value(answers.operators[f"contoso\\{name}"].account) for name in names}


def test_the_state_of_an_operators_account_is_what_the_controller_computes_of_it() -> None:
    names = ("hv-usual", "hv-disabled", "hv-locked", "hv-expired", "hv-outdated", "hv-new")
    with Forest(of_states()) as running:
        found = accounts_of(running, *names)
    assert {name for name, its in found.items() if its.user_account_control & DISABLED} == {"hv-disabled"}
    assert {name: its.computed_control for name, its in found.items() if its.computed_control != 0} == {
        "hv-locked": LOCKED_OUT,
        "hv-outdated": PASSWORD_EXPIRED,
        "hv-new": PASSWORD_EXPIRED,
    }
    assert {name for name, its in found.items() if its.expires != NEVER} == {"hv-expired"}
    assert {name for name, its in found.items() if its.password_expires != NEVER} == {"hv-usual", "hv-outdated", "hv-new"}
    assert found["hv-new"].password_expires == 0


def test_the_state_of_an_account_that_a_controller_hides_is_not_read_and_the_rest_is() -> None:
    hidden = ("msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed", "accountExpires")
    with Forest(of_states(hidden)) as running:
        (found,) = accounts_of(running, "hv-locked").values()
    assert (found.computed_control, found.expires, found.password_expires) == (None, None, None)
    assert found.groups


@pytest.mark.parametrize("value", [b"", b"soon", b"-1", b"9223372036854775808"])
def test_what_is_no_number_of_windows_is_not_read(value: bytes) -> None:
    assert shown_number(Shown("CN=hv-operator", {"accountExpires": [value]}), "accountExpires") is None


def test_controllers_that_show_another_state_of_an_account_leave_it_open() -> None:
    one, other = (UserAccount("CN=a", "S-1-5-21-1", "a", 0x200, (), computed_control=state) for state in (0, LOCKED_OUT))
    views = {name: Known(each, text("test"), AT) for name, each in (("dc01", one), ("dc02", other))}
    assert reason(agreed(views, lambda account: account)) is Reason.CONTRADICTORY  # type: ignore[arg-type]


def test_the_domain_of_an_operator_is_found_over_a_trust_when_no_host_is_in_it(forest: Forest) -> None:
    hosts = {name: facts for name, facts in usual_hosts().items() if name != "hv03"}
    answers = asked(forest, hosts, moves(("HV01", "HV02"), operator="FABRIKAM\\hv-operator"))
    assert value(answers.operators["fabrikam\\hv-operator"].account).sid.startswith(FABRIKAM_SID)
    assert set(answers.domains) == {"contoso.test", "fabrikam.test"}


def test_who_may_authenticate_is_read_where_a_trust_uses_selective_authentication() -> None:
    usual = scenario()
    picky = replace(usual.domains["fabrikam.test"], trusts=(TrustSpec("contoso.test", attributes=0x18),))
    hosts = usual.hosts | {"HV03": HostSpec(domain="fabrikam.test", may_authenticate=("CONTOSO\\hv-operator", "HV01"))}
    with Forest(replace(usual, domains=usual.domains | {"fabrikam.test": picky}, hosts=hosts)) as running:
        answers = asked(running, planned=moves(("HV01", "HV03")))
    (there,) = answers.accounts["hv03"].views.values()
    entries = value(there).may_authenticate
    assert entries is not None
    own = value(answers.operators["contoso\\hv-operator"].account).sid
    source = value(answers.accounts["hv01"].views["dc01.contoso.test"])
    named = [entry for entry in entries if entry.object_type == ALLOWED_TO_AUTHENTICATE]
    assert [(entry.allow, entry.sid) for entry in named] == [(True, own), (True, source.sid)]
    assert all(entry.mask & 0x100 for entry in entries)
    assert source.may_authenticate is None


def below() -> Scenario:
    """The hosts in a child domain of contoso.test, an operator in a child domain of fabrikam.test."""
    usual = scenario()
    return scenario(
        hosts={"HV01": HostSpec(domain="eu.contoso.test"), "HV02": HostSpec(domain="eu.contoso.test")},
        domains=usual.domains
        | {
            "eu.contoso.test": DomainSpec(
                netbios="EU", sid="S-1-5-21-4-4-4", forest="contoso.test", controllers={"dc21": ControllerSpec()}, users=()
            ),
            "us.fabrikam.test": DomainSpec(
                netbios="US",
                sid="S-1-5-21-5-5-5",
                forest="fabrikam.test",
                controllers={"dc61": ControllerSpec()},
                users=(User("hv-operator"),),
            ),
        },
    )


@pytest.mark.parametrize("operator", ["US\\hv-operator", "hv-operator@us.fabrikam.test"])
def test_of_two_forests_the_roots_are_asked_too_which_hold_the_trust_between_them(operator: str) -> None:
    in_eu = {name: host(name.upper(), locators("dc21.eu.contoso.test", netbios="EU"), "eu.contoso.test") for name in ("hv01", "hv02")}
    with Forest(below()) as running:
        answers = asked(running, in_eu, moves(("HV01", "HV02"), operator=operator))
    assert set(answers.domains) == {"contoso.test", "eu.contoso.test", "fabrikam.test", "us.fabrikam.test"}
    (trust,) = (each for each in value(first(answers, "contoso.test", ControllerTopic.trusts)) if each.partner == "fabrikam.test")
    assert trust.routes is not None
    assert {name.name for name in trust.routes} == {"fabrikam.test", "us.fabrikam.test"}


def test_of_one_forest_the_root_is_not_asked() -> None:
    in_eu = {"hv01": host("HV01", locators("dc21.eu.contoso.test", netbios="EU"), "eu.contoso.test")}
    with Forest(below()) as running:
        answers = asked(running, in_eu, moves(("HV01", "HV01"), operator="EU\\nobody"))
    assert set(answers.domains) == {"eu.contoso.test"}


def test_a_domain_between_two_others_is_asked_too() -> None:
    usual = below()
    west = DomainSpec(netbios="WEST", sid="S-1-5-21-6-6-6", forest="contoso.test", controllers={"dc31": ControllerSpec()}, users=())
    hosts = {
        "hv01": host("HV01", locators("dc21.eu.contoso.test", netbios="EU"), "eu.contoso.test"),
        "hv02": host("HV02", locators("dc31.west.contoso.test", netbios="WEST"), "west.contoso.test"),
    }
    with Forest(replace(usual, domains=usual.domains | {"west.contoso.test": west})) as running:
        answers = asked(running, hosts, moves(("HV01", "HV02"), operator="EU\\nobody"))
    assert set(answers.domains) == {"eu.contoso.test", "contoso.test", "west.contoso.test"}


@pytest.mark.parametrize(
    "name", ["CONTOSO\\nobody", "NOWHERE\\hv-operator", "nobody@contoso.test", "hv-operator", "CONTOSO\\*", "CONTOSO\\", "\\"]
)
def test_an_operator_that_is_not_found_is_not_collected(forest: Forest, name: str) -> None:
    operator = asked(forest, planned=moves(("HV01", "HV02"), operator=name)).operators[name.lower()]
    assert reason(operator.account) is Reason.NOT_COLLECTED
    assert reason(operator.local["contoso.test"]) is Reason.NOT_COLLECTED


@pytest.mark.parametrize("attribute", ["userAccountControl", "tokenGroups"])
def test_an_operator_that_may_not_be_read_wholly_is_missing(attribute: str) -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=(attribute,))})) as running:
        operator = asked(running, {"hv01": host("HV01", locators("dc01"))}).operators["contoso\\hv-operator"]
    assert reason(operator.account) is Reason.ACCESS_DENIED
    assert reason(operator.local["contoso.test"]) is Reason.ACCESS_DENIED


def test_a_controller_that_may_not_say_it_is_not_passed_over_for_another() -> None:
    with Forest(scenario({"dc01": ControllerSpec(), "dc02": ControllerSpec(denied=("tokenGroups",))})) as running:
        hosts = {"hv01": host("HV01", locators("dc01")), "hv02": host("HV02", locators("dc02"))}
        operator = asked(running, hosts).operators["contoso\\hv-operator"]
    assert reason(operator.account) is Reason.ACCESS_DENIED


# --- names ---


def test_the_names_of_hosts_and_controllers_are_looked_up(forest: Forest) -> None:
    names = asked(forest).names
    assert value(names["dc01.contoso.test"]) == ("127.0.0.1",)
    assert value(names["hv01.contoso.test"]) == ("10.0.0.1",)


def test_where_kerberos_is_required_no_controller_is_signed_in_to_otherwise() -> None:
    """The lab speaks NTLM only."""
    with Forest(scenario()) as running:
        answers = asked(running, connection=Connection(require_kerberos=True))
        assert not any(controller.requests for controller in running.controllers.values())
    assert not isinstance(first(answers, "contoso.test", ControllerTopic.domain), Known)


# --- odd entries ---


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("sAMAccountName", [b"HV02$", b"HV99$"]),
        ("objectSid", [b"\x01"]),
        ("dNSHostName", [b"\xed\xa0\x80"]),
        ("userAccountControl", [b"9" * 5_000]),
        ("userAccountControl", [b"0x1000"]),
        ("primaryGroupID", [b"515", b"516"]),
        ("whenChanged", [b"yesterday"]),
        ("replPropertyMetaData", [b"\xff" * 7]),
    ],
)
def test_an_odd_entry_costs_itself_alone(attribute: str, values: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    stored = _Controller._stored

    def odd(self: _Controller, entry: Entry) -> dict[str, list[bytes]]:
        its = stored(self, entry)
        return its | {attribute: values} if its.get("sAMAccountName") == [b"HV02$"] else its

    monkeypatch.setattr(_Controller, "_stored", odd)
    with Forest(scenario()) as running:
        answers = asked(running)
    assert isinstance(answers.accounts["hv01"].views["dc01.contoso.test"], Known)
    assert isinstance(answers.accounts["hv02"].views["dc01.contoso.test"], Missing)
    assert isinstance(answers.operators["contoso\\hv-operator"].account, Known)


def test_what_nobody_foresaw_costs_the_answer_that_it_comes_from(forest: Forest, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(_: Asked) -> None:
        raise RecursionError

    monkeypatch.setitem(_READERS, "trusts", raises)
    answers = asked(forest)
    assert reason(first(answers, "contoso.test", ControllerTopic.trusts)) is Reason.UNREADABLE
    assert isinstance(answers.accounts["hv01"].views["dc01.contoso.test"], Known)
