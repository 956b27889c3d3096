"""The monthly brief says the same as the portal, and tells nothing from none."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import docx
import pandas as pd
import pytest

from riskmap.publish.brief import write_brief
from riskmap.publish.monthly_brief import monthly_brief
from riskmap.publish.redaction import redact
from tests.publish_web.county import OFFICIAL, PRIVATE, atlas

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.publish.brief import Brief

MONTH = {
    "month_since": pd.DataFrame({"as_of": ["2026-03-15"]}),
    "month_sums": pd.DataFrame(
        [("unplaced_people", None, 9, 5), ("network_people", "三分钟圈", None, 120.0)],
        columns=["what", "label", "before", "after"],
    ),
    "month_villages": pd.DataFrame(
        [
            ("1", "上宅村", "unplaced_people", 4, 0, "better"),
            ("2", "下宅村", "三分钟圈", 90.0, 70.0, "worse"),
            ("3", None, "三分钟圈", None, 70.0, "unknown"),
        ],
        columns=["village_code", "village_name", "what", "before", "after", "change"],
    ),
    "month_rules": pd.DataFrame(
        [("total_row", "合计行", 3, 1, 2, 0)],
        columns=["rule", "title", "before", "after", "mended", "new"],
    ),
    "month_layers": pd.DataFrame(
        {"layer": ["shelters"], "rows": [5], "added": [2], "removed": [1],
         "changed": [3]}
    ),
}  # fmt: skip


def test_figures_are_those_of_the_plan() -> None:
    brief = monthly_brief(atlas())
    for words in (
        "3 个村",
        "需转移 55 人",
        "安置 50 人",
        "未落实 5 人",
        "1 个转移单元",
    ):
        assert words in brief.texts["conclusion"]
    (row,) = brief.tables["townships"].to_numpy().tolist()
    assert row == ["石浦镇", "3", "≥420\u2009人（1 处人数未知）", "55", "50", "5", "1"]
    (row,) = brief.tables["unplaced"].to_numpy().tolist()
    assert row == ["下宅村", "三组", "5", "断路孤岛", "王建国", "13800001234"]


def test_without_a_plan_nobody_is_counted_as_nought() -> None:
    brief = monthly_brief(atlas(planned=False))
    assert "未知" in brief.texts["conclusion"]
    assert brief.tables["townships"].iloc[0, 3:6].tolist() == ["未知"] * 3
    assert brief.tables["unplaced"].iloc[0, 0] == "数据不足"


def test_not_compared_is_not_unchanged() -> None:
    brief = monthly_brief(atlas())
    assert "未与上期" in brief.texts["changes"]
    assert brief.tables["villages"].columns.empty
    same = MONTH | {"month_villages": MONTH["month_villages"].head(0)}
    assert "没有变化" in monthly_brief(replace(atlas(), audit=same)).texts["moved"]
    bare = {"month_since": pd.DataFrame({"as_of": [None]})}
    bare |= {name: MONTH[name].head(0) for name in ("month_sums", "month_villages")}
    brief = monthly_brief(replace(atlas(), audit=bare))
    assert "没有可比的合计" in brief.texts["changes"]
    assert "上期没有质检台账" in brief.texts["mended"]
    assert brief.tables["changes"].iloc[0, 0] == "数据不足"


def test_the_month_is_told_the_worse_first() -> None:
    brief = monthly_brief(replace(atlas(), audit=MONTH))
    assert "2026-03-15" in brief.texts["changes"]
    assert "1 个村（社区）有好转，1 个村（社区）变差，1 个" in brief.texts["moved"]
    assert "已改 2 条，新出现 0 条" in brief.texts["mended"]
    assert brief.tables["sums"].to_numpy().tolist() == [
        ["未落实人数", "9", "5", "-4"],
        ["沿路可达人数：三分钟圈", "数据不足", "120", "—"],
    ]
    assert brief.tables["villages"].to_numpy().tolist() == [
        ["下宅村", "沿路可达人数：三分钟圈", "90", "70", "变差"],
        ["上宅村", "未落实人数", "4", "0", "好转"],
        ["—", "沿路可达人数：三分钟圈", "数据不足", "70", "数据不足"],
    ]
    assert brief.tables["changes"].to_numpy().tolist() == [
        ["避灾安置场所", "5", "2", "1", "3"]
    ]


def test_rules_and_rectification_are_told() -> None:
    rules = {"title": ["甲", "乙"], "severity": ["info", "error"], "count": [9, 2]}
    rates = {
        "township_code": ["990101001000", None], "problems": [4, 4],
        "rectified": [1, 1], "late": [1, 1], "overdue": [1, 1], "unknown": [0, 0],
        "rate": [0.5, 0.5],
    }  # fmt: skip
    audit = {"rules": pd.DataFrame(rules), "rectification": pd.DataFrame(rates)}
    brief = monthly_brief(replace(atlas(), audit=audit))
    assert brief.tables["rules"]["规则"].tolist() == ["乙", "甲"]
    assert "整改率 50.0%" in brief.texts["rectified"]
    assert brief.tables["rectified"].iloc[0].tolist() == [
        "石浦镇", "4", "1", "1", "1", "1", "50.0%",
    ]  # fmt: skip


@pytest.mark.parametrize("edition", ["public", "internal"])
def test_each_edition_is_a_document_of_its_own(edition: str, tmp_path: Path) -> None:
    shown, _ = redact(atlas(), edition=edition, officials="masked")  # type: ignore[arg-type]
    brief: Brief = monthly_brief(shown)
    file = write_brief(tmp_path / "月报.docx", brief, kind="monthly")
    with zipfile.ZipFile(file) as parts:
        inside = "".join(
            parts.read(one).decode("utf-8", "ignore") for one in parts.namelist()
        )
    assert docx.Document(str(file)).paragraphs[0].text == "竹溪村避险月报"
    assert (OFFICIAL["phone"] in inside) == (edition == "internal")
    assert ("内部资料" in inside) == (edition == "internal")
    assert not any(one in inside for one in PRIVATE.values())
    again = write_brief(tmp_path / "二.docx", brief, kind="monthly")
    assert again.read_bytes() == file.read_bytes()
