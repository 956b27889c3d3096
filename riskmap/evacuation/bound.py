"""What no plan can undercut: a bound over all pairs, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["Relaxed", "priced_bound"]

_NEAREST = 12
_MORE = 4
_ROUNDS = 12
_CLOSE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """What the relaxation, in which groups may be split, tells.

    Parameters
    ----------
    bound
        Cost and prices of any plan are no less.
    room_price
        What one more place in each shelter would save.
    """

    bound: float
    room_price: FloatArray


def priced_bound(
    costs: FloatArray, people: IntArray, capacity: FloatArray, *, price: float
) -> Relaxed:
    """Return a bound of the cost of any plan, a price paid for who is unplaced.

    The relaxation, in which groups may be split, is solved over the nearest
    shelters of each group; its prices of room make a bound over all of them,
    and the pairs that it finds too dear to miss are added until both agree.

    Parameters
    ----------
    costs
        Groups by shelters; inf where a group cannot go.
    people
        People of each group.
    capacity
        Room of each shelter.
    price
        The cost of a person who stays unplaced.

    Returns
    -------
    Relaxed
        The bound, and the prices of room that prove it.
    """
    shelters = costs.shape[1]
    unplaced = people.astype(float) * price
    most = min(_NEAREST, shelters)
    near = np.argpartition(costs, most - 1, axis=1)[:, :most]
    chosen = np.zeros(costs.shape, dtype=bool)
    np.put_along_axis(chosen, near, values=True, axis=1)
    chosen &= np.isfinite(costs)
    best = Relaxed(0.0, np.zeros(shelters))
    for _ in range(_ROUNDS):
        group, shelter = np.nonzero(chosen)
        value, room_price = _relaxed(
            costs[group, shelter], people, capacity, group, shelter=shelter,
            unplaced=unplaced,
        )  # fmt: skip
        if room_price is None:
            break
        reduced = costs + people[:, None] * room_price
        cheapest = np.minimum(reduced.min(axis=1), unplaced)
        proven = float(cheapest.sum() - room_price @ capacity)
        if proven > best.bound:
            best = Relaxed(proven, room_price)
        if value - best.bound <= _CLOSE * max(value, 1.0):
            break
        add = min(_MORE, shelters)
        more = np.argpartition(reduced, add - 1, axis=1)[:, :add]
        new = np.zeros_like(chosen)
        np.put_along_axis(new, more, values=True, axis=1)
        grown = chosen | (new & np.isfinite(costs))
        if (grown == chosen).all():
            break
        chosen = grown
    return best


def _relaxed(  # noqa: PLR0917
    costs: FloatArray,
    people: IntArray,
    capacity: FloatArray,
    group: IntArray,
    *,
    shelter: IntArray,
    unplaced: FloatArray,
) -> tuple[float, FloatArray | None]:
    """Solve the relaxation over some pairs: its value, and a price of room."""
    pairs, groups = group.size, people.size
    each = np.arange(pairs)
    choices: Any = sparse.csr_array(
        (np.ones(pairs), (group, each)), shape=(groups, pairs)
    )
    load: Any = sparse.csr_array(
        (people[group].astype(float), (shelter, each)), shape=(capacity.size, pairs)
    )
    none: Any = sparse.csr_array((capacity.size, groups))
    rows: Any = sparse.hstack([load, none]).tocsr()
    once: Any = sparse.hstack([choices, sparse.eye_array(groups)]).tocsr()
    found = linprog(
        np.r_[costs, unplaced],
        A_ub=rows,
        b_ub=capacity,
        A_eq=once,
        b_eq=np.ones(groups),
        bounds=(0.0, np.inf),
        method="highs",
    )
    if found.status != 0 or found.fun is None:
        return 0.0, None
    return float(found.fun), -np.asarray(found.ineqlin.marginals, dtype=float)
