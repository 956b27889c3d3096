"""Routes on a sheet: merged lanes with casing, arrowheads and numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.lanes import arrows_along, at_right, beside, merged_lanes
from riskmap.publish.plot import Plot, points_wide, symbol_outline
from riskmap.publish.routenumbers import Number, print_numbers, runs_of
from riskmap.publish.style import style

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

__all__ = [
    "CROSS_Z",
    "ROUTE_Z",
    "Ways",
    "boxes_along",
    "boxes_around",
    "draw_arrows",
    "draw_routes",
]

ROUTE_Z = 70.0
CROSS_Z = ROUTE_Z + 2.5
"""The crosses of closed roads: above the routes, below their numbers."""

_ARROW_EVERY_MM = 25.0
_ARROW_LEAST_MM, _SIDE_ARROW_LEAST_MM = 7.0, 3.5
_ARROW_MM = 3.7
_GAP_MM = 0.4
_RIM_MM = 0.5
_STEP_MM = 2.0
_SOFT_COST = 1.5
_VOID = "route_void"
_SAME_ROAD_M = 0.5


@dataclass(frozen=True, slots=True)
class Ways:
    """The routes of a map, as they were drawn.

    Parameters
    ----------
    lanes
        The primary routes, each lane where it was drawn.
    numbers
        Their numbers, where they were printed.
    solid
        Boxes that labels may not cover: those of the numbers.
    barred
        Boxes along the primary routes, which labels are kept off.
    soft
        Rows of a box and a cost: where labels had better not stand.
    """

    lanes: tuple[Lane, ...]
    numbers: tuple[Number, ...]
    solid: FloatArray
    barred: FloatArray
    soft: FloatArray


def draw_routes(
    plot: Plot, spec: MapSpec, solid: FloatArray, *, seen: BaseGeometry
) -> Ways:
    """Draw the routes of a map, the backups below.

    Parameters
    ----------
    plot
        Where to draw.
    spec
        The map.
    solid
        Boxes that numbers may not cover, millimetres on the map.
    seen
        The part of the frame that nothing hides, metres.

    Returns
    -------
    Ways
        What was drawn, and where labels may not stand.
    """
    roads = _lanes_of(spec)
    look = style("route")
    lanes = [_at_its_side(plot, lane, look) for lane in roads]
    aside = _draw_backups(plot, spec, roads)
    for layer in spec.layers:
        if layer.kind == "route" and layer.key not in {"routes", "routes_backup"}:
            _draw_plain(plot, layer.frame, [*roads, *_backup_lanes(spec)])
    _draw_rims(plot, spec, roads)
    plot.lines(
        [lane.line for lane in lanes], look, z=ROUTE_Z + 1, casing_z=ROUTE_Z + 0.9
    )
    numbers = print_numbers(
        plot, lanes, runs_of(spec, seen), solid=solid, seen=seen, z=ROUTE_Z + 3
    )
    taken = np.vstack([np.zeros((0, 4)), *[one.box for one in numbers]])
    for lane in lanes:
        least = _SIDE_ARROW_LEAST_MM if lane.opposed else _ARROW_LEAST_MM
        draw_arrows(plot, lane.line, look, least=least, taken=taken)
    barred = boxes_along(plot, [lane.line for lane in lanes])
    closed = spec.layer("closures")
    crossed = [] if closed is None else list(closed.frame.geometry)
    soft = boxes_along(plot, [*aside, *crossed])
    return Ways(
        tuple(lanes),
        tuple(numbers),
        np.vstack([solid, taken]),
        barred,
        np.column_stack([soft, np.full(len(soft), _SOFT_COST)]),
    )


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


def _lanes_of(spec: MapSpec, key: str = "routes") -> list[Lane]:
    """Return the lanes of the primary routes, in the middle of their roads."""
    layer = spec.layer(key)
    if layer is None:
        return []
    numbers = [int(one or 0) for one in layer.frame["number"]]
    return merged_lanes(list(layer.frame.geometry), numbers)


def _backup_lanes(spec: MapSpec) -> list[Lane]:
    """Return the lanes of the backup routes."""
    return _lanes_of(spec, "routes_backup")


def _at_its_side(plot: Plot, lane: Lane, look: Style) -> Lane:
    """Move a lane to the right of a road that others travel the other way."""
    if not lane.opposed:
        return lane
    aside = plot.metres(plot.size((look.width_mm + _GAP_MM) / 2))
    return replace(lane, line=at_right(lane.line, aside))


def _draw_backups(
    plot: Plot, spec: MapSpec, lanes: list[Lane]
) -> list[shapely.LineString]:
    """Draw backup routes dashed, beside a primary route where they share a road."""
    layer = spec.layer("routes_backup")
    if layer is None:
        return []
    look, main = style("route_backup"), style("route").width_mm
    lines = beside(
        list(layer.frame.geometry),
        lanes,
        offset=plot.metres(plot.size(main + _GAP_MM + 0.1)),
        apart=plot.metres(plot.size((main + _GAP_MM) / 2)),
    )
    plot.lines(lines, look, z=ROUTE_Z + 0.2, casing_z=ROUTE_Z)
    for line in lines:
        draw_arrows(plot, line, look, size=0.75)
    return lines


def _draw_plain(plot: Plot, frame: gpd.GeoDataFrame, lanes: list[Lane]) -> None:
    """Draw the official routes at the left of the plan's; arrows where in use."""
    offset = -plot.metres(plot.size(style("route").width_mm * 0.9))
    for name in frame["style"].unique():
        look = style(name)
        shapes = list(frame.geometry[frame["style"] == name])
        lines = beside(shapes, lanes, offset=offset, apart=-offset / 2)
        plot.lines(lines, look, z=ROUTE_Z - 1, casing_z=ROUTE_Z - 1.2)
        for line in lines if name != _VOID else ():
            draw_arrows(plot, line, look, size=0.6)


def _draw_rims(plot: Plot, spec: MapSpec, lanes: list[Lane]) -> None:
    """Draw a red rim around routes where their road is closed."""
    closed = spec.layer("closures")
    if closed is None:
        return
    near = shapely.union_all(closed.frame.geometry.to_numpy()).buffer(_SAME_ROAD_M)
    look, red = style("route"), style("closure")
    parts = [shapely.intersection(lane.line, near) for lane in lanes]
    wide = look.width_mm + 2 * (look.casing_mm + _RIM_MM)
    rim = replace(red, fill=str(red.casing), width_mm=wide, casing=None)
    plot.lines(parts, rim, z=ROUTE_Z - 0.3)


def draw_arrows(
    plot: Plot,
    line: shapely.LineString,
    look: Style,
    *,
    size: float = 1.0,
    least: float = _ARROW_LEAST_MM,
    taken: FloatArray | None = None,
) -> None:
    """Draw arrowheads in the direction of travel, beside the numbers on it.

    Parameters
    ----------
    plot
        Where to draw.
    line
        In the direction of travel, metres.
    look
        The style of the line.
    size
        The factor of their size.
    least
        The least length of line that gets one, millimetres on an A3 sheet.
    taken
        Boxes of numbers, millimetres on the map; None for none.
    """
    side = plot.metres(plot.size(_ARROW_MM * size))
    places = arrows_along(
        line,
        every=plot.metres(plot.size(_ARROW_EVERY_MM)),
        first=plot.metres(plot.size(least)),
        taken=None if taken is None else _on_ground(plot, taken).buffer(side / 3),
    )
    heads = [
        _turned(symbol_outline("arrow", (0.0, 0.0), side), (x, y), angle)
        for x, y, angle in places
    ]
    if heads:
        plot.shapes(
            heads,
            fill=look.fill,
            edge=look.casing or look.fill,
            width=points_wide(plot.size(0.25)),
            z=ROUTE_Z + 2,
        )


def _turned(outline: Outline, at: tuple[float, float], angle: float) -> Outline:
    """Turn an outline around the origin and move it."""
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return type(outline)(outline.vertices @ matrix + np.asarray(at), outline.codes)


def _on_ground(plot: Plot, boxes: FloatArray) -> BaseGeometry:
    """Return boxes on the map as an area, metres."""
    corners = np.hstack([plot.ground(boxes[:, :2]), plot.ground(boxes[:, 2:])])
    area: BaseGeometry = shapely.union_all([shapely.box(*one) for one in corners])
    return area


def boxes_along(plot: Plot, lines: Sequence[BaseGeometry]) -> FloatArray:
    """Return boxes along lines, which cover them.

    Parameters
    ----------
    plot
        The map.
    lines
        Lines, metres.

    Returns
    -------
    numpy.ndarray
        Rows of ``(minx, miny, maxx, maxy)``, millimetres on the map.
    """
    rows = [np.zeros((0, 4))]
    step = plot.metres(_STEP_MM)
    frame = shapely.box(*plot.window)
    for line in lines:
        for part in shapely.get_parts(shapely.intersection(line, frame)):
            if part.length <= 0:
                continue
            count = max(2, int(part.length // step) + 1)
            points = shapely.line_interpolate_point(
                part, np.linspace(0, 1, count), normalized=True
            )
            rows.append(boxes_around(plot.paper(shapely.get_coordinates(points)), 1.1))
    return np.vstack(rows)
