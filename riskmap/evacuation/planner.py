"""From groups, shelters and a network to a plan: the one call of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.errors import PlanError, first_few
from riskmap.evacuation.assign import Assignment, Limits, assign
from riskmap.evacuation.case import Case, measure
from riskmap.evacuation.demand import needs_bed
from riskmap.evacuation.frames import records
from riskmap.evacuation.lead_time import LeadTime, moment_of, read_rules
from riskmap.evacuation.ledger import transfer_ledger
from riskmap.evacuation.official import official_routes
from riskmap.evacuation.plan import Plan
from riskmap.evacuation.routes import Journeys, plan_routes
from riskmap.evacuation.tables import assignment_table, shelter_table, summary_table
from riskmap.reasons import Reason
from riskmap.standards import is_assumed, shelter_profile

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.routing import Network

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["Preference", "plan_evacuation"]


@dataclass(frozen=True, slots=True)
class Preference:
    """What a planner would rather have than the shortest way, in minutes.

    Parameters
    ----------
    other_village_min
        A shelter of another village counts as so many minutes farther.
    other_township_min
        One of another township, as so many.
    """

    other_village_min: float
    other_township_min: float


def plan_evacuation(
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    zones: gpd.GeoDataFrame | None = None,
    planned_routes: gpd.GeoDataFrame | None = None,
    hazards: Collection[str] | None = None,
    arrives_at: str | datetime | None = None,
    as_of: str | date | datetime | None = None,
    max_time_min: float | None = None,
    pinned: Mapping[str, str] | None = None,
    previous: Plan | None = None,
    max_moves: int = 0,
    preference: Preference | None = None,
    limits: Limits | None = None,
    rules: str | Path | None = None,
    scenario: str = "default",
) -> Plan:
    """Send every group to the nearest safe shelter with room left, or say why not.

    Groups stay together. As many people as can be are placed, then with the
    fewest person-minutes along open roads, towards the shelter; shelters of
    the own village, then of the own township, count as nearer.

    Parameters
    ----------
    groups
        Points, any CRS: ``group_id``, ``people`` (null = unknown) and the
        other columns of the layer, as far as known.
    shelters
        Points in the same CRS: ``shelter_id``, ``declared_people`` or
        ``effective_area_m2``, ``village_code``.
    network
        From `riskmap.routing.build_network`. Roads inside `zones` are closed
        here unless `riskmap.routing.close_roads` did so already.
    zones
        Polygons of danger in the CRS of `groups`: a shelter inside takes
        nobody, and no route enters one that its group does not stand in.
    planned_routes
        Official routes (``planned_route_id``, ``group_id``, ``shelter_id`` or
        ``shelter_name``; lines in the CRS of `groups`): kept where open.
    hazards
        The hazards of the scenario, for shelters that are meant for some only.
    arrives_at
        When the hazard arrives, local time; None leaves ``departs_by`` null.
    as_of
        When the warning goes out at the earliest; with `arrives_at` it limits
        the ways. None sets no limit.
    max_time_min
        Minutes that no way may exceed; None sets no limit.
    pinned
        ``group_id`` to ``shelter_id``: where some groups must go.
    previous
        The plan in force: its groups stay where they are sent if they can.
    max_moves
        How many groups of `previous` may be sent elsewhere, if that places
        more people; if more would have to move, none does.
    preference
        None takes that of ``rules.toml``.
    limits
        When the exact solver stops.
    rules
        A file in place of ``rules.toml``.
    scenario
        The name of the scenario.

    Returns
    -------
    Plan
        One row for each group, in the CRS of `groups`.

    Raises
    ------
    LayerError
        If a column is missing, an id is missing or repeated, or people are
        negative.
    CrsError
        If the frames have no CRS, or different ones.
    PlanError
        If a pinned group or shelter is not there, or a moment cannot be read.
    """
    table = read_rules(rules)
    clock = LeadTime(
        moment_of(arrives_at, "arrives_at"), moment_of(as_of, "as_of"), table
    )
    case = measure(
        groups,
        shelters,
        network,
        zones=zones,
        hazards=hazards,
        clock=clock,
        max_time_min=max_time_min,
    )
    official = official_routes(
        planned_routes,
        case.groups,
        case.shelters,
        network=case.network,
        zones=zones,
    )
    _use_official_minutes(case, official)
    wish = preference or Preference(
        float(table["preference"]["other_village_min"]),
        float(table["preference"]["other_township_min"]),
    )
    fixed = _pins(case, pinned, official)
    chosen = _decide(case, wish, fixed=fixed, limits=limits)
    if previous is not None:
        kept = _as_before(case, fixed, previous)
        same = _decide(case, wish, fixed=kept, limits=limits)
        moved = int(((kept >= 0) & (chosen.shelter != kept)).sum())
        if moved > max_moves or chosen.placed_people <= same.placed_people:
            chosen = same
    journeys = plan_routes(
        case.network, case.groups, case.shelters,
        minutes=case.ways.minutes, shelter=chosen.shelter, room=case.room,
        official=official,
    )  # fmt: skip
    assumed = _assumed(clock, table, preference)
    return _plan(case, chosen, journeys, scenario=scenario, assumed=assumed)


def _use_official_minutes(case: Case, official: pd.DataFrame) -> None:
    """Count the ways that open official routes take by their own minutes."""
    for route in records(official.loc[official["replaced"].isna()]):
        case.ways.minutes[int(route.group), int(route.shelter)] = float(route.time_min)


def _decide(
    case: Case, wish: Preference, *, fixed: IntArray, limits: Limits | None
) -> Assignment:
    """Choose a shelter for each group that needs one and can set out."""
    known = np.isfinite(case.people) & (case.ways.access == Reason.OK)
    wants = needs_bed(case.groups) & known
    people = np.nan_to_num(case.people)
    minutes = case.ways.minutes + _farther(case.groups, case.shelters, wish)
    minutes = np.where(case.ways.minutes <= case.limit_min, minutes, np.inf)
    room = np.nan_to_num(case.room)
    minutes = np.where(room > 0, minutes, np.inf)
    costs = np.where(wants[:, None], minutes * np.maximum(people, 1)[:, None], np.inf)
    return assign(costs, people, room, pinned=fixed, limits=limits)


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


def _pins(
    case: Case, pinned: Mapping[str, str] | None, official: pd.DataFrame
) -> IntArray:
    """Return the shelter each group is bound to: by the planner, or officially.

    An official route binds only where it is open, ends at a shelter with room,
    and the group can set out; the planner's word comes first.
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


def _plan(
    case: Case,
    chosen: Assignment,
    journeys: Journeys,
    *,
    scenario: str,
    assumed: tuple[str, ...],
) -> Plan:
    """Put the frames together."""
    assignments = assignment_table(case, chosen.shelter, journeys)
    tables: dict[str, Any] = {
        "groups": case.groups,
        "assignments": assignments,
        "routes": journeys.routes,
        "route_legs": journeys.legs,
        "shelters": shelter_table(case, chosen.shelter),
        "closures": case.network.closures(crs=case.groups.crs),
        "ledger": transfer_ledger(case.groups, assignments),
        "summary": summary_table(case, chosen, assignments, assumed=assumed),
    }
    named = {}
    for key, frame in tables.items():
        labelled = frame.reset_index(drop=True)
        labelled.insert(0, "scenario", scenario)
        named[key] = labelled
    return Plan(**named, scenario=scenario, assumptions=assumed)


def _assumed(
    clock: LeadTime, table: Mapping[str, Any], preference: Preference | None
) -> tuple[str, ...]:
    """Return the codes of what was assumed, sorted."""
    codes = set(clock.assumptions)
    if preference is None and is_assumed(table["preference"]):
        codes.add("preference")
    if is_assumed(shelter_profile()):
        codes.add("shelters.m2_per_person")
    return tuple(sorted(codes))
