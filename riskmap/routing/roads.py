"""Roads as tables: one set of columns whatever they were read from.

`tidy_roads` brings a frame of any origin to the columns road_id, road_name,
road_class, bridge, tunnel, level, oneway (1, -1, 0), and the attributes that
say who may use a road and how fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.routing.findings import finding
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

__all__ = ["NODE_IDS", "tidy_roads"]

# One array of node ids a row, as long as the line's vertices: shared nodes join.
NODE_IDS = "node_ids"
_SOURCES = {
    "road_id": ("road_id", "osmid", "osm_id", "id"),
    "road_name": ("road_name", "name", "NAME", "道路名称", "路线名称"),
    "road_class": ("road_class", "highway", "fclass", "行政等级", "TYPE"),
    "technical_grade": ("technical_grade", "技术等级", "RTEG"),
    "surface": ("surface", "路面", "路面类型", "MATRL"),
    "bridge": ("bridge",),
    "tunnel": ("tunnel",),
    "structure": ("桥隧",),
    "layer": ("layer",),
    "oneway": ("oneway",),
    "junction": ("junction",),
    "access": ("access",),
    "foot": ("foot",),
    "vehicle": ("vehicle",),
    "motor_vehicle": ("motor_vehicle",),
}
_NO = {
    "",
    "no",
    "0",
    "0.0",
    "false",
    "f",
    "n",
    "none",
    "nan",
    "<na>",
    "否",
    "无",
    "双向",
}
_FORWARD = {"yes", "1", "1.0", "true", "t", "y", "f", "是", "单向", "正向"}
_BACKWARD = {"-1", "-1.0", "reverse", "反向"}


def tidy_roads(
    roads: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, list[dict[str, str]]]:
    """Bring roads to one set of columns; what cannot be used becomes findings."""
    crs_of(roads)
    if not len(roads):
        msg = "the layer of roads is empty; a network needs at least one line"
        raise LayerError(msg)
    frame = (
        roads.rename_geometry("geometry")
        if roads.geometry.name != "geometry"
        else roads
    )
    tidy = frame[["geometry"]].copy()
    for name in _SOURCES:
        tidy[name] = _text(frame, name)
    if NODE_IDS in frame.columns:
        tidy[NODE_IDS] = frame[NODE_IDS]
    tidy["road_id"] = tidy["road_id"].where(
        tidy["road_id"].notna(), pd.Series(frame.index.astype(str), index=frame.index)
    )
    tidy["bridge"] = _true(tidy["bridge"]) | _has(tidy["structure"], "桥")
    tidy["tunnel"] = _true(tidy["tunnel"]) | _has(tidy["structure"], "隧")
    tidy["level"] = _level(tidy)
    tidy["oneway"] = _oneway(tidy) if "oneway" in frame else _allowed(frame, tidy)
    tidy["road_class"] = _class(tidy["road_class"])
    tidy = tidy.drop(columns=["structure", "layer"]).reset_index(drop=True)
    return _usable(tidy)


def _text(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    """Return the first of the known columns as text; lists give their first entry."""
    source = next((one for one in _SOURCES[name] if one in frame.columns), None)
    if source is None:
        return _objects([None] * len(frame), frame.index)
    return _each(frame[source].astype(object), _plain)


def _each(column: pd.Series, function: Callable[[Any], Any]) -> pd.Series:
    """Return a function of every value, called once for texts that repeat."""
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return _objects([function(one) for one in column], column.index)
    number, words = pd.factorize(column)
    made = [*(function(one) for one in words), function(None)]
    return _objects(_objects(made).to_numpy()[number], column.index)


def _objects(values: Any, index: pd.Index | None = None) -> pd.Series:  # noqa: ANN401
    """Return a column of objects in which None stays None."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return pd.Series(column, index=index, dtype=object)


def _plain(value: object) -> object:
    """Return a value as text without the decimals of whole numbers; None if missing."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _true(column: pd.Series) -> pd.Series:
    """Tell yes from no, as bridges and tunnels are marked."""
    return _each(column, lambda one: (one or "").lower() not in _NO).astype(bool)


def _has(column: pd.Series, character: str) -> pd.Series:
    """Tell which texts hold a character."""
    return _each(column, lambda one: character in (one or "")).astype(bool)


def _level(tidy: pd.DataFrame) -> pd.Series:
    """Return the level roads are on: `layer`, else bridges 1, tunnels -1."""
    given = pd.to_numeric(tidy["layer"], errors="coerce").fillna(0.0)
    raised = tidy["bridge"].astype(int) - tidy["tunnel"].astype(int)
    return given.where(given != 0, raised).astype(int)


def _oneway(tidy: pd.DataFrame) -> pd.Series:
    """Return 1 along the line only, -1 against it only, 0 both ways."""
    text = _each(tidy["oneway"], lambda one: (one or "").lower())
    way = pd.Series(0, index=tidy.index)
    way[text.isin(_FORWARD)] = 1
    way[text.isin(_BACKWARD)] = -1
    implied = tidy["junction"].isin(["roundabout", "circular"]) | (
        tidy["road_class"] == "motorway"
    )
    return way.mask(implied & (text == ""), 1)


def _allowed(frame: gpd.GeoDataFrame, tidy: pd.DataFrame) -> pd.Series:
    """Return the ways that the minutes of a network's edges allow, where given."""
    if not {"forward_min", "backward_min"} <= set(frame.columns):
        return _oneway(tidy)
    ahead, back = np.isinf(frame["forward_min"]), np.isinf(frame["backward_min"])
    way: pd.Series = back.astype(int) - ahead.astype(int)
    return way


def _class(column: pd.Series) -> pd.Series:
    """Return classes by their usual word."""
    aliases = read_table("speeds")["aliases"]
    return _each(column, lambda one: aliases.get(one, one))


def _usable(
    tidy: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, list[dict[str, str]]]:
    """Keep lines with a length, single ones, and list the rest."""
    geometry = tidy.geometry.to_numpy()
    kind = shapely.get_type_id(geometry)
    line = np.isin(kind, (1, 2, 5)) & ~shapely.is_empty(geometry)
    findings = [
        finding("no_line", row=tidy["road_id"].iloc[row])
        for row in np.flatnonzero(~line)
    ]
    tidy = tidy[line]
    if (shapely.get_type_id(tidy.geometry.to_numpy()) == 5).any():  # noqa: PLR2004
        tidy = tidy.drop(columns=NODE_IDS, errors="ignore").explode(ignore_index=True)
    coordinates = shapely.get_coordinates(tidy.geometry.to_numpy())
    if not np.isfinite(coordinates).all():
        bad = ~np.isfinite(tidy.geometry.bounds.to_numpy()).all(axis=1)
        findings += [finding("no_line", row=one) for one in tidy.loc[bad, "road_id"]]
        tidy = tidy[~bad]
    long = shapely.length(tidy.geometry.to_numpy()) > 0
    findings += [finding("no_length", row=one) for one in tidy.loc[~long, "road_id"]]
    return tidy[long].reset_index(drop=True), findings
