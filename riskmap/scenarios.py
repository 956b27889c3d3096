"""Scenarios of riskmap.toml, as the planner's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from riskmap.census import load_layer, read_hazard_zones
from riskmap.errors import ProjectError
from riskmap.evacuation import (
    Preference,
    derive_groups,
    load_plan,
    read_levels,
    read_rules,
    usual_preference,
    walks_at_night,
)
from riskmap.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskmap.routing import Network
    from riskmap.settings import ScenarioSettings, StandardSettings

__all__ = [
    "hazards_of",
    "is_night",
    "movers",
    "plan_options",
    "point_zones",
    "scenario_zones",
]

_USED = ("planned_routes", "landing_zones", "assembly_points")
_ZONE_COLUMNS = ("zone_id", "name", "hazard", "layer", "geometry")


def is_night(scenario: ScenarioSettings) -> bool:
    """Tell whether people walk at night: as the scenario says, or by its hour.

    Parameters
    ----------
    scenario
        ``conditions.night`` or ``conditions.hour``.

    Returns
    -------
    bool
        False where neither is given.
    """
    given = scenario.conditions
    if given.hour is None:
        return given.night
    return given.night or walks_at_night(given.hour, read_rules())


def movers(
    layers: Mapping[str, gpd.GeoDataFrame], zones: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, bool]:
    """Return who may have to move, and whether that was derived.

    Parameters
    ----------
    layers
        The census.
    zones
        The zones of the scenario.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and bool
        The layer ``groups`` where the census has one, else the groups that its
        other layers give.
    """
    given = layers.get("groups")
    if given is not None and len(given):
        return given, False
    return derive_groups(layers, zones), True


def point_zones(
    points: gpd.GeoDataFrame, scenario: ScenarioSettings, *, network: Network
) -> gpd.GeoDataFrame:
    """Return the surroundings of hazard points of the grades of a scenario.

    Parameters
    ----------
    points
        The layer ``hazard_points``.
    scenario
        ``hazard_point_grades`` (none = all) and ``hazard_point_radius_m``.
    network
        Whose CRS is metric.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons, EPSG:4490, with the columns of the points. A point whose grade
        nobody knows counts as one that is meant.
    """
    rows = points[~(points.geometry.isna() | points.geometry.is_empty)]
    grades = scenario.hazard_point_grades
    if grades:
        known = rows["threat_grade"]
        rows = rows[known.isin(grades) | known.isna()]
    metric = rows.geometry.to_crs(network.crs).buffer(scenario.hazard_point_radius_m)
    return rows.set_geometry(metric.to_crs(4490))


def scenario_zones(
    rows: Mapping[str, gpd.GeoDataFrame], scenario: ScenarioSettings, *, folder: Path
) -> gpd.GeoDataFrame:
    """Gather the zones of a scenario from layers and a raster of depth.

    Parameters
    ----------
    rows
        The layers that the scenario names, hazard points by their `point_zones`;
        what is no polygon is passed over.
    scenario
        ``depth`` (a raster; None for none) and ``depth_limit_m``.
    folder
        Where its paths begin.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons, EPSG:4490: ``zone_id, name, hazard, layer``.

    Raises
    ------
    SourceError
        If the raster cannot be read.
    """
    parts = []
    for name, frame in rows.items():
        areas = frame[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
        named = areas.rename(columns={load_layer(name).key: "zone_id"})
        parts.append(named.assign(layer=name).to_crs(4490))
    if scenario.depth is not None:
        limit = scenario.depth_limit_m
        depth = read_hazard_zones(folder / scenario.depth, breaks=[limit])
        depth["name"] = message("zone.depth", limit=limit)
        depth["hazard"] = message("zone.flood")
        parts.append(depth.assign(layer="depth").to_crs(4490))
    columns = list(_ZONE_COLUMNS)
    if not parts:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=4490)
    return pd.concat(parts, ignore_index=True)[columns]


def hazards_of(zones: gpd.GeoDataFrame) -> list[str]:
    """Return the hazards of a scenario, as far as its zones name them.

    Parameters
    ----------
    zones
        From `scenario_zones`.

    Returns
    -------
    list of str
        Each once, sorted.
    """
    return sorted({str(one) for one in zones["hazard"].dropna()})


def plan_options(
    scenario: ScenarioSettings,
    standards: StandardSettings,
    *,
    folder: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    roads: gpd.GeoDataFrame,
    drive: Network | None,
) -> dict[str, Any]:
    """Return what a scenario asks of `riskmap.evacuation.plan_evacuation`.

    Parameters
    ----------
    scenario, standards
        As riskmap.toml says.
    folder
        Where its paths begin.
    layers
        The census.
    roads
        Raw roads, for their widths.
    drive
        The network of vehicles; None where the project has none.

    Returns
    -------
    dict
        Keyword arguments.

    Raises
    ------
    ProjectError
        If the scenario asks for buses without vehicles or without a network of
        mode ``drive``, or a file it names is missing.
    """
    own = None if standards.response is None else folder / standards.response
    options: dict[str, Any] = {
        "level": scenario.level,
        "levels": read_levels(own),
        "arrives_at": scenario.arrives_at,
        "as_of": scenario.warned_at,
        "max_time_min": scenario.max_time_min,
        "pinned": scenario.pinned or None,
        "max_moves": scenario.max_moves,
        "preference": _preference(scenario),
        "roads": roads,
        **{name: layers.get(name) for name in _USED},
    }
    if scenario.closing is not None:
        options["closing"] = _read(folder / scenario.closing)
    if scenario.previous is not None:
        options["previous"] = load_plan(folder / scenario.previous)
    if "bus" in scenario.modes:
        options |= {"vehicles": _vehicles(scenario), "drive": drive}
        if drive is None:
            msg = 'modes = [..., "bus"] of a scenario needs "drive" in [network] modes'
            raise ProjectError(msg)
    return options


def _preference(scenario: ScenarioSettings) -> Preference | None:
    """Return the planner's own preference, the usual one where it is silent."""
    given = scenario.preference
    if given is None:
        return None
    usual = usual_preference(read_rules())
    return Preference(
        *(
            own if own is not None else other
            for own, other in (
                (given.other_village_min, usual.other_village_min),
                (given.other_township_min, usual.other_township_min),
                (given.unsuitable_min, usual.unsuitable_min),
            )
        )
    )


def _vehicles(scenario: ScenarioSettings) -> gpd.GeoDataFrame:
    """Return the vehicles, with where they stand as far as known."""
    if not scenario.vehicles:
        msg = 'modes = [..., "bus"] of a scenario needs [[scenario.NAME.vehicles]]'
        raise ProjectError(msg)
    rows = pd.DataFrame([one.model_dump() for one in scenario.vehicles])
    places = np.array(
        [one.stand and shapely.Point(one.stand) for one in scenario.vehicles],
        dtype=object,
    )
    return gpd.GeoDataFrame(
        rows.drop(columns="stand").rename(columns={"name": "vehicle_id"}),
        geometry=places,
        crs=4490,
    )


def _read(path: Path) -> gpd.GeoDataFrame:
    """Read what closes roads by the hour."""
    try:
        return gpd.GeoDataFrame(gpd.read_file(path))
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"{path} cannot be read: {error}"
        raise ProjectError(msg) from error
