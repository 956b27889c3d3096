"""Least-cost ways over the terrain on a lattice of 60 m steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from generator import grid, terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP = 2
ROWS, COLS = grid.ROWS // STEP, grid.COLS // STEP
SPACING = grid.CELL * STEP


@dataclass(frozen=True, slots=True)
class Lattice:
    """Edges between neighbouring lattice nodes that lie on land.

    Attributes
    ----------
    u, v : int array
        Ends of each edge, u < v.
    length : float array
        Horizontal length, metres.
    grade : float array
        Absolute rise over run along the edge.
    side : float array
        Slope of the ground around the edge.
    wet : bool array
        Edges in or across a stream.
    """

    u: NDArray[np.intp]
    v: NDArray[np.intp]
    length: NDArray[np.float64]
    grade: NDArray[np.float64]
    side: NDArray[np.float64]
    wet: NDArray[np.bool_]

    def matrix(self, cost: NDArray) -> sparse.csr_array:
        """Return the symmetric graph with these edge costs."""
        size = ROWS * COLS
        return sparse.csr_array((cost, (self.u, self.v)), shape=(size, size))


def build_lattice(land: terrain.Terrain) -> Lattice:
    """Return the lattice of all land nodes, eight neighbours each."""
    nodes = np.arange(ROWS * COLS).reshape(ROWS, COLS)
    z = land.z[::STEP, ::STEP].ravel()
    dry = ~land.sea[::STEP, ::STEP].ravel()
    slope = land.slope[::STEP, ::STEP].ravel()
    stream = (land.area >= terrain.STREAM_KM2) & ~land.sea
    stream = stream.reshape(ROWS, STEP, COLS, STEP).any(axis=(1, 3)).ravel()
    pairs = [
        (nodes[:, :-1], nodes[:, 1:]),
        (nodes[:-1], nodes[1:]),
        (nodes[:-1, :-1], nodes[1:, 1:]),
        (nodes[:-1, 1:], nodes[1:, :-1]),
    ]
    u = np.concatenate([a.ravel() for a, _ in pairs])
    v = np.concatenate([b.ravel() for _, b in pairs])
    keep = dry[u] & dry[v]
    u, v = np.minimum(u, v)[keep], np.maximum(u, v)[keep]
    length = SPACING * np.where(np.isin(v - u, (1, COLS)), 1.0, np.sqrt(2))
    return Lattice(
        u=u,
        v=v,
        length=length,
        grade=np.abs(z[u] - z[v]) / length,
        side=(slope[u] + slope[v]) / 2,
        wet=stream[u] | stream[v],
    )


def node_of(xy: NDArray) -> NDArray[np.intp]:
    """Return the lattice nodes nearest to the points."""
    row, col = grid.cell_of(np.atleast_2d(xy))
    return (row // STEP) * COLS + col // STEP


def point_of(node: NDArray) -> NDArray[np.float64]:
    """Return the points of lattice nodes, (n, 2)."""
    row, col = np.divmod(np.asarray(node), COLS)
    return grid.centre(row * STEP, col * STEP)


def ways(graph: sparse.csr_array, start: int) -> tuple[NDArray, NDArray]:
    """Return costs and predecessors of all nodes from one."""
    return csgraph.dijkstra(
        graph, directed=False, indices=start, return_predecessors=True
    )


def trace(before: NDArray, end: int) -> list[int]:
    """Return the nodes from the start of a search to `end`; empty if cut off."""
    nodes = [int(end)]
    while before[nodes[-1]] >= 0:
        nodes.append(int(before[nodes[-1]]))
    return nodes[::-1] if len(nodes) > 1 else []
