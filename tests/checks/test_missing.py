"""What was not read is UNKNOWN: each fact that a check declares is taken away where the check passes, and takes the pass away.

A check may read a fact in some situations only, so that it is taken away in one world after the other until it was missed. What is missed
in none stands in NOT_MISSED with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from checks.check import WAYS_BACK, Outcome
from checks.facts.fact import Known
from checks.facts.guarding import VmSecurity
from checks.facts.hardware import VirtualProcessor
from checks.facts.host import SECTIONS
from checks.facts.machines import MediaDrive
from checks.facts.migration import PerformanceOption
from checks.plan import LaunchPoint
from checks.registry import builtin_checks
from checks.second_opinion import SECOND_OPINION
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2019
from tests.checks.access.test_delegation_administrator import DOMAIN_ADMINS, named
from tests.checks.authentication.worlds import credssp, sessions
from tests.checks.domain.realms import CON, FAB, two_way
from tests.checks.domain.realms import world as domains
from tests.checks.network.test_port_445 import Codes
from tests.checks.network.test_port_445 import world as of_files
from tests.checks.plan.test_window import within
from tests.checks.test_absent import QUESTION_OF
from tests.world import TestWorld, across_domains, good, services, vm

BOTH = ("testserver01", "testserver02")
HOSTS = {"source": BOTH[:1], "target": BOTH[1:]}
SOURCE, TARGET = (f"hosts.{host}" for host in BOTH)
SHARE = "\\\\fs01\\vms"

SAYS_WHY = "read only where the check fails, to say why or what to do"
OF_A_WAY = "declared by all checks of a way, and decides something else there"
NOT_CERTAIN = "who is let in through a local group of another domain is so perhaps, which is no pass"
ELSEWHERE = dict.fromkeys(("source.local_groups_elsewhere", "target.local_groups_elsewhere"), NOT_CERTAIN)
SELECTIVE = "read only where a trust has selective authentication"
NOT_MISSED: dict[str, dict[str, str]] = {
    "access.delegatable": {"realm.controller_domains": "read only for a member of Protected Users"},
    "authentication.credential_guard": {"target.migration": SAYS_WHY},
    "delegation.across_domains": {"source.os": OF_A_WAY} | ELSEWHERE,
    "delegation.cifs": {"source.os": OF_A_WAY} | ELSEWHERE,
    "delegation.cifs_in_doubt": dict.fromkeys(
        (
            *("source.domain", "source.controller_domains", "target.domain", "target.controller_domains"),
            *("server.domain", "server.controller_domains"),
        ),
        "read only across domains, where no world here has a file server",
    )
    | {"source.os": OF_A_WAY, "target.os": OF_A_WAY}
    | ELSEWHERE,
    "delegation.controllers": {"source.os": OF_A_WAY, "realm.forest_domains": "read only where other domains lie between the two"}
    | ELSEWHERE,
    "delegation.migration_service": {"source.os": OF_A_WAY} | ELSEWHERE,
    "delegation.named_sources_only": {"host.computer": SAYS_WHY},
    "delegation.protocol": {"server.account": OF_A_WAY} | ELSEWHERE,
    "delegation.replicated": {"source.computer": SAYS_WHY, "target.computer": SAYS_WHY},
    "delegation.return_direction": ELSEWHERE,
    "delegation.specified_services_only": {"host.computer": SAYS_WHY},
    "domain.locator": dict.fromkeys(
        (f"{role}.{fact}" for role in ("source", "target") for fact in ("locators", "secure_channel")),
        "read only where the records name no controller, to say whether the host knows one all the same",
    )
    | {"realm.forest_domains": "read only where other domains lie between the two"},
    "domain.operator_trust": dict.fromkeys(
        ("source.account", "source.account_views", "target.account", "target.account_views", "operator.token", "server.account"), SELECTIVE
    ),
    "domain.trust": {"source.os": "it decides of the operator's trust, in the same table"},
    "migration.slots": {"hosts.migration_listener": SAYS_WHY},
    "network.common_subnet": {"source.ip_interfaces": "read only where routes of several interfaces lead there"},
    "network.name_form": {"source.migration": SAYS_WHY},
    "network.port_445": {"source.firewall": SAYS_WHY, "target.firewall": SAYS_WHY},
    "network.port_6600": {"target.firewall": SAYS_WHY},
    "network.management_port": dict.fromkeys(("target.firewall", "source.os", "target.os"), SAYS_WHY),
    "plan.consistent": {"hosts.vms": "read only where an earlier move may have taken the VM away"},
    "platform.hyperv_role": {"host.computer": SAYS_WHY},
    "platform.identity": {
        "host.dns_suffixes": "read only where the host has another suffix than its domain",
        **dict.fromkeys(("host.os", "host.addresses"), "read only where the plan reaches one machine under two names"),
    },
    "vm.devices": dict.fromkeys(("source.os", "target.os"), "read only of a VM with a partition of a GPU"),
    "vm.security": {"source.os": "read only where the settings tell nothing of the VM"},
    "vm.disk_chains": {"source.volumes": SAYS_WHY},
    "vm.share_rights": dict.fromkeys(("vm", "source.computer", "target.computer"), "it never passes"),
}


def changed(world: TestWorld, changes: dict[str, Any]) -> TestWorld:
    for path, value in changes.items():
        world = world.set(path, value)
    return world


def served(world: TestWorld) -> TestWorld:
    """Both hosts may delegate to the file server."""
    server, (one, other) = services("FS01", "cifs"), (services(name) for name in ("TestServer02", "TestServer01"))
    listed = world.server("fs01").account("testserver01", delegate_to=(*one, *server))
    return listed.account("testserver02", delegate_to=(*other, *server))


def worlds() -> Iterator[TestWorld]:
    """Worlds in which checks pass, each with something that others do not read."""
    base = good()
    yield base
    yield across_domains()
    yield base.with_return()
    yield within(base, 120)
    yield named(base, DOMAIN_ADMINS)
    yield base.move(destination_path=None)
    guarded = {f"{host}.guardian_certificates": {"A" * 40: True} for host in (SOURCE, TARGET)}
    yield changed(base, guarded | {f"{SOURCE}.vm_security": {vm().id: VmSecurity(True, False, False, False)}})
    yield base.move(launch=LaunchPoint.RDP)
    yield base.move(launch=LaunchPoint.POWERSHELL)
    yield base.account("testserver01", user_account_control=0x1000).set(f"{SOURCE}.os.build", BUILD_2012_R2).move(launch=LaunchPoint.REMOTE)
    yield changed(credssp(), {f"{SOURCE}.sessions": sessions(10), f"{TARGET}.sessions": sessions(10)})
    yield served(of_files(Codes(), SHARE, include_storage=True, destination_path=SHARE))
    smb = {f"{host}.migration.performance_option": PerformanceOption.SMB for host in (SOURCE, TARGET)}
    yield changed(served(of_files(Codes(), SHARE, include_storage=False, destination_path=None)), smb)
    yield changed(base, smb | {f"{host}.os.build": BUILD_2019 for host in (SOURCE, TARGET)})
    yield domains(CON, CON, FAB, two_way(CON, FAB))
    old = {f"{host}.os.build": BUILD_2012 for host in (SOURCE, TARGET)}
    yield changed(base, old | {f"{host}.migration.performance_option": None for host in (SOURCE, TARGET)})
    guest = {f"{SOURCE}.vms.0.drives": (MediaDrive(False, 1, "C:\\Windows\\System32\\vmguest.iso"),)}
    yield changed(base, guest | {f"{TARGET}.os.build": BUILD_2012_R2})
    other = {f"{TARGET}.processors.0.revision": 1}
    vms = base.snapshot.hosts["testserver01"].vms
    assert isinstance(vms, Known)
    yield changed(base, other | {f"{SOURCE}.virtual_processors": {vms.value[0].id: VirtualProcessor(True, None)}})
    yield changed(base, other | {f"{SOURCE}.vms.0.state": 3})


def places(world: TestWorld, declared: str) -> Iterator[str]:
    """Where in the snapshot stands what a check declares."""
    role, _, name = ("source", "", "vms") if declared == "vm" else declared.partition(".")
    hosts, snapshot = HOSTS.get(role, BOTH), world.snapshot
    if name in SECTIONS:
        yield from (f"hosts.{host}.{name}" for host in hosts)
    elif declared in ("operator.account", "administrator.account"):
        yield from (f"operators.{_key(operator)}.account" for operator in snapshot.operators)
    elif declared in ("operator.token", "administrator.token"):
        yield from (
            f"operators.{_key(operator)}.local.{_key(domain)}" for operator, its in snapshot.operators.items() for domain in its.local
        )
    elif name in ("account", "account_views"):
        owners = snapshot.accounts.keys() - BOTH if role == "server" else hosts
        yield from (f"accounts.{owner}.views.{_key(dc)}" for owner in owners for dc in _of(snapshot.accounts, owner, "views"))
    elif name == "local_groups_elsewhere":
        yield from (f"accounts.{host}.local.{_key(domain)}" for host in hosts for domain in _of(snapshot.accounts, host, "local"))
    else:
        for domain, its in snapshot.domains.items():
            yield from (f"domains.{_key(domain)}.controllers.{_key(dc)}.{QUESTION_OF[name]}" for dc in its.controllers)


def _key(name: str) -> str:
    return name.replace(".", "·")


def _of(holders: Any, name: str, part: str) -> Any:
    return getattr(holders[name], part) if name in holders else ()


def test_each_fact_that_a_check_declares_is_missed_where_it_passes_and_leaves_it_unknown() -> None:
    everywhere = tuple(worlds())
    not_missed: dict[str, set[str]] = {}
    turned: list[tuple[str, str, set[Outcome]]] = []
    for check in builtin_checks().values():
        alone, left = replace(check, depends_on=()), [each for each in check.facts if each not in (WAYS_BACK, SECOND_OPINION)]
        for world in everywhere:
            passed = {each.id for each in world.result((alone,)).findings if each.outcome is Outcome.PASS}
            for declared in left.copy() if passed else ():
                for place in places(world, declared):
                    now = {each.id: each.outcome for each in world.miss(place).result((alone,)).findings}
                    outcomes = {now[id] for id in passed}
                    turned += [(check.id, place, outcomes)] if outcomes - {Outcome.PASS, Outcome.UNKNOWN} else []
                    if Outcome.UNKNOWN in outcomes:
                        left.remove(declared)
                        break
        if left:
            not_missed[check.id] = set(left)
    assert turned == [], "what is missing decides nothing"
    said = {id: set(why) for id, why in NOT_MISSED.items()}
    lacking = {id: not_missed.get(id, set()) ^ said.get(id, set()) for id in not_missed | said}
    assert {id: facts for id, facts in lacking.items() if facts} == {}, "add a world in which the check passes and reads it, or say why not"
