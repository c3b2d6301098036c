"""A run folder is new, private, and never written over."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner.files.folder import FolderError, RunFolder, default_path, write_new


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_its_owner_can_read_a_run(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    file = folder.write("snapshot.json", b"{}")
    with folder.open_log() as log:
        log.write("x")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, folder.path / "run.log")} == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_the_folders_above_a_run_are_their_owners_alone_too_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        run = RunFolder(tmp_path / "preflight-runs" / "a" / "run").path
    finally:
        os.umask(before)
    for folder in (run, run.parent, run.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_run_is_never_written_over(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run").write("result.json", b"{}")
    with pytest.raises(FolderError, match="nothing there is written over"):
        RunFolder(tmp_path / "run")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="cannot be made"):
        RunFolder(tmp_path / "file" / "run")


@pytest.mark.parametrize("id", ["", "CHG0042317", "../../etc", "a/b\\c:d*?", "x" * 500, "CON\x00"])
def test_any_change_number_makes_a_folder_name_below_the_runs(id: str) -> None:
    path = default_path(id, datetime(2026, 12, 5, 20, 0, tzinfo=UTC))
    assert path.parent == Path("preflight-runs")
    assert path.name.startswith("20261205T200000Z")
    assert len(path.name) < 100


def test_a_second_run_in_the_same_second_gets_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    now = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
    first = default_path("CHG1", now)
    first.mkdir(parents=True)
    assert default_path("CHG1", now) != first


def test_a_snapshot_file_is_never_written_over_and_leaves_nothing_when_the_work_fails(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    with pytest.raises(RuntimeError), write_new(path):
        raise RuntimeError
    assert not path.exists()
    with write_new(path) as write:
        write(b"{}")
    with pytest.raises(FolderError, match="not written over"), write_new(path):
        pass
