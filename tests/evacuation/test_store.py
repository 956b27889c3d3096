from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import pytest

from riskmap.errors import PlanError, SourceError
from riskmap.evacuation import (
    Plan,
    load_plan,
    load_plans,
    plan_evacuation,
    save_plan,
    verify_plan,
)
from riskmap.evacuation.plan import EXTRAS, TABLES
from tests.evacuation.conftest import at, beds, box, hazard, people, streets

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.routing import Network


@pytest.fixture(scope="module")
def plan(town: Network) -> Plan:
    groups = people(
        ("a", 30, at(50, 0)), ("b", 50, at(150, 0)), ("c", None, at(0, 0)),
        ("d", 3, None), category="危旧房",
    )  # fmt: skip
    shelters = beds(("S", 40, at(0, 0)), ("T", None, at(400, 0)))
    zones = hazard(("z", box(180, 180, 220, 220)))
    return plan_evacuation(groups, shelters, town, zones=zones, scenario="暴雨")


def test_a_plan_comes_back_as_it_was_saved(plan: Plan, tmp_path: Path) -> None:
    again = load_plan(save_plan(plan, tmp_path / "plan.gpkg"))
    assert again.scenario == "暴雨"
    assert again.assumptions == plan.assumptions
    for name in TABLES:
        one, other = getattr(plan, name), getattr(again, name)
        assert list(one.columns) == list(other.columns), name
        assert len(one) == len(other), name
    pd.testing.assert_series_equal(
        again.assignments["people"], plan.assignments["people"]
    )
    assert again.routes.geometry.geom_equals_exact(plan.routes.geometry, 1e-9).all()
    assert verify_plan(again, streets()).empty


def test_the_same_plan_gives_the_same_bytes(plan: Plan, tmp_path: Path) -> None:
    first = save_plan(plan, tmp_path / "one.gpkg").read_bytes()
    second = save_plan(load_plan(tmp_path / "one.gpkg"), tmp_path / "plan.gpkg")
    assert first == second.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["one.gpkg", "plan.gpkg"]


def test_several_scenarios_stand_in_one_file(
    plan: Plan, town: Network, tmp_path: Path
) -> None:
    other = plan_evacuation(
        people(("a", 30, at(50, 0))), beds(("S", 40, at(0, 0))), town, scenario="台风"
    )
    path = save_plan([plan, other], tmp_path / "plan.gpkg")
    assert list(load_plans(path)) == ["暴雨", "台风"]
    assert load_plan(path, scenario="台风").placed_people == 30
    assert {name for name, _ in pyogrio.list_layers(path)} == {*TABLES, *EXTRAS}
    with pytest.raises(PlanError, match='no scenario "地震"; it has 暴雨, 台风'):
        load_plan(path, scenario="地震")


def test_two_plans_of_one_scenario_are_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="name each apart"):
        save_plan([plan, plan], tmp_path / "plan.gpkg")


@pytest.mark.parametrize("make", [None, b"no database"])
def test_what_is_no_plan_is_refused(tmp_path: Path, make: bytes | None) -> None:
    path = tmp_path / "plan.gpkg"
    if make is not None:
        path.write_bytes(make)
    with pytest.raises(SourceError, match=r"plan\.gpkg"):
        load_plan(path)
    with pytest.raises(SourceError, match=r"plan\.gpkg"):
        verify_plan(path, streets())


def test_a_folder_that_is_not_there_is_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written"):
        save_plan(plan, tmp_path / "missing" / "plan.gpkg")
