"""The facts as the changes of remedies would leave them: to be judged again before anybody changes anything. Pure.

What a change leads to beyond what it says is not guessed: which ports answer once a rule is on, or where the migration service listens once
migrations are enabled, is missing until it is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checks.changes import IN_DIRECTORY, LISTS, Change, Kind, Setting
from checks.facts.directory import AccessEntry, AccountFacts, ComputerAccount, DirectoryFacts, OfAccount
from checks.facts.fact import Fact, Known, Missing, Reason, declared
from checks.facts.host import HostFacts, HostTopics
from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import FirewallRule, PartnerAnswer
from checks.facts.snapshot import Snapshot
from checks.text import text
from checks.windows.account_control import ANY_PROTOCOL
from checks.windows.names import HostName, fold

T = TypeVar("T")
S = TypeVar("S", bound=Struct)

FULL_CONTROL = 0xF01FF
"""The mask of what Set-ADComputer -PrincipalsAllowedToDelegateToAccount writes: every right to an object ([MS-ADTS] 5.1.3.2)."""

RUNNING = "Running"
"""Win32_Service.State of a service that runs, in English on every Windows."""

OF_ACCOUNTS = frozenset(declared(DirectoryFacts, OfAccount))
"""The facts of a host that its computer account tells."""


class Effect(NamedTuple):
    """What a kind of change does to the facts of its host: how the value of `fact` becomes another one, and which facts are to be read
    `again`. `ports`: what others got from the ports of this host is to be tried again, where they were closed; `all_ports`: where they were
    open too."""

    fact: str
    become: Callable[[Any, Change], Any]
    again: tuple[str, ...] = ()
    ports: bool = False
    all_ports: bool = False


def _field(name: str, read: Callable[[Setting], Any]) -> Callable[[S, Change], S]:
    """One field becomes what is wanted, as its fact has it."""
    return lambda value, change: replace(value, **{name: read(change.wanted)})


def _networks(held: tuple[MigrationNetwork, ...], change: Change) -> tuple[MigrationNetwork, ...]:
    return (*held, *(MigrationNetwork(subnet, None) for subnet in _absent(change, (each.subnet for each in held))))


def _members(groups: dict[str, tuple[str, ...]], change: Change) -> dict[str, tuple[str, ...]]:
    held = groups.get(change.object, ())
    return groups | {change.object: (*held, *_absent(change, held))}


def _rules(rules: tuple[FirewallRule, ...], change: Change) -> tuple[FirewallRule, ...]:
    return tuple(replace(rule, data=_switched_on(rule.data)) if rule.name == change.object else rule for rule in rules)


def _switched_on(data: str) -> str:
    """The tokens of a rule with Active=TRUE in the place of what they said of that."""
    return "|".join("Active=TRUE" if fold(token).startswith(fold("Active=")) else token for token in data.split("|"))


_LISTENING = (HostTopics.migration_listener.name, HostTopics.migration_port.name)
_MIGRATION = HostTopics.migration.name

EFFECTS: dict[Kind, Effect] = {
    Kind.MIGRATION: Effect(_MIGRATION, _field("enabled", bool), _LISTENING, ports=True),
    Kind.AUTHENTICATION: Effect(_MIGRATION, _field("authentication", lambda name: MigrationAuthentication[str(name).upper()])),
    Kind.PERFORMANCE_OPTION: Effect(_MIGRATION, _field("performance_option", lambda name: PerformanceOption[str(name).upper()])),
    Kind.MAXIMUM_MIGRATIONS: Effect(_MIGRATION, _field("maximum_migrations", lambda number: number)),
    Kind.MAXIMUM_STORAGE_MIGRATIONS: Effect(_MIGRATION, _field("maximum_storage_migrations", lambda number: number)),
    Kind.ANY_NETWORK: Effect(_MIGRATION, _field("any_network", bool), _LISTENING, all_ports=True),
    Kind.MIGRATION_NETWORK: Effect(HostTopics.migration_networks.name, _networks, _LISTENING, all_ports=True),
    Kind.GROUP_MEMBER: Effect(HostTopics.local_groups.name, _members),
    Kind.FIREWALL_RULE: Effect(HostTopics.firewall.name, _rules, ports=True),
    Kind.SERVICE_START: Effect(HostTopics.hyperv_role.name, _field("service_start", str)),
    Kind.SERVICE: Effect(HostTopics.hyperv_role.name, _field("service_state", lambda _: RUNNING), _LISTENING, ports=True),
}
"""What each kind of change on a host does to its facts."""


def _delegate_to(account: ComputerAccount, change: Change) -> ComputerAccount:
    return replace(account, delegate_to=(*account.delegate_to, *_absent(change, account.delegate_to)))


def _any_protocol(account: ComputerAccount, change: Change) -> ComputerAccount:
    control = account.user_account_control
    return replace(account, user_account_control=control | ANY_PROTOCOL if change.wanted else control & ~ANY_PROTOCOL)


def _act_on_behalf(account: ComputerAccount, change: Change) -> ComputerAccount:
    allowed = (entry.sid for entry in account.resource_based if entry.allow)
    added = (AccessEntry(allow=True, mask=FULL_CONTROL, sid=sid) for sid in _absent(change, allowed))
    return replace(account, resource_based=(*account.resource_based, *added))


ON_ACCOUNTS: dict[Kind, Callable[[ComputerAccount, Change], ComputerAccount]] = {
    Kind.DELEGATE_TO: _delegate_to,
    Kind.ANY_PROTOCOL: _any_protocol,
    Kind.ACT_ON_BEHALF: _act_on_behalf,
}
"""What each kind of change in the directory does to the account, as every controller shows it once it is replicated."""


def _absent(change: Change, held: Iterable[str]) -> Iterable[str]:
    """The members of a change that are not there yet."""
    assert change.kind in LISTS
    there = set(map(fold, held))
    wanted = change.wanted
    return [member for member in wanted if fold(member) not in there] if isinstance(wanted, tuple) else ()


def changed_facts(changes: Iterable[Change]) -> frozenset[str]:
    """The names of all facts that are not as they were after these changes."""
    names: set[str] = set()
    for kind in {change.kind for change in changes}:
        if kind in IN_DIRECTORY:
            names |= OF_ACCOUNTS
            continue
        effect = EFFECTS[kind]
        names |= {effect.fact, *effect.again}
        if effect.ports or effect.all_ports:
            names.add(HostTopics.partners.name)
    return frozenset(names)


def changed(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """The facts after these changes, replicated and in force. What was not read stays missing. Places are found as the plan spells them,
    accounts by their SIDs."""
    of_accounts: dict[str, list[Change]] = {}
    of_hosts: dict[HostName, list[Change]] = {}
    for change in changes:
        if change.kind in IN_DIRECTORY:
            of_accounts.setdefault(change.sid, []).append(change)
        else:
            of_hosts.setdefault(HostName(change.place), []).append(change)
    return replace(
        snapshot,
        hosts={name: _on_host(HostName(name), facts, of_hosts) for name, facts in snapshot.hosts.items()},
        accounts={host: _on_account(facts, of_accounts) for host, facts in snapshot.accounts.items()},
    )


def _on_account(facts: AccountFacts, changes: Mapping[str, Sequence[Change]]) -> AccountFacts:
    views: dict[str, Fact[ComputerAccount]] = {}
    for name, view in facts.views.items():
        if isinstance(view, Known):
            view = replace(view, value=changed_account(view.value, changes.get(view.value.sid, ())))
        views[name] = view
    return replace(facts, views=views)


def changed_account(account: ComputerAccount, changes: Iterable[Change]) -> ComputerAccount:
    """A computer account after those of these changes that are of it."""
    for change in changes:
        if change.sid == account.sid:
            account = ON_ACCOUNTS[change.kind](account, change)
    return account


def _on_host(name: HostName, facts: HostFacts, changes: Mapping[HostName, Sequence[Change]]) -> HostFacts:
    """What changes on a host, and what it got from the ports of others that change."""
    for change in changes.get(name, ()):
        effect = EFFECTS[change.kind]
        told: Fact[Any] = getattr(facts, effect.fact)
        if isinstance(told, Known):
            told = replace(told, value=effect.become(told.value, change))
        facts = replace(facts, **{effect.fact: told} | {each: _again(getattr(facts, each)) for each in effect.again})
    partners: Fact[tuple[PartnerAnswer, ...]] = facts.partners
    if not isinstance(partners, Known):
        return facts
    answers = tuple(_untried(answer, changes.get(HostName(answer.partner), ())) for answer in partners.value)
    return replace(facts, partners=replace(partners, value=answers))


def _untried(answer: PartnerAnswer, changes: Sequence[Change]) -> PartnerAnswer:
    """What a host says of a partner, without what it got from ports of that one that the changes have effects on."""
    for change in changes:
        effect = EFFECTS[change.kind]
        if effect.ports or effect.all_ports:
            answer = replace(answer, ports=tuple(port for port in answer.ports if port.open and not effect.all_ports))
    return answer


def _again(fact: Fact[T]) -> Fact[T]:
    """A fact that a change has effects on: it is not known before it is read again."""
    if isinstance(fact, Missing):
        return fact
    return Missing(Reason.NOT_COLLECTED, fact.source, fact.at, text("a change of these fixes has effects on it: read it again after them"))
