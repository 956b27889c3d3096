"""The numbers along the routes of a map: every run in the frame has its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.fonts import text_width
from riskmap.publish.labels import overlaps
from riskmap.publish.lanes import number_ranges
from riskmap.publish.plot import points_wide, symbol_outline
from riskmap.publish.style import page_style, style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.lanes import Lane
    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapSpec

    FloatArray = NDArray[np.float64]

__all__ = ["Number", "Run", "cut_route", "print_numbers", "runs_of"]

_PLACES = (0.5, 0.36, 0.64, 0.22, 0.78, 0.12, 0.88)
_LEAST_MM, _EVERY_MM, _NEAR_MM = 11.0, 110.0, 4.0
_LONGEST, _LONGEST_MUST = 12, 30
_END_M, _TOUCH_M = 1.0, 1e-6


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one route between entering and leaving what the map shows.

    Parameters
    ----------
    number
        The number of the route.
    line
        In the direction of travel, metres.
    starts
        Whether the route begins here, at the sign of its group.
    ends
        Whether the route ends here, at its goal.
    """

    number: int
    line: shapely.LineString
    starts: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Number:
    """The numbers printed on a lane.

    Parameters
    ----------
    numbers
        Those of its routes.
    at
        Where, metres.
    box
        What it covers: one row of ``(minx, miny, maxx, maxy)``, millimetres.
    """

    numbers: tuple[int, ...]
    at: tuple[float, float]
    box: FloatArray


def runs_of(spec: MapSpec, seen: BaseGeometry, key: str = "routes") -> list[Run]:
    """Cut the routes of a map at the edges of what it shows.

    Parameters
    ----------
    spec
        The map.
    seen
        The part of the frame that nothing hides, metres.
    key
        The layer of the routes.

    Returns
    -------
    list of Run
        Route by route, in the order of travel.
    """
    found, layer = list[Run](), spec.layer(key)
    if layer is None:
        return found
    for number, line in zip(layer.frame["number"], layer.frame.geometry, strict=True):
        found += cut_route(line, seen, number=int(number or 0))
    return found


def cut_route(line: BaseGeometry, seen: BaseGeometry, *, number: int = 0) -> list[Run]:
    """Cut one route where it enters and leaves what a map shows.

    Parameters
    ----------
    line
        In the direction of travel, metres; what is no single line is passed over.
    seen
        The part of the frame that nothing hides, metres.
    number
        The number of the route.

    Returns
    -------
    list of Run
        In the order of travel.
    """
    if line.geom_type != "LineString" or line.is_empty:
        return []
    first, last = (shapely.get_point(line, end) for end in (0, -1))
    cut = shapely.line_merge(line.intersection(seen), directed=True)
    parts = [one for one in shapely.get_parts(cut) if one.geom_type == "LineString"]
    parts.sort(key=lambda one: line.project(one.interpolate(0.5, normalized=True)))
    return [
        Run(
            number,
            one,
            starts=shapely.get_point(one, 0).dwithin(first, _END_M),
            ends=shapely.get_point(one, -1).dwithin(last, _END_M),
        )
        for one in _joined(parts)
    ]


def _joined(parts: Sequence[shapely.LineString]) -> list[shapely.LineString]:
    """Join lines that follow one another where their route crosses itself."""
    found = list[shapely.LineString]()
    for one in parts:
        before = shapely.get_coordinates(found[-1]) if found else np.zeros((0, 2))
        xy = shapely.get_coordinates(one)
        if len(before) and np.hypot(*(before[-1] - xy[0])) < _TOUCH_M:
            found[-1] = shapely.LineString(np.vstack([before, xy[1:]]))
        else:
            found.append(one)
    return found


def print_numbers(
    plot: Plot,
    lanes: Iterable[Lane],
    runs: Iterable[Run],
    *,
    solid: FloatArray,
    seen: BaseGeometry,
    z: float,
) -> list[Number]:
    """Print the numbers of routes on their lanes, and on every run at least once.

    Parameters
    ----------
    plot
        Where to print.
    lanes
        The lanes as they are drawn.
    runs
        What has to bear its number.
    solid
        Boxes that numbers may not cover, millimetres on the map.
    seen
        The part of the frame that nothing hides, metres.
    z
        What they lie above.

    Returns
    -------
    list of Number
        What was printed.
    """
    shown = [
        (lane.numbers, part)
        for lane in lanes
        for part in shapely.get_parts(lane.line.intersection(seen))
        if part.geom_type == "LineString"
    ]
    found: list[Number] = []
    for numbers, part in shown:
        count = 1 + int(part.length // plot.metres(plot.size(_EVERY_MM)))
        for rank in range(count if _long(plot, part, _LEAST_MM) else 0):
            places = [(rank + one) / count for one in _PLACES]
            _add(plot, found, (numbers, part), places=places, solid=solid)
    for run in runs:
        _insist(plot, found, run, shown=shown, solid=solid)
    for one in found:
        _print(plot, one, z=z)
    return found


def _long(plot: Plot, line: shapely.LineString, mm: float) -> bool:
    """Tell whether a line is at least so long on paper."""
    return bool(line.length >= plot.metres(plot.size(mm)))


def _insist(
    plot: Plot,
    found: list[Number],
    run: Run,
    *,
    shown: Sequence[tuple[tuple[int, ...], shapely.LineString]],
    solid: FloatArray,
) -> None:
    """Give a run its number where it has none yet."""
    near = plot.metres(plot.size(_NEAR_MM))
    signed = any(
        run.number in one.numbers and run.line.dwithin(shapely.Point(one.at), near)
        for one in found
    )
    if signed or (run.starts and not _long(plot, run.line, 2 * _LEAST_MM)):
        return
    mine = [
        (numbers, part)
        for numbers, part in shown
        if run.number in numbers and part.dwithin(run.line, near)
    ]
    if mine:
        longest = max(mine, key=lambda one: one[1].length)
        _add(plot, found, longest, places=_PLACES, solid=solid, must=True)


def _add(
    plot: Plot,
    found: list[Number],
    lane: tuple[tuple[int, ...], shapely.LineString],
    *,
    places: Sequence[float],
    solid: FloatArray,
    must: bool = False,
) -> None:
    """Choose the first place on a lane that is free; if it must be, the freest."""
    numbers, line = lane
    words = number_ranges(numbers)
    if len(words) > (_LONGEST_MUST if must else _LONGEST):
        return
    taken = np.vstack([solid, *[one.box for one in found]])
    best, least = None, np.inf
    for part in places:
        at = line.interpolate(part, normalized=True)
        one = Number(numbers, (at.x, at.y), _box(plot, (at.x, at.y), words))
        hidden = float(overlaps(one.box, taken).sum()) + 1e3 * _outside(plot, one.box)
        if hidden < least:
            best, least = one, hidden
        if hidden <= 0:
            break
    if best is not None and (must or least <= 0):
        found.append(best)


def _outside(plot: Plot, box: FloatArray) -> bool:
    """Tell whether a box reaches over the frame."""
    frame = (plot.rect.width, plot.rect.height)
    return bool((box[:, :2] < 1).any() or (box[:, 2:] > np.subtract(frame, 1)).any())


def _size(plot: Plot, words: str) -> tuple[float, float]:
    """Return width and height of a number in its rim, millimetres."""
    mm = plot.page.phone_mm
    return max(text_width(words, mm, plot.faces.bold), mm * 0.6) + 1.6, mm + 1.2


def _box(plot: Plot, at: tuple[float, float], words: str) -> FloatArray:
    """Return what a number covers, millimetres."""
    half = np.array(_size(plot, words)) / 2
    middle = plot.paper(np.array(at))
    return np.concatenate([middle - half, middle + half])[None, :]


def _print(plot: Plot, one: Number, *, z: float) -> None:
    """Draw the rim and the numbers in it."""
    look, (x, y) = style("route"), one.at
    words = number_ranges(one.numbers)
    wide, high = _size(plot, words)
    half = plot.metres(max(wide - high, 0.01) / 2)
    core = shapely.LineString([(x - half, y), (x + half, y)])
    pill = core.buffer(plot.metres(high / 2))
    plot.shapes(
        [type(symbol_outline("disc", one.at, 1.0))(shapely.get_coordinates(pill))],
        fill=page_style()["paper"],
        edge=look.fill,
        width=points_wide(0.45),
        z=z,
    )
    plot.text(
        one.at, words, mm=plot.page.phone_mm, colour=look.text, z=z + 1, bold=True
    )
