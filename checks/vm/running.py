"""The VM runs, and nothing is going on with it that a move would have to wait for."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.remedy import Remedy, Role, Step, Who, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text, verbatim
from checks.windows.numbers import named

RUNNING = 2
OK = 2

OFF = 3

AT_REST: dict[int, Text] = {OFF: text("off"), 6: text("saved"), 9: text("paused"), 32779: text("saved"), 32783: text("hibernated")}
"""VMState in which the VM can be moved, but not live."""

PASSING: dict[int, Text] = {
    1: text("in another state"),
    4: text("stopping"),
    10: text("starting"),
    11: text("being reset"),
    32773: text("being saved"),
    32776: text("being paused"),
    32777: text("resuming"),
    32780: text("being saved"),
    32781: text("being shut down"),
    32782: text("being restarted"),
    32784: text("being serviced"),
    32785: text("running, but critical"),
    32786: text("off, but critical"),
    32787: text("stopping, and critical"),
    32788: text("saved, but critical"),
    32789: text("paused, but critical"),
    32790: text("starting, and critical"),
    32791: text("being reset, and critical"),
    32792: text("being saved, and critical"),
    32793: text("being paused, and critical"),
    32794: text("resuming, and critical"),
    32795: text("saved, but critical"),
    32796: text("being saved, and critical"),
}
"""VMState on the way to another one, or with a disk or file missing (critical)."""

BUSY: dict[int, Text] = {
    23769: text("a checkpoint is being applied"),
    32768: text("a checkpoint is being created"),
    32769: text("a checkpoint is being applied"),
    32770: text("a checkpoint is being deleted"),
    32771: text("it waits to start"),
    32772: text("its disks are being merged"),
    32773: text("it is being exported"),
    32774: text("it is being moved already"),
    32776: text("it is being backed up"),
    32777: text("it is being changed"),
    32778: text("its storage is being moved already"),
    32779: text("its storage is being moved already"),
    32780: text("it is being moved already"),
    32781: text("its compatibility is being checked"),
    32795: text("its storage reports errors"),
}
"""VMOperationalStatus with which a move is refused."""

HARMLESS = frozenset({OK, *range(32783, 32791)})
"""VMOperationalStatus that a move does not mind: communication with the guest's services, and SR-IOV that is not in use."""

SAVED_STATE = "0xC0370027"


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="The VM runs, and no other operation on it is under way",
    facts=("vm",),
    depends_on=("vm.present",),
    predicts=(SAVED_STATE,),
    article=("W12 title", "W12 requirements 2", "W16 title"),
)
def running(subject: MoveSubject) -> Finding:
    vm, holder = subject.vm, subject.holder
    if not vm.operational_status:
        raise holder.lacks(HostView.vms, text("operational status of {vm}", vm=vm.id))
    fits = vm.state == RUNNING or (subject.route.storage_only and vm.state in AT_REST)
    evidence = holder.once(_seen_in, vm.state, fits, vm.operational_status)
    if vm.state != RUNNING and vm.state not in AT_REST:
        state = PASSING.get(vm.state, text("in a state this program does not know ({number})", number=vm.state))
        return fails(
            text("{vm} is {state}", vm=vm.name, state=state), *evidence, remedy=_wait(subject), severity=Severity.BLOCKER, predicts=()
        )
    for status in vm.operational_status:
        if status in BUSY:
            found = text("{vm} is not ready to be moved: {status}", vm=vm.name, status=BUSY[status])
            return fails(found, *evidence, remedy=_wait(subject), severity=Severity.BLOCKER, predicts=())
    if vm.state in AT_REST and subject.route.storage_only:
        return passes("{vm} is {state}: its storage can be moved in any state", *evidence, vm=vm.name, state=AT_REST[vm.state])
    if vm.state in AT_REST:
        return fails(
            text("{vm} is {state}: it can be moved, but not live", vm=vm.name, state=AT_REST[vm.state]),
            *evidence,
            remedy=Remedy(
                text(
                    "Start {vm} before the move. Off, it can be moved as files; saved or paused, only to a host with the same "
                    "processor and Windows version",
                    vm=vm.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                commands=(command("Get-VM -ComputerName {host} -Id {id} | Start-VM", host=holder.name, id=vm.id),),
                shows=verbatim("State Running, OperationalStatus Ok"),
                verify=_seen(subject),
                undo=(command("Get-VM -ComputerName {host} -Id {id} | Stop-VM", host=holder.name, id=vm.id),),
            ),
            predicts=() if vm.state == OFF else (SAVED_STATE,),
        )
    unclear = tuple(str(status) for status in vm.operational_status if status not in HARMLESS)
    if unclear:
        found = text("{vm} runs, but reports the operational status {status}", vm=vm.name, status=unclear)
        return fails(found, *evidence, remedy=_wait(subject), predicts=())
    return passes("{vm} runs", *evidence, vm=vm.name)


def _seen_in(holder: HostView, state: int, fits: bool, status: tuple[int, ...]) -> tuple[Evidence, Evidence]:
    return (
        holder.evidence(HostView.vms, "state", named("vm_state", state), named("vm_state", RUNNING), fits=fits),
        holder.evidence(
            HostView.vms,
            "operational status",
            tuple(named("vm_operational_status", each) for each in status),
            (named("vm_operational_status", OK),),
            fits=HARMLESS.issuperset(status),
        ),
    )


def _wait(subject: MoveSubject) -> Remedy:
    return Remedy(
        text("Wait until the operation on {vm} has ended, or find out why it does not end, and run the check again", vm=subject.vm.name),
        administrator_of(subject.holder.name),
        effective_after=text("when the operation has ended"),
        shows=verbatim("State Running, OperationalStatus Ok"),
        verify=_seen(subject),
    )


def _seen(subject: MoveSubject) -> tuple[Step, ...]:
    host, id = subject.holder.name, subject.vm.id
    return (command("Get-VM -ComputerName {host} -Id {id} | Select-Object -Property State, OperationalStatus", host=host, id=id),)
