# ruff: noqa: ANN001, ANN201
"""Zones and water that slow, on a street known by construction."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from riskmap.errors import LayerError, NetworkError
from riskmap.routing import build_network, close_roads, slow_roads, travel_times
from riskmap.routing.water import driving_kmh
from tests.routing.builders import boxes, network, points, roads

STREET = [[(0, 0), (1000, 0)]]
ENDS = points([(0, 0), (1000, 0)])


def minutes(net):
    return travel_times(net, ENDS, ENDS).loc[0, 1]


def water(folder, depths):
    """Depths in columns of 100 m along the street."""
    path = folder / "depth.tif"
    band = np.tile(np.array(depths, dtype="float32"), (4, 1))
    with rasterio.open(
        path, "w", driver="GTiff", width=len(depths), height=4, count=1,
        dtype="float32", crs="EPSG:4549", nodata=-9999,
        transform=rasterio.Affine(100.0, 0.0, 500_000.0, 0.0, -100.0, 3_100_200.0),
    ) as raster:  # fmt: skip
        raster.write(band, 1)
    return path


def test_the_part_inside_is_slowed_and_the_slowest_counts():
    zones = boxes([(200, -50, 400, 50), (300, -50, 500, 50)], factor=[0.5, 0.25])
    slowed = slow_roads(network(STREET), zones)
    assert minutes(slowed) == pytest.approx(7.0 + 1 / 0.5 + 2 / 0.25)
    assert minutes(network(STREET)) == pytest.approx(10.0)
    assert slowed.is_open.all()
    assert slowed.edge_length_m.sum() == pytest.approx(1000)
    assert slowed.settings["slowed"] == "2 zones, factors 0.25 to 0.5"


def test_slowing_keeps_what_is_closed():
    shut = close_roads(network(STREET), boxes([(700, -50, 800, 50)]))
    slowed = slow_roads(shut, boxes([(650, -50, 750, 50)], factor=[0.5]))
    assert np.isnan(minutes(slowed))
    assert slowed.edge_length_m[~slowed.is_open].sum() == pytest.approx(100)


@pytest.mark.parametrize(
    ("group", "expected"), [("adult", 6 + 1 / 0.84 + 1 / 0.6 + 2 / 0.5),
                            ("with_elderly", np.nan)],
)  # fmt: skip
def test_people_wade_as_deep_as_they_can(tmp_path, group, expected):
    path = water(tmp_path, [0, 0.05, 0.15, 0.3, 0.45, 0.7, 0, 0, -9999, 0])
    slowed = slow_roads(network(STREET), path, group=group)
    assert minutes(slowed) == pytest.approx(expected, nan_ok=True)


def test_water_too_deep_closes(tmp_path):
    slowed = slow_roads(network(STREET), water(tmp_path, [0, 0, 0.9, 0]))
    assert slowed.edge_length_m[~slowed.is_open].sum() == pytest.approx(100)


@pytest.mark.parametrize("factor", [0.0, 1.5, -1.0, None])
def test_factors_must_be_factors(factor):
    with pytest.raises(LayerError, match="1 speed factors are not above 0"):
        slow_roads(network(STREET), boxes([(0, 0, 9, 9)], factor=[factor]))


def test_bad_requests(tmp_path):
    with pytest.raises(LayerError, match='no column "factor"'):
        slow_roads(network(STREET), boxes([(0, 0, 9, 9)]))
    path = water(tmp_path, [0.2])
    drive = build_network(roads(STREET), mode="drive")
    with pytest.raises(NetworkError, match="vehicles have no group"):
        slow_roads(drive, path, group="adult")
    with pytest.raises(NetworkError, match='"giants"'):
        slow_roads(network(STREET), path, group="giants")


def test_vehicles_slow_down_in_water_as_published():
    # domain.md has 2 km/h at 300 mm; the rest is the same parabola by hand.
    assert driving_kmh(0.3) == pytest.approx(2.0748)
    assert driving_kmh(0.2) == pytest.approx(86.9448 - 110.58 + 36)
    assert driving_kmh(0.5) == driving_kmh(0.3)


@pytest.mark.parametrize(
    ("mode", "closed_m", "kmh"),
    [("drive", 200, [30, 30, 30, 12.3648, 4.9698]),
     ("emergency", 100, [30, 30, 30, 12.3648, 4.9698, 2.0748])],
)  # fmt: skip
def test_vehicles_drive_through_shallow_water(tmp_path, mode, closed_m, kmh):
    path = water(tmp_path, [0, 0.04, 0.06, 0.2, 0.25, 0.4, 0.6, 0, 0, 0])
    made = build_network(roads(STREET), mode=mode, speeds={"村道": 30})
    slowed = slow_roads(made, path)
    piece = slowed.edges()
    middle = piece.interpolate(0.5, normalized=True).x - 500_000
    speed = piece["length_m"] / piece["forward_min"] * 0.06
    for column, want in enumerate(kmh):
        part = (middle // 100) == column
        np.testing.assert_allclose(speed[part], want)
    assert slowed.edge_length_m[~slowed.is_open].sum() == pytest.approx(closed_m)
    limit = {"drive": 0.3, "emergency": 0.5}[mode]
    assert set(slowed.closures()["cause"]) == {f"> {limit} m（假定值）"}
    assert slowed.settings["slowed"] == f"water up to {limit} m（假定值）"
    np.testing.assert_allclose(slowed.forward_min, slowed.backward_min)


def test_slow_roads_are_not_made_faster_and_one_way_stays(tmp_path):
    street = roads(STREET).assign(oneway="yes")
    made = build_network(street, mode="drive", speeds={"村道": 4})
    slowed = slow_roads(made, water(tmp_path, [0.1] * 10))
    np.testing.assert_allclose(slowed.forward_min.sum(), 15)
    assert np.isinf(slowed.backward_min).all()


def test_ponds_that_say_how_deep_they_are():
    pond = boxes([(200, -50, 300, 50), (400, -50, 500, 50), (600, -50, 700, 50)],
                 depth_m=[0.15, 0.9, None])  # fmt: skip
    slowed = slow_roads(network(STREET, group="elderly"), pond)
    piece = slowed.edges()
    assert slowed.edge_length_m[~slowed.is_open].sum() == pytest.approx(200)
    within = (piece.interpolate(0.5, normalized=True).x - 500_000).between(200, 300)
    assert piece["forward_min"][within].sum() == pytest.approx(1 / 0.84)
