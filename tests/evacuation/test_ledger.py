from __future__ import annotations

import pandas as pd
import pytest

from riskmap.evacuation import transfer_ledger

# Two transfer tables that Yuhuan published for typhoons of 2022.
XUANLANNUO = {
    "渔船": 664, "海上养殖": 48, "建筑工地": 2546, "老旧房": 441,
    "地质灾害点": 58, "农家乐": 3, "山塘": 4, "其他": 370,
}  # fmt: skip
MEIHUA = [2688, 10930, 671, 77, 78, 353]


def tables(people: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = []
    for number, (category, total) in enumerate(people.items()):
        for part in (total - total // 3, total // 3):
            group = f"G{len(rows)}"
            rows.append(
                {
                    "group_id": group,
                    "people": part,
                    "category": category,
                    "village_code": f"99010100{number % 3}",
                    "reason": "ok" if part % 2 else "full",
                }
            )
    frame = pd.DataFrame(rows).astype({"people": "Int64"})
    return frame.drop(columns="reason"), frame[["group_id", "reason"]]


@pytest.mark.parametrize(
    ("people", "total"),
    [(XUANLANNUO, 4134), ({f"类别{i}": n for i, n in enumerate(MEIHUA)}, 14797)],
    ids=["xuanlannuo", "meihua"],
)
def test_yuhuans_tables_close(people: dict[str, int], total: int) -> None:
    groups, assignments = tables(people)
    ledger = transfer_ledger(groups, assignments, by=["category"])
    assert ledger.set_index("category")["people"].to_dict() == people
    assert ledger["people"].sum() == total
    whole = transfer_ledger(groups, assignments)
    assert whole["people"].sum() == total
    both = whole["placed_people"] + whole["unplaced_people"]
    assert (both == whole["people"]).all()


def test_unknown_people_are_counted_as_unknown_not_as_none() -> None:
    groups = pd.DataFrame(
        {"group_id": ["a", "b"], "people": pd.array([5, None], dtype="Int64")}
    )
    reasons = pd.DataFrame(
        {"group_id": ["a", "b"], "reason": ["ok", "insufficient_data"]}
    )
    (row,) = transfer_ledger(groups, reasons).to_dict("records")
    assert (row["people"], row["groups"], row["unknown_groups"]) == (5, 2, 1)
    assert row["category"] is None
