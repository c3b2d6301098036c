"""Does in a scenario of the lab what a fix script would do on real hosts and controllers, from the script's own data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from checks.facts.migration import MigrationAuthentication, PerformanceOption
from lab.scenario import HostSpec, Scenario
from tests.fix.reading import data_of

_VALUES = {
    "migration": ("enabled", bool),
    "authentication": ("authentication", lambda name: MigrationAuthentication[name.upper()]),
    "performance_option": ("performance_option", lambda name: PerformanceOption[name.upper()].value),
    "maximum_migrations": ("maximum_migrations", int),
    "maximum_storage_migrations": ("maximum_storage_migrations", int),
}


def applied(scenario: Scenario, scripts: Iterable[bytes]) -> Scenario:
    """The scenario after these scripts, one after the other. What stands there has to be what the script expects, as in the script."""
    for script in scripts:
        for step in data_of(script)["steps"]:
            scenario = _with(scenario, step)
    return scenario


def _with(scenario: Scenario, step: dict[str, Any]) -> Scenario:
    if step["Kind"] in ("delegate_to", "any_protocol", "act_on_behalf"):
        name = _host(scenario, step["Object"].removesuffix("$"))
        assert scenario.hosts[name].domain.casefold() == step["Place"].casefold()
    else:
        name = _host(scenario, step["Place"])
    return replace(scenario, hosts=scenario.hosts | {name: _changed(scenario, scenario.hosts[name], step)})


def _changed(scenario: Scenario, host: HostSpec, step: dict[str, Any]) -> HostSpec:
    kind, delegation = step["Kind"], host.delegation
    if kind == "delegate_to":
        return replace(host, delegation=replace(delegation, to=_list(delegation.to, step["Members"], step)))
    if kind == "any_protocol":
        assert delegation.any_protocol == step["Before"]
        return replace(host, delegation=replace(delegation, any_protocol=step["After"]))
    if kind == "act_on_behalf":
        member = _host(scenario, step["Principal"]["Account"].removesuffix("$"))
        return replace(host, delegation=replace(delegation, resource_based=_list(delegation.resource_based, [member], step)))
    if kind == "group_member":
        members = _list(host.hyperv_administrators, [step["Principal"]["Name"]], step)
        return replace(host, hyperv_administrators=members)
    if kind == "firewall_rule":
        assert (6600 in host.closed_ports) == step["After"]
        return replace(host, closed_ports=() if step["After"] else (6600,))
    field, read = _VALUES[kind]
    assert getattr(host, field) == read(step["Before"])
    return replace(host, **{field: read(step["After"])})


def _list(held: tuple[str, ...], members: list[str], step: dict[str, Any]) -> tuple[str, ...]:
    """Adds what is absent, or removes what is there."""
    named = {member.casefold() for member in members}
    if step["Present"]:
        assert not named & {each.casefold() for each in held}, "a fix adds what is missing, and nothing else"
        return (*held, *members)
    assert named <= {each.casefold() for each in held}
    return tuple(each for each in held if each.casefold() not in named)


def _host(scenario: Scenario, name: str) -> str:
    return next(host for host in scenario.hosts if host.casefold() == name.casefold())
