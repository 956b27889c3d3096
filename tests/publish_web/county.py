"""A county of three villages with a plan, small enough to know by heart.

Village A moves 30 people and places all; B moves 25 and places 20; C has a
group whose people nobody counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

from riskmap.publish.atlas import Atlas
from riskmap.publish.spec import Imprint

if TYPE_CHECKING:
    from riskmap.publish.atlas import Visibility

CODES = ("990101001001", "990101001002", "990101001003")
TOWNSHIP = "990101001000"
PRIVATE = {
    "owner": "陈私密",
    "head": "林户主",
    "phone": "13711112222",
    "remark": "独居",
}
OFFICIAL = {"name": "王建国", "phone": "13800001234"}
VISIBILITY: dict[str, dict[str, Visibility]] = {
    "villages": dict.fromkeys(
        (
            "village_code",
            "name",
            "township_code",
            "township_name",
            "population",
            "data_date",
        ),
        "public",
    ),
    "groups": {
        **dict.fromkeys(("group_id", "village_code", "name", "people"), "public"),
        "responsible_a": "official",
        "phone_a": "official",
    },
    "shelters": dict.fromkeys(
        ("shelter_id", "name", "declared_people", "village_code"), "public"
    ),
    "unsafe_houses": {
        **dict.fromkeys(
            ("unsafe_house_id", "grade", "people", "village_code"), "public"
        ),
        "owner": "private",
        "phone": "private",
    },
    "households": {"household_id": "public", "head": "private", "phone": "private"},
    "roads": dict.fromkeys(("road_id", "name", "road_class"), "public"),
    "duties": {
        **dict.fromkeys(("duty_id", "village_code", "township_code", "post"), "public"),
        "name": "official",
        "phone": "official",
    },
}


@dataclass(frozen=True)
class Plan:
    """The frames of a plan, and nothing that makes them."""

    groups: gpd.GeoDataFrame
    assignments: pd.DataFrame
    routes: gpd.GeoDataFrame
    route_legs: pd.DataFrame
    shelters: gpd.GeoDataFrame
    closures: gpd.GeoDataFrame
    ledger: pd.DataFrame
    scenario: str = "台风"
    assumptions: tuple[str, ...] = ()


def _frame(
    columns: dict[str, list[object]], geometry: list[object]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=4490)


def _layers(text: str) -> dict[str, gpd.GeoDataFrame]:
    squares = [box(121.2 + i / 50, 28.1, 121.2 + (i + 1) / 50, 28.12) for i in range(3)]
    villages = _frame(
        {
            "village_code": list(CODES),
            "name": [text, "下宅村", "外岙村"],
            "township_code": [TOWNSHIP] * 3,
            "township_name": ["石浦镇"] * 3,
            "population": pd.array([300, None, 120], dtype="Int64"),
            "data_date": ["2026-03-01"] * 3,
        },
        squares,
    )
    houses = _frame(
        {
            "unsafe_house_id": ["W1"],
            "grade": ["D级"],
            "people": pd.array([4], dtype="Int64"),
            "village_code": [CODES[0]],
            "owner": [PRIVATE["owner"]],
            "phone": [PRIVATE["phone"]],
            "remark": [PRIVATE["remark"]],
        },
        [Point(121.205, 28.105)],
    )
    households = _frame(
        {
            "household_id": ["H1"],
            "group_id": ["G1"],
            "village_code": [CODES[0]],
            "head": [PRIVATE["head"]],
            "phone": [PRIVATE["phone"]],
            "people": pd.array([5], dtype="Int64"),
        },
        [Point(121.2061, 28.1061)],
    )
    roads = _frame(
        {"road_id": ["R1"], "name": [text], "road_class": ["村道"]},
        [LineString([(121.2, 28.11), (121.26, 28.11)])],
    )
    duties = _frame(
        {
            "duty_id": ["D1"],
            "village_code": [CODES[0]],
            "township_code": [TOWNSHIP],
            "post": ["村防汛负责人"],
            "name": [OFFICIAL["name"]],
            "phone": [OFFICIAL["phone"]],
        },
        [None],
    )
    return {
        "villages": villages,
        "unsafe_houses": houses,
        "households": households,
        "roads": roads,
        "duties": duties,
        "groups": _groups(text),
        "shelters": _shelters(text),
    }


def _groups(text: str) -> gpd.GeoDataFrame:
    return _frame(
        {
            "group_id": ["G1", "G2", "G3", "G4"],
            "village_code": [CODES[0], CODES[1], CODES[1], CODES[2]],
            "village_name": [text, "下宅村", "下宅村", "外岙村"],
            "name": [text, "二组", "三组", "四组"],
            "people": pd.array([30, 20, 5, None], dtype="Int64"),
            "responsible_a": [OFFICIAL["name"]] * 4,
            "phone_a": [OFFICIAL["phone"]] * 4,
        },
        [Point(121.205 + i / 50, 28.108) for i in (0, 1, 1.2, 2)],
    )


def _shelters(text: str) -> gpd.GeoDataFrame:
    return _frame(
        {
            "shelter_id": ["S1"],
            "name": [text],
            "declared_people": pd.array([60], dtype="Int64"),
            "village_code": [CODES[0]],
        },
        [Point(121.21, 28.111)],
    )


def plan(text: str = "竹溪村") -> Plan:
    """Return the plan."""
    groups, shelters = _groups(text), _shelters(text)
    assignments = pd.DataFrame(
        {
            "group_id": ["G1", "G2", "G3", "G4"],
            "people": groups["people"],
            "shelter_id": ["S1", "S1", None, "S1"],
            "shelter_name": [text, text, None, text],
            "time_min": [8.2, 11.0, None, 20.0],
            "length_m": [455.0, 720.0, None, 1500.0],
            "access_m": [5.0, 6.0, None, 7.0],
            "departs_by": None,
            "reason": ["ok", "ok", "cut_off", "ok"],
            "backup_shelter_id": None,
            "backup_time_min": None,
        }
    )
    ways = [LineString([one, shelters.geometry.iloc[0]]) for one in groups.geometry]
    routes = _frame(
        {
            "route_id": ["G1-1", "G2-1", "G4-1"],
            "group_id": ["G1", "G2", "G4"],
            "shelter_id": ["S1"] * 3,
            "rank": [1, 1, 1],
            "mode": ["walk"] * 3,
            "length_m": [455.0, 720.0, 1500.0],
            "time_min": [8.2, 11.0, 20.0],
            "shared_m": [0.0] * 3,
        },
        [ways[0], ways[1], ways[3]],
    )
    legs = pd.DataFrame(
        {
            "route_id": ["G1-1", "G1-1"],
            "seq": [1, 2],
            "road_id": ["R1", "R1"],
            "road_name": [text, None],
            "turn": ["出发", "左转"],
            "length_m": [300.0, 155.0],
            "time_min": [5.0, 3.2],
        }
    )
    rooms = shelters.assign(
        computed_people=pd.array([80], dtype="Int64"),
        available_people=pd.array([60], dtype="Int64"),
        assigned_people=pd.array([50], dtype="Int64"),
        reason="ok",
    )
    ledger = pd.DataFrame(
        {
            "village_name": [text, "下宅村"],
            "category": [text, "地质灾害点"],
            "people": pd.array([30, 25], dtype="Int64"),
            "placed_people": pd.array([30, 20], dtype="Int64"),
        }
    )
    closed = gpd.GeoDataFrame({"cause": []}, geometry=[], crs=4490)
    return Plan(groups, assignments, routes, legs, rooms, closed, ledger)


def atlas(text: str = "竹溪村", *, planned: bool = True) -> Atlas:
    """Return the county; `text` stands wherever a census could put text."""
    tiers = pd.DataFrame(
        {
            "village_code": list(CODES),
            "circle_people": pd.array([300, 100, None], dtype="Int64"),
            "network_people": pd.array([120, 100, 80], dtype="Int64"),
        }
    )
    findings = pd.DataFrame(
        {
            "layer": ["shelters", text],
            "severity": ["error", "warning"],
            "value": [text, text],
        }
    )
    return Atlas(
        county=text,
        layers=_layers(text),
        plans={"台风": plan(text)} if planned else {},
        scenario="台风" if planned else None,
        imprint=Imprint(
            data_date="2026-04-15",
            version="v1",
            producer=text,
            notes=(text,),
            fictional=True,
        ),
        audit={"tiers": tiers},
        findings=findings,
        visibility=VISIBILITY,
    )
