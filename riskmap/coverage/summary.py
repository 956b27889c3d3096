"""The audit of a whole county as tables: sums, losses, circles of service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.audit import audit_coverage
from riskmap.coverage.circles import service_circles
from riskmap.coverage.gaps import unit_losses
from riskmap.coverage.ratios import coverage_points, coverage_ratios, grid_ratios
from riskmap.coverage.sheltering import shelter_coverage
from riskmap.coverage.units import known_numbers
from riskmap.standards import service_reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from riskmap.routing import Network
    from riskmap.standards import Standard

__all__ = ["audit_losses", "audit_sums", "layer_circles", "sheltering_sums"]

_SCOPES = {"county": "county", "township": "township_code", "village": "village_code"}
_ROSTERS: tuple[Literal["day"], Literal["night"]] = ("day", "night")
# Which layer is drawn by which reach, and the column that knows better.
_SERVICES = {
    "landing_zones": ("air", "landing_zone_id", None),
    "broadcasts": ("broadcast", "broadcast_id", "radius_m"),
    "supplies": ("supply", "supply_id", None),
    "enterprises": ("enterprise", "enterprise_id", None),
}


def audit_sums(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standards: Sequence[str | Path | Standard],
    people: gpd.GeoDataFrame | None = None,
    grids: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Sum coverage by village, grid, township and for the county, day and night.

    Parameters
    ----------
    villages, teams, network, people
        As in `audit_coverage`.
    standards
        The standards to audit.
    grids
        Polygons with ``grid_id``, any CRS; None leaves grids out.

    Returns
    -------
    pandas.DataFrame
        ``scope`` (``county, township, village, grid``), ``code`` (empty for the
        county), ``roster`` (``any``: as the standard says; ``day`` and
        ``night`` where teams tell their members at night), and the columns of
        `coverage_ratios`; grids have no passed villages.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or its numbers.
    StandardError
        If a standard is unknown or malformed.
    """
    told = not np.isnan(known_numbers(teams, "night_members_people")).all()
    rosters = (None, *_ROSTERS) if told else (None,)
    tables = []
    for standard in standards:
        for roster in rosters:
            tiers = audit_coverage(
                villages, teams, network, standard=standard, people=people,
                roster=roster, fixes=False,
            )  # fmt: skip
            tables += [
                coverage_ratios(tiers, villages, by=column)
                .rename(columns={column: "code"})
                .assign(scope=scope, roster=roster or "any")
                for scope, column in _SCOPES.items()
                if column == "county" or column in villages
            ]
        if grids is not None and len(grids):
            points = coverage_points(
                villages, teams, network, standard=standard, people=people
            )
            cells = grid_ratios(points, grids).rename(columns={"grid_id": "code"})
            tables.append(cells.assign(scope="grid", roster="any"))
    table = pd.concat(tables, ignore_index=True)
    first = ["scope", "code", "roster", "standard", "tier"]
    return table[[*first, *table.columns.drop(first)]]


def sheltering_sums(
    villages: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    people: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Say who has a safe shelter within a walk, by village, township and county.

    Parameters
    ----------
    villages, shelters, network, people
        As in `shelter_coverage`.

    Returns
    -------
    pandas.DataFrame
        ``scope, code`` and the columns of `shelter_coverage`.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or its numbers.
    """
    tables = [
        shelter_coverage(villages, shelters, network, people=people, by=column)
        .rename(columns={column: "code"})
        .assign(scope=scope)
        for scope, column in _SCOPES.items()
        if column == "county" or column in villages
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["scope", "code", *table.columns.drop(["scope", "code"])]]


def audit_losses(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standards: Sequence[str | Path | Standard],
    people: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Say what the loss of each team costs, standard by standard (N-1).

    Parameters
    ----------
    villages, teams, network, people
        As in `audit_coverage`.
    standards
        The standards to audit.

    Returns
    -------
    pandas.DataFrame
        `unit_losses` of all standards, one under the other.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or its numbers.
    StandardError
        If a standard is unknown or malformed.
    """
    tables = [
        unit_losses(villages, teams, network, standard=one, people=people)
        for one in standards
    ]
    return pd.concat(tables, ignore_index=True)


def layer_circles(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Draw the circles of landing zones, broadcasts, supplies and firms.

    Parameters
    ----------
    layers
        The canonical layers by name, in one CRS; others are passed over.

    Returns
    -------
    geopandas.GeoDataFrame
        ``layer, id, name, label, radius_m, assumed, basis`` and the circles
        (null where the place is unknown), EPSG:4490 where no layer is there.

    Raises
    ------
    CrsError
        If a layer has no CRS.
    """
    tables = []
    for layer, (reach, key, column) in _SERVICES.items():
        frame = layers.get(layer)
        if frame is None or frame.empty:
            continue
        own = column if column in frame else None
        drawn = service_circles(frame, radius_m=own, reach=reach)
        tables.append(
            drawn.assign(
                layer=layer, id=drawn[key], label=service_reach(reach).label,
                name=drawn.get("name"),
            )
        )  # fmt: skip
    columns = ["layer", "id", "name", "label", "radius_m", "assumed", "basis"]
    if not tables:
        empty = [*columns, "geometry"]
        return gpd.GeoDataFrame(columns=empty, geometry="geometry", crs=4490)
    together = pd.concat([one[columns] for one in tables], ignore_index=True)
    shapes = pd.concat([one.geometry for one in tables], ignore_index=True)
    return gpd.GeoDataFrame(together, geometry=shapes.to_numpy(), crs=shapes.crs)
