"""The collector's script, as it is sent, in our own stand-in with one part after the other denied, absent or hanging: that costs exactly
the sections that need it, with the reason. And nothing that is read is left out of what is made to fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from checks.facts.fact import Missing
from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS
from lab import scenario
from lab.engine.runs import Engine
from lab.engine.world import world
from lab.failures import denied
from lab.host import Host
from lab.sids import Sids
from lab.windows import Language
from runner.collect.hosts.answer import read, read_log
from runner.collect.hosts.request import EventRange, Partner, Request, for_facts, for_logs
from runner.collect.hosts.script import script
from tests.engine.failing import ASKED, CANNOT, CLASSES, HYPERV, OUR_RUNS, TRIED_ON, Failure, read_of, title, together, tried
from tests.engine.test_reference_held_against import NOW
from tests.examples import in_turn

pytestmark = pytest.mark.engine

NAME, OTHER = "TestServer01", "TestServer02"
PARTNERS = (Partner(OTHER, (OTHER.lower(),), (), (6600, 445)),)
FILES = ("D:\\VMs\\LMTest\\LMTest.vhdx",)


def described(its: Mapping[str, Any]) -> dict[str, Any]:
    """The world of a host that has at least one of everything, changed."""
    ready = scenario.load("ready")
    newest = msgspec.structs.replace(ready, hosts=ready.hosts | {NAME: msgspec.structs.replace(ready.hosts[NAME], windows="2025")})
    host = Host(newest, NAME, Sids(newest), NOW)
    whole = world(host)
    (vm,) = whole["cmdlets"]["Get-VM:object[]"]
    whole["cmdlets"]["Get-VMAssignableDevice:object[]"].append({"VMId:guid": vm["Id:guid"]})
    whole["cmdlets"]["Get-VMGpuPartitionAdapter:object[]"].append({"VMId:guid": vm["Id:guid"], "SupportsOutgoingLiveMigration": True})
    whole["cmdlets"]["Get-VMSnapshot:object[]"].append({"VMId:guid": vm["Id:guid"], "Name": "before"})
    for asks, how in its.get("fails", {}).items():
        whole["fails"][asks] = {"hangs": True} if how == "hangs" else error(asks, host.language)
    for *way, last in its.get("absent", ()):
        place = whole
        for step in way:
            place = place[step]
        del place[last]
    for cmdlet, name in its.get("without", ()):
        rows = whole["cmdlets"][f"{cmdlet}:object[]"]
        held = [(row, key) for row in rows for key in row if key.partition(":")[0] == name]
        assert held, "something is taken away"
        for row, key in held:
            del row[key]
    return whole


def error(asks: str, language: Language) -> Any:
    origin = next(section.origin for section in SECTIONS.values() if section.origin.asks == asks)
    return msgspec.to_builtins(denied(origin, language))


def asked(engine: Engine, whole: Mapping[str, Any], request: Request) -> tuple[list[str], list[str]]:
    """The texts that come, and the sections that hang: as a visit does, the script runs again for those after it."""
    texts: list[str] = []
    given_up: list[str] = []
    waiting = request.sections
    while True:
        ran = engine.run(whole, script(waiting), {"Request": msgspec.structs.replace(request, sections=waiting).encoded()})
        assert ran.errors == []
        texts += ran.output[1:] if texts else ran.output
        if not ran.stopped:
            return texts, given_up
        given_up.append(waiting[len(ran.output) - 1])
        waiting = waiting[len(ran.output) :]


def missing(engine: Engine, its: Mapping[str, Any]) -> dict[str, Missing]:
    """What of a visit, and of a visit to the logs, is missing."""
    whole = described(its)
    facts, _ = read(*_of(asked(engine, whole, for_facts(PARTNERS, domains=("fabrikam.test",), files=FILES))))
    logs = read_log(*_of(asked(engine, whole, for_logs(EventRange()))))
    every = {name: getattr(facts, name) for name in HOST_FACTS} | {name: getattr(logs, name) for name in LOG_FACTS}
    return {name: fact for name, fact in every.items() if isinstance(fact, Missing)}


def _of(came: tuple[list[str], list[str]]) -> tuple[Any, ...]:
    texts, given_up = came
    return texts, NAME, NOW, given_up


@pytest.mark.parametrize("failures", in_turn(OUR_RUNS), ids=title)
def test_what_fails_costs_the_sections_that_need_it_and_no_other(engine: Engine, failures: list[Failure]) -> None:
    found = missing(engine, together(failures))
    assert {section: fact.reason.name for section, fact in found.items()} == {
        section: each.reason for each in failures if each.reason for section in each.sections
    }


# --- what is made to fail is all that there is ---


def test_every_class_and_cmdlet_that_is_read_is_made_to_fail() -> None:
    assert read_of("classes").keys() - CLASSES.keys() == {"__NAMESPACE"}
    assert read_of("objects").keys() - ASKED.keys() == {"Get-WinEvent", "Get-HgsClientConfiguration"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_made_to_fail_in_each_way_in_which_it_can(section: str) -> None:
    wanted = TRIED_ON[SECTIONS[section].origin.way] - frozenset(CANNOT.get(section, ((), ""))[0])
    assert wanted - tried()[section].keys() == frozenset()


def test_what_cannot_fail_is_not_made_to_fail() -> None:
    its = tried()
    assert {section for section, (kinds, _) in CANNOT.items() if its[section].keys() & kinds} == set()


def test_the_table_is_shown(record_property: Callable[[str, str], None]) -> None:
    its = tried()
    kinds = sorted({kind for each in its.values() for kind in each})
    rows = [[section, *(str(count[kind] or "·") for kind in kinds)] for section, count in its.items()]
    widths = [max(map(len, column)) for column in zip(["section", *kinds], *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (["section", *kinds], *rows)]
    record_property("Failures of each section, by kind", "\n".join(lines))
    assert its.keys() == SECTIONS.keys() >= HYPERV
