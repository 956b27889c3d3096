"""Choice and routes made to agree with the clock: queues, and roads that close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from riskmap.evacuation.choose import choose
from riskmap.evacuation.crowd import queues, road_widths
from riskmap.evacuation.routes import plan_routes
from riskmap.evacuation.ways import find_ways

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.evacuation.assign import Assignment
    from riskmap.evacuation.case import Case
    from riskmap.evacuation.choose import Wishes
    from riskmap.evacuation.crowd import Queues
    from riskmap.evacuation.routes import Journeys

    BoolArray = NDArray[np.bool_]

__all__ = ["Settled", "settle"]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Who goes where, by which way, and who would be too late.

    Parameters
    ----------
    case
        What the plan is made of.
    chosen
        Who goes where.
    journeys
        By which way.
    crowd
        Who waits how long.
    late
        Groups that have a way, but not in time.
    """

    case: Case
    chosen: Assignment
    journeys: Journeys
    crowd: Queues
    late: BoolArray


def settle(
    case: Case, wishes: Wishes, *, official: pd.DataFrame, roads: pd.DataFrame | None
) -> Settled:
    """Choose shelters and routes that hold on the clock.

    Who would be too late for a road that closes takes roads that never do, and
    whom the queues on the way make late has no place in the plan.

    Parameters
    ----------
    case
        What the plan is made of.
    wishes
        What the planner wants.
    official
        As `riskmap.evacuation.official.official_routes` returns them.
    roads
        ``road_id`` and ``width_m``; None = no width is known.

    Returns
    -------
    Settled
        In the order of the groups.
    """
    nobody = np.zeros(len(case.groups), dtype=bool)
    chosen = choose(case, wishes)
    journeys = plan_routes(case, chosen.shelter, official=official, waits=nobody)
    hurried = _too_late_for_roads(journeys, nobody)
    if hurried.any():
        case = _by_lasting_roads(case, hurried)
        gone = official["group"].isin(np.flatnonzero(hurried))
        official = official[~gone]
        fixed = np.where(hurried, -1, wishes.fixed)
        chosen = choose(case, replace(wishes, fixed=fixed))
        journeys = plan_routes(case, chosen.shelter, official=official, waits=hurried)
    crowd = _crowd(case, journeys, roads)
    late = hurried & (chosen.shelter < 0) & np.isnan(case.ways.minutes).all(axis=1)
    slow = _slow(case, chosen, journeys, crowd=crowd)
    if slow.any():
        chosen = _without(case, chosen, slow)
        journeys = plan_routes(case, chosen.shelter, official=official, waits=hurried)
        crowd = _crowd(case, journeys, roads)
    return Settled(case, chosen, journeys, crowd, late | slow)


def _too_late_for_roads(journeys: Journeys, nobody: BoolArray) -> BoolArray:
    """Return the groups whose way closes before they are through."""
    late = nobody.copy()
    table = journeys.checked
    late[table.loc[~table["in_time"], "group"].to_numpy(np.int64)] = True
    return late


def _by_lasting_roads(case: Case, hurried: BoolArray) -> Case:
    """Return the case in which some groups count on roads that never close."""
    if case.hourly is None:
        return case
    rest = find_ways(case.hourly.network, case.groups[hurried], case.shelters)
    minutes = case.ways.minutes.copy()
    minutes[hurried] = rest.minutes
    return replace(case, ways=replace(case.ways, minutes=minutes))


def _crowd(case: Case, journeys: Journeys, roads: pd.DataFrame | None) -> Queues:
    """Return the queues on the primary routes."""
    network = case.network
    return queues(
        journeys.used,
        case.people,
        edge_road=network.edge_road,
        widths=road_widths(network.roads, roads),
    )


def _slow(
    case: Case, chosen: Assignment, journeys: Journeys, *, crowd: Queues
) -> BoolArray:
    """Return the groups placed whose way and queue together take too long."""
    slow = np.zeros(len(case.groups), dtype=bool)
    first = journeys.routes[journeys.routes["rank"].eq(1)].set_index("group_id")
    way = first["time_min"].reindex(case.groups["group_id"]).to_numpy(float)
    placed = chosen.shelter >= 0
    slow[placed] = (way + crowd.minutes)[placed] > case.limit_min
    return slow


def _without(case: Case, chosen: Assignment, slow: BoolArray) -> Assignment:
    """Return the assignment without some groups; its bound holds no more."""
    shelter = np.where(slow, -1, chosen.shelter)
    people = np.nan_to_num(case.people)
    placed = int(people[shelter >= 0].sum())
    return replace(chosen, shelter=shelter, placed_people=placed, bound=0.0)
