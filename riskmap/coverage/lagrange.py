"""Which sites a p-median needs to look at: bounds by Lagrange, a start by swapping.

Relaxing who is served by whom (Cornuejols, Fisher and Nemhauser 1977) bounds
what opening or closing one site costs; where that is dearer than a solution
already found, the site is settled. Swaps are those of Teitz and Bart (1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["Narrowed", "narrow"]

_ROUNDS = 600
_PATIENCE = 15
_SWAP_EVERY = 40


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """What is settled before a solver begins.

    Attributes
    ----------
    sites
        The best sites found, ascending.
    value
        Their weighted cost.
    bound
        No sites cost less than this.
    may, must
        Sites that a better solution could open, and those that it would.
    """

    sites: IntArray
    value: float
    bound: float
    may: BoolArray
    must: BoolArray


def narrow(price: FloatArray, *, total: int, locked: BoolArray) -> Narrowed:
    """Bound a p-median and settle the sites that the bounds decide.

    Parameters
    ----------
    price
        Weighted cost of serving each demand (row) from each site (column),
        finite.
    total
        Sites to open, 1 or more, the locked ones among them.
    locked
        Sites that are open already.

    Returns
    -------
    Narrowed
        The same input gives the same output: rounds are counted, not timed.
    """
    whole = bool((price == np.round(price)).all())
    first = np.argsort(price.sum(axis=0) - locked * 1e18, kind="stable")[:total]
    sites = _swapped(price, first, locked)
    value = _cost(price, sites)
    pay = np.sort(price, axis=1)[:, min(total, price.shape[1] - 1)].copy()
    bound, least, step, idle = -np.inf, value, 1.0, 0
    may, must = np.ones(len(locked), dtype=bool), locked.copy()
    for turn in range(_ROUNDS):
        gain = np.minimum(price - pay[:, None], 0.0).sum(axis=0)
        low, chosen, edge = _relaxed(pay, gain, total=total, locked=locked)
        idle = 0 if low > bound + 1e-9 else idle + 1
        bound = max(bound, low)
        if idle >= _PATIENCE:
            step, idle = step / 2, 0
        if turn % _SWAP_EVERY == 0 or _cost(price, chosen) < value:
            tried = _swapped(price, chosen, locked)
            if _cost(price, tried) < value:
                sites, value = tried, _cost(price, tried)
        least = value - 1 + 1e-6 if whole else value
        inside = np.zeros(len(locked), dtype=bool)
        inside[chosen] = True
        may &= inside | (low + gain - edge[0] <= least)
        must |= inside & (low - gain + edge[1] > least)
        away = 1.0 - (price[:, chosen] < pay[:, None]).sum(axis=1)
        if bound > least or step < 1e-4 or not away.any():  # noqa: PLR2004
            break
        pay = pay + step * max(value - low, 1e-9) / (away @ away) * away
    # The best found stays possible, so that what is left always has an answer.
    mine = np.isin(np.arange(len(locked)), sites)
    bound = value if bound > least else min(bound, value)
    return Narrowed(np.sort(sites), value, bound, may | mine, must & mine)


def _relaxed(
    pay: FloatArray, gain: FloatArray, *, total: int, locked: BoolArray
) -> tuple[float, IntArray, tuple[float, float]]:
    """Return the relaxed bound, its sites, and the last gain in and first out."""
    order = np.argsort(np.where(locked, -np.inf, gain), kind="stable")
    chosen, rest = order[:total], order[total:]
    free = chosen[~locked[chosen]]
    last = float(gain[free[-1]]) if len(free) else -np.inf
    after = float(gain[rest[0]]) if len(rest) else np.inf
    return float(pay.sum() + gain[chosen].sum()), chosen, (last, after)


def _cost(price: FloatArray, sites: IntArray) -> float:
    """Return the weighted cost from the nearest of some sites."""
    return float(price[:, sites].min(axis=1).sum())


def _swapped(price: FloatArray, sites: IntArray, locked: BoolArray) -> IntArray:
    """Swap one site for another as long as that saves most."""
    sites, rows = sites.copy(), np.arange(len(price))
    stay = locked[sites]
    if len(sites) == price.shape[1]:
        return sites
    while True:
        mine = price[:, sites]
        near = mine.argmin(axis=1)
        first = mine[rows, near]
        mine = mine.copy()
        mine[rows, near] = np.inf
        second = mine.min(axis=1)
        joined = np.minimum(price, first[:, None])
        without = np.minimum(price, np.minimum(second, 1e300)[:, None])
        held = np.zeros((len(sites), len(price)))
        held[near, rows] = 1.0
        saved = (first[:, None] - joined).sum(axis=0) - held @ (without - joined)
        saved[stay] = -np.inf
        saved[:, sites] = -np.inf
        out, new = np.unravel_index(int(saved.argmax()), saved.shape)
        if not saved[out, new] > 1e-9 * max(1.0, float(first.sum())):
            return sites
        sites[out] = new
