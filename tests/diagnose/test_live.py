"""The hosts' own event logs: read over the real protocols, with what could not be read said, never taken for an empty log."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checks.errors.observation import Observation
from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import LogFacts
from checks.facts.logs import EventRecord
from checks.text import plain, text
from checks.windows.names import HostName
from lab import scenario
from lab.forest import Forest
from lab.scenario import EventSpec, Fault, HostSpec, Scenario, VmSpec
from runner.collect.hosts.request import EventRange, Request
from runner.collect.hosts.visit import read_log
from runner.diagnose.live import read_logs, readings
from runner.diagnose.operations import join
from tests.collect.directories import forests
from tests.collect.directories.forests import PATIENCE_S, plan_of
from tests.program import Ran, hvpreflight
from tests.world import AT

NAME = "TestServer01"
FAILED = EventSpec(21024, vm="LMTest", code="0x8009030E")


def diagnose(forest: Forest, *arguments: str | Path) -> Ran:
    return hvpreflight("diagnose", "--live", forest.plan_path, "--user", forest.collector, *arguments, password=forest.password)


def log_of(running: Forest, name: str = NAME, wanted: EventRange | None = None, deadline_s: float = PATIENCE_S) -> LogFacts:
    return read_log(forests.target(running, name), wanted or EventRange(), forests.credentials(running), deadline_s)


def events_of(spec: HostSpec, wanted: EventRange | None = None) -> tuple[EventRecord, ...]:
    with forests.forest(TestServer01=spec) as running:
        facts = log_of(running, wanted=wanted)
    assert isinstance(facts.events, Known), facts
    return facts.events.value


def seen(*records: EventRecord) -> list[Observation]:
    (reading,) = readings({HostName("testserver01"): logs(*records)})
    assert reading.problems == ()
    return list(reading.observations)


def logs(*records: EventRecord, of_system: tuple[EventRecord, ...] = ()) -> LogFacts:
    none = Known((), text("test"), AT)
    return LogFacts(events=Known(records, text("test"), AT), worker_events=none, system_events=Known(of_system, text("test"), AT))


# --- the whole way ---


def test_the_articles_failed_move_is_found_in_the_log_and_explained_by_the_facts() -> None:
    with Forest(scenario.load("articles")) as forest:
        ran = diagnose(forest, "--format", "json")
        requests = {name: len(host.requests) for name, host in forest.hosts.items()}
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    (operation,) = answer["operations"]
    assert (operation["vm"], operation["codes"]) == ("LMTest", ["0x8009030E"])
    assert {event["id"] for event in operation["events"]} == {20306, 21024}, "two entries, one failure"
    assert operation["source"].lower().startswith("testserver01")
    assert operation["target"].lower().startswith("testserver02"), "from the plan, as the log does not tell"
    shown = [each["id"] for each in answer["causes"] if each["standing"] == "fails"]
    assert shown == ["kcd_kerberos_only_remote_start", "delegation_missing"]
    assert [each["id"] for each in answer["causes"]][:2] == shown
    assert all(each["evidence"] for each in answer["causes"][:2])
    moments = [(each["part"], each["event"], each["own"]) for each in operation["timeline"]["moments"]]
    assert moments == [("target", 40960, False), ("source", 31002, False), ("source", 20306, True), ("source", 21024, True)]
    assert all(each["seconds_ahead"] for each in operation["timeline"]["machines"])
    assert max(requests.values()) <= 21, "for its facts, for what lies where files go, and for its logs"


def test_a_healthy_forest_has_nothing_to_tell() -> None:
    with Forest(scenario.load("ready")) as forest:
        ran = diagnose(forest)
    assert ran.code == 6
    assert "Nothing was found" in ran.out
    assert ran.err == ""


def test_no_password_stands_in_what_is_said() -> None:
    with Forest(scenario.load("articles")) as forest:
        ran = diagnose(forest, "-v", "--format", "json")
        secret = forest.password
    assert secret not in ran.out + ran.err


def with_hosts(**changes: Any) -> Scenario:
    """The articles' forest with something changed on TestServer01."""
    articles = scenario.load("articles")
    return replace(articles, hosts=articles.hosts | {NAME: replace(articles.hosts[NAME], **changes)})


def test_a_denied_log_is_said_and_is_not_an_empty_one() -> None:
    with Forest(with_hosts(denied=("events",))) as forest:
        ran = diagnose(forest)
    assert ran.code == 6
    assert "testserver01: event log: access denied" in ran.err


def test_a_move_that_succeeded_since_is_told() -> None:
    events = (replace(FAILED, minutes_ago=300), EventSpec(20415, minutes_ago=10, level=4, vm="LMTest", parameters=("0.5",)))
    with Forest(with_hosts(events=events)) as forest:
        ran = diagnose(forest)
    assert ran.code == 0
    assert "A move of this VM succeeded afterwards" in ran.out


def test_a_paste_and_the_hosts_logs_are_one_answer(tmp_path: Path) -> None:
    paste = tmp_path / "mail.txt"
    paste.write_text(
        "Virtual machine migration operation for 'LMTest' failed at migration source 'TestServer01' (0x8009030E)", encoding="utf-8"
    )
    with Forest(scenario.load("articles")) as forest:
        ran = diagnose(forest, paste, "--format", "json")
    answer = json.loads(ran.out)
    assert len(answer["operations"]) == 1
    assert {"event log of testserver01"} < set(answer["operations"][0]["where"])


# --- what a host answers ---


def test_a_host_without_such_entries_has_a_known_and_empty_log() -> None:
    assert events_of(HostSpec(windows="2019")) == ()


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (HostSpec(windows="2019", denied=("events",)), Reason.ACCESS_DENIED),
        (HostSpec(windows="2019", language="de-DE", denied=("events",)), Reason.ACCESS_DENIED),
        (HostSpec(windows="2019", hyperv=False), Reason.NOT_INSTALLED),
        (HostSpec(windows="2019", fault=Fault.REFUSES), Reason.UNREACHABLE),
        (HostSpec(windows="2019", fault=Fault.RUBBISH), Reason.UNREADABLE),
        (HostSpec(windows="2019", facts={"events": [{"channel": "x"}]}), Reason.UNREADABLE),
    ],
    ids=["denied", "denied in German", "without Hyper-V", "refused", "rubbish", "another form"],
)
def test_a_log_that_cannot_be_read_is_missing_with_its_reason(spec: HostSpec, reason: Reason) -> None:
    with forests.forest(TestServer01=spec) as running:
        facts = log_of(running)
    assert isinstance(facts.events, Missing)
    assert facts.events.reason is reason


def test_only_what_is_young_enough_and_only_the_newest_is_answered() -> None:
    events = tuple(replace(FAILED, minutes_ago=60.0 * 24 * day) for day in (1, 2, 3, 30))
    spec = HostSpec(windows="2019", vms=(VmSpec("LMTest"),), events=events)
    assert len(events_of(spec)) == 3
    assert len(events_of(spec, EventRange(days=60))) == 4
    newest = events_of(spec, EventRange(days=60, most=2))
    assert [each.time for each in seen(*newest)] == sorted((each.time for each in seen(*newest) if each.time), reverse=True)
    assert len(newest) == 2


def test_mere_information_is_left_out_but_for_the_two_events_that_tell_of_moves() -> None:
    events = (EventSpec(18500, level=4, vm="LMTest"), EventSpec(20415, level=4, vm="LMTest"), EventSpec(1106, level=4, vm="LMTest"))
    found = seen(*events_of(HostSpec(windows="2019", events=events)))
    assert {number for each in found for _, number in each.events} == {20415, 1106}


@pytest.mark.parametrize("parameters", [None, ()], ids=["named fields", "parameters by number"])
def test_both_shapes_of_an_entry_tell_the_same(parameters: tuple[str, ...] | None) -> None:
    spec = HostSpec(windows="2019", vms=(VmSpec("LMTest"),), events=(replace(FAILED, parameters=parameters),))
    (found,) = seen(*events_of(spec))
    assert found.host == "testserver01.contoso.test"
    assert found.where == "event log of testserver01"
    vm_id = re.search(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", found.text)
    assert vm_id
    (operation,) = join((found,), {vm_id[0].lower(): "LMTest"})
    assert (operation.vm, operation.codes) == ("LMTest", ("0x8009030E",))


def test_hostile_names_stay_values() -> None:
    name = "</VmName><EventID>1</EventID>&amp;]]>\u202e"
    spec = HostSpec(windows="2019", vms=(VmSpec(name),), events=(replace(FAILED, vm=name),))
    (found,) = seen(*events_of(spec))
    assert found.events[0][1] == 21024
    assert found.codes == ("0x8009030E",)


def test_entries_that_are_no_xml_do_not_take_the_others_along() -> None:
    (good,) = events_of(HostSpec(windows="2019", events=(FAILED,)))
    found = [
        each for reading in readings({HostName("h"): logs(EventRecord("x", "<Event><System>"), good)}) for each in reading.observations
    ]
    assert ("0x8009030E",) in [each.codes for each in found]


def test_a_log_that_fails_costs_no_other_and_is_said_once() -> None:
    denied = Missing(Reason.ACCESS_DENIED, text("test"), AT)
    (good,) = events_of(HostSpec(windows="2019", events=(FAILED,)))
    first, *others = readings({HostName("h"): replace(logs(good), worker_events=denied, system_events=denied)})
    assert [each.codes for each in first.observations] == [("0x8009030E",)]
    assert [plain(problem).partition(";")[0] for reading in others for problem in reading.problems] == ["h: event log: access denied"]


def test_what_other_logs_hold_is_told_beside_a_failure_and_is_none() -> None:
    spec = EventSpec(4, level=2, channel="System", provider="Microsoft-Windows-Security-Kerberos", code="0x8009030E")
    with forests.forest(TestServer01=HostSpec(windows="2019", events=(spec, replace(spec, provider="Somebody")))) as running:
        facts = log_of(running)
    (reading,) = readings({HostName("h"): facts})
    assert reading.observations == ()
    assert [each.provider for each in reading.beside] == ["Microsoft-Windows-Security-Kerberos"]


def test_every_host_of_a_plan_is_asked_and_a_silent_one_is_said() -> None:
    hosts = {"TestServer01": HostSpec(windows="2019", events=(FAILED,)), "TestServer02": HostSpec(windows="2019", fault=Fault.HANGS)}
    with forests.forest((("TestServer01", "TestServer02"),), **hosts) as running:
        found = read_logs(
            plan_of(running), forests.credentials(running), EventRange(), concurrency=2, host_deadline_s=2.0, deadline_s=PATIENCE_S
        )
    told = list(readings(found))
    assert isinstance(found[HostName("testserver01")].events, Known)
    assert [plain(problem).partition(";")[0] for reading in told for problem in reading.problems] == ["testserver02: event log: timed out"]


# --- what goes over the wire ---


def test_a_check_asks_for_no_event_log() -> None:
    asked = msgspec.json.decode(msgspec.json.encode(Request()))
    assert "events" not in asked
    assert "events" not in asked["sections"]


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_leaves_no_shell_behind() -> None:
    with forests.forest(TestServer01=HostSpec(windows="2019", takes_s={"events": math.inf})) as running:
        served = running.hosts[NAME].requests

        def press_when_reading() -> None:
            while "Command" not in served:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press_when_reading, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            read_logs(
                plan_of(running),
                forests.credentials(running),
                EventRange(),
                concurrency=4,
                host_deadline_s=PATIENCE_S,
                deadline_s=PATIENCE_S,
            )
        assert served[-1] == "Delete"
