"""What changed between two censuses, and how fresh each layer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.census.schema import load_layer
from riskmap.crs import metric_crs
from riskmap.errors import LayerError

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
_TOWNSHIP = slice(0, 9)
_SUCCESSOR_COLUMNS = ("old", "new")


@dataclass(frozen=True, slots=True)
class CensusDiff:
    """What changed between two censuses.

    Attributes
    ----------
    changes
        ``layer, id, name, township_code, village_code, change, field, old,
        new, moved_m``: one row an added, removed or moved row and one a
        changed field; ``change`` is added, removed, moved, changed or merged.
    freshness
        ``layer, township_code, rows, added, removed, changed, fresh_ratio``:
        the ratio is of rows added or changed to rows now; null for no rows.
    """

    changes: pd.DataFrame
    freshness: pd.DataFrame

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
        ``old, new`` codes of villages that were merged or renamed (``date``
        and ``share`` may stand beside them); None for none. A merged village
        is neither removed nor added. Where a code has several successors the
        one with the greatest ``share`` counts.
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
    renamed = _renamed(successors)
    changes: list[tuple[object, ...]] = []
    for name in dict.fromkeys([*old.layers, *new.layers]):
        layer = load_layer(name)
        before, after = old.layers.get(name), new.layers.get(name)
        if before is not None:
            before = _with_successors(before, renamed, layer, changes=changes)
        changes += _compare(before, after, layer, tolerance_m=tolerance_m)
    table = pd.DataFrame(changes, columns=list(_CHANGE_COLUMNS))
    return CensusDiff(table, _freshness(table, new))


def _renamed(successors: pd.DataFrame | None) -> dict[str, str]:
    """Return old code to new code."""
    if successors is None:
        return {}
    missing = [one for one in _SUCCESSOR_COLUMNS if one not in successors]
    if missing:
        msg = f"successors lacks the columns {', '.join(missing)}"
        raise LayerError(msg)
    if "share" in successors:
        successors = successors.sort_values("share", kind="stable")
    codes = successors[list(_SUCCESSOR_COLUMNS)].astype("str")
    return dict(zip(codes["old"], codes["new"], strict=True))


def _with_successors(
    frame: gpd.GeoDataFrame,
    renamed: dict[str, str],
    layer: Layer,
    *,
    changes: list[tuple[object, ...]],
) -> gpd.GeoDataFrame:
    """Give old rows the codes of today; note villages that were merged."""
    if not renamed or "village_code" not in frame:
        return frame
    codes = frame["village_code"]
    moved = codes.isin(list(renamed))
    frame = frame.assign(village_code=codes.replace(renamed))
    if layer.key != "village_code":
        return frame
    for at in np.flatnonzero(moved.to_numpy()):
        code, name = codes.iloc[at], frame["name"].iloc[at]
        now = renamed[code]
        words = (layer.name, code, name, f"{now[_TOWNSHIP]}000", now)
        changes.append((*words, "merged", "village_code", code, now, None))
    return frame.drop_duplicates("village_code")


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
        name: frame[name].iloc[at] if name in frame else None
        for name in ("name", "township_code", "village_code")
    }
    village = row["village_code"]
    township = row["township_code"]
    if pd.isna(township) and not pd.isna(village):
        township = f"{str(village)[_TOWNSHIP]}000"
    name = row["name"]
    return (layer.name, frame[layer.key].iloc[at], name, township, village)


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
            "changed",
            name,
            _text(was[at]),
            _text(now[at]),
            None,
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


def _freshness(changes: pd.DataFrame, new: Census) -> pd.DataFrame:
    """Count changes by layer and township against the rows there are now."""
    rows = []
    for name, frame in new.layers.items():
        layer = load_layer(name)
        towns = pd.Series(
            [_about(frame, at, layer)[3] for at in range(len(frame))], dtype="str"
        )
        counts = towns.value_counts(dropna=False)
        mine = changes[changes["layer"] == name]
        for town in sorted(counts.index, key=str):
            here = mine[_equal(mine["township_code"], town)]
            ids = here.groupby("change")["id"].nunique()
            added, removed = int(ids.get("added", 0)), int(ids.get("removed", 0))
            touched = here[here["change"].isin(["moved", "changed"])]["id"].nunique()
            total = int(counts[counts.index.isin([town])].iloc[0])
            ratio = (added + touched) / total if total else None
            town_code = None if pd.isna(town) else town
            rows.append((name, town_code, total, added, removed, touched, ratio))
    return pd.DataFrame(rows, columns=list(_FRESHNESS_COLUMNS))


def _equal(column: pd.Series, value: str | float | None) -> pd.Series:
    """Compare with null equal to null."""
    return column.isna() if pd.isna(value) else column == value
