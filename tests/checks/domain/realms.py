"""Worlds of several domains: who trusts whom, and in which of them source, target and operator are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from checks.facts.directory import Domain, OperatorFacts, RoutedName, Routing, Trust, TrustDirection, UserAccount
from checks.facts.fact import Known
from checks.facts.network import ServiceAnswer
from tests.facts.directory import domain
from tests.world import CONTOSO, FABRIKAM, TestWorld, global_group, good, known

CON, FAB, TAIL = "contoso.test", "fabrikam.test", "tailspin.test"
A_CON, C_CON, B_FAB = "a.contoso.test", "c.contoso.test", "b.fabrikam.test"
X_A_CON, OTHER_TREE = "x.a.contoso.test", "northwind.test"
SIDS = {
    CON: CONTOSO,
    FAB: FABRIKAM,
    TAIL: "S-1-5-21-3-3-3",
    A_CON: "S-1-5-21-4-4-4",
    B_FAB: "S-1-5-21-5-5-5",
    C_CON: "S-1-5-21-6-6-6",
    X_A_CON: "S-1-5-21-8-8-8",
    OTHER_TREE: "S-1-5-21-10-10-10",
}
FORESTS = {A_CON: CON, C_CON: CON, X_A_CON: CON, OTHER_TREE: CON, B_FAB: FAB}
OPERATOR = "somebody\\op"
IN, OUT, BOTH = TrustDirection.INBOUND, TrustDirection.OUTBOUND, TrustDirection.BIDIRECTIONAL
PAIR = "testserver01>testserver02"
MOVE = "LMTest@testserver01>testserver02"

Trusts = Mapping[tuple[str, str], Trust]
"""What a domain holds of a trust with another, by both."""


def half(partner: str, direction: TrustDirection = BOTH, attributes: int = 8, **changes: Any) -> Trust:
    return replace(Trust(partner, partner.partition(".")[0].upper(), direction, 2, attributes, SIDS[partner]), **changes)


def trusts(one: str, other: str, attributes: int = 8) -> dict[tuple[str, str], Trust]:
    """One domain trusts another, and not the other way round."""
    return {(one, other): half(other, OUT, attributes), (other, one): half(one, IN, attributes)}


def two_way(one: str, other: str, attributes: int = 8, **changes: Any) -> dict[tuple[str, str], Trust]:
    return {(one, other): half(other, attributes=attributes, **changes), (other, one): half(one, attributes=attributes, **changes)}


def routes(*domains: str, flags: int = 0) -> tuple[RoutedName, ...]:
    """A forest whose root is the first of these, and its domains; the flags stand at the last one's SID."""
    top = RoutedName(Routing.NAME, 0, domains[0])
    return (
        top,
        *(RoutedName(Routing.DOMAIN, flags if name == domains[-1] else 0, name, SIDS[name]) for name in domains),
    )


def without(world: TestWorld, *domains: str) -> TestWorld:
    """The same, where these domains were not asked."""
    left = {name: facts for name, facts in world.snapshot.domains.items() if name not in domains}
    return TestWorld(world.plan, replace(world.snapshot, domains=left))


def without_controllers(world: TestWorld, host: str, domain: str, answer: ServiceAnswer, **others: Any) -> TestWorld:
    """The same, where this comes for the records of both services when a host looks for controllers of a domain, unless said otherwise."""
    known = world.snapshot.hosts[host.removeprefix("hosts.")].controller_records
    assert isinstance(known, Known)
    changes = {"ldap": answer, "kerberos": answer, **others}
    return world.set(
        f"{host}.controller_records", tuple(replace(each, **changes) if each.domain == domain else each for each in known.value)
    )


def controller(domain: str) -> str:
    """Where a test world keeps what the controller of a domain answers."""
    key = domain.replace(".", "·")
    return f"domains.{key}.controllers.dc01·{key}"


def head(name: str) -> str:
    return ",".join(f"DC={label}" for label in name.split("."))


def world(source: str, target: str, operator: str, held: Trusts, **move: Any) -> TestWorld:
    """TestServer01, TestServer02 and the operator in these domains, and every domain's trusts."""
    base = good()
    sid = f"{SIDS[operator]}-1103"
    group = global_group(f"{SIDS[operator]}-513")
    account = UserAccount(f"CN=op,CN=Users,{head(operator)}", sid, "op", 0x200, (sid, group.sid), (group,), ())
    snapshot = replace(
        base.snapshot,
        domains={
            name: domain(
                name,
                {},
                domain=Domain(name, name.partition(".")[0].upper(), sid, FORESTS.get(name, name), 7, 7),
                forest={each.partition(".")[0]: each for each in SIDS if FORESTS.get(each, each) == FORESTS.get(name, name)},
                trusts=tuple(trust for (holder, _), trust in held.items() if holder == name),
            )
            for name, sid in SIDS.items()
        },
        operators={OPERATOR: OperatorFacts(known(account), local=dict.fromkeys(SIDS, known(())))},
    )
    made = TestWorld(base.plan, snapshot).move(operator=OPERATOR, **move)
    for number, (host, name) in enumerate((("testserver01", source), ("testserver02", target)), 1):
        own = f"{SIDS[name]}-200{number}"
        made = made.set(f"hosts.{host}.computer.domain", name).account(
            host,
            dn=f"CN={host.upper()},CN=Computers,{head(name)}",
            sid=own,
            sids=(own, f"{SIDS[name]}-515"),
            dns_host_name=f"{host}.{name}",
        )
    return made
