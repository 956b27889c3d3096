"""How far around a unit roads and teams must be known for its answers to hold.

Nobody comes from outside a window to a place in it sooner than its border is away
(`riskmap.cluster.border`). So whatever is found within that time is what an
undivided run finds, and what is not calls for a wider window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import KDTree

from riskmap.routing import walking_speed
from riskmap.routing.roads import tidy_roads
from riskmap.routing.speeds import road_speeds, walking_pace
from riskmap.standards import load_standard, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.settings import Settings
    from riskmap.standards import Tier

    FloatArray = NDArray[np.float64]

__all__ = [
    "MARGIN_M",
    "MODES",
    "arriving_tiers",
    "fastest_kmh",
    "first_halo_m",
    "limit_minutes",
    "network_modes",
    "xy_of",
]

MODES = ("walk", "emergency")
"""The modes whose networks answer an audit."""
MARGIN_M = 1000.0
"""The longest way to a road twice, and bends of borders in longitude and latitude."""
_SLOPES = np.linspace(-0.6, 0.6, 241)
_DETOUR, _WIDEST = 1.5, 3.0
"""Guesses that only say how wide to begin; what is found is then proved."""
_SPEED_COLUMNS = (
    *("road_class", "technical_grade", "surface", "oneway", "access", "foot"),
    *("vehicle", "motor_vehicle", "junction"),
)


def network_modes(settings: Settings) -> list[str]:
    """Return the modes whose networks a run needs.

    Parameters
    ----------
    settings
        Of the run.

    Returns
    -------
    list of str
        Those of `MODES`, and what riskmap.toml adds, sorted.
    """
    return sorted({*MODES, *settings.network.modes})


def arriving_tiers(settings: Settings) -> list[Tier]:
    """Return the tiers of all standards that ask when units arrive.

    Parameters
    ----------
    settings
        Of the run.

    Returns
    -------
    list of Tier
        In their order.
    """
    rules = [load_standard(name) for name in settings.standards.rescue]
    return [tier for one in rules for tier in one.tiers if tier.meaning != "start"]


def limit_minutes(settings: Settings, turnout_min: float | None) -> dict[str, float]:
    """Return the longest travel that any limit of an audit leaves, by mode.

    Parameters
    ----------
    settings
        Of the run.
    turnout_min
        The least turnout of any team, None where no team gives its own.

    Returns
    -------
    dict of str to float
        Minutes: for ``emergency`` the limits of the tiers less the least
        turnout, for ``walk`` the widest band of the audit of shelters.
    """
    rides = [0.0]
    for tier in arriving_tiers(settings):
        known = [one for one in (turnout_min, tier.turnout_min) if one is not None]
        rides.append(tier.limit_min - min(known, default=0.0))
    bands: list[float] = read_table("shelters")["walk"]["minutes"]
    return {"emergency": max(rides), "walk": float(bands[-1])}


def fastest_kmh(settings: Settings, roads: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the fastest speed that any road allows, by mode.

    Parameters
    ----------
    settings
        Of the run.
    roads
        All roads of the run.

    Returns
    -------
    dict of str to float
        Kilometres an hour; for ``walk`` on the best of all slopes.
    """
    rules = settings.network
    pace = walking_pace(
        slope=rules.slope, group=rules.group, night=rules.night, rain=rules.rain
    )
    kinds = [one for one in roads.columns if one in _SPEED_COLUMNS]
    frame, _ = tidy_roads(roads.drop_duplicates(kinds) if kinds else roads)
    steep = walking_speed(_SLOPES, function=rules.slope)
    helped = float(np.max(steep) / walking_speed(0.0, function=rules.slope))
    fastest = {}
    for mode in MODES:
        kmh, _ = road_speeds(frame, mode=mode, speeds=rules.speeds or None, pace=pace)
        top = float(np.nanmax(kmh, initial=pace.offroad_kmh))
        fastest[mode] = top * (max(helped, 1.0) if mode == "walk" else 1.0)
    return fastest


def first_halo_m(
    hull: BaseGeometry,
    *,
    minutes: Mapping[str, float],
    kmh: Mapping[str, float],
    pairs: Mapping[str, tuple[FloatArray, FloatArray]],
) -> float:
    """Return how wide a window to begin with: what limits need, or likely nearness.

    Parameters
    ----------
    hull
        What encloses a unit, metric.
    minutes, kmh
        Longest travel within limits and fastest speed, by mode.
    pairs
        By mode, places of the unit and facilities of the whole run, (n, 2) in
        metres of the CRS of `hull`.

    Returns
    -------
    float
        Metres around the hull. At most thrice what the limits need.
    """
    need = max(minutes[mode] * kmh[mode] * 1000 / 60 for mode in minutes) + MARGIN_M
    widest = need
    for places, facilities in pairs.values():
        if not (len(places) and len(facilities)):
            continue
        away = KDTree(facilities).query(places)[0] * _DETOUR
        inside = shapely.distance(shapely.points(places), hull.boundary)
        widest = max(widest, float((away - inside).max()) + MARGIN_M)
    return min(widest, _WIDEST * need)


def xy_of(frames: Iterable[gpd.GeoDataFrame | None], crs: pyproj.CRS) -> FloatArray:
    """Return the known positions of frames, (n, 2), metres.

    Parameters
    ----------
    frames
        Places, any CRS; None is skipped.
    crs
        The projected CRS wanted.

    Returns
    -------
    numpy.ndarray
        Middles of all geometries.
    """
    found = [np.empty((0, 2))]
    for frame in frames:
        if frame is not None and len(frame):
            placed = frame[frame.geometry.notna()].geometry.to_crs(crs)
            points = placed.representative_point().to_numpy()
            found.append(shapely.get_coordinates(points))
    return np.vstack(found)
