"""Who has the names of the hosts' migration services and file services, as the controllers of their forest tell."""

from __future__ import annotations

from msgspec.structs import replace

from checks.facts.directory import ServiceName
from checks.facts.fact import Fact, Missing
from checks.facts.host import HostFacts, HostTopics
from checks.windows.service_names import MIGRATION_SERVICE
from lab.forest import Forest
from lab.scenario import ControllerSpec, Fault, HostSpec, User
from tests.collect.directories.asking import asked, host, locators, of_host, scenario, usual_hosts, value


def held(running: Forest, hosts: dict[str, HostFacts]) -> dict[str, Fact[tuple[ServiceName, ...]]]:
    answers = asked(running, hosts)
    return {name: of_host(answers, hosts, name, HostTopics.service_names) for name in hosts}


def of_migration(names: tuple[ServiceName, ...]) -> list[ServiceName]:
    return [each for each in names if each.name.lower().startswith(MIGRATION_SERVICE.lower())]


def test_who_has_the_names_of_the_migration_service_is_looked_for_in_the_domain() -> None:
    hosts = {"HV01": HostSpec(), "HV02": HostSpec(migration_names=("HV02", "hv01.contoso.test"))}
    with Forest(scenario(hosts=hosts)) as running:
        names = held(running, {name: facts for name, facts in usual_hosts().items() if name != "hv03"})
    first, second = (of_migration(value(names[name])) for name in ("hv01", "hv02"))
    assert {(each.name.lower(), each.dn.partition(",")[0]) for each in first} == {
        (f"{MIGRATION_SERVICE}/hv01".lower(), "CN=HV01"),
        (f"{MIGRATION_SERVICE}/hv01.contoso.test".lower(), "CN=HV01"),
        (f"{MIGRATION_SERVICE}/hv01.contoso.test".lower(), "CN=HV02"),
    }
    assert [(each.name, each.domain) for each in second] == [(f"{MIGRATION_SERVICE}/HV02", "contoso.test")]


def test_who_has_a_name_under_which_a_file_service_is_found_is_looked_for_too() -> None:
    backup = User("backup", services=("cifs/hv02.contoso.test", "cifs/HV03"))
    forest = scenario(hosts={"HV01": HostSpec(), "HV02": HostSpec()})
    contoso = forest.domains["contoso.test"]
    theirs = replace(contoso, users=(*contoso.users, backup))
    with Forest(replace(forest, domains=forest.domains | {"contoso.test": theirs})) as running:
        names = held(running, {name: facts for name, facts in usual_hosts().items() if name != "hv03"})
    assert {(each.name.lower(), each.dn.partition(",")[0]) for each in value(names["hv02"])} >= {
        ("host/hv02", "CN=HV02"),
        ("host/hv02.contoso.test", "CN=HV02"),
        ("cifs/hv02.contoso.test", "CN=backup"),
    }
    assert not {each.name.lower() for each in value(names["hv01"])} & {"cifs/hv02.contoso.test", "cifs/hv03"}


def test_a_host_that_the_directory_calls_otherwise_is_looked_for_by_both_names_in_the_whole_forest() -> None:
    hv01 = HostSpec(registered="old.contoso.test", migration_names=("HV01", "hv01.contoso.test", "old.contoso.test"))
    hosts = {"HV01": hv01, "HV03": HostSpec(domain="fabrikam.test", migration_names=("HV03", "old.contoso.test"))}
    forest = scenario(hosts=hosts)
    fabrikam = replace(forest.domains["fabrikam.test"], forest="contoso.test", trusts=())
    with Forest(replace(forest, domains=forest.domains | {"fabrikam.test": fabrikam})) as running:
        names = held(running, {name: facts for name, facts in usual_hosts().items() if name != "hv02"})
    assert {(each.name.lower().partition("/")[2], each.dn.partition(",")[0]) for each in of_migration(value(names["hv01"]))} == {
        ("hv01", "CN=HV01"),
        ("hv01.contoso.test", "CN=HV01"),
        ("old.contoso.test", "CN=HV01"),
        ("old.contoso.test", "CN=HV03"),
    }


def test_what_one_controller_does_not_show_another_one_does() -> None:
    controllers = {"dc01": ControllerSpec(denied=("servicePrincipalName",)), "dc02": ControllerSpec()}
    with Forest(scenario(controllers)) as running:
        names = value(held(running, {"hv01": host("HV01", locators("dc01.contoso.test", "dc02.contoso.test"))})["hv01"])
    assert {each.dn.partition(",")[0] for each in names} == {"CN=HV01"}


def test_names_that_the_reader_may_not_see_are_found_with_nobody() -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=("servicePrincipalName",))})) as running:
        assert value(held(running, {"hv01": usual_hosts()["hv01"]})["hv01"]) == ()


def test_a_domain_that_answers_nobody_leaves_its_names_missing() -> None:
    with Forest(scenario({"dc01": ControllerSpec(fault=Fault.REFUSES)})) as running:
        assert isinstance(held(running, {"hv01": usual_hosts()["hv01"]})["hv01"], Missing)
