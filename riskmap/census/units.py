"""Units as tables write them: 万元, 亩, 公顷, 万立方米."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from riskmap.standards import read_table

__all__ = ["Unit", "unit_of"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure.

    Attributes
    ----------
    kind
        The base unit of its quantity, for example ``平方米``.
    factor
        How many base units one of it is.
    """

    kind: str
    factor: float


@cache
def _units() -> dict[str, Unit]:
    """Read the table of units, by their normal spelling."""
    path = Path(str(resources.files("riskmap.census").joinpath("units.toml")))
    return {
        unicodedata.normalize("NFKC", name).lower(): Unit(one["kind"], one["factor"])
        for name, one in read_table(path)["units"].items()
    }


def unit_of(text: str | None) -> Unit | None:
    """Return the unit that a text names.

    Parameters
    ----------
    text
        For example ``"万元"`` or ``"㎡"``.

    Returns
    -------
    Unit or None
        None where the text is no unit that tables of the census use.
    """
    if not text:
        return None
    return _units().get(unicodedata.normalize("NFKC", text).strip().lower())
