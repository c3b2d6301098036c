"""What is held against the KDC, one line each: how it is set up, what the program says, what the KDC answers and, where they need not
agree, why. Measured with the KDC of Samba 4.22.6, which is Heimdal's."""

from __future__ import annotations

from string import Template
from typing import NamedTuple

from checks.windows.account_control import ANY_PROTOCOL, ANY_SERVICE, DISABLED
from checks.windows.service_names import CIFS, MIGRATION_SERVICE
from tests.samba.cases import GLOBAL, LOCAL, SOURCES, TARGET, TO_TARGET, UNIVERSAL, Source, both
from tests.samba.forest import PASSWORD, Controller
from tests.samba.kdc import Answer

ACTS, LISTED, KERBEROS_ONLY, NOTHING, LISTS_ANOTHER, UPPER, SHORT, HOST_ENTRY = (
    SOURCES[case].host
    for case in (
        "any protocol, nothing listed", "any protocol", "Kerberos only", "nothing", "another target", "upper case", "short names only",
        "HOST instead of cifs",
    )
)  # fmt: skip
LISTS_ITS_TARGET = Source("HV17", both(CIFS, MIGRATION_SERVICE, host="HV-V4"), 0)
ANY_SERVICE_ONLY = Source("HV18", (), ANY_SERVICE)
WITH_PORT = Source("HV19", tuple(f"{entry}:445" for entry in both(CIFS)) + both(MIGRATION_SERVICE))
SHUT_OUT = Source("HV20", TO_TARGET, ANY_PROTOCOL | DISABLED)
FURTHER = (LISTS_ITS_TARGET, ANY_SERVICE_ONLY, WITH_PORT, SHUT_OUT)
ALIKE = "WSMAN"
"""A class that stands for the migration service's, which holds spaces: Samba does not look it up. For cifs and HOST Samba finds a computer
whatever names it has."""

GROUPS = {
    "global": ("hv-global", GLOBAL, [ACTS]),
    "universal": ("hv-universal", UNIVERSAL, [ACTS]),
    "inner": ("hv-inner", GLOBAL, [ACTS]),
    "nested": ("hv-nested", UNIVERSAL, ["hv-inner"]),
    "local": ("hv-here", LOCAL, [ACTS]),
    "nestedlocal": ("hv-around", LOCAL, ["hv-global"]),
    "mail": ("hv-letters", 2, [ACTS]),
}
"""By what the lines call them: name, groupType, members."""
FORMER, FORMER_OF_GROUP = "S-1-5-21-1111-2222-3333-1601", "S-1-5-21-1111-2222-3333-1602"
"""What the source, and its global group, were called in another domain (sIDHistory)."""
DESKTOP = "S-1-5-32-555"
"""Remote Desktop Users of the domain controllers, of which the source is a member."""
ANY_OBJECT = "bf967a86-0de6-11d0-a285-00aa003049e2"

PASS, RISK, UNKNOWN, BLOCKER = "PASS", "RISK", "UNKNOWN", "BLOCKER"
YES, NO, REVOKED, OUTDATED = Answer.YES, Answer.BAD_OPTION, Answer.CLIENT_REVOKED, Answer.KEY_EXPIRED

EMPTY_LIST = "Samba wants any protocol for a ticket that may be passed on, Windows also takes an empty list ([MS-SFU] 3.2.5.1.2)"
NO_FORMER = "Samba puts no sIDHistory into tickets, Windows does ([MS-ADTS] 3.1.1.13.2)"
BY_ITS_NAME = "Samba takes HOST/NAME for the computer NAME where no account has it; [MS-DRSR] LookupSPN does not"
SHUT_TARGET = "Samba gives tickets for a host whose account is disabled"
PROTECTED = "Samba lets a host act by itself for members of Protected Users, Windows does not ([MS-KILE] 3.3.5.1)"


class Line(NamedTuple):
    """`acting`: who may act for users to the target, as SDDL, in which $source stands for the source and $NAME for one of GROUPS; without
    it nobody may. `ticket`: the operator has signed in to the source with a ticket, and the source is Windows Server 2012 R2. `classes`:
    of the services for which tickets are asked, by the target's short and full name. Where program and KDC do not agree, `samba` says
    how Samba differs from Windows, or `unlooked` names the check that will look at it."""

    name: str
    what: str
    source: str
    program: str
    kdc: Answer | tuple[Answer, ...]
    acting: str | None = None
    operator: str = "hv-operator"
    ticket: bool = False
    classes: tuple[str, ...] = (CIFS,)
    samba: str = ""
    unlooked: str = ""

    @property
    def target(self) -> str:
        return TARGET if self.acting is None else f"HV-{self.name}"

    @property
    def services(self) -> tuple[str, ...]:
        return both(*self.classes, host=self.target)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What the KDC answers, for each of the services."""
        return self.kdc if isinstance(self.kdc, tuple) else (self.kdc,) * len(self.services)

    @property
    def agrees(self) -> bool:
        """Does the KDC do what the program says."""
        given = {answer is YES for answer in self.answers}
        return self.program == UNKNOWN or (given == {True}) is (self.program == PASS)


def entry(who: str, right: str = "CCDCLCSWRPWPDTLOCRSDRCWDWO", kind: str = "A", flags: str = "", of: str = "") -> str:
    """One entry of an access list in SDDL, as Windows itself writes it for who may act: full control."""
    return f"({kind};{flags};{right};{of};;{who})"


def acl(*entries: str) -> str:
    return "O:BAD:" + "".join(entries)


def for_(who: str) -> str:
    return acl(entry(who))


def unless(who: str, right: str = "CR", kind: str = "D", of: str = "") -> str:
    """A denial before the permission for the source."""
    return acl(entry(who, right, kind, of=of), entry("$source"))


ITS_OWN = for_("$source")
RIGHT = "CR"
"""The one right that counts (0x100), alone."""

HOURS = "access.logon_restrictions"

# fmt: off
LINES: tuple[Line, ...] = (
    # The source's own list
    Line("V1",  "list, any protocol",             LISTED,        PASS,    YES),
    Line("V2",  "list, Kerberos only",            KERBEROS_ONLY, BLOCKER, NO),
    Line("V7",  "nothing",                        NOTHING,       BLOCKER, NO),
    Line("V8",  "any service alone",              ANY_SERVICE_ONLY.host, BLOCKER, NO),
    Line("V10", "list, any protocol, sensitive",  LISTED,        BLOCKER, NO,  operator="hv-chief"),
    Line("V14", "the same, Protected Users",      LISTED,        BLOCKER, YES, operator="hv-guarded", samba=PROTECTED),
    Line("W0",  "any protocol alone",             ACTS,          BLOCKER, NO),
    Line("W28", "HOST listed",                    HOST_ENTRY,    BLOCKER, NO),
    Line("W29", "list in upper case",             UPPER,         PASS,    YES),
    Line("W30", "short names listed",             SHORT,         RISK,    (YES, NO)),
    Line("W31", "list with a port",               WITH_PORT.host, BLOCKER, NO),

    # The target lets the source act, and what the source has of its own
    Line("V3",  "empty list, no protocol",        NOTHING,       PASS,    NO,  ITS_OWN, samba=EMPTY_LIST),
    Line("V4",  "target listed, Kerberos only",   LISTS_ITS_TARGET.host, BLOCKER, NO, ITS_OWN),
    Line("V5",  "another listed, any protocol",   LISTS_ANOTHER, PASS,    YES, ITS_OWN),
    Line("V6",  "another listed, Kerberos only",  KERBEROS_ONLY, BLOCKER, NO,  ITS_OWN),
    Line("W1",  "any protocol",                   ACTS,          PASS,    YES, ITS_OWN, classes=(CIFS, "host")),
    Line("W2",  "sensitive",                      ACTS,          BLOCKER, NO,  ITS_OWN, operator="hv-chief"),
    Line("W3",  "Protected Users",                ACTS,          BLOCKER, YES, ITS_OWN, operator="hv-guarded", samba=PROTECTED),
    Line("W4",  "Protected Users, nested",        ACTS,          BLOCKER, YES, ITS_OWN, operator="hv-guarded-too", samba=PROTECTED),

    # Whom the entry names
    Line("W5",  "global group",                   ACTS,          PASS,    YES, for_("$global")),
    Line("W5u", "universal group",                ACTS,          PASS,    YES, for_("$universal")),
    Line("W5n", "group in a group",               ACTS,          PASS,    YES, for_("$nested")),
    Line("W8",  "Domain Computers",               ACTS,          PASS,    YES, for_("DC")),
    Line("W5m", "distribution group",             ACTS,          BLOCKER, NO,  for_("$mail")),
    Line("H1",  "former SID of the source",       ACTS,          PASS,    NO,  for_(FORMER), samba=NO_FORMER),
    Line("H2",  "former SID of its group",        ACTS,          PASS,    NO,  for_(FORMER_OF_GROUP), samba=NO_FORMER),
    Line("H3",  "another's SID",                  ACTS,          BLOCKER, NO,  for_(FORMER + "0")),
    Line("W5l", "domain local group",             ACTS,          UNKNOWN, YES, for_("$local")),
    Line("W7",  "domain local around global",     ACTS,          UNKNOWN, YES, for_("$nestedlocal")),
    Line("W24", "group of the controllers",       ACTS,          UNKNOWN, YES, for_(DESKTOP)),
    Line("W9a", "Everyone",                       ACTS,          PASS,    YES, for_("WD")),
    Line("W9b", "Authenticated Users",            ACTS,          PASS,    YES, for_("AU")),
    Line("W9c", "asserted identity",              ACTS,          PASS,    YES, for_("S-1-18-1")),
    Line("W9d", "NETWORK",                        ACTS,          UNKNOWN, YES, for_("NU")),
    Line("W9e", "Users of the controllers",       ACTS,          UNKNOWN, YES, for_("BU")),
    Line("W9f", "service asserted identity",      ACTS,          BLOCKER, NO,  for_("S-1-18-2")),
    Line("W9g", "This Organization",              ACTS,          BLOCKER, NO,  for_("S-1-5-15")),
    Line("W9h", "SELF",                           ACTS,          BLOCKER, NO,  for_("PS")),
    Line("W9i", "Owner Rights",                   ACTS,          BLOCKER, NO,  for_("OW")),

    # What the entries say
    Line("W6",  "global group denied",            ACTS,          BLOCKER, NO,  unless("$global")),
    Line("H4",  "former SID denied",              ACTS,          BLOCKER, YES, unless(FORMER), samba=NO_FORMER),
    Line("W6l", "domain local group denied",      ACTS,          UNKNOWN, NO,  unless("$local")),
    Line("W10", "denied, then allowed",           ACTS,          BLOCKER, NO,  unless("$source")),
    Line("W11", "allowed, then denied",           ACTS,          PASS,    YES, acl(entry("$source"), entry("$source", RIGHT, "D"))),
    Line("W12", "the right alone",                ACTS,          PASS,    YES, acl(entry("$source", RIGHT))),
    Line("W13", "all but the right",              ACTS,          BLOCKER, NO,  acl(entry("$source", "CCDCLCSWRPWPDTLOSDRCWDWO"))),
    Line("W14", "generic all",                    ACTS,          UNKNOWN, NO,  acl(entry("$source", "GA"))),
    Line("W15", "all but the right denied",       ACTS,          PASS,    YES, unless("$source", "CCDCLCSWRPWPDTLOSDRCWDWO")),
    Line("W16", "generic all denied",             ACTS,          UNKNOWN, YES, unless("$source", "GA")),
    Line("W17", "for a kind of object",           ACTS,          UNKNOWN, NO,  acl(entry("$source", RIGHT, "OA", of=ANY_OBJECT))),
    Line("W18", "denied for a kind of object",    ACTS,          UNKNOWN, YES, unless("$source", RIGHT, "OD", ANY_OBJECT)),
    Line("W19", "for every object",               ACTS,          UNKNOWN, NO,  acl(entry("$source", RIGHT, "OA"))),
    Line("C1",  "on a condition",                 ACTS,          UNKNOWN, YES, acl("(XA;;CR;;;$source;(Member_of {SID($global)}))")),
    Line("W20", "for what inherits only",         ACTS,          BLOCKER, NO,  acl(entry("$source", flags="CIIO"))),
    Line("W21", "an empty list",                  ACTS,          BLOCKER, NO,  acl()),
    Line("W22", "no list",                        ACTS,          UNKNOWN, NO,  "O:BA"),
    Line("W23", "owner",                          ACTS,          BLOCKER, NO,  f"O:${{source}}D:{entry(FORMER + '0')}"),

    # With a ticket of the operator's own
    Line("E1",  "list, Kerberos only",            KERBEROS_ONLY, PASS,    YES, ticket=True),
    Line("E2",  "list, any protocol",             LISTED,        PASS,    YES, ticket=True),
    Line("E3",  "nothing",                        NOTHING,       BLOCKER, NO,  ticket=True),
    Line("E4",  "acting",                         NOTHING,       PASS,    YES, ITS_OWN, ticket=True),
    Line("E5",  "acting, another listed",         KERBEROS_ONLY, PASS,    YES, ITS_OWN, ticket=True),
    Line("E6",  "sensitive",                      LISTED,        BLOCKER, NO,  ticket=True, operator="hv-chief"),
    Line("E7",  "Protected Users",                LISTED,        BLOCKER, NO,  ticket=True, operator="hv-guarded"),
    Line("E8",  "Protected Users, acting",        ACTS,          BLOCKER, NO,  ITS_OWN, ticket=True, operator="hv-guarded"),
    Line("E9",  "Protected Users, nested",        LISTED,        BLOCKER, NO,  ticket=True, operator="hv-guarded-too"),

    # The state of the operator's account
    Line("A1",  "disabled",                       LISTED,        BLOCKER, Answer.POLICY, operator="hv-disabled"),
    Line("A2",  "expired",                        LISTED,        BLOCKER, Answer.CLIENT_EXPIRED, operator="hv-expired"),
    Line("A3",  "must change its password",       LISTED,        BLOCKER, OUTDATED, operator="hv-new"),
    Line("A4",  "locked out",                     LISTED,        BLOCKER, REVOKED, operator="hv-locked"),
    Line("A5",  "at no hour allowed",             LISTED,        PASS,    YES, operator="hv-no-hours"),
    Line("A6",  "none",                           LISTED,        UNKNOWN, Answer.CLIENT_UNKNOWN, operator="hv-nobody"),
    Line("A7",  "disabled, signs in",             LISTED,        BLOCKER, REVOKED, operator="hv-disabled", ticket=True),
    Line("A8",  "expired, signs in",              LISTED,        BLOCKER, REVOKED, operator="hv-expired", ticket=True),
    Line("A9",  "must change, signs in",          LISTED,        BLOCKER, OUTDATED, operator="hv-new", ticket=True),
    Line("A10", "locked out, signs in",           LISTED,        BLOCKER, REVOKED, operator="hv-locked", ticket=True),
    Line("A11", "at no hour, signs in",           LISTED,        PASS,    REVOKED, operator="hv-no-hours", ticket=True, unlooked=HOURS),

    # The state of the hosts' accounts
    Line("S1",  "source disabled",                SHUT_OUT.host, BLOCKER, REVOKED),
    Line("S2",  "target disabled",                ACTS,          BLOCKER, YES, ITS_OWN, samba=SHUT_TARGET),
    Line("S3",  "target has both names",          ACTS,          PASS,    YES, ITS_OWN, classes=(ALIKE,)),
    Line("S4",  "target has no name",             ACTS,          BLOCKER, Answer.SERVICE_UNKNOWN, ITS_OWN, classes=(ALIKE,)),
    Line("S5",  "target has the short name",      ACTS,          BLOCKER, (YES, Answer.SERVICE_UNKNOWN), ITS_OWN, classes=(ALIKE,)),
    Line("S6",  "target has the full name",       ACTS,          BLOCKER, (Answer.SERVICE_UNKNOWN, YES), ITS_OWN, classes=(ALIKE,)),
    Line("S8",  "cifs literally on another",      ACTS,          BLOCKER, NO,  ITS_OWN),
    Line("S9",  "target has no HOST",             ACTS,          BLOCKER, YES, ITS_OWN, samba=BY_ITS_NAME),
    Line("S10", "target has cifs and no HOST",    ACTS,          PASS,    YES, ITS_OWN),
)
# fmt: on
NAMED = {"HV-S4": (), "HV-S5": (0,), "HV-S6": (1,), "HV-S7": (), "HV22": ()}
"""Which of its names, short and full, an account has to begin with."""
SHARED = Line("S7", "another has its names too", ACTS, BLOCKER, Answer.SERVICE_UNKNOWN, ITS_OWN, classes=(ALIKE,))
ANOTHER = "HV22"
"""A line that first needs two controllers, since one alone refuses it, and the account that gets the names as well."""

STATES: dict[str, dict[str, list[str]]] = {
    "hv-disabled": {"userAccountControl": ["514"]},
    "hv-expired": {"accountExpires": ["132000000000000000"]},
    "hv-new": {"pwdLastSet": ["0"]},
    "hv-locked": {"lockoutTime": ["159017087990000000"]},
    "hv-no-hours": {"logonHours": ["\0" * 21]},
}
"""Operators whose account is not as usual."""


def populate(contoso: Controller) -> None:
    """Write what the lines need into the database of a controller that has the accounts of tests.samba.cases."""
    acted_for = {line.target: line for line in (*LINES, SHARED) if line.acting is not None}
    further = {source.host: source for source in FURTHER}
    names = {host: both("HOST", MIGRATION_SERVICE, ALIKE, host=host) for host in (*acted_for, *further, ANOTHER)}
    names |= {host: tuple(name for each in which for name in names[host][each::2]) for host, which in NAMED.items()}
    names |= {"HV23": both(CIFS, host="HV-S8")}
    names |= {host: both(*services, MIGRATION_SERVICE, host=host) for host, services in {"HV-S9": (), "HV-S10": (CIFS,)}.items()}
    sids = contoso.change(
        users=dict.fromkeys(("hv-guarded", "hv-guarded-too", *STATES), PASSWORD),
        computers=dict.fromkeys(names, PASSWORD),
        groups={name: kind for name, kind, _ in GROUPS.values()} | {"hv-guards": GLOBAL},
        members={name: members for name, _, members in GROUPS.values()}
        | {"Remote Desktop Users": [ACTS], "hv-guards": ["hv-guarded-too"], "Protected Users": ["hv-guarded", "hv-guards"]},
        bits={host: source.bits for host, source in further.items() if source.bits} | {"HV-S2": DISABLED},
        replace={host: {"servicePrincipalName": its} for host, its in names.items() if its} | STATES,
        former={ACTS: [FORMER], "hv-global": [FORMER_OF_GROUP]},
        sids=[*{line.source for line in LINES}, *(name for name, *_ in GROUPS.values())],
    )
    groups = {called: sids[name] for called, (name, *_) in GROUPS.items()}
    contoso.change(
        replace={host: {"msDS-AllowedToDelegateTo": source.to} for host, source in further.items() if source.to},
        acting={target: Template(line.acting or "").substitute(groups, source=sids[line.source]) for target, line in acted_for.items()},
    )
