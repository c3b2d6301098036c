"""What the command line says besides files, and what follows from it."""

from __future__ import annotations

import platform
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from checks.mistake import Mistake
from checks.plan import Plan, Transport
from checks.text import text
from runner.collect.credentials import Credentials
from runner.version import VERSION

CONCURRENCY = 32
HOST_DEADLINE_S = 90.0
RUN_DEADLINE_S = 600.0

INTERRUPTED = 130
"""The exit code after Ctrl-C; what was collected is kept."""


class UsageError(Mistake):
    """Something the user asked for that cannot be done; its sentence says what and why."""


class Limits(Struct, frozen=True):
    """How much a run may ask for: hosts at the same time, seconds for one host, seconds for the whole run."""

    concurrency: int = CONCURRENCY
    host_deadline_s: float = HOST_DEADLINE_S
    deadline_s: float = RUN_DEADLINE_S


class Collector(Struct, frozen=True):
    """Who collects: the account, whether it is the logon of whoever runs the program, on which machine, with which program."""

    by: str
    on: str
    tool: str
    current_logon: bool = False


class Options(Struct, frozen=True):
    """The options that several commands share. Deadlines in seconds. `said`: the names of those that the command line or a variable
    says; the others configuration files may say."""

    user: str | None = None
    ask_password: bool = False
    auth: str | None = None
    require_kerberos: bool = False
    concurrency: int = CONCURRENCY
    host_deadline: float = HOST_DEADLINE_S
    deadline: float = RUN_DEADLINE_S
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    form: str = "text"
    quiet: bool = False
    verbose: bool = False
    language: str = "en"
    seal_key: str | None = None
    allow_unsealed: bool = False
    allow_expired: bool = False
    waivers: Path | None = None
    policy: Path | None = None
    compare_vm: tuple[Path, ...] = ()
    said: frozenset[str] = frozenset()

    @property
    def limits(self) -> Limits:
        return Limits(self.concurrency, self.host_deadline, self.deadline)


def collector_of(credentials: Credentials) -> Collector:
    """Who collects with these credentials."""
    tool = f"hvpreflight {VERSION}"
    return Collector(credentials.account, platform.node(), tool, credentials.user is None)


def with_auth(plan: Plan, options: Options) -> Plan:
    """The plan with one way of authenticating to all its hosts, and with Kerberos required, where the options say so. Raises UsageError
    for what would not be safe, or would not be Kerberos."""
    if options.auth is not None:
        hosts = {name: replace(entry, auth=None) for name, entry in plan.hosts.items()}
        plan = replace(plan, connection=replace(plan.connection, auth=Transport(options.auth)), hosts=hosts)
        if options.auth == Transport.BASIC:
            for host in plan.host_names:
                if not plan.tls(host):
                    raise UsageError(text("{host}: basic authentication is refused without TLS", host=host.spelled))
    if options.require_kerberos:
        plan = replace(plan, connection=replace(plan.connection, require_kerberos=True))
    if plan.connection.require_kerberos:
        for host in plan.host_names:
            if plan.transport(host) is not Transport.KERBEROS:
                method = str(plan.transport(host))
                said = text("{host}: {method} authentication is refused where Kerberos is required", host=host.spelled, method=method)
                raise UsageError(said)
    return plan
