# ruff: noqa: ANN001, ANN201
"""Times against networkx on random multigraphs: one-way, parallel, zero, islands."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmap.routing import sides as both_sides
from riskmap.routing.router import Router
from riskmap.routing.search import Seeds, graph_of, search, within
from tests.routing.builders import anchors, multigraph, oracle

MINUTES = st.sampled_from([0.0, 0.0, 1.0, 1.0, 2.0, 0.1, 0.7, 3.3, np.inf])
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def networks(draw):
    nodes = draw(st.integers(2, 9))
    node = st.integers(0, nodes - 1)
    edges = draw(
        st.lists(st.tuples(node, node, MINUTES, MINUTES), min_size=1, max_size=16)
    )
    edges = [one if one[0] != one[1] else (*one[:2], one[2], one[2]) for one in edges]
    return multigraph(nodes, edges)


@st.composite
def questions(draw):
    network = draw(networks())
    spot = st.tuples(
        st.integers(0, len(network) - 1),
        st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.9, 1.0]),
        st.sampled_from([0.0, 0.5]),
    )
    one = draw(st.lists(spot, min_size=1, max_size=6))
    other = draw(st.lists(spot, min_size=1, max_size=4))
    return network, anchors(network, one), anchors(network, other)


def expected(network, here, there, *, reverse=False):
    graph = oracle(network, ("p", here), ("f", there))
    graph = graph.reverse() if reverse else graph
    table = np.full((len(here), len(there)), np.inf)
    for row in range(len(here)):
        found = nx.single_source_dijkstra_path_length(graph, ("p", row))
        for column in range(len(there)):
            # Joining at the very end of an edge that cannot be left is no way.
            table[row, column] = found.get(("f", column), np.inf)
    return table


@QUIET
@given(questions(), st.sampled_from(["to", "from"]))
def test_nearest_equals_networkx(question, direction):
    network, here, there = question
    sides = both_sides.joined(network, here, there, direction=direction)
    best = both_sides.best_of(network, sides, np.zeros(len(there)))
    table = expected(network, here, there, reverse=direction == "from")
    np.testing.assert_allclose(best.minutes, table.min(axis=1), rtol=1e-9, atol=1e-12)
    reached = np.isfinite(best.minutes)
    assert (best.owner[~reached] == -1).all()
    owned = table[np.flatnonzero(reached), best.owner[reached]]
    np.testing.assert_allclose(owned, best.minutes[reached], rtol=1e-9, atol=1e-12)


@QUIET
@given(questions())
def test_routes_are_as_quick_as_networkx_and_hold_together(question):
    network, here, there = question
    sides = both_sides.joined(network, here, there, direction="to")
    table = expected(network, here, there)
    first, second = np.divmod(np.arange(table.size), len(there))
    found = Router(network, sides).routes(first, second)
    routes = zip(found.minutes, found.steps.tuples(table.size), strict=True)
    for row, (minutes, steps) in enumerate(routes):
        want = table.ravel()[row]
        assert minutes == pytest.approx(want, rel=1e-9, abs=1e-12)
        if np.isfinite(want):
            time = here.access_min[first[row]] + there.access_min[second[row]]
            for edge, begin, end in steps:
                way = network.forward_min if end > begin else network.backward_min
                time += abs(end - begin) * way[edge]
            assert time == pytest.approx(want, rel=1e-9, abs=1e-12)


@QUIET
@given(networks(), st.integers(0, 8), st.booleans())
def test_ties_go_to_the_lowest_owner(network, seed, reverse):
    nodes = len(network.node_xy)
    rng = np.random.default_rng(seed)
    where = rng.integers(0, nodes, 3)
    seeds = Seeds(where, np.zeros(3), np.arange(3), np.zeros(3))
    tree = search(graph_of(network, reverse=reverse), seeds)
    each = np.array([
        search(graph_of(network, reverse=reverse), Seeds(
            where[[k]], np.zeros(1), np.zeros(1, int), np.zeros(1))).minutes
        for k in range(3)
    ])  # fmt: skip
    np.testing.assert_array_equal(tree.minutes, each.min(axis=0))
    reached = np.isfinite(tree.minutes)
    np.testing.assert_array_equal(tree.owner[reached], each.argmin(axis=0)[reached])


@QUIET
@given(networks(), st.sampled_from([0.0, 1.0, 2.5, 10.0]))
def test_reach_lists_exactly_the_nodes_within_the_limit(network, limit):
    nodes = len(network.node_xy)
    graph = graph_of(network, reverse=False)
    seeds = Seeds(np.arange(nodes), np.zeros(nodes), np.arange(nodes), np.zeros(nodes))
    source, node, minutes = within(graph, seeds, sources=nodes, limit_min=limit)
    found = {(int(s), int(n)): m for s, n, m in zip(source, node, minutes, strict=True)}
    plain = oracle(network)
    for one in range(nodes):
        want = nx.single_source_dijkstra_path_length(plain, one, cutoff=limit)
        assert {n for s, n in found if s == one} == set(want)
        for n, m in want.items():
            assert found[one, n] == pytest.approx(m, rel=1e-9)
