"""Every template that a report can show, found in the sources: where the checks and the evaluator make sentences, and where the reports
ask the catalogue for one. A call whose template cannot be read off the page is an error, so that none escapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

import checks
import reports
import runner
from checks.check import Remedy, Scope, text
from checks.decisions import TEXTS
from checks.facts import Reason
from checks.plan import LaunchPoint
from reports.console import STANDING, Progress
from reports.digest import AREAS, COUNTED, WORDS
from reports.html import MOVE_COLUMNS

PLACE = re.compile(r"\{(\w+)\}")

_CHECKS, _REPORTS, _RUNNER = (Path(package.__path__[0]) for package in (checks, reports, runner))

_MAKING = {"text": 0, "Text": 0, "passes": 0, "skips": 0, "say": 0, "_say": 0, "_tell": 1}
"""Functions that make or ask for a sentence, and the place of its template among their arguments."""
_EVIDENCE = {"evidence": 1, "vm_evidence": 0, "of": 0, "Evidence": 0}
"""Functions whose template may be a sentence made elsewhere."""
_NOT_SHOWN = {"checks/check.py", "reports/catalogue.py"}
"""Where these functions are defined."""


def in_data() -> set[str]:
    """The templates that stand in tables, and the words of enumerations that are shown."""
    pairs = (*COUNTED.values(), *STANDING.values())
    return {
        *TEXTS.values(),
        *WORDS.values(),
        *(template for pair in pairs for template in pair),
        *MOVE_COLUMNS.values(),
        *AREAS,
        *Scope,
        *Reason,
        *LaunchPoint,
        Progress.DONE,
        Progress.FAILED,
        "reading",
        *("with storage", "without storage", "storage only", "unknown"),
        *("yes", "no"),
        *("run", "verify", "undo"),
        Remedy(text(""), text("")).effective_after.template,
    }


def in_checks() -> set[str]:
    """The templates of the checks, of what a snapshot says in words, and of the evaluator."""
    files = [path for path in sorted(_CHECKS.rglob("*.py")) if "errors" not in path.parts]
    return {template for path in (*files, _RUNNER / "evaluate.py") for template in _in_python(path)}


def in_reports() -> set[str]:
    """The templates of the reports themselves, and of what the program says beside them."""
    files = (_REPORTS / "console.py", _REPORTS / "digest.py", _REPORTS / "html" / "__init__.py", _RUNNER / "run.py")
    pages = (path for path in sorted((_REPORTS / "html").iterdir()) if path.suffix in (".html", ".svg"))
    return {template for path in files for template in _in_python(path)} | {template for path in pages for template in _in_page(path)}


def shown() -> set[str]:
    """All of them that hold a word: a template of places and marks alone is the same in every language."""
    return {str(template) for template in in_data() | in_checks() | in_reports() if re.search(r"[^\W\d_]", PLACE.sub("", template))}


def _in_python(path: Path) -> Iterator[str]:
    where = str(path.relative_to(_CHECKS.parent))
    if where in _NOT_SHOWN:
        return
    for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in ("text", "Text") and isinstance(call.func, ast.Name) == where.startswith("reports/"):
            continue  # in a report only the catalogue makes sentences; anywhere else it is these functions
        if name == "check":
            yield from (str(each.value.value) for each in call.keywords if each.arg == "title" and isinstance(each.value, ast.Constant))
        if name in _MAKING and len(call.args) > _MAKING[name]:
            yield from _templates(call.args[_MAKING[name]], f"{where}:{call.lineno}")
        if name in _EVIDENCE and len(call.args) > _EVIDENCE[name]:
            what = call.args[_EVIDENCE[name]]
            if isinstance(what, ast.JoinedStr):
                raise AssertionError(f"{where}:{call.lineno}: the name of evidence is filled in before it can be translated")
            if isinstance(what, ast.Constant) and isinstance(what.value, str):
                yield what.value


_TABLES = (
    r"TEXTS\[.*|RULES\[.*|one|many|area|remedy\.template|name|state|result\.verdict|template"
    r"|message\.template|self\.template|first\.template|\w+\.value|(self\.)?\w+\.launch\.value|fact\.reason\.value|sentence\.template"
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
