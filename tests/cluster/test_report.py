"""The run report: totals of each step, and what they make for a whole province."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from riskmap.cluster.report import report_frame, write_report
from riskmap.cluster.store import Unit
from riskmap.cluster.totals import step_totals, totals_sentences

if TYPE_CHECKING:
    from pathlib import Path

UNITS = [Unit("990101", "甲县", 40), Unit("990102", "乙<b>县", 60)]


def row(unit: str, step: str, **cells: object) -> dict[str, object]:
    """Return a row as `run_task` does: ten seconds from six o'clock on."""
    base = {
        "unit": unit, "name": unit, "step": step, "state": "done", "seconds": 10.0,
        "cpu_s": 8.0, "peak_mb": 500.0, "wider": 0, "message": "", "worker": "host:1",
        "villages": 40, "began": "2026-04-15T06:00:00.000+00:00",
    }  # fmt: skip
    return base | cells


def totals(*rows: dict[str, object], folder: Path, workers: int = 2) -> pd.Series:
    """Return the totals of the first step of a run of a hundred villages."""
    table = report_frame(UNITS, rows, folder)
    return step_totals(table, villages=100, workers=workers).iloc[0]


def test_one_unit_says_what_all_would_take(tmp_path: Path) -> None:
    """Forty villages in 8 s: a hundred in 20 s, on two processes in 10 s."""
    found = totals(row("990101", "publish", cpu_s=28.8), folder=tmp_path)
    assert found["measured"] == 40
    assert found["village_s"] == pytest.approx(0.72)
    assert found["whole_h"] == pytest.approx(0.02)
    assert found["shared_h"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    "lost",
    [
        {"villages": None},
        {"state": "failed", "villages": None},
        {"cpu_s": None},
    ],
)
def test_what_was_kept_or_failed_is_no_measure(
    tmp_path: Path, lost: dict[str, object]
) -> None:
    """A unit that drew little because most was there says nothing of a village."""
    found = totals(
        row("990101", "publish"), row("990102", "publish", **lost), folder=tmp_path
    )
    assert found["measured"] == 40
    assert found["village_s"] == pytest.approx(0.2)
    alone = totals(row("990102", "publish", **lost), folder=tmp_path)
    assert alone["measured"] == 0
    assert pd.isna(alone["village_s"])
    assert pd.isna(alone["whole_h"])


@pytest.mark.parametrize(
    ("second", "clock"),
    [("06:00:04", 14.0), ("06:00:00", 10.0), ("06:00:10", 20.0), ("07:00:00", 20.0)],
)
def test_the_clock_counts_what_overlaps_once(
    tmp_path: Path, second: str, clock: float
) -> None:
    later = row("990102", "audit", began=f"2026-04-15T{second}.000+00:00")
    found = totals(row("990101", "audit"), later, folder=tmp_path)
    assert found["clock_s"] == pytest.approx(clock)
    assert found["cpu_s"] == pytest.approx(16.0)


def test_a_guess_is_named_and_a_measure_is_not(tmp_path: Path) -> None:
    rows = [
        row("990101", "audit"), row("990102", "audit", villages=60),
        row("990101", "publish", cpu_s=360.0, peak_mb=900.0),
    ]  # fmt: skip
    table = report_frame(UNITS, rows, tmp_path)
    sums = step_totals(table, villages=100, workers=3)
    assert list(sums["step"]) == ["audit", "publish"]
    assert sums["peak_mb"].max() == 900.0
    (said,) = totals_sentences(sums, 100)
    assert said.startswith("出图（外推，未实测）：量得 40 个村，每村处理器 9.0 秒")
    assert "全部 100 个村共约 0.25 处理器小时，3 个进程" in said


def test_the_page_shows_totals_and_rows_and_no_markup_of_theirs(
    tmp_path: Path,
) -> None:
    rows = [
        row("990101", "publish"),
        row("990102", "publish", state="failed", name="乙<b>县", villages=None,
            message="<img src=x onerror=alert(1)>"),
    ]  # fmt: skip
    table = report_frame(UNITS, rows, tmp_path)
    sums = step_totals(table, villages=100, workers=1)
    page = write_report(table, sums, tmp_path, villages=100).read_text("utf-8")
    assert page.count("<table>") == 2
    assert "外推，未实测" in page
    assert "乙&lt;b&gt;县" in page
    assert "<img" not in page
    book = pd.read_csv(tmp_path / "运行报告.csv", encoding="utf-8-sig")
    assert list(book["状态"]) == ["失败", "完成"]
    assert list(book["村数"].dropna()) == [40]
