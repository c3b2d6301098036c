"""The source reaches TCP 6600 of the target, by the source's own attempt."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import FirewallRule, PortAnswer
from checks.network._addresses import unsettled
from checks.network._firewall import LOCAL, MIGRATION_RULE, active, allows, blocks, covers, described
from checks.network._goals import Goals, goals_of, listening, nowhere, texts
from checks.remedy import OPERATOR, Remedy, Role, Who, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.addresses import IP, address
from checks.world import FactMissing

PORT = 6600
TIMED_OUT, REFUSED = 10060, 10061

_MEANING = {
    10013: text("this host's own firewall refuses the attempt"),
    10049: text("the address is not valid here"),
    10051: text("no route to the network"),
    TIMED_OUT: text("no answer"),
    REFUSED: text("refused"),
    10065: text("no route to the host"),
}


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
        *_evidence(source, tried),
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
        if each.port == PORT and ip in goals:
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
        *_evidence(source, tried),
        *_firewall_evidence(target),
        remedy=_refused(target) if codes == {REFUSED} else _dropped(source, target),
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
        *_evidence(source, tried),
        *(_firewall_evidence(target) if codes else ()),
        remedy=_not_tried(source, target, missed) if not codes else _refused(target) if codes == {REFUSED} else _dropped(source, target),
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
        *_evidence(source, tried),
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
        *_evidence(source, tried),
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
    return text("{address}: {meaning} ({code})", address=str(ip), meaning=_MEANING.get(port.code, text("closed")), code=port.code)


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


def _evidence(source: HostView, tried: dict[IP, PortAnswer]) -> tuple[Evidence, ...]:
    return tuple(
        source.evidence(
            HostView.partners,
            text("TCP 6600 at {address} from {host}", address=str(ip), host=source.name),
            text("open") if port.open else text("closed ({code})", code=port.code),
            text("open"),
        )
        for ip, port in tried.items()
    )


def _listening_evidence(source: HostView, target: HostView) -> tuple[Evidence, ...]:
    networks = text("any") if target.migration.any_network else tuple(each.subnet for each in target.migration_networks)
    return (
        target.evidence(HostView.migration_listener, text("{host} listens on", host=target.name), target.migration_listener.addresses),
        target.evidence(HostView.migration_networks, text("migration networks of {host}", host=target.name), networks),
        *(
            each.evidence(HostView.addresses, text("addresses of {host}", host=each.name), tuple(a.address for a in each.addresses))
            for each in (target, source)
        ),
    )


def _firewall_evidence(target: HostView) -> tuple[Evidence, ...]:
    rules = target.hint(HostView.firewall)
    if rules is None:
        return ()
    concerned = tuple(rule for rule in rules if covers(rule, PORT))
    blocked = any(blocks(rule, PORT) for rule in concerned)
    expected = text("an allow rule that is on, and no block rule" if blocked else "an allow rule that is on")
    shown = tuple(described(rule) for rule in concerned)
    found = [target.evidence(HostView.firewall, text("inbound rules of {host} for TCP 6600", host=target.name), shown, expected)]
    if not any(allows(rule, PORT) for rule in concerned):
        found.append(target.evidence(HostView.firewall, text("{host} allows TCP 6600", host=target.name), False, True))
    return tuple(found)


def _dropped(source: HostView, target: HostView) -> Remedy:
    """Who has to let the port through. A command there is only where a rule of the host itself is off and nothing else stands against it:
    switching on what is on already helps nobody, and its undo would close a host that was open."""
    concerned = tuple(rule for rule in target.hint(HostView.firewall) or () if covers(rule, PORT))
    values: dict[str, Value] = {"source": source.name, "target": target.name, "rule": MIGRATION_RULE}
    if blocking := tuple(described(rule) for rule in concerned if blocks(rule, PORT)):
        what = Text(
            "Let the firewall of {target} take TCP 6600 from {source}: {blocking} blocks it, whatever other rules allow. A rule of the "
            "host is changed there, one of a policy in the group policy",
            values | {"blocking": blocking},
        )
    elif allowing := tuple(described(rule) for rule in concerned if allows(rule, PORT)):
        what = Text(
            "Allow TCP 6600 from {source} to {target} in every firewall between them, and see that a route leads there. {target} itself "
            "allows it ({allowing}); look whether profiles and addresses of that rule fit",
            values | {"allowing": allowing},
        )
        return Remedy(what, who=Who(Role.NETWORK))
    elif changes := _rule_on(target, concerned):
        return _enable(target, changes, values)
    elif policy := tuple(described(rule) for rule in concerned if rule.store != LOCAL):
        what = Text(
            "Allow TCP 6600 from {source} to {target} in the group policy that brings {policy} to {target}, and in every firewall between "
            "them",
            values | {"policy": policy},
        )
    else:
        what = Text(
            "Allow TCP 6600 from {source} to {target}: in the firewall of {target} (rule {rule}) and in every firewall between them", values
        )
    return Remedy(what, who=administrator_of(target.name))


def _enable(target: HostView, changes: tuple[Change, ...], values: dict[str, Value]) -> Remedy:
    named: dict[str, Value] = {"host": target.name, "rule": MIGRATION_RULE}
    return Remedy(
        Text("Enable the firewall rule {rule} on {target}, and allow TCP 6600 from {source} in every firewall between them", values),
        who=administrator_of(target.name),
        commands=(command("Enable-NetFirewallRule -CimSession {host} -Name {rule}", **named),),
        verify=(command("Get-NetFirewallRule -CimSession {host} -Name {rule} -PolicyStore ActiveStore", **named),),
        undo=(command("Disable-NetFirewallRule -CimSession {host} -Name {rule}", **named),),
        changes=changes,
    )


def _rule_on(target: HostView, concerned: tuple[FirewallRule, ...]) -> tuple[Change, ...]:
    """The host's own rule, where it is there and off. One that a policy brings is not the host's to change."""
    rules = [rule for rule in concerned if rule.name == MIGRATION_RULE]
    if not rules or any(rule.store != LOCAL or active(rule) for rule in rules):
        return ()
    return (Change(Kind.FIREWALL_RULE, target.name, wanted=True, earlier=False, object=MIGRATION_RULE),)


def _refused(target: HostView) -> Remedy:
    return Remedy(
        text(
            "Let the Virtual Machine Management service of {target} listen again: when live migration is enabled and the migration "
            "networks are right, restart vmms (running VMs go on)",
            target=target.name,
        ),
        who=administrator_of(target.name),
        commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Restart-Service -Name vmms }", host=target.name),),
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
        *_firewall_evidence(target),
        remedy=_refused(target),
        predicts=("0x8007274D",),
    )
