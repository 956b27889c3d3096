"""Where units would have to stand to cover the people left out of a tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from riskmap.coverage.location import fewest_units
from riskmap.crs import CGCS2000
from riskmap.reasons import Reason
from riskmap.routing import reach, snap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.coverage.arrivals import Arrivals
    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Tier

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["Proposal", "propose"]

_GEOD = pyproj.Geod(ellps="GRS80")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Places for units, a place for each, and who moves there.

    Attributes
    ----------
    places
        x and y in the CRS of the scene, on roads.
    mover
        The position of an existing unit that nobody depends on and that can
        do it alone; None where new units are needed.
    moved_km
        How far it moves, in a straight line.
    """

    places: tuple[tuple[float, float], ...]
    mover: int | None = None
    moved_km: float = 0.0


def propose(
    scene: Scene, found: Arrivals, network: Network, *, tier: Tier, left: IntArray
) -> dict[int, Proposal]:
    """Place the fewest units among the people left out so that all are covered.

    Parameters
    ----------
    scene, found
        The people and what `arrivals` found for them.
    network
        The roads that the units would use.
    tier
        Its limit and turnout bound the way of a new unit.
    left
        The points to cover, all those left out of their villages.

    Returns
    -------
    dict
        Village position to proposal; villages that no such place helps are
        missing. Candidates are the road beside each point left out.
    """
    left = left[scene.placed[left]]
    travel = tier.limit_min - (tier.turnout_min or 0.0)
    if not len(left) or travel <= 0:
        return {}
    sites, reached = _candidates(scene, network, left=left, limit_min=travel)
    movable = _movable(found, tier)
    whole = np.bincount(scene.village[left], minlength=len(scene.codes))
    proposals = {}
    for village in np.unique(scene.village[left]).tolist():
        inside = scene.village[left] == village
        here = reached[np.ix_(inside, inside)]
        needed = found.short[left[inside]]
        units = fewest_units(here, needed) if whole[village] else None
        if units is not None:
            at = sites[np.repeat(np.flatnonzero(inside), units)]
            sure = movable if len(at) == 1 else movable[:0]
            moved = _move(found, at, units=sure, beside=left[inside], tier=tier)
            proposals[village] = moved or Proposal(_xy(at))
    return proposals


def _candidates(
    scene: Scene, network: Network, *, left: IntArray, limit_min: float
) -> tuple[FloatArray, BoolArray]:
    """Return the road beside each point, and which such place reaches which point."""
    points = scene.points.loc[left]
    feet = snap(network, points)
    on_road = feet["edge"].notna().to_numpy()
    places = gpd.points_from_xy(feet["x"], feet["y"])
    sites = gpd.GeoDataFrame(geometry=places, index=left, crs=points.crs)
    pairs = reach(
        network, sites[on_road], points, direction="from", limit_min=limit_min
    )
    rank = np.zeros(len(scene.points), dtype=np.int64)
    rank[left] = np.arange(len(left))
    reached = np.zeros((len(left), len(left)), dtype=bool)
    point, site = (pairs[one].to_numpy(dtype=np.int64) for one in ("place", "facility"))
    reached[rank[point], rank[site]] = True
    return feet[["x", "y"]].to_numpy(dtype=float), reached


def _movable(found: Arrivals, tier: Tier) -> IntArray:
    """Return the units that count and whose absence leaves nobody short.

    The only unit of a village stays there, and so does one whose time is
    measured: it is known for its own village alone.
    """
    counts = found.units["reason"].eq(str(Reason.OK)).to_numpy(dtype=bool, copy=True)
    in_time = found.pairs[found.pairs["total_min"] <= tier.limit_min]
    in_time = in_time[counts[in_time["unit"]]]
    needed = found.by_road & (found.spare == 0)
    counts[in_time["unit"][needed[in_time["point"]]]] = False
    turnout = found.units["turnout_min"].to_numpy(dtype=float)
    measured = found.units["response_min"].notna().to_numpy(dtype=bool)
    quick = turnout <= (tier.turnout_min or 0.0)
    home = found.units["village_code"]
    only = ((home != "") & ~home.duplicated(keep=False)).to_numpy(dtype=bool)
    return np.flatnonzero(counts & quick & ~measured & ~only)


def _move(
    found: Arrivals,
    site: FloatArray,
    *,
    units: IntArray,
    beside: IntArray,
    tier: Tier,
) -> Proposal | None:
    """Return the nearest unit that may move and does not count there already."""
    if not len(units):
        return None
    in_time = found.pairs[found.pairs["total_min"] <= tier.limit_min]
    units = np.setdiff1d(units, in_time["unit"][in_time["point"].isin(beside)])
    if not len(units):
        return None
    away = _metres(gpd.GeoSeries(found.units.geometry.iloc[units]), site[0])
    best = int(np.argmin(away))
    return Proposal(_xy(site), int(units[best]), float(away[best]) / 1000)


def _metres(units: gpd.GeoSeries, site: FloatArray) -> FloatArray:
    """Return geodesic metres from units to a place."""
    one = units.to_crs(CGCS2000).representative_point()
    there = gpd.GeoSeries([shapely.Point(site)], crs=units.crs).to_crs(CGCS2000)
    lon, lat = (np.full(len(one), value) for value in (there.x[0], there.y[0]))
    _, _, metres = _GEOD.inv(one.x.to_numpy(), one.y.to_numpy(), lon, lat)
    return np.asarray(metres)


def _xy(sites: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return the coordinates of sites."""
    return tuple((float(x), float(y)) for x, y in sites)
