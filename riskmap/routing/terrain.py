"""Terrain along roads: elevations from DEM tiles, voids known as voids."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj
import rasterio
from rasterio.windows import Window

from riskmap.crs import crs_of
from riskmap.errors import NetworkError, SourceError
from riskmap.routing.findings import finding
from riskmap.routing.ragged import along, ranges
from riskmap.routing.slopes import walking_speed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.noding import Pieces

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Profile", "climb", "sample"]

# Steps along a road are about as long as a cell of the DEM, never shorter.
_SHORTEST_STEP_M = 20.0
# A point counts where the known corners of its cell weigh this much.
_ENOUGH = 0.5
_VOIDS = (-32768.0, -9999.0, 32767.0)


class Profile(NamedTuple):
    """Steps along pieces of road: row i owns ``start[i]:start[i + 1]``."""

    start: IntArray
    run_m: FloatArray
    rise_m: FloatArray
    known: NDArray[np.bool_]
    partly: NDArray[np.bool_]

    def minutes(self, factor_kmh: FloatArray, *, slope: str) -> (
        tuple[FloatArray, FloatArray]
    ):  # fmt: skip
        """Return the minutes of each row there and back.

        `factor_kmh` is the level speed of each row; slopes change it in the
        proportion of the slope function.
        """
        grade = self.rise_m / self.run_m
        level = float(walking_speed(0.0, function=slope))
        kmh = np.repeat(factor_kmh, np.diff(self.start))
        even = self.run_m / (kmh * 1000 / 60)
        there = even * level / walking_speed(grade, function=slope)
        back = even * level / walking_speed(-grade, function=slope)
        first = self.start[:-1]
        return np.add.reduceat(there, first), np.add.reduceat(back, first)

    def findings(self, roads: gpd.GeoDataFrame, pieces: Pieces) -> list[dict[str, str]]:
        """Report roads that no DEM covers, or that voids interrupt."""
        ids, length = roads["road_id"].to_numpy(), pieces.lines.lengths()
        rows = []
        for rule, which in (("no_dem", ~self.known), ("dem_voids", self.partly)):
            metres = np.bincount(
                pieces.road[which], weights=length[which], minlength=len(ids)
            )
            rows += [
                finding(rule, row=ids[road], value=f"{metres[road]:.0f}")
                for road in np.flatnonzero(metres)
            ]
        return rows


def climb(
    pieces: Pieces, roads: gpd.GeoDataFrame, dem: str | Path | Sequence[str | Path]
) -> Profile:
    """Return the profile of every piece; bridges and tunnels run straight."""
    paths = [dem] if isinstance(dem, str | Path) else list(dem)
    length = pieces.lines.lengths()
    spacing = max(_SHORTEST_STEP_M, min(_cell_m(one) for one in paths))
    steps = np.maximum(np.ceil(length / spacing), 1).astype(np.int64)
    straight = (roads["bridge"] | roads["tunnel"]).to_numpy(bool)[pieces.road]
    steps[straight] = 1
    row = np.repeat(np.arange(len(steps)), steps + 1)
    number = ranges(np.zeros(len(steps), dtype=np.int64), steps + 1)
    run = length / steps
    points = along(pieces.lines, row, number * run[row])
    height = sample(paths, points, crs_of(roads))
    if not np.isfinite(height).any():
        names = ", ".join(Path(str(one)).name for one in paths)
        msg = f"no DEM covers the roads ({names}); check their CRS and extent"
        raise NetworkError(msg)
    valid = np.isfinite(height)
    share = np.bincount(row, weights=valid) / (steps + 1)
    height = _bridged(row, number.astype(float), height)
    last = np.cumsum(steps + 1) - 1
    inner = np.ones(len(row), dtype=bool)
    inner[last] = False
    rise = np.diff(height, append=np.nan)[inner]
    known = np.bincount(row, weights=np.isfinite(height)) > 0
    return Profile(
        np.r_[0, np.cumsum(steps)].astype(np.int64), np.repeat(run, steps),
        np.where(np.isfinite(rise), rise, 0.0), known, known & (share < 1),
    )  # fmt: skip


def _bridged(row: IntArray, at: FloatArray, height: FloatArray) -> FloatArray:
    """Fill voids between known heights of a row; beyond them, the nearest."""
    valid = np.isfinite(height)
    if valid.all():
        return height
    wide = float(at.max()) * 4 + 4
    key = row * wide + at
    filled = height.copy()
    guess = np.interp(key[~valid], key[valid], height[valid])
    low = np.searchsorted(key[valid], key[~valid])
    owner = np.r_[-1, row[valid], -1]
    before, after = owner[low], owner[low + 1]
    heights = np.r_[np.nan, height[valid], np.nan]
    own = row[~valid]
    guess = np.where(
        (before == own) & (after == own), guess,
        np.where(before == own, heights[low],
                 np.where(after == own, heights[low + 1], np.nan)),
    )  # fmt: skip
    filled[~valid] = guess
    return filled


def sample(dem: Sequence[str | Path], xy: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return elevations at points, bilinear; NaN in voids and outside.

    Where a corner of the cell is void the known corners count, by weight.

    Parameters
    ----------
    dem
        Rasters, metres, each in its own CRS; the first that knows a point counts.
    xy
        (n, 2) in `crs`.
    crs
        The CRS of `xy`.

    Returns
    -------
    numpy.ndarray
        Metres, NaN where unknown.

    Raises
    ------
    SourceError
        If a raster cannot be read.
    NetworkError
        If a raster declares no CRS.
    """
    height = np.full(len(xy), np.nan)
    for path in dem:
        left = np.flatnonzero(np.isnan(height))
        if len(left):
            height[left] = _one_tile(path, xy[left], crs)
    return height


def raster_path(path: str | Path) -> str:
    """Return the name GDAL opens: the raster inside, for a zip."""
    if not Path(path).exists():
        msg = f"{path} does not exist"
        raise SourceError(msg)
    if not zipfile.is_zipfile(path):
        return str(path)
    with zipfile.ZipFile(path) as archive:
        inside = [one for one in archive.namelist() if not one.endswith("/")]
    known = [one for one in inside if one.lower().endswith((".hgt", ".tif", ".tiff"))]
    if not known:
        msg = f"{path} holds no elevation raster (.hgt or .tif)"
        raise SourceError(msg)
    return f"/vsizip/{Path(path).as_posix()}/{known[0]}"


def _opened(path: str | Path) -> rasterio.DatasetReader:
    """Open a raster, or say which one cannot be read."""
    name = raster_path(path)
    try:
        return rasterio.open(name)
    except rasterio.errors.RasterioIOError as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error


def _cell_m(path: str | Path) -> float:
    """Return the size of a cell in metres, about."""
    with _opened(path) as raster:
        size = abs(raster.transform.a)
        geographic = raster.crs is not None and raster.crs.is_geographic
        return (
            float(size * 111_320 * np.cos(np.radians(raster.bounds.top)))
            if (geographic)
            else float(size)
        )


def _one_tile(path: str | Path, xy: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Sample one raster."""
    with _opened(path) as raster:
        if raster.crs is None:
            msg = f"{path} declares no CRS; say where the raster lies"
            raise NetworkError(msg)
        there = pyproj.Transformer.from_crs(crs, raster.crs.to_wkt(), always_xy=True)
        x, y = there.transform(xy[:, 0], xy[:, 1])
        cells = ~raster.transform
        column = cells.a * x + cells.b * y + cells.c
        row = cells.d * x + cells.e * y + cells.f
        column, row = column - 0.5, row - 0.5  # in cell centres
        inside = np.abs(column - (raster.width - 1) / 2) <= raster.width / 2
        inside &= np.abs(row - (raster.height - 1) / 2) <= raster.height / 2
        height = np.full(len(xy), np.nan)
        if inside.any():
            height[inside] = _bilinear(raster, column[inside], row[inside])
        return height


def _bilinear(
    raster: rasterio.DatasetReader, column: FloatArray, row: FloatArray
) -> FloatArray:
    """Interpolate between cell centres, void corners left out."""
    left, top = int(max(column.min(), 0)), int(max(row.min(), 0))
    right = int(min(column.max() + 2, raster.width))
    bottom = int(min(row.max() + 2, raster.height))
    window = Window(left, top, max(right - left, 1), max(bottom - top, 1))
    band = raster.read(1, window=window, masked=True).astype(float).filled(np.nan)
    band[np.isin(band, _VOIDS)] = np.nan
    column = np.clip(column - left, 0, band.shape[1] - 1)
    row = np.clip(row - top, 0, band.shape[0] - 1)
    c0, r0 = np.floor(column).astype(int), np.floor(row).astype(int)
    total, weight = np.zeros(len(row)), np.zeros(len(row))
    for dc in (0, 1):
        for dr in (0, 1):
            share = (1 - np.abs(column - c0 - dc)) * (1 - np.abs(row - r0 - dr))
            value = band[
                np.minimum(r0 + dr, band.shape[0] - 1),
                np.minimum(c0 + dc, band.shape[1] - 1),
            ]
            good = np.isfinite(value) & (share > 0)
            total[good] += value[good] * share[good]
            weight[good] += share[good]
    total[weight < _ENOUGH] = np.nan
    return total / np.maximum(weight, _ENOUGH)
