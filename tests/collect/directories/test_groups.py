"""The groups of operators and hosts with their scopes and former SIDs, and the local groups of other domains that hold them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from checks.facts.directory import Group as Shown
from checks.facts.directory import LocalGroup
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, DomainSpec, Fault, Group, GroupScope, HostSpec, Scenario, User
from tests.collect.directories.asking import CONTOSO_SID, FABRIKAM_SID, asked, host, locators, moves, scenario, usual_hosts, value
from tests.facts.directory import GLOBAL, LOCAL, UNIVERSAL


def in_group(scope: GroupScope, to: str, controllers: dict[str, ControllerSpec] | None = None) -> Scenario:
    """HV01 and HV02 as members of a group of CONTOSO that may act on behalf of users to this host."""
    hosts = {"HV01": HostSpec(), "HV02": HostSpec(), "HV03": HostSpec(domain="fabrikam.test")}
    hosts[to] = replace(hosts[to], delegation=Delegation(resource_based=("CONTOSO\\hv-hosts",)))
    world = scenario(controllers, hosts)
    contoso = world.domains["contoso.test"]
    groups = (*contoso.groups, Group("hv-hosts", scope, ("HV01", "HV02"), 1210))
    return replace(world, domains=world.domains | {"contoso.test": replace(contoso, groups=groups)})


@pytest.mark.parametrize(("source", "target"), [("HV01", "HV02"), ("HV02", "HV01")])
def test_groups_are_read_for_both_ends_of_a_move(source: str, target: str) -> None:
    with Forest(in_group(GroupScope.GLOBAL, "HV02")) as running:
        answers = asked(running, planned=moves((source, target)))
    for view in answers.accounts["hv01"].views.values():
        assert Shown(f"{CONTOSO_SID}-1210", GLOBAL, ()) in (value(view).groups or ())


@pytest.mark.parametrize(("scope", "kind"), [(GroupScope.GLOBAL, GLOBAL), (GroupScope.UNIVERSAL, UNIVERSAL), (GroupScope.LOCAL, LOCAL)])
def test_the_scope_of_a_hosts_group_is_read_where_the_target_is_in_another_forest(scope: GroupScope, kind: int) -> None:
    with Forest(in_group(scope, "HV03")) as running:
        answers = asked(running, planned=moves(("HV01", "HV03")))
    for view in answers.accounts["hv01"].views.values():
        assert Shown(f"{CONTOSO_SID}-1210", kind, ()) in (value(view).groups or ())
    assert value(answers.accounts["hv01"].local["fabrikam.test"]) == ()


def test_the_local_groups_of_the_targets_domain_that_hold_a_host_are_read() -> None:
    hosts = {"HV01": HostSpec(), "HV03": HostSpec(domain="fabrikam.test", delegation=Delegation(resource_based=("FABRIKAM\\hv-outside",)))}
    world = scenario(hosts=hosts)
    fabrikam = world.domains["fabrikam.test"]
    groups = (*fabrikam.groups, Group("hv-outside", GroupScope.LOCAL, ("CONTOSO\\HV01",), 1310))
    with Forest(replace(world, domains=world.domains | {"fabrikam.test": replace(fabrikam, groups=groups)})) as running:
        answers = asked(running, {name: facts for name, facts in usual_hosts().items() if name != "hv02"}, moves(("HV01", "HV03")))
    sid = value(answers.accounts["hv01"].views["dc01.contoso.test"]).sid
    assert value(answers.accounts["hv01"].local["fabrikam.test"]) == (LocalGroup(f"{FABRIKAM_SID}-1310", (sid,), ()),)


def test_a_controller_that_has_not_heard_of_a_membership_shows_the_host_without_the_group() -> None:
    controllers = {"dc01": ControllerSpec(), "dc02": ControllerSpec(not_yet=("hv-hosts",))}
    with Forest(in_group(GroupScope.GLOBAL, "HV02", controllers)) as running:
        views = asked(running).accounts["hv01"].views
    assert {name: f"{CONTOSO_SID}-1210" in value(view).sids for name, view in views.items()} == {
        "dc01.contoso.test": True,
        "dc02.contoso.test": False,
    }


def three_domains(hosts: dict[str, HostSpec], members: tuple[str, ...] = (), **third: Any) -> Scenario:
    """A forest of contoso.test, child and third: a universal group of THIRD holds CHILD's operator and these, and is in a local group of
    CONTOSO."""
    sids = {name: f"S-1-5-21-{number}-{number}-{number}" for number, name in enumerate(("contoso", "child", "third"), 1)}
    locals_ = (Group("hv-local", GroupScope.LOCAL, ("THIRD\\hv-all",), 1202), Group("hv-empty", GroupScope.LOCAL, (), 1203))
    return replace(
        scenario(hosts=hosts),
        domains={
            "contoso.test": DomainSpec("CONTOSO", sids["contoso"], {"dc01": ControllerSpec()}, users=(User("hv-reader"),), groups=locals_),
            "child.contoso.test": DomainSpec(
                "CHILD",
                sids["child"],
                {"dc11": ControllerSpec()},
                "contoso.test",
                users=(User("hv-operator", history=("S-1-5-21-9-9-9-1400",)),),
            ),
            "third.contoso.test": DomainSpec(
                "THIRD",
                sids["third"],
                {"dc21": ControllerSpec(**third)},
                "contoso.test",
                groups=(Group("hv-all", GroupScope.UNIVERSAL, ("CHILD\\hv-operator", *members), 1401, history=("S-1-5-21-9-9-9-1500",)),),
            ),
        },
    )


def test_a_universal_group_of_a_third_domain_is_looked_up_there_and_leads_to_the_local_groups_that_hold_it() -> None:
    with Forest(three_domains({"HV01": HostSpec(), "HV02": HostSpec()})) as running:
        hosts = {"hv01": host("HV01", locators("dc01")), "hv02": host("HV02", locators("dc01"))}
        operator = asked(running, hosts, moves(("HV01", "HV02"), operator="CHILD\\hv-operator")).operators["child\\hv-operator"]
    account = value(operator.account)
    universal = "S-1-5-21-3-3-3-1401"
    assert Shown(universal, UNIVERSAL, ("S-1-5-21-9-9-9-1500",)) in (account.groups or ())
    assert account.history == ("S-1-5-21-9-9-9-1400",)
    assert value(operator.local["contoso.test"]) == (LocalGroup("S-1-5-21-1-1-1-1202", (universal,), ()),)


def test_where_the_third_domain_cannot_be_asked_its_group_has_no_scope() -> None:
    with Forest(three_domains({"HV01": HostSpec(), "HV02": HostSpec()}, fault=Fault.REFUSES)) as running:
        hosts = {"hv01": host("HV01", locators("dc01")), "hv02": host("HV02", locators("dc01"))}
        operator = asked(running, hosts, moves(("HV01", "HV02"), operator="CHILD\\hv-operator")).operators["child\\hv-operator"]
    assert Shown("S-1-5-21-3-3-3-1401", None, None) in (value(operator.account).groups or ())


@pytest.mark.parametrize(
    ("denied", "history"),
    [((), ("S-1-5-21-9-9-9-1400",)), (("sIDHistory",), None), (("replPropertyMetaData",), ("S-1-5-21-9-9-9-1400",))],
)
def test_former_sids_that_are_hidden_are_not_read(denied: tuple[str, ...], history: tuple[str, ...] | None) -> None:
    world = scenario({"dc01": ControllerSpec(denied=denied)})
    contoso = world.domains["contoso.test"]
    users = (*contoso.users, User("hv-old", history=("S-1-5-21-9-9-9-1400",)))
    with Forest(replace(world, domains=world.domains | {"contoso.test": replace(contoso, users=users)})) as running:
        operator = asked(running, {"hv01": host("HV01", locators("dc01"))}, moves(("HV01", "HV02"), operator="CONTOSO\\hv-old"))
    assert value(operator.operators["contoso\\hv-old"].account).history == history


def test_that_no_former_sid_was_ever_written_is_proven_by_the_metadata_alone() -> None:
    for denied, history in (((), ()), (("replPropertyMetaData",), None)):
        with Forest(scenario({"dc01": ControllerSpec(denied=denied)})) as running:
            answers = asked(running, {"hv01": host("HV01", locators("dc01"))})
        assert value(answers.operators["contoso\\hv-operator"].account).history == history
