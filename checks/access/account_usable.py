"""The operator's account may be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.remedy import OPERATOR, Remedy, Step, domain_administrator_of
from checks.subject import AccessSubject, OperatorView, evidence_of
from checks.text import Text, Value, command, minute, text
from checks.windows.account_control import DISABLED, LOCKED_OUT, PASSWORD_EXPIRED
from checks.windows.names import domain_of
from checks.windows.sids import ADMINISTRATOR, relative
from checks.windows.times import NEVER, moment

COMPUTED, EXPIRES, PASSWORD_EXPIRES = "msDS-User-Account-Control-Computed", "accountExpires", "msDS-UserPasswordExpiryTimeComputed"


class Flaw(NamedTuple):
    """What keeps the account from being used, or soon will, and how that is set right and taken back: a `password` by the operator."""

    severity: Severity
    message: Text
    commands: tuple[Step, ...]
    undo: tuple[Step, ...] = ()
    password: bool = False


class Needed(NamedTuple):
    """When the account was looked at, and from when until when it has to be usable."""

    seen: datetime
    begin: datetime
    end: datetime


@check(
    scope=Scope.ACCESS,
    severity=Severity.BLOCKER,
    title="The operator's account is enabled, not locked and not expired, and neither is its password",
    facts=("operator.account",),
    predicts=("0x8007052E", "0x8007052F"),
)
def account_usable(subject: AccessSubject) -> Finding:
    return subject.operator.once(_usable, _needed(subject))


def _usable(operator: OperatorView, needed: Needed) -> Finding:
    """The same on each host."""
    account = operator.account
    values: dict[str, Value] = {"operator": operator.name, "account": account.dn, "domain": domain_of(account.dn)}
    flaws = [*_of_account(operator, needed, values), *_of_password(operator, needed)]
    if flaws:
        worst = max(flaws, key=lambda flaw: flaw.severity.weight)
        return fails(worst.message, *_evidence(operator, needed), severity=worst.severity, remedy=_remedy(flaws, values))
    read = {COMPUTED: account.computed_control, EXPIRES: account.expires, PASSWORD_EXPIRES: account.password_expires}
    for attribute, value in read.items():
        if value is None:
            raise operator.lacks(OperatorView.account, text("{attribute} of {account}", attribute=attribute, account=operator.name))
    return passes(
        "The account of {operator} is usable at least until {end}",
        *_evidence(operator, needed),
        operator=operator.name,
        end=minute(needed.end),
    )


def _needed(subject: AccessSubject) -> Needed:
    """In the change window. Without one, or after it, from now on until the facts are too old."""
    collected, window = subject.world.snapshot.collected, subject.world.change.window
    if window is None or window.end <= collected.end:
        return Needed(collected.end, collected.end, subject.world.valid_until)
    return Needed(collected.end, max(window.start, collected.end), window.end)


def _of_account(operator: OperatorView, needed: Needed, values: dict[str, Value]) -> Iterator[Flaw]:
    account = operator.account
    if account.user_account_control & DISABLED:
        yield Flaw(
            Severity.BLOCKER,
            text("The account of {operator} is disabled", operator=operator.name),
            (command("Enable-ADAccount -Identity {account} -Server {domain}", **values),),
            (command("Disable-ADAccount -Identity {account} -Server {domain}", **values),),
        )
    if account.computed_control is not None and account.computed_control & LOCKED_OUT:
        built_in = relative(account.sid) == ADMINISTRATOR
        yield Flaw(
            Severity.RISK if built_in else Severity.BLOCKER,
            text(
                "{operator}, the built-in administrator, is marked as locked: it depends on the domain's policy whether that counts"
                if built_in
                else "The account of {operator} is locked, after too many wrong passwords",
                operator=operator.name,
            ),
            (command("Unlock-ADAccount -Identity {account} -Server {domain}", **values),),
        )
    expires = moment(account.expires) if account.expires else None
    if expires is not None and expires <= needed.end:
        yield Flaw(
            Severity.BLOCKER if expires <= needed.begin else Severity.RISK,
            text(
                "The account of {operator} expired at {at}"
                if expires <= needed.seen
                else "The account of {operator} expires at {at}, and the move may need it until {end}",
                operator=operator.name,
                at=minute(expires),
                end=minute(needed.end),
            ),
            (command("Clear-ADAccountExpiration -Identity {account} -Server {domain}", **values),),
            (
                command(
                    "Set-ADAccountExpiration -Identity {account} -Server {domain} -DateTime {at}",
                    **values,
                    at=f"{expires:%Y-%m-%dT%H:%M:%SZ}",
                ),
            ),
        )


def _of_password(operator: OperatorView, needed: Needed) -> Iterator[Flaw]:
    """A password that expires before the window begins can still be changed in time."""
    account = operator.account
    expires = None if account.password_expires is None else moment(account.password_expires)
    marked = account.computed_control is not None and bool(account.computed_control & PASSWORD_EXPIRED)
    expired = marked or (expires is not None and expires <= needed.seen)
    if not expired and (expires is None or expires > needed.end):
        return
    if account.password_expires == 0:
        found = text("{operator} has to change the password at the next sign-in", operator=operator.name)
    elif expired:
        found = text("The password of {operator} has expired", operator=operator.name)
    else:
        found = text(
            "The password of {operator} expires at {at}, and the move may need it until {end}",
            operator=operator.name,
            at=_said(account.password_expires),
            end=minute(needed.end),
        )
    yield Flaw(
        Severity.BLOCKER if expired else Severity.RISK,
        found,
        (text("Sign in as {operator} and change the password", operator=operator.name),),
        password=True,
    )


def _remedy(flaws: list[Flaw], values: dict[str, Value]) -> Remedy:
    by_operator = all(flaw.password for flaw in flaws)
    return Remedy(
        text(
            "Change the password of {operator} before the move, or let another account start it"
            if by_operator
            else "Make the account of {operator} usable, if this account is meant to start the move; otherwise let another one start it",
            operator=values["operator"],
        ),
        OPERATOR if by_operator else domain_administrator_of(str(values["domain"])),
        commands=tuple(step for flaw in flaws for step in flaw.commands),
        effective_after=text("when every domain controller shows it, at the next sign-in of the operator"),
        shows=text("Enabled True, LockedOut False, PasswordExpired False, and no AccountExpirationDate in the past"),
        verify=(
            command(
                "Get-ADUser -Identity {account} -Server {domain} -Properties Enabled, LockedOut, AccountExpirationDate, PasswordExpired",
                **values,
            ),
        ),
        undo=tuple(step for flaw in reversed(flaws) for step in flaw.undo),
    )


def _evidence(operator: OperatorView, needed: Needed) -> tuple[Evidence, ...]:
    """What was read of the account."""
    account, computed = operator.account, operator.account.computed_control
    fact = operator.fact(OperatorView.account)
    found = [evidence_of(fact, "disabled", bool(account.user_account_control & DISABLED), False)]
    if computed is not None:
        found.append(evidence_of(fact, "locked", bool(computed & LOCKED_OUT), False))
        found.append(evidence_of(fact, "password expired", bool(computed & PASSWORD_EXPIRED), False))
    wanted = text("after {moment}", moment=minute(needed.end))
    if account.expires is not None:
        at = account.expires or NEVER
        found.append(evidence_of(fact, "when the account expires", _said(at), wanted, fits=_lasts(at, needed)))
    if account.password_expires is not None:
        at = account.password_expires
        found.append(evidence_of(fact, "when the password expires", _said(at), wanted, fits=_lasts(at, needed)))
    return tuple(found)


def _lasts(at: int, needed: Needed) -> bool:
    expires = moment(at)
    return expires is None or expires > needed.end


def _said(number: int | None) -> Value:
    at = None if number is None else moment(number)
    return text("never") if at is None else minute(at)
