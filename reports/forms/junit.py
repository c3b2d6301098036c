"""JUnit XML: a check is a suite and a finding a case, for the test reports of CI servers.

Failed blockers and risks are failures, those that could not be judged are errors. Advice and what somebody accepts never make a suite red;
what they say stands in the case's output. What holds is one case for each check: nobody asks for ten thousand by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result
from reports.digest import counted, label, mending, waived_by
from reports.escape import visible
from reports.language import Language

FAILURE, ERROR, SKIPPED, OUTPUT = "failure", "error", "skipped", "system-out"


def junit(result: Result, language: Language) -> str:
    """All findings as a document of the widely read form, in which counts stand before what they count."""
    by_check: dict[str, list[FindingRecord]] = {check: [] for check in result.checks}
    for finding in result.findings:
        by_check[finding.check].append(finding)
    root = ET.Element("testsuites", name=visible(" ".join(filter(None, ("hvpreflight", result.change.id)))))
    sums: Counter[str] = Counter()
    for check, findings in sorted(by_check.items()):
        if findings:
            sums.update(_suite(root, result, check, findings, language))
    root.attrib |= _counts(sums)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, result: Result, check: str, findings: Iterable[FindingRecord], language: Language) -> Counter[str]:
    suite = ET.SubElement(root, "testsuite", name=check, timestamp=f"{result.collected.end:%Y-%m-%dT%H:%M:%S}")
    sums: Counter[str] = Counter()
    for name, kind, words in _cases(findings, language):
        case = ET.SubElement(suite, "testcase", classname=check, name=visible(name), time="0")
        sums["tests"] += 1
        if kind is None:
            continue
        sums[kind] += 1
        first, *others = map(visible, words)
        if kind == OUTPUT:
            ET.SubElement(case, kind).text = "\n".join((first, *others))
        elif kind == SKIPPED:
            ET.SubElement(case, kind, message=first).text = "\n".join(others) or None
        else:
            type_, first, *others = first, *others
            ET.SubElement(case, kind, message=first, type=type_).text = "\n".join((first, *others))
    suite.attrib |= _counts(sums)
    return sums


def _counts(sums: Counter[str]) -> dict[str, str]:
    return {name: str(sums[kind]) for name, kind in (("tests", "tests"), ("failures", FAILURE), ("errors", ERROR), ("skipped", SKIPPED))}


def _cases(findings: Iterable[FindingRecord], language: Language) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    """The name of each case, what it is, and its lines: of a failure or error what kind of it first."""
    held = [finding for finding in findings if finding.outcome is Outcome.PASS]
    if held:
        yield language.say("holds for {subjects}", subjects=counted(held[0].subject.kind, len(held), language)), None, ()
    for finding in findings:
        if finding.outcome is not Outcome.PASS:
            kind = _kind(finding)
            lines = tuple(_lines(finding, language))
            name = label(finding.subject, language)
            yield name, kind, lines if kind in (SKIPPED, OUTPUT) else (f"{finding.outcome} {finding.severity}", *lines)


def _kind(finding: FindingRecord) -> str:
    if finding.outcome is Outcome.SKIP:
        return SKIPPED
    if finding.severity is Severity.ADVICE or finding.waiver is not None:
        return OUTPUT
    return FAILURE if finding.outcome is Outcome.FAIL else ERROR


def _lines(finding: FindingRecord, language: Language) -> Iterator[str]:
    message = finding.message
    yield language.say(message.template, **message.values)
    if finding.waiver is not None:
        yield waived_by(finding.waiver, language)
    for evidence in finding.evidence:
        yield language.evidence(evidence)
    yield from mending(finding, language)
