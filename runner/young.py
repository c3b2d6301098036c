"""Spares a long piece of work the search for circles among what it keeps."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEVER = 1 << 30


@contextmanager
def young_only() -> Iterator[None]:
    """Circles are looked for among the youngest objects only: for work that keeps most of what it makes, and makes circles hardly ever.
    Looking through all that is kept again and again took a tenth of judging 10,000 moves, and found nothing."""
    first, *older = gc.get_threshold()
    gc.set_threshold(first, NEVER, NEVER)
    try:
        yield
    finally:
        gc.set_threshold(first, *older)
