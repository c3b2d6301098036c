"""The two Windows versions move VMs between each other, in this direction."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, text
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, is_2012, moves_vms, name

PROMISED = frozenset({(BUILD_2012, BUILD_2012_R2), (BUILD_2012_R2, BUILD_2016), (BUILD_2016, BUILD_2012_R2)})
"""The pairs of different Windows versions for which a page of the vendor promises the move."""


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="This pair of Windows versions moves VMs in this direction",
    facts=("source.os", "target.os"),
    predicts=("32784", "0x80070032"),
    article=("W12 versions", "W16 versions", "W16 requirements 3", "W16 requirements 4"),
)
def os_support(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    here, there = source.os.build, target.os.build
    evidence = tuple(
        host.evidence(HostView.os, text("Windows of {host}", host=host.name), name(host.os.build)) for host in (source, target)
    )
    values: dict[str, Value] = {"source": source.name, "target": target.name, "here": name(here), "there": name(there)}
    if not moves_vms(here, there):
        found, fix = _refused(here, there, values)
        remedy = Remedy(fix, OPERATOR, effective_after=text("after the detour or with the corrected plan"))
        return fails(found, *evidence, remedy=remedy)
    if here == there:
        return passes("{source} and {target} run {here}", *evidence, **{key: values[key] for key in ("source", "target", "here")})
    if (here, there) in PROMISED:
        return passes("Windows moves VMs from {here} ({source}) to {there} ({target})", *evidence, **values)
    return passes(
        "From {here} ({source}) to {there} ({target}) the VM's version decides. Advice: no page of Microsoft promises this pair in so many "
        "words",
        *evidence,
        **values,
    )


def _refused(here: int, there: int, values: dict[str, Value]) -> tuple[Text, Text]:
    """What was found, and what to do."""
    if min(here, there) < BUILD_2012:
        return (
            Text(
                "No VM moves from {here} ({source}) to {there} ({target}): Windows before Server 2012 moves none outside a cluster", values
            ),
            text("Use hosts with Windows Server 2012 R2 or later"),
        )
    if is_2012(here):
        return (
            Text(
                "No VM moves from {here} ({source}) to {there} ({target}): from there the way leads only to Windows Server 2012 R2", values
            ),
            text("Move the VM to a host with Windows Server 2012 R2 first and on from there; or shut it down, export it and import it"),
        )
    return (
        Text("{there} ({target}) takes no VM from {here} ({source}): the way leads upwards only", values),
        text("Choose a target with Windows Server 2012 R2 or later"),
    )
