"""Frames made ready for a map: gathered, moved, cut, given a layer's columns."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.publish.cells import or_unknown, people_text
from riskmap.publish.places import plain_text
from riskmap.publish.style import read_words, style

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    import pyproj

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "context_frames",
    "drawn",
    "has_place",
    "placed_rows",
    "popup_of",
    "records",
    "within",
]

_PEOPLE_COLUMNS = frozenset(
    {
        "people",
        "population",
        "households",
        "threatened_people",
        "threatened_households",
        "declared_people",
        "downstream_people",
    }
)


def context_frames(layers: Frames | None, more: Frames) -> dict[str, gpd.GeoDataFrame]:
    """Gather the context of a map from a mapping and from keywords.

    Parameters
    ----------
    layers
        Frames by the names of the canonical layers, for example
        ``census.layers``; None for none.
    more
        The same, given as keywords; they go before `layers`.

    Returns
    -------
    dict
        The frames that have rows, by name.

    Raises
    ------
    LayerError
        If a name is not a layer that maps or lists know; the nearest is named.
    CrsError
        If a frame with geometry has no CRS.
    """
    table = read_words("layers")
    known = [*table["layers"], *table["ignored"]["names"]]
    every = {**(layers or {}), **more}
    for name, frame in every.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f'; the nearest is "{near[0]}"' if near else ""
            msg = f'no layer of a map is named "{name}"{hint}'
            raise LayerError(msg)
        if has_place(frame):
            crs_of(frame)
    return {name: frame for name, frame in every.items() if len(frame)}


def has_place(frame: pd.DataFrame) -> bool:
    """Tell a frame with geometry from a plain table.

    Parameters
    ----------
    frame
        Any frame.

    Returns
    -------
    bool
        Whether an active geometry column is there.
    """
    return isinstance(frame, gpd.GeoDataFrame) and bool(frame.active_geometry_name)


def records(
    frame: pd.DataFrame, *, without: Container[object] = ()
) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings.

    Parameters
    ----------
    frame
        Any frame with text column names.
    without
        Columns to leave out.

    Returns
    -------
    list of dict
        One a row, in order.
    """
    plain = pd.DataFrame(frame)  # whose columns are at hand without geopandas' checks
    columns = [one for one in plain.columns if one not in without]
    names, cells = list(map(str, columns)), [plain[one].tolist() for one in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def placed_rows(frame: pd.DataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the rows whose place is known, in another CRS.

    Parameters
    ----------
    frame
        Any geometry, any CRS; a plain table has no place.
    crs
        The CRS to bring them into.

    Returns
    -------
    geopandas.GeoDataFrame
        A part of the rows, in order.
    """
    if not has_place(frame):
        return gpd.GeoDataFrame(frame.iloc[:0], geometry=[], crs=crs)
    placed = (
        gpd.GeoDataFrame(frame) if not isinstance(frame, gpd.GeoDataFrame) else frame
    )
    moved = placed if placed.crs == crs else placed.to_crs(crs)
    finite = np.isfinite(shapely.bounds(moved.geometry.to_numpy())).all(axis=1)
    return moved if bool(finite.all()) else moved.iloc[np.flatnonzero(finite)]


def within(frame: gpd.GeoDataFrame, window: Bounds) -> gpd.GeoDataFrame:
    """Cut a frame to a window.

    Parameters
    ----------
    frame
        Any geometry.
    window
        ``(minx, miny, maxx, maxy)`` in the CRS of `frame`.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows that reach into the window; areas and lines are cut at it.
    """
    near = frame.iloc[np.sort(frame.sindex.query(shapely.box(*window)))]
    if near.empty or bool((near.geom_type == "Point").all()):
        return near
    shapes = near.geometry.to_numpy().copy()
    torn = ~shapely.is_valid(shapes)
    shapes[torn] = shapely.make_valid(shapes[torn])
    cut = shapely.clip_by_rect(shapes, *window)
    seen = np.flatnonzero(~shapely.is_empty(cut))
    return near.iloc[seen].set_geometry(cut[seen], crs=frame.crs)


def drawn(
    frame: gpd.GeoDataFrame,
    *,
    styles: Sequence[str],
    labels: Sequence[str | None] | None = None,
    priority: int | Sequence[int] = 0,
    popups: Sequence[object] | None = None,
    keys: Sequence[str] | None = None,
    numbers: Sequence[str | None] | None = None,
    sizes: Sequence[float] | None = None,
    legends: Sequence[str] | None = None,
    goals: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    """Put the columns together that a layer of a map has.

    Parameters
    ----------
    frame
        The geometry; its index is dropped.
    styles, labels, priority, popups, keys, numbers, sizes, legends, goals
        The columns of `MapLayer.frame`, one entry a row; a single priority
        holds for every row, and legends are the styles' own words if not given.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of `frame`.
    """
    count = len(frame)
    blank: list[str | None] = [None] * count
    texts: dict[str, Sequence[object]] = {
        "key": keys if keys is not None else [str(one) for one in frame.index],
        "style": styles,
        "label": labels if labels is not None else blank,
        "legend": legends or [style(name).label for name in styles],
        "popup": popups if popups is not None else blank,
        "number": numbers if numbers is not None else blank,
        "goal": goals if goals is not None else blank,
    }
    columns: dict[str, Any] = {
        **{name: pd.Series(one, dtype="object") for name, one in texts.items()},
        "priority": [priority] * count if isinstance(priority, int) else list(priority),
        "size": list(sizes) if sizes is not None else [1.0] * count,
    }
    plain = pd.DataFrame(columns)
    plain.columns = plain.columns.astype("object")  # compared more often than read
    return gpd.GeoDataFrame(plain, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def popup_of(
    row: Mapping[str, Any], layer: str, *, first: Iterable[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """Return what a tap on a thing tells: its name, then its fields.

    Parameters
    ----------
    row
        One row of the layer.
    layer
        The layer's name; ``layers.toml`` lists its fields.
    first
        Lines that go before the fields.

    Returns
    -------
    list of (str, str)
        Headings and texts. A missing field is left out, a missing number of
        people says 未知.
    """
    table = read_words("layers")
    lines = [(table["fields"]["name"], or_unknown(row.get("name"))), *first]
    for column in table["layers"][layer]["popup"]:
        if column not in row or column == "name":
            continue
        text = plain_text(row[column])
        if column in _PEOPLE_COLUMNS:
            text = people_text(row[column])
        if text:
            lines.append((table["fields"][column], text))
    return lines
