"""The map on a sheet: terrain, base, dangers, routes, signs and labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.publish.compass import draw_compass
from riskmap.publish.exits import exits_of
from riskmap.publish.frame import Frame, frame_of
from riskmap.publish.ground import draw_blank, known_ground
from riskmap.publish.labelprint import write_labels
from riskmap.publish.legend import Sample, merged_samples
from riskmap.publish.mapbase import DIM_Z, draw_boundary, draw_terrain, draw_ticks
from riskmap.publish.maplabels import Wanted, context_factor, wanted_labels
from riskmap.publish.mapsigns import middles_of, sides_of, spread_signs
from riskmap.publish.overview import draw_overview, shown_shelters
from riskmap.publish.plot import Plot, points_wide, symbol_outline
from riskmap.publish.routedraw import (
    CROSS_Z,
    Ways,
    boxes_along,
    boxes_around,
    draw_routes,
)
from riskmap.publish.style import page_style, style

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.fonts import Faces
    from riskmap.publish.labels import Placed
    from riskmap.publish.layout import Page
    from riskmap.publish.spec import MapLayer, MapSpec
    from riskmap.publish.style import Style

    FloatArray = NDArray[np.float64]

__all__ = ["Drawn", "draw_map"]

_BASE_Z, _AREA_Z, _LINE_Z, _POINT_Z = 10.0, 40.0, 60.0, 80.0
_ROADS = ("path", "road_4", "road_3", "road_2", "road_1")
_ROOMY = ((16, 1.3), (28, 1.18), (45, 1.08))
"""Up to how many labels the characters are larger, and by which factor."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map that was drawn, and what the rest of the sheet must say of it.

    Parameters
    ----------
    plot
        Where it was drawn.
    legend
        What is on it, the most important first.
    wanted
        The labels that were asked for.
    placed
        The labels that were printed.
    interval
        Metres between contours; None for none.
    ways
        The routes, where they were drawn.
    """

    plot: Plot
    legend: tuple[Sample, ...]
    wanted: tuple[Wanted, ...]
    placed: tuple[Placed, ...]
    interval: float | None
    ways: Ways


def draw_map(figure: Figure, spec: MapSpec, page: Page, *, faces: Faces) -> Drawn:
    """Draw a map into its frame on the page.

    Parameters
    ----------
    figure
        A figure of the page's size.
    spec
        The map.
    page
        The page.
    faces
        The font.

    Returns
    -------
    Drawn
        With the legend and the labels.

    Raises
    ------
    SourceError
        If a raster of the terrain cannot be read.
    """
    ground = known_ground(spec)
    frame = frame_of(spec, page, ground)
    plot = _plot(figure, page, frame, faces=faces)
    relief = draw_terrain(plot, spec, ground)
    blank = draw_blank(plot, ground)
    draw_boundary(plot, spec)
    spec = spread_signs(plot, spec)
    for rank, layer in enumerate(spec.layers):
        _draw_layer(plot, layer, 0.01 * rank)
    corner = draw_overview(figure, plot, spec, rect=frame.corner)
    seen = _seen(plot, corner)
    wanted = wanted_labels(plot, spec, exits=exits_of(plot, spec, seen))
    factor = _roomy(len(wanted))
    wanted = [replace(one, mm=one.mm * factor) for one in wanted]
    signs = _symbol_boxes(plot, spec)
    ticks = (
        draw_compass(plot, np.vstack([signs, _ways_of(plot, spec)]))
        if page.portrait
        else draw_ticks(plot)
    )
    ways = draw_routes(plot, spec, np.vstack([signs, corner, ticks]), seen=seen)
    wanted = [one for one in wanted if one.along or not _covered(one, corner)]
    placed = write_labels(plot, wanted, signs=signs, ways=ways)
    unknown = [("no_data", blank), ("no_height", relief.void)]
    blanks = [style(name) for name, there in unknown if there]
    legend = _legend(spec, seen, blanks=blanks, small=len(corner) > 0)
    return Drawn(plot, legend, tuple(wanted), tuple(placed), relief.interval, ways)


def _ways_of(plot: Plot, spec: MapSpec) -> FloatArray:
    """Return boxes along the primary routes, millimetres."""
    routes = spec.layer("routes")
    return boxes_along(plot, [] if routes is None else list(routes.frame.geometry))


def _seen(plot: Plot, corner: FloatArray) -> BaseGeometry:
    """Return the part of the frame that the overview does not hide, metres."""
    seen: BaseGeometry = shapely.box(*plot.window)
    for row in corner:
        low, high = plot.ground(row[:2]), plot.ground(row[2:])
        seen = seen.difference(shapely.box(*low, *high))
    return seen


def _roomy(labels: int) -> float:
    """Return how much larger labels may be where there are few."""
    return next((factor for most, factor in _ROOMY if labels <= most), 1.0)


def _covered(one: Wanted, corner: FloatArray) -> bool:
    """Tell whether the overview hides what a label belongs to."""
    at = one.anchor[0]
    return any(bool((at >= row[:2]).all() and (at <= row[2:]).all()) for row in corner)


def _plot(figure: Figure, page: Page, frame: Frame, *, faces: Faces) -> Plot:
    """Make the axes of the frame at a round scale."""
    rect, window = page.map, frame.window
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
    axes.set_facecolor(page_style()["paper"])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_linewidth(points_wide(0.3))
        spine.set_edgecolor(page_style()["ink"])
        spine.set_zorder(200)
    return Plot(axes, window, frame.scale, page, rect, faces)


def _draw_layer(plot: Plot, layer: MapLayer, lift: float) -> None:
    """Draw one layer other than routes, each style at its turn."""
    frame = layer.frame
    if layer.kind == "route" or frame.empty:
        return
    if layer.key == "roads":
        _draw_roads(plot, layer)
        return
    for name in sorted(frame["style"].unique()):
        part = frame[frame["style"] == name]
        look = style(name)
        if layer.kind == "area":
            z = (_BASE_Z if layer.emphasis == "base" else _AREA_Z) + lift
            faded = layer.emphasis == "context" and "zone" in name
            plot.areas(part.geometry, look, z=z, faded=faded)
        elif layer.kind == "line":
            z = (_BASE_Z if layer.emphasis == "base" else _LINE_Z) + lift
            plot.lines(part.geometry, look, z=z, casing_z=z - 0.005)
            if look.mark is not None:
                _draw_crosses(plot, part.geometry, look)
        else:
            _draw_points(plot, layer, part, look=look, lift=lift)


def _draw_points(
    plot: Plot, layer: MapLayer, part: gpd.GeoDataFrame, *, look: Style, lift: float
) -> None:
    """Draw the symbols of one style, with the numbers in them."""
    xy = middles_of(part)
    factor = context_factor(layer)
    factor *= plot.sign_size(1.0, layer.key) / plot.size(1.0)
    sizes = [float(one) * factor for one in part["size"]]
    z = _POINT_Z + 20 * lift
    plot.symbols(xy, look, z=z, sizes=sizes)
    dark = look.mark_fill if look.name.startswith("group") else look.text
    for at, number in zip(xy, part["number"], strict=True):
        if number:
            mm = plot.page.phone_mm * min(1.0, 2.4 / len(number))
            plot.text(at, number, mm=mm, colour=dark, z=z + 0.5, bold=True)


def _draw_roads(plot: Plot, layer: MapLayer) -> None:
    """Draw all casings below all roads, the lesser roads first."""
    for rank, name in enumerate(_ROADS):
        part = layer.frame[layer.frame["style"] == name]
        z = DIM_Z + 2 + 0.2 * rank
        plot.lines(part.geometry, style(name), z=z + 1, casing_z=z)


def _draw_crosses(plot: Plot, shapes: gpd.GeoSeries, look: Style) -> None:
    """Put crosses on closed roads."""
    step = plot.metres(plot.size(7.0))
    at: list[FloatArray] = []
    for shape in shapes:
        for line in shapely.get_parts(shape):
            count = max(1, int(line.length // step))
            places = (np.arange(count) + 0.5) / count
            points = shapely.line_interpolate_point(line, places, normalized=True)
            at.append(shapely.get_coordinates(points))
    if at and look.mark is not None:
        side = plot.metres(plot.size(look.size_mm))
        marks = [symbol_outline(look.mark, one, side) for one in np.vstack(at)]
        paper = page_style()["paper"]
        plot.shapes(marks, fill=look.mark_fill, edge=paper, width=0.7, z=CROSS_Z)


def _symbol_boxes(plot: Plot, spec: MapSpec) -> FloatArray:
    """Return the boxes of all symbols, which no label may cover."""
    rows = [np.zeros((0, 4))]
    for layer in spec.layers:
        if layer.kind != "point":
            continue
        xy = plot.paper(middles_of(layer.frame))
        rows.append(boxes_around(xy, sides_of(plot, layer) / 2))
    return np.vstack(rows)


def _legend(
    spec: MapSpec, window: BaseGeometry, *, blanks: list[Style], small: bool
) -> tuple[Sample, ...]:
    """List what map and overview show, the top layers first, each sign once."""
    found: dict[tuple[str, str], None] = {}
    ordered = sorted(
        enumerate(spec.layers), key=lambda one: (_RANK[one[1].emphasis], -one[0])
    )
    for _, layer in ordered:
        near = layer.frame.sindex.query(window, predicate="intersects")
        rows = layer.frame.iloc[np.sort(near)]
        if small and layer.key == "shelters":
            rows = pd.concat([rows, shown_shelters(spec)])
        pairs = zip(rows["style"], rows["legend"], rows.geometry, strict=True)
        seen = {
            (name, words)
            for name, words, shape in pairs
            if _shows(style(name), shape, window)
        }
        found |= dict.fromkeys(sorted(seen))
    entries = [(style(name), words) for name, words in found]
    if spec.boundary is not None and spec.boundary.boundary.intersects(window).any():
        look = style("boundary")
        words = str(spec.boundary.get("legend", pd.Series([look.label])).iloc[0])
        entries.append((look, words))
    entries += [(look, look.label) for look in blanks]
    return merged_samples(entries)


def _shows(look: Style, shape: BaseGeometry, window: BaseGeometry) -> bool:
    """Tell whether anything of a shape is drawn: of a mere border, its line."""
    border = look.kind == "area" and look.fill_opacity == 0 and not look.hatch
    return not border or bool(shape.boundary.intersects(window))


_RANK = {"hero": 0, "context": 1, "base": 2}
