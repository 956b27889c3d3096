"""The call list (叫应): who is called first, by when, and who if nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

__all__ = ["CALL_COLUMNS", "call_list", "calling_order"]

_OWNERS = ("responsible_a", "phone_a", "responsible_b", "phone_b")
CALL_COLUMNS = (
    *("seq", "group_id", "name", "village_code", "village_name", "people", "why"),
    *("reason", "call_by", "departs_by", *_OWNERS, "answer_within_min"),
    *("called_at", "answered_at", "answered_by"),
)


def calling_order(assignments: pd.DataFrame, early: pd.DataFrame) -> np.ndarray:
    """Return the positions of the groups in the order to call them.

    Those who cannot make it in time first, then those cut off or without a
    shelter, then those whose only way may fail (in their order), then those with
    the longest way, then those of own placement; ties in the order given.

    Parameters
    ----------
    assignments
        ``group_id``, ``reason``, ``lead_time_min``, ``shelter_id``.
    early
        As `riskmap.evacuation.early.early_groups` returns it.

    Returns
    -------
    numpy.ndarray
        Positions.
    """
    first = dict(zip(early["group_id"], early["rank"].astype(int), strict=True))
    reason = assignments["reason"]
    rank = assignments["group_id"].map(first).to_numpy(dtype=float)
    late = reason.eq(Reason.OVER_TIME).to_numpy(dtype=bool)
    lost = reason.ne(Reason.OK).to_numpy(dtype=bool)
    own = assignments["shelter_id"].isna().to_numpy(dtype=bool)
    step = np.select([late, lost, np.isfinite(rank), ~own], [0, 1, 2, 3], 4)
    longest = -assignments["lead_time_min"].fillna(0).to_numpy(float)
    return np.lexsort((longest, np.nan_to_num(rank), step))


def call_list(
    groups: gpd.GeoDataFrame,
    assignments: pd.DataFrame,
    early: pd.DataFrame,
    *,
    rules: Mapping[str, Any],
) -> pd.DataFrame:
    """List every group in the order to call, with who answers for it.

    Parameters
    ----------
    groups
        With owners and phones where known.
    assignments, early
        The plan's.
    rules
        ``rules.toml``: ``chain.call_min`` is how long to wait for an answer
        before the deputy is called.

    Returns
    -------
    pandas.DataFrame
        One row a group: ``seq`` from 1; ``why`` its place in the order
        (``over_time``, the reason for no shelter, ``early``, ``far``, ``own``);
        ``call_by`` (null without an arrival time); owners A and B;
        ``called_at``, ``answered_at``, ``answered_by`` to fill in.
    """
    order = calling_order(assignments, early)
    who = groups.reset_index(drop=True).iloc[order].reset_index(drop=True)
    way = assignments.reset_index(drop=True).iloc[order].reset_index(drop=True)
    table = pd.DataFrame(index=who.index)
    for name in CALL_COLUMNS:
        table[name] = who.get(name)
    ok, listed = way["reason"].eq(Reason.OK), way["group_id"].isin(early["group_id"])
    own = way["shelter_id"].isna()
    why = np.select([~ok, listed, ~own], [way["reason"], "early", "far"], "own")
    return table.assign(
        seq=pd.array(range(1, len(table) + 1), dtype="Int64"),
        why=why.astype(object),
        reason=way["reason"],
        call_by=way["order_by"],
        departs_by=way["departs_by"],
        answer_within_min=float(rules["chain"]["call_min"]),
    )[list(CALL_COLUMNS)]
