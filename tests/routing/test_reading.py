# ruff: noqa: ANN001, ANN201, E501
"""OpenStreetMap files, vector files, and the real sets where they are present."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import networkx as nx
import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import LayerError, SourceError
from riskmap.routing import (
    build_network,
    nearest,
    read_roads,
    to_networkx,
    travel_times,
)
from tests.routing.builders import points, roads

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
real = pytest.mark.real


def needs(name):
    path = DATA / name
    return pytest.param(path, marks=[real, pytest.mark.skipif(
        not path.exists(), reason=f"../shared/data/{name} is absent")])  # fmt: skip


def write_osm(path, nodes, ways):
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (lon, lat) in nodes.items():
            writer.add_node(osmium.osm.mutable.Node(
                id=number, location=(lon, lat), version=1, visible=True))  # fmt: skip
        for number, (refs, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(
                id=number, nodes=refs, tags=tags, version=1, visible=True))  # fmt: skip
    return path


NODES = {1: (121.0, 28.0), 2: (121.001, 28.0), 3: (121.002, 28.0), 4: (121.001, 28.001),
         5: (121.001, 27.999)}  # fmt: skip


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm", "a.osm.gz"])
def test_ways_join_at_shared_nodes_only(tmp_path, name):
    ways = {
        10: ([1, 2, 3], {"highway": "residential", "name": "竹溪路"}),
        11: ([4, 2], {"highway": "path"}),
        12: ([4, 5], {"highway": "path", "bridge": "yes"}),
        13: ([1, 4, 3, 1], {"highway": "pedestrian", "area": "yes"}),
        14: ([1, 4], {"waterway": "stream"}),
    }
    frame = read_roads(write_osm(tmp_path / name, NODES, ways))
    assert frame["road_id"].tolist() == ["10", "11", "12"]
    assert frame["name"].iloc[0] == "竹溪路"
    net = build_network(tmp_path / name)
    assert (len(net), len(net.node_xy)) == (4, 5)


NAME = "甲, 乙 = 100 % 100%25% @\U0001f6b6 x1y2\tn"


def test_names_are_as_written_whatever_is_in_them(tmp_path):
    ways = {10: ([1, 2], {"highway": "path", "name": NAME}),
            11: ([2, 3], {"highway": "path", "note": "a=b,c", "name": "=,"})}  # fmt: skip
    frame = read_roads(write_osm(tmp_path / "a.osm.pbf", NODES, ways))
    assert frame["name"].tolist() == [NAME, "=,"]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(1, 12), max_size=9), min_size=1, max_size=6))
def test_every_run_of_known_nodes_is_a_row(ways):
    known = {one: (120 + one / 7, -28 - one / 3) for one in range(1, 9)}
    want = []
    for number, refs in enumerate(ways, 1):
        runs = [list(run) for there, run in groupby(refs, known.__contains__) if there]
        want += [(str(number), run) for run in runs if len(run) > 1]
    with TemporaryDirectory() as name:
        tags = {"highway": "path"}
        path = write_osm(Path(name) / "a.osm.pbf", known, {
            number: (refs, tags) for number, refs in enumerate(ways, 1)})  # fmt: skip
        if not want:
            with pytest.raises(LayerError, match="holds no roads"):
                read_roads(path)
            return
        frame = read_roads(path)
    got = zip(frame["road_id"], frame["node_ids"], strict=True)
    assert [(one, refs.tolist()) for one, refs in got] == want
    for line, (_, refs) in zip(frame.geometry, want, strict=True):
        places = np.array([known[one] for one in refs])
        np.testing.assert_allclose(line.coords, places, rtol=0, atol=5.1e-8)
    gone = {number: sum(one > 8 for one in refs) for number, refs in enumerate(ways, 1)}
    assert frame["missing_nodes"].tolist() == [
        gone[int(one)] for one in frame["road_id"]
    ]
    whole = {number for number, _ in want}
    assert frame.attrs["lost_ways"] == [
        one for one in range(1, len(ways) + 1) if str(one) not in whole
    ]


def test_missing_nodes_cut_the_way_and_are_reported(tmp_path):
    ways = {
        10: ([1, 2, 99, 98, 3, 4], {"highway": "residential"}),
        11: ([1, 97], {"highway": "path"}),
    }
    path = write_osm(tmp_path / "a.osm.pbf", NODES, ways)
    net = build_network(path)
    assert len(net) == 2
    found = net.findings.set_index("rule")
    assert found.loc["missing_nodes", ["row", "value"]].tolist() == ["10", "2"]
    assert found.loc["lost_way", "row"] == "11"


def test_repeated_points_do_no_harm(tmp_path):
    nodes = NODES | {6: NODES[2]}
    path = write_osm(tmp_path / "a.osm", nodes, {
        10: ([1, 2, 6, 3], {"highway": "path"}), 11: ([6, 4], {"highway": "path"})})  # fmt: skip
    net = build_network(path)
    assert (len(net), len(net.node_xy)) == (3, 4)


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson"])
def test_vector_files(tmp_path, suffix):
    frame = roads([[(0, 0), (500, 0)], [(250, -9), (250, 9)]]).to_crs(4490)
    frame.to_file(tmp_path / f"道路.{suffix}")
    assert len(build_network(tmp_path / f"道路.{suffix}")) == 4


def test_a_broken_file_is_named(tmp_path):
    for name in ("x.osm.pbf", "x.gpkg"):
        (tmp_path / name).write_bytes(b"no map at all")
        with pytest.raises(SourceError, match=name):
            read_roads(tmp_path / name)


@pytest.mark.parametrize("way", [
    ([1, 2], {"waterway": "river"}), ([1, 99], {"highway": "path"}),
    ([98, 99], {"highway": "path"}), ([], {"highway": "path"}),
    ([1, 2], {"highway": "path", "area": "yes"}),
])  # fmt: skip
def test_a_file_without_roads_is_named(tmp_path, way):
    path = write_osm(tmp_path / "a.osm", NODES, {10: way})
    with pytest.raises(LayerError, match=r"a\.osm holds no roads"):
        read_roads(path)


@pytest.mark.parametrize("path", [needs("andorra/andorra.osm.pbf")])
@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_andorra_equals_networkx(path, mode):
    net = build_network(path, mode=mode)
    graph = to_networkx(net)
    rng = np.random.default_rng(7)
    nodes = rng.choice(np.flatnonzero(net.component == 0), 12, replace=False)
    places = points([tuple(one) for one in net.node_xy[nodes] - (500_000, 3_100_000)])
    places = places.set_crs(net.crs, allow_override=True)
    table = travel_times(net, places, places).to_numpy()
    for row, one in enumerate(nodes):
        want = nx.single_source_dijkstra_path_length(graph, one, weight="travel_time")
        minutes = [want.get(other, np.nan) / 60 for other in nodes]
        np.testing.assert_allclose(table[row], minutes, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("path", [needs("andorra")])
def test_andorra_is_slower_uphill_and_voids_are_known(path):
    tiles = [path / "N42E001.hgt.zip", path / "N41E001.hgt.zip"]
    hilly = build_network(path / "andorra.osm.pbf", dem=tiles)
    level = build_network(path / "andorra.osm.pbf")
    assert hilly.forward_min.sum() > 1.1 * level.forward_min.sum()
    assert not np.allclose(hilly.forward_min, hilly.backward_min)
    assert "no_dem" not in set(hilly.findings["rule"])
    ratio = hilly.forward_min / level.forward_min
    assert ((ratio > 0.9) & (ratio < 4)).all()


@pytest.mark.parametrize("name", ["helsinki/Helsinki.osm.pbf", "helsinki/test.osm.pbf"])
@real
def test_helsinki_ways_without_nodes_are_cut_and_reported(name):
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is absent")
    net = build_network(DATA / name)
    assert {"missing_nodes", "lost_way"} & set(net.findings["rule"])
    spot = points([(0, 0)]).set_crs(net.crs, allow_override=True)
    spot.geometry = [net.edges().geometry.iloc[0].interpolate(0.5, normalized=True)]
    assert nearest(net, spot, spot, direction="to")["time_min"].iloc[0] < 1e-9
