"""One way of delegation, from a source to a target: what the decision table (checks.delegation._table) asks, answered from the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from checks.changed import changed_account
from checks.changes import Change
from checks.check import PLAN, Evidence, Finding, Outcome, Severity, fails, matters, passes, skips
from checks.delegation._table import COLUMNS, TEXTS, Listed, Question, Row, decide
from checks.facts.directory import AccessEntry, ComputerAccount
from checks.facts.fact import Known, Missing, Reason
from checks.facts.migration import MigrationAuthentication
from checks.identity import both_names
from checks.near_misses import near_misses
from checks.plan import LaunchPoint
from checks.remedy import Remedy
from checks.subject import HostView, RealmView
from checks.text import Text, Value, places, text
from checks.tokens import Sure, Token, at_controller, crossing, granted
from checks.windows.account_control import ANY_PROTOCOL
from checks.windows.names import DnsName, HostName, fold
from checks.windows.numbers import in_hex, named
from checks.windows.releases import is_old
from checks.windows.releases import name as release_name
from checks.windows.rights import CONTROL_ACCESS, GENERIC_ALL
from checks.windows.service_names import CIFS, MIGRATION_SERVICE
from checks.world import FactMissing

CONTROLLER_2012 = 5
"""The level (domainControllerFunctionality) from which a controller knows resource-based delegation."""

FACTS = (
    "source.migration",
    "source.computer",
    "source.account",
    "source.domain",
    "source.controller_domains",
    "source.os",
    "target.computer",
    "target.account",
    "target.domain",
    "target.controller_domains",
    "source.local_groups_elsewhere",
    "target.local_groups_elsewhere",
)
"""The facts that a way may read."""

SERVER_FACTS = ("server.account", "server.domain", "server.controller_domains")
"""Those of a server on whose share files lie."""

_FULFILMENT = ("any_protocol", "listed", "resource_based")


def absent(account: ComputerAccount, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these entries the account's delegation list does not hold. The KDC compares without case, and literally: no
    `HOST/…` entry counts for another service."""
    held = {fold(entry) for entry in account.delegate_to}
    return tuple(entry for entry in wanted if fold(entry) not in held)


def _one_or_all(names: tuple[str, ...]) -> Value:
    return names[0] if len(names) == 1 else names


def levels(holder: HostView | RealmView) -> dict[str, int]:
    """The level of each controller of a domain that says one. Not empty where the domain is known."""
    return {name: fact.value.controller_level for name, fact in holder.controller_domains.items() if isinstance(fact, Known)}


def stops(row: Row) -> bool:
    """Is this a failure that matters to a move."""
    return matters(row.outcome, row.severity)


def judged(asked: Iterable[tuple[Way, Question]], highest: Severity) -> tuple[Way, Row]:
    """The worst of what the table says to several questions. Raises FactMissing where one is not known, unless another one fails as
    `highest`, beyond which none can be worse."""
    decisions: list[tuple[Way, Row]] = []
    unknown: FactMissing | None = None
    for way, question in asked:
        try:
            decisions.append((way, way.decide(question)))
        except FactMissing as missing:
            unknown = unknown or missing
    if unknown is not None and not any(row.severity is highest for _, row in decisions):
        raise unknown
    return worst(decisions)


def worst(decisions: Iterable[tuple[Way, Row]]) -> tuple[Way, Row]:
    """The worst of several decisions, the first of equals: a failure by its severity, then PASS, then SKIP."""

    def weight(row: Row) -> tuple[int, bool]:
        return (row.severity.weight if row.severity else 0, row.outcome is Outcome.PASS)

    return max(decisions, key=lambda decision: weight(decision[1]))


class _NotSure(FactMissing):
    """It is not sure that the target lets the source act for users."""


class Way:
    """The way from a source to a target for one launch point and some services (one for a service's own check, all that the
    move needs for the protocol). Answers the columns of the table (checks.decisions.Situation), each from facts read when
    it is asked."""

    def __init__(
        self,
        source: HostView,
        target: HostView,
        launch: LaunchPoint,
        services: tuple[str, ...] = (MIGRATION_SERVICE,),
        *,
        needed: Callable[[], bool] = lambda: True,
    ) -> None:
        self.source = source
        self.target = target
        self.launch = launch
        self.services = services
        self._needed = needed

    @cached_property
    def _account(self) -> ComputerAccount:
        return self.source.account

    @cached_property
    def _target_account(self) -> ComputerAccount:
        return self.target.account

    @property
    def authentication(self) -> MigrationAuthentication:
        return self.source.migration.authentication

    @property
    def needed(self) -> bool:
        return self._needed()

    @cached_property
    def same_domain(self) -> bool:
        return DnsName(self.source.home) == DnsName(self.target.home)

    @cached_property
    def resource_based(self) -> bool:
        """Does the target let the source act for users, and do the controllers of both domains know that way. Raises FactMissing where that
        is not sure."""
        sure, entry = self._granted
        if sure is Sure.MAYBE and not self.old_controllers:
            raise self._doubts(entry)
        return sure is Sure.YES and not self.old_controllers

    @property
    def _entries(self) -> tuple[AccessEntry, ...]:
        """Whom the target lets act for users. Raises _NotSure where its account is known, and this of it is not."""
        account = self._target_account
        try:
            return account.resource_based
        except FactMissing as untold:
            raise _NotSure(untold.name, untold.missing) from untold

    @cached_property
    def _granted(self) -> tuple[Sure, AccessEntry | None]:
        entries = self._entries
        return granted(entries, self._token) if entries else (Sure.NO, None)

    @property
    def in_the_way(self) -> Text | None:
        """What keeps the source out although entries of the target are meant for it or one of its groups: of the first one, a denial that
        comes before it, a right that it does not give, or a group that is not in the source's ticket. Nothing where no entry is meant for
        it, or one counts."""
        account = self._account
        own = {account.sid, *account.sids, *(group.sid for group in account.groups or ())}
        denial: AccessEntry | None = None
        found: list[Text] = []
        for entry in self._target_account.resource_based:
            counts = bool(entry.mask & (CONTROL_ACCESS | GENERIC_ALL))
            held = self._token.holds(entry.sid) is not Sure.NO
            if not entry.allow:
                denial = denial or (entry if counts and held else None)
            elif entry.sid not in own:
                continue
            elif denial is not None:
                found.append(text("The entry for {sid} comes after the denial for {denied}", sid=entry.sid, denied=denial.sid))
            elif not counts:
                found.append(text("The entry for {sid} does not give the right 0x100: {mask}", sid=entry.sid, mask=f"{entry.mask:#x}"))
            elif not held:
                found.append(text("The group {sid} is not in the ticket of {source}", sid=entry.sid, source=self.source.name))
            else:
                return None
        return found[0] if found else None

    @cached_property
    def _token(self) -> Token:
        """The source as the controllers of the target see it."""
        home, here = self.source.home, self.target.home
        elsewhere = {DnsName(name): local for name, local in self.source.local_groups_elsewhere.items()}
        local = elsewhere.get(DnsName(here))
        over = crossing(self.source.world.domains, home, here)
        return at_controller(self._account, over, local.value if isinstance(local, Known) else None)

    def _doubts(self, entry: AccessEntry | None) -> _NotSure:
        """Which entry leaves it open whether the target lets the source act for users, and why."""
        fact = self.target.fact(HostView.account)
        why = text("whether the entry for {sid} lets {source} act for users", sid=entry.sid if entry else "", source=self.source.name)
        if self._token.gaps:
            why = text("{what}: {gap}", what=why, gap=self._token.gaps[0])
        return _NotSure(f"{self.target.role}.account", Missing(Reason.UNREADABLE, fact.source, fact.at, why))

    @cached_property
    def old_controllers(self) -> tuple[Text, ...]:
        """The domains of source and target of which no asked controller knows resource-based delegation, and the newest's level."""
        newest = {host.domain.dns_name: max(levels(host).values()) for host in (self.source, self.target)}
        return tuple(
            text("{domain}: level {level}", domain=name, level=named("controller_level", level))
            for name, level in newest.items()
            if level < CONTROLLER_2012
        )

    @cached_property
    def _full_names(self) -> tuple[str, ...]:
        """The target's full name: two, where it calls itself otherwise than the directory does. Raises FactMissing when its account has
        none."""
        account = self._target_account
        if not account.full_name:
            fact = self.target.fact(HostView.account)
            raise FactMissing(
                f"{self.target.role}.account",
                Missing(Reason.UNREADABLE, fact.source, fact.at, text("the account of {host} has no dNSHostName", host=self.target.name)),
            )
        return both_names(account.full_name, self.target.full_name)

    @property
    def _names(self) -> tuple[str, ...]:
        """All names that Kerberos may be asked for the target by: the short one, then each full one."""
        return (self._target_account.short_name, *self._full_names)

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The entries that the source's list should hold. Raises FactMissing when the target's account has no full name."""
        return tuple(f"{service}/{name}" for service in self.services for name in self._names)

    @cached_property
    def absent(self) -> tuple[str, ...]:
        return absent(self._account, self.wanted)

    @cached_property
    def listed(self) -> Listed:
        listed = self._listed_names
        if not listed:
            return Listed.NONE
        if listed == self._names:
            return Listed.BOTH
        return Listed.SHORT if listed[0] == self._target_account.short_name else Listed.FULL

    @property
    def _listed_names(self) -> tuple[str, ...]:
        """The names of the target that the source lists for any of the services."""
        return tuple(name for name in self._names if any(f"{service}/{name}" not in self.absent for service in self.services))

    @property
    def any_protocol(self) -> bool:
        return bool(self._account.user_account_control & ANY_PROTOCOL)

    @cached_property
    def empty(self) -> bool:
        return not self._account.delegate_to

    @property
    def old(self) -> bool:
        return is_old(self.source.os.build)

    def decide(self, question: Question) -> Row:
        """The row that fits. Where it is not sure that the target lets the source act for users, what comes out both ways is decided, and
        anything else is not: raises FactMissing."""
        try:
            return decide(question, self)
        except _NotSure:
            without, granted = (decide(question, self._if(resource_based)) for resource_based in (False, True))
            if stops(without) != stops(granted):
                raise
            return worst([(self, without), (self, granted)])[1] if stops(without) else without

    def _if(self, resource_based: bool) -> Way:
        """The same way if the target did, or did not, let the source act for users."""
        supposed = Way(self.source, self.target, self.launch, self.services, needed=self._needed)
        supposed.resource_based = resource_based
        return supposed

    def started(self, launch: LaunchPoint) -> Way:
        """The same way for another launch point."""
        return Way(self.source, self.target, launch, self.services, needed=self._needed)

    def after(self, changes: Iterable[Change]) -> Way:
        """The same way once these changes of computer accounts are in force."""
        then = Way(self.source, self.target, self.launch, self.services, needed=self._needed)
        then._account = changed_account(self._account, changes)
        then._target_account = changed_account(self._target_account, changes)
        return then

    @property
    def will_need_any_protocol(self) -> bool:
        """Is nothing listed now, so that the protocol is no question yet, and would it fail once the entries are there."""
        if self.listed is not Listed.NONE:
            return False
        mended = Way(self.source, self.target, self.launch, self.services)
        mended.listed, mended.empty = Listed.BOTH, False
        return stops(mended.decide(Question.PROTOCOL))

    def message(self, row: Row) -> Text:
        """The row's text with the values that it has places for."""
        template = TEXTS[row.text]
        return Text(template, {place: self._value(place) for place in places(template)})

    def finding(self, row: Row, remedy: Callable[[], Remedy], severity: Severity | None = None) -> Finding:
        """What the row says, with the values that decided it as evidence. `severity` replaces the row's own."""
        message = self.message(row)
        if row.outcome is Outcome.SKIP:
            return skips(message.template, **message.values)
        if row.outcome is Outcome.PASS:
            fulfilled = next((column for column in _FULFILMENT if getattr(row, column)), None)
            return passes(message.template, *(self.evidence(fulfilled, row) if fulfilled else ()), **message.values)
        evidence = (each for column in COLUMNS if getattr(row, column) for each in self.evidence(column, row))
        return fails(message, *evidence, remedy=remedy(), severity=severity or row.severity)

    def _value(self, place: str) -> Value:
        if place == "source":
            return self.source.name
        if place == "target":
            return self.target.name
        if place == "service":
            return text("{first} and {second}", first=MIGRATION_SERVICE, second=CIFS) if len(self.services) > 1 else self.services[0]
        if place == "launch":
            return Text(self.launch.value)
        if place == "source_domain":
            return self.source.home
        if place == "target_domain":
            return self.target.home
        if place == "windows":
            return release_name(self.source.os.build)
        if place == "short":
            return self._target_account.short_name
        if place == "full":
            return _one_or_all(self._full_names)
        if place == "form":
            return _one_or_all(self._listed_names)
        raise LookupError(place)

    def evidence(self, column: str, row: Row) -> tuple[Evidence, ...]:
        """The facts behind one column of a row."""
        source, target = self.source, self.target
        if column == "authentication":
            name = self.authentication.label
            return (source.evidence(HostView.migration, text("migration authentication of {host}", host=source.name), name),)
        if column == "launch":
            return (PLAN.another("launch point", Text(self.launch.value)),)
        if column == "same_domain":
            return (
                source.evidence(source.tells_home, text("domain of {host}", host=source.name), source.home),
                target.evidence(target.tells_home, text("domain of {host}", host=target.name), target.home),
            )
        if column == "resource_based":
            return self._resource_based_evidence()
        if column == "empty":
            what = text("msDS-AllowedToDelegateTo of {source}", source=source.name)
            return (source.evidence(HostView.account, what, self._account.delegate_to),)
        if column == "listed":
            what = text("msDS-AllowedToDelegateTo of {source} for {target}", source=source.name, target=target.name)
            wanted, fits = (None, None) if row.any_protocol else (self.wanted, not self.absent)
            shown = source.evidence(HostView.account, what, self._held(), wanted, fits=fits)
            near = near_misses(self.absent, self._account.delegate_to)
            return (shown, source.evidence(HostView.account, "entries that only look like these", near)) if near else (shown,)
        if column == "any_protocol":
            bits = in_hex("user_account_control", self._account.user_account_control)
            other = text("without {bits}" if self.any_protocol else "with {bits}", bits=in_hex("user_account_control", ANY_PROTOCOL))
            expected = other if row.outcome is Outcome.FAIL else None
            shown = source.evidence(HostView.account, text("userAccountControl of {host}", host=source.name), bits, expected)
            return (shown, *self.evidence("empty", row)) if row.outcome is Outcome.FAIL and not row.empty else (shown,)
        if column == "old":
            return (source.evidence(HostView.os, text("Windows of {host}", host=source.name), release_name(source.os.build)),)
        return ()

    def _resource_based_evidence(self) -> tuple[Evidence, ...]:
        source, target = self.source, self.target
        try:
            entries = self._entries
        except _NotSure:
            return ()
        actual = tuple(
            text("allow {sid} {mask}" if entry.allow else "deny {sid} {mask}", sid=entry.sid, mask=in_hex("access_mask", entry.mask))
            for entry in entries
        )
        expected = None if self.same_domain else text("allow {sid}", sid=self._account.sid)
        what = text("msDS-AllowedToActOnBehalfOfOtherIdentity of {host}", host=target.name)
        granted = self._granted[0] is Sure.YES
        shown = target.evidence(HostView.account, what, actual, expected, fits=None if expected is None else granted)
        if not (actual and self.old_controllers):
            return (shown,)
        levels = source.evidence(
            HostView.domain,
            "level of the domain controllers",
            self.old_controllers,
            text("at least {level}", level=named("controller_level", CONTROLLER_2012)),
        )
        return (shown, levels)

    def _held(self) -> tuple[str, ...]:
        """The entries of the source's list that name the target, whatever the service."""
        account = self._target_account
        hosts = {HostName(account.short_name), *map(HostName, self._full_names)}
        return tuple(entry for entry in self._account.delegate_to if HostName(entry.partition("/")[2]) in hosts)
