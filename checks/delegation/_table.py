"""Who may move what from where: the decision table of delegation, as data.

Every row says for which situations it decides, what comes out, and on whose word: `ARTICLE` (the two articles of
Microsoft say it), `VENDOR` (another page of Microsoft or its published protocol documents say it), `INFERRED` (it
follows from how the protocol works; its text says so). The delegation checks only ask this table.

Vendor pages: https://techcommunity.microsoft.com/t5/virtualization/live-migration-via-constrained-delegation-with-kerberos-in/ba-p/382334
(why a remote start needs protocol transition from 2016 on), [MS-SFU] 3.2.5.2 (the two ways in which a KDC allows
delegation: the list on the source for one domain, the access check on the target for any), 3.2.5.1.2 and 3.2.5.2.3 (for
both ways the source needs a ticket that may be passed on; without "any authentication protocol" it gets one only where
its own list is empty. All updated controllers insist on it since March 2021, KB4577252).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec
from msgspec import Struct

from checks.check import Grade, Outcome, Severity
from checks.facts.migration import MigrationAuthentication
from checks.plan import AT_SOURCE, LaunchPoint


class Question(StrEnum):
    """What is asked: may the source delegate to one service of the target, the same where nothing published says whether the move
    needs it, does it need "any authentication protocol", and is there a way across the border of two domains."""

    SERVICE = "service"
    DOUBT = "doubt"
    PROTOCOL = "protocol"
    BORDER = "border"


class Listed(StrEnum):
    """Which names of the target the source's delegation list holds for a service."""

    NONE = "none"
    SHORT = "short"
    FULL = "full"
    BOTH = "both"


class Situation(Protocol):
    """What the table decides by. Each is read only when a row asks for it, in this order."""

    @property
    def authentication(self) -> MigrationAuthentication: ...
    @property
    def needed(self) -> bool: ...
    @property
    def launch(self) -> LaunchPoint: ...
    @property
    def same_domain(self) -> bool: ...
    @property
    def resource_based(self) -> bool: ...
    @property
    def any_protocol(self) -> bool: ...
    @property
    def empty(self) -> bool: ...
    @property
    def listed(self) -> Listed: ...
    @property
    def old(self) -> bool: ...


class Row(Struct, frozen=True, kw_only=True):
    """One decision. Each column holds the values it accepts; an empty one accepts all. `text` is a key of TEXTS."""

    question: Question
    authentication: tuple[MigrationAuthentication, ...] = ()
    needed: tuple[bool, ...] = ()
    launch: tuple[LaunchPoint, ...] = ()
    same_domain: tuple[bool, ...] = ()
    resource_based: tuple[bool, ...] = ()
    any_protocol: tuple[bool, ...] = ()
    empty: tuple[bool, ...] = ()
    listed: tuple[Listed, ...] = ()
    old: tuple[bool, ...] = ()
    outcome: Outcome
    severity: Severity | None = None
    grade: Grade
    text: str


_BOTH = (False, True)

COLUMNS: dict[str, tuple[object, ...]] = {
    "authentication": tuple(MigrationAuthentication),
    "needed": _BOTH,
    "launch": tuple(LaunchPoint),
    "same_domain": _BOTH,
    "resource_based": _BOTH,
    "any_protocol": _BOTH,
    "empty": _BOTH,
    "listed": tuple(Listed),
    "old": _BOTH,
}
"""The columns in the order in which they are read, with all their values. `empty`: the source's delegation list holds no entry at all,
for no host; `listed`: what it holds for the target."""

ANY: tuple[object, ...] = ()
YES, NO = (True,), (False,)
CREDSSP, KERBEROS = (MigrationAuthentication.CREDSSP,), (MigrationAuthentication.KERBEROS,)
REMOTE, POWERSHELL = (LaunchPoint.REMOTE,), (LaunchPoint.POWERSHELL,)
NO_TICKET = (LaunchPoint.REMOTE, LaunchPoint.POWERSHELL)
NONE, ONE, BOTH = (Listed.NONE,), (Listed.SHORT, Listed.FULL), (Listed.BOTH,)
SOME = (*ONE, *BOTH)
SERVICE, DOUBT, PROTOCOL, BORDER = Question
PASS, SKIP = Outcome.PASS, Outcome.SKIP
BLOCKER, RISK, ADVICE = Severity
ARTICLE, VENDOR, INFERRED = Grade


def _row(question: Question, *columns: object) -> Row:
    """A line of the table: the values of COLUMNS, then a way to hold or a failure's severity, the grade and the key of the sentence."""
    *accepted, result, grade, sentence = columns
    failed = isinstance(result, Severity)
    return msgspec.convert(
        {
            "question": question,
            **dict(zip(COLUMNS, accepted, strict=True)),
            "outcome": Outcome.FAIL if failed else result,
            "severity": result if failed else None,
            "grade": grade,
            "text": sentence,
        },
        Row,
    )


# fmt: off
TABLE: tuple[Row, ...] = (
    #     question  by        needed launch      same resource any  empty listed old  outcome  grade     sentence
    _row(SERVICE,  CREDSSP,  ANY,   ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "credssp"),
    _row(SERVICE,  KERBEROS, NO,    ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "service_not_needed"),
    _row(SERVICE,  KERBEROS, YES,   ANY,        ANY, YES,     ANY, ANY,  ANY,   ANY, PASS,    VENDOR,   "service_resource_based"),
    _row(SERVICE,  KERBEROS, YES,   NO_TICKET,  NO,  NO,      ANY, ANY,  ANY,   ANY, BLOCKER, VENDOR,   "service_border"),
    _row(SERVICE,  KERBEROS, YES,   AT_SOURCE,  NO,  NO,      ANY, ANY,  ANY,   ANY, RISK,    INFERRED, "service_border_at_the_source"),
    _row(SERVICE,  KERBEROS, YES,   REMOTE,     YES, NO,      ANY, ANY,  NONE,  ANY, BLOCKER, ARTICLE,  "service_missing"),
    _row(SERVICE,  KERBEROS, YES,   POWERSHELL, YES, NO,      ANY, ANY,  NONE,  ANY, BLOCKER, INFERRED, "service_missing_powershell"),
    _row(SERVICE,  KERBEROS, YES,   AT_SOURCE,  YES, NO,      ANY, ANY,  NONE,  ANY, RISK,    INFERRED, "service_missing_at_the_source"),
    _row(SERVICE,  KERBEROS, YES,   ANY,        YES, NO,      ANY, ANY,  ONE,   ANY, RISK,    INFERRED, "service_one_name"),
    _row(SERVICE,  KERBEROS, YES,   ANY,        YES, NO,      ANY, ANY,  BOTH,  ANY, PASS,    ARTICLE,  "service_listed"),

    _row(DOUBT,    CREDSSP,  ANY,   ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "credssp"),
    _row(DOUBT,    KERBEROS, NO,    ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "doubt_none"),
    _row(DOUBT,    KERBEROS, YES,   AT_SOURCE,  ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    INFERRED, "doubt_at_the_source"),
    _row(DOUBT,    KERBEROS, YES,   NO_TICKET,  ANY, YES,     ANY, ANY,  ANY,   ANY, PASS,    VENDOR,   "service_resource_based"),
    _row(DOUBT,    KERBEROS, YES,   NO_TICKET,  NO,  NO,      ANY, ANY,  ANY,   ANY, RISK,    INFERRED, "doubt_border"),
    _row(DOUBT,    KERBEROS, YES,   NO_TICKET,  YES, NO,      ANY, ANY,  NONE,  ANY, RISK,    INFERRED, "doubt_missing"),
    _row(DOUBT,    KERBEROS, YES,   NO_TICKET,  YES, NO,      ANY, ANY,  ONE,   ANY, RISK,    INFERRED, "service_one_name"),
    _row(DOUBT,    KERBEROS, YES,   NO_TICKET,  YES, NO,      ANY, ANY,  BOTH,  ANY, PASS,    ARTICLE,  "service_listed"),

    _row(PROTOCOL, CREDSSP,  ANY,   ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "credssp"),
    _row(PROTOCOL, KERBEROS, ANY,   AT_SOURCE,  ANY, ANY,     ANY, ANY,  ANY,   ANY, PASS,    VENDOR,   "protocol_at_the_source"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  ANY, YES,     YES, ANY,  ANY,   ANY, PASS,    VENDOR,   "protocol_resource_based_any"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  ANY, YES,     NO,  YES,  ANY,   ANY, PASS,    VENDOR,   "protocol_resource_based"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  ANY, YES,     NO,  NO,   ANY,   NO,  BLOCKER, VENDOR,   "protocol_resource_based_listed"),
    _row(PROTOCOL, KERBEROS, ANY,   REMOTE,     ANY, YES,     NO,  NO,   ANY,   YES, PASS,    VENDOR,   "protocol_resource_based_old"),
    _row(PROTOCOL, KERBEROS, ANY,   POWERSHELL, ANY, YES,     NO,  NO,   ANY,   YES, RISK,    INFERRED, "protocol_only_powershell_old"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  NO,  NO,      YES, ANY,  ANY,   ANY, SKIP,    VENDOR,   "protocol_border"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  NO,  NO,      NO,  YES,  ANY,   ANY, SKIP,    VENDOR,   "protocol_border"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  NO,  NO,      NO,  NO,   ANY,   NO,  BLOCKER, VENDOR,   "protocol_border_listed"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  NO,  NO,      NO,  NO,   ANY,   YES, SKIP,    VENDOR,   "protocol_border"),
    _row(PROTOCOL, KERBEROS, ANY,   NO_TICKET,  YES, NO,      ANY, ANY,  NONE,  ANY, SKIP,    ARTICLE,  "protocol_nothing_listed"),
    _row(PROTOCOL, KERBEROS, ANY,   REMOTE,     YES, NO,      YES, ANY,  SOME,  NO,  PASS,    ARTICLE,  "protocol_any"),
    _row(PROTOCOL, KERBEROS, ANY,   REMOTE,     YES, NO,      NO,  ANY,  SOME,  NO,  BLOCKER, ARTICLE,  "protocol_kerberos_only"),
    _row(PROTOCOL, KERBEROS, ANY,   REMOTE,     YES, NO,      YES, ANY,  SOME,  YES, ADVICE,  ARTICLE,  "protocol_more_than_needed"),
    _row(PROTOCOL, KERBEROS, ANY,   REMOTE,     YES, NO,      NO,  ANY,  SOME,  YES, PASS,    ARTICLE,  "protocol_kerberos_suffices"),
    _row(PROTOCOL, KERBEROS, ANY,   POWERSHELL, YES, NO,      YES, ANY,  SOME,  ANY, PASS,    INFERRED, "protocol_any_powershell"),
    _row(PROTOCOL, KERBEROS, ANY,   POWERSHELL, YES, NO,      NO,  ANY,  SOME,  NO,  BLOCKER, INFERRED, "protocol_only_powershell"),
    _row(PROTOCOL, KERBEROS, ANY,   POWERSHELL, YES, NO,      NO,  ANY,  SOME,  YES, RISK,    INFERRED, "protocol_only_powershell_old"),

    _row(BORDER,   CREDSSP,  ANY,   ANY,        ANY, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "credssp"),
    _row(BORDER,   KERBEROS, ANY,   ANY,        YES, ANY,     ANY, ANY,  ANY,   ANY, SKIP,    ARTICLE,  "border_none"),
    _row(BORDER,   KERBEROS, ANY,   AT_SOURCE,  NO,  ANY,     ANY, ANY,  ANY,   ANY, SKIP,    VENDOR,   "border_at_the_source"),
    _row(BORDER,   KERBEROS, ANY,   NO_TICKET,  NO,  YES,     ANY, ANY,  ANY,   ANY, PASS,    VENDOR,   "border_resource_based"),
    _row(BORDER,   KERBEROS, ANY,   NO_TICKET,  NO,  NO,      ANY, ANY,  ANY,   ANY, BLOCKER, VENDOR,   "border_closed"),
)
# fmt: on
"""Every decision. Of the rows of one question exactly one fits any situation."""

TEXTS: dict[str, str] = {
    "credssp": "CredSSP is used on {source}: a move needs no delegation",
    "service_not_needed": "{service} is not needed: {source} reaches no file on another host for this move",
    "service_resource_based": "{target} lets {source} act for users itself (resource-based delegation), which covers {service}",
    "service_border": (
        "{source} ({source_domain}) may not delegate to {service} of {target} ({target_domain}): the delegation list of "
        "{source} does not reach into another domain, and {target} does not let {source} act for users"
    ),
    "service_border_at_the_source": (
        "Only a session on {source} itself can start this move: {source} ({source_domain}) may not delegate to {service} of "
        "{target} ({target_domain}), so a remote start or an automatic one will fail (inferred)"
    ),
    "service_missing": (
        "{source} may not delegate to {service} of {target}: its delegation list names neither {short} nor {full} for {service}"
    ),
    "service_missing_powershell": (
        "{source} may not delegate to {service} of {target}: its delegation list names neither {short} nor {full} for {service}, "
        "and a PowerShell session on {source} brings no ticket of its own (inferred)"
    ),
    "service_missing_at_the_source": (
        "Only a session on {source} itself can start this move: the delegation list of {source} names neither {short} nor {full} for "
        "{service}, so a remote start or an automatic one will fail (inferred)"
    ),
    "service_one_name": (
        "{source} lists only {form} for {service}: delegation works only when the target is addressed as {form}, and which "
        "form Hyper-V asks for is not documented (inferred)"
    ),
    "service_listed": "{source} may delegate to {service} of {target}, by its short and its full name",
    "doubt_none": "Every file of this move lies and goes where it is known who opens it",
    "doubt_at_the_source": "The move is started in a session on its source ({launch}): it needs no {service} of {target} (inferred)",
    "doubt_border": (
        "{source} ({source_domain}) may not delegate to {service} of {target} ({target_domain}), which holds or takes files of this move. "
        "Whether {source} opens them for the operator or as itself is not documented (inferred)"
    ),
    "doubt_missing": (
        "{source} may not delegate to {service} of {target}, which holds or takes files of this move: its delegation list names "
        "neither {short} nor {full} for {service}. Whether {source} opens them for the operator or as itself is not documented (inferred)"
    ),
    "protocol_at_the_source": (
        "The move is started in a session on {source} ({launch}), which holds the operator's own ticket: no protocol is needed"
    ),
    "protocol_resource_based_any": (
        '{target} lets {source} act for users itself (resource-based delegation), and {source} may use "any authentication protocol"'
    ),
    "protocol_resource_based": (
        "{target} lets {source} act for users itself (resource-based delegation), and {source} has no delegation list: "
        '"any authentication protocol" is not needed'
    ),
    "protocol_resource_based_listed": (
        '{target} lets {source} act for users, but {source} has a delegation list with "Kerberos only": its domain controllers then '
        "give it no ticket that may be passed on"
    ),
    "protocol_resource_based_old": (
        "{target} lets {source} act for users itself (resource-based delegation), and a remote start on {windows} brings the operator's "
        "own ticket"
    ),
    "protocol_border_listed": (
        '{source} has a delegation list with "Kerberos only": also where {target} lets it act for users, its domain controllers give it '
        "no ticket that may be passed on"
    ),
    "protocol_border": "The delegation list of {source} does not reach into another domain, whatever its protocol",
    "protocol_nothing_listed": "{source} lists no service of {target}: there is nothing the protocol could be for",
    "protocol_any": '{source} delegates with "any authentication protocol", as a remote start needs it',
    "protocol_kerberos_only": (
        '{source} delegates with "Kerberos only": {windows} is managed over WinRM, and a move started remotely brings it no '
        "ticket to pass on"
    ),
    "protocol_more_than_needed": ('{source} delegates with "any authentication protocol", more than a remote start needs on {windows}'),
    "protocol_kerberos_suffices": '{source} delegates with "Kerberos only", which suffices for a remote start on {windows}',
    "protocol_any_powershell": (
        '{source} delegates with "any authentication protocol", as a PowerShell session without a ticket of its own needs it (inferred)'
    ),
    "protocol_only_powershell": (
        '{source} delegates with "Kerberos only": a PowerShell session on {source} is a network logon and brings no ticket to '
        "pass on (inferred)"
    ),
    "protocol_only_powershell_old": (
        '{source} delegates with "Kerberos only": whether a PowerShell session on {windows} brings a ticket to pass on is not '
        "documented (inferred)"
    ),
    "border_none": "{source} and {target} are in the same domain",
    "border_at_the_source": (
        "The move is started in a session on {source} ({launch}), which holds the operator's own ticket: nothing is delegated"
    ),
    "border_resource_based": "{target} ({target_domain}) lets {source} ({source_domain}) act for users (resource-based delegation)",
    "border_closed": (
        "{target} ({target_domain}) does not let {source} ({source_domain}) act for users: across domains resource-based "
        "delegation on {target} is the only way, the delegation list of {source} ends at its own domain"
    ),
}
"""The message of each decision. Places: see checks.delegation._way."""


class _Fork(Struct, frozen=True):
    """A column to read, and where each of its values leads."""

    column: str
    ways: dict[object, _Fork | Row]


def _tree(rows: tuple[Row, ...], columns: tuple[str, ...]) -> _Fork | Row:
    """The rows as a tree in which no column is read that could not decide any more. Raises LookupError for a situation that
    none or more than one of the rows decides, which is our bug."""
    if not columns:
        if len(rows) != 1:
            raise LookupError(f"{len(rows)} decisions: {', '.join(row.text for row in rows)}")
        return rows[0]
    column, *rest = columns
    if not any(getattr(row, column) for row in rows):
        return _tree(rows, tuple(rest))
    ways = {value: _tree(tuple(row for row in rows if accepts(row, column, value)), tuple(rest)) for value in COLUMNS[column]}
    return _Fork(column, ways)


def accepts(row: Row, column: str, value: object) -> bool:
    """Does a row's column hold this value, or accept all."""
    accepted = getattr(row, column)
    return not accepted or value in accepted


_TREES = {question: _tree(tuple(row for row in TABLE if row.question is question), tuple(COLUMNS)) for question in Question}


def decide(question: Question, situation: Situation) -> Row:
    """The one row that fits."""
    node = _TREES[question]
    while isinstance(node, _Fork):
        node = node.ways[getattr(situation, node.column)]
    return node
