"""How far the ground of a map is known: where its terrain ends, nothing is told."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import rasterio
import rasterio.errors
import shapely
from matplotlib.collections import PathCollection

from riskmap.errors import SourceError
from riskmap.publish.plot import area_outlines, points_wide
from riskmap.publish.style import style

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapSpec

    Bounds = tuple[float, float, float, float]

__all__ = ["draw_blank", "known_ground", "settled"]

_LEAST_SHARE = 0.004
"""A blank smaller than this share of the frame is a seam, and not told."""
_SIDE_POINTS = 24
_Z = 3.0


def known_ground(spec: MapSpec) -> BaseGeometry | None:
    """Return what the terrain of a map covers.

    Parameters
    ----------
    spec
        The map.

    Returns
    -------
    shapely.Geometry or None
        An area in the CRS of the map; None where the map has no terrain, whose
        paper is blank everywhere.

    Raises
    ------
    SourceError
        If a raster cannot be read.
    """
    return _covered(spec.dem, spec.crs.to_wkt()) if spec.dem else None


@lru_cache(maxsize=8)
def _covered(paths: tuple[Path, ...], crs: str) -> BaseGeometry | None:
    """Return the outline of rasters; None where one does not say where it is."""
    outlines = []
    for path in paths:
        try:
            with rasterio.open(path) as source:
                bounds, own = source.bounds, source.crs
        except rasterio.errors.RasterioIOError as error:
            msg = f"{path} cannot be read: {error}"
            raise SourceError(msg) from error
        if own is None:
            return None
        move = pyproj.Transformer.from_crs(own.to_wkt(), crs, always_xy=True)
        side = max(bounds.right - bounds.left, bounds.top - bounds.bottom)
        fine = shapely.segmentize(shapely.box(*bounds), side / _SIDE_POINTS)
        outlines.append(_moved(fine, move))
    whole: BaseGeometry = shapely.union_all(outlines)
    return whole


def _moved(shape: BaseGeometry, move: pyproj.Transformer) -> BaseGeometry:
    """Bring a shape into another CRS."""

    def shift(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    moved: BaseGeometry = shapely.transform(shape, shift)
    return moved


def settled(window: Bounds, bounds: Bounds, ground: BaseGeometry | None) -> Bounds:
    """Shift a frame that has room to spare to where the ground is known.

    Parameters
    ----------
    window
        What the frame shows, metres.
    bounds
        What must be seen, metres.
    ground
        From `known_ground`; None leaves the frame where it is.

    Returns
    -------
    tuple of float
        As large as before, with all that it held of `bounds`.
    """
    if ground is None or ground.is_empty:
        return window
    low_x, high_x = _shift(window[::2], bounds[::2], ground.bounds[::2])
    low_y, high_y = _shift(window[1::2], bounds[1::2], ground.bounds[1::2])
    return low_x, low_y, high_x, high_y


def _shift(
    window: tuple[float, ...], bounds: tuple[float, ...], ground: tuple[float, ...]
) -> tuple[float, float]:
    """Shift an interval into the ground, as far as bounds allow."""
    size = window[1] - window[0]
    if size > ground[1] - ground[0]:
        start = (ground[0] + ground[1] - size) / 2
    else:
        start = min(max(window[0], ground[0]), ground[1] - size)
    first, last = sorted((bounds[1] - size, bounds[0]))
    start = min(max(start, min(first, window[0])), max(last, window[0]))
    return start, start + size


def draw_blank(plot: Plot, ground: BaseGeometry | None) -> bool:
    """Hatch the part of a frame of which nothing is known.

    Parameters
    ----------
    plot
        Where to draw.
    ground
        From `known_ground`.

    Returns
    -------
    bool
        Whether anything was drawn, which the legend then explains.
    """
    if ground is None:
        return False
    whole = shapely.box(*plot.window)
    blank = whole.difference(ground)
    if blank.area < _LEAST_SHARE * whole.area:
        return False
    look = style("no_data")
    plot.axes.add_collection(
        PathCollection(
            area_outlines(blank),
            facecolors=[look.fill],
            edgecolors=[look.edge],
            linewidths=points_wide(look.width_mm),
            hatch=look.hatch,
            zorder=_Z,
        ),
        autolim=False,
    )
    return True
