"""The facts as changes would leave them: what a change says and nothing else, and what it has effects on is read again."""

from __future__ import annotations

from typing import Any

import pytest

from checks.changed import changed, changed_facts
from checks.changes import IN_DIRECTORY, Change, Kind
from checks.facts.fact import Known, Missing, Reason
from checks.facts.host import HOST_FACTS
from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import FirewallRule, PartnerAnswer, PortAnswer
from checks.windows.account_control import ANY_PROTOCOL
from tests.world import HV_ADMINS, OPERATOR, account, good

SOURCE, TARGET = "TestServer01", "TestServer02"
SOURCE_SID = account(SOURCE, 1, TARGET).sid
TARGET_SID = account(TARGET, 2, SOURCE).sid
RULE = "VIRT-MIGL-In-TCP-NoScope"

ON_HOSTS: dict[Kind, tuple[Any, str, str, Any]] = {
    Kind.MIGRATION: (True, "", "migration.enabled", True),
    Kind.AUTHENTICATION: ("CredSSP", "", "migration.authentication", MigrationAuthentication.CREDSSP),
    Kind.PERFORMANCE_OPTION: ("SMB", "", "migration.performance_option", PerformanceOption.SMB),
    Kind.MAXIMUM_MIGRATIONS: (7, "", "migration.maximum_migrations", 7),
    Kind.MAXIMUM_STORAGE_MIGRATIONS: (8, "", "migration.maximum_storage_migrations", 8),
    Kind.ANY_NETWORK: (False, "", "migration.any_network", False),
    Kind.MIGRATION_NETWORK: (("10.9.0.0/16",), "", "migration_networks.-1", MigrationNetwork("10.9.0.0/16", None)),
    Kind.GROUP_MEMBER: ((OPERATOR + "9",), HV_ADMINS, f"local_groups.{HV_ADMINS}.-1", OPERATOR + "9"),
    Kind.FIREWALL_RULE: (True, RULE, "firewall.-1.data", "v2.30|Action=Allow|Active=TRUE|Dir=In|"),
    Kind.SERVICE_START: ("Auto", "", "hyperv_role.service_start", "Auto"),
    Kind.SERVICE: (True, "", "hyperv_role.service_state", "Running"),
}
"""By kind: what is wanted and of what, and where the facts of the host then say what."""


def found(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[step if isinstance(value, dict) else int(step)] if isinstance(value, dict | tuple) else getattr(value, step)
        value = value.value if isinstance(value, Known) else value
    return value


def before() -> Any:
    rules = good().snapshot.hosts["testserver02"].firewall
    assert isinstance(rules, Known)
    off = FirewallRule(RULE, "local", "v2.30|Action=Allow|Active=FALSE|Dir=In|")
    world = good().set("hosts.testserver02.firewall", (*rules.value, off)).set("hosts.testserver02.hyperv_role.service_state", "Stopped")
    ports = (PortAnswer("192.168.10.2", 6600, True, 0), PortAnswer("192.168.11.2", 6600, False, 10061))
    (answer,) = found(world.snapshot.hosts["testserver01"], "partners")
    return world.set("hosts.testserver01.partners", (PartnerAnswer(answer.partner, answer.names, ports),)).snapshot


def test_every_kind_of_change_is_looked_at() -> None:
    assert ON_HOSTS.keys() | IN_DIRECTORY == set(Kind)


@pytest.mark.parametrize("kind", ON_HOSTS)
def test_a_change_on_a_host_says_what_is_wanted_there_and_leaves_everything_else(kind: Kind) -> None:
    wanted, what, path, value = ON_HOSTS[kind]
    was = before()
    change = Change(kind, TARGET.upper(), wanted, earlier=False, object=what)
    now = changed(was, [change])
    assert found(now.hosts["testserver02"], path) == value
    facts = changed_facts([change])
    for name in HOST_FACTS:
        fact = getattr(now.hosts["testserver02"], name)
        if isinstance(fact, Missing):
            assert name in facts
            assert fact.reason is Reason.NOT_COLLECTED
        elif name not in facts:
            assert fact == getattr(was.hosts["testserver02"], name)
        if name != "partners":
            assert getattr(now.hosts["testserver01"], name) == getattr(was.hosts["testserver01"], name)
    assert now.accounts == was.accounts


@pytest.mark.parametrize(
    ("kind", "left"), [(Kind.AUTHENTICATION, 2), (Kind.FIREWALL_RULE, 1), (Kind.MIGRATION, 1), (Kind.MIGRATION_NETWORK, 0)]
)
def test_what_others_got_from_its_ports_is_tried_again_and_their_names_are_not(kind: Kind, left: int) -> None:
    wanted, what, _, _ = ON_HOSTS[kind]
    was = before()
    now = changed(was, [Change(kind, TARGET, wanted, earlier=False, object=what)])
    (answer,), (earlier,) = (found(each.hosts["testserver01"], "partners") for each in (now, was))
    assert (answer.partner, answer.names) == (earlier.partner, earlier.names)
    assert answer.ports == earlier.ports[:left]


def test_what_was_not_read_stays_so() -> None:
    was = good().miss("hosts.testserver02.migration").snapshot
    now = changed(was, [Change(Kind.MIGRATION, TARGET, wanted=True, earlier=False)])
    assert now.hosts["testserver02"].migration == was.hosts["testserver02"].migration


def test_a_change_in_the_directory_is_what_every_controller_shows_of_that_account_alone() -> None:
    was = good().account("testserver01", delegate_to=("cifs/A",), user_account_control=0x1000).snapshot
    now = changed(
        was,
        [
            Change(Kind.DELEGATE_TO, "contoso.test", ("CIFS/a", "cifs/B"), (), "TESTSERVER01$", sid=SOURCE_SID),
            Change(Kind.ANY_PROTOCOL, "contoso.test", wanted=True, earlier=False, object="TESTSERVER01$", sid=SOURCE_SID),
            Change(Kind.ACT_ON_BEHALF, "contoso.test", (TARGET_SID,), (), "TESTSERVER01$", sid=SOURCE_SID),
        ],
    )
    for name, view in now.accounts["testserver01"].views.items():
        assert isinstance(view, Known)
        assert view.value.delegate_to == ("cifs/A", "cifs/B")
        assert view.value.user_account_control == 0x1000 | ANY_PROTOCOL
        assert [entry.sid for entry in view.value.resource_based if entry.allow] == [TARGET_SID]
        assert name in was.accounts["testserver01"].views
    assert now.accounts["testserver02"] == was.accounts["testserver02"]
    assert now.hosts == was.hosts
