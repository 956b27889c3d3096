"""Hazard rasters (depth, susceptibility) to zones."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio import features

from riskmap.errors import CrsError, LayerError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from shapely.geometry.base import BaseGeometry

__all__ = ["RASTER_SUFFIXES", "open_raster", "read_hazard_zones"]

RASTER_SUFFIXES = frozenset([".tif", ".tiff", ".img", ".vrt", ".asc"])


def read_hazard_zones(
    path: str | Path,
    *,
    breaks: Sequence[float],
    levels: Sequence[str] | None = None,
    crs: str | int = 4490,
) -> gpd.GeoDataFrame:
    """Turn a hazard raster into zones of equal class, along the cell borders.

    Parameters
    ----------
    path
        A raster of one value a cell, such as the depth of a flood in metres.
        Cells without data are no hazard and no safety: they are in no zone.
    breaks
        The lower bounds of the classes, ascending; what lies below the first
        is in no zone. The last class has no upper bound.
    levels
        The name of each class, such as 中, 高, 极高 of a susceptibility; None
        for no names.
    crs
        The CRS of the result.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons with ``zone_id`` (text), ``at_least`` and ``below`` (the
        bounds of the class, in the raster's unit; NaN for none), and
        ``risk_level`` where `levels` are given; one row a connected patch.

    Raises
    ------
    SourceError
        If the file cannot be read as a raster.
    CrsError
        If the raster has no CRS.
    LayerError
        If `breaks` are empty or not ascending, or `levels` not as many.
    """
    bounds = [float(one) for one in breaks]
    if not bounds or any(b <= a for a, b in pairwise(bounds)):
        msg = f"breaks {bounds} must be one or more ascending numbers"
        raise LayerError(msg)
    if levels is not None and len(levels) != len(bounds):
        msg = f"there are {len(levels)} levels for {len(bounds)} breaks; name each one"
        raise LayerError(msg)
    geometries, classes, found = _patches(path, bounds)
    upper = [*bounds[1:], float("nan")]
    frame = gpd.GeoDataFrame(
        {
            "zone_id": [f"depth-{number + 1:04d}" for number in range(len(classes))],
            "at_least": [bounds[one - 1] for one in classes],
            "below": [upper[one - 1] for one in classes],
        },
        geometry=geometries,
        crs=found,
    )
    if levels is not None:
        frame.insert(3, "risk_level", [levels[one - 1] for one in classes])
    return frame.to_crs(crs)


@contextmanager
def open_raster(path: str | Path) -> Iterator[DatasetReader]:
    """Open a raster that says where it lies.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    rasterio.io.DatasetReader
        Closed at the end of the block.

    Raises
    ------
    SourceError
        If it cannot be read as a raster.
    CrsError
        If it has no CRS.
    """
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                msg = f"{path} has no CRS; say which one it is in"
                raise CrsError(msg)
            yield raster
    except rasterio.errors.RasterioError as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error


def _patches(
    path: str | Path, bounds: list[float]
) -> tuple[list[BaseGeometry], list[int], Any]:
    """Read a raster and trace the connected patches of each class."""
    with open_raster(path) as raster:
        classes = _classes(raster, bounds)
        traced = list(features.shapes(classes, classes > 0, transform=raster.transform))
        crs = raster.crs
    geometries = [shapely.geometry.shape(shape) for shape, _ in traced]
    return geometries, [int(number) for _, number in traced], crs


def _classes(raster: DatasetReader, bounds: list[float]) -> NDArray[np.int16]:
    """Return the class of each cell: 0 below the first bound or without data."""
    values = raster.read(1, masked=True)
    filled = np.asarray(values.astype("float64").filled(np.nan))
    classes = np.digitize(np.nan_to_num(filled, nan=-np.inf), bounds)
    found: NDArray[np.int16] = classes.astype("int16")
    return found
