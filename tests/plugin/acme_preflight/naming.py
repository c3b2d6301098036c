"""Hosts are named by the house's rule."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes
from checks.remedy import Remedy, administrator_of
from checks.subject import HostSubject, HostView
from checks.text import text

ODD = "13579"


@check(
    id="acme.naming",
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="Hosts are named by the rule",
    facts=("host.computer",),
    predicts=("0x8ACE0001",),
)
def naming(subject: HostSubject) -> Finding:
    name = subject.host.computer.name
    if name.endswith(tuple(ODD)):
        return passes("{name} follows the rule", name=name)
    return fails(
        text("{name} does not end in an odd number", name=name),
        subject.host.evidence(HostView.computer, text("name of {host}", host=subject.host.name), name),
        remedy=Remedy(text("Rename {name}", name=name), administrator_of(subject.host.name)),
    )
