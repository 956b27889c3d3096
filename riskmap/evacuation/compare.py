"""Two plans side by side: who goes elsewhere, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from riskmap.evacuation.plan import Plan

__all__ = ["compare_plans"]

_COLUMNS = ("people", "shelter_id", "shelter_name", "time_min", "departs_by", "reason")


def compare_plans(first: Plan, second: Plan) -> pd.DataFrame:
    """List every group of two plans with what became of it in each.

    Parameters
    ----------
    first, second
        Plans for the same county, for example before and after a shelter closed.

    Returns
    -------
    pandas.DataFrame
        A row for each group of either plan, in the order of the first:
        ``group_id``, ``change`` (``same``, ``moved`` to another shelter,
        ``rerouted`` to the same one in another time, ``lost`` its place,
        ``gained`` one, ``other_reason``, ``added``, ``dropped``), then people,
        shelter, minutes, departure and reason, each ``_a`` and ``_b``, and
        ``more_min`` (minutes that the second takes longer, null where either
        has no way).
    """
    keep = ["group_id", *_COLUMNS]
    both = first.assignments[keep].merge(
        second.assignments[keep],
        on="group_id",
        how="outer",
        suffixes=("_a", "_b"),
        indicator="where",
        sort=False,
    )
    order = [*first.assignments["group_id"], *second.assignments["group_id"]]
    rank = {group: row for row, group in reversed(list(enumerate(order)))}
    both = both.sort_values("group_id", key=lambda ids: ids.map(rank), kind="stable")
    both["more_min"] = both["time_min_b"] - both["time_min_a"]
    both.insert(1, "change", _change(both))
    return both.drop(columns="where").reset_index(drop=True)


def _change(both: pd.DataFrame) -> pd.Series:
    """Name what happened to each group."""
    had, has = both["shelter_id_a"].notna(), both["shelter_id_b"].notna()
    ok_a, ok_b = both["reason_a"].eq("ok"), both["reason_b"].eq("ok")
    change = pd.Series("same", index=both.index, dtype=object)
    change[both["reason_a"].ne(both["reason_b"])] = "other_reason"
    longer = both["more_min"].abs().gt(0.01)  # half a second
    change[had & has & longer] = "rerouted"
    change[had & has & both["shelter_id_a"].ne(both["shelter_id_b"])] = "moved"
    change[ok_a & ~ok_b] = "lost"
    change[~ok_a & ok_b] = "gained"
    change[both["where"].eq("right_only")] = "added"
    change[both["where"].eq("left_only")] = "dropped"
    return change
