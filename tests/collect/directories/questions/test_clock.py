"""Each controller tells its own time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.facts.directory import ControllerTopic
from checks.facts.fact import Known, Reason
from lab.directory import Directory
from lab.forest import Forest
from lab.scenario import ControllerSpec
from tests.collect.directories.asking import asked, first, reason, scenario, value


def test_each_controller_tells_its_own_time_and_when_it_was_asked() -> None:
    controllers = {"dc01": ControllerSpec(), "dc02": ControllerSpec(clock_offset_s=-420)}
    with Forest(scenario(controllers)) as running:
        clocks = asked(running).domains["contoso.test"].said(ControllerTopic.clock)
    for name, offset in (("dc01.contoso.test", 0), ("dc02.contoso.test", -420)):
        clock = value(clocks[name])
        earliest = clock.asked + timedelta(seconds=offset - 1)
        assert earliest < clock.utc <= clock.answered + timedelta(seconds=offset)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], Reason.ACCESS_DENIED),
        ([b"20261205120000"], Reason.UNREADABLE),
        ([b"202612051200Z"], Reason.UNREADABLE),
        ([b"20261205120000.0Z", b"20261205120001.0Z"], Reason.UNREADABLE),
    ],
)
def test_a_time_that_is_not_told_or_not_whole_is_missing_and_costs_nothing_else(
    told: list[bytes], why: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Directory, "root", lambda self, _: {**self.fixed_root, "currentTime": told})
    with Forest(scenario()) as running:
        answers = asked(running)
    assert {reason(clock) for clock in answers.domains["contoso.test"].said(ControllerTopic.clock).values()} == {why}
    assert isinstance(first(answers, "contoso.test", ControllerTopic.domain), Known)
