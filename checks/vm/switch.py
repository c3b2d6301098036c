"""The target has the virtual switches to which the VM is connected."""

from __future__ import annotations

from collections.abc import Iterable

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import Switch, SwitchType
from checks.remedy import Remedy, Step, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text
from checks.windows.names import fold


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target has a switch of the same name and type for every connected adapter of the VM",
    facts=("vm", "source.switches", "target.switches"),
    depends_on=("vm.present",),
    predicts=("33012",),
)
def switch(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, holder, target = subject.vm, subject.holder, subject.target
    here, there = holder.switches, target.switches
    if vm.adapters is None:
        raise holder.lacks(HostView.vms, text("network adapters of {vm}", vm=vm.id))
    needed = tuple(dict.fromkeys([adapter.switch for adapter in vm.adapters if adapter.switch]))
    if not needed:
        return passes("No network adapter of {vm} is connected to a switch", vm=vm.name)
    missing, other, evidence = target.once(_compared, holder, needed)
    if missing:
        near = tuple(each.name for each in there if fold(each.name) in map(fold, missing))
        absent = {fold(name) for name in missing} - set(map(fold, near))
        return fails(
            text(
                "{target} has no switch with the name {switch}, to which {vm} is connected", target=target.name, switch=missing, vm=vm.name
            )
            if absent
            else text(
                "{target} has the switch to which {vm} is connected in other letters only: {found} instead of {switch}",
                target=target.name,
                vm=vm.name,
                found=near,
                switch=missing,
            ),
            *evidence,
            remedy=_give(target, missing, here),
            severity=None if absent else Severity.RISK,
        )
    if other:
        if unknown := [name for name in other if not _kinds(name, here)]:
            raise holder.lacks(HostView.switches, text("type of the switch {switch}", switch=unknown[0]))
        return fails(
            text(
                "The switch {switch} is of another type on {target} than on {source}: {there} instead of {here}",
                switch=other,
                target=target.name,
                source=holder.name,
                there=_said(other, there),
                here=_said(other, here),
            ),
            holder.evidence(
                HostView.switches, text("type of {switch} on {host}", switch=other, host=holder.name), _said(other, here), fits=True
            ),
            *evidence,
            remedy=_retype(subject, other, here),
            severity=Severity.RISK,
        )
    return passes(
        "{target} has every switch to which {vm} is connected: {switch}", *evidence, target=target.name, vm=vm.name, switch=needed
    )


def _compared(
    target: HostView, holder: HostView, needed: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Evidence, Evidence]]:
    """Of the switches that VMs need those that the target does not have, and those of which it has others, and what shows it."""
    here, there = holder.switches, target.switches
    names = {each.name for each in there}
    missing = tuple(name for name in needed if name not in names)
    other = tuple(name for name in needed if _kinds(name, here) != _kinds(name, there))
    shown = tuple(f"{each.name} ({_kind(each)})" for each in there)
    return (
        missing,
        other,
        (
            holder.evidence(HostView.vms, "switches of the VM", needed),
            target.evidence(HostView.switches, text("switches of {host}", host=target.name), shown, needed, fits=not missing and not other),
        ),
    )


def _kind(of: Switch) -> str:
    """As New-VMSwitch takes it, and Windows shows it in every language."""
    return of.type.name.title()


def _kinds(name: str, among: Iterable[Switch]) -> frozenset[SwitchType]:
    """The types of the switches of a name, in whatever letters: Windows lets several have one."""
    return frozenset(each.type for each in among if fold(each.name) == fold(name))


def _said(names: tuple[str, ...], among: Iterable[Switch]) -> tuple[str, ...]:
    wanted = set(map(fold, names))
    return tuple(dict.fromkeys(_kind(each) for each in among if fold(each.name) in wanted))


def _seen(host: HostView) -> tuple[Step, ...]:
    return (command("Get-VMSwitch -ComputerName {host} | Select-Object -Property Name, SwitchType", host=host.name),)


def _give(target: HostView, names: tuple[str, ...], here: Iterable[Switch]) -> Remedy:
    """Only a switch without an adapter of the host can be made without a decision of a person."""
    inner = {each.name: _kind(each) for each in here if each.type is not SwitchType.EXTERNAL}
    commands: list[Step] = []
    undo: list[Step] = []
    for name in names:
        if name in inner:
            commands.append(
                command("New-VMSwitch -ComputerName {host} -Name {name} -SwitchType {type}", host=target.name, name=name, type=inner[name])
            )
            undo.append(command("Remove-VMSwitch -ComputerName {host} -Name {name} -Force", host=target.name, name=name))
        else:
            commands.append(
                text(
                    "Rename-VMSwitch for the switch of {target} that leads to the same network, or New-VMSwitch with one of its adapters, "
                    "so that it is called {name}",
                    target=target.name,
                    name=name,
                )
            )
            undo.append(text("Give the switch its former name back (Rename-VMSwitch), or remove the new one (Remove-VMSwitch)"))
    return Remedy(
        text(
            "Let {target} have a switch with the name {switch}, to the letter. Renaming one disturbs no VM that runs on it, but later "
            "moves look for the new name; creating an external one interrupts the network of the adapter that it takes",
            target=target.name,
            switch=names,
        ),
        administrator_of(target.name),
        commands=tuple(commands),
        shows=text("the switch, by exactly the name that the VM uses"),
        verify=_seen(target),
        undo=tuple(undo),
    )


def _retype(subject: MoveSubject, names: tuple[str, ...], here: Iterable[Switch]) -> Remedy:
    target = subject.target
    return Remedy(
        text(
            "Let the switch {switch} of {target} be of the type {type}, or make sure that {vm} does not need what only that type reaches: "
            "private reaches VMs of the host, internal the host too, external the network",
            switch=names,
            target=target.name,
            type=_said(names, here),
            vm=subject.vm.name,
        ),
        administrator_of(target.name),
        commands=(_by_hand(target),),
        shows=text("the switch, by exactly the name that the VM uses"),
        verify=_seen(target),
        undo=(text("Set the former type with Set-VMSwitch"),),
    )


def _by_hand(target: HostView) -> Text:
    return text("Set-VMSwitch on {target}: -SwitchType for internal or private, -NetAdapterName for external", target=target.name)
