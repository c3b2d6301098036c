"""The collector's script, as it is sent, in a real engine against the reference for Windows: every section answers what the world
describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HOST_FACTS
from checks.facts.network import FirewallRule
from checks.network._firewall import covers
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016
from lab.windows import VERSIONS
from runner.collect.hosts.request import Partner
from tests.checks.network.rows import KERNEL, ROWS
from tests.engine.failing import HYPERV
from tests.engine.reference import FOLDER, Reference, Run, world

pytestmark = pytest.mark.engine

SUBNET = "S-1-5-21-1111111111-2222222222-3333333333"
ONE, TWO = "HV01", "HV02"


def described(*vms: Mapping[str, Any], **its: Any) -> dict[str, Any]:
    """A world of two hosts of Windows Server 2022, the first of which is a node of a cluster and has these VMs and this description."""
    return {
        "build": 20348,
        "lang": "en",
        "domain": "contoso.test",
        "hosts": {ONE: {"ip": "192.168.10.11", "clustered": True, "vms": list(vms), **its}, TWO: {"ip": "192.168.10.12"}},
    }


PLANNED = {"root/virtualization/v2:Msvm_PlannedComputerSystem": [{"Name": "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "ElementName": "VM2"}]}


def visit(reference: Reference, *vms: Mapping[str, Any], **its: Any) -> Run:
    its["cim"] = PLANNED | its.get("cim", {})
    return reference.visit(described(*(vms or ({"Name": "VM1", "checkpoints": [{}], "dda": [{}], "gpu": [{}]},)), **its), ONE, ASKED)


ASKED = (Partner(TWO, (TWO,), (), (6600, 445)),)


# --- what the worlds describe ---

OF_WINDOWS = [
    {"Name": "VIRT-MIGL-In-TCP-NoScope", "Port": "6600"},
    {"Name": "FPS-SMB-In-TCP", "Port": "445"},
    *({"Name": name, "Port": "5985"} for name in ("WINRM-HTTP-In-TCP", "WINRM-HTTP-In-TCP-PUBLIC")),
]
"""The firewall rules of a host whose world says nothing of them."""

WORLDS = {path.stem: sorted(world(path.stem)["hosts"]) for path in sorted(FOLDER.glob("worlds/*.json"))} if FOLDER.exists() else {}
HOSTS = [(name, host) for name, hosts in WORLDS.items() for host in hosts] or [pytest.param("", "", id="no reference")]


def of(name: str, host: str) -> dict[str, Any]:
    """The description of one host: what its world says for all, and what it says for this one."""
    whole = world(name)
    own = whole["hosts"][host]
    merged = {key: value for key, value in whole.items() if key != "hosts"}
    for key, value in own.items():
        merged[key] = {**merged[key], **value} if isinstance(value, dict) and isinstance(merged.get(key), dict) else value
    return merged


@pytest.mark.parametrize(("name", "host"), HOSTS)
def test_every_section_answers_what_the_world_describes(
    reference: Reference, name: str, host: str, record_property: Callable[[str, str], None]
) -> None:
    its = of(name, host)
    run = reference.visit(world(name), host)
    assert run.missing == expected_missing(its)
    record_property("Sections of each host of the reference", _told(name, host, run.missing))
    values = run.values
    lab = next(version for version in VERSIONS.values() if version.build == its["build"])
    hyperv = its.get("hypervRole", True)

    assert (values["os"].build, values["os"].languages) == (its["build"], ({"en": "en-US", "de": "de-DE"}[its["lang"]],))
    assert (values["computer"].dns_host_name, values["computer"].domain, values["computer"].joined) == (host, its["domain"], True)
    assert values["computer"].registered.upper() == host.upper()
    role = values["hyperv_role"]
    assert (role.feature, role.service_state, role.namespace) == (hyperv, "Running" if hyperv else None, hyperv)
    assert (values["dynamic_ports"].start, values["dynamic_ports"].count) == (49152, 16384)
    with_rdma = sorted(nic["Index"] for nic in its.get("nics", ()) if nic.get("rdma"))
    assert sorted(each.interface_index for each in values["smb_interfaces"] if each.rdma) == with_rdma
    assert (values["smb_multichannel"].client, values["smb_multichannel"].server) == (True, True)
    pending = values["pending_restart"]
    registry = its.get("registry", {})
    signs, renames = " ".join(registry), any("PendingFileRenameOperations" in values for values in registry.values())
    assert (pending.servicing, pending.updates, pending.renames) == ("RebootPending" in signs, "RebootRequired" in signs, renames)
    assert values["cluster"].feature is its.get("clustered", False)
    running = tuple(its.get("deviceGuard", {}).get("SecurityServicesRunning", [0]))
    assert (values["credential_guard"].running, values["credential_guard"].services_running) == (1 in running, running)
    assert "secure_channel" not in values or values["secure_channel"].works is its.get("secureChannel", True)
    (locator,) = values["locators"]
    assert (locator.controller, locator.forest) == (f"dc01.{its['domain']}", its["domain"])
    administrators = its.get("groups", {}).get("S-1-5-32-544", {}).get("members")
    wanted = (
        tuple(member["sid"] for member in administrators) if administrators else (f"{SUBNET}-512", "S-1-5-21-9-9-9-500", f"{SUBNET}-1105")
    )
    assert values["local_groups"]["S-1-5-32-544"] == wanted
    assert its["ip"] in [address.address for address in values["addresses"]]
    assert f"{its['ip'].rpartition('.')[0]}.1" in [route.next_hop for route in values["routes"]]
    assert {nic["Name"]: nic["Mac"].replace("-", "") for nic in its.get("nics", ())}.items() <= {
        adapter.name: adapter.mac for adapter in values["adapters"]
    }.items()
    assert {nic["Name"]: nic["Speed"] for nic in its.get("nics", ())}.items() <= {
        adapter.name: adapter.bits_per_second for adapter in values["adapters"]
    }.items()
    rules = [rule for rule in its.get("firewall", OF_WINDOWS) if rule["Port"] in ("445", "5985", "5986", "6600")]
    assert {(rule.name, rule.store) for rule in values["firewall"]} == {
        (rule["Name"], "policy" if rule.get("Store") == "gpo" else "local") for rule in rules
    }
    if "sessions" in values:
        told = its.get("sessions", [{"LogonId": "412345", "LogonType": 10}, {"LogonId": "998877", "LogonType": 3}])
        assert [(each.id, each.type) for each in values["sessions"]] == [
            ("999", 0),
            *((each["LogonId"], each["LogonType"]) for each in told),
        ]
    if "vms" not in values:
        return

    settings, host_settings = values["migration"], its.get("vmhost", {})
    assert settings.enabled is host_settings.get("VirtualMachineMigrationEnabled", True)
    assert settings.authentication.label == host_settings.get("VirtualMachineMigrationAuthenticationType", "Kerberos")
    option = host_settings.get("VirtualMachineMigrationPerformanceOption", "Compression")
    told_option = None if settings.performance_option is None else settings.performance_option.label
    assert told_option == (option if its["build"] >= BUILD_2012_R2 else None)
    assert settings.maximum_migrations == host_settings.get("MaximumVirtualMachineMigrations", 2)
    networks = [network["Subnet"] for network in its.get("migrationNetworks", [{"Subnet": f"{its['ip'].rpartition('.')[0]}.0/24"}])]
    assert [network.subnet for network in values["migration_networks"]] == networks
    newest = {BUILD_2012: "4.0", BUILD_2012_R2: "5.0"}.get(its["build"], lab.default_vm_version)
    assert values["supported_versions"][-1] == its.get("supportedVersions", [newest])[-1]
    switches = its.get("switches", [{"Name": {"en": "External", "de": "Extern"}[its["lang"]]}])
    assert [switch.name for switch in values["switches"]] == [switch["Name"] for switch in switches]
    vms = [vm for told in its.get("vms", ()) for vm in [told] * told.get("repeat", 1)]
    assert [vm.name.startswith(told["Name"]) for vm, told in zip(values["vms"], vms, strict=True)] == [True] * len(vms)
    for vm, told in zip(values["vms"], vms, strict=True):
        assert len(vm.disks) == len(told.get("disks", [{}]))
        assert len(vm.adapters) == len(told.get("nics", [{}]))
        assert vm.state == {"Running": 2, "Off": 3, "Saved": 6, "Paused": 9}[told.get("State", "Running")]
        assert vm.clustered is told.get("IsClustered", False)
        assert values["checkpoints"].get(vm.id, 0) == len(told.get("checkpoints", ()))
        assert values["assigned_devices"].get(vm.id, 0) == len(told.get("dda", ()))
        partitions = values["gpu_partitions"].get(vm.id)
        assert (partitions.count if partitions else 0) == len(told.get("gpu", ()))
        assert vm.sans == tuple(port["SanName"] for port in told.get("fc", ()))
        if its["build"] >= BUILD_2016:
            assert values["vm_security"][vm.id].tpm is told.get("security", {}).get("TpmEnabled", False)


def _told(name: str, host: str, missing: Mapping[str, str]) -> str:
    """One line: how many sections were read, and which were missing as they should."""
    reasons = {reason: ", ".join(each for each in missing if missing[each] == reason) for reason in sorted(set(missing.values()))}
    return f"{name:20}{host:14}{len(HOST_FACTS) - len(missing):2} read" + "".join(f"; {why}: {its}" for why, its in reasons.items())


@pytest.mark.parametrize(("name", "host"), HOSTS)
def test_the_logs_hold_what_the_world_describes(reference: Reference, name: str, host: str) -> None:
    its = of(name, host)
    logs = reference.logs(world(name), host)
    found = logs.events
    if not its.get("hypervRole", True):
        assert isinstance(found, Missing)
        assert found.reason is Reason.NOT_INSTALLED
    elif "rights" in its and not its["rights"].get("admin", True):
        assert isinstance(found, Missing)
        assert found.reason is Reason.ACCESS_DENIED
    else:
        assert isinstance(found, Known)
        wanted = [event["LogName"] for event in its.get("events", ()) if "VMMS" in event["LogName"] and 1 <= event["Level"] <= 3]
        assert sorted(entry.channel for entry in found.value) == sorted(wanted)
        assert isinstance(logs.worker_events, Known)
        others = [event["LogName"] for event in its.get("events", ()) if "Worker-Admin" in event["LogName"] and 1 <= event["Level"] <= 3]
        assert [entry.channel for entry in logs.worker_events.value if "Worker" in entry.channel] == others


def expected_missing(its: Mapping[str, Any]) -> dict[str, str]:
    if not its.get("hypervRole", True):
        return dict.fromkeys(HYPERV, "NOT_INSTALLED")
    rights = its.get("rights", {}).get("hyperv", "full")
    if rights == "full":
        return {}
    # Unspecified is what the module says of any failure that it does not know.
    reason = "UNREADABLE" if rights == "unspecified" else "ACCESS_DENIED"
    of_build = {"supported_versions"} if its["build"] < BUILD_2016 else set()
    lacking = dict.fromkeys(("migration_listener", "sessions"), "ACCESS_DENIED") | {"secure_channel": "UNREADABLE"}
    return dict.fromkeys(HYPERV - of_build, reason) | lacking


def test_drives_adapters_and_names_are_kept_as_they_are(reference: Reference) -> None:
    disks = ({"Path": "D:\\a.vhdx"}, {"DiskNumber": 5}, {"Path": "\\\\fs\\vm$\\b.vhds", "SupportPersistentReservations": True})
    nics = ({"Connected": False}, {"Name": "Storage", "MacAddress": "00155D0A0B0C"})
    names = ("* [x]?", "a`n$env:TEMP; exit", "Größe\r\n<1>")
    vms = visit(reference, {"Name": names[0], "disks": disks, "nics": nics}, {"Name": names[1]}, {"Name": names[2]}).values["vms"]
    assert [vm.name for vm in vms] == list(names)
    first = vms[0]
    assert [(disk.path, disk.pass_through, disk.shared) for disk in first.disks if not disk.pass_through] == [
        ("D:\\a.vhdx", False, False),
        ("\\\\fs\\vm$\\b.vhds", False, True),
    ]
    assert [disk.pass_through for disk in first.disks] == [False, True, False]
    assert [(adapter.name, adapter.switch) for adapter in first.adapters] == [("Network Adapter", ""), ("Storage", "External")]
    assert first.adapters[1].mac == "00155D0A0B0C"


def test_an_adapter_without_a_link_costs_nothing_but_its_speed(reference: Reference) -> None:
    speeds = (10_000_000_000, 0, 2**63 - 1, 2**64 - 1, None)
    nics = [{"Name": str(number), "Index": number, "Mac": "00-15-5D-01-01-0B", "Speed": speed} for number, speed in enumerate(speeds)]
    assert [each.bits_per_second for each in visit(reference, nics=nics).values["adapters"]] == [10_000_000_000, None, None, None, None]


@pytest.mark.parametrize("store", ["local", "policy"])
def test_the_script_keeps_the_firewall_rules_that_the_checks_take_for_those_of_their_ports(reference: Reference, store: str) -> None:
    key = {
        "local": "HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules",
        "policy": "HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules",
    }[store]
    data = {str(number): f"v2.26|Action=Allow|Active=TRUE|{row}" for number, row in enumerate((*ROWS, *KERNEL))}
    kept = [rule for rule in visit(reference, firewall=[], registry={key: data}).values["firewall"] if rule.store == store]
    assert {rule.name for rule in kept} == {
        name for name, rule in data.items() if any(covers(FirewallRule(name, store, rule), port) for port in (445, 5985, 5986, 6600))
    }


# --- bulk ---


def test_the_number_of_calls_is_the_same_for_any_number_of_vms(reference: Reference) -> None:
    few, many = (visit(reference, {"Name": "vm", "repeat": count, "checkpoints": [{}]}) for count in (2, 100))
    assert len(many.values["vms"]) == len(many.values["checkpoints"]) == 100
    assert many.calls == few.calls
    assert sum(few.calls.values()) <= 50


# --- what fails and costs less than its section ---


def test_a_null_that_may_be_costs_only_what_needs_it(reference: Reference) -> None:
    (vm,) = visit(
        reference, nullProps=["VirtualMachine.HardDrives", "VirtualMachine.NetworkAdapters", "VirtualMachine.OperationalStatus"]
    ).values["vms"]
    assert (vm.disks, vm.adapters, vm.operational_status, vm.files.whole) == (None, None, (), False)
    listener = visit(reference, nullProps=["Msvm_VirtualSystemMigrationService.MigrationServiceListenerIPAddressList"]).values[
        "migration_listener"
    ]
    assert listener.addresses is None
    assert {session.account for session in visit(reference, cim={"root/cimv2:Win32_NTDomain": []}).values["sessions"]} > {
        "CONTOSO\\hvadmin"
    }


def test_a_host_that_does_not_say_its_domain_still_says_what_it_reaches(reference: Reference) -> None:
    (partner,) = visit(reference, failCim={"root/cimv2:Win32_ComputerSystem": "80041003"}).values["partners"]
    assert [name.name for name in partner.names] == [TWO]
    assert {(port.port, port.open) for port in partner.ports} == {(6600, True), (445, True)}


def test_who_may_not_look_into_the_namespace_of_hyperv_knows_that_it_is_there(reference: Reference) -> None:
    for hresult in ("80041003", "80070005"):
        role = visit(reference, failCim={"root/virtualization/v2:__NAMESPACE": hresult}).values["hyperv_role"]
        assert (role.feature, role.service_state, role.namespace) == (True, "Running", True)


def test_no_feature_beside_a_running_service_is_told_as_it_is_and_judged_by_the_check(reference: Reference) -> None:
    role = visit(reference, cim={"root/cimv2:Win32_ServerFeature": []}).values["hyperv_role"]
    assert (role.feature, role.service_state) == (False, "Running")
