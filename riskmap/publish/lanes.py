"""Routes that share a road, merged so that none is drawn over another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import linemerge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "Lane",
    "arrows_along",
    "beside",
    "merged_lanes",
    "number_ranges",
    "on_the_right",
]

_GRID_M = 0.05
_NEAR_M = 0.4
_TURN_DEGREES = 40.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A stretch of road that the same routes travel.

    Parameters
    ----------
    line
        In the direction of travel, metres.
    numbers
        The numbers of the routes on it, sorted.
    both_ways
        Whether others travel the same road against it: they are a lane of their
        own, and both are drawn on their right-hand side.
    """

    line: shapely.LineString
    numbers: tuple[int, ...]
    both_ways: bool


def merged_lanes(lines: Sequence[BaseGeometry], numbers: Sequence[int]) -> list[Lane]:
    """Merge routes into stretches that are drawn once each.

    Parameters
    ----------
    lines
        Routes in the direction of travel, in a projected CRS.
    numbers
        The number of each route.

    Returns
    -------
    list of Lane
        Together they cover every route; sorted by their numbers. Routes that
        meet head on are lanes of their own, never one line.
    """
    pieces = _pieces(lines)
    users: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    tree = shapely.STRtree(pieces)
    for line, number in zip(lines, numbers, strict=True):
        for index in np.sort(tree.query(line.buffer(_NEAR_M))):
            forward = _direction(pieces[index], line)
            if forward is not None:
                users[int(index)].append((number, forward))
    stretches: dict[tuple[tuple[int, bool], ...], list[shapely.LineString]]
    stretches = defaultdict(list)
    for index, travel in users.items():
        travelled = tuple(sorted(set(travel)))
        piece = pieces[index]
        if not travelled[0][1]:
            piece = piece.reverse()
            travelled = tuple((number, not forward) for number, forward in travelled)
        stretches[travelled].append(piece)
    lanes = []
    for travel_key in sorted(stretches):
        ahead, back = (
            tuple(sorted({number for number, forward in travel_key if forward == way}))
            for way in (True, False)
        )
        merged = linemerge(stretches[travel_key], directed=True)
        for line in _sorted_lines(merged):
            lanes.append(Lane(line, ahead, bool(back)))
            lanes += [Lane(line.reverse(), back, both_ways=True)] if back else []
    return lanes


def on_the_right(line: shapely.LineString, offset: float) -> shapely.LineString:
    """Move a line to the right of its direction.

    Parameters
    ----------
    line
        In the direction of travel, metres.
    offset
        How far, metres.

    Returns
    -------
    shapely.LineString
        The line itself where it is too short or winding to be moved.
    """
    moved = _sorted_lines(shapely.offset_curve(line.simplify(offset / 4), -offset))
    return max(moved, key=shapely.length) if moved else line


def beside(
    lines: Sequence[BaseGeometry], others: Sequence[BaseGeometry], *, offset: float
) -> list[shapely.LineString]:
    """Move the parts of lines that lie on others to their side.

    Parameters
    ----------
    lines
        Lines in the direction of travel, in a projected CRS.
    others
        The lines that are drawn already.
    offset
        How far to the right to move, metres.

    Returns
    -------
    list of shapely.LineString
        Every part of every line, moved where it would hide.
    """
    lanes = merged_lanes(lines, range(len(lines)))
    taken = shapely.union_all(list(others)).buffer(_NEAR_M) if others else None
    moved: list[shapely.LineString] = []
    for lane in lanes:
        if taken is None:
            moved.append(lane.line)
            continue
        moved += _sorted_lines(lane.line.difference(taken))
        for part in _sorted_lines(lane.line.intersection(taken)):
            aside = shapely.offset_curve(part.simplify(offset / 4), -offset)
            moved += _sorted_lines(aside)
    return moved


def arrows_along(
    line: shapely.LineString, *, every: float, first: float
) -> list[tuple[float, float, float]]:
    """Say where arrowheads stand on a line: at intervals and after each turn.

    Parameters
    ----------
    line
        In the direction of travel, metres.
    every
        The distance between arrowheads, metres.
    first
        The least length of line that gets an arrowhead, metres.

    Returns
    -------
    list of (x, y, angle)
        Positions, and directions in degrees counter-clockwise from east.
    """
    if line.length < first:
        return []
    count = max(1, int(line.length // every))
    along = [(index + 0.5) * line.length / count for index in range(count)]
    along += [
        turn + first / 2
        for turn in _turns(line, reach=first / 2)
        if turn + first < line.length
    ]
    kept: list[float] = []
    for one in sorted(along):
        if not kept or one - kept[-1] > first:
            kept.append(one)
    return [_heading(line, one, reach=first / 4) for one in kept]


def number_ranges(numbers: Sequence[int]) -> str:
    """Write numbers shortly: 1-3、5.

    Parameters
    ----------
    numbers
        Sorted whole numbers.

    Returns
    -------
    str
        Runs of three and more are joined by a dash.

    Examples
    --------
    >>> number_ranges([1, 2, 3, 5])
    '1-3、5'
    """
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    texts = []
    for run in runs:
        long = len(run) > 2  # noqa: PLR2004
        texts += [f"{run[0]}-{run[-1]}"] if long else [str(one) for one in run]
    return "、".join(texts)


def _pieces(lines: Sequence[BaseGeometry]) -> NDArray[np.object_]:
    """Cut all lines where they meet, and keep each piece once."""
    noded = shapely.union_all(list(lines), grid_size=_GRID_M)
    parts = shapely.get_parts(noded)
    lines_only = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    pieces: NDArray[np.object_] = parts[lines_only]
    return pieces


def _direction(piece: shapely.LineString, line: BaseGeometry) -> bool | None:
    """Tell whether a line travels a piece forward, or not at all."""
    length = piece.length
    points = [piece.interpolate(part * length) for part in (0.1, 0.5, 0.9)]
    if max(line.distance(point) for point in points) > _NEAR_M:
        return None
    return bool(line.project(points[0]) <= line.project(points[2]))


def _sorted_lines(shape: BaseGeometry) -> list[shapely.LineString]:
    """Return the lines of a geometry in a fixed order."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "LineString"]
    return sorted((one for one in parts if one.length > 0), key=lambda one: one.wkb)


def _turns(line: shapely.LineString, *, reach: float) -> list[float]:
    """Return the places along a line where it turns sharply."""
    xy = shapely.get_coordinates(line)
    places = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    found: list[float] = []
    for place in places[1:-1]:
        before = _heading(line, float(place) - reach, reach=reach / 2)[2]
        after = _heading(line, float(place) + reach, reach=reach / 2)[2]
        bend = abs((after - before + 180.0) % 360.0 - 180.0)
        if bend > _TURN_DEGREES and (not found or place - found[-1] > 2 * reach):
            found.append(float(place))
    return found


def _heading(
    line: shapely.LineString, place: float, *, reach: float
) -> tuple[float, float, float]:
    """Return a place on a line and the direction of travel there."""
    place = min(max(place, 0.0), line.length)
    back = line.interpolate(max(place - reach, 0.0))
    ahead = line.interpolate(min(place + reach, line.length))
    here = line.interpolate(place)
    angle = np.degrees(np.arctan2(ahead.y - back.y, ahead.x - back.x))
    return here.x, here.y, float(angle)
