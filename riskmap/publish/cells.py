"""Figures and words as they are printed: people, minutes, metres, the unknown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.places import plain_text
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "contact_text",
    "metres_text",
    "minutes_text",
    "number_or_none",
    "or_dash",
    "or_unknown",
    "people_text",
    "people_total",
    "time_text",
]

THIN_SPACE = "\u2009"


def number_or_none(value: object) -> float | None:
    """Return a finite number, or None for whatever is not one.

    Parameters
    ----------
    value
        Any scalar cell.

    Returns
    -------
    float or None
        None for missing values, text and infinities.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def people_text(value: object) -> str:
    """Return a number of people, or 未知: a missing number is not zero.

    Parameters
    ----------
    value
        People, or a missing value.

    Returns
    -------
    str
        Digits alone.
    """
    number = number_or_none(value)
    unknown: str = read_words()["marks"]["unknown"]
    return unknown if number is None else str(round(number))


def people_total(values: Iterable[object], *, unit: str = "people") -> str:
    """Add up people and say how many rows are unknown.

    Parameters
    ----------
    values
        People, missing where unknown.
    unit
        A key of ``[units]`` in the words.

    Returns
    -------
    str
        For example ``"35 人"``, or ``"≥35 人（2 处人数未知）"``, or ``"未知"``.
    """
    words = read_words()
    numbers = [number_or_none(one) for one in values]
    known = [one for one in numbers if one is not None]
    missing = len(numbers) - len(known)
    if missing and not known:
        unknown: str = words["marks"]["unknown"]
        return unknown
    total = f"{round(sum(known))}{THIN_SPACE}{words['units'][unit]}"
    if not missing:
        return total
    least: str = words["marks"]["at_least"].format(number=total)
    return least + str(words["marks"]["unknown_count"].format(number=missing))


def minutes_text(value: object) -> str:
    """Return minutes rounded up, or a dash.

    Parameters
    ----------
    value
        Minutes, or a missing value.

    Returns
    -------
    str
        Digits alone; at least 1.

    Examples
    --------
    >>> minutes_text(12.01)
    '13'
    """
    number = number_or_none(value)
    if number is None:
        return or_dash("")
    return str(max(1, math.ceil(number - 1e-6)))


def metres_text(value: object) -> str:
    """Return metres rounded to ten, or a dash.

    Parameters
    ----------
    value
        Metres, or a missing value.

    Returns
    -------
    str
        Digits alone.

    Examples
    --------
    >>> metres_text(846.0)
    '850'
    """
    number = number_or_none(value)
    if number is None:
        return or_dash("")
    return str(10 * math.floor(number / 10 + 0.5))


def time_text(value: object) -> str:
    """Return a local time as it is called out, or a dash.

    Parameters
    ----------
    value
        A local time, ISO text or timestamp; missing where not known.

    Returns
    -------
    str
        For example ``"8月12日 06:40"``.
    """
    if not plain_text(value):
        return or_dash("")
    try:
        moment = pd.Timestamp(plain_text(value))
    except ValueError:
        return plain_text(value)
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def or_dash(value: object) -> str:
    """Return a cell as text, a dash where it is missing.

    Parameters
    ----------
    value
        Any scalar cell.

    Returns
    -------
    str
        Never empty.
    """
    return plain_text(value) or str(read_words()["marks"]["none"])


def contact_text(row: Mapping[str, object], column: str) -> str:
    """Return who is on duty, or the phone: what lacks and what is not shown differ.

    Parameters
    ----------
    row
        The cells of whatever has an owner.
    column
        ``"responsible_a"``, ``"phone_a"`` or the like.

    Returns
    -------
    str
        未提供 where the census leaves it blank, 未列 where this edition does not
        have the column.
    """
    marks = read_words()["marks"]
    if column not in row:
        return str(marks["not_listed"])
    return plain_text(row[column]) or str(marks["not_given"])


def or_unknown(value: object) -> str:
    """Return a cell as text, 未知 where it is missing.

    Parameters
    ----------
    value
        Any scalar cell.

    Returns
    -------
    str
        Never empty.
    """
    return plain_text(value) or str(read_words()["marks"]["unknown"])
