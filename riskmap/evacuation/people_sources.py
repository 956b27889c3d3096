"""The rows of census layers that say how many people are where."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.errors import LayerError, PlanError, first_few

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyproj

__all__ = ["CLASSES", "OWNERS", "claims_of", "places_of", "residents_of", "who_rules"]

CLASSES = ("elderly_people", "children_people", "disabled_people")
OWNERS = ("responsible_a", "phone_a", "responsible_b", "phone_b")
_KEPT = (
    *("source", "code", "name", "category", "grade", "people", "people_min"),
    *("people_max", *CLASSES, "placement", "assembly_point", "village_code"),
    *("hazard_id", *OWNERS, "resident", "geometry"),
)


@cache
def who_rules(path: str | None = None) -> Mapping[str, Any]:
    """Read which layers name people, and under which category.

    Parameters
    ----------
    path
        The county's own table; None takes ``who.toml``.

    Returns
    -------
    mapping
        Its tables.

    Raises
    ------
    PlanError
        If the file cannot be read.
    """
    shipped = Path(str(resources.files("riskmap.evacuation") / "who.toml"))
    try:
        return tomllib.loads((Path(path) if path else shipped).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        msg = f"{path} cannot be read: {error}"
        raise PlanError(msg) from error


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as text with None for null; all None where it is missing."""
    if column not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    cells = frame[column].astype(object).where(frame[column].notna(), None)
    return cells.map(str, na_action="ignore").astype(object)


def _people(frame: pd.DataFrame, column: str | None, layer: str) -> pd.Series:
    """Return people as Int64, null where unknown; negative ones are refused."""
    if column is None or column not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    people = pd.to_numeric(frame[column], errors="coerce").astype("Float64")
    bad = people.lt(0).fillna(value=False) | people.mod(1).ne(0).fillna(value=False)
    if bad.any():
        rows = first_few(frame.index[bad])
        msg = (
            f"{int(bad.sum())} {layer} have {column} that is negative or no whole "
            f"number: rows {rows}; correct them, or leave them empty"
        )
        raise LayerError(msg)
    return people.astype("Int64")


def _rows(
    frame: gpd.GeoDataFrame, layer: str, *, crs: pyproj.CRS, people: str | None
) -> gpd.GeoDataFrame:
    """Return the rows of a layer under the columns that all sources share."""
    plain = frame.reset_index(drop=True)
    key = next((c for c in (f"{layer[:-1]}_id", "zone_id") if c in plain), None)
    code = _text(plain, key) if key else plain.index.to_series().astype(str)
    table = gpd.GeoDataFrame(
        {name: _text(plain, name) for name in _KEPT if name != "geometry"},
        geometry=plain.geometry.to_crs(crs).to_numpy(), crs=crs,
    )  # fmt: skip
    number = pd.Series(plain.index.astype(str), index=plain.index)
    known = _people(plain, people, layer)
    return table.assign(
        source=layer,
        code=code.where(code.notna(), number),
        people=known,
        people_min=known,
        people_max=known,
        **{one: _people(plain, one, layer) for one in CLASSES},
    )


def _categories(rows: gpd.GeoDataFrame, kinds: pd.Series, rule: Any) -> pd.Series:  # noqa: ANN401
    """Return the category of rows by words in their kind, null where none is."""
    words: dict[str, str] = rule.get("kinds", {})
    default = rule.get("category")
    if not words:
        return kinds if "kind" in rule else pd.Series(default, index=rows.index)
    return kinds.map(
        lambda kind: next(
            (to for word, to in words.items() if word in str(kind)), default
        )
    )


def claims_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    zones: gpd.GeoDataFrame | None,
    *,
    rules: Mapping[str, Any],
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Return the zones and points that threaten people, as far as they count.

    Parameters
    ----------
    layers
        Frames by the names of canonical layers.
    zones
        ``zone_id`` and ``layer``: those of the scenario; None takes all rows of
        the layers.
    rules
        As `who_rules` returns them.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        ``source, code, name, category, grade, people`` (threatened people, null
        where the layer does not say), owners, ``anywhere`` (the geometry is
        not where the people are), geometry.
    """
    parts = []
    for layer, rule in rules["zones"].items():
        frame = layers.get(layer)
        shown = None if zones is None else zones[zones["layer"].eq(layer)]
        if shown is not None and not rule.get("always"):
            if shown.empty:
                continue
            rows = _rows(shown, layer, crs=crs, people=None)
            rows["code"] = _text(shown.reset_index(drop=True), "zone_id")
            rows = _with_census(rows, frame, layer=layer, rule=rule, crs=crs)
        elif frame is None or frame.empty:
            continue
        else:
            rows = _of_census(frame, layer=layer, rule=rule, crs=crs)
        rows["anywhere"] = bool(rule.get("always"))
        parts.append(rows[rows["category"].notna()])
    columns = [*_KEPT, "anywhere"]
    empty = gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=crs)
    return pd.concat(parts, ignore_index=True) if parts else empty


def _of_census(
    frame: gpd.GeoDataFrame, *, layer: str, rule: Any, crs: pyproj.CRS  # noqa: ANN401
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return all rows of a layer of zones."""
    rows = _rows(frame, layer, crs=crs, people=rule.get("people"))
    plain = frame.reset_index(drop=True)
    rows["grade"] = _text(plain, rule.get("grade", "grade"))
    rows["category"] = _categories(rows, _text(plain, rule.get("kind", "")), rule)
    return rows


def _with_census(
    rows: gpd.GeoDataFrame,
    frame: gpd.GeoDataFrame | None,
    *,
    layer: str,
    rule: Any,  # noqa: ANN401
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Give the zones of a scenario what their layer says of them."""
    if frame is None or frame.empty:
        return rows.assign(category=rule.get("category"))
    census = pd.DataFrame(_of_census(frame, layer=layer, rule=rule, crs=crs))
    known = census.drop_duplicates("code").set_index("code").reindex(rows["code"])
    known = known.drop(columns="geometry").reset_index()
    full = known.assign(
        source=layer,
        name=known["name"].where(known["name"].notna(), rows["name"]),
        category=known["category"].fillna(rule.get("category")),
        resident=None,
    )
    return gpd.GeoDataFrame(full, geometry=rows.geometry.to_numpy(), crs=crs)


def residents_of(
    layers: Mapping[str, gpd.GeoDataFrame], *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the households, named by their heads.

    Parameters
    ----------
    layers
        Frames by the names of canonical layers.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        As `claims_of`, with ``group_id`` where a household belongs to a group
        that the census lists.
    """
    frame = layers.get("households")
    if frame is None or frame.empty:
        empty = gpd.GeoDataFrame(columns=list(_KEPT), geometry="geometry", crs=crs)
        return empty.assign(group_id=None)
    rows = _rows(frame, "households", crs=crs, people="people")
    plain = frame.reset_index(drop=True)
    return rows.assign(
        name=_text(plain, "head"), group_id=_text(plain, "group_id"), resident=True
    )


def places_of(
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    rules: Mapping[str, Any],
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Return the places with people of their own: houses, sites, boats, farms.

    Parameters
    ----------
    layers
        Frames by the names of canonical layers.
    rules
        As `who_rules` returns them.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        As `claims_of`; ``resident`` is true for houses. A place that two
        layers list under one name in one village is one place; where they
        differ in people, ``people_min`` and ``people_max`` say by how much.
    """
    parts = []
    for layer, rule in rules["places"].items():
        frame = layers.get(layer)
        if frame is None or frame.empty:
            continue
        plain = frame.reset_index(drop=True)
        rows = _rows(frame, layer, crs=crs, people="people")
        rows["category"] = _categories(rows, _text(plain, rule.get("kind", "")), rule)
        rows["resident"] = bool(rule.get("resident"))
        if rule.get("resident"):
            rows["name"] = _text(plain, "owner")
        parts.append(rows[rows["category"].notna() | (layer == "groups")])
    if not parts:
        return gpd.GeoDataFrame(columns=list(_KEPT), geometry="geometry", crs=crs)
    every = pd.concat(parts, ignore_index=True)
    return _once(every)


def _once(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge places that several layers list under one name in one village."""
    keys = ["name", "village_code", "category"]
    known = rows["name"].notna() & rows["village_code"].notna() & ~rows[
        "resident"
    ].astype(bool)  # fmt: skip
    sources = rows.loc[known].groupby(keys)["source"].nunique()
    twice = set(sources.index[sources.gt(1)])
    marks = [tuple(one) for one in rows[keys].to_numpy(object)]
    same = known & pd.Series([one in twice for one in marks], index=rows.index)
    if not same.any():
        return rows
    repeated = rows[same].groupby(keys, sort=True)
    merged = [_one_place(gpd.GeoDataFrame(part)) for _, part in repeated]
    whole = pd.concat([rows[~same], *merged], ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=rows.crs)


def _one_place(part: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row for several of the same place, in a range where they differ."""
    first = part.sort_values("people", ascending=False, na_position="last").iloc[:1]
    first = first.assign(
        people_min=part["people"].min(),
        people_max=part["people"].max(),
        code="、".join(part["code"]),
        source="、".join(part["source"]),
    )
    shapes = part.geometry.to_numpy()
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if len(known):
        first = first.set_geometry(np.asarray(known[:1], dtype=object), crs=part.crs)
    return first
