"""Large plans and snapshots for the benchmarks, made from the tests' good world."""

from __future__ import annotations

from msgspec.structs import replace

from checks.facts.host import HostFacts
from checks.facts.machines import Disk, VirtualMachine
from checks.facts.snapshot import Snapshot
from checks.plan import Move, Plan
from checks.world import World
from tests.world import CONTOSO, account, account_facts, good, host, known, vm

NOTHING = 0x80070002 - (1 << 32)
"""ERROR_FILE_NOT_FOUND."""


def large(hosts: int, moves: int) -> tuple[Plan, Snapshot]:
    """`hosts` hosts in pairs, the first of each pair holding its share of `moves` VMs, which all move to the second."""
    world = good()
    pairs = hosts // 2
    facts, accounts, visits, planned = {}, {}, {}, []
    visit = world.snapshot.visits["testserver01"]
    for index in range(pairs):
        source, target = f"hv{index:03}a", f"hv{index:03}b"
        vms = tuple(_vm(index, n) for n in range(moves // pairs))
        for name, number, partner, held in ((source, 1, target, vms), (target, 2, source, ())):
            facts[name] = host(name, number, partner, held)
            sid = f"{CONTOSO}-{3000 + index * 2 + number}"
            accounts[name] = account_facts(replace(account(name, number, partner), sid=sid, sids=(sid,)))
            visits[name] = visit
        planned += [Move(each.name, source, target, "CONTOSO\\hv-operator", destination_path=f"D:\\Moved\\{each.name}") for each in vms]
    plan, snapshot = Plan(tuple(planned)), replace(world.snapshot, hosts=facts, accounts=accounts, visits=visits)
    return plan, replace(snapshot, hosts=_asked(plan, snapshot))


def _vm(index: int, number: int) -> VirtualMachine:
    """A VM with a folder and a disk of its own."""
    name = f"vm{index:03}-{number:04}"
    folder = f"D:\\VMs\\{name}"
    places = dict.fromkeys(("configuration_path", "checkpoint_path", "paging_path"), folder)
    return vm(name, id=f"{index:08x}-0000-0000-0000-{number:012x}", disks=(Disk(f"{folder}\\disk0.vhdx", False, False),), **places)


def _asked(plan: Plan, snapshot: Snapshot) -> dict[str, HostFacts]:
    """The hosts, those that receive files with the answer that nothing lies there."""
    world, lying = World(plan, snapshot), dict[str, dict[str, int]]()
    for step in world.steps:
        lying.setdefault(step.receiver[0].key, {}).update((each.path, NOTHING) for each in world.arrivals(step))
    return snapshot.hosts | {name: replace(snapshot.hosts[name], destination_files=known(its)) for name, its in lying.items()}
