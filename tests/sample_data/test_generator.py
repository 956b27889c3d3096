"""The generator: the same bytes each time, and a consistent truth."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth(fresh: Path) -> dict[str, gpd.GeoDataFrame]:
    path = fresh.parent / "truth.gpkg"
    return {
        name: pyogrio.read_dataframe(path, layer=name)
        for name, _ in pyogrio.list_layers(path)
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(
    fresh: Path, tmp_path: Path, run_generator: Callable[..., Path]
) -> None:
    again = contents(run_generator(tmp_path / "again"))
    first = contents(fresh)
    assert [name for name in first if first[name] != again.get(name)] == []
    assert set(first) == set(again)


def test_the_committed_county_has_the_files_of_a_fresh_one(
    fresh: Path, county: Path
) -> None:
    assert set(contents(county)) == set(contents(fresh))
    kept = {"riskmap.toml", "说明.txt", "faults.toml"}
    ours, theirs = contents(county), contents(fresh)
    assert [name for name in kept if ours[name] != theirs[name]] == []


def test_the_truth_has_every_canonical_layer(
    truth: dict[str, gpd.GeoDataFrame],
) -> None:
    assert {
        *("villages", "townships", "hazard_points", "risk_zones", "flood_zones"),
        *("waterlog_points", "reservoirs", "unsafe_houses", "enterprises", "shelters"),
        *("teams", "supplies", "medical", "landing_zones", "broadcasts", "groups"),
        *("households", "planned_routes", "road_additions", "road_closures"),
        *(
            "assembly_points",
            "inspections",
            "duties",
            "roads",
            "water",
            "buildings",
            "contours",
        ),
    } <= set(truth)


@pytest.mark.parametrize(
    ("layer", "key"),
    [
        ("villages", "village_code"),
        ("hazard_points", "hazard_point_id"),
        ("shelters", "shelter_id"),
        ("teams", "team_id"),
        ("groups", "group_id"),
        ("households", "household_id"),
        ("roads", "road_id"),
        ("duties", "duty_id"),
    ],
)
def test_identifiers_are_unique(
    truth: dict[str, gpd.GeoDataFrame], layer: str, key: str
) -> None:
    assert truth[layer][key].is_unique
    assert truth[layer][key].notna().all()


@pytest.mark.parametrize(
    ("layer", "key", "other"),
    [
        ("households", "group_id", "groups"),
        ("planned_routes", "group_id", "groups"),
        ("planned_routes", "shelter_id", "shelters"),
        ("assembly_points", "group_id", "groups"),
        ("groups", "village_code", "villages"),
        ("teams", "village_code", "villages"),
        ("shelters", "village_code", "villages"),
    ],
)
def test_references_lead_somewhere(
    truth: dict[str, gpd.GeoDataFrame], layer: str, key: str, other: str
) -> None:
    assert set(truth[layer][key]) <= set(truth[other][key])


def test_sums_close(truth: dict[str, gpd.GeoDataFrame]) -> None:
    villages, towns = truth["villages"], truth["townships"]
    sums = villages.groupby("township_code")["population"].sum()
    assert sums.to_dict() == towns.set_index("township_code")["population"].to_dict()
    groups = truth["groups"].set_index("group_id")["people"]
    homes = truth["households"].groupby("group_id")["people"].sum()
    assert (homes == groups[homes.index]).all()
    assert 90 <= len(groups) <= 130
    assert 2500 <= groups.sum() <= 4500


def test_shelters_are_as_planned(truth: dict[str, gpd.GeoDataFrame]) -> None:
    shelters = truth["shelters"]
    assert len(shelters) == 25
    assert (~shelters["assessed"].astype(bool)).sum() == 2
    assert shelters["declared_people"].isna().sum() == 1
    assert (shelters["declared_people"] < 30).sum() == 2


def test_grades_follow_people_and_property(truth: dict[str, gpd.GeoDataFrame]) -> None:
    points = truth["hazard_points"]
    small = (points["threatened_people"] < 100) & (points["threatened_value_cny"] < 5e6)
    assert set(points.loc[small, "threat_grade"]) == {"小型"}
    assert "小型" not in set(points.loc[~small, "threat_grade"])


def test_places_lie_in_their_village(truth: dict[str, gpd.GeoDataFrame]) -> None:
    villages = truth["villages"].set_index("village_code").to_crs("EPSG:4549").geometry
    for layer in ("groups", "shelters", "hazard_points", "unsafe_houses"):
        frame = truth[layer].to_crs("EPSG:4549")
        own = gpd.GeoSeries(villages[frame["village_code"]].to_numpy(), crs="EPSG:4549")
        away = frame.geometry.reset_index(drop=True).distance(own)
        assert away.max() < 60
