"""The picture for phones: portrait, large words, the way told in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
import pytest
from PIL import Image

from riskmap.publish import draw_risk_map, draw_route_map, save_sheet
from riskmap.publish.fonts import find_fonts, points_of
from riskmap.publish.paper import RC
from riskmap.publish.phonecards import cards_of
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    import geopandas as gpd

    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

LEGS = pd.DataFrame(
    {
        "route_id": ["G1-1"] * 4 + ["G1-2"],
        "seq": [1, 2, 3, 4, 1],
        "road_name": [None, "上坑路", "上坑路", "竹溪路", "上坑路"],
        "turn": ["出发", "上路", "直行", "左转", "出发"],
        "length_m": [28.0, 300.0, 206.0, 700.0, 480.0],
    }
)


@pytest.fixture
def route_map(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> MapSpec:
    plan.route_legs = LEGS
    plan.assignments["departs_by"] = [
        "2026-08-20T16:49",
        "2026-08-20T16:53",
        None,
        "2026-08-19T18:00",
    ]
    return draw_route_map(plan, villages, village="竹溪村", layers=layers)


def printed(spec: MapSpec) -> str:
    with mpl.rc_context(RC):
        sheet = lay_out_map(spec, "phone", faces=find_fonts())
    texts = [one for axes in sheet.figures[0].axes for one in axes.texts]
    assert min(one.get_fontsize() for one in texts) >= points_of(2.8)
    return "".join(one.get_text() for one in texts)


def test_the_way_is_told_in_words_and_straight_on_is_one_way(
    route_map: MapSpec,
) -> None:
    steps = route_map.table("steps").frame
    assert steps["走法"].tolist() == [
        "沿小路走 30 米 → 上上坑路，走 510 米 → 左转进竹溪路，走 700 米 → 竹溪小学"
    ]
    assert steps.index.tolist() == ["G1"]


def test_every_group_has_a_card_with_its_own_time_and_phone(
    route_map: MapSpec,
) -> None:
    cards = {one.number: one for one in cards_of(route_map) if one.number}
    assert len(cards) == 4
    words = {
        one.lines[0].words.split()[0]: " ".join(line.words for line in one.lines)
        for one in cards.values()
    }
    assert "按情景最晚 8月20日 16:49 出发" in words["上坑组"]
    assert "按情景最晚 8月20日 16:53 出发" in words["后山组"]
    assert "按情景最晚 8月19日 18:00 出发" in words["坑边组"]
    assert "出发" not in words["溪口组"].replace("听从", "")
    assert "13900000012" in words["后山组"]
    assert [one.alarm for one in cards.values()] == [True, False, False, False]


def test_the_picture_says_all_of_it_large_enough(route_map: MapSpec) -> None:
    found = printed(route_map)
    for words in ("竹溪村避险转移路线图", "竹溪小学", "0570-0000001", "立即转移"):
        assert words in found
    assert "未落实" in found


def test_a_risk_map_on_a_phone_tells_its_dangers(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    spec = draw_risk_map(villages, village="竹溪村", layers=layers)
    found = printed(spec)
    assert "竹溪村上坑滑坡" in found
    assert "13900000001" in found
    bare = replace(spec, tables=tuple(t for t in spec.tables if t.key == "emergency"))
    assert "119" in printed(bare)


def test_the_picture_grows_with_its_words_and_stays_small(
    route_map: MapSpec, tmp_path: Path
) -> None:
    (file,) = save_sheet(route_map, tmp_path / "手机.png", page="phone")
    short = replace(route_map, tables=())
    (other,) = save_sheet(short, tmp_path / "短.png", page="phone")
    with Image.open(file) as picture, Image.open(other) as less:
        assert picture.width == less.width == 1080
        assert picture.height > less.height > 1080
    assert file.stat().st_size < 1_000_000
