"""Where to open sites: set cover, maximal cover and p-median, exact by HiGHS.

Plain arrays, a row a place of demand, a column a site. Nothing here knows roads.
Solvers stop by gap and by nodes, never by the clock, so that the same input
gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from riskmap.coverage.lagrange import narrow
from riskmap.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["Location", "fewest_units", "maximal_cover", "p_median", "set_cover"]

_NODE_LIMIT = 1_000_000
# What an unserved unit of demand costs, in multiples of the dearest service.
_UNSERVED = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Which sites to open.

    Attributes
    ----------
    sites
        Positions of the open sites, the locked ones among them, ascending.
    value
        Sites opened, demand covered, or weighted cost, by the question asked.
    bound
        No solution is better than this.
    unserved
        Positions of the demand that no open site serves.
    """

    sites: IntArray
    value: float
    bound: float
    unserved: IntArray

    @property
    def gap(self) -> float:
        """How far `value` may be from the best, as a share; 0 = proven best."""
        return abs(self.value - self.bound) / max(1e-9, abs(self.value))


def set_cover(reached: BoolArray, *, locked: IntArray | None = None) -> Location:
    """Open the fewest sites that reach all demand that any site reaches.

    Parameters
    ----------
    reached
        Which site (column) reaches which demand (row).
    locked
        Sites that are open already; they count in `value`.

    Returns
    -------
    Location
        `value` is the number of open sites; `unserved` lists demand that no
        site at all reaches, which makes nothing infeasible.
    """
    size = reached.shape[1]
    lower = np.zeros(size)
    lower[_positions(locked)] = 1
    able = np.flatnonzero(reached.any(axis=1))
    if not len(able):
        opened = np.flatnonzero(lower)
        return Location(opened, len(opened), len(opened), np.arange(len(reached)))
    rows = sparse.csr_array(reached[able].astype(float))
    found = _solve(np.ones(size), [LinearConstraint(rows, lb=1)], lower=lower)
    opened = np.flatnonzero(found.x > 0.5)  # noqa: PLR2004
    unserved = np.flatnonzero(~reached[:, opened].any(axis=1))
    return Location(opened, len(opened), np.ceil(found.bound - 1e-6), unserved)


def fewest_units(reached: BoolArray, needed: IntArray) -> IntArray | None:
    """Place the fewest units so that all demand is reached by as many as it needs.

    Parameters
    ----------
    reached
        Which site (column) reaches which demand (row).
    needed
        Units that each demand needs, 1 or more; a site may hold several.

    Returns
    -------
    numpy.ndarray or None
        Units at each site; None where some demand is reached from no site.
    """
    if not reached.any(axis=1).all():
        return None
    quick = _greedy(reached, needed)
    if quick.sum() == _packed(reached, needed):
        return quick
    size = reached.shape[1]
    rows = sparse.csr_array(reached.astype(float))
    enough = LinearConstraint(rows, lb=needed)
    found = _solve(
        np.ones(size),
        [enough],
        lower=np.zeros(size),
        upper=np.full(size, float(needed.max())),
    )
    return np.round(found.x).astype(np.intp)


def _greedy(reached: BoolArray, needed: IntArray) -> IntArray:
    """Place units one by one where they reach most of what is still lacking."""
    left = np.asarray(needed, dtype=np.intp).copy()
    units = np.zeros(reached.shape[1], dtype=np.intp)
    while (left > 0).any():
        site = int(np.argmax((left > 0) @ reached.astype(np.intp)))
        units[site] += 1
        left -= reached[:, site]
    return units


def _packed(reached: BoolArray, needed: IntArray) -> int:
    """Sum the needs of demand that shares no site: no fewer units will do."""
    taken = np.zeros(reached.shape[1], dtype=bool)
    total = 0
    for row in np.lexsort((-needed, reached.sum(axis=1))):
        if not (reached[row] & taken).any():
            taken |= reached[row]
            total += int(needed[row])
    return total


def maximal_cover(
    reached: BoolArray,
    weight: FloatArray,
    *,
    count: int,
    locked: IntArray | None = None,
) -> Location:
    """Open so many more sites that the weight of the demand reached is largest.

    Parameters
    ----------
    reached
        Which site (column) reaches which demand (row).
    weight
        Of each demand, 0 or more.
    count
        Sites to open beside the locked ones, at most.
    locked
        Sites that are open already.

    Returns
    -------
    Location
        `value` is the weight reached.

    Raises
    ------
    LayerError
        If `count` is negative.
    """
    demand, size = reached.shape
    lower = np.zeros(size + demand)
    lower[_positions(locked)] = 1
    _insist(count)
    cost = np.r_[np.zeros(size), -np.asarray(weight, dtype=float)]
    link = sparse.hstack([sparse.csr_array(reached.astype(float)), -sparse.eye(demand)])
    budget = np.r_[np.ones(size), np.zeros(demand)][None, :]
    limits = [
        LinearConstraint(sparse.csr_array(link), lb=0),
        LinearConstraint(budget, ub=lower[:size].sum() + count),
    ]
    found = _solve(cost, limits, lower=lower, whole=size)
    opened = np.flatnonzero(found.x[:size] > 0.5)  # noqa: PLR2004
    served = reached[:, opened].any(axis=1)
    value = float(np.asarray(weight)[served].sum())
    return Location(opened, value, -found.bound, np.flatnonzero(~served))


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
    _insist(count)
    weight = np.asarray(weight, dtype=float)
    size = cost.shape[1]
    lower = np.zeros(size)
    lower[_positions(locked)] = 1
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
    found = _solve(price, limits, lower=lower, whole=size)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A solution of HiGHS and its bound."""

    x: FloatArray
    bound: float


def _solve(
    cost: FloatArray,
    limits: list[LinearConstraint],
    *,
    lower: FloatArray,
    upper: FloatArray | float = 1.0,
    whole: int | None = None,
) -> _Found:
    """Solve a program over 0 to `upper` whose first `whole` variables are whole."""
    integral = np.zeros(len(cost), dtype=np.int64)
    integral[: len(cost) if whole is None else whole] = 1
    answer = milp(
        cost,
        constraints=limits,
        bounds=Bounds(lower, np.broadcast_to(upper, lower.shape)),
        integrality=integral,
        options={"mip_rel_gap": 0.0, "node_limit": _NODE_LIMIT},
    )
    if answer.x is None:
        msg = f"the siting problem has no answer: {answer.message}"
        raise LayerError(msg)
    bound = getattr(answer, "mip_dual_bound", None)
    return _Found(answer.x, float(answer.fun if bound is None else bound))


def _positions(locked: IntArray | None) -> IntArray:
    """Return the positions of locked sites, none for None."""
    return np.empty(0, dtype=np.intp) if locked is None else np.asarray(locked)


def _insist(count: int) -> None:
    """Refuse to open fewer than no sites."""
    if count < 0:
        msg = f"count is {count}; open 0 sites or more"
        raise LayerError(msg)
