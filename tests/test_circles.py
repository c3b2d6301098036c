"""Judging is spared the search for circles, and takes it from nobody else."""

from __future__ import annotations

import gc
from weakref import ref

import pytest

from runner.circles import not_searched


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_a_circle_that_work_leaves_is_found_after_it() -> None:
    with not_searched():
        left = ref(Circle())
        kept = [[number] for number in range(gc.get_threshold()[0] * 2)]
        assert left() is not None, "nothing is searched for meanwhile"
    gc.collect()
    assert left() is None
    assert len(kept) == gc.get_threshold()[0] * 2


@pytest.mark.parametrize("searched", [True, False])
def test_who_searched_for_circles_does_so_again_also_after_an_error(searched: bool) -> None:
    before = gc.isenabled()
    (gc.enable if searched else gc.disable)()
    try:
        with pytest.raises(KeyError), not_searched(), not_searched():
            raise KeyError
        assert gc.isenabled() is searched
    finally:
        (gc.enable if before else gc.disable)()
