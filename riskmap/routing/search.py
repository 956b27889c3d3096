"""Searches over a network: from many nodes with minutes on the clock, one tree.

Arc ``2 * e`` is edge e travelled from its start to its end, ``2 * e + 1`` the
other way. A search `reverse` runs against the direction of travel: from where
people go to, to where they come from; its tree tells each node the next arc to
take. A forward search tells each node the arc it was reached by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.errors import NetworkError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Graph", "Seeds", "Tree", "arcs", "compress", "graph_of", "onward", "search", "within"]

# The ring of buckets holds the longest edge; more buckets than this cost more
# to pass over than they save.
_MOST_BUCKETS = 1 << 16
_WIDTH_OF_MEAN = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Arcs by the node a search leaves: compressed rows."""

    first: NDArray[np.int32]
    head: NDArray[np.int32]
    minutes: FloatArray
    arc: NDArray[np.int32]
    reverse: bool
    mean: float
    longest: float

    @property
    def nodes(self) -> int:
        """Return the number of nodes."""
        return len(self.first) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Where a search begins: nodes, minutes already on the clock, owners."""

    node: IntArray
    minutes: FloatArray
    owner: IntArray
    metres: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What a search found, by node: minutes (inf: not reached), owner (-1), arc.

    `parent` is the arc of the tree at a node, ``-2 - s`` where seed s began it,
    and -1 where nothing came.
    """

    minutes: FloatArray
    owner: NDArray[np.int32]
    parent: NDArray[np.int32]
    seeds: Seeds
    reverse: bool

    def metres_by(
        self, towards: NDArray[np.int32], length: FloatArray, nodes: IntArray
    ) -> FloatArray:
        """Return the metres along the tree for some nodes; NaN where not reached."""
        from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

        metres = np.full(len(self.parent), np.nan)
        kernels.path_lengths(
            np.asarray(nodes, dtype=np.int64), self.parent, towards, length,
            np.asarray(self.seeds.metres, dtype=float), metres,
            np.empty(len(self.parent), dtype=np.int32),
        )  # fmt: skip
        return metres[nodes]

    def metres(self, network: Network, nodes: IntArray) -> FloatArray:
        """Return the metres along the tree for some nodes; NaN where not reached."""
        towards = onward(network, reverse=self.reverse)
        return self.metres_by(towards, network.edge_length_m, nodes)

    def path(self, towards: NDArray[np.int32], node: int) -> tuple[list[int], int]:
        """Return the arcs from a node to its seed, in that order, and the seed."""
        path = []
        while (arc := int(self.parent[node])) >= 0:
            path.append(arc)
            node = int(towards[arc])
        return path, -2 - arc


def arcs(
    network: Network, keep: NDArray[np.bool_]
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Return tail, head, minutes and number of every arc that may be travelled."""
    tail = np.column_stack([network.edge_u, network.edge_v]).ravel()
    head = np.column_stack([network.edge_v, network.edge_u]).ravel()
    minutes = np.column_stack([network.forward_min, network.backward_min]).ravel()
    usable = np.flatnonzero(np.isfinite(minutes) & np.repeat(keep, 2))
    return tail[usable], head[usable], minutes[usable], usable


def onward(network: Network, *, reverse: bool) -> NDArray[np.int32]:
    """Return, for each arc, the node at its end that is nearer to the seed."""
    key = ("onward", reverse)
    if key not in network.memo:
        ends = (network.edge_v, network.edge_u)
        pair = np.column_stack(ends if reverse else ends[::-1])
        network.memo[key] = pair.ravel().astype(np.int32)
    nodes: NDArray[np.int32] = network.memo[key]
    return nodes


def graph_of(
    network: Network, *, reverse: bool, ignore_closures: bool = False
) -> Graph:
    """Return the arcs of the open pieces, made once for each network."""
    key = ("graph", reverse, ignore_closures)
    if key not in network.memo:
        keep = np.ones(len(network), bool) if ignore_closures else network.is_open
        network.memo[key] = compress(
            *arcs(network, keep), nodes=len(network.node_xy), reverse=reverse
        )
    graph: Graph = network.memo[key]
    return graph


def compress(  # noqa: PLR0917
    tail: IntArray, head: IntArray, minutes: FloatArray, number: IntArray,
    *, nodes: int, reverse: bool,
) -> Graph:  # fmt: skip
    """Sort arcs by the node that a search leaves."""
    if reverse:
        tail, head = head, tail
    if len(minutes) and not (minutes.min() >= 0):
        msg = f"{int((~(minutes >= 0)).sum())} arcs have negative or unknown minutes"
        raise NetworkError(msg)
    order = np.argsort(tail, kind="stable")
    first = np.r_[0, np.cumsum(np.bincount(tail, minlength=nodes))]
    return Graph(
        first.astype(np.int32), head[order].astype(np.int32),
        np.ascontiguousarray(minutes[order]), number[order].astype(np.int32), reverse,
        float(minutes.mean()) if len(minutes) else 0.0,
        float(minutes.max(initial=0.0)),
    )  # fmt: skip


def search(graph: Graph, seeds: Seeds, *, limit_min: float = np.inf) -> Tree:
    """Give every node its earliest time, its owner and the way there.

    A tie of times goes to the lowest owner. Nothing lies beyond `limit_min`.
    """
    from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

    room = max(1024, graph.nodes // 4, 2 * len(seeds.node))
    while True:
        time = np.full(graph.nodes, np.inf)
        owner = np.full(graph.nodes, -1, dtype=np.int32)
        parent = np.full(graph.nodes, -1, dtype=np.int32)
        status = kernels.flood(
            graph.first, graph.head, graph.minutes, graph.arc,
            np.asarray(seeds.node, np.int32), np.asarray(seeds.minutes, float),
            np.asarray(seeds.owner, np.int32), float(limit_min),
            *_queue(graph, seeds.minutes, time, owner, parent, room=room),
        )  # fmt: skip
        if status == 0:
            return Tree(time, owner, parent, seeds, graph.reverse)
        room *= 4


def within(
    graph: Graph, seeds: Seeds, *, sources: int, limit_min: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return every pair of source and node within a limit: source, node, minutes.

    `seeds.owner` is the source of each seed, in ascending order.
    """
    from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

    first = np.searchsorted(seeds.owner, np.arange(sources + 1))
    room, results = max(1024, graph.nodes // 4), max(4096, 4 * graph.nodes)
    while True:
        time = np.full(graph.nodes, np.inf)
        width, _, heads, pool_next, pool_node, queued = _queue_parts(
            graph, _spread(seeds, first), room=room
        )
        out = (
            np.empty(results, np.int32), np.empty(results, np.int32),
            np.empty(results),
        )  # fmt: skip
        found = kernels.reach_nodes(
            graph.first, graph.head, graph.minutes, first,
            np.asarray(seeds.node, np.int32), np.asarray(seeds.minutes, float),
            float(limit_min), width, time, heads, pool_next, pool_node, queued,
            np.empty(graph.nodes, np.int32), *out,
        )  # fmt: skip
        if found >= 0:
            return out[0][:found], out[1][:found], out[2][:found]
        room, results = room * 2, results * 4


def _spread(seeds: Seeds, first: IntArray) -> float:
    """Return the widest gap between the seeds of one source."""
    if not len(seeds.node):
        return 0.0
    some = first[:-1][np.diff(first) > 0]
    finite = np.where(np.isfinite(seeds.minutes), seeds.minutes, 0.0)
    return float(
        (np.maximum.reduceat(finite, some) - np.minimum.reduceat(finite, some)).max()
    )


def _queue_parts(  # type: ignore[no-untyped-def]  # noqa: ANN202
    graph: Graph, spread: float, *, room: int
):
    """Make the empty bucket queue: width, ring and pool."""
    span = max(graph.longest, spread)
    width = max(graph.mean * _WIDTH_OF_MEAN, span / _MOST_BUCKETS, 1e-9)
    ring = int(span / width) + 3
    pool_next = np.arange(1, room + 1, dtype=np.int32)
    pool_next[-1] = -1
    return (
        width, span, np.full(ring, -1, np.int32), pool_next,
        np.empty(room, np.int32), np.zeros(graph.nodes, np.uint8),
    )  # fmt: skip


def _queue(  # type: ignore[no-untyped-def]  # noqa: ANN202, PLR0917
    graph: Graph, minutes: FloatArray, time: FloatArray, owner: NDArray,
    parent: NDArray, *, room: int,
):  # fmt: skip
    """Arrange the queue in the order that the kernel takes."""
    finite = minutes[np.isfinite(minutes)]
    spread = float(np.ptp(finite)) if len(finite) else 0.0
    width, _, heads, pool_next, pool_node, queued = _queue_parts(
        graph, spread, room=room
    )
    return width, time, owner, parent, heads, pool_next, pool_node, queued
