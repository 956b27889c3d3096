"""Flow routing on a grid: filling, receivers, drainage areas, erosion."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROW_STEP = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
COL_STEP = np.array([-1, 0, 1, -1, 1, -1, 0, 1])
SHALLOWEST = 1e-4


@njit
def fill(z, sea):  # noqa: ANN001, ANN201
    """Raise pits until every land cell drains to the sea (priority flood)."""
    rows, cols = z.shape
    out = z.copy()
    done = sea.copy()
    heap = [(0.0, 0, 0) for _ in range(0)]
    for row in range(rows):
        for col in range(cols):
            if sea[row, col]:
                heapq.heappush(heap, (out[row, col], row, col))
    while len(heap) > 0:
        level, row, col = heapq.heappop(heap)
        for k in range(8):
            r, c = row + ROW_STEP[k], col + COL_STEP[k]
            if 0 <= r < rows and 0 <= c < cols and not done[r, c]:
                done[r, c] = True
                out[r, c] = max(out[r, c], level + SHALLOWEST)
                heapq.heappush(heap, (out[r, c], r, c))
    return out


@njit
def receivers(z, sea):  # noqa: ANN001, ANN201
    """Return for each cell the flat index of its steepest lower neighbour."""
    rows, cols = z.shape
    to = np.arange(rows * cols)
    for row in range(rows):
        for col in range(cols):
            if sea[row, col]:
                continue
            best = 0.0
            for k in range(8):
                r, c = row + ROW_STEP[k], col + COL_STEP[k]
                if 0 <= r < rows and 0 <= c < cols:
                    step = np.sqrt(ROW_STEP[k] ** 2 + COL_STEP[k] ** 2)
                    drop = (z[row, col] - z[r, c]) / step
                    if drop > best:
                        best = drop
                        to[row * cols + col] = r * cols + c
    return to


@njit
def accumulate(order, to):  # noqa: ANN001, ANN201
    """Return the number of cells that drain through each cell, itself included."""
    cells = np.ones(to.size)
    for i in order:
        if to[i] != i:
            cells[to[i]] += cells[i]
    return cells


@njit
def incise(z, order, to, factor):  # noqa: ANN001, ANN201, PLR0917
    """Cut channels by one implicit step of stream power, outlets first."""
    for n in range(order.size - 1, -1, -1):
        i = order[n]
        if to[i] != i:
            z[i] = (z[i] + factor[i] * z[to[i]]) / (1.0 + factor[i])


@njit
def limit_slope(z, order, to, rise, cols):  # noqa: ANN001, ANN201, PLR0917
    """Let slopes steeper than `rise` a cell slide, outlets first."""
    for n in range(order.size - 1, -1, -1):
        i = order[n]
        if to[i] != i:
            diagonal = abs(to[i] - i) not in (1, cols)
            most = z[to[i]] + (rise * 1.414 if diagonal else rise)
            z[i] = min(z[i], most)


def route(z: NDArray, sea: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return filled elevation, order (highest first), receivers and cells above."""
    filled = fill(z, sea)
    to = receivers(filled, sea)
    order = np.argsort(-filled.ravel(), kind="stable")
    return filled, order, to, accumulate(order, to).reshape(z.shape)
