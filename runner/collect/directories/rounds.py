"""The rounds of queries: each controller is asked once for everything about its domain and the hosts in it, all at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias, TypeVar

from msgspec.structs import replace

from checks.facts.directory import (
    QUESTIONS,
    ComputerAccount,
    ControllerFacts,
    ControllerTopic,
    DomainFacts,
    LocalGroup,
    Routing,
    agreed,
    newest,
)
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import HostFacts
from checks.identity import other_name
from checks.plan import Plan, Transport
from checks.text import text, verbatim
from checks.trusts import between
from checks.windows.names import HostName
from checks.windows.trust_attributes import SELECTIVE
from runner.collect.credentials import Credentials
from runner.collect.directories.accounts import read_accounts, rights_of
from runner.collect.directories.base import Asked, Asking, Base, read_base
from runner.collect.directories.controller import Controller
from runner.collect.directories.groups import Found, crossing, former, groups_of, local_groups, look_up, strangers
from runner.collect.directories.members import Member, members
from runner.collect.directories.peers import Peer, Peers
from runner.collect.directories.questions.delegated_hosts import named_in
from runner.collect.directories.servers import servers
from runner.collect.name_servers import NameServers
from runner.collect.together import together
from runner.collect.unread import Unread

Views: TypeAlias = dict[str, Fact[ComputerAccount]]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

ROUND_S = 60.0
"""No round takes longer, nor more than half of the time that is left: a controller that hangs leaves time for the others."""
MOST_TRIED = 8
"""So many controllers of a domain are tried when no host says which one it uses."""

OWN = frozenset({ControllerTopic.domain.name, ControllerTopic.forest.name, ControllerTopic.trusts.name})
"""The questions of which the rounds need the answers themselves."""

_READERS: dict[str, Callable[[Asked], Any]] = {
    name: import_module(f"runner.collect.directories.questions.{name}").read for name in QUESTIONS
}
_PROTOCOLS = {Transport.KERBEROS: "kerberos", Transport.NTLM: "ntlm"}


class Answer(NamedTuple):
    """What one controller answered. Without `controller` and `base` it cannot be asked anything more."""

    facts: ControllerFacts
    accounts: dict[str, Fact[ComputerAccount]]
    controller: Controller | None = None
    base: Base | None = None


class Rounds:
    """`members` are the joined hosts by domain, `servers` the servers of their shares, `answers` those of each domain's controllers by
    their names, `local` the local groups of partners' domains that hold a host's account. Domains stand under their DNS names in lower
    case."""

    def __init__(
        self,
        plan: Plan,
        hosts: Mapping[HostName, HostFacts],
        credentials: Credentials,
        names: NameServers,
        deadline: float,
        questions: Collection[str],
    ) -> None:
        self.members = members(hosts)
        self.servers = servers(plan, hosts, self.members)
        self.answers: dict[str, dict[str, Answer]] = {}
        self.local: dict[HostName, dict[str, Fact[tuple[LocalGroup, ...]]]] = {}
        self._peers = Peers(plan, names, credentials)
        self._plan = plan
        self._protocol = "kerberos" if plan.connection.require_kerberos else _PROTOCOLS.get(plan.connection.auth, "negotiate")
        self._credentials = credentials
        self._deadline = deadline
        self._nobody: dict[str, Missing] = {}
        self._questions = OWN | set(questions)
        self._named = tuple(member for its in (*self.members.values(), *self.servers.values()) for member in its)
        self._delegated: Mapping[str, tuple[str, ...]] = {}

    def close(self) -> None:
        for controller, _ in (each for domain in self.answers for each in self.open(domain)):
            controller.close()

    def open(self, domain: str) -> list[Asking]:
        """The controllers of a domain that can be asked more."""
        return [
            Asking(answer.controller, answer.base)
            for _, answer in sorted(self.answers.get(domain, {}).items())
            if answer.controller is not None and answer.base is not None
        ]

    # --- the controllers and what they say of their domain and its hosts ---

    def ask_controllers(self) -> None:
        """Of each domain of a host, every controller that a host uses and that we may sign in to; where no host says which, the first one
        that answers. Domains that only a controller names come after those that the plan names."""
        asked: set[str] = set()
        while domains := (self.members.keys() | self._peers.pinned) & self._peers.named - asked:
            self._ask({domain: self._used(domain) for domain in domains})
            self._peers.hear(self._named_by_controllers().values())
            asked |= domains
        self._ask({domain: {} for domain in self.members if domain not in self.answers})

    def forest(self, home: Asking) -> list[Asking]:
        """The controllers of a forest that can be asked more, before all others this one."""
        return [home, *(where for domain in sorted(set(home.base.forest.values())) for where in self.open(domain))]

    def ask_forests(self, wanted: Iterable[tuple[Asking, Iterable[str]]]) -> None:
        """Every domain of a forest, where one of these SIDs of it is of none that was asked."""
        homes = [home for home, sids in wanted if strangers(sids, self.forest(home))]
        self.ask_further(sorted({domain for home in homes for domain in home.base.forest.values()}))

    def ask_further(self, domains: Iterable[str]) -> None:
        """The first controller that answers of each domain that was not asked yet."""
        self._ask({domain: {} for domain in domains if domain not in self.answers})
        self._peers.hear(self._named_by_controllers().values())

    @property
    def roots(self) -> set[str]:
        """The roots of the forests that the asked domains are of: trusts between forests stand there alone."""
        return {base.domain.forest for domain in self.answers for _, base in self.open(domain)}

    @property
    def between(self) -> set[str]:
        """The domains between two of those that were asked: they refer the tickets from one to the other."""
        forests = {domain: base for domain in self.answers for _, base in self.open(domain)}
        return {
            name
            for domain, base in forests.items()
            for other in forests.keys() & set(base.forest.values())
            for name in between(domain, other, base.domain.forest, base.forest.values())
        }

    def _used(self, domain: str) -> dict[str, tuple[str, ...]]:
        """The controllers that the hosts of a domain use, with their addresses as the hosts know them."""
        used: dict[str, tuple[str, ...]] = {}
        for member in self.members.get(domain, ()):
            if not isinstance(member.controllers, Missing):
                for name, addresses in member.controllers.items():
                    used[name] = tuple(dict.fromkeys((*used.get(name, ()), *addresses)))
        return used

    def _ask(self, wanted: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        tasks: dict[tuple[str, str], Callable[[], dict[str, Answer]]] = {}
        for domain, controllers in wanted.items():
            for name, addresses in controllers.items():
                tasks[domain, name] = partial(self._ask_one, domain, name, addresses)
            if not controllers:
                tasks[domain, ""] = partial(self._ask_first, domain)
        done = self.together(tasks)
        for domain, name in tasks:
            late = {name: self._failed(domain, name, _late())} if name else {}
            self.answers.setdefault(domain, {}).update(done.get((domain, name), late))

    def _ask_one(self, domain: str, name: str, addresses: tuple[str, ...]) -> dict[str, Answer]:
        """The answer of the controller that a host calls so, which is one of the domain's peers or is not asked."""
        peers = self._peers.of(domain)
        if isinstance(peers, Missing):
            self._nobody[domain] = peers
            return {name: self._failed(domain, name, Unread(peers.reason, peers.detail))}
        for peer in peers:
            if peer.name in (name, *addresses):
                return {name: self._answer(domain, peer)}
        stranger = text("neither the plan nor DNS knows it as a controller of {domain}: it was not asked", domain=domain)
        return {name: self._failed(domain, name, Unread(Reason.NOT_COLLECTED, stranger))}

    def _ask_first(self, domain: str) -> dict[str, Answer]:
        """The answers of a domain's controllers up to the first one that can be asked."""
        answers: dict[str, Answer] = {}
        peers = self._peers.of(domain)
        if isinstance(peers, Missing):
            self._nobody[domain] = peers
            return answers
        for peer in peers[:MOST_TRIED]:
            answer = answers[peer.name] = self._answer(domain, peer)
            if answer.controller is not None:
                break
        return answers

    def _answer(self, domain: str, peer: Peer) -> Answer:
        """What a peer answers; whatever it makes us run into costs its own answer and no other's."""
        try:
            return self._asked(domain, peer)
        except Exception as error:
            return self._failed(domain, peer.name, Unread(Reason.UNREADABLE, verbatim(type(error).__name__)))

    def _asked(self, domain: str, peer: Peer) -> Answer:
        accounts = self._accounts(domain)
        try:
            controller = Controller(
                self._peers.located(peer),
                self._credentials,
                protocol=self._protocol,
                deadline=self._deadline,
                ca_file=self._plan.connection.ca_file,
            )
        except Unread as error:
            return self._failed(domain, peer.name, error)
        try:
            base = read_base(controller)
            if base.domain.dns_name != domain:
                raise Unread(Reason.UNREADABLE, text("it is a controller of {domain}", domain=base.domain.dns_name))
        except Unread as error:
            controller.close()
            return self._failed(domain, peer.name, error)
        asked = Asked(controller, base, self._named, self._delegated)
        return Answer(
            ControllerFacts(**{name: self._told(name, asked) for name in QUESTIONS}),
            read_accounts(controller, base.head, accounts),
            controller,
            base,
        )

    def _told(self, name: str, asked: Asked) -> Fact[Any]:
        source = verbatim(QUESTIONS[name].asks)
        if name in self._questions:
            return asked.controller.fact(source, partial(_READERS[name], asked))
        return Missing(Reason.NOT_COLLECTED, source, datetime.now(UTC), text("it was not asked for"))

    def _failed(self, domain: str, name: str, error: Unread) -> Answer:
        missing = Missing(error.reason, text("{controller}: {what}", controller=name, what="LDAP"), datetime.now(UTC), error.detail)
        accounts: dict[str, Fact[ComputerAccount]] = dict.fromkeys(self._accounts(domain), missing)
        return Answer(ControllerFacts(**dict.fromkeys(QUESTIONS, missing)), accounts)

    def _accounts(self, domain: str) -> list[str]:
        """The names of the accounts that the controllers of a domain are asked for."""
        return [member.account for its in (self.members, self.servers) for member in its.get(domain, ())]

    # --- the hosts that the directory calls otherwise than they call themselves ---

    def add_service_names(self) -> None:
        """Look also for who has the names that a host, or a server of its shares, has by its other full name. A controller that does not
        answer this again has not said who has them."""
        renamed = [
            member._replace(full_name=registered.spelled)
            for domain, its in (*self.members.items(), *self.servers.items())
            for member in its
            if (registered := other_name(HostName(member.full_name), self._view(domain, member)))
        ]
        question = ControllerTopic.service_names.name
        if not renamed or question not in self._questions:
            return
        self._named += tuple(renamed)
        self._ask_again(question)

    def _ask_again(self, question: str) -> None:
        """Put one question to every controller that can be asked more, whose answer replaces the earlier one."""
        asked = {
            (domain, where.controller.name): Asked(where.controller, where.base, self._named, self._delegated)
            for domain in self.answers
            for where in self.open(domain)
        }
        done = self.together({key: partial(self._told, question, each) for key, each in asked.items()})
        for domain, answers in self.answers.items():
            for name, answer in answers.items():
                if answer.controller is not None:
                    said = done.get((domain, answer.controller.name)) or getattr(self._failed(domain, name, _late()).facts, question)
                    answers[name] = answer._replace(facts=replace(answer.facts, **{question: said}))

    # --- the hosts that delegation lists name ---

    def add_delegated(self) -> None:
        """Look for the hosts that the delegation lists of the plan's sources name. Domains that are asked later look for them too."""
        question = ControllerTopic.delegated_hosts.name
        if question not in self._questions:
            return
        sources = {move.source for move in self._plan.moves}
        views = [
            answer.accounts[member.account]
            for domain, its in self.members.items()
            for member in its
            if member.host in sources
            for answer in self.answers[domain].values()
        ]
        self._delegated = named_in(entry for view in views if isinstance(view, Known) for entry in view.value.delegate_to)
        if self._delegated:
            self._ask_again(question)

    def _view(self, domain: str, member: Member) -> Fact[ComputerAccount] | None:
        """The account of a host as the controller with the newest delegation data shows it."""
        return newest({name: answer.accounts[member.account] for name, answer in self.answers[domain].items()})

    # --- all groups of a computer account, where its target names who may delegate ---

    def add_groups(self) -> None:
        """Read all groups of each host that a partner's resource-based entries may name, on every controller that shows it, and the local
        groups of the partner's domain that hold it."""
        planned = {pair for each in self._plan.pairs for pair in (each, each[::-1])}
        shares = {(host, server.host) for host, _ in planned for its in self.servers.values() for server in its}
        pairs = sorted(pair for pair in planned | shares if self._is_resource_based(pair[1]))
        acting = {source for source, _ in pairs}
        accounts = {domain: [member.account for member in its if member.host in acting] for domain, its in self.members.items()}
        self._add(accounts, _with_groups)
        self.ask_forests(
            (where, view.value.sids) for where, its in self._asked_of(accounts) for view in its.values() if isinstance(view, Known)
        )
        self._add(accounts, self._with_scopes)
        of = {member.host: (domain, member) for each in (self.servers, self.members) for domain, its in each.items() for member in its}
        wanted = {(source, of[target][0]): of[source] for source, target in pairs if source in of and of[source][0] != of[target][0]}
        done = self.together({key: partial(self._elsewhere, *its, key[1]) for key, its in wanted.items()})
        late = Missing(Reason.TIMED_OUT, verbatim("LDAP"), datetime.now(UTC), text("no answer before the deadline"))
        for host, domain in wanted:
            self.local.setdefault(host, {})[domain] = done.get((host, domain), late)

    def _asked_of(self, accounts: Mapping[str, Collection[str]]) -> list[tuple[Asking, dict[str, Fact[ComputerAccount]]]]:
        """Each controller that can be asked more, and what it shows of these accounts of its domain."""
        return [
            (Asking(answer.controller, answer.base), {account: answer.accounts[account] for account in its})
            for domain, its in accounts.items()
            for answer in self.answers[domain].values()
            if its and answer.controller is not None and answer.base is not None
        ]

    def _add(self, accounts: Mapping[str, Collection[str]], more: Callable[[Asking, Views], Views]) -> None:
        """Replace what each controller shows of these accounts by what one more round makes of it."""
        asked = {where.controller: (where, views) for where, views in self._asked_of(accounts)}
        done = self.together({controller: partial(more, *its) for controller, its in asked.items()})
        for domain, answers in self.answers.items():
            for name, answer in answers.items():
                if answer.controller in done:
                    answers[name] = answer._replace(accounts=answer.accounts | done[answer.controller])
                elif answer.controller in asked:
                    late = self._failed(domain, name, _late())
                    answers[name] = answer._replace(accounts=late.accounts, controller=None, base=None)

    def _with_scopes(self, where: Asking, views: Views) -> Views:
        """The same views, each with what its account's groups are."""

        def whole(view: Known[ComputerAccount]) -> Fact[ComputerAccount]:
            account = view.value
            source = text("groups of {account}", account=account.account_name)
            found = where.controller.fact(source, partial(look_up, account.sids, self.forest(where)))
            if isinstance(found, Missing):
                return found
            return replace(view, value=replace(account, groups=tuple(each.group for each in found.value if each.group.sid != account.sid)))

        return {name: whole(view) if isinstance(view, Known) else view for name, view in views.items()}

    def _elsewhere(self, domain: str, member: Member, there: str) -> Fact[tuple[LocalGroup, ...]]:
        """The local groups of another domain that hold a host's account, as the newest view of it is."""
        view = self._view(domain, member)
        home = next(iter(self.open(domain)), None)
        if home is None or not isinstance(view, Known):
            return view if isinstance(view, Missing) else self.why_not(domain)
        source = text("groups of {account}", account=member.account)
        found = home.controller.fact(source, partial(look_up, view.value.sids, self.forest(home)))
        if isinstance(found, Missing):
            return found
        return self.local_groups(there, home.base, crossing(found.value), former(view.value), member.account)

    def local_groups(
        self, domain: str, home: Base, members: tuple[Found, ...], earlier: tuple[str, ...], name: str
    ) -> Fact[tuple[LocalGroup, ...]]:
        """The local groups of a domain that hold an account of another one, as all of its controllers show them that can be asked."""
        views = {
            where.controller.name: where.controller.fact(
                text("groups of {account}", account=name),
                partial(local_groups, where, members, earlier, same_forest=where.base.domain.forest == home.domain.forest),
            )
            for where in self.open(domain)
        }
        return agreed(views, lambda groups: groups) or self.why_not(domain)

    def add_rights(self) -> None:
        """Read who may authenticate at the hosts of each domain that has a trust with selective authentication, itself or in the root of
        its forest."""
        tasks: dict[tuple[str, str], Callable[[], dict[str, Fact[ComputerAccount]]]] = {}
        for domain, answers in self.answers.items():
            if domain in self.members and self._is_selective(domain):
                for name, answer in answers.items():
                    if answer.controller is not None and answer.base is not None:
                        tasks[domain, name] = partial(_with_rights, answer.controller, answer.base.head, answer.accounts)
        for (domain, name), accounts in self.together(tasks).items():
            answer = self.answers[domain][name]
            self.answers[domain][name] = answer._replace(accounts={**answer.accounts, **accounts})

    def _is_selective(self, domain: str) -> bool:
        """Does one of the controllers that were asked show such a trust."""
        forests = {base.domain.forest for _, base in self.open(domain)}
        told = (answer.facts.trusts for each in {domain, *forests} for answer in self.answers.get(each, {}).values())
        return any(trust.attributes & SELECTIVE for trusts in told if isinstance(trusts, Known) for trust in trusts.value)

    def _is_resource_based(self, host: HostName) -> bool:
        views = (
            answer.accounts[member.account]
            for each in (self.members, self.servers)
            for domain, its in each.items()
            for member in its
            if member.host == host
            for answer in self.answers[domain].values()
        )
        return any(isinstance(view, Known) and view.value.resource_based for view in views)

    # --- what the rounds amount to ---

    def domain_facts(self, domain: str) -> DomainFacts:
        """What each controller that was asked says of a domain."""
        answers = {name: answer.facts for name, answer in sorted(self.answers[domain].items())}
        return DomainFacts(answers, None if answers else self.why_not(domain))

    def why_not(self, domain: str) -> Missing:
        """Why none of a domain's controllers can be asked."""
        answers = {name: answer.facts for name, answer in self.answers.get(domain, {}).items()}
        failed = DomainFacts(answers, self._nobody.get(domain)).why_not
        source = text("controllers of {domain}", domain=domain)
        return failed or Missing(Reason.NOT_COLLECTED, source, datetime.now(UTC), text("no controller was found"))

    def known_domains(self) -> dict[str, str]:
        """The DNS names of the domains that the asked ones know, themselves included, by DNS name and by NetBIOS name (lower case)."""
        return {domain: domain for domain in self.answers} | self._named_by_controllers()

    def _named_by_controllers(self) -> dict[str, str]:
        """The domains that controllers named, as known_domains has them."""
        told: dict[str, str] = {}
        for answer in (answer for answers in self.answers.values() for answer in answers.values()):
            trusts = answer.facts.trusts.value if isinstance(answer.facts.trusts, Known) else ()
            forest = answer.base.forest if answer.base is not None else {}
            routed = ((name.netbios_name, name.name) for trust in trusts for name in trust.routes or () if name.kind is Routing.DOMAIN)
            partners = ((trust.flat_name, trust.partner) for trust in trusts)
            for short, full in (*((short.lower(), full.lower()) for short, full in (*partners, *routed)), *forest.items()):
                told |= {short: full, full: full}
        told.pop("", None)
        return told

    def together(self, tasks: Mapping[K, Callable[[], T]]) -> dict[K, T]:
        """One round: what the tasks return that end in its time."""
        now = time.monotonic()
        return together(tasks, now + min(ROUND_S, (self._deadline - now) / 2))


def _with_groups(where: Asking, views: Views) -> Views:
    """The same views, each with the SIDs of all groups of its account."""

    def whole(view: Known[ComputerAccount]) -> Fact[ComputerAccount]:
        account = view.value
        source = text("tokenGroups of {account}", account=account.account_name)
        groups = where.controller.fact(source, partial(groups_of, where.controller, account.dn))
        if isinstance(groups, Missing):
            return groups
        return replace(view, value=replace(account, sids=tuple(dict.fromkeys((*account.sids, *sorted(groups.value))))))

    return {name: whole(view) if isinstance(view, Known) else view for name, view in views.items()}


def _with_rights(controller: Controller, head: str, views: Mapping[str, Fact[ComputerAccount]]) -> dict[str, Fact[ComputerAccount]]:
    """The same views, each with who may authenticate at its host where that can be read."""
    shown = {name: view for name, view in views.items() if isinstance(view, Known)}
    rights = controller.fact(verbatim("nTSecurityDescriptor"), partial(rights_of, controller, head, shown))
    if isinstance(rights, Missing):
        return {}
    return {
        name: replace(view, value=replace(view.value, may_authenticate=rights.value[name]))
        for name, view in shown.items()
        if name in rights.value
    }


def _late() -> Unread:
    return Unread(Reason.TIMED_OUT, text("no answer before the deadline"))
