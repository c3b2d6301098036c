"""A package that is really installed brings a check, its pages, a known error and translations; one that does not fit is named."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.check import Finding, Outcome, Scope, Severity, check, passes
from checks.subject import HostSubject
from runner.files.snapshot import encode
from tests.lanes import lacking
from tests.program import Ran, anew
from tests.test_waiving import PLAN
from tests.world import good

EXAMPLE = Path(__file__).parent / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has installed the example."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        lacking("pip is needed")
    done = subprocess.run(
        [*pip, "install", "-q", "--no-index", "--no-build-isolation", "--no-deps", "--target", folder, EXAMPLE],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_its_check_its_pages_its_error_and_its_translations_are_ours(installed: Path, tmp_path: Path) -> None:
    def hvpreflight(*arguments: str | Path) -> Ran:
        return anew(*arguments, path=(installed,))

    catalogue = json.loads(hvpreflight("checks", "--format", "json").out)
    assert "acme.naming" in json.dumps(catalogue)
    assert "That the name of a host ends in an odd number" in hvpreflight("explain", "acme.naming").out
    assert "Dass der Name eines Hosts auf eine ungerade Zahl endet" in hvpreflight("explain", "acme.naming", "--language", "de").out
    assert "The host's name does not follow the rule" in hvpreflight("explain", "-1966211071").out
    plan, facts, run = tmp_path / "plan.toml", tmp_path / "facts.json", tmp_path / "run"
    world, now = good(), datetime.now(UTC)
    facts.write_bytes(encode(replace(world.snapshot, collected=replace(world.snapshot.collected, start=now, end=now))))
    plan.write_text(PLAN, encoding="utf-8")
    ran = hvpreflight("check", plan, "--snapshot", facts, "--out", run, "--language", "de", "--only", "acme")
    assert "TESTSERVER02 endet nicht auf eine ungerade Zahl" in ran.out
    assert "TESTSERVER02 endet nicht auf eine ungerade Zahl" in (run / "report.html").read_text(encoding="utf-8")


def test_what_is_no_package_or_no_translation_is_one_clear_line(installed: Path, tmp_path: Path) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hvpreflight.errors]\ntwice = acme_preflight.errors\n")
    ran = anew("explain", "0x8ACE0001", path=(installed, tmp_path))
    assert (ran.code, "brings 0x8ACE0001.toml, which is there already" in ran.err) == (2, True), ran.err
    (info / "entry_points.txt").write_text("[hvpreflight.errors]\nno = acme_preflight.naming\n")
    ran = anew("explain", "0x8ACE0001", path=(installed, tmp_path))
    assert (ran.code, "is not a package" in ran.err, "Traceback" in ran.err) == (2, True, False), ran.err


def reading(_: HostSubject) -> Finding:
    Path(__file__).read_text(encoding="utf-8")
    return passes("fine")


def asking(_: HostSubject) -> Finding:
    socket.create_connection(("127.0.0.1", 9)).close()
    return passes("fine")


def starting(_: HostSubject) -> Finding:
    subprocess.run([sys.executable, "-c", ""], check=True)
    return passes("fine")


def importing(_: HostSubject) -> Finding:
    import wave

    return passes("{name}", name=wave.__name__)


@pytest.mark.parametrize("function", [reading, asking, starting])
def test_a_check_that_reaches_beyond_its_facts_is_stopped_and_named(function: Callable[[HostSubject], Finding]) -> None:
    made = check(id="acme.outside", scope=Scope.HOST, severity=Severity.RISK, title="It holds", facts=("host.computer",))(function)
    finding = good().result((made,)).findings[0]
    assert finding.outcome is Outcome.ERROR
    assert "a check judges by its facts alone" in finding.message.text


def test_a_check_may_import_what_it_needs() -> None:
    made = check(id="acme.imports", scope=Scope.HOST, severity=Severity.RISK, title="It holds", facts=("host.computer",))(importing)
    sys.modules.pop("wave", None)
    assert good().result((made,)).findings[0].outcome is Outcome.PASS
