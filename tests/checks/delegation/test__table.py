"""The decision table of delegation: complete, free of contradictions, and what the checks really do."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.delegation._table import COLUMNS, TABLE, TEXTS, Grade, Listed, Question, Row, accepts, decide
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.registry import all_checks
from tests.checks.delegation.situations import MOVE, PAIR, Given

CREDSSP = MigrationAuthentication.CREDSSP
BOOLS = (False, True)
ALL_FALSE, ALL_TRUE = (False,) * 3, (True,) * 3
ONE_TRUE = (True, False, False), (False, True, False), (False, False, True)
COMBINATIONS = [Given(*values) for values in itertools.product(*COLUMNS.values())]
CHECKS = {
    Question.SERVICE: (("delegation.migration_service", MOVE), ("delegation.cifs", MOVE)),
    Question.DOUBT: (("delegation.cifs_in_doubt", MOVE),),
    Question.PROTOCOL: (("delegation.protocol", MOVE),),
    Question.BORDER: (("delegation.across_domains", PAIR),),
}

Answer = tuple[Outcome, Severity | None]
SKIP, PASS = (Outcome.SKIP, None), (Outcome.PASS, None)
BLOCKER, RISK, ADVICE = ((Outcome.FAIL, severity) for severity in (Severity.BLOCKER, Severity.RISK, Severity.ADVICE))


def service_by_the_rules(given: Given) -> Answer:
    """Sections 1 to 3 of the decision document once more, in words of their own: may the source delegate to a service."""
    if given.authentication is CREDSSP or not given.needed:
        return SKIP
    if given.resource_based:
        return PASS
    session_holds_ticket = given.launch in (LaunchPoint.CONSOLE, LaunchPoint.RDP)
    if not given.same_domain or given.listed is Listed.NONE:
        return RISK if session_holds_ticket else BLOCKER
    return PASS if given.listed is Listed.BOTH else RISK


def doubt_by_the_rules(given: Given) -> Answer:
    """What is needed perhaps: never more than a risk, and nothing where a session on the source starts the move."""
    session_holds_ticket = given.launch in (LaunchPoint.CONSOLE, LaunchPoint.RDP)
    if given.authentication is CREDSSP or not given.needed or session_holds_ticket:
        return SKIP
    return PASS if service_by_the_rules(given) == PASS else RISK


def protocol_by_the_rules(given: Given) -> Answer:
    if given.authentication is CREDSSP:
        return SKIP
    if given.launch in (LaunchPoint.CONSOLE, LaunchPoint.RDP):
        return PASS
    own_ticket = given.old and given.launch is LaunchPoint.REMOTE
    passed_on = given.any_protocol or given.empty
    if given.resource_based:
        return PASS if passed_on or own_ticket else RISK if given.old else BLOCKER
    if not given.same_domain:
        return SKIP if passed_on or given.old else BLOCKER
    if given.listed is Listed.NONE:
        return SKIP
    if given.any_protocol:
        return ADVICE if given.old and given.launch is LaunchPoint.REMOTE else PASS
    if not given.old:
        return BLOCKER
    return PASS if given.launch is LaunchPoint.REMOTE else RISK


def border_by_the_rules(given: Given) -> Answer:
    if given.authentication is CREDSSP or given.same_domain or given.launch in (LaunchPoint.CONSOLE, LaunchPoint.RDP):
        return SKIP
    return PASS if given.resource_based else BLOCKER


RULES = {
    Question.SERVICE: service_by_the_rules,
    Question.DOUBT: doubt_by_the_rules,
    Question.PROTOCOL: protocol_by_the_rules,
    Question.BORDER: border_by_the_rules,
}


@pytest.mark.parametrize("question", Question)
def test_every_combination_is_decided_by_exactly_one_row_as_the_rules_say(question: Question) -> None:
    for given in COMBINATIONS:
        rows = [row for row in TABLE if row.question is question and all(accepts(row, c, getattr(given, c)) for c in COLUMNS)]
        assert len(rows) == 1, given
        assert (rows[0].outcome, rows[0].severity) == RULES[question](given), given
        assert decide(question, given) is rows[0]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.question}-{row.text}")
def test_every_row_is_what_a_real_check_says_of_a_world(row: Row) -> None:
    given = Given(**{column: (getattr(row, column) or values)[0] for column, values in COLUMNS.items()})
    assert given.possible
    checks = CHECKS[row.question]
    if row.needed == (False,):
        checks = checks[-1:]
    world = given.doubt() if row.question is Question.DOUBT else given.world()
    for check, subject in checks:
        found = world.finding(check, subject)
        assert found.outcome is row.outcome
        assert found.message.template == TEXTS[row.text]
        assert "{" not in found.message.text
        if row.outcome is Outcome.FAIL:
            assert found.severity is row.severity
            assert found.predicts
            assert found.remedy
            assert found.remedy.commands
            assert found.remedy.undo
            assert found.remedy.verify
            assert "10 hours" in found.remedy.effective_after
            assert found.evidence


@pytest.mark.parametrize("same_domain", BOOLS)
@pytest.mark.parametrize("launch", LaunchPoint)
def test_the_checks_follow_the_rules_whatever_else_is_set(launch: LaunchPoint, same_domain: bool) -> None:
    """Unconstrained delegation, a HOST entry and an operator who cannot be delegated never change what these checks say: each combination
    without them, and with one of them or all in turn."""
    others = itertools.cycle((*ONE_TRUE, ALL_TRUE))
    names = [check for question, checks in CHECKS.items() if question is not Question.DOUBT for check, _ in checks]
    asked = tuple(replace(check, depends_on=()) for check in all_checks() if check.id in names)
    for given in COMBINATIONS:
        if given.launch is not launch or given.same_domain is not same_domain:
            continue
        expected = {
            "delegation.migration_service": service_by_the_rules(replace(given, needed=True)),
            "delegation.cifs": service_by_the_rules(given),
            "delegation.protocol": protocol_by_the_rules(given),
            "delegation.across_domains": border_by_the_rules(given),
        }
        for any_service, host_entry, sensitive in (ALL_FALSE, next(others)):
            each = replace(given, any_service=any_service, host_entry=host_entry, sensitive=sensitive)
            if not each.possible:
                continue
            findings = each.world().result(asked).findings
            found = {f.check: (f.outcome, f.severity if f.outcome is Outcome.FAIL else None) for f in findings}
            assert found == expected, each


def test_what_is_needed_perhaps_follows_the_rules_at_a_file_server() -> None:
    asked = tuple(replace(check, depends_on=()) for check in all_checks() if check.id == "delegation.cifs_in_doubt")
    for given in COMBINATIONS:
        if given.possible and not given.old and not given.any_protocol:
            (found,) = given.doubt().result(asked).findings
            assert (found.outcome, found.severity if found.outcome is Outcome.FAIL else None) == doubt_by_the_rules(given), given


def test_what_is_inferred_says_so_and_nothing_else_does() -> None:
    for row in TABLE:
        assert (row.grade is Grade.INFERRED) == ("(inferred)" in TEXTS[row.text]), row


class Asked:
    """A situation that tells which columns were read."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.read: list[str] = []

    def __getattr__(self, column: str) -> object:
        self.read.append(column)
        return getattr(self.given, column)


def test_nothing_is_read_that_cannot_decide_any_more() -> None:
    asked = Asked(Given(authentication=CREDSSP))
    decide(Question.SERVICE, asked)
    assert asked.read == ["authentication"]
    asked = Asked(Given(launch=LaunchPoint.CONSOLE))
    decide(Question.PROTOCOL, asked)
    assert asked.read == ["authentication", "launch"]
    asked = Asked(Given(same_domain=True))
    decide(Question.BORDER, asked)
    assert "resource_based" not in asked.read


def test_every_text_belongs_to_a_row_and_every_row_has_one() -> None:
    assert {row.text for row in TABLE} == TEXTS.keys()


def test_only_failures_carry_a_severity() -> None:
    assert all((row.severity is not None) == (row.outcome is Outcome.FAIL) for row in TABLE)
