"""A county's own picture of the ground under its maps: orthophoto or MBTiles.

The picture is warped into the CRS of the map, which is its only shift. A picture
in GCJ-02 cannot be told from a true one by its numbers; where it says so itself,
in its metadata or by ``base_datum``, it is refused: data in CGCS2000 would lie
hundreds of metres beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling

from riskmap.errors import CrsError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    Bounds = tuple[float, float, float, float]
    Pixels = NDArray[np.uint8]

__all__ = ["few_colours", "own_base", "read_base", "refuse_shifted"]

_SHIFTED = re.compile(r"gcj|火星|amap|autonavi|高德|腾讯|webrd0|bd-?09", re.IGNORECASE)
_OPAQUE = 255


def refuse_shifted(path: Path) -> None:
    """Refuse a picture whose metadata say that it is in GCJ-02 or BD-09.

    Parameters
    ----------
    path
        A raster file.

    Raises
    ------
    CrsError
        If its tags name such a datum, or a supplier whose tiles are shifted.
    SourceError
        If it is not a raster with a CRS.
    """
    try:
        with rasterio.open(path) as source:
            told = " ".join(f"{key} {text}" for key, text in source.tags().items())
            placed = source.crs is not None
    except (rasterio.errors.RasterioError, OSError) as error:
        msg = f"{path} cannot be read as a base map: {error}"
        raise SourceError(msg) from error
    if not placed:
        msg = f"{path} has no CRS; a base map needs one"
        raise SourceError(msg)
    if _SHIFTED.search(told):
        raise CrsError(_shifted_words(path))


def _shifted_words(path: Path) -> str:
    """Say why a shifted base map is refused, and what to do.

    Parameters
    ----------
    path
        The raster file.

    Returns
    -------
    str
        One sentence for an error.
    """
    return (
        f"{path} is in GCJ-02 or BD-09; the layers are in CGCS2000 and would lie "
        "hundreds of metres beside it. Warp the picture to CGCS2000 by its own "
        "control points first, or take one that is not shifted"
    )


def read_base(
    path: Path, bounds: Bounds, crs: pyproj.CRS, *, columns: int
) -> Pixels | None:
    """Warp a picture of the ground into the CRS and window of a map.

    Parameters
    ----------
    path
        A GeoTIFF, an MBTiles file or any other raster with a CRS.
    bounds
        ``(minx, miny, maxx, maxy)`` in `crs`.
    crs
        The CRS of the map.
    columns
        How many pixels the result is wide.

    Returns
    -------
    numpy.ndarray or None
        Red, green, blue and opacity, rows from north to south; None where the
        picture does not reach the window.

    Raises
    ------
    SourceError
        If the file is not a raster with a CRS.
    CrsError
        If it says that it is in GCJ-02 or BD-09.
    """
    refuse_shifted(path)
    west, south, east, north = bounds
    rows = max(2, round(columns * (north - south) / (east - west)))
    cell = ((east - west) / columns, (north - south) / rows)
    grid = rasterio.Affine(cell[0], 0.0, west, 0.0, -cell[1], north)
    try:
        with (
            rasterio.open(path) as source,
            WarpedVRT(
                source,
                crs=crs.to_wkt(),
                transform=grid,
                width=columns,
                height=rows,
                resampling=Resampling.nearest
                if source.colorinterp[0] == ColorInterp.palette
                else Resampling.average,
                add_alpha=ColorInterp.alpha not in source.colorinterp,
            ) as warped,
        ):
            colours = _colours(source, warped.read())
    except (rasterio.errors.RasterioError, OSError) as error:
        msg = f"{path} cannot be read as a base map: {error}"
        raise SourceError(msg) from error
    return colours if bool(colours[..., 3].any()) else None


def _colours(source: rasterio.DatasetReader, bands: NDArray[np.generic]) -> Pixels:
    """Put bands into red, green, blue and opacity, whatever they were."""
    *pictured, opacity = bands
    if source.colorinterp[0] == ColorInterp.palette:
        table = np.zeros((256, 3), dtype=np.uint8)
        for value, colour in source.colormap(1).items():
            table[value] = colour[:3]
        full = table[pictured[0]]
    else:
        few = pictured[:3] if len(pictured) >= 3 else [pictured[0]] * 3  # noqa: PLR2004
        full = np.stack([_bytes(one) for one in few], axis=-1)
    clear = np.where(opacity > 0, _OPAQUE, 0).astype(np.uint8)
    return np.dstack([full, clear])


def _bytes(band: NDArray[np.generic]) -> Pixels:
    """Bring a band of more than eight bits down to eight."""
    if band.dtype == np.uint8:
        return band.astype(np.uint8, copy=False)
    heights = band.astype(np.float64)
    low, high = (float(one) for one in np.percentile(heights, (1.0, 99.0)))
    scaled = (heights - low) / max(high - low, 1e-9)
    return np.asarray(np.clip(scaled, 0, 1) * _OPAQUE, dtype=np.uint8)


def few_colours(pixels: Pixels, *, pale: float, count: int) -> Pixels:
    """Make a picture pale, so that signs stand out, and of few colours.

    Parameters
    ----------
    pixels
        Red, green, blue.
    pale
        The share of white mixed in, 0 to 1.
    count
        The most colours that are left; a sheet stays small by them.

    Returns
    -------
    numpy.ndarray
        Red, green, blue.
    """
    light = (pixels * (1.0 - pale) + _OPAQUE * pale).astype(np.uint8)
    few = Image.fromarray(light).quantize(
        count, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    return np.asarray(few.convert("RGB"))


def own_base(path: Path, *, datum: str) -> Path:
    """Return a county's base map, if data may be drawn over it.

    Parameters
    ----------
    path
        A raster file.
    datum
        ``"cgcs2000"`` for a picture in its true place, ``"gcj02"`` for a shifted
        one.

    Returns
    -------
    pathlib.Path
        The same file.

    Raises
    ------
    CrsError
        If `datum` or the file itself says that it is shifted.
    SourceError
        If it is not a raster with a CRS.
    """
    if datum != "cgcs2000":
        raise CrsError(_shifted_words(path))
    refuse_shifted(path)
    return path
