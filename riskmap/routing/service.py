"""Service areas: every piece of road, to the facility that is first there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.crs import crs_of
from riskmap.routing.pieces import described, within_limit
from riskmap.routing.search import graph_of, search
from riskmap.routing.sides import Direction, check, delays_of
from riskmap.routing.snapping import MAX_DISTANCE_M, Anchors, anchor
from riskmap.routing.starts import arrivals, departures, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.search import Tree

    FloatArray = NDArray[np.float64]

__all__ = ["service_areas"]

Spot = tuple[float, tuple[float, int]]


def service_areas(
    network: Network,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    limit_min: float | None = None,
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
) -> gpd.GeoDataFrame:
    """Share out the roads: each piece goes to the facility nearest in time.

    Pieces do not overlap; where two facilities meet on an edge it is cut at the
    point of equal times. A tie goes to the facility that comes first.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; closed pieces belong to nobody.
    facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    limit_min
        Longest time, access leg of the facility and delay counted; None sets
        none.
    delay_min
        Minutes before a facility's clock starts (turnout): a number, or a column
        of `facilities`.
    max_distance_m
        Longest access leg off the road.

    Returns
    -------
    geopandas.GeoDataFrame
        facility (label), edge, road_id, road_name, start_min and end_min (at the
        ends of the piece; linear between), geometry, in the CRS of `facilities`.

    Raises
    ------
    CrsError
        If `facilities` has no CRS.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    NetworkError
        If direction, the limit or a delay makes no sense.
    """
    check(direction, limit_min)
    delay = delays_of(facilities, delay_min)
    anchors = anchor(network, facilities, max_distance_m=max_distance_m)
    starts = (arrivals if direction == "to" else departures)(network, anchors)
    graph = graph_of(network, reverse=direction == "to")
    tree = search(graph, starts.seeds(delay_min=delay))
    arms = _arms(network, anchors, tree, late=delay)
    pieces = within_limit(arms, _end(arms) if limit_min is None else limit_min)
    found = described(network, pieces)
    found["facility"] = facilities.index.take(pieces["owner"].to_numpy(dtype=int))
    columns = [
        "facility", "edge", "road_id", "road_name", "start_min", "end_min", "geometry",
    ]  # fmt: skip
    frame = gpd.GeoDataFrame(found[columns], geometry="geometry", crs=network.crs)
    return frame.to_crs(crs_of(facilities))


def _end(arms: pd.DataFrame) -> float:
    """Return a time that nothing comes after."""
    values = arms[["begin_min", "end_min", "ahead", "back"]].to_numpy(dtype=float)
    return float(values[np.isfinite(values)].max(initial=0.0)) * 2 + 1


def _arms(
    network: Network, anchors: Anchors, tree: Tree, *, late: FloatArray
) -> pd.DataFrame:
    """Return parts of open edges with times and owners at both ends."""
    time, owner = tree.minutes, tree.owner
    ahead, back = network.forward_min, network.backward_min
    if tree.reverse:
        ahead, back = back, ahead
    u, v = network.edge_u, network.edge_v
    plain = (np.isfinite(time[u]) | np.isfinite(time[v])) & network.is_open
    joined = anchors.edge >= 0
    plain[anchors.edge[joined]] = False
    edge = np.flatnonzero(plain)
    arms = [pd.DataFrame({
        "edge": edge, "begin": 0.0, "end": 1.0, "begin_min": time[u[edge]],
        "end_min": time[v[edge]], "begin_owner": owner[u[edge]],
        "end_owner": owner[v[edge]], "ahead": ahead[edge], "back": back[edge],
    })]  # fmt: skip
    for at in np.unique(anchors.edge[joined]):
        rows = np.flatnonzero(anchors.edge == at)
        spots: list[Spot] = [
            (float(anchors.fraction[row]),
             (float(anchors.access_min[row] + late[row]), int(row))) for row in rows
        ]  # fmt: skip
        spots.append((0.0, (float(time[u[at]]), int(owner[u[at]]))))
        spots.append((1.0, (float(time[v[at]]), int(owner[v[at]]))))
        cost = float(ahead[at]), float(back[at])
        arms.append(_between(sorted(spots), cost).assign(edge=at))
    return pd.concat(arms, ignore_index=True)


def _between(spots: list[Spot], cost: tuple[float, float]) -> pd.DataFrame:
    """Return the parts of one edge between its ends and the facilities on it."""
    place = np.array([one for one, _ in spots])
    gap = np.diff(place)
    ahead, back = (share(gap, np.full(len(gap), one)) for one in cost)
    label = [one for _, one in spots]
    for i in range(len(gap)):
        label[i + 1] = min(label[i + 1], (label[i][0] + ahead[i], label[i][1]))
    for i in reversed(range(len(gap))):
        label[i] = min(label[i], (label[i + 1][0] + back[i], label[i + 1][1]))
    minutes = np.array([one for one, _ in label])
    owner = np.array([one for _, one in label])
    table = pd.DataFrame({
        "begin": place[:-1], "end": place[1:], "begin_min": minutes[:-1],
        "end_min": minutes[1:], "begin_owner": owner[:-1], "end_owner": owner[1:],
        "ahead": ahead, "back": back,
    })  # fmt: skip
    return table[gap > 0]
