"""Shaded terrain as one small picture inside a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import geopandas as gpd
import pyproj
import shapely
from PIL import Image

from riskmap.publish.assets import data_uri
from riskmap.publish.style import page_style
from riskmap.publish.terrain import read_terrain, shaded

if TYPE_CHECKING:
    from riskmap.publish.escape import Json
    from riskmap.publish.spec import MapSpec

__all__ = ["terrain_data"]

_COLUMNS = 448
_QUALITY = 62
_AROUND = 2.4
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
    west, south, east, north = spec.bounds
    grow = max(east - west, north - south) * (_AROUND - 1) / 2
    window = gpd.GeoSeries([shapely.box(*spec.bounds).buffer(grow)], crs=spec.crs)
    on_web = window.to_crs(_WEB)
    left, bottom, right, top = (float(one) for one in on_web.total_bounds)
    terrain = read_terrain(spec.dem, (left, bottom, right, top), _WEB, columns=_COLUMNS)
    if terrain is None:
        return None
    image = shaded(terrain, strength=float(page_style()["hillshade"]))
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "WEBP", quality=_QUALITY, method=4)
    corners = gpd.GeoSeries([shapely.box(left, bottom, right, top)], crs=_WEB)
    w, s, e, n = (round(float(one), 7) for one in corners.to_crs(4326).total_bounds)
    return {
        "image": data_uri(stream.getvalue(), suffix="webp"),
        "bounds": [[s, w], [n, e]],
        "opacity": 1,
    }
