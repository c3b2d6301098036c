"""The host runs Hyper-V."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, restart_of, restart_of_service_on
from checks.subject import HostSubject, HostView
from checks.text import Command, command, text, verbatim

RUNNING = "Running"
AUTOMATIC = "Auto"
"""Win32_Service.State and StartMode."""


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="The Hyper-V role is installed and its management service answers",
    facts=("host.hyperv_role", "host.computer"),
    predicts=("0x8004100E", "0x800706BA"),
    article=("W12 requirements 1", "W16 requirements 3"),
)
def hyperv_role(subject: HostSubject) -> Finding:
    if not subject.runs_moves:
        return skips("Only storage goes to a share of {host}: that needs no Hyper-V there", host=subject.host.name)
    host, role = subject.host, subject.host.hyperv_role
    evidence = (
        host.evidence(HostView.hyperv_role, "Hyper-V role installed", role.feature, True),
        host.evidence(HostView.hyperv_role, "vmms state", role.service_state, RUNNING),
        host.evidence(HostView.hyperv_role, "root/virtualization/v2 exists", role.namespace, True),
    )
    who = administrator_of(host.name)
    if not role.feature and role.service_state is not None:
        raise host.lacks(HostView.hyperv_role, text("the Hyper-V role of {host}, whose service vmms exists", host=host.name))
    passing = role.feature and role.service_state == RUNNING and role.namespace
    computer = None if passing else host.hint(HostView.computer)
    controller, domain = computer is not None and computer.role in CONTROLLERS, computer.domain if computer else ""
    if not role.feature:
        return fails(
            text("The Hyper-V role is not installed on {host}", host=host.name),
            *evidence,
            remedy=Remedy(
                text(
                    "Install the Hyper-V role with its management tools on {host}. That restarts a domain controller: see first that "
                    "another one of {domain} answers"
                    if controller
                    else "Install the Hyper-V role with its management tools on {host}",
                    host=host.name,
                    domain=domain,
                ),
                who,
                commands=(
                    command("Install-WindowsFeature -ComputerName {host} -Name Hyper-V -IncludeManagementTools -Restart", host=host.name),
                ),
                effective_after=text("after the restart that ends the installation"),
                restarts=restart_of(host.name),
                shows=verbatim("Install State Installed"),
                verify=(command("Get-WindowsFeature -ComputerName {host} -Name Hyper-V", host=host.name),),
                undo=(command("Uninstall-WindowsFeature -ComputerName {host} -Name Hyper-V -Restart", host=host.name),),
            ),
        )
    if role.service_state is None:
        return fails(
            text("Hyper-V is installed on {host}, but its management service vmms does not exist", host=host.name),
            *evidence,
            remedy=Remedy(
                text(
                    "See first that another domain controller of {domain} answers. Then restart {host} so that the installation of the "
                    "role ends; if vmms is still missing, install the role again"
                    if controller
                    else "Restart {host} so that the installation of the role ends; if vmms is still missing, install the role again",
                    host=host.name,
                    domain=domain,
                ),
                who,
                commands=(command("Restart-Computer -ComputerName {host} -Wait", host=host.name),),
                effective_after=text("after the restart"),
                restarts=restart_of(host.name),
                shows=verbatim("Status Running"),
                verify=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Get-Service -Name vmms }", host=host.name),),
            ),
        )
    if role.service_state != RUNNING:
        return fails(
            text("The Hyper-V management service vmms does not run on {host}: {state}", host=host.name, state=role.service_state),
            *evidence,
            host.evidence(HostView.hyperv_role, "vmms start mode", role.service_start, AUTOMATIC),
            remedy=Remedy(
                text("Start the service vmms on {host} and let it start with Windows", host=host.name),
                who,
                commands=(
                    command(
                        "Invoke-Command -ComputerName {host} -ScriptBlock { Set-Service -Name vmms -StartupType Automatic }", host=host.name
                    ),
                    command("Invoke-Command -ComputerName {host} -ScriptBlock { Start-Service -Name vmms }", host=host.name),
                ),
                shows=verbatim("Status Running"),
                verify=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Get-Service -Name vmms }", host=host.name),),
                undo=(
                    command("Invoke-Command -ComputerName {host} -ScriptBlock { Stop-Service -Name vmms }", host=host.name),
                    *_started_as_before(host),
                ),
                changes=(
                    *_starts_with_windows(host),
                    Change(Kind.SERVICE, host.name, wanted=True, earlier=False),
                ),
            ),
            predicts=("0x8007274D",),
        )
    if not role.namespace:
        return fails(
            text("Hyper-V runs on {host}, but its management interface root/virtualization/v2 does not exist", host=host.name),
            *evidence,
            remedy=Remedy(
                text("Register the management interface of Hyper-V on {host} again", host=host.name),
                who,
                commands=(
                    command(
                        "Invoke-Command -ComputerName {host} -ScriptBlock "
                        '{ mofcomp.exe "$env:windir\\System32\\WindowsVirtualization.V2.mof"; Restart-Service -Name vmms }',
                        host=host.name,
                    ),
                ),
                restarts=restart_of_service_on(host.name),
                shows=text("one instance, and no error"),
                verify=(
                    command(
                        "Get-CimInstance -ComputerName {host} -Namespace root/virtualization/v2 "
                        "-ClassName Msvm_VirtualSystemManagementService",
                        host=host.name,
                    ),
                ),
            ),
            predicts=("0x8004100E",),
        )
    return passes("Hyper-V is installed on {host} and vmms runs", *evidence, host=host.name)


def _started_as_before(host: HostView) -> tuple[Command, ...]:
    types = {"Manual": "Manual", "Disabled": "Disabled"}
    mode = types.get(host.hyperv_role.service_start or "")
    template = "Invoke-Command -ComputerName {host} -ScriptBlock { Set-Service -Name vmms -StartupType $args[0] } -ArgumentList {mode}"
    return (command(template, host=host.name, mode=mode),) if mode else ()


def _starts_with_windows(host: HostView) -> tuple[Change, ...]:
    mode = host.hyperv_role.service_start
    return () if mode in (None, AUTOMATIC) else (Change(Kind.SERVICE_START, host.name, AUTOMATIC, mode),)
