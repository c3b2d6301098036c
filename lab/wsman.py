"""WS-Management for PowerShell remoting ([MS-WSMV]): reads a SOAP request, drives a shell, writes the SOAP answer."""

from __future__ import annotations

import base64
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias
from xml.sax.saxutils import escape

from lab.engine.shell import EngineShell
from lab.shell import Answer, NothingYet, Shell, ShellClosed, Start

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
    "pwsh": "http://schemas.microsoft.com/powershell",
    "cfg": "http://schemas.microsoft.com/wbem/wsman/1/config",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
}
_DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
_FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ENVELOPE_OVERHEAD = 3000


Opens: TypeAlias = Callable[[bytes], Shell | EngineShell]


class Fault(Exception):
    """A WSMan fault. `code` is the number that Windows gives it, `subcode` the standard's name."""

    def __init__(self, code: int, subcode: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.subcode = subcode
        self.reason = reason


ACCESS_DENIED = Fault(5, "w:AccessDenied", "Access is denied. ")
_TIMED_OUT = Fault(
    0x80338029,
    "w:TimedOut",
    "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
)
_NO_SHELL = Fault(
    0x8033805B,
    "w:InvalidSelectors",
    "The request for the Windows Remote Shell failed because the shell was not found on the server.",
)
_NO_ACTION = Fault(0x80338001, "a:ActionNotSupported", "The WS-Management service cannot process this action.")
_NO_CONFIGURATION = Fault(0x80338080, "w:InvalidResourceURI", "The WS-Management service cannot find the session configuration.")
_UNREADABLE = Fault(0x80338041, "w:SchemaValidationError", "The WS-Management service cannot read the request.")


class Reply(NamedTuple):
    """An HTTP status and body. `carries_output` is true when the body holds output of a pipeline."""

    status: int
    body: bytes
    carries_output: bool = False


class _Request(NamedTuple):
    action: str
    message_id: str
    resource: str
    shell_id: str
    envelope_bytes: int
    timeout_s: float
    body: ET.Element

    @property
    def verb(self) -> str:
        return self.action.rpartition("/")[2]

    @property
    def wanted_pipeline(self) -> uuid.UUID | None:
        """The pipeline whose output a Receive asks for; nothing when it asks for the pool's."""
        stream = self.body.find("rsp:Receive/rsp:DesiredStream", NAMESPACES)
        pipeline = None if stream is None else stream.get("CommandId")
        return uuid.UUID(pipeline) if pipeline else None

    def element(self, path: str) -> ET.Element:
        found = self.body.find(path, NAMESPACES)
        if found is None:
            raise _UNREADABLE
        return found


class WSMan:
    """The WinRM service of one computer. `requests` are the verbs of the requests it served, in order.

    `answer` gives the output of a pipeline and `start` says how sessions start (see lab.shell); `denies` makes it refuse every account the
    right to open a shell. `opens` opens its shells instead, each from its first message.
    """

    def __init__(
        self, computer: str, answer: Answer, start: Start | None = None, *, denies: bool = False, opens: Opens | None = None
    ) -> None:
        self.computer = computer
        self.requests: list[str] = []
        self._configuration = (start or Start()).shell.configuration
        self._opens = opens or partial(Shell, answer, start or Start())
        self._denies = denies
        self._shells: dict[str, Shell | EngineShell] = {}

    def handle(self, body: bytes) -> Reply:
        """Answer one SOAP request."""
        message_id = ""
        try:
            request = _read(body)
            message_id = request.message_id
            self.requests.append(request.verb)
            verb = _VERBS.get(request.verb)
            if verb is None:
                raise _NO_ACTION
            answer = verb(self, request)
        except Fault as fault:
            return Reply(500, _envelope(_FAULT_ACTION, message_id, self._fault(fault)))
        return Reply(200, _envelope(f"{request.action}Response", message_id, answer), request.wanted_pipeline is not None)

    def close(self) -> None:
        """Let nobody wait for output any longer."""
        for shell in tuple(self._shells.values()):
            shell.close()

    def _fault(self, fault: Fault) -> str:
        reason = escape(fault.reason)
        return (
            f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
            f'<s:Detail><f:WSManFault Code="{fault.code}" Machine="{escape(self.computer)}"><f:Message>{reason}</f:Message>'
            "</f:WSManFault></s:Detail></s:Fault>"
        )

    def _shell(self, request: _Request) -> Shell | EngineShell:
        shell = self._shells.get(request.shell_id)
        if shell is None:
            raise _NO_SHELL
        if request.envelope_bytes:
            shell.envelope_bytes = (request.envelope_bytes - _ENVELOPE_OVERHEAD) * 3 // 4
        return shell

    def _create(self, request: _Request) -> str:
        if self._denies:
            raise ACCESS_DENIED
        if request.resource.rpartition("/")[2].lower() != self._configuration.lower():
            raise _NO_CONFIGURATION
        asked = request.element("rsp:Shell")
        shell_id = (asked.get("ShellId") or str(uuid.uuid4())).upper()
        creation = base64.b64decode(asked.findtext("pwsh:creationXml", "", NAMESPACES))
        self._shells[shell_id] = self._opens(creation)
        resource = escape(request.resource)
        return (
            f"<x:ResourceCreated><a:Address>http://{escape(self.computer)}/wsman</a:Address><a:ReferenceParameters>"
            f'<w:ResourceURI>{resource}</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{shell_id}</w:Selector>'
            "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:ResourceUri>{resource}</rsp:ResourceUri>"
            "<rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams>"
            "<rsp:State>Connected</rsp:State></rsp:Shell>"
        )

    def _command(self, request: _Request) -> str:
        line = request.element("rsp:CommandLine")
        pipeline = uuid.UUID(line.get("CommandId") or str(uuid.uuid4()))
        fragments = "".join(part.text or "" for part in line.iterfind("rsp:Arguments", NAMESPACES))
        self._shell(request).command(pipeline, base64.b64decode(fragments))
        return f"<rsp:CommandResponse><rsp:CommandId>{str(pipeline).upper()}</rsp:CommandId></rsp:CommandResponse>"

    def _send(self, request: _Request) -> str:
        shell = self._shell(request)
        for stream in request.body.iterfind("rsp:Send/rsp:Stream", NAMESPACES):
            shell.feed(base64.b64decode(stream.text or ""))
        return "<rsp:SendResponse/>"

    def _receive(self, request: _Request) -> str:
        pipeline = request.wanted_pipeline
        try:
            data, last = self._shell(request).receive(pipeline, request.timeout_s)
        except NothingYet:
            raise _TIMED_OUT from None
        except ShellClosed:
            raise _NO_SHELL from None
        command = f' CommandId="{str(pipeline).upper()}"' if pipeline else ""
        state = f'<rsp:CommandState{command} State="{NAMESPACES["rsp"]}/CommandState/Done"/>' if last else ""
        stream = f'<rsp:Stream Name="stdout"{command}>{base64.b64encode(data).decode()}</rsp:Stream>'
        return f"<rsp:ReceiveResponse>{stream}{state}</rsp:ReceiveResponse>"

    def _signal(self, request: _Request) -> str:
        self._shell(request).stop(uuid.UUID(request.element("rsp:Signal").get("CommandId") or ""))
        return "<rsp:SignalResponse/>"

    def _delete(self, request: _Request) -> str:
        self._shell(request).close()
        self._shells.pop(request.shell_id, None)
        return ""

    def _get(self, _: _Request) -> str:
        return "<cfg:Config><cfg:MaxEnvelopeSizekb>500</cfg:MaxEnvelopeSizekb></cfg:Config>"


_Verb: TypeAlias = Callable[[WSMan, _Request], str]

_VERBS: dict[str, _Verb] = {
    "Create": WSMan._create,
    "Command": WSMan._command,
    "Send": WSMan._send,
    "Receive": WSMan._receive,
    "Signal": WSMan._signal,
    "Delete": WSMan._delete,
    "Get": WSMan._get,
}


def _read(body: bytes) -> _Request:
    try:
        envelope = ET.fromstring(body)  # noqa: S314 - a lab on loopback, and the standard library's parser follows no entity
    except ET.ParseError:
        raise _UNREADABLE from None

    def text(path: str) -> str:
        return (envelope.findtext(path, "", NAMESPACES) or "").strip()

    shell_id = envelope.find("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']", NAMESPACES)
    timeout = re.fullmatch(r"PT([\d.]+)S", text("s:Header/w:OperationTimeout"))
    content = envelope.find("s:Body", NAMESPACES)
    return _Request(
        action=text("s:Header/a:Action"),
        message_id=text("s:Header/a:MessageID"),
        resource=text("s:Header/w:ResourceURI"),
        shell_id="" if shell_id is None else (shell_id.text or "").upper(),
        envelope_bytes=int(text("s:Header/w:MaxEnvelopeSize") or 0),
        timeout_s=float(timeout[1]) if timeout else 60.0,
        body=ET.Element("empty") if content is None else content,
    )


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US"{_DECLARED}><s:Header><a:Action>{escape(action)}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
