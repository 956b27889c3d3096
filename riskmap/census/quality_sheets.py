"""The sheets of 质检台账.xlsx about quality: error rate, rectification, four lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.census.books import words
from riskmap.census.quality import error_rates, quality_table
from riskmap.census.rectify import list_title, rectification, rectification_lists
from riskmap.census.schema import load_layer

if TYPE_CHECKING:
    import datetime as dt

    from riskmap.census.books import Book
    from riskmap.census.build import Census

__all__ = ["add_quality"]

_SHARES = ("rate_plain", "rate_mean", "rate", "rate_on_time", "limit")
_RATES = (
    *("layer", "township_name", "objects", "checked_objects", "indicators", "wrong"),
    *("rate_plain", "passed_plain", "rate_mean", "passed_mean", "limit", "sampling"),
)


def add_quality(book: Book, census: Census, *, as_of: str | dt.date | None) -> None:
    """Add the sheets about quality that a census has the rows for.

    Parameters
    ----------
    book
        The workbook in the making.
    census
        As built or loaded.
    as_of
        The day that rectification is counted to; None leaves it out.
    """
    rates = error_rates(census)
    if len(rates):
        _error_rates(book, rates)
    inspections = census.layers.get("inspections")
    if as_of is None or inspections is None or inspections.empty:
        return
    title = words()["ledger"]["rectification"]
    table = rectification(inspections, as_of=as_of)
    towns = rates.drop_duplicates("township_code").set_index("township_code")
    names = quality_table()["words"]
    table["township_name"] = [
        names["all_townships"]
        if code is None
        else towns["township_name"].get(code, names["unknown_township"])
        for code in table["township_code"]
    ]
    _add(book, title, table[["township_name", *table.columns[1:-1]]])
    for name, rows in rectification_lists(inspections, as_of=as_of).items():
        _add(book, list_title(name), rows)


def _error_rates(book: Book, rates: pd.DataFrame) -> None:
    """Write the error rate by layer and township, and what it rests on."""
    whole = quality_table()["words"]["all_layers"]
    shown = rates[list(_RATES)].copy()
    shown["layer"] = [
        whole if pd.isna(one) else load_layer(one).label for one in rates["layer"]
    ]
    sheet = _add(book, words()["ledger"]["error_rate"], shown)
    known = quality_table()["error_rate"]
    methods = known["methods"].values()
    lines = [f"{one['label']}：{one['formula']}；{one['source']}" for one in methods]
    note = words()["ledger"]["assumed"].format(limit=known["limit"])
    for at, line in enumerate([*lines, f"{note}；{known['source']}"], len(shown) + 2):
        sheet.write_string(at, 0, line, book.format("plain"))


def _add(book: Book, title: str, table: pd.DataFrame) -> Any:  # noqa: ANN401
    """Write a frame under Chinese headings, shares as per cent."""
    said = words()
    fields = load_layer("inspections").fields
    headings = [said["columns"].get(one) or fields[one].label for one in table.columns]
    columns = [_shown(name, table[name]) for name in table.columns]
    return book.table(title, headings, list(zip(*columns, strict=True)), wrap=True)


def _shown(name: str, column: pd.Series) -> list[object]:
    """Return a column as people read it."""
    said = words()
    cells = column.astype(object).where(column.notna(), None)
    if name in _SHARES:
        return [None if one is None else f"{one:.2%}" for one in cells]
    if name.startswith("passed"):
        return [said["passed"][str(one).lower()] for one in cells]
    if name == "state":
        return [quality_table()["states"][one] for one in cells]
    if pd.api.types.is_datetime64_any_dtype(column):
        return [None if one is None else one.date().isoformat() for one in cells]
    return list(cells)
