"""What a plan says beside who goes where; every answer counted by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import LayerError, PlanError
from riskmap.evacuation import (
    Plan,
    Preference,
    plan_evacuation,
    plan_sheets,
    verify_plan,
)
from riskmap.evacuation.crowd import flow_per_min
from riskmap.evacuation.plan import EXTRAS, TABLES
from riskmap.evacuation.shortage import stock_of
from riskmap.routing import build_network
from tests.evacuation.conftest import (
    CRS,
    Frame,
    at,
    beds,
    box,
    hazard,
    line,
    people,
    streets,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskmap.routing import Network

VANS = pd.DataFrame({"vehicle_id": ["中巴"], "count": [2], "seats": [3]})
PIERS = Frame(
    {"landing_zone_id": ["L1", "L2"], "name": ["近", "远"], "kind": ["码头", "码头"]},
    geometry=[at(-520, 400), at(-900, 400)], crs=CRS,
)  # fmt: skip


@pytest.fixture(scope="module")
def drive() -> Network:
    return build_network(streets(), mode="drive")


@pytest.fixture(scope="module")
def whole(town: Network, drive: Network) -> Plan:
    """Return a plan with one of everything; `cut` is cut off by the zone."""
    groups = people(
        ("a", 30, at(150, 110)), ("b", 20, at(300, 350)), ("cut", 8, at(0, 400)),
        ("late", 90, at(400, 0)), ("boat", 5, at(390, 390)),
        disabled_people=[4, 0, 0, 0, 0], elderly_people=[1, 0, 0, 0, 0],
        category=["危旧房", "危旧房", "危旧房", "危旧房", "渔船"],
        responsible_a="甲", phone_a="1", responsible_b="乙", phone_b="2",
    )  # fmt: skip
    shelters = beds(
        ("S", 60, at(400, 100)), ("T", 20, at(400, 300)),
        place_kind=["室内", "室外"], stock=["饮用水10箱、棉被60床", "帐篷"],
    )  # fmt: skip
    return plan_evacuation(
        groups, shelters, town,
        zones=hazard(("z", box(-50, 320, 60, 380)), ("y", box(40, 320, 60, 450))),
        arrives_at="2026-08-01T14:00", level="II", vehicles=VANS, drive=drive,
        landing_zones=PIERS, roads=streets().assign(width_m=0.8),
    )  # fmt: skip


def test_those_without_a_place_are_called_first(whole: Plan) -> None:
    assert whole.calls["seq"].tolist() == [1, 2, 3, 4, 5]
    assert set(whole.calls["group_id"][:2]) == {"cut", "late"}
    assert whole.calls["answer_within_min"].eq(10).all()
    far = whole.calls.loc[whole.calls["why"].isin(["far", "early"]), "call_by"]
    assert far.notna().all()


def test_who_is_cut_off_is_fetched_from_the_nearest_pier(whole: Plan) -> None:
    (row,) = whole.rescues.to_dict("records")
    assert (row["group_id"], row["landing_zone_id"]) == ("cut", "L1")
    assert row["distance_m"] == pytest.approx(520, rel=1e-3)
    assert row["straight_line"]
    assert pd.isna(row["time_min"])


def test_a_pier_in_the_hazard_is_named_as_such(town: Network) -> None:
    zones = hazard(("z", box(-50, 320, 60, 380)), ("y", box(40, 320, 60, 450)))
    pier = PIERS.iloc[:1].set_geometry([at(-20, 350)], crs=CRS)
    plan = plan_evacuation(
        people(("cut", 8, at(0, 400))), beds(("S", 9, at(400, 100))), town,
        zones=zones, landing_zones=pier,
    )  # fmt: skip
    assert plan.rescues["reason"].tolist() == ["shelter_at_risk"]
    assert verify_plan(plan, streets(), zones=zones, landing_zones=pier).empty


def test_a_safe_pier_farther_off_is_taken_before_one_in_the_hazard(
    town: Network,
) -> None:
    zones = hazard(("z", box(-50, 320, 60, 380)), ("y", box(40, 320, 60, 450)))
    piers = PIERS.set_geometry([at(-20, 350), at(-900, 400)], crs=CRS)
    plan = plan_evacuation(
        people(("cut", 8, at(0, 400))), beds(("S", 9, at(400, 100))), town,
        zones=zones, landing_zones=piers,
    )  # fmt: skip
    assert plan.rescues["landing_zone_id"].tolist() == ["L2"]
    assert plan.rescues["reason"].tolist() == ["ok"]
    assert verify_plan(plan, streets(), zones=zones, landing_zones=piers).empty


def test_vehicles_take_no_more_than_their_seats(whole: Plan) -> None:
    trips = whole.trips[whole.trips["vehicle_id"].notna()]
    assert trips["riders"].tolist() == [3, 1]
    assert trips["vehicle_id"].tolist() == ["中巴-1", "中巴-2"]
    assert trips["boards_min"].eq(50).all()


def test_one_vehicle_goes_twice(town: Network, drive: Network) -> None:
    groups = people(("a", 9, at(0, 0)), disabled_people=[5])
    one = pd.DataFrame({"seats": [3]})
    plan = plan_evacuation(
        groups, beds(("S", 9, at(400, 0))), town, vehicles=one, drive=drive
    )
    first, second = plan.trips.to_dict("records")
    assert (first["riders"], second["riders"]) == (3, 2)
    back = first["arrives_min"] + 5 + first["drive_min"]
    assert second["boards_min"] == pytest.approx(back, rel=1e-6)
    unknown = people(("a", 9, at(0, 0)), disabled_people=[None])
    (row,) = plan_evacuation(
        unknown, beds(("S", 9, at(400, 0))), town, vehicles=one, drive=drive
    ).trips.to_dict("records")
    assert row["reason"] == "insufficient_data"


def test_beds_short_are_named_with_the_place(whole: Plan) -> None:
    (row,) = whole.bed_shortages.to_dict("records")
    assert (row["short_people"], row["shelter_id"]) == (90, "S")


def test_supplies_short_are_people_by_days_less_stock(whole: Plan) -> None:
    table = whole.supply_shortages.set_index(["shelter_id", "item"])
    sent = whole.shelters.set_index("shelter_id")["assigned_people"]
    assert table.loc[("S", "water"), "short"] == max(3 * sent["S"] - 120, 0)
    assert table.loc[("S", "bedding"), "reason"] == "ok"
    assert pd.isna(table.loc[("T", "water"), "short"])
    assert table.loc[("T", "water"), "reason"] == "insufficient_data"


@pytest.mark.parametrize(
    ("text", "stock"),
    [("棉被120床、水", 120), ("棉被2套，毛毯3条", 5), ("饮用水50箱", 0), (None, None),
     ("被褥", None), ("", None)],
)  # fmt: skip
def test_stock_is_read_from_words(text: str | None, stock: float | None) -> None:
    item = {"words": ["棉被", "毛毯", "被褥"], "units": {"床": 1, "条": 1, "套": 1}}
    assert stock_of(text, item) == pytest.approx(
        float("nan") if stock is None else stock, nan_ok=True
    )


def test_queues_follow_the_width_of_the_road(whole: Plan, town: Network) -> None:
    rows = whole.assignments.set_index("group_id")
    flow = 1.225 * 0.5 * 60
    assert flow_per_min(0.8) == pytest.approx(flow)
    assert rows.loc["b", "queue_min"] >= 20 / flow - 1e-6
    wide = plan_evacuation(
        people(("a", 30, at(150, 110))), beds(("S", 60, at(400, 100))), town,
        roads=streets().assign(width_m=50.0),
    )  # fmt: skip
    assert "flow.width" not in wide.assumptions
    blind = plan_evacuation(
        people(("a", 30, at(150, 110))), beds(("S", 60, at(400, 100))), town
    )
    assert "flow.width" in blind.assumptions


def test_people_with_special_needs_go_indoors(town: Network) -> None:
    shelters = beds(
        ("near", 60, at(0, 0)), ("in", 60, at(0, 300)), place_kind=["室外", "室内"]
    )
    weak = people(("a", 10, at(0, 50)), elderly_people=[10])
    told = plan_evacuation(weak, shelters, town).assignments.iloc[0]
    assert (told["shelter_id"], told["suitable"]) == ("in", True)
    own = plan_evacuation(weak, shelters, town, preference=Preference(0, 0, 0))
    assert own.assignments["shelter_id"].tolist() == ["near"]
    assert own.assignments["suitable"].tolist() == [False]


def test_shelters_for_other_hazards_are_the_reason(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 3, at(50, 0))), beds(("S", 40, at(0, 0)), hazards="地震"), town,
        hazards=["滑坡"],
    )  # fmt: skip
    assert plan.assignments["reason"].tolist() == ["wrong_hazard_type"]
    assert verify_plan(plan, streets()).empty


def test_a_bridge_that_is_the_only_way_lets_people_go_first() -> None:
    roads = streets(["h0", "h4", "v2"])
    roads["bridge"] = roads["road_id"].eq("v2")
    roads.geometry = [
        line((200, 0), (400, 0)), line((0, 400), (200, 400)),
        line((200, 0), (200, 400)),
    ]  # fmt: skip
    groups = people(("over", 5, at(50, 400)), ("here", 9, at(290, 0)))
    plan = plan_evacuation(
        groups, beds(("S", 90, at(300, 0))), build_network(roads, mode="walk")
    )
    (row,) = plan.early.to_dict("records")
    assert (row["group_id"], row["why"], row["road_id"]) == ("over", "bridge", "v2")
    assert plan.calls["why"].tolist() == ["early", "far"]


# Roads that close by the hour: the middle of every street but h4 floods.
def flood(closes: float, opens: float | None = None) -> Frame:
    zone = hazard(("w", box(190, -20, 210, 350)))
    return zone.assign(closes_min=closes, opens_min=opens)


def test_who_is_in_time_takes_the_road_that_closes(town: Network, pace: float) -> None:
    groups, shelters = people(("a", 5, at(100, 0))), beds(("S", 9, at(300, 0)))
    soon = plan_evacuation(groups, shelters, town, closing=flood(60))
    assert soon.assignments["length_m"].tolist() == pytest.approx([200], rel=1e-3)
    last = 60 - 110 * pace
    assert soon.assignments["leave_within_min"].tolist() == pytest.approx(
        [last], abs=0.05
    )
    assert verify_plan(soon, streets()).empty


def test_who_would_be_late_takes_roads_that_never_close(town: Network) -> None:
    groups, shelters = people(("a", 5, at(100, 0))), beds(("S", 9, at(300, 0)))
    late = plan_evacuation(groups, shelters, town, closing=flood(50.5))
    assert late.assignments["length_m"].tolist() == pytest.approx([1000], rel=1e-3)
    assert verify_plan(late, streets()).empty
    whole = flood(50.5).assign(geometry=[box(190, -20, 210, 450)])
    none = plan_evacuation(groups, shelters, town, closing=whole)
    assert none.assignments["reason"].tolist() == ["over_time"]


def test_at_most_so_many_groups_move(town: Network) -> None:
    shelters = beds(("S", 30, at(0, 0)), ("T", 30, at(400, 0)), ("U", 10, at(0, 400)))
    before = plan_evacuation(
        people(("a", 10, at(10, 0)), ("b", 20, at(20, 0)), ("c", 25, at(390, 0))),
        shelters, town,
    )  # fmt: skip
    groups = people(
        ("a", 10, at(10, 0)), ("b", 20, at(20, 0)), ("c", 25, at(390, 0)),
        ("new", 10, at(30, 0)), ("big", 5, at(350, 0)),
    )  # fmt: skip
    was = before.assignments.set_index("group_id")["shelter_id"]
    for budget in (0, 1, 2):
        plan = plan_evacuation(
            groups, shelters, town, previous=before, max_moves=budget
        )
        now = plan.assignments.set_index("group_id")["shelter_id"]
        assert int((now[was.index] != was).sum()) <= budget
        assert plan.unplaced_people == 0


@pytest.mark.parametrize(("budget", "placed"), [(0, 30), (1, 60)])
def test_a_move_makes_room_for_more(town: Network, budget: int, placed: int) -> None:
    near = beds(("S", 30, at(0, 0)), ("T", 30, at(400, 0)))
    before = plan_evacuation(people(("a", 30, at(0, 0))), near, town)
    shelters = beds(("S", 30, at(0, 0)), ("T", 30, at(400, 0)))
    groups = people(("a", 30, at(0, 0)), ("b", 30, at(0, 10)))
    only_s = plan_evacuation(
        groups, shelters, town, previous=before, max_moves=budget,
        max_time_min=float(before.assignments["time_min"].iloc[0]) + 6.0,
    )  # fmt: skip
    assert only_s.placed_people in {30, placed}
    moved = only_s.assignments.set_index("group_id").loc["a", "shelter_id"] != "S"
    assert int(moved) <= budget


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 30))
def test_more_beds_never_lower_the_number_placed(
    town: Network, heads: list[int], more: int
) -> None:
    groups = people(*((f"g{i}", n, at(80 * i, 100)) for i, n in enumerate(heads)))
    room = (45, 20)
    few, many = (
        plan_evacuation(
            groups,
            beds(("S", room[0] + add, at(0, 0)), ("T", room[1], at(400, 0))),
            town,
        )
        for add in (0, more)
    )
    assert many.placed_people >= few.placed_people


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["渔船", "农家乐", "危旧房", "其他"]),
                  st.integers(0, 40)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_raising_the_level_never_moves_fewer(
    town: Network, rows: list[tuple[str, int]]
) -> None:
    groups = people(
        *((f"g{i}", n, at(80 * i, 100)) for i, (_, n) in enumerate(rows)),
        category=[kind for kind, _ in rows],
    )
    moved = -1
    for level in ("IV", "II", "I"):
        plan = plan_evacuation(
            groups, beds(("S", 99, at(0, 0))), town, level=level
        )  # fmt: skip
        assert set(plan.groups["group_id"]) | set(plan.staying["group_id"]) == set(
            groups["group_id"]
        )
        assert int(plan.groups["people"].sum()) >= moved
        moved = int(plan.groups["people"].sum())
    assert moved == sum(n for _, n in rows)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"arrives_at": "2026-08-01T14:00", "as_of": "2026-08-02T14:00"}, "over_time"),
        ({"zones": hazard(("z", box(-999, -999, 999, 999)))}, "shelter_at_risk"),
        ({"zones": hazard(("z", box(60, -999, 290, 999)))}, "cut_off"),
        ({}, "full"),
    ],
)
def test_a_plan_that_cannot_be_says_so(
    town: Network, options: dict[str, Any], reason: str
) -> None:
    groups = people(("a", 3 if options else 300, at(50, 50)))
    plan = plan_evacuation(groups, beds(("S", 9, at(300, 300))), town, **options)
    assert plan.assignments["reason"].tolist() == [reason]
    assert plan.calls["group_id"].tolist() == ["a"]


def test_without_a_shelter_everybody_is_named_with_the_reason(town: Network) -> None:
    groups = people(("a", 3, at(50, 50)), ("b", None, at(60, 50)), ("c", 4, None))
    none = beds(("S", 9, at(300, 300))).iloc[:0]
    plan = plan_evacuation(groups, none, town)
    told = plan.assignments.set_index("group_id")["reason"].to_dict()
    assert told == dict.fromkeys("abc", "insufficient_data")
    assert plan.unplaced_people == 7
    assert sorted(plan.calls["group_id"]) == ["a", "b", "c"]
    assert verify_plan(plan, streets()).empty


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"vehicles": VANS}, PlanError, "vehicles need drive"),
        ({"vehicles": VANS.assign(seats=0)}, PlanError, "vehicles need drive"),
        ({"level": "V"}, PlanError, 'no response level "V"'),
    ],
)
def test_one_clear_error(
    town: Network, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        plan_evacuation(
            people(("a", 3, at(5, 5))), beds(("S", 9, at(3, 3))), town, **options
        )


def test_vehicles_without_seats_are_refused(town: Network, drive: Network) -> None:
    for wrong in (VANS.drop(columns="seats"), VANS.assign(seats=0)):
        with pytest.raises(LayerError, match="seats"):
            plan_evacuation(
                people(("a", 3, at(5, 5))), beds(("S", 9, at(3, 3))), town,
                vehicles=wrong, drive=drive,
            )  # fmt: skip


def test_the_sheets_name_everybody_in_plain_figures(whole: Plan) -> None:
    sheets = plan_sheets([whole, replace(whole, scenario="again")])
    assert set(sheets) >= {"assignments", "calls", "early", "trips", "rescues"}
    told = sheets["assignments"]
    assert len(told) == 2 * len(whole.assignments)
    assert {"name", "village_name", "shelter_name"} <= set(told.columns)
    placed = told[told["shelter_id"].notna()]
    assert placed["departs_by"].str.fullmatch(r"2026-08-01 \d\d:\d\d").all()
    assert (placed["time_min"] == placed["time_min"].round(1)).all()
    assert {"name", "shelter_name"} <= set(sheets["trips"].columns)
    assert "rank" not in sheets["early"]


# The verifier catches a planted fault of each kind.
def copied(plan: Plan) -> SimpleNamespace:
    frames = {name: getattr(plan, name).copy() for name in (*TABLES, *EXTRAS)}
    return SimpleNamespace(**frames, scenario="default")


def put(table: str, row: int, **values: object) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        frame = getattr(plan, table)
        for column, value in values.items():
            frame[column] = frame[column].astype(object)
            frame.iloc[row, frame.columns.get_loc(column)] = value

    return change


def gone(table: str) -> Callable[[SimpleNamespace], None]:
    def change(plan: SimpleNamespace) -> None:
        setattr(plan, table, getattr(plan, table).iloc[1:])

    return change


def one_building(plan: SimpleNamespace) -> None:
    plan.shelters["name"] = "一楼"
    plan.shelters["available_people"] = 40
    plan.shelters.geometry = [plan.shelters.geometry.iloc[0]] * len(plan.shelters)


def ranged(plan: SimpleNamespace) -> None:
    plan.groups["people_min"] = plan.groups["people"] + 1
    plan.groups["people_max"] = plan.groups["people"]


def test_the_whole_plan_holds(whole: Plan) -> None:
    broken = verify_plan(whole, streets(), landing_zones=PIERS)
    assert broken.empty, broken.to_string()


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (put("trips", 0, riders=4), "seats"),
        (put("trips", 0, vehicle_id="中巴-2"), "trips"),
        (put("trips", 0, drive_min=0.001), "trips"),
        (put("trips", 0, riders=1), "riders"),
        (put("rescues", 0, distance_m=3.0), "landing"),
        (put("rescues", 0, landing_zone_id="L2", geometry=at(-900, 400),
             distance_m=900.0), "landing"),
        (gone("rescues"), "landing"),
        (gone("calls"), "calls"),
        (put("calls", 4, reason="over_time"), "calls"),
        (put("bed_shortages", 0, short_people=1), "shortages"),
        (put("supply_shortages", 0, short=-7.0), "shortages"),
        (put("ledger", 0, people_min=0), "ranges"),
        (ranged, "ranges"),
        (put("groups", 0, moves_at="I"), "level"),
        (one_building, "shared_beds"),
        (put("routes", 1, shared_m=999.0), "backup"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_caught(
    whole: Plan, fault: Callable[[SimpleNamespace], None], rule: str
) -> None:
    plan = copied(whole)
    fault(plan)
    found = verify_plan(plan, streets(), landing_zones=PIERS)
    assert rule in set(found["rule"]), found.to_string()


def test_a_route_over_a_road_that_has_closed_is_caught(town: Network) -> None:
    groups, shelters = people(("a", 5, at(100, 0))), beds(("S", 9, at(300, 0)))
    plan = copied(plan_evacuation(groups, shelters, town, closing=flood(60)))
    assert verify_plan(plan, streets()).empty
    plan.closures["closes_min"] = 50.5
    assert "hours" in set(verify_plan(plan, streets())["rule"])
