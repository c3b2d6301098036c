from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reports.graph import HOST_HEIGHT, PAIR_HEIGHT, layout, shorten
from tests.reports import sample

HOSTS = st.sampled_from([f"HV{n:02}" for n in range(12)])


@given(st.lists(st.tuples(HOSTS, HOSTS), min_size=1, max_size=40))
def test_no_host_and_no_label_covers_another(ways: list[tuple[str, str]]) -> None:
    moves = [sample.move(f"VM{n}", *way) for n, way in enumerate(ways)]
    graph = layout(sample.result(moves, []))
    assert graph
    for column in (graph.sources, graph.targets):
        assert all(below.y - above.y >= HOST_HEIGHT for above, below in pairwise(sorted(column, key=lambda host: host.y)))
        assert all(HOST_HEIGHT / 2 <= host.y <= graph.height - HOST_HEIGHT / 2 for host in column)
        assert sum(host.moves for host in column) == len(ways)
    rows = sorted(pair.y for pair in graph.pairs)
    assert all(below - above >= PAIR_HEIGHT for above, below in pairwise(rows))
    assert {(pair.source, pair.target) for pair in graph.pairs} == set(ways)


def test_there_is_no_picture_of_nothing_or_of_too_much() -> None:
    assert layout(sample.empty()) is None
    assert layout(sample.many_hosts(60)) is None
    assert layout(sample.many_hosts(12)) is not None


@given(st.text(max_size=300))
def test_a_shortened_name_fits_its_box(name: str) -> None:
    assert len(shorten(name)) <= 27


def test_a_long_name_keeps_both_of_its_ends() -> None:
    assert shorten("hyperv-production-cluster-00042.contoso.test") == "hyperv-produc….contoso.test"
