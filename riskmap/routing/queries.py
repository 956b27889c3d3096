"""Questions about times: the nearest facility, and the nearest few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.errors import NetworkError
from riskmap.reasons import Reason
from riskmap.routing.sides import (
    best_of,
    check,
    delays_of,
    reasons_of,
    sides_of,
)
from riskmap.routing.snapping import MAX_DISTANCE_M
from riskmap.routing.tables import time_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.sides import Direction

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["k_nearest", "nearest"]


def nearest(
    network: Network,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    limit_min: float | None = None,
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> pd.DataFrame:
    """Find for every place the facility that is nearest in time.

    A tie of times goes to the facility that comes first in `facilities`.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    places, facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    limit_min
        Longest time, delays counted; None sets none.
    delay_min
        Minutes before a facility's clock starts (turnout): a number, or a
        column of `facilities`.
    max_distance_m
        Longest access leg off the road.
    leave
        With direction ``to``, whether a place inside a closing zone may walk
        out of it.

    Returns
    -------
    pandas.DataFrame
        Indexed as `places`: facility (label in `facilities`, null where none),
        time_min, length_m (access legs counted), access_m (both legs), reason.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If direction or a limit or delay makes no sense.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    """
    check(direction, limit_min)
    delay = delays_of(facilities, delay_min)
    sides = sides_of(
        network, places, facilities, direction=direction,
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    best = best_of(network, sides, delay)
    reason = reasons_of(network, sides, best, limit_min=limit_min)
    none = reason != str(Reason.OK)
    owner = np.where(none, -1, best.owner)
    label = facilities.index.take(np.maximum(owner, 0)) if len(facilities) else None
    access = sides.places.distance_m + _take(sides.facilities.distance_m, owner)
    return pd.DataFrame(
        {
            "facility": _labels(label, none, places.index),
            "time_min": np.where(none, np.nan, best.minutes),
            "length_m": np.where(none, np.nan, best.metres),
            "access_m": np.where(none, np.nan, access),
            "reason": reason,
        },
        index=places.index,
    )


def k_nearest(
    network: Network,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    k: int,
    direction: Direction,
    limit_min: float | None = None,
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> pd.DataFrame:
    """Find for every place the few facilities that are nearest in time.

    A tie of times goes to the facility that comes first in `facilities`. There
    is one search for each place or facility, whichever are fewer.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    places, facilities
        Any geometry, any CRS.
    k
        How many at most, 1 or more.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    limit_min
        Longest time, delays counted; None sets none.
    delay_min
        Minutes before a facility's clock starts (turnout): a number, or a
        column of `facilities`.
    max_distance_m
        Longest access leg off the road.
    leave
        With direction ``to``, whether a place inside a closing zone may walk
        out of it.

    Returns
    -------
    pandas.DataFrame
        place, rank (from 1), facility (labels), time_min, reason; sorted by
        place, then rank. A place that has none keeps one row of rank 1, without
        facility and time, and with the reason.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If k, direction, a limit or a delay makes no sense.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    """
    check(direction, limit_min)
    if k < 1:
        msg = f"k is {k}; ask for 1 facility or more"
        raise NetworkError(msg)
    delay = delays_of(facilities, delay_min)
    sides = sides_of(
        network, places, facilities, direction=direction,
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    most = np.inf if limit_min is None else limit_min
    table = time_table(network, sides, limit_min=most) + delay
    best = best_of(network, sides, delay)
    reason = reasons_of(network, sides, best, limit_min=limit_min)
    table[(table > most) | (reason != str(Reason.OK))[:, None]] = np.inf
    order = np.argsort(table, axis=1, kind="stable")[:, :k]
    time = np.take_along_axis(table, order, axis=1)
    wanted = np.isfinite(time)
    place, rank = np.nonzero(wanted)
    lacking = np.flatnonzero(~wanted.any(axis=1))
    label = facilities.index.take(order[wanted]).astype(object)
    found = pd.DataFrame({
        "place": np.r_[place, lacking],
        "rank": np.r_[rank + 1, np.ones(len(lacking), dtype=np.int64)],
        "facility": np.r_[label.to_numpy(), np.full(len(lacking), None)],
        "time_min": np.r_[time[wanted], np.full(len(lacking), np.nan)],
    })  # fmt: skip
    found["reason"] = reason[found["place"]]
    found = found.sort_values(["place", "rank"], ignore_index=True)
    return found.assign(place=places.index.take(found["place"].to_numpy()))


def _take(values: FloatArray, owner: IntArray) -> FloatArray:
    """Return values by owner, NaN for none."""
    return np.append(values, np.nan)[owner]


def _labels(label: pd.Index | None, none: NDArray, index: pd.Index) -> pd.Series:
    """Return labels as a column, null where there is none."""
    if label is None:
        return pd.Series(np.full(len(index), None, dtype=object), index=index)
    column = pd.Series(label.to_numpy(), index=index, dtype=object)
    return column.mask(none, None)
