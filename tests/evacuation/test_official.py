from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from riskmap.errors import LayerError
from riskmap.evacuation import Plan, plan_evacuation
from tests.evacuation.conftest import CRS, at, beds, box, hazard, line, people

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.routing import Network

# From (0, 0) round two blocks to (200, 0): longer than the straight street.
AROUND = line((0, 0), (0, 100), (200, 100), (200, 0))


def official(
    geometry: shapely.LineString | None = AROUND, **columns: object
) -> gpd.GeoDataFrame:
    frame = {"planned_route_id": ["P"], "group_id": ["g"], "shelter_id": ["S"]}
    frame |= {key: [one] for key, one in columns.items()}
    return gpd.GeoDataFrame(frame, geometry=[geometry], crs=CRS)


def primary(
    town: Network,
    planned: gpd.GeoDataFrame,
    *,
    room: int = 9,
    zones: gpd.GeoDataFrame | None = None,
) -> tuple[Plan, pd.Series]:
    plan = plan_evacuation(
        people(("g", 5, at(0, 0))), beds(("S", room, at(200, 0)), ("T", 9, at(400, 0))),
        town, planned_routes=planned, zones=zones,
    )  # fmt: skip
    return plan, plan.routes[plan.routes["rank"].eq(1)].iloc[0]


@pytest.mark.parametrize("backwards", [False, True])
def test_an_open_official_route_is_kept_in_the_direction_of_travel(
    town: Network, pace: float, *, backwards: bool
) -> None:
    drawn = shapely.reverse(AROUND) if backwards else AROUND
    plan, route = primary(town, official(drawn))
    assert (route["source"], route["planned_route_id"]) == ("official", "P")
    assert route["length_m"] == pytest.approx(400, rel=1e-3)
    assert route["time_min"] == pytest.approx(400 * pace, rel=0.02)
    assert route.geometry.coords[0] == pytest.approx(at(0, 0).coords[0])
    legs = plan.route_legs[plan.route_legs["route_id"].eq(route["route_id"])]
    assert legs["road_name"].dropna().tolist() == ["v0街", "h1街", "v2街"]
    assert legs["turn"].tolist() == ["出发", "右转", "右转"]
    assert legs["length_m"].sum() == pytest.approx(route["length_m"])


@pytest.mark.parametrize(
    ("planned", "reason", "options"),
    [
        (official(), "crosses_hazard", {"zones": hazard(("z", box(90, 90, 110, 110)))}),
        (official(line((0, 900), (900, 900))), "too_far_from_road", {}),
        (official(None), "insufficient_data", {}),
        (official(shelter_id="X"), "insufficient_data", {}),
        (official(), "full", {"room": 4}),
    ],
    ids=["hazard", "elsewhere", "no line", "no such shelter", "full"],
)
def test_a_blocked_official_route_is_replaced_with_the_reason(
    town: Network, planned: gpd.GeoDataFrame, reason: str, options: dict[str, Any]
) -> None:
    _, route = primary(town, planned, **options)
    assert (route["source"], route["replaced"]) == ("computed", reason)
    assert route["planned_route_id"] == "P"


def test_the_shelter_may_be_named(town: Network) -> None:
    planned = official(shelter_name="S点").drop(columns="shelter_id")
    assert primary(town, planned)[1]["source"] == "official"


def test_a_route_without_ids_is_refused(town: Network) -> None:
    with pytest.raises(LayerError, match="planned_routes have no column group_id"):
        primary(town, official().drop(columns="group_id"))
