"""Context layers of a map: from frames of the census to layers ready to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from riskmap.publish.cells import number_or_none
from riskmap.publish.layerframes import drawn, popup_of
from riskmap.publish.layerstyles import sizes_of, styles_of
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import plain_rows
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["CONTEXT_ORDER", "HAZARD_LAYERS", "context_layers"]

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
    rows = plain_rows(frame)
    styles = styles_of(key, rows)
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
            sizes=sizes_of(rows, name),
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
    size, whose = minutes_or_radius(row), plain_text(row.get("whose"))
    if whose:
        size = words["radius"].format(whose=whose, size=size)
    text = " ".join([what, *[part for part in parts if part], size]).strip()
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
