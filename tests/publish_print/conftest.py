"""A toy county: two villages side by side, with every layer and a plan by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

import riskmap as rm
from riskmap.publish import Atlas, Imprint
from riskmap.publish.prepared import prepared

COUNTY = Path(__file__).parents[2] / "sample_data" / "county"
CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_100_000.0


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def line(*xy: tuple[float, float]) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in xy])


def area(*corners: float) -> object:
    west, south, east, north = corners
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def frame(geometry: list, **columns: list) -> gpd.GeoDataFrame:
    made = gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)
    return made.to_crs("EPSG:4490")


@pytest.fixture(scope="session")
def sample_atlas() -> Atlas:
    """Gather the sample county with the plan and the rings of its wall maps."""
    chain = rm.Project.open(COUNTY).chain
    name = chain.settings.wall_scenario
    return prepared(
        Atlas(
            county="云屏县",
            layers=chain.layers,
            plans={name: chain.plans[name]},
            scenario=name,
            imprint=Imprint(
                data_date="2026-04-15",
                version="v1",
                producer="县应急局",
                edition="internal",
                fictional=True,
            ),
            audit={"circles": chain.audits["circles"]},
        )
    )


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    return frame(
        [area(0, 0, 1200, 900), area(1200, 0, 2400, 900), None],
        village_code=["990000000201", "990000000202", "990000000203"],
        name=["竹溪村", "石门村", "竹溪新村"],
        township_code=["990000000"] * 3,
        township_name=["云岭镇"] * 3,
        population=pd.array([412, 350, pd.NA], dtype="Int64"),
        data_date=["2026-04-15"] * 3,
    )


@pytest.fixture
def layers() -> dict[str, gpd.GeoDataFrame]:
    village = "990000000201"
    return {
        "roads": frame(
            [
                line((-400, 300), (200, 300), (700, 350), (1500, 320)),
                line((200, 300), (220, 520), (300, 700)),
                line((700, 350), (720, 600), (640, 800)),
                line((500, 330), (520, 120), (620, 40)),
            ],
            road_id=["R1", "R2", "R3", "R4"],
            name=["竹溪路", "上坑路", "后山路", None],
            road_class=["县道", "村道", "村道", "步道"],
        ),
        "water": frame(
            [line((-300, 180), (400, 220), (900, 240), (1600, 200))], name=["竹溪"]
        ),
        "hazard_points": frame(
            [at(330, 690), at(1300, 600)],
            hazard_point_id=["331000001", "331000002"],
            name=["竹溪村上坑滑坡", "石门崩塌"],
            hazard=["滑坡", "崩塌"],
            threat_grade=["大型", None],
            threatened_people=pd.array([35, pd.NA], dtype="Int64"),
            responsible_a=["陈守山", "林建国"],
            phone_a=["13900000001", "13900000002"],
            village_code=[village, "990000000202"],
        ),
        "risk_zones": frame(
            [area(260, 620, 420, 760)],
            risk_zone_id=["F001"],
            name=["上坑风险防范区"],
            hazard=["滑坡"],
            risk_level=["高"],
            people=pd.array([35], dtype="Int64"),
            village_code=[village],
        ),
        "shelters": frame(
            [at(1000, 345), at(180, 260)],
            shelter_id=["S001", "S002"],
            name=["竹溪小学", "竹溪村文化礼堂"],
            level=["村级", "村级"],
            declared_people=pd.array([120, pd.NA], dtype="Int64"),
            responsible_a=["周立", "吴平"],
            phone_a=["13900000003", "13900000004"],
            village_code=[village, village],
        ),
        "teams": frame(
            [at(420, 300)],
            team_id=["T1"],
            name=["竹溪村突击队"],
            kind=["村级应急抢险突击队"],
            members_people=pd.array([12], dtype="Int64"),
            village_code=[village],
        ),
        "duties": frame(
            [None, None],
            duty_id=["D1", "D2"],
            village_code=[village, None],
            township_code=["990000000", "990000000"],
            post=["村主任", "镇值班室"],
            role=["A角", None],
            name=["郑和平", "值班员"],
            phone=["13900000009", "0570-0000001"],
            scope=["全村", None],
        ),
    }


@pytest.fixture
def plan() -> SimpleNamespace:
    village = "990000000201"
    groups = frame(
        [at(300, 700), at(640, 800), at(620, 40), at(250, 560)],
        group_id=["G1", "G2", "G3", "G4"],
        name=["上坑组", "后山组", "溪口组", "坑边组"],
        village_code=[village] * 4,
        village_name=["竹溪村"] * 4,
        people=pd.array([35, 22, pd.NA, 9], dtype="Int64"),
        placement=["集中"] * 4,
        responsible_a=["陈一", "陈二", None, "陈四"],
        phone_a=["13900000011", "13900000012", None, "13900000014"],
    )
    assignments = pd.DataFrame(
        {
            "group_id": ["G1", "G2", "G3", "G4"],
            "shelter_id": ["S001", "S001", None, "S001"],
            "shelter_name": ["竹溪小学", "竹溪小学", None, "竹溪小学"],
            "time_min": [17.2, 14.0, np.nan, 15.01],
            "length_m": [1234.0, 815.0, np.nan, 1076.0],
            "departs_by": [None] * 4,
            "reason": ["ok", "ok", "cut_off", "ok"],
            "backup_shelter_id": ["S002", None, None, None],
            "backup_time_min": [8.0, np.nan, np.nan, np.nan],
        }
    )
    trunk = [(700, 350), (1000, 338), (1000, 345)]
    routes = frame(
        [
            line((300, 700), (220, 520), (200, 300), *trunk),
            line((640, 800), (720, 600), *trunk),
            line((250, 560), (220, 520), (200, 300), *trunk),
            line((300, 700), (220, 520), (200, 300), (180, 260)),
        ],
        route_id=["G1-1", "G2-1", "G4-1", "G1-2"],
        group_id=["G1", "G2", "G4", "G1"],
        shelter_id=["S001", "S001", "S001", "S002"],
        rank=[1, 1, 1, 2],
        length_m=[1234.0, 815.0, 1076.0, 480.0],
        time_min=[17.2, 14.0, 15.01, 8.0],
    )
    shelters = frame(
        [at(1000, 345), at(180, 260)],
        shelter_id=["S001", "S002"],
        name=["竹溪小学", "竹溪村文化礼堂"],
        available_people=pd.array([120, pd.NA], dtype="Int64"),
        assigned_people=pd.array([66, 0], dtype="Int64"),
        reason=["ok", "insufficient_data"],
    )
    closures = frame([line((500, 330), (520, 120))], cause=["上坑风险防范区"])
    return SimpleNamespace(
        groups=groups,
        assignments=assignments,
        routes=routes,
        route_legs=pd.DataFrame(),
        shelters=shelters,
        closures=closures,
        assumptions=(),
    )
