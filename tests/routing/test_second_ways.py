# ruff: noqa: ANN001, ANN201
"""Backup routes and critical links in towns of 200 edges, one-way streets and all."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from riskmap.routing import (
    backup_paths,
    build_network,
    critical_links,
    shortest_paths,
)
from tests.routing.builders import EAST, NORTH, points, roads

MM = 1000.0
# One number for (millimetres, minutes), compared in that order, without rounding.
FIRST = 10**12


def town(seed, *, kept=0.75):
    """Return a torn town of at most 200 edges, every third street one-way."""
    rng = np.random.default_rng(seed)
    spot = {(x, y): (x * 110 + rng.uniform(-30, 30), y * 90 + rng.uniform(-25, 25))
            for x in range(11) for y in range(9)}  # fmt: skip
    lines = [[spot[one], spot[one[0] + dx, one[1] + dy]]
             for one in spot for dx, dy in ((1, 0), (0, 1))
             if (one[0] + dx, one[1] + dy) in spot and rng.random() < kept]  # fmt: skip
    way = rng.choice(["no", "no", "no", "yes", "-1"], len(lines))
    net = build_network(
        roads(lines, oneway=way), mode="drive", speeds={"村道": 20.0}, tolerance_m=0.1
    )
    assert 60 < len(net) <= 200
    return net


def nodes_as_places(net, rng, count):
    main = np.flatnonzero(net.component == 0)
    node = rng.choice(main, count, replace=False)
    return node, points([tuple(net.node_xy[one] - (EAST, NORTH)) for one in node])


def least(net, first, begin, end):
    """Return the fewest shared millimetres and then minutes, by networkx."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(net.node_xy)))
    for edge in range(len(net)):
        mm = round(net.edge_length_m[edge] * MM) if edge in first else 0
        ends = int(net.edge_u[edge]), int(net.edge_v[edge])
        ways = (net.forward_min[edge], net.backward_min[edge])
        for one, minutes in zip((ends, ends[::-1]), ways, strict=True):
            if np.isfinite(minutes):
                graph.add_edge(*one, weight=mm * FIRST + round(minutes * 1e9))
    try:
        total = nx.dijkstra_path_length(graph, begin, end)
    except nx.NetworkXNoPath:
        return np.nan, np.nan
    mm, minutes = divmod(total, FIRST)
    return mm / MM, minutes / 1e9


@pytest.mark.parametrize("seed", range(8))
def test_backups_share_least_and_are_quickest_of_those(seed):
    net, rng = town(seed), np.random.default_rng(seed)
    begin, here = nodes_as_places(net, rng, 12)
    end, there = nodes_as_places(net, rng, 12)
    routes = shortest_paths(net, here, there)
    second = backup_paths(net, here, there, routes=routes)
    for row in range(12):
        if begin[row] == end[row]:
            continue
        first = {edge for edge, _, _ in routes["edges"][row]}
        shared, minutes = least(net, first, int(begin[row]), int(end[row]))
        assert second["shared_m"][row] == pytest.approx(shared, abs=1e-6, nan_ok=True)
        assert second["time_min"][row] == pytest.approx(minutes, abs=1e-6, nan_ok=True)
        assert second["reason"][row] == routes["reason"][row]
        for edge, one, other in second["edges"][row]:
            way = net.forward_min if other > one else net.backward_min
            assert np.isfinite(way[edge])


@pytest.mark.parametrize("patience", [1, 3, 10_000])
def test_the_end_that_searches_does_not_matter(patience, monkeypatch):
    from riskmap.routing import sharing  # noqa: PLC0415

    net, rng = town(3), np.random.default_rng(3)
    here, there = (nodes_as_places(net, rng, 15)[1] for _ in range(2))
    routes = shortest_paths(net, here, there)
    plain = backup_paths(net, here, there, routes=routes)
    values = {**sharing.least_shared.py_func.__globals__, "_PATIENCE": patience}
    other = type(sharing.least_shared.py_func)(
        sharing.least_shared.py_func.__code__, values
    )
    monkeypatch.setattr(sharing, "least_shared", other)
    again = backup_paths(net, here, there, routes=routes)
    np.testing.assert_allclose(again["shared_m"], plain["shared_m"])
    np.testing.assert_allclose(again["time_min"], plain["time_min"])


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(4))
def test_critical_links_equal_removal_one_by_one(seed, direction):
    net, rng = town(seed, kept=0.6), np.random.default_rng(seed)
    node, here = nodes_as_places(net, rng, 8)
    goal, there = nodes_as_places(net, rng, 2)
    found = critical_links(net, here, there, direction=direction)
    got = set(zip(found["edge"], found["place"], strict=True))
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(net.node_xy)))
    arcs = {}
    for edge in range(len(net)):
        u, v = int(net.edge_u[edge]), int(net.edge_v[edge])
        ways = ((u, v, net.forward_min[edge]), (v, u, net.backward_min[edge]))
        arcs[edge] = [(a, b) for a, b, minutes in ways if np.isfinite(minutes)]
        for one, other in arcs[edge]:
            graph.add_edge(*((one, other) if direction == "to" else (other, one)), edge)
    before = served(graph, goal)
    wanted = set()
    for edge, pairs in arcs.items():
        less = graph.copy()
        for one, other in pairs:
            less.remove_edge(
                *((one, other) if direction == "to" else (other, one)), edge
            )
        left = served(less, goal)
        ends = {int(net.edge_u[edge]), int(net.edge_v[edge])}
        wanted |= {(edge, place) for place, at in enumerate(node.tolist())
                   if at in before and at not in left
                   and not ends & {at, *goal.tolist()}}  # fmt: skip
    own = {(edge, place) for edge, place in got
           if {int(net.edge_u[edge]), int(net.edge_v[edge])}
           & {int(node[place]), *goal.tolist()}}  # fmt: skip
    assert got - own == wanted


def served(graph, goals):
    """Return the nodes that have a way to a goal."""
    return set().union(*(nx.ancestors(graph, goal) | {goal} for goal in goals))
