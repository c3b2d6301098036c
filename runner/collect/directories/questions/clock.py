"""What time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.facts.directory import ControllerClock
from runner.collect.directories.base import Asked
from runner.collect.directories.controller import moment


def read(asked: Asked) -> ControllerClock:
    """A request of its own, so that nothing else stands between asking and the answer. Raises Unread."""
    before = datetime.now(UTC)
    root = asked.controller.object("", ("currentTime",))
    after = datetime.now(UTC)
    return ControllerClock(root.one("currentTime", moment), before, after)
