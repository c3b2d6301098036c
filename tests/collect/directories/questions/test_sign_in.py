"""How each controller was signed in to, as it is told."""

from __future__ import annotations

from checks.facts.directory import ControllerTopic, Sealing
from checks.facts.fact import Reason
from lab.forest import Forest
from lab.scenario import ControllerSpec, Fault
from tests.collect.directories.asking import asked, reason, scenario, value


def test_each_controller_that_answers_says_how_it_was_signed_in_to() -> None:
    controllers = {"dc01": ControllerSpec(), "dc02": ControllerSpec(fault=Fault.REFUSES)}
    with Forest(scenario(controllers)) as running:
        ways = asked(running).domains["contoso.test"].said(ControllerTopic.sign_in)
        port = running.controllers["dc01.contoso.test"].port
    way = value(ways["dc01.contoso.test"])
    assert (way.address.rpartition(":")[2], way.protocol, way.sealing) == (str(port), "ntlm", Sealing.LOGON)
    assert reason(ways["dc02.contoso.test"]) is Reason.UNREACHABLE
