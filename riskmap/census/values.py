"""Cells as people write them, read exactly or refused with a reason.

Each parser takes one cell and returns ``(value, rule)``: the value, None where
it cannot be used, and the rule that speaks of it, None where all is well.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from riskmap.census.amounts import UNKNOWN, parse_number
from riskmap.census.cells import clean_text, is_blank
from riskmap.census.coordinates import parse_degrees
from riskmap.census.plain import plain_cells
from riskmap.census.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from riskmap.census.schema import Field

    Parser = Callable[[Any], tuple[Any, str | None]]

__all__ = ["Issue", "clean_text", "empty_column", "is_blank", "parse_column"]

_TRUE = frozenset(
    [
        "是",
        "有",
        "1",
        "1.0",
        "true",
        "yes",
        "y",
        "t",
        "√",
        "✓",
        "✔",
        "规范",
        "通过",
        "合格",
        "已",
        "对",
        "已通过",
    ]
)
_FALSE = frozenset(
    [
        "否",
        "无",
        "0",
        "0.0",
        "false",
        "no",
        "n",
        "f",
        "×",
        "✗",
        "不规范",
        "未通过",
        "不合格",
        "未",
        "没有",
        "不是",
    ]
)
_DATE = re.compile(
    r"(?P<year>\d{4})\s*[年./-]\s*(?P<month>\d{1,2})"
    r"(?:\s*[月./-]\s*(?P<day>\d{1,2})\s*日?)?月?(?:[T\s]+[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
)
_PHONE = re.compile(
    r"(?:\+?86)?1[3-9]\d{9}|0\d{2,3}[1-9]\d{6,7}(?:转\d{1,6})?|[48]00\d{7}"
    r"|[2-8]\d{6,7}(?:转\d{1,6})?|11[09]|12[02]"
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_LISTS = re.compile(r"[、,，;；/|\s]+")
_TOWNSHIP_DIGITS = 9
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
_EXCEL_ZERO = dt.date(1899, 12, 30)


class Issue(NamedTuple):
    """One thing to say about one cell.

    Attributes
    ----------
    position
        The row, counted from 0 in the column given.
    rule
        The rule that was broken.
    """

    position: int
    rule: str


def parse_column(
    cells: NDArray[np.object_], field: Field, unit: str | None
) -> tuple[pd.Series, list[Issue]]:
    """Read the cells of one column.

    Parameters
    ----------
    cells
        As the reader gave them; None for empty.
    field
        The canonical field they belong to.
    unit
        The unit that the heading names; None for the field's own.

    Returns
    -------
    pandas.Series
        Typed as the field; null where a cell is blank or cannot be used.
    list of Issue
        What there is to say about cells that are not blank.
    """
    plain = plain_cells(cells, field, unit_of(unit))
    if plain is not None:
        return _typed(plain, field), []
    parser = _parser(field, unit)
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    read = [(None, None) if is_blank(one) else parser(one) for one in distinct]
    values = np.empty(len(read) + 1, dtype=object)
    values[:-1] = [value for value, _ in read]
    rules = np.array([rule for _, rule in read] + [None], dtype=object)
    noted = np.flatnonzero(rules[codes] != None) if any(rules) else ()  # noqa: E711
    issues = [Issue(int(one), rules[codes[one]]) for one in noted]
    return _typed(values[codes], field), issues


def empty_column(size: int, field: Field) -> pd.Series:
    """Return a column of nulls of the field's type."""
    return _typed(np.full(size, None, dtype=object), field)


def _typed(values: NDArray[Any], field: Field) -> pd.Series:
    """Give values the type in which the field is stored."""
    if field.type == "people":
        return pd.Series(pd.array(values, dtype="Float64")).astype("Int64")
    if field.type in {"number", "coordinate"}:
        return pd.Series(values.astype(float))
    if field.type == "bool":
        return pd.Series(pd.array(values, dtype="boolean"))
    if field.type == "date":
        return pd.Series(pd.to_datetime(values)).astype("datetime64[ms]")
    return pd.Series(values, dtype="str")


def _parser(field: Field, unit: str | None) -> Parser:
    """Return the function that reads one cell of a field."""
    if field.type in {"number", "people"}:
        return partial(parse_number, field=field, heading=unit_of(unit))
    if field.type == "choice":
        return partial(_choice, field=field)
    if field.type == "code":
        return partial(_code, field=field)
    simple: dict[str, Parser] = {
        "bool": _bool,
        "date": _date,
        "phone": _phone,
        "id": _id,
        "list": _list,
        "coordinate": parse_degrees,
    }
    return simple.get(field.type, _text)


def _text(value: object) -> tuple[str | None, str | None]:
    return clean_text(value) or None, None


def _bool(value: object) -> tuple[bool | None, str | None]:
    """Read 是 and 否 in their many forms."""
    if isinstance(value, bool):
        return value, None
    word = unicodedata.normalize("NFKC", str(value)).strip().lower()
    if word in _TRUE:
        return True, None
    if word in _FALSE:
        return False, None
    return None, None if word in UNKNOWN else "unknown_code"


def _date(value: object) -> tuple[dt.date | None, str | None]:  # noqa: PLR0911
    """Read a day; a month alone counts from its first day, and says so."""
    if isinstance(value, dt.datetime):
        return _day(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return value, None
    text = unicodedata.normalize("NFKC", str(value)).strip().removesuffix(".0")
    if text in UNKNOWN:
        return None, None
    if re.fullmatch(r"\d{8}", text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        days = int(float(text))
        if _EXCEL_DAYS[0] <= days <= _EXCEL_DAYS[1]:
            return _EXCEL_ZERO + dt.timedelta(days=days), None
    found = _DATE.fullmatch(text)
    if found is None:
        return None, "bad_date"
    day, rule = _day(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    return day, rule or (None if found["day"] else "approximate_date")


def _day(year: int, month: int, day: int) -> tuple[dt.date | None, str | None]:
    """Return a day of the calendar that a census may name."""
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None, "bad_date"
    return (found, None) if 1900 <= year <= 2200 else (None, "bad_date")  # noqa: PLR2004


def _phone(value: object) -> tuple[str | None, str | None]:
    """Read one telephone number, or several of them."""
    if isinstance(value, str) and _MOBILE.fullmatch(value):
        return value, None
    text = unicodedata.normalize("NFKC", clean_text(value))
    if text in UNKNOWN or text == "无":
        return None, None
    parts = re.split(r"[、,;/|]|\s+(?=1\d{10}|0\d{2,3}-)", text)
    bare = [re.sub(r"[\s\-()—–]+", "", one) for one in parts]  # noqa: RUF001
    if all(_PHONE.fullmatch(one) for one in bare):
        return "、".join(one.strip() for one in parts), None
    return None, "bad_phone"


def _id(value: object) -> tuple[str | None, str | None]:
    """Read an identifier as text; Excel's 3.31E+11 has lost its digits."""
    text = unicodedata.normalize("NFKC", clean_text(value))
    if _SCIENTIFIC.fullmatch(text):
        return None, "bad_code"
    return text or None, None


def _code(value: object, *, field: Field) -> tuple[str | None, str | None]:
    """Read an official code of a fixed number of digits."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", clean_text(value)))
    if text in UNKNOWN or text == "无":
        return None, None
    is_township = field.name == "township_code"
    if is_township and len(text) == _TOWNSHIP_DIGITS and text.isdecimal():
        text += "000"
    if text.isdecimal() and (field.digits is None or len(text) == field.digits):
        return text, None
    return None, "bad_code"


def _choice(value: object, *, field: Field) -> tuple[str | None, str | None]:
    """Read a word of the field's domain."""
    text = clean_text(value)
    if text in field.domain:
        return text, None
    short = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    by_form = {unicodedata.normalize("NFKC", one): one for one in field.domain}
    for known, word in field.synonyms.items():
        by_form.setdefault(unicodedata.normalize("NFKC", known), word)
    if short in by_form:
        return by_form[short], None
    return None, None if short in UNKNOWN else "unknown_code"


def _list(value: object) -> tuple[str | None, str | None]:
    """Read several words as one text, joined by 、."""
    words = [one for one in _LISTS.split(clean_text(value)) if one]
    return "、".join(dict.fromkeys(words)) or None, None
