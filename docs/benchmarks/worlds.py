"""Large plans and snapshots for the benchmarks, made from the tests' good world."""

from __future__ import annotations

from msgspec.structs import replace

from checks.facts.snapshot import Snapshot
from checks.plan import Move, Plan
from tests.world import CONTOSO, account, account_facts, good, host, vm


def large(hosts: int, moves: int) -> tuple[Plan, Snapshot]:
    """`hosts` hosts in pairs, the first of each pair holding its share of `moves` VMs, which all move to the second."""
    world = good()
    pairs = hosts // 2
    facts, accounts, visits, planned = {}, {}, {}, []
    visit = world.snapshot.visits["testserver01"]
    for index in range(pairs):
        source, target = f"hv{index:03}a", f"hv{index:03}b"
        vms = tuple(vm(f"vm{index:03}-{n:04}", id=f"{index:08x}-0000-0000-0000-{n:012x}") for n in range(moves // pairs))
        for name, number, partner, held in ((source, 1, target, vms), (target, 2, source, ())):
            facts[name] = host(name, number, partner, held)
            sid = f"{CONTOSO}-{3000 + index * 2 + number}"
            accounts[name] = account_facts(replace(account(name, number, partner), sid=sid, sids=(sid,)))
            visits[name] = visit
        planned += [Move(each.name, source, target, "CONTOSO\\hv-operator", destination_path="D:\\VMs") for each in vms]
    return Plan(tuple(planned)), replace(world.snapshot, hosts=facts, accounts=accounts, visits=visits)
