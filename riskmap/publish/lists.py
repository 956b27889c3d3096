"""Workbooks for WPS and Excel: nothing in them can turn into a formula.

Text is written as text whatever it begins with, headings are repeated on every
printed page, sheets fit the width of A4 landscape, and the same frames give the
same bytes.
"""

from __future__ import annotations

import datetime as dt
import numbers
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from riskmap.errors import SourceError
from riskmap.publish.escape import plain_text
from riskmap.publish.headings import labelled
from riskmap.publish.sheetgrid import fit_grid
from riskmap.publish.web import web_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskmap.publish.spec import Imprint

__all__ = [
    "Sheet",
    "imprint_line",
    "write_book",
    "write_workbook",
]

_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (workbooks know no zones)
_LONGEST_CELL = 32_767
_LONGEST_NAME = 31
_FONT = "Microsoft YaHei"
_INTERNAL = "&C&20&KC00000{}"


Draw = Callable[[Any, Any, pd.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    name
        The name on its tab; Excel's limits are applied here.
    title
        The heading over the table.
    frame
        The table; its index is not written, nor is any geometry.
    note
        A line below the title, or None.
    draw
        Called with workbook, worksheet and frame when the table stands, to put
        charts below it; None for none.
    """

    name: str
    title: str
    frame: pd.DataFrame
    note: str | None = None
    draw: Draw | None = None


def write_book(
    path: str | Path, sheets: Sequence[Sheet], *, imprint: Imprint | None = None
) -> Path:
    """Write sheets as a workbook for screen and paper.

    Parameters
    ----------
    path
        The file to write, ``.xlsx``; its folder must exist.
    sheets
        At least one.
    imprint
        Whose eyes it is for: an internal book says so at the head of every
        printed page; None for no mark.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If there are no sheets, or the file cannot be written, for example
        because it is open in another program.
    """
    if not sheets:
        raise SourceError("a workbook needs at least one sheet")
    file = Path(path)
    part = file.with_name(f".{file.name}.part")
    try:
        with xlsxwriter.Workbook(
            part,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        ) as book:
            book.set_properties({"created": _CREATED})
            styles = _styles(book)
            taken: set[str] = set()
            for sheet in sheets:
                page = book.add_worksheet(_tab(sheet.name, taken))
                _write_sheet(page, sheet, styles)
                if imprint is not None and imprint.edition == "internal":
                    page.set_header(_INTERNAL.format(web_words()["book"]["internal"]))
                if sheet.draw is not None and len(sheet.frame):
                    sheet.draw(book, page, sheet.frame)
        os.replace(part, file)  # noqa: PTH105 (Path.replace is the same call)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        part.unlink(missing_ok=True)
        msg = f"{file} cannot be written; is it open in another program? ({error})"
        raise SourceError(msg) from error
    return file


def write_workbook(
    path: str | Path,
    frames: Mapping[str, pd.DataFrame],
    *,
    note: str | None = None,
    imprint: Imprint | None = None,
    draw: Mapping[str, Draw] | None = None,
) -> Path:
    """Write tables of the contract as a workbook under Chinese headings.

    Parameters
    ----------
    path
        The file to write, ``.xlsx``; its folder must exist.
    frames
        Tables by name. A name that ``words.toml`` knows (``tiers``, ``routes``)
        becomes Chinese on the tab, another stays as it is; geometry is left
        out.
    note
        A line under each title, for example `imprint_line`; None for none.
    imprint
        As for `write_book`.
    draw
        What puts charts below which tables, as `Sheet.draw`.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If there are no frames, or the file cannot be written.
    """
    names = web_words()["sheets"]
    sheets = [
        Sheet(
            names.get(key, key), names.get(key, key), labelled(frame), note,
            (draw or {}).get(key),
        )
        for key, frame in frames.items()
    ]  # fmt: skip
    return write_book(path, sheets, imprint=imprint)


def imprint_line(imprint: Imprint) -> str:
    """Return data date, version and marks in one line.

    Parameters
    ----------
    imprint
        The words of a product.

    Returns
    -------
    str
        For example ``"虚构示例　数据日期 2026-04-15　版本 2026-04-15"``.
    """
    words = web_words()["book"]
    parts = [
        words["fictional"] if imprint.fictional else "",
        words["internal"] if imprint.edition == "internal" else "",
        f"{words['data_date']} {imprint.data_date}" if imprint.data_date else "",
        f"{words['version']} {imprint.version}" if imprint.version else "",
        imprint.producer or "",
    ]
    return "　".join(filter(None, parts))


def _missing(cell: object) -> bool:
    """Tell whether a cell is null."""
    return cell is None or cell is pd.NA or cell is pd.NaT or cell != cell  # noqa: PLR0124


def _styles(book: Any) -> dict[str, Any]:  # noqa: ANN401 (xlsxwriter is not typed)
    """Make the formats of a workbook."""
    base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
    cell = {**base, "border": 1, "border_color": "#C8BEAC", "text_wrap": True}
    return {
        "title": book.add_format({**base, "font_size": 16, "bold": True}),
        "note": book.add_format({**base, "font_color": "#5F5F5F"}),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#EFEADF"}),
        "text": book.add_format(cell),
        "number": book.add_format({**cell, "num_format": "#,##0.##"}),
        "whole": book.add_format({**cell, "num_format": "#,##0"}),
        "share": book.add_format({**cell, "num_format": "0.0%"}),
    }


def _write_sheet(page: Any, sheet: Sheet, styles: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Write title, headings and rows, and lay the sheet out for paper."""
    frame, grid = sheet.frame, fit_grid(sheet.frame)
    page.write_string(0, 0, plain_text(sheet.title), styles["title"])
    page.write_string(1, 0, plain_text(sheet.note or ""), styles["note"])
    page.set_row(2, grid.heights[0])
    for at, name in enumerate(frame.columns):
        page.write_string(2, at, plain_text(name), styles["head"])
        page.set_column(at, at, grid.widths[at])
    figures = [str(name) in web_words()["book"]["figures"] for name in frame.columns]
    rates = [str(name) in web_words()["book"]["rates"] for name in frame.columns]
    shares = {**styles, "whole": styles["share"], "number": styles["share"]}
    for line, row in enumerate(frame.itertuples(index=False, name=None), start=3):
        page.set_row(line, grid.heights[line - 2])
        for at, cell in enumerate(row):
            shown = int(cell) if figures[at] and _is_figure(cell) else cell
            looks = shares if rates[at] else styles
            _write_cell(page, (line, at), shown, styles=looks)
    if frame.empty:
        page.write_string(3, 0, web_words()["book"]["none"], styles["note"])
    _lay_out(page, len(frame), len(frame.columns), paper=grid.paper)


def _is_figure(cell: object) -> bool:
    """Tell a printed figure, which people want to add up, from 未知 and a dash."""
    return isinstance(cell, str) and cell.isascii() and cell.isdecimal()


def _write_cell(
    page: Any,  # noqa: ANN401
    place: tuple[int, int],
    cell: object,
    *,
    styles: Mapping[str, Any],
) -> None:
    """Write one cell: a number as a number, anything else as plain text."""
    words = web_words()["book"]
    if isinstance(cell, bool) or type(cell).__name__ in {"bool", "bool_"}:
        page.write_string(*place, words["yes"] if cell else words["no"], styles["text"])
    elif _missing(cell):
        page.write_blank(*place, None, styles["text"])
    elif isinstance(cell, numbers.Real) and abs(float(cell)) < float("inf"):
        look = "whole" if float(cell).is_integer() else "number"
        page.write_number(*place, float(cell), styles[look])
    else:
        text = plain_text(cell)[:_LONGEST_CELL]
        page.write_string(*place, text, styles["text"])


def _lay_out(page: Any, rows: int, columns: int, *, paper: int) -> None:  # noqa: ANN401
    """Set up the paper, landscape, repeated headings, frozen panes and a filter."""
    page.set_landscape()
    page.set_paper(paper)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)
    page.freeze_panes(3, 0)
    page.set_row(0, 26)
    page.set_footer(f"&C{web_words()['book']['footer']}")
    if rows and columns:
        page.autofilter(2, 0, 2 + rows, columns - 1)


def _tab(name: str, taken: set[str]) -> str:
    """Return a name that Excel takes for a tab, different from all others."""
    clean = "".join("_" if one in "[]:*?/\\'" else one for one in plain_text(name))
    base = _cut(clean.strip(), _LONGEST_NAME) or "_"
    tab, at = base, 2
    while tab.casefold() in taken:
        tab, at = f"{_cut(base, _LONGEST_NAME - 4)} ({at})", at + 1
    taken.add(tab.casefold())
    return tab


def _cut(text: str, most: int) -> str:
    """Cut a text to so many places; rare characters take two, as Excel counts."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
