"""Context layers of a map: from frames of the census to layers ready to draw."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.publish.cells import number_or_none, or_unknown, people_text
from riskmap.publish.places import plain_text
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import DEPTH_CLASSES_M, GRADES, read_words, style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd
    import pyproj

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "CONTEXT_ORDER",
    "HAZARD_LAYERS",
    "context_frames",
    "context_layers",
    "drawn",
    "grade_of",
    "has_place",
    "placed_rows",
    "popup_of",
    "records",
    "within",
]

CONTEXT_ORDER = (
    "water",
    "buildings",
    "villages",
    "townships",
    "roads",
    "flood_depth",
    "flood_zones",
    "risk_zones",
    "reach",
    "circles",
    "planned_routes",
    "broadcasts",
    "unsafe_houses",
    "enterprises",
    "waterlog_points",
    "reservoirs",
    "supplies",
    "medical",
    "landing_zones",
    "teams",
    "hazard_points",
    "assembly_points",
    "groups",
    "shelters",
)
"""Context layers from the bottom to the top."""

HAZARD_LAYERS = (
    "risk_zones",
    "flood_zones",
    "hazard_points",
    "waterlog_points",
    "reservoirs",
    "unsafe_houses",
)
"""The layers of danger, which a risk map is about."""

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
_KIND_OF_GEOMETRY = {
    "Polygon": "area",
    "MultiPolygon": "area",
    "LineString": "line",
    "MultiLineString": "line",
    "LinearRing": "line",
    "Point": "point",
    "MultiPoint": "point",
}
_SHAPES: Mapping[str, Literal["area", "line"]] = {
    "buildings": "area",
    "circles": "area",
    "flood_depth": "area",
    "flood_zones": "area",
    "planned_routes": "line",
    "reach": "area",
    "risk_zones": "area",
    "roads": "line",
    "townships": "area",
    "villages": "area",
    "water": "area",
}
_ALSO = {
    ("water", "line"): "streams",
    ("risk_zones", "point"): "risk_zone_points",
    ("flood_zones", "point"): "flood_zone_points",
    ("villages", "point"): "village_points",
}
_PEOPLE_STEPS = (10.0, 50.0)
_SIZE_STEPS = (0.85, 1.0, 1.2)


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


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings.

    Parameters
    ----------
    frame
        Any frame with text column names.

    Returns
    -------
    list of dict
        One a row, in order.
    """
    names = [str(one) for one in frame.columns]
    columns = [frame[one].tolist() for one in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


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
    geometry = near.geometry
    sound = geometry.where(geometry.is_valid, geometry.make_valid())
    cut = near.set_geometry(
        gpd.GeoSeries(
            shapely.clip_by_rect(sound.to_numpy(), *window),
            index=near.index,
            crs=frame.crs,
        )
    )
    return cut.loc[~cut.geometry.is_empty]


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
) -> gpd.GeoDataFrame:
    """Put the columns together that a layer of a map has.

    Parameters
    ----------
    frame
        The geometry; its index is dropped.
    styles, labels, priority, popups, keys, numbers, sizes, legends
        The columns of `MapLayer.frame`, one entry a row; a single priority
        holds for every row, and legends are the styles' own words if not given.

    Returns
    -------
    geopandas.GeoDataFrame
        In the CRS of `frame`.
    """
    count = len(frame)
    blank: list[str | None] = [None] * count
    columns: dict[str, Any] = {
        "key": list(keys) if keys is not None else [str(one) for one in frame.index],
        "style": list(styles),
        "label": list(labels) if labels is not None else blank,
        "priority": [priority] * count if isinstance(priority, int) else list(priority),
        "legend": list(legends or [style(name).label for name in styles]),
        "popup": list(popups) if popups is not None else blank,
        "number": list(numbers) if numbers is not None else blank,
        "size": list(sizes) if sizes is not None else [1.0] * count,
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=frame.crs)


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


def grade_of(value: object, *, words: Literal["threat", "risk"]) -> str:
    """Return the grade that a Chinese word of the census means.

    Parameters
    ----------
    value
        For example ``"大型"`` or ``"高风险"``.
    words
        Which words: grades of threat or of risk.

    Returns
    -------
    str
        One of `GRADES`; ``"unknown"`` for anything else.
    """
    text = plain_text(value).removesuffix("风险").removesuffix("级")
    grades = read_words("map")["grades"]
    return next((one for one in GRADES if grades[one][words] == text), "unknown")


def context_layers(
    name: str, frame: gpd.GeoDataFrame, *, hero: bool, strip: str = ""
) -> list[MapLayer]:
    """Make the layers of one kind of context, split by what is drawn.

    Parameters
    ----------
    name
        One of `CONTEXT_ORDER`.
    frame
        Its rows within the window, in the CRS of the map.
    hero
        Whether the map is about it.
    strip
        The village's name, left out at the start of labels.

    Returns
    -------
    list of MapLayer
        Ready to draw; none for no rows. Areas in a layer of points are drawn
        at a point within them; points in a layer of areas are a layer of
        their own.
    """
    shape = _SHAPES.get(name, "point")
    if shape == "point":
        frame = frame.set_geometry(frame.geometry.representative_point())
    kinds = frame.geom_type.map(_KIND_OF_GEOMETRY)
    made = []
    for kind in ("area", "line", "point"):
        part = frame.loc[(kinds == kind).to_numpy()]
        if len(part) and (kind == shape or (name, kind) in _ALSO):
            made.append(_context_layer(name, part, kind=kind, hero=hero, strip=strip))
    return made


def _context_layer(
    name: str,
    frame: gpd.GeoDataFrame,
    *,
    kind: Literal["area", "line", "point"],
    hero: bool,
    strip: str,
) -> MapLayer:
    """Make one layer of one kind of geometry."""
    key = _ALSO.get((name, kind), name)
    entry = read_words("layers")["layers"][name]
    rows = records(frame.drop(columns=frame.active_geometry_name))
    styles = _styles_of(key, rows)
    routes = name == "planned_routes"
    return MapLayer(
        key=key,
        label=entry["label"],
        kind="route" if routes else kind,
        frame=drawn(
            frame,
            styles=styles,
            labels=[_label_of(row, name, strip) for row in rows],
            priority=entry["priority"],
            popups=[popup_of(row, name) for row in rows] if entry["popup"] else None,
            sizes=_sizes(rows, name),
            legends=[
                _legend_of(row, one) for row, one in zip(rows, styles, strict=True)
            ],
        ),
        emphasis="hero" if hero else _emphasis(name),
        visible=hero or name not in {"circles", "reach"},
    )


def _emphasis(name: str) -> Literal["context", "base"]:
    """Tell the base map from what stands on it."""
    base = {"water", "buildings", "townships", "villages", "roads"}
    return "base" if name in base else "context"


def _label_of(row: Mapping[str, Any], layer: str, strip: str) -> str | None:
    """Return the words beside a thing, or None."""
    if layer in {"buildings", "circles", "reach", "flood_depth", "broadcasts"}:
        return None
    name = plain_text(row.get("name"))
    if strip and name.startswith(strip) and len(name) > len(strip) + 1:
        name = name.removeprefix(strip)
    return name or None


def _legend_of(row: Mapping[str, Any], name: str) -> str:
    """Return the legend's words of a row: a circle says which tier it claims."""
    if name == "route_void":
        return f"{style(name).label}（{plain_text(row.get('out_of_use'))}）"
    if not name.startswith(("circle_", "reach_")):
        return style(name).label
    words = read_words("layers")["tiers"]
    parts = [plain_text(row.get("standard")), plain_text(row.get("tier"))]
    known = words["named"] in parts[0]
    what = "" if known else words[name.split("_", maxsplit=1)[0]]
    minutes = minutes_or_radius(row)
    text = " ".join([what, *[part for part in parts if part], minutes]).strip()
    return text + (words["assumed"] if row.get("assumed") is True else "")


def minutes_or_radius(row: Mapping[str, Any]) -> str:
    """Return the size of a circle or of an area reached, with its unit.

    Parameters
    ----------
    row
        With ``minutes``, or with ``radius_m``, metres.

    Returns
    -------
    str
        Empty where neither is known.
    """
    units = read_words()["units"]
    if minutes := plain_text(row.get("minutes")):
        return f"{minutes}{units['minutes']}"
    radius = number_or_none(row.get("radius_m"))
    return "" if radius is None else f"{round(radius)}{units['metres']}"


def _sizes(rows: Sequence[Mapping[str, Any]], layer: str) -> list[float]:
    """Return the factor of a symbol's size: three steps of people."""
    if layer != "hazard_points":
        return [1.0] * len(rows)
    people = [number_or_none(row.get("threatened_people")) for row in rows]
    return [
        1.0 if one is None else _SIZE_STEPS[int(np.searchsorted(_PEOPLE_STEPS, one))]
        for one in people
    ]


def _styles_of(key: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Choose the style of each row of a layer."""
    chooser = _CHOOSERS.get(key)
    if chooser is not None:
        return [chooser(row) for row in rows]
    if key in _TIERS:
        column = "radius_m" if key == "circles" else "minutes"
        sizes = [number_or_none(row.get(column)) or 0.0 for row in rows]
        return [f"{_TIERS[key]}_{1 if one <= min(sizes) else 2}" for one in sizes]
    table = read_words("layers")
    default = table["plain_styles"].get(key, key)
    kinds = table["kind_styles"].get(key, {})
    column = "grade" if key == "unsafe_houses" else "kind"
    return [kinds.get(plain_text(row.get(column)), default) for row in rows]


def _hazard_point_style(row: Mapping[str, Any]) -> str:
    """Choose a sign by the kind and the grade of a hazard point."""
    families = read_words("layers")["hazard_families"]
    family = families.get(plain_text(row.get("hazard")), "other_hazard")
    return f"{family}_{grade_of(row.get('threat_grade'), words='threat')}"


def _official_style(row: Mapping[str, Any]) -> str:
    """Tell an official route in use from one that is not."""
    return "route_void" if plain_text(row.get("out_of_use")) else "route_planned"


def _road_style(row: Mapping[str, Any]) -> str:
    """Choose a line by the class of a road."""
    book = read_words("layers")["road_styles"]
    one: str = book.get(
        plain_text(row.get("road_class")).removesuffix("_link"), "road_4"
    )
    return one


def _depth_style(row: Mapping[str, Any]) -> str:
    """Choose a colour by the class of a depth; unknown is hatched."""
    depth = number_or_none(row.get("depth_m"))
    if depth is None:
        return "insufficient"
    return f"depth_{1 + int(np.searchsorted(DEPTH_CLASSES_M, depth, side='right'))}"


def _risk_style(family: str) -> Callable[[Mapping[str, Any]], str]:
    """Return what chooses a style by the level of risk."""

    def choose(row: Mapping[str, Any]) -> str:
        return f"{family}_{grade_of(row.get('risk_level'), words='risk')}"

    return choose


_CHOOSERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "flood_depth": _depth_style,
    "flood_zones": _risk_style("flood_zone"),
    "flood_zone_points": _risk_style("flash_flood"),
    "hazard_points": _hazard_point_style,
    "planned_routes": _official_style,
    "risk_zones": _risk_style("risk_zone"),
    "risk_zone_points": _risk_style("other_hazard"),
    "roads": _road_style,
}
_TIERS = {"circles": "circle", "reach": "reach"}
