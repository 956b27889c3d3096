from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

from riskmap.evacuation import plan_evacuation, verify_plan
from riskmap.evacuation.plan import TABLES
from tests.evacuation.conftest import at, beds, box, hazard, line, people, streets

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from riskmap.routing import Network

ZONES = hazard(("z", box(180, 180, 220, 220)), ("own", box(-20, -20, 30, 30)))


@pytest.fixture
def plan(town: Network) -> SimpleNamespace:
    made = plan_evacuation(
        people(("a", 30, at(50, 110)), ("b", 20, at(300, 350)), ("out", 5, at(0, 0))),
        beds(("S", 60, at(0, 300)), ("T", 20, at(400, 300))),
        town, zones=ZONES, arrives_at="2026-08-01T14:00",
    )  # fmt: skip
    frames = {name: getattr(made, name).copy() for name in TABLES}
    return SimpleNamespace(**frames, scenario="default")


def rules(plan: SimpleNamespace, **options: float) -> set[str]:
    return set(verify_plan(plan, streets(), zones=ZONES, **options)["rule"])


def test_a_plan_that_holds_breaks_no_rule(plan: SimpleNamespace) -> None:
    assert rules(plan) == set()
    assert verify_plan(plan, streets()).empty


def with_row(
    table: str, row: int, **values: object
) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        frame = getattr(plan, table)
        for column, value in values.items():
            frame[column] = frame[column].astype(object)
            frame.at[frame.index[row], column] = value  # noqa: PD008

    return change


def drop(table: str, row: int) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        frame = getattr(plan, table)
        setattr(plan, table, frame.drop(index=frame.index[row]))

    return change


def twice(plan: SimpleNamespace) -> None:
    plan.assignments = pd.concat([plan.assignments, plan.assignments.iloc[:1]])


def redraw(*xy: tuple[float, float]) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        plan.routes.loc[plan.routes.index[0], "geometry"] = line(*xy)

    return change


def reverse(plan: SimpleNamespace) -> None:
    plan.routes["geometry"] = shapely.reverse(plan.routes.geometry.to_numpy())


def through_the_zone(plan: SimpleNamespace) -> None:
    path = line((50, 110), (50, 100), (200, 100), (200, 300), (0, 300))
    plan.routes.loc[plan.routes.index[0], "geometry"] = path


def scale(table: str, column: str, factor: float) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        frame = getattr(plan, table)
        frame[column] = frame[column] * factor

    return change


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (drop("assignments", 0), "one_row"),
        (twice, "one_row"),
        (with_row("assignments", 0, group_id="nobody"), "one_row"),
        (with_row("assignments", 0, people=31), "people"),
        (with_row("ledger", 0, people=1), "sums"),
        (with_row("ledger", 0, placed_people=1), "sums"),
        (with_row("shelters", 0, assigned_people=1), "sums"),
        (with_row("shelters", 0, available_people=10), "capacity"),
        (with_row("shelters", 0, available_people=None), "capacity"),
        (with_row("shelters", 0, geometry=at(200, 200)), "shelter_at_risk"),
        (with_row("assignments", 0, shelter_id="X"), "shelter"),
        (with_row("assignments", 0, reason="whatever"), "reason"),
        (with_row("assignments", 0, shelter_id=None), "reason"),
        (with_row("assignments", 0, reason="cut_off", shelter_id=None), "cut_off"),
        (with_row("assignments", 1, reason="full", shelter_id=None), "full"),
        (with_row("assignments", 0, departs_by="2026-08-01T10:59"), "departs_by"),
        (with_row("assignments", 0, time_min=1.0), "times"),
        (drop("routes", 0), "route"),
        (drop("route_legs", 0), "legs"),
        (scale("route_legs", "time_min", 1.5), "legs"),
        (scale("route_legs", "length_m", 1.5), "legs"),
        (scale("routes", "length_m", 1.2), "lengths"),
        (scale("routes", "time_min", 0.2), "times"),
        (with_row("route_legs", 1, road_id="h9"), "roads"),
        (with_row("route_legs", 1, road_id="v4", road_name="v4街"), "roads"),
        (redraw((50, 110), (50, 300), (0, 300)), "roads"),
        (reverse, "direction"),
        (through_the_zone, "zones"),
        (through_the_zone, "closures"),
    ],
)
def test_a_planted_fault_is_caught(
    plan: SimpleNamespace, fault: Callable[[SimpleNamespace], None], rule: str
) -> None:
    fault(plan)
    assert rule in rules(plan)


def test_against_a_one_way_street(plan: SimpleNamespace) -> None:
    roads = streets()
    roads["oneway"] = np.where(roads["road_id"].str.startswith("v"), "-1", "no")
    plan.routes["mode"] = "drive"
    assert "one_way" in set(verify_plan(plan, roads)["rule"])


def test_a_bridge_is_left_at_its_ends_alone(
    network_of: Callable[[gpd.GeoDataFrame], Network],
) -> None:
    roads = streets(["h0", "v2"])
    roads["bridge"] = roads["road_id"].eq("v2")
    groups, shelters = people(("g", 5, at(0, 0))), beds(("S", 9, at(200, 400)))
    roads.geometry = [line((0, 50), (400, 50)), line((200, 0), (200, 400))]
    cut = plan_evacuation(groups, shelters, network_of(roads))
    assert cut.assignments["reason"].tolist() == ["cut_off"]
    assert verify_plan(cut, roads).empty
    jumped = plan_evacuation(groups, shelters, network_of(roads.assign(bridge=False)))
    assert "bridges" in set(verify_plan(jumped, roads)["rule"])


def test_who_is_stranded_by_closures_has_no_path(town: Network) -> None:
    zones = hazard(("z", box(50, -50, 70, 450)))
    plan = plan_evacuation(
        people(("g", 5, at(0, 0))), beds(("S", 9, at(400, 400))), town, zones=zones
    )
    assert plan.assignments["reason"].tolist() == ["cut_off"]
    assert verify_plan(plan, streets(), zones=zones).empty
