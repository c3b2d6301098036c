"""Who has the names of a host's migration service and file service. A controller shows only what the reader may read: that nobody else is
shown says no more."""

from __future__ import annotations

from checks.facts.directory import ServiceName
from checks.windows.names import fold
from runner.collect.directories.base import Asked
from runner.collect.directories.controller import any_of, chunks, string
from runner.collect.directories.security_descriptor import sid_text

_ATTRIBUTE = "servicePrincipalName"


def read(asked: Asked) -> tuple[ServiceName, ...]:
    """Every account of the controller's domain that has one of these names, compared as the directory does. One search for each
    hundred names. Raises Unread."""
    wanted = {fold(name): name for member in asked.members for name in member.service_names}
    found = {
        ServiceName(name, asked.base.domain.dns_name, entry.dn, entry.maybe("objectSid", sid_text))
        for some in chunks(wanted.values())
        for entry in asked.controller.search(asked.base.head, any_of(_ATTRIBUTE, some), (_ATTRIBUTE, "objectSid"))
        for name in entry.all(_ATTRIBUTE, string)
        if fold(name) in wanted
    }
    return tuple(sorted(found, key=lambda each: (fold(each.name), fold(each.dn))))
