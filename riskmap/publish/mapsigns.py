"""Signs of a map that would hide one another, moved apart and tied to their places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from riskmap.publish.labels import spread
from riskmap.publish.maplabels import context_factor
from riskmap.publish.plot import points_wide
from riskmap.publish.style import page_style, style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapLayer, MapSpec

    FloatArray = NDArray[np.float64]

__all__ = ["middles_of", "sides_of", "spread_signs"]

_TIE_Z = 79.0
_SPREAD_MM, _TIE_FROM_MM = 9.0, 1.2
_MOST_SIGNS = 90
"""On a map with more of them, signs of context stay and may hide one another."""
_STAY = frozenset({"shelters", "landing_zones", "villages", "village_points"})


def spread_signs(plot: Plot, spec: MapSpec) -> MapSpec:
    """Move numbers of groups and signs of context apart on paper.

    Parameters
    ----------
    plot
        Where the map is drawn; the ties to the true places are drawn there.
    spec
        The map.

    Returns
    -------
    MapSpec
        With the signs where they are to be drawn. Shelters and what the map is
        about stay at their places.
    """
    points = [one for one in spec.layers if one.kind == "point" and len(one.frame)]
    window = shapely.box(*plot.window)
    seen = sum(int(one.frame.intersects(window).sum()) for one in points)
    free = [_moves(one, alone=seen <= _MOST_SIGNS) for one in points]
    if not any(free):
        return spec
    true = [middles_of(one.frame) for one in points]
    half = [
        sides_of(plot, one) / 2 * (1.0 if loose else -0.8)
        for one, loose in zip(points, free, strict=True)
    ]
    moved = spread(
        np.vstack([plot.paper(xy) for xy in true]),
        np.concatenate(half),
        most=plot.page.type_scale * _SPREAD_MM,
    )
    shown = np.split(plot.ground(moved), np.cumsum([len(xy) for xy in true])[:-1])
    drawn = {
        one.key: _moved(plot, one, at, to=to)
        for one, loose, at, to in zip(points, free, true, shown, strict=True)
        if loose
    }
    layers = tuple(drawn.get(one.key, one) for one in spec.layers)
    return replace(spec, layers=layers)


def _moves(layer: MapLayer, *, alone: bool) -> bool:
    """Tell whether the signs of a layer may leave their places on paper."""
    if layer.key == "groups":
        return layer.emphasis == "hero"
    return alone and layer.emphasis != "hero" and layer.key not in _STAY


def _moved(
    plot: Plot, layer: MapLayer, true: FloatArray, *, to: FloatArray
) -> MapLayer:
    """Tie signs to their places and return their layer with the new ones."""
    for start, end in zip(true, to, strict=True):
        _tie(plot, start, end)
    geometry = gpd.GeoSeries(
        shapely.points(to), index=layer.frame.index, crs=layer.frame.crs
    )
    return replace(layer, frame=layer.frame.set_geometry(geometry))


def _tie(plot: Plot, at: FloatArray, to: FloatArray) -> None:
    """Tie a symbol that was moved to its true place."""
    if np.hypot(*(to - at)) < plot.metres(_TIE_FROM_MM):
        return
    ink = page_style()["ink"]
    ends = np.vstack([at, to])
    plot.axes.plot(
        ends[:, 0], ends[:, 1], color=ink, linewidth=points_wide(0.25), zorder=_TIE_Z
    )
    plot.axes.plot(*at, "o", color=ink, markersize=points_wide(1.0), zorder=_TIE_Z)


def middles_of(frame: gpd.GeoDataFrame) -> FloatArray:
    """Return the positions of point symbols.

    Parameters
    ----------
    frame
        Any geometry, in metres.

    Returns
    -------
    numpy.ndarray
        One row of ``(x, y)`` each, metres.
    """
    middles: FloatArray = shapely.get_coordinates(frame.geometry.centroid.to_numpy())
    return middles


def sides_of(plot: Plot, layer: MapLayer) -> FloatArray:
    """Return the sides of the symbols of a layer.

    Parameters
    ----------
    plot
        Where they are drawn.
    layer
        Points.

    Returns
    -------
    numpy.ndarray
        Millimetres on paper.
    """
    sides = np.array([style(one).size_mm for one in layer.frame["style"]], dtype=float)
    sizes = np.array([float(one) for one in layer.frame["size"]], dtype=float)
    factor = plot.sign_size(1.0, layer.key) * context_factor(layer)
    whole: FloatArray = sides * sizes * factor
    return whole
