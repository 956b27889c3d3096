"""Cells before anything is read: blank or not, and as clean text."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd

__all__ = ["BLANKS", "clean_text", "is_blank"]

_WIDTH: dict[int, int | None] = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()
}
_WIDTH |= {0x3000: 0x20, 0xFEFF: None, 0x200B: None, 0xA0: 0x20}
_WIDTH |= {code: None for code in range(0x20) if chr(code) not in "\t\n\r"}
BLANKS = frozenset(
    ["", "-", "--", "—", "——", "/", "\\", "null", "none", "nan", "n/a", "#n/a", "<na>"]
)
"""Texts that say as much as an empty cell, in lower case."""


def is_blank(value: object) -> bool:
    """Tell whether a cell says nothing at all."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value.strip().lower() in BLANKS


def clean_text(value: object) -> str:
    """Return a cell as text: half-width letters and digits, blanks collapsed.

    Chinese punctuation stays. A whole number loses its ``.0``.
    """
    if isinstance(value, str):
        if value.isascii() and value.isalnum():
            return value
        return " ".join(value.translate(_WIDTH).split())
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return " ".join(str(value).translate(_WIDTH).split())
