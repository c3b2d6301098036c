"""What belongs to one failed operation, and what stays apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checks.errors.diagnosis import Operation
from checks.errors.observation import Observation
from runner.diagnose.operations import OTHER_HOST, SAME_HOST, join

AT = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
ADMIN = "Microsoft-Windows-Hyper-V-VMMS-Admin"
ID = "11111111-2222-3333-4444-555555555555"
NO_CREDENTIALS, DENIED = "0x8009030E", "0x80070005"
MINUTE = timedelta(minutes=1)


def entry(host: str = "TestServer01.contoso.test", after: timedelta = timedelta(0), **fields: Any) -> Observation:
    """An entry of a host's log."""
    return Observation(**({"where": "log.evtx", "text": "", "host": host, "time": AT + after} | fields))


def text(**fields: Any) -> Observation:
    """A stretch of a pasted text."""
    return Observation(**({"where": "mail.txt, line 3", "text": "…"} | fields))


def only(*seen: Observation, names: dict[str, str] | None = None) -> Operation:
    (operation,) = join(seen, names)
    return operation


def test_entries_on_both_hosts_about_one_vm_are_one_operation_with_its_direction() -> None:
    operation = only(
        entry(events=((ADMIN, 21024),), vm="LMTest", codes=(NO_CREDENTIALS,)),
        entry("TestServer02.contoso.test", 2 * MINUTE, vm="lmtest"),
    )
    assert (operation.vm, operation.source, operation.target) == ("LMTest", "TestServer01.contoso.test", "TestServer02.contoso.test")
    assert operation.codes == (NO_CREDENTIALS,)
    assert (operation.start, operation.end) == (AT, AT), "when the failure was told"


def test_a_vm_named_by_its_id_in_one_entry_and_by_its_name_in_another_is_one() -> None:
    told = entry(vm="LMTest", text=f"'LMTest' (Virtual machine ID {ID.upper()})")
    assert only(told, entry(vm="{" + ID + "}", codes=(DENIED,))).vm == "LMTest"
    assert only(entry(vm=ID), entry(vm="LMTest"), names={ID: "LMTest"}).vm == "LMTest"


def test_an_entry_that_holds_nothing_but_the_id_of_a_known_vm_is_about_it() -> None:
    numbered = entry(text=f"Parameter0: x\nParameter1: {ID.upper()}", codes=(DENIED,))
    assert only(numbered, names={ID: "LMTest"}).vm == "LMTest"
    assert only(numbered).vm is None


def test_the_provider_of_an_event_is_not_taken_for_a_vm() -> None:
    provider = "6066f867-7ca1-4418-85fd-36e3f9c0600c"
    xml = f"<Provider Name='Microsoft-Windows-Hyper-V-VMMS' Guid='{{{provider}}}'/>"
    assert len(join((entry(vm="one", text=xml), entry(vm="two", text=xml), entry(vm=provider)))) == 3


def test_two_vms_at_the_same_moment_are_two_operations() -> None:
    found = join((entry(vm="one", codes=(DENIED,)), entry(vm="two", codes=(DENIED,))))
    assert {operation.vm for operation in found} == {"one", "two"}


def test_the_same_vm_later_is_another_attempt() -> None:
    found = join((entry(vm="LMTest", codes=(DENIED,)), entry(after=SAME_HOST + MINUTE, vm="LMTest", codes=(NO_CREDENTIALS,))))
    assert [operation.codes for operation in found] == [(NO_CREDENTIALS,), (DENIED,)], "the newest first"


def test_the_clocks_of_two_hosts_may_differ_as_much_as_kerberos_lets_them() -> None:
    late = entry("TestServer02", OTHER_HOST, vm="LMTest")
    assert len(join((entry(vm="LMTest", codes=(DENIED,)), late))) == 1
    assert len(join((entry(vm="LMTest", codes=(DENIED,)), entry("TestServer02", OTHER_HOST + MINUTE, vm="LMTest")))) == 2


def test_the_way_there_and_the_way_back_stay_apart() -> None:
    there = entry(vm="LMTest", source="TestServer01", target="TestServer02", codes=(DENIED,))
    back = entry("TestServer02", MINUTE, vm="LMTest", source="TestServer02", target="TestServer01", codes=(DENIED,))
    assert {(operation.source, operation.target) for operation in join((there, back))} == {
        ("TestServer01", "TestServer02"),
        ("TestServer02", "TestServer01"),
    }


def test_short_and_full_names_mean_one_host_and_addresses_do_not() -> None:
    short, full = entry(vm="LMTest", source="TESTSERVER01"), entry(vm="LMTest", source="testserver01.contoso.test")
    assert len(join((short, full))) == 1
    assert len(join((entry(vm="LMTest", source="10.0.0.1"), entry(vm="LMTest", source="10.0.0.2")))) == 2


def test_an_entry_without_a_vm_belongs_to_what_its_host_did_at_that_moment() -> None:
    operation = only(
        entry(events=((ADMIN, 20306),), codes=(NO_CREDENTIALS,)),
        entry(after=timedelta(seconds=1), events=((ADMIN, 21024),), vm="LMTest"),
    )
    assert operation.vm == "LMTest"
    assert operation.codes == (NO_CREDENTIALS,)


def test_an_entry_without_a_vm_stays_alone_when_it_may_belong_to_two_or_says_something_else() -> None:
    loose = entry(codes=(NO_CREDENTIALS,))
    assert len(join((loose, entry(vm="one"), entry(vm="two")))) == 3
    assert len(join((loose, entry(vm="one", codes=(DENIED,))))) == 2
    assert len(join((loose, entry("TestServer09", vm="one")))) == 2


def test_what_is_written_around_a_failure_does_not_draw_it_out() -> None:
    around = [entry(after=minutes * MINUTE, vm="LMTest", events=((ADMIN, 18500),)) for minutes in range(1, 12)]
    first, last = entry(vm="LMTest", codes=(DENIED,)), entry(after=12 * MINUTE, vm="LMTest", codes=(NO_CREDENTIALS,))
    assert {(DENIED,), (NO_CREDENTIALS,)} <= {operation.codes for operation in join((first, *around, last))}


def test_two_failures_in_one_paste_stay_apart() -> None:
    found = join((text(vm="one", codes=(DENIED,)), text(vm="two", codes=(NO_CREDENTIALS,)), text(vm="one", codes=(NO_CREDENTIALS,))))
    assert [(operation.vm, operation.codes) for operation in found] == [
        ("one", (DENIED,)),
        ("two", (NO_CREDENTIALS,)),
        ("one", (NO_CREDENTIALS,)),
    ]


def test_a_code_in_the_next_stretch_belongs_to_the_vm_before_it() -> None:
    operation = only(text(vm="LMTest"), text(codes=(NO_CREDENTIALS,), target="TestServer02"))
    assert (operation.vm, operation.target, operation.codes) == ("LMTest", "TestServer02", (NO_CREDENTIALS,))
    assert len(join((text(vm="LMTest"), text(where="other.txt, line 1", codes=(NO_CREDENTIALS,))))) == 2


def test_two_records_of_one_failure_that_were_copied_are_one_operation_in_either_order() -> None:
    """The record of the connection names the partner and the code, that of the move the VM: neither names both."""
    host = "TestServer01.contoso.test"
    connection = text(host=host, codes=(NO_CREDENTIALS,), events=((ADMIN, 20306),), target="TestServer02")
    failed = text(host=host, vm="LMTest", events=((ADMIN, 21024),))
    for seen in ((connection, failed), (failed, connection)):
        operation = only(*seen)
        assert (operation.vm, operation.target, operation.codes) == ("LMTest", "TestServer02", (NO_CREDENTIALS,))
    assert len(join((connection, text(host="TestServer09", vm="LMTest", events=((ADMIN, 21024),))))) == 2


def test_a_pasted_text_joins_the_log_of_its_vm() -> None:
    operation = only(text(vm="LMTest", codes=(NO_CREDENTIALS,)), entry(vm="LMTest", codes=(NO_CREDENTIALS,), events=((ADMIN, 21024),)))
    assert operation.start == AT
    assert operation.source == "TestServer01.contoso.test"


def test_a_move_that_succeeded_is_no_failure_and_is_told_with_the_one_before_it() -> None:
    done = entry(after=60 * MINUTE, vm="LMTest", events=((ADMIN, 20415),))
    assert join((done,)) == ()
    assert only(entry(vm="LMTest", codes=(DENIED,)), done).moved == AT + 60 * MINUTE
    assert only(entry(vm="LMTest", codes=(DENIED,)), entry(after=-60 * MINUTE, vm="LMTest", events=((ADMIN, 20415),))).moved is None


def test_the_same_failure_again_and_again_is_told_once() -> None:
    operation = only(*(entry(after=hour * 60 * MINUTE, vm="LMTest", codes=(DENIED,)) for hour in range(20)))
    assert operation.again == 19
    assert operation.end == AT + 19 * 60 * MINUTE, "the newest one stands for them"


def test_what_names_a_vm_or_a_host_comes_before_what_names_nothing() -> None:
    found = join((text(codes=("0x80040154",)), text(vm="LMTest", codes=(NO_CREDENTIALS,))))
    assert [operation.vm for operation in found] == ["LMTest", None]


NAMES = st.sampled_from(["LMTest", ID, "", "\x1b[31m", "TestServer01", "testserver01.contoso.test", "10.0.0.1"]) | st.none()
OBSERVATIONS = st.builds(
    Observation,
    where=st.text(max_size=20),
    text=st.text(max_size=60),
    codes=st.lists(st.sampled_from([NO_CREDENTIALS, DENIED, "0x00000001"]), max_size=2).map(tuple),
    events=st.lists(st.tuples(st.sampled_from(["", ADMIN]), st.sampled_from([21024, 20415, 5])), max_size=2).map(tuple),
    host=NAMES,
    vm=NAMES,
    source=NAMES,
    target=NAMES,
    time=st.none() | st.integers(-1000, 1000).map(lambda minutes: AT + minutes * MINUTE),
)


@given(st.lists(OBSERVATIONS, max_size=12))
def test_no_code_is_lost_and_nothing_is_counted_twice(seen: list[Observation]) -> None:
    found = join(seen)
    kept = [each for operation in found for each in operation.observations]
    assert {code for operation in found for code in operation.codes} == {code for each in seen for code in each.codes}
    assert len({id(each) for each in kept}) == len(kept)


def test_tens_of_thousands_of_entries_are_joined() -> None:
    seen = [entry(f"hv{n % 50:03}", timedelta(seconds=n), vm=f"vm{n % 1000}", codes=(f"0x8007{n % 4000:04X}",)) for n in range(20_000)]
    assert sum(1 + operation.again for operation in join(seen)) == 20_000
