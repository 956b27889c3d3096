"""The streets of Moscow and Rome as plain arrays, for searches alone."""

from __future__ import annotations

from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.harness import DATA
from riskmap.routing.build import space_order
from riskmap.routing.search import Graph, Seeds, compress

__all__ = ["METRES_A_SECOND", "Town", "read_town", "sources"]

METRES_A_SECOND = 10.0


class Town(NamedTuple):
    """A street network: both arcs of each edge, seconds, and positions."""

    tail: np.ndarray
    head: np.ndarray
    seconds: np.ndarray
    xy: np.ndarray

    def graph(self) -> Graph:
        """Return the arcs as ours."""
        half = len(self.tail) // 2
        return compress(
            self.tail[:half], self.head[:half], self.seconds[:half],
            self.seconds[half:], nodes=len(self.xy), keep=np.ones(half, bool),
            reverse=False,
        )  # fmt: skip

    def matrix(self) -> csr_array:
        """Return the arcs as scipy's."""
        shape = (len(self.xy), len(self.xy))
        return csr_array((self.seconds, (self.tail, self.head)), shape=shape)

    def networkx(self) -> nx.DiGraph:
        """Return the arcs as networkx's."""
        graph = nx.DiGraph()
        graph.add_weighted_edges_from(
            zip(*(one.tolist() for one in self[:3]), strict=True), weight="s"
        )
        return graph


def read_town(name: str, *, copies: int = 1) -> Town:
    """Return the largest part of a town, in space order, some times side by side."""
    folder = DATA / "big-roads-bin"
    xy = (
        np.fromfile(folder / f"{name}-roads.co.bin", "<i4").reshape(-1, 2).astype(float)
    )
    pair = np.fromfile(folder / f"{name}-roads.gr.bin", "<i4").reshape(-1, 2) - 1
    size = (len(xy), len(xy))
    whole = csr_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=size)
    label = connected_components(whole, directed=False)[1]
    main = label == np.bincount(label).argmax()
    pair = pair[main[pair[:, 0]] & (pair[:, 0] != pair[:, 1])]
    wide = np.ptp(xy[:, 0]) + 50.0
    pairs = [pair + copy * len(xy) for copy in range(copies)]
    gate = np.flatnonzero(main)[0]
    joints = [(copy * len(xy) + gate, (copy + 1) * len(xy) + gate)
              for copy in range(copies - 1)]  # fmt: skip
    pair = np.concatenate([*pairs, np.array(joints, dtype=int).reshape(-1, 2)])
    xy = np.concatenate([xy + np.array([copy * wide, 0.0]) for copy in range(copies)])
    nodes, place = space_order(xy, pair.ravel())
    u, v, xy = place[pair[:, 0]], place[pair[:, 1]], xy[nodes]
    key = np.unique(np.minimum(u, v) * len(xy) + np.maximum(u, v))
    u, v = np.divmod(key, len(xy))
    seconds = np.hypot(*(xy[u] - xy[v]).T) / METRES_A_SECOND + 0.01
    return Town(np.r_[u, v], np.r_[v, u], np.r_[seconds, seconds], xy)


def sources(town: Town, count: int) -> Seeds:
    """Return nodes scattered over a town, the same each time."""
    rng = np.random.default_rng(20261121)
    node = np.sort(rng.choice(len(town.xy), count, replace=False))
    return Seeds(node, np.zeros(count), np.arange(count), np.zeros(count))
