"""Who must trust whom: for the domains of the source, the target and the operator, and each way of starting a move, as data.

The two articles ask for hosts whose domains trust each other, in both directions. Whoever signs in at a host needs that its domain trusts
his (inferred: so Kerberos refers tickets). For protocol transition the source gets a ticket of the operator's realm ([MS-SFU]
3.1.5.1.1.2, 4.2), and for delegation a referral into the target's ([MS-SFU] 3.1.5.2.2, 3.2.5.2.3). Inside one domain nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Finding, Grade, Severity, fails
from checks.domain._trusts import TO_FOREST_TRUST, Objection, Path, Realms, forest_of, path
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Remedy, Role, Who, domain_administrator_of
from checks.subject import HostView, RealmView
from checks.text import Text, command, places, text
from checks.windows.names import DnsName
from checks.windows.releases import is_old
from checks.windows.trust_attributes import QUARANTINED
from checks.world import FactMissing


class Realm(StrEnum):
    """Whose domain it is."""

    SOURCE = "source"
    TARGET = "target"
    OPERATOR = "operator"
    SERVER = "server"


class Start:
    """How a move is started from a source. What no leg asks for is not read."""

    def __init__(self, source: HostView, launch: LaunchPoint) -> None:
        self.source = source
        self.launch = launch

    @property
    def authentication(self) -> MigrationAuthentication:
        return self.source.migration.authentication

    @property
    def old(self) -> bool:
        return is_old(self.source.os.build)


class Leg(Struct, frozen=True):
    """One domain has to trust another, for the starts that the columns accept; an empty one accepts all. `passed`: tickets take this way;
    where none does, only the articles ask for the trust. `severity` is the worst that comes of it, `text` a key of TEXTS."""

    trusting: Realm
    trusted: Realm
    authentication: tuple[MigrationAuthentication, ...]
    launch: tuple[LaunchPoint, ...]
    old: tuple[bool, ...]
    passed: bool
    severity: Severity
    grade: Grade
    text: str

    def counts_for(self, start: Start) -> bool:
        return (
            (not self.authentication or start.authentication in self.authentication)
            and (not self.launch or start.launch in self.launch)
            and (not self.old or start.old in self.old)
        )


SOURCE, TARGET, OPERATOR, SERVER = Realm
BLOCKER, RISK, ADVICE = Severity
ARTICLE, VENDOR, INFERRED = Grade
KERBEROS, CREDSSP = (MigrationAuthentication.KERBEROS,), (MigrationAuthentication.CREDSSP,)
REMOTE, POWERSHELL = (LaunchPoint.REMOTE,), (LaunchPoint.POWERSHELL,)
NO_TICKET = (*REMOTE, *POWERSHELL)
"""The starts of which the source has no ticket of the operator's to use at the target: it delegates."""
OLD, NEW = (True,), (False,)
ANY = ()

# fmt: off
LEGS: tuple[Leg, ...] = (
    #   trusting  trusted   by        launch      old  passed severity grade     sentence
    Leg(TARGET,   SOURCE,   KERBEROS, NO_TICKET,  ANY, True,  BLOCKER, VENDOR,   "referral"),
    Leg(SOURCE,   TARGET,   ANY,      ANY,        ANY, False, BLOCKER, ARTICLE,  "hosts"),
    Leg(TARGET,   SOURCE,   ANY,      ANY,        ANY, False, BLOCKER, ARTICLE,  "hosts"),
    Leg(SOURCE,   OPERATOR, ANY,      ANY,        ANY, True,  BLOCKER, INFERRED, "at_source"),
    Leg(OPERATOR, SOURCE,   KERBEROS, REMOTE,     NEW, True,  BLOCKER, VENDOR,   "transition"),
    Leg(OPERATOR, SOURCE,   KERBEROS, POWERSHELL, NEW, True,  BLOCKER, VENDOR,   "transition"),
    Leg(OPERATOR, SOURCE,   KERBEROS, POWERSHELL, OLD, True,  RISK,    INFERRED, "transition_old"),
    Leg(TARGET,   OPERATOR, ANY,      ANY,        ANY, True,  BLOCKER, INFERRED, "at_target"),
)
# fmt: on
"""Every trust between the hosts and the operator that a move may need."""

AT_SERVER = Leg(SERVER, OPERATOR, CREDSSP, ANY, ANY, True, BLOCKER, INFERRED, "at_server")
"""The one that it needs besides for each other server of its files, where a host has the operator's own credentials for it."""

DELEGATION = next(leg for leg in LEGS if leg.text == "referral")
"""Its starts send the operator's SIDs with a request of the source into the target's domain."""

TEXTS: dict[str, Text] = {
    "hosts": text("hosts move VMs between domains that trust each other"),
    "referral": text("{source} delegates to {target} over it"),
    "at_source": text("{operator} signs in at {source} over it (inferred)"),
    "transition": text("{source} gets a ticket for {operator} over it"),
    "transition_old": text("{source} may have to get a ticket for {operator} over it (inferred)"),
    "at_target": text("{operator} signs in at {target} over it (inferred)"),
    "at_server": text("{operator} signs in at {server} over it (inferred)"),
}
"""What a trust is needed for."""


NO_DOCUMENT = text("no document says what protocol transition does over the external trust of {trusting} with {trusted}")


class Parties(Struct, frozen=True):
    """Who takes part in a move: their domains (DNS names), how people call them, and how a domain is read."""

    domains: Mapping[Realm, str]
    names: Mapping[str, str]
    realms: Realms

    def in_one(self, one: Realm, other: Realm) -> bool:
        """Are these two in one domain."""
        return DnsName(self.domains[one]) == DnsName(self.domains[other])

    def fill(self, words: Text) -> Text:
        return replace(words, values={place: self.names[place] for place in places(words.template)})


class Judged(Struct):
    """What was found on all ways. `unknown` is the first that was not read, or that no document tells."""

    objections: list[Objection]
    evidence: list[Evidence]
    unknown: FactMissing | None = None

    def lacks(self, missing: FactMissing) -> None:
        self.unknown = self.unknown or missing

    def add(self, other: Judged) -> None:
        self.objections += other.objections
        self.evidence += other.evidence
        self.unknown = self.unknown or other.unknown

    @property
    def rows(self) -> tuple[Evidence, ...]:
        """Its evidence, each value once: of one that several ways ask for something else of, the row that shows what it lacks."""
        once: dict[tuple[str, str], Evidence] = {}
        for row in self.evidence:
            if row.differs or (row.what, row.source) not in once:
                once[row.what, row.source] = row
        return tuple(once.values())

    @property
    def worst(self) -> Objection | None:
        """The gravest of what was found, the first of equals."""
        grave = [objection for objection in self.objections if objection.severity is not None]
        return max(grave, key=lambda objection: objection.severity.weight if objection.severity else 0, default=None)

    def failure(self, *evidence: Evidence) -> Finding | None:
        """What speaks against the move, with this evidence before its own, or nothing. A blocker counts more than what is not known, that
        more than a risk: raises FactMissing."""
        worst = self.worst
        if self.unknown is not None and (worst is None or worst.severity is not BLOCKER):
            raise self.unknown
        if worst is None:
            return None
        return fails(worst.found, *evidence, *self.rows, remedy=_remedy(worst), severity=worst.severity)


def judge(legs: Iterable[Leg], parties: Parties, starts: Iterable[Start]) -> Judged:
    """What speaks against the trusts that one of these starts needs, on all ways that do not stay in one domain."""
    judged, starts = Judged([], []), tuple(starts)
    for leg in legs:
        if parties.in_one(leg.trusting, leg.trusted):
            continue
        try:
            if any(leg.counts_for(start) for start in starts):
                _walk(leg, parties, judged)
        except FactMissing as missing:
            judged.lacks(missing)
    return judged


def _walk(leg: Leg, parties: Parties, judged: Judged) -> None:
    way = path(parties.realms, parties.domains[leg.trusting], parties.domains[leg.trusted], passed=leg.passed)
    judged.evidence += way.evidence
    for objection in (*way.objections, *(_on_leg(leg, way) if leg.passed else ())):
        found = text("{found}; {why}", found=objection.found, why=parties.fill(TEXTS[leg.text]))
        if objection.severity is None:
            judged.lacks(parties.realms(parties.domains[leg.trusting]).doubts(found))
        else:
            severity = min(objection.severity, leg.severity, key=lambda each: each.weight)
            judged.objections.append(replace(objection, found=found, severity=severity))


def _on_leg(leg: Leg, way: Path) -> Iterator[Objection]:
    """What a trust does to one way alone."""
    for edge in way.edges:
        if leg.trusting is OPERATOR and not edge.forest:
            yield edge.objection(None, INFERRED, replace(NO_DOCUMENT, values=edge.values), TO_FOREST_TRUST)


def forest_rule(parties: Parties, starts: Iterable[Start], judged: Judged) -> None:
    """The operator's SIDs travel with the source's request into the target's domain. Those of an account of the receiving forest, or of a
    third one, do not pass the border of two forests ([MS-PAC] 4.1.2.2; that it holds for this request is inferred)."""
    if parties.in_one(SOURCE, TARGET):
        return
    try:
        if any(DELEGATION.counts_for(start) for start in starts):
            _cross(parties, judged)
    except FactMissing as missing:
        judged.lacks(missing)


def _cross(parties: Parties, judged: Judged) -> None:
    source, target, operator = (parties.realms(parties.domains[realm]) for realm in (SOURCE, TARGET, OPERATOR))
    here, there, home = (DnsName(realm.domain.forest) for realm in (source, target, operator))
    if here == there:
        return
    of_operator = text("forest of {operator}", operator=parties.names["operator"])
    of_operators_home = operator.evidence(RealmView.domain, of_operator, operator.domain.forest, source.domain.forest)
    judged.evidence += (of_operators_home, forest_of(source), forest_of(target))
    start = text(
        "Start the move from {source} to {target} in a session on {source} itself, or let an operator of its forest start it, "
        "of whom nothing is judged here"
    )
    fix = Remedy(parties.fill(start), Who(Role.OPERATOR))
    if home != here:
        found = text(
            "Neither {operator} nor {target} is of the forest of {source}: {source} cannot act for {operator} at {target} (inferred)"
        )
        judged.objections.append(Objection(BLOCKER, INFERRED, parties.fill(found), fix))
    elif not parties.in_one(OPERATOR, SOURCE):
        for edge in path(parties.realms, target.name, source.name).edges:
            if edge.forest:
                continue
            if edge.outward.attributes & QUARANTINED:
                found = text(
                    "{operator} is not of the domain of {source}, and the external trust between {source} and {target} lets only its "
                    "accounts pass"
                )
                judged.objections.append(Objection(BLOCKER, INFERRED, parties.fill(found), fix))
            else:
                found = text("no document says whether {source} can act for {operator} over the external trust with the domain of {target}")
                judged.lacks(target.doubts(parties.fill(found)))


def _remedy(objection: Objection) -> Remedy:
    replicated = text("when the trust is replicated to the domain controllers of both sides")
    undo = text("Set the trust back in Active Directory Domains and Trusts of {domains}", domains=objection.between)
    if isinstance(objection.fix, Remedy):
        return objection.fix
    return Remedy(
        objection.fix,
        domain_administrator_of(),
        effective_after=replicated if objection.between else text("at once"),
        shows=text("the trust with the other domain, with the direction and the settings of the remedy"),
        verify=tuple(command("Get-ADTrust -Server {domain} -Filter *", domain=domain) for domain in objection.between),
        undo=(undo,) if objection.between else (),
    )
