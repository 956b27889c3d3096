"""Villages that were merged, renamed or divided: which code follows which.

A code that the table replaces by one other is read as that one, and a finding
says so; a code that went to several villages is never guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from riskmap.census.part import Part

__all__ = [
    "NO_SUCCESSORS",
    "Successors",
    "merged_outlines",
    "renew_codes",
    "successors_of",
]

_OLD = ("old_code", "old")
_NEW = ("new_code", "new")


@dataclass(frozen=True, slots=True)
class Successors:
    """Which codes follow which.

    Attributes
    ----------
    shares
        Old code to the codes that follow it and their share of its people;
        NaN for a share that nobody states. Chains are followed to their end.
    """

    shares: Mapping[str, Mapping[str, float]]

    def __contains__(self, code: object) -> bool:
        """Tell whether a code was replaced."""
        return code in self.shares

    def single(self, known: Collection[str] = ()) -> dict[str, str]:
        """Return old code to new, of codes with one successor.

        Parameters
        ----------
        known
            Codes that are in use and so stay as they are.

        Returns
        -------
        dict of str to str
            Codes that went to several villages are not in it.
        """
        return {
            old: next(iter(new))
            for old, new in self.shares.items()
            if len(new) == 1 and old not in known
        }

    def words(self, code: str) -> str:
        """Return the successors of a code as a message shows them."""
        return "、".join(
            new
            if math.isnan(share) or len(self.shares[code]) == 1
            else f"{new}（{share:.0%}）"
            for new, share in self.shares[code].items()
        )


NO_SUCCESSORS = Successors({})


def successors_of(table: pd.DataFrame | None) -> Successors:
    """Read the table of merged, renamed and divided villages.

    Parameters
    ----------
    table
        ``old_code, new_code`` (or ``old, new``), and where known
        ``changed_on`` and ``share``; a row a pair. None for no table.

    Returns
    -------
    Successors
        With chains of changes followed to their end, in order of date; what
        runs in a circle ends where it would begin again.

    Raises
    ------
    LayerError
        If a column of codes is missing.
    """
    if table is None or (table.empty and "old_code" not in table):
        return Successors({})
    columns = [_column(table, names) for names in (_OLD, _NEW)]
    table = table.dropna(subset=columns)
    if "changed_on" in table:
        table = table.sort_values("changed_on", kind="stable", na_position="first")
    shares = (
        table["share"] if "share" in table else pd.Series(float("nan"), table.index)
    )
    steps: dict[str, dict[str, float]] = {}
    for old, new, share in zip(*(table[one] for one in columns), shares, strict=True):
        if old != new:
            steps.setdefault(str(old), {})[str(new)] = float(share)
    return Successors({old: _followed(old, steps) for old in steps})


def renew_codes(part: Part, successors: Successors, known: Collection[str]) -> None:
    """Read replaced village codes as the codes of today, and say so.

    Parameters
    ----------
    part
        Its ``village_code`` is changed, and a finding a code added. The list
        of villages itself stays as it is; its replaced codes are findings.
    successors
        Which codes follow which.
    known
        Codes of the list of villages, which stay as they are.
    """
    frame = part.frame
    if not successors.shares or "village_code" not in frame:
        return
    codes = frame["village_code"]
    if part.layer.name == "villages":
        for at in np.flatnonzero(codes.isin(list(successors.shares)).to_numpy()):
            code = codes.iloc[at]
            new = successors.words(code)
            part.note("retired_village", int(at), "village_code", value=code, new=new)
        return
    renewed = successors.single(known)
    counts = codes[codes.isin(list(renewed))].value_counts()
    for code, count in counts.sort_index().items():
        part.ledger.add(
            "code_renewed",
            column=part.heading("village_code"),
            value=code,
            new=renewed[str(code)],
            count=int(count),
        )
    part.frame["village_code"] = codes.replace(renewed)


def merged_outlines(
    outlines: gpd.GeoDataFrame, successors: Successors
) -> tuple[gpd.GeoDataFrame, int]:
    """Put the outlines of merged villages together under the code of today.

    Parameters
    ----------
    outlines
        ``village_code`` and polygons, of before or after the changes.
    successors
        Which codes follow which.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a code; a divided village keeps its old code.
    int
        How many of them are made of outlines with replaced codes.
    """
    renewed = successors.single()
    old = outlines["village_code"].isin(list(renewed))
    if not old.any():
        return outlines, 0
    codes = outlines["village_code"].replace(renewed)
    touched = codes.isin(set(codes[old]))
    shapes = outlines.geometry[touched].groupby(codes[touched]).agg(shapely.union_all)
    outlines = outlines.assign(village_code=codes)
    # The row that bore the code itself gives the name, wherever there is one.
    first = outlines.assign(old=old).sort_values("old", kind="stable")
    first = first.drop_duplicates("village_code").drop(columns="old").sort_index()
    made = first["village_code"].map(shapes)
    merged = first.geometry.where(made.isna(), gpd.GeoSeries(made, crs=outlines.crs))
    return first.set_geometry(merged, crs=outlines.crs), len(shapes)


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str:
    """Return the column of codes, under either of its names."""
    for one in names:
        if one in table:
            return one
    msg = f"successors lacks the columns {names[-1]}"
    raise LayerError(msg)


def _followed(old: str, steps: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Follow a code to what became of it in the end."""
    found: dict[str, float] = {}
    going = [(old, 1.0, frozenset([old]))]
    while going:
        code, part, seen = going.pop()
        nexts = {
            new: one for new, one in steps.get(code, {}).items() if new not in seen
        }
        if not nexts and code != old:
            found[code] = found.get(code, 0.0) + part
        for new, share in reversed(nexts.items()):
            alone = 1.0 if len(nexts) == 1 and math.isnan(share) else share
            going.append((new, part * alone, seen | {new}))
    return found
