"""Which domain it is."""

from __future__ import annotations

from checks.facts.directory import Domain
from runner.collect.directories.base import Asked


def read(asked: Asked) -> Domain:
    """Known since the first contact: nothing can be asked without it."""
    return asked.base.domain
