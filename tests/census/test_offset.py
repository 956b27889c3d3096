"""Shifted layers are found from evidence; unshifted ones never are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmap.census.offset import find_offset
from riskmap.crs import gcj02_to_bd09_lonlat, wgs84_to_gcj02_lonlat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.crs import Shift


@pytest.fixture(scope="module")
def roads() -> gpd.GeoDataFrame:
    """A crooked grid of roads, about 900 m apart."""
    rng = np.random.default_rng(7)
    steps = np.arange(0, 0.19, 0.004)
    lines = []
    for k in range(20):
        wobble = np.cumsum(rng.normal(0, 0.0006, len(steps)))
        at = 0.009 * k
        lines.append(np.column_stack([121.1 + steps, 28.0 + at + wobble]))
        lines.append(np.column_stack([121.1 + at + wobble, 28.0 + steps]))
    shapes = [shapely.LineString(one) for one in lines]
    return gpd.GeoDataFrame(geometry=shapes, crs=4490)


@pytest.fixture(scope="module")
def villages() -> gpd.GeoDataFrame:
    cells = [
        shapely.box(
            121.1 + 0.02 * i, 28 + 0.02 * j, 121.12 + 0.02 * i, 28.02 + 0.02 * j
        )
        for i in range(9)
        for j in range(9)
    ]
    codes = [f"9901{k:08d}" for k in range(len(cells))]
    return gpd.GeoDataFrame({"village_code": codes}, geometry=cells, crs=4490)


def scattered(
    seed: int,
    roads: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    *,
    count: int = 30,
    shift: Sequence[Shift] | None = None,
) -> gpd.GeoDataFrame:
    """Points beside roads with 50 m of noise, named by their village."""
    rng = np.random.default_rng(seed)
    lines = roads.geometry.to_numpy()[rng.integers(0, len(roads), count)]
    true = shapely.line_interpolate_point(lines, rng.random(count), normalized=True)
    west, south, east, north = villages.total_bounds
    lon, lat = shapely.get_coordinates(true).T
    true = true[(lon > west) & (lon < east) & (lat > south) & (lat < north)]
    frame = gpd.GeoDataFrame(geometry=true, crs=4490)
    rows, at = villages.sindex.query(frame.geometry, predicate="within")
    codes = np.full(len(frame), None, dtype=object)
    codes[rows] = villages["village_code"].to_numpy()[at]
    lon, lat = shapely.get_coordinates(true).T + rng.normal(
        0, 50 / 111e3, (2, len(true))
    )
    for one in shift or ():
        lon, lat = one(lon, lat)
    points = gpd.points_from_xy(lon, lat, crs=4490)
    return gpd.GeoDataFrame({"village_code": codes}, geometry=points)


@pytest.mark.slow
def test_found_in_most_trials_and_no_false_alarm(
    roads: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trials = 200
    found = {"gcj02": 0, "bd09": 0}
    alarms = 0
    gcj, bd = (wgs84_to_gcj02_lonlat,), (wgs84_to_gcj02_lonlat, gcj02_to_bd09_lonlat)
    for seed in range(trials):
        for name, shift in (("gcj02", gcj), ("bd09", bd)):
            points = scattered(seed, roads, villages, count=44, shift=shift).head(30)
            verdict = find_offset(points, villages=villages, near=[roads]).verdict
            found[name] += verdict == name
        points = scattered(seed, roads, villages, count=44).head(30)
        verdict = find_offset(points, villages=villages, near=[roads]).verdict
        alarms += verdict != "clear"
    with capsys.disabled():
        print(f"\noffsets of {trials}: {found}, false alarms {alarms}")  # noqa: T201
    assert min(found.values()) >= 0.95 * trials
    assert alarms == 0


@pytest.mark.parametrize(("east_m", "north_m"), [(110, 0), (-60, 90), (-5, -120)])
def test_an_old_datum_is_never_taken_for_a_web_map(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, east_m: int, north_m: int
) -> None:
    # Beijing 54 and Xi'an 80 lie about as far off as points are noisy.
    for seed in range(20):
        points = scattered(seed, roads, villages, count=44).head(30)
        points.geometry = points.translate(east_m / 98e3, north_m / 111e3)
        verdict = find_offset(points, villages=villages, near=[roads]).verdict
        assert verdict in {"clear", "undetermined"}, seed


def test_few_points_are_undetermined(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    points = scattered(1, roads, villages, count=20, shift=(wgs84_to_gcj02_lonlat,))
    assert (
        find_offset(points, villages=villages, near=[roads]).verdict == "undetermined"
    )


def test_without_evidence_nothing_is_said(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    points = scattered(1, roads, villages, count=60).drop(columns="village_code")
    assert find_offset(points, villages=villages).verdict == "undetermined"
    assert find_offset(points).verdict == "undetermined"
