"""What somebody hands over of Compare-VM is read in every form in which PowerShell writes it, and otherwise refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.second_opinion import CompareReport, Incompatibility
from runner.files.compare_vm import MESSAGE_LENGTH, MOST_BYTES, MOST_ENTRIES, CompareVmError, read_reports

ID = "5381F80D-C752-42E0-AE26-6402B019B785"
SWITCH = "Could not find Ethernet switch 'Production'."
GERMAN = "Der Ethernet-Switch „Büro: 33012“ wurde nicht gefunden."

LIST = f"""
PS C:\\> $report = Compare-VM -Name LMTest -DestinationHost TestServer02
PS C:\\> $report

VM                 : VirtualMachine (Name = 'LMTest') [Id = '{ID}']
OperationType      : MoveVirtualMachine
Destination        : TestServer02
Path               :
SnapshotPath       :
VhdDestinationPath :
VhdSourcePath      :
Incompatibilities  : {{33012, 40010}}

PS C:\\>
"""
OLD_LIST = """VM                 : Microsoft.HyperV.PowerShell.VirtualMachine
OperationType      : MoveVirtualMachine
Destination        : TestServer02
Incompatibilities  :
"""
ENTRIES = f"""Message   : {SWITCH}
MessageId : 33012
Source    : VMNetworkAdapter (Name = 'Network Adapter', VMName = 'LMTest') [VMId = '{ID}']

Message   : A path that is so long that the console goes on in
            the next line
MessageId : 40010
Source    : Microsoft.HyperV.PowerShell.HardDiskDrive
"""
TABLE = f"""PS C:\\> $report.Incompatibilities | Format-Table -AutoSize

Message                                      MessageId Source
-------                                      --------- ------
{SWITCH}     33012 Microsoft.HyperV.PowerShell.VMNetworkAdapter
Another one                                      40010 Microsoft.HyperV.PowerShell.HardDiskDrive

PS C:\\>
"""
JSON = json.dumps(
    {
        "VM": {"Name": "LMTest", "Id": ID, "State": 2},
        "OperationType": 1,
        "Destination": "TestServer02",
        "Incompatibilities": [{"Message": GERMAN, "MessageId": 33012, "Source": {"VMName": "LMTest"}}],
    },
    ensure_ascii=False,
)
CLIXML = f"""<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0"><T>Deserialized.Microsoft.HyperV.PowerShell.VMCompatibilityReport</T></TN>
    <ToString>Microsoft.HyperV.PowerShell.VMCompatibilityReport</ToString>
    <Props>
      <Obj N="VM" RefId="1">
        <TN RefId="1"><T>Deserialized.Microsoft.HyperV.PowerShell.VirtualMachine</T></TN>
        <ToString>VirtualMachine (Name = 'LMTest') [Id = '{ID}']</ToString>
        <Props><S N="Name">LM_x0054_est</S><G N="Id">{ID.lower()}</G></Props>
      </Obj>
      <S N="Destination">TestServer02</S>
      <Nil N="Path" />
      <Obj N="Incompatibilities" RefId="2">
        <TN RefId="2"><T>Deserialized.System.Object[]</T></TN>
        <LST>
          <Obj RefId="3"><TN RefId="3"><T>Deserialized.Microsoft.HyperV.PowerShell.VMCompatibilityError</T></TN><ToString>33012</ToString>
            <Props><S N="Message">{GERMAN}</S><I64 N="MessageId">33012</I64><Ref N="Source" RefId="1" /></Props></Obj>
        </LST>
      </Obj>
    </Props>
  </Obj>
</Objs>"""


def read(tmp_path: Path, *contents: str | bytes) -> tuple[CompareReport, ...]:
    paths = []
    for number, content in enumerate(contents):
        paths.append(tmp_path / f"{number}.log")
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return read_reports(paths)[0]


def report(vm: str | None = "LMTest", destination: str | None = "TestServer02", vm_id: str | None = None) -> CompareReport:
    return CompareReport("compare-vm-1.txt", vm, vm_id, destination)


FORMS = {
    "a list": (LIST, (report(vm_id=ID), (33012, 40010), ("", ""))),
    "a list of Windows Server 2012": (OLD_LIST, (report(None), (), ())),
    "a list and its entries": (
        LIST + ENTRIES,
        (report(vm_id=ID), (33012, 40010), (SWITCH, "A path that is so long that the console goes on in the next line")),
    ),
    "a list and its table": (LIST + TABLE, (report(vm_id=ID), (33012, 40010), (SWITCH, "Another one"))),
    "a table alone": (TABLE, (report(None, None), (33012, 40010), (SWITCH, "Another one"))),
    "JSON": (JSON, (report(vm_id=ID), (33012,), (GERMAN,))),
    "CLIXML": (CLIXML, (report(vm_id=ID.lower()), (33012,), (GERMAN,))),
    "CLIXML of a session": ("#< CLIXML\r\n" + CLIXML, (report(vm_id=ID.lower()), (33012,), (GERMAN,))),
    "what JSON is when it may not be deep": (
        "{\"VM\": \"VirtualMachine (Name = 'LMTest') [Id = '"
        + ID
        + '\']", "Destination": "TestServer02", "Incompatibilities": "33012 40010"}',
        (report(vm_id=ID), (33012, 40010), ("", "")),
    ),
    "a list that PowerShell cut": (
        LIST.replace("{33012, 40010}", "{33012, 40010, 33012, 40010...}"),
        (report(vm_id=ID), (33012, 40010, 33012, None), ("", "", "", "")),
    ),
    "types instead of ids": (
        LIST.replace("{33012, 40010}", "{Microsoft.HyperV.PowerShell.VMCompatibilityError}"),
        (report(vm_id=ID), (None,), ("",)),
    ),
    "a wrapper of Windows PowerShell": ('{"value": [' + JSON + '], "Count": 1}', (report(vm_id=ID), (33012,), (GERMAN,))),
}


@pytest.mark.parametrize("encoded", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_form_and_encoding_says_of_which_vm_to_which_host_and_what_is_listed(encoded: str, tmp_path: Path) -> None:
    for form, (content, (head, ids, messages)) in FORMS.items():
        for ends in ("\n", "\r\n"):
            (found,) = read(tmp_path, content.replace("\n", ends).encode(encoded))
            assert (found.vm, found.vm_id, found.destination) == (head.vm, head.vm_id, head.destination), form
            assert tuple(entry.id for entry in found.incompatibilities) == ids, form
            assert tuple(entry.message for entry in found.incompatibilities) == messages, form


def test_entries_alone_belong_to_the_vm_that_their_source_names(tmp_path: Path) -> None:
    named, nameless = read(tmp_path, ENTRIES)
    assert (named.vm, named.destination, named.incompatibilities) == ("LMTest", None, (Incompatibility(33012, SWITCH),))
    assert (nameless.vm, [entry.id for entry in nameless.incompatibilities]) == (None, [40010])


def test_a_table_goes_on_in_the_next_line_and_a_row_that_stands_askew_is_counted(tmp_path: Path) -> None:
    head = "Message         MessageId Source\n-------         --------- ------\n"
    (found,) = read(
        tmp_path, head + "Could not find     33012 VMNetworkAdapter\nEthernet switch\n'日本語の長い名前'    33012 VMNetworkAdapter\n"
    )
    assert found.incompatibilities[0] == Incompatibility(33012, "Could not find Ethernet switch")
    assert len(found.incompatibilities) == 2
    (found,) = read(tmp_path, "MessageId Message\n--------- -------\n    33012 first\n    40010\n")
    assert [(entry.id, entry.message) for entry in found.incompatibilities] == [(33012, "first"), (40010, "")]


def test_several_reports_in_several_files_are_kept_apart_unless_they_name_no_vm(tmp_path: Path) -> None:
    other = LIST.replace("LMTest", "It's (Name = 'x')").replace("33012, 40010", "")
    found = read(tmp_path, LIST + other, TABLE + "\n" + TABLE)
    assert [(each.file, each.vm, len(each.incompatibilities)) for each in found] == [
        ("compare-vm-1.txt", "LMTest", 2),
        ("compare-vm-1.txt", "It's (Name = 'x')", 0),
        ("compare-vm-2.txt", None, 4),
    ]


def test_what_is_no_output_of_compare_vm_is_refused_in_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    refused = {
        "nothing": "",
        "an empty list": "[]",
        "another text": "Compare-VM : The operation failed.",
        "messages alone": f"Message : {SWITCH}\n",
        "half of JSON": JSON[:-5],
        "half of CLIXML": CLIXML[:-9],
        "a document type": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Objs>&a;</Objs>',
        "a deep text": "[" * 100_000,
        "deep CLIXML": "<Objs>" + "<Obj><LST>" * 1000,
        "references to references": "<Objs>"
        + "".join(f'<Obj RefId="{n}"><LST>' + f'<Ref RefId="{n - 1}"/>' * 50 + "</LST></Obj>" for n in range(1, 30))
        + "</Objs>",
        "too many": json.dumps([{"MessageId": 33012, "Message": ""}] * (MOST_ENTRIES + 1)),
        "too many in one": json.dumps({"Incompatibilities": "{" + "1 " * (MOST_ENTRIES + 1) + "}"}),
        "too large": " " * (MOST_BYTES + 1),
    }
    for what, content in refused.items():
        with pytest.raises(CompareVmError) as raised:
            read(tmp_path, content)
        assert str(raised.value).startswith(f"{tmp_path / '0.log'}: "), what
        assert "\n" not in str(raised.value), what
    with pytest.raises(CompareVmError, match="cannot be read"):
        read_reports([tmp_path])
    with pytest.raises(CompareVmError, match="at most 100 files"):
        read_reports([tmp_path / "0.log"] * 101)


def test_what_is_endless_is_shortened(tmp_path: Path) -> None:
    (found,) = read(tmp_path, json.dumps({"VM": "x" * 10_000, "Incompatibilities": [{"MessageId": "33012", "Message": "y" * 10_000}]}))
    assert found.vm is not None
    assert max(len(found.vm), len(found.incompatibilities[0].message)) == MESSAGE_LENGTH + 1
    (found,) = read(tmp_path, "Incompatibilities : {33012,\n" + "    40010,\n" * 300_000)
    assert found.incompatibilities[-1].id is None


@settings(max_examples=300)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from([*LIST.split("\n"), *TABLE.split("\n"), *ENTRIES.split("\n"), "{", "---", "  :", "\x00"])).map("\n".join),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["VM", "Incompatibilities", "MessageId", "Source", "value", "Destination"]), inner)
            ),
        ).map(json.dumps),
        st.lists(
            st.sampled_from(
                ["<Objs>", "</Objs>", "<Obj RefId='1'>", "</Obj>", "<Ref RefId='1'/>", "<Props>", "</Props>", "<S N='VM'>x</S>"]
            )
        ).map("".join),
    )
)
@example(content='{"Incompatibilities": ' + "9" * 5000 + "}")
@example(content="--- ---\n--- ---\n")
def test_whatever_it_is_it_is_read_or_refused(content: str | bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        reports, _ = read_reports([path])
    except CompareVmError:
        return
    assert reports
