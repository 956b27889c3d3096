"""A plan run in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskmap.errors import PlanError
from riskmap.evacuation import drill_plan, plan_evacuation
from tests.evacuation.conftest import at, beds, people

if TYPE_CHECKING:
    from riskmap.routing import Network


@pytest.mark.parametrize("step_min", [1, 5, 30])
def test_everybody_waits_walks_or_is_safe(town: Network, step_min: int) -> None:
    groups = people(("a", 30, at(50, 0)), ("b", 20, at(350, 0)), ("c", None, at(0, 0)))
    plan = plan_evacuation(groups, beds(("S", 60, at(0, 0))), town)
    drill = drill_plan(plan, step_min=step_min)
    parts = ["waiting_people", "on_the_way_people", "safe_people"]
    assert (drill[parts].sum(axis=1) == 50).all()
    assert (drill["people"] == 50).all()
    assert drill["safe_people"].is_monotonic_increasing
    assert drill["waiting_people"].iloc[0] == 50
    assert drill["safe_people"].iloc[-1] == 50
    last = plan.assignments["lead_time_min"].max()
    assert drill["minute"].iloc[-1] >= last > drill["minute"].iloc[-1] - step_min


def test_a_plan_that_sends_nobody_is_a_drill_of_nobody(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 30, at(50, 0))), beds(("S", None, at(0, 0))), town
    )
    assert drill_plan(plan)["people"].tolist() == [0]


def test_time_must_move(town: Network) -> None:
    plan = plan_evacuation(
        people(("a", 30, at(50, 0))), beds(("S", 60, at(0, 0))), town
    )
    with pytest.raises(PlanError, match="a minute or more"):
        drill_plan(plan, step_min=0)
