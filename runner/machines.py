"""The hosts of a plan that scripts may change."""

from __future__ import annotations

from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.windows.account_control import is_controller
from checks.windows.names import HostName
from checks.world import World
from reports.scripts.work import Machine


def machines(world: World) -> dict[HostName, Machine]:
    """The hosts of a plan that said who they are and whose account the directory shows, but for domain controllers, which no script
    changes. What the plan gives as full name, and as connection, is how they are reached."""
    found = {}
    for host in world.plan.host_names:
        computer, account = world.host_fact(host, HostTopics.computer), world.host_fact(host, HostTopics.account)
        if not isinstance(computer, Known) or not isinstance(account, Known) or is_controller(account.value.user_account_control):
            continue
        said, entry = computer.value, world.entry(host)
        full_name = said.full_name.spelled
        tls = world.plan.connection.tls if entry.tls is None else entry.tls
        found[host] = Machine(full_name, f"{said.name}$", said.domain, address=entry.fqdn or full_name, tls=tls)
    return found
