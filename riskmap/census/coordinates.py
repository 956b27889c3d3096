"""Positions as people write them: decimals, degrees-minutes-seconds, metres.

Nothing here knows a CRS; `riskmap.census.place` decides what numbers mean.
"""

from __future__ import annotations

import math
import re
import unicodedata

__all__ = ["parse_degrees", "parse_pair"]

_ORDINALS = str.maketrans(
    {"º": "°", "˚": "°", "゜": "°", "〞": "″", "＂": "″", "”": "″", "“": "″"}  # noqa: RUF001
    | {"’": "′", "‘": "′", "＇": "′", "´": "′", "`": "′", "'": "′", '"': "″"}  # noqa: RUF001
    | {"度": "°", "分": "′", "秒": "″"}  # noqa: RUF001
)
_DMS = re.compile(
    r"(?P<before>[NSEW])?(?P<sign>[+-])?(?P<d>\d{1,3}(?:\.\d+)?)(?:°|\s|$|(?=[NSEW]))"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)(?:′|\s|$)?)?"  # noqa: RUF001
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:″|′′|\s|$)?)?(?P<after>[NSEW])?"  # noqa: RUF001
)
_WORDS = (("东经", "E"), ("西经", "W"), ("北纬", "N"), ("南纬", "S"))
_PAIR = re.compile(r"[,;，；、\s]+")
_SIXTY = 60


def parse_degrees(value: object) -> tuple[float | None, str | None]:
    """Read one coordinate.

    Parameters
    ----------
    value
        A number; or text with a decimal number or degrees, minutes, seconds in
        any of the usual signs.

    Returns
    -------
    float or None
        Degrees, negative to the south and west (or metres, where the number
        is a metric coordinate); None where the text is no coordinate.
    str or None
        ``dms_text`` where degrees, minutes and seconds were read,
        ``bad_coordinate`` where nothing could be; else None.

    Examples
    --------
    >>> parse_degrees("121°15′18″E")
    (121.255, 'dms_text')
    """  # noqa: RUF002
    if isinstance(value, bool):
        return None, "bad_coordinate"
    if isinstance(value, int | float):
        return (
            (float(value), None) if math.isfinite(value) else (None, "bad_coordinate")
        )
    plain = _plain(str(value))
    if plain is not None:
        return plain, None
    text = unicodedata.normalize("NFKC", str(value).translate(_ORDINALS))
    text = text.translate(_ORDINALS).upper().strip()
    for word, letter in _WORDS:
        text = text.replace(word, letter)
    text = re.sub(r"\s*([°′″NSEW])\s*", r"\1", text.strip(":： "))  # noqa: RUF001
    plain = _plain(text.replace(",", ""))
    return _degrees_minutes_seconds(text) if plain is None else (plain, None)


def _plain(text: str) -> float | None:
    """Read a plain decimal number; None where the text is none."""
    if "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _degrees_minutes_seconds(text: str) -> tuple[float | None, str | None]:
    """Read degrees, minutes and seconds whose signs are already plain."""
    found = _DMS.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None, "bad_coordinate"
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= _SIXTY or seconds >= _SIXTY:
        return None, "bad_coordinate"
    degrees = float(found["d"]) + minutes / 60 + seconds / 3600
    letter = found["before"] or found["after"] or ""
    if letter in {"S", "W"} or found["sign"] == "-":
        degrees = -degrees
    return round(degrees, 9), "dms_text" if found["m"] else None


def parse_pair(value: object) -> tuple[float, float] | None:
    """Read longitude and latitude from one cell, in the order written.

    Parameters
    ----------
    value
        For example ``"121.2345, 28.1234"`` or ``"东经121°15′ 北纬28°7′"``.

    Returns
    -------
    tuple of float or None
        The two numbers; None where the text holds no pair.
    """  # noqa: RUF002
    text = str(value).strip().strip("()（）[]")
    parts = [one for one in _PAIR.split(text) if one]
    if len(parts) % 2 or not parts:
        return None
    half = len(parts) // 2
    first, rule = parse_degrees(" ".join(parts[:half]))
    second, other = parse_degrees(" ".join(parts[half:]))
    if first is None or second is None or "bad_coordinate" in {rule, other}:
        return None
    if re.match(r"\s*[(（]?\s*(北纬|N)", text):
        first, second = second, first
    return first, second
