"""The batch audit of shelters on the valley road."""

import geopandas as gpd
import pandas as pd
import pytest
from coverage_world import CRS, at, roads
from shapely import Point, box

from riskmap.coverage import audit_shelters
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network, build_network


def shelters(places: list[Point | None], **columns: object) -> gpd.GeoDataFrame:
    ids = [f"S{row}" for row in range(len(places))]
    base = {"shelter_id": ids, "name": ids, "declared_people": 100}
    return gpd.GeoDataFrame({**base, **columns}, geometry=places, crs=CRS)


def groups(places: list[Point], people: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"people": people}, geometry=places, crs=CRS)


@pytest.fixture(scope="module")
def walk() -> Network:
    """Walk the valley road at 3 km/h: 50 m a minute."""
    return build_network(roads(), mode="walk", speeds={"村道": 3})


def test_who_reaches_which_shelter_first_and_by_when(walk: Network) -> None:
    audit = audit_shelters(
        shelters([at(0), at(3000)], effective_area_m2=[90, None]),
        groups([at(400), at(600), at(1400), at(2800), at(8000)], [1, 2, 4, 8, 16]),
        walk,
    )
    assert audit["computed_people"].tolist() == [60, pd.NA]
    assert audit["available_people"].tolist() == [60, 100]
    assert audit["demand_people"].tolist() == [7, 24]
    assert audit["demand_groups"].tolist() == [3, 2]
    assert audit["people_10_min"].tolist() == [1, 8]
    assert audit["people_15_min"].tolist() == [3, 8]
    assert audit["people_30_min"].tolist() == [7, 8]
    assert audit["people_per_bed"].tolist() == pytest.approx([7 / 60, 8 / 100])
    assert audit["reason"].tolist() == ["ok", "ok"]


def test_a_shelter_in_danger_still_shows_who_would_come(walk: Network) -> None:
    zone = gpd.GeoDataFrame(
        {"hazard": ["山洪"]},
        geometry=[box(*at(-50, -50).coords[0], *at(50, 50).coords[0])],
        crs=CRS,
    )
    audit = audit_shelters(
        shelters([at(0), at(3000)]), groups([at(400)], [9]), walk, zones=zone
    )
    assert audit["available_people"].tolist() == [0, 100]
    assert audit["zone_hazards"].tolist() == ["山洪", ""]
    assert audit["demand_people"].tolist() == [9, 0]
    assert audit["reason"].tolist() == ["shelter_at_risk", "ok"]
    assert audit["people_per_bed"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (at(500, 5000), "cut_off"),
        (at(500, 2500), "too_far_from_road"),
        (None, "insufficient_data"),
        (at(100), "ok"),
    ],
)
def test_a_shelter_nobody_can_reach_says_so(
    walk: Network, place: Point | None, reason: str
) -> None:
    audit = audit_shelters(shelters([place]), groups([at(0)], [9]), walk)
    assert audit["reason"].tolist() == [reason]


def test_unknown_numbers_count_as_groups_not_as_people(walk: Network) -> None:
    audit = audit_shelters(
        shelters([at(0)], declared_people=-5), groups([at(0), at(1)], [None, 5]), walk
    )
    assert audit["demand_people"].tolist() == [5]
    assert audit["demand_groups"].tolist() == [2]
    assert audit["declared_people"].isna().all()
    assert audit["reason"].tolist() == ["insufficient_data"]


def test_kits_are_read_from_the_stock(walk: Network) -> None:
    stock = [
        "卫星电话、水泵、发电机",
        "头盔、手电、雨衣、救生衣、发电机",
        "被褥",
        "",
        None,
    ]
    audit = audit_shelters(
        shelters([at(0)] * 5, stock=stock), groups([at(0)], [1]), walk
    )
    assert audit["big_kit"].tolist() == [3, 1, 0, pd.NA, pd.NA]
    assert audit["small_kit"].tolist() == [0, 4, 0, pd.NA, pd.NA]


def test_empty_frames(walk: Network) -> None:
    assert audit_shelters(shelters([]), groups([at(0)], [1]), walk).empty
    audit = audit_shelters(shelters([at(0)]), groups([], []), walk)
    assert audit["demand_people"].tolist() == [0]


def test_index_order_and_crs_are_kept(walk: Network) -> None:
    frame = shelters([at(0), at(3000)]).to_crs(4490).set_index(pd.Index(["乙", "甲"]))
    audit = audit_shelters(frame, groups([at(400)], [9]).to_crs(4490), walk)
    assert audit.index.tolist() == ["乙", "甲"]
    assert audit.crs == frame.crs
    assert audit.geometry.equals(frame.geometry)


def test_bad_frames_are_refused(walk: Network) -> None:
    place = groups([at(0)], [1])
    with pytest.raises(LayerError, match="shelter_id"):
        audit_shelters(shelters([at(0)]).drop(columns="shelter_id"), place, walk)
    with pytest.raises(LayerError, match="groups have no column people"):
        audit_shelters(shelters([at(0)]), place[["geometry"]], walk)
    with pytest.raises(CrsError, match="different CRS"):
        audit_shelters(shelters([at(0)]), place.to_crs(4490), walk)
