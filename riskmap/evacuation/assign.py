"""Whole groups to shelters with room: the pure core, on arrays.

Placing as many people as can be placed comes first; among the plans that do,
the one of least cost. What is not proven best is returned with its bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.errors import PlanError
from riskmap.evacuation.anneal import anneal
from riskmap.evacuation.bound import priced_bound
from riskmap.evacuation.exact import (
    Limits,
    Problem,
    most_people,
    place_most,
    place_nearest,
)
from riskmap.evacuation.greedy import place_by_regret
from riskmap.evacuation.whole import whole_groups_bound

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from riskmap.evacuation.bound import Relaxed

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["Assignment", "Limits", "assign"]

# Money and minutes are sums of floats: equal within this share is equal.
_SAME = 1e-9
# An unplaced person counts so many times the dearest way.
_DEAR = 3.0
# The search tries these shares of the changes allowed, one after the other, until
# a longer one betters the plan by less than the gap that may be left.
_SHARES = (1 / 64, 1 / 16, 1 / 4, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Which shelter takes each group, and how good that provably is.

    Parameters
    ----------
    shelter
        For each group the position of its shelter, -1 for none.
    cost
        The sum of the costs of the groups placed, opening costs included.
    bound
        No plan that places as many people costs less than this.
    placed_people
        People placed.
    most_people
        No plan places more people than this.
    """

    shelter: IntArray
    cost: float
    bound: float
    placed_people: int
    most_people: int

    @property
    def gap(self) -> float:
        """The share of the cost that might yet be saved; 0 is proven best."""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether no plan places more people, or as many at less cost."""
        return self.placed_people == self.most_people and self.gap <= _SAME


def assign(
    costs: ArrayLike,
    people: ArrayLike,
    capacity: ArrayLike,
    *,
    pinned: ArrayLike | None = None,
    opening: ArrayLike | None = None,
    limits: Limits | None = None,
) -> Assignment:
    """Assign whole groups to shelters: most people first, then least cost.

    Parameters
    ----------
    costs
        Groups by shelters: what it costs to send the whole group there, for
        example person-minutes; inf or NaN where it cannot go.
    people
        People of each group, whole numbers >= 0. Groups are never split.
    capacity
        People each shelter takes; NaN = unknown, and takes nobody.
    pinned
        For each group the position of the shelter it must go to, or -1. A
        group that cannot, or finds it full of other pinned ones, stays unplaced.
    opening
        What it costs to open each shelter; None = nothing.
    limits
        When the exact solver stops; by gap and nodes, never by time.

    Returns
    -------
    Assignment
        One position for each group. The same input gives the same answer.

    Raises
    ------
    PlanError
        If the arrays do not fit together, or people are negative.

    Examples
    --------
    >>> assign([[5, 9], [6, 30]], [20, 30], [30, 40]).shelter.tolist()
    [1, 0]
    """
    problem = _problem(costs, people, capacity, opening=opening)
    fixed = _pin(problem, pinned)
    free = np.flatnonzero(fixed < 0)
    if pinned is not None:
        free = np.flatnonzero((fixed < 0) & (np.asarray(pinned) < 0))
    rest = problem.without(fixed, free)
    shelter = fixed.copy()
    answer, bound, most = _solve(rest, limits or Limits())
    shelter[free] = answer
    fixed_cost = problem.cost_of(fixed)
    return Assignment(
        shelter=shelter,
        cost=problem.cost_of(shelter),
        bound=min(problem.cost_of(shelter), bound + fixed_cost),
        placed_people=int(problem.people[shelter >= 0].sum()),
        most_people=int(most + problem.people[fixed >= 0].sum()),
    )


def _problem(
    costs: ArrayLike,
    people: ArrayLike,
    capacity: ArrayLike,
    *,
    opening: ArrayLike | None,
) -> Problem:
    """Check the arrays, and read unknown as impossible or as no room."""
    cost = np.array(costs, dtype=float, ndmin=2)
    heads = np.asarray(people, dtype=float)
    room = np.nan_to_num(np.asarray(capacity, dtype=float), nan=0.0, posinf=1e12)
    if heads.size == 0 or room.size == 0:
        cost = cost.reshape(heads.size, room.size)
    if cost.shape != (heads.size, room.size):
        msg = (
            f"costs have shape {cost.shape}, but there are {heads.size} groups and "
            f"{room.size} shelters"
        )
        raise PlanError(msg)
    if not (np.isfinite(heads).all() and (heads >= 0).all()):
        bad = int((~(np.isfinite(heads) & (heads >= 0))).sum())
        msg = f"{bad} of {heads.size} groups have negative or unknown people"
        raise PlanError(msg)
    cost = np.where(np.isnan(cost) | (heads[:, None] > room), np.inf, cost)
    fees = np.zeros(room.size) if opening is None else np.asarray(opening, dtype=float)
    return Problem(cost, heads.astype(np.int64), room, fees)


def _pin(problem: Problem, pinned: ArrayLike | None) -> IntArray:
    """Return where the pinned groups go, in their order, while there is room."""
    fixed = np.full(problem.people.size, -1, dtype=np.int64)
    if pinned is None:
        return fixed
    wanted = np.asarray(pinned, dtype=np.int64)
    room = problem.capacity.copy()
    for group in np.flatnonzero(wanted >= 0):
        shelter = wanted[group]
        heads = problem.people[group]
        if np.isfinite(problem.costs[group, shelter]) and heads <= room[shelter]:
            fixed[group] = shelter
            room[shelter] -= heads
    return fixed


def _solve(problem: Problem, limits: Limits) -> tuple[IntArray, float, int]:
    """Return a plan, a bound of its cost and a bound of the people placed.

    Groups of nobody take no room: they go to their nearest, apart.
    """
    some = np.flatnonzero(problem.people > 0)
    answer = np.full(problem.people.size, -1, dtype=np.int64)
    if problem.costs.size:
        near = problem.costs.argmin(axis=1)
        can = np.isfinite(problem.costs[np.arange(near.size), near])
        answer = np.where(can, near, -1)
    rest = problem.without(np.full(answer.size, -1, dtype=np.int64), some)
    answer[some], bound, most = _solve_some(rest, limits)
    nobody = problem.cost_of(answer) - rest.cost_of(answer[some])
    return answer, bound + nobody, most


def _solve_some(problem: Problem, limits: Limits) -> tuple[IntArray, float, int]:
    """Solve for groups of at least one person: exactly where that is quick."""
    best = _nearest(problem)
    if best is not None:
        return best, problem.cost_of(best), problem.placeable
    start = place_by_regret(problem.costs, problem.people, problem.capacity)
    pairs = int(np.isfinite(problem.costs).sum())
    if pairs <= limits.exact_pairs or problem.opening.any():
        answer, most = place_most(problem, start, limits)
        return *place_nearest(problem, answer, limits), most
    return _search(problem, start, limits)


def _search(
    problem: Problem, start: IntArray, limits: Limits
) -> tuple[IntArray, float, int]:
    """Search where the exact solver would take too long, and state the gap."""
    finite = np.where(np.isfinite(problem.costs), problem.costs, 0.0)
    price = _DEAR * float((finite / problem.people[:, None]).max())
    relaxed = priced_bound(problem.costs, problem.people, problem.capacity, price=price)
    answer = _annealed(problem, start, relaxed, price=price, limits=limits)
    if _close(problem, answer, relaxed, gap=limits.gap):
        return answer, relaxed.bound, problem.placeable
    most = problem.placeable
    if problem.placed_people(answer) < most:
        most = most_people(problem)
    return answer, _bound(problem, answer, relaxed, price=price), most


def _annealed(
    problem: Problem,
    start: IntArray,
    relaxed: Relaxed,
    *,
    price: float,
    limits: Limits,
) -> IntArray:
    """Search longer and longer, until it is close or longer does not pay."""
    moves = min(limits.moves * problem.people.size, limits.most_moves)
    answer = start
    for share in _SHARES:
        found = anneal(
            problem.costs, problem.people, problem.capacity, start,
            price=price, room_price=relaxed.room_price, moves=int(share * moves),
        )  # fmt: skip
        before = problem.placed_people(answer), problem.cost_of(answer)
        after = problem.placed_people(found), problem.cost_of(found)
        if (-after[0], after[1]) < (-before[0], before[1]):
            answer = found
        idle = after[0] <= before[0] and after[1] > (1 - limits.gap) * before[1]
        if idle or _close(problem, answer, relaxed, gap=limits.gap):
            break
    return answer


def _close(problem: Problem, answer: IntArray, relaxed: Relaxed, *, gap: float) -> bool:
    """Tell whether a plan places everybody, within the gap that may be left."""
    everybody = problem.placed_people(answer) == int(problem.people.sum())
    return everybody and relaxed.bound >= (1 - gap) * problem.cost_of(answer)


def _bound(
    problem: Problem, answer: IntArray, relaxed: Relaxed, *, price: float
) -> float:
    """Return what no plan with no more people unplaced undercuts.

    Whatever the price of a person unplaced, cost and prices of any plan are no
    less than the relaxation's; where beds are short, the price that tells most
    is looked for.
    """
    unplaced = int(problem.people.sum()) - problem.placed_people(answer)
    parts = problem.costs, problem.people, problem.capacity
    tried = [(price, relaxed)]
    if unplaced:
        lower = [price * 0.5**step for step in range(1, 10)]
        tried += [(one, priced_bound(*parts, price=one)) for one in lower]
    best, told = max(tried, key=lambda one: one[1].bound - one[0] * unplaced)
    whole = whole_groups_bound(
        *parts, price=best, room_price=told.room_price,
        reached=problem.cost_of(answer) + best * unplaced,
    )  # fmt: skip
    return max(0.0, told.bound - best * unplaced, whole - best * unplaced)


def _nearest(problem: Problem) -> IntArray | None:
    """Return everyone's cheapest shelter, if all have room there."""
    if not problem.costs.size:
        return np.full(problem.people.size, -1, dtype=np.int64)
    if problem.opening.any():
        return None
    first = problem.costs.argmin(axis=1)
    can = np.isfinite(problem.costs[np.arange(first.size), first])
    load = np.bincount(
        first[can], problem.people[can].astype(float), minlength=problem.capacity.size
    )
    if (load > problem.capacity).any():
        return None
    return np.where(can, first, -1)
