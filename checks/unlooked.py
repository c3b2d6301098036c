"""What no check of this version looks at: a GO says it too."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def unlooked() -> dict[str, dict[str, str]]:
    """By area the ids that its checks will have, each with what stays unseen until then, in English."""
    return tomllib.loads((resources.files("checks") / "unlooked.toml").read_text(encoding="utf-8"))
