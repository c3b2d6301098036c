"""A small world in which every check passes, and the means to change or take away single facts.

    world = good()
    world = world.set("hosts.testserver01.migration.enabled", False)
    world = world.miss("hosts.testserver01.migration")
    finding = world.finding("migration.enabled", "testserver01")

Two 2016 hosts of contoso.test, TestServer01 and TestServer02, Kerberos with any protocol, both directions delegated; one VM, LMTest,
moved with its storage from TestServer01 to TestServer02 by CONTOSO\\hv-operator from remote.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import msgspec
from msgspec.structs import replace

from checks.check import Check, Outcome
from checks.facts.directory import LocalGroup, Locator, OperatorFacts, UserAccount
from checks.facts.fact import ABSENT, Known, Missing, Reason
from checks.facts.host import HOST_FACTS, TOPICS, HostFacts
from checks.facts.machines import VirtualMachine
from checks.facts.snapshot import SNAPSHOT_FORMAT, Collected, HostVisit, Protection, Snapshot
from checks.facts.system import DomainRole
from checks.plan import Move, Plan
from checks.registry import all_checks
from checks.result import FindingRecord, Result
from checks.text import text
from checks.windows.names import HostName, domain_of
from checks.windows.times import NEVER
from runner.evaluate import evaluate
from tests.facts.described import AT as AT
from tests.facts.described import CONTOSO as CONTOSO
from tests.facts.described import DC as DC
from tests.facts.described import HV_ADMINS as HV_ADMINS
from tests.facts.described import OPERATOR as OPERATOR
from tests.facts.described import Described
from tests.facts.described import known as known
from tests.facts.directory import ANY_PROTOCOL as ANY_PROTOCOL
from tests.facts.directory import FABRIKAM as FABRIKAM
from tests.facts.directory import IN_CONTOSO as IN_CONTOSO
from tests.facts.directory import IN_FABRIKAM as IN_FABRIKAM
from tests.facts.directory import MIGRATION_SERVICE as MIGRATION_SERVICE
from tests.facts.directory import account as account
from tests.facts.directory import account_facts, domain, holdings
from tests.facts.directory import global_group as global_group
from tests.facts.directory import services as services
from tests.facts.machines import vm as vm


def host(name: str, number: int, partner: str, vms: tuple[VirtualMachine, ...] = ()) -> HostFacts:
    """A host of the good world: what each topic says of it stands beside the tests of that topic."""
    described = Described(name, number, partner, 3 - number, vms)
    topics = dict.fromkeys(TOPICS[fact] for fact in HOST_FACTS)
    values = {fact: value for topic in topics for fact, value in import_module(f"tests.facts.{topic}").good(described).items()}
    return HostFacts(**{fact: known(value) for fact, value in values.items()})


class TestWorld:
    """A plan and a snapshot, each change giving a new one."""

    __test__ = False

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self.plan = plan
        self.snapshot = snapshot

    def set(self, path: str, value: Any) -> TestWorld:
        """Change what stands at a dotted path of the snapshot; facts are looked through (`hosts.x.migration.enabled`). A path to a
        fact itself sets its value. Dots in keys are written as `·` (`accounts.testserver01.views.dc01·contoso·test`)."""
        return TestWorld(self.plan, _changed(self.snapshot, path.split("."), lambda _: value))

    def miss(self, path: str, reason: Reason = Reason.ACCESS_DENIED) -> TestWorld:
        """Take away the fact at a dotted path."""
        return self._fact(path, Missing(reason, text("test"), AT))

    def unheard_of(self, path: str) -> TestWorld:
        """Let the snapshot be of a program that did not know the fact at a dotted path."""
        return self._fact(path, ABSENT)

    def _fact(self, path: str, fact: Missing) -> TestWorld:
        return TestWorld(self.plan, _changed(self.snapshot, path.split("."), lambda _: fact, whole=True))

    def account(self, name: str, **changes: Any) -> TestWorld:
        """Change fields of a host's computer account on its controller."""
        views = self.snapshot.accounts[name].views
        changed = {dc: known(replace(fact.value, **changes)) if isinstance(fact, Known) else fact for dc, fact in views.items()}
        return TestWorld(
            self.plan,
            replace(self.snapshot, accounts=self.snapshot.accounts | {name: replace(self.snapshot.accounts[name], views=changed)}),
        )

    def controller(self, name: str, role: DomainRole = DomainRole.BACKUP_DOMAIN_CONTROLLER) -> TestWorld:
        """Let a host be a domain controller, as it says itself and its account does."""
        view = self.snapshot.accounts[name].views[DC]
        bits = view.value.user_account_control if isinstance(view, Known) else 0
        return self.set(f"hosts.{name}.computer.role", role).account(name, user_account_control=bits & ~0x1000 | 0x82000)

    def server(self, name: str, **changes: Any) -> TestWorld:
        """Add the account of a server that is no host of the plan, under the name by which paths call it: FS01 of contoso.test, unless
        said otherwise."""
        shown = account("FS01", 9, "TestServer01", **({"delegate_to": ()} | changes))
        facts = account_facts(shown)
        world = TestWorld(self.plan, replace(self.snapshot, accounts=self.snapshot.accounts | {name: facts}))
        for home in self.snapshot.domains.keys() & {domain_of(shown.dn)}:
            for controller, told in self.snapshot.domains[home].controllers.items():
                known_to = told.service_names.value if isinstance(told.service_names, Known) else ()
                path = f"domains.{home.replace('.', '·')}.controllers.{controller.replace('.', '·')}.service_names"
                world = world.set(path, (*known_to, *holdings(home, facts)))
        return world

    def move(self, **changes: Any) -> TestWorld:
        """Change every move of the plan."""
        return self.with_plan(moves=tuple(replace(move, **changes) for move in self.plan.moves))

    def with_plan(self, **changes: Any) -> TestWorld:
        return TestWorld(replace(self.plan, **changes), self.snapshot)

    def with_return(self) -> TestWorld:
        """Add the way back of every move to the plan."""
        back = tuple(replace(move, source=move.target, target=move.source) for move in self.plan.moves)
        return self.with_plan(moves=(*self.plan.moves, *back))

    def with_host(self, name: str, like: str = "testserver02", calls_itself: str = "") -> TestWorld:
        """Add a host to the snapshot that is as another one, but for what it calls itself (the name, unless said otherwise)."""
        snapshot = replace(self.snapshot, hosts=self.snapshot.hosts | {name: self.snapshot.hosts[like]})
        path, own = f"hosts.{name.replace('.', '·')}.computer", calls_itself or name
        called = TestWorld(self.plan, snapshot).set(f"{path}.name", own.partition(".")[0].upper())
        for field in ("dns_host_name", "host_name", "next_host_name"):
            called = called.set(f"{path}.{field}", own)
        return called

    def called(self, host: str, name: str) -> TestWorld:
        """Let plan and snapshot call a host by another name; it does not know."""
        key = HostName(name).key
        parts = {
            part: {key if its == host else its: what for its, what in getattr(self.snapshot, part).items()}
            for part in ("hosts", "accounts", "visits")
        }
        moves = tuple(
            replace(move, **{end: HostName(name) for end in ("source", "target") if getattr(move, end).key == host})
            for move in self.plan.moves
        )
        return TestWorld(replace(self.plan, moves=moves), replace(self.snapshot, **parts))

    def result(self, checks: tuple[Check, ...] | None = None, **options: Any) -> Result:
        return evaluate(self.plan, self.snapshot, snapshot_sha256="0" * 64, plan_sha256="1" * 64, checks=checks, **options)

    def finding(self, check: str, subject: str) -> FindingRecord:
        """What ONE check says of a subject (the part of a finding's id after the check's own), without its dependencies. Whatever fails
        has to show on which of its evidence that rests."""
        only = tuple(replace(each, depends_on=()) for each in all_checks() if each.id == check)
        assert only, f"there is no check {check}"
        by_id = {finding.id: finding for finding in self.result(only).findings}
        found = by_id[f"{check}@{subject}"]
        assert found.outcome is not Outcome.FAIL or any(row.decides is True for row in found.evidence), f"nothing decides: {found}"
        return found


def _changed(node: Any, path: list[str], change: Callable[[Any], Any], *, whole: bool = False) -> Any:
    if not path:
        if isinstance(node, Known) and not whole:
            return replace(node, value=change(node.value))
        return change(node)
    if isinstance(node, Known):
        return replace(node, value=_changed(node.value, path, change, whole=whole))
    step = path[0].replace("·", ".")
    if isinstance(node, dict):
        return node | {step: _changed(node.get(step), path[1:], change, whole=whole)}
    if isinstance(node, tuple):
        index = int(step)
        return (*node[:index], _changed(node[index], path[1:], change, whole=whole), *node[index + 1 :])
    return replace(node, **{step: _changed(getattr(node, step), path[1:], change, whole=whole)})


def good() -> TestWorld:
    """The world in which the default move passes every check."""
    accounts = {
        "testserver01": account_facts(account("TestServer01", 1, "TestServer02")),
        "testserver02": account_facts(account("TestServer02", 2, "TestServer01")),
    }
    groups = (global_group(f"{CONTOSO}-513"), global_group(HV_ADMINS))
    operator = UserAccount(
        "CN=hv-operator,CN=Users,DC=contoso,DC=test",
        OPERATOR,
        "hv-operator",
        0x200,
        (OPERATOR, *(group.sid for group in groups)),
        groups,
        (),
        computed_control=0,
        expires=NEVER,
        password_expires=NEVER,
    )
    snapshot = Snapshot(
        format=SNAPSHOT_FORMAT,
        collected=Collected("CONTOSO\\hv-reader", "admin01", "hvpreflight 0.1.0", AT, AT),
        hosts={
            "testserver01": host("TestServer01", 1, "TestServer02", (vm(),)),
            "testserver02": host("TestServer02", 2, "TestServer01"),
        },
        visits={
            name: HostVisit(AT, AT, f"{name}:5985", "negotiate", Protection.MESSAGES, "5.1.14393.0")
            for name in ("testserver01", "testserver02")
        },
        accounts=accounts,
        domains={"contoso.test": domain("contoso.test", accounts)},
        operators={"contoso\\hv-operator": OperatorFacts(known(operator), local={"contoso.test": known(())})},
        names={},
    )
    plan = Plan(
        moves=(Move("LMTest", "TestServer01", "TestServer02", "CONTOSO\\hv-operator", destination_path="D:\\LMTest"),),
    )
    return TestWorld(plan, msgspec.convert(msgspec.to_builtins(snapshot), Snapshot))


def across_domains() -> TestWorld:
    """The good world with TestServer02 in fabrikam.test: a two-way forest trust and resource-based delegation both ways."""
    from checks.facts.directory import AccessEntry, Trust, TrustDirection

    world = good()
    entry = {1: AccessEntry(True, 0xF01FF, f"{CONTOSO}-2001"), 2: AccessEntry(True, 0xF01FF, f"{FABRIKAM}-2002")}
    far_dc = "dc01.fabrikam.test"
    far = account(
        "TestServer02",
        2,
        "TestServer01",
        dn="CN=TESTSERVER02,CN=Computers,DC=fabrikam,DC=test",
        sid=f"{FABRIKAM}-2002",
        sids=(f"{FABRIKAM}-2002", f"{FABRIKAM}-515"),
        groups=(global_group(f"{FABRIKAM}-515"),),
        dns_host_name="testserver02.fabrikam.test",
        delegate_to=(),
        resource_based=(entry[1],),
        service_principal_names=tuple(
            f"{service}/{form}" for service in (MIGRATION_SERVICE, "HOST") for form in ("TESTSERVER02", "testserver02.fabrikam.test")
        ),
    )
    operator = world.snapshot.operators["contoso\\hv-operator"].account
    may_move = LocalGroup(f"{FABRIKAM}-1200", (OPERATOR,), ())
    ours = {"testserver01": account_facts(account("TestServer01", 1, "TestServer02", delegate_to=(), resource_based=(entry[2],)))}
    theirs = {"testserver02": account_facts(far, far_dc)}
    snapshot = replace(
        world.snapshot,
        accounts={
            name: replace(facts, local={there: known(())})
            for name, facts, there in (
                ("testserver01", ours["testserver01"], "fabrikam.test"),
                ("testserver02", theirs["testserver02"], "contoso.test"),
            )
        },
        domains={
            "contoso.test": domain(
                "contoso.test", ours, trusts=(Trust("fabrikam.test", "FABRIKAM", TrustDirection.BIDIRECTIONAL, 2, 8, FABRIKAM),)
            ),
            "fabrikam.test": domain(
                "fabrikam.test", theirs, trusts=(Trust("contoso.test", "CONTOSO", TrustDirection.BIDIRECTIONAL, 2, 8, CONTOSO),)
            ),
        },
        operators={"contoso\\hv-operator": OperatorFacts(operator, local={"contoso.test": known(()), "fabrikam.test": known((may_move,))})},
    )
    return (
        TestWorld(world.plan, snapshot)
        .set("hosts.testserver02.computer.domain", "fabrikam.test")
        .set("hosts.testserver02.local_groups", {"S-1-5-32-544": (f"{FABRIKAM}-1200",), "S-1-5-32-578": (), "S-1-5-32-580": ()})
        .set("hosts.testserver02.locators", (Locator("FABRIKAM", far_dc, "10.0.0.20", "fabrikam.test", "Default-First-Site-Name"),))
    )
