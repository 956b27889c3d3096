"""The assignment as an integer programme, solved by HiGHS.

Two programmes, one after the other: the most people that can be placed, then
the least cost at which they can. Both return what they found and what nobody
can beat; the solver stops by gap and by nodes, so that the same input gives
the same answer on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["Limits", "Problem", "most_people", "place_most", "place_nearest"]

_TOLERANCE = 1e-6
_PROVEN_PAIRS = 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How far to look for the best plan; never a matter of time.

    Parameters
    ----------
    exact_pairs
        Up to so many pairs of group and shelter the exact solver plans; beyond,
        a plan is searched for, and its gap stated.
    gap
        The share of the cost that the exact solver may leave unproven from
        1,000 pairs on; fewer, or shelters that cost to open, are proven best.
        The search stops where it is within this share, or where four times the
        changes bettered the plan by less.
    nodes
        Its branch-and-bound nodes at most, in each programme.
    moves, most_moves
        How many changes the search tries for each group, and in all.
    """

    exact_pairs: int = 4_000
    gap: float = 0.005
    nodes: int = 2_000
    moves: int = 80_000
    most_moves: int = 160_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Costs (inf = cannot), people, room and opening costs, as arrays."""

    costs: FloatArray
    people: IntArray
    capacity: FloatArray
    opening: FloatArray

    @property
    def placeable(self) -> int:
        """People of the groups that have any shelter at all."""
        can = np.isfinite(self.costs).any(axis=1)
        return int(self.people[can].sum())

    def cost_of(self, shelter: IntArray) -> float:
        """Return what a plan costs, opening costs included."""
        placed = np.flatnonzero(shelter >= 0)
        used = np.unique(shelter[placed])
        pairs = self.costs[placed, shelter[placed]]
        return float(pairs.sum() + self.opening[used].sum())

    def without(self, fixed: IntArray, free: IntArray) -> Problem:
        """Return what is left to decide once some groups are placed."""
        taken = fixed[fixed >= 0]
        load = np.bincount(
            taken,
            self.people[fixed >= 0].astype(float),
            minlength=self.capacity.size,
        )
        room = self.capacity - load
        opening = self.opening.copy()
        opening[taken] = 0.0
        costs = np.where(self.people[free, None] > room, np.inf, self.costs[free])
        return Problem(costs, self.people[free], room, opening)

    def placed_people(self, shelter: IntArray) -> int:
        """Return how many people a plan places."""
        return int(self.people[shelter >= 0].sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Programme:
    """The pairs that may be chosen, and the rows of the integer programme."""

    problem: Problem
    group: IntArray
    shelter: IntArray

    @property
    def pairs(self) -> int:
        return int(self.group.size)

    def rows(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return one row a group (its choices) and one a shelter (its load)."""
        each = np.arange(self.pairs)
        ones = np.ones(self.pairs)
        heads = self.problem.people[self.group].astype(float)
        groups, shelters = self.problem.costs.shape
        choices = sparse.csr_array(
            (ones, (self.group, each)), shape=(groups, self.pairs)
        )
        load = sparse.csr_array(
            (heads, (self.shelter, each)), shape=(shelters, self.pairs)
        )
        return choices, load

    def plan(self, values: FloatArray) -> IntArray:
        """Read a plan out of the values of the pairs."""
        answer = np.full(self.problem.people.size, -1, dtype=np.int64)
        chosen = np.flatnonzero(values[: self.pairs] > 0.5)  # noqa: PLR2004
        answer[self.group[chosen]] = self.shelter[chosen]
        return answer


def place_most(
    problem: Problem, start: IntArray, limits: Limits
) -> tuple[IntArray, int]:
    """Place as many people as there is room for.

    Parameters
    ----------
    problem
        What is to be decided.
    start
        A plan to be bettered.
    limits
        When to stop.

    Returns
    -------
    tuple
        A plan that places no fewer people than `start`, and a number that no
        plan exceeds.
    """
    have, most = problem.placed_people(start), problem.placeable
    if have < most:
        most = most_people(problem)
    if have == most:
        return start, most
    programme = _all_pairs(problem)
    choices, load = programme.rows()
    heads = problem.people[programme.group].astype(float)
    rows = [
        LinearConstraint(choices, -np.inf, 1.0),
        LinearConstraint(load, -np.inf, problem.capacity),
    ]
    found = milp(
        -heads,
        integrality=np.ones(programme.pairs, dtype=np.int8),
        bounds=Bounds(0.0, 1.0),
        constraints=rows,
        options={"mip_rel_gap": 0.0, "node_limit": limits.nodes},
    )
    if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        most = min(most, int(np.floor(-found.mip_dual_bound + _TOLERANCE)))
    better = start if found.x is None else programme.plan(found.x)
    if problem.placed_people(better) < have or not _keeps_room(problem, better):
        better = start
    return better, max(most, problem.placed_people(better))


def place_nearest(
    problem: Problem, start: IntArray, limits: Limits
) -> tuple[IntArray, float]:
    """Place as many people as `start` does, at the least cost.

    Parameters
    ----------
    problem
        What is to be decided.
    start
        A plan to be bettered.
    limits
        When to stop.

    Returns
    -------
    tuple
        A plan that costs no more than `start` and places no fewer people, and
        a cost that no such plan undercuts.
    """
    everyone = problem.placed_people(start) == problem.placeable
    programme = _all_pairs(problem)
    if not programme.pairs:
        return start, 0.0
    bound = 0.0
    proven = programme.pairs <= _PROVEN_PAIRS or problem.opening.any()
    gap = 0.0 if proven else limits.gap
    rows = _cost_rows(programme, start, everyone=everyone)
    shelters = problem.capacity.size
    found = milp(
        np.r_[problem.costs[programme.group, programme.shelter], problem.opening],
        integrality=np.ones(programme.pairs + shelters, dtype=np.int8),
        bounds=Bounds(0.0, 1.0),
        constraints=rows,
        options={"mip_rel_gap": gap, "node_limit": limits.nodes},
    )
    if found.mip_dual_bound is not None:
        bound = max(bound, float(found.mip_dual_bound))
    better = start if found.x is None else programme.plan(found.x)
    worse = problem.placed_people(better) < problem.placed_people(start)
    if worse or not _keeps_room(problem, better):
        better = start
    if problem.cost_of(better) > problem.cost_of(start):
        better = start
    if found.status == 0 and gap == 0.0:
        bound = problem.cost_of(better)
    return better, min(bound, problem.cost_of(better))


def _all_pairs(problem: Problem) -> _Programme:
    """Return every pair of group and shelter that is possible."""
    group, shelter = np.nonzero(np.isfinite(problem.costs))
    return _Programme(problem, group.astype(np.int64), shelter.astype(np.int64))


def _cost_rows(
    programme: _Programme, start: IntArray, *, everyone: bool
) -> list[LinearConstraint]:
    """Return the rows of the second programme: choices, load, opening, people."""
    problem = programme.problem
    choices, load = programme.rows()
    groups, shelters = problem.costs.shape
    can = np.bincount(programme.group, minlength=groups) > 0
    least = np.where(can & everyone, 1.0, 0.0)
    empty = sparse.csr_array((groups, shelters))
    rows = [
        LinearConstraint(sparse.hstack([choices, empty]), least, 1.0),
        LinearConstraint(
            sparse.hstack([load, -sparse.diags_array(problem.capacity)]), -np.inf, 0.0
        ),
    ]
    if problem.opening.any():
        each = np.arange(programme.pairs)
        minus = sparse.csr_array(
            (-np.ones(programme.pairs), (each, programme.shelter)),
            shape=(programme.pairs, shelters),
        )
        one = sparse.hstack([sparse.eye_array(programme.pairs), minus])
        rows.append(LinearConstraint(one, -np.inf, 0.0))
    if not everyone:
        heads = problem.people[programme.group].astype(float)
        row = sparse.csr_array(np.r_[heads, np.zeros(shelters)][None, :])
        rows.append(LinearConstraint(row, problem.placed_people(start), np.inf))
    return rows


def most_people(problem: Problem) -> int:
    """Return how many people could be placed if groups could be split.

    Parameters
    ----------
    problem
        What is to be decided.

    Returns
    -------
    int
        No plan places more.
    """
    programme = _all_pairs(problem)
    if not programme.pairs:
        return 0
    choices, load = programme.rows()
    rows: Any = sparse.vstack([choices, load]).tocsr()
    found = linprog(
        -problem.people[programme.group].astype(float),
        A_ub=rows,
        b_ub=np.r_[np.ones(problem.people.size), problem.capacity],
        bounds=(0.0, np.inf),
        method="highs",
    )
    if found.status != 0 or found.fun is None:
        return problem.placeable
    return min(problem.placeable, int(np.floor(-found.fun + _TOLERANCE)))


def _keeps_room(problem: Problem, shelter: IntArray) -> bool:
    """Tell whether no shelter takes more people than it has room for."""
    placed = shelter >= 0
    load = np.bincount(
        shelter[placed],
        problem.people[placed].astype(float),
        minlength=problem.capacity.size,
    )
    return bool((load <= problem.capacity).all())
