"""Each host finds the domain controllers that a move needs it to find."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import DomainAnswer, ServiceAnswer
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, domain_administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Command, Text, Value, command, text
from checks.trusts import way
from checks.windows.names import DnsName, fold
from checks.world import FactMissing

BLOCKER, RISK = Severity.BLOCKER, Severity.RISK

ABSENT = {
    9003: text("{host} finds no domain controller of {domain}: {name} does not exist in the DNS that it asks"),
    9501: text("{host} finds no domain controller of {domain}: {name} has no such records in the DNS that it asks"),
    0: text("{host} finds no domain controller of {domain}: {name} names no server in the DNS that it asks"),
}
"""What the DNS says of a domain without controllers, by the error of Windows. Any other error is no answer."""
UNRESOLVED = text("{host} finds no domain controller of {domain}: none of the servers that {name} names has an address in what it resolves")
NOT_FOUND = (0, 11001, 11004)
"""The errors of sockets for a name without an address."""

OWN = text("it is the domain of {host} itself")
OTHER = text("{host} gets its ticket for {other} there")
BETWEEN = text("on its way to {other} the ticket of {host} is referred through it")
BACK = text("nothing in this move is known to need it, but a move back to {other} does (inferred)")
LDAP_ALONE = text("it finds those that give tickets, and whether a move needs the others is not known")
KNOWN = text("it knows {controller} all the same, found earlier or in another way, and for how long is not known")
CHANNEL = text("its secure channel works all the same, and for how long is not known")


class Need(Struct, frozen=True):
    """A host has to find controllers of a domain. `severity` is what it means that it finds none, `why` what it needs them for."""

    host: HostView
    domain: str
    severity: Severity
    why: Text

    @property
    def own(self) -> bool:
        return DnsName(self.domain) == DnsName(self.host.computer.domain)

    @property
    def answer(self) -> DomainAnswer:
        """What the host resolves for the domain. Raises FactMissing where it was not asked."""
        for answer in self.host.controller_records:
            if DnsName(answer.domain) == DnsName(self.domain):
                return answer
        raise self.unknown(text("what {host} resolves for the domain controllers of {domain}", host=self.host.name, domain=self.domain))

    def unknown(self, what: Text) -> FactMissing:
        return FactMissing(f"{self.host.role}.{HostView.controller_records.name}", self.host.world.not_collected(what))

    def record(self, service: str) -> str:
        return f"_{service}._tcp.dc._msdcs.{self.domain}"


LDAP, KERBEROS = "ldap", "kerberos"


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Each host finds domain controllers of its own domain and of the other's",
    facts=(
        "source.computer",
        "source.controller_records",
        "source.locators",
        "source.secure_channel",
        "target.computer",
        "target.controller_records",
        "target.locators",
        "target.secure_channel",
        "realm.domain",
        "realm.forest_domains",
        "realm.trusts",
    ),
    depends_on=("domain.membership",),
    predicts=("0x80090311",),
)
def locator(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage and subject.one_machine:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    needs, unknown = _needs(subject)
    found: list[Finding] = []
    evidence: list[Evidence] = []
    for need in needs:
        try:
            problem = _problem(subject, need)
            found += [problem] if problem else []
            evidence += () if problem else (_evidence(need, service, answer) for service, answer in _answers(need))
        except FactMissing as missing:
            unknown = unknown or missing
    worst = next((finding for finding in found if finding.severity is BLOCKER), None)
    if worst is None and unknown is not None:
        raise unknown
    if found:
        return worst or found[0]
    return passes(
        "{source} and {target} find domain controllers of {domains}",
        *evidence,
        source=source.name,
        target=target.name,
        domains=tuple({DnsName(need.domain).key: need.domain for need in needs}.values()),
    )


def _needs(subject: PairSubject) -> tuple[list[Need], FactMissing | None]:
    """Who has to find controllers of which domain, as far as it is known, and what was not read of it."""
    source, target = subject.source, subject.target
    here, there = source.computer.domain, target.computer.domain
    needs = [Need(host, host.computer.domain, BLOCKER, OWN) for host in (source, target)]
    if DnsName(here) == DnsName(there):
        return needs, None
    needs += [Need(source, there, BLOCKER, OTHER), Need(target, here, RISK, BACK)]
    try:
        between = way(subject.realm, subject.realm(here), subject.realm(there))
    except FactMissing as missing:
        return needs, missing
    return [*needs, *(Need(source, domain, BLOCKER, BETWEEN) for domain in between)], None


def _answers(need: Need) -> Iterator[tuple[str, ServiceAnswer]]:
    """Each service, that of tickets first."""
    yield KERBEROS, need.answer.kerberos
    yield LDAP, need.answer.ldap


def _problem(subject: PairSubject, need: Need) -> Finding | None:
    """What is wrong with what a host finds, or nothing. Raises FactMissing where that is not known."""
    _ensure_dns(need)
    lacking = [(service, lack) for service, answer in _answers(need) if (lack := _lack(need, service, answer))]
    if not lacking:
        return None
    service, lack = lacking[0]
    host, values = need.host, dict[str, Value](host=need.host.name, domain=need.domain, name=need.record(service))
    other = subject.target if host is subject.source else subject.source
    severity, why = need.severity, replace(need.why, values={"host": host.name, "other": other.name})
    if service == LDAP and not need.own:
        severity, why = RISK, LDAP_ALONE
    if severity is BLOCKER and (otherwise := _otherwise(subject, need)):
        severity, why = RISK, otherwise
    return fails(
        text("{found}; {why}", found=replace(lack, values=values), why=why),
        *(_evidence(need, each, answer, fits=each not in dict(lacking)) for each, answer in _answers(need)),
        severity=severity,
        remedy=_own(need, service) if need.own else _forward(need, service),
    )


def _ensure_dns(need: Need) -> None:
    """Raises FactMissing for a domain whose name has no dot, unless the host is in its tree: the locator asks the DNS for such a name only
    where the host's own forest has one."""
    domain, own = DnsName(need.domain).key, DnsName(need.host.computer.domain).key
    if "." not in domain and own != domain and not own.endswith(f".{domain}"):
        raise need.unknown(text("how {host} looks for {domain}, a domain whose name has no dot", host=need.host.name, domain=need.domain))


def _lack(need: Need, service: str, answer: ServiceAnswer) -> Text | None:
    """Why no controller is found by the records of one service, or nothing where one is."""
    if not answer.servers:
        if answer.code not in ABSENT:
            what = text("what {host} resolves for {name}: error {code}", host=need.host.name, name=need.record(service), code=answer.code)
            raise need.unknown(what)
        return ABSENT[answer.code]
    told = {DnsName(each.name): each for each in need.answer.names}
    looked_up = [told.get(DnsName(server.name)) for server in answer.servers]
    if any(each is not None and each.code == 0 and each.addresses for each in looked_up):
        return None
    if all(each is not None and each.code in NOT_FOUND for each in looked_up):
        return UNRESOLVED
    raise need.unknown(text("whether {host} resolves a server that {name} names", host=need.host.name, name=need.record(service)))


def _otherwise(subject: PairSubject, need: Need) -> Text | None:
    """How a host knows a controller though it resolves none, or nothing where it does not. Raises FactMissing."""
    host = need.host
    rows = [row for row in host.locators if row.controller]
    known = next((row for row in rows if row.is_of(need.domain, ())), None)
    if known is None and any("." not in row.controller for row in rows):
        short = fold(subject.realm(need.domain).domain.netbios_name)
        known = next((row for row in rows if row.is_of(need.domain, (short,))), None)
    if known is not None:
        return replace(KNOWN, values={"controller": known.controller})
    if need.own and host.computer.role not in CONTROLLERS and host.secure_channel.works:
        return CHANNEL
    return None


def _evidence(need: Need, service: str, answer: ServiceAnswer, *, fits: bool | None = None) -> Evidence:
    """Those of the servers of which it was asked whether they have an address, with what came."""
    named = {DnsName(server.name) for server in answer.servers}
    shown = tuple(
        text("{server} is {addresses}", server=each.name, addresses=each.addresses or text("error {code}", code=each.code))
        for each in need.answer.names
        if DnsName(each.name) in named
    )
    what = text("servers that {name} names on {host}", name=need.record(service), host=need.host.name)
    found = shown if answer.servers else text("error {code}", code=answer.code)
    return need.host.evidence(HostView.controller_records, what, found, fits=fits)


def _own(need: Need, service: str) -> Remedy:
    """What to do about a host's own domain."""
    host = need.host.name
    return Remedy(
        text(
            "Let the adapters of {host} ask none but DNS servers that know {domain}, as a rule its domain controllers. Where other hosts "
            "find none there either, let the controllers register their records anew (nltest /dsregdns)",
            host=host,
            domain=need.domain,
        ),
        administrator_of(host),
        commands=(
            command("Get-DnsClientServerAddress -CimSession {host}", host=host),
            command(
                "Set-DnsClientServerAddress -CimSession {host} -InterfaceAlias (Read-Host 'Adapter whose DNS servers are wrong') "
                "-ServerAddresses ((Read-Host 'Addresses of DNS servers that know the domain, with commas') -split ',')",
                host=host,
            ),
            command("Clear-DnsClientCache -CimSession {host}", host=host),
        ),
        effective_after=text("at once; {host} may remember for some minutes that it found nothing", host=host),
        shows=text("the controllers of the domain, then one of them as DC"),
        verify=_verify(need, service),
        undo=(
            command(
                "Set-DnsClientServerAddress -CimSession {host} -InterfaceAlias (Read-Host 'Adapter whose DNS servers are wrong') "
                "-ServerAddresses ((Read-Host 'Addresses of the DNS servers from before, with commas') -split ',')",
                host=host,
            ),
        ),
    )


def _forward(need: Need, service: str) -> Remedy:
    """What to do about another domain."""
    home = need.host.computer.domain
    return Remedy(
        text(
            "Let the DNS servers that {host} asks find {domain}: by a conditional forwarder to DNS servers of that domain, or inside a "
            "forest by a delegation. Where its own DNS servers do not know the records either, let its controllers register them anew "
            "(nltest /dsregdns)",
            host=need.host.name,
            domain=need.domain,
        ),
        domain_administrator_of(home),
        commands=(
            command(
                "Add-DnsServerConditionalForwarderZone -ComputerName (Read-Host 'DNS server that the host asks') -Name {domain} "
                "-MasterServers ((Read-Host 'Addresses of DNS servers of the other domain, with commas') -split ',')",
                domain=need.domain,
            ),
            command("Clear-DnsServerCache -ComputerName (Read-Host 'DNS server that the host asks') -Force"),
            command("Clear-DnsClientCache -CimSession {host}", host=need.host.name),
        ),
        effective_after=text(
            "on each DNS server at once, once its cache is empty; {host} may remember for some minutes that it found nothing",
            host=need.host.name,
        ),
        shows=text("the controllers of the domain, then one of them as DC"),
        verify=_verify(need, service),
        undo=(
            command(
                "Remove-DnsServerZone -ComputerName (Read-Host 'DNS server that the host asks') -Name {domain} -Force", domain=need.domain
            ),
        ),
    )


def _verify(need: Need, service: str) -> tuple[Command, ...]:
    host = need.host.name
    return (
        command(
            "Invoke-Command -ComputerName {host} { Resolve-DnsName -Name $args[0] -Type SRV } -ArgumentList {name}",
            host=host,
            name=need.record(service),
        ),
        command(
            'Invoke-Command -ComputerName {host} { nltest.exe "/dsgetdc:$($args[0])" /kdc /force } -ArgumentList {domain}',
            host=host,
            domain=need.domain,
        ),
    )
