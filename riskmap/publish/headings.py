"""Tables of the contract in words that a planner reads."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_float_dtype

from riskmap.publish.audit_brief import tier_name
from riskmap.publish.page_words import web_words
from riskmap.standards import load_standard, reason_label, standard_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["labelled"]

_SEVERAL = re.compile(r"[+、]")
_TIER = re.compile(r"(\w+)_(\d+)")
_DIGITS = {"_min": 1, "_m": 0}


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of the contract under Chinese headings.

    Parameters
    ----------
    frame
        Columns as in contract.md; others keep their names.

    Returns
    -------
    pandas.DataFrame
        Without geometry; codes in words where ``words.toml`` knows them,
        minutes with one decimal, metres without, truth values as they are.
        The name of a rule is left out where words for it stand beside it.
    """
    drawn = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name) if drawn else frame)
    if {"label", "message"} & set(plain.columns):
        plain = plain.drop(columns="rule", errors="ignore")
    plain = plain.assign(**{one: _in_words(plain[one], one) for one in map(str, plain)})
    return plain.rename(columns={one: _heading(str(one)) for one in plain.columns})


def _heading(column: str) -> str:
    """Return what a column is called; that of a tier by its standard."""
    tier = _TIER.fullmatch(column)
    if tier is not None and tier[1] in standard_names():
        return tier_name(tier[1], tier[2])
    return str(web_words()["columns"].get(column, column))


def _in_words(cells: pd.Series, column: str) -> pd.Series:
    """Return the cells of a column as a planner reads them."""
    for ending, digits in _DIGITS.items():
        if column.endswith(ending) and is_float_dtype(cells):
            return cells.round(digits)
    told, known = _TOLD.get(column), _known_cells()
    if told is None and column in known:
        told = partial(_each, words=known[column])
    return cells if told is None else cells.map(_of_texts(told))


def _known_cells() -> Mapping[str, Mapping[str, str]]:
    """Return the codes that ``words.toml`` knows, by column."""
    known: Any = web_words()["cells"]
    return known  # type: ignore[no-any-return]


def _each(text: str, words: Mapping[str, str]) -> str:
    """Return a code, or several joined by a sign, in words; other texts as they are."""
    parts = _SEVERAL.split(text)
    known = all(part in words for part in parts)
    return "、".join(words[part] for part in parts) if known else text


def _of_texts(told: Callable[[str], str]) -> Callable[[Any], Any]:
    """Leave what is not a text as it is."""
    return lambda cell: told(cell) if isinstance(cell, str) else cell


def _why(code: str) -> str:
    """Return why somebody stands where in a list: a word of its own, or a reason."""
    return str(web_words()["why"].get(code) or reason_label(code))


def _layer(name: str) -> str:
    """Return what a layer is called."""
    return str(web_words()["layers"].get(name, name))


def _standard(name: str) -> str:
    """Return what a shipped standard is called, another by its name."""
    return load_standard(name).label if name in standard_names() else name


def _turn(name: str) -> str:
    """Return a turn in words."""
    return str(web_words()["turns"].get(name, name))


_TOLD: dict[str, Callable[[str], str]] = {
    "reason": reason_label,
    "why": _why,
    "layer": _layer,
    "standard": _standard,
    "turn": _turn,
}
