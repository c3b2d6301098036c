"""What small inputs that cost much bring: in each place where bytes of a host or a file come in, an end, a bounded memory, and no fact."""

from __future__ import annotations

import itertools
import json
import select
import socket
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from msgspec.structs import replace

from checks.check import Outcome
from checks.facts.fact import Reason
from checks.facts.host import HOST_FACTS, HostFacts
from checks.registry import all_checks
from lab.scenario import HostSpec
from lab.wsman import Reply, WSMan
from runner.collect.hosts.answer import read
from runner.collect.hosts.messages import Kind, Messages, failure_in, said
from runner.collect.hosts.visit import visit
from runner.collect.hosts.visits import Job, visit_all
from runner.collect.together import together
from runner.collect.unread import Unread
from runner.files.snapshot import SnapshotError, decode, encode, read_snapshot
from tests.attacks.bombs import CLIXML, ELSEWHERE, FRAGMENTS, JSON, LITERAL, SECRET_FILE, UNFINISHED, XML, message
from tests.collect.directories.forests import PATIENCE_S, credentials, details, forest, missing, target, whole_host
from tests.collect.hosts.hostile import NAME, failed, putting_out, serving, session_with, speaking, visit_to
from tests.program import environment, hvpreflight, program
from tests.world import AT, TestWorld, good

T = TypeVar("T")
MOST_MEMORY = 64 * 1024 * 1024
"""Of one reading, in bytes. No input here has more than two million."""
MOST_DATA = 128 * 1024 * 1024
"""Of a whole process, its modules included, in bytes."""
SECRET = "nobody at CONTOSO wrote this into a bomb"


class Trap:
    """A listener that must not be asked, and a file that must not be read: what stands in the bombs leads there."""

    def __init__(self, listening: socket.socket, file: Path) -> None:
        self.listening = listening
        self.page = b"http://127.0.0.1:%d/" % listening.getsockname()[1]
        self.file = file.as_uri().encode()

    def set_in(self, bomb: bytes) -> bytes:
        return bomb.replace(ELSEWHERE, self.page).replace(SECRET_FILE, self.file)

    def holds(self, said: object) -> None:
        assert not select.select([self.listening], [], [], 0)[0], "somebody called"
        assert SECRET not in repr(said)


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    file = tmp_path_factory.mktemp("secret") / "file"
    file.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Trap(listening, file)


def bounded(task: Callable[[], T]) -> T:
    """What a task returns or raises, which ends in time and takes a bounded memory."""
    tracemalloc.start()
    try:
        return together({"": task}, time.monotonic() + PATIENCE_S)[""]
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < MOST_MEMORY


# --- before the logon ---


@pytest.mark.parametrize("name", XML)
def test_a_fault_before_the_logon_is_not_even_looked_into(name: str, trap: Trap) -> None:
    body = trap.set_in(XML[name].within(b"<Envelope>%s</Envelope>"))

    def speech() -> Iterator[bytes]:
        yield b"HTTP/1.1 500 Broken\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    with speaking(speech) as server:
        facts = visit_to(server)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "HTTP 500"
    trap.holds(facts)


# --- after the logon: SOAP ---


class _Soap(WSMan):
    """Answers every request alike."""

    reply = Reply(200, b"")

    def handle(self, body: bytes) -> Reply:  # noqa: ARG002 - the base class's signature
        return self.reply


FAULT = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><s:Fault><s:Reason><s:Text>%s</s:Text></s:Reason>'
    b"</s:Fault></s:Body></s:Envelope>"
)


@pytest.fixture(scope="module")
def soap() -> Iterator[tuple[_Soap, Callable[[], HostFacts]]]:
    service = _Soap("TESTSERVER01", lambda _: ())
    with serving(service) as (where, signed_in):
        yield service, lambda: visit(where, (), signed_in, PATIENCE_S)[0]


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("name", XML)
def test_an_envelope_that_goes_off_leaves_the_host_unread(
    name: str, status: int, soap: tuple[_Soap, Callable[[], HostFacts]], trap: Trap
) -> None:
    service, visited = soap
    service.reply = Reply(status, trap.set_in(XML[name].within(FAULT)))
    facts = visited()
    assert whole_host(facts) is Reason.UNREADABLE
    assert len(details(facts)) < 500
    trap.holds(facts)


# --- after the logon: the messages of the session ---


def messages(data: bytes) -> list[tuple[Kind, str | None]]:
    """Kind and text of the messages that the bytes hold. Raises Unread."""
    return [(each.kind, each.root.text) for each in Messages().take(data)]


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragments_that_contradict_themselves_are_no_message(name: str) -> None:
    with pytest.raises(Unread) as raised:
        bounded(lambda: messages(FRAGMENTS[name]))
    assert raised.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("name", UNFINISHED)
def test_fragments_that_never_end_are_nothing_yet(name: str) -> None:
    assert bounded(lambda: messages(UNFINISHED[name])) == []


@pytest.mark.parametrize("name", XML)
def test_a_message_that_goes_off_is_no_message_or_what_it_says_literally(name: str, trap: Trap) -> None:
    content = trap.set_in(XML[name].within(b"<S>%s</S>"))
    try:
        said = bounded(lambda: messages(message(Kind.PIPELINE_OUTPUT, content)))
    except Unread as error:
        refused = error
    else:
        ((_, text),) = said
        assert name in LITERAL
        assert not text or text.encode() in content
        trap.holds(said)
        return
    assert refused.reason is Reason.UNREADABLE
    trap.holds(refused)


def ends_with(name: str, trap: Trap) -> bytes:
    """The end of a pipeline, with a bomb in its error record."""
    return message(Kind.PIPELINE_STATE, trap.set_in(failed("%s").encode().replace(b"%s", CLIXML[name])))


@pytest.mark.parametrize("name", CLIXML)
def test_an_error_record_that_goes_off_tells_no_more_than_its_type(name: str, trap: Trap) -> None:
    try:
        told = bounded(lambda: [failure_in(each.root, "ExceptionAsErrorRecord") for each in Messages().take(ends_with(name, trap))])
    except Unread as error:
        refused = error
    else:
        (failure,) = told
        assert failure is not None
        assert str(replace(failure, text="")) == "System.Exception; Strange"
        assert not failure.text.strip("9.")
        trap.holds(failure)
        return
    assert refused.reason is Reason.UNREADABLE
    trap.holds(refused)


@pytest.mark.parametrize("name", ["references in a circle", "lists in lists", "a document in it", "a version of many digits"])
def test_a_host_whose_error_record_goes_off_is_unread(name: str, trap: Trap) -> None:
    with session_with(ends_with(name, trap)) as visited:
        facts = visited()
    assert whole_host(facts) is Reason.UNREADABLE
    assert len(details(facts)) < 500
    trap.holds(facts)


@pytest.mark.parametrize("name", CLIXML)
def test_an_output_that_is_no_text_is_none(name: str, trap: Trap) -> None:
    with suppress(Unread):
        (output,) = Messages().take(message(Kind.PIPELINE_OUTPUT, trap.set_in(b"<Obj>%s</Obj>".replace(b"%s", CLIXML[name]))))
        assert said(output.root) is None


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("_x0041_" * 10_000, "A" * 10_000),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("_xD800_", None),
        ("_xDE00__xD83D_", None),
        ("_x005F_x0041_", "_x0041_"),
        ("_x0000_", "\0"),
        ("_xZZZZ__x12_", "_xZZZZ__x12_"),
    ],
    ids=["many", "a pair", "a half", "halves in the wrong order", "escaped", "NUL", "none"],
)
def test_escapes_of_a_text_are_characters_or_no_text(written: str, read_as: str | None) -> None:
    (output,) = Messages().take(message(Kind.PIPELINE_OUTPUT, f"<S>{written}</S>".encode()))
    if read_as is None:
        with pytest.raises(Unread):
            said(output.root)
    else:
        assert bounded(lambda: said(output.root)) == read_as


def test_a_host_that_goes_off_costs_no_other_host_a_fact() -> None:
    """One by its envelopes, one by its messages, beside one that answers."""
    soap = _Soap("TESTSERVER01", lambda _: ())
    soap.reply = Reply(200, XML["entities of entities"].within(FAULT))
    with (
        forest(TestServer03=HostSpec(windows="2019")) as running,
        serving(soap) as (first, _),
        serving(putting_out(FRAGMENTS["rubbish"])) as (second, _),
    ):
        targets = (replace(first, name="TestServer01"), replace(second, name="TestServer02"), target(running, "TestServer03"))
        found = visit_all([Job(each) for each in targets], credentials(running), host_deadline_s=PATIENCE_S)
    assert len(found.hosts) == 3
    assert missing(found.hosts[targets[2].name]) == {}
    assert whole_host(found.hosts[targets[1].name]) is whole_host(found.hosts[targets[0].name]) is Reason.UNREADABLE


# --- JSON in an answer ---


@cache
def answer(host: str = "testserver01") -> dict[str, bytes]:
    """The sections of an answer from which every fact is read, by name; what comes first has the name of the empty text."""
    facts = good().snapshot.hosts[host]
    sections = {name: {"name": name, "ok": True, "ms": 1, "value": getattr(facts, name).value} for name in HOST_FACTS}
    return {name: msgspec.json.encode(section) for name, section in {"": {"frame": 2, "engine": "5.1"}, **sections}.items()}


def facts_in(sections: dict[str, bytes]) -> HostFacts:
    return read([section.decode("utf-8", "replace") for section in sections.values()], NAME, AT)[0]


def test_the_answer_that_bombs_are_put_into_is_a_whole_one() -> None:
    assert missing(facts_in(answer())) == {}


@pytest.mark.parametrize("name", JSON)
def test_a_value_that_goes_off_costs_its_section_and_no_other(name: str) -> None:
    section = b'{"name":"vms","ok":true,"ms":1,"value":%s}'.replace(b"%s", JSON[name])
    assert missing(bounded(lambda: facts_in(answer() | {"vms": section}))) == {"vms": Reason.UNREADABLE}


@pytest.mark.parametrize(
    "around",
    [
        b"%s",
        b'{"name":%s,"ok":true,"ms":1,"value":[]}',
        b'{"name":"vms","ok":%s,"ms":1,"value":[]}',
        b'{"name":"vms","ok":false,"ms":1,"value":null,"error":%s}',
        b'{"name":"vms","ok":false,"ms":1,"value":null,"error":{"type":%s}}',
        b'{"name":"vms","ok":false,"ms":1,"value":null,"error":{"native":%s}}',
    ],
    ids=["section", "name", "ok", "error", "type", "native"],
)
def test_whatever_goes_off_in_a_section_costs_no_other(around: bytes) -> None:
    for bomb in JSON.values():
        facts = facts_in(answer() | {"vms": around.replace(b"%s", bomb)})
        assert missing(facts) in ({"vms": Reason.UNREADABLE}, {"vms": Reason.NOT_COLLECTED})
        assert len(details(facts)) < 500


@pytest.mark.parametrize("around", [b"%s", b'{"frame":%s,"engine":"5.1"}', b'{"frame":2,"engine":[%s]}'], ids=["all", "frame", "engine"])
def test_whatever_goes_off_at_the_beginning_is_no_answer(around: bytes) -> None:
    for bomb in JSON.values():
        with pytest.raises(Unread) as raised:
            facts_in(answer() | {"": around.replace(b"%s", bomb)})
        assert raised.value.reason is Reason.UNREADABLE
        assert len(str(raised.value)) < 500


def test_sections_that_nobody_asked_for_change_nothing() -> None:
    strangers = {f"stranger {n}": b'{"name":"stranger %d","ok":true,"ms":1,"value":[]}' % n for n in range(20_000)}
    assert bounded(lambda: facts_in(answer() | strangers)) == facts_in(answer())


EXTREMES: dict[str, tuple[type, Any]] = {
    "as many digits as Python reads": (int, int("9" * 4300)),
    "as many digits below zero": (int, -int("9" * 4299)),
    "the first day": (datetime, "0001-01-01T00:00:00+14:00"),
    "the last day": (datetime, "9999-12-31T23:59:59-14:00"),
    "digits": (str, "9" * 5000),
    "a network of nobody": (str, "1.2.3.4/99999999999999999999"),
}


def with_one(value: Any, kind: type, to: Any) -> Iterator[Any]:
    """A value of an answer as often as it has one of a kind, each time with another one of them changed."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        for changed in with_one(item, kind, to):
            copy = value.copy()
            copy[step] = changed
            yield copy
    if kind_of(value) is kind:
        yield to


def kind_of(value: Any) -> type:
    if isinstance(value, str) and value.endswith("Z") and value[:2] == "20":
        return datetime
    return type(value)


@pytest.mark.parametrize("name", EXTREMES)
def test_the_most_that_a_value_can_be_is_refused_or_judged_without_an_error_of_our_own(name: str) -> None:
    kind, to = EXTREMES[name]
    world = good()
    checks = [(replace(check, depends_on=()), {name.partition(".")[2] for name in check.facts}) for check in all_checks()]
    for host, section in itertools.product(("testserver01", "testserver02"), HOST_FACTS):
        said = json.loads(answer(host)[section])
        looking = tuple(check for check, reads in checks if section in reads or section in ("computer", "vms"))
        refused = False
        for value in with_one(said["value"], kind, to):
            facts = facts_in(answer(host) | {section: json.dumps(said | {"value": value}).encode()})
            if missing(facts):
                assert missing(facts) == {section: Reason.UNREADABLE}
                if refused:
                    continue
                refused = True
            snapshot = replace(world.snapshot, hosts=world.snapshot.hosts | {host: facts})
            assert encode(snapshot)
            assert [found for found in TestWorld(world.plan, snapshot).result(looking).findings if found.outcome is Outcome.ERROR] == []


# --- files ---


@pytest.mark.parametrize(
    "around",
    [b"%s", b'{"format":%s}', b'{"format":"hvpreflight.snapshot/2","hosts":%s}', b'{"format":"hvpreflight.snapshot/1","hosts":%s}'],
    ids=["all", "format", "hosts", "hosts of an old one"],
)
def test_a_snapshot_that_goes_off_is_refused(around: bytes, tmp_path: Path) -> None:
    for number, bomb in enumerate(JSON.values()):
        file = tmp_path / f"{number}.json"
        file.write_bytes(around.replace(b"%s", bomb))
        with pytest.raises(SnapshotError):
            read_snapshot(file, AT)


@pytest.mark.parametrize("name", JSON)
def test_what_goes_off_inside_a_whole_snapshot_is_refused(name: str) -> None:
    content = encode(good().snapshot).rstrip().removesuffix(b"}") + b',"surprise":%s}'.replace(b"%s", JSON[name])
    with pytest.raises(SnapshotError) as raised:
        bounded(lambda: decode(content, "snapshot.json", AT + timedelta(hours=1)))
    assert len(str(raised.value)) < 500


EVENT = b"<Events><Event><EventData><Data>%s</Data></EventData></Event></Events>"
FILES = (
    *(bomb.within(b'<Objs Version="1.1.0.1"><S S="Error">%s</S></Objs>') for bomb in XML.values()),
    *(bomb.within(EVENT) for bomb in XML.values()),
    *(b"<Objs>%s</Objs>".replace(b"%s", bomb) for bomb in CLIXML.values()),
    *(b'[{"Id":1,"LogName":"x","Message":%s}]'.replace(b"%s", bomb) for bomb in JSON.values()),
    b"Move-VM : No credentials are available (0x8009030E).",
)


def test_behind_all_files_that_go_off_the_program_still_finds_the_code(tmp_path: Path, trap: Trap) -> None:
    """In one process: of all files together the program holds no more than of one."""
    files = [tmp_path / f"{number}.txt" for number in range(len(FILES))]
    for file, content in zip(files, FILES, strict=True):
        file.write_bytes(trap.set_in(content))
    command = program("diagnose", "--format", "json", *files)
    place = command.index("-c") + 1
    command[place] = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, ({MOST_DATA}, {MOST_DATA})); {command[place]}"
    done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "0x8009030E" in done.stdout
    assert "Traceback" not in done.stderr
    said = done.stdout, done.stderr
    trap.holds(said)


def test_the_program_refuses_a_snapshot_that_goes_off_in_a_sentence(tmp_path: Path) -> None:
    file, plan = tmp_path / "snapshot.json", tmp_path / "plan.toml"
    file.write_bytes(JSON["objects in objects"])
    plan.write_text('[[moves]]\nvm = "LMTest"\nsource = "TestServer01"\ntarget = "TestServer02"\noperator = "CONTOSO\\\\hv-operator"\n')
    ran = hvpreflight("check", plan, "--snapshot", file, "--out", tmp_path / "run")
    assert ran.code not in (0, 1)
    assert "may be truncated" in ran.err
    assert "Traceback" not in ran.err
