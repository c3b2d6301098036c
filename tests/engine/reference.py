"""The reference for Windows, where it lies beside the project: it runs the collector's script as it is sent against hosts that a JSON
text describes, and makes single parts of them fail."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from checks.facts.fact import Known
from checks.facts.host import HOST_FACTS, LOG_FACTS, HostFacts, LogFacts
from checks.text import plain
from runner.collect.hosts.answer import read, read_log
from runner.collect.hosts.request import EventRange, Partner, for_facts, for_logs
from runner.collect.hosts.script import script
from tests.lanes import lacking

FOLDER = Path(__file__).parents[3] / "shared" / "windows"
LACKING = "the reference for Windows is needed: ../shared/windows beside the project"
MOST_ALIKE = 60
AT = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)


class Run(NamedTuple):
    """What came of one visit: the facts, how often each command was called, and what the reference could not stand in for."""

    facts: HostFacts
    calls: dict[str, int]
    gaps: set[str]

    @property
    def values(self) -> dict[str, Any]:
        return {name: fact.value for name in HOST_FACTS if isinstance(fact := getattr(self.facts, name), Known)}

    @property
    def missing(self) -> dict[str, str]:
        """The reasons of the sections that failed."""
        return {name: fact.reason.name for name in HOST_FACTS if not isinstance(fact := getattr(self.facts, name), Known)}

    def detail(self, name: str) -> str:
        return plain(getattr(self.facts, name).detail)


class Reference:
    """One engine process for all runs."""

    def __init__(self, engine: Path) -> None:
        specification = importlib.util.spec_from_file_location("hvstub", FOLDER / "hvstub.py")
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        self._stand_in = module.StandIn(engine, state=os.environ.get("HVSTUB_STATE"))

    def close(self) -> None:
        self._stand_in.close()

    def run(
        self, world: str | Mapping[str, Any], host: str, code: str, arguments: Mapping[str, Any], *, gaps: bool = False
    ) -> dict[str, Any]:
        """What the reference tells of a script that runs on a host of a world (or of one of its own, by name) and fails nowhere."""
        answer: dict[str, Any] = self._stand_in.run(world, host, code=code, arguments=arguments, gaps=gaps)
        assert answer["errors"] == [], answer["errors"]
        return answer

    def visit(self, world: Mapping[str, Any], host: str, partners: Iterable[Partner] = (), sections: tuple[str, ...] = HOST_FACTS) -> Run:
        """The facts of one host of a world, by the script and the request of an ordinary visit."""
        request = for_facts(tuple(partners), sections, domains=("fabrikam.test",)).encoded()
        answer = self.run(world, host, script(sections), {"Request": request}, gaps=True)
        facts, _ = read(answer["output"], host, AT)
        return Run(facts, answer["calls"], {gap["Kind"] for gap in answer["gaps"]})

    def logs(self, world: Mapping[str, Any], host: str) -> LogFacts:
        """The entries of a host's event logs, by the script and the request of a visit to them."""
        answer = self.run(world, host, script(LOG_FACTS), {"Request": for_logs(EventRange()).encoded()})
        return read_log(answer["output"], host, AT)


def world(name: str) -> dict[str, Any]:
    """One of the reference's own worlds, of many VMs that are alike not more than are sent in several fragments."""
    described: dict[str, Any] = json.loads((FOLDER / "worlds" / f"{name}.json").read_text("utf-8"))
    for vm in (vm for host in described["hosts"].values() for vm in host.get("vms", ())):
        if "repeat" in vm:
            vm["repeat"] = min(vm["repeat"], MOST_ALIKE)
    return described


def reference_lane() -> None:
    """Ends the calling test where there is no reference."""
    if not (FOLDER / "hvstub.py").exists():
        lacking(LACKING)
