from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import ControllerFacts, TrustDirection
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import verbatim
from tests.world import AT, TestWorld, across_domains, good

CHECK = "domain.controllers_agree"
PAIR = "testserver01>testserver02"


def with_second(world: TestWorld, *, of_domain: dict[str, Any] | None = None, **answers: Any) -> TestWorld:
    """The world with a second controller of contoso.test that says the same, but for these fields of the domain and these answers."""
    its = world.snapshot.domains["contoso.test"]
    (first,) = its.controllers.values()
    assert isinstance(first.domain, Known)
    second: dict[str, Fact[Any]] = {name: getattr(first, name) for name in ControllerFacts.__struct_fields__}
    if of_domain:
        second["domain"] = replace(first.domain, value=replace(first.domain.value, **of_domain))
    facts = ControllerFacts(**(second | answers))
    domains = world.snapshot.domains | {"contoso.test": replace(its, controllers=its.controllers | {"dc02.contoso.test": facts})}
    return TestWorld(world.plan, replace(world.snapshot, domains=domains))


def silent(why: Reason) -> Missing:
    return Missing(why, verbatim("LDAP"), AT)


def test_one_controller_agrees_with_itself() -> None:
    found = good().finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert "dc01.contoso.test" in found.message.text


def test_two_of_different_windows_agree() -> None:
    found = with_second(good(), of_domain={"controller_level": 7}).finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert "dc02.contoso.test" in found.message.text


@pytest.mark.parametrize("field", [{"sid": "S-1-5-21-9-9-9"}, {"forest": "evil.test"}, {"netbios_name": "OTHER"}, {"functional_level": 3}])
def test_two_that_differ_are_named_and_no_check_takes_one_of_them_for_the_domain(field: dict[str, Any]) -> None:
    world = with_second(good(), of_domain=field)
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "dc01.contoso.test and dc02.contoso.test" in found.message.text
    assert str(next(iter(field.values()))) in str(found.evidence)
    assert world.finding("platform.clock", PAIR).outcome is Outcome.UNKNOWN


def test_trusts_count_across_domains_and_in_any_order() -> None:
    world = across_domains()
    (controller,) = world.snapshot.domains["contoso.test"].controllers.values()
    assert isinstance(controller.trusts, Known)
    (trust,) = controller.trusts.value
    more = replace(trust, partner="other.test", flat_name="OTHER")
    ours = world.set("domains.contoso·test.controllers.dc01·contoso·test.trusts", (trust, more))
    assert with_second(ours, trusts=replace(controller.trusts, value=(more, trust))).finding(CHECK, PAIR).outcome is Outcome.PASS
    one_way = replace(trust, direction=TrustDirection.INBOUND)
    differing = with_second(ours, trusts=replace(controller.trusts, value=(one_way, more)))
    found = differing.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "direction 1" in str(found.evidence)
    assert differing.finding("domain.trust", PAIR).outcome is Outcome.UNKNOWN


def test_in_one_domain_its_trusts_decide_nothing() -> None:
    assert with_second(good(), trusts=silent(Reason.ACCESS_DENIED)).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_one_that_does_not_answer_leaves_it_open_and_counts_for_nothing_else() -> None:
    nothing = dict.fromkeys(ControllerFacts.__struct_fields__, silent(Reason.TIMED_OUT))
    world = with_second(across_domains(), **nothing)
    assert world.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert world.finding("domain.trust", PAIR).outcome is Outcome.PASS


def test_where_no_controller_answers_nothing_is_known() -> None:
    world = good()
    domain = replace(world.snapshot.domains["contoso.test"], controllers={}, nobody=silent(Reason.UNREACHABLE))
    dark = TestWorld(world.plan, replace(world.snapshot, domains={"contoso.test": domain}))
    assert dark.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
