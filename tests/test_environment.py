"""What is secret in the environment stays with the process that it was given to."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from runner.cli import main
from runner.environment import PASSWORD, for_children, password

ROOT = Path(__file__).parents[1]
SECRET = "Secr3t-of-the-environment"


def test_the_password_is_taken_out_of_the_environment_before_anything_else_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSWORD, SECRET)
    with pytest.raises(SystemExit):
        main(["checks"])
    assert PASSWORD not in os.environ
    assert password() == SECRET, "it is kept for whoever signs in"
    assert SECRET not in capsys.readouterr().out


def test_children_inherit_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PASSWORD, "KRB5CCNAME", "HTTPS_PROXY", "AWS_SECRET_ACCESS_KEY", "NTLM_USER_FILE"):
        monkeypatch.setenv(name, SECRET)
    assert SECRET not in for_children().values()
    assert for_children()["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("file", sorted((ROOT / "runner").rglob("*.py")), ids=str)
def test_every_process_that_is_started_gets_that_environment(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "subprocess":
            assert [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "env"] == ["for_children()"]


def test_a_reader_who_has_gone_is_no_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `hvpreflight checks | head -1`: the code says that not all could be shown."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as gone:
        monkeypatch.setattr("sys.stdout", gone)
        with pytest.raises(SystemExit) as ended:
            main(["checks"])
    assert ended.value.code == 8
