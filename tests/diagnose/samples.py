"""One failed move as every tool shows it: the same two events of VMMS, 20306 and 21024, on TESTSERVER01."""

from __future__ import annotations

import json
from pathlib import Path

from checks.errors.observation import Reading
from runner.diagnose.read import read_inputs

VM_ID = "6F2AD5A1-0B1C-4D2E-8F30-0123456789AB"
CHANNEL = "Microsoft-Windows-Hyper-V-VMMS-Admin"
PROVIDER = "Microsoft-Windows-Hyper-V-VMMS"
HOST = "TESTSERVER01.contoso.test"

ENGLISH = (
    "Virtual machine migration operation for 'LMTest' failed at migration source 'TESTSERVER01'. "
    f"(Virtual machine ID {VM_ID})\n\n"
    "The Virtual Machine Management Service failed to authenticate the connection for a Virtual Machine migration with host "
    "'TESTSERVER02': No credentials are available in the security package (0x8009030E).\n"
)
GERMAN = (
    "Fehler beim Migrationsvorgang für den virtuellen Computer „LMTest“ an der Migrationsquelle „TESTSERVER01“. "
    f"(ID des virtuellen Computers: {VM_ID})\n\n"
    "Der Verwaltungsdienst für virtuelle Computer konnte die Verbindung für eine Migration mit dem Host „TESTSERVER02“ nicht "
    "authentifizieren: Im Sicherheitspaket sind keine Anmeldeinformationen verfügbar. (0x8009030E).\n"
)
CONSOLE = (
    "PS C:\\Users\\admin> Move-VM -Name LMTest -DestinationHost TESTSERVER02 -IncludeStorage -DestinationStoragePath D:\\LMTest\n"
    "Move-VM : Virtual machine migration operation for 'LMTest' failed at migration source 'TESTSERVER01'. (Virtual machine ID \n"
    f"{VM_ID})\n"
    "The Virtual Machine Management Service failed to establish a connection for a Virtual Machine migration with host \n"
    "'TESTSERVER02': No credentials are available in the security package (0x80090\n"
    "30E).\n"
    "At line:1 char:1\n"
    "+ Move-VM -Name LMTest -DestinationHost TESTSERVER02 -IncludeStorage -Destinat ...\n"
    "+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
    "    + CategoryInfo          : NotSpecified: (:) [Move-VM], VirtualizationException\n"
    "    + FullyQualifiedErrorId : OperationFailed,Microsoft.HyperV.PowerShell.Commands.MoveVM\n"
)


def event_xml(number: int = 21024, *, message: str = ENGLISH, vm: str = "LMTest", record: int = 7, rendered: bool = True) -> str:
    """An event as Event Viewer and wevtutil write it."""
    text = message.replace("&", "&amp;").replace("<", "&lt;")
    rendering = f"<RenderingInfo Culture='en-US'><Message>{text}</Message><Level>Error</Level></RenderingInfo>" if rendered else ""
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='{PROVIDER}' Guid='{{6066f867-7ca1-4418-85fd-36e3f9c0600c}}'/><EventID>{number}</EventID><Version>0</Version>"
        "<Level>2</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        f"<TimeCreated SystemTime='2026-12-05T20:14:03.1234567Z'/><EventRecordID>{record}</EventRecordID><Correlation/>"
        f"<Execution ProcessID='2112' ThreadID='3300'/><Channel>{CHANNEL}</Channel><Computer>{HOST}</Computer>"
        "<Security UserID='S-1-5-18'/></System><UserData>"
        "<VmlEventLog xmlns='http://www.microsoft.com/Windows/Virtualization/Events'>"
        f"<VmName>{vm}</VmName><VmId>{VM_ID}</VmId><Parameter0>TESTSERVER02</Parameter0><Parameter1>%%2148074254</Parameter1>"
        f"<Parameter2>0x8009030E</Parameter2></VmlEventLog></UserData>{rendering}</Event>"
    )


XML = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>{event_xml(20306)}{event_xml()}</Events>'

JSON_51 = json.dumps(
    [
        {
            "Message": ENGLISH,
            "Id": 21024,
            "Version": 0,
            "Qualifiers": None,
            "Level": 2,
            "RecordId": 7,
            "ProviderName": PROVIDER,
            "LogName": CHANNEL,
            "MachineName": HOST,
            "TimeCreated": "TIME",
            "Properties": [{"Value": "LMTest"}, {"Value": VM_ID}],
        },
    ],
    indent=4,
).replace("TIME", "\\/Date(1796501643123)\\/")
JSON_7 = json.dumps(
    {
        "Id": 21024,
        "LogName": CHANNEL,
        "ProviderName": PROVIDER,
        "MachineName": HOST,
        "Message": ENGLISH,
        "TimeCreated": "2026-12-05T21:14:03.1234567+01:00",
    },
)

_STRING = ENGLISH.replace("\n", "_x000A_")
CLIXML = (
    '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n  <Obj RefId="0">\n    <TN RefId="0">\n'
    "      <T>System.Diagnostics.Eventing.Reader.EventLogRecord</T>\n      <T>System.Object</T>\n    </TN>\n"
    "    <ToString>System.Diagnostics.Eventing.Reader.EventLogRecord</ToString>\n    <Props>\n"
    f'      <I32 N="Id">21024</I32>\n      <By N="Version">0</By>\n      <Nil N="Qualifiers" />\n      <S N="ProviderName">{PROVIDER}</S>\n'
    f'      <S N="LogName">{CHANNEL}</S>\n      <S N="MachineName">{HOST}</S>\n'
    '      <DT N="TimeCreated">2026-12-05T21:14:03.1234567+01:00</DT>\n'
    '      <Obj N="Properties" RefId="1"><TN RefId="1"><T>List</T></TN><LST><Obj RefId="2"><Props>'
    '<S N="Value">LMTest</S></Props></Obj></LST></Obj>\n'
    f'    </Props>\n    <MS>\n      <S N="Message">{_STRING}</S>\n    </MS>\n  </Obj>\n</Objs>'
)
CLIXML_ERROR = (
    '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    + "".join(f'<S S="Error">{line}_x000D__x000A_</S>' for line in CONSOLE.splitlines()[1:])
    + "</Objs>"
)

_QUOTED = ENGLISH.replace('"', '""')
CSV_ENGLISH = f'Level,Date and Time,Source,Event ID,Task Category\r\nError,12/5/2026 9:14:03 PM,{PROVIDER},21024,None,"{_QUOTED}"\r\n'
CSV_GERMAN = (
    f'Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\nFehler,05.12.2026 21:14:03,{PROVIDER},21024,Keine,"{GERMAN}"\r\n'
)
CSV_POWERSHELL = (
    "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"
    '"Message";"Id";"Version";"RecordId";"ProviderName";"LogName";"MachineName";"TimeCreated"\r\n'
    f'"{_QUOTED}";"21024";"0";"7";"{PROVIDER}";"{CHANNEL}";"{HOST}";"05.12.2026 21:14:03"\r\n'
)

ALL = {
    "english": ENGLISH,
    "german": GERMAN,
    "console": CONSOLE,
    "xml": XML,
    "json 5.1": JSON_51,
    "json 7": JSON_7,
    "clixml": CLIXML,
    "clixml error stream": CLIXML_ERROR,
    "csv english": CSV_ENGLISH,
    "csv german": CSV_GERMAN,
    "csv powershell": CSV_POWERSHELL,
}


def read(content: str | bytes, folder: Path, name: str = "input") -> Reading:
    """What the program reads of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (reading,) = read_inputs([path], None)
    return reading
