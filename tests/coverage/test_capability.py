"""Rules over villages: passed, failed, or not known, and never confused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskmap.coverage import audit_capability
from riskmap.errors import LayerError, StandardError
from riskmap.standards import read_table

TODAY = "2026-04-15"


def asked(
    rule: str, villages: pd.DataFrame | None = None, **layers: pd.DataFrame
) -> pd.Series:
    """Return the row of one rule for the only village."""
    here = pd.DataFrame({"village_code": ["1"]}) if villages is None else villages
    table = audit_capability(here, layers, as_of=TODAY)
    return table[table["rule"] == rule].iloc[0]


def rows(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"village_code": "1", **columns})


def village(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"village_code": ["1"], **columns})


@pytest.mark.parametrize(
    ("members", "kind", "value", "reason"),
    [
        ([30], "应急抢险突击队", 30, "ok"),
        ([29, 10], "应急抢险突击队", 29, "not_met"),
        ([29, 31], "村级应急抢险突击队", 31, "ok"),
        ([40], "微型消防站", 0, "no_unit"),
        ([None], "应急抢险突击队", np.nan, "insufficient_data"),
        ([-5], "应急抢险突击队", np.nan, "insufficient_data"),
    ],
)
def test_a_team_of_thirty(
    members: list[int | None], kind: str, value: object, reason: str
) -> None:
    row = asked("team_of_30", teams=rows(members_people=members, kind=kind))
    assert row["reason"] == reason
    if reason == "insufficient_data":
        assert row["passed"] is pd.NA
    else:
        assert row["passed"] == (reason == "ok")
    assert row["value"] == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([("A角", "甲", "1"), ("B角", "乙", "2")], "ok"),
        ([("A", "甲", "1"), ("B", "乙", "2")], "ok"),
        ([("A角", "甲", "1"), ("B角", "甲", "1")], "not_met"),
        ([("A角", "甲", "1"), ("B角", "乙", None)], "not_met"),
        ([("A角", "甲", "1"), ("A角", "乙", "2")], "not_met"),
        ([("A角", "甲", "1")], "not_met"),
        ([("A角", "", "1"), ("B角", None, "2")], "not_met"),
        ([], "not_met"),
    ],
)
def test_officers_a_and_b_are_two_people_with_phones(
    people: list[tuple[str, str, str]], reason: str
) -> None:
    duties = pd.DataFrame(people, columns=["role", "name", "phone"])
    duties = duties.assign(village_code="1", post="灾害信息员")
    other = pd.DataFrame(
        {
            "village_code": ["1"],
            "post": ["网格长"],
            "role": ["B角"],
            "name": ["丙"],
            "phone": ["3"],
        }
    )
    row = asked("officers_a_and_b", duties=pd.concat([duties, other]))
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (["2026-04-01", "2026-04-14"], "ok"),
        (["2026-04-01"], "not_met"),
        (["2026-03-15", "2026-04-14"], "not_met"),  # one is 31 days ago
        (["2026-03-16", "2026-04-15"], "ok"),
        (["2026-04-16", "2026-04-14"], "not_met"),  # one is tomorrow
        (["2026-04-14", None], "not_met"),
        ([], "not_met"),
    ],
)
def test_inspections_twice_a_month(days: list[str | None], reason: str) -> None:
    row = asked(
        "inspections_twice_a_month",
        inspections=rows(checked_on=pd.Series(days, dtype=object)),
        hazard_points=rows(last_checked=[TODAY]),
    )
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("column", "rule", "value", "reason"),
    [
        ("has_plan", "has_plan", True, "ok"),
        ("has_plan", "has_plan", False, "not_met"),
        ("has_plan", "has_plan", None, "insufficient_data"),
        ("has_plan", "has_plan", "不详", "insufficient_data"),
        ("information_officers_people", "two_information_officers", 2, "ok"),
        ("information_officers_people", "two_information_officers", 1, "not_met"),
        (
            "information_officers_people",
            "two_information_officers",
            None,
            "insufficient_data",
        ),
        ("last_drill", "drill_within_a_year", "2025-04-15", "ok"),
        ("last_drill", "drill_within_a_year", "2025-04-14", "not_met"),
        ("last_drill", "drill_within_a_year", "2026-05-01", "insufficient_data"),
        ("last_drill", "drill_within_a_year", "去年", "insufficient_data"),
        ("data_date", "fresh_data", None, "insufficient_data"),
    ],
)
def test_columns_of_the_village(
    column: str, rule: str, value: object, reason: str
) -> None:
    row = asked(rule, village(**{column: pd.Series([value], dtype=object)}))
    assert row["reason"] == reason
    if reason == "insufficient_data":
        assert row["passed"] is pd.NA
    else:
        assert row["passed"] == (reason == "ok")


@pytest.mark.parametrize(
    ("done", "value", "reason"),
    [
        (["2026-04-02", "2026-04-09"], 1.0, "ok"),
        (["2026-04-02", None], 0.5, "not_met"),
        ([None, "2026-04-20"], 0.0, "not_met"),
    ],
)
def test_rectification(done: list[str | None], value: object, reason: str) -> None:
    found = rows(
        due_on=["2026-04-03", "2026-04-10"], rectified_on=done, checked_on=TODAY
    )
    later = rows(due_on=["2026-06-01"], rectified_on=[None], checked_on=TODAY)
    row = asked("rectified_in_time", inspections=pd.concat([found, later]))
    assert row["value"] == value
    assert row["reason"] == reason


def test_rules_that_do_not_concern_a_village_have_no_row() -> None:
    table = audit_capability(
        village(),
        {
            "inspections": rows(checked_on=[], due_on=[], rectified_on=[]),
            "hazard_points": rows(last_checked=[]),
        },
        as_of=TODAY,
    )
    rules = set(table["rule"])
    assert not {"inspections_twice_a_month", "rectified_in_time"} & rules
    assert "checked_within_half_month" not in rules


def test_without_layers_nothing_passes() -> None:
    table = audit_capability(village(), {}, as_of=TODAY)
    assert not table["passed"].any()
    assert table["reason"].eq("insufficient_data").all()
    assert len(table) == len(read_table("capability")["rules"])


def test_villages_keep_their_order_and_rules_theirs() -> None:
    here = pd.DataFrame({"village_code": ["9", "1"], "has_plan": [True, False]})
    table = audit_capability(here, {}, as_of=TODAY)
    assert table["village_code"].drop_duplicates().tolist() == ["9", "1"]
    first = table["rule"][table["village_code"] == "9"].tolist()
    assert first == [entry["id"] for entry in read_table("capability")["rules"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[other]", "rules is missing"),
        ('[[rules]]\nid = "x"', "x has no key label"),
        (
            '[[rules]]\nid="x"\nlabel="x"\nlayer="teams"\ncolumn="y"\nmeasure="guess"',
            "x.measure is none of flag",
        ),
    ],
)
def test_malformed_rules_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StandardError, match=message):
        audit_capability(village(), {}, as_of=TODAY, rules=path)


def test_villages_need_their_code() -> None:
    with pytest.raises(LayerError, match="village_code"):
        audit_capability(pd.DataFrame({"name": ["x"]}), {}, as_of=TODAY)


@pytest.mark.parametrize(
    ("stock", "value", "reason"),
    [
        (["海事卫星电话、水泵", "柴油发电机2台"], 3, "ok"),
        (["卫星电话，抽水泵"], 2, "not_met"),
        (["卫星电话", None], np.nan, "insufficient_data"),
        (["卫星电话、水泵、发电机", None], 3, "ok"),
    ],
)
def test_the_kit_of_all_stocks_together(
    stock: list[str | None], value: float, reason: str
) -> None:
    row = asked("big_kit", supplies=rows(stock=stock))
    assert row["reason"] == reason
    assert row["value"] == pytest.approx(value, nan_ok=True)


def test_a_village_without_any_stock_point_has_no_kit() -> None:
    other = pd.DataFrame({"village_code": ["2"], "stock": ["安全帽"]})
    row = asked("small_kit", supplies=other)
    assert (row["value"], row["reason"]) == (0, "not_met")
    assert asked("small_kit")["reason"] == "insufficient_data"


@pytest.mark.parametrize(
    ("change", "value", "reason"),
    [
        ({}, 5, "ok"),
        ({"has_plan": False}, 4, "not_met"),
        ({"has_plan": None}, np.nan, "insufficient_data"),
        ({"has_plan": None, "has_hazard_map": False}, 3, "not_met"),
        ({"last_drill": "2024-01-01"}, 4, "not_met"),
    ],
)
def test_the_checklist_of_a_demonstration_community(
    change: dict[str, object], value: float, reason: str
) -> None:
    full = {
        "has_hazard_list": True, "has_vulnerable_list": True, "has_hazard_map": True,
        "has_plan": True, "last_drill": "2026-01-01", **change,
    }  # fmt: skip
    row = asked("demonstration_community", village(**full))
    assert row["reason"] == reason
    assert row["value"] == pytest.approx(value, nan_ok=True)
    passed = {"ok": True, "not_met": False, "insufficient_data": pd.NA}[reason]
    assert row["passed"] is pd.NA if passed is pd.NA else row["passed"] == passed


def test_a_checklist_of_rules_that_are_not_there(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rules]]\nid = "all"\nlabel = "全"\nmeasure = "checklist"\n'
        'rules = ["nothing"]\nsource = "x"\nevidence = "S"\n',
        encoding="utf-8",
    )
    with pytest.raises(StandardError, match="names a rule that is not there"):
        audit_capability(village(), {}, as_of=TODAY, rules=own)
