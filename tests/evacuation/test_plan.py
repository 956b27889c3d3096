from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import CrsError, LayerError, PlanError
from riskmap.evacuation import Plan, Preference, plan_evacuation, verify_plan
from riskmap.routing import close_roads
from tests.evacuation.conftest import at, beds, box, hazard, people, streets

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from riskmap.routing import Network

COLUMNS = {
    "groups": ["group_id", "village_code", "village_name", "people", "placement"],
    "assignments": [
        "group_id", "people", "shelter_id", "shelter_name", "time_min", "length_m",
        "access_m", "departs_by", "reason", "backup_shelter_id", "backup_time_min",
    ],
    "routes": [
        "route_id", "group_id", "shelter_id", "rank", "mode", "length_m", "time_min",
        "shared_m", "geometry",
    ],
    "route_legs": [
        "route_id", "seq", "road_id", "road_name", "turn", "length_m", "time_min",
    ],
    "shelters": [
        "shelter_id", "name", "declared_people", "computed_people",
        "available_people", "assigned_people", "reason",
    ],
    "closures": ["cause", "geometry"],
    "ledger": ["category", "village_code", "township_code", "people"],
}  # fmt: skip


def reasons(plan: Plan) -> dict[str, str]:
    return dict(
        zip(plan.assignments["group_id"], plan.assignments["reason"], strict=True)
    )


def sent(plan: Plan) -> dict[str, str | None]:
    table = plan.assignments
    where = table["shelter_id"].astype(object).where(table["shelter_id"].notna(), None)
    return dict(zip(table["group_id"], where, strict=True))


def test_the_nearest_shelter_with_room_along_the_streets(
    town: Network, pace: float
) -> None:
    groups = people(("a", 30, at(50, 0)), ("b", 30, at(150, 0)))
    plan = plan_evacuation(
        groups, beds(("S", 40, at(0, 0)), ("T", 40, at(400, 0))), town
    )
    assert sent(plan) == {"a": "S", "b": "T"}
    assert plan.assignments["time_min"].tolist() == pytest.approx(
        [50 * pace, 250 * pace], rel=1e-3
    )
    assert plan.assignments["length_m"].tolist() == pytest.approx([50, 250], rel=1e-3)
    assert reasons(plan) == {"a": "ok", "b": "ok"}


def test_every_table_has_the_columns_of_the_contract(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 3, at(50, 0))), beds(("S", 40, at(0, 0))), town, scenario="夜间"
    )
    for name, columns in COLUMNS.items():
        frame = getattr(plan, name)
        assert set(columns) <= set(frame.columns), name
        assert frame["scenario"].eq("夜间").all(), name


def test_the_route_runs_from_door_to_door_with_its_legs(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 3, at(150, 20))), beds(("S", 40, at(420, 100))), town
    )
    route = plan.routes[plan.routes["rank"].eq(1)].iloc[0]
    ends = shapely.points(shapely.get_coordinates(route.geometry)[[0, -1]])
    assert ends[0].distance(at(150, 20)) < 0.01
    assert ends[1].distance(at(420, 100)) < 0.01
    legs = plan.route_legs[plan.route_legs["route_id"].eq(route["route_id"])]
    assert legs["seq"].tolist() == list(range(1, len(legs) + 1))
    assert legs["turn"].iloc[0] == "出发"
    assert legs["turn"].iloc[-1] == "到达"
    assert legs["length_m"].sum() == pytest.approx(route["length_m"])
    assert legs["time_min"].sum() == pytest.approx(route["time_min"])
    assert legs["road_name"].dropna().tolist()[0] == "h0街"


def test_the_backup_shares_nothing_where_it_can(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 3, at(100, 100))), beds(("S", 40, at(300, 300))), town
    )
    backup = plan.routes[plan.routes["rank"].eq(2)].iloc[0]
    assert backup["shared_m"] == pytest.approx(0, abs=5)
    assert backup["length_m"] == pytest.approx(400, abs=5)
    assert plan.assignments["backup_shelter_id"].tolist() == ["S"]


def test_the_backup_leads_to_another_shelter_with_room(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 30, at(100, 100))),
        beds(("S", 40, at(200, 100)), ("T", 20, at(0, 100)), ("U", 30, at(0, 400))),
        town,
    )
    assert sent(plan) == {"a": "S"}
    assert plan.assignments["backup_shelter_id"].tolist() == ["U"]


@pytest.mark.parametrize(
    ("reason", "groups", "shelters", "options"),
    [
        ("full", people(("g", 50, at(0, 0))), beds(("S", 40, at(100, 0))), {}),
        ("over_time", people(("g", 5, at(0, 0))), beds(("S", 40, at(400, 400))),
         {"max_time_min": 2.0}),
        ("over_time", people(("g", 5, at(0, 0))), beds(("S", 40, at(400, 400))),
         {"arrives_at": "2026-08-01T12:00", "as_of": "2026-08-01T11:00"}),
        ("too_far_from_road", people(("g", 5, at(-900, 0))),
         beds(("S", 40, at(100, 0))), {}),
        ("insufficient_data", people(("g", None, at(0, 0))),
         beds(("S", 40, at(100, 0))), {}),
        ("insufficient_data", people(("g", 5, None)), beds(("S", 40, at(100, 0))), {}),
        ("insufficient_data", people(("g", 5, at(0, 0))),
         beds(("S", None, at(100, 0))), {}),
        ("shelter_at_risk", people(("g", 5, at(0, 0))), beds(("S", 40, at(100, 0))),
         {"zones": hazard(("z", box(80, -20, 120, 20)))}),
        ("cut_off", people(("g", 5, at(0, 0))),
         beds(("S", 40, at(400, 400)), ("T", 9, at(450, 0))),
         {"zones": hazard(("z", box(350, 50, 600, 360)), ("y", box(-50, 40, 350, 60)),
                          ("x", box(340, -50, 360, 60)))}),
        ("insufficient_data", people(("g", 5, at(0, 0))),
         beds(("S", 40, at(100, 0))).iloc[:0], {}),
    ],
    ids=["full", "over_time", "too late", "too_far", "no people", "no place",
         "no room known", "at risk", "cut_off", "no shelter"],
)  # fmt: skip
def test_who_is_not_placed_has_the_reason(
    town: Network,
    reason: str,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    options: dict[str, Any],
) -> None:
    plan = plan_evacuation(groups, shelters, town, **options)
    assert reasons(plan) == {"g": reason}
    assert sent(plan) == {"g": None}
    assert plan.unplaced_people == int(groups["people"].fillna(0).sum())
    assert not len(plan.routes)


def test_all_roads_closed(town: Network) -> None:
    everything = hazard(("z", box(-50, -50, 450, 450)))
    plan = plan_evacuation(
        people(("g", 5, at(-60, 0))), beds(("S", 9, at(460, 400))), town,
        zones=everything,
    )  # fmt: skip
    assert plan.placed_people == 0
    assert reasons(plan) == {"g": "cut_off"}
    assert verify_plan(plan, streets(), zones=everything).empty


def test_who_stands_in_a_zone_walks_out_of_it_and_enters_no_other(
    town: Network,
) -> None:
    zones = hazard(("own", box(-10, -10, 60, 60)), ("other", box(150, -10, 250, 210)))
    plan = plan_evacuation(
        people(("g", 5, at(0, 0))), beds(("S", 9, at(400, 0))), town, zones=zones
    )
    route = plan.routes.iloc[0].geometry
    assert reasons(plan) == {"g": "ok"}
    assert route.intersection(zones.geometry.iloc[1]).length == 0
    assert plan.groups["standing_in"].tolist() == ["own"]
    assert set(plan.closures["cause"]) == {"own", "other"}


def test_other_placements_keep_their_own_and_take_no_bed(town: Network) -> None:
    groups = people(
        ("a", 5, at(0, 0)), ("b", 7, at(0, 0)), ("c", 2, None),
        placement=["投亲靠友", None, "返港"],
    )  # fmt: skip
    plan = plan_evacuation(groups, beds(("S", 9, at(100, 0))), town)
    assert sent(plan) == {"a": None, "b": "S", "c": None}
    assert set(reasons(plan).values()) == {"ok"}
    assert plan.shelters["assigned_people"].tolist() == [7]
    assert plan.ledger.set_index("placement")["placed_people"].to_dict() == {
        "投亲靠友": 5, "返港": 2, "集中": 7,
    }  # fmt: skip


def test_own_village_comes_before_a_nearer_one_by_so_many_minutes(
    town: Network, pace: float
) -> None:
    groups = people(("g", 5, at(200, 0)))
    shelters = beds(("own", 9, at(400, 0)), ("near", 9, at(100, 0)))
    shelters["village_code"] = ["990101001001", "990101001002"]
    extra = 100 * pace
    for minutes, expected in ((extra * 1.1, "own"), (extra * 0.9, "near")):
        plan = plan_evacuation(
            groups, shelters, town, preference=Preference(minutes, minutes)
        )
        assert sent(plan) == {"g": expected}


def test_pinned_groups_go_where_the_planner_says(town: Network) -> None:
    groups = people(("g", 5, at(0, 0)))
    shelters = beds(("S", 9, at(0, 0)), ("T", 9, at(400, 0)))
    plan = plan_evacuation(groups, shelters, town, pinned={"g": "T"})
    assert sent(plan) == {"g": "T"}
    with pytest.raises(PlanError, match="1 pinned ids are in no layer: X"):
        plan_evacuation(groups, shelters, town, pinned={"g": "X"})


def test_departures_are_local_iso_and_leave_time_for_the_way(town: Network) -> None:
    plan = plan_evacuation(
        people(("g", 5, at(0, 0))), beds(("S", 9, at(400, 0))), town,
        arrives_at="2026-08-01T14:00",
    )  # fmt: skip
    row = plan.assignments.iloc[0]
    assert row["departs_by"] == "2026-08-01T10:54"
    assert row["order_by"] < row["departs_by"]
    assert "lead_time.chain" in plan.assumptions


def test_nothing_given_is_changed_and_the_crs_is_kept(town: Network) -> None:
    groups = people(("g", 5, at(0, 0))).to_crs(4490)
    shelters = beds(("S", 9, at(400, 0))).to_crs(4490)
    before = groups.copy(), shelters.copy()
    plan = plan_evacuation(groups, shelters, town)
    pd.testing.assert_frame_equal(groups, before[0])
    pd.testing.assert_frame_equal(shelters, before[1])
    assert plan.routes.crs == plan.groups.crs == groups.crs


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda g: g.drop(columns="people"), "groups have no column people"),
        (lambda g: g.assign(people=-3), "1 of 1 groups have people that is negative"),
        (lambda g: g.assign(people=2.5), "no whole number: g"),
        (lambda g: pd.concat([g, g]), "1 groups repeat a group_id: g"),
        (lambda g: g.assign(group_id=None), "1 of 1 groups have no group_id"),
    ],
)
def test_groups_that_make_no_sense_are_refused(
    town: Network, change: Callable[[Any], Any], match: str
) -> None:
    with pytest.raises(LayerError, match=match):
        plan_evacuation(
            change(people(("g", 5, at(0, 0)))), beds(("S", 9, at(0, 0))), town
        )


def test_two_crs_are_refused(town: Network) -> None:
    shelters = beds(("S", 9, at(0, 0))).to_crs(4490)
    with pytest.raises(CrsError, match="different CRS"):
        plan_evacuation(people(("g", 5, at(0, 0))), shelters, town)


def test_a_plan_that_loses_people_cannot_be_made(town: Network) -> None:
    plan = plan_evacuation(people(("g", 5, at(0, 0))), beds(("S", 9, at(0, 0))), town)
    with pytest.raises(PlanError, match="have not exactly one assignment: g"):
        replace(plan, assignments=plan.assignments.iloc[:0])
    with pytest.raises(PlanError, match="does not add up"):
        replace(plan, assignments=plan.assignments.assign(people=4))


def test_the_plan_shows_itself_escaped(town: Network) -> None:
    shelters = beds(
        ("S", 9, at(0, 0)),
    )
    shelters["name"] = "<script>"
    plan = plan_evacuation(people(("g", 5, at(0, 0))), shelters, town)
    html = plan._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "1 groups, 5 people placed, 0 not" in html


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 30)),
             min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60)),
             min_size=1, max_size=3),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_people_in_are_people_placed_and_people_unplaced(
    town: Network,
    heads: list[tuple[int, int, int]],
    room: list[tuple[int, int, int]],
    zone: tuple[int, int],
) -> None:
    groups = people(
        *((f"g{i}", n, at(10 * x, 10 * y)) for i, (x, y, n) in enumerate(heads))
    )
    shelters = beds(
        *((f"s{i}", n, at(10 * x, 10 * y)) for i, (x, y, n) in enumerate(room))
    )
    x, y = (10 * one for one in zone)
    plan = plan_evacuation(
        groups, shelters, town, zones=hazard(("z", box(x, y, x + 95, y + 95)))
    )
    total = sum(n for *_, n in heads)
    assert plan.placed_people + plan.unplaced_people == total
    assert plan.ledger["people"].sum() == total
    load = plan.shelters["assigned_people"] <= plan.shelters["available_people"]
    assert load.fillna(value=True).all()


@given(st.integers(0, 40), st.integers(0, 4), st.integers(0, 39), st.integers(0, 39))
@settings(max_examples=15, deadline=None)
def test_a_closed_road_never_shortens_a_route(
    town: Network, x: int, y: int, u: int, v: int
) -> None:
    # On the streets: who must first find a road may find a better one.
    groups = people(("g", 5, at(200, 150)))
    shelters = beds(("S", 9, at(10 * x, 100 * y)))
    open_ = plan_evacuation(groups, shelters, town)
    shut = close_roads(
        town, hazard(("z", box(10 * u, 10 * v, 10 * u + 40, 10 * v + 40)))
    )
    closed = plan_evacuation(groups, shelters, shut)
    before, after = (p.assignments["time_min"].iloc[0] for p in (open_, closed))
    assert pd.isna(after) or after >= before - 1e-9


def test_who_stands_in_two_zones_walks_out_of_both(town: Network) -> None:
    zones = hazard(("one", box(-10, -10, 60, 10)), ("two", box(-10, -10, 10, 60)))
    zones = pd.concat([zones, hazard(("three", box(40, -10, 150, 10)))])
    plan = plan_evacuation(
        people(("g", 5, at(0, 0))),
        beds(("S", 9, at(400, 0))),
        town,
        zones=zones.reset_index(drop=True),
    )
    assert plan.groups["standing_in"].tolist() == ["one、two"]
    assert reasons(plan) == {"g": "ok"}
    assert verify_plan(plan, streets(), zones=zones).empty


def test_a_group_added_while_beds_are_free_moves_nobody(town: Network) -> None:
    groups = people(("a", 30, at(50, 0)), ("b", 30, at(150, 0)))
    shelters = beds(("S", 40, at(0, 0)), ("T", 45, at(400, 0)))
    before = plan_evacuation(groups, shelters, town)
    more = pd.concat([groups, people(("c", 10, at(0, 0)))])
    after = plan_evacuation(more, shelters, town, previous=before)
    assert sent(after) == sent(before) | {"c": "S"}


def test_at_most_so_many_groups_move(town: Network) -> None:
    groups = people(("a", 10, at(0, 0)))
    shelters = beds(("S", 30, at(0, 0)), ("T", 10, at(400, 0)))
    before = plan_evacuation(groups, shelters, town)
    more = pd.concat([groups, people(("c", 30, at(0, 0)))])
    options = {"previous": before}
    assert sent(plan_evacuation(more, shelters, town, **options)) == {
        "a": "S", "c": None,
    }  # fmt: skip
    moved = plan_evacuation(more, shelters, town, max_moves=1, **options)
    assert sent(moved) == {"a": "T", "c": "S"}
