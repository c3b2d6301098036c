"""Makes the hosts and VMs of a scenario's crowd, with everything right: for measuring, and for seeing a large report."""

from __future__ import annotations

from ipaddress import IPv4Interface

from msgspec.structs import replace

from lab.scenario import Crowd, Delegation, HostSpec, Scenario, ScenarioError, VmSpec

SERVICES = ("Microsoft Virtual System Migration Service", "cifs")


def expand(scenario: Scenario, hosts: int | None = None, vms: int | None = None, delay_s: float | None = None) -> Scenario:
    """The scenario with its crowd as plain hosts and moves; `hosts`, `vms` (a host) and `delay_s` (a request) replace its own numbers.

    Hosts come in pairs: hv001 sends each of its VMs to hv002, hv003 to hv004; an odd one is left over.
    A scenario without a crowd stays as it is.
    """
    crowd = scenario.crowd
    if crowd is None:
        return scenario
    if delay_s is not None:
        crowd = replace(crowd, delay_s=delay_s)
    count = crowd.hosts if hosts is None else hosts
    machines = crowd.vms_per_host if vms is None else vms
    made = {_name(number): _host(crowd, number, number ^ 1 if number ^ 1 < count else None, machines) for number in range(count)}
    moves = [{"vm": "*", "source": _name(number), "target": _name(number + 1)} for number in range(0, count - 1, 2)]
    entries = {name: {"migration_addresses": [spec.migration.partition("/")[0]]} for name, spec in made.items() if spec.migration}
    plan = scenario.plan | {
        "hosts": scenario.plan.get("hosts", {}) | entries,
        "moves": [*scenario.plan.get("moves", []), *moves],
    }
    return replace(scenario, hosts=scenario.hosts | made, plan=plan, crowd=None)


def _name(number: int) -> str:
    return f"hv{number + 1:03d}"


def _host(crowd: Crowd, number: int, partner: int | None, vms: int) -> HostSpec:
    host = crowd.host
    forms = () if partner is None else (_name(partner), f"{_name(partner)}.{host.domain}")
    delegation = Delegation(to=tuple(f"{service}/{form}" for service in SERVICES for form in forms), any_protocol=True)
    return replace(
        host,
        management=_shifted(host.management, number),
        migration=_shifted(host.migration, number) if host.migration else None,
        delegation=delegation,
        vms=host.vms or tuple(VmSpec(f"vm{number + 1:03d}-{each + 1:03d}") for each in range(vms)),
        delay_s=host.delay_s or crowd.delay_s,
    )


def _shifted(address: str, by: int) -> str:
    """An address of the same network, so many further. Raises ScenarioError when the network ends before."""
    first = IPv4Interface(address)
    shifted = first.ip + by
    if shifted not in first.network:
        raise ScenarioError(f"{first.network} has no room for {by + 1} hosts from {first.ip}")
    return f"{shifted}/{first.network.prefixlen}"
