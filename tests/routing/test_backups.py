# ruff: noqa: ANN001, ANN201, ANN202
"""Backup routes and critical links against brute force."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import LayerError
from riskmap.routing import backup_paths, critical_links, shortest_paths
from tests.routing.builders import network, points

RING = [
    [(0, 0), (400, 0)],
    [(400, 0), (400, 300), (0, 300), (0, 0)],
    [(400, 0), (900, 0)],
]


def test_a_backup_goes_round_and_shares_only_the_neck():
    net = network(RING)
    group, shelter = points([(50, 0)]), points([(800, 0)])
    routes = shortest_paths(net, group, shelter)
    second = backup_paths(net, group, shelter, routes=routes)
    assert second["length_m"].iloc[0] == pytest.approx(50 + 1000 + 400)
    assert second["shared_m"].iloc[0] == pytest.approx(400)
    assert second.length.iloc[0] == pytest.approx(1450)


def test_without_another_way_all_is_shared():
    net = network([[(0, 0), (500, 0)], [(500, 0), (900, 0)]])
    group, shelter = points([(50, 0)]), points([(800, 0)])
    routes = shortest_paths(net, group, shelter)
    second = backup_paths(net, group, shelter, routes=routes)
    assert second["shared_m"].iloc[0] == pytest.approx(750)


def test_a_backup_may_lead_elsewhere():
    net = network(RING)
    group, shelters = points([(200, 0)]), points([(800, 0), (0, 200)])
    routes = shortest_paths(net, group, shelters, pairs=[(0, 0)]).assign(second=1)
    second = backup_paths(net, group, shelters, routes=routes, to="second")
    assert second["destination"].tolist() == [1]
    assert second["shared_m"].tolist() == [0]
    with pytest.raises(LayerError, match="routes have no third"):
        backup_paths(net, group, shelters, routes=routes, to="third")


GRID = [((x, y), (x + dx, y + dy)) for x in range(4) for y in range(4)
        for dx, dy in ((1, 0), (0, 1)) if x + dx < 4 and y + dy < 4]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from(range(len(GRID))), min_size=6, max_size=14), st.data())
def test_backups_share_as_little_as_brute_force_finds(kept, data):
    chosen = [GRID[one] for one in sorted(kept)]
    stretch = [[(a[0] * 100 + a[1], a[1] * 130), (b[0] * 100 + b[1], b[1] * 130)]
               for a, b in chosen]  # fmt: skip
    net = network(stretch)
    nodes = sorted(np.flatnonzero(net.component == 0).tolist())
    one, other = (data.draw(st.sampled_from(nodes)) for _ in range(2))
    origin, end = (
        points([tuple(net.node_xy[n] - (500_000, 3_100_000))]) for n in (one, other)
    )
    routes = shortest_paths(net, origin, end)
    second = backup_paths(net, origin, end, routes=routes)
    first = {edge for edge, _, _ in routes["edges"].iloc[0]}
    graph = nx.MultiGraph()
    for edge in range(len(net)):
        graph.add_edge(int(net.edge_u[edge]), int(net.edge_v[edge]), edge)
    best = (0.0, 0.0)
    if one != other:
        best = min(
            (round(sum(net.edge_length_m[e] for _, _, e in path if e in first), 3),
             sum(net.forward_min[e] for _, _, e in path))
            for path in nx.all_simple_edge_paths(graph, one, other)
        )  # fmt: skip
    assert second["shared_m"].iloc[0] == pytest.approx(best[0], abs=0.01)
    assert second["time_min"].iloc[0] == pytest.approx(best[1])


def test_a_bridge_is_critical_for_those_behind_it():
    net = network([*RING, [(900, 0), (1400, 0)], [(1400, 0), (1500, 100)]],
                  columns={"bridge": [False, False, False, True, False]})  # fmt: skip
    groups = points([(1450, 50), (850, 0), (200, 300), (0, 5000)])
    shelters = points([(200, 0)])
    found = critical_links(net, groups, shelters, direction="to")
    assert found.loc[found["bridge"], "place"].tolist() == [0]
    assert sorted(zip(found["place"], found["road_id"], strict=True)) == [
        (0, "R2"),
        (0, "R3"),
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.sampled_from(range(len(GRID))), min_size=6, max_size=18),
    st.integers(0, 99),
)
def test_critical_links_equal_removal_one_by_one(kept, seed):
    lines = [[(a[0] * 100, a[1] * 100), (b[0] * 100, b[1] * 100)]
             for a, b in (GRID[one] for one in sorted(kept))]  # fmt: skip
    net = network(lines)
    rng = np.random.default_rng(seed)
    nodes = rng.choice(np.flatnonzero(net.component == 0), 5)
    spots = points([tuple(net.node_xy[n] - (500_000, 3_100_000)) for n in nodes])
    groups, shelters = spots.iloc[:3], spots.iloc[3:]
    found = critical_links(net, groups, shelters, direction="to")
    got = set(zip(found["edge"], found["place"], strict=True))
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(net.node_xy)))
    for edge in range(len(net)):
        graph.add_edge(int(net.edge_u[edge]), int(net.edge_v[edge]), edge)
    for place in range(3):

        def reached(place=place):
            return any(nx.has_path(graph, nodes[place], end) for end in nodes[3:])

        if not reached():
            continue
        for edge in range(len(net)):
            ends = int(net.edge_u[edge]), int(net.edge_v[edge])
            graph.remove_edge(*ends, edge)
            lost = not reached()
            graph.add_edge(*ends, edge)
            if not set(ends) & {nodes[place], *nodes[3:]}:  # own edges are not examined
                assert lost == ((edge, place) in got)
