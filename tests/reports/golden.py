"""Golden files: what a report looked like when somebody last read it. HVPREFLIGHT_WRITE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """The text is the golden file's, byte for byte."""
    path = _FOLDER / name
    if os.environ.get("HVPREFLIGHT_WRITE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), f"{name} changed; read the difference, then write it with HVPREFLIGHT_WRITE_GOLDEN=1"
