"""From a grid of cells to a table: where the heading is and what it says.

Bureaus send titles, merged headings of several rows, a row of codes, a row of
units and a row of column numbers before the first record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.census.headings import known_headings, normal_form
from riskmap.census.raw import RawTable
from riskmap.census.units import unit_of
from riskmap.census.values import clean_text, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from riskmap.census.schema import Layer

    Merge = tuple[tuple[int, int], tuple[int, int]]

__all__ = ["Head", "find_head", "table_of_grid"]

_DEEPEST_HEAD = 25
_DEEPEST_TOP = 3
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_UNIT_ROW = re.compile(r"\(?(?:单位[:：])?(?P<unit>[^()]+?)\)?")
_COLUMN_NUMBERS = frozenset("甲乙丙丁戊己庚辛壬癸")


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a grid.

    Attributes
    ----------
    headings, codes
        One a column; codes None where there is no code row.
    first
        The row of the grid where records begin.
    hits
        How many headings are known to the layer.
    """

    headings: tuple[str, ...]
    codes: tuple[str | None, ...] | None
    first: int
    hits: int


def table_of_grid(
    grid: Sequence[Sequence[object]],
    layer: Layer,
    *,
    source: str,
    sheet: str | None = None,
    merged: Iterable[Merge] = (),
    origin: tuple[int, int] = (0, 0),
) -> tuple[RawTable, int]:
    """Read a grid of cells as a table of a layer.

    Parameters
    ----------
    grid
        Rows of equal length.
    layer
        Whose headings to look for.
    source, sheet
        Where the grid comes from.
    merged
        Merged ranges ((row, column), (row, column)), both ends included.
    origin
        Row and column of the grid's first cell in its sheet.

    Returns
    -------
    RawTable
        The records; wholly empty rows are no records.
    int
        How many headings are known to the layer.
    """
    cells = np.empty((len(grid), len(grid[0]) if grid else 0), dtype=object)
    if cells.size:
        cells[:] = grid
    cells[cells == ""] = None
    _fill_merged(cells, merged, origin)
    head = find_head(cells, layer)
    body = cells[head.first :]
    filled = np.flatnonzero((body != None).any(axis=1))  # noqa: E711
    used = [
        place
        for place, heading in enumerate(head.headings)
        if heading or (body[:, place] != None).any()  # noqa: E711
    ]
    names = _distinct([head.headings[one] or f"第{one + 1}列" for one in used])
    codes = None if head.codes is None else tuple(head.codes[one] for one in used)
    table = RawTable(
        source=source,
        sheet=sheet,
        headings=names,
        codes=codes,
        columns=tuple(body[filled, one] for one in used),
        rows=filled + head.first + origin[0] + 1,
    )
    return table, head.hits


def _fill_merged(
    cells: np.ndarray, merged: Iterable[Merge], origin: tuple[int, int]
) -> None:
    """Give every cell of a merged range its value; below the head only down."""
    for (top, left), (bottom, right) in merged:
        row, column = top - origin[0], left - origin[1]
        if not (0 <= row < len(cells) and 0 <= column < cells.shape[1]):
            continue
        last = bottom - origin[0] + 1
        wide = right - origin[1] + 1 if row < _DEEPEST_HEAD else column + 1
        if is_blank(cells[row, column]):
            continue
        cells[row:last, column:wide] = cells[row, column]


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return headings with a number where one occurs again."""
    seen: dict[str, int] = {}
    result = []
    for one in names:
        seen[one] = seen.get(one, 0) + 1
        result.append(one if seen[one] == 1 else f"{one}_{seen[one]}")
    return tuple(result)


def find_head(cells: np.ndarray, layer: Layer) -> Head:
    """Find the heading of a grid and read it.

    Parameters
    ----------
    cells
        Two-dimensional array of objects, merged ranges filled.
    layer
        Whose headings to look for.

    Returns
    -------
    Head
        The row with most known headings, and what belongs to it above and
        below; the first row with text where nothing is known.
    """
    rows = [_texts(row) for row in cells[:_DEEPEST_HEAD]]
    if not rows:
        return Head((), None, 0, 0)
    hits = [known_headings(row, layer) for row in rows]
    most = max(hits)
    if most == 0:
        found = next((at for at, row in enumerate(rows) if any(row)), 0)
        return Head(tuple(rows[found]), None, found + 1, 0)
    leaf = max(at for at, count in enumerate(hits) if count == most)
    if _is_codes(rows[leaf]):
        return _headed_by_codes(rows, leaf, layer, hits=hits)
    first, codes, units = _below(rows, leaf)
    above = [row for row in _tops(rows, leaf) if not _is_codes(row)]
    codes = codes or next((row for row in _tops(rows, leaf) if _is_codes(row)), None)
    headings = _joined(above, rows[leaf], units, layer=layer)
    hits_now = known_headings(headings, layer)
    return Head(headings, _or_none(codes), first, max(most, hits_now))


def _headed_by_codes(
    rows: list[list[str]], leaf: int, layer: Layer, *, hits: list[int]
) -> Head:
    """Read a head whose best known row is its row of codes."""
    above = rows[leaf - 1] if leaf else []
    if above and hits[leaf - 1]:
        headings = _joined(_tops(rows, leaf - 1), above, [""] * len(above), layer=layer)
        return Head(headings, _or_none(rows[leaf]), leaf + 1, hits[leaf])
    labelled = leaf + 1 < len(rows) and hits[leaf + 1] > 0
    return Head(tuple(rows[leaf]), None, leaf + (2 if labelled else 1), hits[leaf])


def _texts(row: Iterable[object]) -> list[str]:
    """Return the cells of a row as clean text; empty for blank."""
    return ["" if is_blank(one) else clean_text(one) for one in row]


def _or_none(codes: Sequence[str] | None) -> tuple[str | None, ...] | None:
    """Return codes with None for blank."""
    return None if codes is None else tuple(one or None for one in codes)


def _is_codes(row: Sequence[str]) -> bool:
    """Tell a row of shapefile codes: nothing but short Latin words."""
    filled = [one for one in row if one]
    return len(filled) > 1 and all(_CODE.fullmatch(one) for one in filled)


def _tops(rows: list[list[str]], leaf: int) -> list[list[str]]:
    """Return the heading rows above the leaf row, titles left out."""
    tops: list[list[str]] = []
    for row in reversed(rows[max(0, leaf - _DEEPEST_TOP) : leaf]):
        words = {one for one in row if one}
        if len(words) < 2 or any(re.search(r"[:：]", one) for one in words):  # noqa: PLR2004
            break
        tops.insert(0, row)
    return tops


def _below(rows: list[list[str]], leaf: int) -> tuple[int, list[str] | None, list[str]]:
    """Step over rows of codes, units and column numbers below the leaf row."""
    codes, units = None, [""] * len(rows[leaf])
    at = leaf + 1
    while at < len(rows):
        if codes is None and _is_codes(rows[at]):
            codes = rows[at]
        elif _is_units(rows[at]):
            units = [_unit_name(one) for one in rows[at]]
        elif not _is_numbering(rows[at]) and rows[at] != rows[leaf]:
            break
        at += 1
    return at, codes, units


def _is_units(row: Sequence[str]) -> bool:
    """Tell a row of units."""
    filled = [one for one in row if one]
    return (
        bool(filled)
        and all(unit_of(_unit_name(one)) is not None for one in filled)
        and not all(one.isdecimal() for one in filled)
    )


def _unit_name(cell: str) -> str:
    """Return the unit that a cell like ``（平方米）`` names."""
    found = _UNIT_ROW.fullmatch(cell.replace("（", "(").replace("）", ")"))
    return found["unit"] if found else ""


def _is_numbering(row: Sequence[str]) -> bool:
    """Tell a row of column numbers: 甲 乙 1 2 3."""
    filled = [one for one in row if one]
    numbers = [int(one) for one in filled if one.isdecimal()]
    others = {one for one in filled if not one.isdecimal()}
    return (
        len(filled) > 2  # noqa: PLR2004
        and others <= _COLUMN_NUMBERS
        and numbers == list(range(1, len(numbers) + 1))
    )


def _joined(
    tops: list[list[str]], leaf: list[str], units: list[str], *, layer: Layer
) -> tuple[str, ...]:
    """Join the heading rows column by column; a known single word stands alone."""
    headings = []
    for place, word in enumerate(leaf):
        parts = list(dict.fromkeys([*(row[place] for row in tops), word]))
        parts = [one for one in parts if one]
        whole = "·".join(parts)
        alone = word and leaf.count(word) == 1 and known_headings([word], layer)
        if alone and known_headings([whole, word], layer) == 1:
            whole = word + _unit_above(parts[:-1])
        headings.append(f"{whole}({units[place]})" if units[place] else whole)
    return tuple(headings)


def _unit_above(parts: Sequence[str]) -> str:
    """Return the unit in brackets of a heading that spans several columns."""
    for one in parts:
        found = re.search(r"[(（](?P<unit>[^()（）]+)[)）]\s*$", one)
        if found and unit_of(found["unit"]) is not None:
            return f"({found['unit']})"
    return ""


def is_repeated_head(row: Iterable[object], headings: Sequence[str]) -> bool:
    """Tell a heading repeated among the records, as page breaks leave it.

    Parameters
    ----------
    row
        The cells of a record, looked at only as far as they agree.
    headings
        The normal forms of the headings.
    """
    same = 0
    for cell, head in zip(row, headings, strict=True):
        if cell:
            if normal_form(str(cell)) not in head:
                return False
            same += 1
    return same > 2  # noqa: PLR2004
