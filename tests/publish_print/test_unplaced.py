"""Groups without a place: the sheet says why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from riskmap.publish import draw_risk_map, draw_route_map, draw_situation_map

if TYPE_CHECKING:
    from types import SimpleNamespace

    import geopandas as gpd

CUT = {
    "group_id": "G3",
    "landing_name": "晒场起降点",
    "distance_m": 10094.0,
    "time_min": None,
    "straight_line": True,
    "at_risk": False,
}


def told(plan: SimpleNamespace, villages: gpd.GeoDataFrame) -> dict[str, str]:
    spec = draw_route_map(plan, villages, village="竹溪村")
    frame = spec.table("unplaced").frame
    assert list(frame.index) == ["G3"]
    assert frame["号"].tolist() == [spec.table("transfer").frame.loc["G3", "号"]]
    return frame.loc["G3"].to_dict()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "接应地点：晒场起降点（直线 10090 米，路不通）。"),
        (
            {"straight_line": False, "distance_m": 400, "time_min": 7.2},
            "晒场起降点（沿路 400 米，8 分钟）",
        ),
        ({"at_risk": True}, "该处也在危险区"),
        ({"landing_name": None}, "由乡镇派人接应"),
    ],
)
def test_the_cut_off_are_told_where_they_are_fetched(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    more: dict[str, object],
    words: str,
) -> None:
    plan.rescues = pd.DataFrame([CUT | more])
    row = told(plan, villages)
    assert row["为什么"] == "未落实：通往场所的路都被隐患或封路切断。"
    assert words in row["怎么办"]
    assert "不要自行外出涉险" in row["怎么办"]


def test_whoever_is_on_duty_is_to_be_called(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    assert "打乡镇值班电话" in told(plan, villages)["怎么办"]
    plan.groups.loc[2, ["responsible_a", "phone_a"]] = ["陈三", "13900000013"]
    assert "立即联系陈三 13900000013。" in told(plan, villages)["怎么办"]


def test_the_places_in_danger_are_named(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    plan.assignments.loc[2, "reason"] = "shelter_at_risk"
    plan.shelters["reason"] = ["ok", "shelter_at_risk"]
    why = told(plan, villages)["为什么"]
    assert "安全的场所走不到" in why
    assert "危险区内的场所：竹溪村文化礼堂。" in why


def test_where_all_have_a_place_there_is_no_such_table(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    keep = plan.groups["group_id"] != "G3"
    plan.groups = plan.groups[keep]
    maps = [
        draw_route_map(plan, villages, village="竹溪村"),
        draw_situation_map(villages, village="竹溪村", plan=plan),
        draw_risk_map(villages, village="竹溪村", plan=plan),
    ]
    assert all(one.table("unplaced") is None for one in maps)
