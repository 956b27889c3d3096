"""The road engine on real roads: times equal networkx, gaps are cut and reported."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pytest
import shapely

from riskmap.routing import (
    Network,
    build_network,
    nearest,
    reached_roads,
    travel_times,
)
from riskmap.routing.search import Seeds, graph_of, search, within

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "andorra": DATA / "andorra" / "andorra.osm.pbf",
    "helsinki": DATA / "helsinki" / "Helsinki.osm.pbf",
    "helsinki test": DATA / "helsinki" / "test.osm.pbf",
}
CASES = [("andorra", "drive"), ("andorra", "walk"), ("helsinki", "drive")]

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is absent"),
]


@cache
def network_of(name: str, mode: str) -> Network:
    """Return a network, built once."""
    return build_network(FILES[name], mode=mode)


@cache
def plain_of(name: str, mode: str) -> nx.DiGraph:
    """Return the same roads for networkx: the quickest of parallel arcs."""
    net = network_of(name, mode)
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(range(len(net.node_xy)))
    for u, v, minutes in (
        *zip(net.edge_u, net.edge_v, net.forward_min, strict=True),
        *zip(net.edge_v, net.edge_u, net.backward_min, strict=True),
    ):
        if np.isfinite(minutes):
            known = graph.get_edge_data(u, v, {"weight": np.inf})["weight"]
            graph.add_edge(int(u), int(v), weight=min(float(minutes), known))
    return graph


@pytest.mark.parametrize(("name", "mode"), CASES)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_nearest_of_some_equals_networkx(
    name: str, mode: str, *, reverse: bool
) -> None:
    net = network_of(name, mode)
    node = np.random.default_rng(1).choice(len(net.node_xy), 25, replace=False)
    seeds = Seeds(node, np.zeros(25), np.arange(25), np.zeros(25))
    tree = search(graph_of(net, reverse=reverse), seeds)
    plain = plain_of(name, mode)
    plain = plain.reverse(copy=False) if reverse else plain
    want, paths = nx.multi_source_dijkstra(plain, set(node.tolist()))
    times = np.full(len(net.node_xy), np.inf)
    times[list(want)] = list(want.values())
    np.testing.assert_allclose(tree.minutes, times, rtol=1e-9)
    owner = node[tree.owner]
    mine = [one for one in want if paths[one][0] == owner[one]]
    assert len(mine) > 0.99 * len(want)  # another owner only where times are equal


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_who_is_in_reach_equals_networkx(name: str, mode: str) -> None:
    net = network_of(name, mode)
    node = np.random.default_rng(2).choice(len(net.node_xy), 12, replace=False)
    seeds = Seeds(node, np.zeros(12), np.arange(12), np.zeros(12))
    graph = graph_of(net, reverse=False)
    for limit in (1.0, 3.0, 5.0):
        source, found, minutes = within(graph, seeds, sources=12, limit_min=limit)
        for row in range(12):
            want = nx.single_source_dijkstra_path_length(
                plain_of(name, mode), int(node[row]), cutoff=limit
            )
            own = source == row
            assert set(found[own].tolist()) == set(want)
            times = [want[one] for one in found[own].tolist()]
            np.testing.assert_allclose(minutes[own], times, rtol=1e-9)


@pytest.mark.parametrize("name", ["andorra", "helsinki"])
@pytest.mark.parametrize("minutes", [1, 3, 5])
def test_reached_roads_hold_exactly_the_points_in_time(name: str, minutes: int) -> None:
    net = network_of(name, "drive")
    rng = np.random.default_rng(minutes)
    main = np.flatnonzero(net.component == 0)
    place = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*net.node_xy[rng.choice(main, 1)].T), crs=net.crs
    )
    pieces = reached_roads(net, place, direction="from", minutes=[minutes])
    near = np.unique(np.r_[pieces["edge"], rng.integers(0, len(net), 400)])
    edge, part = np.repeat(near, 7), np.tile(np.linspace(0.03, 0.97, 7), len(near))
    xy = net.points(edge, part)
    begin = travel_from(net, place)
    ahead = begin[net.edge_u[edge]] + part * net.forward_min[edge]
    back = begin[net.edge_v[edge]] + (1 - part) * net.backward_min[edge]
    time = np.fmin(ahead, back)
    own = pieces.set_index("edge").geometry
    held = np.array([
        one in own.index and shapely.distance(own.loc[[one]].to_numpy(), spot).min()
        < 1e-6 for one, spot in zip(edge, shapely.points(xy), strict=True)
    ])  # fmt: skip
    sure = np.abs(time - minutes) > 1e-6
    np.testing.assert_array_equal(held[sure], (time <= minutes)[sure])
    assert held.any()


def travel_from(net: Network, place: gpd.GeoDataFrame) -> np.ndarray:
    """Return the minutes from a place that is a node to every node, by networkx."""
    node = int(np.hypot(*(net.node_xy - [place.geometry[0].coords[0]]).T).argmin())
    name = next(one for one in FILES if network_of(one, net.mode) is net)
    want = nx.single_source_dijkstra_path_length(plain_of(name, net.mode), node)
    times = np.full(len(net.node_xy), np.inf)
    times[list(want)] = list(want.values())
    return times


def test_nearest_is_the_least_of_the_table() -> None:
    net = network_of("andorra", "walk")
    rng = np.random.default_rng(4)
    spots = net.node_xy[rng.choice(len(net.node_xy), 90)] + rng.uniform(
        -40, 40, (90, 2)
    )
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*spots.T), crs=net.crs)
    here, there = frame.iloc[:70], frame.iloc[70:]
    table = travel_times(net, here, there)
    found = nearest(net, here, there, direction="to")
    ok = found["reason"].eq("ok")
    np.testing.assert_allclose(found["time_min"][ok], table[ok].min(axis=1), rtol=1e-9)
    assert table[~ok].isna().all().all()


@pytest.mark.parametrize("name", ["helsinki", "helsinki test"])
def test_ways_are_cut_where_their_file_lacks_nodes(name: str) -> None:
    file = str(FILES[name])
    known = {one.id for one in osmium.FileProcessor(file, osmium.osm.NODE)}
    cut, lost = set(), set()
    for way in osmium.FileProcessor(file, osmium.osm.WAY):
        there = [node.ref in known for node in way.nodes]
        if "highway" in way.tags and way.tags.get("area") != "yes" and not all(there):
            left = any(one and other for one, other in pairwise(there))
            (cut if left else lost).add(str(way.id))
    findings = network_of(name, "walk").findings
    row = findings.set_index("rule")["row"]
    assert cut
    assert set(row.loc[["missing_nodes"]]) == cut
    assert lost <= set(row.loc[["lost_way"]])
