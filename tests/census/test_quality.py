"""Error rates and rectification, with answers known by construction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from riskmap.census import (
    Source,
    build_census,
    error_rates,
    read_census,
    rectification,
    rectification_lists,
    write_findings,
)
from riskmap.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.census import Census

DAY = "2026-04-15"
TEAMS = {
    "队伍编号": [f"D{k}" for k in range(10)],
    "队伍名称": [f"{k}号队" for k in range(10)],
    "队伍类型": ["村级应急抢险突击队"] * 10,
    "人数": [30] * 10,
    "队长电话": ["13800000000"] * 10,
    "乡镇代码": ["990121100000"] * 6 + ["990121101000"] * 4,
    "经度": [121.123456 + k / 1000 for k in range(10)],
    "纬度": [28.123456] * 10,
}
INDICATORS = 7  # six fields and the position


def census(**changes: list[Any]) -> Census:
    frame = pd.DataFrame({**TEAMS, **changes})
    return build_census({"teams": Source(frame)}, as_of=DAY)


def of(rates: pd.DataFrame, layer: str | None, town: str | None) -> pd.Series:
    rows = rates[rates["layer"].isna() if layer is None else rates["layer"] == layer]
    towns = rows["township_code"]
    return rows[towns.isna() if town is None else towns == town].iloc[0]


def test_both_methods_count_wrong_cells_once() -> None:
    people = ["若干", "若干", *[30] * 8]
    phones = ["138", *["13800000000"] * 9]
    rates = error_rates(census(人数=people, 队长电话=phones))
    town = of(rates, "teams", "990121100000")
    assert (town["objects"], town["indicators"], town["wrong"]) == (6, 42, 3)
    assert town["rate_plain"] == pytest.approx(3 / 42)
    assert town["rate_mean"] == pytest.approx((2 / 7 + 1 / 7) / 6)
    assert not town["passed_plain"]
    other = of(rates, "teams", "990121101000")
    assert (other["wrong"], other["passed_mean"]) == (0, True)
    whole = of(rates, None, None)
    assert (whole["objects"], whole["wrong"]) == (10, 3)
    assert whole["rate_plain"] == pytest.approx(3 / (10 * INDICATORS))
    assert whole["passed_plain"]
    assert whole["assumed"]


def test_the_methods_differ_where_objects_have_unlike_forms() -> None:
    posts = pd.DataFrame({
        "储备点编号": ["C1"], "储备点名称": ["库"], "联系电话": ["1"],
        "经度": [121.123456], "纬度": [28.123456],
    })  # fmt: skip
    both = {"teams": Source(pd.DataFrame(TEAMS)), "supplies": Source(posts)}
    whole = of(error_rates(build_census(both, as_of=DAY)), None, None)
    assert whole["rate_plain"] == pytest.approx(1 / (70 + 4))
    assert whole["rate_mean"] == pytest.approx((1 / 4) / 11)


def test_a_lost_position_and_a_lacking_column_are_wrong() -> None:
    frame = pd.DataFrame({**TEAMS, "经度": [0.0, *TEAMS["经度"][1:]]})
    frame = frame.drop(columns="队伍类型")
    rates = error_rates(build_census({"teams": Source(frame)}, as_of=DAY))
    whole = of(rates, "teams", None)
    assert (whole["indicators"], whole["wrong"]) == (70, 10 + 1)


def test_a_sample_is_drawn_by_seed_and_says_so() -> None:
    made = census()
    drawn = error_rates(made, sample=0.3, seed=5)
    pd.testing.assert_frame_equal(drawn, error_rates(made, sample=0.3, seed=5))
    whole = of(drawn, "teams", None)
    assert (whole["objects"], whole["checked_objects"]) == (10, 3)
    assert "30%" in whole["sampling"]
    assert "种子 5" in whole["sampling"]
    assert "全数" in of(error_rates(made), "teams", None)["sampling"]


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_no_share_is_refused(share: float) -> None:
    with pytest.raises(LayerError, match="it is a share over 0"):
        error_rates(census(), sample=share)


def inspections() -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            ("P1", "2026-04-01", "沟堵", "清沟", "2026-04-08", "2026-04-05", "甲"),
            ("P2", "2026-04-01", "沟堵", "清沟", "2026-04-08", "2026-04-10", "甲"),
            ("P3", "2026-04-01", "牌倒", None, "2026-04-20", None, None),
            ("P4", "2026-04-01", "牌倒", None, "2026-04-10", None, None),
            ("P5", "2026-04-01", "牌倒", None, None, None, None),
            ("P6", "2026-04-01", None, None, None, None, None),
            ("P7", "2026-04-01", "牌倒", None, "2026-04-20", "2026-03-20", None),
            ("P8", "2026-04-01", "牌倒", None, "2026-04-20", "2026-04-18", None),
        ],
        columns=[
            *("记录编号", "排查日期", "存在问题", "整改措施", "整改期限"),
            *("整改完成日期", "整改责任人"),
        ],
    )
    return read_census(frame, "inspections")


def test_rectification_counts_what_became_of_each_problem() -> None:
    row = rectification(inspections(), as_of=DAY).iloc[-1]
    assert (row["inspections"], row["problems"]) == (8, 7)
    counts = row[["rectified", "late", "open", "overdue", "unknown"]].tolist()
    # What is said to be rectified after the day, or before the inspection, is not.
    assert counts == [1, 1, 2, 1, 2]
    assert row["rate"] == pytest.approx(2 / 7)
    assert row["rate_on_time"] == pytest.approx(1 / 7)


def test_the_four_lists_have_a_row_a_problem() -> None:
    lists = rectification_lists(inspections(), as_of=DAY)
    assert list(lists) == ["problem", "responsibility", "measure", "rectification"]
    for rows in lists.values():
        assert rows["inspection_id"].tolist() == [
            f"P{k}" for k in (1, 2, 3, 4, 5, 7, 8)
        ]
    assert lists["rectification"]["state"].tolist() == [
        *("rectified", "late", "open", "overdue", "unknown", "unknown", "open"),
    ]
    assert lists["responsibility"]["responsible"].isna().sum() == 5


def test_rectification_refuses_a_frame_without_the_columns() -> None:
    with pytest.raises(LayerError, match="lack the columns"):
        rectification(pd.DataFrame({"inspection_id": ["P1"]}), as_of=DAY)


def test_the_ledger_shows_rates_and_lists(tmp_path: Path) -> None:
    import python_calamine  # noqa: PLC0415

    frame = pd.DataFrame(inspections().drop(columns="geometry"))
    sources = {"teams": Source(pd.DataFrame(TEAMS)), "inspections": Source(frame)}
    made = build_census(sources, as_of=DAY)
    write_findings(made, xlsx=tmp_path / "台账.xlsx", as_of=DAY)
    book = python_calamine.CalamineWorkbook.from_path(tmp_path / "台账.xlsx")
    assert set(book.sheet_names) >= {
        *("差错率", "整改率", "问题清单", "责任清单", "措施清单", "整改清单"),
    }
    cells = {
        str(one) for row in book.get_sheet_by_name("差错率").to_python() for one in row
    }
    assert any("假定值" in one for one in cells)
    rate = book.get_sheet_by_name("整改率").to_python()
    assert rate[0][:3] == ["乡镇", "排查次数", "发现问题"]
