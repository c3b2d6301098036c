"""One shell on one host over PowerShell remoting.

Nothing is taken from the environment: no proxy, no list of authorities, no stored login. Over HTTP every message is encrypted and an
unencrypted answer is refused; Basic authentication is refused without TLS; redirects are not followed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import requests
from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import OptionSet, SelectorSet, WSMan, WSManAction
from spnego.exceptions import SpnegoError

from checks.facts.fact import Reason
from checks.plan import Transport
from checks.text import Text, text
from runner.collect.credentials import Credentials
from runner.collect.hosts.failures import TIMED_OUT_FAULTS, Interrupted, SessionBroken
from runner.collect.hosts.language_mode import NO_FUNCTION, is_refusal, is_unknown_command, why
from runner.collect.hosts.line import Line
from runner.collect.hosts.messages import Kind, Message, Messages, failure_in, failure_of, member, said, state_of
from runner.collect.hosts.script import FUNCTION
from runner.collect.hosts.signs import Failure
from runner.collect.hosts.target import Target
from runner.collect.hosts.transport import HttpTransport
from runner.collect.trial import Trial
from runner.collect.unread import Unread

logging.getLogger("pypsrp").addHandler(logging.NullHandler())

CONNECT_S = 15.0
OPERATION_S = 60.0
RECEIVE_S = 5.0
"""How long a host may hold a request for output when there is none yet; so soon a visit hears that it is interrupted."""
INTERRUPT_S = RECEIVE_S + 2.0
"""How long an interrupted program waits for its visits to close their shells."""
LEAST_OPERATION_S = 0.5
"""What Windows takes at least as the time-out of an operation."""
IDLE_S = 300
ENVELOPE_BYTES = 512_000
"""The largest envelope from Windows 2012 on."""
NO_RECORD = "pipeline failed without an error record"
CLOSE_S = 5.0
"""How much of a visit's time is kept for closing its shell; a quarter of a short one."""


class BoundedWSMan(WSMan):
    """WSMan whose requests all end in time, each sent once: pypsrp alone would wait almost five minutes for a silent host.

    Every operation is to end by `end_by`, and its answer to be there by `answer_by`, which is later: a connection with encrypted messages
    does not survive a read that is given up. When one was, the next request agrees on a new encryption. Nothing is sent once
    `interrupted` is set.
    """

    end_by: float
    answer_by: float
    interrupted: threading.Event

    def __init__(self, transport: HttpTransport, line: Line) -> None:
        super().__init__(transport.server)
        self.transport = transport
        self.line = line

    def invoke(
        self,
        action: str,
        resource_uri: str,
        resource: ET.Element | None = None,
        option_set: OptionSet | None = None,
        selector_set: SelectorSet | None = None,
        timeout: int | None = None,  # noqa: ARG002 - the base class's signature
        retries_on_read_timeout: int = 0,  # noqa: ARG002
    ) -> ET.Element:
        if self.interrupted.is_set():
            raise Interrupted
        now = time.monotonic()
        left = self.end_by - now
        if left <= 0:
            raise requests.Timeout("the time for this host is over")
        self.line.begin(self.answer_by)
        self.transport.connection_timeout = min(CONNECT_S, left)  # type: ignore[assignment]  # seconds, fractions too
        self.transport.read_timeout = self.answer_by - now  # type: ignore[assignment]
        most = RECEIVE_S if action == WSManAction.RECEIVE else OPERATION_S
        self.operation_timeout = round(max(LEAST_OPERATION_S, min(most, left)), 3)  # type: ignore[assignment]
        try:
            return super().invoke(action, resource_uri, resource, option_set, selector_set)
        except (requests.RequestException, TimeoutError):
            self.transport.encryption = None
            raise


class Pipeline(PowerShell):
    """A pipeline, the texts that it put out since they were last taken, and how it failed first."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.texts: list[str] = []
        self.failure: Failure | None = None


class Failed(Unread):
    """A pipeline that did not end well."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(*why(failure))
        self.failure = failure


class Pool(RunspacePool):
    """A runspace pool that waits for its opening as for output, looks only at what a visit needs of what comes
    (runner.collect.hosts.messages), and tells what broke it."""

    def __init__(self, connection: WSMan, configuration_name: str) -> None:
        super().__init__(connection, configuration_name=configuration_name, no_profile=True, idle_timeout=IDLE_S)
        self._messages = Messages()

    def _receive(self, id: str | None = None, timeout: int | None = None) -> list[tuple[int, Any]]:
        try:
            return super()._receive(id, timeout)
        except WSManFaultError as fault:
            if fault.code not in TIMED_OUT_FAULTS:
                raise
            return []

    def receive(self, pipeline: Pipeline) -> None:
        """Ask once for what a pipeline has put out, and how it is."""
        self._receive(pipeline.id)

    def _parse_responses(self, responses: bytes, pipeline: Any = None) -> list[tuple[int, Any]]:
        for message in self._messages.take(responses):
            if pipeline is None:
                self._of_pool(message)
            else:
                self._of_pipeline(message, pipeline)
        return []

    def _of_pool(self, message: Message) -> None:
        match message.kind:
            case Kind.SESSION_CAPABILITY:
                self.protocol_version = said(member(message.root, "protocolversion"))
                self.connection.update_max_payload_size(ENVELOPE_BYTES)
                self._fragmenter.max_size = self.connection.max_payload_size
            case Kind.RUNSPACEPOOL_STATE:
                self.state = state_of(message.root, "RunspaceState")
                if self.state == RunspacePoolState.BROKEN:
                    raise SessionBroken(failure_in(message.root, "ExceptionAsErrorRecord") or Failure(type=NO_RECORD))

    def _of_pipeline(self, message: Message, pipeline: Pipeline) -> None:
        match message.kind:
            case Kind.PIPELINE_OUTPUT:
                output = said(message.root)
                if output is None:
                    raise Unread(Reason.UNREADABLE, text("an object that is no text"))
                pipeline.texts.append(output)
            case Kind.ERROR_RECORD:
                pipeline.failure = pipeline.failure or failure_of(message.root)
            case Kind.PIPELINE_STATE:
                pipeline.state = state_of(message.root, "PipelineState")
                pipeline.failure = pipeline.failure or failure_in(message.root, "ExceptionAsErrorRecord")


class Session:
    """One shell on one host. Raises Unread before anything is contacted where that would not be safe; everything else as
    pypsrp and requests do.

    Reading ends before the `deadline`, so that there is time to close. `interrupted` ends it at the next request.
    """

    def __init__(self, target: Target, credentials: Credentials, deadline: float, interrupted: threading.Event) -> None:
        refuse_unsafe(target, credentials)
        self.target = target
        trial = Trial(free=True) if target.auth is Transport.CERTIFICATE else credentials.trial
        self.line = Line(deadline, trial.on(target.name.spelled))
        self.wsman = BoundedWSMan(transport_to(target, credentials, self.line), self.line)
        kept = min(CLOSE_S, max(0.0, deadline - time.monotonic()) / 4)
        self.end = deadline - kept / 5
        """Until when the shell is closed: a moment before whoever waits gives the visit up."""
        self.read_by = self.wsman.end_by = deadline - kept
        self.wsman.answer_by = self.read_by + kept / 5
        self.wsman.interrupted = interrupted
        self.pool = Pool(self.wsman, target.configuration_name)
        self.running: Pipeline | None = None
        self.takes_scripts = True
        """Until it has refused one."""

    @property
    def authentication(self) -> str:
        """The way that the plan names and, where it is negotiated, what came of it."""
        contexts = getattr(self.wsman.transport.session.auth, "contexts", {}) if self.wsman.transport.session else {}
        agreed = {context.negotiated_protocol for context in contexts.values() if getattr(context, "negotiated_protocol", None)}
        named = self.target.auth.value
        return f"{named} ({', '.join(sorted(agreed))})" if agreed - {named} else named

    @property
    def proved(self) -> str:
        """The name that the host proved to be: by a certificate that was checked, or by Kerberos; empty where nothing proved one."""
        return self.target.identity if self.target.tls or self._by_kerberos else ""

    @property
    def _by_kerberos(self) -> bool:
        """A host that refuses a ticket has not seen the password; the domain has, and gave the ticket for it."""
        return self.authentication in ("kerberos", "negotiate (kerberos)")

    def open(self) -> None:
        """Open the shell. Whatever follows, `close` deletes it."""
        try:
            self.pool.open()
        except SpnegoError:  # what the host sent to sign in with is broken, or what is here: nobody has judged the logon
            raise
        except Exception as error:
            if not self.line.refused:
                raise
            if not self._by_kerberos:
                self.line.attempt.rejected()
            raise AuthenticationError("the host asks for a logon after the one it got") from error  # of CredSSP it is another one

    def run(self, script: str, request: str, take: Callable[[str], object], expected: int) -> bool:
        """Give `take` each text that a script puts out, as soon as it is there: `expected` ones in all. A session that runs no script is
        asked through the function that has it as its body. Raises Unread when the script fails or puts out anything else. False when it was
        stopped because one text, with others behind it, took more than half of the time left."""
        if self.takes_scripts:
            try:
                return self._run(lambda shell: shell.add_script(script), request, take, expected)
            except Failed as failed:
                if not is_refusal(failed.failure):
                    raise
                self.takes_scripts = False
        try:
            return self._run(lambda shell: shell.add_cmdlet(FUNCTION), request, take, expected)
        except Failed as failed:
            if is_unknown_command(failed.failure):
                raise Unread(Reason.NOT_COLLECTED, NO_FUNCTION) from failed
            raise

    def _run(self, call: Callable[[Pipeline], object], request: str, take: Callable[[str], object], expected: int) -> bool:
        shell = self.running = Pipeline(self.pool)
        call(shell)
        shell.add_parameter("Request", request)
        shell.begin_invoke()
        share = self._share()
        while shell.state == PSInvocationState.RUNNING:
            if expected > 1 and time.monotonic() >= share:
                self.wsman.end_by = self.read_by
                shell.stop()
                return False
            self.wsman.end_by = share if expected > 1 else self.read_by
            self.pool.receive(shell)
            for output in shell.texts:
                take(output)
            if shell.texts:
                share, expected = self._share(), expected - len(shell.texts)
                shell.texts.clear()
        if shell.state != PSInvocationState.COMPLETED:
            raise Failed(shell.failure or Failure(type=NO_RECORD))
        return True

    def _share(self) -> float:
        """Until when the next text may take."""
        now = time.monotonic()
        return now + max(0.0, self.read_by - now) / 2

    def close(self) -> None:
        """Stop what runs, delete the shell and hang up, within the visit's time. pypsrp would leave the shell of a broken pool behind."""
        self.wsman.interrupted = threading.Event()
        end = min(self.end, time.monotonic() + CLOSE_S)
        if self.running is not None and self.running.state == PSInvocationState.RUNNING:
            self._within((end - time.monotonic()) / 2)
            with contextlib.suppress(Exception):
                self.running.stop()
        self._within(end - time.monotonic())
        for close in (self.pool.shell.close, self.wsman.close):
            with contextlib.suppress(Exception):
                close()
        self.line.hang_up()
        self.line.attempt.leave()

    def _within(self, seconds: float) -> None:
        """The next request is to be answered within so many seconds."""
        self.wsman.answer_by = time.monotonic() + seconds
        self.wsman.end_by = self.wsman.answer_by - seconds / 4


def transport_to(target: Target, credentials: Credentials, line: Line) -> HttpTransport:
    """Raises Unread when the target's file of authorities does not read."""
    try:
        return HttpTransport(target, credentials, line)
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise refused(text("the certificates in {file} do not read: {problem}", file=target.ca_file or "", problem=problem)) from error


def refuse_unsafe(target: Target, credentials: Credentials) -> None:
    """Raises Unread for a visit that would show a password or cannot authenticate."""
    if target.auth in (Transport.BASIC, Transport.CERTIFICATE) and not target.tls:
        raise refused(text("{method} authentication is refused without TLS", method=target.auth.value))
    if target.auth in (Transport.BASIC, Transport.CREDSSP) and (credentials.user is None or credentials.password() is None):
        raise refused(text("{method} authentication needs a user and a password", method=target.auth.value))
    if target.auth is Transport.CERTIFICATE and not (target.certificate and target.certificate_key):
        raise refused(text("certificate authentication needs a certificate and its key"))


def refused(why: Text) -> Unread:
    """A visit that is not made: it would not be safe, or the means for it are missing."""
    return Unread(Reason.NOT_COLLECTED, why)
