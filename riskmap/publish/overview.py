"""The small map of whole routes, where the sheet itself shows the village alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import LineCollection

from riskmap.publish.cells import THIN_SPACE
from riskmap.publish.fonts import printable
from riskmap.publish.labelplaces import point_candidates
from riskmap.publish.labels import Label, place_labels
from riskmap.publish.lanes import merged_lanes
from riskmap.publish.layout import Rect, round_scale
from riskmap.publish.plot import Plot, points_wide
from riskmap.publish.routedraw import (
    ROUTE_Z,
    boxes_along,
    boxes_around,
    draw_arrows,
)
from riskmap.publish.routenumbers import print_numbers, runs_of
from riskmap.publish.style import page_style, read_words, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.spec import MapLayer, MapSpec

    FloatArray = NDArray[np.float64]

__all__ = ["draw_overview", "shown_shelters"]

_Z = 300.0
_SIGN_Z, _FRAME_Z, _FRAME_ALPHA, _SIGN_MM = ROUTE_Z + 10, 10.0, 0.14, 2.4
_SAME_PLACE_M = 60.0
_BASE = ("water", "roads", "villages")


def draw_overview(
    figure: Figure, plot: Plot, spec: MapSpec, *, rect: Rect | None
) -> FloatArray:
    """Draw the whole routes into a corner of the map's frame.

    Parameters
    ----------
    figure
        The page.
    plot
        The map.
    spec
        The map; `MapSpec.overview` says what the small map must hold.
    rect
        Where on the page; None for none.

    Returns
    -------
    numpy.ndarray
        The corner that labels of the map may not use: one row of ``(minx, miny,
        maxx, maxy)``, millimetres on the map; no row where there is no overview.
    """
    if rect is None:
        return np.zeros((0, 4))
    whole = plot.rect
    small = _small_plot(figure, plot, rect=rect, spec=spec)
    for key in _BASE:
        layer = spec.layer(key)
        if layer is not None:
            _draw_base(small, layer)
    _draw_words(small, spec, taken=_draw_routes(small, spec))
    ring = shapely.box(*plot.window).exterior
    small.axes.fill(
        *shapely.get_coordinates(ring).T,
        color=page_style()["danger"],
        alpha=_FRAME_ALPHA,
        linewidth=0,
        zorder=_FRAME_Z,
    )
    small.axes.plot(
        *shapely.get_coordinates(ring).T,
        color=page_style()["danger"],
        linewidth=points_wide(0.4),
        zorder=_Z,
    )
    low = np.array([rect.x - whole.x, whole.bottom - rect.bottom])
    size = np.array([rect.width, rect.height])
    return np.concatenate([low - 1.0, low + size + 1.0])[None, :]


def _small_plot(figure: Figure, plot: Plot, *, rect: Rect, spec: MapSpec) -> Plot:
    """Make the axes of the small map at a round scale."""
    page = plot.page
    scale, window = round_scale(spec.overview or spec.bounds, rect)
    axes = figure.add_axes(
        (
            rect.x / page.width,
            1.0 - rect.bottom / page.height,
            rect.width / page.width,
            rect.height / page.height,
        )
    )
    axes.set_xlim(window[0], window[2])
    axes.set_ylim(window[1], window[3])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(page_style()["paper"])
    for spine in axes.spines.values():
        spine.set_linewidth(points_wide(0.3))
        spine.set_edgecolor(page_style()["ink"])
        spine.set_zorder(_Z + 50)
    return Plot(axes, window, scale, page, rect, plot.faces)


def _draw_base(small: Plot, layer: MapLayer) -> None:
    """Draw water, greater roads and borders quietly."""
    keep = {"water", "road_1", "road_2", "road_3", "village_area"}
    for name in sorted(keep & set(layer.frame["style"])):
        look, part = style(name), layer.frame[layer.frame["style"] == name]
        if layer.kind == "area":
            small.areas(part.geometry, look, z=5.0, faded=False)
        else:
            lines = [one for one in part.geometry if not one.is_empty]
            plain = style("boundary")
            small.axes.add_collection(_thin(lines, plain.fill), autolim=False)


def _thin(lines: Sequence[BaseGeometry], colour: str) -> LineCollection:
    """Return roads as thin lines."""
    arrays = [
        shapely.get_coordinates(part)
        for line in lines
        for part in shapely.get_parts(line)
    ]
    return LineCollection(arrays, colors=[colour], linewidths=0.5, zorder=6)


def _draw_routes(small: Plot, spec: MapSpec) -> FloatArray:
    """Draw primary routes with arrows and numbers, and the shelters they lead to.

    Returns the boxes that words may not cover, millimetres on the small map.
    """
    shelters = shown_shelters(spec)
    for name in sorted(set(shelters["style"])):
        part = shelters[shelters["style"] == name]
        xy = shapely.get_coordinates(part.geometry.to_numpy())
        small.symbols(xy, style(name), z=_SIGN_Z, sizes=[0.8] * len(part))
    xy = small.paper(shapely.get_coordinates(shelters.geometry.to_numpy()))
    signs, routes = boxes_around(xy, _SIGN_MM), spec.layer("routes")
    if routes is None:
        return signs
    look = style("route")
    numbers = [int(one or 0) for one in routes.frame["number"]]
    lanes = merged_lanes(list(routes.frame.geometry), numbers)
    lines = [lane.line for lane in lanes]
    small.lines(lines, look, z=ROUTE_Z + 1, casing_z=ROUTE_Z)
    seen = shapely.box(*small.window)
    found = print_numbers(
        small, lanes, runs_of(spec, seen), solid=signs, seen=seen, z=ROUTE_Z + 3
    )
    taken = np.vstack([signs, *[one.box for one in found]])
    for lane in lanes:
        if not lane.opposed:
            draw_arrows(small, lane.line, look, taken=taken)
    return np.vstack([taken, boxes_along(small, lines)])


def shown_shelters(spec: MapSpec) -> gpd.GeoDataFrame:
    """Return the shelters that a route leads to, which the small map shows.

    Parameters
    ----------
    spec
        The map.

    Returns
    -------
    geopandas.GeoDataFrame
        A part of the layer of the shelters.
    """
    layer, routes = spec.layer("shelters"), spec.layer("routes")
    if layer is None or routes is None:
        return gpd.GeoDataFrame({"style": [], "label": []}, geometry=[])
    ends = shapely.get_point(routes.frame.geometry.to_numpy(), -1)
    near = [
        bool((shapely.distance(ends, one) < _SAME_PLACE_M).any())
        for one in layer.frame.geometry
    ]
    return layer.frame.loc[np.array(near, dtype=bool)]


def _draw_words(small: Plot, spec: MapSpec, *, taken: FloatArray) -> None:
    """Name the shelters, and the small map itself."""
    mm = small.page.text_mm
    words = read_words()["marks"]["overview"]
    title = f"{words} 1:{small.scale:,}".replace(",", THIN_SPACE)
    at = small.ground(np.array([small.rect.width / 2, small.rect.height - mm]))
    small.text(
        at, title, mm=mm, colour=page_style()["ink"], z=_Z, bold=True, halo_mm=0.5
    )
    shelters = shown_shelters(spec)
    names: list[str] = []
    labels: list[Label] = []
    for label, shape in zip(shelters["label"], shelters.geometry, strict=True):
        name, _ = printable(str(label).split("\n", maxsplit=1)[0], small.faces)
        x, y = small.paper(shapely.get_coordinates(shape)[0])
        size = (len(name) * mm * 1.1, mm * 1.3)
        places = point_candidates((float(x), float(y)), size, clear=2.6)
        labels.append(Label(len(names), 1, places, must=True))
        names.append(name)
    frame = (small.rect.width, small.rect.height - 2 * mm)
    soft = np.zeros((0, 5))
    for one in place_labels(labels, frame=frame, solid=taken, soft=soft):
        spot = small.ground(np.array([one.candidate.x, one.candidate.y]))
        look = style("shelter")
        small.text(
            spot,
            names[one.key],
            mm=mm,
            colour=look.text,
            z=_Z,
            bold=True,
            halo_mm=0.5,
            halo_z=ROUTE_Z - 1,
        )
