"""The transfer ledger: people by category, village and township; sums close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["KEYS", "transfer_ledger"]

KEYS = (
    "township_code",
    "township_name",
    "village_code",
    "village_name",
    "category",
    "placement",
)


def transfer_ledger(
    groups: pd.DataFrame, assignments: pd.DataFrame, *, by: Sequence[str] = KEYS
) -> pd.DataFrame:
    """Count the people to be moved, placed and not, by what tells them apart.

    Parameters
    ----------
    groups
        One row a group: ``group_id``, ``people`` (null = unknown) and the
        columns of `by`, where they are there.
    assignments
        One row a group: ``group_id``, ``reason``.
    by
        The columns to count by, for example ``["category"]``; one that
        `groups` lacks counts as unknown.

    Returns
    -------
    pandas.DataFrame
        `by` (null where not known), ``groups``, ``people``,
        ``people_min``, ``people_max`` (the range that possible double counting
        leaves; where a group says none, its people), ``placed_people``,
        ``unplaced_people`` and ``unknown_groups``, the groups whose people
        nobody knows, which are in no other sum; sorted.
    """
    keys = list(by)
    rows = groups.reindex(
        columns=["group_id", "people", "people_min", "people_max", *keys]
    )
    rows = rows.merge(assignments[["group_id", "reason"]], on="group_id", how="left")
    people = rows["people"].astype("Int64")
    ok = rows["reason"].eq(Reason.OK)
    counted = rows[keys].assign(
        groups=1,
        people=people.fillna(0),
        people_min=_bound(rows["people_min"], people),
        people_max=_bound(rows["people_max"], people),
        placed_people=people.where(ok, 0).fillna(0),
        unplaced_people=people.where(~ok, 0).fillna(0),
        unknown_groups=people.isna().astype("Int64"),
    )
    for key in keys:
        text = counted[key].astype(object)
        counted[key] = text.where(text.notna(), "")
    sums = counted.groupby(keys, sort=True, as_index=False).sum()
    for key in keys:
        text = sums[key].astype(object)
        sums[key] = text.where(text.ne(""), None)
    figures = [name for name in sums.columns if name not in keys]
    return sums.astype(dict.fromkeys(figures, "Int64"))


def _bound(given: pd.Series, people: pd.Series) -> pd.Series:
    """Return one end of the range of people; the people themselves without one."""
    return given.astype("Float64").astype("Int64").fillna(people).fillna(0)
