"""Selective authentication: who may authenticate at which host, and whether it is known.

Over such a trust the KDC gives a ticket for a host only to those who have the extended right "Allowed to authenticate" on its account
([MS-KILE] 3.3.5.7, [MS-ADTS] 5.1.3.3.4). Whoever comes over it carries S-1-5-1000, Other Organization ([MS-DTYP] 2.4.2.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Grade, Severity
from checks.domain._realms import LEGS, Judged, Leg, Parties, Realm, Start
from checks.domain._trusts import Edge, Objection, path
from checks.facts.directory import AccessEntry, ComputerAccount
from checks.facts.fact import Missing, Reason
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView, MoveSubject, OperatorView, RealmView
from checks.text import Value, text
from checks.tokens import OTHER_ORGANIZATION, Logon, Sure
from checks.windows.sids import AUTHENTICATED_USERS, EVERYONE, OF_DOMAINS, in_domain_of
from checks.windows.trust_attributes import SELECTIVE
from checks.world import FactMissing

NOBODY_ELSE = frozenset({"S-1-5-15", "S-1-5-18", "S-1-5-10", "S-1-5-9", "S-1-3-0", "S-1-3-1", "S-1-3-4"})
"""This Organization, SYSTEM, SELF, the forest's own controllers, creators and owners: nobody who comes over such a trust."""
EVERY_LOGON = (EVERYONE, AUTHENTICATED_USERS)
DOMAIN_COMPUTERS = 515
OF_EVERY_DOMAIN = frozenset(map(str, range(1000)))
"""The relative identifiers of the groups that every domain has, which hold nobody of another forest ([MS-DTYP] 2.4.2.4)."""


ONLY_A_REFERRAL = text(
    "The trust of {trusting} with {trusted} uses selective authentication: whether a host of {trusted} gets a ticket of {trusting} for its "
    "operator is not described (inferred)"
)
AT_THE_SOURCE = text("Start the move in a session on the source itself, or let an operator of its domain start it")


class Holder(Struct, frozen=True):
    """Somebody who signs in over a trust: the SIDs that are certainly among his, and those that may be."""

    name: str
    sid: str
    sids: Set[str]
    may_hold: Callable[[str], bool]


def grants(entries: Iterable[AccessEntry], holder: Holder) -> bool | None:
    """Do these entries give him the right: the first one decides that names a SID of his. Nothing where that rests on a SID of which it is
    not known whether he has it."""
    entries = tuple(entries)

    def first(allowing: Callable[[str], bool], denying: Callable[[str], bool]) -> bool:
        return next((entry.allow for entry in entries if (allowing if entry.allow else denying)(entry.sid)), False)

    def certain(sid: str) -> bool:
        return sid in holder.sids

    def possible(sid: str) -> bool:
        return certain(sid) or holder.may_hold(sid)

    if first(certain, possible):
        return True
    return None if first(possible, certain) else False


def judge_selective(subject: MoveSubject, parties: Parties, start: Start, judged: Judged) -> None:
    """What speaks against the move where a trust that its start needs uses selective authentication."""
    for leg in LEGS:
        if not leg.passed or parties.in_one(leg.trusting, leg.trusted):
            continue
        try:
            if leg.counts_for(start):
                for edge in path(parties.realms, parties.domains[leg.trusting], parties.domains[leg.trusted]).edges:
                    if edge.outward.attributes & SELECTIVE:
                        _judge(subject, leg, edge, judged)
        except FactMissing as missing:
            judged.lacks(missing)


def _judge(subject: MoveSubject, leg: Leg, edge: Edge, judged: Judged) -> None:
    if leg.trusting is Realm.OPERATOR:
        what = text(
            "selective authentication of the trust with {partner} in {domain}",
            partner=edge.trusted.domain.dns_name,
            domain=edge.trusting.domain.dns_name,
        )
        judged.evidence.append(edge.trusting.evidence(RealmView.trusts, what, True, False))
        judged.objections.append(edge.objection(Severity.RISK, Grade.INFERRED, replace(ONLY_A_REFERRAL, values=edge.values), AT_THE_SOURCE))
        return
    host = subject.source if leg.trusting is Realm.SOURCE else subject.target
    holder = _operator(subject.operator, host) if leg.trusted is Realm.OPERATOR else _source(subject)
    views = host.account_views
    lists = {view.may_authenticate for view in views.values()}
    entries = tuple(dict.fromkeys(entry for each in lists for entry in each or ()))
    shown = tuple(text("allow {sid}" if entry.allow else "deny {sid}", sid=entry.sid) for entry in entries)
    what = text("right 'Allowed to authenticate' at {host}", host=host.name)
    answers = {grants(each, holder) for each in lists if each is not None}
    wanted = text("allow {sid}", sid=holder.sid)
    judged.evidence.append(host.evidence(HostView.account_views, what, shown, wanted, fits=False not in answers))
    if None in lists or None in answers or len(answers) > 1:
        unread = text("who is allowed to authenticate at {host} was not read", host=host.name)
        doubt = text(
            "whether {account} is allowed to authenticate at {host} is open: the right is given by {entries}",
            account=holder.name,
            host=host.name,
            entries=shown,
        )
        fact = host.fact(HostView.account_views)
        missing = Missing(Reason.NOT_COLLECTED, fact.source, fact.at, unread if None in lists else doubt)
        judged.lacks(FactMissing(f"{host.role}.account_views", missing))
    elif False in answers:
        found = text(
            "{account} is not allowed to authenticate at {host}: the trust of {trusting} with {trusted} uses selective authentication",
            account=holder.name,
            host=host.name,
            **edge.values,
        )
        judged.objections.append(Objection(Severity.BLOCKER, Grade.VENDOR, found, _grant(host, holder, views)))


def _operator(operator: OperatorView, host: HostView) -> Holder:
    """The operator, as a logon to a member of the host's domain carries him."""
    token = operator.token(host.computer.domain, Logon.NETWORK)
    certain = frozenset({OTHER_ORGANIZATION, *(sid for sid, sure in token.sids.items() if sure is Sure.YES)})

    def may_hold(sid: str) -> bool:
        return token.holds(sid) is not Sure.NO or (_may_be_anybodys(sid) and sid not in EVERY_LOGON)

    return Holder(operator.name, operator.account.sid, certain, may_hold)


def _source(subject: MoveSubject) -> Holder:
    """The source itself, which asks for a ticket for the target. Of the groups of the target's domain it is not known which hold it; its
    own are read where the target lets anybody act for users."""
    account, target, operator = subject.source.account, subject.target.account, subject.operator.account.sid
    whole = bool(target.resource_based)

    def may_hold(sid: str) -> bool:
        if sid in account.sids or _may_be_anybodys(sid):
            return True
        domain, _, rid = sid.rpartition("-")
        of_target = domain == target.sid.rpartition("-")[0]
        has_its_own = sid.startswith(OF_DOMAINS) and rid not in OF_EVERY_DOMAIN and sid != operator
        return has_its_own and (of_target or not whole)

    computers = in_domain_of(account.sid, DOMAIN_COMPUTERS)
    certain = frozenset({account.sid, OTHER_ORGANIZATION, *EVERY_LOGON, *({computers} & set(account.sids))})
    return Holder(subject.source.name, account.sid, certain, may_hold)


def _may_be_anybodys(sid: str) -> bool:
    """Is it a SID that a logon may carry and that no directory lists with its groups."""
    return not sid.startswith(OF_DOMAINS) and sid not in NOBODY_ELSE


def _grant(host: HostView, holder: Holder, views: Mapping[str, ComputerAccount]) -> Remedy:
    account = next(iter(views.values()))
    values: dict[str, Value] = {"account": holder.name, "host": account.dn}
    return Remedy(
        text(
            "Grant {account} the right 'Allowed to authenticate' on {host} (Active Directory Users and Computers, tab Security)", **values
        ),
        domain_administrator_of(host.computer.domain),
        effective_after=text("when the domain controllers have replicated it"),
        undo=(text("Take the right 'Allowed to authenticate' on {host} from {account} again", **values),),
    )
