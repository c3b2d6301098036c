"""Where and how a host of a plan is visited."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from checks.facts.snapshot import Protection
from checks.plan import ORDINARY_SESSION, Plan, Transport
from checks.windows.addresses import host_and_port, with_port
from checks.windows.names import HostName

HTTP_PORT, HTTPS_PORT = 5985, 5986


class Target(Struct, frozen=True):
    """A host to visit. `host` and `port` are where it is asked, `identity` the name that it must prove: in its Kerberos ticket (SPN) and
    in its certificate."""

    name: HostName
    host: str
    port: int
    identity: str
    auth: Transport = Transport.NEGOTIATE
    tls: bool = False
    configuration_name: str = ORDINARY_SESSION
    ca_file: str | None = None
    certificate: str | None = None
    certificate_key: str | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "name", HostName.of(self.name))

    @property
    def address(self) -> str:
        return with_port(self.host, self.port)

    @property
    def protection(self) -> Protection:
        return Protection.TLS if self.tls else Protection.MESSAGES


def target_of(plan: Plan, host: HostName) -> Target:
    """What the plan says of the host, else of every connection."""
    entry, common = plan.entry(host), plan.connection
    tls = plan.tls(host)
    identity = entry.fqdn or host.spelled
    where, port = host_and_port(entry.address or identity)
    return Target(
        name=host,
        host=where,
        port=port or (HTTPS_PORT if tls else HTTP_PORT),
        identity=identity,
        auth=plan.transport(host),
        tls=tls,
        configuration_name=plan.configuration_name(host),
        ca_file=entry.ca_file or common.ca_file,
        certificate=entry.certificate or common.certificate,
        certificate_key=entry.certificate_key or common.certificate_key,
    )
