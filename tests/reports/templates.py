"""Every template that can be shown, found in the sources with the room that says it: where the checks, the evaluator and the diagnosis
make sentences, and where the reports ask their language for one. A call whose template cannot be read off the page is an error, so that
none escapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

import checks
import reports
import runner
from checks.check import Scope
from checks.delegation._table import TEXTS
from checks.errors import Confidence
from checks.errors.diagnosis import Standing
from checks.facts.directory import Sealing
from checks.facts.fact import Reason
from checks.facts.host import SECTIONS
from checks.facts.snapshot import Protection
from checks.plan import LaunchPoint
from checks.remedy import OPERATOR, Remedy, Role, Who
from checks.result import Seal
from checks.second_opinion import Agreement
from checks.text import text
from checks.tokens import Logon
from checks.unlooked import unlooked
from checks.waiver import WaiverState
from checks.windows.editions import Family
from reports.console import Progress
from reports.diagnosis import CARRIED, DOING, LAUNCHES, NAMED, RECOGNIZED, TO_GET_A_MESSAGE
from reports.difference import Became
from reports.digest import AREAS, COUNTED, SEALS, WORDS
from reports.glance import DO
from reports.html import MOVE_COLUMNS, ROLES
from reports.obstacles import ACCEPTED, BUG, BUG_WHO, HOW, SETTLE, STANDING, WHO
from reports.pages import GRADES
from reports.scripts.readme import PEOPLE
from reports.scripts.words import WORDS as SAID_BY_SCRIPTS
from reports.scripts.work import SENTENCES

PLACE = re.compile(r"\{(\w+)\}")

SHARED = "words"
"""The room of the words that no single room owns, and of what several rooms say."""

_ROOT = Path(checks.__path__[0]).parent
_PACKAGES = tuple(Path(package.__path__[0]) for package in (checks, reports, runner))

_ROOMS = (
    *((f"checks/{area}/", area) for area in AREAS),
    ("checks/facts/", "facts"),
    ("checks/world.py", "facts"),
    ("checks/subject.py", "facts"),
    ("checks/tokens.py", "facts"),
    ("checks/links.py", "facts"),
    ("checks/waves.py", "plan"),
    ("checks/", SHARED),
    ("runner/collect/", "facts"),
    ("runner/diagnose/", "diagnosis"),
    ("runner/evaluate.py", "evaluation"),
    ("runner/records.py", "evaluation"),
    ("runner/ways_back.py", "evaluation"),
    ("runner/commands/check.py", "console"),
    ("runner/commands/diagnose.py", "diagnosis"),
    ("runner/commands/fix.py", "console"),
    ("reports/console.py", "console"),
    ("reports/diagnosis.py", "diagnosis"),
    ("reports/digest.py", "report"),
    ("reports/obstacles.py", "report"),
    ("reports/difference.py", "report"),
    ("reports/glance.py", "report"),
    ("reports/forms/", "report"),
    ("reports/html/", "report"),
    ("reports/pages.py", "pages"),
    ("reports/scripts/", "scripts"),
    ("", SHARED),
)
"""The rooms of modules and folders by the beginning of their path; the first that fits counts."""

_MAKING = {"text": 0, "Text": 0, "passes": 0, "skips": 0, "say": 0, "_say": 0, "_tell": 1, "headed": 0, "_heading": 0, "_listing": 0}
"""Functions that make or ask for a sentence, and the place of its template among their arguments."""
_EVIDENCE = {"evidence": 1, "evidence_of": 1, "vm_evidence": 0, "of": 0, "Evidence": 0}
"""Functions of the checks whose template may be a sentence made elsewhere."""
_LEFT_OUT = {"checks/check.py", "checks/text.py", "runner/commands/wait.py"}
"""Where the functions of the checks are defined, and what speaks English only."""


def room_of(file: str) -> str:
    """The room of a file, by its path from the root of the project."""
    return next(room for beginning, room in _ROOMS if file.startswith(beginning))


def _in_data() -> Iterator[tuple[str, Iterable[str]]]:
    """The templates that stand in tables, and the words of enumerations that are shown."""
    yield "delegation", TEXTS.values()
    yield (
        "report",
        (
            *WORDS.values(),
            *Seal,
            *(set(WaiverState) - {WaiverState.APPLIED}),
            *SEALS.values(),
            *MOVE_COLUMNS.values(),
            *(template for pair in COUNTED.values() for template in pair),
        ),
    )
    yield "report", (template for pair in (*STANDING.values(), ACCEPTED) for template in pair)
    yield "report", (*Became, *DO.values(), *ROLES, *HOW.values(), *WHO.values(), BUG, SETTLE, BUG_WHO)
    yield "console", (Progress.DONE, Progress.FAILED, "reading", "run", "verify", "undo")
    yield "diagnosis", (*LAUNCHES.values(), *NAMED, *RECOGNIZED.values(), *CARRIED.values(), *DOING.values(), *TO_GET_A_MESSAGE, *Standing)
    yield "pages", (*GRADES.values(), *(set(Confidence) - {Confidence.NONE}))
    yield "scripts", (*SENTENCES, *SAID_BY_SCRIPTS.values(), *(template for pair in PEOPLE.values() for template in pair))
    yield SHARED, (*AREAS, *Scope, *Reason, *LaunchPoint, "with storage", "without storage", "storage only", "unknown", "yes", "no")
    yield SHARED, Agreement
    yield SHARED, (Remedy(text(""), OPERATOR).effective_after.template,)
    yield SHARED, (who.text.template for role in Role for who in (Who(role), Who(role, ("x",))))
    yield "platform", Family
    yield "evaluation", (what for entries in unlooked().values() for what in entries.values())
    yield (
        "facts",
        (*Protection, *Sealing, *Logon, *(section.origin.earlier.source for section in SECTIONS.values() if section.origin.earlier)),
    )


def _in_sources() -> Iterator[tuple[str, Iterable[str]]]:
    for path in sorted(path for package in _PACKAGES for path in package.rglob("*")):
        where = path.relative_to(_ROOT).as_posix()
        if path.suffix == ".py" and where not in _LEFT_OUT:
            yield room_of(where), _in_python(path, where)
        elif path.suffix in (".html", ".svg"):
            yield room_of(where), _in_page(path)


@cache
def rooms() -> dict[str, set[str]]:
    """The rooms that say each template. Only of those that hold a word: one of places and marks alone is the same in every language."""
    found: dict[str, set[str]] = {}
    for room, templates in (*_in_data(), *_in_sources()):
        for template in templates:
            if re.search(r"[^\W\d_]", PLACE.sub("", template)):
                found.setdefault(str(template), set()).add(room)
    return found


def _in_python(path: Path, where: str) -> Iterator[str]:
    for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in ("text", "Text") and (where.startswith("reports/") or not isinstance(call.func, ast.Name)):
            continue  # a report asks its language; anywhere else it is these functions that make sentences
        if name == "check":
            yield from (str(each.value.value) for each in call.keywords if each.arg == "title" and isinstance(each.value, ast.Constant))
        if name in _MAKING and len(call.args) > _MAKING[name]:
            yield from _templates(call.args[_MAKING[name]], f"{where}:{call.lineno}")
        if name in _EVIDENCE and len(call.args) > _EVIDENCE[name] and where.startswith("checks/"):
            what = call.args[_EVIDENCE[name]]
            if isinstance(what, ast.JoinedStr):
                raise AssertionError(f"{where}:{call.lineno}: the name of evidence is filled in before it can be translated")
            if isinstance(what, ast.Constant) and isinstance(what.value, str):
                yield what.value


_TABLES = (
    r"TEXTS\[.*|RULES\[.*|LAUNCHES\[.*|GRADES\[.*|RECOGNIZED\[.*|CARRIED\[.*|DOING\[.*|one|way|many|area|remedy\.template|name|state|SEALS\[.*|(result|move|after)\.(verdict|seal)|use\.state|template|said\.template"
    r"|message\.template|self\.template|first\.template|first\.message\.template|info\.title|became|reason|named|BUG|\w+\.value|(self\.)?\w+\.(launch|standing)\.value|said\.agreement|fact\.reason\.value"
    r"|sentence\.template|self\.role\.value|missing\.reason\.value|origin\.earlier\.source|value\.template|value|plain\(value\)|record\.message\.template|heading|text|sentence|named|unnamed|error\.message_de_confidence"
)
"""What may stand for a template: an entry of the tables, a word of an enumeration, or what was found elsewhere."""


def _templates(node: ast.expr, where: str) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _templates(node.body, where)
        yield from _templates(node.orelse, where)
    elif not re.fullmatch(_TABLES, ast.unparse(node)):
        raise AssertionError(f"{where}: cannot tell the template from {ast.unparse(node)}")


def _in_page(path: Path) -> Iterator[str]:
    for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            yield from _constants(call.args[0])


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        yield str(node.value)
    elif isinstance(node, nodes.CondExpr):
        for each in (node.expr1, node.expr2):
            if each is not None:
                yield from _constants(each)
    elif isinstance(node, nodes.Or):
        yield from _constants(node.right)
