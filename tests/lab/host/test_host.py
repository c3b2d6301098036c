"""What a host of the lab says of itself: in the published types, as its Windows, language and rights have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from checks.facts.fact import Way
from checks.facts.host import HOST_FACTS, SECTIONS
from checks.facts.migration import MigrationAuthentication
from checks.facts.people import LogonSession
from checks.facts.system import DomainRole
from lab.forest import Forest
from lab.host import Host
from lab.scenario import HostSpec, ScenarioError, VmSpec
from lab.sids import Sids
from lab.windows import LANGUAGES, VERSIONS
from tests.lab.visiting import VALUE_TYPES, forest, host, scenario, sections, value

HYPERV = {name for name in HOST_FACTS if SECTIONS[name].origin.hyperv}
COMMAND_NOT_FOUND = "System.Management.Automation.CommandNotFoundException"
OLD = {"supported_versions", "credential_guard", "assigned_devices", "gpu_partitions", "vm_security"}
LACKS = {"2012": OLD, "2012r2": OLD, "2016": {"gpu_partitions"}, "2019": {"gpu_partitions"}}
"""The sections that fail on each version of Windows; none on the others."""


@pytest.fixture(scope="module")
def running() -> Iterator[Forest]:
    """One host of each version of Windows, and some with a fate of their own."""
    versions = {f"w{version}": host(windows=version) for version in VERSIONS}
    others = {
        "german": host(windows="2025", language="de-DE", denied=HOST_FACTS),
        "denied": host(windows="2025", denied=HOST_FACTS),
        "bare": host(hyperv=False, denied=("migration",)),
        "alone": host(workgroup=True),
        "open": host(management="10.0.0.5/24", migration=None),
        "partner": host(management="10.0.0.2/24", migration="192.168.10.2/24", closed_ports=(445,)),
        "disabled": host(management="10.0.0.3/24", migration="192.168.10.3/24", enabled=False),
        "people": host(
            administrators=("CONTOSO\\hv-admins", "contoso\\domain users"),
            hyperv_administrators=("CONTOSO\\hv-operator",),
            signed_in={"CONTOSO\\hv-operator": 10},
            sessions=(LogonSession("77", 2, "Negotiate", None, "CONTOSO\\left", None),),
        ),
        "asking": host(unresolved=("Partner",), credential_guard=True),
        "told": host(
            facts={
                "os": {"caption": "‹Ünïcode› \x1b[31m", "unknown": 1},
                "vms": {"uptime_s": 3},
                "addresses": [],
            },
            vms=(VmSpec("a"), VmSpec("b", state=3, switch="", id="0f0e0d0c-0000-0000-0000-000000000001")),
        ),
    }
    with forest(**versions, **others) as its:
        yield its


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_windows_answers_in_the_published_types(running: Forest, version: str) -> None:
    answers = sections(running, f"w{version}")
    assert set(answers) == set(HOST_FACTS)
    assert {name for name, answer in answers.items() if not answer["ok"]} == LACKS.get(version, set())
    for name, answer in answers.items():
        if answer["ok"]:
            msgspec.convert(answer["value"], VALUE_TYPES[name])


def test_each_version_has_its_own_build_and_newest_vm_version(running: Forest) -> None:
    builds = {version: value(running, f"w{version}", "os").build for version in VERSIONS}
    newest = {version: value(running, f"w{version}", "vms")[0].version for version in VERSIONS}
    assert builds == {"2012": 9200, "2012r2": 9600, "2016": 14393, "2019": 17763, "2022": 20348, "2025": 26100}
    assert newest == {"2012": None, "2012r2": "5.0", "2016": "8.0", "2019": "9.0", "2022": "10.0", "2025": "12.0"}


@pytest.mark.parametrize("version", ["2012", "2012r2"])
def test_windows_before_2016_lacks_a_cmdlet_and_a_class(running: Forest, version: str) -> None:
    answers = sections(running, f"w{version}", "supported_versions", "credential_guard")
    assert answers["supported_versions"]["error"]["type"] == COMMAND_NOT_FOUND
    assert answers["credential_guard"]["error"]["id"] == (
        "HRESULT 0x8004100e,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
    )


def test_windows_server_2012_has_no_performance_option_and_no_generations(running: Forest) -> None:
    assert value(running, "w2012", "migration").performance_option is None
    assert value(running, "w2012", "vms")[0].generation is None
    assert value(running, "w2012r2", "migration").performance_option is not None
    assert value(running, "w2012r2", "vms")[0].generation is not None


def test_every_section_can_be_denied_in_the_terms_of_the_way_it_is_read(running: Forest) -> None:
    answers = sections(running, "denied")
    assert {answer["error"]["category"] for answer in answers.values()} == {"PermissionDenied"}
    assert answers["local_groups"]["error"]["type"] == "System.UnauthorizedAccessException"
    assert answers["local_groups"]["error"]["hresult"] == "0x80070005"
    assert answers["sessions"]["error"]["id"].startswith("HRESULT 0x80041003,")
    assert answers["vms"]["error"]["id"] == "AccessDenied,Microsoft.HyperV.PowerShell.Commands.GetVM"


def test_a_german_host_fails_in_german_with_the_same_numbers(running: Forest) -> None:
    english, german = sections(running, "denied"), sections(running, "german")
    by_number = {name for name, section in SECTIONS.items() if section.origin.way not in (Way.NET, Way.REGISTRY)}
    for name in HOST_FACTS:
        assert german[name]["error"]["text"] == LANGUAGES["de-DE"].access_denied != english[name]["error"]["text"]
        assert (german[name]["error"]["id"] == english[name]["error"]["id"]) is (name in by_number)
        assert german[name]["error"]["hresult"] == english[name]["error"]["hresult"]


def test_without_hyperv_its_cmdlets_and_its_namespace_are_unknown(running: Forest) -> None:
    answers = sections(running, "bare")
    assert {name for name, answer in answers.items() if not answer["ok"]} == HYPERV
    assert answers["migration"]["error"]["type"] == COMMAND_NOT_FOUND
    assert answers["migration_listener"]["error"]["id"].startswith("HRESULT 0x8004100e,")
    assert answers["hyperv_role"]["value"] == {
        "feature": False,
        "service_state": None,
        "service_start": None,
        "namespace": False,
    }
    assert "S-1-5-32-578" not in answers["local_groups"]["value"]


def test_a_section_that_nobody_knows_is_an_unknown_command(running: Forest) -> None:
    assert sections(running, "w2016", "weather")["weather"]["error"]["type"] == COMMAND_NOT_FOUND


def test_a_workgroup_host_has_no_domain_and_found_no_controller(running: Forest) -> None:
    computer = value(running, "alone", "computer")
    assert (computer.joined, computer.domain, computer.role) == (False, "WORKGROUP", DomainRole.STANDALONE_SERVER)
    assert value(running, "alone", "locators") == ()


def test_a_domain_member_names_the_controller_it_found(running: Forest) -> None:
    (locator,) = value(running, "w2016", "locators")
    assert (locator.domain, locator.controller, locator.forest) == ("CONTOSO", "dc01.contoso.test", "contoso.test")


def test_a_host_with_a_migration_network_listens_there_and_nowhere_else(running: Forest) -> None:
    assert value(running, "partner", "migration").any_network is False
    assert [network.subnet for network in value(running, "partner", "migration_networks")] == ["192.168.10.0/24"]
    assert value(running, "partner", "migration_listener").addresses == ("192.168.10.2",)


def test_a_host_without_a_migration_network_listens_on_any(running: Forest) -> None:
    assert value(running, "open", "migration").any_network is True
    assert value(running, "open", "migration_networks") == ()
    assert value(running, "open", "migration_listener").addresses == ("10.0.0.5",)


def test_a_host_that_takes_no_migrations_listens_nowhere(running: Forest) -> None:
    assert value(running, "disabled", "migration").enabled is False
    assert value(running, "disabled", "migration_listener").addresses == ()


def test_the_management_address_lies_on_the_switch_and_the_migration_address_does_not(running: Forest) -> None:
    adapters = {adapter.name: adapter for adapter in value(running, "w2016", "adapters")}
    (virtual,) = value(running, "w2016", "host_virtual_adapters")
    addresses = {address.address: address.interface_index for address in value(running, "w2016", "addresses")}
    assert adapters["vEthernet (LAN)"].mac == virtual.mac
    assert addresses["10.0.0.1"] == adapters["vEthernet (LAN)"].interface_index
    assert addresses["192.168.10.1"] == adapters["Migration"].interface_index
    assert not adapters["Migration"].virtual
    assert len({adapter.mac for adapter in adapters.values()}) == len(adapters)


def test_the_default_route_leaves_by_the_management_adapter(running: Forest) -> None:
    routes = {route.prefix: route for route in value(running, "w2016", "routes")}
    assert routes["0.0.0.0/0"].next_hop == "10.0.0.254"
    assert routes["0.0.0.0/0"].interface_index == routes["10.0.0.0/24"].interface_index
    assert routes["192.168.10.0/24"].next_hop == "0.0.0.0"


def partner(**asked: Any) -> tuple[dict[str, Any], ...]:
    return ({"partner": "partner", "names": [], "addresses": [], "ports": [], **asked},)


@pytest.mark.parametrize("name", ["partner", "PARTNER", "partner.contoso.test", "partner.contoso.test."])
def test_a_name_resolves_to_the_management_address_only(running: Forest, name: str) -> None:
    (answer,) = value(running, "w2016", "partners", partner(names=[name]))
    assert (answer.names[0].addresses, answer.names[0].code) == (("10.0.0.2",), 0)


@pytest.mark.parametrize("name", ["nobody", "partner.fabrikam.test", ""])
def test_a_name_of_no_host_is_not_found(running: Forest, name: str) -> None:
    (answer,) = value(running, "w2016", "partners", partner(names=[name], ports=[445]))
    assert (answer.names[0].addresses, answer.names[0].code, answer.ports) == ((), 11001, ())


def test_where_only_a_short_name_is_asked_a_member_adds_the_name_in_its_own_domain(running: Forest) -> None:
    (member,) = value(running, "w2016", "partners", partner(names=["partner"]))
    (alone,) = value(running, "alone", "partners", partner(names=["partner"]))
    assert [name.name for name in member.names] == ["partner", "partner.contoso.test"]
    assert [name.name for name in alone.names] == ["partner"]


def test_a_host_may_not_resolve_what_others_do(running: Forest) -> None:
    (answer,) = value(running, "asking", "partners", partner(names=["partner", "partner.contoso.test"]))
    assert [name.code for name in answer.names] == [11001, 0]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"addresses": ["192.168.10.2"]}, {("192.168.10.2", 6600): 0}),
        ({"addresses": ["192.168.10.3"]}, {("192.168.10.3", 6600): 10061}),
        ({"addresses": ["192.168.10.99"]}, {("192.168.10.99", 6600): 10060}),
        (
            {"names": ["partner"], "ports": [6600, 445, 5985, 80]},
            {("10.0.0.2", 6600): 10061, ("10.0.0.2", 445): 10060, ("10.0.0.2", 5985): 0, ("10.0.0.2", 80): 10061},
        ),
        ({"names": ["open"], "ports": [6600]}, {("10.0.0.5", 6600): 0}),
    ],
    ids=["migration network", "disabled", "nobody's address", "management network", "any network"],
)
def test_a_port_is_open_refused_or_silent_as_the_partner_has_it(
    running: Forest, asked: dict[str, Any], expected: dict[tuple[str, int], int]
) -> None:
    (answer,) = value(running, "w2016", "partners", partner(**asked))
    assert {(port.address, port.port): port.code for port in answer.ports} == expected
    assert all(port.open == (port.code == 0) for port in answer.ports)


def test_local_groups_hold_the_sids_of_the_scenarios_accounts(running: Forest) -> None:
    sids = Sids(running.scenario)
    groups = value(running, "people", "local_groups")
    assert set(groups) == {"S-1-5-32-544", "S-1-5-32-578", "S-1-5-32-580"}
    assert sids.account("CONTOSO\\hv-admins") in groups["S-1-5-32-544"]
    assert f"{sids.domain('contoso.test')}-512" in groups["S-1-5-32-544"]
    assert f"{sids.domain('contoso.test')}-513" in groups["S-1-5-32-544"]
    assert groups["S-1-5-32-578"] == (sids.account("CONTOSO\\hv-operator"),)
    assert groups["S-1-5-32-580"] == ()


def test_sessions_show_who_is_signed_in_and_the_collector_over_the_network(running: Forest) -> None:
    sids = Sids(running.scenario)
    sessions = value(running, "people", "sessions")
    found = {(session.account, session.type, session.sid) for session in sessions}
    assert ("CONTOSO\\hv-operator", 10, sids.account("CONTOSO\\hv-operator")) in found
    assert ("CONTOSO\\hv-reader", 3, sids.account("CONTOSO\\hv-reader")) in found
    assert ("CONTOSO\\left", 2, None) in found
    assert ("NT AUTHORITY\\SYSTEM", 0, "S-1-5-18") in found
    assert len({session.id for session in sessions}) == len(sessions)


def test_credential_guard_runs_where_the_scenario_says_so(running: Forest) -> None:
    assert value(running, "asking", "credential_guard").running is True
    assert value(running, "w2016", "credential_guard").running is False


def test_a_scenario_may_say_anything_in_place_of_an_answer(running: Forest) -> None:
    answers = sections(running, "told", "os", "vms", "addresses")
    assert answers["os"]["value"]["caption"] == "‹Ünïcode› \x1b[31m"
    assert answers["os"]["value"]["unknown"] == 1
    assert answers["os"]["value"]["build"] == 14393
    assert [vm["uptime_s"] for vm in answers["vms"]["value"]] == [3, 3]
    assert answers["addresses"]["value"] == []


def test_a_vm_keeps_its_id_and_uses_memory_only_while_it_runs(running: Forest) -> None:
    first, second = value(running, "told", "vms")
    assert value(running, "told", "vms")[0].id == first.id != second.id == "0f0e0d0c-0000-0000-0000-000000000001"
    assert first.memory_assigned_bytes > 0 == second.memory_assigned_bytes
    assert [adapter.switch for vm in (first, second) for adapter in vm.adapters] == ["LAN", ""]


def test_times_are_counted_from_now_in_utc(running: Forest) -> None:
    boot = value(running, "w2016", "os").boot
    assert boot.tzinfo is not None
    assert 0 < (datetime.now(UTC) - boot).days < 40


def test_authentication_is_the_scenarios(running: Forest) -> None:
    assert value(running, "w2016", "migration").authentication is MigrationAuthentication.KERBEROS


@pytest.mark.parametrize(
    "spec",
    [
        HostSpec(windows="95"),
        HostSpec(language="tlh"),
        HostSpec(management="10.0.0.300/24"),
        HostSpec(migration="fe80::1/64"),
        HostSpec(domain="fabrikam.test"),
        HostSpec(controller="dc09"),
        HostSpec(denied=("wether",)),
        HostSpec(facts={"wether": {}}),
    ],
)
def test_a_host_that_is_described_wrongly_is_refused(spec: HostSpec) -> None:
    described = scenario(wrong=spec)
    with pytest.raises(ScenarioError, match="wrong"):
        Host(described, "wrong", Sids(described), datetime.now(UTC))


def test_a_host_whose_accounts_do_not_exist_is_refused() -> None:
    described = scenario(wrong=HostSpec(administrators=("CONTOSO\\nobody",)))
    with pytest.raises(ScenarioError, match="nobody"):
        Host(described, "wrong", Sids(described), datetime.now(UTC))
