"""A run folder beside this one, and a change, named by somebody who means harm: nowhere more than text."""

from __future__ import annotations

import io
import json
import re

import pytest
from msgspec.structs import replace

from checks.check import Outcome
from checks.result import ChangeInfo, EarlierRun, NotCompared, Result, Since, Verdict
from checks.text import text
from reports import html
from reports.console import write
from reports.forms.sarif import sarif
from reports.forms.ticket import ticket
from reports.language import Language
from tests.reports import sample

NAME = 'run"><img src=x onerror=alert(1)>\u202e\x1b[31m\u2028[x](javascript:alert(1)) {0}'
RAW = re.compile(r"(?<!\\)<img|[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2028\u2029]")


def hostile() -> Result:
    result = sample.no_go()
    earlier = EarlierRun(NAME, Verdict.GO, result.collected.start, "0" * 64, result.plan_sha256, "other rules")
    since = Since(earlier, {}, (), (NotCompared(NAME, text("{folder} is damaged", folder=NAME)),))
    return replace(result, change=ChangeInfo(NAME, NAME), since=since)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_hostile_folder_or_change_is_text_in_page_console_and_ticket(language: str) -> None:
    said, stream = Language(language), io.StringIO()
    write(hostile(), stream=stream, verbose=True, language=said, now=sample.BEFORE_THE_END)
    page = html.render(hostile(), now=sample.BEFORE_THE_END, language=said)
    told = ticket(hostile(), said, sample.BEFORE_THE_END)
    for form in (page, stream.getvalue().replace("<img", ""), told):
        assert not RAW.search(form)
        assert "onerror" in form, "the name is told all the same"
    assert "[x](" not in told


def test_braces_of_a_name_are_no_placeholder_of_sarif() -> None:
    result = sample.no_go()
    failed = next(each for each in result.findings if each.outcome is Outcome.FAIL)
    finding = replace(failed, message=replace(failed.message, template="{vm} fails", values={"vm": "{0}"}))
    (run,) = json.loads(sarif(replace(result, findings=(finding,)), Language()))["runs"]
    assert run["results"][0]["message"]["text"].startswith("{{0}} fails")
