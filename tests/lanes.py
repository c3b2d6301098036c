"""Lanes that need a tool: without it they skip with the reason; with HVPREFLIGHT_REQUIRE_LANES=1 (as in CI) that is a failure."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("HVPREFLIGHT_REQUIRE_LANES") == "1"
TESTS = Path(__file__).parent


def lacking(reason: str, *, obtainable: bool = True) -> NoReturn:
    """End the calling test or fixture because its lane's tool is absent. What this machine cannot get at all is no failure."""
    if REQUIRED and obtainable:
        pytest.fail(f"this lane is required: {reason}", pytrace=False)
    pytest.skip(reason)


@cache
def attack_lane() -> frozenset[Path]:
    """The files and folders that the table of attacks in README.md names."""
    _, table = (TESTS / "README.md").read_text(encoding="utf-8").split("\n## Attacks\n")
    return frozenset(TESTS / name for name in re.findall(r"`([^`]+)`", table))
