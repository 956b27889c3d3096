"""Who goes to which shelter: wishes, pins, and small changes for small causes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.errors import PlanError, first_few
from riskmap.evacuation.assign import assign
from riskmap.evacuation.demand import needs_bed
from riskmap.evacuation.frames import records
from riskmap.evacuation.moves import place_with_few_moves
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.evacuation.assign import Assignment, Limits
    from riskmap.evacuation.case import Case
    from riskmap.evacuation.plan import Plan

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["Preference", "Wishes", "choose", "pins", "usual_preference"]


@dataclass(frozen=True, slots=True)
class Preference:
    """What a planner would rather have than the shortest way, in minutes.

    Parameters
    ----------
    other_village_min
        A shelter of another village counts as so many minutes farther.
    other_township_min
        One of another township, as so many.
    unsuitable_min
        One that does not suit people with special needs, as so many for each
        of them.
    """

    other_village_min: float
    other_township_min: float
    unsuitable_min: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """What the planner wants of the choice.

    Parameters
    ----------
    preference
        What counts as farther.
    fixed
        As `pins` returns it.
    previous
        The plan in force; None = none.
    max_moves
        How many of its groups may be sent elsewhere.
    limits
        When the exact solver stops.
    """

    preference: Preference
    fixed: IntArray
    previous: Plan | None
    max_moves: int
    limits: Limits | None


def usual_preference(rules: Mapping[str, Any]) -> Preference:
    """Return the preference of ``rules.toml``.

    Parameters
    ----------
    rules
        Its tables.

    Returns
    -------
    Preference
        Minutes.
    """
    return Preference(
        float(rules["preference"]["other_village_min"]),
        float(rules["preference"]["other_township_min"]),
        float(rules["special_needs"]["unsuitable_min"]),
    )


def choose(case: Case, wishes: Wishes) -> Assignment:
    """Choose a shelter for each group that needs one and can set out.

    Parameters
    ----------
    case
        What the plan is made of.
    wishes
        What the planner wants.

    Returns
    -------
    Assignment
        The best plan; with a plan in force, the one that places most people among
        those found that move no more than ``max_moves`` of its groups.
    """
    costs, people, room = _weighed(case, wishes.preference)
    fixed, limits = wishes.fixed, wishes.limits
    best = assign(costs, people, room, pinned=fixed, limits=limits)
    if wishes.previous is None:
        return best
    kept = _as_before(case, fixed, wishes.previous)
    same = assign(costs, people, room, pinned=kept, limits=limits)
    if best.placed_people <= same.placed_people:
        return same
    if int(((kept >= 0) & (best.shelter != kept)).sum()) <= wishes.max_moves:
        return best
    shelter = place_with_few_moves(
        costs, people, room,
        shelter=same.shelter, held=fixed >= 0, before=kept, budget=wishes.max_moves,
    )  # fmt: skip
    placed = shelter >= 0
    cost = float(costs[np.flatnonzero(placed), shelter[placed]].sum())
    return replace(
        same, shelter=shelter, cost=cost, bound=0.0,
        placed_people=int(people[placed].sum()), most_people=best.most_people,
    )  # fmt: skip


def _weighed(case: Case, wish: Preference) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the cost of each pair, the people, and the room."""
    known = np.isfinite(case.people) & (case.ways.access == Reason.OK)
    wants = needs_bed(case.groups) & known
    people = np.nan_to_num(case.people)
    minutes = case.ways.minutes + _farther(case.groups, case.shelters, wish)
    minutes = np.where(case.ways.minutes <= case.limit_min, minutes, np.inf)
    room = np.nan_to_num(case.room)
    minutes = np.where(room > 0, minutes, np.inf)
    costs = np.where(wants[:, None], minutes * np.maximum(people, 1)[:, None], np.inf)
    unfit = case.suitable == False  # noqa: E712 - None is neither
    return costs + np.outer(case.special * wish.unsuitable_min, unfit), people, room


def _farther(
    groups: pd.DataFrame, shelters: pd.DataFrame, wish: Preference
) -> FloatArray:
    """Return the minutes by which a shelter elsewhere counts as farther.

    A village or township that is not known counts as elsewhere.
    """
    own = _same(groups["village_code"], shelters["village_code"])
    near = _same(groups["township_code"], shelters["township_code"])
    return np.where(
        own, 0.0, np.where(near, wish.other_village_min, wish.other_township_min)
    )


def _same(first: pd.Series, second: pd.Series) -> NDArray[np.bool_]:
    """Return where two columns of codes agree, row by row; null agrees never."""
    one, other = first.to_numpy(object), second.to_numpy(object)
    known = first.notna().to_numpy()[:, None] & second.notna().to_numpy()
    return np.asarray((one[:, None] == other) & known, dtype=bool)


def pins(
    case: Case, pinned: Mapping[str, str] | None, official: pd.DataFrame
) -> IntArray:
    """Return the shelter each group is bound to: by the planner, or officially.

    An official route binds only where it is open, ends at a shelter with room,
    and the group can set out; the planner's word comes first.

    Parameters
    ----------
    case
        What the plan is made of.
    pinned
        ``group_id`` to ``shelter_id``.
    official
        As `riskmap.evacuation.official.official_routes` returns them.

    Returns
    -------
    numpy.ndarray
        For each group the position of its shelter, -1 for none.

    Raises
    ------
    PlanError
        If a pinned id is in no layer.
    """
    fixed = np.full(len(case.groups), -1, dtype=np.int64)
    place = {code: row for row, code in enumerate(case.shelters["shelter_id"])}
    row_of = {code: row for row, code in enumerate(case.groups["group_id"])}
    wanted = dict(pinned or {})
    strange = [g for g in wanted if g not in row_of]
    strange += [s for s in wanted.values() if s not in place]
    if strange:
        msg = f"{len(strange)} pinned ids are in no layer: {first_few(strange)}"
        raise PlanError(msg)
    for group, shelter in wanted.items():
        fixed[row_of[group]] = place[shelter]
    room = np.nan_to_num(case.room)
    bound = np.flatnonzero(fixed >= 0)
    np.subtract.at(room, fixed[bound], np.nan_to_num(case.people[bound]))
    for route in records(official.loc[official["replaced"].isna()]):
        row, there = int(route.group), int(route.shelter)
        fits = case.people[row] <= room[there]
        in_time = case.ways.minutes[row, there] <= case.limit_min
        if fixed[row] < 0 and fits and in_time:
            fixed[row] = there
            room[there] -= case.people[row]
    return fixed


def _as_before(case: Case, fixed: IntArray, previous: Plan) -> IntArray:
    """Bind the groups of a plan to where it sends them, as far as they can go."""
    place = {code: row for row, code in enumerate(case.shelters["shelter_id"])}
    sent = previous.assignments.dropna(subset="shelter_id")
    before = dict(zip(sent["group_id"], sent["shelter_id"], strict=True))
    kept, room = fixed.copy(), np.nan_to_num(case.room)
    bound = np.flatnonzero(fixed >= 0)
    np.subtract.at(room, fixed[bound], np.nan_to_num(case.people[bound]))
    ready = needs_bed(case.groups) & (case.ways.access == Reason.OK)
    for row in np.flatnonzero((fixed < 0) & ready):
        there = place.get(before.get(case.groups["group_id"].iloc[row]), -1)
        if there < 0 or not case.people[row] <= room[there]:
            continue
        if case.ways.minutes[row, there] <= case.limit_min:
            kept[row] = there
            room[there] -= case.people[row]
    return kept
