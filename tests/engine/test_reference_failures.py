"""The collector's script, as it is sent, against the reference for Windows with one part after the other failing: that costs exactly the
sections that need it, with the reason, and nothing empty becomes a value."""

from __future__ import annotations

import pytest

from checks.facts.fact import Missing
from checks.facts.host import LOG_FACTS
from checks.text import plain
from tests.engine.failing import LOGS, RUNS, Failure, title, together
from tests.engine.reference import Reference
from tests.engine.test_reference import ONE, described, visit
from tests.examples import in_turn

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("failures", in_turn(RUNS), ids=title)
def test_what_fails_costs_the_sections_that_need_it_and_no_other(reference: Reference, failures: list[Failure]) -> None:
    run = visit(reference, **together(failures))
    assert run.missing == {section: each.reason for each in failures if each.reason for section in each.sections}
    for each in failures:
        assert [section for section in each.sections & run.missing.keys() if each.says not in run.detail(section)] == []


@pytest.mark.parametrize("failing", LOGS, ids=lambda each: title([each]))
def test_logs_that_fail_are_missing_with_the_reason(reference: Reference, failing: Failure) -> None:
    logs = reference.logs(described(**failing.its), ONE)
    found = {name: fact.reason.name for name in LOG_FACTS if isinstance(fact := getattr(logs, name), Missing)}
    assert found == (dict.fromkeys(failing.sections, failing.reason) if failing.reason else {})


def test_a_damaged_log_is_named_by_its_number(reference: Reference) -> None:
    found = reference.logs(described(failCmdlets={"Get-WinEvent": {"kind": "evtlog"}}), ONE).events
    assert isinstance(found, Missing)
    assert "Win32 1500" in plain(found.detail)
