"""A source as read, before anything is understood."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmap.census.values import clean_text, is_blank

if TYPE_CHECKING:
    import numpy as np
    import pyproj
    from numpy.typing import NDArray

__all__ = ["RawTable"]


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """One sheet or layer of a source, cell by cell.

    Attributes
    ----------
    source, sheet
        The file name without folder; the sheet or layer, None for neither.
    headings
        One a column, as they stand there, merged headings joined by ``·``.
    codes
        The code row under the headings, None where there is none.
    columns
        One array of objects a column; None for an empty cell.
    rows
        Where each row stands: spreadsheet row, or feature number from 1.
    geometry, crs
        Geometry of each row and the CRS that the source states, or None.
    """

    source: str
    sheet: str | None
    headings: tuple[str, ...]
    codes: tuple[str | None, ...] | None
    columns: tuple[NDArray[np.object_], ...]
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def column(self, heading: str) -> NDArray[np.object_]:
        """Return the cells under a heading."""
        return self.columns[self.headings.index(heading)]

    def raw_row(self, position: int) -> str:
        """Return one row as JSON, heading to text; blanks are left out."""
        cells: dict[str, Any] = {}
        for heading, column in zip(self.headings, self.columns, strict=True):
            if not is_blank(column[position]):
                cells[heading] = clean_text(column[position])
        if self.geometry is not None and self.geometry[position] is not None:
            cells["geometry"] = self.geometry[position].wkt
        return json.dumps(cells, ensure_ascii=False)
