"""Columns that read as they stand: told at a glance, taken over whole.

Most columns of a census are clean. What is not is read cell by cell, in
`riskmap.census.values`; both ways give the same values.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.census.amounts import MOST_PEOPLE
from riskmap.census.cells import BLANKS
from riskmap.census.units import Unit, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.census.schema import Field

__all__ = ["plain_cells"]

_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_SPACED = re.compile(r"  | \n|\n |^ | $")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?e\+?\d+$", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(
    f"^(?:{'|'.join(map(re.escape, sorted(BLANKS)))})$", re.IGNORECASE | re.MULTILINE
)


def plain_cells(
    cells: NDArray[np.object_], field: Field, heading: Unit | None
) -> NDArray[Any] | None:
    """Return the values of a column that holds nothing but plain cells.

    Parameters
    ----------
    cells
        As the reader gave them; None for empty.
    field
        The canonical field they belong to.
    heading
        The unit that the heading names; None for the field's own.

    Returns
    -------
    numpy.ndarray or None
        Numbers with NaN, or texts with None, for empty cells; None where a
        cell needs to be read one by one.
    """
    if field.type in {"number", "people", "coordinate"}:
        return _plain_numbers(cells, field, heading)
    if field.type in {"text", "id"}:
        return _plain_texts(cells, is_id=field.type == "id")
    return None


def _plain_numbers(
    cells: NDArray[np.object_], field: Field, heading: Unit | None
) -> NDArray[np.float64] | None:
    """Return a column of good numbers in the field's unit."""
    own = unit_of(field.unit)
    if heading is not None and (own is None or own.kind != heading.kind):
        return None
    kind = pd.api.types.infer_dtype(cells, skipna=True)
    if kind not in {"floating", "integer", "mixed-integer-float"}:
        return None
    numbers = pd.to_numeric(pd.Series(cells, dtype=object)).to_numpy(dtype=float)
    if heading is not None and heading.factor != 1:
        numbers = np.round(numbers * heading.factor, 6)
    known = numbers[~np.isnan(numbers)]
    low = -math.inf if field.minimum is None else field.minimum
    high = min(math.inf if field.maximum is None else field.maximum, MOST_PEOPLE)
    if not np.isfinite(known).all():
        return None
    whole = field.type != "people" or not np.any(known % 1)
    return numbers if whole and np.all((known >= low) & (known <= high)) else None


def _plain_texts(
    cells: NDArray[np.object_], *, is_id: bool
) -> NDArray[np.object_] | None:
    """Return a column of clean texts as it stands."""
    if pd.api.types.infer_dtype(cells, skipna=True) != "string":
        return None
    known = cells[cells != None]  # noqa: E711
    whole = "\n".join(known)
    clean = (
        whole.count("\n") == len(known) - 1
        and whole.replace("\n", "").isprintable()
        and not _WIDE.search(whole)
        and not _SPACED.search(whole)
        and not _BLANK.search(whole)
    )
    if clean and is_id:
        clean = unicodedata.is_normalized("NFKC", whole)
        clean = clean and not _SCIENTIFIC.search(whole)
    return cells if clean else None
