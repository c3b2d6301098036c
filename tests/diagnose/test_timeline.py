"""What happened around a failure: every machine's entries in one order, by one clock where the clocks are known; as text, data and page."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from checks.errors.diagnosis import Answers
from checks.errors.tables import events
from checks.errors.timeline import Part, Timeline
from checks.facts.directory import Written
from checks.text import plain
from reports import diagnosis as report
from reports.html.diagnosis import MOST_OPERATIONS, render
from reports.language import Language
from runner.diagnose.answer import answered
from runner.diagnose.judge import Judge
from runner.diagnose.read import read_inputs
from runner.diagnose.timeline import MOST_MOMENTS
from tests.diagnose.samples import XML, event_xml
from tests.reports.test_html import Page
from tests.world import AT, TestWorld, good

FAILED = datetime(2026, 12, 5, 20, 14, 3, tzinfo=UTC)
LONG_AGO = FAILED - timedelta(days=30)
QUIET = good().set("hosts.testserver01.os.boot", LONG_AGO).set("hosts.testserver02.os.boot", LONG_AGO)
SMB, SYSTEM = "Microsoft-Windows-SmbClient/Connectivity", "System"


def entry(
    provider: str, number: int, at: datetime, *, host: str = "TESTSERVER02.contoso.test", channel: str = SYSTEM, data: str = "x"
) -> str:
    return (
        f"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/>"
        f"<EventID>{number}</EventID><Level>2</Level><TimeCreated SystemTime='{at:%Y-%m-%dT%H:%M:%S.000Z}'/><Channel>{channel}</Channel>"
        f"<Computer>{host}</Computer></System><EventData><Data>{data}</Data></EventData></Event>"
    )


def of(*beside: str, world: TestWorld | None = None, failed: str = XML) -> Answers:
    document = failed.replace("</Events>", "".join(beside) + "</Events>").encode()
    return answered(read_inputs((), io.BytesIO(document)), Judge(world.snapshot, world.plan) if world else None)


def line(*beside: str, **more: Any) -> Timeline:
    (answer,) = of(*beside, **more).diagnosed
    assert answer.timeline is not None
    return answer.timeline


def told(timeline: Timeline) -> list[tuple[str, int | None]]:
    return [(moment.machine.name, moment.number) for moment in timeline.moments]


def test_what_source_and_target_wrote_around_the_failure_stands_in_one_order() -> None:
    found = line(
        entry("Microsoft-Windows-SMBClient", 30803, FAILED + timedelta(seconds=30), channel=SMB),
        entry("NETLOGON", 5719, FAILED - timedelta(minutes=1)),
        world=QUIET,
    )
    assert told(found) == [("TESTSERVER02", 5719), ("TESTSERVER01", 20306), ("TESTSERVER01", 21024), ("TESTSERVER02", 30803)]
    assert [moment.own for moment in found.moments] == [False, True, True, False]
    assert [(machine.name, machine.part) for machine in found.machines] == [("TESTSERVER01", Part.SOURCE), ("TESTSERVER02", Part.TARGET)]


@pytest.mark.parametrize(
    "other",
    [
        entry("NETLOGON", 5719, FAILED - timedelta(minutes=11)),
        entry("NETLOGON", 5719, FAILED + timedelta(minutes=11)),
        entry("Microsoft-Windows-DistributedCOM", 10016, FAILED),
        entry("NETLOGON", 5719, FAILED, host="ELSEWHERE.contoso.test"),
    ],
    ids=["long before", "long after", "of nobody who matters", "of another machine"],
)
def test_what_has_nothing_to_do_with_it_is_left_out(other: str) -> None:
    assert told(line(other, world=QUIET)) == [("TESTSERVER01", 20306), ("TESTSERVER01", 21024)]


def test_the_times_of_a_clock_that_is_ahead_are_shown_earlier_and_said() -> None:
    """The target's clock is 95 seconds ahead: what it wrote a minute after the failure was before it."""
    world = QUIET.set("hosts.testserver02.clock.utc", AT + timedelta(seconds=95))
    found = line(entry("NETLOGON", 5719, FAILED + timedelta(seconds=60)), world=world)
    assert told(found)[0] == ("TESTSERVER02", 5719)
    first = found.moments[0]
    assert (first.at, first.written) == (FAILED - timedelta(seconds=35), FAILED + timedelta(seconds=60))
    said = [report.clock(machine, Language("en")) for machine in found.machines]
    assert said == [
        "TESTSERVER01: its clock agrees within 1 s",
        "TESTSERVER02: its clock was 95 s ahead, its times are shown so much earlier",
    ]
    assert "20:14:03.000Z (TESTSERVER02" not in said
    behind = line(world=QUIET.set("hosts.testserver02.clock.utc", AT - timedelta(seconds=95))).machines[1]
    assert "95 s behind" in report.clock(behind, Language("en"))


@pytest.mark.parametrize("world", [None, QUIET.miss("hosts.testserver02.clock")], ids=["no snapshot", "not read"])
def test_a_clock_that_is_not_known_is_said_and_its_times_stay(world: TestWorld | None) -> None:
    found = line(entry("NETLOGON", 5719, FAILED, channel=SYSTEM), world=world)
    machine = found.machines[-1]
    assert (machine.name.partition(".")[0], machine.ahead) == ("TESTSERVER02", None)
    assert "was not compared" in report.clock(machine, Language("en"))
    assert all(moment.at == moment.written for moment in found.moments if moment.machine == machine)


def test_what_a_controller_wrote_with_a_code_of_its_own_stands_beside_the_failure_too() -> None:
    kdc = entry("Microsoft-Windows-Kerberos-Key-Distribution-Center", 27, FAILED, host="dc01.contoso.test")
    found = of(kdc, world=QUIET).diagnosed[0].timeline
    assert found is not None
    assert ("dc01.contoso.test", 27) in told(found)


def test_when_a_controller_got_a_change_of_the_delegation_stands_beside_it() -> None:
    changed = FAILED - timedelta(minutes=20)
    world = QUIET.account("testserver01", written=Written(None, changed, None, None))
    found = line(world=world)
    first = found.moments[0]
    assert (first.machine.part, first.at) == (Part.CONTROLLER, changed)
    assert first.says is not None
    assert plain(first.says) == "msDS-AllowedToDelegateTo of TESTSERVER01 was changed"


def test_a_host_that_was_started_before_the_failure_is_told() -> None:
    found = line(world=QUIET.set("hosts.testserver02.os.boot", FAILED - timedelta(minutes=30)))
    assert [plain(moment.says) for moment in found.moments if moment.says] == ["Windows was started"]


def test_who_wrote_the_failure_belongs_to_it_though_nobody_says_which_part_it_had() -> None:
    failed = "<Events>" + entry("Microsoft-Windows-Hyper-V-VMMS", 1106, FAILED, host="HV9", data="0x8009030E") + "</Events>"
    found = line(entry("NETLOGON", 5719, FAILED, host="HV9.contoso.test"), failed=failed)
    assert [(moment.machine.part, moment.number) for moment in found.moments] == [(Part.OTHER, 1106), (Part.OTHER, 5719)]


def test_a_failure_without_a_time_has_no_time_line() -> None:
    (answer,) = answered(read_inputs((), io.BytesIO(b"Virtual machine migration failed (0x8009030E)")), None).diagnosed
    assert answer.timeline is None


def test_of_very_many_the_nearest_are_told_and_the_others_counted() -> None:
    many = [entry("NETLOGON", 5719, FAILED + timedelta(seconds=each), data=str(each)) for each in range(120)]
    found = line(*many, world=QUIET)
    assert (len(found.moments), found.left_out) == (MOST_MOMENTS, 122 - MOST_MOMENTS)
    assert max(moment.at for moment in found.moments) < FAILED + timedelta(seconds=61)


def test_an_event_says_in_our_words_what_it_means_and_in_its_own_what_it_holds() -> None:
    found = line(entry("NETLOGON", 5719, FAILED, data="CONTOSO"), entry("Microsoft-Windows-WinRM", 99, FAILED, data="y"), world=QUIET)
    said = {moment.number: (report.says(moment, Language("de")), moment.message) for moment in found.moments}
    assert said[5719] == ("Kein sicherer Kanal: Kein Domänencontroller war erreichbar", "CONTOSO")
    assert said[99] == ("", "y")
    assert said[20306][0] == events()["hyper-v-vmms/20306"].sentence_de


def test_scripts_get_every_moment_and_a_terminal_the_first_of_them() -> None:
    answers = of(entry("NETLOGON", 5719, FAILED - timedelta(minutes=1)), world=QUIET)
    data = report.as_data(answers, Language("en"))["timeline"]
    assert data["machines"][0] == {"name": "TESTSERVER01", "part": "source", "seconds_ahead": [-1.0, 1.0]}
    assert [(each["event"], each["machine"], each["own"]) for each in data["moments"]] == [
        (5719, "TESTSERVER02", False),
        (20306, "TESTSERVER01", True),
        (21024, "TESTSERVER01", True),
    ]
    stream = io.StringIO()
    report.write(answers, Language("en"), stream, color=False)
    assert "2026-12-05T20:13:03.000Z TESTSERVER02 (target) NETLOGON 5719: No secure channel" in stream.getvalue()


def test_each_event_of_the_table_has_its_source() -> None:
    for name, row in events().items():
        provider, _, number = name.partition("/")
        assert provider == provider.casefold(), name
        assert number.isdecimal(), name
        assert row.source.startswith("https://") or row.source == "lmerrlog.h of the Windows SDK", name
        assert row.sentence not in ("", row.sentence_de), name


# --- the page ---


def page(answers: Answers, language: str = "en") -> Page:
    return Page(render(answers, now=AT, language=Language(language), version="0.1.0"))


def test_the_page_leads_with_the_cause_and_shows_each_lane() -> None:
    kerberos_only = QUIET.account("testserver01", user_account_control=0x1000)
    shown = page(of(entry("NETLOGON", 5719, FAILED - timedelta(minutes=3)), world=kerberos_only))
    assert "Use Kerberos only" in shown.words
    assert "TESTSERVER01 → TESTSERVER02" in shown.words
    assert "NETLOGON 5719" in shown.words
    assert "3 min later" in shown.words
    assert not shown.all("script")


def test_a_page_does_not_lead_with_a_cause_that_the_facts_speak_against() -> None:
    failed = XML.replace("0x8009030E", "0x8007274D").replace("%%2148074254", "%%2147952461")
    words = page(of(failed=failed, world=QUIET)).words
    assert "What was checked speaks against every known cause." in words
    assert "The likeliest cause" not in words


def test_the_page_needs_no_network_and_no_script() -> None:
    html = render(of(world=QUIET), now=AT, language=Language("en"), version="0.1.0")
    assert "default-src 'none'; style-src 'sha256-" in html
    assert "script-src 'none'" in html
    assert "http-equiv" in html
    assert " style=" not in html


def test_hostile_names_stay_text_on_the_page() -> None:
    name = "</time><script>alert(1)</script>'\"\u202e" + "x" * 200
    vm = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&apos;")
    failed = f"<Events>{event_xml(20306, vm=vm, rendered=False)}{event_xml(vm=vm, rendered=False)}</Events>"
    shown = page(of(entry("NETLOGON", 5719, FAILED, data=vm), failed=failed, world=QUIET))
    assert not shown.all("script")
    assert "\u202e" not in shown.words
    assert "<script>alert(1)</script>" in shown.words


def test_the_page_is_german_where_it_is_asked_for() -> None:
    words = page(of(entry("NETLOGON", 5719, FAILED), world=QUIET), "de").words
    assert "Woran es lag" in words
    assert "Kein sicherer Kanal" in words
    assert "What happened" not in words


GIVEN = {"nothing": b"", "no failure": b"hello", "a code": b"error 0x8009030E", "an unknown code": b"error 0x80071234"}


@pytest.mark.parametrize("content", GIVEN.values(), ids=GIVEN.keys())
def test_there_is_a_page_for_whatever_was_given(content: bytes) -> None:
    shown = page(answered(read_inputs((), io.BytesIO(content))))
    assert "Why it failed" in shown.words


def test_a_page_of_very_many_operations_is_bounded() -> None:
    answers = of(world=QUIET)
    many = replace(answers, diagnosed=answers.diagnosed * (MOST_OPERATIONS + 7))
    assert "and 7 more operations" in page(many).words
