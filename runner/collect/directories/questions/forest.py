"""Which domains the forest has."""

from __future__ import annotations

from runner.collect.directories.base import Asked


def read(asked: Asked) -> dict[str, str]:
    """Known since the first contact: the domain's own names come from the same list."""
    return asked.base.forest
