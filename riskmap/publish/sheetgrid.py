"""How wide and high the cells of a workbook are, so that its paper holds them."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Grid", "fit_grid"]

_A4, _A3 = 9, 8
_ACROSS = {_A4: 190.0, _A3: 270.0}
"""Characters across paper, landscape, that can still be read; project choice."""
_NARROWEST, _EASY, _WIDEST = 6, 12, 46
_LINE_PT, _SPARE_PT, _HIGHEST_PT = 14.5, 3.0, 400.0
_WORD = re.compile(r"[\x21-\x7e]+")
_LONGEST_WORD = 18


@dataclass(frozen=True, slots=True)
class Grid:
    """The layout of one sheet.

    Parameters
    ----------
    widths
        Of each column, in characters of half width.
    heights
        Of the headings and each row, points.
    paper
        The number that workbooks give a size of paper: 9 is A4, 8 is A3.
    """

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    paper: int


def fit_grid(frame: pd.DataFrame) -> Grid:
    """Choose widths, heights and paper so that all text of a table shows.

    The widest columns are narrowed and wrap until A4 landscape holds them; a
    table whose columns would be too narrow there goes on A3.

    Parameters
    ----------
    frame
        The table; its headings count too.

    Returns
    -------
    Grid
        Columns keep the words and numbers in them whole, as far as they are not
        longer than 18 characters.
    """
    rows = [list(frame.columns), *frame.itertuples(index=False, name=None)]
    texts = [["" if _missing(one) else str(one) for one in row] for row in rows]
    columns = list(zip(*texts, strict=True))
    longest = [max(map(_breadth, column)) + 2 for column in columns]
    floors = [max(_NARROWEST, max(map(_longest_word, one)) + 2) for one in columns]
    least = [
        max(low, min(_EASY, one)) for low, one in zip(floors, longest, strict=True)
    ]
    paper = _A4 if sum(least) <= _ACROSS[_A4] else _A3
    widths = _narrowed(longest, floors, _ACROSS[paper])
    heights = [_height(row, widths) for row in texts]
    return Grid(tuple(widths), tuple(heights), paper)


def _narrowed(longest: list[int], floors: list[int], across: float) -> list[float]:
    """Narrow the widest columns until all are within the paper, if they can be."""
    cap = _WIDEST
    while True:
        widths = [
            float(max(floor, min(cap, one)))
            for floor, one in zip(floors, longest, strict=True)
        ]
        if cap <= _NARROWEST or sum(widths) <= across:
            return widths
        cap -= 1


def _height(row: list[str], widths: list[float]) -> float:
    """Return how high a row must be for its texts to wrap in."""
    lines = [
        sum(_lines(part, width) for part in text.split("\n"))
        for text, width in zip(row, widths, strict=True)
    ]
    return min(_HIGHEST_PT, max(lines, default=1) * _LINE_PT + _SPARE_PT)


def _lines(text: str, width: float) -> int:
    """Count the lines that a text takes in a column, a little too many at worst."""
    breadth = _breadth(text)
    if breadth + 1 <= width:
        return 1
    ragged = min(_longest_word(text), int(width / 2)) if " " in text else 1
    return math.ceil(breadth / max(2.0, width - 1 - ragged))


def _longest_word(text: str) -> int:
    """Return the length of the longest word or number, which should not break."""
    longest = max((len(one) for one in _WORD.findall(text)), default=0)
    return min(longest, _LONGEST_WORD)


def _breadth(text: str) -> int:
    """Count the half-width places that text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _missing(cell: object) -> bool:
    """Tell whether a cell is null."""
    return cell is None or str(cell) in {"nan", "<NA>", "NaT"}
