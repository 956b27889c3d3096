from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from riskmap.errors import PlanError, StandardError
from riskmap.evacuation import LeadTime, read_rules
from riskmap.evacuation.lead_time import moment_of

if TYPE_CHECKING:
    from pathlib import Path


def clock(arrives_at: str | None, as_of: str | None = None) -> LeadTime:
    return LeadTime(
        moment_of(arrives_at, "arrives_at"), moment_of(as_of, "as_of"), read_rules()
    )


@pytest.mark.parametrize(
    ("arrives", "deadline"),
    [
        ("2026-08-01T14:00", "2026-08-01T11:00"),  # by day: three hours before
        ("2026-08-01T17:59", "2026-08-01T14:59"),
        ("2026-08-01T18:00", "2026-08-01T15:00"),  # three hours come first
        ("2026-08-01T23:30", "2026-08-01T18:00"),  # at night: by 18:00
        ("2026-08-02T02:00", "2026-08-01T18:00"),  # of the evening it began
        ("2026-08-02T06:00", "2026-08-02T03:00"),  # day begins at 6
    ],
)
def test_the_deadline_is_zhejiangs(arrives: str, deadline: str) -> None:
    assert clock(arrives).deadline == datetime.fromisoformat(deadline)


def test_moments_are_null_without_arrival() -> None:
    assert clock(None).deadline is None
    assert clock(None).departs_by(10) is None
    assert clock(None).walk_limit_min == float("inf")


def test_the_order_goes_out_before_warning_calls_and_gathering() -> None:
    lead = clock("2026-08-01T14:00")
    assert lead.chain_min == 50
    assert lead.departs_by(30) == "2026-08-01T10:30"
    assert lead.order_by(30) == "2026-08-01T09:40"


def test_seconds_are_cut_to_the_safe_side() -> None:
    assert clock("2026-08-01T14:00").departs_by(0.1) == "2026-08-01T10:59"


def test_what_is_left_for_the_way() -> None:
    assert clock("2026-08-01T14:00", "2026-08-01T09:00").walk_limit_min == 70
    assert clock("2026-08-01T14:00", "2026-08-02").walk_limit_min < 0


def test_assumed_numbers_are_named() -> None:
    assert clock("2026-08-01T14:00").assumptions == (
        "lead_time.night",
        "lead_time.chain",
    )
    assert clock(None).assumptions == ()


def test_a_date_is_the_start_of_its_day() -> None:
    assert moment_of(date(2026, 8, 1), "as_of") == datetime(2026, 8, 1)  # noqa: DTZ001


@pytest.mark.parametrize("value", ["tomorrow", "2026-08-01T14:00+08:00"])
def test_other_moments_are_refused(value: str) -> None:
    with pytest.raises(PlanError, match="arrives_at = "):
        moment_of(value, "arrives_at")


def test_a_rule_without_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[chain]\nwarning_min = 5\n", encoding="utf-8")
    with pytest.raises(StandardError, match="names no source"):
        read_rules(path)
