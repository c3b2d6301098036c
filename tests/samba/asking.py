"""What the directories of the real forests answer about the hosts of this lane."""

from __future__ import annotations

from typing import Any

from checks.facts.host import HostFacts
from checks.plan import Move, Plan
from checks.plan import Names as NameServerSettings
from checks.windows.names import HostName
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import Answers, collect
from runner.collect.name_servers import NameServers
from tests.collect.directories.asking import by_key, full_names, host, locators, moves
from tests.samba.cases import ACTED_FOR, HOSTS, WITHOUT
from tests.samba.forest import PASSWORD, Forests

READER = "CONTOSO\\hv-reader"
FIRST, SECOND, FABRIKAM = "dc-contoso.contoso.test", "dc-contoso-b.contoso.test", "dc-fabrikam.fabrikam.test"


def asked(
    active: Forests, planned: tuple[Move, ...] = moves((WITHOUT, ACTED_FOR)), credentials: Credentials | None = None, **of_plan: Any
) -> Answers:
    """Every host of contoso.test uses both of its controllers; HV51 is in fabrikam.test. As the reader, unless told otherwise."""
    hosts: dict[str, HostFacts] = {}
    for name in HOSTS:
        hosts[name.lower()] = host(name, locators(FIRST, address=active.contoso.address))
    hosts["hv01"] = host("HV01", locators(SECOND, address=active.second.address))
    hosts["hv51"] = host("HV51", locators(FABRIKAM, netbios="FABRIKAM", address=active.fabrikam.address), "fabrikam.test")
    named = {HostName(name): facts for name, facts in hosts.items()}
    plan = Plan(moves=planned, names=NameServerSettings((active.contoso.address,)), hosts=full_names(named), **of_plan)
    return by_key(collect(plan, named, credentials or Credentials(READER, PASSWORD), NameServers(plan.names.servers), 60))
