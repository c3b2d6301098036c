"""The accounts of servers on whose shares files lie: looked up in the domains of the hosts, whatever a path calls them."""

from __future__ import annotations

from msgspec.structs import replace

from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HostFacts
from checks.plan import Move, Plan
from checks.text import plain, text
from checks.windows.names import HostName
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, HostSpec, User
from runner.collect.directories.members import members
from runner.collect.directories.servers import MOST, servers
from tests.collect.directories.asking import AT, CONTOSO_SID, TO_HV02, asked, moves, reason, scenario, usual_hosts, value
from tests.facts.machines import vm


def with_files(*paths: str, host: str = "hv01") -> dict[str, HostFacts]:
    """The usual hosts, with VMs whose configuration lies on these paths on one of them."""
    hosts = usual_hosts()
    vms = tuple(vm(f"VM{number}", configuration_path=path) for number, path in enumerate(paths))
    return hosts | {host: replace(hosts[host], vms=Known(vms, text("Get-VM"), AT))}


def found(hosts: dict[str, HostFacts], *destinations: str, source: str = "HV01") -> dict[str, list[tuple[str, str]]]:
    """By domain what a path calls the servers, and the accounts that are looked up."""
    planned = tuple(Move("*", source, "HV02", "CONTOSO\\hv-operator", destination_path=path) for path in destinations)
    named = {HostName(name): facts for name, facts in hosts.items()}
    its = servers(Plan(planned or moves(("HV01", "HV02"))), named, members(named))
    return {domain: [(server.host.key, server.account.casefold()) for server in each] for domain, each in its.items()}


def test_names_come_from_the_plan_and_from_the_hosts() -> None:
    hosts = with_files("\\\\fs01\\vms", "D:\\VMs", "//FS01/other")
    assert found(hosts, "\\\\FS02.contoso.test\\vms") == {"contoso.test": [("fs02.contoso.test", "fs02$"), ("fs01", "fs01$")]}


def test_a_short_name_is_of_the_domain_of_the_host_that_uses_it_and_a_full_one_of_its_own() -> None:
    assert found(with_files("\\\\fs01\\vms", host="hv03")) == {"fabrikam.test": [("fs01", "fs01$")]}
    assert found(with_files("\\\\fs01.fabrikam.test\\vms")) == {"fabrikam.test": [("fs01.fabrikam.test", "fs01$")]}
    both = with_files("\\\\fs01\\vms") | {"hv03": with_files("\\\\fs01\\vms", host="hv03")["hv03"]}
    assert found(both) == {}


def test_what_is_no_name_of_another_server_of_these_domains_is_not_looked_up() -> None:
    strange = ("\\\\10.0.0.9\\v", "\\\\hv02\\v", "\\\\HV02.contoso.test\\v", "\\\\fs01.evil.test\\v", "\\\\\\v", "\\\\?\\D:\\v")
    assert found(with_files(*strange)) == {}


def test_a_host_can_make_us_look_for_no_more_than_a_few_and_for_none_in_the_place_of_the_plans() -> None:
    hosts = with_files(*(f"\\\\a{number}\\vms" for number in range(3 * MOST)))
    its = found(hosts, "\\\\zz01\\vms")["contoso.test"]
    assert len(its) == MOST
    assert its[0] == ("zz01", "zz01$")


def test_the_account_of_a_file_server_is_read_with_who_may_act_at_it() -> None:
    specs = {
        "HV01": HostSpec(delegation=TO_HV02),
        "HV02": HostSpec(),
        "FS01": HostSpec(delegation=Delegation(resource_based=("HV01",))),
    }
    hosts = {name: facts for name, facts in with_files("\\\\fs01\\vms").items() if name != "hv03"}
    with Forest(scenario(hosts=specs)) as running:
        answers = asked(running, hosts)
    views = answers.accounts["fs01"].views
    assert list(views) == ["dc01.contoso.test", "dc02.contoso.test"]
    source = value(answers.accounts["hv01"].views["dc01.contoso.test"])
    for view in views.values():
        assert [entry.sid for entry in value(view).resource_based] == [source.sid]
    assert f"{CONTOSO_SID}-515" in source.sids
    assert source.groups is not None


def test_a_server_without_an_account_and_one_whose_account_has_another_name_are_missing() -> None:
    paths = ("\\\\nas\\vms", "\\\\fs01.contoso.test\\vms", "\\\\fileserver-berlin.contoso.test\\vms")
    hosts = {name: facts for name, facts in with_files(*paths).items() if name != "hv03"}
    specs = {"HV01": HostSpec(), "HV02": HostSpec(), "FS01": HostSpec(), "FILESERVER-BERL": HostSpec()}
    with Forest(scenario(hosts=specs)) as running:
        answers = asked(running, hosts)
        assert {reason(view) for view in answers.accounts["nas"].views.values()} == {Reason.NOT_COLLECTED}
        assert value(answers.accounts["fs01.contoso.test"].views["dc01.contoso.test"]).account_name == "FS01$"
        other = answers.accounts["fileserver-berlin.contoso.test"].views["dc01.contoso.test"]
        assert reason(other) is Reason.CONTRADICTORY


def test_of_an_alias_it_is_said_whose_it_is() -> None:
    hosts = {name: facts for name, facts in with_files("\\\\files\\vms", "\\\\files.contoso.test\\vms").items() if name != "hv03"}
    forest = scenario(hosts={"HV01": HostSpec(), "HV02": HostSpec()})
    contoso = forest.domains["contoso.test"]
    serving = replace(contoso, users=(*contoso.users, User("fs-service", services=("cifs/FILES", "HOST/files.contoso.test"))))
    with Forest(replace(forest, domains=forest.domains | {"contoso.test": serving})) as running:
        answers = asked(running, hosts)
    for name in ("files", "files.contoso.test"):
        view = answers.accounts[name].views["dc01.contoso.test"]
        assert reason(view) is Reason.NOT_COLLECTED
        assert isinstance(view, Missing)
        assert (
            plain(view.detail)
            == f"{name} is an alias of CN=fs-service,CN=Users,DC=contoso,DC=test: give that server's own name in the path"
        )


def test_an_account_that_may_not_be_read_is_no_alias_of_itself() -> None:
    specs = {"HV01": HostSpec(), "HV02": HostSpec(), "FS01": HostSpec(delegation=Delegation(resource_based=("HV01",)))}
    hosts = {name: facts for name, facts in with_files("\\\\fs01\\vms").items() if name != "hv03"}
    denied = {"dc01": ControllerSpec(denied=("msDS-AllowedToActOnBehalfOfOtherIdentity",))}
    with Forest(scenario(denied, hosts=specs)) as running:
        view = asked(running, hosts).accounts["fs01"].views["dc01.contoso.test"]
    assert reason(view) is Reason.ACCESS_DENIED
    assert isinstance(view, Missing)
    assert "msDS-AllowedToActOnBehalfOfOtherIdentity of CN=FS01" in plain(view.detail)


def test_a_name_on_a_host_leads_to_no_controller_of_another_domain() -> None:
    hosts = {name: facts for name, facts in with_files("\\\\fs01.fabrikam.test\\vms").items() if name != "hv03"}
    with Forest(scenario()) as running:
        answers = asked(running, hosts)
        assert "fs01.fabrikam.test" not in answers.accounts
