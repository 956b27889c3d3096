"""How soon anything from outside a window can be at a place in it.

Two bounds hold at once: the straight way at the fastest speed of any road, and
the quickest way on the window's own roads from those that leave it, since
whoever comes in from outside must come by one of them, and is there no sooner
than the straight way from where anybody stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from riskmap.cluster.halo import MARGIN_M
from riskmap.routing import snap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]

__all__ = ["border_m", "inward_minutes", "nearest_m", "safe_minutes"]

_LEAST_MIN = 1e-9
"""A way of no time at all would be no way in a sparse matrix."""


def _nothing_ahead(xy: FloatArray) -> FloatArray:
    """Let everybody stand where roads leave already."""
    return np.zeros(len(xy))


def border_m(
    frame: gpd.GeoDataFrame, crs: pyproj.CRS, window: BaseGeometry | None
) -> FloatArray:
    """Return the metres from each place to the border of a window.

    Parameters
    ----------
    frame
        Places, any CRS.
    crs
        Of `window`, metric.
    window
        None for all there is.

    Returns
    -------
    numpy.ndarray
        Metres, 0 outside; inf without a border; NaN for places unknown.
    """
    points = frame.geometry.to_crs(crs).representative_point().to_numpy()
    unknown = shapely.is_missing(points) | shapely.is_empty(points)
    if window is None:
        return np.where(unknown, np.nan, np.inf)
    away = shapely.distance(points, window.boundary)
    return np.where(shapely.contains(window, points), away, 0.0) + 0 * away


def safe_minutes(metres: FloatArray, kmh: float) -> FloatArray:
    """Return up to which travel time an answer cannot depend on what lies outside.

    Parameters
    ----------
    metres
        From `border_m`.
    kmh
        The fastest speed.

    Returns
    -------
    numpy.ndarray
        Minutes.
    """
    return np.maximum(metres - MARGIN_M, 0.0) / (kmh * 1000 / 60)


def nearest_m(
    xy: FloatArray, facilities: FloatArray, hulls: Iterable[BaseGeometry]
) -> FloatArray:
    """Return the metres that the nearest facility is away, at least.

    Parameters
    ----------
    xy
        Where from, (n, 2), metres.
    facilities
        The known ones, (m, 2), metres.
    hulls
        What encloses all others.

    Returns
    -------
    numpy.ndarray
        Metres; inf where there is none at all.
    """
    least: FloatArray = np.full(len(xy), np.inf)
    if len(facilities):
        least = np.asarray(KDTree(facilities).query(xy)[0])
    points = shapely.points(xy)
    for hull in hulls:
        least = np.minimum(least, shapely.distance(points, hull))
    return least


def inward_minutes(
    network: Network,
    places: gpd.GeoDataFrame,
    window: BaseGeometry,
    *,
    direction: Literal["to", "from"],
    ahead: Callable[[FloatArray], FloatArray] = _nothing_ahead,
) -> FloatArray:
    """Return the least minutes between whatever is outside and each place.

    Parameters
    ----------
    network
        Of the window: every road that touches it, at least one.
    places
        Any geometry, any CRS.
    window
        Convex, in the CRS of `network`.
    direction
        ``"from"`` where what is outside travels to the places, ``"to"`` where
        people travel from the places.
    ahead
        The least minutes between facilities and positions (n, 2) where roads
        leave the window; 0 where it is not given.

    Returns
    -------
    numpy.ndarray
        Minutes without access legs: 0 on a road that leaves the window, less a
        margin, inf where no way leads out, and for places that no road is near.
    """
    inner = window.buffer(-MARGIN_M)
    shapely.prepare(inner)
    within = shapely.contains_xy(inner, network.vertex_xy)
    leaving = ~np.logical_and.reduceat(within, network.vertex_start[:-1])
    gates = np.unique(np.r_[network.edge_u[leaving], network.edge_v[leaving]])
    minutes = _from_gates(
        network, gates, ahead(network.node_xy[gates]), inward=direction == "from"
    )
    joined = snap(network, places)
    edge = joined["edge"].fillna(-1).to_numpy(dtype=np.int64)
    part = joined["fraction"].to_numpy(dtype=float)
    onward, back = network.forward_min[edge], network.backward_min[edge]
    if direction == "to":
        onward, back = back, onward
    with np.errstate(invalid="ignore"):
        by_u = minutes[network.edge_u[edge]] + np.where(part > 0, part * onward, 0.0)
        rest = 1.0 - part
        by_v = minutes[network.edge_v[edge]] + np.where(rest > 0, rest * back, 0.0)
    found = np.where(leaving[edge], 0.0, np.minimum(by_u, by_v))
    return np.where(edge < 0, np.inf, found)


def _from_gates(
    network: Network,
    gates: NDArray[np.int64],
    ahead_min: FloatArray,
    *,
    inward: bool,
) -> FloatArray:
    """Return the least minutes to each node by gates that ask minutes beforehand."""
    size = len(network.node_xy)
    tail = np.concatenate([network.edge_u, network.edge_v])
    head = np.concatenate([network.edge_v, network.edge_u])
    cost = np.concatenate([network.forward_min, network.backward_min])
    if not inward:
        tail, head = head, tail
    tail = np.concatenate([tail, np.full(len(gates), size)])
    head = np.concatenate([head, gates])
    cost = np.concatenate([cost, ahead_min])
    usable = np.isfinite(cost)
    order = np.argsort(-cost[usable], kind="stable")
    tail, head, cost = (one[usable][order] for one in (tail, head, cost))
    last = np.unique((tail * (size + 1) + head)[::-1], return_index=True)[1]
    keep = len(tail) - 1 - last
    graph = csr_array(
        (np.maximum(cost[keep], _LEAST_MIN), (tail[keep], head[keep])),
        (size + 1, size + 1),
    )
    found: FloatArray = dijkstra(graph, indices=[size], min_only=True)
    return found[:size]
