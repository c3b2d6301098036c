"""How we signed in to it."""

from __future__ import annotations

from checks.facts.directory import SignIn
from runner.collect.directories.base import Asked


def read(asked: Asked) -> SignIn:
    """Costs no request."""
    return asked.controller.sign_in
