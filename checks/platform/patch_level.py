"""Both hosts of one Windows version have the same update."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, asks, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of, restart_of
from checks.subject import HostView, PairSubject
from checks.text import text
from checks.windows.releases import is_old, name


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="Two hosts of one Windows version have the same update",
    facts=("source.os", "target.os"),
    predicts=("processor incompatible",),
)
def patch_level(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    build = source.os.build
    if build != target.os.build:
        return skips(
            "{source} and {target} run different versions of Windows, whose updates cannot be compared",
            source=source.name,
            target=target.name,
        )
    revisions = {host.name: host.os.update_revision for host in (source, target)}
    for host in (source, target):
        if host.os.update_revision is None:
            if is_old(build):
                return asks(
                    "{windows} does not tell in a number which update it has",
                    Remedy(
                        text("Compare which updates {source} and {target} have (Get-HotFix)", source=source.name, target=target.name),
                        administrator_of(source.name, target.name),
                    ),
                    windows=name(build),
                )
            raise host.lacks(HostView.os, text("update (UBR) of {host}", host=host.name))
    evidence = tuple(
        host.evidence(HostView.os, text("update (UBR) of {host}", host=host.name), f"{build}.{revisions[host.name]}")
        for host in (source, target)
    )
    if len(set(revisions.values())) == 1:
        return passes("{source} and {target} have the same update", *evidence, source=source.name, target=target.name)
    older = min((source, target), key=lambda host: revisions[host.name] or 0)
    return fails(
        text(
            "{source} has the update {here} and {target} {there}: fixes of Windows against faults of processors may show a VM different "
            "processors, though they are the same",
            source=source.name,
            target=target.name,
            here=f"{build}.{revisions[source.name]}",
            there=f"{build}.{revisions[target.name]}",
        ),
        *evidence,
        remedy=Remedy(
            text(
                "Bring {host} to the update of the other host, with firmware and microcode. A VM keeps what it saw when it started: one "
                "that started on the newer host may have to be started again on the older one. An update is not taken back for a move",
                host=older.name,
            ),
            administrator_of(older.name),
            effective_after=text("after the restart"),
            restarts=restart_of(older.name),
            verify=(text("Collect again: both hosts have to show the same number"),),
        ),
    )
