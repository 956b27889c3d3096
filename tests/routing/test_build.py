# ruff: noqa: ANN001, ANN201, E501
from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import rasterio
import shapely

import riskmap.routing
from riskmap.errors import CrsError, LayerError, NetworkError, SourceError
from riskmap.routing import build_network, load_network, to_networkx, walking_speed
from riskmap.routing.findings import road_findings
from riskmap.standards import read_table
from tests.routing.builders import EAST, NORTH, network, roads


def rules(net):
    return set(net.findings["rule"])


@pytest.mark.parametrize(
    ("lines", "columns", "edges", "nodes"),
    [
        ([[(0, 0), (10, 0)], [(10, 0.3), (20, 0)]], {}, 2, 3),
        ([[(0, 0), (10, 0)], [(5, 0.3), (5, 9)]], {}, 3, 4),
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {}, 4, 5),
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {"bridge": [True, False]}, 2, 4),
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {"tunnel": ["no", "yes"]}, 2, 4),
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {"桥隧": ["大桥", None]}, 2, 4),
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {"layer": ["1", "1"]}, 4, 5),
        ([[(0, 0), (10, 0)], [(0, 0), (5, 5), (10, 0)]], {}, 2, 2),
        ([[(0, 0), (10, 0)], [(3, 0), (7, 0)]], {}, 4, 4),
    ],
    ids=["ends", "tee", "cross", "bridge", "tunnel", "words", "level", "parallel", "over"],
)  # fmt: skip
def test_noding(lines, columns, edges, nodes):
    net = network(lines, columns=columns)
    assert (len(net), len(net.node_xy)) == (edges, nodes)


def test_bridges_are_joined_at_their_ends():
    net = network(
        [[(0, 0), (10, 0)], [(10, 0), (20, 0)], [(15, -9), (15, 9)]],
        columns={"bridge": [False, True, False]},
    )
    assert np.bincount(net.component).tolist() == [3, 2]


def test_findings_name_duplicates_dangles_islands_and_unknown_classes():
    net = network(
        [
            [(0, 0), (100, 0)], [(0, 0), (100, 0)], [(50, 2), (50, 50)],
            [(0, 900), (50, 900)],
        ],
        columns={"road_class": ["村道", "村道", "村道", "天路"]},
    )  # fmt: skip
    assert rules(net) == {"duplicate", "dangle", "island", "unknown_class"}
    unknown = net.findings.set_index("rule").loc["unknown_class"]
    assert (unknown["row"], unknown["value"]) == ("R3", "天路")


@pytest.mark.parametrize(
    ("mode", "road_class", "open_"),
    [
        ("walk", "motorway", False), ("drive", "motorway", True),
        ("walk", "steps", True), ("drive", "steps", False),
        ("drive", "pedestrian", False), ("emergency", "pedestrian", True),
        ("walk", "步道", True), ("drive", "步道", False), ("drive", "Y", True),
        ("walk", "高速", False), ("walk", "construction", False),
    ],
)  # fmt: skip
def test_who_may_use_what(mode, road_class, open_):
    frame = roads(
        [[(0, 0), (9, 0)], [(9, 0), (20, 0)]], road_class=["县道", road_class]
    )
    assert len(build_network(frame, mode=mode)) == 1 + open_


@pytest.mark.parametrize(
    ("columns", "mode", "edges"),
    [
        ({"access": ["private", None]}, "drive", 1),
        ({"access": ["private", None]}, "walk", 2),
        ({"access": ["private", None]}, "emergency", 2),
        ({"access": ["no", None], "foot": ["yes", None]}, "walk", 2),
        ({"foot": ["no", None]}, "walk", 1),
        ({"motor_vehicle": ["no", None]}, "drive", 1),
    ],
)
def test_access_tags(columns, mode, edges):
    frame = roads([[(0, 0), (9, 0)], [(9, 0), (20, 0)]], **columns)
    assert len(build_network(frame, mode=mode)) == edges


@pytest.mark.parametrize(
    ("oneway", "there", "back"),
    [("yes", True, False), ("-1", False, True), (None, True, True), (True, True, False),
     ("no", True, True)],
)  # fmt: skip
def test_oneway_holds_for_vehicles_only(oneway, there, back):
    frame = roads([[(0, 0), (90, 0)]], oneway=[oneway])
    drive = build_network(frame, mode="drive")
    west_to_east = drive.node_xy[drive.edge_u[0], 0] < drive.node_xy[drive.edge_v[0], 0]
    assert west_to_east
    assert np.isfinite([drive.forward_min[0], drive.backward_min[0]]).tolist() == [
        there, back,
    ]  # fmt: skip
    walk = build_network(frame)
    assert np.isfinite([walk.forward_min[0], walk.backward_min[0]]).all()


def test_technical_grade_and_surface_set_the_speed_of_vehicles():
    frame = roads(
        [[(0, 0), (1000, 0)]] * 3, road_class=["县道"] * 3,
        technical_grade=["四级", "四级公路", None], surface=[None, "碎石", None],
    )  # fmt: skip
    made = build_network(frame, mode="drive")
    assert sorted(made.forward_min) == pytest.approx([60 / 35, 3, 3 / 0.7])


def test_groups_night_and_rain_slow_the_walk():
    plain, slow = (
        network([[(0, 0), (100, 0)]], speeds=None, **options)
        for options in ({}, {"group": "elderly", "night": True, "rain": True})
    )
    assert slow.forward_min[0] / plain.forward_min[0] == pytest.approx(1 / 0.667 / 0.64)
    assert slow.offroad_kmh < plain.offroad_kmh


def dem(path, heights, *, nodata=None, cell=10.0, crs="EPSG:4549", west=EAST - 50):
    heights = np.asarray(heights, dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1],
        count=1, dtype="float32", crs=crs, nodata=nodata,
        transform=rasterio.Affine(cell, 0.0, west, 0.0, -cell, NORTH + 50),
    ) as raster:  # fmt: skip
        raster.write(heights, 1)
    return path


def ramp(columns=120, rise=0.2):
    return np.tile((np.arange(columns) * 10 + 5 - 50) * rise, (10, 1))


def test_slopes_count_in_both_directions(tmp_path):
    path = dem(tmp_path / "ramp.tif", ramp())
    net = network([[(0, 0), (1000, 0)]], speeds=None, dem=path)
    up, down = 1000 / walking_speed(0.2) / 60, 1000 / walking_speed(-0.2) / 60
    assert net.forward_min[0] == pytest.approx(up, rel=1e-4)
    assert net.backward_min[0] == pytest.approx(down, rel=1e-4)


@pytest.mark.parametrize("column", ["bridge", "tunnel"])
def test_bridges_and_tunnels_are_not_draped(tmp_path, column):
    heights = np.zeros((10, 120))
    heights[:, 40:60] = -300.0
    path = dem(tmp_path / "gorge.tif", heights)
    level = 1000 / walking_speed(0.0) / 60
    over = network(
        [[(0, 0), (1000, 0)]], speeds=None, dem=path, columns={column: [True]}
    )
    through = network([[(0, 0), (1000, 0)]], speeds=None, dem=path)
    assert over.forward_min[0] == pytest.approx(level)
    assert through.forward_min[0] > 1.05 * level


def test_voids_are_bridged_and_reported(tmp_path):
    heights = ramp()
    heights[:, 30:60] = -9999
    path = dem(tmp_path / "void.tif", heights, nodata=-9999)
    net = network([[(0, 0), (1000, 0)]], speeds=None, dem=path)
    assert rules(net) == {"dem_voids"}
    assert net.forward_min[0] == pytest.approx(1000 / walking_speed(0.2) / 60, rel=1e-3)


def test_a_road_that_no_dem_covers_is_a_finding_not_a_flat_road_in_silence(tmp_path):
    path = dem(tmp_path / "small.tif", ramp(40))
    net = network([[(0, 0), (200, 0)], [(200, 0), (5000, 0)], [(5000, 0), (9000, 0)]],
                  speeds=None, dem=path)  # fmt: skip
    found = net.findings.set_index("rule")["row"].to_dict()
    assert found == {"no_dem": "R2", "dem_voids": "R1"}


def test_tiles_in_another_crs_join_up(tmp_path):
    one = dem(tmp_path / "one.tif", ramp(60))
    other = dem(tmp_path / "two.tif", ramp(120)[:, 60:], west=EAST + 550)
    net = network([[(0, 0), (1000, 0)]], speeds=None, dem=[one, other])
    assert net.findings.empty
    assert net.forward_min[0] == pytest.approx(1000 / walking_speed(0.2) / 60, rel=1e-2)


def test_a_dem_elsewhere_is_an_error(tmp_path):
    path = dem(tmp_path / "far.tif", ramp(), west=EAST + 90_000)
    with pytest.raises(NetworkError, match=r"no DEM covers the roads \(far.tif\)"):
        network([[(0, 0), (1000, 0)]], dem=path)


def test_saved_networks_come_back_equal(tmp_path):
    net = network(
        [[(0, 0), (10, 0)], [(5, -5), (5, 5)]], columns={"name": ["甲", None]}
    )
    again = load_network(net.save(tmp_path / "a.network.npz"))
    assert again.edges().equals(net.edges())
    assert again.settings == net.settings
    assert again.offroad_kmh == net.offroad_kmh
    first = (tmp_path / "a.network.npz").read_bytes()
    assert net.save(tmp_path / "b.network.npz").read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"PK nothing"])
def test_a_file_that_is_no_network_is_named(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.npz"):
        load_network(tmp_path / "x.npz")


def test_networkx_there_and_back():
    frame = roads([[(0, 0), (500, 0)], [(500, 0), (500, 700), (0, 0)], [(500, 0), (900, 0)]],
                  oneway=["yes", None, "-1"], road_class=["县道"] * 3)  # fmt: skip
    net = build_network(frame, mode="drive")
    graph = to_networkx(net)
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_edges() == 4
    again = build_network(graph, mode="drive")
    assert again.edge_length_m.sum() == pytest.approx(net.edge_length_m.sum())
    assert sorted(again.forward_min[np.isfinite(again.forward_min)].tolist() +
                  again.backward_min[np.isfinite(again.backward_min)].tolist()) == (
        pytest.approx(sorted(net.forward_min[np.isfinite(net.forward_min)].tolist() +
                      net.backward_min[np.isfinite(net.backward_min)].tolist())))  # fmt: skip


def test_edges_can_be_edited_and_built_again():
    net = network([[(0, 0), (500, 0)], [(500, 0), (900, 0)]])
    again = build_network(net.edges().iloc[:1], speeds={"村道": 6.0})
    assert len(again) == 1
    assert again.forward_min[0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"mode": "fly"}, NetworkError, 'mode "fly" is none of walk, drive, emergency'),
        ({"speeds": {"村道": -3}}, NetworkError, "speeds must be above 0 km/h.*村道"),
        ({"speeds": {"村道": float("nan")}}, NetworkError, "speeds must be above 0"),
        ({"group": "giants"}, NetworkError, 'no group of people "giants"'),
        ({"slope": "flat"}, NetworkError, 'no slope function "flat"'),
        ({"tolerance_m": -1.0}, NetworkError, "tolerance_m -1.0 must be 0 or more"),
        ({"crs": 4326}, CrsError, "does not measure true metres"),
        ({"dem": "no/such.tif"}, SourceError, r"such\.tif does not exist"),
    ],
)
def test_bad_options(change, error, words):
    with pytest.raises(error, match=words):
        build_network(roads([[(0, 0), (9, 0)]]), **change)


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (roads([[(0, 0), (1, 0)]]).iloc[:0], LayerError, "roads is empty"),
        (roads([[(0, 0), (1, 0)]]).set_crs(None, allow_override=True), CrsError, "no CRS"),
        (roads([[(0, 0), (1, 0)]], road_class=["构筑"]).assign(
            geometry=shapely.Point(EAST, NORTH)), NetworkError, "none of 0 roads"),
        (roads([[(0, 0), (1, 0)]], road_class=["motorway"]), NetworkError,
         'none of 1 roads is open to mode "walk"'),
        ("no/such/roads.gpkg", SourceError, "does not exist"),
        (42, NetworkError, "roads are a int"),
    ],
)  # fmt: skip
def test_bad_roads(frame, error, words):
    with pytest.raises(error, match=words):
        build_network(frame)


def test_lines_without_use_are_findings():
    frame = roads([[(0, 0), (9, 0)], [(5, 5), (5, 5)], [(1, 1), (2, 2)]])
    frame.loc[2, "geometry"] = None
    net = build_network(gpd.GeoDataFrame(frame, crs=frame.crs))
    assert net.findings.set_index("rule")["row"].to_dict() == {
        "no_length": "R1", "no_line": "R2",
    }  # fmt: skip


def test_every_finding_has_chinese_words():
    words = read_table("road_findings")["rules"]
    source = Path(riskmap.routing.__file__).parent
    text = "".join(one.read_text("utf-8") for one in source.glob("*.py"))
    rules_ = set(re.findall(r'finding\(\s*"(\w+)"', text)) | {"no_dem", "dem_voids"}
    assert rules_ == set(words)
    for one in words.values():
        assert {"severity", "title", "message", "suggestion"} <= set(one)


def test_findings_are_said_once_with_the_modes_they_concern():
    frame = roads(
        [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)],
         [(0, 900), (50, 900)]],
        road_class=["村道", "步道", "村道", "天路"], name=["竹溪路", None, None, None],
    )  # fmt: skip
    networks = {one: build_network(frame, mode=one) for one in ("walk", "drive")}
    found = road_findings(networks)
    said = found.set_index(["rule", "road_id"])["message"]
    assert said["island", "R3"] == "R3所在的 50 米道路与主路网不连通（步行、车行）"
    assert said["island", "R2"] == "R2所在的 100 米道路与主路网不连通（车行）"
    assert said["unknown_class", "R3"].startswith("R3的道路等级缺失或不认识（天路）")
    assert len(found) == 3
    twice = roads([[(0, 0), (100, 0)]] * 2, name=["竹溪路"] * 2)
    assert (
        "（竹溪路）与另一条路段重复"
        in road_findings({"walk": build_network(twice)})["message"].iloc[0]
    )
