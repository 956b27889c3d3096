from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.census import read_census
from riskmap.errors import LayerError, PlanError
from riskmap.evacuation import (
    derive_groups,
    plan_evacuation,
    split_by_level,
    transfer_ledger,
)
from tests.evacuation.conftest import CRS, at, beds, box

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from riskmap.routing import Network

Layers = dict[str, gpd.GeoDataFrame]
A, B = "990101001001", "990101001002"


def layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return a layer of rows that share a village unless they say otherwise."""
    full = [{"village_code": A, **row} for row in rows]
    return gpd.GeoDataFrame(full, geometry="geometry", crs=CRS)


def home(code: str, heads: int | None, x: float, **more: object) -> dict[str, Any]:
    row = {"household_id": code, "people": heads, "head": f"{code}户主"}
    return {**row, "geometry": at(x, 10), **more}


def zone(code: str, heads: int | None, x0: float, x1: float) -> dict[str, Any]:
    row = {"risk_zone_id": code, "name": code, "people": heads, "hazard": "滑坡"}
    return {**row, "geometry": box(x0, 0, x1, 20)}


def sums(groups: pd.DataFrame, column: str = "people") -> dict[str, int]:
    return groups.groupby("category")[column].sum().astype(int).to_dict()


def test_a_household_in_two_zones_counts_once_under_the_first_category() -> None:
    flood = {"flood_zone_id": "F", "name": "F", "people": 4}
    layers = {
        "households": layer([home("h1", 4, 10), home("h2", 3, 900)]),
        "risk_zones": layer([zone("Z", 4, 0, 50)]),
        "flood_zones": layer([{**flood, "geometry": box(0, 0, 40, 40)}]),
    }
    groups = derive_groups(layers)
    assert sums(groups) == {"地质灾害点": 4}
    assert groups["sources"].tolist() == ["households:h1"]
    assert groups["people_min"].tolist() == groups["people_max"].tolist() == [4]


def test_people_whom_no_household_names_move_as_the_rest_of_their_zone() -> None:
    layers = {
        "households": layer([home("h1", 4, 10)]),
        "risk_zones": layer([zone("Z", 10, 0, 50)]),
    }
    groups = derive_groups(layers).set_index("group_id")
    assert groups["people"].to_dict() == {f"Z-{A}": 4, "Z-rest": 6}
    assert groups.loc["Z-rest", "people_min"] == 6


def test_zones_that_may_count_the_same_people_give_a_range() -> None:
    layers = {"risk_zones": layer([zone("Y", 10, 0, 50), zone("Z", 25, 30, 90)])}
    groups = derive_groups(layers)
    assert groups["people"].sum() == groups["people_max"].sum() == 35
    assert groups["people_min"].sum() == 25
    apart = {"risk_zones": layer([zone("Y", 10, 0, 20), zone("Z", 25, 30, 90)])}
    assert derive_groups(apart)["people_min"].sum() == 35


def test_people_below_a_reservoir_may_be_counted_elsewhere_too() -> None:
    pond = {"reservoir_id": "P", "name": "P", "kind": "山塘", "downstream_people": 7}
    layers = {"reservoirs": layer([{**pond, "geometry": at(0, 500)}])}
    assert derive_groups(layers)["people_min"].tolist() == [7]
    layers["risk_zones"] = layer([zone("Z", 10, 0, 50)])
    groups = derive_groups(layers)
    assert sums(groups) == {"地质灾害点": 10, "山塘": 7}
    assert groups["people_min"].sum() == 10


def house(code: str, heads: int, x: float, owner: str | None) -> dict[str, Any]:
    row = {"unsafe_house_id": code, "people": heads, "grade": "D级", "owner": owner}
    return {**row, "geometry": at(x, 10)}


@pytest.mark.parametrize(
    ("owner", "people", "least"), [("h1户主", 5, 4), (None, 9, 4), ("别人", 9, 9)]
)
def test_a_household_in_an_unsafe_house_counts_once(
    owner: str | None, people: int, least: int
) -> None:
    layers = {
        "households": layer([home("h1", 4, 10)]),
        "unsafe_houses": layer([house("w1", 5, 12, owner)]),
        "risk_zones": layer([zone("Z", 4, 0, 50)]),
    }
    groups = derive_groups(layers)
    assert groups["people"].sum() == people
    assert groups["people_min"].sum() == least


def test_unknown_people_stay_unknown_and_are_kept_apart() -> None:
    layers = {
        "households": layer([home("h1", 4, 10), home("h2", None, 20)]),
        "risk_zones": layer([zone("Z", None, 0, 50), zone("Y", None, 100, 150)]),
    }
    people = derive_groups(layers).set_index("group_id")["people"]
    assert people.dropna().to_dict() == {f"Z-{A}": 4}
    assert set(people.index[people.isna()]) == {f"Z-{A}-unknown", "Y-rest"}


def test_boats_start_at_their_pier() -> None:
    pier = {"landing_zone_id": "m", "name": "大码头", "kind": "码头"}
    boat = {"boat_id": "b", "name": "浙渔1", "people": 6, "geometry": at(70, 300)}
    layers = {
        "boats": layer([boat]),
        "landing_zones": layer([{**pier, "geometry": at(100, 300)}]),
    }
    (row,) = derive_groups(layers).to_dict("records")
    assert (row["placement"], row["assembly_point"]) == ("返港", "大码头")
    assert row["geometry"].distance(at(100, 300)) < 0.01


def test_one_site_that_two_layers_list_counts_once() -> None:
    site = {"name": "一号工地", "geometry": at(50, 50)}
    firm = {"enterprise_id": "e", "kind": "建筑工地", "people": 30, **site}
    layers = {
        "building_sites": layer([{"building_site_id": "s", "people": 26, **site}]),
        "enterprises": layer([firm]),
    }
    (row,) = derive_groups(layers).to_dict("records")
    assert [row[f"people{end}"] for end in ("", "_min", "_max")] == [30, 26, 30]


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        ({}, LayerError, "needs layers"),
        ({"households": layer([home("h", -2, 1)])}, LayerError, "negative"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    layers: Layers, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        derive_groups(layers)
    with pytest.raises(PlanError, match='no response level "V"'):
        derive_groups({"risk_zones": layer([zone("Z", 1, 0, 9)])}, level="V")


# Two transfer tables that Yuhuan published for typhoons of 2022.
XUANLANNUO = {
    "渔船": 664, "海上养殖": 48, "建筑工地": 2546, "老旧房": 441,
    "地质灾害点": 58, "农家乐": 3, "山塘": 4, "其他": 370,
}  # fmt: skip
MEIHUA = {
    "渔船": 2688, "建筑工地": 10930, "老旧房": 671, "地质灾害点": 77, "海上养殖": 78,
    "其他": 353,
}  # fmt: skip


def split(total: int, parts: int) -> list[int]:
    return [total // parts + (part < total % parts) for part in range(parts)]


def county(people: dict[str, int]) -> Layers:
    """Plant the people of a table in the rows of layers, some of them twice."""
    slides, old = split(people["地质灾害点"], 5), split(people["老旧房"], 40)
    homes = [home(f"d{i}", n, 20 * i + 5) for i, n in enumerate(slides)]
    houses = [
        {**house(f"w{i}", n, 3000 + 40 * i, f"{i}号"), "village_code": (A, B)[i % 2]}
        for i, n in enumerate(old)
    ]
    homes += [
        home(f"x{i}", n, 3000 + 40 * i, head=f"{i}号", village_code=(A, B)[i % 2])
        for i, n in enumerate(old[:9])
    ]
    outer = {"hazard_point_id": "H", "name": "H", "threat_grade": "小型"}
    outer |= {"threatened_people": people["地质灾害点"], "geometry": box(0, 0, 99, 30)}
    sites = [
        {"name": f"工地{i}", "people": n, "geometry": at(5000 + i, 0)}
        for i, n in enumerate(split(people["建筑工地"], 12))
    ]
    rest = [
        {"group_id": f"q{i}", "name": f"其他{i}", "category": "其他", "people": n}
        | {"geometry": at(7000 + 9 * i, 0)}
        for i, n in enumerate(split(people["其他"], 4))
    ]
    layers = {
        "households": layer([*homes, home("far", 99, 9000)]),
        "unsafe_houses": layer(houses),
        "risk_zones": layer(
            [zone("Z1", sum(slides[:3]), 0, 50), zone("Z2", 9, 30, 99)]
        ),
        "hazard_points": layer([outer]),
        "building_sites": layer([{**s, "building_site_id": s["name"]} for s in sites]),
        "enterprises": layer(
            [{**s, "enterprise_id": s["name"], "kind": "工地"} for s in sites[:5]]
        ),
        "groups": layer(rest),
    }
    at_sea = {"boats": "渔船", "sea_farms": "海上养殖", "farm_stays": "农家乐"}
    for number, (name, category) in enumerate(at_sea.items()):
        parts = split(people.get(category, 0), 3)
        rows = [
            {f"{name[:-1]}_id": f"{name}{i}", "name": f"{name}{i}", "people": n}
            | {"geometry": at(11000 + 500 * number + i, 0)}
            for i, n in enumerate(parts)
        ]
        layers[name] = layer(rows)
    if "山塘" in people:
        pond = {"reservoir_id": "P", "name": "P", "kind": "山塘"}
        pond |= {"downstream_people": people["山塘"], "geometry": at(0, 900)}
        layers["reservoirs"] = layer([pond])
    return layers


@pytest.mark.parametrize(
    ("table", "total"), [(XUANLANNUO, 4134), (MEIHUA, 14797)], ids=["8", "6"]
)
def test_yuhuans_tables_come_from_rows_with_overlaps_planted(
    table: dict[str, int], total: int, town: Network
) -> None:
    groups = derive_groups(county(table), categories={"危旧房": "老旧房"})
    plan = plan_evacuation(groups, beds(("S", 600, at(0, 0))), town)
    ledger = plan.ledger.groupby("category")["people"].sum()
    assert ledger[ledger.gt(0)].to_dict() == table
    assert ledger.sum() == plan.assignments["people"].sum() == total
    by_category = transfer_ledger(plan.groups, plan.assignments, by=["category"])
    assert by_category["people"].sum() == total
    assert (by_category["people_min"] <= by_category["people"]).all()


CATEGORIES = [
    "渔船",
    "危旧房",
    "建筑工地",
    "低洼易涝区",
    "地质灾害点",
    "不在表中",
    None,
]


@given(
    st.lists(
        st.tuples(st.sampled_from(CATEGORIES), st.integers(0, 90)),
        min_size=1,
        max_size=9,
    )
)
def test_raising_the_level_never_moves_fewer(rows: list[tuple[str, int]]) -> None:
    groups = gpd.GeoDataFrame(
        {
            "group_id": [f"g{i}" for i in range(len(rows))],
            "category": [category for category, _ in rows],
            "people": [heads for _, heads in rows],
        },
        geometry=[at(0, 0)] * len(rows),
        crs=CRS,
    )
    before: set[str] = set()
    for level in ("IV", "III", "II", "I"):
        moving, staying = split_by_level(groups, level)
        assert before <= set(moving["group_id"])
        assert len(moving) + len(staying) == len(groups)
        before = set(moving["group_id"])
    assert before == set(groups["group_id"])


def test_a_derived_group_finds_its_way(town: Network) -> None:
    layers = {
        "households": layer([home("h1", 4, 10)]),
        "risk_zones": layer([zone("Z", 4, 0, 50)]),
    }
    zones = layers["risk_zones"].assign(zone_id="Z", layer="risk_zones")
    plan = plan_evacuation(
        derive_groups(layers, zones), beds(("S", 9, at(300, 300))), town, zones=zones
    )
    assert plan.assignments["reason"].tolist() == ["ok"]


def test_a_site_and_a_boat_of_the_census_move(tmp_path: Path) -> None:
    head = "{0}编号,{0}名称,{1},经度,纬度\n"
    rows = {
        "building_sites": (
            head.format("建筑工地", "工地人数") + "G1,新桥,40,121.2,28.1\n"
        ),
        "boats": (head.format("渔船", "船上人数") + "C1,浙渔1,6,121.3,28.1\n"),
    }
    layers = {}
    for name, text in rows.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        layers[name] = read_census(path, name)
    groups = derive_groups(layers).set_index("category")
    assert groups["people"].to_dict() == {"建筑工地": 40, "渔船": 6}
    assert groups.loc["渔船", "placement"] == "返港"
