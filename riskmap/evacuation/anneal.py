"""Good plans of many groups: annealing with moves, exchanges and chains.

Being unplaced is a shelter with room for all, at a price; so that placing
people and sending them near is one search. The numbers are drawn from a
generator of its own: the same input gives the same plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.routing.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["anneal"]

_CHOICES = 40
_WARM = 10.0
_COOLING = 3000.0
_SEED = 20260415


def anneal(  # noqa: PLR0917
    costs: FloatArray,
    people: IntArray,
    capacity: FloatArray,
    start: IntArray,
    *,
    price: float,
    room_price: FloatArray,
    moves: int,
) -> IntArray:
    """Better a plan by a long series of random small changes.

    Parameters
    ----------
    costs
        Groups by shelters; inf where a group cannot go.
    people
        People of each group, at least 1.
    capacity
        Room of each shelter.
    start
        The position of each group's shelter, -1 for none; keeps the room.
    price
        The cost of a person who stays unplaced.
    room_price
        What a place in each shelter is worth; where room is dear, others are
        tried first.
    moves
        How many changes to try.

    Returns
    -------
    numpy.ndarray
        A plan that keeps the room; not always better than `start`.
    """
    groups, shelters = costs.shape
    nowhere = shelters
    whole = np.column_stack([costs, people * price])
    choices = _choices(costs + people[:, None] * room_price, nowhere)
    room = np.append(capacity, np.inf)
    at = np.where(start < 0, nowhere, start).astype(np.int64)
    np.subtract.at(room, at, people.astype(float))
    first = _offsets(people, capacity)
    warm = _WARM * _spread(costs)
    _run(
        whole, people.astype(float), room, choices, at, first,
        np.empty(int(first[-1]), dtype=np.int64), np.zeros(shelters + 1, np.int64),
        np.zeros(groups, dtype=np.int64), moves, warm, _COOLING, np.uint64(_SEED),
    )  # fmt: skip
    return np.asarray(np.where(at == nowhere, -1, at), dtype=np.int64)


def _choices(costs: FloatArray, nowhere: int) -> IntArray:
    """Return the shelters to try for each group, the cheapest first, nowhere last."""
    most = min(_CHOICES, costs.shape[1])
    near = np.argpartition(costs, most - 1, axis=1)[:, :most]
    order = np.take_along_axis(costs, near, axis=1).argsort(axis=1, kind="stable")
    near = np.take_along_axis(near, order, axis=1)
    can = np.isfinite(np.take_along_axis(costs, near, axis=1))
    near = np.where(can, near, nowhere)
    return np.column_stack([near, np.full(len(costs), nowhere)]).astype(np.int64)


def _offsets(people: IntArray, capacity: FloatArray) -> IntArray:
    """Return where each shelter's list of groups begins: none can hold more."""
    smallest = np.cumsum(np.sort(people))
    most = np.searchsorted(smallest, capacity, side="right")
    ends = np.cumsum(np.append(most, people.size) + 1)
    return np.asarray(np.r_[0, ends], dtype=np.int64)


def _spread(costs: FloatArray) -> float:
    """Return how much a second choice costs more than the first, on average."""
    if costs.shape[1] < 2:  # noqa: PLR2004
        return 1.0
    two = np.partition(costs, 1, axis=1)[:, :2]
    both = np.isfinite(two).all(axis=1)
    gaps = two[both, 1] - two[both, 0]
    return float(gaps.mean()) + 1e-9 if gaps.size else 1.0


@compiled
def _run(  # type: ignore[no-untyped-def]  # noqa: ANN202, C901, PLR0912, PLR0915, PLR0917
    cost, people, room, choices, at, first, member, count, slot, moves,  # noqa: ANN001
    warm, cooling, seed,  # noqa: ANN001
):  # fmt: skip
    """Try moves under a falling temperature; `at` and `room` are changed."""
    groups, options = choices.shape
    state = seed
    for i in range(groups):
        j = at[i]
        member[first[j] + count[j]] = i
        slot[i] = count[j]
        count[j] += 1
    fall = cooling ** (-1.0 / max(moves, 1))
    heat = warm
    for _ in range(moves):
        heat *= fall
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        i = np.int64(state >> np.uint64(11)) % groups
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        u = np.float64(state >> np.uint64(11)) / 9007199254740992.0
        j = choices[i, np.int64(options * u * u * u)]
        here = at[i]
        if j == here:
            continue
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        chance = np.float64(state >> np.uint64(11)) / 9007199254740992.0
        most = -heat * np.log(chance + 1e-300)
        gain = cost[i, j] - cost[i, here]
        k, there = -1, -1
        if room[j] < people[i]:
            # Somebody must leave: for here, or for anywhere else with room.
            if count[j] == 0:
                continue
            best = np.inf
            for _try in range(4):
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                other = member[first[j] + np.int64(state >> np.uint64(11)) % count[j]]
                if room[j] + people[other] < people[i]:
                    continue
                if room[here] + people[i] >= people[other]:
                    add = cost[other, here] - cost[other, j]
                    if add < best:
                        best, k, there = add, other, here
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                u = np.float64(state >> np.uint64(11)) / 9007199254740992.0
                third = choices[other, np.int64(options * u * u * u)]
                if third not in (j, here) and room[third] >= people[other]:
                    add = cost[other, third] - cost[other, j]
                    if add < best:
                        best, k, there = add, other, third
            if k < 0:
                continue
            gain += best
        if gain > most:
            continue
        for step in range(2):
            g, old, new = (k, j, there) if step == 0 else (i, here, j)
            if g < 0:
                continue
            last = member[first[old] + count[old] - 1]
            member[first[old] + slot[g]] = last
            slot[last] = slot[g]
            count[old] -= 1
            room[old] += people[g]
            member[first[new] + count[new]] = g
            slot[g] = count[new]
            count[new] += 1
            room[new] -= people[g]
            at[g] = new
