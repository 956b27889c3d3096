"""Routes on a sheet: merged lanes with casing, arrowheads and numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.fonts import text_width
from riskmap.publish.labels import overlaps
from riskmap.publish.lanes import (
    arrows_along,
    beside,
    merged_lanes,
    number_ranges,
    on_the_right,
)
from riskmap.publish.plot import Plot, points_wide, symbol_outline
from riskmap.publish.style import page_style, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.path import Path as Outline
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.lanes import Lane
    from riskmap.publish.spec import MapSpec
    from riskmap.publish.style import Style

    FloatArray = NDArray[np.float64]

__all__ = ["ROUTE_Z", "boxes_around", "draw_routes"]

ROUTE_Z = 70.0
_ARROW_EVERY_MM = 25.0
_ARROW_LEAST_MM = 7.0
_ARROW_MM = 3.7
_PILL_PLACES = (0.5, 0.36, 0.64, 0.22, 0.78)
_LEAST_PILL_MM = 11.0
_LONGEST_PILL = 12
_SOFT_STEP_MM = 2.0
_SOFT_COST = 1.5
_VOID = "route_void"


def draw_routes(
    plot: Plot, spec: MapSpec, solid: FloatArray, *, shown: BaseGeometry
) -> tuple[FloatArray, FloatArray]:
    """Draw the routes of a map, the backups below.

    Parameters
    ----------
    plot
        Where to draw.
    spec
        The map.
    solid
        Boxes that numbers may not cover, millimetres on the map.
    shown
        What of the ground is seen, metres: the frame without what hides it.

    Returns
    -------
    solid : numpy.ndarray
        The boxes, and those of the numbers.
    soft : numpy.ndarray
        Rows of a box and a cost: where labels had better not stand.
    """
    lanes: list[Lane] = []
    primary = spec.layer("routes")
    if primary is not None:
        numbers = [int(one or 0) for one in primary.frame["number"]]
        lanes = _apart(plot, merged_lanes(list(primary.frame.geometry), numbers))
    _draw_backups(plot, spec, lanes)
    for layer in spec.layers:
        if layer.kind == "route" and layer.key not in {"routes", "routes_backup"}:
            _draw_plain(plot, layer.frame)
    look = style("route")
    plot.lines(
        [lane.line for lane in lanes], look, z=ROUTE_Z + 1, casing_z=ROUTE_Z + 0.9
    )
    heads = [_draw_arrows(plot, lane.line, look) for lane in lanes]
    for lane, arrows in zip(lanes, heads, strict=True):
        for part in _seen(plot, lane.line, shown):
            taken = np.vstack([solid, arrows])
            pill = _draw_pill(plot, part, lane.numbers, look=look, solid=taken)
            solid = solid if pill is None else np.vstack([solid, pill])
    return solid, _soft(plot, [lane.line for lane in lanes])


def _apart(plot: Plot, lanes: list[Lane]) -> list[Lane]:
    """Move lanes that meet head on to their right-hand sides."""
    look = style("route")
    aside = plot.metres(plot.size((look.width_mm + look.casing_mm) / 2))
    return [
        replace(one, line=on_the_right(one.line, aside)) if one.both_ways else one
        for one in lanes
    ]


def _seen(
    plot: Plot, line: shapely.LineString, shown: BaseGeometry
) -> list[shapely.LineString]:
    """Return the stretches of a lane that are seen and long enough for a number."""
    least = plot.metres(plot.size(_LEAST_PILL_MM))
    if line.length < least:
        return []
    cut = shapely.line_merge(shapely.intersection(line, shown))
    parts = [one for one in shapely.get_parts(cut) if one.geom_type == "LineString"]
    return [one for one in parts if one.length >= least]


def boxes_around(xy: FloatArray, half: FloatArray | float) -> FloatArray:
    """Return square boxes around positions.

    Parameters
    ----------
    xy
        Positions, millimetres.
    half
        Half the side of each, millimetres.

    Returns
    -------
    numpy.ndarray
        Rows of ``(minx, miny, maxx, maxy)``.
    """
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    side = np.broadcast_to(np.asarray(half, dtype=float), len(xy))[:, None]
    return np.hstack([xy - side, xy + side])


def _draw_backups(plot: Plot, spec: MapSpec, lanes: list[Lane]) -> None:
    """Draw backup routes dashed, beside a primary route where they share a road."""
    layer = spec.layer("routes_backup")
    if layer is None:
        return
    look = style("route_backup")
    offset = plot.metres(plot.size(style("route").width_mm + 0.5))
    lines = beside(
        list(layer.frame.geometry), [lane.line for lane in lanes], offset=offset
    )
    plot.lines(lines, look, z=ROUTE_Z + 0.2, casing_z=ROUTE_Z)
    for line in lines:
        _draw_arrows(plot, line, look, size=0.75)


def _draw_plain(plot: Plot, frame: gpd.GeoDataFrame) -> None:
    """Draw routes as they are: the official ones; arrows only where in use."""
    for name in frame["style"].unique():
        look = style(name)
        shapes = list(frame.geometry[frame["style"] == name])
        plot.lines(shapes, look, z=ROUTE_Z - 1, casing_z=ROUTE_Z - 1.2)
        parts = [part for shape in shapes for part in shapely.get_parts(shape)]
        for part in parts if name != _VOID else ():
            _draw_arrows(plot, part, look, size=0.6)


def _draw_arrows(
    plot: Plot, line: shapely.LineString, look: Style, *, size: float = 1.0
) -> FloatArray:
    """Draw arrowheads in the direction of travel; return their boxes."""
    side = plot.metres(plot.size(_ARROW_MM * size))
    places = arrows_along(
        line,
        every=plot.metres(plot.size(_ARROW_EVERY_MM)),
        first=plot.metres(plot.size(_ARROW_LEAST_MM)),
    )
    heads = [
        _turned(symbol_outline("arrow", (0.0, 0.0), side), (x, y), angle)
        for x, y, angle in places
    ]
    if not heads:
        return np.zeros((0, 4))
    plot.shapes(
        heads,
        fill=look.fill,
        edge=look.casing or look.fill,
        width=points_wide(plot.size(0.25)),
        z=ROUTE_Z + 2,
    )
    middles = np.array([(x, y) for x, y, _ in places])
    return boxes_around(plot.paper(middles), plot.size(_ARROW_MM * size) / 3)


def _turned(outline: Outline, at: tuple[float, float], angle: float) -> Outline:
    """Turn an outline around the origin and move it."""
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return type(outline)(outline.vertices @ matrix + np.asarray(at), outline.codes)


def _draw_pill(
    plot: Plot,
    line: shapely.LineString,
    numbers: Sequence[int],
    *,
    look: Style,
    solid: FloatArray,
) -> FloatArray | None:
    """Print the numbers of a lane midway, where there is room."""
    words = number_ranges(numbers)
    if len(words) > _LONGEST_PILL:
        return None
    mm = plot.page.phone_mm
    wide = max(text_width(words, mm, plot.faces.bold), mm * 0.6) + 1.6
    high = mm + 1.2
    for part in _PILL_PLACES:
        at = line.interpolate(part, normalized=True)
        middle = plot.paper(np.array([at.x, at.y]))
        box = np.array(
            [
                [
                    middle[0] - wide / 2,
                    middle[1] - high / 2,
                    middle[0] + wide / 2,
                    middle[1] + high / 2,
                ]
            ]
        )
        inside = (middle > high).all() and (
            middle < np.array([plot.rect.width, plot.rect.height]) - high
        ).all()
        if inside and (not len(solid) or overlaps(box, solid).sum() <= 0):
            _print_pill(plot, (at.x, at.y), (wide, high), words=words, look=look)
            return box
    return None


def _print_pill(
    plot: Plot,
    at: tuple[float, float],
    size: tuple[float, float],
    *,
    words: str,
    look: Style,
) -> None:
    """Draw the pill and its numbers."""
    x, y = at
    half_x = plot.metres(max(size[0] - size[1], 0.01) / 2)
    core = shapely.LineString([(x - half_x, y), (x + half_x, y)])
    pill = core.buffer(plot.metres(size[1] / 2))
    plot.shapes(
        [type(symbol_outline("disc", at, 1.0))(shapely.get_coordinates(pill))],
        fill=page_style()["paper"],
        edge=look.fill,
        width=points_wide(0.45),
        z=ROUTE_Z + 3,
    )
    plot.text(
        (x, y), words, mm=plot.page.phone_mm, colour=look.text, z=ROUTE_Z + 4, bold=True
    )


def _soft(plot: Plot, lines: list[shapely.LineString]) -> FloatArray:
    """Return boxes along routes that labels had better not cover."""
    rows = []
    step = plot.metres(_SOFT_STEP_MM)
    for line in lines:
        count = max(2, int(line.length // step) + 1)
        points = shapely.line_interpolate_point(
            line, np.linspace(0, 1, count), normalized=True
        )
        rows.append(boxes_around(plot.paper(shapely.get_coordinates(points)), 1.1))
    if not rows:
        return np.zeros((0, 5))
    boxes = np.vstack(rows)
    return np.column_stack([boxes, np.full(len(boxes), _SOFT_COST)])
