"""Tables on paper: widths by content, cells that wrap, rows that flow on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskmap.publish.layout import Rect
from riskmap.publish.style import page_style, read_words
from riskmap.publish.tablewidths import PAD, narrowed, size_of, widths_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.publish.pen import Pen
    from riskmap.publish.spec import Table

__all__ = ["TableBlock", "lay_out", "lay_out_rest", "print_block"]

_LEADING = 1.28
_TITLE = 1.25
_LEAST_ROWS = 2
_BLANKS = ("none", "unknown", "not_given", "not_listed", "withheld")
"""Marks that stand in place of figures, and where these would."""


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table, or the part of one that fits a column, laid out for printing.

    Parameters
    ----------
    title
        The line above.
    headings
        The lines of each heading.
    rows
        For each row, the lines of each cell.
    widths
        The width of each column, millimetres.
    sizes
        The height of the characters of each column, millimetres.
    alarms
        For each row, whether it is printed as a warning.
    note
        The lines below.
    mm
        The height of the characters of headings and notes.
    source
        The table.
    first
        The position in the table of the first row here.
    """

    title: str
    headings: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    widths: tuple[float, ...]
    sizes: tuple[float, ...]
    alarms: tuple[bool, ...]
    note: tuple[str, ...]
    mm: float
    source: Table
    first: int = 0

    def row_height(self, row: Sequence[Sequence[str]]) -> float:
        """Return the height of a row, millimetres."""
        tall = max(len(cell) * size for cell, size in zip(row, self.sizes, strict=True))
        return tall * _LEADING + 0.9

    @property
    def head_height(self) -> float:
        """The height of title and headings."""
        deep = max((len(one) for one in self.headings), default=0)
        heads = deep * self.mm * _LEADING + 0.9 if self.rows else 0.0
        return self.mm * _TITLE * 1.5 + 1.0 + heads

    @property
    def height(self) -> float:
        """The height of everything, millimetres."""
        rows = sum(self.row_height(row) for row in self.rows)
        return self.head_height + rows + len(self.note) * self.mm * _LEADING + 1.5

    def split(
        self, room: float, *, told: str = "continued"
    ) -> tuple[TableBlock | None, TableBlock | None]:
        """Split into what fits a height and the rest.

        Parameters
        ----------
        room
            The height, millimetres.
        told
            Under which of ``[marks]`` stands where it goes on.

        Returns
        -------
        fits : TableBlock or None
            None where not even two rows fit.
        rest : TableBlock or None
            None where everything fits.
        """
        if self.height <= room:
            return self, None
        words = read_words()["marks"]
        left = room - self.head_height - 1.5
        count = 0
        for row in self.rows:
            left -= self.row_height(row)
            if left < 0:
                break
            count += 1
        count = min(count, len(self.rows) - 1)
        if count < _LEAST_ROWS:
            return None, self
        title = self.title.removesuffix(words["continuation"])
        first = replace(
            self,
            title=self.title and f"{self.title}{words[told]}",
            rows=self.rows[:count],
            alarms=self.alarms[:count],
            note=(),
        )
        rest = replace(
            self,
            title=title and f"{title}{words['continuation']}",
            rows=self.rows[count:],
            alarms=self.alarms[count:],
            first=self.first + count,
        )
        return first, rest


def lay_out(pen: Pen, table: Table, width: float) -> TableBlock:
    """Lay a table out for a column.

    Parameters
    ----------
    pen
        What measures text.
    table
        The table.
    width
        The width of the column, millimetres.

    Returns
    -------
    TableBlock
        Every cell in full, wrapped.
    """
    whole, table = table, narrowed(pen, table, width)
    mm = pen.page.text_mm
    headings = [str(one) for one in table.frame.columns]
    cells = [
        [str(cell) for cell in row]
        for row in table.frame.itertuples(index=False, name=None)
    ]
    sizes = [size_of(pen, one, table.key) for one in headings]
    widths = widths_of(pen, headings, cells, sizes=sizes, width=width)

    def lines(words: str, column: int, *, head: bool = False) -> tuple[str, ...]:
        size = mm if head else sizes[column]
        inner = widths[column] - 2 * PAD
        return tuple(pen.wrapped(words, inner, mm=size, bold=head))

    note = pen.wrapped(table.note, width, mm=mm) if table.note else []
    unplaced = read_words()["marks"]["unplaced"]
    return TableBlock(
        title=table.title,
        headings=tuple(lines(one, i, head=True) for i, one in enumerate(headings)),
        rows=tuple(tuple(lines(one, i) for i, one in enumerate(row)) for row in cells),
        widths=tuple(widths),
        sizes=tuple(sizes),
        alarms=tuple(any(one.startswith(unplaced) for one in row) for row in cells),
        note=tuple(note),
        mm=mm,
        source=whole,
    )


def lay_out_rest(pen: Pen, block: TableBlock, width: float) -> TableBlock:
    """Lay what is left of a table out for a column of another width.

    Parameters
    ----------
    pen
        What measures text.
    block
        What is left.
    width
        The width of the column, millimetres.

    Returns
    -------
    TableBlock
        The same rows under the same title.
    """
    rest = replace(block.source, frame=block.source.frame.iloc[block.first :])
    return replace(
        lay_out(pen, rest, width),
        title=block.title,
        source=block.source,
        first=block.first,
    )


def print_block(pen: Pen, block: TableBlock, at: tuple[float, float]) -> float:
    """Print a table.

    Parameters
    ----------
    pen
        What prints.
    block
        The table laid out.
    at
        The upper left corner, millimetres.

    Returns
    -------
    float
        Where the next thing may begin, millimetres from the top.
    """
    x, y = at
    width = sum(block.widths)
    title_mm = block.mm * _TITLE
    if block.title:
        pen.text((x, y + title_mm * 0.75), block.title, mm=title_mm, bold=True)
    y += title_mm * 1.5 + 1.0
    top = y
    rules = []
    if block.rows:
        high = block.head_height - title_mm * 1.5 - 1.0
        pen.box(Rect(x, y, width, high), fill="#E9EFE6", z=0.5)
        _print_row(pen, block, block.headings, where=(x, y, high), head=True)
        rules += [[(x, y), (x + width, y)], [(x, y + high), (x + width, y + high)]]
        y += high
    for row, alarm in zip(block.rows, block.alarms, strict=True):
        high = block.row_height(row)
        if alarm:
            pen.box(Rect(x, y, width, high), fill="#FBE3E0", z=0.5)
        _print_row(pen, block, row, where=(x, y, high), alarm=alarm)
        y += high
        rules.append([(x, y), (x + width, y)])
    if block.rows:
        edges = [x]
        for one in block.widths:
            edges.append(edges[-1] + one)
        rules += [[(edge, top), (edge, y)] for edge in edges]
        pen.lines(rules, mm=0.12, colour="#B5B5AC")
    for line in block.note:
        y += block.mm * _LEADING
        pen.text(
            (x, y - block.mm * 0.4), line, mm=block.mm, colour=page_style()["quiet"]
        )
    return y + 1.5


def _print_row(
    pen: Pen,
    block: TableBlock,
    row: Sequence[Sequence[str]],
    *,
    where: tuple[float, float, float],
    head: bool = False,
    alarm: bool = False,
) -> None:
    """Print the cells of one row, centred on its height."""
    x, y, high = where
    marks = read_words()["marks"]
    blanks = {marks[one] for one in _BLANKS}
    for cell, size, width in zip(row, block.sizes, block.widths, strict=True):
        mm = block.mm if head else size
        step = mm * _LEADING
        first = y + high / 2 - step * (len(cell) - 1) / 2
        short = head or all(line.isascii() or line in blanks for line in cell)
        at = x + width / 2 if short else x + PAD
        for rank, line in enumerate(cell):
            pen.text(
                (at, first + rank * step),
                line,
                mm=mm,
                bold=head or alarm,
                colour=page_style()["danger"] if alarm else None,
                align="center" if short else "left",
            )
        x += width
