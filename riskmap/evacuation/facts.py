"""What the verifier reads of a plan, in metres; and nothing that planned it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import metric_crs
from riskmap.evacuation.islands import raised_roads

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

__all__ = ["EXTRA_TABLES", "Broken", "Facts", "facts_of"]

# What a plan may say beside its own tables.
EXTRA_TABLES = (
    "calls", "trips", "rescues", "bed_shortages", "supply_shortages", "staying",
)  # fmt: skip
# Rule, object, value, message.
Broken = tuple[str, str, float, str]

# What OpenStreetMap and Chinese road tables call roads that nobody may walk on.
_NOT_ON_FOOT = frozenset({"motorway", "motorway_link", "高速公路"})
_FOOT_CLOSED = frozenset({"no", "private"})
_FOOT_OPEN = frozenset({"yes", "designated", "permissive"})


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The tables of one scenario and the raw roads, geometry in metres."""

    groups: pd.DataFrame
    assignments: pd.DataFrame
    routes: pd.DataFrame
    legs: pd.DataFrame
    shelters: pd.DataFrame
    closures: pd.DataFrame
    ledger: pd.DataFrame
    summary: pd.DataFrame
    roads: pd.DataFrame
    rows_by_id: dict[str, NDArray[np.int64]]
    rows_by_name: dict[str, NDArray[np.int64]]
    road_lines: NDArray[np.object_]
    road_tree: shapely.STRtree
    raised: NDArray[np.bool_]
    closed_tree: shapely.STRtree
    zones: NDArray[np.object_]
    zone_tree: shapely.STRtree
    tolerance_m: float
    extras: dict[str, pd.DataFrame]
    landing: NDArray[np.object_] | None


def facts_of(
    tables: dict[str, Any],
    roads: gpd.GeoDataFrame,
    *,
    zones: gpd.GeoDataFrame | None,
    landing_zones: gpd.GeoDataFrame | None,
    tolerance_m: float,
) -> Facts:
    """Bring the tables of a scenario, the roads and the zones into metres.

    Parameters
    ----------
    tables
        The frames of a plan by name.
    roads
        The raw lines, any CRS.
    zones
        Polygons, any CRS; None = none.
    landing_zones
        Landing zones and piers, any CRS; None = not known.
    tolerance_m
        How far from a road a route may run, metres.

    Returns
    -------
    Facts
        In one projected CRS.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    """
    crs = metric_crs(roads)
    metric = {
        name: _metric(tables[name], crs)
        for name in ("groups", "routes", "shelters", "closures")
    }
    lines = _walkable(roads).to_crs(crs).explode(ignore_index=True)
    danger = np.array([], dtype=object)
    if zones is not None:
        danger = np.asarray(zones.geometry.to_crs(crs).to_numpy(), dtype=object)
    road_lines = shapely.force_2d(lines.geometry.to_numpy())
    return Facts(
        **metric,
        assignments=tables["assignments"],
        legs=tables["route_legs"],
        ledger=tables["ledger"],
        summary=tables["summary"],
        roads=pd.DataFrame(lines.drop(columns=lines.geometry.name)),
        rows_by_id=_rows_by(lines, "road_id"),
        rows_by_name=_rows_by(lines, "name"),
        road_lines=road_lines,
        road_tree=shapely.STRtree(road_lines),
        closed_tree=shapely.STRtree(metric["closures"]["geometry"].to_numpy()),
        raised=raised_roads(lines),
        zones=danger,
        zone_tree=shapely.STRtree(danger),
        tolerance_m=tolerance_m,
        extras=_extras(tables, crs),
        landing=None if landing_zones is None else _places(landing_zones, crs),
    )


def _extras(tables: dict[str, Any], crs: pyproj.CRS) -> dict[str, pd.DataFrame]:
    """Return the tables that a plan may have, geometry in metres."""
    return {
        name: _metric(frame, crs) if isinstance(frame, gpd.GeoDataFrame) else frame
        for name, frame in tables.items()
        if name in EXTRA_TABLES
    }


def _places(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> NDArray[np.object_]:
    """Return the places of a frame in metres, those that are known."""
    shapes = frame.geometry.to_crs(crs).to_numpy()
    return np.asarray(shapes[~shapely.is_missing(shapes)], dtype=object)


def _walkable(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the roads that have a place and are open to walkers."""
    whole = roads[~(roads.geometry.isna() | roads.geometry.is_empty)]
    return gpd.GeoDataFrame(whole[_open_on_foot(whole)])


def _open_on_foot(roads: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which roads their class and access tags leave open to walkers."""
    kind, access, foot = (
        _text(roads, names)
        for names in (("road_class", "highway"), ("access",), ("foot",))
    )
    barred = kind.isin(_NOT_ON_FOOT) | foot.isin(_FOOT_CLOSED)
    shut = access.eq("no") & ~foot.isin(_FOOT_OPEN)
    return ~(barred | shut).to_numpy(dtype=bool)


def _text(roads: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """Return the first of these columns as text, empty where it says nothing."""
    for name in names:
        if name in roads:
            return roads[name].astype("string").fillna("").str.strip().str.lower()
    return pd.Series("", index=roads.index, dtype="string")


def _rows_by(roads: pd.DataFrame, column: str) -> dict[str, NDArray[np.int64]]:
    """Return the rows of the roads by a column; by the index where it is missing."""
    if column in roads:
        words = roads[column].dropna().astype(str)
    elif column == "road_id":
        words = pd.Series(roads.index.astype(str), index=roads.index)
    else:
        return {}
    rows: dict[str, list[int]] = {}
    for row, word in zip(roads.index.get_indexer(words.index), words, strict=True):
        rows.setdefault(word, []).append(int(row))
    return {word: np.array(found, dtype=np.int64) for word, found in rows.items()}


def _metric(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> pd.DataFrame:
    """Return a plain frame whose ``geometry`` is in metres."""
    plain = pd.DataFrame(frame.drop(columns="geometry"))
    return plain.assign(geometry=frame.geometry.to_crs(crs).to_numpy())
