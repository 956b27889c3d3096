"""Findings about a network: rows of layer, rule, value, severity, message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COLUMNS", "finding", "findings_frame"]

COLUMNS = ("layer", "rule", "row", "value", "severity", "message")


def finding(
    rule: str, *, row: object = "", value: object = "", severity: str = "warning"
) -> dict[str, str]:
    """Make one finding; its message is the key of the words for it."""
    return {
        "layer": "roads", "rule": rule, "row": str(row), "value": str(value),
        "severity": severity, "message": f"roads.{rule}",
    }  # fmt: skip


def findings_frame(rows: Iterable[dict[str, str]]) -> pd.DataFrame:
    """Return findings as a frame of text."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")
