"""The forest of a test world, as the engine's stand-in for Windows changes it (lab/engine/changing); the world's fix scripts, run in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from checks.facts.directory import AccessEntry, ComputerAccount, ControllerTopic, ServiceName
from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.result import Result
from checks.windows.account_control import DISABLED, LOCKED_OUT, PASSWORD_EXPIRED
from checks.windows.names import HostName
from checks.windows.sids import ADMINISTRATORS, HYPERV_ADMINISTRATORS, PROTECTED_USERS, REMOTE_MANAGEMENT_USERS, in_domain_of
from checks.windows.times import NEVER, moment
from checks.world import World
from lab.engine.runs import Engine, Ran
from reports import scripts
from reports.language import Language
from runner.machines import machines
from tests.world import CONTOSO, OPERATOR, TestWorld, good

NOW = datetime(2026, 12, 5, 13, 0, tzinfo=UTC)
ADMIN = "admin01.contoso.test"
FULL_CONTROL = 0xF01FF
GRANT = "CCDCLCSWRPWPDTLOCRSDRCWDWO"
GROUPS = {
    ADMINISTRATORS: "Administratoren",
    HYPERV_ADMINISTRATORS: "Hyper-V-Administratoren",
    REMOTE_MANAGEMENT_USERS: "Remoteverwaltungsbenutzer",
}
"""As a German host calls them: nothing goes by their names."""
PROTOCOL, SERVICE, NOT_DELEGATED = 0x1000000, 0x80000, 0x100000

Forest = dict[str, Any]


def forest_of(test_world: TestWorld) -> Forest:
    """The hosts, domains and accounts of a world as they were read; what was not read is as in the good world."""
    world = World(test_world.plan, test_world.snapshot)
    hosts = [_host(world, HostName(name)) for name in test_world.snapshot.hosts]
    admin = _plain("ADMIN01", ADMIN, "contoso.test") | {"directory_module": True}
    return {
        "hosts": {host["full_name"]: host for host in (*hosts, admin)},
        "domains": {name: _domain(test_world, name) for name in {"contoso.test", "fabrikam.test", *test_world.snapshot.domains}},
        "calls": [],
        "ran": [],
        "meanwhile": [],
        "answers": {},
    }


def _plain(name: str, full_name: str, domain: str) -> dict[str, Any]:
    return {
        "name": name,
        "full_name": full_name,
        "domain": domain,
        "joined": True,
        "language": "en-US",
        "time_zone": "Europe/Berlin",
        "winrm": True,
        "tls": False,
        "answers_to": [],
        "local_accounts": True,
        "directory_module": False,
        "features": [],
        "addresses": [],
        "listens": [],
        "names": {},
        "services": {},
        "firewall": {},
        "groups": {},
        "accounts": {},
        "vms": {},
        "hyperv": {},
    }


def _host(world: World, name: HostName) -> dict[str, Any]:
    def read(fact: Any) -> Any:
        found = world.host_fact(name, fact)
        return found.value if isinstance(found, Known) else getattr(good().snapshot.hosts["testserver02"], fact.name).value

    computer, role, migration = (read(fact) for fact in (HostTopics.computer, HostTopics.hyperv_role, HostTopics.migration))
    groups = read(HostTopics.local_groups)
    members = {sid for held in groups.values() for sid in held}
    return _plain(computer.name, computer.full_name.key, computer.domain) | {
        "joined": computer.joined,
        "answers_to": [world.spelled(name)],
        "features": ["Hyper-V"] if role.feature else [],
        "addresses": [each.address for each in read(HostTopics.addresses)],
        "listens": list(read(HostTopics.migration_listener).addresses),
        "names": {each.name: list(each.addresses) for partner in read(HostTopics.partners) for each in partner.names}
        | {"testserver01": ["192.168.10.1"], "testserver02": ["192.168.10.2"]},
        "services": {"LanmanServer": {"state": "Stopped", "start": "Auto"}}
        | ({"vmms": {"state": role.service_state, "start": role.service_start}} if role.service_state else {}),
        "firewall": {rule.name: {"enabled": "active=true" in rule.data.lower(), "store": rule.store} for rule in read(HostTopics.firewall)},
        "groups": {name: [] for name in GROUPS.values()} | {GROUPS.get(sid, sid): list(held) for sid, held in groups.items()},
        "accounts": {sid: f"VORDEFINIERT\\{name}" for sid, name in GROUPS.items()}
        | {sid: f"CONTOSO\\{sid}" for sid in members}
        | {OPERATOR: "CONTOSO\\hv-operator"}
        | {its.account.value.sid: world.spelled(name) for name, its in world.operators.items() if isinstance(its.account, Known)},
        "vms": {
            vm.id: {"name": vm.name, "state": "Running" if vm.state == 2 else "Off", "version": vm.version} for vm in read(HostTopics.vms)
        },
        "hyperv": {
            "enabled": migration.enabled,
            "authentication": migration.authentication.label,
            "performance_option": migration.performance_option.label if migration.performance_option is not None else None,
            "maximum_migrations": migration.maximum_migrations,
            "maximum_storage_migrations": migration.maximum_storage_migrations,
            "any_network": migration.any_network,
            "networks": [{"subnet": each.subnet, "priority": each.priority} for each in read(HostTopics.migration_networks)],
        },
    }


def _domain(world: TestWorld, name: str) -> dict[str, Any]:
    base = ",".join(f"DC={label}" for label in name.split("."))
    views = (
        next((view.value for view in facts.views.values() if isinstance(view, Known)), None)
        for facts in (*world.snapshot.accounts.values(), *good().snapshot.accounts.values())
    )
    objects: dict[str, dict[str, Any]] = {}
    for view in views:
        if view is not None and view.dn.endswith(base) and view.account_name not in {each["account"] for each in objects.values()}:
            objects[view.dn] = _computer(view)
    for row in _holders(world, name):
        other = {"class": "user", "account": row.dn.partition(",")[0].partition("=")[2], "sid": row.sid, "service_names": []}
        held = objects.setdefault(row.dn, other)["service_names"]
        held += [row.name] if row.name not in held else []
    if name == "contoso.test":
        protected = f"CN=Protected Users,CN=Users,{base}"
        objects[protected] = {"class": "group", "account": "Protected Users", "sid": in_domain_of(CONTOSO + "-0", PROTECTED_USERS)}
        for group, sid in (("Hyper-V Administrators", HYPERV_ADMINISTRATORS), ("Remote Management Users", REMOTE_MANAGEMENT_USERS)):
            objects[f"CN={group},CN=Builtin,{base}"] = {"class": "group", "account": group, "sid": sid}
        facts = next(iter(world.snapshot.operators.values())).account
        user = facts.value if isinstance(facts, Known) else next(iter(good().snapshot.operators.values())).account.value  # type: ignore[union-attr]
        objects[user.dn] = {
            "class": "user",
            "account": user.account_name,
            "sid": user.sid,
            "not_delegated": bool(user.user_account_control & NOT_DELEGATED),
            "enabled": not user.user_account_control & DISABLED,
            "locked": bool((user.computed_control or 0) & LOCKED_OUT),
            "password_expired": bool((user.computed_control or 0) & PASSWORD_EXPIRED),
            "expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}" if (expires := moment(user.expires or NEVER)) else None,
            "member_of": [protected] if in_domain_of(CONTOSO + "-0", PROTECTED_USERS) in user.sids else [],
        }
    controllers = [{"name": f"rodc.{name}", "read_only": True}, {"name": f"dc01.{name}"}, {"name": f"dc02.{name}"}]
    return {"controllers": controllers, "objects": objects, "trusts": ["fabrikam.test" if name == "contoso.test" else "contoso.test"]}


def _holders(world: TestWorld, name: str) -> Iterator[ServiceName]:
    """Who has a name of the migration service, as the domain's controllers say."""
    domain = world.snapshot.domains.get(name)
    for fact in domain.said(ControllerTopic.service_names).values() if domain else ():
        yield from fact.value if isinstance(fact, Known) else ()


def _computer(account: ComputerAccount) -> dict[str, Any]:
    return {
        "class": "computer",
        "account": account.account_name,
        "sid": account.sid,
        "control": account.user_account_control,
        "delegate_to": list(account.delegate_to),
        "service_names": list(account.service_principal_names),
        "any_protocol": bool(account.user_account_control & PROTOCOL),
        "any_service": bool(account.user_account_control & SERVICE),
        "descriptor": descriptor(account.resource_based),
    }


def descriptor(entries: Iterable[AccessEntry]) -> str:
    """An access list in the text form."""
    said = "".join(f"({'A' if each.allow else 'D'};;{GRANT if each.mask == FULL_CONTROL else 'CR'};;;{each.sid})" for each in entries)
    return f"D:{said}" if said else ""


def state(forest: Forest) -> str:
    """What hosts and domains are, without how they came to it."""
    return json.dumps({key: forest[key] for key in ("hosts", "domains")}, sort_keys=True)


class Fix(NamedTuple):
    """The scripts of a world in a folder, with the forest they are to be run in."""

    folder: Path
    forest: Forest
    result: Result

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("[0-9]*.ps1"))

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for path in sorted(self.folder.glob("*.jsonl")) for line in path.read_text("utf-8-sig").splitlines()]


def fix(test_world: TestWorld, folder: Path, language: str = "en") -> Fix:
    """Write the scripts of a world."""
    folder.mkdir(parents=True, exist_ok=True)
    result = test_world.result()
    found = machines(World(test_world.plan, test_world.snapshot))
    for name, content in scripts.render(result, found, Language(language), now=NOW).items():
        (folder / name).write_bytes(content)
    return Fix(folder, forest_of(test_world), result)


RUN = "param($Path, $With) & $Path @With; $LASTEXITCODE"


class Outcome(NamedTuple):
    """What a script said, and how it ended."""

    said: list[str]
    code: int
    ran: Ran

    @property
    def steps(self) -> list[str]:
        """What became of each step."""
        return [line.partition(". ")[2] for line in self.said[self.said.index("") + 1 :] if re.match(r"\d+\. ", line)]


def run(engine: Engine, path: Path, forest: Forest, at: str, *, whatif: bool = False, confirm: bool = False) -> Outcome:
    """Run one script in the place of a host; the forest is as it left it. Without `confirm` nobody is asked."""
    with_ = ({"WhatIf": True} if whatif else {}) | ({} if confirm else {"Confirm": False})
    ran = engine.change(forest, at, RUN, {"Path": str(path), "With": with_})
    assert not ran.stopped
    assert ran.output, ran.errors
    *said, code = ran.output
    forest.clear()
    forest.update(deepcopy(ran.forest))
    return Outcome([str(line) for line in said], code, ran)
