"""The target can take the VM under its id and its name."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, MoveSubject
from checks.text import command, text
from checks.windows.names import MachineName


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target has no VM with the id or the name of the one that comes",
    facts=("vm", "target.vms"),
    depends_on=("vm.present",),
    predicts=("vm_exists",),
)
def identity(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, target, others = subject.vm, subject.target, subject.clashes
    if not others:
        return passes("{target} has no VM with the id or the name of {vm}", target=target.name, vm=vm.name)
    evidence = target.evidence(
        HostView.vms,
        text("VMs on {host} that match", host=target.name),
        tuple(f"{other.name} ({other.id})" for other in others),
    )
    seen = (command("Get-VM -ComputerName {target} | Select-Object -Property Name, Id", target=target.name),)
    if MachineName(vm.id) in (MachineName(other.id) for other in others):
        return fails(
            text("{target} has a VM with the id of {vm} already: {id}", target=target.name, vm=vm.name, id=vm.id),
            evidence,
            remedy=Remedy(
                text(
                    "Find out what the VM with this id on {target} is: a replica, a copy, or what an earlier attempt left. It takes its "
                    "owner to decide which of the two goes",
                    target=target.name,
                ),
                OPERATOR,
                shows=text("no second VM of this name or id"),
                verify=seen,
            ),
        )
    by_id = Remedy(
        text(
            "Name the VM by its id in every later move of the plan and in every command, or give one of the two another name",
        ),
        OPERATOR,
        shows=text("no second VM of this name or id"),
        verify=seen,
    )
    confused_by = subject.step.confused_by
    if confused_by is not None:
        return fails(
            text(
                "{target} has another VM of the name {vm}, and a later move names it by that name: {move}",
                target=target.name,
                vm=vm.name,
                move=confused_by.move.arrow,
            ),
            evidence,
            remedy=by_id,
            predicts=(),
        )
    return fails(
        text("{target} has another VM of the name {vm}: a command by name then means both", target=target.name, vm=vm.name),
        evidence,
        remedy=by_id,
        severity=Severity.RISK,
        predicts=(),
    )
