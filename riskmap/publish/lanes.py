"""Routes that share a road, merged so that none is drawn over another."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import linemerge, substring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "Lane",
    "arrows_along",
    "at_right",
    "beside",
    "merged_lanes",
    "number_ranges",
]

_GRID_M = 0.05
_NEAR_M = 0.4
_TURN_DEGREES = 40.0
_LEAST_RUN, _MOST_STEPS = 3, 9

_Travel = tuple[tuple[int, ...], tuple[int, ...], int]
"""Who travels a stretch, who the other way, and 1 on the way back of the same."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A stretch of road that the same routes travel.

    Parameters
    ----------
    line
        In the direction of travel, metres.
    numbers
        The numbers of the routes on it, sorted.
    opposed
        Whether other routes travel the same road the other way, in a lane of
        their own; each is then to be drawn at its right.
    """

    line: shapely.LineString
    numbers: tuple[int, ...]
    opposed: bool


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
        Together they cover every route; sorted by their numbers. A road that is
        travelled both ways has two lanes, one for each direction.
    """
    pieces = _pieces(lines)
    users: dict[int, set[tuple[bool, int]]] = defaultdict(set)
    tree = shapely.STRtree(pieces)
    for line, number in zip(lines, numbers, strict=True):
        for index in np.sort(tree.query(line.buffer(_NEAR_M))):
            for forward in _directions(pieces[index], line):
                users[int(index)].add((forward, number))
    stretches = defaultdict[_Travel, list[shapely.LineString]](list)
    for index, travel in users.items():
        along = tuple(sorted(number for forward, number in travel if forward))
        against = tuple(sorted(number for forward, number in travel if not forward))
        if along:
            stretches[along, against, 0].append(pieces[index])
        if against:
            again = int(along == against)
            stretches[against, along, again].append(pieces[index].reverse())
    return [
        Lane(line, travel[0], opposed=bool(travel[1]))
        for travel in sorted(stretches)
        for line in _sorted_lines(linemerge(stretches[travel], directed=True))
    ]


def beside(
    lines: Sequence[BaseGeometry],
    others: Sequence[Lane],
    *,
    offset: float,
    apart: float = 0.0,
) -> list[shapely.LineString]:
    """Lead lines along the side of others where they share a road.

    Parameters
    ----------
    lines
        Lines in the direction of travel, in a projected CRS.
    others
        The lanes that are drawn already.
    offset
        How far to the right to move, metres; to the left where it is negative.
    apart
        How much farther where the lanes lie side by side themselves.

    Returns
    -------
    list of shapely.LineString
        Every line, in one piece each, moved where it would hide.
    """
    single = shapely.union_all([one.line for one in others if not one.opposed])
    double = shapely.union_all([one.line for one in others if one.opposed])
    aside = [0.0, offset, offset + float(np.copysign(apart, offset))]
    moved = []
    for lane in merged_lanes(lines, range(len(lines))):
        alone = float(np.copysign(apart, offset)) if lane.opposed else 0.0
        runs = [
            (first, last, aside[level] or alone)
            for first, last, level in _runs(
                lane.line, (single, double), step=abs(offset) / 2
            )
        ]
        moved.append(_led(lane.line, runs))
    return moved


def at_right(line: shapely.LineString, offset: float) -> shapely.LineString:
    """Move a line to its right; its ends stay where they are.

    Parameters
    ----------
    line
        In the direction of travel, metres.
    offset
        How far, metres; to the left where it is negative.

    Returns
    -------
    shapely.LineString
        In the same direction.
    """
    ends = shapely.get_coordinates(line)[[0, -1]]
    middle = shapely.get_coordinates(_led(line, [(0.0, line.length, offset)]))
    return shapely.LineString(np.vstack([ends[:1], middle, ends[1:]]))


def arrows_along(
    line: shapely.LineString,
    *,
    every: float,
    first: float,
    taken: BaseGeometry | None = None,
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
    taken
        What they stand before or behind, on the line's nearest free place.

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
    for one in sorted(_free(line, one, taken, step=first / 2) for one in along):
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


def _directions(piece: shapely.LineString, line: BaseGeometry) -> list[bool]:
    """Tell whether a line travels a piece forward, backward, both ways or not."""
    parts = (0.1, 0.45, 0.5, 0.55, 0.9)
    points = shapely.line_interpolate_point(piece, parts, normalized=True)
    if shapely.distance(points, line).max() > _NEAR_M:
        return []
    arrays = [shapely.get_coordinates(part) for part in shapely.get_parts(line)]
    starts = np.vstack([one[:-1] for one in arrays])
    ends = np.vstack([one[1:] for one in arrays])
    hit = shapely.dwithin(
        shapely.linestrings(np.stack([starts, ends], axis=1)), points[2], _NEAR_M
    )
    way = np.subtract(*shapely.get_coordinates(points[[3, 1]]))
    ahead = (ends - starts)[hit] @ way
    return [forward for forward in (True, False) if ((ahead > 0) == forward).any()]


def _runs(
    line: shapely.LineString, taken: Sequence[BaseGeometry], *, step: float
) -> list[tuple[float, float, int]]:
    """Cut a line where it joins and leaves others; short runs count as no change."""
    count = max(2, int(np.ceil(line.length / step)))
    places = (np.arange(count) + 0.5) / count
    points = shapely.line_interpolate_point(line, places, normalized=True)
    levels = np.zeros(count, dtype=int)
    for level, shape in enumerate(taken, start=1):
        levels[shapely.dwithin(points, shape, _NEAR_M)] = level
    cuts = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), count]
    runs = list[tuple[int, int, int]]()
    for first, last in pairwise(cuts):
        brief = last - first < _LEAST_RUN
        level = runs[-1][2] if brief and runs else int(levels[first])
        if runs and runs[-1][2] == level:
            runs[-1] = (runs[-1][0], last, level)
        else:
            runs.append((first, last, level))
    metres = line.length / count
    return [(first * metres, last * metres, level) for first, last, level in runs]


def _led(
    line: shapely.LineString, runs: Sequence[tuple[float, float, float]]
) -> shapely.LineString:
    """Move runs of a line to its right and join them again."""
    found = []
    for first, last, offset in runs:
        part = substring(line, first, last)
        if offset:
            smooth = part.simplify(abs(offset) / 4)
            aside = shapely.offset_curve(smooth, -offset, join_style="mitre")
            parts = [one for one in shapely.get_parts(aside) if one.length > 0]
            order = np.argsort([smooth.project(one.centroid) for one in parts])
            found += [shapely.get_coordinates(parts[rank]) for rank in order]
        else:
            found.append(shapely.get_coordinates(part))
    return shapely.LineString(np.vstack(found)) if found else line


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


def _free(
    line: shapely.LineString,
    place: float,
    taken: BaseGeometry | None,
    *,
    step: float,
) -> float:
    """Slide a place along a line to where nothing is; itself where all is taken."""
    if taken is None or taken.is_empty:
        return place
    for rank in range(_MOST_STEPS):
        shift = (rank + 1) // 2 * step * (1 if rank % 2 else -1)
        there = place + shift
        if 0 < there < line.length and not taken.covers(line.interpolate(there)):
            return there
    return place


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
