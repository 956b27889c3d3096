"""Which tables stand beside each kind of map, in the order of their importance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.publish import compose_tables as tables
from riskmap.publish.compose_early import warned
from riskmap.publish.compose_hazards import hazard_table
from riskmap.publish.compose_legs import legs_table, steps_table
from riskmap.publish.compose_unplaced import unplaced_table

if TYPE_CHECKING:
    from riskmap.publish.scene import Scene
    from riskmap.publish.spec import Table

__all__ = ["risk_tables", "route_tables", "situation_tables"]


def risk_tables(scene: Scene) -> list[Table]:
    """Make the tables of a risk map: every danger comes first.

    Parameters
    ----------
    scene
        The place and its frames.

    Returns
    -------
    list of Table
        Dangers, duties, signals and emergency numbers.
    """
    place, frames = scene.place, scene.frames
    return [
        hazard_table(place, frames),
        tables.duty_table(place, frames),
        tables.signal_table(),
        tables.emergency_table(place, frames),
    ]


def route_tables(scene: Scene) -> list[Table]:
    """Make the tables of a route map: who goes where comes first.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    list of Table
        Transfers, shelters, duties, signals, emergency numbers, and the ways.
    """
    place, frames = scene.place, scene.frames
    unplaced = unplaced_table(scene)
    made = [
        *_transfers(scene),
        *([] if unplaced is None else [unplaced]),
        tables.shelter_table(scene),
        tables.duty_table(place, frames),
        tables.signal_table(),
        tables.emergency_table(place, frames),
        *_legs(scene),
        *_ways(scene),
    ]
    return warned(made, scene)


def situation_tables(scene: Scene) -> list[Table]:
    """Make the tables of a situation map: whom, where to, by whom, with what.

    Parameters
    ----------
    scene
        The place, its frames and its plan, if there is one.

    Returns
    -------
    list of Table
        Transfers, duties, shelters, signals, forces, dangers and emergency
        numbers, and the ways.
    """
    place, frames = scene.place, scene.frames
    teams = tables.team_table(place, frames)
    unplaced = unplaced_table(scene)
    made = [
        *_transfers(scene),
        *([] if unplaced is None else [unplaced]),
        tables.duty_table(place, frames),
        tables.shelter_table(scene),
        tables.signal_table(),
        *([teams] if teams is not None else []),
        hazard_table(place, frames),
        tables.emergency_table(place, frames),
        *_ways(scene),
    ]
    return warned(made, scene)


def _transfers(scene: Scene) -> list[Table]:
    """Make the transfer table, where there is a plan."""
    villages = scene.place.level == "township"
    if scene.plan is None:
        return []
    return [tables.transfer_table(scene.found, villages=villages)]


def _legs(scene: Scene) -> list[Table]:
    """Lay the routes out road by road, where the plan says so."""
    legs = getattr(scene.plan, "route_legs", None)
    if scene.plan is None or legs is None or legs.empty:
        return []
    ids = {one.group_id for one in scene.found}
    return [legs_table(scene.plan.routes, legs, ids)]


def _ways(scene: Scene) -> list[Table]:
    """Put the ways into words, to the shelter and to the backup place."""
    legs = getattr(scene.plan, "route_legs", None)
    if scene.plan is None or legs is None or legs.empty:
        return []
    routes = scene.plan.routes
    backup = steps_table(scene.found, routes, legs, backup=True)
    first = steps_table(scene.found, routes, legs)
    return [first, *([backup] if len(backup.frame) else [])]
