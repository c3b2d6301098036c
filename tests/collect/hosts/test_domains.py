"""Of which domains a host is asked whether it finds controllers."""

from __future__ import annotations

from msgspec.structs import replace

from checks.plan import HostEntry
from checks.windows.names import HostName
from checks.world import World
from runner.collect.hosts import domains
from tests.checks.domain.realms import A_CON, C_CON, CON, FAB, two_way, without
from tests.checks.domain.realms import world as of_domains
from tests.facts.network import found
from tests.world import TestWorld, good

ONE, TWO = HostName("testserver01"), HostName("testserver02")


def later(world: TestWorld) -> dict[HostName, tuple[str, ...]]:
    return domains.later(World(world.plan, world.snapshot))


def asked_about(world: TestWorld, *own: str) -> TestWorld:
    """Each host was asked about these domains."""
    return world.set("hosts.testserver01.controller_records", tuple(map(found, own))).set(
        "hosts.testserver02.controller_records", tuple(map(found, own))
    )


def test_at_first_it_is_those_that_the_partners_full_names_in_the_plan_tell() -> None:
    plan = good().plan
    assert domains.planned(plan) == {ONE: (), TWO: ()}
    full = {ONE: HostEntry(fqdn="TestServer01.Contoso.test"), TWO: HostEntry(fqdn="testserver02.fabrikam.test")}
    assert domains.planned(replace(plan, hosts=full)) == {ONE: ("fabrikam.test",), TWO: ("contoso.test",)}
    assert domains.planned(replace(plan, hosts=full | {TWO: HostEntry(fqdn="10.0.0.2")}))[ONE] == ()


def test_later_it_is_those_that_came_up_and_for_hosts_of_one_domain_none() -> None:
    pair = asked_about(without(of_domains(CON, FAB, CON, two_way(CON, FAB)), A_CON, C_CON), CON)
    assert later(asked_about(good(), CON)) == {}
    assert later(pair)[ONE][0] == FAB
    assert not {CON, A_CON, C_CON} & {*later(pair)[ONE], *later(pair)[TWO]}
    children = later(asked_about(of_domains(A_CON, C_CON, A_CON, {}), A_CON, C_CON))
    assert CON in children[ONE], "the domain between the two"
    assert later(pair.miss("hosts.testserver01.controller_records")).keys() == {TWO}, "who did not answer is not asked again"


def test_a_domain_that_a_host_names_is_asked_of_others_only_where_it_is_the_name_of_one() -> None:
    base = asked_about(good(), CON)
    base = TestWorld(base.plan, replace(base.snapshot, domains={}))
    for named, asked in {
        "evil.test": ("evil.test",),
        "Evil.Test.": ("evil.test",),
        "corp": ("corp",),
        "": (),
        "..": (),
        "a..test": (),
        "-a.test": (),
        "a test": (),
        "a.test\nb.test": (),
        "$(calc).test": (),
        "=cmd|'/C calc'!A0": (),
        "bücher.test": (),
        "xn--bcher-kva.test": ("xn--bcher-kva.test",),
        "\u202egro.live": (),
        "a" * 64 + ".test": (),
        ".".join(["a" * 60] * 4): (),
        ".".join(["a" * 60] * 3): (".".join(["a" * 60] * 3),),
    }.items():
        world = base.set("hosts.testserver02.computer.domain", named)
        assert later(world).get(ONE, ()) == asked, named


def test_no_more_than_so_many_are_asked_of_a_host() -> None:
    world = asked_about(of_domains(CON, FAB, CON, two_way(CON, FAB)), CON)
    many = {f"d{number}.test": next(iter(world.snapshot.domains.values())) for number in range(100)}
    asked = later(TestWorld(world.plan, replace(world.snapshot, domains=many)))[ONE]
    assert len(asked) == domains.MOST
    assert asked[0] == FAB, "the partner's own comes first"
