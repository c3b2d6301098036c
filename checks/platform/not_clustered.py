"""Neither host is a node of a cluster, and the VM is no role of one.

One check of the move, which says both: what a node means to a move depends on whether its VM belongs to the cluster.
"""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, Role, Who, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import command, text, verbatim

RUNNING = "Running"
DISABLED = "Disabled"
"""Win32_Service.State of a node at work, and StartMode where the feature is installed and the host joined no cluster."""


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="Neither host is a node of a cluster, and the VM is no clustered role",
    facts=("vm", "source.cluster", "target.cluster"),
    depends_on=("vm.present",),
    article=("W12 title", "W16 title", "W16 intro"),
)
def not_clustered(subject: MoveSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.route.storage_only:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    vm, holder = subject.vm, subject.holder
    clustered = subject.vm_evidence(text("{vm} is a clustered role", vm=vm.name), vm.clustered, False)
    if vm.clustered:
        return fails(
            text("{vm} is a role of the cluster of {host}: only the cluster's own tools may move it", vm=vm.name, host=holder.name),
            clustered,
            severity=Severity.BLOCKER,
            remedy=Remedy(
                text(
                    "Move {vm} with the cluster's own tools, within the cluster. To let it leave, take its role out of the cluster first: "
                    "the VM goes on running, but nothing restarts it any more when its host fails. Its files have to lie where the target "
                    "can reach them, or move along",
                    vm=vm.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                commands=(
                    command(
                        "Get-ClusterGroup -Cluster {host} -VMId {id} | Remove-ClusterGroup -RemoveResources", host=holder.name, id=vm.id
                    ),
                ),
                shows=verbatim("IsClustered False"),
                verify=(
                    command("Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, IsClustered", host=holder.name, id=vm.id),
                ),
                undo=(command("Add-ClusterVirtualMachineRole -Cluster {host} -VMId {id}", host=holder.name, id=vm.id),),
            ),
        )
    nodes, services = target.once(_nodes, source)
    evidence = (clustered, *services)
    if nodes:
        return fails(
            text(
                "{vm} belongs to no cluster, but {hosts} is a node of one: a cluster has settings of its own for where and over which "
                "networks VMs move, and it does not watch over this VM",
                vm=vm.name,
                hosts=nodes,
            ),
            *evidence,
            remedy=Remedy(
                text(
                    "Use hosts outside of clusters, as the articles have it. Where the VM shall go to this node, look at the cluster's own "
                    "networks for live migration first, and make the VM a role of the cluster after the move"
                ),
                administrator_of(*nodes),
            ),
        )
    return passes(
        "Neither {source} nor {target} is a node of a cluster, and {vm} is no clustered role",
        *evidence,
        source=source.name,
        target=target.name,
        vm=vm.name,
    )


def _nodes(target: HostView, source: HostView) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """The hosts of a pair that are nodes, and what tells it of both."""
    evidence = *_evidence(source), *_evidence(target)
    return tuple(host.name for host in (source, target) if _is_node(host)), evidence


def _is_node(host: HostView) -> bool:
    """A node whose service was stopped is one: it starts again with Windows."""
    its = host.cluster
    if not its.feature:
        return False
    if its.service_state is None or its.service_start is None:
        raise host.lacks(HostView.cluster, text("cluster service (ClusSvc) of {host}", host=host.name))
    return its.service_start != DISABLED or its.service_state == RUNNING


def _evidence(host: HostView) -> tuple[Evidence, ...]:
    its = host.cluster
    return (
        host.evidence(HostView.cluster, text("cluster service (ClusSvc) of {host}", host=host.name), its.service_state),
        host.evidence(
            HostView.cluster,
            text("start mode of ClusSvc of {host}", host=host.name),
            its.service_start,
            text("none, or disabled"),
            fits=not _is_node(host),
        ),
    )
