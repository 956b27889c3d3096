"""A sharper bound: no shelter may be filled by parts of groups.

The relaxation fills every shelter to the last bed. Here each shelter takes whole
groups, and only the rule that a group goes to one shelter is priced
(Lagrangian relaxation of the generalised assignment problem, M. L. Fisher 1981,
doi:10.1287/mnsc.27.1.1); the prices climb by subgradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.routing.kernels import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["whole_groups_bound"]

_ROUNDS = 300
_PATIENCE = 10
_SHORTER = 0.6
_LARGEST_TABLE = 20_000_000


def whole_groups_bound(
    costs: FloatArray,
    people: IntArray,
    capacity: FloatArray,
    *,
    price: float,
    room_price: FloatArray,
    reached: float,
) -> float:
    """Return a bound of the cost of any plan of whole groups.

    Parameters
    ----------
    costs
        Groups by shelters; inf where a group cannot go.
    people
        People of each group, at least 1.
    capacity
        Room of each shelter.
    price
        The cost of a person who stays unplaced.
    room_price
        Where the prices start, from `riskmap.evacuation.bound.priced_bound`.
    reached
        Cost and prices of a plan that is known; it sets the length of steps.

    Returns
    -------
    float
        Cost and prices of any plan are no less.
    """
    ceiling = people * price
    worth = np.minimum((costs + people[:, None] * room_price).min(axis=1), ceiling)
    room = np.floor(np.minimum(capacity, people.sum())).astype(np.int64)
    by_shelter = np.ascontiguousarray(costs.T)
    best, best_worth, step, idle = -np.inf, worth, 1.0, 0
    for _ in range(_ROUNDS):
        saved, taken = _fill(by_shelter, worth, people, room=room)
        bound = float(worth.sum()) + saved
        if bound > best:
            best, best_worth, idle = bound, worth, 0
        else:
            idle += 1
        if idle > _PATIENCE:
            step, worth, idle = step * _SHORTER, best_worth, 0
        missed = 1.0 - taken
        length = float(missed @ missed)
        if length == 0 or reached <= best:
            break
        worth = np.minimum(worth + step * (reached - bound) / length * missed, ceiling)
    return best


def _fill(
    by_shelter: FloatArray, worth: FloatArray, people: IntArray, *, room: IntArray
) -> tuple[float, FloatArray]:
    """Fill each shelter by what is worth most; count how often each group is taken."""
    taken = np.zeros(people.size)
    saved = 0.0
    for costs, beds in zip(by_shelter, room, strict=True):
        some = np.flatnonzero((costs < worth) & (people <= beds))
        if not some.size:
            continue
        gain, heads = worth[some] - costs[some], people[some]
        if heads.sum() <= beds:
            share = np.ones(some.size)
        elif some.size * int(beds) <= _LARGEST_TABLE:
            share = _knapsack(gain, heads, int(beds))
        else:
            share = _split_knapsack(gain, heads, float(beds))
        taken[some] += share
        saved -= float(gain @ share)
    return saved, taken


@compiled
def _knapsack(gain: FloatArray, heads: IntArray, beds: int) -> FloatArray:
    """Return the whole groups of most gain that fit into the beds, as ones."""
    best = np.zeros(beds + 1)
    kept = np.zeros((gain.size, beds + 1), dtype=np.bool_)
    for one in range(gain.size):
        for used in range(beds, heads[one] - 1, -1):
            better = best[used - heads[one]] + gain[one]
            if better > best[used]:
                best[used] = better
                kept[one, used] = True
    share = np.zeros(gain.size)
    left = beds
    for one in range(gain.size - 1, -1, -1):
        if kept[one, left]:
            share[one] = 1.0
            left -= heads[one]
    return share


def _split_knapsack(gain: FloatArray, heads: IntArray, beds: float) -> FloatArray:
    """Return the most gain if the last group may be split, as shares."""
    order = np.argsort(-gain / heads, kind="stable")
    before = np.cumsum(heads[order]) - heads[order]
    share = np.zeros(gain.size)
    share[order] = np.clip((beds - before) / heads[order], 0.0, 1.0)
    return share
