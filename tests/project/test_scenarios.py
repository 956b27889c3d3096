"""Scenarios of riskmap.toml: several in one project, and people derived."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from riskmap.errors import ProjectError
from riskmap.evacuation import compare_plans
from riskmap.project import Project
from riskmap.scenarios import is_night, plan_options
from riskmap.settings import ScenarioSettings, StandardSettings

COUNTY = Path(__file__).parents[2] / "sample_data" / "county"
SCENARIOS = """
[scenario.three]
hazards = ["risk_zones", "flood_zones"]
level = "III"

[scenario.one]
hazards = ["risk_zones", "flood_zones", "hazard_points"]
hazard_point_grades = ["大型"]
level = "I"
pinned = { "FX0014-rest" = "BZ005" }

[scenario.one.conditions]
hour = 22:30:00
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the sample county without groups, under two scenarios."""
    folder = tmp_path_factory.mktemp("county")
    for part in COUNTY.iterdir():
        if part.is_dir():
            (folder / part.name).symlink_to(part)
    text = (COUNTY / "riskmap.toml").read_text("utf-8")
    text = re.sub(r"\[sources\.groups\][^\[]*", "", text)
    text = re.sub(
        r"\[scenario\.typhoon\].*?(?=\[publish\])", SCENARIOS, text, flags=re.DOTALL
    )
    text = text.replace('scenario = "typhoon"', 'scenario = "one"')
    (folder / "riskmap.toml").write_text(text, encoding="utf-8")
    return Project.open(folder, out=folder / "out")


@pytest.mark.slow
def test_people_are_derived_and_raising_the_level_moves_more(project: Project) -> None:
    plans = project.chain.plans
    assert list(plans) == ["three", "one"]
    three, one = plans["three"], plans["one"]
    assert one.groups["people"].sum() > three.groups["people"].sum()
    assert not len(one.staying)
    assert set(three.groups["category"]) == {"农家乐"}
    assert three.assignments["reason"].eq("insufficient_data").all()
    assert three.staying["people"].sum() > 0
    assert set(three.staying["moves_at"]) <= {"II", "I"}
    assert (one.ledger["people_min"] <= one.ledger["people_max"]).all()
    change = compare_plans(three, one)["change"]
    assert (change == "added").sum() == len(one.groups) - len(three.groups)
    zones = project.chain.zones["one"]
    assert "hazard_points" in set(zones["layer"])
    lines = project.plan()
    assert any("III级响应不转移" in line for line in lines)
    assert any("可能重复计数" in line for line in lines)


@pytest.mark.parametrize(
    ("conditions", "night"),
    [({}, False), ({"night": True}, True), ({"hour": dt.time(22)}, True),
     ({"hour": dt.time(6)}, False), ({"hour": dt.time(18)}, True)],
)  # fmt: skip
def test_the_hour_says_whether_it_is_night(
    conditions: dict[str, object],
    night: bool,  # noqa: FBT001
) -> None:
    scenario = ScenarioSettings.model_validate({"conditions": conditions})
    assert is_night(scenario) is night


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"modes": ("walk", "bus")}, "needs \\[\\[scenario.NAME.vehicles\\]\\]"),
        (
            {"modes": ("bus",), "vehicles": [{"name": "中巴", "seats": 19}]},
            '"drive" in \\[network\\] modes',
        ),
        ({"closing": "nowhere.geojson"}, "cannot be read"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(
    tmp_path: Path, given: dict[str, object], words: str
) -> None:
    scenario = ScenarioSettings.model_validate(given)
    with pytest.raises(ProjectError, match=words):
        plan_options(
            scenario, StandardSettings(), folder=tmp_path, layers={}, roads=None,
            drive=None,
        )  # fmt: skip
