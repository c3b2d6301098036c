"""Writes docs/coverage.md: what the articles ask for and what is known to go wrong, the checks that see it, the scenarios that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from msgspec.structs import replace

from checks.check import Check, Outcome
from checks.errors import KnownError
from checks.errors.lookup import all_errors
from checks.registry import builtin_checks
from checks.unlooked import unlooked
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, RELEASES
from tests.checks.delegation.situations import MOVE, PAIR
from tests.checks.platform.test_os_support import RUNS
from tests.checks.vm.test_version import number, world
from tests.coverage import data
from tests.coverage.scenarios import SHOWN, outcomes

PATH = Path(__file__).parents[2] / "docs" / "coverage.md"
MOST = 4
"""Scenarios that a cell names; further ones are counted."""
CHECKS = dict(sorted(builtin_checks().items()))

HEAD = """\
# Coverage

Which requirement and which known error is seen by which check, and which scenario of the lab (`hvpreflight demo --scenario NAME`) shows
it. This page is written by `HVPREFLIGHT_WRITE_GOLDEN=1 pytest tests/coverage`; a test holds it up to date. What it says comes from the
checks themselves (`article`), the known errors (`checks/errors`) and runs of the scenarios; the sentences, and the reasons where there is
nothing, stand in `tests/coverage`.
"""


def page() -> str:
    sections = (
        ("What the articles ask for", ARTICLES, _sentences()),
        ("Known errors", ERRORS, _errors()),
        ("Checks in scenarios", SCENARIOS, _checks()),
        ("Versions of Windows and of VMs", VERSIONS, _versions()),
    )
    return "\n".join((HEAD, *(f"## {title}\n\n{about}\n\n{table}\n" for title, about, rows in sections for table in (_table(rows),))))


ARTICLES = """\
W12 is *Configure and Use Live Migration on Non-clustered Virtual Machines* (Windows Server 2012), W16 *Set up hosts for live migration
without Failover Clustering* (Windows Server 2016 and 2019). Sentences are said in our own words, with section or step, and where a section
has several, their number."""


def _sentences() -> Iterator[tuple[str, ...]]:
    yield "sentence", "asks", "checks", "fails in"
    for id, sentence in data.sentences().items():
        checks = covering(id)
        yield id, sentence.says, _ids(checks) or _why(sentence), _named(_scenarios(checks, Outcome.FAIL)) if checks else ""


def covering(id: str) -> list[Check]:
    """The checks that declare a sentence."""
    return [check for check in CHECKS.values() if id in check.article]


ERRORS = """\
The checks that would have seen a cause before the move. A check may see a cause in part only; `hvpreflight explain CODE` tells more of
each."""


def _errors() -> Iterator[tuple[str, ...]]:
    yield "error", "seen by", "causes that no check sees"
    why = data.errors()
    for error in sorted(all_errors(), key=lambda error: error.code):
        ids = seeing(error)
        unseen = ", ".join(cause.id for cause in error.causes if not cause.checks)
        yield " ".join(dict.fromkeys((f"`{error.code}`", error.symbol))), ", ".join(ids) or _why(why[error.code]), unseen


def seeing(error: KnownError) -> list[str]:
    """The checks that would have seen an error."""
    return sorted({check for cause in error.causes for check in cause.checks})


SCENARIOS = """\
Of some host, pair, move or access of the scenario the check says this. What is not applicable is not shown."""


def _checks() -> Iterator[tuple[str, ...]]:
    yield "check", "passes in", "fails in", "unknown in"
    for id in CHECKS:
        yield id, *(_named(_scenarios([CHECKS[id]], outcome)) or data.not_shown()[id][outcome] for outcome in SHOWN)


def _scenarios(checks: Iterable[Check], outcome: Outcome) -> list[str]:
    return list(dict.fromkeys(name for check in checks for name in outcomes().get(check.id, {}).get(outcome, ())))


VERSIONS = """\
Which configuration versions go from a Windows to another, as `platform.os_support` and `vm.version` say; the versions are those of the
vendor's table
(<https://learn.microsoft.com/windows-server/virtualization/hyper-v/deploy/upgrade-virtual-machine-version-in-hyper-v-on-windows-or-windows-server>).
A VM of Windows Server 2012 has no version that can be read; on 2012 R2 it gets 5.0."""


def _versions() -> Iterator[tuple[str, ...]]:
    yield "from", "to", "pair", "may go", "may not go"
    checks = tuple(replace(CHECKS[id], depends_on=()) for id in ("platform.os_support", "vm.version"))
    of_table = sorted({version for version, _ in RUNS}, key=lambda version: number(version) or ())
    for source, target in product(RELEASES, RELEASES):
        here = [version for version in of_table if RUNS.get((version, source.build))] if source.build > BUILD_2012 else [None]
        said = {}
        for version in here:
            findings = {each.id: each.outcome for each in world(source.build, target.build, version).result(checks).findings}
            pair, said[version or "5.0" if target.build >= BUILD_2012_R2 else "any"] = (
                findings[f"platform.os_support@{PAIR}"],
                findings[f"vm.version@{MOVE}"],
            )
        yield (
            *(release.name.removeprefix("Windows Server ") for release in (source, target)),
            pair,
            *(", ".join(version for version, each in said.items() if (each is Outcome.PASS) is good) or "–" for good in (True, False)),
        )


def _why(why: data.Why) -> str:
    if why.reason:
        return f"none: {why.reason}"
    area, _, name = why.later.partition(".")
    return f"none yet: {why.later} ({unlooked()[area][name]})"


def _ids(checks: Iterable[Check]) -> str:
    return ", ".join(check.id for check in checks)


def _named(names: list[str]) -> str:
    """Some scenarios, those of the areas last, since each of these shows everything of its area."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, ("---",) * len(head), *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
