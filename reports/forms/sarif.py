"""SARIF 2.1.0 (OASIS): checks are rules and what did not pass are results, for viewers and dashboards of findings.

A failure has the level of its severity. What could not be judged is `open`, what somebody has to give or look at `review`, what does not
apply `notApplicable`, and none of them has a level.
What somebody accepts is suppressed, with the reason. What passes is counted and not listed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from checks.check import Outcome, Severity
from checks.result import CheckInfo, FindingRecord, Result
from reports.digest import label, mending, waived_by
from reports.language import Language, iso

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.BLOCKER: "error", Severity.RISK: "warning", Severity.ADVICE: "note"}


def sarif(result: Result, language: Language) -> str:
    """The result as one run of one tool."""
    places = {check: place for place, check in enumerate(result.checks)}
    run = {
        "tool": {
            "driver": {
                "name": result.tool.name,
                "version": result.tool.version,
                "rules": [_rule(check, info, language) for check, info in result.checks.items()],
            }
        },
        "language": language.name,
        "invocations": [
            {
                "executionSuccessful": not result.collected.partial,
                "startTimeUtc": iso(result.collected.start),
                "endTimeUtc": iso(result.collected.end),
            }
        ],
        "results": [
            _result(finding, places[finding.check], language) for finding in result.findings if finding.outcome is not Outcome.PASS
        ],
        "properties": {
            "verdict": result.verdict,
            "validUntil": iso(result.valid_until),
            "counts": result.counts,
            "rules": result.tool.rules,
            "snapshotSha256": result.snapshot_sha256,
            "planSha256": result.plan_sha256,
        },
    }
    return msgspec.json.format(msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}), indent=1).decode() + "\n"


def _rule(check: str, info: CheckInfo, language: Language) -> dict[str, Any]:
    return {
        "id": check,
        "shortDescription": {"text": language.say(info.title)},
        "defaultConfiguration": {"level": LEVELS[info.severity]},
        "properties": {"area": info.area, "scope": info.scope, "article": info.article},
    }


def _result(finding: FindingRecord, place: int, language: Language) -> dict[str, Any]:
    subject = finding.subject
    made: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": place,
        "kind": _kind(finding),
        "level": LEVELS[finding.severity] if finding.outcome is Outcome.FAIL else "none",
        "message": {"text": _words(finding, language)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": "plan.toml"}},
                "logicalLocations": [{"name": label(subject, language), "fullyQualifiedName": finding.id, "kind": subject.kind}],
            }
        ],
        "partialFingerprints": {"finding/v1": finding.id},
        "properties": {"outcome": finding.outcome, "severity": finding.severity, "predicts": finding.predicts},
    }
    if finding.waiver is not None:
        made["suppressions"] = [{"kind": "external", "status": "accepted", "justification": waived_by(finding.waiver, language)}]
    return made


def _kind(finding: FindingRecord) -> str:
    if finding.outcome is Outcome.FAIL:
        return "fail"
    if finding.asks:
        return "review"
    return "notApplicable" if finding.does_not_apply else "open"


def _words(finding: FindingRecord, language: Language) -> str:
    """The text of a message, in which a brace stands doubled, since a single one begins or ends a placeholder (3.11.5)."""
    message = finding.message
    said = "\n".join((language.say(message.template, **message.values), *mending(finding, language)))
    return said.replace("{", "{{").replace("}", "}}")
