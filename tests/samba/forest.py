"""Real Active Directory on loopback: two Samba forests, a trust between them, and a second controller that can be made to lag.

Each controller runs in a mount namespace of its own, because Samba keeps one /run/samba and reads one /etc/resolv.conf a machine;
every command for it runs inside that namespace. Controllers are ended by the process id that was started.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from checks.facts.fact import Known
from runner.collect.name_servers import NameServers
from tests.samba.addresses import claimed

PASSWORD = "Lab-Passw0rd!"
PROGRAMS = ("samba", "samba-tool", "nsenter", "unshare", "kinit")
DIRECTORY_SCRIPT = Path(__file__).with_name("sam.py")
SYSTEM_PYTHON = "/usr/bin/python3"
PORTS = (53, 88, 135, 389, 445, 464, 636, 3268, 3269)
START_S = 90
ATTEMPTS = 3
"""Of a step over the network: on a busy machine a controller that listens may still be too slow for the first one."""


class CommandFailed(Exception):
    """A command of the lane ended with an error; the message holds what it printed."""


def absent() -> str | None:
    """Why this machine cannot run the lane, or nothing."""
    if os.name != "posix" or os.geteuid() != 0:
        return "real Active Directory on loopback needs root"
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if lacking:
        return f"real Active Directory on loopback needs {', '.join(lacking)} (Debian: samba-ad-dc samba-ad-provision krb5-user)"
    bindings = subprocess.run([SYSTEM_PYTHON, "-c", "import samba"], capture_output=True, check=False)
    return None if bindings.returncode == 0 else "real Active Directory on loopback needs Debian's python3-samba"


@cache
def version() -> tuple[int, ...]:
    """The Samba of this machine: (4, 22)."""
    return _numbers(run(["samba", "--version"]).removeprefix("Version "))


def offered() -> tuple[int, ...]:
    """The newest Samba that the package sources of this machine have."""
    rows = (row.split("|") for row in run(["apt-cache", "madison", "samba"]).splitlines())
    return max((_numbers(row[1].strip().removeprefix("2:")) for row in rows), default=version())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")[:2]))


def knows_2016() -> bool:
    """Can its controllers have the functional level of Windows Server 2016; older ones know 2008 R2 alone."""
    return version() >= (4, 19)


def run(command: list[str], *, environment: dict[str, str] | None = None, send: str | None = None, timeout: int = 180) -> str:
    """The standard output of a command. Raises CommandFailed."""
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        input=send,
        text=True,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def until(holds: Callable[[], bool], what: str, seconds: float = START_S) -> None:
    """Wait until something holds. Raises TimeoutError that names it."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.2)


def persistently(step: Callable[[], None]) -> None:
    """Do a step over the network, again when it fails. Raises the last CommandFailed."""
    for _ in range(ATTEMPTS - 1):
        try:
            return step()
        except CommandFailed:
            continue
    return step()


@dataclass
class Controller:
    """One domain controller. `forwarder` is the name server that it asks for what it does not know."""

    name: str
    domain: str
    address: str
    folder: Path
    forwarder: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def full_name(self) -> str:
        return f"{self.name}.{self.domain}"

    @property
    def realm(self) -> str:
        return self.domain.upper()

    @property
    def netbios(self) -> str:
        return self.domain.partition(".")[0].upper()

    @property
    def base(self) -> str:
        return ",".join(f"DC={label}" for label in self.domain.split("."))

    @property
    def configuration(self) -> Path:
        return self.folder / "etc" / "smb.conf"

    @property
    def _environment(self) -> dict[str, str]:
        return {"KRB5_CONFIG": str(self.folder / "krb5.conf")}

    @property
    def _options(self) -> list[str]:
        settings = {"interfaces": f"{self.address}/8", "bind interfaces only": "yes", "dns forwarder": self.forwarder}
        if knows_2016():
            settings["ad dc functional level"] = "2016"
        return [f"--option={name}={value}" for name, value in settings.items()]

    def provision(self) -> None:
        """A new forest with this controller as its first."""
        run(
            [
                "samba-tool", "domain", "provision", f"--targetdir={self.folder}", f"--realm={self.realm}",
                f"--domain={self.netbios}", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL", f"--adminpass={PASSWORD}",
                f"--host-name={self.name}", f"--host-ip={self.address}", *self._options,
                *(["--function-level=2016"] if knows_2016() else []),
            ]
        )  # fmt: skip

    def join(self, first: Controller) -> None:
        """Become a further controller of the domain of `first`, which must run."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        first.inside(
            "samba-tool", "domain", "join", self.domain, "DC", f"--targetdir={self.folder}", f"--server={first.address}",
            "--dns-backend=SAMBA_INTERNAL", f"--option=netbios name={self.name}", *self._options,
            f"-Uadministrator@{self.realm}%{PASSWORD}",
        )  # fmt: skip
        (self.folder / "state" / "sysvol" / self.domain / "scripts").mkdir(parents=True, exist_ok=True)

    def start(self, name_server: str, hosts: dict[str, str]) -> None:
        """Run, and return when every service listens. `hosts` are the full names of all controllers with their addresses, as in /etc/hosts:
        what neither forest's name server knows goes round between the two until somebody gives up."""
        (self.folder / "run").mkdir(exist_ok=True)
        (self.folder / "resolv.conf").write_text(f"nameserver {name_server}\noptions timeout:1 attempts:1\n")
        lines = (f"{address} {name} {name.partition('.')[0]}\n" for name, address in hosts.items())
        (self.folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(lines))
        write_kerberos_configuration(self.folder / "krb5.conf", {self.realm: self.address})
        script = (
            f"mount --make-rprivate / && mkdir -p /run/samba && mount --bind {self.folder}/run /run/samba && "
            f"mount --bind {self.folder}/resolv.conf /etc/resolv.conf && exec samba -F --no-process-group -s {self.configuration}"
        )
        with (self.folder / "samba.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-m", "bash", "-c", script],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._answers, f"{self.full_name} does not answer: {self.folder / 'samba.log'}")

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise CommandFailed(f"samba of {self.full_name} ended: {(self.folder / 'samba.log').read_text()[-2000:]}")
        return all(accepts(self.address, port) for port in PORTS)

    def stop(self) -> None:
        """End the process that was started, and every one that it started: they share its process group."""
        if self.process is None:
            return
        group = self.process.pid
        for way in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(group, way)
            except ProcessLookupError:
                break
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                continue
        self.process = None

    def inside(self, *command: str, send: str | None = None) -> str:
        """The output of a command in this controller's namespace. Raises CommandFailed."""
        assert self.process is not None
        return run(["nsenter", "-m", "-t", str(self.process.pid), *command], environment=self._environment, send=send)

    def tool(self, *arguments: str) -> str:
        """The output of samba-tool on this controller's own database."""
        return self.inside("samba-tool", *arguments, "-s", str(self.configuration))

    def trust(self, other: Controller) -> None:
        """Trust another forest, in both directions."""
        self.tool(
            "domain", "trust", "create", other.realm, "--type=forest", "--direction=both", "--create-location=both",
            f"-Uadministrator@{other.realm}%{PASSWORD}", f"--local-dc-username=administrator@{self.realm}",
            f"--local-dc-password={PASSWORD}",
        )  # fmt: skip

    def register(self, other: Controller) -> None:
        """Enter another controller of the domain in this one's name server, where that has not happened by itself yet."""
        administrator = f"-Uadministrator%{PASSWORD}"
        records = (
            (self.domain, other.name, "A", other.address),
            (f"_msdcs.{self.domain}", "_ldap._tcp.dc", "SRV", f"{other.full_name} 389 0 100"),
        )
        for zone, name, kind, data in records:
            try:
                known = self.tool("dns", "query", self.address, zone, name, kind, administrator)
            except CommandFailed:
                known = ""
            if data.partition(" ")[0] not in known:
                self.tool("dns", "add", self.address, zone, name, kind, data, administrator)

    def change(self, **work: Any) -> dict[str, str]:
        """Change this controller's database, as the system itself (see sam.py); answers the SIDs of the names asked for in `sids`."""
        answer: dict[str, str] = json.loads(
            self.inside(SYSTEM_PYTHON, str(DIRECTORY_SCRIPT), str(self.configuration), send=json.dumps(work))
        )
        return answer

    def replicate(self, on: bool) -> None:
        """Let this controller take over changes of the others, or freeze it as it is."""
        self.inside(
            "samba-tool", "drs", "options", self.address, f"--dsa-option={'-' if on else '+'}DISABLE_INBOUND_REPL",
            f"-Uadministrator@{self.realm}%{PASSWORD}", "-s", str(self.configuration),
        )  # fmt: skip

    def pull(self, source: Controller) -> None:
        """Take over the changes of `source` now. Replicating, a controller may keep those who ask its name server waiting for seconds."""
        self.inside(
            "samba-tool", "drs", "replicate", self.address, source.name, self.base,
            f"-Uadministrator@{self.realm}%{PASSWORD}", "-s", str(self.configuration),
        )  # fmt: skip
        for each in (self, source):
            until(each.names_controllers, f"the name server of {each.full_name} does not answer")

    def names_controllers(self) -> bool:
        """Does its name server tell the controllers of the domain."""
        told = NameServers((self.address,)).controllers(self.domain)
        return isinstance(told, Known) and bool(told.value)


def accepts(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), 1):
            return True
    except OSError:
        return False


def write_kerberos_configuration(path: Path, realms: dict[str, str]) -> None:
    """A krb5.conf for these realms and the addresses of their controllers."""
    entries = "".join(f"{realm} = {{\n  kdc = {address}\n  primary_kdc = {address}\n}}\n" for realm, address in realms.items())
    path.write_text(
        f"[libdefaults]\ndefault_realm = {next(iter(realms))}\ndns_lookup_kdc = true\nrdns = false\n"
        "dns_canonicalize_hostname = false\ndns_lookup_realm = false\nforwardable = true\nudp_preference_limit = 1\n"
        f"[realms]\n{entries}"
    )


@dataclass
class Forests:
    """contoso.test with two controllers, of which `second` can lag, and fabrikam.test; they trust each other."""

    contoso: Controller
    second: Controller
    fabrikam: Controller

    @property
    def controllers(self) -> tuple[Controller, ...]:
        return (self.contoso, self.second, self.fabrikam)


@contextmanager
def forests(folder: Path) -> Iterator[Forests]:
    """Both forests, running. Raises Taken when their addresses are, before anything is started, and CommandFailed when a step fails."""
    contoso = Controller("dc-contoso", "contoso.test", "127.0.0.10", folder / "contoso", "127.0.0.20")
    second = Controller("dc-contoso-b", "contoso.test", "127.0.0.11", folder / "contoso-b", "127.0.0.20")
    fabrikam = Controller("dc-fabrikam", "fabrikam.test", "127.0.0.20", folder / "fabrikam", "127.0.0.10")
    both = Forests(contoso, second, fabrikam)
    hosts = {controller.full_name: controller.address for controller in both.controllers}
    with claimed(tuple(hosts.values()), PORTS):
        try:
            for controller in both.controllers:
                controller.folder.mkdir(parents=True)
            for controller in (contoso, fabrikam):
                controller.provision()
                controller.start(controller.address, hosts)
            persistently(lambda: contoso.trust(fabrikam))
            persistently(lambda: second.join(contoso))
            second.start(contoso.address, hosts)
            persistently(lambda: contoso.register(second))
            yield both
        finally:
            for controller in both.controllers:
                controller.stop()
