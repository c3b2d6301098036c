"""How many of many examples a run looks at."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tests.lanes import REQUIRED

T = TypeVar("T")

SHARE = 3
"""Of so many examples a run looks at one, unless every lane is required: each run at others, and many runs at all of them."""
EXAMPLES = 25 if REQUIRED else 10
"""So many examples Hypothesis makes for a test that does not say another number."""


def some(examples: Iterable[T]) -> Iterator[T]:
    """All where every lane is required, else some by chance. Whoever asks has to say in what fails which example it was."""
    return (each for each in examples if REQUIRED or random.randrange(SHARE) == 0)
