"""The house stands as the docs say: who may import whom, and what help may load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lanes import TESTS, attack_lane

ROOT = Path(__file__).parents[1]
TRANSPORTS = ("pypsrp", "ldap3", "dns", "spnego", "requests", "jinja2", "rich", "cryptography", "msgspec", "checks.registry", "lab")


def test_the_import_arrows_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_transport_and_no_renderer(option: str) -> None:
    code = (
        f"import sys\nfrom runner.cli import main\ntry:\n    main([{option!r}])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print([name for name in {TRANSPORTS!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "hvpreflight" in done.stdout


def test_the_table_of_attacks_names_all_that_there_are_and_nothing_else() -> None:
    assert [path.name for path in attack_lane() if not path.exists()] == []
    assert set((TESTS / "attacks").glob("test_*.py")) <= attack_lane()
