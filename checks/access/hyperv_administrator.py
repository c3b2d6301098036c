"""The operator may manage Hyper-V on the host."""

from __future__ import annotations

from checks.access._groups import membership, remedy
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.subject import AccessSubject
from checks.text import text
from checks.windows.sids import HYPERV_ADMINISTRATORS


@check(
    scope=Scope.ACCESS,
    severity=Severity.BLOCKER,
    title="The operator is in Administrators or Hyper-V Administrators of the host",
    facts=("operator.account", "operator.token", "host.computer", "host.local_groups"),
    depends_on=("domain.membership",),
    predicts=("0x80070005",),
    article=("W12 requirements 5", "W16 requirements 1"),
)
def hyperv_administrator(subject: AccessSubject) -> Finding:
    host, operator = subject.host, subject.operator
    if not subject.manages:
        return skips("Only storage goes to a share of {host}: that needs no Hyper-V there", host=host.name)
    found = membership(subject, HYPERV_ADMINISTRATORS, subject.logons)
    if found.group is not None:
        return passes("{operator} is in {group} of {host}", *found.evidence, operator=operator.name, group=found.group, host=host.name)
    return fails(
        text("{operator} is neither in Administrators nor in Hyper-V Administrators of {host}", operator=operator.name, host=host.name),
        *found.evidence,
        remedy=remedy(subject, HYPERV_ADMINISTRATORS),
    )
