"""Rasters of water depth as zones that close roads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
from rasterio import features
from shapely.geometry import shape

from riskmap.errors import NetworkError, SourceError

if TYPE_CHECKING:
    from riskmap.routing.network import Network

__all__ = ["flooded"]


def flooded(
    network: Network, path: str | Path, *, depth_limit_m: float
) -> gpd.GeoDataFrame:
    """Return the areas where water is deeper than a limit, as zones.

    Parameters
    ----------
    network
        What the raster must overlap.
    path
        Depths in metres, any CRS; nodata is dry or unknown and closes nothing.
    depth_limit_m
        Deeper cells count.

    Returns
    -------
    geopandas.GeoDataFrame
        zone_id, name, geometry, in the CRS of the raster; one row an area.

    Raises
    ------
    NetworkError
        If the raster has no CRS, or does not overlap the network.
    SourceError
        If the raster cannot be read.
    """
    try:
        with rasterio.open(path) as raster:
            band = raster.read(1, masked=True)
            transform, crs, bounds = raster.transform, raster.crs, raster.bounds
    except rasterio.errors.RasterioIOError as error:
        msg = f"{path} cannot be read as a raster: {error}"
        raise SourceError(msg) from error
    if crs is None:
        msg = f"{path} declares no CRS; say where the raster lies"
        raise NetworkError(msg)
    _insist_on_overlap(network, path, crs=crs.to_wkt(), bounds=bounds)
    deep = (band > depth_limit_m).filled(fill_value=False).astype(np.uint8)
    areas = [
        shape(one)
        for one, _ in features.shapes(deep, mask=deep == 1, transform=transform)
    ]
    name = Path(path).stem
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"{name}-{row + 1}" for row in range(len(areas))],
            "name": [f"> {depth_limit_m:g} m"] * len(areas),
        },
        geometry=areas, crs=crs.to_wkt(),
    )  # fmt: skip


def _insist_on_overlap(
    network: Network, path: str | Path, *, crs: str, bounds: tuple[float, ...]
) -> None:
    """Raise where a raster lies somewhere else than the network."""
    xy = network.node_xy
    nodes = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=network.crs)
    left, bottom, right, top = nodes.to_crs(crs).total_bounds
    if left > bounds[2] or right < bounds[0] or bottom > bounds[3] or top < bounds[1]:
        msg = f"{path} does not overlap the network; check its CRS and extent"
        raise NetworkError(msg)
