"""The legend of a sheet: the signs that are on its map, and no other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.publish.layout import Rect
from riskmap.publish.style import GRADES, read_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskmap.publish.pen import Pen
    from riskmap.publish.style import Style

__all__ = [
    "Sample",
    "legend_height",
    "merged_samples",
    "most_columns",
    "print_legend",
    "signs_in",
]

_ROW = 1.95
_SAMPLE = 3.1  # all of these count heights of characters
_STEP_ASIDE = 2.1
_LEGEND_STEP = 1.2
_COLUMNS, _MOST_COLUMNS, _DEEPEST = 2, 3, 6
_FIGURE = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Sample:
    """One entry of the legend.

    Parameters
    ----------
    looks
        How it is drawn: one style, or those of each grade, the worst first.
    words
        What it means.
    """

    looks: tuple[Style, ...]
    words: str


def merged_samples(entries: Iterable[tuple[Style, str]]) -> tuple[Sample, ...]:
    """Join the grades of one kind into one entry of the legend.

    Parameters
    ----------
    entries
        Styles with their words, the most important first, each once.

    Returns
    -------
    tuple of Sample
        In order of first appearance; the words name the grades that are there.
    """
    found: dict[str, list[tuple[Style, str]]] = {}
    for look, words in entries:
        kind = look.family or f"{look.name} {_FIGURE.sub('#', words)}"
        found.setdefault(kind, []).append((look, words))
    return tuple(_sample(one) for one in found.values())


def _sample(entries: list[tuple[Style, str]]) -> Sample:
    """Make one entry of the styles of one kind."""
    look, _ = entries[0]
    if not look.family:
        return Sample((look,), _joined([words for _, words in entries]))
    rank = {name: at for at, name in enumerate(GRADES)}
    looks = sorted(
        {one for one, _ in entries},
        key=lambda one: rank[one.name.removeprefix(one.stem).removeprefix("_")],
    )
    grades = "、".join(one.grade for one in looks)
    return Sample(tuple(looks), f"{look.family}（{grades}）")


def _joined(words: Sequence[str]) -> str:
    """Join words that differ by their last figure alone: 500、750米."""
    first = words[0]
    last = next(reversed(list(_FIGURE.finditer(first))), None)
    if len(words) == 1 or last is None:
        return first
    head, tail = first[: last.start()], first[last.end() :]
    parts = [one.removeprefix(head).removesuffix(tail) for one in words]
    if not all(part.isdecimal() for part in parts):
        return "；".join(words)
    return f"{head}{'、'.join(sorted(parts, key=int))}{tail}"


def legend_height(
    pen: Pen, samples: Sequence[Sample], width: float, *, columns: int = _COLUMNS
) -> float:
    """Return how high a legend prints, millimetres.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries.
    width
        Of all columns, millimetres.
    columns
        How many.

    Returns
    -------
    float
        Title included; 0 for no entries.
    """
    if not samples:
        return 0.0
    parts = _columns(pen, samples, width, count=columns)
    highest = max(sum(_rows(pen, one, width / columns)) for one in parts)
    return pen.page.text_mm * (1.9 + highest) + 2.5


def most_columns(pen: Pen, samples: Sequence[Sample], width: float) -> int:
    """Return how many columns spare height and still hold the words.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries.
    width
        Of all columns, millimetres.

    Returns
    -------
    int
        Three where no entry is squeezed into a tall pile of lines, else two.
    """
    each = width / _MOST_COLUMNS
    deep = any(
        len(_legend_lines(pen, one, each - _aside(pen, one))) > _DEEPEST
        for one in samples
    )
    tall = legend_height(pen, samples, width, columns=_MOST_COLUMNS)
    spares = tall < legend_height(pen, samples, width)
    return _MOST_COLUMNS if spares and not deep else _COLUMNS


def signs_in(
    pen: Pen,
    samples: Sequence[Sample],
    *,
    width: float,
    room: float,
    columns: int = _COLUMNS,
) -> int:
    """Return how many entries of a legend fit a height.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries, the most important first.
    width
        Of all columns, millimetres.
    room
        The height, millimetres.
    columns
        How many.

    Returns
    -------
    int
        At least one row of them.
    """
    count = len(samples)
    while (
        count > columns
        and legend_height(pen, samples[:count], width, columns=columns) > room
    ):
        count -= 1
    return count


def print_legend(
    pen: Pen,
    samples: Sequence[Sample],
    at: tuple[float, float],
    *,
    width: float,
    columns: int = _COLUMNS,
) -> float:
    """Print the legend: only what is on the map.

    Parameters
    ----------
    pen
        What prints.
    samples
        The entries, the most important first.
    at
        The upper left corner, millimetres.
    width
        Of all columns, millimetres.
    columns
        How many.

    Returns
    -------
    float
        Where the next thing may begin.
    """
    if not samples:
        return at[1]
    x, y = at
    mm = pen.page.text_mm
    pen.text((x, y + mm), read_words()["marks"]["legend"], mm=mm * 1.25, bold=True)
    top = y + mm * 1.9 + 0.5
    each = width / columns
    for rank, column in enumerate(_columns(pen, samples, width, count=columns)):
        left, y = x + rank * each, top
        for one, rows in zip(column, _rows(pen, column, each), strict=True):
            middle = y + rows * mm / 2
            for place, look in enumerate(one.looks):
                _print_sample(pen, look, (left + place * mm * _STEP_ASIDE, middle))
            aside = _aside(pen, one)
            lines = _legend_lines(pen, one, each - aside)
            for line_rank, line in enumerate(lines):
                lift = (line_rank - (len(lines) - 1) / 2) * mm * _LEGEND_STEP
                pen.text((left + aside, middle + lift), line, mm=mm)
            y += rows * mm
    return at[1] + legend_height(pen, samples, width, columns=columns)


def _aside(pen: Pen, one: Sample) -> float:
    """Return where the words of an entry begin: after its signs."""
    return pen.page.text_mm * (_SAMPLE + 0.6 + (len(one.looks) - 1) * _STEP_ASIDE)


def _legend_lines(pen: Pen, one: Sample, room: float) -> list[str]:
    """Return the words of an entry, in as many lines as they need."""
    return pen.wrapped(one.words, room - 1.0, mm=pen.page.text_mm)


def _rows(pen: Pen, column: Sequence[Sample], width: float) -> list[float]:
    """Return how high each entry of a column is, in heights of characters."""
    lines = [_legend_lines(pen, one, width - _aside(pen, one)) for one in column]
    return [_ROW + (len(one) - 1) * _LEGEND_STEP for one in lines]


def _columns(
    pen: Pen, samples: Sequence[Sample], width: float, *, count: int
) -> list[list[Sample]]:
    """Share the entries among columns of like height, in their order."""
    best, least = [list(samples)], float("inf")
    if count <= 1 or len(samples) < count:
        return best
    share = len(samples) // count
    for cut in range(max(1, share - 2), min(share + 4, len(samples) - count + 2)):
        rest = _columns(pen, samples[cut:], width - width / count, count=count - 1)
        parts = [list(samples[:cut]), *rest]
        high = max(sum(_rows(pen, part, width / count)) for part in parts)
        if high < least:
            best, least = parts, high
    return best


def _print_sample(pen: Pen, look: Style, at: tuple[float, float]) -> None:
    """Draw one sign of an entry of the legend."""
    x, middle = at
    mm = pen.page.text_mm
    wide = mm * _SAMPLE
    if look.kind == "point":
        side = min(look.size_mm * mm / 2.25, mm * _ROW * 0.95)
        pen.sign((x + wide / 2, middle), look, side=side)
        return
    if look.kind == "area" and (look.fill_opacity > 0 or look.hatch):
        short = mm * _STEP_ASIDE - 0.6 if look.family else wide - 1.0
        box = Rect(x + 0.4, middle - mm * 0.65, short, mm * 1.3)
        if look.fill_opacity > 0:
            pen.box(box, fill=look.fill, alpha=look.fill_opacity)
        pen.box(box, edge=look.edge, mm=look.width_mm, hatch=look.hatch or None, z=2)
        return
    ends = [[(x + 0.3, middle), (x + wide - 0.3, middle)]]
    colour = look.edge if look.kind == "area" else look.fill
    if look.casing is not None:
        pen.lines(ends, mm=look.width_mm + 2 * look.casing_mm, colour=look.casing)
    dashes = (
        (0, [0.6 * part / look.width_mm for part in look.dash_mm])
        if look.dash_mm
        else "solid"
    )
    alpha = None if look.kind == "area" else look.fill_opacity
    pen.lines(ends, mm=look.width_mm, colour=colour, dashes=dashes, alpha=alpha)
    if look.kind == "route":
        _print_head(pen, (x + wide * 0.55, middle), look.fill)
    elif look.mark is not None:
        _print_cross(pen, (x + wide / 2, middle), look.mark_fill)


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
