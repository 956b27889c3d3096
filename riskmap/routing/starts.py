"""Where a place enters the network: nodes, with minutes and metres to them.

An ordinary place enters at the two ends of the edge it is joined to. A place
that stands in a zone that closes roads walks out first: over pieces closed by
nothing but the zones it stands in, until it is out; from the first open piece
on, over open pieces only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.routing.ragged import ranges
from riskmap.routing.search import (
    Graph,
    Seeds,
    Tree,
    compress,
    search,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.snapping import Anchors

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Starts", "arrivals", "departures", "same_edge", "share", "walk_out"]

Step = tuple[int, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Starts:
    """Entries of places into the network, access legs counted, sorted by place."""

    place: IntArray
    node: IntArray
    minutes: FloatArray
    metres: FloatArray

    def seeds(self, *, delay_min: FloatArray | None = None) -> Seeds:
        """Return seeds that belong to the places, delays added."""
        late = 0.0 if delay_min is None else delay_min[self.place]
        return Seeds(self.node, self.minutes + late, self.place, self.metres)


def share(fraction: FloatArray, minutes: FloatArray) -> FloatArray:
    """Return the minutes for a part of an edge; none of it takes none."""
    with np.errstate(invalid="ignore"):
        return np.where(fraction > 0, fraction * minutes, 0.0)


def departures(network: Network, anchors: Anchors) -> Starts:
    """Return the ways from places to nodes, in the direction of travel.

    Only for places that are joined to an open piece; see `walk_out`.
    """
    return _ends(
        network, anchors,
        start_min=network.backward_min, end_min=network.forward_min,
    )  # fmt: skip


def arrivals(network: Network, anchors: Anchors) -> Starts:
    """Return the ways from nodes to places, in the direction of travel."""
    return _ends(
        network, anchors,
        start_min=network.forward_min, end_min=network.backward_min,
    )  # fmt: skip


def _ends(
    network: Network, anchors: Anchors, *, start_min: FloatArray, end_min: FloatArray
) -> Starts:
    """Return the ways between places and the two ends of their edges."""
    place = np.flatnonzero((anchors.edge >= 0) & (network.is_open[anchors.edge]))
    edge, part = anchors.edge[place], anchors.fraction[place]
    minutes = np.column_stack(
        [share(part, start_min[edge]), share(1 - part, end_min[edge])]
    )
    minutes += anchors.access_min[place, None]
    metres = np.column_stack([part, 1 - part]) * network.edge_length_m[edge, None]
    metres += anchors.distance_m[place, None]
    node = np.column_stack([network.edge_u[edge], network.edge_v[edge]])
    finite = np.isfinite(minutes).ravel()
    return Starts(
        np.repeat(place, 2)[finite], node.ravel()[finite],
        minutes.ravel()[finite], metres.ravel()[finite],
    )  # fmt: skip


def same_edge(
    network: Network, origins: Anchors, destinations: Anchors
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return pairs on one open edge: origin, destination, minutes, metres direct."""
    order = np.argsort(destinations.edge, kind="stable")
    sorted_edge = destinations.edge[order]
    place = np.flatnonzero((origins.edge >= 0) & network.is_open[origins.edge])
    low = np.searchsorted(sorted_edge, origins.edge[place], side="left")
    high = np.searchsorted(sorted_edge, origins.edge[place], side="right")
    first = np.repeat(place, high - low)
    second = order[ranges(low, high - low)]
    edge = origins.edge[first]
    gap = destinations.fraction[second] - origins.fraction[first]
    minutes = share(gap, network.forward_min[edge])
    minutes += share(-gap, network.backward_min[edge])
    minutes += origins.access_min[first] + destinations.access_min[second]
    metres = np.abs(gap) * network.edge_length_m[edge]
    metres += origins.distance_m[first] + destinations.distance_m[second]
    finite = np.isfinite(minutes)
    return first[finite], second[finite], minutes[finite], metres[finite]


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """The pieces that some zones alone close, on nodes and edges of their own."""

    graph: Graph
    nodes: IntArray
    edges: IntArray
    onward: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class WayOut:
    """The search of one place inside its own zones."""

    inside: Inside
    tree: Tree
    end: FloatArray

    def steps(self, anchors: Anchors, *, place: int, node: int) -> list[Step]:
        """Return edge, from fraction, to fraction from the place to a node."""
        local = int(np.searchsorted(self.inside.nodes, node))
        path, seed = self.tree.path(self.inside.onward, local)
        part, end = float(anchors.fraction[place]), float(self.end[seed])
        edges = self.inside.edges
        whole = [
            (int(edges[arc >> 1]), float(arc % 2), 1.0 - arc % 2)
            for arc in reversed(path)
        ]
        return [(int(anchors.edge[place]), part, end), *whole]


def walk_out(network: Network, anchors: Anchors) -> tuple[Starts, dict[int, WayOut]]:
    """Return the ways out for places joined to a piece that their zones close.

    Returns
    -------
    Starts
        Every node a place comes to inside its zones or at their border.
    dict
        The search of each such place.
    """
    held = np.flatnonzero((anchors.edge >= 0) & ~network.is_open[anchors.edge])
    ways: dict[int, WayOut] = {}
    parts = []
    for place in held:
        inside = _inside(network, anchors.standing[place])
        way = _way_out(network, anchors, int(place), inside=inside)
        reached = np.flatnonzero(np.isfinite(way.tree.minutes))
        metres = way.tree.metres_by(
            inside.onward, network.edge_length_m[inside.edges], reached
        )
        minutes = way.tree.minutes[reached]
        ways[int(place)] = way
        place_of = np.full(len(reached), place, dtype=np.int64)
        parts.append((place_of, inside.nodes[reached], minutes, metres))
    if not parts:
        parts.append((held, held, np.zeros(0), np.zeros(0)))
    return Starts(*(np.concatenate(part) for part in zip(*parts, strict=True))), ways


def _inside(network: Network, own: frozenset[int]) -> Inside:
    """Return the pieces that these zones alone close."""
    key = ("inside", own)
    if key not in network.memo:
        allowed = [own.issuperset(one) for one in network.causes]
        keep = np.array([*allowed, False], dtype=bool)[network.edge_cause]
        edges = np.flatnonzero(keep)
        ends = network.edge_u[edges], network.edge_v[edges]
        nodes = np.unique(np.concatenate(ends))
        u, v = (np.searchsorted(nodes, one) for one in ends)
        graph = compress(
            u, v, network.forward_min[edges], network.backward_min[edges],
            nodes=len(nodes), keep=np.ones(len(edges), dtype=bool), reverse=False,
        )  # fmt: skip
        towards = np.column_stack((u, v)).ravel().astype(np.int32)
        network.memo[key] = Inside(graph, nodes, edges, towards)
    inside: Inside = network.memo[key]
    return inside


def _way_out(
    network: Network, anchors: Anchors, place: int, *, inside: Inside
) -> WayOut:
    """Search from one place over the pieces its zones close."""
    edge, part = anchors.edge[place], anchors.fraction[place]
    shares = np.array([part, 1 - part])
    minutes = np.array([network.backward_min[edge], network.forward_min[edge]])
    minutes = share(shares, minutes) + anchors.access_min[place]
    metres = shares * network.edge_length_m[edge] + anchors.distance_m[place]
    ends = np.array([network.edge_u[edge], network.edge_v[edge]])
    finite = np.flatnonzero(np.isfinite(minutes))
    seeds = Seeds(
        np.searchsorted(inside.nodes, ends[finite]), minutes[finite],
        np.zeros(len(finite), dtype=np.int64), metres[finite],
    )  # fmt: skip
    return WayOut(inside, search(inside.graph, seeds), finite.astype(float))
