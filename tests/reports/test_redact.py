"""A result without the names of a house: none of them is left in any form of it, and each is the same token everywhere."""

from __future__ import annotations

import re
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome
from checks.result import Result
from checks.text import text
from checks.waiver import Waiver
from reports.language import Language
from reports.redact import key_file, redact
from runner.commands.report import FORMS, Source
from tests.reports import sample
from tests.world import HV_ADMINS, account, good, vm

ENGLISH = Language("en")


def forms(result: Result) -> dict[str, str]:
    texts = {name: form for name, form in FORMS.items() if name != "pdf"}
    return {name: str(form(result, ENGLISH, sample.BEFORE_THE_END, Source())) for name, form in texts.items()}


def test_no_name_address_or_sid_of_a_real_run_is_left_in_any_form() -> None:
    world = good().account("testserver01", delegate_to=account("TestServer01", 1, "TestServer02").delegate_to[:1])
    groups = {"S-1-5-32-544": ("S-1-5-21-1-2-3-500",), HV_ADMINS: ()}
    world = world.set("hosts.testserver02.migration.any_network", True).set("hosts.testserver02.local_groups", groups)
    world = world.set("hosts.testserver01.vms", (vm("LMTest"), vm("PAYROLL", id="2")))
    result = world.move(launch_from="jump07.fabrikam.test", destination_path="\\\\filer12\\vms").result()
    hidden, names = redact(result)
    gone = (
        "jump07",
        "fabrikam",
        "filer12",
        "payroll",
        "testserver01",
        "testserver02",
        "lmtest",
        "hv-operator",
        "contoso",
        "192.168.",
        "s-1-5-21-",
    )
    whole = msgspec.json.encode(result).decode().lower()
    assert [name for name in gone if name not in whole] == [], "this run names them all"
    for form, shown in forms(hidden).items():
        assert [name for name in gone if name in shown.lower()] == [], form
    assert {kind for kind, count in hidden.redacted.items() if count} == {"HOST", "VM", "ACCOUNT", "DOMAIN", "ADDRESS", "SID"}
    assert (hidden.verdict, hidden.counts) == (result.verdict, result.counts)
    assert {names[token] for token in ("HOST-01", "HOST-02", "VM-01")} == {"TestServer01", "TestServer02", "LMTest"}


def test_a_name_is_the_same_token_in_ids_sentences_and_other_peoples_words() -> None:
    way = sample.move("LMTest", "TestServer01", "TestServer02.contoso.test")
    said = sample.finding(
        "vm.running",
        way,
        Outcome.FAIL,
        "{vm} uses {paths}",
        sample.read("disks", ("D:\\VMs\\LMTest_data.vhdx", "cifs/FILE07.contoso.test"), source="testserver01: Get-VM"),
        vm="LMTest",
        paths=(text("a share of {server}", server="file07"),),
    )
    accepted = Waiver(finding="vm.running", reason="lmtest is going away", approved_by="J. Doe, change board", expires=date(2027, 1, 1))
    hidden, names = redact(sample.result([way], [replace(said, waiver=accepted)]))
    (finding,) = hidden.findings
    tokens = {name: token for token, name in names.items()}
    vm, file, domain = tokens["LMTest"], tokens["FILE07"], tokens["contoso.test"]
    assert finding.id.startswith(f"vm.running@{vm}@")
    assert finding.message.text == f"{vm} uses a share of {file}"
    assert finding.message.template == "{vm} uses {paths}"
    assert finding.evidence[0].actual == (f"D:\\VMs\\{vm}_data.vhdx", f"cifs/{file}.{domain}")
    assert finding.waiver is not None
    assert finding.waiver.reason == f"{vm} is going away"
    assert "Doe" not in finding.waiver.approved_by


@pytest.mark.parametrize("name", ["no_go", "conditions", "incomplete", "empty", "hostile"])
def test_whatever_the_names_are_the_report_stays_whole(name: str) -> None:
    result: Result = getattr(sample, name)()
    hidden, names = redact(result)
    assert [(each.check, each.outcome) for each in hidden.findings] == [(each.check, each.outcome) for each in result.findings]
    pattern = r"(?i)HV01|HV02|hv-operator" if name == "hostile" else r"(?i)TestServer0\d|LMTest|hv-operator"
    assert [form for form, shown in forms(hidden).items() if re.search(pattern, shown)] == []
    again = msgspec.json.decode(key_file(names, result))
    assert again["names"] == names
    assert len(set(names.values())) == len(names)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4, unique_by=str.casefold))
def test_any_name_of_a_vm_is_gone_from_the_ids_and_is_told_apart(vms: list[str]) -> None:
    result = sample.result([sample.move(vm, "TestServer01", "TestServer02") for vm in vms], sample.on_pair(vms))
    hidden, _ = redact(result)
    assert {move.vm for move in hidden.moves}.isdisjoint(vm for vm in vms if vm.strip())
    assert len({finding.id for finding in hidden.findings}) == len({finding.id for finding in result.findings})
