"""From an answer to facts: what is read, what is missing and why, whatever the text says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.facts.fact import Known, Reason
from checks.facts.host import HOST_FACTS, SECTIONS, HostFacts
from checks.text import plain, text
from lab.host import Host
from lab.scenario import HostSpec, VmSpec
from lab.sids import Sids
from lab.visit import answer as lab_answer
from runner.collect.hosts.answer import read
from runner.collect.hosts.language_mode import CONSTRAINED, UNKNOWN_SECTION, why
from runner.collect.hosts.signs import SIGNS, Failure, reason_of
from runner.collect.unread import Unread
from tests.collect.directories.forests import details, facts_of, known, missing, scenario

NAME = "TestServer01"
AT = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
CIM = "Microsoft.Management.Infrastructure.CimException"
SYSTEM = "0x80131501"


Answer: TypeAlias = dict[str, Any]
"""The sections of an answer by name, as data; the text that comes first has the name of the empty text."""


def answered(**spec: Any) -> Answer:
    """The whole answer of a host of the lab."""
    of = scenario(TestServer01=HostSpec(**spec))
    request = msgspec.json.encode({"frame": 2, "sections": HOST_FACTS, "partners": []}).decode()
    answers = [json.loads(said.text) for said in lab_answer(Host(of, NAME, Sids(of), AT), request)]
    return {each.get("name", ""): each for each in answers}


GOOD = answered(windows="2022", vms=(VmSpec("LMTest"), VmSpec("Ärger 測試")))


def texts(answer: Answer) -> list[str]:
    """As they arrive."""
    return [json.dumps(each) for each in answer.values()]


def facts(answer: Answer, ended: Unread | None = None) -> HostFacts:
    return read(texts(answer), NAME, AT, ended=ended)[0]


def with_section(name: str, section: dict[str, Any], answer: Answer = GOOD) -> Answer:
    return {**answer, name: {"name": name, **section}}


def failed(**failure: Any) -> dict[str, Any]:
    return {"ok": False, "ms": 1, "value": None, "error": failure}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_fact_of_a_host_names_its_source(name: str) -> None:
    source = plain(SECTIONS[name].origin.on(NAME))
    assert source.endswith(f" on {NAME}")
    assert len(source) > len(f" on {NAME}")


def test_names_survive_in_any_script() -> None:
    assert [vm.name for vm in known(facts(GOOD))["vms"]] == ["LMTest", "Ärger 測試"]


def test_a_section_that_was_not_answered_was_not_collected() -> None:
    assert missing(facts({name: section for name, section in GOOD.items() if name != "vms"})) == {"vms": Reason.NOT_COLLECTED}


def test_what_arrived_is_kept_and_the_rest_says_why_it_ended_and_what_was_being_read() -> None:
    ended = Unread(Reason.TIMED_OUT, text("no answer in time"))
    began = {name: GOOD[name] for name in ("", *HOST_FACTS[:5])}
    whole = facts(began, ended)
    assert missing(whole) == dict.fromkeys(HOST_FACTS[5:], Reason.TIMED_OUT)
    assert details(whole) == f"no answer in time; the host was reading {HOST_FACTS[5]}"
    assert missing(facts(GOOD, ended)) == {}


def test_a_text_that_is_no_section_costs_those_that_did_not_arrive() -> None:
    whole, _ = read([*texts({name: section for name, section in GOOD.items() if name != "vms"}), "{"], NAME, AT)
    assert missing(whole) == {"vms": Reason.UNREADABLE}


def test_why_a_visit_ended_stands_for_the_whole_host_when_nothing_arrived() -> None:
    ended = Unread(Reason.ACCESS_DENIED, text("a test"))
    with pytest.raises(Unread) as raised:
        read([], NAME, AT, ended=ended)
    assert raised.value is ended


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"ok": True},
        {"ok": True, "value": None, "error": None},
        {"ok": True, "value": [], "error": {"type": "System.Exception"}},
        {"ok": False, "value": [], "error": None},
        {"ok": "true", "value": [], "error": None},
        {"ok": False, "value": None, "error": {"native": "5"}},
    ],
)
def test_a_section_in_another_form_is_unreadable_and_never_an_empty_list(section: Any) -> None:
    assert missing(facts(with_section("vms", section))) == {"vms": Reason.UNREADABLE}


def test_a_time_without_its_zone_is_unreadable() -> None:
    boot = {**GOOD["os"]["value"], "boot": "2026-12-01T08:00:00"}
    assert missing(facts(with_section("os", {"ok": True, "ms": 1, "value": boot, "error": None}))) == {"os": Reason.UNREADABLE}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every single value in a tree."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [leaf for step, item in inner for leaf in leaves(item, (*path, step))]
    return below or ([path] if path and not isinstance(value, dict | list) else [])


def changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    if not path:
        return to
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], to)
    return copy


def value_at(name: str, path: tuple[Any, ...]) -> Any:
    value = GOOD[name]["value"]
    for step in path:
        value = value[step]
    return value


LEAVES = [(name, path) for name in HOST_FACTS for path in leaves(GOOD[name]["value"])]


@given(st.sampled_from(LEAVES), st.sampled_from([{"surprise": 1}, [[]], 1.5, {}]))
def test_one_value_of_another_type_makes_its_section_unreadable_and_no_other(place: tuple[str, tuple[Any, ...]], to: Any) -> None:
    name, path = place
    value = changed(GOOD[name]["value"], path, to)
    assert missing(facts(with_section(name, {"ok": True, "ms": 1, "value": value, "error": None}))) == {name: Reason.UNREADABLE}


@given(st.sampled_from(HOST_FACTS), st.data())
def test_a_text_that_breaks_off_is_no_section(name: str, data: st.DataObject) -> None:
    whole = json.dumps(GOOD[name])
    cut = whole[: data.draw(st.integers(min_value=0, max_value=len(whole) - 1))]
    others = texts({each: section for each, section in GOOD.items() if each != name})
    assert missing(read([*others, cut], NAME, AT)[0]) == {name: Reason.UNREADABLE}


MAY_BE_EMPTY = {
    ("os", "caption"): "for display only",
    ("os", "languages"): "for display only",
    ("computer", "suffix"): "the name of the domain",
    ("computer", "next_suffix"): "the name of the domain",
    ("adapters", "mac"): "a tunnel has none",
    ("locators", "address"): "not learned",
    ("locators", "forest"): "not learned",
    ("locators", "site"): "not learned",
    ("partners", "partner"): "what was asked comes back",
    ("partners", "name"): "what was asked comes back",
    ("partners", "addresses"): "a name that does not resolve has none",
    ("partners", "address"): "what was asked comes back",
    ("guardian_service", "keys"): "no Host Guardian Service",
    ("migration_listener", "addresses"): "no address, which the checks leave out",
    ("processors", "name"): "for display only",
    ("sessions", "package"): "for display only",
    ("sessions", "account"): "whose it is nobody tells: UNKNOWN where it matters",
    ("sessions", "sid"): "no SID of anybody",
    ("vms", "mac"): "an adapter that never ran has none",
    ("vms", "switch"): "not connected",
}
"""The fields in which an empty text is a true value, and what it says there. In any other it proves that nothing was read."""


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path in LEAVES if isinstance(value_at(name, path), str)])
def test_an_empty_text_where_windows_always_has_one_makes_its_section_unreadable(name: str, path: tuple[Any, ...]) -> None:
    value = changed(GOOD[name]["value"], path, "")
    found = missing(facts(with_section(name, {"ok": True, "ms": 1, "value": value, "error": None})))
    field = next(step for step in reversed(path) if isinstance(step, str)) if any(isinstance(step, str) for step in path) else ""
    assert found == ({} if (name, field) in MAY_BE_EMPTY else {name: Reason.UNREADABLE})


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("os", "build", 0),
        ("credential_guard", "services_running", []),
        ("credential_guard", "services_running", None),
        ("migration", "maximum_migrations", -1),
        ("migration", "maximum_storage_migrations", 2**32),
    ],
)
def test_a_number_that_windows_never_has_and_nothing_where_it_has_one_makes_its_section_unreadable(
    name: str, field: str, value: Any
) -> None:
    answered = {**GOOD[name]["value"], field: value}
    assert missing(facts(with_section(name, {"ok": True, "ms": 1, "value": answered, "error": None}))) == {name: Reason.UNREADABLE}


def test_a_name_longer_than_hyper_v_takes_one_makes_the_list_unreadable() -> None:
    value = changed(GOOD["vms"]["value"], (0, "name"), "x" * 1_025)
    assert missing(facts(with_section("vms", {"ok": True, "ms": 1, "value": value, "error": None}))) == {"vms": Reason.UNREADABLE}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.text() | anything.map(json.dumps) | st.just(json.dumps(GOOD[""]))))
def test_no_texts_raise_anything_but_unreadable(said: list[str]) -> None:
    try:
        whole, _ = read(said, NAME, AT)
    except Unread:
        return
    assert known(whole) == {}


@given(st.dictionaries(st.sampled_from(HOST_FACTS) | st.text(max_size=5), anything))
def test_no_rubbish_in_a_section_becomes_a_fact(rubbish: dict[str, Any]) -> None:
    sections = {f"_{name}": {"name": name, **(value if isinstance(value, dict) else {})} for name, value in rubbish.items()}
    assert known(facts({"": GOOD[""], **sections})) == {}


def test_an_answer_nested_without_end_is_unreadable() -> None:
    assert missing(facts(with_section("vms", {"ok": True, "value": json.loads("[" * 500 + "]" * 500)}))) == {"vms": Reason.UNREADABLE}
    with pytest.raises(Unread):
        read(["[" * 100_000], NAME, AT)


@given(st.text(alphabet=st.characters(codec=None, min_codepoint=0xD800, max_codepoint=0xDFFF), min_size=1))
def test_half_a_character_in_a_name_costs_no_fact(half: str) -> None:
    said = [json.dumps(each, ensure_ascii=False).replace("LMTest", half) for each in GOOD.values()]
    whole, _ = read(said, NAME, AT)
    assert missing(whole) == {}
    msgspec.json.encode(whole)


# --- reasons ---


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure("System.UnauthorizedAccessException", "Zugriff verweigert", hresult="0x80070005"), Reason.ACCESS_DENIED),
        (Failure("System.UnauthorizedAccessException"), Reason.ACCESS_DENIED),
        (Failure("System.Security.SecurityException", "…"), Reason.ACCESS_DENIED),
        (Failure(CIM, "HRESULT 0x80041003,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"), Reason.ACCESS_DENIED),
        (Failure(CIM, "HRESULT 0x80070005,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"), Reason.ACCESS_DENIED),
        (
            Failure("Microsoft.HyperV.PowerShell.VirtualizationException", "AccessDenied,Microsoft.HyperV.PowerShell.Commands.GetVM"),
            Reason.ACCESS_DENIED,
        ),
        (
            Failure(
                "Microsoft.HyperV.PowerShell.VirtualizationException",
                "Unspecified,Microsoft.HyperV.PowerShell.Commands.GetVM",
                category="PermissionDenied",
            ),
            Reason.ACCESS_DENIED,
        ),
        (
            Failure(
                "Microsoft.HyperV.PowerShell.VirtualizationException",
                "Unspecified,Microsoft.HyperV.PowerShell.Commands.GetVM",
                category="NotSpecified",
            ),
            Reason.UNREADABLE,
        ),
        (
            Failure("System.Management.Automation.RuntimeException", "NothingAnswered, though there is always one: Get-VMHost"),
            Reason.ACCESS_DENIED,
        ),
        (
            Failure("System.Management.Automation.RuntimeException", "ValueMissing, though there is always one: MSFT_NetAdapter.Hidden"),
            Reason.UNREADABLE,
        ),
        (Failure("System.ComponentModel.Win32Exception", "…", native=5), Reason.ACCESS_DENIED),
        (Failure("System.Runtime.InteropServices.COMException", "…", hresult="0x80070005"), Reason.ACCESS_DENIED),
        (
            Failure("System.Management.Automation.CommandNotFoundException", "CommandNotFoundException", hresult=SYSTEM),
            Reason.NOT_INSTALLED,
        ),
        (Failure(CIM, "HRESULT 0x8004100e,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"), Reason.NOT_INSTALLED),
        (Failure(CIM, "HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"), Reason.NOT_INSTALLED),
        (Failure("System.Management.Automation.PropertyNotFoundException", "PropertyNotFoundStrict", hresult=SYSTEM), Reason.NOT_SUPPORTED),
        (Failure("System.TimeoutException"), Reason.TIMED_OUT),
        (Failure("System.IO.IOException", "Access denied", hresult="0x80131620", text="Access denied"), Reason.UNREADABLE),
        (Failure(), Reason.UNREADABLE),
        (Failure(hresult="no number"), Reason.UNREADABLE),
    ],
)
def test_the_reason_comes_from_types_ids_and_numbers(failure: Failure, reason: Reason) -> None:
    assert reason_of(failure) is reason


@given(st.text())
def test_the_localized_text_of_a_failure_decides_nothing(words: str) -> None:
    assert reason_of(Failure(text=words)) is Reason.UNREADABLE


@pytest.mark.parametrize("identifier", sorted(CONSTRAINED))
def test_what_the_language_mode_does_not_allow_is_no_denial(identifier: str) -> None:
    refused = Failure("System.Management.Automation.PSNotSupportedException", f"{identifier},X", "PermissionDenied", SYSTEM)
    reason, detail = why(refused)
    assert reason is Reason.NOT_SUPPORTED
    assert plain(detail) == f"not supported in this session's language mode ({identifier})"


def test_a_section_that_the_script_on_the_host_does_not_know_is_no_sign_of_an_old_windows() -> None:
    missing_command = Failure("System.Management.Automation.CommandNotFoundException", "CommandNotFoundException")
    assert why(missing_command)[0] is Reason.NOT_INSTALLED
    reason, detail = why(replace(missing_command, id=UNKNOWN_SECTION))
    assert (reason, "is of another version" in plain(detail)) == (Reason.NOT_COLLECTED, True)


def test_a_denial_counts_more_than_what_else_an_error_looks_like() -> None:
    assert SIGNS[0].reason is Reason.ACCESS_DENIED
    both = Failure("System.Management.Automation.CommandNotFoundException", category="PermissionDenied")
    assert reason_of(both) is Reason.ACCESS_DENIED


def test_the_advice_at_the_end_of_a_long_text_is_kept() -> None:
    advice = "If the service is running, try to perform the task again by using Run as Administrator."
    said = "Hyper-V encountered an error trying to access an object. " + "The object might have been deleted. " * 9 + advice
    detail = str(Failure("Microsoft.HyperV.PowerShell.VirtualizationException", "ObjectNotFound,X", text=said))
    assert detail.endswith(advice)
    assert "Hyper-V encountered an error" in detail


def test_what_our_own_script_throws_is_said_once() -> None:
    thrown = "NothingAnswered, though there is always one: Win32_OperatingSystem"
    assert str(Failure("System.Management.Automation.RuntimeException", thrown, text=thrown)).count("Win32_OperatingSystem") == 1


def test_the_detail_holds_the_numbers_and_not_more_than_a_line_of_the_text() -> None:
    section = failed(type=CIM, id="HRESULT 0x80041003,X", hresult="0x80131500", native=None, text="Zugriff\nverweigert " * 100)
    fact = facts(with_section("vms", section)).vms
    assert not isinstance(fact, Known)
    assert plain(fact.detail).startswith(f"{CIM}; HRESULT 0x80041003,X; 0x80131500; Zugriff verweigert")
    assert len(plain(fact.detail)) < 400
    assert "\n" not in plain(fact.detail)


# --- what the build alone tells ---

NO_COMMAND = failed(type="System.Management.Automation.CommandNotFoundException", id="CommandNotFoundException", hresult=SYSTEM)
DENIED = failed(type="System.UnauthorizedAccessException", hresult="0x80070005")


@pytest.mark.parametrize(("windows", "versions"), [("2012", ("4.0",)), ("2012r2", ("5.0",))])
def test_before_2016_the_build_tells_which_versions_a_host_runs(windows: str, versions: tuple[str, ...]) -> None:
    answer = with_section("supported_versions", NO_COMMAND, answered(windows=windows))
    assert known(facts(answer))["supported_versions"] == versions


@pytest.mark.parametrize("windows", ["2016", "2019", "2022", "2025"])
def test_since_2016_a_host_without_the_cmdlet_has_no_hyperv_module(windows: str) -> None:
    answer = with_section("supported_versions", NO_COMMAND, answered(windows=windows))
    assert missing(facts(answer)) == {"supported_versions": Reason.NOT_INSTALLED}


def test_a_denial_is_never_replaced_by_what_the_build_tells() -> None:
    answer = answered(windows="2012r2")
    for name in ("supported_versions", "credential_guard"):
        answer = with_section(name, DENIED, answer)
    assert missing(facts(answer)) == {"supported_versions": Reason.ACCESS_DENIED, "credential_guard": Reason.ACCESS_DENIED}


def test_without_the_build_nothing_is_concluded_from_what_is_absent() -> None:
    answer = with_section("os", DENIED, answered(windows="2012r2"))
    assert missing(facts(answer)) == {
        "os": Reason.ACCESS_DENIED,
        "supported_versions": Reason.NOT_INSTALLED,
        "credential_guard": Reason.NOT_INSTALLED,
        "assigned_devices": Reason.NOT_INSTALLED,
        "gpu_partitions": Reason.NOT_INSTALLED,
        "vm_security": Reason.NOT_INSTALLED,
    }


def test_a_missing_class_does_not_mean_since_2016_that_credential_guard_is_off() -> None:
    absent = failed(
        type=CIM, id="HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand", hresult="0x80131500"
    )
    assert missing(facts(with_section("credential_guard", absent))) == {"credential_guard": Reason.NOT_INSTALLED}


def test_every_fact_of_an_answer_has_the_time_of_the_visit() -> None:
    assert {fact.at for fact in facts_of(facts(GOOD)).values()} == {AT}
