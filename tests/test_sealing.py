"""Snapshots and run folders that are sealed: what a user sees of it on the command line and in the reports."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from lab import scenario
from lab.forest import Forest
from runner.files.seal import seal
from runner.files.seal_key import read_key
from runner.files.snapshot import sha256
from tests.program import Ran, check, hvpreflight

SECRET = "a key that nobody at CONTOSO guesses"


class Sealed(NamedTuple):
    """What one collector left: a sealed snapshot beside its plan, and a sealed run folder, with their key and what was printed."""

    folder: Path
    run: Path
    key: Path
    said: str

    @property
    def plan(self) -> Path:
        return self.folder / "plan.toml"

    @property
    def snapshot(self) -> Path:
        return self.folder / "facts.json"

    @property
    def seal(self) -> Path:
        return self.folder / "facts.json.seal"

    def copy(self, to: Path) -> Sealed:
        shutil.copytree(self.folder, to)
        return self._replace(folder=to, run=to / "run")

    def judged(self, *arguments: str | Path, key: bool = True) -> Ran:
        out = self.folder / "judged"
        with_key = ("--seal-key", self.key) if key else ()
        return hvpreflight("check", self.plan, "--snapshot", self.snapshot, "--out", out, *with_key, *arguments, folder=out)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    base = tmp_path_factory.mktemp("sealed")
    (base / "key").write_text(f"{SECRET}\n")
    (base / "files").mkdir()
    sealed = Sealed(base / "files", base / "files" / "run", base / "key", "")
    with Forest(scenario.load("articles")) as forest:
        sealed.plan.write_bytes(forest.plan_path.read_bytes())
        how = ("--user", forest.collector, "--seal-key", sealed.key, "-v")
        facts = hvpreflight("collect", sealed.plan, "-o", sealed.snapshot, *how, password=forest.password)
        run = check(forest, sealed.run, "--seal-key", sealed.key, "-v")
    assert (facts.code, run.code) == (0, 3), facts.err + run.err
    return sealed._replace(said=facts.out + facts.err + run.out + run.err)


@pytest.fixture
def sealed(collected: Sealed, tmp_path: Path) -> Sealed:
    """A copy, to be damaged."""
    return collected.copy(tmp_path / "files")


def one_line(ran: Ran) -> str:
    assert ran.code == 2, ran.out + ran.err
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    assert not ran.folder.exists()
    return ran.err


def collected_before(path: Path, age: timedelta) -> None:
    """Edit a snapshot so that it says it was collected so long ago."""
    facts = json.loads(path.read_bytes())
    at = str(datetime.now(UTC) - age)
    facts["collected"] |= {"start": at, "end": at}
    path.write_text(json.dumps(facts))


def test_a_sealed_snapshot_is_judged_and_every_report_says_so(sealed: Sealed) -> None:
    ran = sealed.judged()
    assert ran.code == 3, ran.err
    assert ran.result["seal"] == "sealed and unchanged"
    assert "snapshot sealed and unchanged" in ran.out
    assert "sealed and unchanged. Who has the key" in (ran.folder / "report.html").read_text(encoding="utf-8")
    assert sorted(json.loads((ran.folder / "run.seal").read_bytes())["files"]) == [
        "plan.toml",
        "report.html",
        "result.json",
        "snapshot.json",
    ]
    result = ran.folder / "result.json"
    written = result.read_bytes()
    assert sha256(written) in (ran.folder / "report.html").read_text(encoding="utf-8")
    shown = hvpreflight("report", ran.folder, "-f", "html")
    assert (shown.err, sha256(written) in shown.out) == ("", True)
    result.write_bytes(written.replace(b"NO-GO", b"GO"))
    edited = hvpreflight("report", ran.folder, "-f", "html")
    assert "is not what run.seal recorded" in edited.err
    assert "CHANGED SINCE" in edited.out
    result.write_bytes(written)
    again = ran.folder.with_name("again")
    arguments = ("check", ran.folder / "plan.toml", "--snapshot", ran.folder / "snapshot.json", "--out", again, "--seal-key", sealed.key)
    assert hvpreflight(*arguments).code == 3
    assert (again / "result.json").read_bytes() == (ran.folder / "result.json").read_bytes()


def test_without_a_key_a_seal_is_said_to_be_unchecked_and_no_seal_to_be_none(sealed: Sealed) -> None:
    unchecked = sealed.judged(key=False)
    assert (unchecked.code, unchecked.result["seal"]) == (3, "sealed, not checked")
    shutil.rmtree(unchecked.folder)
    sealed.seal.unlink()
    none = sealed.judged("--language", "de", key=False)
    assert (none.code, none.result["seal"]) == (3, "not sealed")
    assert "nicht versiegelt" in none.out
    assert not (none.folder / "run.seal").exists()


def test_a_snapshot_edited_from_expired_to_fresh_is_not_judged_unless_asked_for(sealed: Sealed) -> None:
    collected_before(sealed.snapshot, timedelta(days=3))
    sealed.seal.write_bytes(seal({sealed.snapshot.name: sha256(sealed.snapshot.read_bytes())}, read_key(str(sealed.key))))
    old = sealed.judged()
    assert old.result["seal"] == "sealed and unchanged"
    assert old.code == 4
    assert old.out.splitlines()[-1].startswith("EXPIRED, was NO-GO: ")
    shutil.rmtree(old.folder)
    collected_before(sealed.snapshot, timedelta(hours=1))
    said = one_line(sealed.judged())
    assert "changed after sealing, it is not judged" in said
    assert "--allow-unsealed" in said
    ran = sealed.judged("--allow-unsealed", "--quiet")
    assert ran.result["seal"] == "changed after sealing"
    first, *_, last = ran.out.splitlines()
    assert first.startswith("CHANGED AFTER SEALING: ")
    assert last.endswith("CHANGED AFTER SEALING")
    assert "<strong>CHANGED AFTER SEALING</strong>" in (ran.folder / "report.html").read_text(encoding="utf-8")
    assert not (ran.folder / "run.seal").exists(), "a new seal would vouch for what was edited"
    assert "changed after sealing. Nobody vouches" in hvpreflight("fix", ran.folder).err


def test_taking_the_seal_away_is_not_the_way_round_it(sealed: Sealed) -> None:
    sealed.seal.unlink()
    assert "seal missing, it is not judged" in one_line(sealed.judged())
    ran = sealed.judged("--allow-unsealed", "--language", "de")
    assert ran.result["seal"] == "seal missing"
    assert ran.out.startswith("SIEGEL FEHLT: ")


def test_what_is_not_as_it_was_sealed_is_refused_before_it_is_read(sealed: Sealed) -> None:
    sealed.snapshot.write_bytes(sealed.snapshot.read_bytes()[:100])
    said = one_line(sealed.judged())
    assert "changed after sealing" in said
    assert "truncated" not in said


def test_another_key_is_one_clear_line(sealed: Sealed) -> None:
    another = sealed.folder / "another"
    another.write_text("some other key of FABRIKAM")
    assert "made with another key" in one_line(sealed._replace(key=another).judged())


def test_a_key_that_is_none_is_one_clear_line_before_anything_is_contacted_or_written(sealed: Sealed) -> None:
    (sealed.folder / "short").write_text("short")
    out = sealed.folder / "new.json"
    ran = hvpreflight("collect", sealed.plan, "-o", out, "--user", "x", "--seal-key", sealed.folder / "short", folder=out, password="y")
    assert "too short" in one_line(ran)


def test_an_empty_name_of_a_key_is_not_taken_for_none(sealed: Sealed) -> None:
    assert "this key cannot be read" in one_line(sealed.judged("--seal-key", "", key=False))
    ran = hvpreflight("fix", sealed.run, "--seal-key", "", folder=sealed.run / "fix")
    assert "this key cannot be read" in one_line(ran)


def test_a_seal_is_never_written_over(sealed: Sealed) -> None:
    sealed.snapshot.unlink()
    how = ("--user", "x", "--seal-key", sealed.key)
    ran = hvpreflight("collect", sealed.plan, "-o", sealed.snapshot, *how, folder=sealed.snapshot, password="y")
    assert "facts.json.seal exists; it is not written over" in one_line(ran)


def test_unsealed_is_only_allowed_where_a_seal_would_be_checked(sealed: Sealed) -> None:
    assert "it needs --snapshot and --seal-key" in one_line(sealed.judged("--allow-unsealed", key=False))


@pytest.mark.parametrize("name", ["plan.toml", "snapshot.json", "result.json", "run.seal"])
def test_scripts_are_not_made_from_a_run_that_was_changed_after_sealing(sealed: Sealed, name: str) -> None:
    with (sealed.run / name).open("ab") as file:
        file.write(b"\n" if name != "run.seal" else b"}")
    ran = hvpreflight("fix", sealed.run, "--seal-key", sealed.key, folder=sealed.run / "fix")
    assert "changed after sealing" in one_line(ran)


def test_scripts_are_made_from_a_run_that_is_as_it_was_sealed_and_not_without_the_seal(sealed: Sealed) -> None:
    fix = ("fix", sealed.run, "--seal-key", sealed.key)
    assert hvpreflight(*fix).code == 0
    (sealed.run / "run.seal").unlink()
    assert "seal missing" in one_line(hvpreflight(*fix, "-o", sealed.run / "more", folder=sealed.run / "more"))


def test_the_key_stands_in_nothing_that_is_printed_or_left_behind(collected: Sealed) -> None:
    assert SECRET not in collected.said
    files = [path for path in collected.folder.rglob("*") if path.is_file()]
    assert {"facts.json.seal", "run.seal", "run.log"} <= {path.name for path in files}
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path.name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_seal_is_its_owners_alone(collected: Sealed) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in (collected.seal, collected.run / "run.seal")} == {0o600}
