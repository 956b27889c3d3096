"""Shifted layers are found from evidence; unshifted ones never are."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmap.census import Source, build_census
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


OLD_DATUMS = ((115, 5), (-60, 90), (-5, -120))
"""East and north, metres: about as far as Beijing 54 and Xi'an 80 lie off."""


def moved(points: gpd.GeoDataFrame, east_m: float, north_m: float) -> gpd.GeoDataFrame:
    return points.set_geometry(points.translate(east_m / 98e3, north_m / 111e3))


@pytest.mark.slow
def test_found_in_most_trials_and_no_false_alarm(
    roads: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trials = 200
    gcj, bd = (wgs84_to_gcj02_lonlat,), (wgs84_to_gcj02_lonlat, gcj02_to_bd09_lonlat)
    found = {one: Counter() for one in ("true", "gcj02", "bd09", "old")}
    for seed in range(trials):
        for name, shift in (("true", ()), ("gcj02", gcj), ("bd09", bd), ("old", ())):
            points = scattered(seed, roads, villages, count=44, shift=shift).head(30)
            if name == "old":
                points = moved(points, *OLD_DATUMS[seed % len(OLD_DATUMS)])
            offset = find_offset(points, villages=villages, near=[roads])
            found[name][offset.verdict] += 1
    with capsys.disabled():
        print(f"\noffsets of {trials}: {found}")  # noqa: T201
    assert found["gcj02"]["gcj02"] >= 0.95 * trials
    assert found["bd09"]["bd09"] >= 0.95 * trials
    assert set(found["true"]) <= {"clear", "undetermined"}
    assert found["true"]["clear"] >= 0.95 * trials
    assert set(found["old"]) <= {"datum_suspect", "undetermined", "clear"}
    assert found["old"]["datum_suspect"] >= 0.75 * trials
    assert found["old"]["clear"] <= 0.05 * trials


@pytest.mark.parametrize(("east_m", "north_m"), OLD_DATUMS)
def test_with_points_enough_an_old_datum_is_measured(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, east_m: int, north_m: int
) -> None:
    for seed in range(3):
        points = moved(scattered(seed, roads, villages, count=150), east_m, north_m)
        offset = find_offset(points, villages=villages, near=[roads])
        assert offset.verdict == "datum_suspect"
        assert offset.drift is not None
        assert offset.drift.east_m == pytest.approx(east_m, abs=30)
        assert offset.drift.north_m == pytest.approx(north_m, abs=30)
        assert offset.after_m < 0.7 * offset.before_m


def test_a_step_that_no_datum_makes_is_not_named(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    points = moved(scattered(3, roads, villages, count=150), 330, 100)
    offset = find_offset(points, villages=villages, near=[roads])
    assert offset.verdict == "undetermined"


def test_the_ledger_names_an_old_datum_with_its_numbers(
    roads: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    points = moved(scattered(5, roads, villages, count=150), -5, -120)
    sites = points.assign(
        shelter_id=[f"B{k}" for k in range(len(points))],
        name=[f"礼堂{k}" for k in range(len(points))],
    )
    named = villages.assign(name=[f"村{k}" for k in range(len(villages))])
    streets = roads.assign(road_id=[f"R{k}" for k in range(len(roads))])
    census = build_census(
        {
            "villages": Source(named),
            "roads": Source(streets),
            "shelters": Source(sites),
        },
        as_of="2024-06-01",
    )
    assert census.sources.set_index("layer")["offset"]["shelters"] == "datum_suspect"
    said = census.findings.set_index("rule").loc["datum_suspect"]
    assert re.search("整体偏南约 1[0-4]0 米", said["message"])
    assert f"{len(points)} 个点" in said["message"]
    assert said["severity"] == "error"
    before = points.geometry.get_coordinates().to_numpy()
    after = census["shelters"].geometry.get_coordinates().to_numpy()
    assert after == pytest.approx(before, abs=1e-9)


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
