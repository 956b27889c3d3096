"""What frames a map on its sheet: title, legend, scale, north, inset, imprint."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import segno
import shapely

from riskmap.publish.layout import Rect
from riskmap.publish.plot import area_outlines
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from riskmap.publish.mapframe import Drawn, Sample
    from riskmap.publish.pen import Pen
    from riskmap.publish.spec import MapSpec

__all__ = ["legend_height", "print_foot", "print_legend", "print_title", "split_notes"]

_ROW = 1.95
_SAMPLE = 7.0
_LEGEND_STEP = 1.2
_COLUMNS = 2
_NOTE_COLUMNS, _NOTE_GAP, _NOTE_STEP = 2, 3.0, 1.35


def print_title(pen: Pen, spec: MapSpec, *, page: str = "") -> None:
    """Print the band at the top: title, where, figures, marks.

    Parameters
    ----------
    pen
        What prints.
    spec
        The map.
    page
        For example 第 2 页 共 2 页; empty for none.
    """
    if pen.page.portrait:
        _print_short_title(pen, spec)
        return
    band, words, colours = pen.page.title, read_words(), page_style()
    mm = pen.page.title_mm
    room = band.width * 0.52
    wide = pen.width(spec.title, mm, bold=True)
    mm = max(mm * min(1.0, room / wide), pen.page.text_mm * 1.6)
    title = pen.wrapped(spec.title, room, mm=mm, bold=True)
    small = pen.page.text_mm * 1.35
    middle = band.y + band.height / 2
    step = mm * 1.2
    for rank, line in enumerate(title):
        high = middle - step * (len(title) - 1) / 2 + rank * step
        pen.text((band.x, high), line, mm=mm, bold=True)
    after = band.x + max(pen.width(line, mm, bold=True) for line in title) + mm * 0.6
    version = spec.imprint.version or words["marks"]["not_stated"]
    pen.text((after, middle - small * 0.9), spec.parent, mm=small)
    told = f"{words['foot']['version']} {version}  {page}".strip()
    pen.text((after, middle + small * 0.9), told, mm=small, colour=colours["quiet"])
    right = _print_marks(pen, spec)
    _print_facts(pen, spec, right=right, left=after + band.width * 0.16)
    y = band.bottom + 0.4
    pen.lines([[(band.x, y), (band.right, y)]], mm=0.6, colour=colours["safe"])


def _print_short_title(pen: Pen, spec: MapSpec) -> None:
    """Print the band of a narrow picture: the title above, where and when below."""
    band, words, colours = pen.page.title, read_words(), page_style()
    right = _print_marks(pen, spec)
    room = right - band.x - 1.0
    mm = min(pen.page.title_mm, pen.page.title_mm * room / pen.width(spec.title, 6.0))
    mm = max(mm * pen.page.title_mm / 6.0, pen.page.text_mm * 1.4)
    pen.text((band.x, band.y + band.height * 0.3), spec.title, mm=mm, bold=True)
    told = f"{spec.parent}  {words['foot']['version']} {spec.imprint.version}"
    low = band.y + band.height * 0.76
    pen.text((band.x, low), told, mm=pen.page.text_mm, colour=colours["quiet"])
    y = band.bottom + 0.2
    pen.lines([[(band.x, y), (band.right, y)]], mm=0.6, colour=colours["safe"])


def _print_marks(pen: Pen, spec: MapSpec) -> float:
    """Stamp 虚构示例 and 内部使用 at the right; return where they begin."""
    band, words = pen.page.title, read_words()["marks"]
    mm = pen.page.text_mm * 1.7
    right = band.right
    stamps = []
    if spec.imprint.fictional:
        stamps.append(words["fictional"])
    if spec.imprint.edition == "internal":
        stamps.append(words["internal"])
    for one in stamps:
        wide = pen.width(one, mm, bold=True) + mm
        box = Rect(right - wide, band.y + band.height / 2 - mm, wide, mm * 2)
        pen.box(box, edge=page_style()["danger"], mm=0.5)
        pen.text(
            (box.x + wide / 2, box.y + mm),
            one,
            mm=mm,
            bold=True,
            colour=page_style()["danger"],
            align="center",
        )
        right -= wide + mm * 0.6
    return right


def _print_facts(pen: Pen, spec: MapSpec, *, right: float, left: float) -> None:
    """Print the figures of the map, heading above, as many as have room."""
    band = pen.page.title
    small, big = pen.page.text_mm, pen.page.text_mm * 1.55
    for heading, words in reversed(list(spec.facts.items())):
        wide = max(pen.width(heading, small), pen.width(words, big, bold=True)) + big
        right -= wide
        if right < left:
            return
        at = right + wide / 2
        middle = band.y + band.height / 2
        pen.text(
            (at, middle - big * 0.85),
            heading,
            mm=small,
            align="center",
            colour=page_style()["quiet"],
        )
        alarm = heading == read_words()["facts"]["unplaced"] and words[0] != "0"
        pen.text(
            (at, middle + big * 0.6),
            words,
            mm=big,
            bold=True,
            align="center",
            colour=page_style()["danger"] if alarm else None,
        )


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
    if pen.page.portrait:
        _print_short_foot(pen, spec, drawn, notes=notes)
        return
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


def _print_short_foot(
    pen: Pen, spec: MapSpec, drawn: Drawn, *, notes: Sequence[str]
) -> None:
    """Print the foot of a narrow picture: scale and notes."""
    foot, mm = pen.page.foot, pen.page.text_mm
    unit = foot.height / 24.0
    pen.lines([[(foot.x, foot.y), (foot.right, foot.y)]])
    _print_scale(pen, drawn, (foot.x, foot.y), unit=unit)
    x = foot.x + 66 * unit
    date = f"{read_words()['foot']['data_date']}：{spec.imprint.data_date}"
    lines = [
        line
        for one in (date, *notes)
        for line in pen.wrapped(one, foot.right - x, mm=mm)
    ]
    step = mm * 1.3
    for rank, line in enumerate(lines[: int(foot.height // step)]):
        pen.text((x, foot.y + (rank + 0.7) * step), line, mm=mm)


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

    own = spec.inset["village_code"] == spec.code
    for shape, mine in zip(spec.inset.geometry, own, strict=True):
        for outline in area_outlines(shape):
            xy = onto(outline.vertices)
            fill = "#BFDCC8" if mine else "#F1EEE4"
            pen.axes.fill(*xy.T, facecolor=fill, edgecolor=colours["rule"], lw=0.4)
        if shape.geom_type == "Point":
            xy = onto(shapely.get_coordinates(shape))
            pen.axes.plot(*xy.T, "o", ms=3, color=colours["ink"])
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
    if pen.page.portrait:
        return list(notes), []
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
    matrix = np.array([list(row) for row in segno.make(spec.qr_text).matrix])
    pen.axes.imshow(
        1 - matrix,
        cmap="gray",
        vmin=0,
        vmax=1,
        extent=(frame.x, frame.right, frame.bottom, frame.y),
        interpolation="none",
        zorder=3,
        aspect="auto",
    )
    pen.axes.set_xlim(0.0, pen.page.width)
    pen.axes.set_ylim(pen.page.height, 0.0)
    version = spec.imprint.version or read_words()["marks"]["not_stated"]
    mm = pen.page.text_mm
    at = (frame.x + frame.width / 2, frame.bottom + mm * 1.1)
    pen.text(at, version, mm=mm, align="center")
