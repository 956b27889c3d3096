"""Numbers as people write them: thousands, 约, 余, 万, units, Chinese digits."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from riskmap.census.units import Unit, unit_of

if TYPE_CHECKING:
    from riskmap.census.schema import Field

__all__ = ["MOST_PEOPLE", "UNKNOWN", "parse_number"]

UNKNOWN = frozenset(["不详", "未知", "待定", "暂无数据", "?", "？", "不清楚", "待填"])
"""Words that say that nothing is known; such a cell is null, and no mistake."""
_NUMBER = re.compile(
    r"(?P<about>大约|约|将近|近|~|≈|<|>|≥|≤)?"
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    r"(?P<odd>余|多|来|\+)?(?P<scale>[千万亿])?(?P<odd2>余|多)?"
    r"(?P<unit>[^\d\s]*?[23]?)(?P<around>左右|上下|以上|以下|以内|余)?"
)
_THOUSANDS = re.compile(r"(?<=\d)[,' ](?=\d{3}(?!\d))")
_BLANKS_ASIDE = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
_HAN_DIGITS = {one: value for value, one in enumerate("零一二三四五六七八九")} | {
    "〇": 0,  # noqa: RUF001
    "两": 2,
}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"千": 1e3, "万": 1e4, "亿": 1e8}
MOST_PEOPLE = 1e9
"""More people than any cell of a census can mean."""


def parse_number(
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
    text = _THOUSANDS.sub("", text.strip().removeprefix("'"))
    text = _BLANKS_ASIDE.sub("", text).rstrip("。;,")
    if text in UNKNOWN:
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
    if not math.isfinite(number) or not whole or number > MOST_PEOPLE * 1e6:
        return None, "bad_number"
    if field.type == "people" and number > MOST_PEOPLE:
        return None, "bad_number"
    if field.minimum is not None and number < field.minimum:
        return None, "bad_number"
    if field.maximum is not None and number > field.maximum:
        return number, "implausible_number"
    return number, rule
