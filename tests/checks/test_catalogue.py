"""What every check owes its reader: a page, a test, evidence of its source. Holds for each check of the product."""

from __future__ import annotations

import re
from pathlib import Path

import checks
from checks.check import WAYS_BACK, Check, Scope, Severity
from checks.facts.fact import FactOf
from checks.facts.host import HostTopics
from checks.registry import builtin_checks, ordered
from checks.second_opinion import SECOND_OPINION
from reports.language import Language

CHECKS = Path(checks.__file__).parent
TESTS = Path(__file__).parent
ALL = ordered(builtin_checks().values())

HEADINGS = ["What it checks", "Why it matters", "What you would see", "Fix", "Undo", "Evidence", "Rights needed", "Source"]
GERMAN = [
    *("Was geprüft wird", "Warum es darauf ankommt", "Was man sonst sähe", "Behebung", "Rücknahme", "Belege", "Nötige Rechte", "Quelle"),
]
KEPT = re.compile(r"^ {4,}\S.*$|`[^`\n]+`|0x[0-9A-Fa-f]{8}|https?://[^\s)>]+|\[MS-\w+\][\d. ]*|S-1-[\d-]+", re.MULTILINE)
"""What a translation leaves as it is: commands, code, error codes, addresses, specifications and SIDs."""

ARTICLE = re.compile(r"W(12|16) \S.*")
CODE = re.compile(r"0x[0-9A-F]{8}|\d{4,5}|[A-Z][A-Z0-9_]+|[a-z][a-z_ ]+")

WITHOUT_PREDICTION = {"vm.present", "plan.consistent", "vm.devices"}
"""Blockers without a code: nothing is started that could fail with one, or no code of it was ever published."""

HOST_READS = tuple(name for name in dir(HostTopics) if isinstance(getattr(HostTopics, name), FactOf))
OPERATOR_FACTS = ("operator.account", "operator.token")
ADMINISTRATOR_FACTS = ("administrator.account", "administrator.token")
REALM_FACTS = ("realm.domain", "realm.forest_domains", "realm.trusts", "realm.controller_domains")
SERVER_FACTS = ("server.account", "server.domain", "server.controller_domains", "server.service_names")
ROLES = {
    Scope.HOST: ("host",),
    Scope.PAIR: ("source", "target"),
    Scope.MOVE: ("source", "target", "start"),
    Scope.ACCESS: ("host",),
    Scope.PLAN: ("hosts",),
}


def readable(scope: Scope) -> set[str]:
    """Every name that a check of this scope can declare."""
    names = {f"{role}.{fact}" for role in ROLES[scope] for fact in HOST_READS}
    if scope in (Scope.MOVE, Scope.ACCESS):
        names.update(OPERATOR_FACTS)
    if scope in (Scope.PAIR, Scope.MOVE):
        names.update(REALM_FACTS, SERVER_FACTS)
    if scope is Scope.MOVE:
        names.add("vm")
    if scope is Scope.PLAN:
        names |= {WAYS_BACK, SECOND_OPINION, *ADMINISTRATOR_FACTS}
    return names


def page(check: Check) -> str:
    area, name = check.id.split(".")
    return (CHECKS / area / f"{name}.md").read_text(encoding="utf-8")


def section(check: Check, heading: str) -> str:
    return page(check).partition(f"\n## {heading}\n")[2].partition("\n## ")[0].strip()


def test_there_are_checks() -> None:
    assert ALL


class TestEveryCheck:
    def test_has_a_page_with_its_title_and_the_same_headings_in_the_same_order(self) -> None:
        for check in ALL:
            lines = page(check).splitlines()
            assert lines[0] == f"# {check.id}: {check.title}"
            assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
            assert [heading for heading in HEADINGS if not section(check, heading)] == []

    def test_has_a_test_of_its_own(self) -> None:
        for check in ALL:
            area, name = check.id.split(".")
            assert "def test_" in (TESTS / area / f"test_{name}.py").read_text(encoding="utf-8")

    def test_names_the_sentences_of_the_articles_or_says_that_there_are_none(self) -> None:
        for check in ALL:
            source = section(check, "Source")
            if check.article in ((), ("–",)):
                assert "–" in source
                continue
            assert all(ARTICLE.fullmatch(sentence) for sentence in check.article)
            assert [article for article in {sentence[:3] for sentence in check.article} if article not in source] == []

    def test_predicts_what_a_blocker_would_show(self) -> None:
        for check in ALL:
            assert all(CODE.fullmatch(code) for code in check.predicts)
            if check.severity is Severity.BLOCKER:
                assert bool(check.predicts) != (check.id in WITHOUT_PREDICTION)

    def test_shows_the_codes_it_predicts_on_its_page(self) -> None:
        for check in ALL:
            seen = section(check, "What you would see").casefold()
            words = seen.replace("_", " ")
            assert [code for code in check.predicts if code.replace("_", " ").casefold() not in words and code.casefold() not in seen] == []

    def test_declares_only_facts_that_its_subject_has(self) -> None:
        for check in ALL:
            assert check.facts or check.scope is Scope.PLAN, "a check without facts judges nothing but the plan"
            assert set(check.facts) <= readable(check.scope)
            assert len(set(check.facts)) == len(check.facts)

    def test_says_the_desired_state_in_one_sentence_without_a_final_dot(self) -> None:
        for check in ALL:
            assert check.title[0].isupper()
            assert not check.title.endswith(".")
            assert "\n" not in check.title

    def test_says_the_highest_severity_only_where_it_is_above_its_own(self) -> None:
        for check in ALL:
            order = [Severity.ADVICE, Severity.RISK, Severity.BLOCKER]
            assert check.worst is None or order.index(check.worst) > order.index(check.severity)


def test_has_a_german_page_that_says_what_the_english_one_says() -> None:
    for check in ALL:
        area, name = check.id.split(".")
        german = (CHECKS / area / f"{name}.de.md").read_text(encoding="utf-8")
        assert german.splitlines()[0] == f"# {check.id}: {Language('de').say(check.title)}"
        assert [line[3:] for line in german.splitlines() if line.startswith("## ")] == GERMAN, check.id
        assert sorted(KEPT.findall(german)) == sorted(KEPT.findall(page(check))), check.id


def test_no_page_is_left_without_a_check() -> None:
    areas = {check.area for check in ALL}
    pages = {f"{area}.{path.stem}" for area in areas for path in (CHECKS / area).glob("*.md") if not path.stem.endswith(".de")}
    assert pages <= {check.id for check in ALL}


def test_no_test_is_left_without_a_check() -> None:
    areas = {check.area for check in ALL}
    tests = {f"{path.parent.name}.{path.stem.removeprefix('test_')}" for area in areas for path in (TESTS / area).glob("test_[!_]*.py")}
    assert tests <= {check.id for check in ALL}
