"""What is installed with this program has no fault that is publicly known: neither the oldest that it admits, nor what CI installs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
HASHED = sorted((ROOT / "requirements").glob("*.txt"))
OURS = {"checks", "runner", "reports", "lab", "tests", "docs"}
FROM_THE_SYSTEM = {"ldb", "samba"}
"""Modules of Debian's packages, which no index has."""


@cache
def read(file: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / file).read_text(encoding="utf-8"))


@cache
def faults() -> dict[str, Version]:
    """The first version without a known fault of each package that had one."""
    sound: dict[str, Version] = {}
    for fault in read("docs/known-faults.toml")["faults"]:
        name = canonicalize_name(fault["package"])
        sound[name] = max(Version(fault["sound"]), sound.get(name, Version("0")))
    return sound


def declared(*, tests: bool) -> list[Requirement]:
    project = read("pyproject.toml")["project"]
    extras = [texts for extra, texts in project["optional-dependencies"].items() if tests or extra != "test"]
    return [Requirement(text) for text in sum(extras, project["dependencies"])]


def lowest(requirement: Requirement) -> Version | None:
    return max((Version(each.version) for each in requirement.specifier if each.operator in (">=", "==")), default=None)


def pins(file: Path) -> dict[str, Version]:
    return {
        canonicalize_name(name): Version(version)
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }


def imported(folder: str) -> set[str]:
    """The modules that are neither Python's nor ours, by the name of what is installed for them."""
    modules = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    others = modules - sys.stdlib_module_names - OURS - FROM_THE_SYSTEM
    installed = packages_distributions()
    return {canonicalize_name(installed.get(module, [module])[0]) for module in others}


@pytest.mark.parametrize("requirement", declared(tests=True), ids=str)
def test_the_oldest_version_that_is_admitted_has_no_known_fault(requirement: Requirement) -> None:
    bound = lowest(requirement)
    assert bound is not None, "it has no lower bound"
    assert bound >= faults().get(canonicalize_name(requirement.name), bound), "docs/known-faults.toml names a fault"


@pytest.mark.parametrize("folder", ["checks", "runner", "reports", "lab", "tests"])
def test_what_is_imported_is_declared(folder: str) -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared(tests=folder == "tests")}
    assert imported(folder) <= names


@pytest.mark.parametrize("file", HASHED, ids=lambda file: file.name)
def test_what_is_installed_by_its_hash_has_no_known_fault(file: Path) -> None:
    assert {name: str(version) for name, version in pins(file).items() if version < faults().get(name, version)} == {}


@pytest.mark.parametrize("file", HASHED, ids=lambda file: file.name)
def test_a_hashed_file_holds_what_is_declared_and_names_no_place_to_get_it_from(file: Path) -> None:
    needed = [
        Requirement(text) for text in read("pyproject.toml")["project"]["dependencies"] + read("pyproject.toml")["build-system"]["requires"]
    ]
    pinned = pins(file)
    for requirement in needed:
        assert str(pinned.get(canonicalize_name(requirement.name))) in requirement.specifier, requirement
    entries = re.split(r"\n(?=\S)", file.read_text(encoding="utf-8").strip())
    assert [entry for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry] == []
    assert "://" not in file.read_text(encoding="utf-8")


def test_hashed_files_agree() -> None:
    versions: dict[str, set[Version]] = {}
    for file in HASHED:
        for name, version in pins(file).items():
            versions.setdefault(name, set()).add(version)
    assert {name for name, each in versions.items() if len(each) > 1} == set()


@pytest.mark.parametrize("fault", read("docs/known-faults.toml")["faults"], ids=lambda fault: f"{fault['package']}-{fault['sound']}")
def test_a_known_fault_says_where_it_was_read(fault: dict[str, Any]) -> None:
    assert fault["source"].startswith("https://")
    assert fault["advisories"]
    assert all(re.fullmatch(r"(GHSA(-\w{4}){3})|(CVE|PYSEC)-\d{4}-\d+", advisory) for advisory in fault["advisories"])
