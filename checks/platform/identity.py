"""The host that answered is the one that the plan means."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.directory import ComputerAccount
from checks.identity import CONTROLLERS, meant
from checks.remedy import Remedy, administrator_of, domain_administrator_of, restart_of
from checks.subject import HostSubject, HostView
from checks.text import Text, text, verbatim
from checks.windows.account_control import DISABLED, is_controller
from checks.windows.names import DnsName, HostName, fold
from checks.windows.numbers import in_hex, named


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="The host that answered is the one that the plan means, with one enabled computer account",
    facts=("host.computer", "host.account", "host.dns_suffixes", "host.os", "host.addresses"),
    predicts=("0x80090322",),
)
def identity(subject: HostSubject) -> Finding:
    claims, computer = subject.claims, subject.claims.computer
    wanted = meant(claims.key, subject.world.entry(claims.key))
    why = subject.world.why_not_meant(claims.key)
    own = computer.full_name
    name, soon = _as_said(wanted.short.spelled, computer.name), computer.next_full_name.spelled
    account = None if why is None else claims.hint(HostView.account)
    role_fits = account is None or is_controller(account.user_account_control) == (computer.role in CONTROLLERS)
    named_so = why is None or wanted.is_address or name == computer.name
    said: tuple[Evidence, ...] = (
        claims.evidence(HostView.computer, "name, as it says itself", computer.name, name, fits=named_so),
        claims.evidence(HostView.computer, "full name, as it says itself", own.spelled, fits=why is None or not named_so or not role_fits),
        claims.evidence(HostView.computer, "full name after the next restart", soon, _as_said(own.spelled, soon)),
        claims.evidence(HostView.computer, "name that its certificate or its Kerberos ticket proved", _proved(subject), fits=True),
    )
    if why is not None:
        return fails(
            text("Whoever answered for {host} is another machine: {why}", host=claims.name, why=why),
            *said,
            claims.evidence(HostView.computer, "role", named("domain_role", computer.role), fits=role_fits),
            *(() if account is None else _shown(subject)),
            remedy=_another(subject, wanted, own),
        )
    if other := subject.world.perhaps_second(claims.key):
        raise claims.lacks(HostView.addresses, text("whether {host} and {other} are one machine", host=claims.name, other=other.spelled))
    if not computer.joined:
        return skips("{host} is in a workgroup: no directory knows it", host=claims.name)
    shown = claims.account
    if shown.user_account_control & DISABLED:
        return fails(
            text("The computer account {account} of {host} is disabled", account=shown.account_name, host=claims.name),
            *said,
            *_shown(subject),
            claims.evidence(
                HostView.account,
                text("userAccountControl of {host}", host=claims.name),
                in_hex("user_account_control", shown.user_account_control),
                text("without {bits}", bits=in_hex("user_account_control", DISABLED)),
            ),
            remedy=Remedy(
                text(
                    "Find out why the account is disabled, and enable it if {host} is meant to use it: without it nobody signs in to the "
                    "host",
                    host=claims.name,
                ),
                who=domain_administrator_of(computer.domain),
            ),
        )
    if computer.suffix is None:
        raise claims.lacks(HostView.computer, text("DNS suffix of {host}", host=claims.name))
    if not shown.full_name:
        raise claims.lacks(HostView.account, text("dNSHostName of {account}", account=shown.account_name))
    if HostName(shown.full_name) != own:
        return _two_names(subject, shown, own, said)
    if computer.next_full_name != own:
        return _another_name_soon(subject, computer.next_full_name, said)
    if computer.disjoint:
        allowed = claims.dns_suffixes
        suffixes = claims.evidence(
            HostView.dns_suffixes,
            verbatim("msDS-AllowedDNSSuffixes"),
            allowed,
            computer.suffix,
            fits=DnsName(computer.suffix or "") in map(DnsName, allowed),
        )
        if DnsName(computer.suffix or "") not in map(DnsName, allowed):
            return _suffix_not_allowed(subject, suffixes, said)
        said = (*said, suffixes)
    return passes(
        "{host} is {account}, {full_name}", *said, *_shown(subject), host=claims.name, account=shown.account_name, full_name=own.spelled
    )


def _proved(subject: HostSubject) -> str | None:
    visit = subject.world.visits.get(subject.claims.key)
    return visit.proved or None if visit is not None else None


def _shown(subject: HostSubject) -> tuple[Evidence, ...]:
    claims, shown = subject.claims, subject.claims.account
    return (
        claims.evidence(HostView.account, "computer account", shown.account_name, fits=True),
        claims.evidence(
            HostView.account,
            text("dNSHostName of {account}", account=shown.account_name),
            shown.dns_host_name,
            fits=HostName(shown.full_name) == claims.computer.full_name,
        ),
        claims.evidence(HostView.account, text("SID of {account}", account=shown.account_name), shown.sid, fits=True),
    )


def _as_said(wanted: str, said: str) -> str:
    """What is wanted, in the letters in which it was said where only these differ: they are no difference."""
    return said if fold(said) == fold(wanted) else wanted


def _another(subject: HostSubject, wanted: HostName, own: HostName) -> Remedy:
    visit = subject.world.visits.get(subject.claims.key)
    return Remedy(
        text(
            "Nothing that was read there counts, and nothing may be changed by it. Find out who answers at {address}. If {wanted} is an "
            "alias or an old name of {own}, give the host's own full name in the plan (fqdn) and collect again",
            address=visit.address if visit is not None else wanted.spelled,
            wanted=wanted.spelled,
            own=own.spelled,
        ),
        who=administrator_of(subject.claims.name),
    )


def _two_names(subject: HostSubject, shown: ComputerAccount, own: HostName, said: tuple[Evidence, ...]) -> Finding:
    name = subject.claims.name
    what = text(
        "{host} has two full names: it calls itself {own}, the directory calls it {registered}",
        host=name,
        own=own.spelled,
        registered=shown.full_name,
    )
    fix = text(
        "Let one name be left. After a change of name or suffix the host has to be restarted; then it registers its own name in "
        "the directory. Until then Kerberos knows it as {registered} only",
        registered=shown.full_name,
    )
    return _risk(what, (*said, *_shown(subject)), Remedy(fix, administrator_of(name), restarts=restart_of(name)))


def _another_name_soon(subject: HostSubject, soon: HostName, said: tuple[Evidence, ...]) -> Finding:
    names: dict[str, str | Text] = {"host": subject.claims.name, "soon": soon.spelled}
    fix = text(
        "Restart {host} before anything is prepared for it, and collect again: with the name all names of its services change, so "
        "that delegation lists need {soon}",
        **names,
    )
    what = text("{host} will call itself {soon} after its next restart", **names)
    return _risk(
        what, (*said, *_shown(subject)), Remedy(fix, administrator_of(subject.claims.name), restarts=restart_of(subject.claims.name))
    )


def _suffix_not_allowed(subject: HostSubject, suffixes: Evidence, said: tuple[Evidence, ...]) -> Finding:
    computer = subject.claims.computer
    names: dict[str, str | Text] = {"host": subject.claims.name, "suffix": computer.suffix or "", "domain": computer.domain}
    fix = text("Add {suffix} to msDS-AllowedDNSSuffixes of {domain}, or give {host} the suffix {domain}", **names)
    what = text("{host} has the DNS suffix {suffix}, which {domain} does not allow: it may not be able to register its names", **names)
    return _risk(what, (*said, *_shown(subject), suffixes), Remedy(fix, domain_administrator_of(computer.domain)))


def _risk(what: Text, evidence: tuple[Evidence, ...], remedy: Remedy) -> Finding:
    """It is the host, and its names may keep a move from succeeding."""
    return fails(what, *evidence, severity=Severity.RISK, predicts=(), remedy=remedy)
