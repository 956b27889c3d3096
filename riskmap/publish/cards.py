"""Household cards, four a page, and lists for stamping, as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import matplotlib as mpl

from riskmap.publish.fonts import find_fonts
from riskmap.publish.layout import Page, Rect
from riskmap.publish.marks import print_code, print_watermark
from riskmap.publish.paper import RC, blank_figure, write_pdf
from riskmap.publish.pen import Pen, new_pen
from riskmap.publish.spec import Table
from riskmap.publish.style import page_style, read_words
from riskmap.publish.tableprint import lay_out, lay_out_rest, print_block

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

    from riskmap.publish.fonts import Faces
    from riskmap.publish.spec import Imprint

__all__ = ["save_cards", "save_list"]

_MARGIN = 8.0
_GAP = 5.0
_PER_PAGE = 4
_TEXT_MM = 2.5
_HEADING_MM = 26.0
_WIDE_FROM = 8
_CODE_MM = 18.0
_PADDING_MM = 2.4


def save_cards(
    cards: pd.DataFrame,
    path: str | Path,
    *,
    place: str,
    imprint: Imprint,
    kind: Literal["household", "hazard"] = "household",
    code: str = "",
    font: str | Path | None = None,
) -> Path:
    """Save cards (避险明白卡, 防灾工作明白卡), four on a page of A4.

    Parameters
    ----------
    cards
        From `household_cards` or `hazard_cards`: text under Chinese headings, a
        row a card; an empty cell is left blank to be written in.
    path
        A ``.pdf`` file.
    place
        The name of the village, printed on each card.
    kind
        Whose cards these are; it gives them their title.
    imprint
        The version and the marks.
    code
        What the QR code of every card says, best the ``qr_text`` of the map of
        its place; the version stands beside it. Empty for none.
    font
        A font file to use; None looks for one.

    Returns
    -------
    pathlib.Path
        The file written; a page that says so where there is no card.

    Raises
    ------
    SourceError
        If no font has Chinese characters, or the file cannot be written.
    """
    faces, words = find_fonts(font), read_words()["card_kinds"][kind]
    page = _page("A4", 210.0, 297.0)
    title = f"{place}{words['title']}"
    rows = [
        {str(key): str(cell) for key, cell in row.items()}
        for row in cards.to_dict("records")
    ]
    with mpl.rc_context(RC):
        figures = []
        for first in range(0, max(len(rows), 1), _PER_PAGE):
            figure = blank_figure(page)
            pen = new_pen(figure, page, faces)
            for spot, row in enumerate(rows[first : first + _PER_PAGE]):
                frame = _spot(page, spot)
                _print_card(pen, row, frame, title=title, imprint=imprint, code=code)
            if not rows:
                pen.text((_MARGIN, 30.0), f"{place}：{words['none']}", mm=5.0)
                pen.text((_MARGIN, page.height - 10.0), _version(imprint), mm=2.5)
            figures.append(figure)
        return write_pdf(figures, Path(path))


def save_list(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    title: str,
    imprint: Imprint,
    font: str | Path | None = None,
) -> Path:
    """Save a list for printing and stamping (责任清单), on pages of A4.

    Parameters
    ----------
    frame
        Text under Chinese headings.
    path
        A ``.pdf`` file.
    title
        Printed above every page.
    imprint
        Version, date and producer, printed below every page.
    font
        A font file to use; None looks for one.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If no font has Chinese characters, or the file cannot be written.
    """
    faces = find_fonts(font)
    wide = len(frame.columns) > _WIDE_FROM
    page = _page("A4", 297.0, 210.0) if wide else _page("A4", 210.0, 297.0)
    with mpl.rc_context(RC):
        figures = _list_pages(frame, page, faces)
        for number, figure in enumerate(figures, start=1):
            pen = Pen(figure.axes[-1], page, faces)
            if imprint.edition == "internal":
                print_watermark(pen, page.map)
            _print_list_frame(pen, title, imprint, pages=(number, len(figures)))
        return write_pdf(figures, Path(path))


def _list_pages(frame: pd.DataFrame, page: Page, faces: Faces) -> list[Figure]:
    """Print a long table over as many pages as it needs."""
    area = page.map
    note = None if len(frame) else read_words()["duty"]["none"]
    table = Table(key="list", title="", frame=frame, note=note)
    figures = [blank_figure(page)]
    pen = new_pen(figures[0], page, faces)
    block = lay_out(pen, table, area.width)
    while True:
        fits, rest = block.split(area.height)
        print_block(pen, fits or block, (area.x, area.y))
        if rest is None or fits is None:
            return figures
        figures.append(blank_figure(page))
        pen = new_pen(figures[-1], page, faces)
        block = lay_out_rest(pen, rest, area.width)


def _print_list_frame(
    pen: Pen, title: str, imprint: Imprint, *, pages: tuple[int, int]
) -> None:
    """Print title, page, version and the place of the stamp."""
    words, page = read_words(), pen.page
    middle = page.width / 2
    pen.text((middle, 14.0), title, mm=6.0, bold=True, align="center")
    marks = [words["marks"]["fictional"]] if imprint.fictional else []
    marks += [words["marks"]["internal"]] if imprint.edition == "internal" else []
    danger = page_style()["danger"]
    pen.text(
        (page.width - _MARGIN, 8.0),
        "  ".join(marks),
        mm=3.0,
        colour=danger,
        align="right",
    )
    low = page.height - 10.0
    blank = words["marks"]["not_stated"]
    version = f"{words['foot']['version']}：{imprint.version or blank}"
    date = f"{words['foot']['data_date']}：{imprint.data_date or blank}"
    told = words["marks"]["page_of"].format(page=pages[0], pages=pages[1])
    pen.text((_MARGIN, low), f"{version}  {date}  {told}", mm=2.5)
    stamp = words["cards"]["stamp"].format(producer=imprint.producer or "")
    pen.text((page.width - 60.0, low), stamp, mm=3.0)


def _print_card(
    pen: Pen,
    row: Mapping[str, str],
    frame: Rect,
    *,
    title: str,
    imprint: Imprint,
    code: str,
) -> None:
    """Print one card: title and code, then heading and text in two columns."""
    colours = page_style()
    if imprint.edition == "internal":
        print_watermark(pen, frame)
    pen.box(frame, edge=colours["ink"], mm=0.4)
    high = _CODE_MM + 3.0 if code else 10.0
    head = Rect(frame.x, frame.y, frame.width, high)
    _print_head(pen, head, title=title, imprint=imprint, code=code)
    table = Rect(frame.x, frame.y + high, frame.width, frame.height - high - 9.0)
    _print_rows(pen, row, table)
    low = frame.bottom - 4.5
    pen.text((frame.x + 2, low), _version(imprint), mm=2.3, colour=colours["quiet"])
    pen.text((frame.right - 42, low), read_words()["cards"]["sign"], mm=2.5)


def _print_head(
    pen: Pen, frame: Rect, *, title: str, imprint: Imprint, code: str
) -> None:
    """Print the title of a card and, at the right, its code with the version."""
    wide = frame.width - 6 - (_CODE_MM + 2 if code else 0)
    mm = 5.0
    lines = pen.wrapped(title, wide, mm=mm, bold=True)
    while len(lines) > 2:  # noqa: PLR2004 (as many as there is room for)
        mm *= 0.9
        lines = pen.wrapped(title, wide, mm=mm, bold=True)
    first = frame.y + (6.5 if code else frame.height / 2) - mm * 0.6 * (len(lines) - 1)
    for rank, line in enumerate(lines):
        at = (frame.x + 3 + wide / 2, first + rank * mm * 1.2)
        pen.text(at, line, mm=mm, bold=True, align="center")
    if code:
        side = Rect(frame.right - _CODE_MM - 1.5, frame.y + 1.5, _CODE_MM, _CODE_MM)
        print_code(pen, code, side)
        words = read_words()
        version = imprint.version or words["marks"]["not_stated"]
        told = words["cards"]["code"].format(version=version)
        line = pen.wrapped(told, wide, mm=2.5)[0]
        pen.text((side.x - 2.0, frame.bottom - 3.0), line, mm=2.5, align="right")


def _print_rows(pen: Pen, row: Mapping[str, str], table: Rect) -> None:
    """Print heading and text of each row, higher where the text is longer."""
    wide = table.width - _HEADING_MM - _PADDING_MM
    needed = [0.7 + len(pen.wrapped(one, wide, mm=_TEXT_MM)) for one in row.values()]
    split, y = table.x + _HEADING_MM, table.y
    rules = [[(split, table.y), (split, table.bottom)]]
    for (heading, cell), lines in zip(row.items(), needed, strict=True):
        rules.append([(table.x, y), (table.right, y)])
        step = table.height * lines / sum(needed)
        _print_cell(pen, heading, Rect(table.x, y, _HEADING_MM, step), head=True)
        inner = Rect(split, y, table.width - _HEADING_MM, step)
        _print_cell(pen, cell, inner, head=False)
        y += step
    pen.lines([*rules, [(table.x, y), (table.right, y)]], mm=0.12)


def _version(imprint: Imprint) -> str:
    """Return the version and the marks in one line."""
    words = read_words()
    version = imprint.version or words["marks"]["not_stated"]
    marks = [f"{words['foot']['version']} {version}"]
    marks += [words["marks"]["fictional"]] if imprint.fictional else []
    marks += [words["marks"]["internal"]] if imprint.edition == "internal" else []
    return "  ".join(marks)


def _print_cell(pen: Pen, words: str, frame: Rect, *, head: bool) -> None:
    """Print a text into a cell, in as many lines as fit."""
    mm = _TEXT_MM
    lines = pen.wrapped(words, frame.width - _PADDING_MM, mm=mm, bold=head)
    most = max(1, int(frame.height // (mm * 1.15)))
    if len(lines) > most:
        mm = max(_TEXT_MM * 0.9, 2.2)
        lines = pen.wrapped(words, frame.width - _PADDING_MM, mm=mm, bold=head)
        most = max(1, int(frame.height // (mm * 1.1)))
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]
    first = frame.y + frame.height / 2 - mm * 1.12 * (len(lines) - 1) / 2
    for rank, line in enumerate(lines):
        at = (frame.x + 1.2, first + rank * mm * 1.12)
        pen.text(at, line, mm=mm, bold=head)


def _spot(page: Page, spot: int) -> Rect:
    """Return the place of one of the four cards of a page."""
    width = (page.width - 2 * _MARGIN - _GAP) / 2
    height = (page.height - 2 * _MARGIN - _GAP) / 2
    x = _MARGIN + (spot % 2) * (width + _GAP)
    y = _MARGIN + (spot // 2) * (height + _GAP)
    return Rect(x, y, width, height)


def _page(name: str, width: float, height: float) -> Page:
    """Return a page of cards or of a list."""
    body = Rect(_MARGIN, 20.0, width - 2 * _MARGIN, height - 38.0)
    return Page(
        name=name,
        width=width,
        height=height,
        margin=_MARGIN,
        title=Rect(_MARGIN, _MARGIN, width - 2 * _MARGIN, 12.0),
        map=body,
        side=body,
        foot=Rect(_MARGIN, height - 16.0, width - 2 * _MARGIN, 12.0),
        type_scale=1.0,
        title_mm=6.0,
        text_mm=2.6,
    )
