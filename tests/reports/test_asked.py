"""What somebody has to give or to look at, as each report tells it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import msgspec
import pytest

from reports.asked import asked
from reports.console import write
from reports.forms.junit import junit
from reports.forms.sarif import sarif
from reports.forms.table import table
from reports.forms.ticket import ticket
from reports.html import render
from reports.language import Language
from tests.world import good

LANGUAGES = (Language("en"), Language("de"))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_the_page_the_ticket_and_the_console_tell_each_with_who_does_what(language: Language) -> None:
    result = good().result()
    page = render(result, language=language)
    section = page[page.index('<section id="not-checked"') : page.index('<section id="sign-off"')]
    on_paper = section[: section.index('<details class="unprinted">')]
    assert language.say("Everything that applies was judged.") not in page
    told = io.StringIO()
    write(result, stream=told, language=language)
    ticketed = ticket(result, language, result.valid_until).replace("\\", "")
    every = asked(result, language)
    assert len(every) == 4
    for each in every:
        for said in (each.lacks, each.to_do, each.who):
            assert said in on_paper.replace("<wbr>", "").replace("&#39;", "'"), said
            assert said in ticketed, said
        assert each.check in told.getvalue()
        assert each.lacks not in section[len(on_paper) :]


def test_forms_for_machines_tell_it_from_what_does_not_apply() -> None:
    result = good().result()
    kinds = {each["ruleId"]: each["kind"] for each in msgspec.json.decode(sarif(result, LANGUAGES[0]))["runs"][0]["results"]}
    assert {check for check, kind in kinds.items() if kind == "review"} == {each.check for each in result.findings if each.asks}
    assert kinds["delegation.across_domains"] == "notApplicable"
    suites = ET.fromstring(junit(result, LANGUAGES[0]))
    (case,) = suites.findall("testsuite[@name='plan.window']/testcase/skipped")
    assert case.get("message") == "The plan names no change window"
    assert (case.text or "").startswith("to do: operator: Write the change window")
    assert '"operator","Write the change window' in table(result, LANGUAGES[0])
