"""Edges near places: on the mainland, on islands, or closed.

A tree of all lines is kept for the next question. Of a very large network it would
fill the memory: there places are asked about part by part, each with a tree of the
edges in its neighbourhood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.routing.ragged import subset, to_linestrings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

__all__ = ["edge_rows", "edges_within", "mainland", "nearest_edges"]

# A component at least half as long as the longest is mainland as well.
_MAINLAND_SHARE = 0.5
# A tree holds this many lines at most, about 0.8 GB.
MOST_LINES = 2_000_000
_SLACK_M = 1e-3


def mainland(network: Network) -> BoolArray:
    """Return whether each edge is on the mainland."""
    label = network.component[network.edge_u]
    known = label >= 0
    total = np.bincount(label[known], weights=network.edge_length_m[known])
    large = total >= _MAINLAND_SHARE * total.max(initial=0.0)
    main = np.zeros(len(label), dtype=bool)
    main[known] = large[label[known]]
    return main


def edge_rows(network: Network, kind: str) -> IntArray:
    """Return the edges that may be travelled and are of a kind.

    `kind` is ``main`` or ``island`` (open pieces) or ``closed``.
    """
    key = ("rows", kind)
    if key not in network.memo:
        usable = np.isfinite(network.forward_min) | np.isfinite(network.backward_min)
        chosen = ~network.is_open
        if kind != "closed":
            main = mainland(network)
            chosen = network.is_open & (main if kind == "main" else ~main)
        network.memo[key] = np.flatnonzero(chosen & usable)
    rows: IntArray = network.memo[key]
    return rows


def nearest_edges(
    network: Network, kind: str, points: NDArray, *, most: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the nearest edge of a kind for points: point, edge, metres.

    Points with no such edge within `most` metres are left out.
    """
    xy = shapely.get_coordinates(points)
    found = [
        (part[place], rows[edge], distance)
        for part, tree, rows in _trees(network, kind, xy, most=most)
        for (place, edge), distance in [
            tree.query_nearest(
                points[part], max_distance=most, return_distance=True, all_matches=False
            )
        ]
    ]
    none = np.empty(0, dtype=np.int64)
    parts = zip(*[(none, none, np.empty(0)), *found], strict=True)
    place, edge, distance = (np.concatenate(one) for one in parts)
    return place, edge, distance


def edges_within(
    network: Network, kind: str, points: NDArray, *, most: float
) -> tuple[IntArray, IntArray]:
    """Return every pair of a point and an edge of a kind within `most` metres."""
    xy = shapely.get_coordinates(points)
    found = [
        (part[place], rows[edge])
        for part, tree, rows in _trees(network, kind, xy, most=most)
        for place, edge in [
            tree.query(points[part], predicate="dwithin", distance=most)
        ]
    ]
    none = np.empty(0, dtype=np.int64)
    place, edge = (
        np.concatenate(one) for one in zip(*[(none, none), *found], strict=True)
    )
    return place, edge


def _trees(
    network: Network, kind: str, xy: FloatArray, *, most: float
) -> Iterator[tuple[IntArray, shapely.STRtree, IntArray]]:
    """Yield places, a tree of all edges that may be near them, and these edges."""
    rows, places = edge_rows(network, kind), np.arange(len(xy))
    if not (len(rows) and len(places)):
        return
    if len(rows) > MOST_LINES:
        yield from _neighbourhoods(network, rows, xy, places=places, most=most)
        return
    key = ("tree", kind)
    if key not in network.memo:
        network.memo[key] = _tree(network, rows)
    yield places, network.memo[key], rows


def _neighbourhoods(
    network: Network, rows: IntArray, xy: FloatArray, *, places: IntArray, most: float
) -> Iterator[tuple[IntArray, shapely.STRtree, IntArray]]:
    """Yield trees of few edges: places are halved until there are not too many."""
    low, high = xy[places].min(axis=0), xy[places].max(axis=0)
    ends = network.node_xy[network.edge_u[rows]], network.node_xy[network.edge_v[rows]]
    # No point of an edge is farther than half its length from between its ends.
    away = np.abs((ends[0] + ends[1]) / 2 - (low + high) / 2) - (high - low) / 2
    reach = network.edge_length_m[rows] / 2 + most + _SLACK_M
    rows = rows[(away <= reach[:, None]).all(axis=1)]
    del ends, away, reach
    if len(rows) <= MOST_LINES or (high - low).max() < _SLACK_M:
        if len(rows):
            yield places, _tree(network, rows), rows
        return
    axis = int(np.argmax(high - low))
    middle = (low[axis] + high[axis]) / 2
    first = xy[places, axis] <= middle
    for half in (places[first], places[~first]):
        if len(half):
            yield from _neighbourhoods(network, rows, xy, places=half, most=most)


def _tree(network: Network, rows: IntArray) -> shapely.STRtree:
    """Return a tree of the lines of edges."""
    return shapely.STRtree(to_linestrings(subset(network.lines, rows)))
