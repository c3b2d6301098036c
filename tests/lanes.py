"""Lanes that need a tool: without it they skip with the reason; with HVPREFLIGHT_REQUIRE_LANES=1 (as in CI) that is a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("HVPREFLIGHT_REQUIRE_LANES") == "1"


def lacking(reason: str) -> NoReturn:
    """End the calling test or fixture because its lane's tool is absent."""
    if REQUIRED:
        pytest.fail(f"this lane is required: {reason}", pytrace=False)
    pytest.skip(reason)
