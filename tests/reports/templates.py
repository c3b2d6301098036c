"""Every template that can be shown, found in the sources with the room that says it: where the checks, the evaluator and the diagnosis
make sentences, and where the reports ask their language for one. A call whose template cannot be read off the page is an error, so that
none escapes."""

from __future__ import annotations

import ast
import importlib
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
from checks.facts.snapshot import SNAPSHOT_FORMAT, Protection
from checks.mistake import Mistake
from checks.plan import LaunchPoint
from checks.registry import all_checks
from checks.remedy import OPERATOR, Remedy, Role, Who
from checks.result import RESULT_FORMAT, Seal
from checks.second_opinion import Agreement
from checks.text import text
from checks.tokens import Logon
from checks.unlooked import unlooked
from checks.waiver import WaiverState
from checks.windows.editions import Family
from reports.articles import articles
from reports.asked import SHORT as ASKED
from reports.console import Progress
from reports.diagnosis import CARRIED, DOING, LAUNCHES, NAMED, PARTS, RECOGNIZED, TO_GET_A_MESSAGE
from reports.difference import Became
from reports.digest import AREAS, COUNTED, SEALS, WORDS
from reports.glance import DO, IN_SHORT, LEFT
from reports.html import MOVE_COLUMNS
from reports.html.sign_ins import GROUPS
from reports.midway import midway
from reports.obstacles import ACCEPTED, BUG, BUG_WHO, HOW, SETTLE, STANDING, WHO
from reports.pages import GRADES
from reports.scripts.readme import PEOPLE
from reports.scripts.words import DESCRIPTION, SYNOPSIS
from reports.scripts.words import WORDS as SAID_BY_SCRIPTS
from reports.scripts.work import SENTENCES
from reports.times import MONTHS
from reports.ways import MEANS
from runner.cli import cli
from runner.diagnose.read import FOREIGN, INSTEAD
from runner.files.seal import SEAL_FORMAT
from runner.files.tables import KINDS
from runner.spoken import PARSER, told_by
from runner.system import SAID

PLACE = re.compile(r"\{(\w+)\}")
FORMATS = (SNAPSHOT_FORMAT, RESULT_FORMAT, SEAL_FORMAT)

SHARED = "words"
"""The room of the words that no single room owns, and of what several rooms say."""

_ROOT = Path(checks.__path__[0]).parent
_PACKAGES = tuple(Path(package.__path__[0]) for package in (checks, reports, runner))

_ROOMS = (
    *((f"checks/{area}/", area) for area in AREAS),
    ("checks/facts/", "facts"),
    ("checks/told.py", "facts"),
    ("checks/world.py", "facts"),
    ("checks/subject.py", "facts"),
    ("checks/plugins.py", "usage"),
    ("checks/registry.py", "usage"),
    ("checks/errors/lookup.py", "usage"),
    ("checks/tokens.py", "facts"),
    ("checks/links.py", "facts"),
    ("checks/waves.py", "plan"),
    ("checks/", SHARED),
    ("runner/collect/credentials.py", "usage"),
    ("runner/collect/ready.py", "usage"),
    ("runner/collect/", "facts"),
    ("runner/files/", "files"),
    ("runner/diagnose/", "diagnosis"),
    ("runner/evaluate.py", "evaluation"),
    ("runner/records.py", "evaluation"),
    ("runner/ways_back.py", "evaluation"),
    ("runner/commands/wait.py", "wait"),
    ("runner/commands/diagnose.py", "diagnosis"),
    *((f"runner/{file}.py", "init") for file in ("commands/init", "commands/starting", "commands/config", "commands/login", "draft")),
    ("runner/commands/", "console"),
    ("runner/endpoint/", "endpoint"),
    ("runner/browser.py", "usage"),
    ("runner/cli.py", "usage"),
    ("runner/options.py", "usage"),
    ("reports/console.py", "console"),
    ("reports/check_list.py", "console"),
    ("reports/diagnosis.py", "diagnosis"),
    ("reports/digest.py", "report"),
    ("reports/obstacles.py", "report"),
    ("reports/difference.py", "report"),
    ("reports/glance.py", "report"),
    ("reports/articles.py", "articles"),
    ("reports/midway.py", "report"),
    ("reports/signing.py", "report"),
    ("reports/since.py", "report"),
    ("reports/timeline.py", "report"),
    ("runner/earlier.py", "report"),
    ("reports/forms/", "report"),
    ("reports/html/diagnosis.", "diagnosis"),
    ("reports/html/", "report"),
    ("reports/pages.py", "pages"),
    ("reports/scripts/", "scripts"),
    ("", SHARED),
)
"""The rooms of modules and folders by the beginning of their path; the first that fits counts."""

_MAKING = {"_tell": 1} | dict.fromkeys(
    ("text", "Text", "asks", "passes", "skips", "say", "_say", "odd", "headed", "_heading", "_listing"), 0
)
"""Functions that make or ask for a sentence, and the place of its template among their arguments."""
_TOLD_TOGETHER = ("asks", "passes", "skips")
"""Functions whose sentences are told of many subjects at once, with the names of their places instead of some values."""
_EVIDENCE = {"evidence": 1, "evidence_of": 1, "vm_evidence": 0, "of": 0, "another": 0, "Evidence": 0}
"""Functions of the checks whose template may be a sentence made elsewhere."""
_LEFT_OUT = {"checks/check.py", "checks/text.py", "runner/__main__.py"}
"""Where the functions of the checks are defined, and what says the version alone, in every language."""
_NEVER_ASKED = {"_termui_impl", "_winconsole", "shell_completion", "termui", "utils"}
"""The modules of the parser that ask, page and complete: nothing here does that through them."""
_NEVER_SAID = {
    "Aborted!",
    "%(prog)s, version %(version)s",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Confirm the action without prompting.",
    "Could not determine name for option with declarations {decls!r}",
    "Do you want to continue?",
    "Invalid start character for option ({option})",
    "Name '{name}' defined twice",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? Did you mean to pass '--{name}'?",
    "Show the version and exit.",
}
"""What it says to whoever writes a program, before there is a language, or by itself only."""


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
    yield (
        "report",
        (
            *Became,
            *DO.values(),
            *IN_SHORT.values(),
            *LEFT.values(),
            *ASKED.values(),
            *HOW.values(),
            *WHO.values(),
            BUG,
            SETTLE,
            BUG_WHO,
            *MEANS.values(),
        ),
    )
    yield "report", GROUPS.values()
    yield "report", (*midway().stays.values(), *midway().left.values(), midway().unpublished, midway().look)
    yield SHARED, MONTHS
    yield "console", (Progress.DONE, Progress.FAILED, "reading", "run", "verify", "undo")
    yield "diagnosis", PARTS.values()
    yield "diagnosis", (*LAUNCHES.values(), *NAMED, *RECOGNIZED.values(), *CARRIED.values(), *DOING.values(), *TO_GET_A_MESSAGE, *Standing)
    yield "pages", (*GRADES.values(), *(set(Confidence) - {Confidence.NONE}))
    yield (
        "scripts",
        (SYNOPSIS, *DESCRIPTION, *SENTENCES, *SAID_BY_SCRIPTS.values(), *(template for pair in PEOPLE.values() for template in pair)),
    )
    yield SHARED, (*AREAS, *Scope, *Reason, *LaunchPoint, "with storage", "without storage", "storage only", "unknown", "yes", "no")
    yield SHARED, Agreement
    yield "parser", _in_parser()
    yield "help", (paragraph for told in told_by(cli) for paragraph in told.paragraphs)
    yield "files", (*SAID.values(), *KINDS.values(), *(form.partition("/")[0].rpartition(".")[2] for form in FORMATS))
    yield "diagnosis", (*(said for _, said in FOREIGN), *INSTEAD.values())
    yield SHARED, (Remedy(text(""), OPERATOR).effective_after.template,)
    yield SHARED, (who.text.template for role in Role for who in (Who(role), Who(role, ("x",))))
    yield "platform", Family
    cited = {sentence for check in all_checks() for sentence in check.article}
    yield "articles", (article.title for article in articles().articles.values())
    yield "articles", articles().sections.values()
    yield "articles", (says for citation, says in articles().sentences.items() if citation in cited)
    yield "evaluation", (what for entries in unlooked().values() for what in entries.values())
    yield (
        "facts",
        (*Protection, *Sealing, *Logon, *(section.origin.earlier.source for section in SECTIONS.values() if section.origin.earlier)),
    )


def _in_sources() -> Iterator[tuple[str, Iterable[str]]]:
    for path in sorted(path for package in _PACKAGES for path in package.rglob("*")):
        where = path.relative_to(_ROOT).as_posix()
        if path.suffix == ".py" and where not in _LEFT_OUT:
            yield room_of(where), in_python(path.read_text(encoding="utf-8"), where)
        elif path.suffix in (".html", ".svg"):
            yield room_of(where), in_page(path.read_text(encoding="utf-8"), where)


@cache
def rooms() -> dict[str, set[str]]:
    """The rooms that say each template. Only of those that hold a word: one of places and marks alone is the same in every language."""
    found: dict[str, set[str]] = {}
    for room, templates in (*_in_data(), *_in_sources()):
        for template in templates:
            if _WORD.search(PLACE.sub("", template)):
                found.setdefault(str(template), set()).add(room)
    return found


def in_python(source: str, where: str) -> Iterator[str]:
    """The templates in a module, `where` from the root of the project. Raises AssertionError for what is shown and is none."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if words := _past(call, where):
            raise AssertionError(f"{where}:{call.lineno}: this is shown, and is no template: {words}")
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in ("text", "Text") and not isinstance(call.func, ast.Name):
            continue
        if name == "Text" and where.startswith("reports/"):
            continue  # a report asks its language; anywhere else it is these functions that make sentences
        if name == "check":
            yield from (str(each.value.value) for each in call.keywords if each.arg == "title" and isinstance(each.value, ast.Constant))
        if name in _MAKING and len(call.args) > _MAKING[name]:
            made = tuple(_templates(call.args[_MAKING[name]], f"{where}:{call.lineno}"))
            yield from made
            if name in _TOLD_TOGETHER:
                yield from (place for template in made for place in PLACE.findall(template))
        if name in _EVIDENCE and len(call.args) > _EVIDENCE[name] and where.startswith("checks/"):
            what = call.args[_EVIDENCE[name]]
            if isinstance(what, ast.JoinedStr):
                raise AssertionError(f"{where}:{call.lineno}: the name of evidence is filled in before it can be translated")
            if isinstance(what, ast.Constant) and isinstance(what.value, str):
                yield what.value


def _past(call: ast.Call, where: str) -> str:
    """Words that are shown without a template: told to a stream, raised as a mistake, or written into a line of the console."""
    called = ast.unparse(call.func)
    if called in _TELLS or called.rpartition(".")[2] in _mistakes():
        return " ".join(filter(_WORD.search, map(_literal, call.args)))
    if called == "_Line" and where.startswith("reports/"):
        first = [part.elts[0] for part in ast.walk(call) if isinstance(part, ast.Tuple) and len(part.elts) == 2]
        return " ".join(filter(_WORD.search, map(_literal, (*first, *call.args[1:2]))))
    return ""


def _literal(node: ast.expr) -> str:
    """What stands there itself of a text."""
    parts = node.values if isinstance(node, ast.JoinedStr) else (node,)
    return "".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


@cache
def _mistakes() -> frozenset[str]:
    """The names of what is raised to be shown, from the sources: none is forgotten because it is not loaded."""
    sources = (ast.parse(path.read_text(encoding="utf-8")) for package in _PACKAGES for path in package.rglob("*.py"))
    kinds = [(node.name, set(map(ast.unparse, node.bases))) for source in sources for node in source.body if isinstance(node, ast.ClassDef)]
    found = {Mistake.__name__, "Unreadable", "Damaged", "ClickException", "UsageError", "BadParameter"}
    while more := {name for name, bases in kinds if not bases.isdisjoint(found)} - found:
        found |= more
    return frozenset(found)


_TELLS = {"say.out", "say.err", "print", "input", "click.echo", "_to_standard_error", "sys.stdout.write", "sys.stderr.write"}
"""What tells people something as it is."""
_WORD = re.compile(r"[^\W\d_]")
_MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
_SAME = {"hvpreflight check plan.toml --snapshot snapshot.json --compare-vm", "hvpreflight diff", "sha256", "sha256 …", "T"}
"""What stands in pages in every language: commands, names, the sign before a time."""


_TABLES = (
    r"TEXTS\[.*|RULES\[.*|LAUNCHES\[.*|GRADES\[.*|RECOGNIZED\[.*|INSTEAD\[.*|CARRIED\[.*|DOING\[.*|PARTS\[.*|one|way|many|area|remedy\.template|name|state|SEALS\[.*|(result|move|after|earlier)\.(verdict|seal)|use\.state|template|said\.template"
    r"|(finding\.)?message\.template|self\.template|first\.template|first\.message\.template|info\.title|became|reason|named|BUG|\w+\.value|(self\.)?\w+\.(launch|standing)\.value|said\.agreement|fact\.reason\.value"
    r"|SYNOPSIS|KINDS\[.*|(found|sealed)\.seal|told\.reason|foreign|check\.(scope|title)|scope"
    r"|sentence\.template|self\.role\.value|missing\.reason\.value|origin\.earlier\.source|value\.template|value|plain\(value\)|record\.message\.template|heading|text|sentence|named|unnamed|error\.message_de_confidence|article\.title"
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


def _in_parser() -> Iterator[str]:
    """What the package that reads the command line says, where its own extraction finds it."""
    for path in sorted(Path(importlib.import_module(PARSER).__file__ or "").parent.glob("*.py")):
        if path.stem not in _NEVER_ASKED:
            for call in (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext"):
                    said = (each.value for each in call.args[:2] if isinstance(each, ast.Constant))
                    yield from (each for each in said if isinstance(each, str) and each not in _NEVER_SAID)
    yield "required"


def in_page(source: str, where: str) -> Iterator[str]:
    """The templates in a page. Raises AssertionError for words that stand there by themselves."""
    page = Environment().parse(source)
    bare = "".join(part.data if isinstance(part, nodes.TemplateData) else " " for part in page.find_all(nodes.TemplateData))
    words = {said.strip() for said in _MARKUP.sub("\n", bare).split("\n") if _WORD.search(said)} - _SAME
    if words:
        raise AssertionError(f"{where}: this is shown, and is no template: {', '.join(sorted(words))}")
    for call in page.find_all(nodes.Call):
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
