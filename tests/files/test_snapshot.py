"""Snapshots travel between machines: what is whole is read back as it was, what is not is refused with a sentence."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Outcome
from checks.facts.fact import ABSENT, Reason
from checks.facts.host import HOST_FACTS
from checks.facts.system import NO_CREDENTIAL_GUARD
from checks.text import plain
from runner.files.plan import read_plan
from runner.files.snapshot import SnapshotError, decode, encode, read_snapshot
from tests.world import AT, TestWorld, good

NOW = AT + timedelta(hours=1)


def edited(change: Any) -> bytes:
    data = json.loads(encode(good().snapshot))
    change(data)
    return json.dumps(data).encode()


def refused(content: bytes) -> str:
    with pytest.raises(SnapshotError) as raised:
        decode(content, "snapshot.json", NOW)
    return str(raised.value)


def test_a_snapshot_is_read_back_as_it_was_written() -> None:
    assert decode(encode(good().snapshot), "snapshot.json", NOW) == good().snapshot


def test_a_snapshot_cut_in_half_is_refused() -> None:
    content = encode(good().snapshot)
    assert "may be truncated" in refused(content[: len(content) // 2])


def test_every_cut_is_refused() -> None:
    content = encode(good().snapshot).rstrip()
    for end in range(0, len(content), 97):
        refused(content[:end])


def test_a_snapshot_of_a_newer_program_is_refused() -> None:
    assert "newer than this program" in refused(edited(lambda data: data.update(format="hvpreflight.snapshot/3")))


def test_another_file_is_refused() -> None:
    assert "this is no snapshot of hvpreflight" in refused(b'{"hello": "world"}')
    assert "this is no whole snapshot" in refused(b"[1, 2]")


def test_a_snapshot_from_the_future_is_refused() -> None:
    late = (NOW + timedelta(days=1)).isoformat()
    assert "in the future" in refused(edited(lambda data: data["collected"].update(end=late)))


def test_a_small_difference_of_clocks_is_no_future() -> None:
    soon = (NOW + timedelta(minutes=4)).isoformat()
    decode(edited(lambda data: data["collected"].update(end=soon)), "snapshot.json", NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(authentication=7),
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(enabled="yes"),
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(speed=9),
        lambda data: data["hosts"]["testserver01"]["migration"].update(fact="assumed"),
        lambda data: data["hosts"].update({"HV09": data["hosts"]["testserver01"]}),
        lambda data: data["visits"].pop("testserver01"),
        lambda data: data["collected"].update(start="yesterday"),
        lambda data: data["collected"].update(start="2027-01-01T00:00:00Z"),
        lambda data: data["collected"].update(start="2026-01-01T00:00:00"),
    ],
)
def test_a_snapshot_edited_into_nonsense_is_refused(change: Any) -> None:
    refused(edited(change))


def test_a_damaged_file_a_newer_one_and_an_old_one_are_three_different_things() -> None:
    damaged = refused(edited(lambda data: data["hosts"]["testserver01"]["os"].update(fact="assumed")))
    newer = refused(edited(lambda data: data.update(format="hvpreflight.snapshot/3")))
    assert "it may have been edited" in damaged
    assert "use a newer hvpreflight" in newer
    old = decode(edited(lambda data: data["hosts"]["testserver01"].pop("migration")), "snapshot.json", NOW)
    (finding,) = (f for f in TestWorld(good().plan, old).result().findings if f.id == "migration.enabled@testserver01")
    assert (finding.outcome, finding.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)
    assert "not collected by this snapshot's version (hvpreflight 0.1.0)" in finding.message.text


# --- snapshots of form /1, as 0.1.0 wrote them ---

OLD = Path(__file__).with_name("old")


def of_0_1_0(name: str) -> TestWorld:
    content = (OLD / f"{name}.snapshot.json").read_bytes()
    assert json.loads(content)["format"] == "hvpreflight.snapshot/1"
    snapshot = decode(content, "snapshot.json", datetime(2026, 12, 1, tzinfo=UTC))
    return TestWorld(read_plan(OLD / f"{name}.plan.toml")[0], snapshot)


@pytest.mark.parametrize("name", ["articles", "half-dark"])
def test_an_old_snapshot_is_judged_as_it_was_then(name: str) -> None:
    then = json.loads((OLD / f"{name}.outcomes.json").read_bytes())
    result = of_0_1_0(name).result()
    today = {finding.id: finding.outcome for finding in result.findings}
    assert {id: today[id] for id in then["outcomes"]} == then["outcomes"]
    assert result.verdict == then["verdict"]


FROM_WHAT_IT_HAS = (
    "access.remote_management",
    "delegation.named_sources_only",
    "domain.controllers_agree",
    "domain.operator_trust",
    "network.management_port",
    "network.name_form",
    "network.port_445",
    "platform.identity",
    "platform.os_support",
    "platform.patch_level",
    "vm.disks",
    "vm.identity",
    "vm.storage_path",
    "vm.switch",
)
"""Checks that came later and need no fact that an old snapshot lacks."""


@pytest.mark.parametrize("name", ["articles", "half-dark"])
def test_what_an_old_snapshot_could_not_know_yet_is_unknown(name: str) -> None:
    then = json.loads((OLD / f"{name}.outcomes.json").read_bytes())["outcomes"]
    new = [
        finding
        for finding in of_0_1_0(name).result().findings
        if finding.id not in then and finding.check not in FROM_WHAT_IT_HAS and finding.outcome is not Outcome.SKIP
    ]
    assert {finding.outcome for finding in new} <= {Outcome.UNKNOWN}


def old_with(section: str, change: Any) -> TestWorld:
    """The articles' snapshot of 0.1.0 with a changed value of one section of the source."""
    data = json.loads((OLD / "articles.snapshot.json").read_bytes())
    change(data["hosts"]["testserver01"][section])
    snapshot = decode(json.dumps(data).encode(), "snapshot.json", datetime(2026, 12, 1, tzinfo=UTC))
    return TestWorld(read_plan(OLD / "articles.plan.toml")[0], snapshot)


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("computer", lambda fact: fact["value"].update(domain="")),
        ("hyperv_role", lambda fact: fact["value"].update(service_state="")),
        ("credential_guard", lambda fact: fact["value"].update(services_running=[])),
        ("routes", lambda fact: fact["value"][0].update(prefix="")),
        ("vms", lambda fact: fact["value"][0].update(name="")),
    ],
)
def test_what_an_old_snapshot_holds_empty_was_not_read(section: str, change: Any) -> None:
    fact = getattr(old_with(section, change).snapshot.hosts["testserver01"], section)
    assert fact.reason is Reason.UNREADABLE
    assert plain(fact.source).endswith("on TestServer01")


def test_an_old_windows_without_credential_guard_keeps_what_its_build_told() -> None:
    def told(fact: Any) -> None:
        fact["source"] = "Windows before 2016 has no Credential Guard, for the build read from Win32_OperatingSystem on TestServer01"
        fact["value"]["services_running"] = []

    assert old_with("credential_guard", told).snapshot.hosts["testserver01"].credential_guard.value == NO_CREDENTIAL_GUARD


def test_the_checkpoints_of_an_old_snapshot_are_a_fact_of_their_own() -> None:
    def checkpoints(fact: Any) -> None:
        fact["value"][0]["checkpoints"] = 2

    facts = old_with("vms", checkpoints).snapshot.hosts["testserver01"]
    assert facts.checkpoints.value == {facts.vms.value[0].id: 2}


def test_an_old_snapshot_keeps_its_words_for_where_a_fact_comes_from_and_why_it_is_missing() -> None:
    facts = of_0_1_0("half-dark").snapshot.hosts
    sources = {plain(fact.source) for host in facts.values() for name in HOST_FACTS if (fact := getattr(host, name)) is not ABSENT}
    assert "Win32_OperatingSystem on TestServer01" in sources
    assert plain(facts["testserver03"].os.detail) == "ConnectionError: ConnectionRefusedError Connection refused"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data["hosts"]["testserver01"]["os"].pop("source"),
        lambda data: data["hosts"]["testserver01"]["os"].update(source=5),
        lambda data: data["hosts"].update(testserver01=[]),
        lambda data: data.pop("names"),
        lambda data: data["accounts"]["testserver01"].pop("views"),
    ],
)
def test_a_damaged_old_snapshot_is_said_to_be_damaged(damage: Any) -> None:
    data = json.loads((OLD / "articles.snapshot.json").read_bytes())
    damage(data)
    with pytest.raises(SnapshotError, match="may have been edited"):
        decode(json.dumps(data).encode(), "snapshot.json", datetime(2026, 12, 1, tzinfo=UTC))


@given(st.binary())
def test_any_bytes_are_refused_and_never_crash(content: bytes) -> None:
    refused(content)


def test_a_key_that_stands_twice_in_one_place_is_refused() -> None:
    """Readers take different ones of the two: what a person sees there need not be what is judged."""
    content = encode(good().snapshot).replace(b'"partial":false', b'"partial":true,"partial":false', 1)
    assert "'partial' stands in one place twice; this snapshot was edited" in refused(content)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_snapshot_that_is_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "snapshot.json")
    with pytest.raises(SnapshotError, match="it is no file"):
        read_snapshot(tmp_path / "snapshot.json", AT)
