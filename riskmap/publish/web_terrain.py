"""Shaded terrain as one small picture inside a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import geopandas as gpd
import pyproj
import shapely
from PIL import Image

from riskmap.publish.assets import data_uri
from riskmap.publish.basemap import read_base
from riskmap.publish.style import page_style
from riskmap.publish.terrain import read_terrain, shaded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from riskmap.publish.escape import Json
    from riskmap.publish.spec import MapSpec

    Bounds = tuple[float, float, float, float]
    Pixels = NDArray[np.uint8]

__all__ = ["base_data", "terrain_data"]

_COLUMNS = 448
_QUALITY = 62
_AROUND = 2.4
_BASE_COLUMNS, _BASE_AROUND = 1100, 2.0
_BASE_QUALITY, _LEAST_QUALITY = 60, 15
_BASE_MOST = 600_000
"""The most characters of a base map in a page."""
_WEB = pyproj.CRS.from_epsg(3857)


def terrain_data(spec: MapSpec) -> dict[str, Json] | None:
    """Shade the terrain in and around a map, in the projection of web maps.

    Parameters
    ----------
    spec
        A map; its rasters may be in any CRS.

    Returns
    -------
    dict or None
        ``image`` (a WebP as a ``data:`` address), ``bounds`` (two corners of
        latitude and longitude) and ``opacity``; None where no raster reaches.

    Raises
    ------
    SourceError
        If a raster cannot be read.
    """
    if not spec.dem:
        return None
    left, bottom, right, top = _window(spec)
    terrain = read_terrain(spec.dem, (left, bottom, right, top), _WEB, columns=_COLUMNS)
    if terrain is None:
        return None
    image = shaded(terrain, strength=float(page_style()["hillshade"]))
    return _overlay(image, (left, bottom, right, top), quality=_QUALITY)


def base_data(spec: MapSpec) -> dict[str, Json] | None:
    """Cut the base map to the surroundings of a map, small enough for its page.

    Parameters
    ----------
    spec
        A map; its base may be in any true CRS.

    Returns
    -------
    dict or None
        As `terrain_data`; None without a base, or where it does not reach.

    Raises
    ------
    SourceError
        If the base cannot be read.
    CrsError
        If it says that it is in GCJ-02.
    """
    if spec.base is None:
        return None
    window = _window(spec, around=_BASE_AROUND)
    pixels = read_base(spec.base, window, _WEB, columns=_BASE_COLUMNS)
    if pixels is None:
        return None
    quality = _BASE_QUALITY
    while True:
        made = _overlay(pixels, window, quality=quality)
        if len(str(made["image"])) <= _BASE_MOST or quality <= _LEAST_QUALITY:
            return made
        quality -= 15


def _window(spec: MapSpec, around: float = _AROUND) -> Bounds:
    """Return a map and its surroundings in the projection of web maps."""
    west, south, east, north = spec.bounds
    grow = max(east - west, north - south) * (around - 1) / 2
    window = gpd.GeoSeries([shapely.box(*spec.bounds).buffer(grow)], crs=spec.crs)
    left, bottom, right, top = window.to_crs(_WEB).total_bounds
    return float(left), float(bottom), float(right), float(top)


def _overlay(image: Pixels, window: Bounds, *, quality: int) -> dict[str, Json]:
    """Put a picture and its corners into what the page's script takes."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "WEBP", quality=quality, method=4)
    corners = gpd.GeoSeries([shapely.box(*window)], crs=_WEB)
    w, s, e, n = (round(float(one), 7) for one in corners.to_crs(4326).total_bounds)
    return {
        "image": data_uri(stream.getvalue(), suffix="webp"),
        "bounds": [[s, w], [n, e]],
        "opacity": 1,
    }
