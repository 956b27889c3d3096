"""Cells as people write them, read exactly or refused with a reason.

Each parser takes one cell and returns ``(value, rule)``: the value, None where
it cannot be used, and the rule that speaks of it, None where all is well.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from riskmap.census.coordinates import parse_degrees
from riskmap.census.units import Unit, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from riskmap.census.schema import Field

    Parser = Callable[[Any], tuple[Any, str | None]]

__all__ = ["Issue", "clean_text", "empty_column", "is_blank", "parse_column"]

_WIDTH: dict[int, int | None] = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()
}
_WIDTH |= {0x3000: 0x20, 0xFEFF: None, 0x200B: None, 0xA0: 0x20}
_WIDTH |= {code: None for code in range(0x20) if chr(code) not in "\t\n\r"}
_BLANKS = frozenset(
    ["", "-", "--", "—", "——", "/", "\\", "null", "none", "nan", "n/a", "#n/a", "<na>"]
)
_UNKNOWN = frozenset(["不详", "未知", "待定", "暂无数据", "?", "？", "不清楚", "待填"])
_NUMBER = re.compile(
    r"(?P<about>大约|约|将近|近|~|≈|<|>|≥|≤)?"
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    r"(?P<odd>余|多|来|\+)?(?P<scale>[千万亿])?(?P<odd2>余|多)?"
    r"(?P<unit>[^\d\s]*?[23]?)(?P<around>左右|上下|以上|以下|以内|余)?"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_HAN_DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {
    "〇": 0,  # noqa: RUF001
    "两": 2,
}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"千": 1e3, "万": 1e4, "亿": 1e8}
_MOST_PEOPLE = 1e9
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


def is_blank(value: object) -> bool:
    """Tell whether a cell says nothing at all."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and value.strip().lower() in _BLANKS


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
    if field.type in {"number", "people"}:
        plain = _plain_numbers(cells, field, unit_of(unit))
        if plain is not None:
            return plain, []
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


def _plain_numbers(
    cells: NDArray[np.object_], field: Field, heading: Unit | None
) -> pd.Series | None:
    """Return a column that holds nothing but good numbers, else None."""
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
    high = min(math.inf if field.maximum is None else field.maximum, _MOST_PEOPLE)
    if not np.isfinite(known).all():
        return None
    whole = field.type == "number" or not np.any(known % 1)
    if not (whole and np.all((known >= low) & (known <= high))):
        return None
    return _typed(numbers, field)


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
        return partial(_number, field=field, heading=unit_of(unit))
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


def _number(
    value: object, *, field: Field, heading: Unit | None
) -> tuple[float | None, str | None]:
    """Read a number with thousands, words for about, and units."""
    if isinstance(value, bool):
        return None, "bad_number"
    own = unit_of(field.unit)
    if heading is not None and own is not None and heading.kind != own.kind:
        return None, "unit_mismatch"
    if isinstance(value, int | float | np.number):
        return _bounded(float(value), heading, field, rule=None)
    text = unicodedata.normalize("NFKC", str(value)).lower()
    text = _THOUSANDS.sub("", re.sub(r"[\s'_]+", "", text)).rstrip("。;,")
    if text in _UNKNOWN:
        return None, None
    found = _NUMBER.fullmatch(text)
    if found is None:
        return _han_number(text, field)
    return _measured(found, field, heading)


def _measured(
    found: re.Match[str], field: Field, heading: Unit | None
) -> tuple[float | None, str | None]:
    """Read a number together with the unit it names."""
    scale, name = found["scale"] or "", found["unit"].strip("()")
    number = float(found["number"])
    unit = unit_of(scale + name)
    if unit is None and scale:
        number, unit = number * _SCALES[scale], unit_of(name)
    if name and (unit is None or unit.kind != (field.unit or unit.kind)):
        return None, "unit_mismatch" if unit is not None else "bad_number"
    loose = found["about"] or found["odd"] or found["odd2"] or found["around"]
    rule = "approximate_number" if loose else "number_as_text" if name else None
    if unit is None and not scale:
        unit = heading
    return _bounded(number, unit, field, rule=rule)


def _han_number(text: str, field: Field) -> tuple[float | None, str | None]:
    """Read a whole number written in Chinese characters, up to 九千九百九十九."""
    text = text.removesuffix(field.unit or "人")
    total, digit = 0, 0
    if not text or not set(text) <= {*_HAN_DIGITS, *_HAN_SCALES}:
        return None, "bad_number"
    for place, one in enumerate(text):
        if one in _HAN_SCALES:
            total += (digit or (1 if place == 0 else 0)) * _HAN_SCALES[one]
            digit = 0
        elif digit:
            return None, "bad_number"
        else:
            digit = _HAN_DIGITS[one]
    return _bounded(float(total + digit), None, field, rule="number_as_text")


def _bounded(
    number: float, unit: Unit | None, field: Field, *, rule: str | None
) -> tuple[float | None, str | None]:
    """Convert to the field's unit and refuse what cannot be."""
    if unit is not None:
        number = round(number * unit.factor, 6)
    whole = field.type != "people" or number % 1 == 0
    if not math.isfinite(number) or not whole or number > _MOST_PEOPLE * 1e6:
        return None, "bad_number"
    if field.type == "people" and number > _MOST_PEOPLE:
        return None, "bad_number"
    if field.minimum is not None and number < field.minimum:
        return None, "bad_number"
    if field.maximum is not None and number > field.maximum:
        return number, "implausible_number"
    return number, rule


def _bool(value: object) -> tuple[bool | None, str | None]:
    """Read 是 and 否 in their many forms."""
    if isinstance(value, bool):
        return value, None
    word = unicodedata.normalize("NFKC", str(value)).strip().lower()
    if word in _TRUE:
        return True, None
    if word in _FALSE:
        return False, None
    return None, None if word in _UNKNOWN else "unknown_code"


def _date(value: object) -> tuple[dt.date | None, str | None]:  # noqa: PLR0911
    """Read a day; a month alone counts from its first day, and says so."""
    if isinstance(value, dt.datetime):
        return _day(value.year, value.month, value.day)
    if isinstance(value, dt.date):
        return value, None
    text = unicodedata.normalize("NFKC", str(value)).strip().removesuffix(".0")
    if text in _UNKNOWN:
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
    if text in _UNKNOWN or text == "无":
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
    if text in _UNKNOWN or text == "无":
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
    return None, None if short in _UNKNOWN else "unknown_code"


def _list(value: object) -> tuple[str | None, str | None]:
    """Read several words as one text, joined by 、."""
    words = [one for one in _LISTS.split(clean_text(value)) if one]
    return "、".join(dict.fromkeys(words)) or None, None
