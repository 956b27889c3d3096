"""An evacuation plan walked again, by code that planned none of it.

Only the plan's tables and the raw roads are read. Each broken rule is a row;
a plan that holds gives none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from riskmap.errors import SourceError
from riskmap.evacuation.check_extras import check_extras
from riskmap.evacuation.check_hazards import check_stranded
from riskmap.evacuation.check_routes import check_routes
from riskmap.evacuation.check_tables import check_tables
from riskmap.evacuation.facts import EXTRA_TABLES, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskmap.evacuation.facts import Broken, Facts
    from riskmap.evacuation.plan import Plan

__all__ = ["verify_plan"]

_TABLES = (
    "groups",
    "assignments",
    "routes",
    "route_legs",
    "shelters",
    "closures",
    "ledger",
    "summary",
)


def verify_plan(
    plan: Plan | str | Path,
    roads: gpd.GeoDataFrame | str | Path,
    *,
    zones: gpd.GeoDataFrame | None = None,
    landing_zones: gpd.GeoDataFrame | None = None,
    tolerance_m: float = 1.0,
) -> pd.DataFrame:
    """Check every promise of a plan against the raw roads.

    Each group has one row and a justified reason; sums close; no shelter takes
    more than it has room for, or stands in a zone; every route is a connected
    line on the roads from its group to its shelter, over bridges and tunnels
    end to end, in the allowed direction, never through closed pieces or zones
    except out of those the group stands in; lengths, minutes and departures
    add up, queues included; who is ``cut_off`` really has no path to a shelter
    with room. Roads that close by the hour are left behind before they close;
    people lie within their ranges; who moves does so at this level of response;
    everybody is called once, in order; no vehicle has more riders than seats or
    is in two places at once; landing places are as far as they are said to be;
    one building does not give its beds twice; what is short is what is short.

    Parameters
    ----------
    plan
        A plan, or a file that `save_plan` wrote (every scenario in it).
    roads
        The raw lines, any CRS, with ``road_id``, ``bridge``, ``tunnel``,
        ``oneway``, ``road_class``, ``access`` and ``foot`` where known; or a
        vector file of them.
    zones
        Polygons of danger, any CRS; None checks the closed pieces alone.
    landing_zones
        Landing zones and piers, any CRS: none is nearer than the one named.
        None checks distances alone.
    tolerance_m
        How far from a road a route may run, and roads join; metres.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``rule``, ``object`` (an id), ``value`` (metres, minutes
        or people off), ``message``; empty when every rule holds.

    Raises
    ------
    SourceError
        If a file cannot be read.
    CrsError
        If a frame has no CRS.
    """
    lines = roads if isinstance(roads, gpd.GeoDataFrame) else _read(roads)
    rows = [
        (scenario, *broken)
        for scenario, tables in _scenarios(plan)
        for broken in _every_rule(
            facts_of(
                tables,
                lines,
                zones=zones,
                landing_zones=landing_zones,
                tolerance_m=tolerance_m,
            )
        )
    ]
    columns = ["scenario", "rule", "object", "value", "message"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def _every_rule(facts: Facts) -> Iterator[Broken]:
    """Apply all rules to one scenario."""
    for rules in (check_tables, check_routes, check_stranded, check_extras):
        yield from rules(facts)


def _scenarios(plan: Plan | str | Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the tables of each scenario."""
    if not isinstance(plan, str | Path):
        names = [*_TABLES, *(one for one in EXTRA_TABLES if hasattr(plan, one))]
        tables = {name: getattr(plan, name) for name in names}
        yield str(plan.scenario), tables
        return
    try:
        there = {str(name) for name, _ in pyogrio.list_layers(plan)}
        names = [*_TABLES, *(one for one in EXTRA_TABLES if one in there)]
        tables = {name: pyogrio.read_dataframe(plan, layer=name) for name in names}
    except (
        OSError,
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
    ) as error:
        msg = f"{plan} is no plan that can be read: {error}"
        raise SourceError(msg) from error
    for name in tables["summary"]["scenario"]:
        yield (
            str(name),
            {key: one[one["scenario"].eq(name)] for key, one in tables.items()},
        )


def _read(path: str | Path) -> gpd.GeoDataFrame:
    """Read roads from a vector file."""
    try:
        frame = gpd.read_file(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"{path} cannot be read: {error}"
        raise SourceError(msg) from error
    return gpd.GeoDataFrame(frame)
