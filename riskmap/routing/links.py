"""Critical links: pieces of road whose failure would cut places off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.crs import crs_of
from riskmap.routing.search import graph_of, onward, search
from riskmap.routing.sides import Direction, check, sides_of
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.search import Tree
    from riskmap.routing.sides import Sides

    IntArray = NDArray[np.int64]

__all__ = ["critical_links"]


def critical_links(
    network: Network,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    max_distance_m: float = MAX_DISTANCE_M,
) -> gpd.GeoDataFrame:
    """List the pieces of road whose failure would cut places off.

    A piece is critical for a place when every way between the place and every
    facility uses it. The pieces that a place or a facility itself stands on are
    not examined.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    places, facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    max_distance_m
        Longest access leg off the road.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a piece and place, in the CRS of `places`: edge, place (label),
        road_id, road_name, bridge, length_m, geometry. A place that has no way
        as it is has no row.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If direction makes no sense.
    """
    check(direction, None)
    sides = sides_of(
        network, places, facilities, direction=direction,
        max_distance_m=max_distance_m, leave=True,
    )  # fmt: skip
    place, arc = _cut_off(network, sides, reverse=direction == "to")
    frame = network.edges(rows=arc >> 1).reset_index(names="edge")
    frame["place"] = places.index.take(place).astype(object)
    columns = [
        "edge", "place", "road_id", "road_name", "bridge", "length_m", "geometry",
    ]  # fmt: skip
    return frame[columns].to_crs(crs_of(places))


def _cut_off(
    network: Network, sides: Sides, *, reverse: bool
) -> tuple[IntArray, IntArray]:
    """Return pairs of a place and an arc that every way between must take."""
    from riskmap.routing import dominators  # noqa: PLC0415 - numba is slow to import

    graph = graph_of(network, reverse=reverse)
    back = graph_of(network, reverse=not reverse)
    tree = search(graph, sides.facility_starts.seeds())
    begins = np.zeros(graph.nodes, dtype=np.uint8)
    begins[sides.facility_starts.node] = 1
    rank, order = _ranks(network, tree)
    above = np.full(len(order) + 1, -1, dtype=np.int64)
    rows = back.first.view(np.uint32), back.head.view(np.uint32)
    dominators.dominators(order, rank, *rows, begins, above)
    only = dominators.only_ways(
        order, rank, *rows, back.arc, tree.parent, begins, above,
        np.zeros(len(above), np.int64), np.empty(len(above), np.int64),
    )  # fmt: skip
    starts = sides.starts
    usable = np.isfinite(tree.minutes[starts.node])
    usable &= ~np.isin(starts.place, sides.direct[0])
    ways = starts.place[usable], starts.node[usable], rank, above, only
    none = np.empty(0, dtype=np.int64)
    count = dominators.list_ways(*ways, none, none)
    out = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    dominators.list_ways(*ways, *out)
    return out


def _ranks(network: Network, tree: Tree) -> tuple[IntArray, IntArray]:
    """Return the rank of each node that a search reached (else -1), and the order."""
    from riskmap.routing import dominators  # noqa: PLC0415 - numba is slow to import

    nodes = np.argsort(tree.minutes, kind="stable")
    nodes = nodes[: int(np.isfinite(tree.minutes).sum())]
    rank = np.full(len(tree.minutes), -1, dtype=np.int64)
    order, stack = np.empty_like(nodes), np.empty_like(nodes)
    towards = onward(network, reverse=tree.reverse)
    dominators.ranked(nodes, tree.parent, towards, rank, order, stack)
    return rank, order
