"""Who moves at which level of emergency response: a table that a county edits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.errors import PlanError, StandardError
from riskmap.standards.tables import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

__all__ = ["ResponseLevels", "read_levels", "split_by_level"]


@dataclass(frozen=True, slots=True)
class ResponseLevels:
    """The levels from the least to the gravest, and who moves at which.

    Parameters
    ----------
    order
        The levels, the least first.
    unlisted
        The level at which those move whose category no rule names.
    moves
        Rules in order: ``categories``, ``level``, perhaps ``grades``.
    assumed
        Whether a rule has no source but this project.
    """

    order: tuple[str, ...]
    unlisted: str
    moves: tuple[Mapping[str, Any], ...]
    assumed: bool

    def moves_at(self, category: object, grade: object = None) -> str:
        """Return the least level at which people of a category move.

        Parameters
        ----------
        category
            For example ``"渔船"``; null or unlisted counts as unlisted.
        grade
            The grade of their hazard or house, for rules that ask for one.

        Returns
        -------
        str
            A level.
        """
        named = category if isinstance(category, str) else None
        graded = grade if isinstance(grade, str) else None
        for rule in self.moves:
            grades = rule.get("grades")
            if named in rule["categories"] and (not grades or graded in grades):
                return str(rule["level"])
        return self.unlisted

    def rank(self, level: str) -> int:
        """Return the place of a level, 0 the least.

        Parameters
        ----------
        level
            ``"IV"`` to ``"I"``.

        Returns
        -------
        int
            Its place.

        Raises
        ------
        PlanError
            If there is no such level.
        """
        if level not in self.order:
            msg = f'there is no response level "{level}"; there are '
            raise PlanError(msg + ", ".join(self.order))
        return self.order.index(level)


def read_levels(path: str | Path | None = None) -> ResponseLevels:
    """Read the table of response levels.

    Parameters
    ----------
    path
        The county's own table, as ``standards/response_levels.toml``; None
        takes that one.

    Returns
    -------
    ResponseLevels
        As the file says.

    Raises
    ------
    StandardError
        If it cannot be read, a rule names no source, or a level is unknown.
    """
    table = read_table("response_levels" if path is None else Path(path))
    try:
        levels = ResponseLevels(
            order=tuple(table["order"]),
            unlisted=str(table["unlisted"]),
            moves=tuple(table["moves"]),
            assumed=any(is_assumed(rule) for rule in table["moves"]),
        )
        named = [levels.unlisted, *(rule["level"] for rule in levels.moves)]
        silent = [rule for rule in levels.moves if not rule.get("source")]
        empty = [rule for rule in levels.moves if not rule["categories"]]
    except (KeyError, TypeError) as error:
        msg = f"{path}: the table of response levels lacks {error}"
        raise StandardError(msg) from error
    strange = [one for one in named if one not in levels.order]
    if strange or silent or empty:
        fault = f'level "{strange[0]}" is not in order' if strange else (
            "a rule names no source" if silent else "a rule names no category"
        )  # fmt: skip
        msg = f"{path}: {fault}"
        raise StandardError(msg)
    return levels


def split_by_level(
    groups: gpd.GeoDataFrame,
    level: str | None,
    *,
    levels: ResponseLevels | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Tell who moves at a level of response from who stays; nobody is lost.

    Parameters
    ----------
    groups
        With ``category``, perhaps ``grade`` and ``moves_at``, which then decides.
    level
        ``"IV"`` to ``"I"``; None moves everybody.
    levels
        The table; None takes the one of ``standards``.

    Returns
    -------
    tuple of two geopandas.GeoDataFrame
        Those who move and those who stay, each with ``moves_at``, the least
        level at which they move. A higher level moves those of every lower
        one as well, so raising the level never moves fewer.

    Raises
    ------
    PlanError
        If there is no such level.
    """
    table = levels or read_levels()
    given = groups.get("moves_at", pd.Series(pd.NA, index=groups.index, dtype=object))
    names = groups.get("category", pd.Series(pd.NA, index=groups.index, dtype=object))
    grades = groups.get("grade", pd.Series(pd.NA, index=groups.index, dtype=object))
    at = [
        one if isinstance(one, str) else table.moves_at(name, grade)
        for one, name, grade in zip(given, names, grades, strict=True)
    ]
    ranks = pd.Series([table.rank(one) for one in at], index=groups.index, dtype=int)
    marked = groups.assign(moves_at=pd.Series(at, index=groups.index, dtype=object))
    if level is None:
        return marked, marked.iloc[:0]
    moving = ranks <= table.rank(level)
    return marked[moving], marked[~moving]
