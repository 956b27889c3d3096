"""Villages of which little, much or odd things are known still have their sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from shapely import LineString, Point, box

from riskmap.publish import draw_risk_map, draw_route_map, draw_situation_map
from riskmap.publish.fonts import find_fonts
from riskmap.publish.labels import overlaps
from riskmap.publish.paper import RC
from riskmap.publish.sheet import lay_out_map
from riskmap.publish.style import style

if TYPE_CHECKING:
    from types import SimpleNamespace

    from riskmap.publish.sheet import PaperSheet
    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]


def laid_out(spec: MapSpec) -> PaperSheet:
    with mpl.rc_context(RC):
        return lay_out_map(spec, "A3", faces=find_fonts())


def texts(sheet: PaperSheet) -> str:
    return "".join(
        one.get_text()
        for figure in sheet.figures
        for axes in figure.axes
        for one in axes.texts
    )


def hidden(sheet: PaperSheet) -> float:
    boxes = [one.candidate.boxes for one in sheet.drawn.placed]
    return sum(
        float(overlaps(one, other).sum())
        for rank, one in enumerate(boxes)
        for other in boxes[:rank]
    )


@pytest.mark.parametrize(
    ("missing", "note"),
    [("roads", "未提供道路数据"), ("shelters", "未提供避灾安置场所")],
)
def test_what_is_missing_is_said(
    villages: gpd.GeoDataFrame, layers: Layers, missing: str, note: str
) -> None:
    del layers[missing]
    sheet = laid_out(draw_situation_map(villages, village="竹溪村", layers=layers))
    assert note in texts(sheet)
    assert hidden(sheet) == 0


def test_a_village_without_a_border_says_so(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame
) -> None:
    points = villages.set_geometry(villages.geometry.representative_point())
    sheet = laid_out(draw_route_map(plan, points, village="竹溪村"))
    assert "界线缺" in texts(sheet)
    assert "粗略" in texts(sheet)


def test_a_village_across_two_zones_is_drawn_whole_and_in_true_metres() -> None:
    wide = box(121.45, 28.0, 121.55, 28.05)
    villages = gpd.GeoDataFrame(
        {
            "village_code": ["990000000301"],
            "name": ["跨带村"],
            "township_name": ["云岭镇"],
        },
        geometry=[wide],
        crs="EPSG:4490",
    )
    dangers = gpd.GeoDataFrame(
        {
            "hazard_point_id": ["H1", "H2"],
            "name": ["西坡滑坡", "东坡滑坡"],
            "hazard": ["滑坡", "滑坡"],
            "threat_grade": ["大型", "小型"],
            "village_code": ["990000000301"] * 2,
        },
        geometry=[Point(121.452, 28.01), Point(121.548, 28.04)],
        crs="EPSG:4490",
    )
    spec = draw_risk_map(villages, village="跨带村", hazard_points=dangers)
    shape = spec.boundary.geometry.iloc[0]
    true = abs(spec.crs.get_geod().geometry_area_perimeter(wide)[0])
    assert shape.area == pytest.approx(true, rel=1e-3)
    sheet = laid_out(spec)
    assert {"1 西坡滑坡", "2 东坡滑坡"} <= {
        sheet.drawn.wanted[one.key].words for one in sheet.drawn.placed
    }


def test_a_point_far_from_home_sets_no_scale(
    villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    near = laid_out(draw_situation_map(villages, village="竹溪村", layers=layers))
    stray = layers["hazard_points"].iloc[[0]].copy()
    stray["hazard_point_id"] = "331000099"
    stray["geometry"] = [Point(121.9, 28.9)]
    layers["hazard_points"] = pd.concat([layers["hazard_points"], stray])
    spec = draw_situation_map(villages, village="竹溪村", layers=layers)
    assert laid_out(spec).drawn.plot.scale == near.drawn.plot.scale
    assert "331000099" in spec.table("hazards").frame["编号"].tolist()


def test_a_crowd_of_dangers_keeps_the_other_words(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    first = layers["hazard_points"].iloc[[0]]
    many = pd.concat([first] * 200, ignore_index=True)
    many["hazard_point_id"] = [f"H{rank:03d}" for rank in range(200)]
    layers["hazard_points"] = gpd.GeoDataFrame(many, crs=first.crs)
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    sheet = laid_out(spec)
    assert hidden(sheet) == 0
    placed = {sheet.drawn.wanted[one.key].words for one in sheet.drawn.placed}
    assert any("竹溪小学" in one for one in placed)
    assert sum("组" in one for one in placed) >= 4


def test_a_group_that_returns_to_port_shows_its_quay_or_says_there_is_none(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    plan.groups.loc[2, "placement"] = "返港"
    plan.groups["assembly_point"] = [None, None, "竹溪码头", None]
    plan.assignments.loc[2, "reason"] = "ok"
    bare = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    assert any("靠泊码头未提供" in one for one in bare.imprint.notes)
    quay = villages.iloc[[0]].set_geometry(villages.iloc[[0]].representative_point())
    quay = quay.assign(name="竹溪码头", kind="码头", landing_zone_id="L1")
    spec = draw_route_map(
        plan, villages, village="竹溪村", layers={**layers, "landing_zones": quay}
    )
    assert not any("靠泊码头未提供" in one for one in spec.imprint.notes)
    assert "返港（竹溪码头）" in spec.table("transfer").frame["安置场所"].tolist()
    assert "竹溪码头" in texts(laid_out(spec))


def test_a_route_that_leaves_the_sheet_says_where_to(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    moved = plan.routes.geometry.iloc[3]
    far = type(moved)([*moved.coords, (119.9, 28.016)])
    plan.routes.loc[3, "geometry"] = far
    sheet = laid_out(draw_route_map(plan, villages, village="竹溪村", layers=layers))
    assert "2号往竹溪村文化礼堂（备用）" in texts(sheet)


@pytest.mark.parametrize(("aside", "times"), [(0.0002, 1), (-0.003, 2)])
def test_routes_that_leave_side_by_side_say_once_where_to(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    layers: Layers,
    aside: float,
    times: int,
) -> None:
    backup = plan.routes.loc[[3]]
    x, y = backup.geometry.iloc[0].coords[0]
    ways = [LineString([(x, y + up), (119.9, y + up)]) for up in (0.0, aside)]
    both = pd.concat([backup, backup]).set_geometry(ways, crs=plan.routes.crs)
    plan.routes = pd.concat([plan.routes.loc[:2], both], ignore_index=True)
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    wanted = [one.words for one in laid_out(spec).drawn.wanted]
    assert sum("往竹溪村文化礼堂（备用）" in one for one in wanted) == times


def test_a_route_that_leaves_and_comes_back_is_told_and_numbered(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    coords = list(plan.routes.geometry.iloc[0].coords)
    x, y = coords[2]
    bend = [(x, y - 0.03), (x + 0.004, y - 0.03)]
    plan.routes.loc[0, "geometry"] = LineString([*coords[:3], *bend, *coords[3:]])
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    home = villages.to_crs(spec.crs).geometry.iloc[0].bounds
    sheet = laid_out(replace(spec, bounds=home, overview=spec.bounds))
    words = [one.words for one in sheet.drawn.wanted]
    assert any("2号往竹溪小学" in one for one in words)


def test_a_route_on_a_closed_road_is_crossed_and_to_be_walked_early(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    bare = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    assert "险情来时会封" not in bare.table("transfer").note
    plan.closures = plan.routes.iloc[[1]].assign(cause="上坑风险防范区")
    legs = {"route_id": ["G2-1"], "seq": [1], "road_name": ["后山路"], "turn": ["出发"]}
    plan.route_legs = pd.DataFrame(legs | {"length_m": [815.0]})
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    assert spec.table("transfer").note.startswith("2-4号路线有一段")
    assert "须在险情到来前走过" in spec.table("steps").frame["走法"].loc["G2"]
    sheet = laid_out(spec)
    crossed = style("closure").mark_fill
    shapes = [
        one
        for one in sheet.drawn.plot.axes.collections
        if len(one.get_facecolor())
        and to_hex(one.get_facecolor()[0]).upper() == crossed
    ]
    routes = [
        one
        for one in sheet.drawn.plot.axes.collections
        if isinstance(one, LineCollection)
        and to_hex(one.get_colors()[0]).upper() == style("route").fill
    ]
    assert shapes
    assert min(one.get_zorder() for one in shapes) > max(
        one.get_zorder() for one in routes
    )
