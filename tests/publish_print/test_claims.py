"""Rings and official routes on maps, notes at the foot, one CRS for all maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmap.publish.atlas import Atlas
from riskmap.publish.cells import contact_text
from riskmap.publish.compose_claims import official_routes, rings_of
from riskmap.publish.compose_layers import context_layers
from riskmap.publish.compose_shelters import shelter_load
from riskmap.publish.fonts import find_fonts
from riskmap.publish.foot import split_notes
from riskmap.publish.layerstyles import styles_of
from riskmap.publish.layout import page_named
from riskmap.publish.paper import blank_figure
from riskmap.publish.pen import new_pen
from riskmap.publish.places import find_place
from riskmap.publish.prepared import prepared
from riskmap.publish.spec import Imprint
from riskmap.publish.style import style

if TYPE_CHECKING:
    from riskmap.publish.pen import Pen
    from riskmap.publish.places import Place

VILLAGES = gpd.GeoDataFrame(
    {"village_code": ["V1", "V2"], "name": ["甲村", "乙村"]},
    geometry=[shapely.box(0, 0, 900, 900), shapely.box(900, 0, 1800, 900)],
    crs=4549,
).set_crs(4549)
TEAMS = pd.DataFrame({"team_id": ["T1", "T2"], "village_code": ["V1", "V2"]})
CIRCLES = gpd.GeoDataFrame(
    {
        "standard": ["three_minute", "135_taizhou", "135_taizhou", "ours", "ours"],
        "tier": [1, 2, 3, 1, 1],
        "label": ["3分钟到场", "3分钟到场", "5分钟协同作战", "快", "快"],
        "team_id": ["T1", "T1", "T1", "T1", "T2"],
        "radius_m": [1000.0, 1000.0, 2000.0, 250.0, 250.0],
    },
    geometry=[shapely.Point(450, 450).buffer(200)] * 5,
    crs=4549,
)


@pytest.fixture
def place() -> Place:
    return find_place(VILLAGES, village="甲村")


@pytest.fixture
def pen() -> Pen:
    page = page_named("A3")
    return new_pen(blank_figure(page), page, find_fonts())


def test_a_team_has_two_rings_of_its_village_each_radius_once(place: Place) -> None:
    chosen = rings_of(CIRCLES, place, TEAMS)
    assert set(chosen["team_id"]) == {"T1"}
    assert sorted(chosen["radius_m"]) == [1000.0, 2000.0]


def test_rings_speak_the_words_of_their_standard(place: Place) -> None:
    chosen = rings_of(CIRCLES, place, TEAMS)
    told = " ".join([*chosen["standard"], *map(str, chosen["tier"])])
    assert "135_taizhou" not in told
    assert "three_minute" not in told
    assert "5分钟协同作战" in told


def test_the_legend_names_each_ring_by_its_team_and_radius(place: Place) -> None:
    rows = CIRCLES.assign(name="甲村微型消防站", turnout_min=1.0, assumed=True)
    layer = context_layers("circles", rings_of(rows, place, TEAMS), hero=True)[0]
    told = sorted(layer.frame["legend"])
    assert len(set(told)) == 2
    assert "微型消防站（出动1分钟）半径1000米（假定值）" in told[1]
    assert "5分钟协同作战 微型消防站（出动1分钟）半径2000米（假定值）" in told[0]


def test_each_radius_has_a_line_of_its_own() -> None:
    rows = [{"radius_m": one} for one in (500.0, 2000.0, 1000.0, 2000.0)]
    names = styles_of("circles", rows)
    assert names == ["circle_1", "circle_3", "circle_2", "circle_3"]
    assert len({style(one).dash_mm for one in names}) == 3


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"phone_a": "110"}, "110"),
        ({"phone_a": None}, "未提供"),
        ({"phone_a": pd.NA}, "未提供"),
        ({}, "未列"),
    ],
)
def test_what_lacks_and_what_is_not_shown_differ(
    row: dict[str, object], told: str
) -> None:
    assert contact_text(row, "phone_a") == told


def test_rings_of_unknown_teams_are_all_shown(place: Place) -> None:
    assert len(rings_of(CIRCLES.drop(columns="team_id"), place, TEAMS)) == len(CIRCLES)


class _Plan:
    """As much of a plan as official routes need."""

    routes = pd.DataFrame(
        {
            "group_id": ["G1", "G2"],
            "rank": [1, 1],
            "planned_route_id": ["L1", None],
            "replaced": [None, None],
        }
    )
    assignments = pd.DataFrame(
        {"group_id": ["G1", "G2", "G3"], "reason": ["ok", "ok", "cut_off"]}
    )


@pytest.mark.parametrize(
    ("route", "group", "why"),
    [("L1", "G1", ""), ("L2", "G2", "另有安排"), ("L3", "G3", "断路孤岛")],
)
def test_official_routes_say_why_they_are_out_of_use(
    route: str, group: str, why: str
) -> None:
    routes = gpd.GeoDataFrame(
        {"planned_route_id": [route], "group_id": [group]},
        geometry=[shapely.LineString([(0, 0), (1, 1)])],
        crs=4549,
    )
    plan: Any = _Plan()
    assert official_routes(routes, plan)["out_of_use"].tolist() == [why]
    assert official_routes(routes, None)["out_of_use"].tolist() == [""]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"available_people": None, "assigned_people": 0}, "容量未知"),
        ({"available_people": pd.NA, "assigned_people": 7}, "7/容量未知"),
        ({"available_people": 40, "assigned_people": None}, "0/40"),
    ],
)
def test_unknown_room_is_said_in_words(row: dict[str, object], told: str) -> None:
    assert shelter_load(row) == told


@pytest.mark.parametrize("count", [1, 8, 40])
def test_notes_are_printed_whole_or_flow_on(pen: Pen, count: int) -> None:
    notes = ["假定值：某项数值为项目自定，尚无规范出处。"] * count
    fits, late = split_notes(pen, notes)
    assert [one.split(". ")[1] for one in (*fits, *late)] == notes
    assert fits
    assert bool(late) == (count == 40)


def test_a_prepared_publication_has_one_crs_and_the_same_rows() -> None:
    lonlat = VILLAGES.set_crs(4549).to_crs(4490)
    atlas = Atlas(
        county="县",
        layers={"villages": lonlat, "teams": gpd.GeoDataFrame(TEAMS)},
        plans={},
        scenario=None,
        imprint=Imprint(data_date="2026-01-01", version="1"),
        roads=lonlat.boundary.to_frame("geometry"),
    )
    ready = prepared(atlas)
    assert ready.layers["villages"].crs.is_projected
    assert ready.layers["roads"].crs == ready.layers["villages"].crs
    assert ready.layers["teams"]["team_id"].tolist() == ["T1", "T2"]
    assert lonlat.crs == 4490
