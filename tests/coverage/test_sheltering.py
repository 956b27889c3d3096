"""Who has a safe shelter within a walk, on the valley road at 50 m a minute."""

import geopandas as gpd
import pandas as pd
import pytest
from coverage_world import CRS, at, roads, villages
from shapely import Point, box

from riskmap.coverage import (
    audit_shelters,
    shelter_coverage,
    shelter_hazards,
    shelter_losses,
)
from riskmap.errors import LayerError
from riskmap.routing import Network, build_network


def shelters(places: list[Point | None], **columns: object) -> gpd.GeoDataFrame:
    ids = [f"S{row}" for row in range(len(places))]
    base = {"shelter_id": ids, "name": ids, "declared_people": 100}
    return gpd.GeoDataFrame({**base, **columns}, geometry=places, crs=CRS)


def zone(x: float, hazard: str | None) -> gpd.GeoDataFrame:
    area = box(*at(x - 50, -50).coords[0], *at(x + 50, 50).coords[0])
    return gpd.GeoDataFrame({"hazard": [hazard]}, geometry=[area], crs=CRS)


@pytest.fixture(scope="module")
def walk() -> Network:
    return build_network(roads(), mode="walk", speeds={"村道": 3})


def audited(sites: gpd.GeoDataFrame, walk: Network, **keys: object) -> gpd.GeoDataFrame:
    nobody = gpd.GeoDataFrame({"people": [1]}, geometry=[at(0)], crs=CRS)
    return audit_shelters(sites, nobody, walk, **keys)


def test_villages_townships_and_the_county(walk: Network) -> None:
    # 30 minutes are 1500 m: villages 0 and 1 reach S0, village 2 only what is at risk.
    here = villages([0, 1400, 5000], [100, 200, 400])
    sites = audited(shelters([at(0), at(5000)]), walk, zones=zone(5000, "山洪"))
    each = shelter_coverage(here, sites, walk)
    assert each["reached_people"].tolist() == [100, 200, 0]
    assert each["passed"].tolist() == [True, True, False]
    assert each["reason"].tolist() == ["ok", "ok", "over_time"]
    assert each["villages_without"].tolist() == [0, 1, 1]
    assert each["shelters"].tolist() == [1, 0, 1]
    assert each["safe_shelters"].tolist() == [1, 0, 0]
    assert each["last_min"].iloc[1] == pytest.approx(28, abs=0.1)
    towns = shelter_coverage(here, sites, walk, by="township_code")
    assert towns["people"].tolist() == [500, 200]
    assert towns["reached_people"].tolist() == [100, 200]
    assert towns["passed"].tolist() == [False, True]
    assert towns["beds_per_person"].tolist() == pytest.approx([0.2, 0])
    county = shelter_coverage(here, sites, walk, by="county").iloc[0]
    assert county["reached_people"] == each["reached_people"].sum()
    assert county["beds"] == each["beds"].sum() == 100


def test_a_village_of_unknown_people_passes_nothing(walk: Network) -> None:
    here = villages([0, 100], [None, 50])
    sites = audited(shelters([at(0)]), walk)
    each = shelter_coverage(here, sites, walk)
    assert each["passed"].isna().tolist() == [True, False]
    assert each["reason"].tolist() == ["insufficient_data", "ok"]
    county = shelter_coverage(here, sites, walk, by="county").iloc[0]
    assert (county["people"], county["unknown_villages"]) == (50, 1)
    assert pd.isna(county["passed"])
    far = villages([0, 5000], [None, 50])
    county = shelter_coverage(far, sites, walk, by="county").iloc[0]
    assert not county["passed"]  # whatever the unknown are


def test_unknown_room_is_no_bed(walk: Network) -> None:
    sites = audited(shelters([at(0)], declared_people=-5), walk)
    row = shelter_coverage(villages([0]), sites, walk).iloc[0]
    assert (row["unknown_shelters"], row["safe_shelters"], row["beds"]) == (1, 0, 0)
    assert not row["passed"]


def test_what_the_loss_of_a_shelter_costs(walk: Network) -> None:
    here = villages([0, 1000, 5000], [100, 200, 400])
    sites = audited(shelters([at(0), at(1000), at(5000)]), walk)
    lost = shelter_losses(here, sites, walk)
    assert lost["shelter_id"].tolist() == ["S2"]
    assert lost["people"].tolist() == [400]
    assert lost["villages"].tolist() == [here["village_code"].iloc[2]]
    less = shelter_coverage(here, sites.iloc[:2], walk, by="county").iloc[0]
    assert less["reached_people"] == 700 - 400


@pytest.mark.parametrize(
    ("told", "place", "hazard", "inside", "meant", "safe"),
    [
        ("台风、洪涝", 0, "山洪", True, True, False),
        ("台风、洪涝", 900, "山洪", False, True, True),
        ("地震", 900, "山洪", False, False, False),
        (None, 900, "山洪", False, None, None),
        (None, 0, "山洪", True, None, False),
        ("台风、洪涝", None, "山洪", None, True, None),
    ],
)
def test_each_hazard(
    told: str | None,
    place: float | None,
    hazard: str,
    inside: object,
    meant: object,
    safe: object,
) -> None:
    sites = shelters([None if place is None else at(place)], hazards=[told])
    row = shelter_hazards(sites, zone(0, hazard)).iloc[0]
    found = [None if pd.isna(row[one]) else bool(row[one])
             for one in ("inside", "meant", "safe")]  # fmt: skip
    assert found == [inside, meant, safe]


def test_without_zones_no_place_is_judged() -> None:
    table = shelter_hazards(shelters([at(0)], hazards="台风"), None, hazards=["台风"])
    assert table["safe"].isna().all()
    assert shelter_hazards(shelters([at(0)]), None).empty


def test_unaudited_shelters_are_refused(walk: Network) -> None:
    with pytest.raises(LayerError, match="take them from audit_shelters"):
        shelter_coverage(villages([0]), shelters([at(0)]), walk)
