"""Rules of sense and of sums: what contradicts itself is noted, nothing else."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame

from riskmap.census import Source, build_census, check_census
from riskmap.census.ledger import _rules

DAY = "2026-04-15"
VILLAGES = {
    "行政区划代码": ["990121100201", "990121100202"],
    "行政村名称": ["甲村", "乙村"],
    "乡镇代码": ["990121100000"] * 2,
    "常住人口数量": [300, 400],
    "总户数": [100, 150],
    "0-14岁人数": [30, 40],
    "65岁（含）以上人数": [60, 90],
}
SHELTERS = {
    "应急避难场所名称": ["一号", "二号"],
    "避难所容纳人数": [100, 100],
    "室内/室外类型": ["室内", "室外"],
    "应急避难场所占地总面积": [900, 900],
    "应急避难场所室内面积": [500, None],
    "有效面积": [300, 300],
    "责任人A角": ["甲", "乙"],
    "A角电话": ["13800000001", "13800000002"],
    "责任人B角": ["丙", "丁"],
    "经度": [121.123456, 121.123457],
    "纬度": [28.123456, 28.123457],
}
INSPECTIONS = {
    "记录编号": ["P1"], "排查日期": ["2026-04-10"], "整改期限": ["2026-04-20"],
    "整改完成日期": ["2026-04-12"],
}  # fmt: skip


def rules(layer: str, table: dict[str, list[Any]]) -> set[str]:
    found = check_census(pd.DataFrame(table), layer, as_of=DAY)
    return set(found["rule"]) - {
        "missing_column",
        "made_id",
        "no_place",
        "crs_unstated",
    }


@pytest.mark.parametrize(
    ("layer", "table", "change", "rule"),
    [
        ("villages", VILLAGES, {"0-14岁人数": [250, 40]}, "classes_exceed_total"),
        ("villages", VILLAGES, {"总户数": [10, 150]}, "household_size"),
        ("villages", VILLAGES, {"总户数": [100, 500]}, "household_size"),
        ("villages", VILLAGES, {"乡镇代码": ["990121101000"] * 2}, "township_mismatch"),
        ("shelters", SHELTERS, {"有效面积": [600, 300]}, "area_mismatch"),
        ("shelters", SHELTERS, {"责任人B角": [None, "丁"]}, "no_deputy"),
        ("shelters", SHELTERS, {"A角电话": ["13800000001"] * 2}, "shared_phone"),
        (
            *("shelters", SHELTERS),
            *({"经度": [121.123456] * 2, "纬度": [28.123456] * 2}, "stacked_points"),
        ),
        (
            *("shelters", SHELTERS),
            *(
                {"经度": [121.12, 121.123457], "纬度": [28.1, 28.123457]},
                "low_precision",
            ),
        ),
        ("inspections", INSPECTIONS, {"排查日期": ["2026-04-16"]}, "future_date"),
        ("inspections", INSPECTIONS, {"整改完成日期": ["2026-04-02"]}, "date_order"),
        ("inspections", INSPECTIONS, {"整改期限": ["2026-04-02"]}, "date_order"),
    ],
)
def test_a_contradiction_is_found_and_nothing_without_it(
    layer: str, table: dict[str, list[Any]], change: dict[str, list[Any]], rule: str
) -> None:
    assert rule not in rules(layer, table)
    assert rule in rules(layer, {**table, **change})


def test_unknown_is_no_contradiction() -> None:
    unknown = {name: [None, *cells[1:]] for name, cells in VILLAGES.items()}
    unknown |= {
        "行政区划代码": VILLAGES["行政区划代码"],
        "行政村名称": ["甲村", "乙村"],
    }
    assert rules("villages", unknown) <= {"missing_required", "unmatched_column"}


def county(**layers: dict[str, list[Any]]) -> pd.DataFrame:
    sources = {name: Source(pd.DataFrame(one)) for name, one in layers.items()}
    return build_census(sources, as_of=DAY).findings


@pytest.mark.parametrize(
    ("total", "villagers", "noted"),
    [(700, [300, 400], 0), (650, [300, 400], 1), (900, [300, 400], 1),
     (900, [300, None], 0), (200, [300, None], 1)],
)  # fmt: skip
def test_townships_are_the_sum_of_their_villages(
    total: int, villagers: list[int | None], noted: int
) -> None:
    towns = {"乡镇（街道）代码": ["990121100000"], "乡镇（街道）名称": ["某镇"]}
    found = county(
        villages={**VILLAGES, "常住人口数量": villagers},
        townships={**towns, "常住人口数量": [total]},
    )
    assert (found["rule"] == "township_sum").sum() == noted


def test_duties_lack_a_deputy_and_an_officer() -> None:
    duties = {
        "责任编号": ["Z1", "Z2", "Z3"],
        "行政村代码": ["990121100201"] * 2 + ["990121100202"],
        "责任岗位": ["灾害信息员"] * 3,
        "A/B角": ["A角", "B角", "A角"],
        "姓名": ["甲", "乙", "丙"],
        "手机号码": ["13800000001", "13800000002", "13800000003"],
    }
    found = county(villages=VILLAGES, duties=duties)
    alone = found[found["rule"] == "no_deputy"]
    assert alone["row"].tolist() == [3]
    few = found[found["rule"] == "officers_unregistered"]
    assert (few["layer"].tolist(), few["row"].tolist()) == (["villages"], [2])


def test_groups_names_and_outlines() -> None:
    groups = {
        "转移单元编号": ["G1", "G2"],
        "转移单元名称": ["一组", "二组"],
        "行政村": ["乙村", "乙村"],
        "行政村代码": ["990121100201", "990121100202"],
        "应转移人数": [5, 9],
    }
    households = {
        "户编号": ["H1", "H2", "H3"],
        "转移单元编号": ["G1", "G1", "G2"],
        "户主姓名": ["甲", "乙", "丙"],
        "家庭人口": [3, 4, None],
    }
    areas = [shapely.box(121, 28, 121.1, 28.1), shapely.box(121.09, 28, 121.2, 28.1)]
    sources = {
        "villages": Source(GeoDataFrame(VILLAGES, geometry=areas, crs=4490)),
        "groups": Source(pd.DataFrame(groups)),
        "households": Source(pd.DataFrame(households)),
    }
    found = build_census(sources, as_of=DAY).findings
    for rule, row in (
        ("village_mismatch", 1),
        ("households_exceed_group", 1),
        ("overlapping_outlines", 2),
    ):
        assert found.loc[found["rule"] == rule, "row"].tolist() == [row], rule


def ring(west: float, south: float) -> list[shapely.Polygon]:
    """Eight square villages around a ninth that is not there."""
    return [
        shapely.box(
            west + 0.01 * i,
            south + 0.01 * j,
            west + 0.01 * i + 0.01,
            south + 0.01 * j + 0.01,
        )
        for i in range(3)
        for j in range(3)
        if (i, j) != (1, 1)
    ]


@pytest.mark.parametrize(("missing", "noted"), [(True, 1), (False, 0)])
def test_ground_that_no_village_has(*, missing: bool, noted: int) -> None:
    areas = ring(121.0, 28.0)
    areas += [] if missing else [shapely.box(121.01, 28.01, 121.02, 28.02)]
    table = {
        "区划代码": [f"9901211002{k:02d}" for k in range(len(areas))],
        "社区（行政村）名称": [f"第{k}村" for k in range(len(areas))],
        "常住人口数量": [9] * len(areas),
    }
    frame = GeoDataFrame(table, geometry=areas, crs=4490)
    found = build_census({"villages": Source(frame)}, as_of=DAY).findings
    gaps = found[found["rule"] == "outline_gap"]
    assert len(gaps) == noted
    if missing:
        # 0.01 degrees each way at 28 degrees north: 983 m by 1108 m.
        assert re.search(r" 10[89]\d{4} 平方米", gaps["message"].iloc[0])
        assert "第0村" in gaps["value"].iloc[0]


@pytest.mark.parametrize(("west", "noted"), [(121.01, 0), (121.09, 0), (121.098, 1)])
def test_a_zone_lies_in_the_village_it_names(west: float, noted: int) -> None:
    areas = [shapely.box(121, 28, 121.1, 28.1), shapely.box(121.1, 28, 121.2, 28.1)]
    zone = GeoDataFrame(
        {
            "风险防范区编号": ["F1"],
            "风险防范区名称": ["北坡"],
            "灾害类型": ["滑坡"],
            "行政村代码": ["990121100201"],
        },
        geometry=[shapely.box(west, 28.01, west + 0.06, 28.03)],
        crs=4490,
    )
    sources = {
        "villages": Source(GeoDataFrame(VILLAGES, geometry=areas, crs=4490)),
        "risk_zones": Source(zone),
    }
    found = build_census(sources, as_of=DAY).findings
    assert (found["rule"] == "zone_outside_village").sum() == noted


def test_every_rule_can_be_said() -> None:
    for name, one in _rules().items():
        assert one["severity"] in {"error", "warning", "info"}, name
        assert all(one[key] for key in ("title", "message", "suggestion")), name
