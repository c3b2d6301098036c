"""Whether one domain trusts another, and what the trust lets through: the rules as data.

`A trusts B`: accounts of B may sign in to computers of A. Each half of a trust is read on its own side: the trusting domain's object must
show the direction outbound, the trusted one's inbound ([MS-ADTS] 6.1.6.7.12, 6.1.6.9.1.2). SID filter and selective authentication are the
trusting domain's and stand in its object alone ([MS-KILE] 3.3.5.7.5). Between the domains of one forest the trusts are two-way and
transitive; between two forests a forest trust stands only in their root domains, and an external one covers just its two domains
([MS-ADTS] 6.1.6.7.9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Grade, Severity
from checks.facts.directory import Domain, Trust, TrustDirection
from checks.remedy import Remedy
from checks.subject import RealmView
from checks.text import Text, Value, text
from checks.trusts import Covered, across, coverage, is_root, trust_with, way
from checks.windows.names import DnsName
from checks.windows.numbers import in_hex, named
from checks.windows.trust_attributes import (
    FOREST,
    KNOWN_BITS,
    PIM,
    QUARANTINED,
    TYPE_NT,
    TYPE_REALM,
    TYPE_WINDOWS,
    UPLEVEL_ONLY,
)

BLOCKER, RISK, ADVICE = Severity
ARTICLE, VENDOR, INFERRED = Grade

Realms: TypeAlias = Callable[[str], RealmView]
"""A domain by its DNS name, through which its facts are read."""

DIRECTIONS: dict[TrustDirection, Text] = {
    TrustDirection.DISABLED: text("disabled"),
    TrustDirection.INBOUND: text("inbound"),
    TrustDirection.OUTBOUND: text("outbound"),
    TrustDirection.BIDIRECTIONAL: text("bidirectional"),
}


class Objection(Struct, frozen=True):
    """What speaks against a trust, and on whose word. Without a severity it cannot be told what it does."""

    severity: Severity | None
    grade: Grade
    found: Text
    fix: Text | Remedy
    between: tuple[str, ...] = ()
    """The domains whose trust it is about."""


class Edge(Struct, frozen=True):
    """A trust across the border of two forests. `trusting` and `trusted` are the domains that hold its halves, `outward` and `inward` what
    they hold; `beyond` is the domain that is to be trusted where the trust leads to its whole forest, and nothing where it covers just
    these two."""

    trusting: RealmView
    trusted: RealmView
    outward: Trust
    inward: Trust
    beyond: Domain | None

    @property
    def forest(self) -> bool:
        return self.beyond is not None

    @property
    def halves(self) -> tuple[tuple[RealmView, Trust, RealmView], ...]:
        """Each half: who holds it, the half, and who is its partner."""
        return (self.trusting, self.outward, self.trusted), (self.trusted, self.inward, self.trusting)

    @property
    def values(self) -> dict[str, Value]:
        """The names of its two domains, for sentences."""
        return {"trusting": self.trusting.domain.dns_name, "trusted": self.trusted.domain.dns_name}

    def objection(self, severity: Severity | None, grade: Grade, found: Text, fix: Text) -> Objection:
        """What speaks against this trust; its places in `fix` are filled."""
        between = (self.trusting.domain.dns_name, self.trusted.domain.dns_name)
        return Objection(severity, grade, found, replace(fix, values=self.values), between)


class Rule(Struct, frozen=True):
    """What a trust shows, and what comes of it. `passed`: only where somebody's tickets pass it."""

    shows: Callable[[Edge], bool]
    severity: Severity | None
    grade: Grade
    found: Text
    fix: Text
    passed: bool = False


TO_FOREST_TRUST = text("Replace the trust by a two-way forest trust between the forests of {trusting} and {trusted}")
NEW_FOREST_TRUST = text("Create a two-way forest trust between the forests of {trusting} and {trusted}")
OWN_ACCOUNTS = text(
    "Give the operator the rights on both hosts through accounts and groups of {trusting} and {trusted}, not of a third domain"
)
REFRESH = text("Look at the names that are routed over the trust between {trusting} and {trusted}, and refresh them")


def _either(shows: Callable[[Trust], bool]) -> Callable[[Edge], bool]:
    return lambda edge: shows(edge.outward) or shows(edge.inward)


def _another_sid(edge: Edge) -> bool:
    return any(half.sid is not None and half.sid != partner.domain.sid for _, half, partner in edge.halves)


def _covers(*results: Covered) -> Callable[[Edge], bool]:
    return lambda edge: edge.beyond is not None and coverage(edge.outward.routes, edge.beyond) in results


RULES: tuple[Rule, ...] = (
    Rule(
        _either(lambda trust: trust.type == TYPE_NT),
        BLOCKER,
        VENDOR,
        text("The trust between {trusting} and {trusted} is of the Windows NT type: Kerberos does not pass it"),
        TO_FOREST_TRUST,
    ),
    Rule(
        _either(lambda trust: trust.type == TYPE_REALM),
        BLOCKER,
        VENDOR,
        text("The trust between {trusting} and {trusted} is a Kerberos realm trust: it carries no Windows group memberships"),
        TO_FOREST_TRUST,
    ),
    Rule(
        _either(lambda trust: trust.type != TYPE_WINDOWS),
        BLOCKER,
        INFERRED,
        text("The trust between {trusting} and {trusted} is not between domains of Active Directory (trustType): no host signs in over it"),
        TO_FOREST_TRUST,
    ),
    Rule(
        _another_sid,
        BLOCKER,
        INFERRED,
        text(
            "The trust between {trusting} and {trusted} remembers another SID than its partner has: the domain was built anew under its "
            "old name (inferred)"
        ),
        text("Remove the trust and create a two-way forest trust between the forests of {trusting} and {trusted}"),
    ),
    Rule(
        _either(lambda trust: trust.sid is None),
        None,
        VENDOR,
        text("the trust between {trusting} and {trusted} does not show the SID of its partner"),
        TO_FOREST_TRUST,
    ),
    Rule(
        _either(lambda trust: bool(trust.attributes & ~KNOWN_BITS)),
        None,
        VENDOR,
        text("the trust between {trusting} and {trusted} has bits in trustAttributes that no document describes"),
        TO_FOREST_TRUST,
    ),
    Rule(
        _covers(Covered.NOT_ROUTED),
        BLOCKER,
        VENDOR,
        text("The names of {beyond} are not routed over the forest trust of {trusting} with {trusted}"),
        REFRESH,
    ),
    Rule(
        _covers(Covered.SIDS_DROPPED),
        BLOCKER,
        VENDOR,
        text("The forest trust of {trusting} with {trusted} lets no accounts of {beyond} pass: their SIDs are not among those it routes"),
        REFRESH,
    ),
    Rule(
        lambda edge: edge.outward.attributes & QUARANTINED != 0 and edge.beyond is not None and not is_root(edge.beyond),
        BLOCKER,
        VENDOR,
        text(
            "The trust of {trusting} with {trusted} filters SIDs (quarantine): no account of {beyond} passes, only those of {trusted} "
            "itself"
        ),
        text("Take the quarantine from the trust of {trusting} with {trusted}"),
        passed=True,
    ),
    Rule(
        _covers(Covered.NOT_READ),
        RISK,
        VENDOR,
        text(
            "Which names and SIDs the forest trust of {trusting} with {trusted} routes was not read: whether {beyond} is among them is open"
        ),
        REFRESH,
    ),
    Rule(
        lambda edge: bool(edge.outward.attributes & QUARANTINED),
        RISK,
        VENDOR,
        text("The trust of {trusting} with {trusted} filters SIDs (quarantine): memberships in groups of a third domain are dropped"),
        OWN_ACCOUNTS,
        passed=True,
    ),
    Rule(
        lambda edge: bool(edge.outward.attributes & PIM),
        RISK,
        VENDOR,
        text(
            "The trust of {trusting} with {trusted} serves privileged access management: which SIDs come over it cannot be computed from "
            "what was read"
        ),
        OWN_ACCOUNTS,
        passed=True,
    ),
    Rule(
        lambda edge: not edge.forest,
        RISK,
        INFERRED,
        text("The trust between {trusting} and {trusted} is an external trust, not a forest trust: Kerberos across it is limited"),
        TO_FOREST_TRUST,
    ),
    Rule(
        lambda edge: bool(edge.outward.attributes & UPLEVEL_ONLY),
        ADVICE,
        VENDOR,
        text("The trust of {trusting} with {trusted} carries Kerberos only: whoever signs in by NTLM is refused"),
        text("Let nobody connect to the hosts by NTLM, or take the mark for Windows 2000 and later from the trust"),
        passed=True,
    ),
)
"""What the properties of a trust do to it. Those of the trusting domain's object alone are the trusting domain's to enforce."""


class Path(Struct, frozen=True):
    """How a domain trusts another: over which trusts across forests (none within one), and what speaks against it."""

    edges: tuple[Edge, ...] = ()
    objections: tuple[Objection, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def path(realms: Realms, trusting: str, trusted: str, *, passed: bool = True) -> Path:
    """Whether `trusting` trusts `trusted`, two DNS names, and what its trust does; `passed`: somebody's tickets pass it, so that what it
    filters counts. Raises FactMissing where a domain that holds a half of it was not read."""
    if DnsName(trusting) == DnsName(trusted):
        return Path()
    ours, theirs = realms(trusting), realms(trusted)
    if DnsName(ours.domain.forest) == DnsName(theirs.domain.forest):
        return _within(realms, ours, theirs)
    joints = across(realms, ours, theirs)
    evidence: list[Evidence] = []
    objections: list[Objection] = []
    edges: list[Edge] = []
    for joint in joints:
        evidence += _evidence(joint.trusting, joint.trusted, joint.outward, without=_WEIGHED if passed else 0, holds=joint.holds)
        evidence += _evidence(joint.trusted, joint.trusting, joint.inward, holds=joint.holds)
        if joint.outward is None or joint.inward is None:
            objections.append(_half(joint.trusting, joint.trusted, joint.outward))
        elif not joint.holds:
            objections.append(_direction(joint.trusting, joint.trusted, joint.outward, joint.inward))
        else:
            edge = Edge(joint.trusting, joint.trusted, joint.outward, joint.inward, joint.beyond)
            edges.append(edge)
            objections += (_said(rule, edge) for rule in RULES if (passed or not rule.passed) and rule.shows(edge))
            evidence += _routes(edge)
    if not edges and not objections:
        roots = realms(ours.domain.forest), realms(theirs.domain.forest)
        evidence += (*_evidence(*roots, None), *_evidence(roots[1], roots[0], None))
        objections.append(_objection(BLOCKER, ARTICLE, text("There is no trust between {trusting} and {trusted}"), ours, theirs))
    blocked = any(objection.severity is BLOCKER for objection in objections)
    for joint in joints if not blocked else ():
        for root, member in ((joint.trusting, ours), (joint.trusted, theirs)) if joint.beyond else ():
            changed = _within(realms, root, member)
            objections += changed.objections
            evidence += changed.evidence if changed.objections else ()
    return Path(tuple(edges), tuple(objections), tuple(dict.fromkeys(evidence)))


def _within(realms: Realms, ours: RealmView, theirs: RealmView) -> Path:
    """Two domains of one forest. What was read of the trusts on the way may show that somebody changed one. Raises FactMissing where a
    domain between the two was not read."""
    forest = (forest_of(ours), forest_of(theirs))
    passed = [realms(name) for name in way(realms, ours, theirs)]
    held = [(ours, ours.seen_trusts), *((realm, realm.trusts) for realm in passed), (theirs, theirs.seen_trusts)]
    for (own, trusts), (other, _) in permutations(held, 2):
        half = trust_with(trusts, other)
        if half is not None and (half.direction is not TrustDirection.BIDIRECTIONAL or half.attributes & QUARANTINED):
            found = text("The trust of {trusting} with {trusted} inside their forest is not two-way, or filters SIDs")
            fix = text("Set the trust between {trusting} and {trusted} up again, two-way")
            return Path(
                (),
                (_objection(RISK, VENDOR, found, own, other, fix),),
                (*forest, *_evidence(own, other, half, also=0, without=QUARANTINED)),
            )
    return Path(evidence=forest)


def _objection(
    severity: Severity, grade: Grade, found: Text, ours: RealmView, theirs: RealmView, fix: Text = NEW_FOREST_TRUST
) -> Objection:
    """What speaks against a trust between two domains, whose names the sentences have places for."""
    values: dict[str, Value] = {"trusting": ours.domain.dns_name, "trusted": theirs.domain.dns_name}
    between = (ours.domain.dns_name, theirs.domain.dns_name)
    return Objection(severity, grade, replace(found, values=found.values or values), replace(fix, values=values), between)


def _half(ours: RealmView, theirs: RealmView, outward: Trust | None) -> Objection:
    missing, holding = (ours, theirs) if outward is None else (theirs, ours)
    found = text(
        "The trust exists only half: {holding} knows it, {missing} does not",
        holding=holding.domain.dns_name,
        missing=missing.domain.dns_name,
    )
    fix = text("Remove the half trust and create a two-way forest trust between the forests of {trusting} and {trusted}")
    return _objection(BLOCKER, VENDOR, found, ours, theirs, fix)


def _direction(ours: RealmView, theirs: RealmView, outward: Trust, inward: Trust) -> Objection:
    """What is wrong with the direction of a trust that does not hold."""
    out, into = bool(outward.direction & TrustDirection.OUTBOUND), bool(inward.direction & TrustDirection.INBOUND)
    if TrustDirection.DISABLED in (outward.direction, inward.direction):
        return _objection(BLOCKER, VENDOR, text("The trust between {trusting} and {trusted} is disabled"), ours, theirs)
    contradict = text("{trusting} does not trust {trusted}: the two sides of their trust contradict each other")
    found = contradict if out or into else text("The trust is one-way: {trusting} does not trust {trusted}")
    fix = text("Make the trust between {trusting} and {trusted} two-way: add the missing direction")
    return _objection(BLOCKER, VENDOR, found, ours, theirs, fix)


def _said(rule: Rule, edge: Edge) -> Objection:
    found = replace(rule.found, values=edge.values | ({"beyond": edge.beyond.dns_name} if edge.beyond else {}))
    return edge.objection(rule.severity, rule.grade, found, rule.fix)


def forest_of(realm: RealmView) -> Evidence:
    return realm.evidence(RealmView.domain, text("forest of {domain}", domain=realm.domain.dns_name), realm.domain.forest)


_WEIGHED = QUARANTINED | PIM | UPLEVEL_ONLY
"""The bits of the trusting domain's half that RULES weigh where somebody's tickets pass it. Of selective authentication the rights tell."""


def _routes(edge: Edge) -> Iterator[Evidence]:
    """What a forest trust routes, where that does not cover the domain that is to be trusted."""
    if edge.beyond is None or coverage(edge.outward.routes, edge.beyond) is Covered.YES:
        return
    what = text(
        "msDS-TrustForestTrustInfo of {partner} in {domain}", partner=edge.trusted.domain.dns_name, domain=edge.trusting.domain.dns_name
    )
    routed = None if edge.outward.routes is None else tuple(f"{route.name} {route.sid or ''}".strip() for route in edge.outward.routes)
    wanted = f"{edge.beyond.dns_name} {edge.beyond.sid}"
    yield edge.trusting.evidence(RealmView.trusts, what, routed, wanted, fits=False)


def _evidence(
    own: RealmView, other: RealmView, trust: Trust | None, *, also: int = FOREST, without: int = 0, holds: bool = False
) -> Iterator[Evidence]:
    """A half of a trust, which should have the bits `also` and none of `without`; `holds`: its direction is enough."""
    names: dict[str, Value] = {"partner": other.domain.dns_name, "domain": own.domain.dns_name}
    wanted = DIRECTIONS[TrustDirection.BIDIRECTIONAL]
    shown = DIRECTIONS[trust.direction] if trust is not None else None
    yield own.evidence(RealmView.trusts, text("trust with {partner} in {domain}", **names), shown, shown if holds else wanted)
    if trust is not None:
        yield own.evidence(
            RealmView.trusts,
            text("trustType of {partner} in {domain}", **names),
            named("trust_type", trust.type),
            named("trust_type", TYPE_WINDOWS),
        )
        bits, wanted_bits = (in_hex("trust_attributes", each) for each in (trust.attributes, (trust.attributes | also) & ~without))
        yield own.evidence(RealmView.trusts, text("trustAttributes of {partner} in {domain}", **names), bits, wanted_bits)
        yield own.evidence(RealmView.trusts, text("SID of {partner} in {domain}", **names), trust.sid, other.domain.sid)
