"""Circles in true metres, whatever the CRS; nobody is inside by a map's error."""

import math
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from coverage_world import CRS, at, teams
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from riskmap.coverage import rescue_circles, service_circles
from riskmap.coverage.circles import circle_pairs
from riskmap.errors import CrsError, LayerError, StandardError
from riskmap.standards import service_reach

GEOD = pyproj.Geod(ellps="GRS80")
CHINA = [
    (121.2, 28.1),
    (75.9, 39.5),
    (122.3, 53.5),
    (109.5, 18.2),
    (116.4, 39.9),
    (134.7, 48.3),
]


def one_team(lon: float, lat: float, crs: object = 4490) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"team_id": ["T"], "name": ["队"]}, geometry=[Point(lon, lat)], crs=4490
    )
    return frame.to_crs(crs)


@pytest.mark.parametrize(("lon", "lat"), CHINA)
@pytest.mark.parametrize("standard", ["three_minute", "fifteen_minute"])
def test_areas_are_true_anywhere_in_china(
    lon: float, lat: float, standard: str
) -> None:
    circle = rescue_circles(one_team(lon, lat), standard=standard).iloc[0]
    area = abs(GEOD.geometry_area_perimeter(circle.geometry)[0])
    assert area == pytest.approx(math.pi * circle["radius_m"] ** 2, rel=1e-3)


@pytest.mark.parametrize("crs", [4326, 4549, 4548, 32651, 3857])
def test_the_callers_crs_changes_nothing(crs: int) -> None:
    circles = rescue_circles(one_team(121.2, 28.1, crs), standard="three_minute")
    assert circles.crs == pyproj.CRS(crs)
    back = circles.to_crs(4490).geometry.iloc[0]
    area = abs(GEOD.geometry_area_perimeter(back)[0])
    assert area == pytest.approx(math.pi * 1000**2, rel=1e-3)


@pytest.mark.parametrize(("lon", "lat"), CHINA)
def test_a_buffer_in_web_mercator_would_be_wrong(lon: float, lat: float) -> None:
    web = one_team(lon, lat, 3857).buffer(1000).to_crs(4490).iloc[0]
    area = abs(GEOD.geometry_area_perimeter(web)[0])
    expected = math.cos(math.radians(lat)) ** 2
    assert area / (math.pi * 1000**2) == pytest.approx(expected, rel=0.02)
    assert area < 0.92 * math.pi * 1000**2


def test_circles_show_themselves_with_rows_that_draw_nothing() -> None:
    frame = teams([0, None]).to_crs(4490)
    assert isinstance(
        rescue_circles(frame, standard="three_minute").explore(), folium.Map
    )


def test_radii_follow_the_tier_and_the_teams_own_turnout() -> None:
    frame = teams([0, 0, 0, 0], turnout_min=[None, 2, 3, -1])
    circles = rescue_circles(frame, standard="135_taizhou")
    table = circles.set_index(["tier", "team_id"])["radius_m"]
    assert set(circles["tier"]) == {2, 3}, "a tier that means start draws no circle"
    assert table.loc[2].tolist() == pytest.approx(
        [1000, 500, np.nan, 1000], nan_ok=True
    )
    assert table.loc[3].tolist() == pytest.approx([2000, 1500, 1000, 2000])
    assert circles["assumed"].all()
    assert circles["basis"].str.contains("假定值").all()


@pytest.mark.parametrize(
    ("columns", "standard", "reason"),
    [
        ({}, "three_minute", "ok"),
        ({"turnout_min": 3}, "three_minute", "turnout_too_long"),
        ({"members_people": 0}, "three_minute", "under_strength"),
        ({"members_people": None}, "three_minute", "ok"),
        ({"kind": None}, "three_minute", "ok"),
        ({"kind": None}, "fire_station", "insufficient_data"),
    ],
)
def test_a_team_that_covers_nobody_says_why(
    columns: dict[str, object], standard: str, reason: str
) -> None:
    row = rescue_circles(teams([0], **columns), standard=standard).iloc[0]
    assert row["reason"] == reason
    assert (row.geometry is None) == (reason != "ok")
    assert math.isnan(row["radius_m"]) == (reason != "ok")


@pytest.mark.parametrize("place", [None, Point()])
def test_a_team_without_place_is_a_row_without_circle(place: Point | None) -> None:
    row = rescue_circles(teams([place]), standard="three_minute").iloc[0]
    assert row["reason"] == "insufficient_data"
    assert row.geometry is None


def test_units_of_other_kinds_are_not_drawn() -> None:
    frame = teams([0, 0], kind=["微型消防站", "乡镇专职消防队"])
    circles = rescue_circles(frame, standard="fire_station")
    assert circles["team_id"].tolist() == ["T1"]
    assert circles["radius_m"].tolist() == pytest.approx([4 / 60 * 35_000 / 1.4])


def test_no_teams_is_an_empty_frame() -> None:
    circles = rescue_circles(teams([]), standard="three_minute")
    assert circles.empty
    assert circles.crs == pyproj.CRS(CRS)


def test_bad_calls_are_refused() -> None:
    with pytest.raises(CrsError, match="no CRS"):
        rescue_circles(teams([0]).set_crs(None, allow_override=True), standard="123")
    with pytest.raises(LayerError, match="team_id"):
        rescue_circles(teams([0]).drop(columns="team_id"), standard="123")
    with pytest.raises(StandardError, match="no rescue circle"):
        rescue_circles(teams([0]), standard="4_minute")


def test_service_circles_take_a_number_or_a_column() -> None:
    frame = teams([0, 1000, None], radius=[100, None, 100])
    assert service_circles(frame, radius_m=500).geometry.notna().tolist() == [
        True,
        True,
        False,
    ]
    drawn = service_circles(frame, radius_m="radius")
    assert drawn.geometry.notna().tolist() == [True, False, False]
    assert drawn.geometry.iloc[0].area == pytest.approx(math.pi * 100**2, rel=1e-3)
    assert drawn["team_id"].equals(frame["team_id"])
    with pytest.raises(LayerError, match="no column range"):
        service_circles(frame, radius_m="range")


@pytest.mark.parametrize(
    ("reach", "radius", "assumed"),
    [
        ("air", 50_000.0, True),
        ("broadcast", 300.0, True),
        ("siren", 500.0, True),
        ("supply", 2000.0, True),
        ("fire_water", 150.0, True),
        ("enterprise", 500.0, True),
        ("guangdong_emergency", 500.0, False),
    ],
)
def test_every_kind_of_circle_is_drawn_by_the_same_means(
    reach: str, radius: float, *, assumed: bool
) -> None:
    drawn = service_circles(teams([0, None]), reach=reach)
    assert drawn["radius_m"].tolist() == [radius, radius]
    assert drawn["assumed"].tolist() == [assumed, assumed]
    assert drawn["basis"].str.contains("假定值").tolist() == [assumed, assumed]
    area, _ = GEOD.geometry_area_perimeter(drawn.geometry.to_crs(4490).iloc[0])
    assert abs(area) == pytest.approx(math.pi * radius**2, rel=1e-3)
    assert drawn.geometry.iloc[1] is None


def test_what_the_census_says_comes_before_a_project_choice() -> None:
    drawn = service_circles(
        teams([0, 1000], radius=[120, None]), radius_m="radius", reach="broadcast"
    )
    assert drawn["radius_m"].tolist() == [120, 300]
    assert drawn["assumed"].tolist() == [False, True]
    with pytest.raises(LayerError, match="needs radius_m"):
        service_circles(teams([0]))
    with pytest.raises(StandardError, match="no service circle"):
        service_circles(teams([0]), reach="balloon")


def test_aircraft_that_start_too_late_have_no_circle(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    lines = ["[late]", "limit_min = 10", "turnout_min = 10", "cruise_kmh = 200"]
    own.write_text("\n".join([*lines, 'source = "t"', 'evidence = "S"']), "utf-8")
    with pytest.raises(StandardError, match="radius of 0 m"):
        service_reach("late", table=own)
    own.write_text('[half]\nlimit_min = 10\nsource = "t"\nevidence = "S"', "utf-8")
    with pytest.raises(StandardError, match="no turnout_min"):
        service_reach("half", table=own)


@settings(max_examples=50, deadline=None)
@given(
    people=st.lists(
        st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), max_size=8
    ),
    units=st.lists(
        st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(0, 4000)),
        max_size=5,
    ),
)
def test_pairs_are_those_within_geodesic_distance(
    people: list[tuple[float, float]], units: list[tuple[float, float, float]]
) -> None:
    points = gpd.GeoDataFrame(geometry=[at(x, y) for x, y in people], crs=CRS)
    sites = gpd.GeoDataFrame(geometry=[at(x, y) for x, y, _ in units], crs=CRS)
    radii = np.array([radius for *_, radius in units])
    point, unit = circle_pairs(points, sites, radii)
    lonlat = points.to_crs(4490).get_coordinates().to_numpy()
    others = sites.to_crs(4490).get_coordinates().to_numpy()
    expected = {
        (i, j)
        for i in range(len(points))
        for j in range(len(sites))
        if radii[j] > 0 and GEOD.inv(*lonlat[i], *others[j])[2] <= radii[j]
    }
    assert set(zip(point.tolist(), unit.tolist(), strict=True)) == expected


def test_inputs_stay_as_they_are() -> None:
    frame = teams([0, 1000])
    before = frame.copy()
    rescue_circles(frame, standard="135_units")
    service_circles(frame, radius_m=10)
    pd.testing.assert_frame_equal(frame, before)
