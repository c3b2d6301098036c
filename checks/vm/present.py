"""The VM of the move exists, once."""

from __future__ import annotations

from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import EVERY_VM
from checks.remedy import OPERATOR, Remedy, Step
from checks.subject import HostView, MoveSubject
from checks.text import command, text


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The source has exactly one VM of that name or id",
    facts=("vm",),
    depends_on=("platform.hyperv_role",),
    article=("W12 requirements 2",),
)
def present(subject: MoveSubject) -> Finding:
    step, source, holder, found = subject.step, subject.source, subject.holder, subject.candidates
    wanted, earlier = step.move.vm, step.gone_by
    evidence = holder.once(_matching, len(found) == 1).showing(tuple([f"{vm.name} ({vm.id})" for vm in found]))
    if not found and earlier is not None:
        return fails(
            text(
                "{source} has no VM left, and the plan moves every one: the last went with {move}"
                if wanted == EVERY_VM
                else "{source} no longer has {vm} when the plan comes to this move: {move} takes it away",
                source=source.name,
                vm=wanted.spelled,
                move=earlier.move.arrow,
            ),
            evidence,
            remedy=Remedy(text("Take one of the two moves out of the plan, or plan the way back between them"), OPERATOR),
        )
    if not found:
        return fails(
            text(
                "{source} has no VM at all, and the plan moves every one"
                if wanted == EVERY_VM
                else "{source} has no VM with the name or id {vm}",
                source=source.name,
                vm=wanted.spelled,
            ),
            evidence,
            remedy=Remedy(
                text("Correct the VM or the source in the plan"),
                OPERATOR,
                shows=text("the VM, by the name or id of the plan"),
                verify=_listed(source),
            ),
        )
    if len(found) > 1:
        return fails(
            text(
                "{source} has {count} VMs that match {vm}: {ids}",
                source=source.name,
                count=len(found),
                vm=wanted.spelled,
                ids=tuple(vm.id for vm in found),
            ),
            evidence,
            remedy=Remedy(
                text("Name the VM by its id in the plan"),
                OPERATOR,
                shows=text("the VM, by the name or id of the plan"),
                verify=_listed(source),
            ),
        )
    if step.placed is not None and step.placed.brought_by is not None:
        move = step.placed.brought_by.move.arrow
        return passes(
            "{vm} is on {holder} now, and an earlier move of the plan brings it to {source}: this one depends on {move}",
            evidence,
            PLAN.another("depends on", move),
            vm=found[0].name,
            holder=holder.name,
            source=source.name,
            move=move,
        )
    return passes("{vm} is on {source}", evidence, vm=found[0].name, source=source.name)


def _matching(holder: HostView, fits: bool) -> Evidence:
    """What shows which VMs match, without them."""
    return holder.evidence(HostView.vms, text("VMs on {host} that match", host=holder.name), None, 1, fits=fits)


def _listed(source: HostView) -> tuple[Step, ...]:
    return (command("Get-VM -ComputerName {source} | Select-Object -Property Name, Id", source=source.name),)
