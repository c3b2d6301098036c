"""Whole runs of the program: hosts of the lab, real controllers, and the KDC's own opinion of the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from checks import toml
from lab.forest import Forest
from lab.scenario import ControllerSpec, DomainSpec, HostSpec, Promise, Scenario, User, VmSpec
from tests.program import Ran, hvpreflight
from tests.samba.asking import READER
from tests.samba.cases import ANY_PROTOCOL, CIFS, HIDDEN, HOSTS, LAGGING, SOURCES, TARGET, TO_TARGET, both
from tests.samba.forest import PASSWORD, Forests
from tests.samba.kdc import Answer, Kdc

pytestmark = pytest.mark.samba

OPERATORS = ("hv-operator", "hv-chief")
DECIDING = ("delegation.cifs", "delegation.protocol", "access.delegatable")
"""The checks that say together whether the source may act for the operator towards cifs of the target."""


@contextmanager
def hosts(active: Forests, folder: Path, moves: Iterable[tuple[str, str]]) -> Iterator[Path]:
    """Hosts of the lab in contoso.test that use both of its real controllers, and the plan that moves a VM of each (source, operator)
    to the target."""
    controllers = (active.contoso.name, active.second.name)
    ids = active.contoso.change(sids=["hv-reader", *OPERATORS])
    users = [User(name, PASSWORD, rid=int(sid.rpartition("-")[2])) for name, sid in ids.items()]
    scenario = Scenario(
        title="hosts of a real domain",
        promise=Promise("INCOMPLETE"),
        plan={
            "moves": [
                {"vm": "LMTest", "source": source, "target": TARGET, "operator": f"CONTOSO\\{operator}", "destination_path": "D:\\LMTest"}
                for source, operator in moves
            ],
            "names": {"servers": [active.contoso.address]},
        },
        domains={
            "contoso.test": DomainSpec(
                netbios="CONTOSO",
                sid=ids["hv-reader"].rpartition("-")[0],
                controllers=dict.fromkeys(controllers, ControllerSpec()),
                users=tuple(users),
            )
        },
        hosts={
            name: HostSpec(
                management=f"10.0.0.{number}/24",
                migration=f"192.168.10.{number}/24",
                administrators=tuple(f"CONTOSO\\{operator}" for operator in OPERATORS),
                hyperv_administrators=(READER,),
                remote_management_users=(READER,),
                controller=controllers[number % 2],
                vms=(VmSpec("LMTest"),) if name != TARGET else (),
            )
            for number, name in enumerate(HOSTS, start=1)
        },
        collector=READER,
    )
    with Forest(scenario, external_directory=True) as forest:
        plan = folder / "plan.toml"
        plan.write_text(toml.dumps(forest.plan), encoding="utf-8")
        yield plan


def ran(plan: Path, folder: Path) -> Ran:
    return hvpreflight("check", plan, "--user", READER, "--out", folder, folder=folder, password=PASSWORD)


def outcomes(run: Ran, check: str, source: str) -> list[str]:
    """The outcomes of a check for the moves from a source, or for its pair, in the order of the plan."""
    return [f["outcome"] for f in run.result["findings"] if f["check"] == check and f["subject"]["source"] == source]


def test_the_program_and_the_kdc_are_of_one_mind_about_every_source_and_operator(
    active_directory: Forests, contoso_kdc: Kdc, tmp_path: Path, record_property: Callable[[str, str], None]
) -> None:
    cases = [(case, source.host, operator) for case, source in SOURCES.items() for operator in OPERATORS]
    with hosts(active_directory, tmp_path, [(host, operator) for _, host, operator in cases]) as plan:
        run = ran(plan, tmp_path / "run")
    table: list[tuple[str, str, bool, bool]] = []
    for case, host, operator in cases:
        says = all(outcomes(run, check, host)[OPERATORS.index(operator)] == "PASS" for check in DECIDING)
        kdc = all(contoso_kdc.acts_by_itself(host, operator, service) is Answer.YES for service in both(CIFS))
        table.append((case, operator, says, kdc))
    record_property("What hvpreflight and the KDC say", "\n".join(_lines(table)))
    assert [row for row in table if row[2] is not row[3]] == []
    assert {says for *_, says, _ in table} == {True, False}


def _lines(table: list[tuple[Any, ...]]) -> list[str]:
    rows = [("delegation", "operator", "hvpreflight", "KDC")]
    rows += [(case, operator, *("yes" if answer else "no" for answer in answers)) for case, operator, *answers in table]
    return [f"{case:30}{operator:14}{says:13}{kdc}" for case, operator, says, kdc in rows]


def test_what_the_reader_may_not_read_makes_no_go_and_no_no_go(active_directory: Forests, tmp_path: Path) -> None:
    with hosts(active_directory, tmp_path, [(HIDDEN, "hv-operator")]) as plan:
        run = ran(plan, tmp_path / "run")
    assert outcomes(run, "delegation.cifs", HIDDEN) == ["UNKNOWN"]
    judged = {each["check"]: each["outcome"] for each in run.result["findings"]}
    assert (judged["platform.clock"], judged["domain.service_names"]) == ("PASS", "PASS")
    assert run.result["verdict"] == "INCOMPLETE"


def test_a_change_that_the_second_controller_has_not_heard_of_is_a_blocker(frozen: Forests, tmp_path: Path) -> None:
    frozen.contoso.change(bits={LAGGING: ANY_PROTOCOL}, replace={LAGGING: {"msDS-AllowedToDelegateTo": TO_TARGET[:2]}})
    with hosts(frozen, tmp_path, [(LAGGING, "hv-operator")]) as plan:
        run = ran(plan, tmp_path / "run")
    assert outcomes(run, "delegation.replicated", LAGGING) == ["FAIL"]
    assert run.result["verdict"] == "NO-GO"
