"""A Hyper-V host of a scenario: the facts that a visit reads from it, in the published types.

Each method is one section of the visit and has its name; each returns the type that stands in `checks.facts.HostFacts`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv4Interface, IPv6Address

from msgspec import Struct

from checks.facts import (
    HOST_FACTS,
    LOG_FACTS,
    Adapter,
    Address,
    Computer,
    CredentialGuard,
    Disk,
    DomainRole,
    EventRecord,
    FirewallRule,
    HostVirtualAdapter,
    HyperVRole,
    Locator,
    LogonSession,
    MigrationListener,
    MigrationNetwork,
    MigrationSettings,
    NameAnswer,
    OperatingSystem,
    PartnerAnswer,
    PerformanceOption,
    PortAnswer,
    Route,
    Switch,
    SwitchType,
    TrustDirection,
    VirtualAdapter,
    VirtualMachine,
)
from lab import events
from lab.scenario import EventSpec, HostSpec, Scenario, ScenarioError, VmSpec
from lab.sids import Sids
from lab.windows import LANGUAGES, VERSIONS

MIGRATION_PORT = 6600
_SERVICES = frozenset((135, 445, 5985, MIGRATION_PORT))
_TIMED_OUT, _REFUSED, _HOST_NOT_FOUND = 10060, 10061, 11001

_ADMINISTRATORS = "S-1-5-32-544"
_HYPERV_ADMINISTRATORS = "S-1-5-32-578"
_REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
_LOCAL_SYSTEM = "S-1-5-18"

_LOOPBACK, _MIGRATION_ADAPTER, _PHYSICAL_ADAPTER, _MANAGEMENT_ADAPTER = 1, 8, 12, 15
_METRIC = 256
_NETWORK_LOGON = 3
_RUNNING = 2
_FAILURES, _TELLING = (1, 2, 3), (1106, 20415)
_GIB = 1 << 30
_NAMESPACE = uuid.UUID("6f0d1d0e-3c3b-4f0a-9a55-9a0f5a5f6f60")


class AskedPartner(Struct, frozen=True, forbid_unknown_fields=True):
    """What a visit asks a host about one partner: which names it resolves, and what it reaches. `ports` are tried at the addresses
    that the names resolve to, the migration port also at those of `addresses`. Where no full name is asked, a member of a domain
    adds the names as they would be in its own domain."""

    partner: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class AskedEvents(Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries of its logs a host is asked for: not older than `days`, the `most` newest."""

    days: int
    most: int


class Host:
    """One host of a scenario. `now` is the time its answers count from. Raises ScenarioError when its description is wrong."""

    def __init__(self, scenario: Scenario, name: str, sids: Sids, now: datetime) -> None:
        self.scenario = scenario
        self.name = name
        self.spec: HostSpec = scenario.hosts[name]
        self.now = now.replace(microsecond=0)
        self._sids = sids
        try:
            self.windows = VERSIONS[self.spec.windows]
            self.language = LANGUAGES[self.spec.language]
            self._management = IPv4Interface(self.spec.management)
            self._migration = IPv4Interface(self.spec.migration) if self.spec.migration else None
            self._domain = None if self.spec.workgroup else scenario.domains[self.spec.domain]
        except (KeyError, ValueError) as error:
            raise ScenarioError(f"The host {name} is described wrongly: {error}") from error
        if unknown := {*self.spec.denied, *self.spec.facts} - {*HOST_FACTS, *LOG_FACTS}:
            raise ScenarioError(f"The host {name} is described wrongly: a visit has no {', '.join(sorted(unknown))}")
        if self._domain and self.spec.controller and self.spec.controller not in self._domain.controllers:
            raise ScenarioError(f"The host {name} is described wrongly: {self.spec.domain} has no {self.spec.controller}")
        self._refuse_unknown_accounts()

    def _refuse_unknown_accounts(self) -> None:
        spec = self.spec
        named = (*spec.administrators, *spec.hyperv_administrators, *spec.remote_management_users, *spec.signed_in)
        self._accounts((*named, self.scenario.collector))

    def os(self) -> OperatingSystem:
        return OperatingSystem(
            build=self.windows.build,
            product_type=3,
            caption=f"{self.language.vendor} {self.windows.name} Datacenter",
            languages=(self.spec.language,),
            boot=self.now - timedelta(days=21, hours=4),
            update_revision=self.windows.update_revision,
        )

    def computer(self) -> Computer:
        joined = not self.spec.workgroup
        return Computer(
            name=self.name.upper(),
            dns_host_name=self.name,
            domain=self.spec.domain if joined else "WORKGROUP",
            role=DomainRole.MEMBER_SERVER if joined else DomainRole.STANDALONE_SERVER,
            joined=joined,
        )

    def hyperv_role(self) -> HyperVRole:
        if not self.spec.hyperv:
            return HyperVRole(feature=False, service_state=None, service_start=None, namespace=False)
        return HyperVRole(feature=True, service_state="Running", service_start="Auto", namespace=True)

    def migration(self) -> MigrationSettings:
        return MigrationSettings(
            enabled=self.spec.enabled,
            authentication=self.spec.authentication,
            performance_option=PerformanceOption(self.spec.performance_option) if self.windows.performance_option else None,
            maximum_migrations=self.spec.maximum_migrations,
            maximum_storage_migrations=self.spec.maximum_storage_migrations,
            any_network=self._migration is None,
        )

    def migration_networks(self) -> tuple[MigrationNetwork, ...]:
        return (MigrationNetwork(str(self._migration.network), 5000),) if self._migration else ()

    def migration_listener(self) -> MigrationListener:
        return MigrationListener(listening(self.spec), active_migrations=0, active_storage_migrations=0)

    def supported_versions(self) -> tuple[str, ...]:
        return self.windows.vm_versions

    def credential_guard(self) -> CredentialGuard:
        return CredentialGuard(self.spec.credential_guard, (1,) if self.spec.credential_guard else (0,))

    def addresses(self) -> tuple[Address, ...]:
        loopback = (Address("127.0.0.1", 8, _LOOPBACK), Address("::1", 128, _LOOPBACK))
        return loopback + tuple(
            address
            for index, its in self._interfaces()
            for address in (
                Address(str(its.ip), its.network.prefixlen, index),
                Address(f"{_link_local(index)}%{index}", 64, index),
            )
        )

    def routes(self) -> tuple[Route, ...]:
        on_link = tuple(
            route
            for index, its in self._interfaces()
            for route in (
                Route(str(its.network), "0.0.0.0", index, _METRIC),
                Route("fe80::/64", "::", index, _METRIC),
            )
        )
        if self.spec.gateway is None:
            return on_link
        return (Route("0.0.0.0/0", self.spec.gateway, self._management_index, _METRIC), *on_link)

    def adapters(self) -> tuple[Adapter, ...]:
        found = [Adapter("Ethernet", _PHYSICAL_ADAPTER, self._mac(_PHYSICAL_ADAPTER), virtual=False)]
        if self.spec.hyperv:
            mac = self._mac(_MANAGEMENT_ADAPTER)
            found.append(Adapter("vEthernet (LAN)", _MANAGEMENT_ADAPTER, mac, virtual=True))
        if self._migration:
            found.append(Adapter("Migration", _MIGRATION_ADAPTER, self._mac(_MIGRATION_ADAPTER), virtual=False))
        return tuple(found)

    def host_virtual_adapters(self) -> tuple[HostVirtualAdapter, ...]:
        return (HostVirtualAdapter("LAN", "LAN", self._mac(_MANAGEMENT_ADAPTER)),)

    def switches(self) -> tuple[Switch, ...]:
        """The switch of the management network, and one for each other name that a VM here is connected to."""
        names = dict.fromkeys(("LAN", *(vm.switch for vm in self.spec.vms if vm.switch)))
        return tuple(Switch(self._id(name), name, SwitchType.EXTERNAL, allow_management_os=name == "LAN") for name in names)

    def firewall(self) -> tuple[FirewallRule, ...]:
        if not self.spec.hyperv:
            return ()
        active = "FALSE" if MIGRATION_PORT in self.spec.closed_ports else "TRUE"
        tokens = (
            self.windows.rule,
            "Action=Allow",
            f"Active={active}",
            "Dir=In",
            "Protocol=6",
            f"LPort={MIGRATION_PORT}",
            "App=%systemroot%\\system32\\vmms.exe",
            "Svc=vmms",
            "Name=@%systemroot%\\system32\\vmms.exe,-210",
            "EmbedCtxt=@%systemroot%\\system32\\vmms.exe,-99",
        )
        return (FirewallRule("VIRT-MIGL-In-TCP-NoScope", "local", "|".join((*tokens, ""))),)

    def local_groups(self) -> dict[str, tuple[str, ...]]:
        domain_admins = (f"{self._domain.sid}-512",) if self._domain else ()
        local_administrator = f"S-1-5-21-{'-'.join(str(number) for number in self._random(3))}-500"
        groups = {
            _ADMINISTRATORS: (local_administrator, *domain_admins, *self._accounts(self.spec.administrators)),
            _REMOTE_MANAGEMENT_USERS: self._accounts(self.spec.remote_management_users),
        }
        if self.spec.hyperv:
            groups[_HYPERV_ADMINISTRATORS] = self._accounts(self.spec.hyperv_administrators)
        return groups

    def sessions(self) -> tuple[LogonSession, ...]:
        """The system's own session, the collector's network logon, who is signed in now, and what the scenario adds."""
        system = LogonSession("999", 0, "Negotiate", _LOCAL_SYSTEM, self.language.system_account, self.os().boot)
        signed_in = {self.scenario.collector: _NETWORK_LOGON} | self.spec.signed_in
        found = tuple(
            LogonSession(
                id=str(2_000_000 + 4_096 * number),
                type=logon,
                package="Kerberos",
                sid=self._sids.account(account),
                account=account,
                since=self.now - timedelta(seconds=2 if logon == _NETWORK_LOGON else 2_700),
            )
            for number, (account, logon) in enumerate(signed_in.items())
        )
        return (system, *found, *self.spec.sessions)

    def locators(self) -> tuple[Locator, ...]:
        """The host's own domain, and each domain of the forest's that its own trusts."""
        if self._domain is None:
            return ()
        trusted = [
            trust.partner for trust in self._domain.trusts if trust.direction in (TrustDirection.OUTBOUND, TrustDirection.BIDIRECTIONAL)
        ]
        return tuple(
            self._locator(domain, self.spec.controller if domain == self.spec.domain else "")
            for domain in (self.spec.domain, *trusted)
            if domain in self.scenario.domains and self.scenario.domains[domain].controllers
        )

    def vms(self) -> tuple[VirtualMachine, ...]:
        return tuple(self._vm(vm, number) for number, vm in enumerate(self.spec.vms, start=1))

    def partners(self, asked: tuple[AskedPartner, ...]) -> tuple[PartnerAnswer, ...]:
        return tuple(self._partner(partner) for partner in asked)

    def events(self, asked: AskedEvents) -> tuple[EventRecord, ...]:
        """Errors and warnings, and the two informational events that tell of moves; the newest first."""
        oldest = self.now - timedelta(days=asked.days)
        found = [
            (self.now - timedelta(minutes=spec.minutes_ago), number, spec)
            for number, spec in enumerate(self.spec.events, start=1)
            if spec.level in _FAILURES or spec.id in _TELLING
        ]
        newest = sorted((entry for entry in found if entry[0] >= oldest), key=lambda entry: entry[:2], reverse=True)[: asked.most]
        computer = full_name(self.name, self.spec)
        return tuple(
            EventRecord(spec.channel, events.xml(spec, time=time, computer=computer, vm_id=self._id_of(spec), number=number))
            for time, number, spec in newest
        )

    def _id_of(self, event: EventSpec) -> str:
        """The id of the VM that an entry names, on whichever host it is."""
        for name, spec in self.scenario.hosts.items():
            for vm in spec.vms:
                if vm.name == event.vm:
                    return vm.id or _id(name, f"vm {vm.name}")
        return _id(self.name, f"vm {event.vm}")

    def _partner(self, asked: AskedPartner) -> PartnerAnswer:
        full = any("." in name for name in asked.names) or self.spec.workgroup
        guessed = () if full else tuple(f"{name}.{self.spec.domain}" for name in asked.names)
        names = tuple(self._resolve(name) for name in (*asked.names, *guessed))
        places = [(address, port) for name in names for address in name.addresses for port in asked.ports]
        places += [(address, MIGRATION_PORT) for address in asked.addresses]
        return PartnerAnswer(asked.partner, names, tuple(self._connect(*place) for place in dict.fromkeys(places)))

    def _resolve(self, name: str) -> NameAnswer:
        wanted = name.rstrip(".").casefold()
        if wanted not in (unresolved.casefold() for unresolved in self.spec.unresolved):
            for host, spec in self.scenario.hosts.items():
                if wanted in (host.casefold(), full_name(host, spec).casefold()):
                    return NameAnswer(name, (str(IPv4Interface(spec.management).ip),), 0)
        return NameAnswer(name, (), _HOST_NOT_FOUND)

    def _connect(self, address: str, port: int) -> PortAnswer:
        code = next((_port_code(spec, address, port) for spec in self.scenario.hosts.values() if _has(spec, address)), _TIMED_OUT)
        return PortAnswer(address, port, code == 0, code)

    def _interfaces(self) -> Iterator[tuple[int, IPv4Interface]]:
        yield self._management_index, self._management
        if self._migration:
            yield _MIGRATION_ADAPTER, self._migration

    @property
    def _management_index(self) -> int:
        return _MANAGEMENT_ADAPTER if self.spec.hyperv else _PHYSICAL_ADAPTER

    def _accounts(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._sids.account(name) for name in names)

    def _locator(self, domain: str, controller: str) -> Locator:
        spec = self.scenario.domains[domain]
        return Locator(
            domain=spec.netbios,
            controller=f"{controller or next(iter(spec.controllers))}.{domain}",
            address="127.0.0.1",
            forest=spec.forest or domain,
            site="Default-First-Site-Name",
        )

    def _vm(self, spec: VmSpec, number: int) -> VirtualMachine:
        folder = f"D:\\VMs\\{spec.name}"
        running = spec.state == _RUNNING
        mac = f"00155D{self._random(1)[0] & 0xFF:02X}{number & 0xFFFF:04X}"
        return VirtualMachine(
            id=spec.id or self._id(f"vm {spec.name}"),
            name=spec.name,
            state=spec.state,
            operational_status=spec.operational_status,
            version=(spec.version or self.windows.default_vm_version) if self.windows.vm_property else None,
            generation=2 if self.windows.generations else None,
            uptime_s=86_400 * 5 if running else 0,
            clustered=spec.clustered,
            memory_assigned_bytes=4 * _GIB if running else 0,
            configuration_path=folder,
            checkpoint_path=folder,
            paging_path=folder,
            disks=spec.disks or (Disk(f"{folder}\\{spec.name}.vhdx", pass_through=False, shared=False),),
            adapters=(VirtualAdapter("Network Adapter", spec.switch, mac),),
            checkpoints=0,
        )

    def _id(self, name: str) -> str:
        return _id(self.name, name)

    def _mac(self, index: int) -> str:
        return f"00155D{self._random(1)[0] & 0xFFFF:04X}{index:02X}"

    def _random(self, count: int) -> tuple[int, ...]:
        """Numbers of 32 bits that are always the same for this host."""
        digits = uuid.uuid5(_NAMESPACE, self.name).bytes
        return tuple(int.from_bytes(digits[4 * number : 4 * number + 4], "big") for number in range(count))


def _id(host: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{host} {name}"))


def full_name(host: str, spec: HostSpec) -> str:
    """The host's full DNS name; the short one in a workgroup."""
    return host.lower() if spec.workgroup else f"{host.lower()}.{spec.domain}"


def listening(spec: HostSpec) -> tuple[str, ...]:
    """The addresses on which a host accepts migrations: those of its migration network, or all when it names none."""
    if not spec.hyperv or not spec.enabled:
        return ()
    return (str(IPv4Interface(spec.migration or spec.management).ip),)


def _link_local(index: int) -> IPv6Address:
    return IPv6Address(f"fe80::215:5dff:fe00:{index:x}")


def _has(spec: HostSpec, address: str) -> bool:
    return address in (str(IPv4Interface(text).ip) for text in (spec.management, spec.migration) if text)


def _port_code(spec: HostSpec, address: str, port: int) -> int:
    """The socket error that a partner gets at an address of this host; 0 when it is connected."""
    if port in spec.closed_ports:
        return _TIMED_OUT
    if port not in _SERVICES or (port == MIGRATION_PORT and address not in listening(spec)):
        return _REFUSED
    return 0
