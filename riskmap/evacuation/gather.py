"""The frames of a plan, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.errors import PlanError
from riskmap.evacuation.assembly import assembly_points
from riskmap.evacuation.calls import call_list, calling_order
from riskmap.evacuation.demand import needs_bed
from riskmap.evacuation.early import early_groups
from riskmap.evacuation.landing import landing_places
from riskmap.evacuation.ledger import transfer_ledger
from riskmap.evacuation.plan import Plan
from riskmap.evacuation.shortage import bed_shortages, supply_shortages
from riskmap.evacuation.tables import assignment_table, shelter_table, summary_table
from riskmap.evacuation.trips import TRIP_COLUMNS, vehicle_trips
from riskmap.evacuation.ways import closed_by
from riskmap.reasons import Reason
from riskmap.standards import is_assumed, shelter_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from riskmap.evacuation.levels import ResponseLevels
    from riskmap.evacuation.settle import Settled
    from riskmap.routing import Network

__all__ = ["Extras", "assumed_codes", "plan_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Extras:
    """What the plan says beside who goes where; as `plan_evacuation` takes it."""

    zones: gpd.GeoDataFrame | None
    vehicles: pd.DataFrame | None
    drive: Network | None
    landing_zones: gpd.GeoDataFrame | None
    assembly_points: gpd.GeoDataFrame | None
    staying: gpd.GeoDataFrame
    level: str | None
    rules: Mapping[str, Any]


def plan_of(
    settled: Settled, extras: Extras, *, scenario: str, assumed: tuple[str, ...]
) -> Plan:
    """Put the frames of a plan together.

    Parameters
    ----------
    settled
        Who goes where, by which way.
    extras
        What else is asked for.
    scenario
        Its name.
    assumed
        Codes of what was assumed.

    Returns
    -------
    Plan
        Every table with the scenario's name.

    Raises
    ------
    PlanError
        If vehicles have no network to drive on.
    """
    case, shelter = settled.case, settled.chosen.shelter
    rows = assignment_table(
        case, shelter, settled.journeys, waits=settled.crowd, late=settled.late
    )
    rules = extras.rules
    shelters = shelter_table(case, shelter)
    tables: dict[str, Any] = {
        "groups": case.groups,
        "assignments": rows,
        "routes": settled.journeys.routes,
        "route_legs": settled.journeys.legs,
        "shelters": shelters,
        "closures": _closures(settled),
        "ledger": transfer_ledger(case.groups, rows),
        "summary": summary_table(
            case, settled.chosen, rows,
            assumed=assumed, level=extras.level, staying=extras.staying,
        ),
        "bed_shortages": bed_shortages(case, rows),
        "supply_shortages": supply_shortages(shelters, rules["supplies"]),
        "staying": extras.staying,
        **_on_the_way(settled, extras, rows),
    }  # fmt: skip
    named = {}
    for key, frame in tables.items():
        labelled = frame.reset_index(drop=True)
        labelled.insert(0, "scenario", scenario)
        named[key] = labelled
    return Plan(**named, scenario=scenario, assumptions=assumed)


def _on_the_way(
    settled: Settled, extras: Extras, rows: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return who goes first, who is fetched from where, and who gathers where."""
    case, rules, zones = settled.case, extras.rules, extras.zones
    early = early_groups(case, zones, near_m=float(rules["early"]["near_hazard_m"]))
    cut_off = np.flatnonzero(rows["reason"].eq(Reason.CUT_OFF))
    return {
        "early": early,
        "calls": call_list(case.groups, rows, early, rules=rules),
        "trips": _trips(settled, extras, rows, early=early),
        "rescues": landing_places(case, cut_off, extras.landing_zones, zones=zones),
        "assembly": assembly_points(case, extras.assembly_points, zones=zones),
    }


def _trips(
    settled: Settled, extras: Extras, rows: pd.DataFrame, *, early: pd.DataFrame
) -> pd.DataFrame:
    """Return the trips of the vehicles, if there are any."""
    if extras.vehicles is None:
        return pd.DataFrame(columns=list(TRIP_COLUMNS))
    if extras.drive is None:
        msg = 'vehicles need drive, a network of build_network(roads, mode="drive")'
        raise PlanError(msg)
    order = calling_order(rows, early)
    return vehicle_trips(
        settled.case,
        settled.chosen.shelter,
        vehicles=extras.vehicles,
        drive=closed_by(extras.drive, extras.zones),
        order=order[needs_bed(settled.case.groups)[order]].tolist(),
        reasons=rows["reason"],
        rules=extras.rules,
    )


def _closures(settled: Settled) -> gpd.GeoDataFrame:
    """Return the closed pieces, with their hours where they have some."""
    case = settled.case
    if case.hourly is not None:
        return case.hourly.closures(crs=case.groups.crs)
    return case.network.closures(crs=case.groups.crs)


def assumed_codes(
    settled: Settled,
    extras: Extras,
    *,
    preference: bool,
    levels: ResponseLevels | None,
) -> tuple[str, ...]:
    """Return the codes of what was assumed, sorted.

    Parameters
    ----------
    settled
        Who goes where, by which way.
    extras
        What else is asked for.
    preference
        Whether that of ``rules.toml`` is used.
    levels
        The table of response levels, where one is used.

    Returns
    -------
    tuple of str
        For example ``"lead_time.chain"``.
    """
    table = extras.rules
    codes = set(settled.case.clock.assumptions)
    if preference and is_assumed(table["preference"]):
        codes.add("preference")
    if is_assumed(shelter_profile()):
        codes.add("shelters.m2_per_person")
    if settled.crowd.assumed:
        codes.add("flow.width")
    if levels is not None and levels.assumed:
        codes.add("response_levels")
    if extras.vehicles is not None:
        codes.add("vehicles")
    if is_assumed(table["supplies"]):
        codes.add("supplies")
    return tuple(sorted(codes))
