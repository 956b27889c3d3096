"""The widths of a table's columns on paper: by content, within a given room."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.publish.pen import Pen
    from riskmap.publish.spec import Table

__all__ = ["PAD", "narrowed", "size_of", "widths_of", "wishes"]

PAD = 0.8
_SHORT = 3
_DEEPEST = 3


def narrowed(pen: Pen, table: Table, width: float) -> Table:
    """Leave out columns that may be spared until the others fit; say so."""
    spare, dropped, kept = read_words()["spare"], list[str](), table
    for name in spare["columns"]:
        frame = kept.frame
        headings = [str(one) for one in frame.columns]
        cells = [[str(one) for one in row] for row in frame.itertuples(index=False)]
        sizes = [size_of(pen, one, table.key) for one in headings]
        _, least = wishes(pen, headings, cells, sizes=sizes)
        widths = widths_of(pen, headings, cells, sizes=sizes, width=width)
        if sum(least) <= width and not _deep(pen, cells, widths, sizes=sizes):
            break
        if name in headings:
            dropped.append(name)
            kept = replace(kept, frame=frame.drop(columns=name))
    if not dropped:
        return table
    note = spare["note"].format(columns="、".join(dropped))
    return replace(kept, note=f"{kept.note or ''}{note}")


def _deep(
    pen: Pen,
    cells: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    sizes: Sequence[float],
) -> bool:
    """Tell whether a cell would wrap into more lines than are easily read."""
    return any(
        len(pen.wrapped(cell, wide - 2 * PAD, mm=size)) > _DEEPEST
        for row in cells
        for cell, wide, size in zip(row, widths, sizes, strict=True)
        if len(cell) > _DEEPEST
    )


def size_of(pen: Pen, heading: str, table: str) -> float:
    """Return the height of the characters of a column: phones are larger.

    Parameters
    ----------
    pen
        What measures text.
    heading
        The heading of the column.
    table
        The key of the table.

    Returns
    -------
    float
        Millimetres.
    """
    big = {read_words()["transfer"][one] for one in ("phone", "number")}
    larger = heading in big or table == "emergency"
    return pen.page.phone_mm if larger else pen.page.text_mm


def wishes(
    pen: Pen,
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    *,
    sizes: Sequence[float],
) -> tuple[list[float], list[float]]:
    """Return the widths that columns want, and the least they can do with."""
    mm = pen.page.text_mm
    wanted, least = [], []
    for column, heading in enumerate(headings):
        texts = [row[column] for row in cells]
        natural = [pen.width(one, sizes[column], bold=True) for one in texts]
        head = pen.width(heading, mm, bold=True)
        pad = 2 * PAD + 0.3
        rigid = all(one.isascii() or len(one) <= _SHORT for one in texts)
        widest = max(natural, default=0.0)
        floor = widest if rigid else min(widest, 4.2 * sizes[column])
        wanted.append(max(widest, min(head, 3.2 * mm)) + pad)
        least.append(max(floor, min(head, 2.2 * mm)) + pad)
    return wanted, least


def widths_of(
    pen: Pen,
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    *,
    sizes: Sequence[float],
    width: float,
) -> list[float]:
    """Share the width of a column of the page among the columns of a table."""
    wanted, least = wishes(pen, headings, cells, sizes=sizes)
    spare = width - sum(least)
    if sum(wanted) <= width:
        extra = (width - sum(wanted)) / max(len(wanted), 1)
        return [one + extra for one in wanted]
    if spare <= 0:
        factor = width / sum(least)
        return [one * factor for one in least]
    more = [big - small for big, small in zip(wanted, least, strict=True)]
    share = spare / sum(more)
    return [small + share * one for small, one in zip(least, more, strict=True)]
