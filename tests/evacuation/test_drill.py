from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from riskmap.errors import PlanError
from riskmap.evacuation import Plan, drill_plan, plan_evacuation
from riskmap.publish.drillchart import draw_drill
from tests.evacuation.conftest import at, beds, box, hazard, people

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.routing import Network

DOING = [
    "waiting_people", "on_the_way_people", "queueing_people", "stopped_people",
    "safe_people",
]  # fmt: skip
# As wide as a motorway: nobody queues there.
WIDE = pd.DataFrame({"road_id": [f"{k}{i}" for k in "hv" for i in range(5)]})


@pytest.fixture(scope="module")
def plan(town: Network) -> Plan:
    groups = people(("a", 30, at(50, 0)), ("b", 50, at(400, 400)), ("c", 9, None))
    return plan_evacuation(groups, beds(("S", 90, at(0, 0))), town)


def test_alone_on_wide_roads_people_arrive_as_the_plan_says(plan: Plan) -> None:
    roads = WIDE.assign(width_m=2000.0)
    drill = drill_plan(plan, roads=roads, party_people=100)
    due = plan.assignments.set_index("group_id")["time_min"] + 50
    seen = drill.groups.set_index("group_id")["last_arrives_min"]
    assert seen.to_dict() == pytest.approx(due.dropna().to_dict(), abs=1e-6)
    assert drill.groups["queue_min"].max() == 0


def test_people_are_always_somewhere(plan: Plan) -> None:
    drill = drill_plan(plan, spread_min=30, roads=WIDE.assign(width_m=0.8))
    frame = drill.people
    assert (frame[DOING].sum(axis=1) == frame["people"]).all()
    assert (frame[DOING] >= 0).all(axis=None)
    assert frame["people"].eq(80).all()
    assert frame["safe_people"].iloc[-1] == 80
    assert frame["safe_people"].is_monotonic_increasing
    last = drill.arrivals[drill.arrivals["minute"].eq(frame["minute"].max())]
    assert last["arrived_people"].sum() == 80


def test_a_narrow_road_makes_people_queue(plan: Plan) -> None:
    narrow = drill_plan(plan, roads=WIDE.assign(width_m=0.8), party_people=1)
    # Half a metre lets 1.225 * 0.5 * 60 people a minute through.
    wait = 49 / (1.225 * 0.5 * 60)
    queued = narrow.groups.set_index("group_id")["queue_min"]
    assert queued["b"] == pytest.approx(wait, rel=1e-6)
    worst = narrow.links.iloc[0]
    assert worst["longest_queue_min"] == pytest.approx(wait, rel=1e-6)
    assert worst["most_queueing_people"] >= 48


def test_who_comes_too_late_stands_before_the_closed_road(plan: Plan) -> None:
    closing = hazard(("w", box(190, -20, 210, 420))).assign(closes_min=51.0)
    drill = drill_plan(plan, closing=closing)
    groups = drill.groups.set_index("group_id")
    assert groups["stopped_people"].to_dict() == {"a": 0, "b": 50}
    assert np.isnan(groups.loc["b", "last_arrives_min"])
    assert drill.links["stopped_people"].sum() == 50
    reopened = drill_plan(plan, closing=closing.assign(opens_min=80.0))
    assert reopened.people["stopped_people"].eq(0).all()
    assert reopened.groups["last_arrives_min"].max() > 80


def test_the_same_seed_gives_the_same_minutes(plan: Plan) -> None:
    one, two = (drill_plan(plan, spread_min=30, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one.people, two.people)
    other = drill_plan(plan, spread_min=30, seed=8)
    assert not one.people["safe_people"].equals(other.people["safe_people"])


def test_nobody_to_move_is_a_drill_of_nobody(town: Network) -> None:
    plan = plan_evacuation(people(("a", 3, None)), beds(("S", 9, at(0, 0))), town)
    assert drill_plan(plan).people["people"].tolist() == [0]


@pytest.mark.parametrize("wrong", [{"step_min": 0}, {"party_people": 0}])
def test_what_makes_no_sense_is_refused(plan: Plan, wrong: dict[str, int]) -> None:
    with pytest.raises(PlanError, match="1 or more"):
        drill_plan(plan, **wrong)


def test_the_chart_is_written_the_same_each_time(plan: Plan, tmp_path: Path) -> None:
    drill = drill_plan(plan, spread_min=30)
    draw_drill(drill.people, tmp_path / "one.png")
    figure = draw_drill(drill.people, tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    title = figure.axes[0].get_title(loc="left")
    assert "80 人中 80 人到达" in title
