"""How well positions fit what is known around them, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from riskmap.crs import CGCS2000, metric_crs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Surroundings"]

_LINE = 1


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What positions are measured against.

    Attributes
    ----------
    change
        From EPSG:4490 to metres.
    outlines
        The village that each point names, metres; None without villages.
    trees
        Roads, buildings, zones: what such points stand beside, metres.
    """

    change: pyproj.Transformer
    outlines: NDArray[np.object_] | None
    trees: tuple[shapely.STRtree, ...]

    @classmethod
    def of(
        cls,
        points: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame | None,
        near: Sequence[gpd.GeoDataFrame],
    ) -> Surroundings | None:
        """Gather what is around points; None where nothing is known."""
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
            shapely.STRtree(_pieces(one.to_crs(crs).geometry.to_numpy()))
            for one in known
            if len(one)
        )
        if outlines is None and not trees:
            return None
        change = pyproj.Transformer.from_crs(CGCS2000, crs, always_xy=True)
        return cls(change, outlines, trees)

    def only(self, which: NDArray[np.intp]) -> Surroundings:
        """Return the same for some of the points."""
        outlines = None if self.outlines is None else self.outlines[which]
        return Surroundings(self.change, outlines, self.trees)

    def metres(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return positions in metres, one row a point."""
        return np.column_stack(self.change.transform(lon, lat))

    def misfit(self, xy: FloatArray, *, cap_m: float) -> FloatArray:
        """Return the distances of each position to all it should be at, summed.

        Parameters
        ----------
        xy
            Metres, one row a point, in the order of the points.
        cap_m
            The most that any one distance counts.

        Returns
        -------
        numpy.ndarray
            Metres; NaN for a point of which nothing is known.
        """
        points = shapely.points(xy)
        parts = []
        if self.outlines is not None:
            parts.append(np.asarray(shapely.distance(points, self.outlines)))
        for tree in self.trees:
            shapes = tree.geometries[tree.nearest(points)]
            parts.append(np.asarray(shapely.distance(points, shapes)))
        capped = np.minimum(np.array(parts), cap_m)
        total: FloatArray = np.where(
            np.isnan(capped).all(axis=0), np.nan, np.nansum(capped, axis=0)
        )
        return total


def _pieces(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Cut lines at their vertices: what is nearest is found faster so."""
    shapes = shapely.get_parts(shapes)
    lines = shapely.get_type_id(shapes) == _LINE
    xy, line = shapely.get_coordinates(shapes[lines], return_index=True)
    inner = line[1:] == line[:-1]
    ends = np.stack([xy[:-1][inner], xy[1:][inner]], axis=1)
    pieces: NDArray[np.object_] = np.concatenate(
        [shapes[~lines], shapely.linestrings(ends)]
    )
    return pieces
