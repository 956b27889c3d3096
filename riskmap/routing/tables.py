"""Tables of times: who is in reach of whom, and everybody to everywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.routing.ragged import ranges
from riskmap.routing.search import THREADS, Seeds, graph_of, search, within
from riskmap.routing.sides import check, check_limit, delays_of, sides_of
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.sides import Direction, Sides
    from riskmap.routing.starts import Starts

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["reach", "time_table", "travel_times"]


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
    most = np.inf if limit_min is None else limit_min
    table = time_table(network, sides, limit_min=most)
    table[table > most] = np.nan
    table[np.isinf(table)] = np.nan
    return pd.DataFrame(table, index=origins.index, columns=destinations.index)


def time_table(network: Network, sides: Sides, *, limit_min: float) -> FloatArray:
    """Return the minutes between every place (row) and facility; inf: no way.

    What is beyond the limit is not searched for, and may be inf as well.
    """
    table = np.full((len(sides.places), len(sides.facilities)), np.inf)
    away = sides.direction == "to"
    if len(sides.places) < len(sides.facilities):
        _fill(
            network, table, rows=sides.starts, columns=sides.facility_starts,
            reverse=not away, limit=limit_min,
        )  # fmt: skip
    else:
        _fill(
            network, table.T, rows=sides.facility_starts, columns=sides.starts,
            reverse=away, limit=limit_min,
        )  # fmt: skip
    np.minimum.at(table, (sides.direct[0], sides.direct[1]), sides.direct[2])
    return table


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
    limit: float,
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
        tree = search(graph, some, limit_min=limit)
        total = tree.minutes[columns.node] + columns.minutes
        np.minimum.at(table[row], columns.place, total)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one_row, range(len(table))))
