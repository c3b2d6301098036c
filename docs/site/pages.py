"""The pages of the documentation site that are made of what the program itself says: every check, every known error, in both languages.

A hook of MkDocs (`hooks` in mkdocs.yml). The pages of checks lie beside their modules and go in as they are, with links where they name
one another; those of errors are written from `checks/errors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from posixpath import relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from checks.check import Check
from checks.errors import KnownError
from checks.errors.lookup import all_errors
from checks.registry import builtin_checks
from reports.articles import cited
from reports.escape import markdown
from reports.language import ENGLISH, Language
from reports.pages import Outline, outline, page

_FOLDERS = {ENGLISH: "", "de": "de/"}
_WORDS = {
    ENGLISH: {
        "checks": "Checks",
        "errors": "Known errors",
        "columns": "| check | asked of | severity | what should be |",
    },
    "de": {
        "checks": "Prüfungen",
        "errors": "Bekannte Fehler",
        "columns": "| Prüfung | gefragt je | Schweregrad | was sein soll |",
    },
}
_CHECK_ID = re.compile(r"(?<![\w./`-])([a-z]+\.[a-z0-9_]+)(?![\w/]|\.[a-z])")
_INDENTED = re.compile(r" {4}|\t")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of all checks and errors."""
    for language in map(Language, _FOLDERS):
        for address, content in pages_of(language):
            files.append(File.generated(config, address, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Makes links of the ids of checks in the pages that were written by hand."""
    here = page.file.src_uri
    if page.file.generated_by or not here.startswith("concepts/"):
        return markdown
    return "\n".join(map(_linker(here, "", builtin_checks()), markdown.splitlines()))


def pages_of(language: Language) -> Iterator[tuple[str, str]]:
    """The pages of one language: where each lies in the site, and its Markdown."""
    folder = _FOLDERS[language.name]
    checks, errors = builtin_checks(), all_errors()
    yield f"{folder}checks/index.md", _index_of_checks(checks.values(), language)
    yield f"{folder}errors/index.md", _index_of_errors(errors, language)
    for check in checks.values():
        here = f"{folder}checks/{check.id}.md"
        yield here, "\n".join(_of_check(check, language, _linker(here, folder, checks)))
    for error in errors:
        here = _address(error, folder)
        yield here, "\n".join(_of_error(error, language, here, folder))


def _address(error: KnownError, folder: str) -> str:
    return f"{folder}errors/{error.code}.md"


def _link(words: str, address: str, here: str) -> str:
    return f"[{words}]({relpath(address, here.rpartition('/')[0])})"


def _linker(here: str, folder: str, checks: Iterable[str]) -> Callable[[str], str]:
    """Makes links of the ids of other checks in a line."""
    known = frozenset(checks)

    def linked(line: str) -> str:
        def of(found: re.Match[str]) -> str:
            address = f"{folder}checks/{found[1]}.md"
            return _link(found[1], address, here) if found[1] in known and address != here else found[0]

        return line if _INDENTED.match(line) or line.startswith("#") else _CHECK_ID.sub(of, line)

    return linked


def _of_check(check: Check, language: Language, linked: Callable[[str], str]) -> Iterator[str]:
    yield from map(linked, page(check, language).splitlines())
    yield ""
    yield from (f"* {each.called}: {markdown(each.says)}" for each in cited(check.article, language))
    if known := [code for code in check.predicts if any(error.code == code for error in all_errors())]:
        yield from ("", f"{_WORDS[language.name]['errors']}: " + ", ".join(f"[{code}](../errors/{code}.md)" for code in known))


def _index_of_checks(checks: Iterable[Check], language: Language) -> str:
    lines = [f"# {_WORDS[language.name]['checks']}"]
    for area, of_area in groupby(sorted(checks, key=lambda check: check.id), key=lambda check: check.area):
        lines += ["", f"## {language.say(area)}", "", _WORDS[language.name]["columns"], "|---|---|---|---|"]
        for check in of_area:
            row = (f"[{check.id}]({check.id}.md)", language.say(check.scope), check.severity.value, markdown(language.say(check.title)))
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _index_of_errors(errors: Iterable[KnownError], language: Language) -> str:
    lines = [f"# {_WORDS[language.name]['errors']}", "", "| | | |", "|---|---|---|"]
    lines += [
        f"| [{error.code}]({error.code}.md) | {markdown(error.symbol)} | {markdown(language.of_error(error, 'message'))} |"
        for error in sorted(errors, key=lambda error: error.code)
    ]
    return "\n".join(lines)


def _of_error(error: KnownError, language: Language, here: str, folder: str) -> Iterator[str]:
    """The outline of an error, a part below a heading and a line an item, with links to the checks and errors that it names."""
    of_check = _linker(here, folder, builtin_checks())

    def shown(its: Outline, depth: int) -> Iterator[str]:
        yield from (f"{'#' * depth} {its.heading}", "")
        yield from (f"* {_to_error(of_check(_line(each)), here, folder)}" for each in its.lines)
        yield ""
        for part in its.parts:
            yield from shown(part, depth + 1)

    yield from shown(outline(error, language), 1)


def _line(line: str) -> str:
    """A line of an outline in Markdown. An address leads there."""
    return f"<{line}>" if line.startswith("https://") and " " not in line else markdown(line)


def _to_error(line: str, here: str, folder: str) -> str:
    """A line whose first word is the code of a known error leads to its page."""
    code, space, rest = line.partition("  ")
    return _link(code, f"{folder}errors/{code}.md", here) + space + rest if code in _codes() else line


@cache
def _codes() -> frozenset[str]:
    return frozenset(error.code for error in all_errors())
