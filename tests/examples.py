"""How many of many examples a run looks at."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from tests.lanes import REQUIRED

T = TypeVar("T")

SHARE, SHARE_DEAR = 8, 24
"""Of so many tests of a file a run looks at one: each run at others, and many runs at all of them."""
DEAR = "tests/engine/"
"""Where a test takes seconds."""
SHARE_WITHIN, SHARE_REQUIRED = 8, 4
"""Of so many examples within a test a run looks at one, and a run that requires every lane at the first."""
EXAMPLES = 10
"""So many examples Hypothesis makes for a test that does not say another number; campaigns make more (tests/README.md)."""


def some(examples: Iterable[T]) -> Iterator[T]:
    """The same where every lane is required, so that what fails is the change's, else some by chance. Whoever asks has to say in what fails
    which example it was."""
    return islice(examples, 0, None, SHARE_REQUIRED) if REQUIRED else (each for each in examples if random.randrange(SHARE_WITHIN) == 0)


def in_turn(rows: Sequence[T]) -> Sequence[T]:
    """Rows of a table that are dear each: every second where every lane is required, else all, of which a run may look at some."""
    return rows[::2] if REQUIRED else rows


FEW, FEW_DEAR = 2, 1
"""Of a file with so many tests a run leaves none out; a row of a table is a test."""


def looked_at(names: Sequence[str], seed: str) -> frozenset[str]:
    """The tests of a run by their names: of each file one of SHARE by chance, FEW at least. The same for the same names and seed, so that
    all workers run the same."""
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name.partition("::")[0], []).append(name)
    chance = random.Random(seed)
    return frozenset(name for file, tests in files.items() for name in chance.sample(tests, _most(file, len(tests))))


def _most(file: str, count: int) -> int:
    share, few = (SHARE_DEAR, FEW_DEAR) if file.startswith(DEAR) else (SHARE, FEW)
    return min(count, max(few, count // share))
