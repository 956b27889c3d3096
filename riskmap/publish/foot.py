"""The strip at the foot of a sheet: scale, north, inset, imprint, notes, QR."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline

from riskmap.publish.layout import Rect
from riskmap.publish.marks import print_code
from riskmap.publish.plot import area_outlines
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from riskmap.publish.mapframe import Drawn
    from riskmap.publish.pen import Pen
    from riskmap.publish.spec import MapSpec

__all__ = ["crs_words", "print_foot", "split_notes"]

_OWN, _OTHER = "#BFDCC8", "#F1EEE4"
_NOTE_COLUMNS, _NOTE_GAP, _NOTE_STEP = 2, 3.0, 1.35


def print_foot(pen: Pen, spec: MapSpec, drawn: Drawn, *, notes: Sequence[str]) -> None:
    """Print the strip at the foot: scale, north, inset, imprint, notes, QR.

    Parameters
    ----------
    pen
        What prints.
    spec
        The map.
    drawn
        The map as drawn; its scale is printed.
    notes
        How far to trust the map.
    """
    foot = pen.page.foot
    unit = foot.height / 24.0
    pen.box(foot, edge=page_style()["rule"], mm=0.2)
    x = foot.x + 3 * unit
    _print_scale(pen, drawn, (x, foot.y), unit=unit)
    x += 74 * unit
    _print_north(pen, (x + 5 * unit, foot.y + foot.height / 2), unit)
    x += 13 * unit
    if spec.inset is not None:
        frame = Rect(x, foot.y + unit, 34 * unit, 22 * unit)
        _print_inset(pen, spec, drawn, frame=frame)
        x += 37 * unit
    _print_imprint(pen, spec, (x, foot.y + 1.2 * unit), width=92 * unit)
    x += 95 * unit
    code = Rect(foot.right - 21.5 * unit, foot.y + unit, 18 * unit, 18 * unit)
    _print_notes(pen, notes, (x, foot.y + 1.2 * unit))
    _print_code(pen, spec, code)


def _print_scale(
    pen: Pen, drawn: Drawn, at: tuple[float, float], *, unit: float
) -> None:
    """Print the scale in figures and as a bar of a round length."""
    scale, (x, y) = drawn.plot.scale, at
    words, mm = read_words(), pen.page.text_mm
    figures = f"{words['foot']['scale']}  1:{scale:,}".replace(",", " ")
    pen.text((x, y + 6 * unit), figures, mm=mm * 1.5, bold=True)
    longest = 62 * unit * scale / 1000.0
    power = 10 ** math.floor(math.log10(longest))
    length = max(one * power for one in (1, 2, 5) if one * power <= longest)
    part = length / 4 * 1000.0 / scale
    top = y + 12 * unit
    for rank in range(4):
        fill = page_style()["ink"] if rank % 2 == 0 else "#FFFFFF"
        box = Rect(x + rank * part, top, part, 1.5 * unit)
        pen.box(box, fill=fill, edge=page_style()["ink"], mm=0.2)
    metres = length < 1000  # noqa: PLR2004
    kind = words["units"]["metres"] if metres else words["units"]["kilometres"]
    for rank in (0, 2, 4):
        value = length * rank / 4 / (1 if metres else 1000)
        text = f"{value:g}" + (f" {kind}" if rank == 4 else "")  # noqa: PLR2004
        pen.text((x + rank * part, top + 4 * unit), text, mm=mm, align="center")


def _print_north(pen: Pen, at: tuple[float, float], unit: float) -> None:
    """Draw the north arrow: grid north is up."""
    x, y = at
    ink = page_style()["ink"]
    left = [(x, y - 7 * unit), (x - 3.2 * unit, y + 5 * unit), (x, y + 2.5 * unit)]
    right = [(x, y - 7 * unit), (x + 3.2 * unit, y + 5 * unit), (x, y + 2.5 * unit)]
    pen.axes.fill(*np.array(left).T, facecolor=ink, edgecolor=ink, linewidth=0.5)
    pen.axes.fill(*np.array(right).T, facecolor="#FFFFFF", edgecolor=ink, linewidth=0.5)
    pen.text(
        (x, y + 8 * unit),
        read_words()["marks"]["north"],
        mm=pen.page.text_mm * 1.2,
        bold=True,
        align="center",
    )


def _print_inset(pen: Pen, spec: MapSpec, drawn: Drawn, *, frame: Rect) -> None:
    """Draw the villages around, this one marked, and the frame of the map."""
    if spec.inset is None:
        return
    colours = page_style()
    window = shapely.box(*drawn.plot.window)
    bounds = np.asarray(spec.inset.total_bounds)
    low = np.minimum(bounds[:2], window.bounds[:2])
    high = np.maximum(bounds[2:], window.bounds[2:])
    factor = min(frame.width / (high[0] - low[0]), frame.height / (high[1] - low[1]))
    shift = (np.array([frame.width, frame.height]) - (high - low) * factor) / 2

    def onto(xy: ArrayLike) -> NDArray[np.float64]:
        flat = (np.asarray(xy, dtype=float) - low) * factor + shift
        return np.column_stack([frame.x + flat[:, 0], frame.bottom - flat[:, 1]])

    areas, fills, points = [], [], [np.zeros((0, 2))]
    own = spec.inset["village_code"] == spec.code
    for shape, mine in zip(spec.inset.geometry, own, strict=True):
        for outline in area_outlines(shape):
            areas.append(Outline(onto(outline.vertices), outline.codes))
            fills.append(_OWN if mine else _OTHER)
        if shape.geom_type == "Point":
            points.append(onto(shapely.get_coordinates(shape)))
    villages = PathCollection(
        areas, facecolors=fills, edgecolors=[colours["rule"]], linewidths=0.4
    )
    pen.axes.add_collection(villages, autolim=False)
    pen.axes.plot(*np.vstack(points).T, "o", ms=3, color=colours["ink"])
    ring = onto(shapely.get_coordinates(window.exterior))
    pen.lines(
        [[(float(a), float(b)) for a, b in ring]], mm=0.4, colour=colours["danger"]
    )
    pen.box(frame, edge=colours["rule"], mm=0.15)


def crs_words(crs: pyproj.CRS) -> str:
    """Name a CRS in Chinese where it is a Gauss-Krueger zone, with its code.

    Parameters
    ----------
    crs
        Any CRS.

    Returns
    -------
    str
        For the foot of a map.
    """
    epsg = crs.to_epsg()
    code = f"（EPSG:{epsg}）" if epsg else ""
    zone = re.fullmatch(r"CGCS2000 / 3-degree Gauss-Kruger CM (\d+)E", crs.name)
    if zone is None:
        return f"{crs.name}{code}"
    words: str = read_words()["foot"]["gauss_krueger"]
    return words.format(meridian=zone.group(1)) + code


def _print_imprint(
    pen: Pen, spec: MapSpec, at: tuple[float, float], *, width: float
) -> None:
    """Print CRS, dates, version, producer, source and review number."""
    words, signed = read_words()["foot"], spec.imprint
    blank = read_words()["marks"]["not_stated"]
    lines = [
        (words["crs"], crs_words(spec.crs)),
        (words["data_date"], signed.data_date or blank),
        (words["version"], signed.version or blank),
        (words["source"], signed.source or blank),
        (words["producer"], signed.producer or blank),
        (words["review_number"], signed.review_number or " " * 12),
    ]
    mm, (x, y) = pen.page.text_mm, at
    step = (pen.page.foot.height - 2.0) / len(lines)
    for rank, (heading, text) in enumerate(lines):
        line = pen.wrapped(f"{heading}：{text}", width, mm=mm)[0]
        pen.text((x, y + (rank + 0.4) * step), line, mm=mm)


def split_notes(pen: Pen, notes: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell the notes that the foot has room for from those it has not.

    Parameters
    ----------
    pen
        What prints.
    notes
        How far to trust the map.

    Returns
    -------
    fitting : list of str
        Numbered, in order.
    late : list of str
        The rest, numbered on, for a further page.
    """
    told = [f"{rank}. {note}" for rank, note in enumerate(notes, start=1)]
    count = len(told)
    while count and _note_columns(pen, told[:count]) is None:
        count -= 1
    return told[:count], told[count:]


def _note_columns(pen: Pen, notes: Sequence[str]) -> list[list[str]] | None:
    """Break notes into the columns of the foot; None where they do not fit."""
    width = (_notes_width(pen) - _NOTE_GAP) / _NOTE_COLUMNS
    most = int((pen.page.foot.height - 2.0) // (pen.page.text_mm * _NOTE_STEP)) - 1
    columns: list[list[str]] = [[]]
    for note in notes:
        lines = pen.wrapped(note, width, mm=pen.page.text_mm)
        if len(columns[-1]) + len(lines) > most:
            columns.append([])
        columns[-1] += lines
    fits = len(columns) <= _NOTE_COLUMNS and all(len(one) <= most for one in columns)
    return columns if fits else None


def _notes_width(pen: Pen) -> float:
    """Return the width between the imprint and the QR code, millimetres."""
    foot = pen.page.foot
    return foot.width - (3 + 74 + 13 + 37 + 95 + 21.5 + 2) * foot.height / 24.0


def _print_notes(pen: Pen, notes: Sequence[str], at: tuple[float, float]) -> None:
    """Print the notes in columns."""
    mm, (x, y) = pen.page.text_mm, at
    step = mm * _NOTE_STEP
    heading = read_words()["foot"]["notes"]
    pen.text((x, y + 0.4 * step), f"{heading}：", mm=mm, bold=True)
    width = (_notes_width(pen) + _NOTE_GAP) / _NOTE_COLUMNS
    for column, lines in enumerate(_note_columns(pen, notes) or []):
        for rank, line in enumerate(lines, start=1):
            at = (x + column * width, y + (rank + 0.4) * step)
            pen.text(at, line, mm=mm)


def _print_code(pen: Pen, spec: MapSpec, frame: Rect) -> None:
    """Print the QR code with the version below it."""
    if not spec.qr_text:
        return
    print_code(pen, spec.qr_text, frame)
    version = spec.imprint.version or read_words()["marks"]["not_stated"]
    mm = pen.page.text_mm
    at = (frame.x + frame.width / 2, frame.bottom + mm * 1.1)
    pen.text(at, version, mm=mm, align="center")
