"""Where to open sites: set cover and maximal cover, exact by HiGHS.

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

from riskmap.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = [
    "Location",
    "fewest_units",
    "insist",
    "maximal_cover",
    "positions",
    "set_cover",
    "solve",
]

_NODE_LIMIT = 1_000_000


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
    lower[positions(locked)] = 1
    able = np.flatnonzero(reached.any(axis=1))
    if not len(able):
        opened = np.flatnonzero(lower)
        return Location(opened, len(opened), len(opened), np.arange(len(reached)))
    rows = sparse.csr_array(reached[able].astype(float))
    found = solve(np.ones(size), [LinearConstraint(rows, lb=1)], lower=lower)
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
    found = solve(
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
    lower[positions(locked)] = 1
    insist(count)
    if not reached.any():
        none = np.flatnonzero(lower[:size])
        return Location(none, 0.0, 0.0, np.arange(demand))
    cost = np.r_[np.zeros(size), -np.asarray(weight, dtype=float)]
    link = sparse.hstack([sparse.csr_array(reached.astype(float)), -sparse.eye(demand)])
    budget = np.r_[np.ones(size), np.zeros(demand)][None, :]
    limits = [
        LinearConstraint(sparse.csr_array(link), lb=0),
        LinearConstraint(budget, ub=lower[:size].sum() + count),
    ]
    found = solve(cost, limits, lower=lower, whole=size)
    opened = np.flatnonzero(found.x[:size] > 0.5)  # noqa: PLR2004
    served = reached[:, opened].any(axis=1)
    value = float(np.asarray(weight)[served].sum())
    return Location(opened, value, -found.bound, np.flatnonzero(~served))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A solution of HiGHS.

    Attributes
    ----------
    x
        The variables.
    bound
        No solution costs less.
    """

    x: FloatArray
    bound: float


def solve(
    cost: FloatArray,
    limits: list[LinearConstraint],
    *,
    lower: FloatArray,
    upper: FloatArray | float = 1.0,
    whole: int | None = None,
) -> Found:
    """Solve a linear program, some of whose variables are whole.

    Parameters
    ----------
    cost
        Of each variable; the sum is made least.
    limits
        What the variables must satisfy.
    lower, upper
        Bounds of each variable.
    whole
        So many of the first variables are whole; None takes all.

    Returns
    -------
    Found
        The variables and the bound.

    Raises
    ------
    LayerError
        If nothing satisfies the limits.
    """
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
    return Found(answer.x, float(answer.fun if bound is None else bound))


def positions(locked: IntArray | None) -> IntArray:
    """Return the positions of locked sites.

    Parameters
    ----------
    locked
        Positions; None stands for none.

    Returns
    -------
    numpy.ndarray
        Whole numbers.
    """
    return np.empty(0, dtype=np.intp) if locked is None else np.asarray(locked)


def insist(count: int) -> None:
    """Refuse to open fewer than no sites.

    Parameters
    ----------
    count
        How many are to be opened.

    Raises
    ------
    LayerError
        If it is negative.
    """
    if count < 0:
        msg = f"count is {count}; open 0 sites or more"
        raise LayerError(msg)
