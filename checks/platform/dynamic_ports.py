"""The host takes its dynamic TCP ports from the range that Windows has by default."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of, restart_of_service_on
from checks.subject import HostSubject, HostView
from checks.text import command, text

START, COUNT = 49152, 16384
"""The range since Windows Server 2008 (https://learn.microsoft.com/troubleshoot/windows-server/networking/default-dynamic-port-range-tcpip-chang)."""


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="The range of dynamic TCP ports is the default",
    facts=("host.dynamic_ports",),
    predicts=("14050",),
)
def dynamic_ports(subject: HostSubject) -> Finding:
    host = subject.host
    if not subject.runs_moves:
        return skips("Only storage goes to a share of {host}: no move runs there", host=host.name)
    ports = host.dynamic_ports
    evidence = (
        host.evidence(HostView.dynamic_ports, "first dynamic TCP port", ports.start, START),
        host.evidence(HostView.dynamic_ports, "number of dynamic TCP ports", ports.count, COUNT),
    )
    if (ports.start, ports.count) == (START, COUNT):
        return passes("{host} takes dynamic TCP ports from the default range", *evidence, host=host.name)
    set_range = (
        "Invoke-Command -ComputerName {host} -ArgumentList {start}, {count} -ScriptBlock "
        '{ netsh.exe int ipv4 set dynamicportrange tcp "start=$($args[0])" "num=$($args[1])" }'
    )
    return fails(
        text(
            "{host} takes dynamic TCP ports from {start} on, {count} of them: the service hardening of Hyper-V knows the default range "
            "only, so that its service may not register its names in the directory",
            host=host.name,
            start=ports.start,
            count=ports.count,
        ),
        *evidence,
        remedy=Remedy(
            text(
                "Set the default range on {host} again, and start the service of Hyper-V anew: VMs go on running meanwhile", host=host.name
            ),
            administrator_of(host.name),
            commands=(
                command(set_range, host=host.name, start=str(START), count=str(COUNT)),
                text("Restart the service vmms of {host}: it registers its names when it starts", host=host.name),
            ),
            restarts=restart_of_service_on(host.name),
            shows=text("the start and the number of ports of the remedy"),
            verify=(
                command(
                    "Invoke-Command -ComputerName {host} -ScriptBlock { netsh.exe int ipv4 show dynamicportrange tcp }", host=host.name
                ),
            ),
            undo=(command(set_range, host=host.name, start=str(ports.start), count=str(ports.count)),),
        ),
    )
