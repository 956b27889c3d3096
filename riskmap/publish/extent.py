"""What a map must show: bounds around what matters, and the window around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskmap.publish.places import Place

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["bounds_of", "home_of", "window_of"]

_AIR = 0.08
_LEAST_SIDE_M = {"village": 350.0, "township": 1500.0}
_WINDOW = 2.6
_VAST, _AROUND, _LEAST_AROUND_M = 1.6, 0.3, 200.0
_ISLET = 0.02


def bounds_of(place: Place, parts: Iterable[gpd.GeoSeries]) -> Bounds:
    """Hold what matters with some air, or the place where nothing does.

    Parameters
    ----------
    place
        The village or township.
    parts
        Geometries in the CRS of the map.

    Returns
    -------
    tuple of float
        ``(minx, miny, maxx, maxy)``, metres.
    """
    boxes = [part.total_bounds for part in parts if len(part)]
    if not boxes and place.boundary is not None:
        boxes = [place.boundary.total_bounds]
    if not boxes and place.point is not None:
        boxes = [np.asarray(place.point.bounds)]
    if not boxes:
        boxes = [place.neighbours.total_bounds]
    stack = np.vstack(boxes)
    low, high = np.nanmin(stack[:, :2], axis=0), np.nanmax(stack[:, 2:], axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        low = high = np.zeros(2)
    middle = (low + high) / 2
    half = (high - low) / 2 * (1 + 2 * _AIR)
    half = np.maximum(half, _LEAST_SIDE_M[place.level] / 2)
    (west, south), (east, north) = middle - half, middle + half
    return float(west), float(south), float(east), float(north)


def home_of(
    place: Place, matters: gpd.GeoSeries, water: gpd.GeoDataFrame | None
) -> list[gpd.GeoSeries]:
    """Return what a map of a whole place must hold: its land around what matters.

    Parameters
    ----------
    place
        The village or township.
    matters
        Dangers, shelters and groups in the CRS of the map.
    water
        Water in the CRS of the map, of which areas count; None for none.

    Returns
    -------
    list of geopandas.GeoSeries
        The dangers, shelters and groups, and the land within the border: without
        sea, without islets that nothing stands on, and of a village that is vast
        empty hillside only what lies around them.
    """
    if place.boundary is None:
        return [matters]
    home = shapely.make_valid(place.boundary.geometry.union_all())
    land = home.difference(_areas(water, home))
    parts = shapely.get_parts(home if land.is_empty else land)
    known = shapely.union_all(matters.to_numpy())
    large = shapely.area(parts) >= _ISLET * shapely.area(parts).sum()
    kept = shapely.union_all(parts[large | shapely.intersects(parts, known)])
    if place.level == "village" and len(matters):
        west, south, east, north = matters.total_bounds
        side = max(east - west, north - south)
        low, high = np.array(kept.bounds[:2]), np.array(kept.bounds[2:])
        air = max(side * _AROUND, _LEAST_AROUND_M)
        if (high - low).max() > _VAST * (side + 2 * air):
            around = (west - air, south - air, east + air, north + air)
            kept = shapely.clip_by_rect(kept, *around)
    return [matters, gpd.GeoSeries([kept], crs=matters.crs)]


def _areas(water: gpd.GeoDataFrame | None, home: shapely.Geometry) -> shapely.Geometry:
    """Return the areas of water that reach into a place."""
    if water is None or water.empty:
        return shapely.Polygon()
    near = water.geometry.iloc[water.sindex.query(home)]
    areas = [one for one in near if one.geom_type.endswith("Polygon")]
    return shapely.union_all([shapely.make_valid(one) for one in areas])


def window_of(bounds: Bounds) -> Bounds:
    """Widen the bounds to whatever a sheet or page may show around them."""
    west, south, east, north = bounds
    half = max(east - west, north - south) * _WINDOW / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half
