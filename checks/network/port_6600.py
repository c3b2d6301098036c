"""The source reaches TCP 6600 of the target, by the source's own attempt."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import PortAnswer
from checks.network._addresses import unsettled
from checks.network._closed import REFUSED, TIMED_OUT, Port, answered, attempts, dropped, firewall_evidence
from checks.network._firewall import MIGRATION_RULE
from checks.network._goals import Goals, goals_of, listening, nowhere, texts
from checks.remedy import OPERATOR, Remedy, administrator_of, restart_of_service_on
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.addresses import IP, address
from checks.world import FactMissing

PORT = Port(6600, MIGRATION_RULE, all_rules=True)


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="The source reaches TCP 6600 on a migration address of the target",
    facts=(
        "source.partners",
        "source.addresses",
        "target.migration",
        "target.migration_networks",
        "target.migration_listener",
        "target.addresses",
        "target.firewall",
    ),
    depends_on=("migration.enabled",),
    predicts=("0x8007274C", "0x8007274D"),
    article=("W12 2.8", "W16 2.6"),
)
def port_6600(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    source, target = subject.source, subject.target
    goals = goals_of(source, target, listening(target))
    if not goals.all:
        return _nothing_listens(source, target, goals)
    tried = _tried(source, target, goals.all)
    reached = tuple(ip for ip in goals.all if ip in tried and tried[ip].open and ip not in goals.tentative)
    if not reached:
        return _closed(source, target, tried, goals)
    if any(ip.is_link_local for ip in reached):
        return _on_one_link(source, target, tried, reached)
    stray = goals.contradicted or goals.own
    if missed := tuple(ip for ip in goals.all if ip not in reached):
        return _some(source, target, tried, reached, missed, first=not stray and all(ip in reached for ip in goals.classes[0]))
    if stray:
        return _contradicts_itself(source, target, tried, reached, goals)
    return passes(
        "{source} reaches TCP 6600 of {target} at {reached}",
        *attempts(source, PORT, _by_text(tried)),
        source=source.name,
        target=target.name,
        reached=texts(reached),
    )


def _tried(source: HostView, target: HostView, goals: tuple[IP, ...]) -> dict[IP, PortAnswer]:
    """What the source got from TCP 6600 at these addresses, where it tried. Of two answers the worse one counts; at a link-local address
    the better one, since it was tried on every link and is on one."""
    answers: dict[IP, list[PortAnswer]] = {}
    for each in source.answer_about(target.key).ports:
        ip = address(each.address)
        if each.port == PORT.number and ip in goals:
            answers.setdefault(ip, []).append(each)
    by_worth = {ip: sorted(found, key=lambda each: (each.open, -each.code)) for ip, found in answers.items()}
    return {ip: by_worth[ip][-1 if ip.is_link_local else 0] for ip in goals if ip in by_worth}


def _closed(source: HostView, target: HostView, tried: dict[IP, PortAnswer], goals: Goals) -> Finding:
    if untried := tuple(ip for ip in goals.all if ip not in tried):
        raise FactMissing(
            "source.partners",
            source.world.not_collected(
                text(
                    "attempt of {source} at TCP 6600 of {target} at {addresses}: name these addresses as migration_addresses of {target} "
                    "in the plan, each with % and the number of the interface of {source} that leads there, and collect again"
                    if any(ip.version == 6 and ip.is_link_local for ip in untried)
                    else "attempt of {source} at TCP 6600 of {target} at {addresses}: name these addresses as migration_addresses of "
                    "{target} in the plan and collect again",
                    source=source.name,
                    target=target.name,
                    addresses=texts(untried),
                )
            ),
        )
    if open_ones := tuple(ip for ip, port in tried.items() if port.open):
        raise unsettled(target, open_ones)
    codes = {port.code for port in tried.values()}
    return fails(
        _message(source, target, tried, codes),
        *attempts(source, PORT, _by_text(tried)),
        *firewall_evidence(target, PORT),
        remedy=_refused(target) if codes == {REFUSED} else dropped(source, target, PORT),
        predicts=_predicted(codes) or None,
    )


def _predicted(codes: set[int]) -> tuple[str, ...]:
    return tuple(hresult for code, hresult in ((TIMED_OUT, "0x8007274C"), (REFUSED, "0x8007274D")) if code in codes)


def _some(
    source: HostView, target: HostView, tried: dict[IP, PortAnswer], reached: tuple[IP, ...], missed: tuple[IP, ...], *, first: bool
) -> Finding:
    """Some addresses are open, and others closed or not tried. `first`: those that are tried first are open."""
    codes = {tried[ip].code for ip in missed if ip in tried and not tried[ip].open}
    return fails(
        text(
            "{source} reaches TCP 6600 of {target} at {reached}, where it is tried first, but not everywhere: {missed}"
            if first
            else "{source} reaches TCP 6600 of {target} at {reached} and not where it may be tried first: {missed}. Nothing says that a "
            "move then goes on to another address",
            source=source.name,
            target=target.name,
            reached=texts(reached),
            missed=tuple(_answer(ip, tried.get(ip)) for ip in missed),
        ),
        *attempts(source, PORT, {**_by_text(tried), **{str(ip): tried.get(ip) for ip in missed}}, texts(missed)),
        *(firewall_evidence(target, PORT) if codes else ()),
        remedy=_not_tried(source, target, missed)
        if not codes
        else _refused(target)
        if codes == {REFUSED}
        else dropped(source, target, PORT),
        severity=Severity.ADVICE if first else Severity.RISK,
        predicts=_predicted(codes),
    )


def _on_one_link(source: HostView, target: HostView, tried: dict[IP, PortAnswer], reached: tuple[IP, ...]) -> Finding:
    return fails(
        text(
            "{source} reaches TCP 6600 of {target} only at {reached}: an address that holds on one link, and may be another one after a "
            "restart",
            source=source.name,
            target=target.name,
            reached=texts(reached),
        ),
        *attempts(source, PORT, _by_text(tried), texts(reached)),
        remedy=Remedy(
            text("Give {source} and {target} fixed addresses on the link between them", source=source.name, target=target.name),
            who=administrator_of(target.name),
        ),
        severity=Severity.RISK,
        predicts=(),
    )


def _contradicts_itself(source: HostView, target: HostView, tried: dict[IP, PortAnswer], reached: tuple[IP, ...], goals: Goals) -> Finding:
    return fails(
        text(
            "{source} reaches TCP 6600 of {target} at {reached}, but {target} says two things: it listens also on {stray}, which is no "
            "usable address of it in a network where it takes migrations"
            if goals.contradicted
            else "{source} reaches TCP 6600 of {target} at {reached}, but {target} listens also on {stray}, which {source} has itself",
            source=source.name,
            target=target.name,
            reached=texts(reached),
            stray=texts(goals.contradicted or goals.own),
        ),
        *attempts(source, PORT, _by_text(tried)),
        *_listening_evidence(source, target),
        remedy=_refused(target),
        severity=Severity.RISK,
        predicts=(),
    )


def _answer(ip: IP, port: PortAnswer | None) -> Text:
    if port is None:
        return text("{address}: not tried", address=str(ip))
    if port.open:
        return text("{address}: still tentative", address=str(ip))
    return answered(str(ip), port)


def _by_text(tried: dict[IP, PortAnswer]) -> dict[str, PortAnswer]:
    return {str(ip): port for ip, port in tried.items()}


def _message(source: HostView, target: HostView, tried: dict[IP, PortAnswer], codes: set[int]) -> Text:
    values: dict[str, Value] = {"source": source.name, "target": target.name, "addresses": tuple(str(ip) for ip in tried)}
    if codes == {TIMED_OUT}:
        return Text(
            "{source} gets no answer from TCP 6600 of {target} at {addresses} (10060): a firewall drops it, or no route leads there",
            values,
        )
    if codes == {REFUSED}:
        return Text("{target} refuses TCP 6600 at {addresses} to {source} (10061): nothing listens there", values)
    answers = tuple(_answer(ip, port) for ip, port in tried.items())
    return Text("{source} does not reach TCP 6600 of {target}: {answers}", {**values, "answers": answers})


def _listening_evidence(source: HostView, target: HostView) -> tuple[Evidence, ...]:
    networks = text("any") if target.migration.any_network else tuple(each.subnet for each in target.migration_networks)
    return (
        target.evidence(
            HostView.migration_listener, text("{host} listens on", host=target.name), target.migration_listener.addresses, fits=False
        ),
        target.evidence(HostView.migration_networks, text("migration networks of {host}", host=target.name), networks),
        *(
            each.evidence(HostView.addresses, text("addresses of {host}", host=each.name), tuple(a.address for a in each.addresses))
            for each in (target, source)
        ),
    )


def _refused(target: HostView) -> Remedy:
    return Remedy(
        text(
            "Let the Virtual Machine Management service of {target} listen again: when live migration is enabled and the migration "
            "networks are right, restart vmms (running VMs go on)",
            target=target.name,
        ),
        who=administrator_of(target.name),
        restarts=restart_of_service_on(target.name),
        commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Restart-Service -Name vmms }", host=target.name),),
        shows=text("each address at which the host should take migrations"),
        verify=(
            command(
                "(Get-CimInstance -ComputerName {host} -Namespace root/virtualization/v2 -ClassName "
                "Msvm_VirtualSystemMigrationService).MigrationServiceListenerIPAddressList",
                host=target.name,
            ),
        ),
        undo=(),
    )


def _not_tried(source: HostView, target: HostView, missed: tuple[IP, ...]) -> Remedy:
    return Remedy(
        text(
            "Name {addresses} as migration_addresses of {target} in the plan and collect again, so that {source} tries them",
            addresses=texts(missed),
            target=target.name,
            source=source.name,
        ),
        who=OPERATOR,
    )


def _nothing_listens(source: HostView, target: HostView, goals: Goals) -> Finding:
    return fails(
        nowhere(source, target, goals),
        *_listening_evidence(source, target),
        *firewall_evidence(target, PORT),
        remedy=_refused(target),
        predicts=("0x8007274D",),
    )
