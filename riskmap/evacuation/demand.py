"""Who moves: groups as given, checked, with what the plan needs to know of them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import same_crs
from riskmap.errors import LayerError, first_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]

__all__ = [
    "PEOPLE_COLUMNS",
    "checked_groups",
    "checked_shelters",
    "has_place",
    "inside_of",
    "needs_bed",
    "words",
    "zone_ids",
]

PEOPLE_COLUMNS = ("people", "elderly_people", "children_people", "disabled_people")
_TEXT = (
    "group_id",
    "name",
    "village_code",
    "village_name",
    "township_code",
    "township_name",
    "category",
    "placement",
    "assembly_point",
    "hazard_id",
)
_TOWNSHIP_DIGITS = 9
_ZONE_KEYS = ("zone_id", "risk_zone_id", "flood_zone_id", "hazard_point_id")


@cache
def words() -> dict[str, Any]:
    """Read the Chinese words of the plan.

    Returns
    -------
    dict
        The tables of ``words.toml``.
    """
    path = resources.files("riskmap.evacuation") / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def checked_groups(
    groups: gpd.GeoDataFrame, *, zones: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Return the groups on a fresh index, complete in the plan's columns.

    Parameters
    ----------
    groups
        One row a group: ``group_id``, ``people`` (null = unknown) and any
        others of the layer; points (other geometry counts by a point in it),
        any CRS.
    zones
        Polygons of danger in the same CRS; None = none.

    Returns
    -------
    geopandas.GeoDataFrame
        All columns of `groups`; text as text, people as Int64, placement
        filled with 集中, ``standing_in`` = ids of the zones it stands in,
        joined by ``、``.

    Raises
    ------
    LayerError
        If a column is missing, an id is missing or twice, or people are
        negative or not whole.
    CrsError
        If a frame has no CRS, or the two differ.
    """
    _insist_on(groups, "groups", "group_id", columns=("group_id", "people"))
    if zones is not None:
        same_crs(groups, zones)
    table = groups.reset_index(drop=True).copy()
    geometry = table.geometry
    for name in _TEXT:
        if name not in table:
            table[name] = None
        filled = table[name].notna()
        table[name] = table[name].astype(object).where(filled, None)
        table.loc[filled, name] = table.loc[filled, name].astype(str)
    table["township_code"] = township_of(table)
    for name in PEOPLE_COLUMNS:
        table[name] = _whole(table, name)
    shelter = words()["placement"]["shelter"]
    table["placement"] = table["placement"].where(table["placement"].notna(), shelter)
    points = gpd.GeoSeries(_as_points(geometry), crs=groups.crs)
    ids = np.array([], dtype=object) if zones is None else zone_ids(zones)
    table["standing_in"] = [
        "、".join(sorted(ids[list(rows)])) for rows in inside_of(points, zones)
    ]
    return gpd.GeoDataFrame(table.drop(columns=geometry.name), geometry=points)


def checked_shelters(shelters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shelters on a fresh index, ids and names as text.

    Parameters
    ----------
    shelters
        One row a shelter: ``shelter_id``; points, any CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; ``name``, ``village_code`` and ``township_code`` are
        there, null where not given.

    Raises
    ------
    LayerError
        If ids are missing or twice.
    """
    _insist_on(shelters, "shelters", "shelter_id", columns=("shelter_id",))
    table = shelters.reset_index(drop=True).copy()
    for name in ("shelter_id", "name", "village_code", "township_code"):
        if name not in table:
            table[name] = None
        filled = table[name].notna()
        table[name] = table[name].astype(object).where(filled, None)
        table.loc[filled, name] = table.loc[filled, name].astype(str)
    table["township_code"] = township_of(table)
    points = _as_points(table.geometry)
    return gpd.GeoDataFrame(
        table.drop(columns=table.geometry.name), geometry=points, crs=shelters.crs
    )


def township_of(frame: pd.DataFrame) -> pd.Series:
    """Return the township of each row, from the village code where it is not given.

    Parameters
    ----------
    frame
        With ``township_code`` and ``village_code``, text or null.

    Returns
    -------
    pandas.Series
        Codes of 12 digits; null where neither code is known.
    """
    village = frame["village_code"].astype("string")
    full = village.str.fullmatch(r"\d{12}").fillna(value=False).astype(bool)
    derived = (village.str[:_TOWNSHIP_DIGITS] + "000").where(full).astype(object)
    codes = frame["township_code"].where(frame["township_code"].notna(), derived)
    return codes.astype(object).where(codes.notna(), None)


def has_place(frame: gpd.GeoDataFrame) -> BoolArray:
    """Tell which rows have a geometry.

    Parameters
    ----------
    frame
        Any geometry, any CRS.

    Returns
    -------
    numpy.ndarray
        False where it is null or empty.
    """
    return ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy(dtype=bool)


def needs_bed(groups: pd.DataFrame) -> BoolArray:
    """Tell which groups go to a shelter; a placement nobody knows does too.

    Parameters
    ----------
    groups
        With ``placement``.

    Returns
    -------
    numpy.ndarray
        False for 投亲靠友 and 返港 and their like.
    """
    own = [*words()["placement"]["relatives"], *words()["placement"]["harbour"]]
    return ~groups["placement"].isin(own).to_numpy(dtype=bool)


def zone_ids(zones: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the id of each zone: the first id column it has, else its index.

    Parameters
    ----------
    zones
        Polygons.

    Returns
    -------
    numpy.ndarray
        Text.
    """
    ids = pd.Series(zones.index.astype(str), index=zones.index, dtype=object)
    for key in reversed(_ZONE_KEYS):
        if key in zones:
            ids = zones[key].astype(object).where(zones[key].notna(), ids)
    return ids.astype(str).to_numpy(dtype=object)


def inside_of(
    places: gpd.GeoDataFrame | gpd.GeoSeries, zones: gpd.GeoDataFrame | None
) -> list[set[int]]:
    """Return for each place the rows of the zones it stands in or on.

    Parameters
    ----------
    places
        Any geometry.
    zones
        Polygons in the same CRS; None = none.

    Returns
    -------
    list of set
        Row numbers of `zones`, a set for each place.
    """
    rows: list[set[int]] = [set() for _ in range(len(places))]
    if zones is None or not len(zones):
        return rows
    tree = shapely.STRtree(zones.geometry.to_numpy())
    place, zone = tree.query(places.geometry.to_numpy(), predicate="intersects")
    for one, other in zip(place, zone, strict=True):
        rows[int(one)].add(int(other))
    return rows


def _insist_on(
    frame: gpd.GeoDataFrame, layer: str, key: str, *, columns: tuple[str, ...]
) -> None:
    """Raise unless a layer has its columns, and each row an id of its own."""
    missing = [name for name in columns if name not in frame]
    if missing:
        msg = f"{layer} have no column {first_few(missing)}; name it so"
        raise LayerError(msg)
    ids = frame[key]
    if ids.isna().any():
        msg = f"{int(ids.isna().sum())} of {len(ids)} {layer} have no {key}"
        raise LayerError(msg)
    twice = ids[ids.astype(str).duplicated()]
    if len(twice):
        msg = f"{len(twice)} {layer} repeat a {key}: {first_few(twice.unique())}"
        raise LayerError(msg)


def _whole(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of people as Int64; negative or broken numbers are refused."""
    if name not in table:
        return pd.Series(pd.NA, index=table.index, dtype="Int64")
    values = pd.to_numeric(table[name], errors="coerce").astype("Float64")
    unread = values.isna() & table[name].notna()
    bad = (
        unread
        | values.lt(0).fillna(value=False)
        | values.mod(1).ne(0).fillna(value=False)
    )
    if bad.any():
        ids = table.loc[bad, "group_id"]
        msg = (
            f"{int(bad.sum())} of {len(table)} groups have {name} that is negative or "
            f"no whole number: {first_few(ids)}; correct them, or leave them empty"
        )
        raise LayerError(msg)
    return values.astype("Int64")


def _as_points(geometry: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return one point for each geometry: itself, or one inside it."""
    shapes = geometry.to_numpy()
    other = ~np.isin(shapely.get_type_id(shapes), [0, -1])
    points = shapes.copy()
    points[other] = shapely.point_on_surface(shapes[other])
    return np.asarray(points, dtype=object)
