"""Sample results, built as a run builds them: every finding with its subject, counts and verdicts worked out from the findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from checks.check import Evidence, Outcome, Severity, fails, passes
from checks.facts.directory import Sealing, SignIn
from checks.facts.fact import Reason
from checks.facts.snapshot import Collected, HostVisit, Protection
from checks.remedy import OPERATOR, Remedy, Role, Who, domain_administrator_of
from checks.result import (
    RESULT_FORMAT,
    After,
    AreaState,
    ChangeInfo,
    CheckInfo,
    FindingRecord,
    Lack,
    Message,
    MoveResult,
    PairResult,
    RemedyRecord,
    Result,
    Subject,
    Tool,
    Verdict,
    worst,
)
from checks.text import NOTHING, Text, Value, plain, render, text, verbatim
from checks.waves import Wave
from reports.escape import powershell_command

START = datetime(2026, 12, 5, 17, 0, 0, tzinfo=UTC)
END = START + timedelta(seconds=9)
BEFORE_THE_END = START + timedelta(hours=2)
AFTER_THE_END = START + timedelta(hours=30)
ZONE = timezone(timedelta(hours=1))

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "'; Remove-Item C:\\ -Recurse; '",
    "\u202egnp.exe \u2066LMTest",
    "\x1b[2J\x1b]0;owned\x07red\x1b[31m",
    "’; Stop-Computer; ‘",
    "W" * 200,
    "</script><img src=x onerror=alert(2)>",
    "{{ 7*7 }} {vm} ${jndi}",
    'a" onmouseover="alert(3)',
    "line\r\nbreak\ttab\u2028end",
)

CHECKS = {
    "platform.os_support": CheckInfo(
        "This pair of Windows versions can move VMs in this direction", "platform", "pair", Severity.BLOCKER, ("W16 requirements",)
    ),
    "access.hyperv_administrator": CheckInfo(
        "The operator may manage Hyper-V on both hosts", "access", "access", Severity.BLOCKER, ("W12", "W16")
    ),
    "delegation.migration_service": CheckInfo(
        "The source may delegate to the target's migration service", "delegation", "move", Severity.BLOCKER, ("W12 1.9", "W16 1.9")
    ),
    "delegation.cifs": CheckInfo(
        "The source may delegate to the target's file service", "delegation", "move", Severity.BLOCKER, ("W12 1.9", "W16 1.9")
    ),
    "delegation.protocol": CheckInfo(
        "The source may use any authentication protocol where it has to", "delegation", "move", Severity.BLOCKER, ("W16 1.5",)
    ),
    "delegation.ticket_age": CheckInfo(
        "The source's tickets are younger than its delegation", "delegation", "pair", Severity.RISK, ("W16",)
    ),
    "migration.enabled": CheckInfo("Live migrations are enabled", "migration", "host", Severity.BLOCKER, ("W12 2.5", "W16 2.4")),
    "network.isolated": CheckInfo("Migration traffic is kept to named networks", "network", "host", Severity.RISK, ("W16 2.8",)),
    "network.port_6600": CheckInfo("The source reaches TCP 6600 on the target", "network", "pair", Severity.BLOCKER, ()),
    "vm.running": CheckInfo("The VM runs", "vm", "move", Severity.RISK, ("W12", "W16")),
    "vm.version": CheckInfo("The target supports the VM's version", "vm", "move", Severity.BLOCKER, ("W16",)),
    "plan.consistent": CheckInfo("The plan contradicts itself nowhere", "plan", "plan", Severity.BLOCKER, ()),
}

CHECKS |= {
    f"vm.requirement_{number:02}": CheckInfo(f"The VM meets requirement {number}", "vm", "move", Severity.BLOCKER, ())
    for number in range(26)
}


def host(name: str) -> Subject:
    return Subject("host", host=name)


def pair(source: str, target: str) -> Subject:
    return Subject("pair", source=source, target=target)


def move(vm: str, source: str, target: str) -> Subject:
    return Subject("move", source=source, target=target, vm=vm)


def access(operator: str, name: str) -> Subject:
    return Subject("access", operator=operator, host=name)


def subject_id(subject: Subject) -> str:
    if subject.kind == "host":
        return str(subject.host).lower()
    if subject.kind == "access":
        return f"{str(subject.operator).lower()}@{str(subject.host).lower()}"
    if subject.kind == "plan":
        return "plan"
    way = f"{str(subject.source).lower()}>{str(subject.target).lower()}"
    return f"{subject.vm}@{way}" if subject.vm is not None else way


def remedy(
    template: str,
    who: Who,
    *,
    commands: Sequence[str] = (),
    verify: Sequence[str] = (),
    undo: Sequence[str] = (),
    effective_after: str = "at once",
    **values: Value,
) -> RemedyRecord:
    def quoted(of: Sequence[str]) -> tuple[str, ...]:
        return tuple(powershell_command(command, values) for command in of)

    text = render(template, values)
    return RemedyRecord(
        text, plain(who.text), quoted(commands), effective_after, quoted(verify), quoted(undo), template, values, who, _of(who)
    )


def _of(who: Who) -> dict[str, Value] | UnsetType:
    return {"who": who.text} if who.of else UNSET


def finding(
    check: str,
    subject: Subject,
    outcome: Outcome,
    template: str,
    *evidence: Evidence,
    severity: Severity | None = None,
    because: tuple[str, ...] = (),
    predicts: tuple[str, ...] = (),
    reason: Reason | None = None,
    fix: RemedyRecord | None = None,
    **values: Value,
) -> FindingRecord:
    if because:
        values["because"] = because
    if reason:
        values["reason"] = reason.value
    message = Message(render(template, values), template, values)
    if outcome is Outcome.FAIL:
        evidence = fails(Text(template), *evidence, remedy=Remedy(NOTHING, OPERATOR)).evidence
    elif outcome is Outcome.PASS:
        evidence = passes(template, *evidence).evidence
    name = f"{check}@{subject_id(subject)}"
    grade = severity or CHECKS[check].severity
    lacks = Lack(str(values["fact"]), verbatim(str(values["source"])), reason) if reason and "fact" in values else None
    return FindingRecord(name, check, subject, outcome, grade, message, evidence, predicts, because, reason=reason, lacks=lacks, remedy=fix)


def read(what: str, actual: Value, expected: Value = None, source: str = "TestServer01: Get-VMHost") -> Evidence:
    return Evidence.of(what, actual, expected, Text(source), START + timedelta(seconds=3))


def bears_on(record: FindingRecord, mover: Subject) -> bool:
    subject = record.subject
    if subject.kind == "move":
        return subject == mover
    if subject.kind == "pair":
        return (subject.source, subject.target) == (mover.source, mover.target)
    return subject.host in (mover.source, mover.target)


def in_waves(moves: Sequence[Subject]) -> tuple[Wave, ...]:
    """Two moves at once; the first of every other wave is of unknown size."""
    waves = []
    for first in range(0, len(moves), 2):
        places = tuple(range(first, min(first + 2, len(moves))))
        if first % 4:
            size = text("not read: {what}", what=text("size of every disk of {vm}", vm=moves[first].vm))
            waves.append(Wave(places, (None,) * len(places), None, 37 * (len(places) - 1), 1, (size,)))
        else:
            waves.append(Wave(places, (54 * len(places),) * len(places), 54 * len(places), 37 * len(places)))
    return tuple(waves)


ASSUMPTIONS = (text("Nothing is credited to compression or SMB Direct, and disks are taken to be as fast as the network"),)


def result(
    moves: Sequence[Subject],
    findings: Sequence[FindingRecord],
    *,
    change: ChangeInfo | None = None,
    partial: bool = False,
    operator: str = "CONTOSO\\hv-operator",
) -> Result:
    order = {"SKIP": 0, "PASS": 1, "UNKNOWN": 2, "ERROR": 3, "FAIL": 4}
    moved = []
    areas: dict[tuple[str, str], dict[str, AreaState]] = {}
    verdicts: dict[tuple[str, str], Verdict] = {}
    by_way: dict[tuple[str | None, str | None], list[FindingRecord]] = {}
    by_move: dict[Subject, list[FindingRecord]] = {}
    for record in findings:
        if record.subject.kind == "move":
            by_move.setdefault(record.subject, []).append(record)
        else:
            by_way.setdefault((record.subject.source, record.subject.target), []).append(record)
    for mover in moves:
        around = (*by_way.get((None, None), ()), *by_way.get((mover.source, mover.target), ()), *by_move.get(mover, ()))
        bearing = [record for record in around if bears_on(record, mover)]
        way = (str(mover.source), str(mover.target))
        verdict = worst(found.verdict for found in bearing)
        names = tuple(record.id for record in bearing if record.outcome is not Outcome.PASS)
        args = (str(mover.vm), *way, operator, "remote", "with storage", "Kerberos", verdict, names)
        moved.append(MoveResult(*args))
        verdicts[way] = worst((verdicts.get(way, verdict), verdict))
        for record in bearing:
            state = AreaState.of(record)
            area, known = CHECKS[record.check].area, areas.setdefault(way, {})
            if area not in known or order[state.outcome] > order[known[area].outcome]:
                known[area] = state
    counts = {"planned": len(findings)} | {outcome.value: 0 for outcome in Outcome}
    for record in findings:
        counts[record.outcome.value] += 1
    hosts = {name.lower(): name for mover in moves for name in (str(mover.source), str(mover.target))}
    visit = HostVisit(START, END, "10.0.0.1:5985", "Kerberos", Protection.MESSAGES, "5.1.14393.1884")
    return Result(
        format=RESULT_FORMAT,
        tool=Tool("hvpreflight", "1.2.3", "0123456789ab"),
        snapshot_sha256="5d" * 32,
        plan_sha256="a1" * 32,
        collected=Collected("CONTOSO\\auditor", "ADMIN01", "hvpreflight 1.2.3", START, END, partial),
        visits=dict.fromkeys(sorted(hosts), visit),
        controllers={"dc01.contoso.test": SignIn("10.0.0.10:389", "ntlm", Sealing.LOGON)},
        valid_until=START + timedelta(hours=24),
        verdict=worst([worst(found.verdict for found in findings), *verdicts.values()]) if moves else Verdict.INCOMPLETE,
        counts=counts,
        change=change
        or ChangeInfo(
            "CHG0042317",
            "Empty TESTSERVER01 for its firmware update",
            datetime(2026, 12, 5, 20, 0, tzinfo=ZONE),
            datetime(2026, 12, 6, 2, 0, tzinfo=ZONE),
        ),
        moves=tuple(moved),
        pairs=tuple(PairResult(*way, verdicts[way], dict(sorted(areas.get(way, {}).items()))) for way in verdicts),
        checks={name: CHECKS[name] for name in dict.fromkeys(record.check for record in findings)},
        findings=tuple(findings),
        waves=in_waves(moves),
        assumptions=ASSUMPTIONS if moves else (),
    )


def delegate(source: str, target: str) -> RemedyRecord:
    services = (f"cifs/{target}", f"cifs/{target}.contoso.test".lower())
    return remedy(
        "Let {source} delegate to cifs on {target}, by its short and its full name.",
        domain_administrator_of(),
        commands=("Set-ADComputer -Identity {source} -Add @{'msDS-AllowedToDelegateTo' = {services}}",),
        verify=("(Get-ADComputer -Identity {source} -Properties msDS-AllowedToDelegateTo).'msDS-AllowedToDelegateTo'",),
        undo=("Set-ADComputer -Identity {source} -Remove @{'msDS-AllowedToDelegateTo' = {services}}",),
        effective_after="when every domain controller shows it and the source has a new ticket: about 15 minutes, at most 10 hours",
        source=source,
        target=target,
        services=services,
    )


def on_pair(vms: Sequence[str], source: str = "TestServer01", target: str = "TestServer02") -> list[FindingRecord]:
    """What one pair with several VMs brings: a missing delegation, an unknown port, a risk, the rest passing."""
    moves = [move(vm, source, target) for vm in vms]
    return [
        finding(
            "platform.os_support",
            pair(source, target),
            Outcome.PASS,
            "{source} runs Windows Server 2016, {target} Windows Server 2019",
            read("build", 14393),
            source=source,
            target=target,
        ),
        *(
            finding(
                "access.hyperv_administrator",
                access("CONTOSO\\hv-operator", name),
                Outcome.PASS,
                "{operator} is in the group S-1-5-32-578 of {host}",
                operator="CONTOSO\\hv-operator",
                host=name,
            )
            for name in (source, target)
        ),
        *(
            finding("delegation.migration_service", subject, Outcome.PASS, "{source} delegates to {target}", source=source, target=target)
            for subject in moves
        ),
        *(
            finding(
                "delegation.cifs",
                subject,
                Outcome.FAIL,
                "{source} does not delegate to cifs on {target}",
                Evidence.of(
                    "msDS-AllowedToDelegateTo",
                    (f"Microsoft Virtual System Migration Service/{target}",),
                    (f"cifs/{target}", f"cifs/{target}.contoso.test"),
                    Text("dc01.contoso.test: computer account"),
                    START + timedelta(seconds=5),
                ),
                predicts=("0x80070005", "0x8009030E"),
                fix=delegate(source, target),
                source=source,
                target=target,
            )
            for subject in moves
        ),
        *(
            finding(
                "delegation.protocol",
                subject,
                Outcome.SKIP,
                "Not judged, because {because} failed",
                because=(f"delegation.cifs@{subject_id(subject)}",),
            )
            for subject in moves
        ),
        finding(
            "delegation.ticket_age",
            pair(source, target),
            Outcome.SKIP,
            "Not judged, because {because} failed",
            because=(f"delegation.protocol@{subject_id(moves[0])}",),
        ),
        finding(
            "migration.enabled",
            host(source),
            Outcome.PASS,
            "Live migrations are enabled on {host}",
            read("VirtualMachineMigrationEnabled", True, True),
            host=source,
        ),
        finding(
            "migration.enabled",
            host(target),
            Outcome.ERROR,
            "This check has a bug, please report it: {problem}",
            problem="KeyError: 'enabled'",
        ),
        finding(
            "network.isolated",
            host(source),
            Outcome.FAIL,
            "{host} accepts migrations on any network",
            read("UseAnyNetworkForMigration", True, False),
            fix=remedy(
                "Name the migration networks on {host} and use only them.",
                Who(Role.OTHER, (f"Hyper-V administrator of {source}",)),
                commands=("Set-VMHost -ComputerName {host} -UseAnyNetworkForMigration $false",),
                undo=("Set-VMHost -ComputerName {host} -UseAnyNetworkForMigration $true",),
                host=source,
            ),
            host=source,
        ),
        finding(
            "network.port_6600",
            pair(source, target),
            Outcome.UNKNOWN,
            "{fact} is not known ({source}): {reason}, {detail}",
            reason=Reason.TIMED_OUT,
            fact="source.partners",
            source=f"{source}: TcpClient",
            detail="OperationTimeout",
        ),
        *(finding("vm.running", subject, Outcome.PASS, "{vm} runs", read("State", 2, 2), vm=subject.vm) for subject in moves),
        *(
            finding("vm.version", subject, Outcome.PASS, "{vm} has version 8.0, which {target} supports", vm=subject.vm, target=target)
            for subject in moves
        ),
        finding("plan.consistent", Subject("plan"), Outcome.PASS, "{count} moves, nothing twice", count=len(vms)),
    ]


def no_go() -> Result:
    """Three VMs of one pair: a missing delegation blocks, a port is not known, a risk is open, a check has a bug."""
    vms = ("LMTest", "SQL01", "WEB01")
    made = result([move(vm, "TestServer01", "TestServer02") for vm in vms], on_pair(vms))
    return replace(made, after=after(made.findings))


def after(findings: Sequence[FindingRecord]) -> After:
    """After two changes: a port has to be tried again, one finding would say something else, and the risks stay."""
    way = pair("TestServer01", "TestServer02")
    source = text("System.Net.Dns and TCP connection attempts on {host}", host="TestServer01")
    again = finding("network.port_6600", way, Outcome.UNKNOWN, "It is not known whether {host} answers", host="TestServer02")
    other = finding("migration.enabled", host("TestServer02"), Outcome.FAIL, "{host} takes no migrations", host="TestServer02")
    told = (replace(again, lacks=Lack("source.partners", source, Reason.NOT_COLLECTED)), other)
    risks = tuple(each.id for each in findings if each.outcome is Outcome.FAIL and each.severity is Severity.RISK)
    return After(Verdict.NO_GO, 2, told, risks)


def go() -> Result:
    """Only what passes."""
    return result(
        [move("LMTest", "TestServer01", "TestServer02")],
        [record for record in on_pair(("LMTest",)) if record.outcome is Outcome.PASS],
    )


def conditions() -> Result:
    """A risk and nothing worse."""
    kept = [r for r in on_pair(("LMTest",)) if r.outcome is Outcome.PASS or (r.outcome is Outcome.FAIL and r.severity is Severity.RISK)]
    return result([move("LMTest", "TestServer01", "TestServer02")], kept)


def incomplete() -> Result:
    """A blocker that could not be judged, and a collection that was cut short."""
    kept = [r for r in on_pair(("LMTest",)) if r.outcome in (Outcome.PASS, Outcome.UNKNOWN)]
    return result([move("LMTest", "TestServer01", "TestServer02")], kept, partial=True)


def empty() -> Result:
    """A plan without a move."""
    return result([], [], change=ChangeInfo("", ""))


def hostile() -> Result:
    """VMs, hosts, an operator and a change named by somebody who means harm."""
    source, target = "<b>HV01</b>", "HV02'; calc; '"
    findings = on_pair(HOSTILE_NAMES, source, target)
    findings += [
        finding(
            "vm.running",
            move(vm, target, source),
            Outcome.FAIL,
            "{vm} is switched off",
            read("State", vm, "Running", source=f"{target}: Get-VM"),
            fix=remedy("Start {vm}.", Who(Role.OWNER, (vm,)), commands=("Start-VM -Name {vm}",), vm=vm),
            vm=vm,
        )
        for vm in HOSTILE_NAMES
    ]
    moves = [move(vm, source, target) for vm in HOSTILE_NAMES] + [move(vm, target, source) for vm in HOSTILE_NAMES]
    change = ChangeInfo('"><script>alert(9)</script>', "\u202eevil \x1b[31mtitle")
    return result(moves, findings, change=change, operator="CONTOSO\\<i>op</i>")


def many_hosts(pairs: int) -> Result:
    """A fan: each source sends one VM to two targets."""
    ways = [(f"HV{n:03}", f"HV{100 + (n * 7 + k) % pairs:03}") for n in range(1, pairs // 2 + 1) for k in range(2)]
    findings: list[FindingRecord] = []
    for n, (source, target) in enumerate(ways):
        records = on_pair((f"VM{n:03}",), source, target)
        wanted = {0: Outcome.PASS, 1: Outcome.FAIL, 2: Outcome.UNKNOWN}[n % 3]
        findings += [r for r in records if r.outcome in (Outcome.PASS, wanted) and r.subject.kind in ("pair", "move")]
    return result([move(f"VM{n:03}", *way) for n, way in enumerate(ways)], findings)


def thousand_moves() -> Result:
    """1,000 moves over 20 pairs with 28 checks each; one pair in five lacks its delegation, and every VM says something of its own."""
    moves, findings = [], []
    for n in range(1000):
        source, target = f"hv{n % 20 + 1:03}.contoso.test", f"hv{n % 20 + 101:03}.contoso.test"
        subject = move(f"VM-PROD-{n:04}", source, target)
        moves.append(subject)
        if n % 5 == 0:
            findings.append(
                finding(
                    "delegation.cifs",
                    subject,
                    Outcome.FAIL,
                    "{source} does not delegate to cifs on {target}",
                    read("msDS-AllowedToDelegateTo", (), (f"cifs/{target}",)),
                    predicts=("0x8009030E",),
                    fix=delegate(source, target),
                    source=source,
                    target=target,
                )
            )
        else:
            findings.append(
                finding(
                    "delegation.cifs",
                    subject,
                    Outcome.PASS,
                    "{source} delegates to cifs on {target}",
                    read("msDS-AllowedToDelegateTo", (f"cifs/{target}",)),
                    source=source,
                    target=target,
                )
            )
        findings.append(
            finding(
                "vm.version",
                subject,
                Outcome.PASS,
                "{vm} needs {mebibytes} MiB, {target} has {free} MiB free",
                read("MemoryAssigned", 1024 + n),
                vm=subject.vm,
                target=target,
                mebibytes=1024 + n,
                free=65536 - n,
            )
        )
        for number in range(26):
            findings.append(
                finding(
                    f"vm.requirement_{number:02}",
                    subject,
                    Outcome.PASS,
                    "{vm} meets requirement {number}",
                    read("State", n, n, source=f"{source}: Get-VM"),
                    vm=subject.vm,
                    number=number,
                )
            )
    return result(moves, findings)
