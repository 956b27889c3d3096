"""Leaving in time: the latest departure, and whether a route is clear of closures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.errors import LayerError, NetworkError
from riskmap.reasons import Reason
from riskmap.routing.passing import passings
from riskmap.routing.queries import nearest
from riskmap.routing.search import graph_of
from riskmap.routing.snapping import MAX_DISTANCE_M, anchor, zone_tree
from riskmap.routing.starts import same_edge, share

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.hours import HourlyNetwork
    from riskmap.routing.snapping import Anchors

    FloatArray = NDArray[np.float64]

__all__ = ["check_departures", "latest_departures"]


def latest_departures(
    hourly: HourlyNetwork,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_distance_m: float = MAX_DISTANCE_M,
) -> pd.DataFrame:
    """Tell for every place until when one can leave and still reach a facility.

    Every piece of road, and the access leg at either end, must be left behind
    before it closes. Nobody waits for a road to open again, and nobody walks out
    of a zone that has closed already: the answer is on the safe side.

    Parameters
    ----------
    hourly
        From `close_roads_by_hour`.
    places
        Where people leave from: any geometry, any CRS.
    facilities
        Where they go: any of these.
    max_distance_m
        Longest access leg off the road.

    Returns
    -------
    pandas.DataFrame
        Indexed as `places`: latest_min, minutes from the start of the scenario (inf:
        some way never closes; NaN: no way even when leaving at once), reason.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    """
    start = hourly.at(0)
    origins = anchor(start, places, max_distance_m=max_distance_m, leave=False)
    goals = anchor(start, facilities, max_distance_m=max_distance_m, leave=False)
    arrive = _leg_closes(hourly, goals) - goals.access_min
    at_node = _latest_at_nodes(hourly, goals, arrive)
    on_road = _latest_on_roads(hourly, origins, at_node)
    shuts = hourly.closes_at_min
    first, second, minutes, _ = same_edge(start, origins, goals)
    across = minutes - origins.access_min[first] - goals.access_min[second]
    direct = np.minimum(arrive[second], shuts[origins.edge[first]]) - across
    np.maximum.at(on_road, first, direct)
    latest = np.minimum(on_road, _leg_closes(hourly, origins)) - origins.access_min
    latest = np.where(latest >= 0, latest, np.nan)
    reason = origins.reason.copy()
    late = np.isnan(latest) & (reason == str(Reason.OK))
    if late.any():
        now = nearest(start, places[late], facilities, direction="to",
                      max_distance_m=max_distance_m, leave=False)["reason"]  # fmt: skip
        closing = now.eq(str(Reason.OK)).to_numpy(dtype=bool)
        reason[late] = np.where(closing, str(Reason.CROSSES_HAZARD), now)
    latest[reason != str(Reason.OK)] = np.nan
    return pd.DataFrame({"latest_min": latest, "reason": reason}, index=places.index)


def check_departures(
    hourly: HourlyNetwork,
    routes: gpd.GeoDataFrame,
    *,
    depart_min: float | str = 0.0,
) -> pd.DataFrame:
    """Check that routes are clear of every piece of road before it closes.

    Parameters
    ----------
    hourly
        From `close_roads_by_hour`.
    routes
        From `shortest_paths` or `backup_paths` on a network of `hourly`, of any
        hour; access legs count.
    depart_min
        When people leave, minutes from the start of the scenario: a number, or a
        column of `routes`.

    Returns
    -------
    pandas.DataFrame
        Indexed as `routes`: departs_min, arrives_min, in_time (null: no route),
        slack_min (how much later they may leave; negative: too late by so much;
        inf: nothing on the way closes), latest_min (the latest departure on this
        route), and the piece that decides: road_id, road_name, zone_id,
        closes_min (null: nothing on the way closes).

    Raises
    ------
    CrsError
        If `routes` has no CRS.
    LayerError
        If `routes` holds no edges, or edges of another network.
    NetworkError
        If a departure is negative or unknown.
    """
    if "edges" not in routes.columns:
        msg = 'routes have no column "edges"; shortest_paths makes them'
        raise LayerError(msg)
    departs = _departures(routes, depart_min)
    rows = [
        None if not steps else _judged(passings(hourly, line, steps), leaves)
        for steps, line, leaves in zip(
            routes["edges"], routes.geometry.to_crs(hourly.network.crs), departs,
            strict=True,
        )
    ]  # fmt: skip
    none = dict.fromkeys(
        ("arrives_min", "in_time", "slack_min", "road_id", "road_name", "zone_id",
         "closes_min")
    )  # fmt: skip
    frame = pd.DataFrame([row or none for row in rows], index=routes.index,
                         columns=list(none))  # fmt: skip
    frame.insert(0, "departs_min", departs)
    numbers = ["arrives_min", "slack_min", "closes_min"]
    frame[numbers] = frame[numbers].astype(float)
    frame["in_time"] = frame["in_time"].astype("boolean")
    frame.insert(4, "latest_min", frame["departs_min"] + frame["slack_min"])
    return frame


def _judged(passed: pd.DataFrame, leaves: float) -> dict[str, object]:
    """Find the piece that a departure clears by the least."""
    slack, closes = np.full(len(passed), np.inf), np.full(len(passed), np.nan)
    for row, (enter, leave, spells) in enumerate(
        zip(passed["enter"], passed["leave"], passed["spells"], strict=True)
    ):
        ahead = [shut for shut, opens in spells if opens > leaves + enter]
        if ahead:
            closes[row] = ahead[0]
            slack[row] = ahead[0] - leaves - leave
    worst = int(np.argmin(slack))
    bound = bool(np.isfinite(slack[worst]))
    piece = passed.iloc[worst]
    words = ("road_id", "road_name", "zone_id")
    return {
        "arrives_min": leaves + passed["leave"].max(),
        "in_time": bool(slack[worst] >= 0), "slack_min": slack[worst],
        **{one: piece[one] if bound else None for one in words},
        "closes_min": closes[worst],
    }  # fmt: skip


def _departures(routes: gpd.GeoDataFrame, depart_min: float | str) -> FloatArray:
    """Return when each route is set out on."""
    if isinstance(depart_min, str):
        if depart_min not in routes.columns:
            msg = f'routes have no column "{depart_min}" of departures'
            raise LayerError(msg)
        values = routes[depart_min].to_numpy(dtype=float, na_value=np.nan)
    else:
        values = np.full(len(routes), float(depart_min))
    wrong = ~(values >= 0)
    if wrong.any():
        msg = f"{int(wrong.sum())} departures are unknown or before the start"
        raise NetworkError(msg)
    return np.asarray(values, dtype=float)


def _leg_closes(hourly: HourlyNetwork, anchors: Anchors) -> FloatArray:
    """Return the first minute at which a zone lies on each access leg; inf: never."""
    closes = np.full(len(anchors), np.inf)
    some = np.flatnonzero(anchors.edge >= 0)
    if not len(some):
        return closes
    pairs = np.stack([anchors.xy[some], anchors.foot[some]], axis=1)
    leg, zone = zone_tree(hourly.network).query(
        shapely.linestrings(pairs), predicate="intersects"
    )
    np.minimum.at(closes, some[leg], hourly.closes_min[zone])
    return closes


def _latest_at_nodes(
    hourly: HourlyNetwork, goals: Anchors, arrive: FloatArray
) -> FloatArray:
    """Return the latest minute to be at each node, and yet reach a goal."""
    from riskmap.routing.latest import latest  # noqa: PLC0415 - numba is slow

    network, shuts = hourly.network, hourly.closes_at_min
    graph = graph_of(network, reverse=True, ignore_closures=True)
    at = np.full(graph.nodes, -np.inf)
    some = np.flatnonzero(goals.edge >= 0)
    edge, part = goals.edge[some], goals.fraction[some]
    last = np.minimum(arrive[some], shuts[edge])
    ahead = share(part, network.forward_min[edge])
    back = share(1 - part, network.backward_min[edge])
    np.maximum.at(at, network.edge_u[edge], _less(last, ahead))
    np.maximum.at(at, network.edge_v[edge], _less(last, back))
    head = graph.head.astype(np.int64)
    latest(graph.first, head, graph.minutes, shuts[graph.arc >> 1], at)
    return at


def _latest_on_roads(
    hourly: HourlyNetwork, origins: Anchors, at_node: FloatArray
) -> FloatArray:
    """Return the latest minute to be at the foot of each access leg."""
    network, shuts = hourly.network, hourly.closes_at_min
    latest = np.full(len(origins), -np.inf)
    some = np.flatnonzero(origins.edge >= 0)
    edge, part = origins.edge[some], origins.fraction[some]
    ahead = share(1 - part, network.forward_min[edge])
    back = share(part, network.backward_min[edge])
    by_end = np.minimum(at_node[network.edge_v[edge]], shuts[edge])
    by_start = np.minimum(at_node[network.edge_u[edge]], shuts[edge])
    latest[some] = np.maximum(_less(by_end, ahead), _less(by_start, back))
    return latest


def _less(minute: FloatArray, needed: FloatArray) -> FloatArray:
    """Subtract minutes needed; a way that is not allowed leaves no time."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(needed), minute - needed, -np.inf)
