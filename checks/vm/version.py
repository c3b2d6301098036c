"""The target supports the configuration version of the VM."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.fact import FactOf
from checks.remedy import OPERATOR, Remedy, Step
from checks.subject import HostView, MoveSubject
from checks.text import Text, Value, command, text
from checks.windows.releases import BUILD_2016, BUILD_2019, BUILD_2022, is_2012, is_old, moves_vms, name

VERSION_OF_2012_R2 = "5.0"
"""The only version that 2012 R2 knows, and the one that a VM from 2012 gets there."""

DROPPED_BY_2022 = ("5.0", "8.0")
"""2022 and later took the versions from 5.0 up to, but not with, 8.0 out of their lists."""

WAYS_OVER = (BUILD_2016, BUILD_2019)
"""Windows versions that take a VM of 5.0 and can raise it to a version that 2022 takes."""

MOST_DIGITS = 10
"""Of a part of a version: an int of .NET has no more, and one of thousands is none that Python reads."""

Number = tuple[int, ...]


@lru_cache
def number(version: str) -> Number | None:
    """`10.0` as (10, 0), so that it is above `9.3`. Nothing for a text that is no version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) <= MOST_DIGITS for part in parts) else None


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target supports the VM's configuration version",
    facts=("vm", "source.os", "target.os", "target.supported_versions"),
    depends_on=("vm.present", "platform.os_support"),
    predicts=("32784", "configuration version not supported"),
    article=("W16 requirements 4",),
)
def version(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, holder, source, target = subject.vm, subject.holder, subject.source, subject.target
    here, there = source.os.build, target.os.build
    if not moves_vms(here, there):
        return skips("No VM moves from {here} to {there}, whatever its version", here=name(here), there=name(there))
    if is_2012(there):
        return passes("Both hosts run Windows Server 2012", *_windows(source, target))
    if is_2012(here):
        return passes(
            "{vm} gets the version 5.0 on {there} and cannot go back to {here}",
            *_windows(source, target),
            vm=vm.name,
            there=name(there),
            here=name(here),
        )
    version = VERSION_OF_2012_R2 if is_2012(holder.os.build) else vm.version
    own = number(version or "")
    if version is None or own is None:
        raise holder.lacks(HostView.vms, text("configuration version of {vm}", vm=vm.id))
    known, evidence = target.once(_compared, source, holder, version)
    if own in known:
        return passes("{target} supports the VM's configuration version {version}", *evidence, target=target.name, version=version)
    if not known:
        raise target.lacks(HostView.supported_versions, text("any version"))
    values: dict[str, Value] = {"vm": vm.name, "version": version, "target": target.name, "windows": name(there)}
    if own > min(known):
        highest = known[max(known)]
        return _refused(
            Text(
                "{vm} has the configuration version {version}; {target} ({windows}) supports at most {highest}",
                values | {"highest": highest},
            )
            if own > max(known)
            else Text("{vm} has the configuration version {version}, which {target} ({windows}) does not support", values),
            text(
                "Choose a target with a newer Windows. A version cannot be lowered: the other way is a new VM of a version that the target "
                "supports, with the disks of this one"
            ),
            evidence,
        )
    if there >= BUILD_2022 and _between(own, *DROPPED_BY_2022):
        return _refused(
            Text(
                "{vm} has the configuration version {version}, which {windows} no longer supports: the way goes over Windows Server "
                "2016 or 2019",
                values,
            ),
            text(
                "Move the VM to a host with Windows Server 2016 or 2019 first, shut it down there, raise its version "
                "(Update-VMVersion), and move it on from there. Raising cannot be undone: the VM does not go back to 2012 R2"
            ),
            evidence,
            commands=(
                (
                    command("Get-VM -ComputerName {host} -Id {id} | Stop-VM", host=source.name, id=vm.id),
                    command("Get-VM -ComputerName {host} -Id {id} | Update-VMVersion -Force", host=source.name, id=vm.id),
                    command("Get-VM -ComputerName {host} -Id {id} | Start-VM", host=source.name, id=vm.id),
                )
                if here in WAYS_OVER
                else ()
            ),
        )
    return _refused(
        Text(
            "{vm} has the configuration version {version}; {target} ({windows}) needs at least {lowest}",
            values | {"lowest": known[min(known)]},
        ),
        text(
            "Raise the VM's version on its host while it is off (Update-VMVersion), or choose a target that supports the version. "
            "Raising cannot be undone"
        ),
        evidence,
    )


def _between(own: Number, first: str, end: str) -> bool:
    return (number(first) or ()) <= own < (number(end) or ())


def _windows(*hosts: HostView) -> tuple[Evidence, ...]:
    return tuple(host.evidence(HostView.os, text("Windows of {host}", host=host.name), name(host.os.build)) for host in hosts)


def _compared(target: HostView, source: HostView, holder: HostView, version: str) -> tuple[dict[Number, str], tuple[Evidence, ...]]:
    """The versions that the target supports, by their numbers, and what shows whether that of VMs is one of them."""
    old = is_old(target.os.build)
    supported = (VERSION_OF_2012_R2,) if old else target.supported_versions
    fact: FactOf[Any] = HostView.os if old else HostView.supported_versions
    known = {numbers: each for each in supported if (numbers := number(each))}
    return known, (
        holder.evidence(HostView.vms, "configuration version of the VM", version, supported, fits=number(version) in known),
        target.evidence(fact, text("versions that {host} supports", host=target.name), supported),
        *_windows(source, target),
    )


def _refused(found: Text, fix: Text, evidence: tuple[Evidence, ...], commands: tuple[Step, ...] = ()) -> Finding:
    remedy = Remedy(
        fix,
        OPERATOR,
        commands=commands,
        effective_after=text("after the detour or with the corrected plan"),
    )
    return fails(found, *evidence, remedy=remedy)
