"""What is missing on this machine to sign in as a plan says: no host could make up for it, so nobody is asked."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from collections.abc import Iterable

from checks.mistake import Mistake
from checks.plan import Plan, Transport
from checks.text import text
from runner.collect.credentials import Credentials
from runner.collect.hosts.target import Target, target_of
from runner.collect.ticket import ticket
from runner.system import problem

CREDSSP, KERBEROS = (f"pip install 'hvpreflight[{extra}]'" for extra in ("credssp", "kerberos"))


class NotReady(Mistake):
    """Something that signing in needs is not here."""


def ensure_ready(plan: Plan, credentials: Credentials) -> None:
    """Raises NotReady for the first thing that every visit to one of the plan's hosts would miss."""
    ensure_reachable((target_of(plan, host) for host in plan.host_names), credentials)


def ensure_reachable(targets: Iterable[Target], credentials: Credentials) -> None:
    """The same for visits to these."""
    for target in dict.fromkeys(targets):
        _libraries(target, credentials)
        _files(target)


def _libraries(target: Target, credentials: Credentials) -> None:
    name = target.name.spelled
    if target.auth is Transport.CREDSSP and importlib.util.find_spec("requests_credssp") is None:
        said = text("{host} is to be reached by CredSSP, and what that needs is not installed: {command}", host=name, command=CREDSSP)
        raise NotReady(said)
    if sys.platform == "win32":
        return
    own = credentials.user is None
    if target.auth is Transport.NTLM and own:
        said = text(
            "{host} is to be reached by NTLM, and this system has no logon of its own for it: name an account with --user", host=name
        )
        raise NotReady(said)
    if target.auth is Transport.KERBEROS or (target.auth is Transport.NEGOTIATE and own):
        if importlib.util.find_spec("gssapi") is None:
            raise NotReady(
                text(
                    "Kerberos to {host} needs what is not installed: {command}, or name an account with --user", host=name, command=KERBEROS
                )
                if target.auth is Transport.NEGOTIATE
                else text("Kerberos to {host} needs what is not installed: {command}", host=name, command=KERBEROS)
            )
        if own and not ((found := ticket()) and found.seconds):
            raise NotReady(text("There is no Kerberos ticket that is still valid: get one with kinit, or name an account with --user"))


def _files(target: Target) -> None:
    if target.ca_file is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=target.ca_file)
        except OSError as error:
            raise NotReady(
                text("The certificates in {file} do not read: {problem}", file=target.ca_file, problem=problem(error))
            ) from error
