"""Few moves: placing more people while sending only a few groups elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["place_with_few_moves"]


def place_with_few_moves(
    costs: FloatArray,
    people: FloatArray,
    room: FloatArray,
    *,
    shelter: IntArray,
    held: NDArray[np.bool_],
    before: IntArray,
    budget: int,
) -> IntArray:
    """Place groups that have no shelter by sending a few others elsewhere.

    The largest group left over is placed first, in the nearest shelter where
    others that can go elsewhere make enough room; each of those that stood in
    the plan before uses up a move, and no more than `budget` are used.

    Parameters
    ----------
    costs
        Groups by shelters; inf where a group cannot go.
    people, room
        People of the groups and of the shelters.
    shelter
        Where each group is sent now, -1 for nowhere.
    held
        Groups that nobody may send elsewhere.
    before
        Where the plan in force sends each group, -1 for nowhere.
    budget
        How many groups of that plan may move.

    Returns
    -------
    numpy.ndarray
        The shelter of each group; nobody who had one has none.
    """
    now = shelter.copy()
    placed = now >= 0
    left = room - np.bincount(now[placed], people[placed], minlength=len(room))
    waiting = np.flatnonzero((now < 0) & np.isfinite(costs).any(axis=1))
    for group in waiting[np.argsort(-people[waiting], kind="stable")]:
        for there in np.argsort(costs[group], kind="stable"):
            if not np.isfinite(costs[group, there]):
                break
            moves = _make_room(
                costs, people, left,
                now=now, there=int(there), need=people[group] - left[there], held=held,
            )  # fmt: skip
            spent = sum(before[one] >= 0 and before[one] == there for one, _ in moves)
            if moves is _NO_WAY or spent > budget:
                continue
            for one, other in [*moves, (int(group), int(there))]:
                if now[one] >= 0:
                    left[now[one]] += people[one]
                now[one] = other
                left[other] -= people[one]
            budget -= spent
            break
    return now


_NO_WAY: list[tuple[int, int]] = [(-1, -1)]


def _make_room(
    costs: FloatArray,
    people: FloatArray,
    left: FloatArray,
    *,
    now: IntArray,
    there: int,
    need: float,
    held: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Return who of a shelter goes where so that `need` beds come free.

    One group that suffices, the smallest such; else the largest first.
    """
    if need <= 0:
        return []
    spare = left.copy()
    spare[there] = -1.0
    inside = np.flatnonzero((now == there) & ~held & (people > 0))
    inside = inside[np.argsort(people[inside], kind="stable")]
    enough = [one for one in inside.tolist() if people[one] >= need]
    moves: list[tuple[int, int]] = []
    for one in [*enough, *inside.tolist()[::-1]]:
        if need <= 0:
            break
        fits = np.where(spare >= people[one], costs[one], np.inf)
        other = int(fits.argmin())
        if np.isfinite(fits[other]) and one not in {moved for moved, _ in moves}:
            moves.append((one, other))
            spare[other] -= people[one]
            need -= people[one]
    return moves if need <= 0 else _NO_WAY
