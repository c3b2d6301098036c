"""Two small forests, facts of hosts in them, and what the directory collector makes of both."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from checks.facts.directory import QUESTIONS, Locator, Question
from checks.facts.fact import Fact, FactOf, Known, Missing, Reason
from checks.facts.host import HostFacts, missing_host
from checks.facts.snapshot import SNAPSHOT_FORMAT, Collected, Snapshot
from checks.facts.system import Computer, DomainRole
from checks.plan import HostEntry, Move, Plan
from checks.plan import Names as NameServerSettings
from checks.text import text
from checks.windows.names import HostName
from checks.world import World
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, DomainSpec, Group, GroupScope, HostSpec, Promise, Scenario, TrustSpec, User
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import Answers, collect
from runner.collect.name_servers import NameServers

T = TypeVar("T")

AT = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
PATIENCE_S = 30.0
COLLECTED = Collected("CONTOSO\\hv-reader", "admin01", "hvpreflight 0.2.0", AT, AT)
CONTOSO_SID = "S-1-5-21-1004336348-1177238915-682003330"
FABRIKAM_SID = "S-1-5-21-2025429265-507921405-854245398"
ANY_PROTOCOL = 0x1000000
SENSITIVE = 0x100000
TO_HV02 = Delegation(to=("cifs/HV02", "cifs/hv02.contoso.test"), any_protocol=True)


def scenario(controllers: dict[str, ControllerSpec] | None = None, hosts: dict[str, HostSpec] | None = None, **changes: Any) -> Scenario:
    """contoso.test with HV01 (delegates to HV02) and HV02, and fabrikam.test with HV03. hv-operator of CONTOSO is in the group
    hv-admins, which is in the local group hv-local, which is in hv-outer; hv-operator of FABRIKAM is in hv-movers, which is in
    CONTOSO's hv-local."""
    contoso = DomainSpec(
        netbios="CONTOSO",
        sid=CONTOSO_SID,
        controllers=controllers or {"dc01": ControllerSpec(), "dc02": ControllerSpec()},
        users=(User("hv-reader"), User("hv-operator", groups=("hv-admins",)), User("hv-chief", sensitive=True)),
        groups=(
            Group("hv-admins", rid=1201),
            Group("hv-local", GroupScope.LOCAL, ("hv-admins", "FABRIKAM\\hv-movers"), 1202),
            Group("hv-outer", GroupScope.LOCAL, ("hv-local",), 1203),
            Group("hv-others", GroupScope.LOCAL, ("hv-chief",), 1204),
        ),
        trusts=(TrustSpec("fabrikam.test"),),
    )
    fabrikam = DomainSpec(
        netbios="FABRIKAM",
        sid=FABRIKAM_SID,
        controllers={"dc51": ControllerSpec()},
        users=(User("hv-operator", groups=("hv-movers", "hv-home")),),
        groups=(Group("hv-movers", rid=1301), Group("hv-home", GroupScope.LOCAL, (), 1302)),
        trusts=(TrustSpec("contoso.test"),),
    )
    return msgspec.structs.replace(
        Scenario(
            title="for a test",
            promise=Promise(verdict="INCOMPLETE"),
            plan={"moves": []},
            domains={"contoso.test": contoso, "fabrikam.test": fabrikam},
            hosts=hosts or {"HV01": HostSpec(delegation=TO_HV02), "HV02": HostSpec(), "HV03": HostSpec(domain="fabrikam.test")},
            collector="CONTOSO\\hv-reader",
        ),
        **changes,
    )


def locators(*controllers: str, netbios: str = "CONTOSO", address: str = "127.0.0.1") -> Known[tuple[Locator, ...]]:
    rows = tuple(Locator(netbios, name, address, "contoso.test", "Default-First-Site-Name") for name in controllers)
    return Known(rows, text("Win32_NTDomain"), AT)


def host(name: str, uses: Fact[tuple[Locator, ...]], domain: str = "contoso.test") -> HostFacts:
    """The facts of a joined host, of which only those that lead to its directory were read."""
    computer = Computer(name.upper(), name, domain, DomainRole.MEMBER_SERVER, True)
    return replace(
        missing_host(Reason.NOT_COLLECTED, text(name), AT), computer=Known(computer, text("Win32_ComputerSystem"), AT), locators=uses
    )


def usual_hosts() -> dict[str, HostFacts]:
    return {
        "hv01": host("HV01", locators("dc01.contoso.test")),
        "hv02": host("HV02", locators("DC02")),
        "hv03": host("HV03", locators("dc51.fabrikam.test", netbios="FABRIKAM"), "fabrikam.test"),
    }


def moves(*pairs: tuple[str, str], operator: str = "CONTOSO\\hv-operator") -> tuple[Move, ...]:
    return tuple(Move("*", source, target, operator) for source, target in pairs)


def asked(
    forest: Forest,
    hosts: dict[str, HostFacts] | None = None,
    planned: tuple[Move, ...] = moves(("HV01", "HV02")),
    *,
    entries: dict[HostName, HostEntry] | None = None,
    user: str | None = None,
    password: str | None = None,
    questions: Collection[str] = QUESTIONS.keys(),
    deadline_s: float = PATIENCE_S,
    **changes: Any,
) -> Answers:
    """What the directories of a running forest answer about these hosts and moves; hosts and operators by their keys."""
    assert forest.dns is not None
    servers = NameServerSettings((f"127.0.0.1:{forest.dns.port}",))
    named = {HostName(name): facts for name, facts in (usual_hosts() if hosts is None else hosts).items()}
    plan = Plan(**{"moves": planned, "names": servers, "hosts": full_names(named) if entries is None else entries, **changes})
    credentials = Credentials(user or forest.collector, password or forest.password)
    if password is None:
        credentials.trial.on("a host").accepted()
    return by_key(collect(plan, named, credentials, NameServers(plan.names.servers), deadline_s, questions))


def full_names(hosts: dict[HostName, HostFacts]) -> dict[HostName, HostEntry]:
    """A plan's entries that name the hosts in full."""
    known = {host: facts.computer.value for host, facts in hosts.items() if isinstance(facts.computer, Known)}
    return {host: HostEntry(fqdn=f"{host.key}.{computer.domain}") for host, computer in known.items() if computer.joined}


def by_key(answers: Answers) -> Answers:
    accounts = {name.key: facts for name, facts in answers.accounts.items()}
    operators = {name.key: facts for name, facts in answers.operators.items()}
    return answers._replace(accounts=accounts, operators=operators)  # type: ignore[arg-type]


def first(answers: Answers, domain: str, question: Question[T]) -> Fact[T]:
    """What the first controller of a domain says that says it."""
    its = answers.domains[domain]
    facts = tuple(its.said(question).values())
    found = next((fact for fact in facts if isinstance(fact, Known)), next(iter(facts), its.nobody))
    assert found is not None
    return found


def of_host(answers: Answers, hosts: dict[str, HostFacts], name: str, fact: FactOf[T]) -> Fact[T]:
    """A fact of a host, as checks read it, from what the directories answered."""
    snapshot = Snapshot(SNAPSHOT_FORMAT, COLLECTED, hosts, {}, dict(answers.accounts), dict(answers.domains), {}, {})  # type: ignore[arg-type]
    return World(Plan(()), snapshot).host_fact(HostName(name), fact)


def value(fact: Fact[T]) -> T:
    assert isinstance(fact, Known), fact
    return fact.value


def reason(fact: Fact[Any]) -> Reason:
    assert isinstance(fact, Missing), fact
    return fact.reason
