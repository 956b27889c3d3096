"""From groups, shelters and a network to a plan: the one call of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.evacuation.case import measure
from riskmap.evacuation.choose import Wishes, pins, usual_preference
from riskmap.evacuation.frames import records
from riskmap.evacuation.gather import Extras, assumed_codes, plan_of
from riskmap.evacuation.lead_time import LeadTime, moment_of, read_rules
from riskmap.evacuation.levels import read_levels, split_by_level
from riskmap.evacuation.official import official_routes
from riskmap.evacuation.settle import settle

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from riskmap.evacuation.assign import Limits
    from riskmap.evacuation.case import Case
    from riskmap.evacuation.choose import Preference
    from riskmap.evacuation.levels import ResponseLevels
    from riskmap.evacuation.plan import Plan
    from riskmap.routing import Network

__all__ = ["plan_evacuation"]


def plan_evacuation(
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    zones: gpd.GeoDataFrame | None = None,
    closing: gpd.GeoDataFrame | None = None,
    level: str | None = None,
    levels: ResponseLevels | None = None,
    planned_routes: gpd.GeoDataFrame | None = None,
    hazards: Collection[str] | None = None,
    arrives_at: str | datetime | None = None,
    as_of: str | date | datetime | None = None,
    max_time_min: float | None = None,
    pinned: Mapping[str, str] | None = None,
    previous: Plan | None = None,
    max_moves: int = 0,
    preference: Preference | None = None,
    vehicles: pd.DataFrame | None = None,
    drive: Network | None = None,
    landing_zones: gpd.GeoDataFrame | None = None,
    assembly_points: gpd.GeoDataFrame | None = None,
    roads: pd.DataFrame | None = None,
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
        other columns of the layer, as far as known; or from `derive_groups`.
    shelters
        Points in the same CRS: ``shelter_id``, ``declared_people`` or
        ``effective_area_m2``, ``village_code``.
    network
        From `riskmap.routing.build_network`. Roads inside `zones` are closed
        here unless `riskmap.routing.close_roads` did so already.
    zones
        Polygons of danger in the CRS of `groups`: a shelter inside takes
        nobody, and no route enters one that its group does not stand in.
    closing
        What closes roads by the hour, as `riskmap.routing.close_roads_by_hour`
        takes it: ``closes_min``, perhaps ``opens_min``, minutes after the
        order. Everybody is taken to set out when warning, call and gathering are
        over; who would be too late for a road takes one that never closes.
    level
        The level of response, ``"IV"`` to ``"I"``: only those move who move at
        it, the others are in ``staying``. None moves all.
    levels
        Who moves at which level; None takes the table of ``standards``.
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
        At most so many groups of `previous` are sent elsewhere, and only if
        that places more people.
    preference
        None takes that of ``rules.toml``.
    vehicles
        ``seats``, ``count``, perhaps where they stand: they fetch who cannot
        walk. None sends none.
    drive
        The network of vehicles, ``mode="drive"``; needed with `vehicles`.
    landing_zones
        Landing zones and piers, for groups that are cut off.
    assembly_points
        Points with ``name``: where groups gather.
    roads
        ``road_id`` and ``width_m``, for queues; widths not known are assumed.
    limits
        When the exact solver stops.
    rules
        A file in place of ``rules.toml``.
    scenario
        The name of the scenario.

    Returns
    -------
    Plan
        One row for each group that moves, in the CRS of `groups`.

    Raises
    ------
    LayerError
        If a column is missing, an id is missing or repeated, or people are
        negative.
    CrsError
        If the frames have no CRS, or different ones.
    PlanError
        If a pinned group or shelter is not there, a moment cannot be read,
        there is no such level, or vehicles have no network.
    """
    table = read_rules(rules)
    clock = LeadTime(
        moment_of(arrives_at, "arrives_at"), moment_of(as_of, "as_of"), table
    )
    who = levels or read_levels()
    moving, staying = split_by_level(groups, level, levels=who)
    case = measure(
        moving, shelters, network, zones=zones, hazards=hazards, closing=closing,
        clock=clock, max_time_min=max_time_min,
    )  # fmt: skip
    official = official_routes(
        planned_routes, case.groups, case.shelters, network=case.network, zones=zones
    )
    _use_official_minutes(case, official)
    wishes = Wishes(
        preference or usual_preference(table), pins(case, pinned, official),
        previous, max_moves, limits,
    )  # fmt: skip
    settled = settle(case, wishes, official=official, roads=roads)
    extras = Extras(
        zones=zones, vehicles=vehicles, drive=drive, landing_zones=landing_zones,
        assembly_points=assembly_points, staying=staying, level=level, rules=table,
    )  # fmt: skip
    assumed = assumed_codes(
        settled, extras,
        preference=preference is None, levels=who if level is not None else None,
    )  # fmt: skip
    return plan_of(settled, extras, scenario=scenario, assumed=assumed)


def _use_official_minutes(case: Case, official: pd.DataFrame) -> None:
    """Count the ways that open official routes take by their own minutes."""
    for route in records(official.loc[official["replaced"].isna()]):
        case.ways.minutes[int(route.group), int(route.shelter)] = float(route.time_min)
