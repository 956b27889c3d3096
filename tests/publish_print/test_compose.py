from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from riskmap.errors import CrsError, LayerError
from riskmap.publish import Imprint, draw_risk_map, draw_route_map, draw_situation_map
from riskmap.publish.card_frames import hazard_cards, household_cards
from riskmap.publish.cells import metres_text, minutes_text, people_text, people_total
from riskmap.publish.lists_frames import duty_list, evacuation_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    Layers = dict[str, gpd.GeoDataFrame]


@pytest.mark.parametrize("village", ["竹溪村", "990000000201"])
def test_a_village_goes_by_name_or_code(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, village: str
) -> None:
    spec = draw_route_map(plan, villages, village=village)
    assert spec.title == "竹溪村避险转移路线图"
    assert spec.code == "990000000201"
    assert spec.boundary is not None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"village": "竹西村"}, 'nearest is "竹溪村"'),
        ({"village": "云岭镇", "township": "云岭镇"}, "exactly one"),
        ({}, "exactly one"),
        ({"township": "云岭乡"}, 'nearest is "云岭镇"'),
    ],
)
def test_an_unknown_place_is_an_error_naming_the_nearest(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    asked: dict[str, str],
    message: str,
) -> None:
    with pytest.raises(LayerError, match=message):
        draw_route_map(plan, villages, **asked)


def test_two_villages_of_one_name_need_a_code(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    twins = villages.assign(name="竹溪村")
    with pytest.raises(LayerError, match="is the name of 3"):
        draw_route_map(plan, twins, village="竹溪村")


def test_a_wrong_layer_name_is_an_error_naming_the_nearest(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    with pytest.raises(LayerError, match='nearest is "roads"'):
        draw_risk_map(villages, village="竹溪村", road=layers["roads"])


def test_a_frame_without_crs_is_refused(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    bare = gpd.GeoDataFrame(layers["roads"].drop(columns="geometry"))
    bare = bare.set_geometry(gpd.GeoSeries(layers["roads"].geometry.to_numpy()))
    with pytest.raises(CrsError, match="no CRS"):
        draw_risk_map(villages, village="竹溪村", roads=bare)


def test_unplaced_groups_come_first_with_their_reason(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    table = draw_route_map(plan, villages, village="竹溪村").table("transfer").frame
    assert list(table.index) == ["G3", "G1", "G2", "G4"]
    assert list(table["号"]) == ["1", "2", "3", "4"]
    assert table.loc["G3", "安置场所"] == "未落实：断路孤岛"


def test_every_group_has_a_row_even_without_assignment(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    plan.assignments = plan.assignments.iloc[:1]
    table = draw_route_map(plan, villages, village="竹溪村").table("transfer").frame
    assert sorted(table.index) == ["G1", "G2", "G3", "G4"]
    assert (table.loc[["G2", "G3", "G4"], "安置场所"] == "未落实：数据不足").all()


def test_the_table_prints_the_plan(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    table = draw_route_map(plan, villages, village="竹溪村").table("transfer").frame
    assert table.loc["G1", ["人数", "分钟", "路程米"]].tolist() == ["35", "18", "1230"]
    assert table.loc["G4", "分钟"] == "16"
    assert table.loc["G3", ["人数", "分钟", "路程米"]].tolist() == ["未知", "—", "—"]
    assert table.loc["G1", "备用场所"] == "竹溪村文化礼堂"


def test_unknown_people_are_not_zero(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村")
    assert spec.facts["未落实"] == "未知"
    assert spec.facts["需转移"].startswith("≥66")
    assert "1 个转移单元人数未知，未计入合计。" in spec.imprint.notes
    labels = spec.layer("groups").frame.set_index("key")["label"]
    assert labels["G3"] == "1号 溪口组 人数未知"


def test_numbers_of_map_and_table_agree(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村")
    table = spec.table("transfer").frame["号"]
    for key in ("groups", "routes", "routes_backup"):
        layer = spec.layer(key).frame
        assert (layer["number"].to_numpy() == table[layer["key"]].to_numpy()).all()


def test_shelters_show_their_state(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    shelters = spec.layer("shelters").frame.set_index("key")
    assert shelters.loc["S001", "style"] == "shelter"
    assert shelters.loc["S001", "label"] == "竹溪小学\n66/120人"
    assert shelters.loc["S002", "style"] == "shelter_unknown"


@pytest.mark.parametrize(
    ("available", "assigned", "reason", "style"),
    [
        (66, 66, "ok", "shelter_full"),
        (0, 0, "shelter_at_risk", "shelter_unsafe"),
        (120, 66, "no_assessment", "shelter_doubtful"),
        (120, 0, "cut_off", "shelter_unknown"),
    ],
)
def test_a_shelter_is_drawn_by_its_state(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    available: int,
    assigned: int,
    reason: str,
    style: str,
) -> None:
    plan.shelters = plan.shelters.assign(
        available_people=available, assigned_people=assigned, reason=reason
    )
    spec = draw_route_map(plan, villages, village="竹溪村")
    assert set(spec.layer("shelters").frame["style"]) == {style}


def test_insufficient_data_never_looks_good(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    spec = draw_risk_map(villages, village="石门村", layers=layers)
    points = spec.layer("hazard_points").frame
    shown = points[points["label"].notna()]
    assert list(shown["style"]) == ["rockfall_unknown"]
    people = spec.table("hazards").frame.iloc[0]["受威胁人数"]
    assert people == "未知"


def test_dangers_of_the_neighbours_are_drawn_but_not_named(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    points = draw_risk_map(villages, village="竹溪村", layers=layers).layer(
        "hazard_points"
    )
    assert points.emphasis == "hero"
    assert list(points.frame["label"].dropna()) == ["2 上坑滑坡"]


def test_a_map_of_nothing_still_says_what_is_missing(
    villages: gpd.GeoDataFrame,
) -> None:
    spec = draw_risk_map(villages, village="竹溪新村")
    assert spec.boundary is None
    assert any(note.startswith("界线缺") for note in spec.imprint.notes)
    assert "未提供道路数据。" in spec.imprint.notes
    assert spec.table("hazards").note == "本次普查未登记风险隐患"


def test_a_village_known_by_a_point_is_rough(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    points = villages.set_geometry(villages.representative_point())
    spec = draw_route_map(plan, points, village="竹溪村")
    assert any(note.startswith("粗略") for note in spec.imprint.notes)


def test_assumptions_of_the_plan_are_printed(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    plan.assumptions = ("shelters.m2_per_person", "something_new")
    notes = draw_route_map(plan, villages, village="竹溪村").imprint.notes
    assert "假定值：场所人均面积为项目自定；其他数值为项目自定。" in notes
    assert "something_new" not in " ".join(notes)


def test_a_township_holds_all_its_villages(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    spec = draw_situation_map(villages, township="云岭镇", plan=plan, layers=layers)
    assert spec.title == "云岭镇防汛防台形势图"
    assert len(spec.layer("groups").frame) == 4
    assert len(spec.table("hazards").frame) == 3


def test_inputs_are_not_changed(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    before = {name: frame.copy() for name, frame in layers.items()}
    groups = plan.groups.copy()
    draw_route_map(plan, villages, village="竹溪村", layers=layers)
    for name, frame in layers.items():
        pd.testing.assert_frame_equal(frame, before[name])
    pd.testing.assert_frame_equal(plan.groups, groups)


def test_the_imprint_of_the_caller_is_kept(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    imprint = Imprint(data_date="2026-01-01", version="v2", notes=("一",))
    spec = draw_route_map(plan, villages, village="竹溪村", imprint=imprint)
    assert spec.imprint.version == "v2"
    assert spec.imprint.notes[0] == "一"
    assert not spec.imprint.fictional


def test_only_maps_with_circles_speak_of_circles(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    ring = layers["teams"].to_crs(4549).buffer(300).to_crs(4490)
    circles = gpd.GeoDataFrame(
        {"standard": ["three_minute"], "tier": [1], "radius_m": [300.0]}, geometry=ring
    )
    layers["circles"] = circles
    note = "假定值：三分钟应急救援圈的部分数值无规范出处，为项目选取。"
    imprint = Imprint(data_date="", version="", notes=(note, "别的"))
    given = {"village": "竹溪村", "layers": layers, "imprint": imprint}
    route = draw_route_map(plan, villages, **given)
    situation = draw_situation_map(villages, plan=plan, **given)
    assert note not in route.imprint.notes
    assert note in situation.imprint.notes
    assert "别的" in route.imprint.notes


def test_a_house_is_its_residents_own_matter(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    layers["unsafe_houses"] = layers["teams"].assign(unsafe_house_id="W1", grade="D级")
    layers["hazard_points"] = layers["hazard_points"].assign(phone_a=None)
    table = draw_risk_map(villages, village="竹溪村", layers=layers).table("hazards")
    rows = table.frame.set_index("编号")
    assert rows.loc["W1", ["责任人", "电话"]].tolist() == ["不公开", "不公开"]
    assert rows.loc["331000001", ["责任人", "电话"]].tolist() == ["陈守山", "未提供"]
    assert rows.loc["F001", "电话"] == "未列"


def test_a_neighbours_zone_over_a_group_is_listed(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    foreign = layers["risk_zones"].assign(village_code="990000000202")
    layers |= {"groups": plan.groups, "risk_zones": foreign}
    spec = draw_risk_map(villages, village="竹溪村", layers=layers)
    assert spec.table("hazards").frame["编号"].tolist() == ["F001", "331000001"]
    assert spec.facts["登记隐患"] == "2 处"
    labels = spec.layer("risk_zones").frame["label"]
    assert [one.split()[0] for one in labels] == ["1"]
    layers["groups"] = plan.groups.iloc[1:3].assign(hazard_id=["F001", None])
    named = draw_risk_map(villages, village="竹溪村", layers=layers)
    assert named.table("hazards").frame["编号"].tolist() == ["F001", "331000001"]
    layers["groups"] = plan.groups.iloc[1:3]
    spared = draw_risk_map(villages, village="竹溪村", layers=layers)
    assert spared.table("hazards").frame["编号"].tolist() == ["331000001"]


def test_the_depth_of_water_on_a_road_is_told(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    points = layers["teams"].assign(waterlog_point_id="Y1", depth_m=0.31)
    layers["waterlog_points"] = points
    table = draw_risk_map(villages, village="竹溪村", layers=layers).table("hazards")
    rows = table.frame.set_index("编号")
    assert rows.loc["Y1", "等级"] == "水深0.31米"


def test_a_village_is_named_by_its_code_and_another_name_is_told(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    plan.groups.loc[1, "village_name"] = "石门村"
    table = draw_route_map(plan, villages, township="云岭镇").table("transfer").frame
    assert table.loc["G1", "村"] == "竹溪村"
    assert table.loc["G2", "村"] == "竹溪村（登记为石门村）"
    rows = evacuation_list(plan, villages, township="云岭镇", layers=layers)
    assert rows["村"].tolist() == table["村"].tolist()


def test_the_list_says_what_the_map_says(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    rows = evacuation_list(plan, villages, village="竹溪村", layers=layers)
    table = spec.table("transfer").frame
    for heading in ("人数", "安置场所", "分钟", "备用场所"):
        assert rows[heading].tolist() == table[heading].tolist()


def test_duties_say_what_is_not_given(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    rows = duty_list(villages, village="竹溪村", layers=layers)
    zone = rows[rows["负责对象"] == "上坑风险防范区"].iloc[0]
    assert zone["姓名"] == "未提供"
    assert "镇值班室" in set(rows["岗位"])


def test_cards_without_households_are_blank(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    cards = household_cards(plan, villages, village="竹溪村", layers=layers)
    assert len(cards) == 4
    assert set(cards["户主"]) == {""}
    assert cards["安置场所"].tolist()[0] == "未落实：断路孤岛"
    go = cards["注意事项"].str.contains("立即走")
    nowhere = cards["安置场所"].str.startswith("未落实")
    assert (go != nowhere).all()
    assert go.any()


def test_a_hazard_has_a_card_with_its_grades_named_and_the_unknown_left_blank(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    cards = hazard_cards(villages, plan=plan, village="竹溪村", layers=layers)
    assert set(cards["隐患点（区）名称"]) == {"竹溪村上坑滑坡", "上坑风险防范区"}
    point = cards[cards["编号"] == "331000001"].iloc[0]
    assert point["等级"] == "险情 大型"
    assert point["威胁对象"] == "35 人"
    assert point["监测人及电话"] == ""
    assert point["防灾责任人及电话"] == "陈守山 13900000001"
    unplanned = hazard_cards(villages, village="竹溪村", layers=layers)
    assert set(unplanned["撤离路线"]) == {""}


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (minutes_text, 12.0, "12"),
        (minutes_text, 12.001, "13"),
        (minutes_text, 0.0, "1"),
        (minutes_text, float("nan"), "—"),
        (metres_text, 845.0, "850"),
        (metres_text, 4.0, "0"),
        (metres_text, None, "—"),
        (people_text, pd.NA, "未知"),
        (people_text, 0, "0"),
    ],
)
def test_figures_are_rounded_as_promised(
    write: Callable[[object], str], value: object, text: str
) -> None:
    assert write(value) == text


def test_totals_count_the_unknown() -> None:
    assert people_total([1, 2]) == "3\u2009人"
    assert people_total([1, pd.NA]) == "≥1\u2009人（1 处人数未知）"
    assert people_total([pd.NA]) == "未知"
    assert people_total([]) == "0\u2009人"


def test_a_far_shelter_leaves_the_village_large_and_the_way_in_an_overview(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    near = draw_route_map(plan, villages, village="竹溪村")
    plan.routes = plan.routes.to_crs("EPSG:4549")
    plan.routes.geometry = plan.routes.geometry.scale(
        xfact=9, yfact=1, origin=(500_300, 3_100_700)
    )
    far = draw_route_map(plan, villages, village="竹溪村")
    assert near.overview is None
    assert far.overview is not None
    assert far.bounds[2] - far.bounds[0] < 1500
    assert far.overview[2] - far.overview[0] > 5000


def test_an_assembly_point_of_the_census_is_drawn_with_its_name(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    places = villages.iloc[[0]].set_geometry(villages.iloc[[0]].representative_point())
    places = places.assign(name="晒谷场", assembly_point_id="J1", people=40)
    spec = draw_route_map(
        plan, villages, village="竹溪村", layers={**layers, "assembly_points": places}
    )
    layer = spec.layer("assembly_points")
    assert layer is not None
    (row,) = layer.frame.to_dict("records")
    assert [row["style"], row["label"]] == ["assembly", "晒谷场"]
    assert row["legend"] == "集合点"
    assert [text for _, text in row["popup"]] == ["晒谷场", "J1"]
