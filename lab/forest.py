"""A running forest: every host, controller and name server of a scenario on loopback, and the plan that leads to them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

from checks import toml
from lab import directory
from lab.certificates import Authority
from lab.credentials import Credentials
from lab.crowd import expand
from lab.dns import DnsServer
from lab.engine.hosts import EngineHost
from lab.host import Host
from lab.host.described import full_name
from lab.ldap import LdapServer
from lab.scenario import Fault, HostSpec, LanguageMode, Scenario, ScenarioError, ShellSpec
from lab.shell import Start
from lab.sids import Sids
from lab.visit import answer
from lab.winrm import Listener
from lab.wsman import WSMan

ADDRESS = "127.0.0.1"


class RunningHost:
    """A host that listens. `requests` are the verbs of the WSMan requests it served, authentication not among them."""

    def __init__(self, host: Host, credentials: Credentials, authority: Authority | None, engine: EngineHost | None) -> None:
        spec = host.spec
        certificate = None
        if spec.certificate and authority is not None:
            certificate = authority.issue(full_name(host.name, spec), host.name, "localhost")
        start = Start(host.windows, spec.shell, 1 + crc32(host.name.encode()) % 3)  # nothing tells in how many Receives a real one comes
        wsman = WSMan(
            host.name.upper(),
            partial(answer, host),
            start,
            denies=spec.fault is Fault.DENIES,
            opens=engine.open if engine else None,
        )
        self.spec: HostSpec = spec
        self.requests = wsman.requests
        clients = authority.ca_file if certificate is not None and authority is not None else None
        self.listener = Listener(
            wsman, credentials, certificate=certificate, clients=clients, fault=spec.fault, delay_s=spec.delay_s, address=ADDRESS
        )

    @property
    def address(self) -> str:
        return f"{ADDRESS}:{self.listener.port}"


class Forest:
    """Everything of a scenario, running from `start` to `stop` or as a context manager.

    `plan` is the plan as data and `plan_path` the same as a TOML file: the scenario's own plan with the addresses of the
    servers. `hosts` and `controllers` are the running servers by name (a controller's is its full DNS name), `dns` is the name
    server, `password` is that of the `collector`. With `external_directory` only the hosts run, and the plan leads to no name
    server. With `pwsh`, a PowerShell engine, each host runs what it is sent in an engine of its own. Raises ScenarioError when the scenario
    contradicts itself.
    """

    def __init__(self, scenario: Scenario, *, external_directory: bool = False, pwsh: Path | None = None) -> None:
        self.scenario = expand(scenario)
        self.collector = self.scenario.collector
        self.hosts: dict[str, RunningHost] = {}
        self.controllers: dict[str, LdapServer] = {}
        self.dns: DnsServer | None = None
        self.authority: Authority | None = None
        self.plan: dict[str, Any] = {}
        self._external_directory = external_directory
        self._pwsh = pwsh
        self._credentials = Credentials(self.scenario)
        self._stack = ExitStack()

    @property
    def password(self) -> str:
        found = self._credentials.password_of(self.collector)
        if found is None:
            raise ScenarioError(f"The collector {self.collector} cannot sign in.")
        return found

    @property
    def plan_path(self) -> Path:
        return self.folder / "plan.toml"

    @property
    def house(self) -> Path:
        """A folder without a plan, with the configuration file that leads to the servers."""
        return self.folder / "house"

    @property
    def ca_file(self) -> Path | None:
        """The certificate authority of the hosts with TLS, if there are any."""
        return self.folder / "ca.pem" if any(spec.certificate for spec in self.scenario.hosts.values()) else None

    def start(self) -> None:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
            stack.enter_context(self._credentials)
            self.authority = Authority(self.folder) if self.ca_file else None
            self._start_hosts(stack)
            if not self._external_directory:
                self._start_directory(stack)
            self.plan = self._plan()
            self.plan_path.write_text(toml.dumps(self.plan), encoding="utf-8")
            self.house.mkdir()
            (self.house / "hvpreflight.toml").write_text(toml.dumps(self._settings()), encoding="utf-8")
            self._stack = stack.pop_all()

    def stop(self) -> None:
        self._stack.close()

    def __enter__(self) -> Forest:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_hosts(self, stack: ExitStack) -> None:
        sids = Sids(self.scenario)
        now = datetime.now(UTC)
        for name in self.scenario.hosts:
            described = Host(self.scenario, name, sids, now)
            host = RunningHost(described, self._credentials, self.authority, self._engine(described, stack))
            self.hosts[name] = host
            _run(stack, host.listener.start, host.listener.stop)

    def _engine(self, host: Host, stack: ExitStack) -> EngineHost | None:
        """The engine in the place of a host, unless that answers rubbish or is never asked. Raises ScenarioError for what an engine does
        not do in its place."""
        if self._pwsh is None or host.spec.fault in (Fault.RUBBISH, Fault.REFUSES, Fault.HANGS, Fault.DENIES):
            return None
        shell = host.spec.shell
        if shell.language_mode is LanguageMode.NONE or shell.warns or shell.throws or shell.opens_after_s or host.spec.takes_s:
            raise ScenarioError(
                f"{host.name}: an engine opens an ordinary session at once and takes its own time: its language_mode none, warns, throws, "
                "opens_after_s and takes_s hold without an engine only"
            )
        engine = EngineHost(host, self._pwsh, self.folder)
        stack.callback(engine.close)
        return engine

    def _start_directory(self, stack: ExitStack) -> None:
        for (domain, name), its in directory.build(self.scenario).items():
            spec = self.scenario.domains[domain].controllers[name]
            server = LdapServer(its, self._credentials, fault=spec.fault, delay_s=spec.delay_s, address=ADDRESS)
            self.controllers[f"{name}.{domain}"] = server
            _run(stack, server.start, server.stop)
        self.dns = DnsServer(self._records(), address=ADDRESS)
        _run(stack, self.dns.start, self.dns.stop)

    def _records(self) -> list[tuple[str, str, tuple[Any, ...]]]:
        """What the forest's name server knows: where the controllers listen, and the addresses that the hosts say they have."""
        records: list[tuple[str, str, tuple[Any, ...]]] = []
        for domain, spec in self.scenario.domains.items():
            for short in spec.controllers:
                name = f"{short}.{domain}"
                service = (0, 100, self.controllers[name].port, name)
                records.append((name, "A", (ADDRESS,)))
                records += [(f"{its}.{domain}", "SRV", service) for its in ("_ldap._tcp.dc._msdcs", "_ldap._tcp")]
        records += [
            (full_name(name, spec), "A", (spec.management.partition("/")[0],))
            for name, spec in self.scenario.hosts.items()
            if not spec.workgroup
        ]
        return records

    def _plan(self) -> dict[str, Any]:
        hosts = self.scenario.plan.get("hosts", {})
        called = {name: spec.planned or name for name, spec in self.scenario.hosts.items()}
        entries = {planned: self._entry(name) | hosts.get(planned, {}) for name, planned in called.items()}
        plan = self.scenario.plan | {"hosts": hosts | entries}
        return plan | {"names": {"servers": [f"{ADDRESS}:{self.dns.port}"]}} if self.dns else plan

    def _settings(self) -> dict[str, Any]:
        """Who collects, and where the servers listen, by the hosts' full names too."""
        entries = {name: self.plan["hosts"][spec.planned or name] for name, spec in self.scenario.hosts.items()}
        full = {entry["fqdn"]: {key: value for key, value in entry.items() if key != "fqdn"} for entry in entries.values()}
        said = {"run": {"user": self.collector}, "hosts": full | entries}
        return said | {"names": self.plan["names"]} if "names" in self.plan else said

    def _entry(self, name: str) -> dict[str, Any]:
        host = self.hosts[name]
        entry: dict[str, Any] = {"fqdn": full_name(name, host.spec), "address": host.address}
        if host.spec.shell.configuration != ShellSpec().configuration:
            entry["configuration_name"] = host.spec.shell.configuration
        return entry | {"tls": True, "ca_file": str(self.ca_file)} if host.spec.certificate else entry


def _run(stack: ExitStack, start: Callable[[], None], stop: Callable[[], None]) -> None:
    """Start a server and have it stopped with the rest; one that did not start wholly is stopped too."""
    stack.callback(stop)
    start()
