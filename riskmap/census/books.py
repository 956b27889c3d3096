"""Workbooks that go back to the village: safe, printable, readable in WPS.

Every text is written as text, never as a formula, a link or a number; codes
and phones keep their digits; sheets fit A4 landscape with a repeated heading.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Self

import xlsxwriter
import xlsxwriter.exceptions

from riskmap.census.values import is_blank
from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Book", "words"]

_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001
_A4 = 9
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32_767
_WIDEST, _WIDEST_WRAPPED, _NARROWEST = 46, 22, 6
_LINE_PT = 14.0
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_MOST_ROWS = 1_048_576


@cache
def words() -> dict[str, Any]:
    """Return the fixed Chinese words of ledger and templates."""
    file = resources.files("riskmap.census").joinpath("words.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


class Book:
    """A workbook in the making; use it as a context manager.

    Parameters
    ----------
    path
        Written beside and moved over the target when complete.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.stem}.part.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.book = xlsxwriter.Workbook(
            str(self._part),
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"created": _CREATED})
        self._names: set[str] = set()
        self._formats: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the file, or leave nothing behind."""
        try:
            if kind is None:
                self.book.close()
                self._part.replace(self._path)
        except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
            msg = f"{self._path.name} cannot be written: {error}"
            raise SourceError(msg) from error
        finally:
            self._part.unlink(missing_ok=True)

    def format(self, name: str) -> Any:  # noqa: ANN401
        """Return a named cell format."""
        looks: dict[str, dict[str, Any]] = {
            "head": {
                "bold": True,
                "bg_color": "#D9E2EC",
                "border": 1,
                "text_wrap": True,
            },
            "text": {"num_format": "@"},
            "wrap": {"num_format": "@", "text_wrap": True},
            "plain": {},
            "title": {"bold": True, "font_size": 14},
            "error": {"bg_color": "#F4B6B0", "num_format": "@"},
            "warning": {"bg_color": "#FBD9A5", "num_format": "@"},
            "info": {"bg_color": "#CFE2F3", "num_format": "@"},
            "example": {"italic": True, "font_color": "#7F7F7F", "num_format": "@"},
            "required": {"bold": True, "bg_color": "#F9E0C7", "border": 1},
        }
        if name not in self._formats:
            look = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            self._formats[name] = self.book.add_format(look | looks[name])
        return self._formats[name]

    def sheet(self, name: str, *, head_rows: int) -> Any:  # noqa: ANN401
        """Add a sheet for A4 landscape, its heading frozen and repeated."""
        sheet = self.book.add_worksheet(self._free_name(name))
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        sheet.set_footer("&C&P / &N")
        if head_rows:
            sheet.freeze_panes(head_rows, 0)
            sheet.repeat_rows(0, head_rows - 1)
        return sheet

    def _free_name(self, name: str) -> str:
        """Return a legal sheet name that is not taken, whatever its case."""
        base = _SHEET_NAME.sub("_", name)[:_LONGEST_NAME] or "_"
        free, number = base, 1
        while free.lower() in self._names:
            number += 1
            free = f"{base[: _LONGEST_NAME - 4]}_{number}"
        self._names.add(free.lower())
        return free

    def table(
        self,
        name: str,
        headings: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        wrap: bool = False,
    ) -> Any:  # noqa: ANN401
        """Add a sheet with a heading and rows; what is too long is split."""
        sheet = self.sheet(name, head_rows=1)
        look = self.format("wrap" if wrap else "text")
        for at, one in enumerate(headings):
            sheet.write_string(0, at, safe_text(one), self.format("head"))
        for row, cells in enumerate(rows[: _MOST_ROWS - 1], start=1):
            for at, cell in enumerate(cells):
                write_cell(sheet, (row, at), cell, look=look)
        widths = []
        for at, heading in enumerate(headings):
            texts = [heading, *(str(cells[at]) for cells in rows[:300])]
            wide = max((_width(text) for text in texts), default=_NARROWEST)
            most = _WIDEST_WRAPPED if wrap else _WIDEST
            widths.append(min(max(wide + 1, _NARROWEST), most))
            sheet.set_column(at, at, widths[-1])
        if wrap:
            _set_heights(sheet, rows, widths)
        if rows:
            sheet.autofilter(0, 0, min(len(rows), _MOST_ROWS - 1), len(headings) - 1)
        return sheet


def _set_heights(
    sheet: Any,  # noqa: ANN401
    rows: Sequence[Sequence[object]],
    widths: Sequence[int],
) -> None:
    """Make rows of wrapped cells as high as their lines; not all programs do."""
    for at, cells in enumerate(rows, start=1):
        lines = max(
            -(-_width(text) // (wide - 1)) if 2 * len(text) >= wide else 1
            for text, wide in zip(map(str, cells), widths, strict=True)
        )
        if lines > 1:
            sheet.set_row(at, _LINE_PT * lines)


def usual_width(texts: Iterable[object], *, most: int = 16) -> int:
    """Return a column's width for its first cells, within limits."""
    wide = max((_width(str(one)) for one in texts if one is not None), default=0)
    return min(max(wide + 1, _NARROWEST), most)


def _width(text: str) -> int:
    """Return how many half-width characters a text takes."""
    return sum(2 if ord(one) > 0x2E80 else 1 for one in text[:200])  # noqa: PLR2004


def safe_text(value: object) -> str:
    """Return a text that a cell can hold: no control characters, not too long."""
    return _CONTROL.sub("", str(value))[:_LONGEST]


def write_cell(sheet: Any, place: tuple[int, int], value: object, *, look: Any) -> None:  # noqa: ANN401
    """Write one cell: numbers as numbers, everything else as text."""
    if isinstance(value, str) and value.isprintable():
        sheet.write_string(*place, value[:_LONGEST], look)
    elif is_blank(value):
        sheet.write_blank(*place, None, look)
    elif isinstance(value, bool):
        sheet.write_string(*place, "TRUE" if value else "FALSE", look)
    elif isinstance(value, int | float):
        sheet.write_number(*place, value, look)
    elif isinstance(value, dt.datetime):
        sheet.write_string(
            *place, value.isoformat(sep=" ").removesuffix(" 00:00:00"), look
        )
    else:
        sheet.write_string(*place, safe_text(value), look)
