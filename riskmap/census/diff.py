"""What changed between two censuses, and how fresh each layer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.census.codes import successors_of
from riskmap.census.heirs import Heirs, bring_forward
from riskmap.census.schema import load_layer
from riskmap.crs import metric_crs

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmap.census.build import Census
    from riskmap.census.schema import Layer

__all__ = ["CensusDiff", "diff_census"]

_CHANGE_COLUMNS = (
    *("layer", "id", "name", "township_code", "village_code"),
    *("change", "field", "old", "new", "moved_m"),
)
_FRESHNESS_COLUMNS = (
    *("layer", "township_code", "rows", "added", "removed", "changed", "fresh_ratio"),
)
_TOWNSHIP = 9
_NOT_KEPT = frozenset(["code_changes", "population"])
"""What no county keeps row by row: the table of changes itself, and rasters."""


@dataclass(frozen=True, slots=True)
class CensusDiff:
    """What changed between two censuses.

    Attributes
    ----------
    changes
        ``layer, id, name, township_code, village_code, change, field, old,
        new, moved_m``: one row an added, removed or moved row and one a
        changed field; ``change`` is added, removed, moved, changed, merged,
        renamed or split. Of villages, ``old`` and ``new`` of the last three
        are codes.
    freshness
        ``layer, township_code, rows, added, removed, changed, fresh_ratio``:
        rows are those there are now; the ratio is of rows added or changed to
        them, null for no rows. ``township_code`` is null for rows whose
        township is unknown.
    """

    changes: pd.DataFrame
    freshness: pd.DataFrame

    @property
    def layers(self) -> pd.DataFrame:
        """The freshness of each layer as a whole, without ``township_code``."""
        counts = ["rows", "added", "removed", "changed"]
        sums = self.freshness.groupby("layer", sort=False)[counts].sum()
        return _with_ratio(sums.reset_index())

    def _repr_html_(self) -> str:
        """Show counts of changes by layer, and freshness."""
        counts = self.changes.groupby(["layer", "change"]).size().rename("count")
        shown: str = counts.reset_index().to_html(index=False)
        return shown + self.freshness.to_html(index=False)


def diff_census(
    old: Census,
    new: Census,
    *,
    successors: pd.DataFrame | None = None,
    tolerance_m: float = 1.0,
) -> CensusDiff:
    """Compare two censuses row by row, field by field.

    Parameters
    ----------
    old, new
        Two censuses; rows are the same when their ids are.
    successors
        ``old, new`` codes (or ``old_code, new_code``) of villages that were
        merged, renamed or divided; ``changed_on`` and ``share`` may stand
        beside them. None for the layer ``code_changes`` of `new`, if it has
        one. Such villages are neither removed nor added: a merged one is
        compared with its heir, people summed; of a divided one only that it
        was is said.
    tolerance_m
        How far a row may be from where it was, in metres, without having
        moved.

    Returns
    -------
    CensusDiff
        The changes and the freshness of each layer and township.

    Raises
    ------
    LayerError
        If `successors` lacks a column.
    """
    table = new.layers.get("code_changes") if successors is None else successors
    heirs = Heirs.between(old, new, successors_of(table))
    changes: list[tuple[object, ...]] = []
    for name in dict.fromkeys([*old.layers, *new.layers]):
        if name in _NOT_KEPT:
            continue
        layer = load_layer(name)
        before, after = old.layers.get(name), new.layers.get(name)
        if before is not None:
            before, said = bring_forward(before, layer, heirs, after=after)
            changes += said
        if after is not None and layer.key == "village_code":
            after = after[~after["village_code"].isin(heirs.parts)]
        changes += _compare(before, after, layer, tolerance_m=tolerance_m)
    found = pd.DataFrame(changes, columns=list(_CHANGE_COLUMNS))
    return CensusDiff(found, _freshness(found, old, new))


def _compare(
    before: gpd.GeoDataFrame | None,
    after: gpd.GeoDataFrame | None,
    layer: Layer,
    *,
    tolerance_m: float,
) -> list[tuple[object, ...]]:
    """List what changed in one layer."""
    if before is None or after is None:
        whole, change = (before, "removed") if after is None else (after, "added")
        return [] if whole is None else _whole(whole, layer, change)
    old, new = _by_id(before, layer), _by_id(after, layer)
    gone, come = old[~old.index.isin(new.index)], new[~new.index.isin(old.index)]
    both = old.index[old.index.isin(new.index)]
    rows = _whole(come, layer, "added") + _whole(gone, layer, "removed")
    old, new = old.loc[both], new.loc[both]
    rows += _moved(old, new, layer, tolerance_m=tolerance_m)
    for name in layer.columns:
        if name != layer.key and name in old and name in new:
            rows += _changed(old, new, layer, name=name)
    return rows


def _by_id(frame: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Return rows by id; pieces of one road are told apart by their order."""
    ids = frame[layer.key].astype("str")
    piece = frame.groupby(ids, sort=False).cumcount()
    return frame.set_axis(ids.where(piece == 0, ids + "#" + piece.astype("str")))


def _about(frame: gpd.GeoDataFrame, at: int, layer: Layer) -> tuple[object, ...]:
    """Return which row a change is of."""
    row = {
        name: frame[name].array[at] if name in frame else None
        for name in ("name", "township_code", "village_code")
    }
    village = row["village_code"]
    township = row["township_code"]
    if pd.isna(township) and not pd.isna(village):
        township = f"{str(village)[:_TOWNSHIP]}000"
    name = row["name"]
    return (layer.name, frame[layer.key].array[at], name, township, village)


def _whole(
    frame: gpd.GeoDataFrame, layer: Layer, change: str
) -> list[tuple[object, ...]]:
    """List rows that were added or removed."""
    rest = (change, None, None, None, None)
    return [(*_about(frame, at, layer), *rest) for at in range(len(frame))]


def _moved(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    layer: Layer,
    *,
    tolerance_m: float,
) -> list[tuple[object, ...]]:
    """List rows whose geometry is elsewhere or of another shape."""
    was, now = old.geometry.isna().to_numpy(), new.geometry.isna().to_numpy()
    away = np.where(was != now, np.nan, 0.0)
    known = np.flatnonzero(~was & ~now)
    if len(known):
        crs = metric_crs(new.iloc[known])
        first = old.iloc[known].to_crs(crs).geometry.to_numpy()
        second = new.iloc[known].to_crs(crs).geometry.to_numpy()
        away[known] = shapely.hausdorff_distance(first, second)
    rest = ("moved", "geometry", None, None)
    return [
        (
            *(*_about(new, int(at), layer), *rest),
            None if np.isnan(away[at]) else round(float(away[at]), 1),
        )
        for at in np.flatnonzero(~(away <= tolerance_m))
    ]


def _changed(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    layer: Layer,
    *,
    name: str,
) -> list[tuple[object, ...]]:
    """List rows in which one field says something else."""
    was = old[name].astype(object).where(old[name].notna(), None).to_numpy()
    now = new[name].astype(object).where(new[name].notna(), None).to_numpy()
    return [
        (
            *_about(new, int(at), layer),
            *("changed", name, _text(was[at]), _text(now[at]), None),
        )
        for at in np.flatnonzero(was != now)
    ]


def _text(value: object) -> str | None:
    """Return a value as the diff shows it."""
    if value is None:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _freshness(changes: pd.DataFrame, old: Census, new: Census) -> pd.DataFrame:
    """Count changes by layer and township against the rows there are now."""
    names = list(dict.fromkeys([*old.layers, *new.layers]))
    tables = [
        _fresh(changes[changes["layer"] == name], _towns(new.layers.get(name)))
        .reset_index()
        .assign(layer=name)
        for name in names
        if name not in _NOT_KEPT
    ]
    if not tables:
        return pd.DataFrame(columns=list(_FRESHNESS_COLUMNS))
    table = pd.concat(tables, ignore_index=True)
    return _with_ratio(table)[list(_FRESHNESS_COLUMNS)]


def _towns(frame: gpd.GeoDataFrame | None) -> pd.Series:
    """Return the township of each row, empty where it is unknown."""
    if frame is None:
        return pd.Series(dtype="str")
    none = pd.Series(None, frame.index, dtype="str")
    towns = frame.get("township_code", none).astype("str")
    villages = frame.get("village_code", none).astype("str")
    return towns.fillna(villages.str[:_TOWNSHIP] + "000").fillna("")


def _fresh(changes: pd.DataFrame, towns: pd.Series) -> pd.DataFrame:
    """Count the rows and the changes of one layer by township."""
    known = changes["township_code"].astype("str").fillna("")
    here = changes.assign(township_code=known)
    kinds = here["change"].replace({"moved": "changed"})
    ids = here.assign(change=kinds).groupby(["township_code", "change"])["id"].nunique()
    counts = ids.unstack(fill_value=0) if len(ids) else pd.DataFrame()  # noqa: PD010
    table = pd.DataFrame({"rows": towns.value_counts()})
    table = table.join(counts, how="outer").rename_axis("township_code")
    wanted = ["rows", "added", "removed", "changed"]
    return table.reindex(columns=wanted).fillna(0).astype(int)


def _with_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Add the ratio of rows added or changed to the rows there are."""
    fresh = table["added"] + table["changed"]
    ratio = fresh / table["rows"].where(table["rows"] > 0)
    if "township_code" in table:
        towns = table["township_code"].astype("str")
        table = table.assign(township_code=towns.where(towns.ne("")))
    return table.assign(fresh_ratio=ratio)
