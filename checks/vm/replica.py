"""The VM does not replicate, so that no replication breaks when it moves."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, Role, Who
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text, verbatim
from checks.windows.numbers import named

NONE, PRIMARY, REPLICA, TEST, EXTENDED = range(5)
"""VMReplicationMode."""
DISABLED, REPLICATING = 0, 4
"""VMReplicationState in which nothing is to be waited for."""


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    title="The VM does not replicate, and is no replica",
    facts=("vm",),
    depends_on=("vm.present",),
)
def replica(subject: MoveSubject) -> Finding:
    vm, holder = subject.vm, subject.holder
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    mode, state = vm.replication_mode, vm.replication_state
    evidence = holder.once(_seen_in, mode, state)
    if mode == NONE and state == DISABLED:
        return passes("{vm} does not replicate", *evidence, vm=vm.name)
    if mode is None or state is None or mode not in (PRIMARY, REPLICA, TEST, EXTENDED):
        raise holder.lacks(HostView.vms, text("replication of {vm}", vm=vm.id))
    seen = (
        command(
            "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, ReplicationMode, ReplicationState, ReplicationHealth",
            host=holder.name,
            id=vm.id,
        ),
    )
    owner = Who(Role.OWNER, (vm.name,))
    if state != REPLICATING and mode != TEST:
        return fails(
            text("Replication of {vm} is under way to another state, or does not go on (number {state})", vm=vm.name, state=state),
            *evidence,
            remedy=Remedy(
                text("Bring replication of {vm} in order, or end it, before the VM is moved", vm=vm.name),
                owner,
                effective_after=text("when it replicates again"),
                shows=verbatim("ReplicationState Replicating, ReplicationHealth Normal"),
                verify=seen,
            ),
        )
    found, remedy = _parts(vm.name, holder.name, subject.target.name)[mode]
    return fails(
        found,
        *evidence,
        remedy=Remedy(remedy, owner, shows=text("the mode and the state that its replication is to have"), verify=seen),
    )


def _seen_in(holder: HostView, mode: int | None, state: int | None) -> tuple[Evidence, Evidence]:
    return (
        holder.evidence(
            HostView.vms,
            "replication mode of the VM",
            mode if mode is None else named("vm_replication_mode", mode),
            named("vm_replication_mode", NONE),
        ),
        holder.evidence(
            HostView.vms,
            "replication state of the VM",
            state if state is None else named("vm_replication_state", state),
            named("vm_replication_state", DISABLED),
        ),
    )


def _parts(vm: str, source: str, target: str) -> dict[int, tuple[Text, Text]]:
    """What it means that a VM plays a part in a replication, and what to do, by VMReplicationMode."""
    return {
        PRIMARY: (
            text(
                "{vm} replicates from {source}: its replica server takes nothing from {target} unless it is told to",
                vm=vm,
                source=source,
                target=target,
            ),
            text(
                "Let the replica server take replication from {target} before the move, with the way to sign in that it asks for; after "
                "the move, see that replication of {vm} goes on. Its certificate, where it uses one, has to be on {target} as well",
                vm=vm,
                target=target,
            ),
        ),
        REPLICA: (
            text(
                "{vm} is a replica: its primary server goes on sending to {source}, where it no longer is after the move",
                vm=vm,
                source=source,
            ),
            text(
                "Make {target} a replica server before the move, and name it as the replica server of {vm} on the primary server after it. "
                "Or end replication and begin it anew after the move",
                vm=vm,
                target=target,
            ),
        ),
        TEST: (
            text("{vm} is the copy of a failover that is being tested, and is deleted with the test", vm=vm),
            text("End the test of the failover, which deletes {vm}, and take the move from the plan", vm=vm),
        ),
        EXTENDED: (
            text(
                "{vm} is a replica of a replica: the server that sends it goes on sending to {source}, where it no longer is",
                vm=vm,
                source=source,
            ),
            text(
                "Make {target} a replica server before the move, and name it as the replica server of {vm} on the server that sends it "
                "after the move. Or end extended replication and begin it anew after the move",
                vm=vm,
                target=target,
            ),
        ),
    }
