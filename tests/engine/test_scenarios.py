"""The script as it is sent, in an engine in the place of a scenario's host, reads the facts that the lab answers by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checks.facts.fact import Fact, Known
from checks.facts.host import HOST_FACTS, HostFacts
from lab import crowd, scenario, visit
from lab.engine.runs import Engine
from lab.engine.world import world
from lab.host import Host
from lab.sids import Sids
from runner.collect.hosts.answer import read
from runner.collect.hosts.request import MOST_ADDRESSES, Partner, for_facts
from runner.collect.hosts.script import script

pytestmark = pytest.mark.engine

NOW = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
SCENARIOS = {name: crowd.expand(scenario.load(name), hosts=2, vms=3) for name in scenario.names()}
HOSTS = [(name, host) for name, each in SCENARIOS.items() for host in each.hosts]


def read_both_ways(engine: Engine, host: Host) -> tuple[HostFacts, HostFacts]:
    """The facts of a host as the script reads them in the engine, and as the lab answers them."""
    partners = [Partner(name, (name.lower(),), (), (6600, 445, 5985)) for name in host.scenario.hosts]
    request = for_facts(partners, files=(*host.lying(), "D:\\nothing [here]\\'x'.vhdx")).encoded()
    ran = engine.run(world(host), script(HOST_FACTS), {"Request": request})
    assert ran.errors == []
    by_the_lab = [each.text for each in visit.answer(host, request)]
    return read(ran.output, host.name, NOW)[0], read(by_the_lab, host.name, NOW)[0]


def said(fact: Fact[Any]) -> Any:
    """What counts of a fact: its value, in any order of rows, or why it is missing."""
    if isinstance(fact, Known):
        value = msgspec.to_builtins(fact.value)
        return sorted(value, key=str) if isinstance(value, list) else value
    return fact.reason


def differing(engine: Engine, host: Host) -> dict[str, tuple[Any, Any]]:
    """The facts that differ, read both ways; but for the clock, which goes on."""
    ours, lab = read_both_ways(engine, host)
    both = {fact: (said(getattr(ours, fact)), said(getattr(lab, fact))) for fact in HOST_FACTS}
    clock = isinstance(ours.clock, Known) and isinstance(lab.clock, Known)
    return {fact: values for fact, values in both.items() if values[0] != values[1] and not (fact == "clock" and clock)}


@pytest.mark.parametrize(("name", "host"), HOSTS)
def test_an_engine_and_the_lab_give_the_same_facts(engine: Engine, name: str, host: str) -> None:
    described = SCENARIOS[name]
    assert differing(engine, Host(described, host, Sids(described), NOW)) == {}


VM = "11111111-2222-3333-4444-555555555555"
OTHER_VM = "66666666-7777-8888-9999-aaaaaaaaaaaa"
UNUSUAL: dict[str, Any] = {
    "os": {
        "build": 26100,
        "product_type": 2,
        "caption": "Ein \u201eServer\u201c \U0001f5a5",
        "languages": ["de-DE", "en-US"],
        "update_revision": None,
        "sku": 406,
    },
    "computer": {"role": 5, "registered": "TestServer01"},
    "hyperv_role": {"service_state": "Stopped", "service_start": "Disabled"},
    "cluster": {"feature": True, "service_state": "Stopped", "service_start": "Auto"},
    "pending_restart": {"servicing": True, "updates": False, "renames": True},
    "secure_channel": {"works": False},
    "credential_guard": {"running": True, "services_running": [1, 2, 7]},
    "local_groups": {"S-1-5-32-544": ["S-1-5-21-1-2-3-500", "S-1-5-18"], "S-1-5-32-578": [], "S-1-5-32-580": []},
    "sessions": [
        {
            "id": "999",
            "type": 0,
            "package": "Negotiate",
            "sid": "S-1-5-18",
            "account": "NT AUTHORITY\\SYSTEM",
            "since": "2026-11-14T08:00:00Z",
        },
        {"id": "4711", "type": 2, "package": "CredSSP", "sid": "S-1-5-21-1-2-3-1104", "account": "CONTOSO\\hv-operator", "since": None},
        {"id": "4712", "type": 10, "package": "", "sid": None, "account": "", "since": "2026-10-25T00:30:00Z"},
    ],
    "migration": {"authentication": 0, "performance_option": 2, "maximum_migrations": 0, "any_network": True},
    "migration_networks": [
        {"subnet": "fd00:10::/64", "priority": 1},
        {"subnet": "192.168.10.0/24", "priority": None},
    ],
    "migration_listener": {"addresses": [], "active_migrations": 3, "active_storage_migrations": 1},
    "vms": [
        {
            "id": VM,
            "name": "LMTest",
            "state": 3,
            "operational_status": [2, 40000],
            "generation": 1,
            "uptime_s": 0,
            "clustered": True,
            "memory_assigned_bytes": 0,
            "configuration_path": "\\\\FS01\\vms",
            "checkpoint_path": "C:\\ClusterStorage\\v 1",
            "paging_path": "D:\\",
            "version": "11.0",
            "disks": [
                {"path": "Disk 3", "pass_through": True, "shared": None},
                {"path": "D:\\s.vhds", "pass_through": False, "shared": True},
                {"path": None, "pass_through": False, "shared": False},
            ],
            "adapters": [{"name": "N", "switch": "", "mac": "000000000000"}, {"name": "M", "switch": "LAN", "mac": "00155D0A0B0C"}],
            "drives": [
                {"floppy": False, "kind": 2, "path": "E:"},
                {"floppy": False, "kind": 1, "path": "\\\\fs01\\iso\\a | 'b'.iso"},
                {"floppy": True, "kind": 1, "path": "D:\\a.vfd"},
            ],
            "replication_state": 8,
            "replication_mode": 2,
            "sans": ["Fabric | 'A'", ""],
        },
        {
            "id": OTHER_VM,
            "name": "lmtest ' \u2018\u00df",
            "state": 9,
            "operational_status": [32775],
            "generation": 2,
            "uptime_s": 90_061,
            "clustered": False,
            "memory_assigned_bytes": 1 << 40,
            "configuration_path": "D:\\a",
            "checkpoint_path": "D:\\b",
            "paging_path": "D:\\c",
            "version": "8.0",
            "disks": [{"path": "D:\\VMs\\LMTest\\LMTest.vhdx", "pass_through": False, "shared": False}],
            "adapters": [],
            "drives": [],
            "replication_state": 0,
            "replication_mode": 0,
            "sans": [],
        },
    ],
    "virtual_disks": {
        "D:\\s.vhds": {"file_bytes": 4096, "size_bytes": 1 << 40, "parent": "e:\\a [1] | 'b'\u2018.avhdx", "type": 4},
        "e:\\a [1] | 'b'\u2018.avhdx": {"file_bytes": 0, "size_bytes": 1 << 46, "parent": "\\\\fs01\\vms\\base.vhdx", "type": 4},
        "D:\\VMs\\LMTest\\LMTest.vhdx": None,
    },
    "volumes": [
        {"path": "C:\\Mount [1]\\", "drive": 3, "capacity_bytes": 1 << 50, "free_bytes": 0},
        {"path": "\\\\?\\Volume{11111111-2222-3333-4444-555555555555}\\", "drive": 5, "capacity_bytes": None, "free_bytes": None},
    ],
    "planned_machines": {VM.upper(): "LMTest ' \u2018\u00df", OTHER_VM: ""},
    "checkpoints": {VM: 50, OTHER_VM: 1},
    "assigned_devices": {VM: 2, OTHER_VM: 1},
    "gpu_partitions": {VM: {"count": 2, "outgoing": False}, OTHER_VM: {"count": 1, "outgoing": None}},
    "vm_security": {VM: {"tpm": True, "shielded": True, "encrypted": True, "key_drive": False}},
    "guardian_certificates": {"A" * 40: True, "B" * 40: False},
    "guardian_service": {"guarded": True, "keys": "http://hgs.contoso.test/KeyProtection"},
    "switches": [{"id": VM, "name": "Privat", "type": 0, "allow_management_os": False}],
    "addresses": [{"address": "169.254.7.7", "prefix_length": 16, "interface_index": 4, "state": 3, "skip_as_source": True}],
    "dynamic_ports": {"start": 10000, "count": 55535},
    "smb_interfaces": [{"interface_index": 4, "rdma": True}, {"interface_index": 5, "rdma": False}],
    "smb_multichannel": {"client": False, "server": True},
    "ip_interfaces": [{"interface_index": 4, "family": 23, "metric": 4294967295}],
    "routes": [{"prefix": "0.0.0.0/0", "next_hop": "10.0.0.254", "interface_index": 4, "metric": 0}],
    "adapters": [{"name": "LAN & more", "interface_index": 4, "mac": "00155D0A0B0D", "virtual": True}],
    "host_virtual_adapters": [],
    "firewall": [],
}


def test_whatever_a_scenario_says_of_a_host_an_engine_reads(engine: Engine) -> None:
    """Whatever the collector's script reads can be said, as unusual as it may be."""
    ready = scenario.load("ready")
    unusual = replace(
        ready, hosts=ready.hosts | {"TestServer01": replace(ready.hosts["TestServer01"], windows="2025", vms=(), facts=UNUSUAL)}
    )
    host = Host(unusual, "TestServer01", Sids(unusual), NOW)
    assert differing(engine, host) == {}
    facts, _ = read_both_ways(engine, host)
    assert {name for name in HOST_FACTS if not isinstance(getattr(facts, name), Known)} == set()


def test_a_name_with_hundreds_of_addresses_sends_no_host_scanning(engine: Engine) -> None:
    described = SCENARIOS["ready"]
    whole = world(Host(described, "TestServer01", Sids(described), NOW))
    answered = [f"192.0.2.{number}" for number in range(1, 201)]
    whole["names"] = {"testserver02.contoso.test": answered}
    asked = Partner("testserver02", ("testserver02.contoso.test",), ("192.168.10.2", "198.51.100.7"), (6600, 445, 5985))
    ran = engine.run(whole, script(("partners",)), {"Request": for_facts((asked,), ("partners",)).encoded()})
    (partner,) = known(read(ran.output, "TestServer01", NOW)[0].partners)
    tried = list(dict.fromkeys(port.address for port in partner.ports))
    assert tried == ["192.168.10.2", "198.51.100.7", *answered[: MOST_ADDRESSES - 2]]
    assert list(partner.names[0].addresses) == answered, "what it was answered is told whole"


def test_what_lies_somewhere_is_told_place_by_place_with_what_hinders(engine: Engine) -> None:
    described = SCENARIOS["ready"]
    whole = world(Host(described, "TestServer01", Sids(described), NOW))
    denied, too_long, folder = (code - (1 << 32) for code in (0x80070005, 0x800700CE, 0x80070003))
    there = {
        "D:\\a [1] 'b' ` $env.vhdx": 0x20,
        "D:\\folder": 0x10,
        "D:\\secret": denied,
        f"D:\\{'x' * 240}": too_long,
        "E:\\x": folder,
        "D:\\\u6e2c\u8a66\U0001f5a5.vhdx": 0x2020,
    }
    whole["files"] = there
    asked = (*there, "D:\\nothing.vhdx", "\\\\fabrikam.example\\share\\x", "D:x", "//fabrikam.example/x")
    ran = engine.run(whole, script(("destination_files",)), {"Request": for_facts((), ("destination_files",), files=asked).encoded()})
    told = known(read(ran.output, "TestServer01", NOW)[0].destination_files)
    assert told == there | {"D:\\nothing.vhdx": 0x80070002 - (1 << 32)}, "what is no path of a drive is not looked at"


def known(fact: Fact[Any]) -> Any:
    assert isinstance(fact, Known)
    return fact.value
