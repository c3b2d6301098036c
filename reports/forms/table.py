"""CSV: one finding a row, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from checks.result import FindingRecord, Result
from reports.digest import waived_by
from reports.escape import visible
from reports.language import Language

COLUMNS = (
    *("id", "check", "outcome", "severity", "vm", "source", "target", "host", "operator", "message"),
    *("predicts", "who", "remedy", "accepted"),
)
"""The names of the columns, the same in every language: scripts read them."""

DELIMITERS = {"de": ";"}
"""What a spreadsheet takes for the end of a cell, where that is no comma: a German one reads commas as decimal points."""

_MAY_CALCULATE = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How the text of a cell begins with which spreadsheets calculate (CSV injection; OWASP), with their full-width forms."""

BOM = "\ufeff"
"""By it Excel knows UTF-8."""


def table(result: Result, language: Language) -> str:
    """Every finding, the blockers that failed first, in the order of the result otherwise. Rows end as RFC 4180 wants it."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=DELIMITERS.get(language.name, ","), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in sorted(result.findings, key=lambda finding: -finding.verdict.weight):
        writer.writerow(map(cell, _row(finding, language)))
    return BOM + made.getvalue()


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe, which is not shown, stands before one that could be."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_MAY_CALCULATE) else shown


def _row(finding: FindingRecord, language: Language) -> tuple[str, ...]:
    subject, remedy, message = finding.subject, finding.remedy, finding.message
    return (
        *(finding.id, finding.check, finding.outcome.value, finding.severity.value),
        *(name or "" for name in (subject.vm, subject.source, subject.target, subject.host, subject.operator)),
        language.say(message.template, **message.values),
        " ".join(finding.predicts),
        language.said(remedy, "who") if remedy else "",
        language.say(remedy.template, **remedy.values) if remedy else "",
        waived_by(finding.waiver, language) if finding.waiver else "",
    )
