"""A whole collection: who is asked what, once what others said is known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import HOST_FACTS, HostTopics
from checks.facts.snapshot import Snapshot
from checks.result import Verdict
from lab import scenario
from lab.forest import Forest
from lab.scenario import HostSpec
from runner.collect.credentials import Credentials
from runner.collect.snapshot import asked_again, gather, with_destination_files
from runner.evaluate import evaluate
from runner.files.plan import read_plan
from runner.options import Limits, collector_of
from tests.gathering import gathered, judged

OWN, REGISTERED = "testserver02.contoso.test", "oldname.contoso.test"
SHORT = "TestServer02"


@contextmanager
def two_names(**source: object) -> Iterator[Forest]:
    """Two servers with everything right, of which the target is called otherwise in the directory than it calls itself: its services and
    the source's delegation list have both names."""
    ready = scenario.load("ready")
    sending, target = ready.hosts["TestServer01"], ready.hosts["TestServer02"]
    listed = (*sending.delegation.to, *(f"{each.partition('/')[0]}/{REGISTERED}" for each in sending.delegation.to[::2]))
    hosts: dict[str, HostSpec] = {
        "TestServer01": replace(sending, delegation=replace(sending.delegation, to=listed), **source),
        "TestServer02": replace(target, registered=REGISTERED, migration_names=(SHORT, OWN, REGISTERED)),
    }
    with Forest(replace(ready, hosts=hosts)) as forest:
        yield forest


def test_a_host_with_two_full_names_is_a_risk_and_everything_else_is_known() -> None:
    with two_names() as forest:
        result = judged(forest)
        visits = {name: host.requests.count("Create") for name, host in forest.hosts.items()}
    open_ones = [finding for finding in result.findings if finding.outcome not in (Outcome.PASS, Outcome.SKIP)]
    assert [(each.check, each.outcome, each.severity) for each in open_ones] == [
        ("domain.file_service_names", Outcome.FAIL, Severity.RISK),
        ("platform.identity", Outcome.FAIL, Severity.RISK),
    ]
    assert result.verdict is Verdict.CONDITIONS
    assert visits == {"TestServer01": 2, "TestServer02": 2}, "the partner of the one with two names once more, the target what lies there"


def test_a_name_that_only_the_directory_has_and_the_partner_does_not_resolve_is_a_blocker() -> None:
    with two_names(unresolved=(REGISTERED,)) as forest:
        result = judged(forest)
    (found,) = (each for each in result.findings if each.check == "network.name_resolution")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert REGISTERED in found.message.text


def test_where_the_second_visit_brings_nothing_the_first_one_counts() -> None:
    with two_names(unresolved=(REGISTERED,)) as forest:
        plan, snapshot = gathered(forest)
        credentials = Credentials(forest.collector, forest.password)
    again = asked_again(plan, snapshot, credentials, Limits())
    assert again.hosts == snapshot.hosts
    assert not again.collected.partial


def test_a_second_visit_brings_what_the_partner_resolves_and_reaches_and_nothing_else() -> None:
    with two_names() as forest:
        _, snapshot = gathered(forest)
        requests = list(forest.hosts["TestServer01"].requests)
    partners, os = snapshot.hosts["testserver01"].partners, snapshot.hosts["testserver01"].os
    assert isinstance(partners, Known)
    assert isinstance(os, Known)
    assert {OWN, SHORT.lower(), REGISTERED} <= {answer.name.lower() for answer in partners.value[0].names}
    assert partners.value[0].ports
    again = len(requests) - 1 - requests[::-1].index("Create")
    assert max(again, len(requests) - again) <= 7


def test_a_host_is_asked_for_controllers_of_a_domain_that_the_plan_does_not_name_in_a_second_visit() -> None:
    """By row: whether the plan gives full names, and how often each host is visited."""
    for named, visits in ((True, 1), (False, 2)):
        with Forest(scenario.load("two-domains")) as forest:
            plan = read_plan(forest.plan_path)[0]
            hosts = {host: replace(entry, fqdn=entry.fqdn if named else None) for host, entry in plan.hosts.items()}
            credentials = Credentials(forest.collector, forest.password)
            wanted = [fact for fact in HOST_FACTS if fact != HostTopics.destination_files.name]
            snapshot = gather(replace(plan, hosts=hosts), credentials, collector_of(credentials), Limits(), lambda *_: None, wanted)
            assert {host.requests.count("Create") for host in forest.hosts.values()} == {visits}
        for facts in snapshot.hosts.values():
            assert isinstance(facts.controller_records, Known)
            told = {answer.domain: [each.name for each in answer.kerberos.servers] for answer in facts.controller_records.value}
            assert told == {"contoso.test": ["dc01.contoso.test"], "fabrikam.test": ["dc11.fabrikam.test"]}


# --- what lies where files go ---


def destination(snapshot: Snapshot) -> Fact[dict[str, int]]:
    return snapshot.hosts["testserver02"].destination_files


def test_a_second_visit_to_a_target_brings_what_lies_where_files_go_and_nothing_else() -> None:
    left = "D:\\LMTest\\Virtual Hard Disks\\lmtest.vhdx"
    ready = scenario.load("ready")
    hosts = ready.hosts | {"TestServer02": replace(ready.hosts["TestServer02"], files=(left,))}
    with Forest(replace(ready, hosts=hosts)) as forest:
        plan, snapshot = gathered(forest)
        requests = list(forest.hosts["TestServer02"].requests)
        visits = {name: host.requests.count("Create") for name, host in forest.hosts.items()}
    fact = destination(snapshot)
    assert isinstance(fact, Known)
    assert {path.lower(): code for path, code in fact.value.items() if code >= 0} == {left.lower(): 0x20}
    assert len(fact.value) == 5
    assert visits == {"TestServer01": 1, "TestServer02": 2}
    assert len(requests) - (len(requests) - 1 - requests[::-1].index("Create")) <= 7
    found = evaluate(plan, snapshot, snapshot_sha256="", plan_sha256="").findings
    assert [each.outcome for each in found if each.check == "vm.target_files"] == [Outcome.FAIL]


def test_where_the_check_is_left_out_or_the_second_visit_brings_nothing_it_is_not_known_what_lies_there() -> None:
    with Forest(scenario.load("ready")) as forest:
        credentials = Credentials(forest.collector, forest.password)
        plan, snapshot = gathered(forest)
        quiet = gather(plan, credentials, collector_of(credentials), Limits(), lambda *_: None, HOST_FACTS[:3])
        visits = forest.hosts["TestServer02"].requests.count("Create")
    assert visits == 3, "two, and one"
    assert isinstance(fact := destination(quiet), Known)
    assert fact.value == {}
    silent = with_destination_files(plan, snapshot, credentials, Limits(), time.monotonic() + 10)
    assert isinstance(destination(silent), Missing), "the forest is gone"
    late = with_destination_files(plan, snapshot, credentials, Limits(), time.monotonic() - 1)
    assert isinstance(missing := destination(late), Missing)
    assert missing.reason is Reason.TIMED_OUT
    assert with_destination_files(plan, silent, credentials, Limits(), time.monotonic() + 10).hosts == silent.hosts
