"""Why a port of a host is closed to another one, as the host's own firewall rules tell, and who can open it."""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec import Struct

from checks.changes import Change, Kind
from checks.check import Evidence
from checks.facts.network import FirewallRule, PortAnswer
from checks.network._addresses import held
from checks.network._firewall import LOCAL, active, allows, blocks, covers, described
from checks.remedy import Remedy, Role, Who, administrator_of
from checks.subject import HostView
from checks.text import Text, Value, command, text, verbatim
from checks.windows.addresses import address

TIMED_OUT, REFUSED = 10060, 10061

MEANING = {
    10013: text("this host's own firewall refuses the attempt"),
    10049: text("the address is not valid here"),
    10051: text("no route to the network"),
    TIMED_OUT: text("no answer"),
    REFUSED: text("refused"),
    10065: text("no route to the host"),
}


class Port(Struct, frozen=True):
    """A port and the name of the rule that comes with Windows for it, empty where none does. `all_rules`: every program kept the rules that
    cover it, so that none is one that is not there."""

    number: int
    rule: str
    all_rules: bool = False


def tried_at(host: HostView, other: HostView, port: Port) -> dict[str, PortAnswer]:
    """What a host got at the addresses that the other one has in use, and that are none of its own."""
    own = {each.ip for each in held(host.addresses)}
    theirs = {each.ip for each in held(other.addresses) if each.answers} - own
    found = host.answer_about(other.key).ports
    return {each.address: each for each in found if each.port == port.number and address(each.address) in theirs}


def answered(ip: str, port: PortAnswer) -> Text:
    """What came of one attempt at a closed port."""
    return text("{address}: {meaning} ({code})", address=ip, meaning=MEANING.get(port.code, text("closed")), code=port.code)


def attempts(source: HostView, port: Port, tried: Mapping[str, PortAnswer | None], doubtful: Container[str] = ()) -> tuple[Evidence, ...]:
    """What the source got at each address, where it tried. At those that are doubtful being open is not enough."""
    return tuple(
        source.evidence(
            HostView.partners,
            text("TCP {port} at {address} from {host}", port=port.number, address=ip, host=source.name),
            text("not tried") if its is None else text("open") if its.open else text("closed ({code})", code=its.code),
            text("open"),
            fits=False if ip in doubtful else None,
        )
        for ip, its in tried.items()
    )


def firewall_evidence(target: HostView, port: Port) -> tuple[Evidence, ...]:
    rules = target.hint(HostView.firewall)
    if rules is None:
        return ()
    concerned = tuple(rule for rule in rules if covers(rule, port.number))
    blocked = any(blocks(rule, port.number) for rule in concerned)
    expected = text("an allow rule that is on, and no block rule" if blocked else "an allow rule that is on")
    shown = tuple(described(rule) for rule in concerned)
    allowed = any(allows(rule, port.number) for rule in concerned)
    found = [
        target.evidence(
            HostView.firewall,
            text("inbound rules of {host} for TCP {port}", host=target.name, port=port.number),
            shown,
            expected,
            fits=allowed and not blocked,
        )
    ]
    if port.all_rules and not allowed:
        found.append(target.evidence(HostView.firewall, text("{host} allows TCP {port}", host=target.name, port=port.number), False, True))
    return tuple(found)


def dropped(source: HostView, target: HostView, port: Port) -> Remedy:
    """Who has to let the port through. A command there is only where a rule of the host itself is off and nothing else stands against it:
    switching on what is on already helps nobody, and its undo would close a host that was open."""
    concerned = tuple(rule for rule in target.hint(HostView.firewall) or () if covers(rule, port.number))
    values: dict[str, Value] = {"source": source.name, "target": target.name, "port": port.number, "rule": port.rule}
    if blocking := tuple(described(rule) for rule in concerned if blocks(rule, port.number)):
        what = Text(
            "Let the firewall of {target} take TCP {port} from {source}: {blocking} blocks it, whatever other rules allow. A rule of the "
            "host is changed there, one of a policy in the group policy",
            values | {"blocking": blocking},
        )
    elif allowing := tuple(described(rule) for rule in concerned if allows(rule, port.number)):
        what = Text(
            "Allow TCP {port} from {source} to {target} in every firewall between them, and see that a route leads there. {target} itself "
            "allows it ({allowing}); look whether profiles and addresses of that rule fit",
            values | {"allowing": allowing},
        )
        return Remedy(what, who=Who(Role.NETWORK))
    elif changes := _rule_on(target, port, concerned):
        return _enable(target, port, changes, values)
    elif policy := tuple(described(rule) for rule in concerned if rule.store != LOCAL):
        what = Text(
            "Allow TCP {port} from {source} to {target} in the group policy that brings {policy} to {target}, and in every firewall "
            "between them",
            values | {"policy": policy},
        )
    else:
        what = Text(
            "Allow TCP {port} from {source} to {target}: in the firewall of {target} (rule {rule}) and in every firewall between them"
            if port.rule
            else "Allow TCP {port} from {source} to {target}: in the firewall of {target}, for which Windows brings no rule, and in every "
            "firewall between them",
            values,
        )
    return Remedy(what, who=administrator_of(target.name))


def _enable(target: HostView, port: Port, changes: tuple[Change, ...], values: dict[str, Value]) -> Remedy:
    named: dict[str, Value] = {"host": target.name, "rule": port.rule}
    return Remedy(
        Text("Enable the firewall rule {rule} on {target}, and allow TCP {port} from {source} in every firewall between them", values),
        who=administrator_of(target.name),
        commands=(command("Enable-NetFirewallRule -CimSession {host} -Name {rule}", **named),),
        shows=verbatim("Enabled True, Action Allow"),
        verify=(command("Get-NetFirewallRule -CimSession {host} -Name {rule} -PolicyStore ActiveStore", **named),),
        undo=(command("Disable-NetFirewallRule -CimSession {host} -Name {rule}", **named),),
        changes=changes,
    )


def _rule_on(target: HostView, port: Port, concerned: tuple[FirewallRule, ...]) -> tuple[Change, ...]:
    """The host's own rule, where it is there and off. One that a policy brings is not the host's to change."""
    rules = [rule for rule in concerned if rule.name == port.rule]
    if not rules or any(rule.store != LOCAL or active(rule) for rule in rules):
        return ()
    return (Change(Kind.FIREWALL_RULE, target.name, wanted=True, earlier=False, object=port.rule),)
