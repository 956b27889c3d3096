"""A month compared with an earlier run: what is not there is not compared."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from riskmap.cluster.task import _named
from riskmap.errors import ProjectError
from riskmap.geopackage import write_geopackage
from riskmap.lastmonth import earlier_folder, month_frames
from riskmap.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

FINDINGS = ["layer", "rule", "column", "value", "severity"]
TODAY = pd.DataFrame(
    [("teams", "missing_value", "phone", None, "error")] * 2
    + [("teams", "gone_rule", "phone", "1", "warning")],
    columns=FINDINGS,
)
EARLIER = pd.DataFrame(
    [("teams", "missing_value", "phone", None, "error")] * 5
    + [("shelters", "missing_value", "name", None, "error")],
    columns=FINDINGS,
)
CENSUS = SimpleNamespace(findings=TODAY, layers={})


def tiers(*people: float | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "village_code": ["1", "2", "3"],
            "standard": "three_minute",
            "tier": 1,
            "label": "到场",
            "network_people": people,
            "passed": None,
            "reason": "ok",
        }
    )


def ratios(people: float) -> pd.DataFrame:
    row = ("county", "any", "three_minute", 1, people)
    columns = ["scope", "roster", "standard", "tier", "network_people"]
    return pd.DataFrame([row], columns=columns)


def ledger(*unplaced: int, scenario: str = "typhoon") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "scenario": scenario,
            "village_code": ["1", "2"],
            "village_name": ["上宅村", "下宅村"],
            "people": [30, 20],
            "placed_people": [30 - unplaced[0], 20 - unplaced[1]],
            "unplaced_people": list(unplaced),
            "unknown_groups": [0, 0],
        }
    )


def plan(*unplaced: int) -> SimpleNamespace:
    short = pd.DataFrame({"short_people": [4, 3]})
    return SimpleNamespace(
        scenario="typhoon", ledger=ledger(*unplaced), bed_shortages=short
    )


AUDITS = {
    "tiers": tiers(10.0, 4.0, None),
    "ratios": ratios(14.0),
    "villages": pd.DataFrame(
        {"village_code": ["1", "2", "3"], "village_name": ["上宅村", "下宅村", "三村"]}
    ),
}


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an earlier run: more unplaced in one village, fewer in the other."""
    folder = tmp_path_factory.mktemp("上月 out")
    write_geopackage(
        folder / "audit.gpkg", {"tiers": tiers(8.0, 6.0, 5.0), "ratios": ratios(19.0)}
    )
    short = pd.DataFrame({"scenario": ["typhoon", "other"], "short_people": [9, 50]})
    both = pd.concat([ledger(5, 0), ledger(30, 20, scenario="other")])
    write_geopackage(folder / "plan.gpkg", {"ledger": both, "bed_shortages": short})
    EARLIER.to_csv(folder / "findings.csv", index=False, encoding="utf-8-sig")
    said = {"parameters": {"project": {"as_of": "2026-03-15"}}}
    (folder / "manifest.json").write_text(json.dumps(said), "utf-8")
    return folder


@pytest.mark.parametrize("name", ["", "manifest.json", "plan.gpkg"])
def test_the_month_is_compared_with_the_folder_or_a_file_in_it(
    earlier: Path, name: str
) -> None:
    today = plan(0, 2)
    found = month_frames(
        earlier_folder(earlier / name),
        census=CENSUS,  # type: ignore[arg-type]
        audits=AUDITS,
        plan=today,  # type: ignore[arg-type]
    )
    assert found["month_since"]["as_of"].tolist() == ["2026-03-15"]
    sums = found["month_sums"].set_index("what")[["before", "after"]]
    assert sums.loc["unplaced_people"].tolist() == [5, 2]
    assert sums.loc["short_people"].tolist() == [9, 7]
    assert sums.loc["network_people"].tolist() == [19.0, 14.0]
    assert sums.loc["error"].tolist() == [6, 2]
    moved = found["month_villages"]
    changes = moved.set_index(["village_code", "what"])["change"].to_dict()
    assert changes == {
        ("1", "三分钟应急救援圈 到场"): "better",
        ("2", "三分钟应急救援圈 到场"): "worse",
        ("3", "三分钟应急救援圈 到场"): "unknown",
        ("1", "unplaced_people"): "better",
        ("2", "unplaced_people"): "worse",
    }
    rules = found["month_rules"].set_index("rule")[["mended", "new"]]
    assert rules.loc["missing_value"].tolist() == [4, 0]
    assert rules.loc["gone_rule"].tolist() == [0, 1]
    assert "month_layers" not in found


def test_another_scenario_is_not_compared(earlier: Path) -> None:
    other = plan(0, 2)
    other.scenario = "rain"
    found = month_frames(earlier, census=CENSUS, audits={}, plan=other)  # type: ignore[arg-type]
    assert set(found["month_sums"]["what"]) == {"error", "warning", "info"}
    assert found["month_villages"].empty


def test_no_earlier_run_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="holds no earlier run"):
        earlier_folder(tmp_path)
    (tmp_path / "plan.gpkg").write_text("no")
    with pytest.raises(ProjectError, match=r"plan\.gpkg cannot be read"):
        month_frames(tmp_path, census=CENSUS, audits={}, plan=plan(0, 0))  # type: ignore[arg-type]


def test_a_unit_of_a_split_run_compares_with_no_run_of_the_whole() -> None:
    told = {
        "project": {"name": "某县", "as_of": "2026-04-15"},
        "sources": {"villages": {"path": "a.xlsx"}},
        "publish": {"previous": "上月/out"},
    }
    settings = Settings.model_validate(told)
    assert settings.publish.previous == "上月/out"
    task = SimpleNamespace(settings=settings, unit="1")
    store = SimpleNamespace(unit=lambda _: SimpleNamespace(name="甲乡"))
    own = _named(task, store)  # type: ignore[arg-type]
    assert (own.project.name, own.publish.previous) == ("某县 甲乡", None)
