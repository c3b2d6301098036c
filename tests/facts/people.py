"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.people import LogonSession, RemoteDesktop
from tests.facts.described import AT, CONTOSO, HV_ADMINS, OPERATOR, Described


def good(host: Described) -> dict[str, Any]:  # noqa: ARG001 - the same on every host
    return {
        "local_groups": {"S-1-5-32-544": (f"{CONTOSO}-512", HV_ADMINS), "S-1-5-32-578": (), "S-1-5-32-580": ()},
        "sessions": (LogonSession("12345", 3, "Kerberos", OPERATOR, "CONTOSO\\hv-operator", AT),),
        "session_token": ("S-1-5-32-545", "S-1-5-32-544"),
        "remote_desktop": RemoteDesktop(-1, -1),
    }
