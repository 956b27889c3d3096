"""Room in shelters: three numbers kept apart, and a reason for each shelter."""

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from riskmap.errors import CrsError, StandardError
from riskmap.standards import hazards_at, is_assumed, shelter_capacity, shelter_profile


def shelter(**fields: object) -> gpd.GeoDataFrame:
    row = {"declared_people": 100, "effective_area_m2": 90.0, **fields}
    at = row.pop("at", Point(0, 0))
    return gpd.GeoDataFrame([row], geometry=[at], crs=4490)


def zone(hazard: str | None = "滑坡", *, left: float = -1.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"hazard": [hazard]}, geometry=[box(left, -1, 1, 1)], crs=4490
    )


@pytest.mark.parametrize(
    ("fields", "computed", "available", "reason"),
    [
        ({}, 60, 60, "ok"),
        ({"declared_people": 40}, 60, 40, "ok"),
        ({"effective_area_m2": None}, None, 100, "ok"),
        ({"declared_people": None}, 60, 60, "ok"),
        (
            {"declared_people": None, "effective_area_m2": None},
            None,
            None,
            "insufficient_data",
        ),
        ({"declared_people": -5}, 60, 60, "ok"),
        (
            {"declared_people": -5, "effective_area_m2": -1},
            None,
            None,
            "insufficient_data",
        ),
        ({"declared_people": "许多"}, 60, 60, "ok"),
        ({"declared_people": 0}, 60, 0, "full"),
        ({"effective_area_m2": float("inf")}, None, 100, "ok"),
        ({"assessed": False}, 60, 60, "no_assessment"),
        ({"assessed": None}, 60, 60, "ok"),
        ({"assessed": "不详"}, 60, 60, "ok"),
    ],
)
def test_capacity_is_the_lesser_of_what_is_known(
    fields: dict[str, object], computed: int | None, available: int | None, reason: str
) -> None:
    row = shelter_capacity(shelter(**fields)).iloc[0]
    assert (
        (row["computed_people"] == computed)
        if computed
        else pd.isna(row["computed_people"])
    )
    assert (
        (row["available_people"] == available)
        if available is not None
        else pd.isna(row["available_people"])
    )
    assert row["reason"] == reason


def test_without_any_column_everything_is_unknown() -> None:
    bare = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=4490)
    table = shelter_capacity(bare)
    assert table["available_people"].isna().all()
    assert table["reason"].tolist() == ["insufficient_data"]


@pytest.mark.parametrize(
    ("at", "zones", "available", "reason"),
    [
        (Point(0, 0), zone(), 0, "shelter_at_risk"),
        (Point(1, 0), zone(), 0, "shelter_at_risk"),  # on the border is inside
        (Point(5, 0), zone(), 60, "ok"),
        (Point(0, 0), zone().iloc[:0], 60, "ok"),
        (None, zone(), None, "insufficient_data"),
        (Point(), zone(), None, "insufficient_data"),
        (None, None, 60, "ok"),
    ],
)
def test_a_shelter_in_danger_has_no_room(
    at: Point | None, zones: gpd.GeoDataFrame | None, available: int | None, reason: str
) -> None:
    row = shelter_capacity(shelter(at=at), zones=zones).iloc[0]
    assert row["reason"] == reason
    if available is None:
        assert pd.isna(row["available_people"])
    else:
        assert row["available_people"] == available


@pytest.mark.parametrize(
    ("meant_for", "hazards", "reason"),
    [
        ("台风、洪涝", {"台风"}, "ok"),
        ("台风、洪涝", {"山洪", "风暴潮"}, "ok"),
        ("地质灾害", {"滑坡"}, "ok"),
        ("地质灾害", {"滑坡", "台风"}, "wrong_hazard_type"),
        ("地震", {"台风"}, "wrong_hazard_type"),
        ("综合", {"台风"}, "ok"),
        ("", {"台风"}, "ok"),
        (None, {"台风"}, "ok"),
        ("火山", {"火山"}, "ok"),
        ("台风", {"火山"}, "wrong_hazard_type"),
    ],
)
def test_a_shelter_is_meant_for_every_hazard_of_the_scenario(
    meant_for: str | None, hazards: set[str], reason: str
) -> None:
    row = shelter_capacity(shelter(hazards=meant_for), hazards=hazards).iloc[0]
    assert row["reason"] == reason
    assert row["available_people"] == (60 if reason == "ok" else 0)


def test_only_zones_of_the_scenario_count_and_those_that_name_no_hazard() -> None:
    zones = pd.concat([zone("滑坡"), zone("山洪"), zone(None)])
    place = shelter()
    assert hazards_at(place, zones).tolist() == ["不明、山洪、滑坡"]
    assert hazards_at(place, zones, hazards={"山洪"}).tolist() == ["不明、山洪"]
    assert hazards_at(place, zones.iloc[:1], hazards={"山洪"}).tolist() == [""]
    assert hazards_at(place, zones.drop(columns="hazard")).tolist() == ["不明"]


def test_inputs_and_index_are_left_alone() -> None:
    frame = pd.concat([shelter(), shelter(declared_people=7)]).set_index(
        pd.Index(["乙", "甲"])
    )
    before = frame.copy()
    table = shelter_capacity(frame, zones=zone())
    assert table.index.tolist() == ["乙", "甲"]
    assert frame.equals(before)
    assert set(table.dtypes.astype(str).iloc[:3]) == {"Int64"}


@given(
    declared=st.none() | st.integers(-10, 2000),
    area=st.none() | st.floats(-10, 5000),
    profile=st.sampled_from(["gb21734_living", "gb51143_short", "sphere_2018"]),
)
def test_available_never_exceeds_what_is_declared_or_computed(
    declared: int | None, area: float | None, profile: str
) -> None:
    table = shelter_capacity(
        shelter(declared_people=declared, effective_area_m2=area), profile=profile
    )
    row = table.iloc[0]
    for bound in ("declared_people", "computed_people"):
        if not pd.isna(row[bound]):
            assert row["available_people"] <= row[bound]
    unknown = pd.isna(row["declared_people"]) and pd.isna(row["computed_people"])
    assert pd.isna(row["available_people"]) == unknown
    assert (row["reason"] == "insufficient_data") == unknown


def test_profiles_say_where_their_number_comes_from() -> None:
    assert shelter_profile()["m2_per_person"] == 1.5
    assert is_assumed(shelter_profile())
    with pytest.raises(StandardError, match=r"gb44013.*there are gb21734_living"):
        shelter_profile("gb44013")


def test_mixed_crs_is_refused() -> None:
    with pytest.raises(CrsError, match="one CRS"):
        shelter_capacity(shelter(), zones=zone().to_crs(4326))
    with pytest.raises(CrsError, match="None"):
        shelter_capacity(shelter(), zones=zone().set_crs(None, allow_override=True))


def test_one_building_in_two_rows_counts_once() -> None:
    spot, far = Point(121.1, 28.0), Point(121.2, 28.0)
    shelters = gpd.GeoDataFrame(
        {
            "name": ["礼堂", "礼堂", "礼堂", "学校", None, None],
            "declared_people": [40, 80, 30, 50, 10, 10],
        },
        geometry=[spot, spot, far, spot, spot, spot],
        crs=4490,
    )
    table = shelter_capacity(shelters)
    assert table["available_people"].isna().tolist() == [True] + [False] * 5
    assert table["reason"].iloc[0] == "insufficient_data"
    assert table["available_people"].sum() == 80 + 30 + 50 + 10 + 10
