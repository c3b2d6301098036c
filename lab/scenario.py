"""A scenario: one forest as a TOML file describes it, with its faults, its plan and the verdict that it promises.

The tables of the file are the types of this module; unknown keys are errors, and every key that is left out has the default that
stands here. A small one:

    title = "Nobody may do anything"
    collector = 'CONTOSO\\hv-reader'              # who collects; a user of one of the domains

    [promise]
    verdict = "NO-GO"
    outcomes = { "access.hyperv_administrator" = ["FAIL"] }

    [plan.defaults]                               # the product's own plan; the lab adds where its servers listen
    operator = 'CONTOSO\\hv-operator'
    [[plan.moves]]
    vm = "LMTest"
    source = "TestServer01"
    target = "TestServer02"

    [domains."contoso.test"]                      # DomainSpec, by DNS name
    netbios = "CONTOSO"
    sid = "S-1-5-21-1004336348-1177238915-682003330"
    controllers = { dc01 = {} }                   # ControllerSpec, by short name
    users = [{ name = "hv-operator" }, { name = "hv-reader" }]

    [hosts.TestServer01]                          # HostSpec, by short name
    windows = "2012r2"
    migration = "192.168.10.1/24"
    vms = [{ name = "LMTest" }]
    facts = { os = { update_revision = 1 } }      # said instead of what the lab makes up
    [hosts.TestServer02]
    management = "10.0.0.2/24"
    migration = "192.168.10.2/24"
    denied = ["sessions"]
    takes_s = { vms = inf }                       # seconds; this one hangs
    fault = "late"
    delay_s = 2.0

Accounts are written `NETBIOS\\name`. What the lab makes up (SIDs, ids, MAC addresses) is the same each time; times count from now,
and passwords that the file does not name hold for one process.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from checks.facts.directory import TrustDirection
from checks.facts.machines import Disk, MediaDrive
from checks.facts.migration import MigrationAuthentication
from checks.facts.people import LogonSession


class ScenarioError(Exception):
    """A scenario that does not exist or does not read."""


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Fault(StrEnum):
    """What a host or a controller can do wrong.

    REFUSES closes its port. HANGS takes connections and never answers. DROPS closes the connection and HALF goes silent in the middle
    of the answer. LATE waits `delay_s` before each answer (any server with a delay does), five seconds when there is none. RUBBISH
    answers what is no answer. DENIES takes the password and refuses the rest.
    """

    REFUSES = "refuses"
    HANGS = "hangs"
    DROPS = "drops"
    LATE = "late"
    RUBBISH = "rubbish"
    DENIES = "denies"
    HALF = "half"


class User(_Part, frozen=True):
    """`rid` is given by the position when 0. `sensitive`: cannot be delegated. `groups` are groups of the same domain by name, `history`
    the SIDs that it had in former domains (sIDHistory). An empty `password` is drawn anew in each process; a `disabled` user cannot sign
    in. `locked`, `must_change_password`, and in how many hours the account and its password expire (negative: they have; without one:
    never) are what the directory says; they keep nobody from signing in to the lab."""

    name: str
    password: str = ""
    groups: tuple[str, ...] = ()
    sensitive: bool = False
    disabled: bool = False
    rid: int = 0
    history: tuple[str, ...] = ()
    locked: bool = False
    must_change_password: bool = False
    expires_h: int | None = None
    password_expires_h: int | None = None
    services: tuple[str, ...] = ()
    """Its service principal names, also those that belong to others."""


class GroupScope(StrEnum):
    GLOBAL = "global"
    UNIVERSAL = "universal"
    LOCAL = "local"


class Group(_Part, frozen=True):
    """`members` are users or groups of the same domain by name, or `NETBIOS\\name` of another one (a foreign security
    principal). A `distribution` group is in no token. `history`: see User."""

    name: str
    scope: GroupScope = GroupScope.GLOBAL
    members: tuple[str, ...] = ()
    rid: int = 0
    distribution: bool = False
    history: tuple[str, ...] = ()


class TrustSpec(_Part, frozen=True):
    """A trust as one domain holds it. `sid` is what it remembers of its partner, empty: the SID that the partner has. A forest trust routes
    the partner's whole forest but the domains that `not_routed` names, whose SIDs it drops."""

    partner: str
    direction: TrustDirection = TrustDirection.BIDIRECTIONAL
    type: int = 2
    attributes: int = 8
    sid: str = ""
    not_routed: tuple[str, ...] = ()


class Delegation(_Part, frozen=True):
    """The delegation of a host's computer account. `to` is msDS-AllowedToDelegateTo, `any_protocol` and `any_service` are
    the bits 0x1000000 and 0x80000, `resource_based` names the hosts and groups, or SIDs, that may act on behalf of users to this one.
    It was changed `changed_h` hours ago; before any host was started where nothing is said."""

    to: tuple[str, ...] = ()
    any_protocol: bool = False
    any_service: bool = False
    resource_based: tuple[str, ...] = ()
    changed_h: float | None = None


class ControllerSpec(_Part, frozen=True):
    """One domain controller. `stale` holds what it still shows for a host, `not_yet` the groups (by name) of which it has no members yet,
    `trusts_not_yet` the partners of trusts of which it has not heard; `denied` the attributes that it does not let be read; by
    `clock_offset_s` its clock is ahead. Its Windows has the functional `level`, that of its domain when 0."""

    stale: dict[str, Delegation] = {}
    not_yet: tuple[str, ...] = ()
    trusts_not_yet: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    level: int = 0
    clock_offset_s: float = 0.0
    fault: Fault | None = None
    delay_s: float = 0.0


class DomainSpec(_Part, frozen=True):
    """A domain. Its hosts may have `dns_suffixes` besides its own name (msDS-AllowedDNSSuffixes)."""

    netbios: str
    sid: str
    controllers: dict[str, ControllerSpec]
    forest: str = ""
    level: int = 7
    dns_suffixes: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    trusts: tuple[TrustSpec, ...] = ()


class VmSpec(_Part, frozen=True):
    """A VM. An empty `id` is derived from host and name. `state` is the cmdlet's number (2 running, 3 off)."""

    name: str
    id: str = ""
    state: int = 2
    operational_status: tuple[int, ...] = (2,)
    version: str | None = None
    disks: tuple[Disk, ...] = ()
    switch: str = "LAN"
    clustered: bool = False
    compatibility: bool = False
    """Does it see only what processors of the vendor have in common."""
    drives: tuple[MediaDrive, ...] = ()
    """Without any it has an empty DVD drive."""
    replication_state: int = 0
    replication_mode: int = 0
    sans: tuple[str, ...] = ()
    assigned_devices: int = 0
    tpm: bool = False


class EventSpec(_Part, frozen=True):
    """One entry of a host's event log, `minutes_ago` before the scenario starts. `level`: 2 error, 3 warning, 4 information. `vm` is a VM
    of any host by name, `code` an HRESULT as 0x…; with `parameters` the values come without names, these between VM and code. `provider`
    wrote it: another one than Hyper-V's has its values in EventData."""

    id: int
    minutes_ago: float = 60.0
    level: int = 2
    channel: str = "Microsoft-Windows-Hyper-V-VMMS-Admin"
    provider: str = "Microsoft-Windows-Hyper-V-VMMS"
    vm: str = ""
    code: str = ""
    parameters: tuple[str, ...] | None = None


class LanguageMode(StrEnum):
    """What a session lets scripts use: all, only what WDAC or AppLocker leave, or nothing (the default of JEA)."""

    FULL = "full"
    CONSTRAINED = "constrained"
    NONE = "none"


class ShellSpec(_Part, frozen=True):
    """What is special of a host's remote shells: the session configuration by which they are opened, their language mode, the `function`
    that answers as the collector's script does where no script runs, the sections that it does not know (`unknown`), and what their
    start-up script `warns`, or `throws` so that none opens."""

    configuration: str = "Microsoft.PowerShell"
    language_mode: LanguageMode = LanguageMode.FULL
    function: str = ""
    unknown: tuple[str, ...] = ()
    warns: str = ""
    throws: str = ""
    opens_after_s: float = 0.0


class HostSpec(_Part, frozen=True):
    """A Hyper-V host. `windows` is a key of the lab's table of Windows versions (2012, 2012r2, 2016, 2019, 2022, 2025).

    `management` and `migration` are the addresses it says it has, with prefix length; without `migration` it takes migrations on any
    network. `facts` says what a section answers instead: a table replaces single fields (of every row, where the answer is a list),
    anything else the whole answer. `denied` are sections that answer "access denied", `takes_s` is how many seconds a section takes
    (`inf`: it hangs). `certificate` serves TLS instead of HTTP.
    """

    domain: str = "contoso.test"
    suffix: str = ""
    """Its primary DNS suffix; the name of its domain when empty."""
    registered: str = ""
    """The full name that the directory has for it; its own when empty."""
    aliases: tuple[str, ...] = ()
    """Full names that the directory gives its account besides its own."""
    planned: str = ""
    """What the plan calls it; its own name when empty."""
    windows: str = "2016"
    language: str = "en-US"
    workgroup: bool = False
    hyperv: bool = True
    management: str = "10.0.0.1/24"
    migration: str | None = None
    gateway: str | None = "10.0.0.254"
    enabled: bool = True
    authentication: MigrationAuthentication = MigrationAuthentication.KERBEROS
    maximum_migrations: int = 2
    maximum_storage_migrations: int = 2
    performance_option: int = 1
    administrators: tuple[str, ...] = ()
    hyperv_administrators: tuple[str, ...] = ()
    remote_management_users: tuple[str, ...] = ()
    sessions: tuple[LogonSession, ...] = ()
    signed_in: dict[str, int] = {}
    """Operators with a session now: account (NETBIOS\\name) to logon type."""
    credential_guard: bool = False
    controller: str = ""
    """The controller this host found; the domain's first one when empty."""
    migration_names: tuple[str, ...] | None = None
    """The names that its account has of the migration service (the part after the `/`), also those of others; its own when not said."""
    delegation: Delegation = field(default_factory=Delegation)
    encryption_types: int | None = 28
    """msDS-SupportedEncryptionTypes of its account, which Windows writes itself; nothing: it was never set."""
    may_authenticate: tuple[str, ...] = ()
    """Who has the right "Allowed to authenticate" on its account: accounts, groups, or hosts by their names."""
    vms: tuple[VmSpec, ...] = ()
    files: tuple[str, ...] = ()
    """What lies on its drives besides the files of its VMs, by path."""
    facts: dict[str, Any] = {}
    denied: tuple[str, ...] = ()
    takes_s: dict[str, float] = {}
    shell: ShellSpec = field(default_factory=ShellSpec)
    closed_ports: tuple[int, ...] = ()
    """Ports of this host that its partners find closed."""
    unresolved: tuple[str, ...] = ()
    """Names that this host does not resolve."""
    events: tuple[EventSpec, ...] = ()
    """What its event logs hold."""
    clock_offset_s: float = 0.0
    """By so much its clock is ahead; behind when negative."""
    fault: Fault | None = None
    delay_s: float = 0.0
    certificate: bool = False


class Crowd(_Part, frozen=True):
    """Generated hosts (hv001, hv002, …), each like `host` with addresses of its own and VMs; half of them send to the other half.
    `delay_s` is how late each answers every request."""

    hosts: int
    vms_per_host: int
    host: HostSpec = field(default_factory=HostSpec)
    delay_s: float = 0.0


class Promise(_Part, frozen=True):
    """What a run against this scenario must say: the verdict of the plan, and for each check named here outcomes that occur."""

    verdict: str
    outcomes: dict[str, tuple[str, ...]] = {}


class Scenario(_Part, frozen=True):
    """`plan` is the plan in the product's own TOML form, as data; the lab adds where its servers listen. `collector` is the
    account (NETBIOS\\name) with which the demo collects."""

    title: str
    promise: Promise
    plan: dict[str, Any]
    domains: dict[str, DomainSpec]
    hosts: dict[str, HostSpec]
    collector: str
    crowd: Crowd | None = None


def names() -> tuple[str, ...]:
    """The scenarios that come with the lab."""
    folder = resources.files("lab") / "scenarios"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def areas() -> tuple[str, ...]:
    """The scenarios that show each check of an area passing and failing, and `dark`, in which nothing answers: what they are called."""
    folder = resources.files("lab") / "scenarios" / "areas"
    return tuple(sorted(f"areas/{item.name.removesuffix('.toml')}" for item in folder.iterdir() if item.name.endswith(".toml")))


def load(name: str) -> Scenario:
    """A scenario by its name, or from a file when `name` is a path. Raises ScenarioError."""
    try:
        source = Path(name) if name.endswith(".toml") else resources.files("lab") / "scenarios" / f"{name}.toml"
        return msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), Scenario)
    except OSError as error:
        raise ScenarioError(f"There is no scenario {name}. There are: {', '.join(names())}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ScenarioError(f"The scenario {name} does not read: {error}") from error
