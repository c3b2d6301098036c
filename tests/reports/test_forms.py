"""The forms of a result for other programs: each is what its readers take, whatever the names in it are."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from io import StringIO
from xml.etree import ElementTree as ET

import msgspec
import pytest
from markdown_it import MarkdownIt
from msgspec import Struct
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result, Verdict
from checks.waiver import Waiver
from reports.forms.junit import junit
from reports.forms.monitor import checkmk, nagios, state
from reports.forms.sarif import sarif
from reports.forms.table import BOM, COLUMNS, cell, table
from reports.forms.ticket import ticket
from reports.language import Language
from tests.reports import sample
from tests.reports.golden import assert_golden

ENGLISH, GERMAN = Language("en"), Language("de")
NOW = sample.BEFORE_THE_END
SAMPLES = ("no_go", "go", "conditions", "incomplete", "empty", "hostile")
WAIVER = Waiver(
    finding="network.isolated",
    reason="the VLAN follows",
    approved_by="change board",
    expires=date(2027, 1, 1),
    ticket="CHG0042400",
)


def of(name: str) -> Result:
    made: Result = getattr(sample, name)()
    return made


def accepted(result: Result) -> Result:
    """The same result with every failure accepted."""
    findings = tuple(replace(each, waiver=WAIVER) if each.outcome is Outcome.FAIL else each for each in result.findings)
    return replace(result, findings=findings)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("ticket.md", lambda: ticket(of("no_go"), ENGLISH, NOW)),
        ("table.csv", lambda: table(of("no_go"), ENGLISH)),
        ("junit.xml", lambda: junit(of("no_go"), ENGLISH)),
        ("result.sarif", lambda: sarif(of("no_go"), ENGLISH)),
        ("nagios.txt", lambda: nagios(of("no_go"), ENGLISH, NOW)),
        ("checkmk.txt", lambda: checkmk(of("no_go"), ENGLISH, NOW)),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_form_is_as_it_was(name: str, made: object) -> None:
    assert callable(made)
    assert_golden(f"form-no_go-{name}", made().replace("\r\n", "\n"))


# --- CSV ---


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(("language", "delimiter"), [(ENGLISH, ","), (GERMAN, ";")], ids=["en", "de"])
def test_a_spreadsheet_finds_every_finding_in_a_row_and_nothing_to_calculate(name: str, language: Language, delimiter: str) -> None:
    result = of(name)
    written = table(result, language)
    assert written.startswith(BOM)
    first, *rows = csv.reader(StringIO(written.removeprefix(BOM), newline=""), delimiter=delimiter, strict=True)
    assert tuple(first) == COLUMNS
    assert {len(row) for row in rows} <= {len(COLUMNS)}
    assert sorted(row[COLUMNS.index("outcome")] for row in rows) == sorted(finding.outcome.value for finding in result.findings)
    assert [text for row in rows for text in row if re.match(r"\s*[=+\-@＝＋－＠]|.*[\x00-\x1f\u202e]", text)] == []


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "＝1", "\t=1"])
def test_a_name_that_is_a_formula_is_a_text(formula: str) -> None:
    assert cell(formula)[0] in "'\\"


# --- JUnit XML ---

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped"},
    "testsuite": {"name", "timestamp", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
"""What CI servers read of each element. Source: the readers of Jenkins (junit plugin: SuiteResult, CaseResult) and GitLab."""
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped", "system-out"}}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_ci_server_reads_the_suites_and_their_sums(name: str) -> None:
    root = ET.fromstring(junit(of(name), GERMAN))
    for element in root.iter():
        assert element.attrib.keys() == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for suite in (root, *root):
        cases = list(suite.iter("testcase"))
        assert int(suite.attrib["tests"]) == len(cases)
        for told, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[told]) == sum(case.find(tag) is not None for case in cases)
    for suite in root:
        assert datetime.fromisoformat(suite.attrib["timestamp"]).tzinfo is None
        assert {case.attrib["classname"] for case in suite} == {suite.attrib["name"]}


def reds(result: Result) -> int:
    root = ET.fromstring(junit(result, ENGLISH))
    return int(root.attrib["failures"]) + int(root.attrib["errors"])


def test_red_is_what_keeps_it_from_go_and_what_is_accepted_is_not() -> None:
    def red(finding: FindingRecord) -> bool:
        return finding.severity is not Severity.ADVICE and finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)

    for name in SAMPLES:
        assert reds(of(name)) == sum(map(red, of(name).findings))
    assert reds(accepted(of("conditions"))) == 0 < reds(of("conditions"))


# --- SARIF ---


class Words(Struct, forbid_unknown_fields=True):
    text: str


class Configuration(Struct, forbid_unknown_fields=True):
    level: str


class Rule(Struct, forbid_unknown_fields=True, rename="camel"):
    id: str
    short_description: Words
    default_configuration: Configuration
    properties: dict[str, object]


class Driver(Struct, forbid_unknown_fields=True):
    name: str
    version: str
    rules: list[Rule]


class OneTool(Struct, forbid_unknown_fields=True):
    driver: Driver


class Invocation(Struct, forbid_unknown_fields=True, rename="camel"):
    execution_successful: bool
    start_time_utc: datetime
    end_time_utc: datetime


class Artifact(Struct, forbid_unknown_fields=True):
    uri: str


class Physical(Struct, forbid_unknown_fields=True, rename="camel"):
    artifact_location: Artifact


class Logical(Struct, forbid_unknown_fields=True, rename="camel"):
    name: str
    fully_qualified_name: str
    kind: str


class Location(Struct, forbid_unknown_fields=True, rename="camel"):
    physical_location: Physical
    logical_locations: list[Logical]


class Suppression(Struct, forbid_unknown_fields=True):
    kind: str
    status: str
    justification: str


class Found(Struct, forbid_unknown_fields=True, rename="camel"):
    rule_id: str
    rule_index: int
    kind: str
    level: str
    message: Words
    locations: list[Location]
    partial_fingerprints: dict[str, str]
    properties: dict[str, object]
    suppressions: list[Suppression] = []


class OneRun(Struct, forbid_unknown_fields=True):
    tool: OneTool
    language: str
    invocations: list[Invocation]
    results: list[Found]
    properties: dict[str, object]


class Log(Struct, forbid_unknown_fields=True, rename={"schema": "$schema"}):
    """The part of SARIF 2.1.0 that is written (OASIS, 3.13 sarifLog, 3.14 run, 3.27 result), each property with its type."""

    schema: str
    version: str
    runs: list[OneRun]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_viewer_of_sarif_reads_each_failure_with_its_rule_and_level(name: str) -> None:
    result = of(name)
    (run,) = msgspec.json.decode(sarif(result, GERMAN), type=Log).runs
    told = [finding for finding in result.findings if finding.outcome is not Outcome.PASS]
    assert [found.partial_fingerprints["finding/v1"] for found in run.results] == [finding.id for finding in told]
    for found, finding in zip(run.results, told, strict=True):
        assert run.tool.driver.rules[found.rule_index].id == found.rule_id == finding.check
        # 3.27.9 and 3.27.10: only a failure has a level
        assert (found.kind == "fail") == (found.level != "none") == (finding.outcome is Outcome.FAIL)
        assert found.kind in {"fail", "open", "notApplicable"}


def test_what_is_accepted_is_suppressed_with_who_and_why() -> None:
    (run,) = msgspec.json.decode(sarif(accepted(of("conditions")), ENGLISH), type=Log).runs
    said = [suppression for found in run.results if found.kind == "fail" for suppression in found.suppressions]
    assert said
    assert {(each.kind, each.status) for each in said} == {("external", "accepted")}
    assert all("the VLAN follows" in each.justification and "CHG0042400" in each.justification for each in said)


# --- Markdown ---


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", [ENGLISH, GERMAN], ids=["en", "de"])
def test_no_name_means_anything_to_a_ticket(name: str, language: Language) -> None:
    result = of(name)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(ticket(result, language, NOW))
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    structure = ("heading", "paragraph", "bullet_list", "ordered_list", "list_item", "table", "thead", "tbody", "tr", "th", "td", "strong")
    assert kinds <= {f"{each}_{end}" for each in structure for end in ("open", "close")} | {"inline", "text", "text_special"}
    cells = [token for token in tokens if token.type == "td_open"]
    assert len(cells) == 4 * len(result.moves)


# --- monitoring ---


@pytest.mark.parametrize(("name", "code"), [("go", 0), ("conditions", 1), ("no_go", 2), ("hostile", 2), ("incomplete", 3), ("empty", 3)])
def test_a_monitoring_server_gets_one_line_with_a_state_and_numbers(name: str, code: int) -> None:
    result = of(name)
    assert state(result, NOW) == code
    numbers = r"blockers=\d+.risks=\d+.blockers_not_judged=\d+.risks_not_judged=\d+.passed=\d+.moves=\d+.moves_go=\d+.valid_seconds=\d+"
    for language in (ENGLISH, GERMAN):
        assert re.fullmatch(rf"HVPREFLIGHT (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| {numbers}\n", nagios(result, language, NOW))
        assert re.fullmatch(rf'{code} "hvpreflight[^"\n]*" {numbers} [^|\n]+\n', checkmk(result, language, NOW))


def test_what_has_expired_is_unknown_to_monitoring() -> None:
    late = sample.AFTER_THE_END
    assert of("go").verdict is Verdict.GO
    assert state(of("go"), late) == 3
    assert "EXPIRED, was GO" in nagios(of("go"), ENGLISH, late)
    assert nagios(of("go"), ENGLISH, late).endswith("valid_seconds=0\n")
