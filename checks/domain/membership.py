"""The host is joined to a domain."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, restart_of
from checks.subject import HostSubject, HostView
from checks.text import command, text
from checks.windows.numbers import named


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="The host is joined to an Active Directory domain",
    facts=("host.computer",),
    predicts=("0x8009030E",),
    article=("W12 requirements 3", "W16 requirements 5"),
)
def membership(subject: HostSubject) -> Finding:
    host, computer = subject.host, subject.host.computer
    joined = host.evidence(HostView.computer, "joined to a domain", computer.joined, True)
    if not computer.joined:
        return fails(
            text("{host} is in the workgroup {workgroup}, not in a domain", host=host.name, workgroup=computer.domain),
            joined,
            host.evidence(HostView.computer, "workgroup", computer.domain),
            remedy=Remedy(
                text(
                    "Join {host} to the domain of its partner or to one that trusts it both ways. Hosts of a workgroup move VMs only "
                    "inside a Windows Server 2025 workgroup cluster; without a domain, export the VM and import it on the target",
                    host=host.name,
                ),
                administrator_of(host.name),
                commands=(
                    command(
                        "Add-Computer -ComputerName {host} -LocalCredential (Get-Credential -Message 'Administrator of the host') "
                        "-DomainName (Read-Host 'DNS name of the domain') "
                        "-Credential (Get-Credential -Message 'Account that may join computers to the domain') -Restart",
                        host=host.name,
                    ),
                ),
                effective_after=text("after the restart of the host"),
                restarts=restart_of(host.name),
                shows=text("PartOfDomain True, and the DNS name of the domain"),
                verify=(
                    command(
                        "Get-CimInstance -ComputerName {host} -ClassName Win32_ComputerSystem -Property PartOfDomain, Domain",
                        host=host.name,
                    ),
                ),
                undo=(
                    command(
                        "Remove-Computer -ComputerName {host} -UnjoinDomainCredential "
                        "(Get-Credential -Message 'Account that may remove computers from the domain') -WorkgroupName {workgroup} "
                        "-Restart -Force",
                        host=host.name,
                        workgroup=computer.domain,
                    ),
                ),
            ),
        )
    evidence = (
        joined,
        host.evidence(HostView.computer, "domain", computer.domain),
        host.evidence(HostView.computer, "role", named("domain_role", computer.role)),
    )
    if computer.role in CONTROLLERS:
        return passes("{host} is a domain controller of {domain}", *evidence, host=host.name, domain=computer.domain)
    return passes("{host} is a member of {domain}", *evidence, host=host.name, domain=computer.domain)
