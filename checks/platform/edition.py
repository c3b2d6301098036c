"""Both hosts run a Windows that moves VMs, and the same kind of it."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.system import OperatingSystem
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, text
from checks.windows.editions import CLIENT_TYPE, Family, family
from checks.windows.numbers import named


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="Both hosts run Windows Server or Hyper-V Server, or both run Azure Local",
    facts=("source.os", "target.os"),
    article=("W12 versions", "W16 versions"),
)
def edition(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    pair = (subject.source, subject.target)
    systems = [(host, host.os) for host in pair]
    shown = tuple(each for host, system in systems for each in _evidence(host, system))
    if clients := [host for host, system in systems if system.product_type == CLIENT_TYPE]:
        return fails(
            text("{hosts} runs a client Windows, which does not migrate VMs", hosts=tuple(host.name for host in clients)),
            *shown,
            severity=Severity.BLOCKER,
            remedy=Remedy(
                text("Use a host with Windows Server, or move the VM by export and import"),
                administrator_of(*(host.name for host in clients)),
            ),
        )
    first, second = (_family(host, system) for host, system in systems)
    if first is not second:
        return fails(
            text(
                "{source} runs {first} and {target} {second}: whether VMs can be moved between them live is not promised",
                source=subject.source.name,
                target=subject.target.name,
                first=Text(first.value),
                second=Text(second.value),
            ),
            *shown,
            remedy=Remedy(
                text("Try it with a VM that nobody needs, or move the VMs by export and import"),
                administrator_of(subject.source.name, subject.target.name),
            ),
        )
    return passes("{source} and {target} run {family}", *shown, **_names(subject), family=Text(first.value))


def _names(subject: PairSubject) -> dict[str, str]:
    return {"source": subject.source.name, "target": subject.target.name}


def _family(host: HostView, system: OperatingSystem) -> Family:
    if system.sku is None:
        raise host.lacks(HostView.os, text("the edition (OperatingSystemSKU) of {host}", host=host.name))
    return family(system.product_type, system.sku)


def _evidence(host: HostView, system: OperatingSystem) -> tuple[Evidence, ...]:
    return (
        host.evidence(
            HostView.os, text("kind of Windows (ProductType) of {host}", host=host.name), named("product_type", system.product_type)
        ),
        host.evidence(HostView.os, text("edition (OperatingSystemSKU) of {host}", host=host.name), system.sku),
    )
