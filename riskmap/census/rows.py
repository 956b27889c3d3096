"""Rows that are no records: totals, notes, signatures, repeated headings, copies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.census.cells import is_blank
from riskmap.census.grid import is_repeated_head
from riskmap.census.headings import normal_form

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.census.headings import Heading
    from riskmap.census.raw import RawTable

__all__ = ["SERIALS", "row_reasons"]

_TOTAL = re.compile(r".{0,12}?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)[:：]?")
_NOTE = re.compile(
    r"(?:注|说明|备注|填表|填报|审核|制表|单位负责人|统计负责人|报出日期|数据来源)"
    r"[^:：]{0,12}[:：].*",
    re.DOTALL,
)
SERIALS = frozenset(["序号", "xh", "no", "fid", "objectid", "行号", "id"])
_SIGNED_CELLS = 4
_FIRST_COLUMNS = 4
_EXAMPLE = "示例"


def row_reasons(table: RawTable, headings: tuple[Heading, ...]) -> NDArray[np.object_]:
    """Say of each row why it is no record.

    Parameters
    ----------
    table
        The rows as read.
    headings
        Its columns as understood.

    Returns
    -------
    numpy.ndarray
        A rule a row, with the row that it repeats after a colon; None where
        it is a record.
    """
    reasons = np.full(len(table), None, dtype=object)
    heads = [normal_form(one) for one in table.headings]
    for at, cells in enumerate(zip(*table.columns[:_FIRST_COLUMNS], strict=True)):
        place = next((k for k, one in enumerate(cells) if one is not None), 0)
        first = cells[place]
        if not isinstance(first, str):
            continue
        if any(_is_total(one) for one in cells):
            reasons[at] = "total_row"
        elif _is_note(first, table, at) or (
            normal_form(first[:1]) in heads[place]
            and is_repeated_head((one[at] for one in table.columns), heads)
        ):
            reasons[at] = "note_row"
    _find_copies(table, headings, reasons)
    return reasons


def _is_total(cell: object) -> bool:
    """Tell a cell that only says that the row is a sum."""
    return (
        isinstance(cell, str)
        and "计" in cell
        and _TOTAL.fullmatch(cell.strip()) is not None
    )


def _is_note(first: str, table: RawTable, at: int) -> bool:
    """Tell the template's example, and a line of notes or signatures."""
    if first.strip() == _EXAMPLE:
        return True
    if ":" not in first and "：" not in first:
        return False
    noted = _NOTE.fullmatch(first.strip())
    return noted is not None and _filled(table, at) <= _SIGNED_CELLS


def _filled(table: RawTable, at: int) -> int:
    """Count the cells of a row that are not blank."""
    return sum(not is_blank(one[at]) for one in table.columns)


def _find_copies(
    table: RawTable, headings: tuple[Heading, ...], reasons: NDArray[np.object_]
) -> None:
    """Mark rows that repeat an earlier one in everything but its number."""
    telling = {
        place: column
        for place, column in enumerate(table.columns)
        if normal_form(headings[place].source) not in SERIALS
    }
    if not telling:
        return
    frame = pd.DataFrame(telling, dtype=object)
    if table.geometry is not None:
        frame["geometry"] = shapely.to_wkb(table.geometry, hex=True)
    names = [
        place
        for place, one in enumerate(headings)
        if one.field in {"name", "village_code"} and place in telling
    ]
    if names:
        frame = frame[frame.duplicated(names, keep=False)]
    frame = frame[(reasons == None)[frame.index]]  # noqa: E711
    frame = frame.map(_hashable)
    frame = frame[frame.duplicated(keep=False)]
    first: dict[tuple[object, ...], int] = {}
    for at, row in zip(frame.index, frame.itertuples(index=False), strict=True):
        earlier = first.setdefault(tuple(row), at)
        if earlier != at:
            reasons[at] = f"duplicate_row:{table.rows[earlier]}"


def _hashable(cell: object) -> object:
    """Return a cell that can be compared; lists and the like as text."""
    return cell if isinstance(cell, str | int | float | type(None)) else str(cell)
