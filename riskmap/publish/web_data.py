"""From a map's description to the data that its page brings along.

Coordinates travel as whole numbers of a millionth of a degree (about 0.1 m),
each the step from the one before, which a browser unpacks in a few lines and
which takes a third of the room.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.publish.planframes import plain_rows
from riskmap.publish.style import style, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.escape import Json
    from riskmap.publish.spec import Imprint, MapLayer, MapSpec

    Shapes = NDArray[np.object_]

__all__ = [
    "boundary_data",
    "cell_text",
    "imprint_data",
    "layer_data",
    "view_bounds",
]

_LONLAT = "EPSG:4326"
_PER_DEGREE = 1e6
_BASE_TOLERANCE_M = 1.5
_COLLECT: dict[str, Callable[[Any], BaseGeometry]] = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}
_OPTIONAL = ("key", "label", "legend", "number", "popup", "priority", "size")


def layer_data(layer: MapLayer) -> dict[str, Json]:
    """Describe one layer: its features, and the styles they use.

    Parameters
    ----------
    layer
        A layer of a map. Base layers are thinned to 1.5 m, and what looks the
        same and has the same name becomes one feature.

    Returns
    -------
    dict
        Plain values for a page.
    """
    rows, shapes = _ready(layer)
    features: list[Json] = []
    for row, geometry in zip(rows, shapes, strict=True):
        features += [_feature(row, part, layer) for part in _by_kind(geometry)]
    entries = dict.fromkeys(
        (cell_text(row["legend"]), str(row["style"])) for row in rows if row["legend"]
    )
    return {
        "key": layer.key,
        "label": layer.label,
        "kind": layer.kind,
        "emphasis": layer.emphasis,
        "visible": layer.visible,
        "styles": {
            name: style_data(name) for name in sorted({row["style"] for row in rows})
        },
        "entries": [[text, name] for text, name in entries],
        "features": features,
    }


def _ready(layer: MapLayer) -> tuple[list[dict[str, Any]], Shapes]:
    """Return rows and their shapes in longitude and latitude, thinned if base."""
    frame = layer.frame
    shapes = frame.geometry.to_numpy()
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    rows = [dict.fromkeys(_OPTIONAL) | row for row in plain_rows(frame)]
    rows, shapes = [rows[at] for at in there], shapes[there]
    if layer.emphasis == "base" and rows:
        rows, shapes = _joined(rows, shapes)
        if frame.crs is not None and frame.crs.is_projected:
            thin = shapely.simplify(shapes, _BASE_TOLERANCE_M)
            shapes = np.where(shapely.is_empty(thin), shapes, thin)
    return rows, gpd.GeoSeries(shapes, crs=frame.crs).to_crs(_LONLAT).to_numpy()


def _joined(
    rows: list[dict[str, Any]], shapes: Shapes
) -> tuple[list[dict[str, Any]], Shapes]:
    """Join what looks the same and has the same name into one feature each."""
    parts, source = shapely.get_parts(shapes, return_index=True)
    found: dict[tuple[str, str, str], list[int]] = {}
    for at, (part, of) in enumerate(zip(parts, source, strict=True)):
        kind = part.geom_type.replace("LinearRing", "LineString")
        alike = (str(rows[of]["style"]), cell_text(rows[of]["label"]), kind)
        found.setdefault(alike, []).append(at)
    merged = [_COLLECT[kind](parts[at]) for (_, _, kind), at in found.items()]
    first = [rows[source[at[0]]] | {"popup": None} for at in found.values()]
    return first, np.array(merged)


def _by_kind(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Split a collection of unlike parts into one geometry of each kind."""
    if geometry.geom_type != "GeometryCollection":
        return [geometry]
    parts = shapely.get_parts(geometry)
    kinds = [one.geom_type.removeprefix("Multi") for one in parts]
    return [
        _COLLECT[kind](
            shapely.get_parts(
                [p for p, k in zip(parts, kinds, strict=True) if k == kind]
            )
        )
        for kind in dict.fromkeys(kinds)
    ]


def _feature(
    row: dict[str, Any], geometry: BaseGeometry, layer: MapLayer
) -> dict[str, Json]:
    """Describe one feature; what is empty is left out."""
    kind = geometry.geom_type.removeprefix("Multi").replace("LinearRing", "LineString")
    drawn = {"Point": "point", "Polygon": "area"}.get(kind, "line")
    data: dict[str, Json] = {
        "d": "route" if drawn == "line" and layer.kind == "route" else drawn,
        "g": _coded(geometry, kind),
        "s": str(row["style"]),
        "l": cell_text(row["label"]),
        "r": int(row["priority"]) if pd.notna(row["priority"]) else 0,
        "n": cell_text(row["number"]),
        "k": cell_text(row["key"])
        if layer.kind == "route" or layer.key == "groups"
        else "",
        "p": [[str(head), str(text)] for head, text in _pairs(row["popup"])],
        "z": float(row["size"]) if pd.notna(row["size"]) else 1.0,
    }
    blank: tuple[Json, ...] = ("", 0, [])
    return {
        name: value
        for name, value in data.items()
        if value not in blank and not (name == "z" and value == 1.0)
    }


def _pairs(popup: object) -> list[tuple[object, object]]:
    """Return the lines of a popup; none where there is no popup."""
    return list(popup) if isinstance(popup, list | tuple) else []


def _coded(geometry: BaseGeometry, kind: str) -> Json:
    """Write the coordinates of a geometry as steps of whole numbers."""
    parts = shapely.get_parts(geometry)
    if kind == "Point":
        return _steps(parts[:1])[0]
    if kind == "LineString":
        return _steps(parts)
    rings, part = shapely.get_rings(parts, return_index=True)
    coded = iter(_steps(rings))
    counts: list[int] = np.bincount(part, minlength=len(parts)).tolist()
    return [list(islice(coded, count)) for count in counts]


def _steps(lines: Shapes) -> list[Json]:
    """Turn each line into steps, latitude first; what does not move is left out."""
    lonlat, line = shapely.get_coordinates(lines, return_index=True)
    whole = np.round(lonlat[:, ::-1] * _PER_DEGREE).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=0)
    first = np.diff(line, prepend=-1) != 0
    steps[first] = whole[first]
    moved = steps.any(axis=1) & ~first
    still = ~np.isin(line, line[moved])
    kept = first | moved | still
    each = np.split(steps[kept], np.flatnonzero(first[kept])[1:])
    return [one.ravel().tolist() for one in each]


def style_data(name: str) -> dict[str, Json]:
    """Describe a style as the page's script reads it.

    Parameters
    ----------
    name
        The name of a style of `riskmap.publish.style`.

    Returns
    -------
    dict
        Colours, widths in millimetres on an A3 sheet, and symbols as paths.
    """
    look = style(name)
    return {
        "name": look.name,
        "kind": look.kind,
        "fill": look.fill,
        "opacity": look.fill_opacity,
        "edge": look.edge,
        "width": look.width_mm,
        "casing": look.casing,
        "casingWidth": look.casing_mm,
        "dash": list(look.dash_mm),
        "hatch": look.hatch,
        "symbol": symbol(look.symbol) if look.symbol else None,
        "mark": symbol(look.mark) if look.mark else None,
        "markFill": look.mark_fill,
        "size": look.size_mm,
        "text": look.text,
        "textSize": look.text_mm,
        "bold": look.bold,
    }


def boundary_data(spec: MapSpec) -> Json:
    """Return the rings of the village or township, or None where it is unknown.

    Parameters
    ----------
    spec
        A map.

    Returns
    -------
    list or None
        Polygons, each a list of rings, as coded coordinates.
    """
    if spec.boundary is None or spec.boundary.empty:
        return None
    whole = spec.boundary.geometry.union_all().simplify(_BASE_TOLERANCE_M)
    placed = gpd.GeoSeries([whole], crs=spec.boundary.crs).to_crs(_LONLAT).iloc[0]
    return _coded(placed, "Polygon") if not placed.is_empty else None


def view_bounds(spec: MapSpec) -> tuple[float, float, float, float]:
    """Return what must be seen, in degrees.

    Parameters
    ----------
    spec
        A map.

    Returns
    -------
    tuple of float
        South, west, north, east.
    """
    box = gpd.GeoSeries([shapely.box(*spec.bounds)], crs=spec.crs).to_crs(_LONLAT)
    west, south, east, north = (round(float(one), 6) for one in box.total_bounds)
    return south, west, north, east


def imprint_data(imprint: Imprint, words: dict[str, str], *, crs: str) -> Json:
    """Describe the words at the foot of the page.

    Parameters
    ----------
    imprint
        Data date, version, producer, notes.
    words
        The fixed words of a page.
    crs
        The coordinate reference system, as printed.

    Returns
    -------
    dict
        Plain values for a page.
    """
    rows = (
        ("data_date", imprint.data_date),
        ("version", imprint.version),
        ("producer", imprint.producer),
        ("source", imprint.source),
        ("review_number", imprint.review_number or words["no_review_number"]),
        ("crs", crs),
    )
    return {
        "rows": [[words[name], text] for name, text in rows if text],
        "fictional": imprint.fictional,
        "internal": imprint.edition == "internal",
        "notes": list(imprint.notes),
    }


def cell_text(cell: object) -> str:
    """Return a cell as text.

    Parameters
    ----------
    cell
        A value of a frame.

    Returns
    -------
    str
        Empty where it is missing.
    """
    missing = (
        cell is None or cell is pd.NA or (isinstance(cell, float) and pd.isna(cell))
    )
    return "" if missing else str(cell)
