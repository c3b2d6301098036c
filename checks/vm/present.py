"""The VM of the move exists, once."""

from __future__ import annotations

from checks.check import Finding, Remedy, Scope, Severity, check, command, fails, passes, text
from checks.subject import MoveSubject


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The source has exactly one VM of that name or id",
    facts=("vm",),
    depends_on=("platform.hyperv_role",),
    article=("W12 requirements", "W16 requirements"),
)
def present(subject: MoveSubject) -> Finding:
    wanted, source, holder, found = subject.move.vm, subject.source, subject.holder, subject.candidates
    evidence = subject.vm_evidence(text("VMs on {host} that match", host=holder.name), tuple(f"{vm.name} ({vm.id})" for vm in found), 1)
    listed = (command("Get-VM -ComputerName {source} | Select-Object -Property Name, Id", source=source.name),)
    if not found:
        return fails(
            text(
                "{source} has no VM at all, and the plan moves every one"
                if wanted == "*"
                else "{source} has no VM with the name or id {vm}",
                source=source.name,
                vm=wanted,
            ),
            evidence,
            remedy=Remedy(text("Correct the VM or the source in the plan"), text("operator"), verify=listed),
        )
    if len(found) > 1:
        return fails(
            text(
                "{source} has {count} VMs that match {vm}: {ids}",
                source=source.name,
                count=len(found),
                vm=wanted,
                ids=tuple(vm.id for vm in found),
            ),
            evidence,
            remedy=Remedy(text("Name the VM by its id in the plan"), text("operator"), verify=listed),
        )
    if holder.key != source.key:
        return passes(
            "{vm} is on {holder} now, and an earlier move of the plan brings it to {source}",
            evidence,
            vm=found[0].name,
            holder=holder.name,
            source=source.name,
        )
    return passes("{vm} is on {source}", evidence, vm=found[0].name, source=source.name)
