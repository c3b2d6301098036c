"""Which hosts of delegation lists there are, as the controllers that are asked anyway tell."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from checks.facts.directory import QUESTIONS, ControllerTopic, DelegatedHosts
from checks.facts.fact import Fact, Reason
from checks.facts.host import HostTopics
from lab.forest import Forest
from lab.scenario import ControllerSpec, Delegation, Fault, HostSpec, User
from runner.collect.directories.questions.delegated_hosts import MOST, named_in
from tests.collect.directories.asking import asked, first, moves, of_host, reason, scenario, usual_hosts, value

LISTED = (
    *("cifs/HV02", "cifs/hv02.contoso.test", "cifs/gone", "cifs/gone.contoso.test", "cifs/renamed.contoso.test"),
    *("cifs/alias", "cifs/also.contoso.test", "HTTP/web.contoso.test:8080", "cifs/hv03.fabrikam.test", "nonsense", "cifs/a)(b=*"),
)
HOSTS = {"HV02": HostSpec(registered="renamed.contoso.test", aliases=("also.contoso.test",))}
WEB = User("web", services=("HTTP/web.contoso.test:8080", "HOST/alias"))


def forest(listed: tuple[str, ...] = LISTED, **there: Any) -> Forest:
    """HV01 with this list; `there` is what is special of fabrikam.test."""
    hosts = HOSTS | {"HV01": HostSpec(delegation=Delegation(to=listed)), "HV03": HostSpec(domain="fabrikam.test")}
    usual = scenario(hosts=hosts)
    contoso = replace(usual.domains["contoso.test"], users=(*usual.domains["contoso.test"].users, WEB))
    return Forest(replace(usual, domains={"contoso.test": contoso, "fabrikam.test": replace(usual.domains["fabrikam.test"], **there)}))


def seen(running: Forest, host: str = "hv01", *, hosts: tuple[str, ...] = ("hv01", "hv02"), **changes: Any) -> Fact[DelegatedHosts]:
    known = {name: facts for name, facts in usual_hosts().items() if name in hosts}
    return of_host(asked(running, known, **changes), known, host, HostTopics.delegated_hosts)


def test_whoever_has_a_name_of_a_host_or_of_a_service_of_it_is_found_and_what_nobody_has_is_absent() -> None:
    with forest() as running:
        told = value(seen(running))
    hv02 = ("CN=HV02,CN=Computers,DC=contoso,DC=test",)
    web = ("CN=web,CN=Users,DC=contoso,DC=test",)
    assert told.accounts == {
        **dict.fromkeys(("hv02", "hv02.contoso.test", "renamed.contoso.test", "also.contoso.test"), hv02),
        **dict.fromkeys(("alias", "web.contoso.test"), web),
    }
    assert told.absent == {"gone", "gone.contoso.test", "hv03.fabrikam.test"}
    assert ({domain.key for domain in told.domains}, told.short_names, told.silent) == ({"contoso.test"}, {"CONTOSO"}, None)


def test_the_lists_of_sources_alone_are_looked_at_and_every_domain_that_is_asked_is_looked_in() -> None:
    with forest() as running:
        answers = asked(running)
        other = asked(running, planned=moves(("HV02", "HV01")))
    there = {row.name: row.accounts for row in value(first(answers, "fabrikam.test", ControllerTopic.delegated_hosts))}
    assert {name: accounts for name, accounts in there.items() if accounts} == {
        "hv03.fabrikam.test": ("CN=HV03,CN=Computers,DC=fabrikam,DC=test",)
    }
    assert value(first(other, "contoso.test", ControllerTopic.delegated_hosts)) == ()


def test_it_is_asked_only_where_a_check_needs_it() -> None:
    with forest() as running:
        answers = asked(running, questions=QUESTIONS.keys() - {"delegated_hosts"})
    assert reason(first(answers, "contoso.test", ControllerTopic.delegated_hosts)) is Reason.NOT_COLLECTED


def test_where_a_domain_of_the_forest_was_not_asked_or_does_not_show_itself_nothing_is_absent() -> None:
    every, one_forest = ("hv01", "hv02", "hv03"), {"forest": "contoso.test", "trusts": ()}
    with forest() as running:
        assert value(seen(running, hosts=every)).silent is None, "another forest decides nothing"
    for hosts, there, why in (
        (every, {}, None),
        (("hv01", "hv02"), {}, Reason.NOT_COLLECTED),
        (every, {"controllers": {"dc51": ControllerSpec(fault=Fault.REFUSES)}}, Reason.UNREACHABLE),
        (every, {"controllers": {"dc51": ControllerSpec(denied=("servicePrincipalName",))}}, Reason.ACCESS_DENIED),
    ):
        with forest(**one_forest, **there) as running:
            told = value(seen(running, hosts=hosts))
        assert (told.silent.reason if told.silent else None, bool(told.absent)) == (why, why is None), there
        assert "hv02" in told.accounts


def test_a_long_list_is_looked_up_and_of_one_without_end_so_many_hosts() -> None:
    with forest(tuple(f"cifs/old{number}.contoso.test" for number in range(250))) as running:
        told = value(seen(running))
    assert (len(told.absent), told.accounts) == (250, {})
    endless = (f"cifs/old{number}" for number in range(10_000))
    assert len(named_in(("x" * 100_000, "/" * 10_000, *endless))) == MOST
