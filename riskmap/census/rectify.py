"""Rectification: what inspections found, who answers for it, what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.census.quality import quality_table
from riskmap.census.read import day_of
from riskmap.errors import LayerError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

__all__ = ["RECTIFICATION_COLUMNS", "rectification", "rectification_lists"]

RECTIFICATION_COLUMNS = (
    *("township_code", "inspections", "problems", "rectified", "late", "open"),
    *("overdue", "unknown", "rate", "rate_on_time"),
)
_NEEDED = ("inspection_id", "checked_on", "problem", "due_on", "rectified_on")
_WHAT = ("inspection_id", "object_id", "object_name", "village_code")
_LISTS: Mapping[str, tuple[str, ...]] = {
    "problem": (*_WHAT, "checked_on", "problem"),
    "responsibility": (*_WHAT, "problem", "responsible"),
    "measure": (*_WHAT, "problem", "measure", "due_on"),
    "rectification": (*_WHAT, "problem", "due_on", "rectified_on", "state"),
}


def rectification(
    inspections: pd.DataFrame, *, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """Return the rectification rate (整改率) by township and overall.

    Parameters
    ----------
    inspections
        The layer ``inspections``.
    as_of
        The day to count to; what was rectified later does not count yet.

    Returns
    -------
    pandas.DataFrame
        A row a township and one over all (``township_code`` null;
        empty where a row names no township):
        ``inspections`` made; ``problems`` found; of these ``rectified`` in
        time, ``late`` (rectified after the day set), ``open``, ``overdue``,
        ``unknown`` (open and no day set, or rectified before it was found);
        ``rate`` = (rectified + late) over problems; ``rate_on_time`` =
        rectified over problems; NaN without problems.

    Raises
    ------
    LayerError
        If a column is missing, or `as_of` is no day.
    """
    rows = _with_states(inspections, as_of)
    table: list[tuple[object, ...]] = []
    if "township_code" in rows:
        for code, mine in rows.groupby(rows["township_code"].fillna("")):
            table.append((str(code), *_counts(mine)))
    table.append((None, *_counts(rows)))
    return pd.DataFrame(table, columns=list(RECTIFICATION_COLUMNS))


def rectification_lists(
    inspections: pd.DataFrame, *, as_of: str | dt.date | pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return the four lists (四张清单) of problems, owners, measures, rectification.

    Parameters
    ----------
    inspections
        The layer ``inspections``.
    as_of
        The day to count to.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``problem``, ``responsibility``, ``measure``, ``rectification``: a row
        a problem in each, in the order of the inspections; what nobody wrote
        is null. ``state``: ``rectified``, ``late``, ``open``, ``overdue`` or
        ``unknown``.

    Raises
    ------
    LayerError
        If a column is missing, or `as_of` is no day.
    """
    rows = _with_states(inspections, as_of)
    rows = rows[rows["state"] != ""]
    return {
        name: pd.DataFrame(rows.reindex(columns=list(columns))).reset_index(drop=True)
        for name, columns in _LISTS.items()
    }


def list_title(name: str) -> str:
    """Return the Chinese name of one of the four lists."""
    title: str = quality_table()["lists"][name]
    return title


def _with_states(
    inspections: pd.DataFrame, as_of: str | dt.date | pd.Timestamp
) -> pd.DataFrame:
    """Add what has become of each problem; empty where none was found."""
    missing = [one for one in _NEEDED if one not in inspections]
    if missing:
        msg = f"inspections lack the columns {', '.join(missing)}"
        raise LayerError(msg)
    day = day_of(as_of)
    found = inspections["problem"].notna()
    due = inspections["due_on"]
    done = inspections["rectified_on"].where(inspections["rectified_on"] <= day)
    undone = done < inspections["checked_on"]
    state = np.select(
        [~found, undone, done > due, done.notna(), due.isna(), due < day],
        ["", "unknown", "late", "rectified", "unknown", "overdue"],
        default="open",
    )
    return pd.DataFrame(inspections).assign(state=state)


def _counts(rows: pd.DataFrame) -> tuple[float, ...]:
    """Count what has become of problems."""
    states = rows["state"].value_counts()
    names = ("rectified", "late", "open", "overdue", "unknown")
    counts = [int(states.get(one, 0)) for one in names]
    problems = sum(counts)
    rates = (
        (np.nan, np.nan)
        if problems == 0
        else ((counts[0] + counts[1]) / problems, counts[0] / problems)
    )
    return (len(rows), problems, *counts, *rates)
