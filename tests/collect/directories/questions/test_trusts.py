"""Whom a domain trusts, as its controllers tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from checks.facts.directory import ControllerTopic, Routing, TrustDirection
from checks.facts.fact import Reason
from lab.forest import Forest
from lab.scenario import ControllerSpec
from tests.collect.directories.asking import (
    CONTOSO_SID,
    FABRIKAM_SID,
    asked,
    first,
    host,
    locators,
    reason,
    scenario,
    value,
)


@pytest.fixture(scope="module")
def forest() -> Iterator[Forest]:
    with Forest(scenario()) as running:
        yield running


def test_both_sides_of_a_trust_are_read(forest: Forest) -> None:
    answers = asked(forest)
    assert value(first(answers, "contoso.test", ControllerTopic.domain)).forest == "contoso.test"
    assert value(first(answers, "fabrikam.test", ControllerTopic.domain)).sid == FABRIKAM_SID
    for domain, partner, sid in (("contoso.test", "fabrikam.test", FABRIKAM_SID), ("fabrikam.test", "contoso.test", CONTOSO_SID)):
        (trust,) = value(first(answers, domain, ControllerTopic.trusts))
        assert (trust.partner, trust.direction, trust.type, trust.attributes) == (partner, TrustDirection.BIDIRECTIONAL, 2, 8)
        assert trust.sid == sid
        assert trust.routes is not None
        assert [(name.kind, name.name, name.sid) for name in trust.routes] == [
            (Routing.NAME, partner, None),
            (Routing.DOMAIN, partner, sid),
        ]


def test_a_trust_of_which_the_routing_may_not_be_read_is_read_without_it() -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=("msDS-TrustForestTrustInfo",))})) as running:
        answers = asked(running, {"hv01": host("HV01", locators("dc01"))})
    (trust,) = value(first(answers, "contoso.test", ControllerTopic.trusts))
    assert trust.routes is None


def test_a_trust_of_which_the_direction_may_not_be_read_is_missing() -> None:
    with Forest(scenario({"dc01": ControllerSpec(denied=("trustDirection",))})) as running:
        answers = asked(running, {"hv01": host("HV01", locators("dc01"))})
    assert reason(first(answers, "contoso.test", ControllerTopic.trusts)) is Reason.ACCESS_DENIED
