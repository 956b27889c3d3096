"""Is a layer shifted as Chinese web maps shift? Found from evidence, or not said.

Points should lie in the village they name and near roads, houses, zones. If undoing a
shift (GCJ-02, BD-09) brings them there, and neither leaving them nor moving
them as far in any other direction does, they were shifted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from riskmap.census.ledger import rule
from riskmap.crs import (
    CGCS2000,
    bd09_to_gcj02_lonlat,
    gcj02_to_wgs84_lonlat,
    metric_crs,
)

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
        ``clear``, ``gcj02``, ``bd09`` or ``undetermined``.
    points
        How many points bore evidence.
    before_m, after_m
        Mean distance to the own village, road, house and zone, each capped, as
        the points stand and after the shift is undone; NaN if undetermined.
    score
        How many standard errors the improvement is away from none.
    """

    verdict: str
    points: int
    before_m: float = np.nan
    after_m: float = np.nan
    score: float = np.nan


def find_offset(
    frame: gpd.GeoDataFrame,
    *,
    villages: gpd.GeoDataFrame | None = None,
    near: Sequence[gpd.GeoDataFrame] = (),
) -> Offset:
    """Find out whether the points of a layer are in GCJ-02 or BD-09.

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
        ``undetermined`` below 30 points with evidence. Nothing is converted.
    """
    points = frame[frame.geometry.geom_type == "Point"]
    least = rule("offset_gcj02")["least_points"]
    evidence = _Evidence.of(points, villages, near) if len(points) >= least else None
    if evidence is None:
        return Offset("undetermined", len(points))
    lon, lat = shapely.get_x(points.geometry), shapely.get_y(points.geometry)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    stay = evidence.cost(lon, lat)
    known = np.isfinite(stay)
    if known.sum() < least:
        return Offset("undetermined", int(known.sum()))
    here = evidence.metres(lon, lat)
    undone = {
        "gcj02": evidence.metres(*gcj02_to_wgs84_lonlat(lon, lat)),
        "bd09": evidence.metres(
            *gcj02_to_wgs84_lonlat(*bd09_to_gcj02_lonlat(lon, lat))
        ),
    }
    costs = {name: evidence.cost_at(there)[known] for name, there in undone.items()}
    best = min(costs, key=lambda name: float(np.mean(costs[name])))
    offset = _judge(best, stay[known], costs[best])
    if offset.verdict == "clear":
        return offset
    elsewhere = _best_elsewhere(evidence, here, undone[best] - here, known=known)
    return offset if offset.after_m < elsewhere else replace(offset, verdict="clear")


def _judge(name: str, stay: FloatArray, moved: FloatArray) -> Offset:
    """Weigh the improvement against chance."""
    known = rule("offset_gcj02")
    gain = stay - moved
    error = float(np.std(gain, ddof=1)) / np.sqrt(len(gain))
    score = float(np.mean(gain)) / error if error > 0 else 0.0
    before, after = float(np.mean(stay)), float(np.mean(moved))
    better = score >= known["least_score"] and after <= known["most_left"] * before
    return Offset(name if better else "clear", len(stay), before, after, float(score))


def _best_elsewhere(
    evidence: _Evidence,
    here: FloatArray,
    step: FloatArray,
    *,
    known: NDArray[np.bool_],
) -> float:
    """Return the least cost of moving as far in any other direction."""
    costs = []
    for turn in range(1, _DIRECTIONS):
        angle = 2 * np.pi * turn / _DIRECTIONS
        spin = np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        costs.append(float(np.mean(evidence.cost_at(here + step @ spin.T)[known])))
    return min(costs)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What positions are measured against, in metres."""

    change: pyproj.Transformer
    outlines: NDArray[np.object_] | None
    trees: tuple[shapely.STRtree, ...]
    cap_m: float

    @classmethod
    def of(
        cls,
        points: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame | None,
        near: Sequence[gpd.GeoDataFrame],
    ) -> _Evidence | None:
        """Gather the evidence; None where there is none."""
        crs = metric_crs(points)
        outlines = None
        if villages is not None and "village_code" in points:
            is_area = villages.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
            areas = villages[is_area].drop_duplicates("village_code")
            areas = areas.to_crs(crs).set_index("village_code")
            own = areas.reindex(points["village_code"]).geometry
            outlines = own.to_numpy() if own.notna().any() else None
        known = [one[one.geometry.notna()] for one in near]
        trees = tuple(
            shapely.STRtree(one.to_crs(crs).geometry.to_numpy())
            for one in known
            if len(one)
        )
        if outlines is None and not trees:
            return None
        change = pyproj.Transformer.from_crs(CGCS2000, crs, always_xy=True)
        return cls(change, outlines, trees, rule("offset_gcj02")["cap_m"])

    def metres(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return positions in metres, one row a point."""
        return np.column_stack(self.change.transform(lon, lat))

    def cost(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return how badly each position fits, in metres."""
        return self.cost_at(self.metres(lon, lat))

    def cost_at(self, xy: FloatArray) -> FloatArray:
        """Return how badly each position in metres fits, each part capped."""
        points = shapely.points(xy)
        parts = []
        if self.outlines is not None:
            parts.append(np.asarray(shapely.distance(points, self.outlines)))
        for tree in self.trees:
            shapes = tree.geometries[tree.nearest(points)]
            parts.append(np.asarray(shapely.distance(points, shapes)))
        capped = np.minimum(np.array(parts), self.cap_m)
        total: FloatArray = np.where(
            np.isnan(capped).all(axis=0), np.nan, np.nansum(capped, axis=0)
        )
        return total
