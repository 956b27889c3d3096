"""Merged, renamed and divided villages: followed, never guessed."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmap.census import Source, build_census
from riskmap.census.codes import successors_of
from riskmap.errors import LayerError

EAST, WEST, NEW, OLD, SPLIT = (f"99010100120{one}" for one in (1, 2, 3, 8, 9))
TABLE = pd.DataFrame(
    {
        "原代码": [OLD, SPLIT, SPLIT, "990101001207"],
        "原名称": ["老村", "大村", "大村", "更老村"],
        "现代码": [EAST, EAST, WEST, OLD],
        "变更日期": ["2023-01-01", "2023-01-01", "2023-01-01", "2019-01-01"],
        "占比": [None, 0.6, 0.4, None],
    }
)


def square(west: float) -> shapely.Polygon:
    return shapely.box(west, 28.0, west + 0.125, 28.1)


def villages(codes: list[str], wests: list[float]) -> gpd.GeoDataFrame:
    names = {EAST: "东村", WEST: "西村", OLD: "老村"}
    table = {"行政区划代码": codes, "名称": [names[one] for one in codes], "人口": 9}
    return gpd.GeoDataFrame(table, geometry=[square(one) for one in wests], crs=4490)


def sites(codes: list[str | None], lons: list[float | None]) -> pd.DataFrame:
    names = [f"场所{at}" for at in range(len(codes))]
    table = {"场所名称": names, "村代码": codes, "经度": lons, "容纳人数": 9}
    return pd.DataFrame(
        table | {"纬度": [None if one is None else 28.05 for one in lons]}
    )


def test_old_codes_are_read_as_the_codes_of_today() -> None:
    codes = [OLD, "990101001207", SPLIT, SPLIT, EAST]
    census = build_census(
        {
            "shelters": Source(sites(codes, [None, 121.15, 121.05, None, 121.15])),
            "villages": Source(villages([EAST, WEST], [121.125, 121.0])),
            "code_changes": Source(TABLE),
        },
        as_of="2024-06-01",
    )
    assert census["shelters"]["village_code"].tolist() == [
        EAST,
        EAST,
        WEST,
        SPLIT,
        EAST,
    ]
    said = census.findings.set_index("rule")["message"]
    assert (
        f"“{OLD}”是旧代码，已按区划代码变更表读作 {EAST}"
        in said["code_renewed"].iloc[1]
    )
    assert said["village_filled"].startswith(
        "1 行没有村代码，已按位置所在村（原村已拆分）"
    )
    hint = f"按区划代码变更表由 {EAST}（60%）、{WEST}（40%） 承接"
    assert hint in said["unknown_village"]
    assert "retired_village" not in said


@pytest.mark.parametrize(
    ("code", "village", "lon", "hint"),
    [
        ("990101999999", "西村", None, f"同名的村是 {WEST}"),
        ("880101999999", None, 121.15, f"位置在 {EAST}"),
        ("990101001205", None, None, "相近的有 9901010012"),
        ("110101001001", None, None, "名单中"),
    ],
)
def test_a_code_of_no_village_names_its_likely_successor(
    code: str, village: str | None, lon: float | None, hint: str
) -> None:
    table = sites([code], [lon]).assign(行政村=[village])
    census = build_census(
        {
            "villages": Source(villages([EAST, WEST], [121.125, 121.0])),
            "shelters": Source(table),
        },
        as_of="2024-06-01",
    )
    findings = census.findings.set_index("rule")
    assert hint in findings.loc["unknown_village", "message"]


def test_a_list_with_an_old_code_is_told() -> None:
    census = build_census(
        {
            "villages": Source(villages([EAST, OLD], [121.125, 121.0])),
            "code_changes": Source(TABLE),
        },
        as_of="2024-06-01",
    )
    assert census["villages"]["village_code"].tolist() == [EAST, OLD]
    findings = census.findings.set_index("rule")
    assert f"已由 {EAST} 取代" in findings.loc["retired_village", "message"]


def test_outlines_of_before_the_merger_are_put_together() -> None:
    listed = pd.DataFrame({"行政区划代码": [EAST, WEST], "名称": ["东村", "西村"]})
    before = villages([OLD, EAST, WEST], [121.25, 121.125, 121.0])
    census = build_census(
        {
            "code_changes": Source(TABLE),
            "villages": Source(listed.assign(人口=9), places=before),
            "shelters": Source(sites([None], [121.3])),
        },
        as_of="2024-06-01",
    )
    areas = census["villages"].geometry
    assert areas.iloc[0].equals(shapely.box(121.125, 28.0, 121.375, 28.1))
    assert areas.iloc[1].equals(square(121.0))
    assert census["shelters"]["village_code"].tolist() == [EAST]
    assert "outline_merged" in set(census.findings["rule"])


def test_places_join_across_the_change() -> None:
    table = sites([OLD, EAST], [None, None]).assign(场所名称="祠堂")
    places = gpd.GeoDataFrame(
        {"场所名称": ["祠堂", "祠堂"], "村代码": [EAST, WEST]},
        geometry=gpd.points_from_xy([121.15, 121.05], [28.05, 28.05]),
        crs=4490,
    )
    sources = {
        "code_changes": Source(TABLE),
        "villages": Source(villages([EAST, WEST], [121.125, 121.0])),
        "shelters": Source(table.iloc[:1], places=places),
    }
    census = build_census(sources, as_of="2024-06-01")
    assert census["shelters"].geometry.x.tolist() == [121.15]
    assert census.sources.set_index("layer").loc["shelters", "placed_by_name"] == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12
    )
)
def test_every_chain_ends(pairs: list[tuple[str, str]]) -> None:
    found = successors_of(pd.DataFrame(pairs, columns=["old", "new"]))
    for old, new in found.shares.items():
        assert new
        assert old not in new
    assert set(found.shares) == {old for old, new in pairs if old != new}


def test_a_table_without_codes_is_refused() -> None:
    with pytest.raises(LayerError, match="lacks the columns new"):
        successors_of(pd.DataFrame({"old": ["1"]}))
    assert successors_of(None).shares == {}
