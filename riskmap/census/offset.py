"""Is a layer shifted as Chinese web maps shift? Found from evidence, or not said.

Points should lie in the village they name and near roads, houses, zones. If undoing a
shift (GCJ-02, BD-09) brings them there, and neither leaving them nor moving
them as far in any other direction does, they were shifted. One short step that
brings all of them there is the mark of an old datum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.census.drift import Drift, find_drift
from riskmap.census.ledger import rule
from riskmap.census.surroundings import Surroundings
from riskmap.crs import bd09_to_gcj02_lonlat, gcj02_to_wgs84_lonlat

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Offset", "find_offset"]

_DIRECTIONS = 12


@dataclass(frozen=True, slots=True)
class Offset:
    """What the evidence says of a layer's positions.

    Attributes
    ----------
    verdict
        ``clear``, ``gcj02``, ``bd09``, ``datum_suspect`` or ``undetermined``.
    points
        How many points bore evidence.
    before_m, after_m
        Mean distance to the own village, road, house and zone, each capped, as
        the points stand and after the shift is undone; NaN if undetermined.
    score
        How many standard errors the improvement is away from none.
    drift
        How far all points lie off together; None where they do not.
    """

    verdict: str
    points: int
    before_m: float = np.nan
    after_m: float = np.nan
    score: float = np.nan
    drift: Drift | None = None


def find_offset(
    frame: gpd.GeoDataFrame,
    *,
    villages: gpd.GeoDataFrame | None = None,
    near: Sequence[gpd.GeoDataFrame] = (),
) -> Offset:
    """Find out whether the points of a layer are in GCJ-02, BD-09 or an old datum.

    Parameters
    ----------
    frame
        Points, EPSG:4490; ``village_code`` where known.
    villages
        Outlines with ``village_code``, EPSG:4490, true positions.
    near
        What such points stand beside (roads, buildings, zones), EPSG:4490,
        true positions.

    Returns
    -------
    Offset
        ``undetermined`` below 30 points with evidence, and where one step
        brings all points home that is none of those known. Nothing is converted.
    """
    points = frame[frame.geometry.geom_type == "Point"]
    least = rule("offset_gcj02")["least_points"]
    around = Surroundings.of(points, villages, near) if len(points) >= least else None
    if around is None:
        return Offset("undetermined", len(points))
    lon, lat = shapely.get_x(points.geometry), shapely.get_y(points.geometry)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    here = around.metres(lon, lat)
    known = np.isfinite(_cost(around, here))
    if known.sum() < least:
        return Offset("undetermined", int(known.sum()))
    some = _some(known)
    around, here = around.only(some), here[some]
    found = _web_shift(around, here, lon=lon[some], lat=lat[some])
    found = replace(found, points=int(known.sum()))
    return found if found.verdict != "clear" else _with_drift(found, around, here)


def _some(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return points enough to judge by, spread evenly over those with evidence."""
    at = np.flatnonzero(known)
    step: NDArray[np.intp] = at[:: -(-len(at) // rule("datum_suspect")["most_points"])]
    return step


def _cost(around: Surroundings, xy: FloatArray) -> FloatArray:
    """Return how badly each position fits, in metres."""
    return around.misfit(xy, cap_m=rule("offset_gcj02")["cap_m"])


def _web_shift(
    around: Surroundings, here: FloatArray, *, lon: FloatArray, lat: FloatArray
) -> Offset:
    """Judge whether undoing the shift of a web map brings points home."""
    undone = {
        "gcj02": around.metres(*gcj02_to_wgs84_lonlat(lon, lat)),
        "bd09": around.metres(*gcj02_to_wgs84_lonlat(*bd09_to_gcj02_lonlat(lon, lat))),
    }
    costs = {name: _cost(around, there) for name, there in undone.items()}
    best = min(costs, key=lambda name: float(np.mean(costs[name])))
    offset = _judge(best, _cost(around, here), costs[best])
    if offset.verdict == "clear":
        return offset
    elsewhere = _best_elsewhere(around, here, undone[best] - here)
    return offset if offset.after_m < elsewhere else replace(offset, verdict="clear")


def _with_drift(found: Offset, around: Surroundings, here: FloatArray) -> Offset:
    """Look for an old datum where no web map shifted the points."""
    drift = find_drift(around, here)
    if drift is None:
        return found
    verdict = "datum_suspect" if drift.known else "undetermined"
    return replace(
        found,
        verdict=verdict,
        before_m=drift.before_m,
        after_m=drift.after_m,
        score=drift.score,
        drift=drift,
    )


def _judge(name: str, stay: FloatArray, moved: FloatArray) -> Offset:
    """Weigh the improvement against chance."""
    known = rule("offset_gcj02")
    gain = stay - moved
    error = float(np.std(gain, ddof=1)) / np.sqrt(len(gain))
    score = float(np.mean(gain)) / error if error > 0 else 0.0
    before, after = float(np.mean(stay)), float(np.mean(moved))
    better = score >= known["least_score"] and after <= known["most_left"] * before
    return Offset(name if better else "clear", len(stay), before, after, float(score))


def _best_elsewhere(around: Surroundings, here: FloatArray, step: FloatArray) -> float:
    """Return the least cost of moving as far in any other direction."""
    costs = []
    for turn in range(1, _DIRECTIONS):
        angle = 2 * np.pi * turn / _DIRECTIONS
        spin = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        costs.append(float(np.mean(_cost(around, here + step @ spin.T))))
    return min(costs)
