# ruff: noqa: ANN001, ANN003, ANN201, E501
"""Snapping, closures, and walking out of a zone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import CrsError, LayerError, NetworkError
from riskmap.routing import (
    build_network,
    close_roads,
    nearest,
    shortest_paths,
    snap,
    travel_times,
)
from tests.routing.builders import CRS, EAST, NORTH, boxes, network, points, roads

STREET = [[(0, 0), (1000, 0)]]


def test_snapping_to_the_nearest_point_of_an_edge():
    net = network(STREET)
    found = snap(net, points([(250, 30), (-40, 30), (500, 501), None]))
    assert found["fraction"].iloc[:2].tolist() == [0.25, 0.0]
    assert found["distance_m"].iloc[:2].tolist() == [30.0, 50.0]
    assert found["access_min"].iloc[0] == pytest.approx(30 / net.offroad_kmh * 0.06)
    assert found["reason"].tolist() == [
        "ok", "ok", "too_far_from_road", "insufficient_data",
    ]  # fmt: skip
    assert found["edge"].isna().tolist() == [False, False, True, True]
    np.testing.assert_allclose(found["x"].iloc[0], EAST + 250)


def test_the_mainland_is_preferred_to_an_island_in_reach():
    net = network([*STREET, [(400, 100), (500, 100)], [(0, 2000), (100, 2000)]])
    found = snap(net, points([(450, 101), (50, 1990)]))
    assert found["distance_m"].tolist() == pytest.approx([101, 10])


def test_places_come_in_any_crs_and_geometry():
    net = network(STREET)
    place = points([(250, 30)]).buffer(5).to_crs(4490).to_frame("geometry")
    found = snap(net, place)
    assert found["distance_m"].iloc[0] == pytest.approx(30, abs=1)
    assert found["x"].iloc[0] < 180


@pytest.mark.parametrize(
    ("bounds", "pieces"),
    [
        ([(200, -5, 300, 5)], [(200, 300)]),
        ([(200, -5, 300, 5), (250, -5, 400, 5)], [(200, 250), (250, 300), (300, 400)]),
        ([(-5, -5, 2000, 5)], [(0, 1000)]),
        ([(200, 10, 300, 20)], []),
        ([(200, 0, 300, 5)], [(200, 300)]),
        ([(900, -5, 2000, 5)], [(900, 1000)]),
    ],
    ids=["inside", "overlap", "whole", "beside", "along", "end"],
)
def test_edges_are_cut_at_the_border(bounds, pieces):
    net = network(STREET)
    closed = close_roads(net, boxes(bounds)).closures()
    ends = sorted(tuple(row[[0, 2]] - EAST) for row in closed.bounds.to_numpy())
    np.testing.assert_allclose(
        np.array(ends).reshape(-1, 2), np.array(pieces).reshape(-1, 2)
    )
    assert net.is_open.all()


def test_causes_name_every_zone():
    zones = boxes([(200, -5, 300, 5), (250, -5, 400, 5)], name=["甲坡", "乙沟"])
    closed = close_roads(network(STREET), zones).closures()
    assert sorted(closed["cause"]) == ["乙沟", "甲坡", "甲坡、乙沟"]
    assert sorted(closed["zone_id"]) == ["Z0", "Z0、Z1", "Z1"]


def test_closing_twice_adds_up_and_keeps_minutes():
    net = network(STREET)
    once = close_roads(net, boxes([(200, -5, 300, 5), (250, -5, 400, 5)]))
    twice = close_roads(close_roads(net, boxes([(200, -5, 300, 5)])),
                        boxes([(250, -5, 400, 5)]))  # fmt: skip
    for made in (once, twice):
        assert made.forward_min.sum() == pytest.approx(net.forward_min.sum())
        assert made.edge_length_m[~made.is_open].sum() == pytest.approx(200)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(*[st.integers(-50, 450)] * 2, *[st.integers(5, 200)] * 2),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_closed_length_is_the_length_inside(corners):
    grid = [[(0, y), (400, y)] for y in (0, 100, 200)]
    grid += [[(x, 0), (x, 200)] for x in (0, 130, 400)] + [
        [(0, 0), (170, 90), (400, 150)]
    ]
    net = network(grid)
    zones = boxes([(a + 0.3, b + 0.3, a + c, b + d) for a, b, c, d in corners])
    made = close_roads(net, zones)
    area = zones.union_all()
    want = net.edges().length.sum() - net.edges().difference(area).length.sum()
    assert made.edge_length_m[~made.is_open].sum() == pytest.approx(want, abs=1e-6)
    assert made.edge_length_m.sum() == pytest.approx(net.edge_length_m.sum())
    lone = made.edges().geometry[made.is_open].interpolate(0.5, normalized=True)
    assert not lone.intersects(area.buffer(-1e-6)).any()


def test_lines_and_points_close_what_is_near():
    place = points([(300, 0)], road_closure_id=["塌方"])
    closed = close_roads(network(STREET), place).closures()
    assert closed["zone_id"].tolist() == ["塌方"]
    assert closed["length_m"].tolist() == pytest.approx([20])


def depths(path, values, **options):
    values = np.asarray(values, dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", height=1, width=len(values), count=1,
        dtype="float32", crs=CRS, nodata=-1, transform=rasterio.Affine(
            100.0, 0.0, EAST + options.get("east", 0), 0.0, -100.0, NORTH + 50),
    ) as raster:  # fmt: skip
        raster.write(values[None], 1)
    return path


def test_deep_water_closes_and_unknown_water_does_not(tmp_path):
    path = depths(tmp_path / "水深.tif", [0, 0.2, 0.6, 0.9, -1, 0.4, 0, 0, 0, 0])
    made = close_roads(network(STREET), path, depth_limit_m=0.5)
    closed = made.closures()
    assert closed["length_m"].sum() == pytest.approx(200)
    assert set(closed["cause"]) == {"> 0.5 m"}


@pytest.mark.parametrize(
    ("options", "closed_m", "cause"),
    [({"mode": "drive"}, 300, "> 0.3 m（假定值）"),
     ({"mode": "emergency"}, 200, "> 0.5 m（假定值）"),
     ({"mode": "walk"}, 100, "> 0.8 m（假定值）"),
     ({"mode": "walk", "group": "elderly"}, 200, "> 0.5 m（假定值）")],
)  # fmt: skip
def test_each_mode_has_a_limit_that_is_named_as_assumed(
    tmp_path, options, closed_m, cause
):
    path = depths(tmp_path / "水深.tif", [0, 0.2, 0.6, 0.9, -1, 0.4, 0, 0, 0, 0])
    closed = close_roads(build_network(roads(STREET), **options), path).closures()
    assert closed["length_m"].sum() == pytest.approx(closed_m)
    assert set(closed["cause"]) == {cause}


def test_a_limit_is_not_negative(tmp_path):
    path = depths(tmp_path / "d.tif", [1])
    with pytest.raises(NetworkError, match=r"depth_limit_m -1\.0 must be 0 or more"):
        close_roads(network(STREET), path, depth_limit_m=-1.0)


def test_zones_may_say_how_deep_they_are():
    wet = boxes([(100, -5, 200, 5), (300, -5, 400, 5), (500, -5, 600, 5)],
                depth_m=[0.2, 0.6, None], name=["浅", "深", "不明"])  # fmt: skip
    net = network(STREET)
    closed = close_roads(net, wet, depth_limit_m=0.5).closures()
    assert closed["cause"].tolist() == ["深", "不明"]
    assert len(close_roads(net, wet).closures()) == 3
    with pytest.raises(LayerError, match="1 depths are no metres, first '很深'"):
        close_roads(net, wet.assign(depth_m=["0.1", "很深", None]), depth_limit_m=0.5)
    with pytest.raises(NetworkError, match="or zones with depth_m"):
        close_roads(net, wet.drop(columns="depth_m"), depth_limit_m=0.5)


def test_depths_elsewhere_are_an_error(tmp_path):
    path = depths(tmp_path / "d.tif", [1], east=99_000)
    with pytest.raises(NetworkError, match=r"d\.tif does not overlap the network"):
        close_roads(network(STREET), path, depth_limit_m=0.5)


@pytest.mark.parametrize(
    ("zones", "error", "words"),
    [
        (boxes([(0, 0, 1, 1)]).set_crs(None, allow_override=True), CrsError, "no CRS"),
        (gpd.GeoDataFrame({"risk_zone_id": ["平"]}, geometry=[
            shapely.Polygon([(0, 0), (1, 1), (2, 2)])], crs=CRS), LayerError,
         "1 zones have no area: 平"),
    ],
)  # fmt: skip
def test_bad_zones(zones, error, words):
    with pytest.raises(error, match=words):
        close_roads(network(STREET), zones)


def test_zones_without_a_place_close_nothing():
    zones = gpd.GeoDataFrame({"name": ["某处"]}, geometry=[None], crs=CRS)
    assert close_roads(network(STREET), zones).is_open.all()


# A street through a zone (200..300), a side street inside it, a detour round it.
TOWN = [
    [(0, 0), (1000, 0)], [(250, 0), (250, 80)], [(100, 0), (100, 400), (600, 400), (600, 0)],
]  # fmt: skip
ZONE = boxes([(200, -100, 300, 200)])


def test_people_inside_walk_out_and_do_not_come_back():
    wet = close_roads(network(TOWN), ZONE)
    group, shelter = points([(250, 80)]), points([(1000, 0), (0, 0)])
    times = travel_times(wet, group, shelter).to_numpy()[0]
    assert times.tolist() == pytest.approx([8.3, 3.3])
    path = shortest_paths(wet, group, shelter.iloc[[0]])
    assert path["length_m"].iloc[0] == pytest.approx(830)
    assert path.length.iloc[0] == pytest.approx(830)
    assert nearest(wet, group, shelter, direction="to", leave=False)[
        "reason"
    ].tolist() == ["crosses_hazard"]


def test_nobody_walks_in():
    wet = close_roads(network(TOWN), ZONE)
    outside, inside = points([(150, 0)]), points([(250, 80)])
    assert travel_times(wet, outside, points([(400, 0)])).iloc[0, 0] == (
        pytest.approx(0.5 + 4 + 5 + 4 + 2)
    )
    for direction in ("to", "from"):
        found = nearest(wet, outside, inside, direction=direction)
        assert found["reason"].tolist() == ["crosses_hazard"]


def test_a_second_zone_on_the_way_out_is_not_crossed():
    lines = [[(0, 0), (1000, 0)]]
    zones = boxes([(200, -50, 300, 50), (400, -50, 500, 50), (0, -50, 100, 50)])
    wet = close_roads(network(lines), zones)
    group = points([(250, 0)])
    assert nearest(wet, group, points([(390, 0)]), direction="to")["time_min"].iloc[
        0
    ] == (pytest.approx(1.4))
    beyond = nearest(wet, group, points([(700, 0)]), direction="to")
    assert beyond["reason"].tolist() == ["crosses_hazard"]
    assert beyond["time_min"].isna().all()


def test_in_two_zones_both_are_left_but_a_third_is_not_entered():
    zones = boxes([(200, -50, 300, 50), (250, -50, 400, 50), (350, -50, 500, 50)])
    wet = close_roads(network(STREET), zones)
    found = nearest(
        wet, points([(280, 0)]), points([(0, 0), (1000, 0)]), direction="to"
    )
    assert found[["facility", "length_m"]].to_numpy().tolist() == [
        [0, pytest.approx(280)]
    ]


def test_an_access_leg_does_not_cross_a_zone():
    net = network([[(0, 0), (1000, 0)], [(0, 300), (1000, 300)], [(0, 0), (0, 300)]])
    wet = close_roads(net, boxes([(-100, 20, 2000, 60)]))
    found = snap(wet, points([(500, 100), (500, 10)]))
    assert found["distance_m"].tolist() == pytest.approx([200, 10])
    none = snap(wet, points([(500, 100)]), max_distance_m=150)
    assert none["reason"].tolist() == ["crosses_hazard"]


def test_a_hamlet_across_a_gap_is_cut_off():
    net = network([[(0, 0), (3000, 0)], [(1000, 1500), (1200, 1500)]])
    hamlet, shelter = points([(1100, 1500)]), points([(0, 0)])
    for found in (
        nearest(net, hamlet, shelter, direction="to"),
        nearest(net, hamlet, shelter, direction="from"),
        shortest_paths(net, hamlet, shelter),
    ):
        assert found["reason"].tolist() == ["cut_off"]
        assert found["time_min"].isna().all()
    assert travel_times(net, hamlet, shelter).isna().to_numpy().all()


def test_thousands_of_zones_on_a_large_network_in_seconds():
    rng = np.random.default_rng(4)
    lines = [[(x, 0), (x, 6000)] for x in range(0, 6000, 100)]
    lines += [[(0, y), (6000, y)] for y in range(0, 6001, 100)]
    net = build_network(roads(lines))
    corner = rng.uniform(0, 5900, (3000, 2))
    zones = boxes([(x, y, x + 40, y + 40) for x, y in corner])
    made = close_roads(net, zones)
    want = (
        net.edges().length.sum()
        - net.edges().difference(zones.union_all()).length.sum()
    )
    assert made.edge_length_m[~made.is_open].sum() == pytest.approx(want, abs=1e-3)
