"""Which part of the ground a sheet shows, and where its overview covers least.

A frame that has room to spare is moved to where the routes run, away from the
sea and from paper of which nothing is known. The places are weighed by samples:
points along the routes, and a grid of points over all that could be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.ground import settled
from riskmap.publish.layout import SCALES, Rect, round_scale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.layout import Page
    from riskmap.publish.spec import MapSpec

    Bounds = tuple[float, float, float, float]
    FloatArray = NDArray[np.float64]

__all__ = ["OVERVIEW_SHARE", "Frame", "frame_of"]

OVERVIEW_SHARE = 0.34
"""The share of the frame's width and height that the overview takes."""

_CORNERS = ((1, 1), (1, 0), (0, 0), (0, 1))
"""East or west, north or south: the first is chosen where all are alike."""
_AIR = 0.1
"""What must be seen stands so far from the edge where there is room, of a side."""
_STEPS, _GRID, _ROUTE_POINTS = 7, 32, 400
_EMPTY_COST, _SHIFT_COST, _CORNER_COST, _LESSER_COST = 0.8, 0.004, 0.01, 0.02
_CLEAR = 0.03
"""How far signs stay from the overview, in widths of the frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a map's frame shows.

    Parameters
    ----------
    scale
        The denominator of the scale.
    window
        ``(minx, miny, maxx, maxy)``, metres.
    corner
        Where the overview stands on the page; None for none.
    """

    scale: int
    window: Bounds
    corner: Rect | None


@dataclass(frozen=True, slots=True)
class _Samples:
    """Points that tell how well a place is chosen."""

    routes: FloatArray
    grid: FloatArray
    empty: NDArray[np.bool_]
    signs: FloatArray
    lesser: FloatArray


def frame_of(spec: MapSpec, page: Page, ground: BaseGeometry | None) -> Frame:
    """Choose scale and window, and the corner of the overview.

    Parameters
    ----------
    spec
        The map.
    page
        The page.
    ground
        Where the ground is known; None for everywhere.

    Returns
    -------
    Frame
        All that `MapSpec.bounds` holds is in it, but for what the overview may
        cover: ground without a sign.
    """
    if spec.overview is None or page.portrait:
        must = spec.overview or spec.bounds
        scale, window = round_scale(must, page.map)
        window = settled(window, must, ground)
        samples = _samples(spec, _reach(must, window), ground)
        return Frame(scale, _best(samples, must, window)[1], None)
    whole, share = page.map, 1.0 - OVERVIEW_SHARE
    free = Rect(whole.x, whole.y, whole.width * share, whole.height)
    last, window = round_scale(spec.bounds, free)
    samples = _samples(spec, _reach(spec.bounds, _sized(whole, last)), ground)
    for scale in _between(round_scale(spec.bounds, whole)[0], last):
        found = [
            (*_best(samples, spec.bounds, _sized(whole, scale), corner=one), one)
            for one in _CORNERS
        ]
        best = max(range(len(found)), key=lambda at: found[at][0] - _CORNER_COST * at)
        if np.isfinite(found[best][0]):
            _, window, corner = found[best]
            return Frame(scale, window, _place(whole, corner))
    more = whole.width * OVERVIEW_SHARE * last / 1000.0
    west, south, east, north = window
    return Frame(last, (west, south, east + more, north), _place(whole, _CORNERS[0]))


def _between(first: int, last: int) -> list[int]:
    """Return the round scales from one to another."""
    return sorted({first, *(one for one in SCALES if first < one < last), last})


def _sized(rect: Rect, scale: int) -> Bounds:
    """Return a window of the frame's size, anywhere."""
    return 0.0, 0.0, rect.width * scale / 1000.0, rect.height * scale / 1000.0


def _reach(bounds: Bounds, window: Bounds) -> Bounds:
    """Return all that windows of a size can show that hold the bounds."""
    wide, high = window[2] - window[0], window[3] - window[1]
    west, south = min(bounds[0], bounds[2] - wide), min(bounds[1], bounds[3] - high)
    return (
        west,
        south,
        max(bounds[2], bounds[0] + wide),
        max(bounds[3], bounds[1] + high),
    )


def _place(whole: Rect, corner: tuple[int, int]) -> Rect:
    """Return the overview's place on the page."""
    wide, high = whole.width * OVERVIEW_SHARE, whole.height * OVERVIEW_SHARE
    x = whole.right - wide if corner[0] else whole.x
    return Rect(x, whole.y if corner[1] else whole.bottom - high, wide, high)


def _samples(spec: MapSpec, reach: Bounds, ground: BaseGeometry | None) -> _Samples:
    """Take samples of routes, of emptiness and of the signs that must be seen."""
    routes, water = spec.layer("routes"), spec.layer("water")
    xy = [np.zeros((0, 2))]
    if routes is not None and len(routes.frame):
        lines = shapely.line_merge(shapely.union_all(routes.frame.geometry.to_numpy()))
        places = np.linspace(0.0, lines.length, _ROUTE_POINTS)
        xy.append(
            np.vstack(
                [
                    shapely.get_coordinates(
                        shapely.line_interpolate_point(
                            one, places[places <= one.length]
                        )
                    )
                    for one in shapely.get_parts(lines)
                ]
            )
        )
    sides = [np.linspace(reach[at], reach[at + 2], _GRID) for at in (0, 1)]
    grid = np.array(list(product(*sides)))
    empty = np.zeros(len(grid), dtype=bool)
    if water is not None:
        areas = shapely.union_all(
            [one for one in water.frame.geometry if one.geom_type.endswith("Polygon")]
        )
        empty |= shapely.contains_xy(areas, grid)
    if ground is not None:
        empty |= ~shapely.contains_xy(ground, grid)
    return _Samples(np.vstack(xy), grid, empty, *_signs(spec))


def _signs(spec: MapSpec) -> tuple[FloatArray, FloatArray]:
    """Return the signs that an overview may not cover, and those it had better not."""
    found: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for layer in spec.layers:
        if layer.kind == "point" and len(layer.frame):
            lesser = layer.emphasis != "hero" and layer.key != "shelters"
            xy = shapely.get_coordinates(layer.frame.geometry.to_numpy())
            found[lesser].append(xy[_inside(xy, spec.bounds)])
    signs, rest = (np.vstack([np.zeros((0, 2)), *part]) for part in found)
    return signs, rest


def _best(
    samples: _Samples,
    bounds: Bounds,
    window: Bounds,
    *,
    corner: tuple[int, int] | None = None,
) -> tuple[float, Bounds]:
    """Choose the best place of a window of this size, and tell how good it is."""
    best, least = window, -np.inf
    for shift, there in _shifts(bounds, window, keep=corner is None):
        hidden = None if corner is None else _hidden(there, corner)
        value = _value(samples, there, hidden) - _SHIFT_COST * shift
        if value > least + 1e-9:
            best, least = there, value
    return least, best


def _shifts(
    bounds: Bounds, window: Bounds, *, keep: bool
) -> Iterator[tuple[float, Bounds]]:
    """Give the windows that hold the bounds, and how far from the middle each is."""
    if keep:
        yield 0.0, window
    wide, high = window[2] - window[0], window[3] - window[1]
    spare_x, spare_y = wide - bounds[2] + bounds[0], high - bounds[3] + bounds[1]
    air_x, air_y = min(_AIR * wide, spare_x / 4), min(_AIR * high, spare_y / 4)
    steps = np.linspace(0.0, 1.0, _STEPS)
    for x, y in product(steps, steps):
        west = bounds[2] - wide + air_x + x * (spare_x - 2 * air_x)
        south = bounds[3] - high + air_y + y * (spare_y - 2 * air_y)
        far = abs(x - 0.5) + abs(y - 0.5)
        yield far + float(keep), (west, south, west + wide, south + high)


def _hidden(window: Bounds, corner: tuple[int, int]) -> Bounds:
    """Return what the overview covers, metres."""
    west, south, east, north = window
    wide, high = (east - west) * OVERVIEW_SHARE, (north - south) * OVERVIEW_SHARE
    left, low = (
        (east - wide if corner[0] else west),
        (north - high if corner[1] else south),
    )
    return left, low, left + wide, low + high


def _grown(hidden: Bounds, window: Bounds) -> Bounds:
    """Return what the overview covers, with some air around it."""
    air = _CLEAR * (window[2] - window[0])
    west, south, east, north = hidden
    return west - air, south - air, east + air, north + air


def _value(samples: _Samples, window: Bounds, hidden: Bounds | None) -> float:
    """Weigh a window: the share of the routes in it against the empty ground."""
    if hidden is not None and _inside(samples.signs, _grown(hidden, window)).any():
        return -np.inf
    value = 0.0
    if hidden is not None:
        value -= _LESSER_COST * int(
            _inside(samples.lesser, _grown(hidden, window)).sum()
        )
    for points, bad in ((samples.routes, None), (samples.grid, samples.empty)):
        seen = _inside(points, window)
        if hidden is not None:
            seen &= ~_inside(points, hidden)
        if bad is None:
            value += float(seen.mean()) if len(seen) else 0.0
        elif seen.any():
            value -= _EMPTY_COST * float(bad[seen].mean())
    return value


def _inside(xy: FloatArray, box: Bounds) -> NDArray[np.bool_]:
    """Tell which points lie in a box."""
    low, high = np.array(box[:2]), np.array(box[2:])
    within = (xy >= low) & (xy <= high)
    return within[:, 0] & within[:, 1]
