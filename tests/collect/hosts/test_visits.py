"""Many visits at once: nobody holds up the others, the run or the end of the program."""

from __future__ import annotations

import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HostFacts, missing_host
from checks.facts.machines import Disk
from checks.facts.migration import MigrationListener
from checks.facts.system import Computer, DomainRole
from checks.plan import HostEntry, Move, Plan
from checks.text import text
from checks.windows.names import HostName
from lab.scenario import Fault, HostSpec, VmSpec
from lab.serving import Serving
from runner.collect.credentials import Credentials
from runner.collect.hosts.partners import Questions
from runner.collect.hosts.request import MOST_ADDRESSES
from runner.collect.hosts.target import Target
from runner.collect.hosts.visits import DONE, READING, Job, visit_all, visit_plan
from runner.collect.snapshot import visited
from runner.options import Collector, Limits
from tests.collect.directories.forests import PATIENCE_S, credentials, details, forest, known, missing, plan_of, target, whole_host
from tests.program import environment

AT = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
GOOD = HostSpec(windows="2019")
NOBODY = Credentials("CONTOSO\\nobody", "not a password of anyone")


class _Dripping(socketserver.BaseRequestHandler):
    """Sends a header that never ends, so that no time-out of a single read is ever reached."""

    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        self.request.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.over.wait(0.05):
            self.request.sendall(b"x")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dripping)
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever is abandoned hangs up."""


@pytest.fixture
def dripping() -> Iterator[Target]:
    """A host that answers without end."""
    with _Server() as server, Serving(server):
        yield Target("Dripping", "127.0.0.1", server.server_address[1], "dripping.contoso.test")
        server.over.set()


# --- deadlines ---


def test_of_thirty_hosts_one_that_hangs_costs_only_its_own_facts() -> None:
    hosts = {f"HV{number:02}": GOOD for number in range(30)} | {"HV07": HostSpec(windows="2019", fault=Fault.HANGS)}
    with forest(**hosts) as running:
        jobs = [Job(target(running, name)) for name in hosts]
        result = visit_all(jobs, credentials(running), concurrency=4, host_deadline_s=4.0)
    assert list(missing(result.hosts[HostName("hv07")]).values()) == [Reason.TIMED_OUT] * len(missing(result.hosts[HostName("hv07")]))
    assert {name for name, facts in result.hosts.items() if missing(facts)} == {HostName("hv07")}
    assert len(result.hosts) == len(result.visits) == 30
    assert not result.interrupted


def test_a_host_that_answers_without_end_is_abandoned_and_its_place_given_to_the_next(dripping: Target) -> None:
    with forest(TestServer01=GOOD) as running:
        jobs = [Job(dripping), Job(target(running, "TestServer01"))]
        result = visit_all(jobs, credentials(running), concurrency=1, host_deadline_s=3.0)
    assert whole_host(result.hosts[HostName("dripping")]) is Reason.TIMED_OUT
    assert missing(result.hosts[HostName("testserver01")]) == {}


def test_the_deadline_of_the_run_ends_visits_under_way_and_those_not_begun(dripping: Target) -> None:
    jobs = [Job(replace(dripping, name=name)) for name in ("HV01", "HV02", "HV03")]
    result = visit_all(jobs, NOBODY, concurrency=1, host_deadline_s=PATIENCE_S, run_deadline_s=0.3)
    assert [whole_host(facts) for facts in result.hosts.values()] == [Reason.TIMED_OUT] * 3
    assert not result.interrupted


def test_a_run_without_time_contacts_nobody_and_says_so() -> None:
    with forest(TestServer01=GOOD) as running:
        result = visit_all([Job(target(running, "TestServer01"))], credentials(running), run_deadline_s=0.0)
        assert running.hosts["TestServer01"].requests == []
    assert whole_host(result.hosts[HostName("testserver01")]) is Reason.TIMED_OUT
    assert "the whole run" in details(result.hosts[HostName("testserver01")])


def test_abandoned_visits_do_not_keep_the_program_from_ending(dripping: Target) -> None:
    script = (
        "from runner.collect.hosts.visits import Job, visit_all\n"
        "from runner.collect.hosts.target import Target\n"
        "from runner.collect.credentials import Credentials\n"
        "from checks.windows.names import HostName\n"
        f"jobs = [Job(Target('HV01', '127.0.0.1', {dripping.port}, 'hv01'))]\n"
        "print(visit_all(jobs, Credentials('u', 'p'), host_deadline_s=0.3).hosts[HostName('hv01')].os.reason)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "timed out"), ended.stderr


# --- interruption and progress ---


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_keeps_what_is_there(dripping: Target) -> None:
    def interrupt_after_the_first(name: str, state: str) -> None:
        if (name, state) == ("TestServer01", DONE):
            signal.raise_signal(signal.SIGINT)

    with forest(TestServer01=GOOD) as running:
        jobs = [Job(target(running, "TestServer01")), Job(dripping), Job(replace(dripping, name="NeverBegun"))]
        result = visit_all(jobs, credentials(running), concurrency=2, host_deadline_s=PATIENCE_S, progress=interrupt_after_the_first)
    assert result.interrupted
    assert missing(result.hosts[HostName("testserver01")]) == {}
    assert whole_host(result.hosts[HostName("dripping")]) is Reason.NOT_COLLECTED
    assert whole_host(result.hosts[HostName("neverbegun")]) is Reason.NOT_COLLECTED


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_among_the_targets_leaves_the_sources_unvisited_but_not_unnamed() -> None:
    def interrupt(_: str, state: str) -> None:
        if state == READING:
            signal.raise_signal(signal.SIGINT)

    with forest((("TestServer01", "TestServer02"),), TestServer01=GOOD, TestServer02=GOOD) as running:
        result = visit_plan(plan_of(running), credentials(running), progress=interrupt)
        assert running.hosts["TestServer01"].requests == []
    assert result.interrupted
    assert whole_host(result.hosts[HostName("testserver01")]) is Reason.NOT_COLLECTED


def test_progress_tells_what_each_host_is_at() -> None:
    seen: list[tuple[str, str]] = []
    hosts = {"TestServer01": GOOD, "TestServer02": HostSpec(windows="2019", fault=Fault.REFUSES)}
    with forest(**hosts) as running:
        jobs = [Job(target(running, name)) for name in hosts]
        visit_all(jobs, credentials(running), progress=lambda name, state: seen.append((name, state)))
    assert sorted(seen) == [
        ("TestServer01", DONE),
        ("TestServer01", READING),
        ("TestServer02", READING),
        ("TestServer02", Reason.UNREACHABLE),
    ]


# --- who is asked about whom ---


def test_a_source_tries_the_addresses_on_which_its_target_says_it_listens() -> None:
    hosts = {
        "TestServer01": HostSpec(windows="2019", management="10.0.0.1/24", migration="192.168.10.1/24"),
        "TestServer02": HostSpec(windows="2019", management="10.0.0.2/24", migration="192.168.10.2/24"),
    }
    with forest((("TestServer01", "TestServer02"),), **hosts) as running:
        result = visit_plan(plan_of(running), credentials(running))
    (of_target,) = known(result.hosts[HostName("testserver01")])["partners"]
    assert ("192.168.10.2", 6600, True) in {(port.address, port.port, port.open) for port in of_target.ports}
    (of_source,) = known(result.hosts[HostName("testserver02")])["partners"]
    assert of_source.partner == "TestServer01"
    assert [port.port for port in of_source.ports] == [445]
    assert of_source.names


def test_every_host_of_a_plan_is_visited_once() -> None:
    moves = (("HV01", "HV02"), ("HV02", "HV01"), ("HV01", "HV03"))
    with forest(moves, HV01=GOOD, HV02=GOOD, HV03=GOOD) as running:
        result = visit_plan(plan_of(running), credentials(running))
        assert {name: host.requests.count("Create") for name, host in running.hosts.items()} == {"HV01": 1, "HV02": 1, "HV03": 1}
    assert set(result.hosts) == {HostName("hv01"), HostName("hv02"), HostName("hv03")}
    assert all(missing(facts) == {} for facts in result.hosts.values())


def plan(*pairs: tuple[str, str], **hosts: HostEntry) -> Plan:
    return Plan(moves=tuple(Move("*", source, target, "CONTOSO\\hv-operator") for source, target in pairs), hosts=hosts)


def facts_with(**changes: object) -> HostFacts:
    nothing = missing_host(Reason.NOT_COLLECTED, text("a test"), AT)
    return replace(nothing, **{name: Known(value, text("a test"), AT) for name, value in changes.items()})


COMPUTER = Computer("TESTSERVER02", "TestServer02", "contoso.test", DomainRole.MEMBER_SERVER, joined=True)


def test_both_directions_are_asked_for_names_and_shares_and_only_the_way_there_for_what_a_move_goes_over() -> None:
    there = plan(("TestServer01", "TestServer02"))
    (forward,) = Questions(there).to(HostName("testserver01"), {})
    (backward,) = Questions(there).to(HostName("testserver02"), {})
    assert (forward.partner, forward.ports) == ("TestServer02", (6600, 445, 5985))
    assert (backward.partner, backward.names, backward.ports) == ("TestServer01", ("TestServer01",), (445,))


def test_a_host_that_is_source_and_target_of_another_is_asked_about_it_once() -> None:
    (partner,) = Questions(plan(("HV01", "HV02"), ("HV02", "HV01"))).to(HostName("hv01"), {})
    assert (partner.partner, partner.ports) == ("HV02", (6600, 445, 5985))


def test_of_a_host_with_another_name_in_the_directory_both_full_names_and_both_short_ones_are_asked_for() -> None:
    host, other = HostName("testserver02"), HostName("oldname.contoso.test")
    questions = Questions(plan(("TestServer01", "TestServer02"), ("TestServer03", "TestServer01")), {host: other})
    (about, _) = questions.to(HostName("testserver01"), {host: facts_with(computer=COMPUTER)})
    assert about.names == ("TestServer02.contoso.test", "TestServer02", "oldname.contoso.test", "oldname")
    assert questions.concerned == (HostName("testserver01"),)
    back = Questions(plan(("TestServer01", "TestServer02")), {HostName("testserver01"): other})
    assert back.concerned == (host,), "a target is asked about a source too"


def test_a_host_is_not_asked_about_itself() -> None:
    assert Questions(plan(("HV01", "hv01"))).to(HostName("hv01"), {}) == ()


@pytest.mark.parametrize(
    ("spelled", "entry", "facts", "names"),
    [
        ("TestServer02", HostEntry(), {}, ("TestServer02",)),
        ("TestServer02", HostEntry(fqdn="testserver02.contoso.test"), {}, ("testserver02.contoso.test", "testserver02")),
        ("testserver02.contoso.test.", HostEntry(), {}, ("testserver02.contoso.test", "testserver02")),
        ("TestServer02", HostEntry(), {"computer": COMPUTER}, ("TestServer02.contoso.test", "TestServer02")),
        ("TestServer02", HostEntry(), {"computer": replace(COMPUTER, joined=False, domain="WORKGROUP")}, ("TestServer02",)),
        ("10.0.0.2", HostEntry(), {}, ("10.0.0.2",)),
        ("10.0.0.2", HostEntry(), {"computer": COMPUTER}, ("TestServer02.contoso.test", "TestServer02", "10.0.0.2")),
        ("alias", HostEntry(fqdn="testserver02.contoso.test"), {}, ("testserver02.contoso.test", "testserver02", "alias")),
    ],
)
def test_a_host_is_asked_for_by_its_full_its_short_and_its_planned_name(
    spelled: str, entry: HostEntry, facts: dict[str, object], names: tuple[str, ...]
) -> None:
    of = Plan(moves=(Move("*", "HV01", spelled, "CONTOSO\\hv-operator"),), hosts={spelled: entry})
    (host,) = {target for _, target in of.pairs}
    assert tuple(name.lower() for name in Questions(of).names(host, {host: facts_with(**facts)})) == tuple(name.lower() for name in names)


def listening(*addresses: str) -> dict[HostName, HostFacts]:
    return {HostName("hv02"): facts_with(migration_listener=MigrationListener(addresses, 0, 0))}


def test_addresses_that_others_cannot_reach_or_that_are_none_are_not_tried() -> None:
    told = (
        "192.168.10.2",
        "fe80::5efe:10.0.0.2%14",
        "fe80::1",
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "not an address",
        "",
        "fd00::2",
        "192.168.10.2",
    )
    assert Questions(plan(("HV01", "HV02"))).addresses(HostName("hv02"), listening(*told)) == ("192.168.10.2", "fd00::2")


def test_addresses_of_the_plan_are_tried_besides_those_the_host_tells() -> None:
    of = plan(("HV01", "HV02"), HV02=HostEntry(migration_addresses=("10.9.9.9", "no address")))
    assert Questions(of).addresses(HostName("hv02"), listening("192.168.10.2")) == ("10.9.9.9", "192.168.10.2")
    assert Questions(of).addresses(HostName("hv02"), {}) == ("10.9.9.9",)


def test_the_zone_of_a_planned_address_is_the_number_of_an_interface_of_the_host_that_tries_it() -> None:
    written = ("fe80::b%12", "fe80::c%eth0", "fe80::d%99999999999", "fe80::e%", "fd00::2%3", "169.254.1.2")
    of = plan(("HV01", "HV02"), HV02=HostEntry(migration_addresses=written))
    tried = Questions(of).addresses(HostName("hv02"), {})
    assert tried == ("fe80::b%12", "fe80::c", "fe80::d", "fe80::e", "fd00::2", "169.254.1.2")


def test_no_host_can_send_others_to_a_whole_network() -> None:
    told = listening(*(f"10.1.{part}.{last}" for part in range(4) for last in range(1, 250)))
    assert len(Questions(plan(("HV01", "HV02"))).addresses(HostName("hv02"), told)) == MOST_ADDRESSES


def test_a_target_over_tls_is_tried_on_the_port_of_winrm_over_tls() -> None:
    assert Questions(plan(("HV01", "HV02"), HV02=HostEntry(tls=True))).ports(HostName("hv02")) == (6600, 445, 5986)


def test_what_is_missing_of_a_target_is_no_reason_to_ask_less() -> None:
    silent = {HostName("hv02"): missing_host(Reason.TIMED_OUT, text("visit"), AT)}
    assert isinstance(silent[HostName("hv02")].os, Missing)
    (partner,) = Questions(plan(("HV01", "HV02"))).to(HostName("hv01"), silent)
    assert (partner.names, partner.addresses, partner.ports) == (("HV02",), (), (6600, 445, 5985))


# --- servers that only paths name ---


def on_file_server(*, alone: bool) -> Plan:
    path = None if alone else "\\\\FS01\\vms"
    return Plan(moves=(Move("LMTest", "HV01", "HV02", "CONTOSO\\hv-operator", include_storage=not alone, destination_path=path),))


def test_whoever_has_to_reach_a_file_server_is_asked_in_its_one_visit_or_where_only_a_vm_names_it_in_one_more() -> None:
    share = "\\\\FS01\\vms"
    vm = VmSpec("LMTest", disks=(Disk(f"{share}\\a.vhdx", pass_through=False, shared=False),))
    hosts = {
        "HV01": replace(GOOD, management="10.0.0.1/24", vms=(vm,)),
        "HV02": replace(GOOD, management="10.0.0.2/24"),
        "FS01": replace(GOOD, management="10.0.0.9/24", hyperv=False),
    }
    for alone, visits in ((False, {"HV01": 1, "HV02": 1, "FS01": 0}), (True, {"HV01": 1, "HV02": 2, "FS01": 0})):
        with forest((("HV01", "HV02"),), **hosts) as running:
            of = replace(on_file_server(alone=alone), hosts=plan_of(running).hosts, connection=plan_of(running).connection)
            snapshot = visited(of, credentials(running), Collector("CONTOSO\\hv-reader", "admin01", "test"), Limits(), lambda *_: None)
            assert {name: host.requests.count("Create") for name, host in running.hosts.items()} == visits
        answers = {each.partner: each for each in known(snapshot.hosts["hv02"])["partners"]}
        assert {(port.address, port.port, port.open) for port in answers["FS01"].ports} == {("10.0.0.9", 445, True)}
