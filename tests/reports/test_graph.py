from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reports.graph import FEWER_PAIRS, PAIR_HEIGHT, Graph, layout, shorten
from tests.reports import sample

HOSTS = st.sampled_from([f"HV{n:02}" for n in range(12)])


@given(st.lists(st.tuples(HOSTS, HOSTS), min_size=1, max_size=40))
def test_no_host_and_no_label_covers_another(ways: list[tuple[str, str]]) -> None:
    moves = [sample.move(f"VM{n}", *way) for n, way in enumerate(ways)]
    graph = layout(sample.result(moves, []))
    assert graph
    assert sorted(host.full_name for host in graph.hosts) == sorted({name for way in ways for name in way}), "each once"
    for left in (True, False):
        column = sorted((host for host in graph.hosts if host.left is left), key=lambda host: host.y)
        assert all(below.y - above.y >= (above.height + below.height) / 2 for above, below in pairwise(column))
        assert all(host.height / 2 <= host.y <= graph.height - host.height / 2 for host in column)
    assert sum(host.gives for host in graph.hosts) == sum(host.takes for host in graph.hosts) == len(ways)
    rows = sorted(pair.y for pair in graph.pairs)
    assert all(below - above >= PAIR_HEIGHT for above, below in pairwise(rows))
    assert {(pair.source, pair.target) for pair in graph.pairs} == set(ways)


def drawn(*ways: tuple[str, str]) -> Graph:
    graph = layout(sample.result([sample.move(f"VM{n}", *way) for n, way in enumerate(ways)], []))
    assert graph
    return graph


def test_hosts_that_move_both_ways_in_a_chain_or_around_a_middle_stand_once_and_face_one_another() -> None:
    for ways in ((("A", "B"), ("B", "A")), (("A", "B"), ("B", "C"), ("C", "D")), (("A", "M"), ("B", "M"), ("M", "C"))):
        graph = drawn(*ways)
        left = {host.full_name: host.left for host in graph.hosts}
        assert len(graph.hosts) == len(left)
        assert all(left[source] is not left[target] for source, target in ways)
    both = drawn(("A", "B"), ("B", "A"))
    assert [(host.gives, host.takes) for host in both.hosts] == [(1, 1), (1, 1)]
    assert len({each.split("C")[0] for pair in both.pairs for each in (pair.leaves, pair.arrives)}) == 4, "no line begins on another"
    assert len(drawn(("A", "B"), ("B", "C"), ("C", "A")).hosts) == 3, "though two of them stand on one side"


def test_of_too_much_the_worst_is_drawn_and_of_nothing_nothing() -> None:
    assert layout(sample.empty()) is None
    result = sample.many_hosts(400)
    graph = layout(result)
    assert graph
    assert (len(graph.pairs), graph.left_out) == (FEWER_PAIRS, len(result.pairs) - FEWER_PAIRS)
    drawn = {(pair.source, pair.target) for pair in graph.pairs}
    others = [pair.verdict.weight for pair in result.pairs if (pair.source, pair.target) not in drawn]
    assert min(pair.verdict.weight for pair in graph.pairs) >= max(others)
    whole = layout(sample.many_hosts(12))
    assert whole
    assert whole.left_out == 0


@given(st.text(max_size=300))
def test_a_shortened_name_fits_its_box(name: str) -> None:
    assert len(shorten(name)) <= 27


def test_a_long_name_keeps_both_of_its_ends() -> None:
    assert shorten("hyperv-production-cluster-00042.contoso.test") == "hyperv-produc….contoso.test"
