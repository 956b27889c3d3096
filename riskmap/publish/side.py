"""What stands beside a map: legend and tables, as large as the room allows.

Where everything fits beside the map, the characters grow until the column is
full. Where it does not, whole tables move on to a further page, which is filled
in columns with characters as large as one page allows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.layout import Rect
from riskmap.publish.legend import legend_height, most_columns, print_legend, signs_in
from riskmap.publish.pen import Pen
from riskmap.publish.tableprint import TableBlock, lay_out, lay_out_rest, print_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.publish.legend import Sample
    from riskmap.publish.spec import Table

__all__ = ["print_more", "print_side"]

_LARGER = (1.4, 1.3, 1.2, 1.12, 1.05)
_LARGER_ALONE = (
    (2, 2.0),
    (2, 1.8),
    (2, 1.6),
    (3, 1.6),
    (2, 1.4),
    (3, 1.4),
    (3, 1.25),
    (3, 1.1),
    (3, 1.0),
)
"""Columns of a further page, and how much larger its characters are.

Larger ones do not help: who can read the first page can read these.
"""
_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of the height of a further page, to find how far its columns must reach."""
_BOTTOM = ("signals", "emergency")
"""What stands at the bottom of the first page, whatever else moves on."""
_FIRST = ("transfer", "hazards")
_FIRST_SHARE = 0.5
_GAP_MM = 5.0
_PAIR = 2


def print_side(
    pen: Pen,
    tables: Sequence[Table],
    legend: Sequence[Sample],
    *,
    late: Sequence[Table],
) -> tuple[list[TableBlock], tuple[Sample, ...]]:
    """Print legend and tables beside the map.

    Parameters
    ----------
    pen
        What prints.
    tables
        In order of their importance.
    legend
        The signs on the map.
    late
        Tables that go on a further page rather than make the others smaller.

    Returns
    -------
    rest : list of TableBlock
        The tables, and parts of tables, that found no room.
    signs : tuple of Sample
        The signs that found none.
    """
    wide = [_across(one) for one in tables if one.key == _BOTTOM[-1]]
    above = [one for one in tables if one.key != _BOTTOM[-1]]
    every = [*above, *late, *wide]
    if late and _printed_whole(pen, every, legend):
        return [], ()
    if _printed_whole(pen, [*above, *wide], legend):
        return [lay_out(pen, one, pen.page.side.width) for one in late], ()
    dense = [lay_out(pen, _paired(one), pen.page.side.width) for one in every]
    return _print_what_fits(pen, dense, legend)


def _printed_whole(pen: Pen, tables: Sequence[Table], legend: Sequence[Sample]) -> bool:
    """Print everything as large as it fits; False, and nothing, where it does not."""
    side = pen.page.side
    plain = [lay_out(pen, one, side.width) for one in tables]
    least = sum(one.height for one in plain) + legend_height(pen, legend, side.width)
    for factor in (one for one in _LARGER if one * least <= side.height):
        large = _enlarged(pen, factor)
        blocks = [lay_out(large, one, side.width) for one in tables]
        needed = sum(one.height for one in blocks)
        if needed + legend_height(large, legend, side.width) <= side.height:
            _print_all(large, blocks, legend)
            return True
    dense = [lay_out(pen, _paired(one), side.width) for one in tables]
    most = most_columns(pen, legend, side.width)
    for blocks, columns in ((plain, 2), (plain, most), (dense, 2), (dense, most)):
        needed = sum(one.height for one in blocks)
        needed += legend_height(pen, legend, side.width, columns=columns)
        if needed <= side.height:
            _print_all(pen, blocks, legend, columns=columns)
            return True
    return False


def _across(table: Table) -> Table:
    """Lay a short list of two columns out as one row, to spare height."""
    if table.frame.shape[1] != _PAIR or table.frame.empty:
        return table
    heads, cells = (table.frame.iloc[:, at].map(str).tolist() for at in range(_PAIR))
    frame = pd.DataFrame([cells], columns=heads, dtype="object")
    return replace(table, frame=frame)


def _paired(table: Table) -> Table:
    """Lay the warning signals out two to a row, to spare height."""
    if table.key != "signals" or len(table.frame) < _PAIR:
        return table
    half = -(-len(table.frame) // 2)
    left, right = table.frame.iloc[:half], table.frame.iloc[half:]
    sides = [left.reset_index(drop=True), right.reset_index(drop=True)]
    return replace(table, frame=pd.concat(sides, axis=1).fillna(""))


def _enlarged(pen: Pen, factor: float) -> Pen:
    """Return a pen whose characters are larger."""
    page = replace(pen.page, text_mm=pen.page.text_mm * factor)
    return Pen(pen.axes, page, pen.faces)


def _print_all(
    pen: Pen,
    blocks: Sequence[TableBlock],
    legend: Sequence[Sample],
    *,
    columns: int = 2,
) -> None:
    """Print everything: the first table, the legend, the others."""
    side = pen.page.side
    y, early = side.y, [one for one in blocks[:1] if one.source.key in _FIRST]
    for block in early:
        y = print_block(pen, block, (side.x, y))
    y = print_legend(pen, legend, (side.x, y), width=side.width, columns=columns)
    for block in blocks[len(early) :]:
        y = print_block(pen, block, (side.x, y))


def _print_what_fits(
    pen: Pen, blocks: list[TableBlock], legend: Sequence[Sample]
) -> tuple[list[TableBlock], tuple[Sample, ...]]:
    """Print the first table, the legend and such tables as fit, or parts of them.

    Warning signals and emergency numbers stand at the bottom.
    """
    side, rest, y = pen.page.side, list[TableBlock](), pen.page.side.y
    count = most_columns(pen, legend, side.width)
    signed = legend_height(pen, legend, side.width, columns=count)
    pinned = _pinned(blocks, (1 - _FIRST_SHARE) * side.height - signed)
    waiting = [one for one in blocks if all(one is not other for other in pinned)]
    bottom = side.bottom - sum(one.height for one in pinned)
    if waiting and waiting[0].source.key in _FIRST:
        room = bottom - y - signed
        fits, more = waiting.pop(0).split(max(room, (bottom - y) * _FIRST_SHARE))
        rest += [more] if more is not None else []
        y = y if fits is None else print_block(pen, fits, (side.x, y))
    room = bottom - y
    most = signs_in(pen, legend, width=side.width, room=room, columns=count)
    y = print_legend(pen, legend[:most], (side.x, y), width=side.width, columns=count)
    rest += _fill(pen, waiting, y, bottom=bottom)
    for block in pinned:
        bottom = print_block(pen, block, (side.x, bottom))
    return rest, tuple(legend[most:])


def _pinned(blocks: Sequence[TableBlock], room: float) -> list[TableBlock]:
    """Choose what stands at the bottom: the signals too, where the legend has room."""
    chosen = [one for one in blocks if one.source.key in _BOTTOM]
    if sum(one.height for one in chosen) <= room:
        return chosen
    return [one for one in chosen if one.source.key == _BOTTOM[-1]]


def _fill(
    pen: Pen, waiting: Sequence[TableBlock], y: float, *, bottom: float
) -> list[TableBlock]:
    """Print whole tables while they fit, then a part of one; return the rest."""
    x, rest = pen.page.side.x, list[TableBlock]()
    for block in waiting:
        if block.height <= bottom - y:
            y = print_block(pen, block, (x, y))
        else:
            rest.append(block)
    for at, block in enumerate(rest):
        fits, more = block.split(bottom - y)
        if fits is not None and more is not None:
            print_block(pen, fits, (x, y))
            return [*rest[:at], more, *rest[at + 1 :]]
    return rest


def print_more(
    pen: Pen,
    blocks: Sequence[TableBlock],
    signs: Sequence[Sample],
    *,
    spare: Sequence[Table],
) -> list[TableBlock]:
    """Print tables on a further page, in columns, as large as they all fit.

    Parameters
    ----------
    pen
        What prints.
    blocks
        What found no room on the page before.
    signs
        Entries of the legend that found none.
    spare
        Tables that are printed too, where one page holds them as well.

    Returns
    -------
    list of TableBlock
        What found no room here either.
    """
    for more in (spare, ()):
        for count, factor in _LARGER_ALONE:
            large, columns = _enlarged(pen, factor), _columns(pen, count)
            laid = _laid_out(large, blocks, more, width=columns[0].width)
            even = _evened(large, laid, signs, columns=columns)
            if even:
                return _flow(large, laid, signs, columns=even, printing=True)
    columns = _columns(pen, _LARGER_ALONE[-1][0])
    laid = _laid_out(pen, blocks, (), width=columns[0].width)
    return _flow(pen, laid, signs, columns=columns, printing=True)


def _evened(
    pen: Pen,
    blocks: Sequence[TableBlock],
    signs: Sequence[Sample],
    *,
    columns: Sequence[Rect],
) -> list[Rect]:
    """Shorten the columns until tables stand evenly in them; none if they do not fit.

    A table that a whole column holds is not torn for the sake of evenness.
    """
    highest = max((one.height for one in blocks), default=0.0)
    for share in _SHARES:
        cut = [replace(one, height=one.height * share) for one in columns]
        if share < 1 and highest > cut[0].height:
            continue
        if not _flow(pen, blocks, signs, columns=cut, printing=False):
            return cut
    return []


def _laid_out(
    pen: Pen, blocks: Sequence[TableBlock], more: Sequence[Table], *, width: float
) -> list[TableBlock]:
    """Lay tables out for the columns of a further page."""
    rest = [lay_out_rest(pen, one, width) for one in blocks]
    return rest + [lay_out(pen, one, width) for one in more]


def _columns(pen: Pen, count: int) -> list[Rect]:
    """Return the columns of a further page."""
    page = pen.page
    left, top, gap = page.margin, page.map.y, _GAP_MM * page.type_scale
    inner = page.width - 2 * left
    width = (inner - (count - 1) * gap) / count
    high = page.foot.bottom - top
    return [Rect(left + at * (width + gap), top, width, high) for at in range(count)]


def _flow(
    pen: Pen,
    blocks: Sequence[TableBlock],
    signs: Sequence[Sample],
    *,
    columns: Sequence[Rect],
    printing: bool,
) -> list[TableBlock]:
    """Let tables flow through columns, whole where they can; return the rest."""
    waiting = list(blocks)
    for rank, column in enumerate(columns):
        y = column.y
        if signs and rank == 0:
            y += legend_height(pen, signs, column.width)
            if printing:
                print_legend(pen, signs, (column.x, column.y), width=column.width)
        while waiting:
            room = column.bottom - y
            beside = rank < len(columns) - 1
            told = "continued_beside" if beside else "continued"
            fits, more = waiting[0].split(room, told=told)
            torn = more is not None and waiting[0].height <= column.height
            if (fits is None or torn) and y > column.y:
                break
            block = fits or waiting[0]
            if printing:
                print_block(pen, block, (column.x, y))
            y += block.height
            waiting[:1] = [more] if more is not None and fits is not None else []
            if more is not None and fits is not None:
                break
    return waiting
