"""The target can hold the memory that the VM has now."""

from __future__ import annotations

from typing import NamedTuple

from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of, restart_of_service_on
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text, verbatim
from checks.vm.running import AT_REST

MEBIBYTE = 1 << 20
RESERVE = 10
"""Percent of its memory below which a target has refused VMs (Microsoft's page on live migration issues)."""


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target has room for the memory that the VM has now",
    facts=("vm", "target.memory", "target.vms"),
    depends_on=("vm.present",),
    predicts=("0x8007000E", "0x800705AA"),
)
def memory(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, target = subject.vm, subject.target
    if vm.memory_assigned_bytes == 0 and vm.state in AT_REST:
        return passes("{vm} does not run and has no memory now: it takes some on {target} when it starts", vm=vm.name, target=target.name)
    if vm.memory_assigned_bytes == 0:
        raise subject.holder.lacks(HostView.vms, text("memory of {vm}", vm=vm.id))
    room = target.once(_room)
    need = -(-vm.memory_assigned_bytes // MEBIBYTE)
    taken = subject.memory_taken // MEBIBYTE
    free = room.available - taken
    evidence = (
        subject.vm_evidence("memory of the VM in MB", need),
        *room.told,
        room.taken.showing(taken),
    )
    values: dict[str, Value] = {"vm": vm.name, "target": target.name, "need": need, "free": free}
    if need > free:
        sure = target.hint(HostView.vms) is not None and not subject.world.gives_memory(target.key)
        return fails(
            text("{target} has {free} MB of memory available when the plan comes to this move, and {vm} needs {need} MB", **values)
            if sure
            else text(
                "{target} has {free} MB of memory available when the plan comes to this move, and {vm} needs {need} MB: Hyper-V would have "
                "to take it from VMs with dynamic memory",
                **values,
            ),
            *evidence,
            remedy=_make_room(subject, need - free),
            severity=None if sure else Severity.RISK,
        )
    if room.largest < need and not room.spanning:
        return fails(
            text(
                "NUMA spanning is off on {target}, and no node has the {need} MB available that {vm} needs: the most is {largest} MB. A VM "
                "with several virtual nodes may fit all the same",
                largest=room.largest,
                **values,
            ),
            target.evidence(HostView.memory, text("NumaSpanningEnabled of {host}", host=target.name), room.spanning, True),
            *evidence,
            remedy=_span(target),
            severity=Severity.RISK,
        )
    if (free - need) * 100 < room.total * RESERVE:
        return fails(
            text(
                "{vm} leaves {target} {left} MB of memory, less than a tenth of its {total} MB: moves have failed below that",
                left=free - need,
                total=room.total,
                **values,
            ),
            *evidence,
            remedy=_make_room(subject, -(-room.total * RESERVE // 100) - (free - need)),
            severity=Severity.RISK,
        )
    return passes(
        "{target} has {free} MB of memory available when the plan comes to this move, and {vm} needs {need} MB", *evidence, **values
    )


class _Room(NamedTuple):
    """The memory of a host in MB, what shows it, and that earlier moves of the plan take none.

    `largest` is the most that one node has available, `spanning` lets a VM have memory of several."""

    available: int
    total: int
    largest: int
    spanning: bool
    told: tuple[Evidence, Evidence]
    taken: Evidence


def _room(host: HostView) -> _Room:
    memory = host.memory
    if not memory.nodes:
        raise host.lacks(HostView.memory, text("any memory"))
    available, total = memory.available_mb, memory.total_mb
    told = (
        host.evidence(HostView.memory, text("available memory of {host} in MB", host=host.name), available),
        host.evidence(HostView.memory, text("memory of {host} in MB", host=host.name), total),
    )
    taken = PLAN.another(text("memory that earlier moves of the plan take on {host} in MB", host=host.name), 0)
    return _Room(available, total, memory.largest_node_mb, memory.spanning, told, taken)


def _make_room(subject: MoveSubject, lacking: int) -> Remedy:
    target = subject.target
    return Remedy(
        text(
            "Make room for {lacking} MB on {target}: move or shut down other VMs there, or choose another target. What a host needs for "
            "itself is not known",
            lacking=lacking,
            target=target.name,
        ),
        administrator_of(target.name),
        effective_after=text("when the memory is free"),
        shows=text("a sum of MemoryAvailable, in MB, that is larger than what the VM needs"),
        verify=(
            command(
                "Get-VMHostNumaNode -ComputerName {target} | Measure-Object -Property MemoryAvailable, MemoryTotal -Sum", target=target.name
            ),
        ),
        undo=(text("Start the VMs again, or move them back"),),
    )


def _span(target: HostView) -> Remedy:
    return Remedy(
        text(
            "Make room on one node of {target}, or allow NUMA spanning, which takes a restart of its Virtual Machine Management service "
            "and can slow VMs down",
            target=target.name,
        ),
        administrator_of(target.name),
        commands=(command("Set-VMHost -ComputerName {target} -NumaSpanningEnabled $true", target=target.name),),
        effective_after=text("when the service vmms of {host} has been restarted", host=target.name),
        restarts=restart_of_service_on(target.name),
        shows=verbatim("NumaSpanningEnabled True"),
        verify=(command("Get-VMHost -ComputerName {target} | Select-Object -Property NumaSpanningEnabled", target=target.name),),
        undo=(command("Set-VMHost -ComputerName {target} -NumaSpanningEnabled $false", target=target.name),),
    )
