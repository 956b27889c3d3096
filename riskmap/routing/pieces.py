"""Pieces of roads within a time, cut where the time ends or two sides meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.routing.ragged import Lines, along, subset, to_linestrings

if TYPE_CHECKING:
    from riskmap.routing.network import Network

__all__ = ["cut_lines", "described", "within_limit"]

_SAME_M = 1e-6


def described(network: Network, part: pd.DataFrame) -> pd.DataFrame:
    """Return pieces with road_id, road_name and geometry."""
    road = network.roads.iloc[network.edge_road[part["edge"].to_numpy()]]
    return part.assign(
        road_id=road["road_id"].to_numpy(), road_name=road["road_name"].to_numpy(),
        geometry=to_linestrings(cut_lines(network, part)),
    )  # fmt: skip


def within_limit(arms: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Return the pieces within a limit: edge, begin, end, start_min, end_min, owner.

    `arms` are parts of edges: edge, begin, end (fractions), begin_min, end_min
    (times at both ends, inf: not reached), begin_owner, end_owner, and ahead and
    back, the minutes across from either end.
    """
    one, other = arms["begin_min"].to_numpy(), arms["end_min"].to_numpy()
    ahead, back = arms["ahead"].to_numpy(), arms["back"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        meet = (other + back - one) / (ahead + back)
        from_begin = np.where(ahead > 0, (limit - one) / ahead, 1.0)
        from_end = np.where(back > 0, (limit - other) / back, 1.0)
    from_begin = np.where(np.isfinite(ahead) & (one <= limit), from_begin, 0.0)
    from_end = np.where(np.isfinite(back) & (other <= limit), from_end, 0.0)
    # Where both sides come, they share the edge where their times are equal.
    both = (from_begin > 0) & (from_end > 0)
    meet = np.clip(np.where(both & np.isfinite(meet), meet, 1.0), 0.0, 1.0)
    left = np.minimum(np.clip(from_begin, 0.0, 1.0), np.where(both, meet, 1.0))
    right = np.minimum(np.clip(from_end, 0.0, 1.0), np.where(both, 1 - meet, 1.0))
    edge, begin, end = (arms[name].to_numpy() for name in ("edge", "begin", "end"))
    wide = end - begin
    with np.errstate(invalid="ignore"):
        first = pd.DataFrame({
            "edge": edge, "begin": begin, "end": begin + left * wide,
            "start_min": one, "end_min": one + np.where(left > 0, left * ahead, 0.0),
            "owner": arms["begin_owner"].to_numpy(),
        })  # fmt: skip
        second = pd.DataFrame({
            "edge": edge, "begin": end - right * wide, "end": end,
            "start_min": other + np.where(right > 0, right * back, 0.0),
            "end_min": other, "owner": arms["end_owner"].to_numpy(),
        })  # fmt: skip
    pieces = pd.concat([first[left > 0], second[right > 0]], ignore_index=True)
    long = (pieces["end"] > pieces["begin"]).to_numpy()
    kept: pd.DataFrame = pieces.iloc[np.flatnonzero(long)].reset_index(drop=True)
    return kept


def cut_lines(network: Network, part: pd.DataFrame) -> Lines:
    """Return the geometry of pieces of edges."""
    rows = part["edge"].to_numpy()
    lines = subset(network.lines, rows)
    length = lines.lengths()
    row = np.arange(len(rows))
    low, high = part["begin"].to_numpy() * length, part["end"].to_numpy() * length
    measure, owner = lines.measures(), lines.rows()
    inner = (measure > low[owner] + _SAME_M) & (measure < high[owner] - _SAME_M)
    every = np.r_[row, owner[inner], row]
    where = np.r_[low, measure[inner], high]
    xy = np.concatenate(
        [along(lines, row, low), lines.xy[inner], along(lines, row, high)]
    )
    order = np.lexsort((where, every))
    count = np.bincount(every, minlength=len(rows))
    return Lines(np.r_[0, np.cumsum(count)].astype(np.int64), xy[order])
