"""Reading plans: what an administrator writes is understood, and everything that is wrong is said at once, with its line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.plan import LaunchPoint, Transport
from checks.text import plain
from checks.windows.names import HostName
from runner.files.plan import read_plan
from runner.files.tables import FileError

WHOLE = """
[change]
id = "CHG0042317"
window = { start = 2026-12-05T20:00:00+01:00, end = 2026-12-06T02:00:00+01:00 }

[defaults]
operator = "CONTOSO\\\\hv-operator"
launch = "rdp"

[connection]
auth = "kerberos"

[hosts.testserver01]
fqdn = "testserver01.contoso.test"
address = "127.0.0.1:15985"

[directory]
"contoso.test" = ["ldap://dc01.contoso.test"]

[names]
servers = ["127.0.0.1:10053"]

[[moves]]
vm = "LMTest"
source = "testserver01"
target = "testserver02"
destination_path = 'D:\\LMTest'

[[moves]]
csv = "moves.csv"
"""


def write(folder: Path, text: str, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(FileError) as raised:
        read_plan(write(folder, text))
    return [f"{problem.line}: {plain(problem.said)}" for problem in raised.value.problems]


def test_a_whole_plan_is_read_with_its_defaults_and_its_csv_file(tmp_path: Path) -> None:
    write(tmp_path, "vm;source;target;include_storage;launch\nA;hv1;hv2;no;remote\n\nB;hv1;hv3;;\n", "moves.csv")
    plan, files = read_plan(write(tmp_path, WHOLE))
    assert [(m.vm.spelled, m.source.spelled, m.target.spelled, m.launch, m.include_storage) for m in plan.moves] == [
        ("LMTest", "testserver01", "testserver02", LaunchPoint.RDP, True),
        ("A", "hv1", "hv2", LaunchPoint.REMOTE, False),
        ("B", "hv1", "hv3", LaunchPoint.RDP, True),
    ]
    assert {m.operator.spelled for m in plan.moves} == {"CONTOSO\\hv-operator"}
    assert plan.connection.auth is Transport.KERBEROS
    assert plan.entry(HostName("TESTSERVER01")).address == "127.0.0.1:15985"
    assert sorted(files) == ["moves.csv", "plan.toml"]


def test_every_problem_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        '[defaults]\noperator = "A\\\\b"\nlanch = "rdp"\n\n[connection]\ntls = "yes"\n\n[[moves]]\nvm = 5\nsource = "a"\n',
    )
    assert found == [
        "3: unknown key defaults.lanch; did you mean launch?",
        "6: connection.tls must be true or false, not text",
        "8: this move has no target",
        "9: moves[1].vm must be text, not a number",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0: the plan is empty"),
        ("a = [", "this is not TOML"),
        ("moves = []", "0: the plan has no moves"),
        ("[[moves]]\nvm = 'x'\nsource='a'\n", "1: this move has no target, operator (nor has [defaults])"),
        ("[[moves]]\nvm='x'\nsource='a'\ntarget='A'\noperator='C\\o'\n", "1: x would move from a to itself"),
        ("[[moves]]\nvm='x'\nsource='a b'\ntarget='c'\noperator='C\\o'\n", "1: source 'a b' is not a host name"),
        (
            "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='C\\o'\nlaunch='moon'\n",
            "6: moves[1].launch is 'moon', not one of remote, console, rdp, powershell",
        ),
        ("[[moves]]\ncsv='none.csv'\noperator='C\\o'\n", "none.csv cannot be read: No such file or directory"),
        ("[[moves]]\ncsv='../x.csv'\noperator='C\\o'\n", "it must be the name of a file beside the plan"),
        ("[change]\nwindow={start=2026-01-02T00:00:00Z,end=2026-01-01T00:00:00Z}\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: the change window ends before it starts"),
        ("[change]\nwindow={start=2026-01-02T00:00:00,end=2026-01-03T00:00:00Z}\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: change.window.start: expected `datetime` with a timezone component"),
        ("[connection]\nauth='basic'\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: basic authentication is refused without TLS"),
        ("[connection]\nrequire_kerberos=true\n[hosts.a]\nauth='ntlm'\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "3: ntlm authentication is refused where Kerberos is required"),
        ("[connection]\nauth='ntlm'\nrequire_kerberos=true\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: ntlm authentication is refused where Kerberos is required"),
        ("[hosts.a]\naddress='a:b:c'\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: 'a:b:c' is not an address or address:port"),
        ("[directory]\n'contoso.test'=['http://x']\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: 'http://x' is not ldap://host, ldap+starttls://host or ldaps://host"),
        ("[policy]\nprefer='rbcd'\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n",
         "2: policy.prefer is 'rbcd', not one of constrained, resource-based"),
        ("moves = 3", "1: moves must be an array, not a number"),
        ("moves = [3]", "1: moves[1] must be a table, not a number"),
    ],
)  # fmt: skip
def test_a_bad_plan_is_refused_with_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert said in found[0]


MOVE = "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{MOVE}destination_path="D:\\temp\\new"\n', ["6: destination_path holds a control character: 'D:\\temp\\new'. What holds a"]),
        (f'[defaults]\noperator="CONTOSO\\bob"\n{MOVE}', ["2: operator holds a control character: 'CONTOSO\\x08ob'. What holds a"]),
        (f'[defaults]\noperator="CONTOSO\\hv"\n{MOVE}', ["2: this is not TOML: ", "What holds a backslash stands in single quotes"]),
        (f"{MOVE}destination_path='VMs'\n", ["6: destination_path is 'VMs', and no full path as D:\\VMs is"]),
        (f"{MOVE}destination_path='D:VMs'\n", ["6: destination_path is 'D:VMs', and no full path"]),
        (f"{MOVE}launch='rdp'\nlaunch_from='admin01'\n", ["7: launch_from is for a remote start, and launch is 'rdp'"]),
        (f"[names]\nservers=['10.0.0.300']\n{MOVE}", ["2: '10.0.0.300' is not an address or address:port"]),
        (f"[names]\nservers=['dns01']\n{MOVE}", ["2: 'dns01' is not an address or address:port"]),
        (MOVE.replace("'b'", "'10.0.0.300'"), ["1: target '10.0.0.300' is not a host name"]),
        ("[[pairs]]\nhosts=['a','A']\noperator='o@c'\n", ["1: a pair needs two different hosts"]),
    ],
)
def test_what_would_be_taken_for_something_else_is_refused_in_its_own_line(tmp_path: Path, text: str, said: list[str]) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert all(part in found[0] for part in said), found


def test_a_value_that_does_not_fit_hides_nothing_else(tmp_path: Path) -> None:
    text = f"[defaults]\nlaunch='moon'\n[[moves]]\nvm='y'\nsource='a'\noperator='o@c'\n{MOVE.replace('target', 'targett')}"
    assert problems(tmp_path, text) == [
        "2: defaults.launch is 'moon', not one of remote, console, rdp, powershell",
        "3: this move has no target",
        "10: unknown key moves[2].targett; did you mean target?",
    ]


def test_plans_and_csv_files_are_read_as_windows_programs_save_them(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes("vm;source;target\nMünchen;a;b\n".encode("utf-16"))
    (tmp_path / "plan.toml").write_bytes("[defaults]\r\noperator='o@c'\r\n[[moves]]\r\ncsv='m.csv'\r\n".encode("utf-16"))
    assert [move.vm.spelled for move in read_plan(tmp_path / "plan.toml")[0].moves] == ["München"]
    (tmp_path / "m.csv").write_bytes("vm;source;target\nMünchen;a;b\n".encode("cp1252"))
    with pytest.raises(FileError, match=r"m\.csv:2: .*in Excel as CSV UTF-8"):
        read_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("address", [" 10.0.0.1", "10.0.0.1 ", "10.0.0.1%x", "[::1", "::1]", "[[::1]]:53", "[::1]", "10.0.0.1:0", ""])
def test_what_only_looks_like_an_address_is_refused(tmp_path: Path, address: str) -> None:
    moves = "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n"
    said = f"{address!r} is not an address or address:port"
    assert problems(tmp_path, f"[hosts.a]\naddress='{address}'\n{moves}") == [f"2: {said}"]
    assert problems(tmp_path, f"[names]\nservers=['{address}']\n{moves}") == [f"2: {said}"]


def test_who_changes_delegation_is_written_as_an_account_of_a_domain(tmp_path: Path) -> None:
    rest = "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n"
    for name in ("dom-admin", "", ".\\admin", "CONTOSO\\a\x07b", "a@", "CONTOSO\\a|b"):
        said = f"{name!r} is not DOMAIN\\name or name@domain"
        assert problems(tmp_path, f"[change]\nid='1'\ndelegation_administrator={json.dumps(name)}\n{rest}") == [f"3: {said}"]
    assert problems(tmp_path, f"[change]\ndelegation_administrator=3\n{rest}") == [
        "2: change.delegation_administrator must be text, not a number"
    ]


@pytest.mark.parametrize("address", ["10.0.0.1 ", "10.0.0.1%x", "[::1]", "10.0.0.1:6600"])
def test_what_is_no_bare_address_is_no_migration_address(tmp_path: Path, address: str) -> None:
    text = f"[hosts.a]\nmigration_addresses=['{address}']\n[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n"
    assert problems(tmp_path, text) == [f"2: {address!r} is not an IP address"]


def test_a_csv_file_is_checked_line_by_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "vm,source,target,include_storage,launch\nA,h1,h2,maybe,\nB,h1,h2,,moon\nC,h1,h1,,\nD,h1,h2,,,too,much\nE,h1,,,\n",
        "m.csv",
    )
    found = problems(tmp_path, "[defaults]\noperator='C\\o'\n[[moves]]\ncsv='m.csv'\n")
    assert [line.partition(":")[0] for line in found] == ["2", "3", "4", "5", "6"]


def test_a_csv_file_with_an_unknown_column_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "vm,source,target,speed\nA,h1,h2,9\n", "m.csv")
    assert "unknown column speed" in problems(tmp_path, "[defaults]\noperator='C\\o'\n[[moves]]\ncsv='m.csv'\n")[0]


def test_the_line_of_a_problem_in_a_later_table_is_found(tmp_path: Path) -> None:
    text = (
        "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='o@c'\n\n[[moves]]\nvm='y'\nsource='a'\ntarget='b'\noperator='o@c'\nspeed=9\n"
    )
    assert problems(tmp_path, text)[0].startswith("12: unknown key moves[2].speed")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"[change]\nid = '\xff\xfe'\n")
    with pytest.raises(FileError, match=r":2: this is not text in UTF-8"):
        read_plan(path)


def problems_or_none(path: Path) -> list[str]:
    try:
        read_plan(path)
    except FileError as error:
        return [f"{problem.line}" for problem in error.problems] or ["a refusal without a reason"]
    return []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.one_of(st.text(), st.text(alphabet="[]{}='\"\n.,ab1movescvh"), st.binary().map(lambda b: b.decode("latin-1"))))
def test_whatever_the_file_holds_it_is_a_plan_or_a_list_of_problems(tmp_path: Path, text: str) -> None:
    assert all(int(line) >= 0 for line in problems_or_none(write(tmp_path, text)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(alphabet='vm,;"\n\r\tsourcetargetABC1 é\x00'))
def test_whatever_a_csv_file_holds_it_is_read_or_its_problems_are_said(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, "m.csv")
    assert all(int(line) >= 0 for line in problems_or_none(write(tmp_path, "[defaults]\noperator='C\\o'\n[[moves]]\ncsv='m.csv'\n")))


FROM_CSV = "[defaults]\noperator='C\\o'\n[[moves]]\ncsv='{}'\n"


@pytest.mark.parametrize("name", ["result.json", "Plan.TOML", "RUN.LOG"])
def test_a_csv_file_called_as_a_file_of_the_run_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path, "vm,source,target\nA,h1,h2\n", name if name != "Plan.TOML" else "other")
    assert "as a file of the run is called" in problems(tmp_path, FROM_CSV.format(name))[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_csv_file_that_is_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "device.csv"):
        assert "it is no file" in problems(tmp_path, FROM_CSV.format(name))[0]


def test_a_csv_file_of_any_size_costs_no_more_than_its_limit(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(1 << 40)
    assert "it is larger than 64 MiB" in problems(tmp_path, FROM_CSV.format("huge.csv"))[0]
