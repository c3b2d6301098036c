"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.directory import ControllerClock, Locator
from tests.facts.described import AT, DC, Described

CLOCK = ControllerClock(AT, AT, AT)
"""That of every controller of the good world."""


def good(host: Described) -> dict[str, Any]:  # noqa: ARG001 - the same on every host
    return {"locators": (Locator("CONTOSO", DC, "10.0.0.10", "contoso.test", "Default-First-Site-Name"),)}
