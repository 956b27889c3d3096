# ruff: noqa: ANN001, ANN201
"""Zones and water that slow, on a street known by construction."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from riskmap.errors import LayerError, NetworkError
from riskmap.routing import build_network, close_roads, slow_roads, travel_times
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
    with pytest.raises(NetworkError, match='mode "drive"'):
        slow_roads(drive, path)
    with pytest.raises(NetworkError, match='"giants"'):
        slow_roads(network(STREET), path, group="giants")
