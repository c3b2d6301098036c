"""The source reaches TCP 6600 of the target, by the source's own attempt."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.facts.network import FirewallRule, PortAnswer
from checks.network._firewall import LOCAL, MIGRATION_RULE, active, allows, blocks, covers, described
from checks.network._routes import listening
from checks.remedy import Remedy, Role, Who, administrator_of
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
    facts=("source.partners", "target.migration_listener", "target.firewall"),
    depends_on=("migration.enabled",),
    predicts=("0x8007274C", "0x8007274D"),
    article=("W12 2.8", "W16 2.6"),
)
def port_6600(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    goals = listening(target)
    if not goals:
        return _nothing_listens(target)
    probed = {ip: port for port in source.answer_about(target.key).ports if port.port == PORT and (ip := address(port.address))}
    tried = {ip: probed[ip] for ip in goals if ip in probed}
    if reached := [ip for ip, port in tried.items() if port.open]:
        return passes(
            "{source} reaches TCP 6600 of {target} at {reached}",
            *_evidence(source, tried),
            source=source.name,
            target=target.name,
            reached=tuple(str(ip) for ip in reached),
        )
    if untried := [str(ip) for ip in goals if ip not in tried]:
        raise FactMissing(
            "source.partners",
            source.world.not_collected(
                text(
                    "attempt of {source} at TCP 6600 of {target} at {addresses}: name these addresses as migration_addresses of {target} "
                    "in the plan and collect again",
                    source=source.name,
                    target=target.name,
                    addresses=tuple(untried),
                )
            ),
        )
    codes = {port.code for port in tried.values()}
    return fails(
        _message(source, target, tried, codes),
        *_evidence(source, tried),
        *_firewall_evidence(target),
        remedy=_refused(target) if codes == {REFUSED} else _dropped(source, target),
        predicts=tuple(hresult for code, hresult in ((TIMED_OUT, "0x8007274C"), (REFUSED, "0x8007274D")) if code in codes) or None,
    )


def _message(source: HostView, target: HostView, tried: dict[IP, PortAnswer], codes: set[int]) -> Text:
    values: dict[str, Value] = {"source": source.name, "target": target.name, "addresses": tuple(str(ip) for ip in tried)}
    if codes == {TIMED_OUT}:
        return Text(
            "{source} gets no answer from TCP 6600 of {target} at {addresses} (10060): a firewall drops it, or no route leads there",
            values,
        )
    if codes == {REFUSED}:
        return Text("{target} refuses TCP 6600 at {addresses} to {source} (10061): nothing listens there", values)
    answers = tuple(
        text("{address}: {meaning} ({code})", address=str(ip), meaning=_MEANING.get(port.code, text("closed")), code=port.code)
        for ip, port in tried.items()
    )
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


def _nothing_listens(target: HostView) -> Finding:
    return fails(
        text("{target} listens for migrations on no address that another host can reach", target=target.name),
        target.evidence(HostView.migration_listener, text("{host} listens on", host=target.name), target.migration_listener.addresses),
        *_firewall_evidence(target),
        remedy=_refused(target),
        predicts=("0x8007274D",),
    )
