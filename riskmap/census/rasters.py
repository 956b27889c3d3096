"""Hazard rasters (depth, susceptibility) to zones."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio import features

from riskmap.errors import CrsError, LayerError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from shapely.geometry.base import BaseGeometry

__all__ = ["read_hazard_zones"]


def read_hazard_zones(
    path: str | Path, *, breaks: Sequence[float], crs: str | int = 4490
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
    crs
        The CRS of the result.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons with ``zone_id`` (text), ``at_least`` and ``below`` (the
        bounds of the class, in the raster's unit; NaN for none), one row a
        connected patch.

    Raises
    ------
    SourceError
        If the file cannot be read as a raster.
    CrsError
        If the raster has no CRS.
    LayerError
        If `breaks` are empty or not ascending.
    """
    bounds = [float(one) for one in breaks]
    if not bounds or any(b <= a for a, b in pairwise(bounds)):
        msg = f"breaks {bounds} must be one or more ascending numbers"
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
    return frame.to_crs(crs)


def _patches(
    path: str | Path, bounds: list[float]
) -> tuple[list[BaseGeometry], list[int], Any]:
    """Read a raster and trace the connected patches of each class."""
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None:
                msg = f"{path} has no CRS; say which one it is in"
                raise CrsError(msg)
            classes = _classes(raster, bounds)
            traced = list(
                features.shapes(classes, classes > 0, transform=raster.transform)
            )
            crs = raster.crs
    except rasterio.errors.RasterioError as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error
    geometries = [shapely.geometry.shape(shape) for shape, _ in traced]
    return geometries, [int(number) for _, number in traced], crs


def _classes(raster: DatasetReader, bounds: list[float]) -> NDArray[np.int16]:
    """Return the class of each cell: 0 below the first bound or without data."""
    values = raster.read(1, masked=True)
    filled = np.asarray(values.astype("float64").filled(np.nan))
    classes = np.digitize(np.nan_to_num(filled, nan=-np.inf), bounds)
    found: NDArray[np.int16] = classes.astype("int16")
    return found
