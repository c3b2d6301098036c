"""Entries of a host's event logs as Windows writes them: the XML that EventRecord.ToXml gives.

The events of Hyper-V's management service carry their values in UserData/VmlEventLog, in one of two shapes: named fields (VmName, VmId,
ErrorMessage as `%%` and the code in decimal, ErrorCode in hexadecimal), or Parameter0, Parameter1 and so on.
"""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape

from lab.scenario import EventSpec

_EVENT = "http://schemas.microsoft.com/win/2004/08/events/event"
_USER_DATA = "http://www.microsoft.com/Windows/Virtualization/Events"
_PROVIDER = "Microsoft-Windows-Hyper-V-VMMS"
_GUID = " Guid='{6066f867-7ca1-4418-85fd-36e3f9c0600c}'"


def xml(spec: EventSpec, *, time: datetime, computer: str, vm_id: str, number: int) -> str:
    """One entry. `number` is its record id; `vm_id` stands there only when the entry names a VM."""
    system = (
        f"<Provider Name='{escape(spec.provider)}'{_GUID if spec.provider == _PROVIDER else ''}/>"
        f"<EventID>{spec.id}</EventID><Version>0</Version><Level>{spec.level}</Level>"
        "<Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
        f"<TimeCreated SystemTime='{time:%Y-%m-%dT%H:%M:%S.%f}0Z'/><EventRecordID>{number}</EventRecordID><Correlation/>"
        f"<Execution ProcessID='2748' ThreadID='1160'/><Channel>{escape(spec.channel)}</Channel>"
        f"<Computer>{escape(computer)}</Computer><Security UserID='S-1-5-18'/>"
    )
    values = _parameters(spec, vm_id) if spec.parameters is not None else _named(spec, vm_id)
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    if not spec.provider.startswith("Microsoft-Windows-Hyper-V-"):
        data = "".join(f"<Data>{escape(value)}</Data>" for value in values.values())
        return f"<Event xmlns='{_EVENT}'><System>{system}</System><EventData>{data}</EventData></Event>"
    return (
        f"<Event xmlns='{_EVENT}'><System>{system}</System>"
        f"<UserData><VmlEventLog xmlns='{_USER_DATA}'>{fields}</VmlEventLog></UserData></Event>"
    )


def _named(spec: EventSpec, vm_id: str) -> dict[str, str]:
    values = {"VmName": spec.vm, "VmId": vm_id.upper()} if spec.vm else {}
    return values | ({"ErrorMessage": f"%%{int(spec.code, 16)}", "ErrorCode": spec.code} if spec.code else {})


def _parameters(spec: EventSpec, vm_id: str) -> dict[str, str]:
    vm = (spec.vm, vm_id.upper()) if spec.vm else ()
    code = (f"%%{int(spec.code, 16)}", spec.code) if spec.code else ()
    return {f"Parameter{place}": value for place, value in enumerate((*vm, *(spec.parameters or ()), *code))}
