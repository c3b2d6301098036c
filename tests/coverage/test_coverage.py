"""Every sentence of the articles, every known error and every outcome of a check is covered, or it is said why not."""

from __future__ import annotations

import os

from checks.check import Outcome, Scope
from checks.errors.lookup import all_errors
from checks.unlooked import unlooked
from lab import scenario
from tests.coverage import data
from tests.coverage.page import CHECKS, PATH, covering, page, seeing
from tests.coverage.scenarios import SHOWN, outcomes, ran

LATER = {f"{area}.{name}" for area, entries in unlooked().items() for name in entries}


def wrong(covered: bool, why: data.Why | None) -> str:
    """What is wrong with a reason, where something is."""
    if why is not None and bool(why.reason) == bool(why.later) and not covered:
        return "says neither why nor which check will see it, or both"
    if covered and why is not None and why.reason:
        return "has a check now: take the reason away"
    if not covered and why is None:
        return "has neither a check nor a reason"
    if not covered and why is not None and why.later and why.later not in LATER:
        return f"waits for {why.later}, which is not in unlooked.toml: let that check name it, or say why it does not"
    return ""


def test_every_sentence_of_the_articles_has_a_check_or_a_reason() -> None:
    sentences = data.sentences()
    assert all(sentence.says for sentence in sentences.values())
    assert {
        id: said for id, its in sentences.items() if (said := wrong(bool(covering(id)), its if its.reason or its.later else None))
    } == {}


def test_every_sentence_that_a_check_declares_is_one_of_the_articles() -> None:
    known = data.sentences()
    strange = {(check.id, each): [id for id in known if id.startswith(each)] for check in CHECKS.values() for each in check.article}
    assert {key: near for key, near in strange.items() if key[1] not in known and key[1] != "–"} == {}


def test_every_known_error_has_a_check_that_would_have_seen_it_or_a_reason() -> None:
    why = data.errors()
    assert why.keys() <= {error.code for error in all_errors()}
    assert {error.code: said for error in all_errors() if (said := wrong(bool(seeing(error)), why.get(error.code)))} == {}


def test_scenarios_show_every_outcome_of_every_check_those_of_an_area_its_failures_and_passes_and_the_page_says_so() -> None:
    """One test, since the scenarios are run once in each process."""
    for name, (described, result) in ran().items():
        called = {spec.planned or host for host, spec in described.hosts.items()}
        assert {move[end] for move in described.plan["moves"] for end in ("source", "target")} <= called, f"{name}: only hosts that run"
        assert (result.verdict, result.counts[Outcome.ERROR]) == (described.promise.verdict, 0), name

    why = data.not_shown()
    shown = {id: set(outcomes().get(id, ())) for id in CHECKS}
    unsaid = {id: its for id in CHECKS if (its := set(SHOWN) - shown[id]) != set(map(Outcome, why.get(id, ())))}
    assert unsaid == {}, "what no scenario shows, and no other, has its reason in not_shown.toml; better, let the area's scenario show it"
    assert why.keys() <= CHECKS.keys()

    assert {name.partition("/")[2] for name in scenario.areas()} == {check.area for check in CHECKS.values()} | {"dark"}
    lacking = {}
    for id, check in CHECKS.items():
        here = {outcome for outcome, names in outcomes()[id].items() if f"areas/{check.area}" in names}
        wanted = {Outcome.FAIL} if check.scope is Scope.PLAN else {Outcome.FAIL, Outcome.PASS}
        if missing := wanted - here - set(map(Outcome, why.get(id, ()))):
            lacking[id] = missing
    assert lacking == {}, "let a host, pair or VM of the area's scenario show it (lab/scenarios/areas)"

    text = page()
    if os.environ.get("HVPREFLIGHT_WRITE_GOLDEN") == "1":
        PATH.write_text(text, encoding="utf-8")
    assert text == PATH.read_text(encoding="utf-8"), (
        "docs/coverage.md changed: read the difference, then write it with HVPREFLIGHT_WRITE_GOLDEN=1"
    )
