"""The service principal names that a migration needs: a service and a host, by its short or by its full name."""

from __future__ import annotations

import re
from typing import NamedTuple

from checks.windows.names import HostName

MIGRATION_SERVICE = "Microsoft Virtual System Migration Service"
"""With its blanks. The Hyper-V service registers it on the host's account when it starts."""
CIFS = "cifs"
HOST = "HOST"
"""What is asked for under another service, such as that of remote calls, is found under this one (sPNMappings)."""


FILE_SERVICE = (CIFS, HOST)
"""Under which the file service of a host is found: the first that an account has."""


_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?"
_NAME = re.compile(rf"([^/\x00-\x1f\x7f]+)/({_HOST})\.?(?::[A-Za-z0-9_$.-]+)?(?:/[^\x00-\x1f\x7f]*)?")


class ServiceOfHost(NamedTuple):
    """What a service principal name says: the service, and the host that has it."""

    service: str
    host: HostName


def taken_apart(name: str) -> ServiceOfHost | None:
    """service/host, service/host:port or service/host/more; nothing for what is written otherwise, or has a host that is no name."""
    found = _NAME.fullmatch(name)
    return None if found is None else ServiceOfHost(found[1], HostName(found[2]))


def short_and_full(service: str, short: str, *full: str) -> tuple[str, ...]:
    """The names of a service of a host, as Kerberos may be asked for any: by the host's short name, and by its full one or two."""
    return tuple(f"{service}/{name}" for name in (short, *full))
