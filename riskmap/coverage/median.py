"""Where to open sites so that people are nearest: the p-median, exact by HiGHS.

Plain arrays, a row a place of demand, a column a site. Nothing here knows roads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint

from riskmap.coverage.lagrange import narrow
from riskmap.coverage.location import Location, insist, positions, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["p_median"]

# What an unserved unit of demand costs, in multiples of the dearest service.
_UNSERVED = 10.0


def p_median(
    cost: FloatArray,
    weight: FloatArray,
    *,
    count: int,
    locked: IntArray | None = None,
) -> Location:
    """Open so many more sites that the weighted cost to the nearest is least.

    Bounds by Lagrange settle most sites (`riskmap.coverage.lagrange`); what is
    left is solved in the radius formulation: for each demand, a variable for
    each distinct cost says whether every site that near is closed.

    Parameters
    ----------
    cost
        Of serving each demand (row) from each site (column); inf = cannot.
    weight
        Of each demand, 0 or more.
    count
        Sites to open beside the locked ones.
    locked
        Sites that are open already.

    Returns
    -------
    Location
        `value` is the weighted cost of the demand served. Demand that cannot
        be served is listed, never priced at nothing: serving it comes first.

    Raises
    ------
    LayerError
        If `count` is negative.

    Notes
    -----
    `bound` is about served and unserved demand together, and is reported for
    the served part: exact when everybody is served.
    """
    insist(count)
    weight = np.asarray(weight, dtype=float)
    size = cost.shape[1]
    lower = np.zeros(size)
    lower[positions(locked)] = 1
    total = min(size, int(lower.sum()) + count)
    able = np.flatnonzero(np.isfinite(cost).any(axis=1) & (weight > 0))
    opened, bound, dear = _median(
        cost[able], weight[able], total=total, locked=lower > 0
    )
    best = cost[:, opened].min(axis=1, initial=np.inf)
    served = np.isfinite(best)
    value = float((weight[served] * best[served]).sum())
    slack = dear * weight[able[~served[able]]].sum()
    return Location(opened, value, min(value, bound - slack), np.flatnonzero(~served))


def _median(
    cost: FloatArray, weight: FloatArray, *, total: int, locked: BoolArray
) -> tuple[IntArray, float, float]:
    """Return the sites, the bound, and what a unit of unserved demand is priced at."""
    finite = np.isfinite(cost)
    dear = float(cost[finite].max(initial=0.0)) * _UNSERVED + 1.0
    if not total or not len(cost):
        first = np.argsort(~locked, kind="stable")[:total]
        return np.sort(first), dear * float(weight.sum()), dear
    start = narrow(weight[:, None] * np.where(finite, cost, dear), total=total,
                   locked=locked)  # fmt: skip
    near = np.flatnonzero(start.may)
    if start.bound >= start.value or len(near) <= total:
        return start.sites, start.value, dear
    size = len(near)
    model = _radii(cost[:, near], weight, total=total, dear=dear)
    price = np.r_[np.zeros(size), model.price]
    budget = np.r_[np.ones(size), np.zeros(len(model.price))][None, :]
    limits = [LinearConstraint(budget, lb=total, ub=total)]
    if len(model.price):
        limits.append(LinearConstraint(model.rows, lb=model.floor))
    lower = np.r_[start.must[near].astype(float), np.zeros(len(model.price))]
    found = solve(price, limits, lower=lower, whole=size)
    bound = min(start.value, max(start.bound, found.bound + model.base))
    opened = near[np.flatnonzero(found.x[:size] > 0.5)]  # noqa: PLR2004
    priced = np.where(finite, cost, dear)[:, opened].min(axis=1) @ weight
    return (opened if priced < start.value else start.sites), bound, dear


@dataclass(frozen=True, slots=True, eq=False)
class _Radii:
    """The rows of the radius formulation."""

    rows: sparse.csr_array
    floor: FloatArray
    price: FloatArray
    base: float


def _radii(cost: FloatArray, weight: FloatArray, *, total: int, dear: float) -> _Radii:
    """Write down, demand by demand, the steps from one distinct cost to the next."""
    size = cost.shape[1]
    finite = np.isfinite(cost)
    # Of the nearest size - total + 1 sites of any demand at least one is open.
    enough = size - total + 1
    column: list[FloatArray] = []
    entry: list[FloatArray] = []
    row_of: list[FloatArray] = []
    floor: list[float] = []
    price: list[float] = []
    base, steps = 0.0, 0
    for costs, own, known in zip(cost, weight, finite, strict=True):
        order = np.argsort(costs, kind="stable")[: min(enough, int(known.sum()))]
        if not len(order):
            base += own * dear
            continue
        levels, level = np.unique(costs[order], return_inverse=True)
        sure = len(order) == enough
        nexts = np.r_[levels[1:], [] if sure else [dear]]
        base += own * levels[0]
        for step, after in enumerate(nexts):
            sites = order[level == step]
            before = [size + steps - 1] if step else []
            column.append(np.r_[sites, size + steps, before])
            entry.append(np.r_[np.ones(len(sites) + 1), -np.ones(len(before))])
            row_of.append(np.full(len(column[-1]), steps))
            floor.append(0.0 if step else 1.0)
            price.append(own * (after - levels[step]))
            steps += 1
    shape = (steps, size + steps)
    if not steps:
        empty = np.zeros(0)
        return _Radii(sparse.csr_array(shape), empty, empty, base)
    row_at, column_at = (
        np.concatenate(one).astype(np.int64) for one in (row_of, column)
    )
    entries: FloatArray = np.concatenate(entry)
    rows = sparse.csr_array((entries, (row_at, column_at)), shape=shape)
    return _Radii(rows, np.array(floor), np.array(price), base)
