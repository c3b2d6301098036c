"""The computer accounts of the hosts share an encryption type of Kerberos."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of, restart_of
from checks.subject import HostView, PairSubject
from checks.text import command, text, verbatim
from checks.windows.encryption_types import RC4, names, of, usable
from checks.windows.names import domain_of

ATTRIBUTE = verbatim("msDS-SupportedEncryptionTypes")


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="The computer accounts of both hosts share an encryption type of Kerberos",
    facts=("source.account", "target.account"),
    depends_on=("domain.membership",),
    predicts=("0x80090342",),
)
def encryption_types(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.one_machine:
        return skips("Storage goes from one place of {source} to another", source=source.name)
    both = (source, target)
    values = {host.name: _of(host) for host in both}
    evidence = tuple(_evidence(host) for host in both)
    useless = next((host for host in both if of(values[host.name]) and not usable(values[host.name])), None)
    if useless is not None:
        return fails(
            text(
                "The account of {host} names only {types}, which controllers no longer use as Windows comes",
                host=useless.name,
                types=names(values[useless.name]),
            ),
            *(row.aside() if host is not useless else row for host, row in zip(both, evidence, strict=True)),
            remedy=_remedy(useless),
        )
    unset = tuple(name for name, value in values.items() if not of(value))
    if unset:
        return passes(
            "{hosts} name no encryption types: the controllers' own default counts, which was not read (inferred)", *evidence, hosts=unset
        )
    shared = usable(values[source.name]) & usable(values[target.name])
    if not shared:
        return fails(
            text(
                "The accounts of {source} ({source_types}) and {target} ({target_types}) share no encryption type",
                source=source.name,
                target=target.name,
                source_types=names(values[source.name]),
                target_types=names(values[target.name]),
            ),
            *evidence,
            remedy=_remedy(source, target),
        )
    if shared == RC4:
        return passes(
            "{source} and {target} share RC4 alone: controllers may refuse it, which was not read",
            *evidence,
            source=source.name,
            target=target.name,
        )
    return passes("{source} and {target} share {types}", *evidence, source=source.name, target=target.name, types=names(shared))


def _of(host: HostView) -> int:
    value = host.account.encryption_types
    if value is None:
        raise host.lacks(HostView.account, text("{attribute} of {account}", attribute=ATTRIBUTE, account=host.account.account_name))
    return value


def _named(value: int) -> str:
    return f"0x{value:X} ({', '.join(names(value))})" if names(value) else f"0x{value:X}"


def _evidence(host: HostView) -> Evidence:
    value = _of(host)
    what = text("{attribute} of {account}", attribute=ATTRIBUTE, account=host.account.account_name)
    return host.evidence(HostView.account, what, _named(value) if value else text("not set"))


def _remedy(*hosts: HostView) -> Remedy:
    names_of = tuple(host.name for host in hosts)
    return Remedy(
        text(
            "Let {hosts} use AES128 and AES256, in the policy for encryption types that Kerberos allows. No command for the directory: "
            "each host writes its value there itself, from the policy",
            hosts=names_of,
        ),
        administrator_of(*names_of),
        restarts=restart_of(*names_of),
        effective_after=text(
            "when the policy has come to the host, which has been restarted, and the controllers have replicated its value"
        ),
        shows=text("a number that has 8 (AES128) and 16 (AES256) in it, such as 24 or 28"),
        verify=tuple(
            command(
                "Get-ADComputer -Identity {account} -Server {domain} -Properties 'msDS-SupportedEncryptionTypes'",
                account=host.account.account_name,
                domain=domain_of(host.account.dn),
            )
            for host in hosts
        ),
        undo=(text("Set the policy back to what it was"),),
    )
