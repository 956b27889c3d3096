# ruff: noqa: ANN001, ANN201, ANN202
"""Bad input: one clear error that names what is wrong; a round trip that is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from riskmap.errors import CrsError, LayerError, NetworkError
from riskmap.routing import (
    build_network,
    close_roads,
    nearest,
    slow_roads,
    snap,
    travel_times,
)
from tests.routing.builders import CRS, EAST, NORTH, boxes, network, points, roads

STREET = [[(0, 0), (1000, 0)]]


@pytest.mark.parametrize("minutes", [-1.0, np.nan])
def test_minutes_that_make_no_sense_stop_a_search(minutes):
    net = network(STREET)
    bad = net.changed(forward_min=np.full(len(net), minutes))
    with pytest.raises(NetworkError, match="have negative or unknown minutes"):
        travel_times(bad, points([(0, 0)]), points([(900, 0)]))


@pytest.mark.parametrize("kmh", [0, -5, float("nan"), float("inf")])
def test_speeds_that_make_no_sense_are_named(kmh):
    with pytest.raises(NetworkError, match=r"speeds must be above 0.*村道"):
        network(STREET, speeds={"村道": kmh})


def raster(path, *, crs=CRS, east=0.0):
    with rasterio.open(
        path, "w", driver="GTiff", height=1, width=10, count=1, dtype="float32",
        crs=crs, transform=rasterio.Affine(
            100.0, 0.0, EAST + east, 0.0, -100.0, NORTH + 50),
    ) as made:  # fmt: skip
        made.write(np.ones((1, 10), dtype="float32"), 1)
    return path


@pytest.mark.parametrize("ask", [
    lambda net, path: close_roads(net, path, depth_limit_m=0.5), slow_roads,
])  # fmt: skip
def test_a_raster_elsewhere_or_nowhere_is_named(tmp_path, ask):
    net = network(STREET)
    far = raster(tmp_path / "远.tif", east=500_000)
    with pytest.raises(NetworkError, match=r"远\.tif does not overlap the network"):
        ask(net, far)
    nowhere = raster(tmp_path / "无.tif", crs=None)
    with pytest.raises(NetworkError, match=r"无\.tif declares no CRS"):
        ask(net, nowhere)


def test_frames_in_other_crs_are_brought_over_and_those_without_are_refused():
    net = network(STREET)
    zone = boxes([(200, -50, 300, 50)]).to_crs(3857)
    shut = close_roads(net, zone)
    assert shut.edge_length_m[~shut.is_open].sum() == pytest.approx(100, abs=0.01)
    place = points([(250, 30)]).set_crs(None, allow_override=True)
    for ask in (snap, lambda n, p: nearest(n, p, p, direction="to")):
        with pytest.raises(CrsError, match="no CRS"):
            ask(net, place)


def test_points_are_no_roads():
    with pytest.raises((LayerError, NetworkError), match=r"0 roads|no line"):
        build_network(points([(0, 0)], road_id=["a"], road_class=["村道"]))


BENT = [
    [(0, 0), (400, 30), (1000, 0)], [(500, -300), (500, 300)],
    [(0, 0), (200, 200), (1000, 0)],
    [(250, -50), (250, 50)], [(2000, 2000), (2100, 2000)],
]  # fmt: skip
COLUMNS = {
    "oneway": ["yes", None, "-1", None, None],
    "bridge": [False, False, False, True, False],
    "surface": [None, "碎石", None, None, None],
    "technical_grade": ["四级", None, None, None, None],
    "name": ["竹溪路", None, "环线", "桥", None],
    "road_class": ["县道", "村道", "乡道", "村道", "村道"],
}  # fmt: skip


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_edges_make_the_same_network_again(mode):
    made = build_network(roads(BENT, **COLUMNS), mode=mode)
    again = build_network(made.edges(), mode=mode)
    assert len(again) == len(made)
    columns = ["road_id", "road_name", "road_class", "length_m"]
    minutes = ["forward_min", "backward_min"]

    def rows(net):
        frame = pd.DataFrame(net.edges()[[*columns, *minutes]]).round(6)
        frame[minutes] = np.sort(frame[minutes].to_numpy(), axis=1)
        return frame.fillna("").sort_values(columns).to_numpy().tolist()

    assert rows(again) == rows(made)
    ends = points([(0, 0), (1000, 0), (500, 300), (500, -300)])
    np.testing.assert_allclose(
        travel_times(again, ends, ends), travel_times(made, ends, ends)
    )


def test_a_bridge_and_a_road_below_stay_apart_in_the_round_trip():
    made = build_network(roads(BENT, **COLUMNS))
    again = build_network(made.edges())
    assert int(again.component.max()) == int(made.component.max()) == 2
    crossing = shapely.Point(EAST + 250, NORTH + 18.75)
    nodes = shapely.points(again.node_xy)
    assert shapely.distance(nodes, crossing).min() > 10
