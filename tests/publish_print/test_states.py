"""A shelter stands alike on every map of a board, with a plan and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from shapely import Point

from riskmap.publish import draw_risk_map, draw_route_map, draw_situation_map

if TYPE_CHECKING:
    from types import SimpleNamespace

    import geopandas as gpd

    Layers = dict[str, gpd.GeoDataFrame]

IN_ZONE = Point(500_340, 3_100_690)


def _seen(spec: object) -> dict[str, tuple[str, str, str]]:
    """Give sign, words beside it and words in the legend of each shelter."""
    frame = spec.layer("shelters").frame
    cells = zip(frame["style"], frame["label"], frame["legend"], strict=True)
    return dict(zip(frame["key"], cells, strict=True))


@pytest.fixture
def endangered(layers: Layers) -> Layers:
    """Move the first shelter into the zone of danger."""
    shelters = layers["shelters"].to_crs("EPSG:4549")
    places = [IN_ZONE, *shelters.geometry.iloc[1:]]
    moved = shelters.set_geometry(places, crs="EPSG:4549").to_crs("EPSG:4490")
    return {**layers, "shelters": moved.assign(hazards=["台风、地质", "台风、地质"])}


@pytest.mark.parametrize(
    ("available", "assigned", "reason"),
    [
        (120, 66, "ok"),
        (66, 66, "ok"),
        (0, 0, "shelter_at_risk"),
        (0, 0, "wrong_hazard_type"),
        (120, 66, "no_assessment"),
        (pd.NA, 0, "insufficient_data"),
    ],
)
def test_the_maps_of_a_board_agree_on_every_shelter(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    layers: Layers,
    available: object,
    assigned: int,
    reason: str,
) -> None:
    state = pd.DataFrame(
        {
            "available_people": pd.array([available] * 2, dtype="Int64"),
            "assigned_people": [assigned] * 2,
            "reason": [reason] * 2,
        }
    )
    plan.shelters = plan.shelters.assign(**state)
    maps = [
        draw_risk_map(villages, village="竹溪村", plan=plan, layers=layers),
        draw_route_map(plan, villages, village="竹溪村", layers=layers),
        draw_situation_map(villages, village="竹溪村", plan=plan, layers=layers),
    ]
    seen = [_seen(one) for one in maps]
    assert seen[1] == seen[2]
    assert seen[0]
    assert seen[0] == {one: seen[1][one] for one in seen[0]}


def test_without_a_plan_a_shelter_in_a_zone_is_crossed_out(
    villages: gpd.GeoDataFrame, endangered: Layers
) -> None:
    maps = [
        draw_risk_map(villages, village="竹溪村", layers=endangered),
        draw_situation_map(villages, village="竹溪村", layers=endangered),
    ]
    for spec in maps:
        assert _seen(spec)["S001"][0] == "shelter_unsafe"
        assert "可容" not in _seen(spec)["S001"][1]
    table = maps[1].table("shelters").frame.set_index("名称")
    assert table.loc["竹溪小学", ["已排/可用", "状态"]].tolist() == [
        "—/0",
        "场所在危险区",
    ]


def test_without_a_plan_a_shelter_for_other_hazards_is_crossed_out(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    layers["shelters"] = layers["shelters"].assign(
        hazards=["台风、地质灾害", "地震"], declared_people=120
    )
    seen = _seen(draw_situation_map(villages, village="竹溪村", layers=layers))
    assert seen["S001"][:2] == ("shelter", "竹溪小学\n可容 120\u2009人")
    assert seen["S002"][:2] == ("shelter_unsafe", "竹溪村文化礼堂\n不适用灾种")


def test_without_plan_and_zones_safety_is_not_checked(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    del layers["risk_zones"]
    spec = draw_situation_map(villages, village="竹溪村", layers=layers)
    assert {one[0] for one in _seen(spec).values()} == {"shelter_unchecked"}
    assert {one[2] for one in _seen(spec).values()} == {"避灾安置场所（安全性未核）"}
    assert set(spec.table("shelters").frame["状态"]) == {"未核"}


def test_a_shelter_without_a_place_says_so(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    lost = layers["shelters"].set_geometry([None, layers["shelters"].geometry.iloc[1]])
    layers["shelters"] = lost.set_crs("EPSG:4490")
    plan.shelters = plan.shelters.set_geometry([None, plan.shelters.geometry.iloc[1]])
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    table = spec.table("shelters").frame.set_index("名称")
    assert table.loc["竹溪小学", ["已排/可用", "状态"]].tolist() == [
        "—/120",
        "位置未知",
    ]
    assert "竹溪小学位置未知，未上图，核实后方可安排。" in spec.imprint.notes
