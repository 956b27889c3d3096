"""Questions about times: the nearest facility, who is in reach, time tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.errors import NetworkError
from riskmap.reasons import Reason
from riskmap.routing.ragged import ranges
from riskmap.routing.search import THREADS, Seeds, graph_of, search, within
from riskmap.routing.sides import (
    best_of,
    check,
    check_limit,
    delays_of,
    reasons_of,
    sides_of,
)
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.sides import Direction, Sides
    from riskmap.routing.starts import Starts

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["k_nearest", "nearest", "reach", "travel_times"]


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
    table = _table(network, sides) + delay
    best = best_of(network, sides, delay)
    reason = reasons_of(network, sides, best, limit_min=limit_min)
    late = table > (np.inf if limit_min is None else limit_min)
    table[late | (reason != str(Reason.OK))[:, None]] = np.inf
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


def _table(network: Network, sides: Sides) -> FloatArray:
    """Return the minutes between every place (row) and facility; inf: no way."""
    table = np.full((len(sides.places), len(sides.facilities)), np.inf)
    away = sides.direction == "to"
    if len(sides.places) < len(sides.facilities):
        _fill(
            network, table, rows=sides.starts, columns=sides.facility_starts,
            reverse=not away,
        )  # fmt: skip
    else:
        _fill(
            network, table.T, rows=sides.facility_starts, columns=sides.starts,
            reverse=away,
        )  # fmt: skip
    np.minimum.at(table, (sides.direct[0], sides.direct[1]), sides.direct[2])
    return table


def reach(
    network: Network,
    facilities: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    direction: Direction,
    limit_min: float,
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> pd.DataFrame:
    """List every pair of facility and place that lie within a time.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    facilities, places
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    limit_min
        Longest time, delays counted.
    delay_min
        Minutes before a facility's clock starts: a number, or a column of
        `facilities`.
    max_distance_m
        Longest access leg off the road.
    leave
        With direction ``to``, whether a place inside a closing zone may walk
        out of it.

    Returns
    -------
    pandas.DataFrame
        facility, place (labels), time_min; sorted by facility, then place.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If direction or the limit makes no sense.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    """
    check(direction, limit_min)
    delay = delays_of(facilities, delay_min)
    sides = sides_of(
        network, places, facilities, direction=direction,
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    source, node, minutes = within(
        graph_of(network, reverse=direction == "to"),
        sides.facility_starts.seeds(delay_min=delay),
        sources=len(facilities), limit_min=limit_min,
    )  # fmt: skip
    facility, place, total = _meet(sides.starts, source, node, minutes=minutes)
    direct = sides.direct
    facility = np.r_[facility, direct[1]]
    place = np.r_[place, direct[0]]
    total = np.r_[total, direct[2] + delay[direct[1]]]
    keep = total <= limit_min
    facility, place, total = facility[keep], place[keep], total[keep]
    order = np.lexsort((total, place, facility))
    facility, place, total = facility[order], place[order], total[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(facility) != 0) | (np.diff(place) != 0)
    return pd.DataFrame(
        {
            "facility": facilities.index.take(facility[first]),
            "place": places.index.take(place[first]),
            "time_min": total[first],
        }
    )


def travel_times(
    network: Network,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    limit_min: float | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> pd.DataFrame:
    """Return the minutes from every origin to every destination.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    origins, destinations
        Any geometry, any CRS.
    limit_min
        Longest time; None sets none.
    max_distance_m
        Longest access leg off the road.
    leave
        Whether an origin inside a closing zone may walk out of it.

    Returns
    -------
    pandas.DataFrame
        A row an origin, a column a destination: minutes, access legs counted;
        NaN where there is no way, or none within the limit.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If the limit is negative or NaN.
    """
    check_limit(limit_min)
    sides = sides_of(
        network, origins, destinations, direction="to",
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    table = _table(network, sides)
    table[table > (np.inf if limit_min is None else limit_min)] = np.nan
    table[np.isinf(table)] = np.nan
    return pd.DataFrame(table, index=origins.index, columns=destinations.index)


def _meet(
    starts: Starts, source: IntArray, node: IntArray, *, minutes: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Join pairs of source and node with the places that enter at the node."""
    order = np.argsort(starts.node, kind="stable")
    at = starts.node[order]
    low = np.searchsorted(at, node, side="left")
    count = np.searchsorted(at, node, side="right") - low
    entry = order[ranges(low, count)]
    total = np.repeat(minutes, count) + starts.minutes[entry]
    return np.repeat(source, count), starts.place[entry], total


def _fill(
    network: Network,
    table: FloatArray,
    *,
    rows: Starts,
    columns: Starts,
    reverse: bool,
) -> None:
    """Fill a table row by row: a search from each row, read off at the columns."""
    graph = graph_of(network, reverse=reverse)
    seeds = rows.seeds()
    bounds = np.searchsorted(rows.place, np.arange(len(table) + 1))

    def one_row(row: int) -> None:
        part = slice(bounds[row], bounds[row + 1])
        if part.start == part.stop:
            return
        some = Seeds(
            seeds.node[part], seeds.minutes[part], seeds.owner[part], seeds.metres[part]
        )
        tree = search(graph, some)
        total = tree.minutes[columns.node] + columns.minutes
        np.minimum.at(table[row], columns.place, total)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one_row, range(len(table))))


def _take(values: FloatArray, owner: IntArray) -> FloatArray:
    """Return values by owner, NaN for none."""
    return np.append(values, np.nan)[owner]


def _labels(label: pd.Index | None, none: NDArray, index: pd.Index) -> pd.Series:
    """Return labels as a column, null where there is none."""
    if label is None:
        return pd.Series(np.full(len(index), None, dtype=object), index=index)
    column = pd.Series(label.to_numpy(), index=index, dtype=object)
    return column.mask(none, None)
