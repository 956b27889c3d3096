"""What a map must show: bounds around what matters, and the window around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from riskmap.publish.places import Place

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["bounds_of", "window_of"]

_AIR = 0.08
_LEAST_SIDE_M = {"village": 350.0, "township": 1500.0}
_WINDOW = 2.6


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


def window_of(bounds: Bounds) -> Bounds:
    """Widen the bounds to whatever a sheet or page may show around them."""
    west, south, east, north = bounds
    half = max(east - west, north - south) * _WINDOW / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half
