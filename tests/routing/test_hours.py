# ruff: noqa: ANN001, ANN201
"""Closures that come and go, on a street known by construction."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from riskmap.errors import LayerError, NetworkError
from riskmap.routing import close_roads, close_roads_by_hour, travel_times
from tests.routing.builders import CRS, EAST, NORTH, boxes, network, points

STREET = [[(0, 0), (1000, 0)]]
ENDS = points([(0, 0), (1000, 0)])
INF = np.inf


def zones(bounds, closes, opens=None):
    frame = boxes(bounds, closes_min=closes)
    return frame if opens is None else frame.assign(opens_min=opens)


def closed_m(net):
    return net.edge_length_m[~net.is_open].sum()


TWO = zones([(200, -5, 300, 5), (250, -5, 400, 5)], [60, 30], [None, 90])


@pytest.mark.parametrize(
    ("minute", "metres"),
    [(0, 0), (29.9, 0), (30, 150), (59, 150), (60, 200), (89, 200), (90, 100),
     (9999, 100)],
)  # fmt: skip
def test_each_minute_has_its_closures(minute, metres):
    hourly = close_roads_by_hour(network(STREET), TWO)
    assert hourly.steps.tolist() == [0, 30, 60, 90]
    assert closed_m(hourly.at(minute)) == pytest.approx(metres)


def test_the_hours_share_every_array_but_the_causes():
    hourly = close_roads_by_hour(network(STREET), TWO)
    early, late = hourly.at(0), hourly.at(70)
    for shared in ("node_xy", "edge_u", "forward_min", "vertex_xy", "roads"):
        assert getattr(early, shared) is getattr(late, shared)
    assert hourly.at(61) is late
    assert travel_times(early, ENDS, ENDS).loc[0, 1] == pytest.approx(10)
    assert np.isnan(travel_times(late, ENDS, ENDS).loc[0, 1])


def test_when_each_edge_closes_and_opens():
    hourly = close_roads_by_hour(network(STREET), TWO)
    west = hourly.network.edges().bounds["minx"].to_numpy() - EAST
    order = np.argsort(west)
    assert hourly.closes_at_min[order].tolist() == [INF, 60, 30, 30, INF]
    rows = hourly.closures()
    assert rows["closes_min"].tolist() == [30, 30, 60]
    by_zone = rows.set_index("zone_id")["opens_min"]
    assert by_zone["Z1"] == 90
    assert by_zone[["Z0、Z1", "Z0"]].isna().all()


def test_spells_apart_stay_apart():
    spells = zones([(200, -5, 300, 5)] * 3, [10, 50, 15], [20, 60, 30])
    hourly = close_roads_by_hour(network(STREET), spells)
    rows = hourly.closures()[["closes_min", "opens_min"]]
    assert rows.to_numpy().tolist() == [[10, 30], [50, 60]]
    assert hourly.at(40).is_open.all()


def test_unknown_times_close_from_the_start_and_for_good():
    never = zones([(200, -5, 300, 5), (400, -5, 500, 5)], [None, -20], [None, 30])
    hourly = close_roads_by_hour(network(STREET), never)
    assert closed_m(hourly.at(0)) == pytest.approx(200)
    assert closed_m(hourly.at(30)) == pytest.approx(100)


def test_what_was_closed_before_stays_closed_at_every_hour():
    shut = close_roads(network(STREET), boxes([(700, -5, 800, 5)]))
    hourly = close_roads_by_hour(shut, TWO)
    assert closed_m(hourly.at(0)) == pytest.approx(100)
    assert hourly.closes_at_min.min() == 0
    assert list(hourly.network.zones.columns) == list(shut.zones.columns)


def test_a_set_of_zones_holds_until_the_next_one():
    first, second = boxes([(200, -5, 300, 5)]), boxes([(250, -5, 400, 5)])
    hourly = close_roads_by_hour(
        network(STREET), {120: second, 60: first, 180: first.iloc[:0]}
    )
    lengths = [closed_m(hourly.at(one)) for one in (0, 60, 120, 180)]
    assert lengths == pytest.approx([0, 100, 150, 0])


def test_an_hour_alone_equals_the_network_closed_then():
    hourly = close_roads_by_hour(network(STREET), TWO)
    alone = close_roads(network(STREET), TWO.iloc[[1]])
    there = points([(0, 0), (240, 0), (390, 0), (1000, 0)])
    np.testing.assert_allclose(
        travel_times(hourly.at(45), there, there), travel_times(alone, there, there)
    )


def test_rasters_of_depth_by_the_hour(tmp_path):
    hours = {}
    for minute, deep in ((0, [0, 0, 0, 0]), (60, [0, 1, 0, 0]), (120, [0, 1, 1, 0])):
        hours[minute] = tmp_path / f"{minute}.tif"
        with rasterio.open(
            hours[minute], "w", driver="GTiff", width=4, height=1, count=1,
            dtype="float32", crs=CRS,
            transform=rasterio.Affine(250.0, 0.0, EAST, 0.0, -250.0, NORTH + 125),
        ) as raster:  # fmt: skip
            raster.write(np.array([deep], dtype="float32"), 1)
    hourly = close_roads_by_hour(network(STREET), hours, depth_limit_m=0.3)
    lengths = [closed_m(hourly.at(one)) for one in (0, 60, 119, 120)]
    assert lengths == pytest.approx([0, 250, 250, 500])


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (boxes([(0, -5, 9, 5)]), LayerError, 'no column "closes_min"'),
        (zones([(0, -5, 9, 5)], ["早上"]), LayerError, "closes_min is no number"),
        (zones([(0, -5, 9, 5)], [30], [20]), LayerError, "1 zones open before"),
        ({}, NetworkError, "must be minutes"),
        ({-5: boxes([(0, -5, 9, 5)])}, NetworkError, "must be minutes"),
        ({float("nan"): boxes([(0, -5, 9, 5)])}, NetworkError, "must be minutes"),
    ],
)
def test_times_that_make_no_sense(bad, error, words):
    with pytest.raises(error, match=words):
        close_roads_by_hour(network(STREET), bad)


@pytest.mark.parametrize("minute", [-1, float("nan")])
def test_a_minute_before_the_start_is_refused(minute):
    hourly = close_roads_by_hour(network(STREET), TWO)
    with pytest.raises(NetworkError, match="from the start of the scenario"):
        hourly.at(minute)
