"""A map as a portrait picture for a phone, to be read without a browser.

Above, the map; below it who goes where by which way, how long it takes, whom to
call, what the signals mean. The picture is as long as its words need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskmap.publish.layout import PHONE_MM, Rect, phone_page
from riskmap.publish.legend import legend_height, print_legend
from riskmap.publish.mapframe import Drawn, draw_map
from riskmap.publish.marks import print_watermark
from riskmap.publish.paper import blank_figure, resized
from riskmap.publish.pen import new_pen
from riskmap.publish.phonecards import cards_of
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from riskmap.publish.fonts import Faces
    from riskmap.publish.legend import Sample
    from riskmap.publish.pen import Pen
    from riskmap.publish.phonecards import Card, Line
    from riskmap.publish.spec import MapSpec

__all__ = ["PHONE_DPI", "make_phone"]

PHONE_DPI = 254
"""Ten pixels a millimetre: 108 mm are 1080 pixels."""

_STEP = 1.42
_GAP = 2.6
_MOST_SIGNS = 10
"""How many signs are explained before the groups; the others follow after them."""
_DISC = 3.4


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of the picture, measured and not yet drawn."""

    height: float
    draw: Callable[[Pen, float], None]


def make_phone(spec: MapSpec, *, faces: Faces) -> tuple[tuple[Figure, ...], Drawn]:
    """Lay a map out as one long picture.

    Parameters
    ----------
    spec
        The map.
    faces
        The font.

    Returns
    -------
    figures : tuple of matplotlib.figure.Figure
        One, 108 mm wide.
    drawn : Drawn
        The map in it, with its labels.

    Raises
    ------
    SourceError
        If a raster of the terrain cannot be read.
    """
    page = phone_page()
    figure = blank_figure(page)
    pen = new_pen(figure, page, faces)
    head = _head(pen, spec)
    rect = Rect(page.margin, head.height + 1.0, page.side.width, page.map.height)
    page = phone_page(rect=rect)
    drawn = draw_map(figure, spec, page, faces=faces)
    first, more = drawn.legend[:_MOST_SIGNS], drawn.legend[_MOST_SIGNS:]
    parts = [_legend(pen, first), *_cards(pen, spec), _legend(pen, more)]
    parts.append(_foot(pen, spec, drawn))
    whole = rect.bottom + 2.0 + sum(one.height for one in parts)
    page = phone_page(rect=rect, height=whole)
    resized(figure, page, {drawn.plot.axes: rect})
    pen = new_pen(figure, page, faces)
    head.draw(pen, 0.0)
    y = rect.bottom + 2.0
    for part in parts:
        part.draw(pen, y)
        y += part.height
    if spec.imprint.edition == "internal":
        _print_watermarks(pen, rect)
    return (figure,), drawn


def _print_watermarks(pen: Pen, rect: Rect) -> None:
    """Print 内部使用 over the map, and behind the words as often as they need."""
    print_watermark(pen, rect, over=True)
    y, step = rect.bottom, rect.width
    while y + step <= pen.page.height:
        print_watermark(pen, Rect(rect.x, y, rect.width, step))
        y += step


def _head(pen: Pen, spec: MapSpec) -> _Part:
    """Measure the title, where and when, and the figures."""
    words, colours, page = read_words(), page_style(), pen.page
    room = page.side.width
    title = pen.wrapped(spec.title, room, mm=page.title_mm, bold=True)
    marks = [words["marks"]["fictional"]] if spec.imprint.fictional else []
    marks += [words["marks"]["internal"]] if spec.imprint.edition == "internal" else []
    version = spec.imprint.version or words["marks"]["not_stated"]
    told = [spec.parent, f"{words['foot']['version']} {version}", *marks]
    where = pen.wrapped("  ".join(filter(None, told)), room, mm=page.text_mm)
    facts = "   ".join(f"{head} {text}" for head, text in spec.facts.items())
    figures = pen.wrapped(facts, room, mm=page.phone_mm, bold=True)
    high = page.margin + len(title) * page.title_mm * 1.3
    low = high + len(where) * page.text_mm * _STEP

    def draw(pen: Pen, y: float) -> None:
        x, mm = page.margin, page.title_mm
        for rank, line in enumerate(title):
            at = (x, y + page.margin + (rank + 0.6) * mm * 1.3)
            pen.text(at, line, mm=mm, bold=True)
        for rank, line in enumerate(where):
            at = (x, y + high + (rank + 0.5) * page.text_mm * _STEP)
            pen.text(at, line, mm=page.text_mm, colour=colours["quiet"])
        for rank, line in enumerate(figures):
            at = (x, y + low + (rank + 0.6) * page.phone_mm * _STEP)
            pen.text(at, line, mm=page.phone_mm, bold=True)

    return _Part(low + len(figures) * page.phone_mm * _STEP + 1.5, draw)


def _legend(pen: Pen, signs: Sequence[Sample]) -> _Part:
    """Measure a part of the legend."""
    page = pen.page

    def draw(pen: Pen, y: float) -> None:
        print_legend(pen, signs, (page.margin, y), width=page.side.width)

    return _Part(legend_height(pen, signs, page.side.width), draw)


def _cards(pen: Pen, spec: MapSpec) -> list[_Part]:
    """Measure a card for each group or danger, then signals and numbers."""
    return [_card(pen, one) for one in cards_of(spec)]


def _card(pen: Pen, card: Card) -> _Part:
    """Measure one card: lines of several sizes, a number before the first."""
    page, inset = pen.page, (2 * _DISC + 1.6 if card.number else 0.0)
    room = page.side.width - inset
    lines: list[tuple[str, Line, float]] = []
    for one in card.lines:
        mm = page.text_mm * one.size
        wrapped = pen.wrapped(one.words, room, mm=mm, bold=one.bold)
        lines += [(words, one, mm) for words in wrapped]
    high = sum(mm * _STEP for _, _, mm in lines) + _GAP
    colour = page_style()["danger" if card.alarm else "safe"]

    def draw(pen: Pen, y: float) -> None:
        x = page.margin
        pen.lines([[(x, y), (x + page.side.width, y)]], mm=0.15)
        if card.number:
            at = (x + _DISC, y + _GAP / 2 + _DISC)
            _print_number(pen, card.number, at, colour=colour)
        y += _GAP / 2
        for words, one, mm in lines:
            shade = page_style()[one.colour] if one.colour else None
            at = (x + inset, y + mm * _STEP / 2)
            pen.text(at, words, mm=mm, bold=one.bold, colour=shade)
            y += mm * _STEP

    return _Part(max(high, 2 * _DISC + _GAP if card.number else 0.0), draw)


def _print_number(
    pen: Pen, number: str, at: tuple[float, float], *, colour: str
) -> None:
    """Print the number of a group in a disc, as it stands on the map."""
    side = 2 * _DISC
    pen.disc(at, fill=colour, side=side)
    mm = pen.page.phone_mm * min(1.0, 2.0 / len(number))
    pen.text(at, number, mm=mm, bold=True, colour="#FFFFFF", align="center", z=20)


def _foot(pen: Pen, spec: MapSpec, drawn: Drawn) -> _Part:
    """Measure scale, date, producer and how far to trust the picture."""
    words, page, signed = read_words()["foot"], pen.page, spec.imprint
    blank = read_words()["marks"]["not_stated"]
    west, _, east, _ = drawn.plot.window
    wide = read_words()["phone"]["wide"].format(km=f"{(east - west) / 1000:.1f}")
    told = [
        wide,
        f"{words['data_date']} {signed.data_date or blank}",
        f"{words['producer']} {signed.producer or blank}",
        f"{words['review_number']} {signed.review_number or '—'}",
        *spec.imprint.notes,
        read_words()["notes"]["schematic"],
    ]
    lines = [
        line
        for one in told
        for line in pen.wrapped(one, page.side.width, mm=page.text_mm)
    ]
    step = page.text_mm * _STEP

    def draw(pen: Pen, y: float) -> None:
        x = page.margin
        pen.lines([[(x, y), (x + page.side.width, y)]], mm=0.3)
        for rank, line in enumerate(lines):
            at = (x, y + 1.0 + (rank + 0.5) * step)
            pen.text(at, line, mm=page.text_mm, colour=page_style()["quiet"])

    return _Part(len(lines) * step + 2.0 + PHONE_MM[2], draw)
