"""Attributes that phone apps write into the description of a placemark.

LocaSpace, Ovital and ArcGIS put a table of HTML there; people type lines such
as ``行政村：东山村``. Both become columns; other text stays a remark.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.census.headings import known_headings

if TYPE_CHECKING:
    from riskmap.census.ledger import Ledger
    from riskmap.census.schema import Layer

__all__ = ["described"]

_COLUMN = "description"
_PAIR = 2
_LINE = re.compile(r"\s*([^:：\d][^:：]{0,19})[:：]\s*(\S.*)")
_BREAKS = frozenset(["br", "p", "div", "li", "tr"])


class _Text(HTMLParser):
    """Gather rows of two cells, and the lines of what stands outside tables."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: dict[str, str] = {}
        self.lines = [""]
        self._row: list[str] = []
        self._in_cell = False
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Open a row or a cell, or begin a line."""
        self._depth += tag == "table"
        if tag == "tr":
            self._row = []
        if tag in {"td", "th"}:
            self._row.append("")
            self._in_cell = True
        elif tag in _BREAKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close a cell, or take a row of two cells as name and value."""
        self._depth -= tag == "table"
        self._in_cell = self._in_cell and tag not in {"td", "th", "tr"}
        if tag == "tr":
            cells = [" ".join(one.split()) for one in self._row]
            if len(cells) == _PAIR and cells[0]:
                self.pairs.setdefault(cells[0].rstrip(":："), cells[1])
            self._row = []

    def handle_data(self, data: str) -> None:
        """Add text to the cell or line it stands in."""
        if self._in_cell and self._row:
            self._row[-1] += data
        elif self._depth <= 0:
            first, *others = data.splitlines() or [""]
            self.lines[-1] += first
            self.lines += others


def described(frame: pd.DataFrame, layer: Layer, *, ledger: Ledger) -> pd.DataFrame:
    """Turn the tables in descriptions into columns.

    Parameters
    ----------
    frame
        Rows of a KML file; ``description`` where it has one.
    layer
        Lines of name and value count where the layer knows one of the names.
    ledger
        Where it is noted how many rows were taken apart.

    Returns
    -------
    pandas.DataFrame
        With a column a name; a column that is there keeps its own values.
        What was no table stays in ``description``, without its HTML.
    """
    if _COLUMN not in frame:
        return frame
    parted = [_parted(one, layer) for one in frame[_COLUMN]]
    names = dict.fromkeys(name for pairs, _ in parted for name in pairs)
    rests = pd.Series([rest for _, rest in parted], frame.index)
    frame = frame.assign(**{_COLUMN: rests})
    for name in names:
        cells = pd.Series([pairs.get(name) for pairs, _ in parted], frame.index)
        frame[name] = frame[name].fillna(cells) if name in frame else cells
    count = sum(bool(pairs) for pairs, _ in parted)
    if count:
        ledger.add("described", count=count, value="、".join(names)[:100])
    return frame


def _parted(text: object, layer: Layer) -> tuple[dict[str, str], str | None]:
    """Part a description into names with values, and the rest."""
    if not isinstance(text, str):
        return {}, None
    reader = _Text()
    reader.feed(text)
    reader.close()
    lines = [" ".join(one.split()) for one in reader.lines]
    lines = [one for one in lines if one]
    if reader.pairs:
        return reader.pairs, "\n".join(lines) or None
    found = [_LINE.fullmatch(one) for one in lines]
    pairs = {one[1].strip(): one[2].strip() for one in found if one}
    if not known_headings(pairs, layer):
        return {}, "\n".join(lines) or None
    rest = [one for one, match in zip(lines, found, strict=True) if not match]
    return pairs, "\n".join(rest) or None
