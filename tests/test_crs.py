"""Metres, Gauss-Krueger zones, and the shifts of Chinese web maps."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from riskmap import crs
from riskmap.errors import CrsError

VECTORS = Path(__file__).parents[2] / "shared/data/gcj-vectors"
METRE_DEG = 1 / 111_000

lons = st.floats(73.5, 135.0)
lats = st.floats(3.0, 53.5)


def frame(x: float, y: float, code: int | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(x, y)], crs=code)


@pytest.mark.parametrize(
    ("lon", "code"), [(75.0, 4534), (119.65, 4549), (121.23, 4549), (121.6, 4550)]
)
def test_zones_are_those_of_the_proj_database(lon: float, code: int) -> None:
    assert crs.gauss_krueger_crs(lon).to_epsg() == code
    assert crs.metric_crs(frame(lon, 28.0, 4490)).to_epsg() == code


def test_a_known_point_falls_where_the_reference_says() -> None:
    point = crs.to_metric(frame(119.65, 29.08, 4490)).geometry.iloc[0]
    assert point.x == pytest.approx(465_922.562, abs=1e-3)
    assert point.y == pytest.approx(3_218_186.826, abs=1e-3)


def test_outside_the_zones_utm_is_used() -> None:
    assert crs.metric_crs(frame(1.5, 42.5, 4326)).to_epsg() == 32631


def test_metres_stay_as_they_are_but_web_mercator_does_not() -> None:
    assert crs.metric_crs(frame(4e5, 3e6, 4549)).to_epsg() == 4549
    assert crs.metric_crs(frame(1.35e7, 3.2e6, 3857)).to_epsg() != 3857


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (frame(1, 1, None), "1 rows have no CRS"),
        (frame(0, 0, 4490).iloc[:0], "no geometry"),
    ],
)
def test_frames_that_cannot_be_measured_are_refused(
    bad: gpd.GeoDataFrame, words: str
) -> None:
    with pytest.raises(CrsError, match=words):
        crs.metric_crs(bad)


def test_web_mercator_is_refused_as_a_measure() -> None:
    with pytest.raises(CrsError, match="true metres"):
        crs.to_metric(frame(121, 28, 4490), crs=3857)


def test_two_crs_are_an_error_that_names_both() -> None:
    with pytest.raises(CrsError, match=r"EPSG:4490 and EPSG:4326"):
        crs.same_crs(frame(1, 1, 4490), frame(1, 1, 4326))


@given(lon=lons, lat=lats)
def test_gcj02_comes_back_within_a_millimetre(lon: float, lat: float) -> None:
    there = crs.wgs84_to_gcj02_lonlat(np.array([lon]), np.array([lat]))
    back = crs.gcj02_to_wgs84_lonlat(*there)
    assert abs(back[0][0] - lon) < METRE_DEG / 1000
    assert abs(back[1][0] - lat) < METRE_DEG / 1000


@given(lon=lons, lat=lats)
def test_bd09_comes_back_within_a_millimetre(lon: float, lat: float) -> None:
    there = crs.gcj02_to_bd09_lonlat(np.array([lon]), np.array([lat]))
    back = crs.bd09_to_gcj02_lonlat(*there)
    assert abs(back[0][0] - lon) < METRE_DEG / 1000
    assert abs(back[1][0] - lat) < METRE_DEG / 1000


def test_frames_shift_and_keep_their_rows() -> None:
    true = frame(121.2, 28.1, 4490)
    shifted = crs.wgs84_to_gcj02(true)
    assert shifted.geometry.iloc[0].distance(true.geometry.iloc[0]) > 0.004
    back = crs.gcj02_to_wgs84(shifted)
    assert back.geometry.iloc[0].equals_exact(true.geometry.iloc[0], 1e-9)
    assert list(back.columns) == list(true.columns)


def test_projected_frames_are_not_shifted() -> None:
    with pytest.raises(CrsError, match="is projected"):
        crs.gcj02_to_wgs84(frame(4e5, 3e6, 4549))


@pytest.mark.real
def test_published_vectors_are_reproduced() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the real data folder is absent")
    cities = json.loads((VECTORS / "gcoord_china-cities.json").read_text("utf-8"))
    wgs, gcj, bd09 = (
        np.array([one["coords"][name] for one in cities])
        for name in ("WGS84", "GCJ02", "BD09")
    )
    ours = crs.wgs84_to_gcj02_lonlat(wgs[:, 0], wgs[:, 1])
    assert np.abs(np.column_stack(ours) - gcj).max() < 1e-5
    theirs = crs.gcj02_to_bd09_lonlat(gcj[:, 0], gcj[:, 1])
    assert np.abs(np.column_stack(theirs) - bd09).max() < 1e-5
