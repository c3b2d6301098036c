"""Error records as an engine writes them into PSRP messages ([MS-PSRP] 2.2.3.15): the exception with its types, text, message and
HRESULT."""

from __future__ import annotations

from psrpcore import types

from lab.failures import Failure

_SYSTEM = "System.SystemException"
_RUNTIME = "System.Management.Automation.RuntimeException"
_BASES = {
    "System.Exception": (),
    _RUNTIME: (_SYSTEM,),
    "System.Management.Automation.ParseException": (_RUNTIME, _SYSTEM),
    "System.Management.Automation.PipelineStoppedException": (_RUNTIME, _SYSTEM),
}
"""What a type derives from, up to System.Exception; SystemException where nothing is said."""


def error_record(failure: Failure) -> types.ErrorRecord:
    bases = _BASES.get(failure.type, (_SYSTEM,))
    exception = types.NETException(Message=failure.text, HResult=_signed(failure.hresult))
    exception.PSObject.type_names = list(dict.fromkeys((failure.type, *bases, "System.Exception", "System.Object")))
    exception.PSObject.to_string = f"{failure.type}: {failure.text}"
    category = types.ErrorCategoryInfo(
        Category=types.ErrorCategory[failure.category], Activity="", Reason=failure.reason, TargetName="", TargetType=""
    )
    record = types.ErrorRecord(
        Exception=exception, FullyQualifiedErrorId=failure.id, CategoryInfo=category, InvocationInfo=_where(failure.line)
    )
    record.PSObject.to_string = failure.text
    return record


def _where(line: int) -> types.InvocationInfo | None:
    """Where in a script; nowhere when no line of it ran."""
    if not line:
        return None
    where = types.InvocationInfo(
        ScriptLineNumber=line,
        OffsetInLine=1,
        HistoryId=types.PSInt64(1),
        ScriptName="",
        Line="",
        PositionMessage="",
        PSScriptRoot="",
        InvocationName="",
        PipelineLength=0,
        PipelinePosition=0,
        ExpectingInput=False,
    )
    where.PSObject.to_string = "System.Management.Automation.InvocationInfo"
    return where


def _signed(hresult: str) -> int:
    number = int(hresult, 16)
    return number - 2**32 if number >= 2**31 else number
