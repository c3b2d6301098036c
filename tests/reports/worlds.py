"""Results of real checks over many worlds, so that reports are seen with most of what checks can say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace

from checks.check import Check, Evidence
from checks.facts.directory import AccessEntry, ServiceName, TrustDirection
from checks.facts.fact import Known, Reason
from checks.facts.guarding import GuardianService, VmSecurity
from checks.facts.hardware import GpuPartitions, Volume
from checks.facts.host import HOST_FACTS
from checks.facts.machines import Disk, MediaDrive, VirtualDisk
from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import PartnerAnswer, PortAnswer, Route, ServerAddresses, ServiceAnswer, SmbInterface
from checks.facts.people import LogonSession
from checks.facts.system import Cluster
from checks.plan import LaunchPoint, Window
from checks.registry import all_checks
from checks.result import FindingRecord, Result, Tool
from checks.second_opinion import CompareReport, Incompatibility
from tests.checks.access.test_delegation_administrator import DOMAIN_ADMINS, holding, named
from tests.checks.delegation.test_stale_entries import listing
from tests.checks.domain.realms import A_CON, B_FAB, CON, FAB, TAIL, half, routes, trusts, two_way, without_controllers
from tests.checks.domain.realms import world as domains
from tests.facts.network import found
from tests.world import (
    AT,
    CONTOSO,
    IN_CONTOSO,
    IN_FABRIKAM,
    MIGRATION_SERVICE,
    OPERATOR,
    TestWorld,
    account,
    across_domains,
    good,
    known,
    services,
    vm,
)

HOSTS = ("testserver01", "testserver02")
PART = 80
DISK, BASE, OTHER = "D:\\VMs\\LMTest\\disk0.vhdx", "D:\\Base\\a.vhdx", "22222222-2222-3333-4444-555555555555"
CREDSSP = MigrationAuthentication.CREDSSP
SOURCE, TARGET = (f"hosts.{name}" for name in HOSTS)
TRUSTS = f"{IN_CONTOSO}.trusts"


def no_go() -> Result:
    """Some checks, whichever there are by now, that pass, fail, are skipped and do not know."""
    chosen = (
        "access.hyperv_administrator",
        "authentication.return_session",
        "delegation.cifs",
        "delegation.protocol",
        "delegation.specified_services_only",
        "migration.enabled",
        "migration.slots",
        "network.isolated",
        "network.port_6600",
        "vm.running",
        "vm.version",
    )
    world = (
        good()
        .account("testserver01", delegate_to=account("TestServer01", 1, "TestServer02").delegate_to[:2], user_account_control=0x1000)
        .set(f"{SOURCE}.migration.any_network", True)
        .set(f"{SOURCE}.vms.0.state", 3)
        .miss(f"{TARGET}.firewall")
        .miss(f"{TARGET}.supported_versions", Reason.TIMED_OUT)
    )
    checks = tuple(replace(check, depends_on=()) for check in all_checks() if check.id in chosen)
    return replace(world.result(checks), tool=Tool("hvpreflight", "1.2.3", "0123456789ab"))


@cache
def everything() -> tuple[Result, ...]:
    """What all checks say over every world, each finding once, as a few results."""
    found: dict[tuple[str, str, tuple[Evidence, ...]], FindingRecord] = {}
    first, *more = results()
    for finding in (finding for result in (first, *more) for finding in result.findings):
        found.setdefault((finding.check, finding.message.text, finding.evidence), finding)
    findings = tuple(found.values())
    return tuple(replace(first, findings=findings[start : start + PART]) for start in range(0, len(findings), PART))


def results() -> Iterator[Result]:
    """All checks, without their dependencies, over every world."""
    checks = tuple(replace(check, depends_on=()) for check in all_checks())
    yield from (result for _, result in judged())
    yield good().result(left_out=frozenset({"vm.running"}))
    yield good().miss("hosts.testserver01.hyperv_role").set("hosts.testserver02.computer.joined", False).result()
    yield good().result((_crashing(checks[0]),))
    yield without_dot().result(tuple(check for check in checks if check.id == "domain.locator"))
    yield from _compared()


def without_dot() -> TestWorld:
    """The name of one of the domains has no dot, under which no directory answers."""
    return domains(CON, FAB, CON, two_way(CON, FAB)).set(f"{TARGET}.computer.domain", "corp")


@cache
def judged() -> tuple[tuple[TestWorld, Result], ...]:
    """Every world, with what all checks say of it, without their dependencies."""
    checks = tuple(replace(check, depends_on=()) for check in all_checks())
    return tuple((world, world.result(checks)) for world in worlds())


def worlds() -> Iterator[TestWorld]:
    base = good()
    yield base
    yield across_domains()
    yield base.with_return()
    yield from (base.move(launch=launch) for launch in LaunchPoint)
    yield from (base.set(f"{host}.os.build", 9600).move(launch=LaunchPoint.CONSOLE) for host in (SOURCE, TARGET))
    yield from (base.set(f"{SOURCE}.migration.authentication", CREDSSP).move(launch=launch).with_return() for launch in LaunchPoint)
    for number, fact in enumerate(HOST_FACTS):
        reason = tuple(Reason)[number % len(Reason)]
        yield base.miss(f"{SOURCE}.{fact}", reason).miss(f"{TARGET}.{fact}", reason)
    yield from map(_changed, _CHANGES)
    yield from _accounts()
    yield from _trusts()
    yield from _realms()
    yield from _controllers()
    yield from _plans()
    yield from _names()
    yield from _administrators()
    yield from _lists()


_CHANGES: tuple[dict[str, Any], ...] = (
    {f"{SOURCE}.hyperv_role.feature": False, f"{TARGET}.hyperv_role.service_state": None},
    {f"{SOURCE}.hyperv_role.service_state": "Stopped", f"{TARGET}.hyperv_role.namespace": False},
    {f"{SOURCE}.cluster": Cluster(True, "Running", "Auto"), f"{TARGET}.cluster": Cluster(True, "Stopped", "Disabled")},
    {f"{SOURCE}.cluster": Cluster(True, "Running", "Auto"), f"{SOURCE}.vms.0.clustered": True},
    {f"{SOURCE}.pending_restart.updates": True, f"{TARGET}.pending_restart.renames": True},
    {f"{SOURCE}.os.update_revision": 7159},
    {f"{SOURCE}.dynamic_ports.start": 10000},
    *(
        {f"{each}.migration.performance_option": PerformanceOption.SMB for each in (SOURCE, TARGET)} | its
        for its in (
            {f"{SOURCE}.smb_interfaces.1.rdma": True},
            {f"{TARGET}.smb_interfaces.1.rdma": True},
            {f"{each}.smb_interfaces.1.rdma": True for each in (SOURCE, TARGET)},
            {f"{SOURCE}.smb_interfaces": (SmbInterface(5, False),)},
            {f"{SOURCE}.smb_multichannel.client": False, f"{TARGET}.smb_multichannel.server": False},
            {f"{SOURCE}.addresses": ()},
            {
                f"{SOURCE}.smb_interfaces.1.rdma": True,
                f"{TARGET}.smb_interfaces.0.rdma": True,
                f"{TARGET}.migration_networks": (MigrationNetwork("192.168.10.0/24", 0), MigrationNetwork("10.0.0.0/24", 0)),
            },
        )
    ),
    *(
        {
            f"{SOURCE}.migration.performance_option": PerformanceOption.SMB,
            f"{TARGET}.migration.performance_option": PerformanceOption.SMB,
            f"{SOURCE}.os.build": 17763,
            f"{SOURCE}.computer.registered": name,
        }
        for name in ("TestServer01", "TESTSERVER01", None)
    ),
    {f"{SOURCE}.computer.joined": False, f"{TARGET}.computer.role": 5},
    {f"{SOURCE}.local_groups": {"S-1-5-32-544": (), "S-1-5-32-578": ()}, f"{TARGET}.local_groups": {}},
    {f"{SOURCE}.migration.authentication": CREDSSP, f"{SOURCE}.credential_guard.running": True},
    {f"{SOURCE}.migration.authentication": CREDSSP, f"{TARGET}.migration.authentication": CREDSSP, f"{SOURCE}.sessions": ()},
    {
        f"{SOURCE}.migration.enabled": False,
        f"{SOURCE}.migration.performance_option": PerformanceOption(2),
        f"{TARGET}.migration.performance_option": None,
    },
    {f"{SOURCE}.migration.performance_option": PerformanceOption(0), f"{TARGET}.migration.performance_option": PerformanceOption(1)},
    {f"{SOURCE}.migration.maximum_migrations": 0, f"{TARGET}.migration.maximum_storage_migrations": 0},
    {f"{SOURCE}.migration.any_network": True, f"{TARGET}.migration_networks": ()},
    {f"{SOURCE}.migration_networks": (MigrationNetwork("nowhere", 0),), f"{TARGET}.migration_networks.0.subnet": "172.16.0.0/24"},
    {f"{SOURCE}.migration_networks.0.subnet": "10.0.0.0/24", f"{TARGET}.migration_networks.0.subnet": "192.168.10.9"},
    {f"{SOURCE}.routes": (Route("0.0.0.0/0", "192.168.10.254", 7, 1),), f"{SOURCE}.addresses.0.address": "10.9.0.1"},
    {f"{SOURCE}.addresses": (), f"{SOURCE}.routes": ()},
    {f"{TARGET}.migration_listener.addresses": ()},
    {f"{TARGET}.migration_listener.addresses": ("192.168.10.9",)},
    {f"{SOURCE}.partners.0.names.0.addresses": ("10.9.9.9",), f"{TARGET}.partners.0.names.1.addresses": ("10.0.0.1", "10.9.9.9")},
    {f"{SOURCE}.partners.0.names.0.addresses": (), f"{SOURCE}.partners.0.names.0.code": 11001},
    {f"{SOURCE}.partners.0.names.0.addresses": ("192.168.10.2",)},
    {f"{SOURCE}.partners": (PartnerAnswer("testserver02", (), ()),)},
    *(
        {f"{SOURCE}.partners.0.ports": (PortAnswer("192.168.10.2", 6600, False, code),), f"{TARGET}.firewall.0.data": data}
        for code, data in (
            (10060, "Action=Block|Active=TRUE|Dir=In|LPort=6600|"),
            (10061, "Action=Allow|Active=FALSE|Dir=In|"),
            (10065, ""),
        )
    ),
    *(
        {f"{SOURCE}.partners.0.ports.2": PortAnswer("10.0.0.2", port, False, code)}
        for port, code in ((5985, 10060), (5986, 10060), (5985, 10061))
    ),
    *({f"{SOURCE}.vms.0.state": state} for state in (3, 6, 4, 99)),
    *({f"{SOURCE}.vms.0.disks": (disk,)} for disk in (Disk("Disk 3", True, None), Disk("D:\\a.vhds", False, True))),
    *(
        {f"{SOURCE}.virtual_disks": files}
        for files in (
            {DISK: VirtualDisk(1, 1, BASE, 4), BASE: VirtualDisk(1, 1, None, 3)},
            {DISK: VirtualDisk(1, 1, DISK, 4)},
            {DISK: VirtualDisk(1, 1, BASE, 4), BASE: None},
            {DISK: VirtualDisk(1, 1, "X:\\base.vhdx", 4)},
            {DISK: VirtualDisk(1, 1, None, 4)},
            {DISK: VirtualDisk(1, 1, None)},
        )
    ),
    {f"{SOURCE}.vms.0.disks": (Disk("X:\\a.vhdx", False, False),)},
    {f"{SOURCE}.vms.0.disks": (Disk("\\\\fs01\\vms\\a.vhdx", False, False),)},
    *({f"{SOURCE}.vms": (vm(), vm("APP01", id=OTHER, disks=disks))} for disks in ((Disk(DISK, False, False),), None)),
    *(
        {f"{SOURCE}.vms.0.drives": (drive,)}
        for drive in (
            MediaDrive(False, 1, "D:\\a.iso"),
            MediaDrive(True, 1, "\\\\fs01\\iso\\a.vfd"),
            MediaDrive(False, 2, "E:"),
            MediaDrive(False, None, None),
        )
    ),
    {f"{SOURCE}.assigned_devices": {vm().id: 2}},
    *(
        {f"{SOURCE}.gpu_partitions": {vm().id: GpuPartitions(1, outgoing)}, f"{SOURCE}.os.build": build, f"{TARGET}.os.build": build}
        for outgoing, build in ((None, 20348), (False, 26100), (True, 26100))
    ),
    *({f"{SOURCE}.vms.0.sans": sans} for sans in (("SAN | 1",), ("",), None)),
    {f"{SOURCE}.vms.0.disks": (Disk("P:\\a.vhdpmem", False, False),)},
    {f"{SOURCE}.vm_security": {}},
    {f"{SOURCE}.vm_security": {}, f"{SOURCE}.vms.0.version": "5.0"},
    *(
        {
            f"{SOURCE}.vm_security": {vm().id: VmSecurity(True, False, False, False)},
            f"{SOURCE}.guardian_certificates": dict.fromkeys(here, True),
            f"{TARGET}.guardian_certificates": dict.fromkeys(there, True),
        }
        for here, there in (("", ""), ("A", ""), ("A", "A"), ("AB", "A"))
    ),
    *(
        {
            f"{SOURCE}.vm_security": {vm().id: VmSecurity(True, True, True, True)},
            f"{SOURCE}.guardian_service": GuardianService(True, here),
            f"{TARGET}.guardian_service": GuardianService(guarded, there),
        }
        for here, there, guarded in (
            ("http://a", "", False),
            ("http://a", "http://b", True),
            ("http://a", "http://a", False),
            ("http://a", "http://a", True),
        )
    ),
    *(
        {f"{SOURCE}.vms.0.replication_mode": mode, f"{SOURCE}.vms.0.replication_state": state}
        for mode, state in ((1, 4), (2, 4), (3, 0), (4, 4), (1, 9), (None, None))
    ),
    *({f"{SOURCE}.vms.0.operational_status": status} for status in ((2, 32776), (3,), ())),
    {f"{SOURCE}.vms": ()},
    {f"{SOURCE}.vms": (vm(), vm(id="22222222-2222-3333-4444-555555555555"))},
    *({f"{SOURCE}.vms.0.version": version} for version in ("5.0", "9.0", "7.5", "4.0")),
    *(
        {f"{SOURCE}.os.build": here, f"{TARGET}.os.build": there, f"{TARGET}.supported_versions": versions}
        for here, there, versions in (
            (9200, 9200, ("4.0",)),
            (9200, 9600, ("5.0",)),
            (9600, 9200, ("4.0",)),
            (9200, 14393, ("5.0", "8.0")),
            (7601, 14393, ("5.0",)),
            (9600, 20348, ("8.0", "10.0")),
            (17763, 20000, ("8.0", "9.0")),
        )
    ),
)


def _changed(changes: dict[str, Any]) -> TestWorld:
    world = good()
    for path, value in changes.items():
        world = world.set(path, value)
    return world


def _names() -> Iterator[TestWorld]:
    """The target as the plan should not call it."""
    by_address = good().called("testserver02", "10.0.0.2")
    yield by_address
    yield by_address.set(f"{SOURCE}.migration.authentication", CREDSSP)
    left = services("TestServer02", MIGRATION_SERVICE)
    rows = tuple(ServiceName(name, "contoso.test", "CN=TESTSERVER02,CN=Computers,DC=contoso,DC=test", f"{CONTOSO}-2002") for name in left)
    yield good().account("testserver02", service_principal_names=left).set(f"{IN_CONTOSO}.service_names", rows)
    yield good().set(f"{TARGET}.volumes", (Volume("C:\\", 3, 128 << 30, 80 << 30), Volume("D:\\", 3, 128 << 30, 1 << 20)))
    yield good().set(f"{TARGET}.volumes", (Volume("C:\\", 3, 128 << 30, 80 << 30),))
    yield by_address.account("10.0.0.2", service_principal_names=("Microsoft Virtual System Migration Service/10.0.0.2",))


def _accounts() -> Iterator[TestWorld]:
    base, full = good(), account("TestServer01", 1, "TestServer02").delegate_to
    for delegate_to, control in (((), 0x1000), (full[:1], 0x1000), (full[1:2], 0x1000), (full, 0x1000), (full, 0x81000), (full, 0x82000)):
        changed = base.account("testserver01", delegate_to=delegate_to, user_account_control=control)
        yield from (changed.move(launch=launch) for launch in LaunchPoint)
    yield base.account("testserver01", dns_host_name="").account("testserver02", dns_host_name="")
    yield base.set(f"{SOURCE}.os.build", 9600).account("testserver01", user_account_control=0x1000).move(launch=LaunchPoint.POWERSHELL)
    yield base.set(f"{SOURCE}.os.build", 9600)
    older = account("TestServer01", 1, "TestServer02", delegate_to=(), user_account_control=0x1000, delegation_version=1)
    yield _views(base, "dc02.contoso.test", known(older))
    elsewhere = account("TestServer01", 1, "TestServer02", sids=(f"{CONTOSO}-2001", f"{CONTOSO}-515", f"{CONTOSO}-1500"))
    yield _views(base, "dc02.contoso.test", known(elsewhere))
    yield base.account("testserver01", resource_based=(AccessEntry(True, 0xF01FF, "S-1-5-11"),))
    yield base.account("testserver01", delegate_to=()).account("testserver02", resource_based=(AccessEntry(True, 0xF01FF, "S-1-5-32-545"),))
    yield base.miss("accounts.testserver01.views.dc01·contoso·test")
    operator = "operators.contoso\\hv-operator"
    yield base.set(f"{operator}.account.user_account_control", 0x100200)
    protected = base.set(f"{operator}.account.sids", (OPERATOR, f"{OPERATOR.rpartition('-')[0]}-525"))
    yield protected
    session = LogonSession("1", 10, "Kerberos", OPERATOR, "CONTOSO\\hv-operator", AT)
    credssp = protected.set(f"{SOURCE}.migration.authentication", CREDSSP).set(f"{TARGET}.migration.authentication", CREDSSP)
    yield credssp.set(f"{SOURCE}.sessions", (session,)).set(f"{TARGET}.sessions", (session,)).move(launch=LaunchPoint.RDP)
    yield base.miss(f"{operator}.account").miss(f"{operator}.local.contoso·test")


def _views(world: TestWorld, controller: str, fact: Known[Any]) -> TestWorld:
    facts = world.snapshot.accounts["testserver01"]
    accounts = world.snapshot.accounts | {"testserver01": replace(facts, views=facts.views | {controller: fact})}
    return TestWorld(world.plan, replace(world.snapshot, accounts=accounts))


def _administrators() -> Iterator[TestWorld]:
    """Who is named to change delegation, of both domains, of one, of none, perhaps, and for nothing."""
    base = across_domains()
    yield named(base, DOMAIN_ADMINS, there=(holding(DOMAIN_ADMINS),))
    yield named(base, DOMAIN_ADMINS)
    yield named(base, history=None)
    yield named(good()).set(f"{SOURCE}.migration.authentication", CREDSSP)


def _lists() -> Iterator[TestWorld]:
    """Delegation lists with entries of hosts that are gone or may be, and for other services."""
    gone, other, untold = "cifs/OldServer", "HTTP/TestServer02", "cifs/oldserver.elsewhere.test"
    yield from (listing(*entries) for entries in ((gone,), (other,), (gone, other, untold), (untold,)))
    yield listing(gone).set(f"{IN_CONTOSO}.forest", {"contoso": "contoso.test", "eu": "eu.contoso.test"})
    yield good().account("testserver01", delegate_to=())


def _trusts() -> Iterator[TestWorld]:
    base = across_domains()
    for attributes, kind, direction in ((8, 2, 1), (8, 2, 0), (8, 1, 3), (8, 3, 3), (24, 2, 3), (12, 2, 3), (0, 2, 3)):
        changed = base.set(f"{TRUSTS}.0.attributes", attributes).set(f"{TRUSTS}.0.type", kind)
        yield changed.set(f"{TRUSTS}.0.direction", TrustDirection(direction))
    yield base.set(TRUSTS, ())
    yield base.set(TRUSTS, ()).set(f"{IN_FABRIKAM}.trusts", ())
    yield base.set(f"{IN_CONTOSO}.domain.forest", "root.test")
    yield base.set(f"{IN_CONTOSO}.domain.controller_level", 4)
    for name in HOSTS:
        base = base.account(name, resource_based=())
    yield from (base.move(launch=launch) for launch in LaunchPoint)
    yield base.move(launch=LaunchPoint.CONSOLE).with_return()


def _realms() -> Iterator[TestWorld]:
    """An operator of another forest than the hosts, a child domain, and a trust with selective authentication."""
    below = {(CON, FAB): half(FAB, routes=routes(FAB, B_FAB)), (FAB, CON): half(CON, routes=routes(CON, A_CON))}
    dropped = below | {(CON, FAB): half(FAB, routes=routes(FAB, B_FAB, flags=1)), (FAB, CON): half(CON, attributes=0xC)}
    unrouted = below | {(CON, FAB): half(FAB, routes=routes(TAIL)), (FAB, CON): half(CON, sid="S-1-5-21-9-9-9")}
    for held in ({}, two_way(CON, FAB), two_way(CON, FAB, 0x40A), two_way(CON, FAB, 0), trusts(CON, FAB), below, dropped, unrouted):
        yield from (domains(CON, CON, operator, held) for operator in (FAB, B_FAB))
    yield from (domains(CON, CON, FAB, trusts(CON, FAB), launch=launch) for launch in LaunchPoint)
    yield domains(CON, FAB, TAIL, two_way(CON, FAB) | two_way(FAB, TAIL))
    yield domains(CON, CON, FAB, two_way(CON, FAB)).move(operator="TESTSERVER01\\admin")
    for attributes in (0, 4):
        yield domains(CON, FAB, A_CON, two_way(CON, FAB, 0) | {(FAB, CON): half(CON, attributes=attributes)})
    yield domains(CON, A_CON, CON, {(CON, A_CON): half(A_CON, attributes=0x24)})
    selective = two_way(CON, FAB) | {(FAB, CON): half(CON, attributes=0x18)}
    for sid in (OPERATOR, "S-1-5-32-544"):
        rights = (AccessEntry(True, 0x100, sid), AccessEntry(False, 0x100, "S-1-5-18"))
        yield domains(CON, FAB, CON, selective).account("testserver02", may_authenticate=rights)
    yield domains(CON, FAB, CON, selective)
    yield domains(CON, CON, FAB, selective)


def _controllers() -> Iterator[TestWorld]:
    """Hosts that find no domain controllers of their own domain, of the other's, of one between, or only some of the records."""
    pair, children = domains(CON, FAB, CON, two_way(CON, FAB)), domains(A_CON, B_FAB, A_CON, two_way(CON, FAB))
    for code in (9003, 9501, 0, 9002):
        yield without_controllers(pair, SOURCE, FAB, ServiceAnswer((), code))
    gone = ServiceAnswer((), 9003)
    yield without_controllers(pair, TARGET, CON, gone)
    yield without_controllers(pair.set(f"{SOURCE}.locators", ()), SOURCE, CON, gone)
    yield without_controllers(pair.set(f"{SOURCE}.locators", ()).set(f"{SOURCE}.secure_channel.works", False), SOURCE, CON, gone)
    yield without_controllers(children.set(f"{SOURCE}.locators", ()), SOURCE, FAB, gone)
    yield without_controllers(pair, SOURCE, FAB, gone, kerberos=found(FAB).kerberos)
    for names in ((ServerAddresses("dc01.fabrikam.test", (), 11001),), ()):
        yield without_controllers(pair, SOURCE, FAB, found(FAB).ldap, names=names)
    yield pair.set(f"{SOURCE}.controller_records", (found(CON),))


def _plans() -> Iterator[TestWorld]:
    base = good()
    (move,) = base.plan.moves
    for moves in (
        (),
        (move, move, replace(move, target="TestServer01")),
        (move, replace(move, target="TestServer09", vm="*")),
        (replace(move, operator="nobody"), replace(move, vm="DB01"), replace(move, vm="DB02")),
        (replace(move, include_storage=False), replace(move, storage_only=True, vm="DB01")),
        tuple(replace(move, vm=f"VM{number}") for number in range(6)),
    ):
        yield base.with_plan(moves=moves)
    begin = base.snapshot.collected.start
    elsewhere = (move, replace(move, storage_only=True, vm="DB01", destination_path="E:\\VMs"))
    for moves, seconds in (((move,), 36), ((move,), 37), (elsewhere, 36)):
        window = Window(begin, begin + timedelta(seconds=seconds))
        yield base.with_plan(moves=moves, change=replace(base.plan.change, window=window))


def _compared() -> Iterator[Result]:
    """What Compare-VM lists of the move, of any, of none, and nothing."""
    nothing = CompareReport("compare-vm-1.txt", "LMTest", None, "TestServer02")
    listed = replace(
        nothing, incompatibilities=tuple(Incompatibility(id, "Der Ethernet-Switch fehlt") for id in (33012, 40010, 33333, None))
    )
    elsewhere = replace(nothing, vm=None, destination="TestServer09")
    base = good()
    (move,) = base.plan.moves
    yield base.result(reports=(nothing,))
    yield base.result(reports=(listed, elsewhere))
    yield base.result(reports=(elsewhere,))
    yield base.result(reports=(replace(elsewhere, vm="Other", destination=None),))
    yield base.set(f"{TARGET}.switches", ()).result(reports=(nothing, listed))
    yield base.miss(f"{TARGET}.switches").result(reports=(listed,))
    yield base.with_plan(moves=(move, replace(move, vm="Other"))).result(
        reports=(replace(listed, vm=None, incompatibilities=listed.incompatibilities[3:]),)
    )


def _crashing(check: Check) -> Check:
    def crash(_: Any) -> Any:
        raise ZeroDivisionError("nichts")

    return replace(check, function=crash)
