"""Searches over a network: from many nodes with minutes on the clock, one tree.

Arc ``2 * e`` is edge e travelled from its start to its end, ``2 * e + 1`` the
other way. A search `reverse` runs against the direction of travel: from where
people go to, to where they come from; its tree tells each node the next arc to
take. A forward search tells each node the arc it was reached by.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskmap.errors import NetworkError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = [
    "THREADS",
    "Graph",
    "Seeds",
    "Tree",
    "bucket_ring",
    "compress",
    "graph_of",
    "onward",
    "search",
    "within",
]

# The ring of buckets holds the longest edge; more buckets than this cost more
# to pass over than they save.
_MOST_BUCKETS = 1 << 16
_WIDTH_OF_MEAN = 0.5
_LEAST_WIDTH = 1e-9
_LEAST_ROOM = 1024
THREADS = int(os.environ.get("RISKMAP_THREADS", "2"))
"""Threads of one search; several worker processes on one machine take one each."""


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
            network.edge_u, network.edge_v, network.forward_min, network.backward_min,
            nodes=len(network.node_xy), keep=keep, reverse=reverse,
        )  # fmt: skip
    graph: Graph = network.memo[key]
    return graph


def compress(  # noqa: PLR0917
    u: IntArray, v: IntArray, forward_min: FloatArray, backward_min: FloatArray,
    *, nodes: int, keep: NDArray[np.bool_], reverse: bool,
) -> Graph:  # fmt: skip
    """Put the arcs of edges in the rows of the nodes that a search leaves."""
    from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

    bad = (~((forward_min >= 0) & (backward_min >= 0)) & keep).sum()
    if bad:
        msg = f"{int(bad)} edges have negative or unknown minutes"
        raise NetworkError(msg)
    edges = u, v, forward_min, backward_min, keep, reverse
    first = np.zeros(nodes + 1, dtype=np.int32)
    none = np.empty(0, dtype=np.int32)
    kernels.sorted_arcs(*edges, first, none, np.empty(0), none)
    count = int(first.sum())
    first = np.cumsum(first, dtype=np.int32)
    at, head, arc = first.copy(), np.empty(count, np.int32), np.empty(count, np.int32)
    minutes = np.empty(count)
    if count:
        kernels.sorted_arcs(*edges, at, head, minutes, arc)
    return Graph(
        first, head, minutes, arc, reverse,
        float(minutes.mean()) if count else 0.0, float(minutes.max(initial=0.0)),
    )  # fmt: skip


class _Queue(NamedTuple):
    """An empty bucket queue: width of a bucket, ring, pool of entries, flags."""

    width: float
    heads: NDArray[np.int32]
    pool_next: NDArray[np.int32]
    pool_node: NDArray[np.uint32]
    queued: NDArray[np.uint8]


def _queue(graph: Graph, spread: float, *, room: int) -> _Queue:
    """Make a queue whose ring holds the longest arc and the spread of the seeds."""
    width, ring = bucket_ring(graph, spread)
    pool_next = np.arange(1, room + 1, dtype=np.int32)
    pool_next[-1] = -1
    return _Queue(
        width,
        np.full(ring, -1, np.int32),
        pool_next,
        np.empty(room, np.uint32),
        np.zeros(graph.nodes, np.uint8),
    )


def bucket_ring(graph: Graph, spread: float) -> tuple[float, int]:
    """Return the width of a bucket, and how many hold the longest arc and spread."""
    span = max(graph.longest, spread)
    width = max(graph.mean * _WIDTH_OF_MEAN, span / _MOST_BUCKETS, _LEAST_WIDTH)
    return width, 1 << int(span / width + 2).bit_length()  # a power of two, for a mask


def search(graph: Graph, seeds: Seeds, *, limit_min: float = np.inf) -> Tree:
    """Give every node its earliest time, its owner and the way there.

    A tie of times goes to the lowest owner. Nothing lies beyond `limit_min`.
    """
    from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

    room = max(_LEAST_ROOM, graph.nodes // 4, 2 * len(seeds.node))
    spread = float(np.ptp(seeds.minutes)) if len(seeds.node) else 0.0
    while True:
        time = np.full(graph.nodes, np.inf)
        owner = np.full(graph.nodes, -1, dtype=np.int32)
        parent = np.full(graph.nodes, -1, dtype=np.int32)
        queue = _queue(graph, spread, room=room)
        status = kernels.flood(
            graph.first.view(np.uint32), graph.head.view(np.uint32), graph.minutes,
            graph.arc, np.asarray(seeds.node, np.uint32),
            np.asarray(seeds.minutes, float), np.asarray(seeds.owner, np.int32),
            float(limit_min), queue.width, time, owner, parent, *queue[1:],
        )  # fmt: skip
        if status != kernels.FULL:
            return Tree(time, owner, parent, seeds, graph.reverse)
        room *= 4


def within(
    graph: Graph, seeds: Seeds, *, sources: int, limit_min: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return every pair of source and node within a limit: source, node, minutes.

    `seeds.owner` is the source of each seed, in ascending order. Sources are
    shared out between threads; the result does not depend on how.
    """
    bounds = np.linspace(0, sources, THREADS + 1).astype(int)
    first = np.searchsorted(seeds.owner, np.arange(sources + 1))

    def part(begin: int, end: int) -> tuple[NDArray, NDArray, NDArray]:
        return _within(graph, seeds, first, begin=begin, end=end, limit_min=limit_min)

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(part, bounds[:-1], bounds[1:]))
    source, node, minutes = (np.concatenate(one) for one in zip(*parts, strict=True))
    return source, node, minutes


def _within(
    graph: Graph, seeds: Seeds, first: IntArray,
    *, begin: int, end: int, limit_min: float,
) -> tuple[NDArray, NDArray, NDArray]:  # fmt: skip
    """Search from some of the sources, one after the other."""
    from riskmap.routing import kernels  # noqa: PLC0415 - numba is slow to import

    node, minutes = np.asarray(seeds.node, np.uint32), np.asarray(seeds.minutes, float)
    spread = _spread(seeds.minutes, first)
    time = np.full(graph.nodes, np.inf)
    # What is not written to takes no memory, so room is cheap.
    room, results = max(_LEAST_ROOM, 2 * graph.nodes), max(4096, 4 * graph.nodes)
    parts: list[tuple[NDArray, NDArray, NDArray]] = []
    while begin < end:
        width, ring = bucket_ring(graph, spread)
        out = np.empty(results, np.int32), np.empty(results, np.int32)
        times = np.empty(results)
        done, found = kernels.reach_nodes(
            graph.first.view(np.uint32), graph.head.view(np.uint32), graph.minutes,
            first, node, minutes, begin, end, float(limit_min), width, time,
            np.full(ring, kernels.NONE), np.empty(room, np.uint32),
            np.empty(room, np.uint32), *out, times,
        )  # fmt: skip
        if done == begin:
            room, results = 2 * room, 2 * results
        parts.append((out[0][:found], out[1][:found], times[:found]))
        begin = done
    if len(parts) == 1:
        return parts[0]
    parts = parts or [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))]
    source, nodes, found_min = (np.concatenate(one) for one in zip(*parts, strict=True))
    return source, nodes, found_min


def _spread(minutes: FloatArray, first: IntArray) -> float:
    """Return the widest gap between the seeds of one source."""
    some = first[:-1][np.diff(first) > 0]
    if not len(some):
        return 0.0
    part = minutes[: first[-1]]
    gap = np.maximum.reduceat(part, some) - np.minimum.reduceat(part, some)
    return float(gap.max())
