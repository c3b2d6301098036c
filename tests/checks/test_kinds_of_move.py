"""The kinds of move: with a VM and its storage, with a VM alone, with storage alone; and where the storage lies."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry
from checks.facts.machines import Disk
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.result import FindingRecord, Verdict
from checks.windows.names import MachineName
from tests.checks.delegation.situations import MOVE, PAIR, on_share
from tests.facts.machines import nothing
from tests.world import CONTOSO, MIGRATION_SERVICE, TestWorld, across_domains, global_group, good, services, vm

FAIL, PASS, SKIP, UNKNOWN = Outcome.FAIL, Outcome.PASS, Outcome.SKIP, Outcome.UNKNOWN
FS = "fs01"
TO_FS = services("FS01", "cifs")
TO_TARGET = services("TestServer02", MIGRATION_SERVICE)
SHARE = "\\\\fs01\\vms"
ON_FS = {
    "configuration_path": SHARE,
    "checkpoint_path": SHARE,
    "paging_path": SHARE,
    "disks": (Disk(f"{SHARE}\\a.vhdx", False, False),),
}
HERE, THERE = "hosts.testserver01", "hosts.testserver02"


def on_fs(*entries: str, **server: object) -> TestWorld:
    """LMTest moves alone, with all files on FS01. TestServer01 may delegate to these."""
    return on_share(good().server(FS, **server), **ON_FS).account("testserver01", delegate_to=entries)


def storage(path: str | None = "\\\\testserver02\\vms", world: TestWorld | None = None) -> TestWorld:
    """Only the storage of LMTest moves. On D:\\x of both hosts lies nothing."""
    made = (world or good()).move(storage_only=True, destination_path=path)
    return made.set(f"{HERE}.destination_files", nothing("D:\\x")).set(f"{THERE}.destination_files", nothing("D:\\x"))


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity if found.outcome is FAIL else None


# --- C-1: a VM alone, all files on a share of another server ---


def test_a_vm_on_a_file_server_needs_cifs_of_that_one_and_not_of_the_target() -> None:
    world = on_fs(*TO_TARGET, *TO_FS)
    assert world.finding("delegation.cifs", MOVE).outcome is PASS
    assert not any("TESTSERVER02" in entry and entry.startswith("cifs") for entry in (*TO_TARGET, *TO_FS))
    assert world.result().moves[0].verdict is not Verdict.NO_GO


def test_without_the_file_servers_entries_it_fails_whatever_there_is_for_the_target() -> None:
    found = on_fs(*services("TestServer02")).finding("delegation.cifs", MOVE)
    assert said(found) == (FAIL, Severity.BLOCKER)
    assert "cifs of fs01" in found.message.text
    assert found.remedy
    assert "'cifs/FS01', 'cifs/fs01.contoso.test'" in found.remedy.commands[0]


def test_the_file_servers_own_list_does_as_well() -> None:
    world = on_fs(*TO_TARGET, resource_based=(AccessEntry(True, 0xF01FF, f"{CONTOSO}-2001"),))
    assert world.finding("delegation.cifs", MOVE).outcome is PASS


def test_one_of_its_two_names_is_a_risk() -> None:
    assert said(on_fs(*TO_TARGET, TO_FS[0]).finding("delegation.cifs", MOVE)) == (FAIL, Severity.RISK)


@pytest.mark.parametrize("path", ["//fs01/vms", "\\\\?\\UNC\\FS01\\vms", "\\\\Fs01\\vms"])
def test_a_share_is_one_however_it_is_written(path: str) -> None:
    """C-2."""
    world = on_share(good().server(FS), **(ON_FS | {"configuration_path": path}))
    assert world.finding("vm.storage_path", MOVE).outcome is PASS
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)


def test_a_server_without_a_computer_account_is_not_known() -> None:
    """As a NAS is."""
    world = on_share(good(), **ON_FS).account("testserver01", delegate_to=(*TO_TARGET, *TO_FS))
    found = world.finding("delegation.cifs", MOVE)
    assert (found.outcome, found.severity) == (UNKNOWN, Severity.BLOCKER)
    assert world.result().moves[0].verdict is Verdict.INCOMPLETE


def test_an_address_is_no_name_to_which_anybody_delegates() -> None:
    world = on_share(on_fs(*TO_TARGET, *TO_FS), **(ON_FS | {"configuration_path": "\\\\10.0.0.2\\vms"}))
    assert world.finding("delegation.cifs", MOVE).outcome is UNKNOWN


def test_controllers_that_show_other_rights_at_the_server_leave_it_open() -> None:
    world = on_fs(*TO_TARGET, resource_based=(AccessEntry(True, 0xF01FF, f"{CONTOSO}-2001"),))
    (view,) = world.snapshot.accounts[FS].views.values()
    late = TestWorld(world.plan, world.snapshot).server(FS).snapshot.accounts[FS].views
    both = replace(world.snapshot.accounts[FS], views={"dc01.contoso.test": view, "dc02.contoso.test": next(iter(late.values()))})
    world = TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {FS: both}))
    assert world.finding("delegation.cifs", MOVE).outcome is UNKNOWN


def test_a_server_of_another_domain_has_to_let_the_source_act_itself() -> None:
    there = {"dn": "CN=FS01,DC=fabrikam,DC=test", "dns_host_name": "fs01.fabrikam.test"}
    world = across_domains().server(FS, **there).account("testserver01", delegate_to=("cifs/FS01", "cifs/fs01.fabrikam.test"))
    found = on_share(world, **ON_FS).finding("delegation.cifs", MOVE)
    assert said(found) == (FAIL, Severity.BLOCKER)
    assert "does not reach into another domain" in found.message.text
    assert found.remedy
    assert found.remedy.who == "domain administrator of fabrikam.test"


def test_several_servers_are_all_needed() -> None:
    disks = (Disk("\\\\fs02\\vms\\b.vhdx", False, False),)
    world = good().server("fs02", account_name="FS02$", dns_host_name="fs02.contoso.test").server(FS)
    world = on_share(world, **(ON_FS | {"disks": disks})).account("testserver01", delegate_to=(*TO_TARGET, *TO_FS))
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)
    found = world.account("testserver01", delegate_to=(*TO_TARGET, *TO_FS, *services("FS02", "cifs"))).finding("delegation.cifs", MOVE)
    assert found.outcome is PASS
    assert "fs01, fs02" in found.message.text


def test_the_way_back_needs_the_same_server() -> None:
    world = on_fs(*TO_TARGET, *TO_FS)
    assert said(world.finding("delegation.return_direction", PAIR)) == (FAIL, Severity.RISK)
    world = world.account("testserver02", delegate_to=(*services("TestServer01", MIGRATION_SERVICE), *TO_FS))
    assert world.finding("delegation.return_direction", PAIR).outcome is PASS
    assert world.finding("delegation.cifs_in_doubt", MOVE).outcome is PASS


# --- C-3, C-4, C-6: storage alone ---


@pytest.mark.parametrize("path", ["D:\\x", "\\\\testserver01\\vms", "\\\\TESTSERVER01.contoso.test\\vms", "\\\\?\\D:\\x"])
def test_storage_that_stays_on_its_host_goes_to_no_other(path: str) -> None:
    """C-3."""
    world = storage(path)
    found = world.finding("plan.consistent", "plan")
    assert said(found) == (FAIL, Severity.BLOCKER)
    assert "stays on TestServer01" in str(found.evidence[0].actual)
    assert world.result().moves[0].verdict is Verdict.NO_GO
    assert world.finding("delegation.cifs", MOVE).outcome is SKIP


def test_it_concerns_that_move_alone() -> None:
    world = storage("D:\\x")
    move = world.plan.moves[0]
    world = world.with_plan(moves=(move, replace(move, storage_only=False)))
    assert [result.verdict for result in world.result().moves] == [Verdict.NO_GO, Verdict.GO]


def test_on_its_own_host_storage_moves_without_any_delegation() -> None:
    world = storage("D:\\x", good().account("testserver01", delegate_to=())).move(target="TestServer01")
    world = world.set(f"{HERE}.migration.enabled", False)
    assert world.result().moves[0].verdict is Verdict.GO


def test_storage_alone_needs_no_more_of_the_target_than_its_share() -> None:
    """C-4. Whether the share has room for it, and what lies there, nobody looks."""
    world = storage().account("testserver01", delegate_to=services("TestServer02", "cifs"))
    world = world.set(f"{THERE}.supported_versions", ("5.0",)).set(f"{THERE}.migration.enabled", False)
    world = world.set(f"{THERE}.migration_listener.addresses", ()).set(f"{THERE}.migration.authentication", MigrationAuthentication.CREDSSP)
    world = world.set(f"{THERE}.hyperv_role.feature", False).set(f"{THERE}.hyperv_role.service_state", None)
    world = world.set(f"{THERE}.local_groups", {"S-1-5-32-544": (), "S-1-5-32-578": (), "S-1-5-32-580": ()})
    world = world.set(f"{THERE}.migration.any_network", False).set(f"{THERE}.migration_networks", ())
    world = world.account("testserver02", service_principal_names=services("TestServer02", "HOST"))
    result = world.result()
    assert [found.check for found in result.findings if found.fails] == ["vm.storage_space", "vm.target_files"]
    assert result.moves[0].verdict is Verdict.CONDITIONS
    skipped = {found.check for found in result.findings if found.outcome is SKIP and not found.because}
    assert skipped >= {
        "access.hyperv_administrator",
        "authentication.same_protocol",
        "delegation.across_domains",
        "delegation.migration_service",
        "delegation.return_direction",
        "domain.service_names",
        "migration.enabled",
        "migration.performance_option",
        "network.common_subnet",
        "network.isolated",
        "network.port_6600",
        "platform.edition",
        "platform.hyperv_role",
        "vm.identity",
        "vm.version",
    }


def test_without_cifs_of_the_target_it_fails() -> None:
    """C-4."""
    world = storage().account("testserver01", delegate_to=TO_TARGET)
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)


def test_a_pair_with_a_vm_that_moves_is_judged_for_it() -> None:
    world = storage().set(f"{THERE}.migration.enabled", False)
    world = world.with_plan(moves=(*world.plan.moves, replace(good().plan.moves[0])))
    assert said(world.finding("migration.enabled", "testserver02")) == (FAIL, Severity.BLOCKER)


def test_storage_alone_to_another_server_needs_cifs_of_that_one() -> None:
    world = storage(f"{SHARE}\\LMTest", good().server(FS))
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)
    world = world.account("testserver01", delegate_to=TO_FS)
    assert world.finding("delegation.cifs", MOVE).outcome is PASS
    assert world.finding("delegation.protocol", MOVE).outcome is PASS
    kerberos_only = world.account("testserver01", user_account_control=0x1000).finding("delegation.protocol", MOVE)
    assert said(kerberos_only) == (FAIL, Severity.BLOCKER)
    assert world.finding("plan.consistent", "plan").outcome is PASS


def test_slots_for_storage_alone_are_those_of_the_source() -> None:
    """C-6."""
    world = storage(f"{SHARE}\\LMTest", good().server(FS))
    limit = "migration.maximum_storage_migrations"
    assert world.set(f"{THERE}.{limit}", 0).finding("migration.slots", "plan").outcome is PASS
    assert said(world.set(f"{HERE}.{limit}", 0).finding("migration.slots", "plan")) == (FAIL, Severity.BLOCKER)


def test_storage_alone_without_a_place_to_go_to_is_not_decided() -> None:
    result = storage(None).result()
    unknown = {found.check for found in result.findings if found.outcome is UNKNOWN}
    assert unknown >= {"delegation.cifs", "delegation.protocol", "access.delegatable", "vm.storage_path"}
    assert result.moves[0].verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("path", "outcome"), [("D:\\x", SKIP), ("\\\\testserver01\\vms", SKIP), ("\\\\testserver02\\vms", FAIL), (SHARE, FAIL)]
)
def test_where_it_starts_matters_only_where_storage_leaves_the_host(path: str, outcome: Outcome) -> None:
    world = storage(path).set(f"{HERE}.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding("authentication.launch_point", MOVE).outcome is outcome
    marked = storage(path).set("operators.contoso\\hv-operator.account.user_account_control", 0x100200)
    assert marked.finding("access.delegatable", MOVE).outcome is outcome


@pytest.mark.parametrize("state", [3, 6, 9])
def test_storage_alone_moves_in_any_state(state: int) -> None:
    assert storage(world=good().set(f"{HERE}.vms.0.state", state)).finding("vm.running", MOVE).outcome is PASS


# --- a VM with its storage ---


def test_storage_that_goes_to_another_server_needs_cifs_of_that_one_and_perhaps_of_the_target() -> None:
    """C3."""
    world = good().server(FS).move(destination_path=SHARE).account("testserver01", delegate_to=(*TO_TARGET, *TO_FS))
    assert world.finding("delegation.cifs", MOVE).outcome is PASS
    doubt = world.finding("delegation.cifs_in_doubt", MOVE)
    assert said(doubt) == (FAIL, Severity.RISK)
    world = world.account("testserver01", delegate_to=services("TestServer02"))
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)


def test_with_credssp_nothing_is_delegated_to_any_server() -> None:
    world = on_fs().set(f"{HERE}.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding("delegation.cifs", MOVE).outcome is SKIP
    assert world.finding("delegation.cifs_in_doubt", MOVE).outcome is SKIP


def test_at_the_console_a_file_server_without_delegation_is_a_risk() -> None:
    assert said(on_fs(*TO_TARGET).move(launch=LaunchPoint.CONSOLE).finding("delegation.cifs", MOVE)) == (FAIL, Severity.RISK)


def test_groups_of_the_source_count_at_the_file_server() -> None:
    movers = f"{CONTOSO}-1300"
    world = on_fs(*TO_TARGET, resource_based=(AccessEntry(True, 0xF01FF, movers),))
    assert said(world.finding("delegation.cifs", MOVE)) == (FAIL, Severity.BLOCKER)
    own = (f"{CONTOSO}-2001", f"{CONTOSO}-515", movers)
    world = world.account("testserver01", sids=own, groups=(global_group(f"{CONTOSO}-515"), global_group(movers)))
    assert world.finding("delegation.cifs", MOVE).outcome is PASS


def test_vms_on_one_route_are_told_apart_by_where_their_files_go() -> None:
    world = good().server(FS).account("testserver01", delegate_to=services("TestServer02"))
    world = world.set(
        f"{HERE}.vms", tuple(vm(name, id=f"{number}" * 8 + "-2222-3333-4444-555555555555") for number, name in enumerate("ABC"))
    )
    paths = {"A": "D:\\VMs", "B": SHARE, "C": "E:\\VMs"}
    moves = (replace(good().plan.moves[0], vm=MachineName(name), destination_path=path) for name, path in paths.items())
    world = world.with_plan(moves=tuple(moves))
    said_of = {name: world.finding("delegation.cifs", f"{name}@testserver01>testserver02").outcome for name in paths}
    assert said_of == {"A": PASS, "B": FAIL, "C": PASS}


def test_a_name_of_a_domain_is_a_dfs_namespace_and_says_so() -> None:
    found = storage("\\\\contoso.test\\dfs\\vms").finding("delegation.cifs", MOVE)
    assert found.outcome is UNKNOWN
    assert "Get-DfsnFolderTarget" in found.message.text
