"""Settings that somebody pasted are a question of their own: the checks judge them, by what stands there and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.check import Outcome
from checks.errors.diagnosis import Answers, By, Configuration
from reports import diagnosis as report
from reports.language import Language
from runner.commands.diagnose import Facts, diagnose
from runner.diagnose.answer import answered
from runner.options import Options
from tests.diagnose.samples import ENGLISH, read

ONE, OTHER = "TESTSERVER01", "TESTSERVER02"
SERVICE = "Microsoft Virtual System Migration Service"
LISTED = [f"{service}/{name}" for service in ("cifs", SERVICE) for name in (OTHER, "testserver02.contoso.test")]
ACCOUNT = {
    "DistinguishedName": f"CN={ONE},OU=Hosts,DC=contoso,DC=test",
    "DNSHostName": "testserver01.contoso.test",
    "ObjectClass": "computer",
    "SamAccountName": f"{ONE}$",
    "SID": "S-1-5-21-1-2-3-1105",
    "TrustedForDelegation": False,
    "TrustedToAuthForDelegation": False,
}


OTHERS = ACCOUNT | {
    "DistinguishedName": f"CN={OTHER},DC=contoso,DC=test",
    "DNSHostName": "testserver02.contoso.test",
    "SamAccountName": f"{OTHER}$",
    "SID": "S-1-5-21-1-2-3-1106",
}


def settings(host: str, authentication: str = "Kerberos", enabled: bool = True) -> dict[str, Any]:
    return {
        "ComputerName": host,
        "VirtualMachineMigrationAuthenticationType": authentication,
        "VirtualMachineMigrationEnabled": enabled,
    }


def as_list(*objects: Mapping[str, Any]) -> str:
    return "\n\n".join("\n".join(f"{name.ljust(42)}: {_listed(value)}" for name, value in each.items()) for each in objects) + "\n\n"


def as_table(*objects: Mapping[str, Any]) -> str:
    columns = {name: max(len(name), *(len(_listed(each[name])) for each in objects)) for name in objects[0]}
    rows = [{name: name for name in columns}, {name: "-" * len(name) for name in columns}, *objects]
    return "\n".join(" ".join(_listed(row[name]).ljust(width) for name, width in columns.items()) for row in rows) + "\n\n"


def as_csv(*objects: Mapping[str, Any], delimiter: str = ",") -> str:
    rows = [list(objects[0]), *(list(each.values()) for each in objects)]
    return "\n".join(delimiter.join(f'"{_listed(cell)}"' for cell in row) for row in rows) + "\n"


def as_clixml(*objects: Mapping[str, Any]) -> str:
    def member(name: str, value: Any) -> str:
        if isinstance(value, list):
            return f'<Obj N="{name}"><LST>{"".join(f"<S>{each}</S>" for each in value)}</LST></Obj>'
        return f'<B N="{name}">{str(value).lower()}</B>' if isinstance(value, bool) else f'<S N="{name}">{value}</S>'

    inside = "".join(f"<Obj><MS>{''.join(member(*pair) for pair in each.items())}</MS></Obj>" for each in objects)
    return f'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">{inside}</Objs>'


def _listed(value: Any) -> str:
    return f"{{{', '.join(value)}}}" if isinstance(value, list) else str(value)


def said(text: str, folder: Path) -> Answers:
    return answered([read(text, folder)])


def configuration(text: str, folder: Path) -> Configuration:
    told = said(text, folder).configuration
    assert told is not None
    return told


def outcomes(told: Configuration, *checks: str) -> dict[tuple[str, str], Outcome]:
    """By check and host (the source of a pair), those that were decided."""
    return {
        (each.check, (each.subject.host or each.subject.source or "").upper()): each.outcome
        for each in told.findings
        if each.check in checks and each.id not in told.launches
    }


BOTH = settings(ONE), settings(OTHER, "CredSSP", enabled=False)


@pytest.mark.parametrize(
    "text",
    [
        as_list(*BOTH),
        as_table(*BOTH),
        json.dumps(BOTH, indent=4),
        as_csv(*BOTH),
        as_csv(*BOTH, delimiter=";"),
        as_clixml(*BOTH),
        f"PS C:\\> Get-VMHost -ComputerName {ONE}, {OTHER} | fl\n\n{as_list(*BOTH)}",
    ],
    ids=["list", "table", "json", "csv", "csv of Germany", "clixml", "after a prompt"],
)
def test_settings_of_two_hosts_are_judged_in_each_shape(text: str, tmp_path: Path) -> None:
    told = configuration(text, tmp_path)
    decided = outcomes(told, "migration.enabled", "authentication.same_protocol")
    assert decided == {
        ("migration.enabled", ONE): Outcome.PASS,
        ("migration.enabled", OTHER): Outcome.FAIL,
        ("authentication.same_protocol", ONE): Outcome.FAIL,
        ("authentication.same_protocol", OTHER): Outcome.FAIL,
    }


def test_a_part_that_was_not_pasted_leaves_its_checks_open_and_the_command_for_it_is_named(tmp_path: Path) -> None:
    told = configuration(as_list(*({"ComputerName": host, "VirtualMachineMigrationEnabled": True} for host in (ONE, OTHER))), tmp_path)
    assert outcomes(told, "migration.enabled", "authentication.same_protocol") == {
        ("migration.enabled", ONE): Outcome.PASS,
        ("migration.enabled", OTHER): Outcome.PASS,
    }
    commands = {each.command for each in told.deciders if "authentication.same_protocol" in each.checks}
    assert f"Get-VMHost -ComputerName '{ONE}' | Format-List *" in commands


def test_nothing_passes_that_no_output_shows(tmp_path: Path) -> None:
    """Of a paste with one known setting every PASS rests on it."""
    told = configuration(as_list(settings(ONE)), tmp_path)
    assert {each.check for each in told.findings if each.outcome is Outcome.PASS} == {"migration.enabled"}


def test_accounts_decide_the_protocol_for_a_remote_start_where_a_narrow_window_broke_the_list(tmp_path: Path) -> None:
    entries = ", ".join(LISTED).replace("Migration Service", "Migration Servi\n" + " " * 30 + "ce", 1)
    own = as_list(ACCOUNT | {"userAccountControl": 4096}).rstrip("\n") + f"\nmsDS-AllowedToDelegateTo : {{{entries}}}\n\n"
    systems = [{"CSName": host, "BuildNumber": 17763} for host in (ONE, OTHER)]
    told = configuration(as_list(settings(ONE), settings(OTHER)) + own + as_list(OTHERS, *systems), tmp_path)
    from_one = {
        each.id.partition("#")[2]: each.outcome
        for each in told.findings
        if each.check == "delegation.protocol" and (each.subject.source or "").casefold().startswith(ONE.casefold())
    }
    assert from_one == {"remote": Outcome.FAIL, "console": Outcome.PASS}
    assert outcomes(told, "delegation.migration_service")["delegation.migration_service", "TESTSERVER01.CONTOSO.TEST"] is Outcome.PASS


@pytest.mark.parametrize("cut", ["{cifs/TESTSERVER02...}", "{}", "{cifs/TESTSER\n                VER 02, cifs/x}"])
def test_a_list_that_was_cut_is_empty_or_broken_decides_nothing(cut: str, tmp_path: Path) -> None:
    text = (
        as_list(settings(ONE), settings(OTHER))
        + as_list(ACCOUNT).rstrip("\n")
        + f"\nmsDS-AllowedToDelegateTo : {cut}\n\n"
        + as_list(OTHERS)
    )
    assert outcomes(configuration(text, tmp_path), "delegation.migration_service") == {}


SWITCHES = "\n\nName SwitchType\n---- ----------\n{name}  External\n\n"


@pytest.mark.parametrize(
    ("name", "prompt", "decided"),
    [
        ("LAN", f"[{OTHER}]: PS C:\\> Get-VMSwitch", Outcome.PASS),
        ("WAN", f"PS C:\\> Get-VMSwitch -ComputerName {OTHER}", Outcome.FAIL),
        ("WAN", f"[{OTHER}]: PS C:\\> Get-VMSwitch -Name WAN", None),
        ("LAN", "PS C:\\> Get-VMSwitch", None),
    ],
)
def test_a_switch_is_looked_for_on_the_host_of_the_prompt_or_the_command(
    name: str, prompt: str, decided: Outcome | None, tmp_path: Path
) -> None:
    machine = {"ComputerName": ONE, "Name": "LMTest", "State": "Running", "Version": "9.0", "Generation": 2}
    adapter = {"ComputerName": ONE, "VMName": "LMTest", "SwitchName": "LAN", "MacAddress": "00155D000001"}
    here = f"[{ONE}]: PS C:\\> Get-VMSwitch" + SWITCHES.format(name="LAN")
    text = as_list(machine, adapter, settings(OTHER)) + here + prompt + SWITCHES.format(name=name)
    told = configuration(text, tmp_path)
    assert outcomes(told, "vm.switch").get(("vm.switch", ONE)) is decided
    assert bool(told.unclear) is (prompt == "PS C:\\> Get-VMSwitch")


def test_outputs_that_contradict_each_other_or_may_be_of_two_hosts_are_said_and_not_used(tmp_path: Path) -> None:
    twice = configuration(as_list(settings(ONE), settings(ONE, "CredSSP"), settings(OTHER)), tmp_path)
    assert [str(each.values["what"]) for each in twice.unclear] == ["authentication"]
    assert outcomes(twice, "authentication.same_protocol") == {}
    full = [settings(f"{ONE}.{domain}.test") for domain in ("contoso", "fabrikam")]
    several = configuration(as_list(*full, settings(ONE, enabled=False)), tmp_path)
    assert [each.values.get("name") for each in several.unclear] == [ONE]
    assert set(outcomes(several, "migration.enabled").values()) == {Outcome.PASS}


@pytest.mark.parametrize("prompt", ["", f"[{OTHER}]: PS C:\\> Get-VMSwitch\n\n"])
def test_a_list_that_was_pasted_twice_and_changed_in_between_is_not_used(prompt: str, tmp_path: Path) -> None:
    lists = [[{"ComputerName": OTHER, "Name": name, "SwitchType": "External"} for name in names] for names in (("LAN", "WAN"), ("WAN",))]
    text = prompt + as_table(*lists[0]) + prompt + as_table(*lists[1])
    assert [each.values["what"] for each in configuration(text, tmp_path).unclear] == ["switches"]


def test_of_three_hosts_it_is_not_guessed_which_two_are_meant(tmp_path: Path) -> None:
    told = configuration(as_list(*map(settings, (ONE, OTHER, "TESTSERVER03"))), tmp_path)
    assert (told.moves, len(told.unclear)) == ((), 1)
    assert len(outcomes(told, "migration.enabled")) == 3


def test_settings_beside_a_failure_show_its_cause_by_a_check(tmp_path: Path) -> None:
    (answer,) = said(ENGLISH + "\n\n" + as_list(settings(ONE), settings(OTHER, "CredSSP")), tmp_path).diagnosed
    first = answer.diagnosis.causes[0]
    assert (first.cause.id, first.carried) == ("auth_type_mismatch", By.TOLD)


def test_both_languages_and_json_say_what_fails_with_its_remedy_and_what_would_decide_the_rest(tmp_path: Path) -> None:
    answers = said(as_list(*BOTH), tmp_path)
    for language, fails in (("en", "This fails:"), ("de", "Das schlägt fehl:")):
        stream = io.StringIO()
        report.write(answers, Language(language), stream, color=False)
        assert fails in stream.getvalue()
        assert f"Enable-VMMigration -ComputerName '{OTHER}'" in stream.getvalue()
        assert "0001-01-01" not in stream.getvalue()
    told = json.loads(json.dumps(report.as_data(answers, Language("en"))))["configuration"]
    assert told["hosts"] == [ONE, OTHER]
    assert {each["check"] for each in told["findings"] if each["outcome"] == "FAIL"} >= {
        "migration.enabled",
        "authentication.same_protocol",
    }
    assert all(each["command"] and each["checks"] for each in told["to_decide"])


def test_a_name_in_an_output_is_a_literal_in_the_commands_that_are_shown(tmp_path: Path) -> None:
    told = configuration(as_list(settings("HV'; Stop-Computer #"), settings(OTHER)), tmp_path)
    assert any("'HV''; Stop-Computer #'" in each.command for each in told.deciders)


def test_what_is_inside_an_object_is_no_object_of_its_host(tmp_path: Path) -> None:
    """As ConvertTo-Json nests the drives of a VM before its last properties."""
    drive = {"Name": "Hard Drive on SCSI controller number 0", "Path": "D:\\x.vhdx", "ComputerName": ONE, "Id": "Microsoft:1"}
    machine = {"ComputerName": ONE, "Name": "LMTest", "HardDrives": [drive], "State": 2, "Generation": 2, "Version": "9.0"}
    told = configuration(json.dumps([machine, settings(ONE), settings(OTHER)]), tmp_path)
    assert [move.vm.spelled for move in told.moves] == ["LMTest"]


@pytest.mark.parametrize("shape", [as_list, as_table, as_csv, as_clixml])
def test_a_report_of_compare_vm_is_answered_in_each_shape(shape: Callable[..., str], tmp_path: Path) -> None:
    report = {"MessageId": 33012, "Message": "...", "Source": "Microsoft.HyperV.PowerShell.VMNetworkAdapter"}
    (answer,) = said(shape(report), tmp_path).diagnosed
    assert answer.diagnosis.codes == ("33012",)


def test_the_vm_of_a_failure_alone_is_judged_beside_it(tmp_path: Path) -> None:
    machines = [
        {"ComputerName": ONE, "Name": name, "Version": version, "Generation": 2} for name, version in (("VM", "9.0"), ("Old", "5.0"))
    ]
    systems = [{"CSName": host, "BuildNumber": 20348} for host in (ONE, OTHER)]
    versions = (
        f"[{OTHER}]: PS C:\\> Get-VMHostSupportedVersion\n\nName   Version IsDefault\n----   ------- ---------\nServer 9.0     True\n\n"
    )
    for vm, stops in (("VM", False), ("Old", True)):
        text = ENGLISH.replace("LMTest", vm) + "\n\n" + as_list(*machines, *systems) + versions
        (answer,) = said(text, tmp_path).diagnosed
        assert ("vm.version" in {each.check for each in answer.diagnosis.blockers}) is stops


def test_a_list_that_is_shown_empty_is_said_to_prove_nothing(tmp_path: Path) -> None:
    told = configuration(as_list(settings(ONE), ACCOUNT | {"msDS-AllowedToDelegateTo": "{}"}), tmp_path)
    assert [each.values["what"] for each in told.unclear] == ["msDS-AllowedToDelegateTo"]


def test_an_object_of_get_vmhost_names_its_host_by_its_name_where_nothing_else_does(tmp_path: Path) -> None:
    nameless = [{name: value for name, value in each.items() if name != "ComputerName"} | {"Name": each["ComputerName"]} for each in BOTH]
    assert configuration(json.dumps(nameless), tmp_path).hosts == (ONE, OTHER)


def test_beside_a_failure_only_its_own_direction_is_judged(tmp_path: Path) -> None:
    told = configuration(f"{ENGLISH}\n\n{as_list(*BOTH)}", tmp_path)
    assert {(move.source.spelled, move.target.spelled) for move in told.moves} == {(ONE, OTHER)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (as_list(*BOTH), 0),
        (as_list(settings(ONE)), 0),
        (f"{SERVICE}/{OTHER} is registered on these accounts:\n\tCN={OTHER},DC=contoso,DC=test\n\tCN=SVC,DC=contoso,DC=test\n", 0),
        (as_list({"VirtualMachineMigrationEnabled": True}), 6),
        (as_list({"ComputerName": ONE, "Name": "LMTest", "Generation": 2}), 6),
    ],
    ids=["two hosts", "one host", "a name twice", "of nobody", "nothing to judge"],
)
def test_the_exit_code_tells_whether_anything_was_answered(
    text: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "settings.txt"
    file.write_text(text, encoding="utf-8")
    assert diagnose((file,), Facts(), Options(form="json")) == code
    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_what_is_too_much_is_counted(tmp_path: Path) -> None:
    machines = [{"ComputerName": ONE, "Name": f"VM{number}", "Generation": 2} for number in range(20)]
    told = configuration(as_list(*machines, settings(ONE), settings(OTHER)), tmp_path)
    assert (len(told.moves), [each.values["count"] for each in told.unclear]) == (16, [4])


def test_settings_are_judged_for_every_failure_between_the_same_hosts(tmp_path: Path) -> None:
    failures = "\n\n".join(ENGLISH.replace("LMTest", f"VM{number}").replace("89AB)", f"{number:04})") for number in range(70))
    answers = said(as_list(settings(ONE), settings(OTHER, "CredSSP")) + failures, tmp_path)
    first = [each.diagnosis.causes[0] for each in answers.diagnosed]
    assert (len(first), {each.cause.id for each in first}, all(each.failing for each in first)) == (70, {"auth_type_mismatch"}, True)
    assert answers.problems == ()


def test_disks_of_a_pasted_vm_are_judged_as_far_as_their_outputs_tell(tmp_path: Path) -> None:
    """A table does not tell whether a disk is shared, and a drive whose path was cut may be any."""
    vm = {"ComputerName": ONE, "Name": "LMTest", "State": "Off", "Generation": 2}
    drive = {"ComputerName": ONE, "VMName": "LMTest", "ControllerType": "SCSI", "Path": "D:\\VMs\\LMTest.vhdx", "DiskNumber": ""}
    told = drive | {"SupportPersistentReservations": "False"}
    for drives, outcome in (
        ((told,), Outcome.PASS),
        ((told, told | {"SupportPersistentReservations": "True"}), Outcome.FAIL),
        ((told, drive | {"Path": "Disk 3 Online 10GB", "DiskNumber": "3"}), Outcome.FAIL),
        ((drive,), None),
        ((told, told | {"Path": "D:\\VMs..."}), None),
        ((told | {"DvdMediaType": "ISO"},), None),
    ):
        judged = configuration(as_list(settings(ONE), settings(OTHER), vm, *drives), tmp_path)
        assert {found.outcome for found in judged.findings if found.check == "vm.disks"} == ({outcome} if outcome else set()), drives
