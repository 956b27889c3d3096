"""Both ends of a question about times, and the best facility of every place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from riskmap.errors import LayerError, NetworkError
from riskmap.reasons import Reason
from riskmap.routing.search import graph_of, search
from riskmap.routing.snapping import MAX_DISTANCE_M, Anchors, anchor
from riskmap.routing.starts import (
    Starts,
    WayOut,
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

__all__ = [
    "Best",
    "Direction",
    "Sides",
    "best_of",
    "check",
    "check_limit",
    "delays_of",
    "joined",
    "reached_without_zones",
    "reasons_of",
    "sides_of",
    "take_anchors",
]

Direction = Literal["to", "from"]


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Both ends of a question: where places and facilities enter the network."""

    direction: Direction
    places: Anchors
    facilities: Anchors
    starts: Starts
    facility_starts: Starts
    direct: tuple[IntArray, IntArray, FloatArray, FloatArray]
    ways: dict[int, WayOut]


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
        leaving, ways = walk_out(network, here)
        return Sides(
            direction, here, there, merged(departures(network, here), leaving),
            arrivals(network, there), same_edge(network, here, there), ways,
        )  # fmt: skip
    second, first, minutes, metres = same_edge(network, there, here)
    return Sides(
        direction, here, there, arrivals(network, here), departures(network, there),
        (first, second, minutes, metres), {},
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


def best_of(network: Network, sides: Sides, delay: FloatArray) -> Best:
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


def reasons_of(
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
    return np.isfinite(best_of(free, again, np.zeros(len(facilities))).minutes)


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
