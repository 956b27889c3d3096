"""Questions about times: the nearest facility, who is in reach, time tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from riskmap.errors import LayerError, NetworkError
from riskmap.reasons import Reason
from riskmap.routing.ragged import ranges
from riskmap.routing.search import THREADS, Seeds, graph_of, search, within
from riskmap.routing.snapping import MAX_DISTANCE_M, Anchors, anchor
from riskmap.routing.starts import (
    Starts,
    arrivals,
    departures,
    same_edge,
    walk_out,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Direction", "nearest", "reach", "travel_times"]

Direction = Literal["to", "from"]


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
    best = _best(network, sides, delay)
    reason = _reasons(network, sides, best, limit_min=limit_min)
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
    table = np.full((len(origins), len(destinations)), np.inf)
    if len(origins) < len(destinations):
        _fill(
            network,
            table,
            rows=sides.starts,
            columns=sides.facility_starts,
            reverse=False,
        )
    else:
        _fill(
            network,
            table.T,
            rows=sides.facility_starts,
            columns=sides.starts,
            reverse=True,
        )
    np.minimum.at(table, (sides.direct[0], sides.direct[1]), sides.direct[2])
    table[table > (np.inf if limit_min is None else limit_min)] = np.nan
    table[np.isinf(table)] = np.nan
    return pd.DataFrame(table, index=origins.index, columns=destinations.index)


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Both ends of a question: where places and facilities enter the network."""

    direction: Direction
    places: Anchors
    facilities: Anchors
    starts: Starts
    facility_starts: Starts
    direct: tuple[IntArray, IntArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best facility of each place: minutes inf and owner -1 where none."""

    minutes: FloatArray
    owner: IntArray
    metres: FloatArray


def sides_of(
    network: Network,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    max_distance_m: float,
    leave: bool,
) -> Sides:
    """Join places and facilities to the network for one direction of travel."""
    away = leave and direction == "to"
    here = anchor(network, places, max_distance_m=max_distance_m, leave=away)
    there = anchor(network, facilities, max_distance_m=max_distance_m)
    return joined(network, here, there, direction=direction)


def joined(
    network: Network, here: Anchors, there: Anchors, *, direction: Direction
) -> Sides:
    """Find where anchored places and facilities enter the network."""
    if direction == "to":
        starts = merged(departures(network, here), walk_out(network, here)[0])
        direct = same_edge(network, here, there)
        return Sides(direction, here, there, starts, arrivals(network, there), direct)
    second, first, minutes, metres = same_edge(network, there, here)
    return Sides(
        direction, here, there, arrivals(network, here), departures(network, there),
        (first, second, minutes, metres),
    )  # fmt: skip


def merged(one: Starts, other: Starts) -> Starts:
    """Join two sets of entries, sorted by place."""
    if not len(other.place):
        return one
    place = np.r_[one.place, other.place]
    order = np.argsort(place, kind="stable")
    return Starts(
        place[order], np.r_[one.node, other.node][order],
        np.r_[one.minutes, other.minutes][order],
        np.r_[one.metres, other.metres][order],
    )  # fmt: skip


def _best(network: Network, sides: Sides, delay: FloatArray) -> Best:
    """Search once from all facilities and read off every place's best."""
    graph = graph_of(network, reverse=sides.direction == "to")
    tree = search(graph, sides.facility_starts.seeds(delay_min=delay))
    starts, (place, facility, minutes, metres) = sides.starts, sides.direct
    every = np.r_[starts.place, place]
    time = np.r_[starts.minutes + tree.minutes[starts.node], minutes + delay[facility]]
    owner = np.r_[tree.owner[starts.node], facility]
    length = starts.metres + tree.metres(network, starts.node)
    length = np.r_[length, metres]
    order = np.lexsort((owner, time, every))
    order = order[np.isfinite(time[order])]
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(every[order]) != 0
    chosen = order[first]
    best = Best(
        np.full(len(sides.places), np.inf),
        np.full(len(sides.places), -1, dtype=np.int64),
        np.full(len(sides.places), np.nan),
    )
    best.minutes[every[chosen]] = time[chosen]
    best.owner[every[chosen]] = owner[chosen]
    best.metres[every[chosen]] = length[chosen]
    return best


def _reasons(
    network: Network, sides: Sides, best: Best, *, limit_min: float | None
) -> NDArray:
    """Say for each place why it has a facility or none."""
    reason = sides.places.reason.copy()
    joined_ok = sides.places.edge >= 0
    none = joined_ok & np.isinf(best.minutes)
    reason[none] = str(Reason.CUT_OFF)
    if none.any() and len(network.zones):
        free = reached_without_zones(network, sides, sides.facilities)
        reason[none & free] = str(Reason.CROSSES_HAZARD)
    if limit_min is not None:
        late = joined_ok & np.isfinite(best.minutes) & (best.minutes > limit_min)
        reason[late] = str(Reason.OVER_TIME)
    return reason


def reached_without_zones(
    network: Network, sides: Sides, facilities: Anchors
) -> NDArray[np.bool_]:
    """Tell which places would have a facility if no zone closed a road."""
    free = opened(network)
    again = joined(
        free, reanchored(network, free, sides.places),
        reanchored(network, free, facilities), direction=sides.direction,
    )  # fmt: skip
    return np.isfinite(_best(free, again, np.zeros(len(facilities))).minutes)


def take_anchors(anchors: Anchors, rows: IntArray) -> Anchors:
    """Return some of the places."""
    return Anchors(
        anchors.index.take(rows), anchors.xy[rows], anchors.edge[rows],
        anchors.fraction[rows], anchors.foot[rows], anchors.distance_m[rows],
        anchors.access_min[rows], anchors.reason[rows],
        tuple(anchors.standing[int(row)] for row in rows),
    )  # fmt: skip


def reanchored(network: Network, free: Network, anchors: Anchors) -> Anchors:
    """Join places again on the network without closures."""
    import geopandas as gpd  # noqa: PLC0415 - only on this rare path

    frame = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*anchors.xy.T), crs=network.crs
    )
    known = np.isfinite(anchors.distance_m)
    most = max(MAX_DISTANCE_M, float(anchors.distance_m[known].max(initial=0.0)))
    return anchor(free, frame, max_distance_m=most)


def opened(network: Network) -> Network:
    """Return the network with nothing closed, made once."""
    if "opened" not in network.memo:
        network.memo["opened"] = network.changed(
            edge_cause=np.full(len(network), -1, dtype=np.int64), causes=(),
            zones=network.zones.iloc[:0],
        )  # fmt: skip
    free: Network = network.memo["opened"]
    return free


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


def check(direction: str, limit_min: float | None) -> None:
    """Refuse a direction or a limit that makes no sense."""
    if direction not in {"to", "from"}:
        msg = f'direction "{direction}" is neither "to" (people travel to the '
        raise NetworkError(msg + 'facility) nor "from" (units travel from it)')
    check_limit(limit_min)


def check_limit(limit_min: float | None) -> None:
    """Refuse a limit that makes no sense."""
    if limit_min is not None and not limit_min >= 0:
        msg = f"limit_min {limit_min} must be a number of minutes, 0 or more"
        raise NetworkError(msg)


def delays_of(
    facilities: gpd.GeoDataFrame, delay_min: float | str | None
) -> FloatArray:
    """Return the delay of each facility."""
    if not facilities.index.is_unique:
        msg = "labels of facilities repeat; reset_index() first"
        raise LayerError(msg)
    if isinstance(delay_min, str):
        if delay_min not in facilities.columns:
            msg = f'facilities have no column "{delay_min}" for delay_min'
            raise LayerError(msg)
        delay = pd.to_numeric(facilities[delay_min]).to_numpy(float, na_value=np.nan)
    else:
        delay = np.full(len(facilities), 0.0 if delay_min is None else delay_min)
    if not (delay >= 0).all():
        msg = f"{int((~(delay >= 0)).sum())} delays are negative or unknown"
        raise NetworkError(msg)
    return delay


def _take(values: FloatArray, owner: IntArray) -> FloatArray:
    """Return values by owner, NaN for none."""
    return np.append(values, np.nan)[owner]


def _labels(label: pd.Index | None, none: NDArray, index: pd.Index) -> pd.Series:
    """Return labels as a column, null where there is none."""
    if label is None:
        return pd.Series(np.full(len(index), None, dtype=object), index=index)
    column = pd.Series(label.to_numpy(), index=index, dtype=object)
    return column.mask(none, None)
