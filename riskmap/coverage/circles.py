"""Straight-line circles in true metres: what officials quote, drawn as it is.

Circles are geodesic on the ellipsoid of CGCS2000, whatever CRS the caller uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from riskmap.coverage.units import known_numbers, units_of
from riskmap.crs import CGCS2000, crs_of, same_crs, to_metric
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.standards import (
    describe_tier,
    load_standard,
    read_table,
    service_reach,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from riskmap.standards import Standard, Tier

__all__ = ["circle_pairs", "rescue_circles", "service_circles"]

_GEOD = pyproj.Geod(ellps="GRS80")
# 180 corners on the circle: the area is 0.02 % short of the true one.
_CORNERS = 180
# How far a projected distance may be off before the exact one is computed.
_SLACK = 1.05


def rescue_circles(
    teams: gpd.GeoDataFrame, *, standard: str | Path | Standard
) -> gpd.GeoDataFrame:
    """Draw the straight-line circle of every team in every tier.

    The radius is the speed of the tier times the minutes left after turnout,
    over its detour. A team's own turnout from the census replaces the assumed
    one. Tiers that mean ``start`` draw no circle.

    Parameters
    ----------
    teams
        The layer ``teams``, any CRS.
    standard
        A shipped name, a TOML file, or a loaded standard.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each tier and each team that it counts, in the CRS of
        `teams`: ``standard, tier, label, team_id, name, radius_m,
        turnout_min, assumed`` (some number in the radius is no norm's),
        ``basis`` (the Chinese words for the print), ``reason``, geometry. A
        team that cannot cover anybody has a reason, no radius and no geometry.

    Raises
    ------
    CrsError
        If `teams` have no CRS.
    LayerError
        If `teams` have no ``team_id``.
    StandardError
        If the standard is unknown or malformed.
    """
    crs = crs_of(teams)
    rules = load_standard(standard)
    drawn = [
        _tier_circles(teams, tier).assign(standard=rules.name)
        for tier in rules.tiers
        if tier.meaning != "start"
    ]
    columns = [
        *("standard", "tier", "label", "team_id", "name", "radius_m"),
        *("turnout_min", "assumed", "basis", "reason", "geometry"),
    ]
    if not drawn:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=crs)
    table = pd.concat(drawn, ignore_index=True)
    return gpd.GeoDataFrame(table[columns], geometry="geometry", crs=crs)


def service_circles(
    facilities: gpd.GeoDataFrame,
    *,
    radius_m: float | str | None = None,
    reach: str | None = None,
) -> gpd.GeoDataFrame:
    """Draw a straight-line circle around every facility.

    Parameters
    ----------
    facilities
        Points (of polygons, a point inside), any CRS: landing zones,
        broadcasts, supplies, firms, shelters.
    radius_m
        Metres, or the column that holds them.
    reach
        An entry of `riskmap.standards.service_reach`, for example ``"air"`` or
        ``"fire_water"``, where `radius_m` is None or its column says nothing.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows of `facilities` with ``radius_m``, ``assumed`` (no norm and no
        census gives the radius), ``basis`` (the Chinese words for the print)
        and the circles as geometry, in their CRS; null geometry where place or
        radius is unknown or zero.

    Raises
    ------
    CrsError
        If `facilities` have no CRS.
    LayerError
        If `radius_m` names a column that is not there, or neither is given.
    StandardError
        If there is no such `reach`.
    """
    crs_of(facilities)
    if radius_m is None and reach is None:
        msg = "service_circles needs radius_m, metres or a column, or reach, a name"
        raise LayerError(msg)
    radii = np.full(len(facilities), np.nan)
    if isinstance(radius_m, str):
        if radius_m not in facilities:
            msg = f"facilities have no column {radius_m}; give metres or a column"
            raise LayerError(msg)
        radii = known_numbers(facilities, radius_m)
    elif radius_m is not None:
        radii = np.full(len(facilities), float(radius_m))
    own = ~np.isnan(radii)
    usual = None if reach is None else service_reach(reach)
    if usual is not None:
        radii = np.where(own, radii, usual.radius_m)
    words = read_table("reaches")["words_radius"]
    basis = [words.format(radius=radius) for radius in radii]
    table = facilities.assign(
        radius_m=radii,
        assumed=~own & (usual is not None and usual.assumed),
        basis=np.where(own, basis, "" if usual is None else usual.basis),
    )
    return table.set_geometry(_circles(facilities.geometry, radii))


def circle_pairs(
    points: gpd.GeoDataFrame, units: gpd.GeoDataFrame, radii_m: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which points lie in the circle of which unit.

    Parameters
    ----------
    points, units
        Geometries in one CRS; those without a place are in no circle.
    radii_m
        A radius for each unit; NaN and 0 reach nobody else.

    Returns
    -------
    tuple of numpy.ndarray
        Positions of points and of units, pair by pair.

    Raises
    ------
    CrsError
        If the two frames have different CRS or none.
    """
    same_crs(points, units)
    at, unit = (
        np.flatnonzero(_placed(points.geometry)),
        np.flatnonzero(_placed(units.geometry) & (radii_m > 0)),
    )
    if not len(at) or not len(unit):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    rows = gpd.GeoSeries(points.geometry.iloc[at])
    others = gpd.GeoSeries(units.geometry.iloc[unit])
    frame = to_metric(gpd.GeoDataFrame(geometry=rows))
    metric = frame.representative_point()
    tree = shapely.STRtree(metric.to_numpy())
    near = others.to_crs(crs_of(frame)).representative_point().to_numpy()
    first, second = tree.query(
        near, predicate="dwithin", distance=radii_m[unit] * _SLACK
    )
    one, other = _lonlat(others)[first], _lonlat(rows)[second]
    _, _, apart = _GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])
    inside = np.asarray(apart) <= radii_m[unit[first]]
    return at[second[inside]], unit[first[inside]]


def _tier_circles(teams: gpd.GeoDataFrame, tier: Tier) -> gpd.GeoDataFrame:
    """Draw the circles of one tier."""
    units = units_of(teams, tier)
    radii = np.array([tier.radius_m(minutes) for minutes in units["turnout_min"]])
    radii = np.where(units["reason"].eq(str(Reason.OK)), radii, np.nan)
    guessed = bool({"speed_kmh", "detour", "limit_min"} & set(tier.assumed))
    return units.assign(
        tier=tier.number,
        label=tier.label,
        radius_m=radii,
        assumed=units["turnout_assumed"] | guessed,
        basis=describe_tier(tier),
    ).set_geometry(_circles(units.geometry, radii))


def _circles(places: gpd.GeoSeries, radii_m: NDArray[np.float64]) -> gpd.GeoSeries:
    """Return geodesic circles around places, null where there is none to draw."""
    rows = np.flatnonzero(_placed(places) & (radii_m > 0))
    drawn = np.full(len(places), None, dtype=object)
    if len(rows):
        middle = _lonlat(gpd.GeoSeries(places.iloc[rows]))
        turns = np.linspace(360.0, 0.0, _CORNERS + 1)
        shape = (len(rows), len(turns))
        lon, lat, _ = _GEOD.fwd(
            np.repeat(middle[:, 0], len(turns)),
            np.repeat(middle[:, 1], len(turns)),
            np.tile(turns, len(rows)),
            np.repeat(radii_m[rows], len(turns)),
        )
        ring = np.stack([lon, lat], axis=1).reshape(*shape, 2)
        ring[:, -1] = ring[:, 0]
        drawn[rows] = shapely.polygons(ring)
    circles = gpd.GeoSeries(drawn, index=places.index, crs=CGCS2000)
    return circles.to_crs(crs_of(places))


def _lonlat(places: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return longitude and latitude of each place."""
    points = places.to_crs(CGCS2000).representative_point()
    return shapely.get_coordinates(points.to_numpy())


def _placed(places: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Tell which places are known."""
    return ~(places.isna() | places.is_empty).to_numpy(dtype=bool)
