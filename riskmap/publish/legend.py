"""The legend of a sheet: the signs that are on its map, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.publish.layout import Rect
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.publish.mapframe import Sample
    from riskmap.publish.pen import Pen

__all__ = ["legend_height", "print_legend", "signs_in"]

_ROW = 1.95
_SAMPLE = 7.0
_LEGEND_STEP = 1.2
_COLUMNS = 2


def legend_height(pen: Pen, samples: Sequence[Sample]) -> float:
    """Return how high a legend prints, millimetres.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries.

    Returns
    -------
    float
        Title included.
    """
    highest = max((sum(_rows(pen, one)) for one in _columns(pen, samples)), default=0.0)
    return pen.page.text_mm * (1.9 + highest) + 2.5


def signs_in(pen: Pen, samples: Sequence[Sample], room: float) -> int:
    """Return how many entries of a legend fit a height.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries, the most important first.
    room
        The height, millimetres.

    Returns
    -------
    int
        At least one row of them.
    """
    count = len(samples)
    while count > _COLUMNS and legend_height(pen, samples[:count]) > room:
        count -= 1
    return count


def print_legend(pen: Pen, samples: Sequence[Sample], at: tuple[float, float]) -> float:
    """Print the legend: only what is on the map.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries, the most important first.
    at
        The upper left corner, millimetres.

    Returns
    -------
    float
        Where the next thing may begin.
    """
    x, y = at
    mm = pen.page.text_mm
    pen.text((x, y + mm), read_words()["marks"]["legend"], mm=mm * 1.25, bold=True)
    top = y + mm * 1.9 + 0.5
    for rank, column in enumerate(_columns(pen, samples)):
        left, y = x + rank * pen.page.side.width / _COLUMNS, top
        for one, rows in zip(column, _rows(pen, column), strict=True):
            middle = y + rows * mm / 2
            _print_sample(pen, one, (left, middle))
            lines = _legend_lines(pen, one)
            for line_rank, line in enumerate(lines):
                lift = (line_rank - (len(lines) - 1) / 2) * mm * _LEGEND_STEP
                pen.text((left + _SAMPLE + 1.2, middle + lift), line, mm=mm)
            y += rows * mm
    return at[1] + legend_height(pen, samples)


def _legend_lines(pen: Pen, one: Sample) -> list[str]:
    """Return the words of an entry, in at most two lines."""
    room = pen.page.side.width / _COLUMNS - _SAMPLE - 2.0
    return pen.wrapped(one.words, room, mm=pen.page.text_mm)[:2]


def _rows(pen: Pen, samples: Sequence[Sample]) -> list[float]:
    """Return how high each entry is, in heights of characters."""
    return [_ROW + (len(_legend_lines(pen, one)) - 1) * _LEGEND_STEP for one in samples]


def _columns(pen: Pen, samples: Sequence[Sample]) -> list[list[Sample]]:
    """Share the entries among columns of like height, in order."""
    rows = _rows(pen, samples)
    columns: list[list[Sample]] = [[]]
    half, used = sum(rows) / _COLUMNS, 0.0
    for one, high in zip(samples, rows, strict=True):
        if used >= half * len(columns) and len(columns) < _COLUMNS:
            columns.append([])
        columns[-1].append(one)
        used += high
    return columns


def _print_sample(pen: Pen, one: Sample, at: tuple[float, float]) -> None:
    """Draw the sign of one entry of the legend."""
    look, (x, middle) = one.look, at
    mm = pen.page.text_mm
    if look.kind == "point":
        side = min(look.size_mm, mm * _ROW * 0.95)
        pen.sign((x + _SAMPLE / 2, middle), look, side=side)
        return
    if look.kind == "area" and (look.fill_opacity > 0 or look.hatch):
        box = Rect(x + 0.5, middle - mm * 0.65, _SAMPLE - 1.0, mm * 1.3)
        if look.fill_opacity > 0:
            pen.box(box, fill=look.fill, alpha=look.fill_opacity)
        pen.box(box, edge=look.edge, mm=look.width_mm, hatch=look.hatch or None, z=2)
        return
    ends = [[(x + 0.3, middle), (x + _SAMPLE - 0.3, middle)]]
    colour = look.edge if look.kind == "area" else look.fill
    if look.casing is not None:
        pen.lines(ends, mm=look.width_mm + 2 * look.casing_mm, colour=look.casing)
    dashes = (
        (0, [0.6 * part / look.width_mm for part in look.dash_mm])
        if look.dash_mm
        else "solid"
    )
    pen.lines(ends, mm=look.width_mm, colour=colour, dashes=dashes)
    if look.kind == "route":
        _print_head(pen, (x + _SAMPLE * 0.55, middle), look.fill)
    elif look.mark is not None:
        _print_cross(pen, (x + _SAMPLE / 2, middle), look.mark_fill)


def _print_head(pen: Pen, at: tuple[float, float], colour: str) -> None:
    """Draw the arrowhead of a route's sample."""
    x, y = at
    corners = [(x - 1.2, y - 1.4), (x + 1.8, y), (x - 1.2, y + 1.4), (x - 0.5, y)]
    pen.axes.fill(*np.array(corners).T, color=colour, linewidth=0, zorder=6)


def _print_cross(pen: Pen, at: tuple[float, float], colour: str) -> None:
    """Draw the cross of a closed road's sample."""
    x, y, half = *at, 0.9
    strokes = [
        [(x - half, y - half), (x + half, y + half)],
        [(x - half, y + half), (x + half, y - half)],
    ]
    pen.lines(strokes, mm=0.5, colour=colour)
