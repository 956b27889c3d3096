"""The style of each row of a context layer: kind by shape, grade by colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from riskmap.publish.cells import number_or_none
from riskmap.publish.places import plain_text
from riskmap.publish.style import DEPTH_CLASSES_M, GRADES, read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["grade_of", "sizes_of", "styles_of"]

_PEOPLE_STEPS = (10.0, 50.0)
_SIZE_STEPS = (0.85, 1.0, 1.2)
_MOST_TIERS = 3


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


def sizes_of(rows: Sequence[Mapping[str, Any]], layer: str) -> list[float]:
    """Return the factor of a symbol's size: three steps of people."""
    if layer != "hazard_points":
        return [1.0] * len(rows)
    people = [number_or_none(row.get("threatened_people")) for row in rows]
    return [
        1.0 if one is None else _SIZE_STEPS[int(np.searchsorted(_PEOPLE_STEPS, one))]
        for one in people
    ]


def styles_of(key: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Choose the style of each row of a layer."""
    chooser = _CHOOSERS.get(key)
    if chooser is not None:
        return [chooser(row) for row in rows]
    if key in _TIERS:
        column = "radius_m" if key == "circles" else "minutes"
        sizes = [number_or_none(row.get(column)) or 0.0 for row in rows]
        ranks = {one: rank for rank, one in enumerate(sorted(set(sizes)), start=1)}
        return [f"{_TIERS[key]}_{min(ranks[one], _MOST_TIERS)}" for one in sizes]
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
