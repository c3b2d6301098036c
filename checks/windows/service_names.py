"""The service principal names that a migration needs: a service and a host, by its short or by its full name."""

from __future__ import annotations

MIGRATION_SERVICE = "Microsoft Virtual System Migration Service"
"""With its blanks. The Hyper-V service registers it on the host's account when it starts."""
CIFS = "cifs"
HOST = "HOST"
"""What is asked for under another service, such as that of remote calls, is found under this one (sPNMappings)."""


FILE_SERVICE = (CIFS, HOST)
"""Under which the file service of a host is found: the first that an account has."""


def short_and_full(service: str, short: str, *full: str) -> tuple[str, ...]:
    """The names of a service of a host, as Kerberos may be asked for any: by the host's short name, and by its full one or two."""
    return tuple(f"{service}/{name}" for name in (short, *full))
