"""An older census under the village codes of today."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.census.build import Census
    from riskmap.census.codes import Successors
    from riskmap.census.schema import Layer

__all__ = ["Heirs", "bring_forward"]

_CODE = "village_code"
_TOWNSHIP = 9


@dataclass(frozen=True, slots=True)
class Heirs:
    """What became of the villages of an older census.

    Attributes
    ----------
    renewed
        Old code to the one that follows it.
    merged
        Codes of today that several villages went into.
    divided
        Old code to the several that follow it.
    parts
        Codes of today that a division made.
    """

    renewed: Mapping[str, str]
    merged: frozenset[str]
    divided: Mapping[str, frozenset[str]]
    parts: frozenset[str]

    @classmethod
    def between(cls, old: Census, new: Census, successors: Successors) -> Heirs:
        """Find the heirs of the villages of a census.

        Parameters
        ----------
        old, new
            Two censuses.
        successors
            Which codes follow which; codes still in use follow themselves.

        Returns
        -------
        Heirs
            Empty where nothing was merged, renamed or divided.
        """
        before, after = _codes(old), _codes(new)
        gone = {one: new for one, new in successors.shares.items() if one not in after}
        renewed = {one: next(iter(new)) for one, new in gone.items() if len(new) == 1}
        divided = {one: frozenset(new) for one, new in gone.items() if len(new) > 1}
        counts = Counter(new for one, new in renewed.items() if one in before)
        merged = {new for new, count in counts.items() if count > 1 or new in before}
        made = {code for one in divided.values() for code in one} - before
        parts = made if before & set(divided) else set()
        return cls(renewed, frozenset(merged), divided, frozenset(parts))

    def change(self, code: str) -> tuple[str, str]:
        """Return what became of a code: the kind of change, and its heirs."""
        if code in self.divided:
            return "split", "、".join(sorted(self.divided[code]))
        heir = self.renewed[code]
        return ("merged" if heir in self.merged else "renamed"), heir


def _codes(census: Census) -> set[str]:
    """Return the codes of the list of villages."""
    villages = census.layers.get("villages")
    return set() if villages is None else set(villages[_CODE].dropna())


def bring_forward(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    heirs: Heirs,
    *,
    after: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, list[tuple[object, ...]]]:
    """Give the rows of an older layer the codes of today.

    Parameters
    ----------
    frame
        The older layer.
    layer
        Its definition.
    heirs
        What became of the villages.
    after
        The layer of today: where rows of divided villages went; None for none.

    Returns
    -------
    geopandas.GeoDataFrame
        Villages that were merged are one row, people summed; those that were
        divided are left out.
    list of tuple
        Changes to say of the villages, as `diff_census` lists them.
    """
    if _CODE not in frame or not (heirs.renewed or heirs.divided):
        return frame, []
    codes = frame[_CODE].replace(dict(heirs.renewed))
    if layer.key != _CODE:
        return frame.assign(
            village_code=_moved_on(frame, codes, layer, heirs=heirs, after=after)
        ), []
    touched = frame[frame[_CODE].isin({*heirs.renewed, *heirs.divided})]
    said = [
        (layer.name, str(code), name, *_became(str(code), heirs))
        for code, name in zip(touched[_CODE], touched["name"], strict=True)
    ]
    whole = ~frame[_CODE].isin(list(heirs.divided))
    own = frame[_CODE].eq(codes)[whole]
    forward = frame[whole].assign(village_code=codes[whole], own=own)
    forward = forward.sort_values("own", ascending=False, kind="stable")
    return _combined(forward.drop(columns="own"), layer), said


def _became(code: str, heirs: Heirs) -> tuple[object, ...]:
    """Return the rest of the change to say of one village."""
    kind, heir = heirs.change(code)
    return (f"{heir[:_TOWNSHIP]}000", heir, kind, _CODE, code, heir, None)


def _moved_on(
    frame: gpd.GeoDataFrame,
    codes: pd.Series,
    layer: Layer,
    *,
    heirs: Heirs,
    after: gpd.GeoDataFrame | None,
) -> pd.Series:
    """Let rows of divided villages follow to where they are now."""
    rows = codes.isin(list(heirs.divided))
    if after is None or not rows.any() or _CODE not in after:
        return codes
    now = after.drop_duplicates(layer.key).set_index(layer.key)[_CODE]
    there = frame[layer.key].map(now)
    follows = [
        row and where in heirs.divided[code]
        for row, code, where in zip(rows, codes, there, strict=True)
    ]
    found: pd.Series = codes.mask(pd.Series(follows, codes.index), there)
    return found


def _combined(frame: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Make one row of the villages that became one; the first gives its words."""
    twice = frame[_CODE].duplicated(keep=False)
    if not twice.any():
        return frame
    groups = frame[twice].groupby(_CODE, sort=False)
    rows = frame[twice].drop_duplicates(_CODE).set_index(_CODE, drop=False)
    for name in map(str, frame.columns):
        if name in layer.fields and layer[name].type == "people":
            sums = groups[name].agg(lambda one: one.sum(skipna=False))
            rows[name] = sums.reindex(rows.index).astype(frame[name].dtype)
    shapes = frame.geometry[twice & frame.geometry.notna()]
    unions = shapes.groupby(frame[_CODE]).agg(shapely.union_all)
    rows = rows.set_geometry(gpd.GeoSeries(unions, crs=frame.crs).reindex(rows.index))
    return gpd.GeoDataFrame(pd.concat([frame[~twice], rows], ignore_index=True))
