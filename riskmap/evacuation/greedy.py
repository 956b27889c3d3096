"""A quick plan: who would lose most by waiting chooses first."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["place_by_regret"]


def place_by_regret(
    costs: FloatArray, people: IntArray, capacity: FloatArray
) -> IntArray:
    """Place groups one by one, the one with most to lose first.

    What a group has to lose is the difference between its second choice and
    its first; groups with one choice left go before all others, large ones
    first.

    Parameters
    ----------
    costs
        Groups by shelters; inf where a group cannot go.
    people
        People of each group.
    capacity
        Room of each shelter.

    Returns
    -------
    numpy.ndarray
        The position of each group's shelter, -1 for none.
    """
    placed = np.full(people.size, -1, dtype=np.int64)
    room = capacity.astype(float).copy()
    queue = [
        (*_regret(costs[group], room, int(people[group])), group)
        for group in range(people.size)
    ]
    heapq.heapify(queue)
    while queue:
        rank, _, first, second, group = heapq.heappop(queue)
        heads = int(people[group])
        if first < 0:
            continue
        if heads > room[first] or (second >= 0 and heads > room[second]):
            again = _regret(costs[group], room, heads)
            if again[0] > rank or again[2] != first:
                heapq.heappush(queue, (*again, group))
                continue
            first = again[2]
        placed[group] = first
        room[first] -= heads
    return placed


def _regret(
    costs: FloatArray, room: FloatArray, heads: int
) -> tuple[float, int, int, int]:
    """Return (minus regret, minus people, first choice, second choice)."""
    open_ = np.where(room >= heads, costs, np.inf)
    first = int(open_.argmin()) if open_.size else -1
    if first < 0 or not np.isfinite(open_[first]):
        return 0.0, -heads, -1, -1
    least = open_[first]
    open_[first] = np.inf
    second = int(open_.argmin())
    if not np.isfinite(open_[second]):
        return -np.inf, -heads, first, -1
    return float(least - open_[second]), -heads, first, second
