"""Terrain under a map: shade and contours from elevation rasters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import contourpy
import numpy as np
import rasterio
import shapely
from rasterio.warp import Resampling, reproject
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Bounds = tuple[float, float, float, float]

__all__ = [
    "Terrain",
    "contour_interval",
    "contours",
    "read_terrain",
    "shaded",
    "simplified",
]

_LOW, _HIGH = np.array([242, 246, 236.0]), np.array([248, 240, 226.0])
_VOID, _VOID_LINE = np.array([243, 241, 234.0]), np.array([196, 192, 180.0])
_VOID_STEP, _RIM_CELLS = 5, 2
_GREYS = 48
_INTERVALS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
_MOST_LINES = 45


@dataclass(frozen=True)
class Terrain:
    """Heights on a regular grid in the CRS of a map.

    Parameters
    ----------
    heights
        Metres, rows from north to south; NaN where unknown.
    bounds
        The outer edges of the grid, ``(minx, miny, maxx, maxy)``, metres.
    """

    heights: FloatArray
    bounds: Bounds

    @property
    def cell(self) -> tuple[float, float]:
        """The width and the height of a cell, metres."""
        west, south, east, north = self.bounds
        rows, columns = self.heights.shape
        return (east - west) / columns, (north - south) / rows

    @cached_property
    def filled(self) -> FloatArray:
        """The heights, the unknown ones as the nearest known, for smoothing only."""
        known = ~np.isnan(self.heights)
        if known.all():
            return self.heights
        nearest = distance_transform_edt(
            ~known, return_distances=False, return_indices=True
        )
        filled: FloatArray = self.heights[tuple(nearest)]
        return filled


def read_terrain(
    paths: Sequence[Path], bounds: Bounds, crs: pyproj.CRS, *, columns: int = 420
) -> Terrain | None:
    """Bring rasters of heights into the CRS and window of a map.

    Parameters
    ----------
    paths
        Rasters in any CRS; where they overlap the first one counts.
    bounds
        ``(minx, miny, maxx, maxy)`` in `crs`.
    crs
        The projected CRS of the map.
    columns
        How many cells the grid is wide.

    Returns
    -------
    Terrain or None
        None where no raster has a height in the window.

    Raises
    ------
    SourceError
        If a file is not a raster with a CRS.
    """
    west, south, east, north = bounds
    rows = max(2, round(columns * (north - south) / (east - west)))
    heights = np.full((rows, columns), np.nan)
    cell = ((east - west) / columns, (north - south) / rows)
    grid = rasterio.Affine(cell[0], 0.0, west, 0.0, -cell[1], north)
    for path in paths:
        layer = np.full((rows, columns), np.nan)
        try:
            with rasterio.open(path) as source:
                reproject(
                    rasterio.band(source, 1),
                    layer,
                    src_nodata=source.nodata,
                    dst_transform=grid,
                    dst_crs=crs.to_wkt(),
                    dst_nodata=np.nan,
                    resampling=Resampling.cubic_spline,
                )
        except (rasterio.errors.RasterioError, OSError) as error:
            msg = f"{path} cannot be read as terrain: {error}"
            raise SourceError(msg) from error
        heights = np.where(np.isnan(heights), layer, heights)
    if np.isnan(heights).all():
        return None
    return Terrain(heights, bounds)


def shaded(terrain: Terrain, *, strength: float) -> NDArray[np.uint8]:
    """Shade the terrain by a low sun in the north-west, lightly tinted by height.

    Parameters
    ----------
    terrain
        Heights on a grid.
    strength
        How dark the deepest shade is, 0 to 1.

    Returns
    -------
    numpy.ndarray
        An image, rows from north to south, RGB; hatched where unknown.
    """
    z = terrain.filled
    wide, high = terrain.cell
    south, east = np.gradient(gaussian_filter(z, 0.8), high, wide)
    azimuth, altitude = np.radians(315.0), np.radians(45.0)
    steep = 1.6 * np.hypot(east, south)
    slope = np.arctan(steep)
    aspect = np.arctan2(east, -south)  # the direction that the slope climbs to
    light = np.sin(altitude) * np.cos(slope) + np.cos(altitude) * np.sin(
        slope
    ) * np.cos(azimuth - aspect + np.pi)
    shade = np.clip(light / np.sin(altitude), 0.0, 1.25)
    dark = strength * (1.0 - np.minimum(shade, 1.0)) - 0.05 * np.maximum(shade - 1, 0)
    dark = np.round(dark * _GREYS) / _GREYS
    low, top = np.nanmin(z), np.nanmax(z)
    part = np.round((z - low) / max(top - low, 1.0) * 8) / 8
    tint = _LOW + (_HIGH - _LOW) * part[..., None]
    image = tint * (1.0 - dark[..., None])
    _hatch(image, np.isnan(terrain.heights))
    pixels: NDArray[np.uint8] = np.clip(np.round(image), 0, 255).astype(np.uint8)
    return pixels


def _hatch(image: FloatArray, unknown: NDArray[np.bool_]) -> None:
    """Hatch what is unknown, and its rim, so that no slope is made up there."""
    if not unknown.any():
        return
    void = binary_dilation(unknown, iterations=_RIM_CELLS)
    row, column = np.indices(void.shape)
    image[void] = _VOID
    image[void & ((row + column) % _VOID_STEP == 0)] = _VOID_LINE


def contour_interval(terrain: Terrain, scale: int) -> float:
    """Choose the interval of the contours by scale and relief.

    Parameters
    ----------
    terrain
        Heights on a grid.
    scale
        The denominator of the map's scale.

    Returns
    -------
    float
        Metres between contours.
    """
    relief = float(np.nanmax(terrain.heights) - np.nanmin(terrain.heights))
    wanted = max(scale / 1000.0, relief / _MOST_LINES)
    return next((one for one in _INTERVALS if one >= wanted), _INTERVALS[-1])


def contours(terrain: Terrain, interval: float) -> dict[float, list[FloatArray]]:
    """Draw lines of equal height.

    Parameters
    ----------
    terrain
        Heights on a grid.
    interval
        Metres between lines.

    Returns
    -------
    dict
        For each height, metres, its lines as arrays of coordinates.
    """
    known = ~np.isnan(terrain.heights)
    smooth = gaussian_filter(terrain.filled, 1.2)
    west, south, east, north = terrain.bounds
    wide, high = terrain.cell
    x = np.arange(west + wide / 2, east, wide)[: smooth.shape[1]]
    y = np.arange(north - high / 2, south, -high)[: smooth.shape[0]]
    field = contourpy.contour_generator(x, y, np.ma.masked_where(~known, smooth))
    first = np.ceil(np.nanmin(terrain.heights) / interval) * interval
    last = np.nanmax(terrain.heights)
    levels = np.arange(first, last, interval)
    return {
        float(one): [np.asarray(line) for line in field.lines(one)]
        for one in levels
        if one > 0
    }


def simplified(line: FloatArray, tolerance: float) -> FloatArray:
    """Leave out the vertices of a line that nobody would see.

    Parameters
    ----------
    line
        Coordinates, metres.
    tolerance
        How far the line may move, metres.

    Returns
    -------
    numpy.ndarray
        A part of the coordinates.
    """
    if len(line) < 3:  # noqa: PLR2004
        return line
    shape = shapely.LineString(line).simplify(tolerance, preserve_topology=False)
    kept: FloatArray = shapely.get_coordinates(shape)
    return kept
